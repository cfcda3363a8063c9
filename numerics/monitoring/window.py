"""How much of a record is diversity: until it has collapsed to zero, or lies on a fit's ridge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.monitoring.metrics import Metric

Array = NDArray[np.float64]
ABOVE_FLOOR = 10.0


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
    # Ten generations of a fall that goes on differ by more than a ridge wavers.
    return float(np.median(half)) if half.max() < 2 * half.min() else None


def usable(
    generation: NDArray[np.int64], values: Array, metric: Metric, floor: float | None = None
) -> Window:
    """Cut a record where its values are no longer diversity.

    Parameters
    ----------
    generation, values : arrays of shape (generations,)
    metric : Metric
        Only metrics on the log scale are cut.
    floor : float, optional
        The ridge that a fit adds; values up to ten times as large are cut. A record that stands
        still far below its start tells its own, which counts if it is higher.

    Examples
    --------
    >>> trace = Metric("trace", "log", "down")
    >>> usable(np.arange(3), np.array([1.0, 0.0, 0.0]), trace)
    Window(length=1, note='collapsed at generation 1: it is 0')
    """
    if metric.scale != "log":
        return Window(values.size)
    zero = np.flatnonzero(values == 0)
    if zero.size:
        at = int(zero[0])
        return Window(at, f"collapsed at generation {generation[at]}: it is 0")
    # Negative values are a fault of the table, and complained about where logs are taken.
    level = max(floor or 0.0, _ridge(values) or 0.0)
    if level == 0:
        return Window(values.size)
    low = np.flatnonzero(values <= ABOVE_FLOOR * level)
    if not low.size:
        return Window(values.size)
    at = int(low[0])
    return Window(at, f"on a floor of {level:.3g} from generation {generation[at]} on")
