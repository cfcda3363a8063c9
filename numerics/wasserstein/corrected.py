"""The Sinkhorn divergence with its bias on Gaussian laws taken out."""

from __future__ import annotations

import numpy as np

from numerics.wasserstein.bures import moments
from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.jackknife import jackknifed_gaussian
from numerics.wasserstein.registry import estimator
from numerics.wasserstein.sinkhorn import divergence, mean_share
from theory.wasserstein import entropic


@estimator("sinkhorn-corrected", exact=False, consistent=False, fewest=4, largest=2000, costly=True)
def sinkhorn_corrected(x: Array, y: Array, *, ratio: float = 0.5) -> Estimate:
    """The jackknifed Gaussian part, and what the Sinkhorn divergence of the samples exceeds that
    of Gaussian laws with their moments by.

    The blur of entropic transport is nearly the same on both sides and cancels; what is left is a
    share of the non-Gaussian part, the smaller the larger `ratio`.
    """
    a, b = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
    epsilon = mean_share(x, y, ratio)
    found = divergence(x, y, a, b, epsilon)
    (mean_x, cov_x), (mean_y, cov_y) = moments(x), moments(y)
    blurred = entropic.sinkhorn_divergence(mean_x, cov_x, mean_y, cov_y, epsilon=epsilon)
    value = jackknifed_gaussian(x, y) + found.value - blurred
    return Estimate(
        value,
        "squared_w2",
        "sinkhorn-corrected",
        found.converged,
        found.marginal_error,
        note=found.note,
    )
