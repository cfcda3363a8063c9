"""Moments of one selection step, named: the nearest points to the model's own mean are kept.

A point of the model, standardised by the model's mean and covariance, is y = r u with u uniform
on the sphere and r**2 chi-square with d degrees of freedom, independent. Keeping the points with
smallest r leaves u uniform, so one number per moment describes the step.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from mpmath import mp
from sympy.multipledispatch import dispatch

from theory.errors import InvalidInput
from theory.named import NamedFunction, integer_argument
from theory.selection import precise

_TALLIS = "Tallis (1963), J. R. Stat. Soc. B 25, 223-229 (elliptical truncation)"
_ORDER = (
    "order statistics: given U ~ Beta(n+1, N-n), the mass within the (n+1)-th nearest candidate, "
    "the n kept are independent draws of the law truncated to that mass"
)


class RadialMoment(NamedFunction):
    """Base of the moments: each lies in (0, 1]."""

    _symbol = r"\kappa"
    _mark = ""

    def _eval_is_positive(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_finite(self) -> bool:
        return True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        *what, d = (printer._print(argument) for argument in self.args)
        mark = f"^{{{self._mark}}}" if self._mark else ""
        text = rf"{self._symbol}{mark}_{{{d}}}\left({', '.join(what)}\right)"
        if exp is None:
            return text
        return f"{{{text}}}^{{{exp}}}" if not mark else rf"\left({text}\right)^{{{exp}}}"


class PopulationMoment(RadialMoment):
    """A moment under the population law: function of (alpha, d)."""

    nargs = 2

    @classmethod
    def eval(cls, alpha: Any, d: Any) -> Any:
        return sp.S.One if alpha == 1 else None

    @classmethod
    def source(cls) -> str:
        return _TALLIS


class FiniteMoment(RadialMoment):
    """A moment under the n-of-N law: function of (n, N, d)."""

    nargs = 3

    @classmethod
    def eval(cls, n: Any, N: Any, d: Any) -> Any:
        return sp.S.One if n == N else None

    @classmethod
    def source(cls) -> str:
        return _ORDER


@dispatch(sp.Number, RadialMoment)  # type: ignore[untyped-decorator]
def _eval_is_ge(lhs: Any, rhs: Any) -> Any:
    """Every moment is at most 1, so whatever is at least 1 is at least the moment."""
    return True if lhs >= 1 else None


def _share(alpha: Any, d: Any) -> tuple[Any, int]:
    dimension = integer_argument("dimension", d, 1)
    if not 0 < alpha <= 1:
        raise InvalidInput(f"kept_fraction = {alpha} is not in (0, 1]")
    return mp.mpf(alpha), dimension


def _counts(n: Any, N: Any, d: Any) -> tuple[int, int, int]:
    kept, candidates = integer_argument("n", n, 1), integer_argument("N", N, 1)
    if kept > candidates:
        raise InvalidInput(f"n of N needs n <= N, not n = {kept}, N = {candidates}")
    return kept, candidates, integer_argument("dimension", d, 1)


def _ball(alpha: Any, d: Any) -> precise.Ball:
    share, dimension = _share(alpha, d)
    one = mp.mpf(1)
    if share == 1:
        return precise.Ball(one, 0 * one, 0 * one, one, one)
    return precise.truncated(share, dimension)


def _averages(n: Any, N: Any, d: Any) -> tuple[Any, Any, Any, Any]:
    kept, candidates, dimension = _counts(n, N, d)
    one = mp.mpf(1)
    if kept == candidates:
        return 0 * one, one, one, one
    return precise.averages(kept, candidates, dimension, mp.prec + 5)


def _u() -> sp.Symbol:
    return sp.Symbol("U", positive=True)


def _mass(d: Any, shift: int, alpha: Any) -> Any:
    """P(chi2_{d+shift} <= q) with q the alpha-quantile of chi2_d, unevaluated."""
    q = sp.Function("q")(d, alpha)
    a = sp.Rational(1, 2) * d + sp.Rational(shift, 2)
    return sp.lowergamma(a, q / 2) / sp.gamma(a)


class KappaPopulation(PopulationMoment):
    r"""Variance of a kept point over the model's variance, population law.

    :math:`\kappa_d(\alpha) = P(\chi^2_{d+2} \le q)/\alpha` with
    :math:`P(\chi^2_d \le q) = \alpha` (Tallis 1963).

    Examples
    --------
    >>> KappaPopulation(sp.Rational(1, 2), 2).evalf(20)
    0.30685281944005469058
    >>> KappaPopulation(1, sp.Symbol("d"))
    1
    """

    @staticmethod
    def numeric(alpha: Any, d: Any) -> Any:
        return +_ball(alpha, d).kappa

    def definition(self) -> sp.Basic:
        alpha, d = self.args
        return sp.Eq(self, _mass(d, 2, alpha) / alpha, evaluate=False)


class FourthPopulation(PopulationMoment):
    r"""Fourth radial moment :math:`E r^4/(d(d+2)) = P(\chi^2_{d+4} \le q)/\alpha`.

    Examples
    --------
    >>> FourthPopulation(sp.Rational(1, 2), 2).evalf(15)
    0.0666263124809540
    """

    _mark = "(4)"

    @staticmethod
    def numeric(alpha: Any, d: Any) -> Any:
        return +_ball(alpha, d).fourth

    def definition(self) -> sp.Basic:
        alpha, d = self.args
        return sp.Eq(self, _mass(d, 4, alpha) / alpha, evaluate=False)


class KappaNofN(FiniteMoment):
    r"""Variance of a kept point over the model's variance when the nearest n of N are kept.

    :math:`\kappa_d(n, N) = E\,\kappa_d(U)`, :math:`U \sim \mathrm{Beta}(n+1, N-n)`; in the plane
    :math:`1 - \frac{N-n}{n}(H_N - H_{N-n})`.

    Examples
    --------
    >>> KappaNofN(5, 20, 2).evalf(15)
    0.161468008255934
    """

    @staticmethod
    def numeric(n: Any, N: Any, d: Any) -> Any:
        kept, candidates, dimension = _counts(n, N, d)
        if dimension == 2:
            return precise.harmonic_kappa(kept, candidates)
        return +_averages(kept, candidates, dimension)[1]

    def definition(self) -> sp.Basic:
        n, N, d = self.args
        return sp.Eq(self, _beta_mean(KappaPopulation(_u(), d), n, N), evaluate=False)


class FourthNofN(FiniteMoment):
    r"""Fourth radial moment :math:`E r_i^4/(d(d+2))` of a kept point, nearest n of N."""

    _mark = "(4)"

    @staticmethod
    def numeric(n: Any, N: Any, d: Any) -> Any:
        return +_averages(n, N, d)[2]

    def definition(self) -> sp.Basic:
        n, N, d = self.args
        return sp.Eq(self, _beta_mean(FourthPopulation(_u(), d), n, N), evaluate=False)


class PairNofN(FiniteMoment):
    r"""Pair moment :math:`E[r_i^2 r_j^2]/d^2` of two kept points, nearest n of N.

    Under the population law two kept points are independent and it is ``kappa**2``.
    """

    _mark = "(2,2)"

    @staticmethod
    def numeric(n: Any, N: Any, d: Any) -> Any:
        return +_averages(n, N, d)[3]

    def definition(self) -> sp.Basic:
        n, N, d = self.args
        return sp.Eq(self, _beta_mean(KappaPopulation(_u(), d) ** 2, n, N), evaluate=False)


def _beta_mean(value: sp.Expr, n: Any, N: Any) -> sp.Expr:
    u = _u()
    return sp.Integral(value * u**n * (1 - u) ** (N - n - 1) / sp.beta(n + 1, N - n), (u, 0, 1))
