"""Fourth moments of a refitted mean, by recursion: the variances of squared drifts.

In a natural exponential family with variance V(mu) = v + c u + a u^2, u = mu - mu_0, the mean of n
points has, given mu, the cumulants V/n, V V'/n^2 and V (V'^2 + 2 a V)/n^3 (Morris 1982). So the
conditional moments of the next u are polynomials of no higher degree: four numbers close.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from mpmath import mp

from theory.named import NamedFunction, integer_argument

_MORRIS = "Morris (1982), Ann. Statist. 10, 65-80 (natural exponential families)"

Polynomial = list[Any]


def _times(p: Polynomial, q: Polynomial) -> Polynomial:
    product = [mp.mpf(0)] * (len(p) + len(q) - 1)
    for i, x in enumerate(p):
        for j, y in enumerate(q):
            product[i + j] += x * y
    return product


def _mean(p: Polynomial, moments: list[Any], shift: int = 0) -> Any:
    """Expectation of u^shift p(u)."""
    return sum((x * moments[i + shift] for i, x in enumerate(p)), mp.mpf(0))


def _cumulants(v: Any, c: Any, a: Any) -> tuple[Polynomial, Polynomial, Polynomial]:
    """Second, third and fourth cumulant of one point, as polynomials in u."""
    spread, slope = [v, c, a], [c, 2 * a]
    squares = _times(slope, slope)
    bracket = [x + 2 * a * y for x, y in zip(squares, spread, strict=True)]
    return spread, _times(spread, slope), _times(spread, bracket)


def fourth_moment(n: Any, t: Any, f: Any, v: Any, c: Any, a: Any, accumulate: bool) -> Any:
    """E (mu_t - mu_0)^4, a share f of every fit being fresh real points."""
    size, fits = integer_argument("n", n, 1), integer_argument("t", t, 0)
    v, c, a, real = (mp.mpf(x) for x in (v, c, a, f))
    model = 1 - real
    two, three, four = _cumulants(v, c, a)
    moments = [mp.mpf(x) for x in (1, 0, 0, 0, 0)]
    for step in range(1, fits + 1):
        # u' = model * u + e / weight; e has these conditional moments.
        weight = step if accumulate else 1
        mixed = [
            [model * x + (real * p[0] if i == 0 else 0) for i, x in enumerate(p)]
            for p in (two, three, four)
        ]
        m2 = [x / (size * weight**2) for x in mixed[0]]
        m3 = [x / (size**2 * weight**3) for x in mixed[1]]
        k4 = [x / (size**3 * weight**4) for x in mixed[2]]
        m4 = [3 * x + y for x, y in zip(_times(m2, m2), k4, strict=True)]
        moments = [
            mp.mpf(1),
            model * moments[1],
            model**2 * moments[2] + _mean(m2, moments),
            model**3 * moments[3] + 3 * model * _mean(m2, moments, 1) + _mean(m3, moments),
            model**4 * moments[4]
            + 6 * model**2 * _mean(m2, moments, 2)
            + 4 * model * _mean(m3, moments, 1)
            + _mean(m4, moments),
        ]
    return moments[4]


class _Fourth(NamedFunction):
    def _eval_is_nonnegative(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    @classmethod
    def source(cls) -> str:
        return _MORRIS

    def definition(self) -> sp.Basic:
        """The moment in words."""
        return sp.Function("E")((sp.Symbol("mu_t") - sp.Symbol("mu_0")) ** 4)


class MixedFourth(_Fourth):
    """E (mu_t - mu_0)^4 with a share f of fresh real points; function of (n, t, f, v, c, a)."""

    nargs = 6

    @staticmethod
    def numeric(n: Any, t: Any, f: Any, v: Any, c: Any, a: Any) -> Any:
        return fourth_moment(n, t, f, v, c, a, accumulate=False)


class PooledFourth(_Fourth):
    """E (mu_t - mu_0)^4 where batches accumulate; function of (n, t, v, c, a)."""

    nargs = 5

    @staticmethod
    def numeric(n: Any, t: Any, v: Any, c: Any, a: Any) -> Any:
        return fourth_moment(n, t, 0, v, c, a, accumulate=True)


class GiniSquare(NamedFunction):
    """E (sum_i p_i^2)^2 after t fits from m equally likely symbols; function of (n, t, m)."""

    nargs = 3

    def _eval_is_positive(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    @staticmethod
    def numeric(n: Any, t: Any, m: Any) -> Any:
        size, fits = integer_argument("n", n, 1), integer_argument("t", t, 0)
        symbols = mp.mpf(integer_argument("symbols", m, 1))
        falling = [mp.mpf(1)]
        for j in range(4):
            falling.append(falling[-1] * (size - j))
        cubes, squares, fourth = symbols**-2, 1 / symbols, symbols**-2
        for _ in range(fits):
            # Factorial moments of multinomial counts: E prod (x_i)_{r_i} = (n)_r prod p_i^{r_i}.
            pairs = falling[2] * squares  # E of the ordered pairs of equal points
            pairs_of_pairs = falling[4] * fourth + 4 * falling[3] * cubes + 2 * falling[2] * squares
            fourth = (pairs_of_pairs + 2 * size * pairs + size**2) / mp.mpf(size) ** 4
            cubes = (falling[3] * cubes + 3 * falling[2] * squares + size) / mp.mpf(size) ** 3
            squares = (pairs + size) / mp.mpf(size) ** 2
        return fourth

    def definition(self) -> sp.Basic:
        """The moment in words."""
        return sp.Function("E")(sp.Symbol("F_t") ** 2)

    @classmethod
    def source(cls) -> str:
        return "factorial moments of multinomial counts"
