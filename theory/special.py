"""Step expectations that stay named: logarithm and powers of a + b chi2_m + c chi2_1.

One generation of accumulation in one dimension multiplies the variance by such an X, with
independent chi-squares: the old pool, the scatter of the batch, and the shift of its mean.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory import laplace
from theory.named import NamedFunction

_SOURCE = (
    "Frullani's integral for the logarithm and its analytic continuation for powers, with the "
    "Laplace transform exp(-as) (1+2bs)**(-m/2) (1+2cs)**(-1/2)"
)


def _one_chi_square(a: Any, b: Any, m: Any, c: Any) -> tuple[Any, Any] | None:
    """(scale, degrees of freedom) if X is a multiple of a single chi-square."""
    if a != 0:
        return None
    if c == 0:
        return b, m
    if b == 0 or m == 0:
        return c, sp.S.One
    return (b, m + 1) if b == c else None


def _constant(a: Any, b: Any, m: Any, c: Any) -> bool:
    return bool(c == 0 and (b == 0 or m == 0))


def _law(printer: Any, a: Any, b: Any, m: Any, c: Any) -> str:
    parts = []
    if a != 0:
        parts.append(printer._print(a))
    for scale, dof in ((b, m), (c, sp.S.One)):
        if scale != 0:
            factor = "" if scale == 1 else printer.parenthesize(scale, 50) + r"\,"
            parts.append(rf"{factor}\chi^2_{{{printer._print(dof)}}}")
    return " + ".join(parts) or "0"


def _transform(a: Any, b: Any, m: Any, c: Any, s: sp.Symbol) -> sp.Expr:
    return sp.exp(-a * s) * (1 + 2 * b * s) ** (-m / 2) / sp.sqrt(1 + 2 * c * s)


class ExpectedLog(NamedFunction):
    r"""E log(a + b chi2_m + c chi2_1), the chi-squares independent.

    Examples
    --------
    >>> ExpectedLog(0, 1, 2, 0)
    -EulerGamma + log(2)
    >>> ExpectedLog(sp.Rational(1, 2), sp.Rational(1, 8), 3, sp.Rational(1, 16)).evalf(20)
    -0.11416412407161015323
    """

    nargs = 4

    @classmethod
    def eval(cls, a: Any, b: Any, m: Any, c: Any) -> Any:
        if _constant(a, b, m, c):
            return sp.log(a) if a != 0 else -sp.oo
        single = _one_chi_square(a, b, m, c)
        if single is None:
            return None
        scale, dof = single
        return sp.log(2 * scale) + sp.digamma(dof / 2)

    @staticmethod
    def numeric(a: Any, b: Any, m: Any, c: Any) -> Any:
        return laplace.expected_log(a, (b, m), (c, 1))

    def _eval_is_real(self) -> bool | None:
        return True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\operatorname{{E}}\log\left({_law(printer, *self.args)}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def definition(self) -> sp.Basic:
        s = sp.Symbol("s", positive=True)
        a, b, m, c = self.args
        value = (sp.exp(-s) - _transform(a, b, m, c, s)) / s
        return sp.Eq(self, sp.Integral(value, (s, 0, sp.oo)), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return _SOURCE


class ExpectedLogSquared(NamedFunction):
    r"""E log(a + b chi2_m + c chi2_1)**2, for variances of logarithms."""

    nargs = 4

    @classmethod
    def eval(cls, a: Any, b: Any, m: Any, c: Any) -> Any:
        if _constant(a, b, m, c):
            return sp.log(a) ** 2 if a != 0 else sp.oo
        single = _one_chi_square(a, b, m, c)
        if single is None:
            return None
        scale, dof = single
        return (sp.log(2 * scale) + sp.digamma(dof / 2)) ** 2 + sp.polygamma(1, dof / 2)

    @staticmethod
    def numeric(a: Any, b: Any, m: Any, c: Any) -> Any:
        return laplace.expected_log_squared(a, (b, m), (c, 1))

    def _eval_is_positive(self) -> bool | None:
        return True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\operatorname{{E}}\log^2\left({_law(printer, *self.args)}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def definition(self) -> sp.Basic:
        a, b, m, c = self.args
        s = sp.Symbol("s", positive=True)
        value = 2 * (sp.log(s) + sp.EulerGamma) * (_transform(a, b, m, c, s) - sp.exp(-s)) / s
        return sp.Eq(self, sp.Integral(value, (s, 0, sp.oo)), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return _SOURCE


class ExpectedPower(NamedFunction):
    r"""E (a + b chi2_m + c chi2_1)**p, the chi-squares independent; infinite where it diverges.

    Examples
    --------
    >>> ExpectedPower(sp.Rational(1, 2), 0, 1, 1, 0)
    sqrt(2)/sqrt(pi)
    """

    nargs = 5

    @classmethod
    def eval(cls, p: Any, a: Any, b: Any, m: Any, c: Any) -> Any:
        if p == 0:
            return sp.S.One
        if p == 1:
            return a + b * m + c
        if _constant(a, b, m, c):
            return a**p
        single = _one_chi_square(a, b, m, c)
        if single is None:
            return None
        scale, dof = single
        if (p + dof / 2).is_nonpositive:
            return sp.oo
        return (2 * scale) ** p * sp.gamma(dof / 2 + p) / sp.gamma(dof / 2)

    @staticmethod
    def numeric(p: Any, a: Any, b: Any, m: Any, c: Any) -> Any:
        return laplace.expected_power(p, a, (b, m), (c, 1))

    def _eval_is_positive(self) -> bool | None:
        return True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        p, *law = self.args
        text = rf"\operatorname{{E}}\left({_law(printer, *law)}\right)^{{{printer._print(p)}}}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def definition(self) -> sp.Basic:
        p, a, b, m, c = self.args
        s = sp.Symbol("s", positive=True)
        mean = a + b * m + c
        value = s ** (-p - 1) * (_transform(a, b, m, c, s) - sp.exp(-mean * s))
        integral = sp.Integral(value, (s, 0, sp.oo))
        return sp.Eq(self, mean**p + integral / sp.gamma(-p), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return _SOURCE
