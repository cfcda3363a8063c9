"""Samplers of ``theory.shelf.derived_spectrum``: pivots of the scatter of raw points."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler, scatter


def pivots(rng: np.random.Generator, size: int, n: int, d: int) -> Array:
    """log of the squared Cholesky pivots of one unbiased fit, shape (size, d)."""
    factor = np.linalg.cholesky(scatter(rng, size, n, d) / (n - 1))
    return 2 * np.log(np.diagonal(factor, axis1=1, axis2=2))


def lyapunov_spectrum(rng: np.random.Generator, size: int, *, n: int, d: int, axis: int) -> Array:
    """log of the squared pivot of one axis, the first axis being the slowest to collapse."""
    return pivots(rng, size, n, d)[:, axis - 1]


def condition_growth(rng: np.random.Generator, size: int, *, n: int, d: int) -> Array:
    """Difference of the first and the last axis."""
    logs = pivots(rng, size, n, d)
    return logs[:, 0] - logs[:, -1]


SAMPLERS: dict[str, Sampler] = {
    "derived.lyapunov-spectrum": lyapunov_spectrum,
    "derived.condition-growth": condition_growth,
}
