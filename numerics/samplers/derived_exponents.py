"""Samplers of ``theory.shelf.derived_exponents``, from chi-square scatters."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler


def lost_log(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """What one unbiased fit takes from the log variance, plus the control variate (R - 1)."""
    ratio = rng.chisquare(n - 1, size) / (n - 1)
    return np.asarray(ratio - 1 - np.log(ratio))


def fit_distance(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """W2^2 of the law to the fit: squared differences of means and of deviations."""
    mean, scatter = rng.standard_normal(size) / np.sqrt(n), rng.chisquare(n - 1, size)
    return np.asarray(mean**2 + (np.sqrt(scatter / n) - 1) ** 2)


SAMPLERS: dict[str, Sampler] = {
    "derived.collapse-rate-exponent": lost_log,
    "derived.fit-distance-exponent": fit_distance,
}
