"""Evidence from draws whose means and variance bounds are predictable rather than constant."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from numerics.evidence.blocks import Array, log_mean_exp
from numerics.evidence.catoni import influence

WEIGHTS: Array = np.array([0.5, 0.25, 0.25])
MULTIPLES: Array = np.array([1.0, 0.5, 2.0])


@dataclass(frozen=True)
class PredictableLine:
    """Directed bets on draws x_i with predictable means and variance bounds v_i.

    Each draw bets lambda b_i/v_i, its share of the information sum b_i^2/v_i. The direction b and
    the bounds may depend on everything that was known one draw before.

    Examples
    --------
    >>> one = np.ones(100)
    >>> line = PredictableLine(x=one, variance=one, direction=one, bets=np.array([0.5, 0.25, 1.0]))
    >>> round(line.log_e(0 * one, 1), 2), round(line.log_e(0 * one, -1), 2)
    (49.7, -29.25)
    """

    x: Array
    variance: Array
    direction: Array
    bets: Array
    weights: Array = field(default_factory=lambda: WEIGHTS)

    def log_e(self, mean: Array, side: int) -> float:
        """Log evidence that x lies further along `side` * direction than `mean`."""
        along = side * self.direction / self.variance
        logs = [
            float(
                (
                    influence(bet * along * (self.x - mean))
                    - np.log1p((bet * self.direction) ** 2 / (2 * self.variance))
                ).sum()
            )
            for bet in self.bets
        ]
        return log_mean_exp(np.array(logs), self.weights)


def bets_from_information(information: float, threshold: float) -> Array:
    """Return bets fixed from N: the gap that reaches the threshold T is least at sqrt(2 T/I)."""
    return math.sqrt(2 * threshold / information) * MULTIPLES


def crossing(excluded: Callable[[float], bool], inside: float, step: float) -> float:
    """Return the end of the effects not excluded, on one side of `inside`; infinite if none."""
    reach = step
    while not excluded(inside + reach):
        reach *= 2
        if abs(reach) > 1e12 * abs(step):
            return math.copysign(math.inf, step)
    low, high = reach / 2 if reach != step else 0.0, reach
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if excluded(inside + middle) else (middle, high)
    # The outer end of the last bracket: an interval may only be too wide.
    return inside + high
