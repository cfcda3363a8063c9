"""Samplers of ``theory.shelf.angelopoulos2023``: a mean with a control variate, normal pairs."""

from __future__ import annotations

import math

import numpy as np

from numerics.samplers._raw import Array, Sampler


def _means(
    rng: np.random.Generator, size: int, n: int, extra: int, rho: float
) -> tuple[Array, Array]:
    """Mean of Y, and the difference of the two means of X; means of points are drawn as such."""
    paired, own = rng.standard_normal((2, size)) / math.sqrt(n)
    further = rng.standard_normal(size) / math.sqrt(extra)
    rho = float(rho)
    return rho * paired + math.sqrt(1 - rho**2) * own, paired - further


def risk(
    rng: np.random.Generator, size: int, *, n: int, extra: int, rho: float, weight: float
) -> Array:
    """Squared error of the estimate at the weight."""
    mean, difference = _means(rng, size, n, extra, rho)
    return (mean - float(weight) * difference) ** 2


def gain(rng: np.random.Generator, size: int, *, n: int, extra: int, rho: float) -> Array:
    """Squared error without the control variate, less that at the weight of the claim."""
    mean, difference = _means(rng, size, n, extra, rho)
    weight = float(rho) * extra / (n + extra)
    return np.asarray(mean**2 - (mean - weight * difference) ** 2)


SAMPLERS: dict[str, Sampler] = {
    "angelopoulos2023.risk": risk,
    "angelopoulos2023.gain": gain,
}
