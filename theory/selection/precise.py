"""Radial moments of one selection step, to any precision.

Everything rests on one positive series. With a = d/2 and x half the squared radius of the ball,

    P(a, x) = G(x) S_d(x),   G = x**a exp(-x) / Gamma(a + 1),   S_d = sum_j x**j / (a+1)_j,

and S_d = 1 + x/(a+1) S_{d+2}, so that the truncated law of mass u = P(a, x) has

    1 - kappa = 1 / S_d,   kappa = x/(a+1) S_{d+2}/S_d,   k4 = x**2/((a+1)(a+2)) S_{d+4}/S_d:

no cancellation anywhere, neither near u = 0 nor near u = 1.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

from mpmath import mp
from scipy import special

from theory.errors import CollapseError, InvalidInput

# Working precisions are multiples of this many bits, so that nodes are computed for few of them.
PRECISIONS = 64


class Ball(NamedTuple):
    """The truncated law in the ball of half squared radius x: mass and radial moments."""

    mass: Any
    density: Any  # x * d mass / dx
    rest: Any  # 1 - kappa
    kappa: Any
    fourth: Any


def ball(d: int, x: Any) -> Ball:
    """Mass and moments of the ball of half squared radius `x` (an mpf), at working precision."""
    extra = 30 + int(math.log2(float(x) + 4))
    with mp.workprec(mp.prec + extra):
        x = mp.mpf(x)
        series = _series(d + 4, x)
        second = 1 + 2 * x / (d + 4) * series
        first = 1 + 2 * x / (d + 2) * second
        a = mp.mpf(d) / 2
        factor = mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1))
        return Ball(
            mass=factor * first,
            density=a * factor,
            rest=1 / first,
            kappa=2 * x / (d + 2) * second / first,
            fourth=4 * x * x / ((d + 2) * (d + 4)) * series / first,
        )


def _series(d: int, x: Any) -> Any:
    """S_d(x) by fixed-point arithmetic; all terms are positive and the first is 1."""
    bits = mp.prec + 10
    one = 1 << bits
    twice = int(mp.floor(2 * x * one))
    term, total, j = one, one, 0
    while term:
        j += 2
        term = (term * twice >> bits) // (d + j)
        total += term
    return mp.mpf(total) / one


@lru_cache(maxsize=4096)
def _radius(alpha: Any, d: int, prec: int) -> Any:
    """Half the squared radius of the ball of mass `alpha` in (0, 1), to `prec` bits."""
    a = d / 2
    with mp.workprec(prec):
        tail = 1 - alpha
        lost = max(0, -mp.mag(tail))  # bits of 1 - alpha that the mass does not show
        start = _start(alpha, tail, a)
    bits = 45
    x = start
    for _ in range(60):
        bits = min(2 * bits - 10, prec)
        with mp.workprec(bits + lost + 20):
            here = ball(d, x)
            # Newton in log x on log mass (small mass) or log tail mass (large mass): both concave.
            if alpha < 0.5:
                move = mp.log(here.mass / alpha) * here.mass / here.density
            else:
                rest = 1 - here.mass
                if rest <= 0:
                    x = x / 2
                    continue
                move = -mp.log(rest / tail) * rest / here.density
            move = max(min(move, mp.mpf(3)), mp.mpf(-3))
            x = x * mp.exp(-move)
            if abs(move) > mp.mpf(2) ** (-bits / 2):
                bits = 45  # the float start was poor: keep the precision low until it is good
            elif bits == prec:
                return x
    raise CollapseError(f"no radius found for kept_fraction = {alpha}, dimension = {d}")


def _start(alpha: Any, tail: Any, a: float) -> Any:
    """A first guess of the radius, good to about 14 digits except at the far ends."""
    guess = float(
        special.gammaincinv(a, float(alpha))
        if alpha < 0.5
        else special.gammainccinv(a, float(tail))
    )
    if math.isfinite(guess) and guess > 1e-280:
        return mp.mpf(guess)
    if alpha < 0.5:
        return mp.exp((mp.log(alpha) + mp.loggamma(a + 1)) / a)
    return -mp.log(tail) + a


def truncated(alpha: Any, d: int) -> Ball:
    """The truncated law that keeps the innermost mass `alpha`, 0 < alpha < 1."""
    alpha = mp.mpf(alpha)
    return ball(d, _radius(alpha, d, mp.prec + 20))


@lru_cache(maxsize=4096)
def averages(n: int, N: int, d: int, prec: int) -> tuple[Any, Any, Any, Any]:
    """E (1 - kappa), E kappa, E k4 and E kappa**2 at U ~ Beta(n + 1, N - n), to `prec` bits.

    Given that U is the mass of the ball up to the (n+1)-th candidate, the n kept points are
    independent draws of the law truncated to that ball. In log x the integrand is analytic
    where |Im log x| < pi/2 and decays both ways, so the trapezoidal rule converges geometrically;
    the total mass, which is known, is the certificate. Towards small x it decays no faster than
    x**(d (n + 1)/2), which few kept points in few dimensions make slow: log x = t - exp(turn - t)
    makes that decay doubly exponential. Steps are powers of 2 and turns whole numbers, so that
    what a node costs is shared by many n and N.
    """
    if not 1 <= n < N:
        raise InvalidInput(f"n of N needs 1 <= n < N, not n = {n}, N = {N}")
    centre, width = _peak(n, N, d)
    nats = prec * math.log(2)
    turn = math.floor(centre - 1 + math.log(min(1.0, 4 / (d * (n + 1)))))
    # What a normal weight of that width asks for, and what the width of the strip does.
    bend = math.exp(turn - centre)
    step = min(0.7 * width * math.sqrt(2 * math.pi**2 / nats), 0.9 * math.pi**2 / nats / (1 + bend))
    level = math.ceil(-math.log2(step))
    goal = mp.mpf(2) ** (-prec)
    bits = -(-(prec + 40 + 2 * int(math.log2(N))) // PRECISIONS) * PRECISIONS
    for finer in range(12):
        with mp.workprec(bits):
            total, sums = _trapezoid(n, N, d, centre, turn, level + finer, goal)
            exact = mp.exp(mp.loggamma(n + 1) + mp.loggamma(N - n) - mp.loggamma(N + 1))
            # A moment is smaller than the mass, and its error not: eight bits more are asked for.
            if abs(total / exact - 1) < goal / 256:
                rest, kappa, fourth, pair = (each / total for each in sums)
                return rest, kappa, fourth, pair
    raise CollapseError(f"the order-statistics integral did not settle at n={n}, N={N}, d={d}")


def _peak(n: int, N: int, d: int) -> tuple[float, float]:
    """Logarithm of x at the centre of the weight, and its width there."""
    u = (n + 1) / (N + 1)
    x = float(special.gammaincinv(d / 2, u))
    here = ball(d, mp.mpf(x))
    spread = math.sqrt(u * (1 - u) / (N + 2))
    return math.log(x), min(spread / float(here.density), 1.0)


class Node(NamedTuple):
    """What a node of the trapezoidal rule holds, whatever n and N are."""

    mass: Any
    outside: Any  # 0 where this precision sees nothing outside
    density: Any  # of t
    values: tuple[Any, Any, Any, Any]  # 1 - kappa, kappa, k4, kappa**2


def _node(d: int, j: int, level: int, turn: int, prec: int) -> Node:
    """The ball at log x = t - exp(turn - t), t = j 2^-level, to `prec` bits."""
    while level > 0 and not j % 2:  # a node of a coarser rule is one of a finer one too
        j, level = j // 2, level - 1
    return _lowest(d, j, level, turn, prec)


@lru_cache(maxsize=16384)
def _lowest(d: int, j: int, level: int, turn: int, prec: int) -> Node:
    with mp.workprec(prec):
        t = mp.ldexp(j, -level)
        bent = mp.exp(turn - t)
        here = ball(d, mp.exp(t - bent))
        return Node(
            here.mass,
            max(1 - here.mass, mp.mpf(0)),
            here.density * (1 + bent),
            (here.rest, here.kappa, here.fourth, here.kappa**2),
        )


def _trapezoid(
    n: int, N: int, d: int, centre: float, turn: int, level: int, goal: Any
) -> tuple[Any, Any]:
    total = mp.mpf(0)
    weights, values = [], []
    start = round(centre * 2**level)
    for sign in (1, -1):
        j = 0 if sign == 1 else -1
        while True:
            here = _node(d, start + j, level, turn, mp.prec)
            weight = here.mass**n * here.outside ** (N - n - 1) * here.density
            total += weight
            weights.append(weight)
            values.append(here.values)
            if weight < goal * total / 10**6 and abs(j) > 3:
                break
            j += sign
    sums = [mp.fdot(weights, column) for column in zip(*values, strict=True)]
    return mp.ldexp(total, -level), [mp.ldexp(each, -level) for each in sums]


def harmonic_kappa(n: int, N: int) -> Any:
    """kappa of n of N in the plane: 1 - ((N - n)/n)(H_N - H_{N-n})."""
    with mp.workprec(mp.prec + 2 * int(math.log2(N)) + 10):
        return 1 - mp.mpf(N - n) / n * (mp.digamma(N + 1) - mp.digamma(N - n + 1))
