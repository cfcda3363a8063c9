"""Samplers of ``theory.shelf.alemohammad2024``: one fit of points sampled too hot."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler, batch


def hidden_collapse(rng: np.random.Generator, size: int, *, n: int, share: float) -> Array:
    """log of one unbiased fit at temperature 1 + share/(n-1), minus the control (R - 1)."""
    ratio = batch(rng, size, n)[1] / (n - 1)
    return np.log((1 + float(share) / (n - 1)) * ratio) - (ratio - 1)


def tenth_root(rng: np.random.Generator, size: int, *, n: int, temperature: float) -> Array:
    """Ratio of variances over one unbiased fit at a temperature, to the power 1/10."""
    return np.asarray((float(temperature) * batch(rng, size, n)[1] / (n - 1)) ** 0.1)


SAMPLERS: dict[str, Sampler] = {
    "alemohammad2024.hidden-collapse": hidden_collapse,
    "alemohammad2024.vanishing": tenth_root,
}
