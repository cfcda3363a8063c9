"""Moments of the ball around a target off the model's mean, to any precision.

A non-central chi-square is a Poisson mixture of central ones, and ``P(a, x) = P(a+1, x) + g_a(x)``,
``g_a = x^a exp(-x)/Gamma(a+1)``: from one incomplete gamma all terms follow by adding positive
numbers, so the masses of the laws with ``d, d+2, d+4, ...`` degrees of freedom share one sum and
nothing cancels.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

from mpmath import mp

from theory.errors import CollapseError, InvalidInput
from theory.selection.precise import ball
from theory.selection.quadratic import weighted_threshold

ORDERS = 5


class OffBall(NamedTuple):
    """Masses ``P(ncx2_{d+2j} <= 2x)``, j = 0..4, and the density of the first in log x."""

    masses: tuple[Any, ...]
    density: Any


def off_ball(d: int, half_square: Any, x: Any) -> OffBall:
    """The ball of half squared radius `x`; `half_square` is half the squared distance.

    Examples
    --------
    >>> mp.nstr(off_ball(2, mp.mpf(0), mp.mpf(1)).masses[0], 12)  # 1 - 1/e
    '0.632120558829'
    """
    goal = mp.prec
    with mp.workprec(goal + 30 + int(math.log2(float(half_square) + float(x) + 4))):
        level, x = mp.mpf(half_square), mp.mpf(x)
        a = mp.mpf(d) / 2
        last = _terms(level, goal)
        top = last + ORDERS
        # g_{a+m} for every m, and P(a + m, x) downwards from the last.
        density = [mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1))]
        for m in range(1, top + 1):
            density.append(density[-1] * x / (a + m))
        mass = [mp.mpf(0)] * (top + 1)
        mass[top] = ball(d + 2 * top, x).mass
        for m in reversed(range(top)):
            mass[m] = mass[m + 1] + density[m]
        weights = [mp.exp(-level)]
        for i in range(1, last + 1):
            weights.append(weights[-1] * level / i)
        sums = [mp.fdot(weights, mass[j : last + 1 + j]) for j in range(ORDERS)]
        slope = mp.fdot(weights, [density[i] * (a + i) for i in range(last + 1)])
        return OffBall(tuple(sums), slope)


def _terms(level: Any, bits: int) -> int:
    """Poisson terms beyond which nothing is left at this precision."""
    if level == 0:
        return 0
    mean, tail = float(level), bits * math.log(2) + 10
    # Bernstein's bound of a Poisson tail: k^2 / (2 (mean + k/3)) >= tail.
    k = tail / 3 + math.sqrt((tail / 3) ** 2 + 2 * mean * tail)
    return int(mean + k) + 2


@lru_cache(maxsize=4096)
def _radius(alpha: Any, d: int, half_square: Any, prec: int) -> Any:
    """Half the squared radius of the ball of mass `alpha`, to `prec` bits."""
    with mp.workprec(prec):
        lost = max(0, -mp.mag(1 - alpha))
    share = float(alpha)
    if not 1e-250 < share < 1:
        raise InvalidInput(f"kept_fraction = {mp.nstr(alpha, 5)} is beyond an off-centre ball")
    place = math.sqrt(2 * float(half_square))
    x = mp.mpf(weighted_threshold(share, [1.0] * d, [place] + [0.0] * (d - 1))) / 2
    bits = 40
    for _ in range(40):
        bits = min(2 * bits - 8, prec)
        with mp.workprec(bits + lost + 25):
            here = off_ball(d, half_square, x)
            move = mp.log(here.masses[0] / alpha) * here.masses[0] / here.density
            x = x * mp.exp(-max(min(move, mp.mpf(1)), mp.mpf(-1)))
            if bits == prec and abs(move) < mp.mpf(2) ** (-prec // 2 - 4):
                return x
    raise CollapseError(f"no radius found for kept_fraction = {share}, dimension = {d}")


def off_truncated(alpha: Any, d: int, delta: Any) -> OffBall:
    """The ball of mass `alpha` whose centre lies `delta` deviations from the mean."""
    prec = mp.prec + 20
    with mp.workprec(prec):
        return _truncated(mp.mpf(alpha), d, mp.mpf(delta) ** 2 / 2, prec)


# All orders of one ball are asked for, one after the other.
@lru_cache(maxsize=256)
def _truncated(alpha: Any, d: int, half_square: Any, prec: int) -> OffBall:
    return off_ball(d, half_square, _radius(alpha, d, half_square, prec))


@lru_cache(maxsize=1024)
def off_averages(n: int, N: int, d: int, delta: Any, prec: int) -> tuple[Any, ...]:
    """``E masses[j]/U`` at the mass U ~ Beta(n+1, N-n) up to the (n+1)-th nearest, j = 0..4.

    The trapezoidal rule in log x; the total mass, which is known, is the certificate.
    """
    with mp.workprec(prec):
        half = mp.mpf(delta) ** 2 / 2
    share = (n + 1) / (N + 1)
    place = math.sqrt(2 * float(half))
    centre = mp.log(mp.mpf(weighted_threshold(share, [1.0] * d, [place] + [0.0] * (d - 1))) / 2)
    spread = math.sqrt(share * (1 - share) / (N + 2))
    width = min(spread / float(off_ball(d, half, mp.exp(centre)).density), 1.0)
    digits = prec * math.log10(2)
    step = width * math.sqrt(2 * math.pi**2 / (digits * math.log(10))) * 0.7
    goal = mp.mpf(2) ** (-prec)
    for _ in range(10):
        with mp.workprec(prec + 40 + 2 * int(math.log2(N))):
            total, sums = _trapezoid(n, N, d, half, centre, mp.mpf(step), goal)
            exact = mp.exp(mp.loggamma(n + 1) + mp.loggamma(N - n) - mp.loggamma(N + 1))
            if abs(total / exact - 1) < goal:
                return tuple(each / total for each in sums)
        step *= 0.7
    raise CollapseError(f"the order-statistics integral did not settle at n={n}, N={N}, d={d}")


def _trapezoid(
    n: int, N: int, d: int, half: Any, centre: Any, step: Any, goal: Any
) -> tuple[Any, list[Any]]:
    total, sums = mp.mpf(0), [mp.mpf(0)] * ORDERS
    for sign in (1, -1):
        j = 0 if sign == 1 else -1
        while True:
            here = off_ball(d, half, mp.exp(centre + j * step))
            mass = here.masses[0]
            outside = 1 - mass
            weight = mass**n * here.density
            if n + 1 < N:
                weight *= outside ** (N - n - 1) if outside > 0 else 0
            total += weight
            sums = [old + weight * m / mass for old, m in zip(sums, here.masses, strict=True)]
            if weight < goal * total / 1000 and abs(j) > 3:
                break
            j += sign
    return total * step, [each * step for each in sums]
