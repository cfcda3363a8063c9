"""Random subsets: indices drawn without replacement, for many replicates at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.selection import smallest


def subset(rng: np.random.Generator, count: int, size: int, total: int) -> NDArray[np.int64]:
    """Draw `size` of `total` indices without replacement, `count` times: (count, size).

    Examples
    --------
    >>> np.sort(subset(np.random.default_rng(1), 1, 4, 4)).tolist()
    [[0, 1, 2, 3]]
    """
    if size == total:
        return np.tile(np.arange(total), (count, 1))
    if total <= 4 * size:
        keys = smallest(rng.random((count, total)), size).reshape(count, size)
        return keys - total * np.arange(count)[:, None]
    chosen = np.sort(rng.integers(total, size=(count, size)), axis=1)
    rows = np.arange(count)
    # What is drawn twice is drawn anew. No index is preferred at any stage, so the set that results
    # is uniform among all sets of this size.
    while rows.size:
        active = chosen[rows]
        twice = np.zeros(active.shape, dtype=bool)
        twice[:, 1:] = active[:, 1:] == active[:, :-1]
        again = twice.any(axis=1)
        rows, active, twice = rows[again], active[again], twice[again]
        active[twice] = rng.integers(total, size=int(twice.sum()))
        chosen[rows] = np.sort(active, axis=1)
    return chosen
