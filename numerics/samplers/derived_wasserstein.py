"""Samplers of ``theory.shelf.derived_wasserstein``: distances of raw points, by sorting."""

from __future__ import annotations

import math

import numpy as np

from numerics.samplers._raw import Array, Sampler, batch


def sample_distance(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """W2^2 of n uniform points to the law: each point against its slice of the unit interval."""
    x = np.sort(rng.random((size, n)), axis=1)
    centres = (np.arange(n) + 0.5) / n
    return np.asarray(np.mean((x - centres) ** 2, axis=1) + 1 / (12 * n**2))


def sample_distance_pair(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """W2^2 of two samples of n uniform points."""
    x, y = np.sort(rng.random((2, size, n)), axis=2)
    return np.asarray(np.mean((x - y) ** 2, axis=1))


def sample_distance_normal(rng: np.random.Generator, size: int) -> Array:
    """W2^2 of two normal points to the law: the halves of the law have the means +-(2/pi)^(1/2)."""
    x = np.sort(rng.standard_normal((size, 2)), axis=1)
    half = math.sqrt(2 / math.pi)
    within = 1 - half**2
    return np.asarray(((x[:, 0] + half) ** 2 + (x[:, 1] - half) ** 2) / 2 + within)


def fit_distance(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """W2^2 of the law to the fit: squared differences of means and of deviations."""
    mean, scatter, _ = batch(rng, size, n)
    return np.asarray(mean**2 + (np.sqrt(scatter / n) - 1) ** 2)


SAMPLERS: dict[str, Sampler] = {
    "derived.sample-distance": sample_distance,
    "derived.sample-distance-pair": sample_distance_pair,
    "derived.sample-distance-normal": sample_distance_normal,
    "derived.fit-distance": fit_distance,
}
