"""Samplers of ``theory.shelf.derived_replace``: logarithms and powers of fitted variances."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler, batch, variance_chain


def log_loss(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """log R of one unbiased fit of raw points, minus the control variate (R - 1)."""
    ratio = batch(rng, size, n)[1] / (n - 1)
    return np.log(ratio) - (ratio - 1)


def log_variance_spread(rng: np.random.Generator, size: int, *, n: int, t: int) -> Array:
    """Half the squared difference of two independent chains' log variances."""
    first = variance_chain(rng, size, n, t, n)
    return (first - variance_chain(rng, size, n, t, n)) ** 2 / 2


def power_moments(rng: np.random.Generator, size: int, *, n: int, t: int, s: float) -> Array:
    """sigma_t^(2s) after t maximum-likelihood fits."""
    return np.exp(float(s) * variance_chain(rng, size, n, t, n))


def inverse_variance(rng: np.random.Generator, size: int, *, n: int, t: int) -> Array:
    """1 / sigma_t^2 after t maximum-likelihood fits."""
    return np.exp(-variance_chain(rng, size, n, t, n))


SAMPLERS: dict[str, Sampler] = {
    "derived.log-loss": log_loss,
    "derived.log-variance-spread": log_variance_spread,
    "derived.power-moments": power_moments,
    "derived.inverse-variance": inverse_variance,
}
