"""Several runs of one loop: their evidence, and the one path and the one bet they can share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def panels(heights: Sequence[Array]) -> list[NDArray[np.int64]]:
    """Positions of runs of equal length, so that many are handled at once."""
    lengths = np.array([each.size for each in heights])
    return [np.flatnonzero(lengths == length) for length in np.unique(lengths)]


def padded(heights: Sequence[Array]) -> Array:
    """Runs as rows, NaN after their end."""
    block = np.full((len(heights), max(each.size for each in heights)), np.nan)
    for row, each in zip(block, heights, strict=True):
        row[: each.size] = each
    return block


def mean_path(heights: Sequence[Array]) -> Array:
    """The path that moves by the mean increment of the runs that are still recorded.

    Independent runs have a mean with their drift and less noise; a run that ends does not make
    the mean jump.

    Parameters
    ----------
    heights : sequence of arrays of shape (generations,)

    Examples
    --------
    >>> mean_path([np.array([0.0, 1.0, 2.0]), np.array([5.0, 8.0])]).tolist()
    [0.0, 2.0, 3.0]
    """
    longest = max(each.size for each in heights)
    total, alive = np.zeros(longest - 1), np.zeros(longest - 1)
    for rows in panels(heights):
        steps = np.diff(np.array([heights[i] for i in rows]), axis=1)
        total[: steps.shape[1]] += steps.sum(axis=0)
        alive[: steps.shape[1]] += len(rows)
    return np.concatenate([[0.0], np.cumsum(total / alive)])


def pooled(logs: list[Array], multiply: bool) -> Array:
    """Join log e-processes of several runs: a product if independent, else their mean.

    A run that has ended keeps its last value.

    Parameters
    ----------
    logs : list of arrays of shape (generations,)
    multiply : bool
        Whether the runs are independent.

    Examples
    --------
    >>> pooled([np.zeros(2), np.log([1.0, 3.0, 9.0])], False).round(3).tolist()
    [0.0, 0.693, 1.609]
    """
    if len(logs) == 1:
        return logs[0]
    longest = max(each.size for each in logs)
    level = np.empty((len(logs), longest))
    for row, each in zip(level, logs, strict=True):
        row[: each.size], row[each.size :] = each, each[-1]
    if multiply:
        return np.asarray(level.sum(axis=0))
    return np.asarray(np.logaddexp.reduce(level, axis=0) - np.log(len(level)))
