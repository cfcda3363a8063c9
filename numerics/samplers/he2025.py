"""Samplers of ``theory.shelf.he2025``: a weighted mean of real and synthetic sample means."""

from __future__ import annotations

import math

import numpy as np

from numerics.samplers._raw import Array, Sampler


def risk(
    rng: np.random.Generator, size: int, *, n: int, ratio: int, weight: float, t: int
) -> Array:
    """(mu_t - mu_0)^2 after t fits; a mean of m normal points is drawn as N(., 1/m)."""
    mu = np.zeros(size)
    for _ in range(t):
        real = rng.standard_normal(size) / math.sqrt(n)
        synthetic = mu + rng.standard_normal(size) / math.sqrt(ratio * n)
        mu = float(weight) * real + (1 - float(weight)) * synthetic
    return mu**2


SAMPLERS: dict[str, Sampler] = {"he2025.risk": risk}
