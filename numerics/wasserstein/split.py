"""Exact transport less what two halves of one sample are apart."""

from __future__ import annotations

import numpy as np

from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.exact import exact
from numerics.wasserstein.registry import estimator


@estimator("split", random=True, exact=False, fewest=2, largest=4000)
def split(x: Array, y: Array, *, rng: np.random.Generator) -> Estimate:
    """W2^2 between halves, averaged, less half of W2^2 between the halves of each sample.

    The bias of exact transport is nearly that of a sample against another of the same law, which
    the halves show. Halves are drawn; of an odd number one point is left out.
    """
    halves_x = rng.permutation(x)[: len(x) // 2 * 2].reshape(2, len(x) // 2, -1)
    halves_y = rng.permutation(y)[: len(y) // 2 * 2].reshape(2, len(y) // 2, -1)
    pairs = [*zip(halves_x, halves_y, strict=True), tuple(halves_x), tuple(halves_y)]
    found = [exact(first, second) for first, second in pairs]
    value = float(np.dot([0.5, 0.5, -0.5, -0.5], [each.value for each in found]))
    return Estimate(
        value,
        "squared_w2",
        "split",
        all(each.converged for each in found),
        max(each.marginal_error for each in found),
        note="; ".join({each.note for each in found if each.note}),
    )
