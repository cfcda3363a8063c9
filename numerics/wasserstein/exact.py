"""Optimal transport between two samples, exactly: the network simplex and the assignment."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.plan import optimal_plan
from numerics.wasserstein.registry import estimator


@estimator("exact", weighted=True, largest=2000)
def exact(x: Array, y: Array, *, weights_x: Array, weights_y: Array) -> Estimate:
    """W2^2 between the two weighted samples, by POT's network simplex with its limit lifted.

    ``potentials`` are a vertex of the dual: with n = m and equal weights it is not unique.
    Time grows as n^3 and memory as n m.
    """
    # POT drops masses of zero and then warns of duals that it cannot know; they are closed below.
    kept_x, kept_y = weights_x > 0, weights_y > 0
    cost = cdist(x[kept_x], y[kept_y], "sqeuclidean")
    a, b = weights_x[kept_x], weights_y[kept_y]
    plan = optimal_plan(a, b, cost)
    f, g = plan.f, plan.g
    if not (kept_x.all() and kept_y.all()):
        f = (cdist(x, y[kept_y], "sqeuclidean") - g).min(axis=1)
        g = (cdist(x[kept_x], y, "sqeuclidean") - f[kept_x, None]).min(axis=0)
    return Estimate(
        float(np.sum(plan.matrix * cost)),
        "squared_w2",
        "exact",
        not plan.note,
        plan.error,
        (f, g),
        note=plan.note,
    )


@estimator("assignment", equal_sizes=True, largest=2000)
def assignment(x: Array, y: Array) -> float:
    """W2^2 between samples of equal size, as the cheapest assignment (SciPy, Jonker-Volgenant)."""
    cost = cdist(x, y, "sqeuclidean")
    return float(cost[linear_sum_assignment(cost)].mean())
