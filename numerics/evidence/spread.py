"""The variance of a law that is given by its distribution function."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from numerics.evidence.blocks import Array

# A Gauss-Legendre rule on each of many panels, for the kinks that distribution functions have.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(6)
PANELS = 128
MOST_DOUBLINGS = 400
# A tail whose share falls less than this from doubling to doubling has no variance that is safe.
SLOWEST = 0.7
# What float64 leaves of 1 - F.
LEAST_TAIL = 1e-14
# What a kink or a pole at an end may cost the rule; a variance is a bound.
ALLOWANCE = 1.002


def variance_of_law(cdf: Callable[[Array], Array]) -> float | None:
    """A bound on the variance under a continuous distribution function, within 0.2 % above it.

    About any centre c, E (X - c)^2 is the integral of 2 y (1 - F(c + y) + F(c - y)) over y > 0: cut
    at s, 2 s, 4 s and so on, with s the distance between the quartiles, and continued by the last
    ratio of two pieces, which bounds what is left where the tail falls like a power. None where the
    tail is too heavy.

    Parameters
    ----------
    cdf
        Vectorised distribution function.

    Examples
    --------
    >>> from scipy import stats
    >>> round(variance_of_law(stats.gamma(3).cdf), 2)
    3.01
    >>> variance_of_law(stats.cauchy.cdf) is None
    True
    """
    low, centre, high = (_quantile(cdf, q) for q in (0.25, 0.5, 0.75))
    step = high - low
    if not (math.isfinite(step) and step > 0):
        return None
    square = mean = 0.0
    pieces: list[float] = []
    left, right = 0.0, step / 8
    for _ in range(MOST_DOUBLINGS):
        width = (right - left) / PANELS
        y = (left + width * (np.arange(PANELS)[:, None] + (NODES + 1) / 2)).ravel()
        weights = np.tile(WEIGHTS * width / 2, PANELS)
        above = 1 - np.asarray(cdf(centre + y), dtype=float)
        below = np.asarray(cdf(centre - y), dtype=float)
        lost = (above + below > 0) & (above + below < LEAST_TAIL)
        if lost.any() and (len(pieces) < 2 or pieces[-1] > SLOWEST * pieces[-2]):
            return None  # rounding takes the tail before it has become small
        tail = np.where(lost, 0.0, above + below)
        pieces.append(float(weights @ (2 * y * tail)))
        square += pieces[-1]
        mean += float(weights @ np.where(lost, 0.0, above - below))
        if not math.isfinite(square):
            return None
        ratio = pieces[-1] / pieces[-2] if len(pieces) > 8 and pieces[-2] > 0 else 1.0
        rest = pieces[-1] * ratio / (1 - ratio) if ratio < SLOWEST else math.inf
        if pieces[-1] <= 1e-13 * square or rest <= 1e-6 * square:
            variance = square + (rest if math.isfinite(rest) else 0.0) - mean**2
            return ALLOWANCE * variance if variance > 0 else None
        left, right = right, 2 * right
    return None


def _quantile(cdf: Callable[[Array], Array], share: float) -> float:
    def at(x: float) -> float:
        return float(np.asarray(cdf(np.array([x])), dtype=float)[0])

    low, high = -1.0, 1.0
    for _ in range(1000):
        if at(low) <= share:
            break
        low *= 2
    for _ in range(1000):
        if at(high) >= share:
            break
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if at(middle) < share else (low, middle)
    return (low + high) / 2
