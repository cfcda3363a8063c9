"""Samplers of ``theory.shelf.reiter2003``: K synthetic sets of m points of a fitted normal law."""

from __future__ import annotations

import math

import numpy as np

from numerics.samplers._raw import Array, Sampler


def _combined(
    rng: np.random.Generator, size: int, n: int, synthetic: int, sets: int
) -> tuple[Array, Array]:
    """Mean q of the sets' means, and T = b/K + v; means and scatters are drawn as such."""
    fitted = rng.standard_normal(size) / math.sqrt(n)
    variance = rng.chisquare(n - 1, size) / (n - 1)
    means = fitted + np.sqrt(variance / synthetic) * rng.standard_normal((sets, size))
    # The scatters of all sets enter through their sum alone.
    within = variance * rng.chisquare(sets * (synthetic - 1), size) / (sets * (synthetic - 1))
    return means.mean(axis=0), means.var(axis=0, ddof=1) / sets + within / synthetic


def error(rng: np.random.Generator, size: int, *, n: int, synthetic: int, sets: int) -> Array:
    """(q - mu)^2."""
    return _combined(rng, size, n, synthetic, sets)[0] ** 2


def rule(rng: np.random.Generator, size: int, *, n: int, synthetic: int, sets: int) -> Array:
    """T."""
    return _combined(rng, size, n, synthetic, sets)[1]


def bias(rng: np.random.Generator, size: int, *, n: int, synthetic: int, sets: int) -> Array:
    """(q - mu)^2 - T."""
    mean, estimate = _combined(rng, size, n, synthetic, sets)
    return mean**2 - estimate


def same_size(rng: np.random.Generator, size: int, *, n: int, sets: int) -> Array:
    """The same where the sets have n points."""
    return bias(rng, size, n=n, synthetic=n, sets=sets)


SAMPLERS: dict[str, Sampler] = {
    "reiter2003.error": error,
    "reiter2003.rule": rule,
    "reiter2003.same-size": same_size,
    "reiter2003.bias": bias,
    "reiter2003.any-size": bias,
}
