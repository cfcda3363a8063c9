"""The state of the population flow, and what of it a ball sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Logarithm of the distance, in deviations, at which a ball is told from a nearer one by its bend
# alone.
FURTHEST = float(np.log(1e12))


@dataclass(frozen=True)
class State:
    """Models, one a row: distance left to the target, logarithms of the variances."""

    gap: Floats
    log_along: Floats
    log_across: Floats

    @property
    def delta(self) -> Floats:
        """Distance left, in deviations along; see `far_or_near`."""
        return far_or_near(self.gap, self.log_along, self.log_across)[0]

    @property
    def ratio(self) -> Floats:
        """Variance along over variance across; see `far_or_near`."""
        return far_or_near(self.gap, self.log_along, self.log_across)[1]


def far_or_near(gap: Floats, log_along: Floats, log_across: Floats) -> tuple[Floats, Floats]:
    """Distance left in deviations along, and variance along over across, for any collapsed model.

    The edge of a ball of radius delta bends by R/(2 delta) along the axis, R the squared distance
    from it. Beyond delta = 1e12 nothing else of delta is seen by a double, so that a nearer ball of
    the same bend stands in: the ratio grows by what delta is cut by.
    """
    with np.errstate(divide="ignore"):
        logs = np.log(gap) - 0.5 * log_along
    excess = np.maximum(logs - FURTHEST, 0.0)
    # On a line nothing bends and the ratio says nothing: it stays where floats can hold it.
    return np.exp(logs - excess), np.exp(np.minimum(log_along - log_across + excess, 200.0))
