"""Moments of one selection step by a score, named: upper tail, best of N, pairwise preference.

The score is the first coordinate of a point. In deviations of the model and seen from its mean it
is a standard normal z, and the other coordinates are not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp
from mpmath import mp

from theory.errors import CollapseError, InvalidInput
from theory.named import NamedFunction, integer_argument


class _Score(NamedFunction):
    _name = ""

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_positive(self) -> bool | None:
        return True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inner = ", ".join(printer._print(argument) for argument in self.args)
        text = rf"{self._name}\left({inner}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def normal_quantile(p: Any) -> Any:
    """The z with ``P(Z > z) = p`` at the working precision of mpmath, 0 < p < 1.

    Examples
    --------
    >>> mp.nstr(normal_quantile(mp.mpf(1) / 40), 12)
    '1.95996398454'
    """
    p = mp.mpf(p)
    if not 0 < p < 1:
        raise InvalidInput(f"kept_fraction = {mp.nstr(p, 5)} is not in (0, 1)")
    with mp.workprec(mp.prec + 20 + max(0, -mp.mag(1 - p))):
        small = min(p, 1 - p)
        z = mp.sqrt(-2 * mp.log(small)) if small < 0.1 else mp.mpf(1) / 2
        for _ in range(200):
            # Newton on the logarithm of the tail, which is concave.
            tail = mp.erfc(z / mp.sqrt(2)) / 2
            move = mp.log(tail / small) * tail / mp.npdf(z)
            z += move
            if abs(move) < mp.mpf(2) ** (8 - mp.prec) * max(1, abs(z)):
                return z if p <= 0.5 else -z
    raise CollapseError(f"no quantile found for {mp.nstr(p, 5)}")


class TailIntensity(_Score):
    r"""Intensity of selection :math:`i = \varphi(z)/\alpha`: mean score of the upper `alpha`.

    Examples
    --------
    >>> TailIntensity(sp.Rational(1, 2)).evalf(15)  # sqrt(2/pi)
    0.797884560802865
    """

    nargs = 1
    _name = "i"

    @classmethod
    def eval(cls, alpha: Any) -> Any:
        if alpha == 1:
            return sp.S.Zero
        return sp.sqrt(2 / sp.pi) if alpha == sp.Rational(1, 2) else None

    @staticmethod
    def numeric(alpha: Any) -> Any:
        return mp.mpf(0) if alpha == 1 else mp.npdf(normal_quantile(alpha)) / alpha

    def definition(self) -> sp.Basic:
        z = sp.sqrt(2) * sp.erfinv(1 - 2 * self.args[0])
        return sp.Eq(self, sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi) / self.args[0], evaluate=False)

    @classmethod
    def source(cls) -> str:
        return "truncated normal law; intensity of selection in quantitative genetics"


class TailVariance(_Score):
    r"""Variance :math:`\nu = 1 - i(i - z)` of the score above its upper `alpha` quantile z.

    Examples
    --------
    >>> TailVariance(sp.Rational(1, 2)).evalf(15)  # 1 - 2/pi
    0.363380227632419
    """

    nargs = 1
    _name = r"\nu"

    @classmethod
    def eval(cls, alpha: Any) -> Any:
        if alpha == 1:
            return sp.S.One
        return 1 - 2 / sp.pi if alpha == sp.Rational(1, 2) else None

    @staticmethod
    def numeric(alpha: Any) -> Any:
        if alpha == 1:
            return mp.mpf(1)
        with mp.workprec(mp.prec + 20 + 2 * abs(mp.mag(alpha))):
            z = normal_quantile(alpha)
            i = mp.npdf(z) / mp.mpf(alpha)
            return 1 - i * (i - z)

    def definition(self) -> sp.Basic:
        i, z = TailIntensity(self.args[0]), sp.Symbol("z")
        return sp.Eq(self, 1 - i * (i - z), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return TailIntensity.source()


class TailFourth(_Score):
    r"""Fourth central moment of the score above its upper `alpha` quantile.

    Examples
    --------
    >>> TailFourth(1)
    3
    >>> TailFourth(sp.Rational(1, 2)).evalf(12)  # half-normal: 3 - 4/pi - 12/pi^2
    0.510906251557
    """

    nargs = 1
    _name = r"\nu_4"

    @classmethod
    def eval(cls, alpha: Any) -> Any:
        return sp.Integer(3) if alpha == 1 else None

    @staticmethod
    def numeric(alpha: Any) -> Any:
        with mp.workprec(mp.prec + 30 + 4 * abs(mp.mag(alpha))):
            z = normal_quantile(alpha)
            i = mp.npdf(z) / mp.mpf(alpha)
            # E z^(k+1) = k E z^(k-1) + z^k i, integrating by parts.
            m2 = 1 + z * i
            m3 = 2 * i + z**2 * i
            m4 = 3 * m2 + z**3 * i
            return m4 - 4 * i * m3 + 6 * i**2 * m2 - 3 * i**4

    def definition(self) -> sp.Basic:
        x, z = sp.Symbol("x", real=True), sp.sqrt(2) * sp.erfinv(1 - 2 * self.args[0])
        density = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi) / self.args[0]
        away = (x - TailIntensity(self.args[0])) ** 4
        return sp.Eq(self, sp.Integral(away * density, (x, z, sp.oo)), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return TailIntensity.source()


Integrand = Callable[[Any], Sequence[Any]]


def _whole_line(integrand: Integrand, centre: Any, what: str) -> tuple[Any, ...]:
    """Integrals of analytic functions that decay like a Gaussian; the first, known, must be 1.

    The trapezoidal rule converges geometrically; the known one is the certificate.
    """
    goal = mp.mpf(2) ** (-mp.prec)
    step = mp.mpf(1) / 2
    with mp.workprec(mp.prec + 20):
        for _ in range(12):
            sums: list[Any] = []
            for sign in (1, -1):
                j = 0 if sign == 1 else -1
                while True:
                    values = integrand(centre + j * step)
                    sums = [a + b for a, b in zip(sums or [mp.mpf(0)] * len(values), values)]  # noqa: B905
                    if abs(j) * step > 2 and max(map(abs, values)) < goal * abs(sums[0]) / 100:
                        break
                    j += sign
            result = tuple(each * step for each in sums)
            if abs(result[0] - 1) < goal:
                return result
            step /= mp.mpf("1.5")
    raise CollapseError(f"the integral of {what} did not settle")


@lru_cache(maxsize=1024)
def best_moments(N: int, prec: int) -> tuple[Any, Any, Any]:
    """Mean, variance and fourth central moment of the largest of N normal numbers.

    Standard normal ones; to `prec` bits.

    Examples
    --------
    >>> [mp.nstr(x, 12) for x in best_moments(2, 60)[:2]]  # 1/sqrt(pi), 1 - 1/pi
    ['0.564189583548', '0.681690113816']
    """
    with mp.workprec(prec):
        if N == 1:
            return mp.mpf(0), mp.mpf(1), mp.mpf(3)

        def integrand(z: Any) -> tuple[Any, ...]:
            below = mp.erfc(-z / mp.sqrt(2)) / 2
            weight = N * mp.npdf(z) * below ** (N - 1)
            away = z - centre
            return tuple(weight * away**power for power in range(5))

        centre = normal_quantile(mp.mpf(1) / (N + 1))
        _, m1, m2, m3, m4 = _whole_line(integrand, centre, f"the best of {N}")
        fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
        return centre + m1, m2 - m1**2, fourth


class BestMean(_Score):
    r"""Mean score of the best of N candidates; closed for N up to 5.

    Examples
    --------
    >>> BestMean(3)
    3/(2*sqrt(pi))
    >>> BestMean(1000).evalf(12)
    3.24143576913
    """

    nargs = 1
    _name = "e"

    @classmethod
    def eval(cls, N: Any) -> Any:
        root, angle = 1 / sp.sqrt(sp.pi), sp.asin(sp.Rational(1, 3)) / sp.pi
        closed = {
            1: sp.S.Zero,
            2: root,
            3: 3 * root / 2,
            4: 6 * root * (sp.Rational(1, 4) + angle / 2),
            5: 5 * root * (sp.Rational(1, 4) + 3 * angle / 2),
        }
        return closed.get(int(N)) if N.is_Integer else None

    def _eval_is_positive(self) -> bool | None:
        return None if self.args[0] == 1 else True

    @staticmethod
    def numeric(N: Any) -> Any:
        return +best_moments(integer_argument("candidates", N, 1), mp.prec + 5)[0]

    def definition(self) -> sp.Basic:
        z, count = sp.Symbol("z", real=True), self.args[0]
        below = (1 + sp.erf(z / sp.sqrt(2))) / 2
        density = count * sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi) * below ** (count - 1)
        return sp.Eq(self, sp.Integral(z * density, (z, -sp.oo, sp.oo)), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return "largest of N normal variables: Jones (1948), Bose and Gupta (1959) for small N"


class BestVariance(_Score):
    r"""Variance of the score of the best of N candidates; closed for N up to 5.

    Examples
    --------
    >>> BestVariance(2)
    1 - 1/pi
    """

    nargs = 1
    _name = "v"

    @classmethod
    def eval(cls, N: Any) -> Any:
        three = sp.sqrt(3) / sp.pi
        square = {
            1: sp.S.One,
            2: sp.S.One,
            3: 1 + three / 2,
            4: 1 + three,
            5: 1 + 5 * three / 4 + 5 * three * sp.asin(sp.Rational(1, 4)) / (2 * sp.pi),
        }
        found = square.get(int(N)) if N.is_Integer else None
        return None if found is None else found - BestMean(N) ** 2

    @staticmethod
    def numeric(N: Any) -> Any:
        return +best_moments(integer_argument("candidates", N, 1), mp.prec + 5)[1]

    def definition(self) -> sp.Basic:
        z, count = sp.Symbol("z", real=True), self.args[0]
        below = (1 + sp.erf(z / sp.sqrt(2))) / 2
        density = count * sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi) * below ** (count - 1)
        away = (z - BestMean(count)) ** 2
        return sp.Eq(self, sp.Integral(away * density, (z, -sp.oo, sp.oo)), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return BestMean.source()


class BestFourth(_Score):
    r"""Fourth central moment of the score of the best of N candidates.

    Examples
    --------
    >>> BestFourth(1)
    3
    >>> BestFourth(2).evalf(12)
    1.42279690434
    """

    nargs = 1
    _name = "v_4"

    @classmethod
    def eval(cls, N: Any) -> Any:
        return sp.Integer(3) if N == 1 else None

    @staticmethod
    def numeric(N: Any) -> Any:
        return +best_moments(integer_argument("candidates", N, 1), mp.prec + 5)[2]

    def definition(self) -> sp.Basic:
        z, count = sp.Symbol("z", real=True), self.args[0]
        below = (1 + sp.erf(z / sp.sqrt(2))) / 2
        density = count * sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi) * below ** (count - 1)
        away = (z - BestMean(count)) ** 4
        return sp.Eq(self, sp.Integral(away * density, (z, -sp.oo, sp.oo)), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return BestMean.source()


@lru_cache(maxsize=1024)
def preferred_shift(b: Any, prec: int) -> Any:
    """``E (D/2) tanh(b D/2)``, D ~ N(0, 2), to `prec` bits.

    The trapezoidal rule; the poles of tanh set the step, and halving it must change nothing.
    """
    value: Any = None
    with mp.workprec(prec + 10):
        root = mp.sqrt(2)
        step = mp.mpf(1) / 4 / max(1, b)
        last = 2 + mp.sqrt(mp.mpf(1.4) * prec)
        for _ in range(12):
            total, z = mp.mpf(0), step
            while z < last:  # an even function that vanishes at 0
                total += mp.exp(-z * z / 2) * z * mp.tanh(b * z / root)
                z += step
            total *= 2 * step / (root * mp.sqrt(2 * mp.pi))
            if value is not None and abs(total - value) < mp.mpf(2) ** (8 - prec) * total:
                return total
            value, step = total, step / 2
    raise CollapseError(f"the preferred shift did not settle for strength = {mp.nstr(b, 5)}")


class PreferredShift(_Score):
    r"""Mean score of the one of two candidates that a Bradley-Terry judge prefers.

    The first is preferred with probability ``1/(1 + exp(-b (z_1 - z_2)))``: with D = z_1 - z_2 the
    mean is ``E (D/2) tanh(b D/2)``; the mean square stays 1 (z_1 + z_2 is independent of D, and
    the square does not ask which of the two is meant), so the variance is one minus its square.

    Examples
    --------
    >>> PreferredShift(0), PreferredShift(2).evalf(12)
    (0, 0.480024254336)
    """

    nargs = 1
    _name = "s"

    @classmethod
    def eval(cls, strength: Any) -> Any:
        return sp.S.Zero if strength == 0 else None

    @staticmethod
    def numeric(strength: Any) -> Any:
        return +preferred_shift(mp.mpf(strength), mp.prec + 5)

    def definition(self) -> sp.Basic:
        z, b = sp.Symbol("z", real=True), self.args[0]
        value = z / sp.sqrt(2) * sp.tanh(b * z / sp.sqrt(2)) * sp.exp(-(z**2) / 2)
        integral = sp.Integral(value / sp.sqrt(2 * sp.pi), (z, -sp.oo, sp.oo))
        return sp.Eq(self, integral, evaluate=False)

    @classmethod
    def source(cls) -> str:
        return "Bradley and Terry (1952); curation by pairs as in Ferbach et al. (2024)"
