"""Replaced runs beyond the generation at which rounding ends their law.

Where everything is replaced and the target stays out of reach, a model shrinks towards a point
that is not the target. Seen in its own units, the ball then no longer changes: a parabola, or a
half-space, of fixed shape. Each generation multiplies the trace by a factor whose law is the same
whatever came before. So mean and variance of its logarithm gain constants, and the mean has
arrived.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Generations that tell whether gains are constant.
PAST = 3
# By this share of itself, or this much, may a gain still change from one generation to the next.
STEADY = (0.02, 1e-6)


def onward(
    seen: Floats,
    times: NDArray[np.intp],
    t: int,
    past: Floats,
    growing: tuple[int, ...] = (0,),
) -> None:
    """Continue what was `seen` after generation `t`, if its gains are constant.

    `seen` (observables, times) and `past` (observables, PAST generations up to t) begin with mean
    and deviation of the logarithm of the trace; there are more such pairs at the places `growing`,
    which are NaN if their own gains are not constant. Other observables have arrived.
    """
    later = times > t
    if _steady(past) is None:
        return
    ahead = times[later] - t
    seen[:, later] = past[:, -1:]
    for place in growing:
        gains = _steady(past[place : place + 2])
        mean, deviation = (np.nan, 0.0) if gains is None else gains
        seen[place, later] = past[place, -1] + mean * ahead
        seen[place + 1, later] = np.sqrt(past[place + 1, -1] ** 2 + deviation * ahead)


def together_onward(
    joint: Floats, together: NDArray[np.intp], t: int, past: Floats, tied: Floats
) -> None:
    """The same for the covariance over the generations `together`: what is gained is independent.

    `tied` are the covariances of what was seen then with what is seen in generation `t`.
    """
    gains = _steady(past)
    if gains is None:
        return
    ahead = np.maximum(together - t, 0)
    later = past[1, -1] ** 2 + gains[1] * np.minimum(ahead[:, None], ahead)
    old, new = together <= t, together > t
    joint[np.ix_(new, new)] = later[np.ix_(new, new)]
    joint[np.ix_(old, new)] = tied[old, None]
    joint[np.ix_(new, old)] = tied[None, old]


def _steady(past: Floats) -> tuple[float, float] | None:
    """Gains of the mean and the variance in a generation, or None if they still change."""
    found = []
    if past.shape[1] < PAST or not np.isfinite(past).all():
        return None
    for each in (past[0], past[1] ** 2):
        before, gain = np.diff(each)[-2:]
        if abs(gain - before) > STEADY[0] * abs(gain) + STEADY[1]:
            return None
        found.append(float(gain))
    return found[0], max(found[1], 0.0)
