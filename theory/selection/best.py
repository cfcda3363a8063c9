"""Moments of the best of N candidates by a score, named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp
from mpmath import mp

from theory.errors import CollapseError
from theory.named import integer_argument
from theory.selection.scores import Score, normal_quantile

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


class BestMean(Score):
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


class BestVariance(Score):
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


class BestFourth(Score):
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
