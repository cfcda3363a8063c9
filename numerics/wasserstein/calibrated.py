"""Scores of points: how squared W2 changes with the mass of each, as an interval where it must be.

V(a), the squared W2 of sum_i a_i delta(x_i) from a fixed target, is a polyhedral convex function
of the masses: a maximum over dual vertices. Its derivative when mass moves from all other points,
in proportion, onto x_i is S_i = (f_i - a.f) / (1 - a_i) for a dual f. Where the optimal dual is
not unique the derivative is one-sided, and the two sides are the largest and the smallest S_i over
all optimal duals. With as many points as targets and equal masses this is the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from numerics.wasserstein.estimate import Array, samples
from numerics.wasserstein.plan import optimal_plan
from theory.errors import InvalidInput


@dataclass(frozen=True)
class CalibratedGradient:
    """Scores of the points of the first sample, in squared units of the data.

    Attributes
    ----------
    score
        One optimal dual's derivative, of shape (n,): the middle of the interval where it was
        asked for.
    lower, upper
        Derivatives of squared W2 when mass is taken from the point and when mass is added to it,
        of shape (n,); None unless asked for. Equal where the dual is unique.
    squared_w2
        The exact value between the two samples.
    """

    score: Array
    lower: Array | None
    upper: Array | None
    squared_w2: float


def calibrated_gradient(x: Any, y: Any, report_interval: bool = True) -> CalibratedGradient:
    """Derivative of squared W2 in the mass of each point of x, the others shrinking in proportion.

    Parameters
    ----------
    x, y
        Samples of shapes (n, d) and (m, d), n at least 2, of equal masses.
    report_interval
        Also give both one-sided derivatives: an all-pairs shortest path over the n points, n^3.

    Returns
    -------
    CalibratedGradient

    Raises
    ------
    InvalidInput
        For input that is not two finite samples, or a single point.

    Notes
    -----
    By complementary slackness f is an optimal dual just if f_i - f_k <= c_ij - c_kj for all i, k
    and all j that the plan sends mass of x_k to. The largest f_i - f_k is therefore a shortest path
    D_ik, and f = -D_i attains these for all k at once, so that the upper derivative at i is the
    mean of D_ik over the other points, and the lower one less the mean of D_ki.

    Examples
    --------
    >>> found = calibrated_gradient([0.0, 1.0], [0.0, 3.0])
    >>> found.lower.tolist(), found.upper.tolist(), found.squared_w2
    ([-1.0, -5.0], [5.0, 1.0], 2.0)
    """
    pair = samples(x, y)
    n, m = len(pair.x), len(pair.y)
    if n < 2:
        raise InvalidInput("x has 1 point; accepted: at least 2, as mass moves between points")
    cost = cdist(pair.x, pair.y, "sqeuclidean")
    plan = optimal_plan(pair.weights_x, pair.weights_y, cost)
    if plan.note:
        raise InvalidInput(f"the transport between the samples was not solved: {plan.note}")
    f, unit = plan.f, pair.scale**2
    value = float(np.sum(plan.matrix * cost)) * unit
    share = n / (n - 1)
    if not report_interval:
        return CalibratedGradient((f - f.mean()) * share * unit, None, None, value)
    # f_i - f_k <= slack: for j on the support of k, g_j = c_kj - f_k and f_i <= c_ij - g_j. The
    # masses of a vertex are multiples of 1/lcm(n, m); one below 1/(2 n m) is the solver's rounding.
    slack = _differences(cost, plan.matrix > 0.5 / (n * m))
    # The solver's own dual makes all lengths at least 0, but for rounding: a cycle just below 0
    # would grow with every round of the search.
    known = f[:, None] - f
    distance = np.maximum(slack - known, 0.0)
    for through in range(n):
        np.minimum(distance, distance[:, through, None] + distance[through], out=distance)
    distance += known
    upper, lower = distance.mean(axis=1) * share, -distance.mean(axis=0) * share
    return CalibratedGradient((lower + upper) / 2 * unit, lower * unit, upper * unit, value)


def _differences(cost: Array, support: npt.NDArray[np.bool_]) -> Array:
    """Least upper bounds of f_i - f_k from the support of row k, of shape (n, n)."""
    n = len(cost)
    bounds = np.full((n, n), np.inf)
    for k in range(n):
        (columns,) = np.nonzero(support[k])
        bounds[:, k] = (cost[:, columns] - cost[k, columns]).min(axis=1)
    np.fill_diagonal(bounds, 0.0)
    return bounds
