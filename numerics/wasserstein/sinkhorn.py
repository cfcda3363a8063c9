"""Entropic transport and the Sinkhorn divergence of two samples.

The penalty is epsilon times the Kullback-Leibler divergence from the product of the weights, so
that the value is ``f.a + g.b`` at convergence; epsilon is a share of the mean squared distance
between the samples, so that the result scales with the data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.registry import estimator

# Scalings beyond exp(30) are taken into the potentials before they overflow.
_ABSORB = 30.0


@dataclass(frozen=True)
class Dual:
    """Potentials, the value and how far the marginals are off (in total variation times two)."""

    f: Array
    g: Array
    value: float
    error: float
    converged: bool


def solve(
    cost: Array, a: Array, b: Array, epsilon: float, tolerance: float = 1e-8, most: int = 5000
) -> Dual:
    """Sinkhorn's iteration with the kernel re-centred on the potentials, so that none underflows.

    Parameters
    ----------
    cost
        Of shape (n, m).
    a, b
        Masses of shapes (n,) and (m,), each summing to 1; zeros are allowed.
    epsilon
        Above 0, in the units of the cost.
    tolerance
        Stop when the row sums of the plan are off by less than this in total.
    most
        Iterations at most; beyond, ``converged`` is False.

    Returns
    -------
    Dual
    """
    with np.errstate(divide="ignore"):
        log_a, log_b = np.log(a), np.log(b)
    g = np.zeros(len(b))
    # Large steps first: each halving starts from the potentials of the last.
    stages = [epsilon]
    while stages[0] < cost.max():
        stages.insert(0, 4 * stages[0])
    error, spent, f = np.inf, 0, np.zeros(len(a))
    for stage in stages:
        goal = tolerance if stage == epsilon else 1e-2
        f = -stage * logsumexp((g - cost) / stage + log_b, axis=1)
        g = -stage * logsumexp((f[:, None] - cost) / stage + log_a[:, None], axis=0)
        kernel = np.exp((f[:, None] + g - cost) / stage)
        u, v = np.ones_like(a), np.ones_like(b)
        while spent < most:
            spent += 1
            u = 1 / (kernel @ (b * v))
            v = 1 / (kernel.T @ (a * u))
            if spent % 5 == 0 or spent < 5:
                error = float(np.abs(a * u * (kernel @ (b * v)) - a).sum())
                if error < goal:
                    break
            if max(np.abs(np.log(u)).max(), np.abs(np.log(v)).max()) > _ABSORB:
                f, g = f + stage * np.log(u), g + stage * np.log(v)
                kernel = np.exp((f[:, None] + g - cost) / stage)
                u, v = np.ones_like(a), np.ones_like(b)
        f, g = f + stage * np.log(u), g + stage * np.log(v)
    return Dual(f, g, float(f @ a + g @ b), error, error < tolerance)


def regularisation(cost: Array, a: Array, b: Array, ratio: float) -> float:
    """Epsilon as a share of the mean cost; of 1 where all points coincide."""
    mean = float(a @ cost @ b)
    return ratio * (mean if mean > 0 else 1.0)


@estimator("sinkhorn", functional="entropic_ot", weighted=True, exact=False, largest=2000)
def sinkhorn(
    x: Array, y: Array, *, weights_x: Array, weights_y: Array, ratio: float = 0.1
) -> Estimate:
    """Entropic transport cost with epsilon = `ratio` times the mean squared distance."""
    cost = squared_distances(x, y)
    epsilon = regularisation(cost, weights_x, weights_y, ratio)
    dual = solve(cost, weights_x, weights_y, epsilon)
    note = "" if dual.converged else f"marginals off by {dual.error:.1e} after all iterations"
    return Estimate(
        dual.value,
        "entropic_ot",
        "sinkhorn",
        dual.converged,
        dual.error,
        (dual.f, dual.g),
        note=note,
    )


@estimator("sinkhorn-divergence", functional="sinkhorn_divergence", weighted=True, largest=2000)
def sinkhorn_divergence(
    x: Array, y: Array, *, weights_x: Array, weights_y: Array, ratio: float = 0.5
) -> Estimate:
    """Entropic transport less the mean of that of each sample to itself, entropy included."""
    epsilon = regularisation(squared_distances(x, y), weights_x, weights_y, ratio)
    return divergence(x, y, weights_x, weights_y, epsilon)


def squared_distances(x: Array, y: Array) -> Array:
    """Costs between all points, of shape (n, m)."""
    return np.asarray(cdist(x, y, "sqeuclidean"))


def mean_share(x: Array, y: Array, ratio: float) -> float:
    """Epsilon for points of equal mass."""
    a, b = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
    return regularisation(squared_distances(x, y), a, b, ratio)


def divergence(x: Array, y: Array, a: Array, b: Array, epsilon: float) -> Estimate:
    """The Sinkhorn divergence at a given epsilon, masses a and b."""
    between = solve(squared_distances(x, y), a, b, epsilon)
    first = solve(squared_distances(x, x), a, a, epsilon)
    second = solve(squared_distances(y, y), b, b, epsilon)
    converged = between.converged and first.converged and second.converged
    error = max(between.error, first.error, second.error)
    # By symmetry the better potential of a sample against itself is the mean of the two found.
    potentials = (
        between.f - (first.f + first.g) / 2,
        between.g - (second.f + second.g) / 2,
    )
    return Estimate(
        between.value - (first.value + second.value) / 2,
        "sinkhorn_divergence",
        "sinkhorn-divergence",
        converged,
        error,
        potentials,
        note="" if converged else f"marginals off by {error:.1e} after all iterations",
    )
