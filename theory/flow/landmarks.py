"""Exponents, reaches and thresholds of the population flow."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special
from scipy.integrate import solve_ivp

from theory.errors import InvalidInput
from theory.flow.ball import Window, keep
from theory.flow.longrun import trajectory
from theory.flow.problem import FlowProblem
from theory.selection import one_minus_kappa_population

Floats = NDArray[np.float64]


def asymptotic_exponent(kept_fraction: float, dimension: int) -> float:
    """Exponent of accumulation once the mean has arrived: ``1 - kappa_d(alpha)``.

    The trace falls like ``t**-exponent`` for every metric and every start from which the mean
    reaches the target.

    Examples
    --------
    >>> round(asymptotic_exponent(0.5, 2), 12)
    0.69314718056
    """
    return float(one_minus_kappa_population(kept_fraction, dimension))


def one_sided_reach(kept_fraction: float) -> float:
    """How far Replace moves the mean towards an infinitely far target, in true deviations.

    Each generation moves it by ``i`` deviations, ``i = phi(z)/alpha``, and multiplies the variance
    by ``nu = 1 - i (i - z)``; the sum is ``i/(1 - sqrt(nu))``.

    Examples
    --------
    >>> round(one_sided_reach(0.25), 2)
    2.5
    """
    if not 0 < kept_fraction < 1:
        raise InvalidInput(f"kept_fraction = {kept_fraction} must lie in (0, 1)")
    z = -float(special.ndtri(kept_fraction))
    intensity = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) / kept_fraction
    nu = 1 - intensity * (intensity - z)
    return intensity / (1 - math.sqrt(nu))


def final_gap(problem: FlowProblem) -> float:
    """Distance to the target at which the population flow of a problem ends, whitened.

    For Replace it is the part of the way beyond the finite reach; where batches accumulate, the
    limit as t grows, taken at t = 10^8.

    Examples
    --------
    >>> from theory.vocabulary import Replace
    >>> start = 1.3 * one_sided_reach(0.25)
    >>> round(final_gap(FlowProblem(Replace(), 1, start, 0.25)), 2)
    0.75
    """
    return float(trajectory(problem, [1e8]).gap[0])


def half_life(problem: FlowProblem) -> float:
    """The time at which the raw trace of the population flow has fallen to half the true one.

    Between generations the logarithm of the trace is interpolated linearly in log t; infinite
    where the trace stays above a half up to t = 10^12.

    Examples
    --------
    >>> from theory.vocabulary import Accumulate
    >>> round(half_life(FlowProblem(Accumulate(), 10, 6.5, 0.05)), 2)
    10.83
    """
    goal = math.log(problem.trace / 2)
    grid = np.unique(np.concatenate([np.arange(101.0), np.floor(np.geomspace(101, 1000, 60))]))
    late = np.geomspace(1e3, 1e12, 400)[1:]
    for times in (grid, np.concatenate([[1000.0], late])):
        logs = trajectory(problem, times).log_trace
        above = np.flatnonzero(logs >= goal)
        # The last passage: diversity may first grow while the target is far.
        if above.size and above[-1] + 1 < times.size:
            i = int(above[-1])
            share = (logs[i] - goal) / (logs[i] - logs[i + 1])
            low, high = math.log1p(times[i]), math.log1p(times[i + 1])
            return float(math.expm1(low + share * (high - low)))
    return math.inf


def threshold(kept_fraction: float, dimension: int = 1) -> float:
    """Distance, in deviations of the model, beyond which accumulation never brings the mean home.

    Beyond it the distance in the model's own deviations grows, because the model shrinks faster
    than its mean moves. It is the border between the two fates of an isotropic model in the
    late flow ``t -> inf``; infinite for kept fractions of a half or less.

    Examples
    --------
    >>> round(threshold(0.9), 4)
    1.5596
    """
    if not 0 < kept_fraction < 1:
        raise InvalidInput(f"kept_fraction = {kept_fraction} must lie in (0, 1)")
    if kept_fraction <= 0.5:
        return math.inf
    window = Window.of(np.array([kept_fraction]), np.array([float(dimension)]))

    def drift(space: Window, delta: float, ratio: float) -> tuple[float, float]:
        """d log(delta) and d log(ratio) per unit of log t."""
        kept = keep(space, np.array([delta]), np.array([ratio]))
        along, across = float(kept.along[0]) - 1, float(kept.across[0]) - 1
        return -float(kept.mean[0]) / delta - along / 2, along - across

    flat = Window.of(np.array([kept_fraction]), np.array([1.0]))
    top = 4.0 / abs(float(special.ndtri(1 - kept_fraction))) + 1

    def growth(delta: float) -> float:
        return drift(flat, delta, 1.0)[0]

    line = float(optimize.brentq(growth, 1e-2, top, xtol=1e-13))
    if dimension == 1:
        return line

    def fate(delta: float) -> float:
        """Negative where the mean arrives: the distance shrinks threefold before it grows so."""

        def slope(_: float, y: Floats) -> list[float]:
            return list(drift(window, math.exp(y[0]), math.exp(y[1])))

        def home(_: float, y: Floats) -> float:
            return float(y[0] - math.log(delta) + 1)

        def away(_: float, y: Floats) -> float:
            return float(math.log(delta) + 1 - y[0])

        home.terminal = away.terminal = True  # type: ignore[attr-defined]
        begin = [math.log(delta), 0.0]
        end = solve_ivp(slope, (0, 1e3), begin, events=(home, away), rtol=1e-7, atol=1e-9)
        return float(end.y[0, -1] - math.log(delta))

    return float(optimize.bisect(fate, 0.5 * line, 2 * line, xtol=1e-6))
