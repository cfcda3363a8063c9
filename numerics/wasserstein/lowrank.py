"""Low-rank transport by POT, with the value of the cost that was asked for."""

from __future__ import annotations

import warnings

import numpy as np

from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.registry import estimator


@estimator("low-rank", functional="low_rank_ot", exact=False, fewest=2, largest=1000, costly=True)
def low_rank(x: Array, y: Array, *, rank: int = 10) -> Estimate:
    """Cost of a coupling of low rank (Scetbon, Cuturi and Peyre 2021), a bound from above.

    POT rescales the cost before it solves and reports the value of the rescaled problem; here the
    coupling's own cost is computed from its factors. The coupling is a local optimum.
    """
    import ot

    n, m = len(x), len(y)
    # In one unit whatever the data's: where the solver stops depends on the size of the cost.
    unit = float(max(np.abs(x).max(), np.abs(y).max()))
    if unit == 0:
        return Estimate(0.0, "low_rank_ot", "low-rank")
    x, y = x / unit, y / unit
    a, b = np.full(n, 1 / n), np.full(m, 1 / m)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        first, second, inner = ot.lowrank_sinkhorn(
            x, y, a, b, rank=min(rank, n, m), init="random", numItermax=100
        )
    weights = 1 / inner
    rows = first @ (weights * second.sum(axis=0))
    columns = second @ (weights * first.sum(axis=0))
    error = float(np.abs(rows - a).sum() + np.abs(columns - b).sum())
    cross = np.sum((x.T @ first) * weights * (y.T @ second))
    value = rows @ np.sum(x**2, axis=1) + columns @ np.sum(y**2, axis=1) - 2 * cross
    converged = not heard and error < 1e-3
    note = "" if converged else str(heard[0].message) if heard else f"marginals off by {error:.1e}"
    return Estimate(
        float(value) * unit**2,
        "low_rank_ot",
        "low-rank",
        converged,
        error,
        note=" ".join(note.split()),
    )
