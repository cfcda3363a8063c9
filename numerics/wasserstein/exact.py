"""Optimal transport between two samples, exactly: the network simplex and the assignment."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.registry import estimator

# The network simplex of POT stops at 10**5 pivots unless told; 5000 points need more.
_PIVOTS = 10**8


@estimator("exact", weighted=True, largest=2000)
def exact(x: Array, y: Array, *, weights_x: Array, weights_y: Array) -> Estimate:
    """W2^2 between the two weighted samples, by POT's network simplex with its limit lifted.

    ``potentials`` are a vertex of the dual: with n = m and equal weights it is not unique.
    Time grows as n^3 and memory as n m.
    """
    import ot

    # POT drops masses of zero and then warns of duals that it cannot know; they are closed below.
    kept_x, kept_y = weights_x > 0, weights_y > 0
    cost = cdist(x[kept_x], y[kept_y], "sqeuclidean")
    a, b = weights_x[kept_x], weights_y[kept_y]
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        plan, log = ot.emd(a, b, cost, numItermax=_PIVOTS, log=True)
    error = float(np.abs(plan.sum(axis=1) - a).sum() + np.abs(plan.sum(axis=0) - b).sum())
    solved = log["warning"] is None and not heard and error < 1e-9
    note = "" if solved else str(log["warning"] or (heard[0].message if heard else "marginals off"))
    f, g = np.asarray(log["u"]), np.asarray(log["v"])
    if not (kept_x.all() and kept_y.all()):
        f = (cdist(x, y[kept_y], "sqeuclidean") - g).min(axis=1)
        g = (cdist(x[kept_x], y, "sqeuclidean") - f[kept_x, None]).min(axis=0)
    return Estimate(
        float(np.sum(plan * cost)), "squared_w2", "exact", solved, error, (f, g), note=note
    )


@estimator("assignment", equal_sizes=True, largest=2000)
def assignment(x: Array, y: Array) -> float:
    """W2^2 between samples of equal size, as the cheapest assignment (SciPy, Jonker-Volgenant)."""
    cost = cdist(x, y, "sqeuclidean")
    return float(cost[linear_sum_assignment(cost)].mean())
