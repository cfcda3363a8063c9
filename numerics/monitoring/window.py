"""How much of a record is diversity: until it has collapsed to zero, or lies on a fit's ridge.

Laws are asked of less: of the fall to a hundredth of the start. What happens below is an end game
of the directions that are left, of ridges and of rounding, with a law of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.monitoring.metrics import Metric

Array = NDArray[np.float64]
ABOVE_FLOOR = 10.0
# Rank correlation with time of a record that still falls.
STEADY = -0.9
LEFT = 0.01
FEWEST_FOR_LAWS = 6


@dataclass(frozen=True)
class Window:
    """The number of usable generations, and why the rest is not."""

    length: int
    note: str = ""


def _ridge(values: Array) -> float | None:
    """The level at which the second half of a record stands still, far below its start."""
    half = values[values.size // 2 :]
    if half.size < 5 or np.median(half) > 1e-3 * values[0]:
        return None
    # Ten generations of a fast fall differ by more than a ridge wavers; a slow fall is steady.
    ranks = np.argsort(np.argsort(half))
    steady = float(np.corrcoef(ranks, np.arange(half.size))[0, 1])
    return float(np.median(half)) if half.max() < 2 * half.min() and steady > STEADY else None


def usable(
    generation: NDArray[np.int64], values: Array, metric: Metric, floor: float | None = None
) -> Window:
    """Cut a record where its values are no longer diversity.

    Parameters
    ----------
    generation, values : arrays of shape (generations,)
    metric : Metric
        A metric on the raw scale is never cut, a weight where it is 0.
    floor : float, optional
        The ridge that a fit adds; values up to ten times as large are cut. A record that stands
        still far below its start tells its own, which counts if it is higher.

    Examples
    --------
    >>> trace = Metric("trace", "log", "down")
    >>> usable(np.arange(3), np.array([1.0, 0.0, 0.0]), trace)
    Window(length=1, note='collapsed at generation 1: it is 0')
    """
    if metric.scale == "raw":
        return Window(values.size)
    zero = np.flatnonzero(values == 0)
    if zero.size:
        at = int(zero[0])
        return Window(at, f"collapsed at generation {generation[at]}: it is 0")
    if metric.scale == "logit":
        return Window(values.size)
    # Negative values are a fault of the table, and complained about where logs are taken.
    level = max(floor or 0.0, _ridge(values) or 0.0)
    if level == 0:
        return Window(values.size)
    low = np.flatnonzero(values <= ABOVE_FLOOR * level)
    if not low.size:
        return Window(values.size)
    at = int(low[0])
    return Window(at, f"on a floor of {level:.3g} from generation {generation[at]} on")


def falling(heights: Array, unit: float, least: int = 1) -> Array:
    """The part of a record until a hundredth of the start is left, for the first time.

    The end is a function of the record so far, so that a likelihood does not mind it.

    Parameters
    ----------
    heights : array of shape (generations,)
    unit : float
        The height that one e-fold takes: the dimension, for log-determinants.
    least : int
        So many generations are left in any case.

    Examples
    --------
    >>> falling(np.array([0.0, -3.0, -6.0, -9.0]), 1.0).tolist()
    [0.0, -3.0, -6.0]
    """
    low = np.flatnonzero(heights - heights[:1] < unit * np.log(LEFT))
    return heights[: max(int(low[0]) + 1, least)] if low.size else heights
