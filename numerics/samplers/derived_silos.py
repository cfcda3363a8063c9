"""Samplers of ``theory.shelf.derived_silos``: raw candidates, scored by their dual to a target."""

from __future__ import annotations

import numpy as np
from scipy.special import gammainccinv, gammaincinv

from numerics.samplers._race import distances
from numerics.samplers._raw import Array, Sampler
from numerics.samplers._targets import kept_of


def dual_step(
    rng: np.random.Generator, size: int, *, n: int, t: int, alpha: float, d: int, ratio: float
) -> Array:
    """Mean square per axis of a pool of t batches, one before, once n kept points have joined it.

    The dual from N(0, I) to the target N(0, ratio^2 I) is (1 - ratio)|z|^2; kept is what lies below
    its population quantile.
    """
    slope, share = 1 - float(ratio), float(alpha)
    # Half a squared length is a Gamma variable; a falling score keeps its upper end.
    edge = 2 * (gammaincinv(d / 2, share) if slope > 0 else gammainccinv(d / 2, share))

    def keep(points: Array) -> Array:
        return np.asarray(slope * np.einsum("ij,ij->i", points, points) <= slope * edge)

    kept = kept_of(lambda m: rng.standard_normal((m, d)), keep, size * n, share)
    squares = np.einsum("ij,ij->i", kept, kept).reshape(size, n).mean(axis=1) / d
    return np.asarray((t + squares) / (t + 1))


def gain(
    rng: np.random.Generator, size: int, *, n: int, t: int, temperature: float, gap: float
) -> Array:
    """How much nearer Scheme II is than random selection; a distance of 1 and more counts as 1."""
    random, scheme = distances(rng, size, n, t, temperature, gap)
    return np.asarray(np.minimum(random, 1) - np.minimum(scheme, 1))


SAMPLERS: dict[str, Sampler] = {
    "derived.dual-above": dual_step,
    "derived.dual-below": dual_step,
    "derived.proxies-win": gain,
    "derived.proxies-lose": gain,
}
