"""A drop: noise around a level that falls once and stays down.

No drift fits a single fall, so LOOP has this alternative besides its drifts: independent normal
noise whose level falls at generation s by half a normal of eight noise units. It is only asked
where the value at s lies four standard deviations below the mean so far, and its bet is closed
after forty generations; both can only lose evidence, never make any.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FIRST = 8
LAST = 400
SUSPECT = 4.0
SPREAD = 8.0
OPEN = 40


def log_drop(heights: Array, null: Array) -> Array:
    """Log evidence for one lasting fall, at a generation with the prior weight 1/s.

    Parameters
    ----------
    heights : array of shape (runs, generations)
    null : array of shape (runs, generations)
        Log marginal likelihoods under the null, in the units of `numerics.monitoring.loop`.

    Returns
    -------
    array of shape (runs, generations)
        Minus infinity where nothing fell.

    Examples
    --------
    >>> from numerics.monitoring.loop import log_null
    >>> noise = np.cos(np.arange(60.0) ** 1.5)
    >>> fallen = np.where(np.arange(60) < 30, noise, noise - 20)[None] / 14
    >>> bool(log_drop(fallen, log_null(fallen))[0, 45] > 5)
    True
    """
    runs, length = heights.shape
    found = np.full((runs, length), -np.inf)
    sums, squares = np.cumsum(heights, axis=1), np.cumsum(heights**2, axis=1)
    every = np.log(np.sum(1 / np.arange(FIRST, LAST)))
    for s in range(FIRST, min(length, LAST)):
        mean = sums[:, s - 1] / s
        variance = np.maximum(squares[:, s - 1] / s - mean**2, 0.0) * s / (s - 1)
        rows = np.flatnonzero(heights[:, s] < mean - SUSPECT * np.sqrt(variance))
        if not rows.size:
            continue
        end = min(s + OPEN, length)
        after = np.arange(1, end - s + 1)
        count = s + after
        later = np.cumsum(heights[rows, s:end], axis=1)
        total = sums[rows, s - 1, None] + later
        rss = squares[rows, s:end] - total**2 / count
        # The step, centred, has the squared length `weight`; `along` is the data's product with it.
        weight = s * after / count
        along = weight * (mean[rows, None] - later / after)
        grown = 1 + SPREAD**2 * weight
        left = np.maximum(rss - SPREAD**2 * along**2 / grown, 1e-12)
        # Of the half normal prior at least half is above 0 where the fall is estimated above 0.
        log = -0.5 * (np.log(count) + np.log(grown) + (count - 1) * np.log(left))
        log = np.where(along > 0, log, -np.inf) - null[rows, s:end] - np.log(s) - every
        found[rows, s:end] = np.logaddexp(found[rows, s:end], log)
        found[rows, end:] = np.logaddexp(found[rows, end:], log[:, -1:])
    return found
