"""Samplers of ``theory.shelf.suresh2025``: standard deviations of unbiased fits."""

from __future__ import annotations

import math

import numpy as np

from numerics.samplers._raw import Array, Sampler, batch, variance_chain


def tail_bound(rng: np.random.Generator, size: int, *, n: int, t: int, level: float) -> Array:
    """Whether sigma_t exceeds the level after t unbiased fits."""
    above = variance_chain(rng, size, n, t, n - 1) > 2 * math.log(level)
    return above.astype(np.float64)


def mean_bound(rng: np.random.Generator, size: int, *, n: int, t: int) -> Array:
    """sigma_t after t unbiased fits."""
    return np.exp(variance_chain(rng, size, n, t, n - 1) / 2)


def typical_rate(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """-log sigma_1 of one unbiased fit of raw points, plus the control variate (R - 1) / 2."""
    ratio = batch(rng, size, n)[1] / (n - 1)
    return ((ratio - 1) - np.log(ratio)) / 2


def tail_exact(rng: np.random.Generator, size: int, *, n: int, level: float) -> Array:
    """Whether sigma_1 of one unbiased fit of raw points exceeds the level."""
    above = batch(rng, size, n)[1] > (n - 1) * float(level) ** 2
    return above.astype(np.float64)


SAMPLERS: dict[str, Sampler] = {
    "suresh2025.tail-bound": tail_bound,
    "suresh2025.mean-bound": mean_bound,
    "suresh2025.typical-rate": typical_rate,
    "suresh2025.tail-exact": tail_exact,
}
