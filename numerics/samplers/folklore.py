"""Samplers of ``theory.shelf.folklore``: one fit of raw points, determinants of raw scatters."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler, batch, scatter


def replace_loss(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """1 - R of one maximum-likelihood fit, plus the control variate (mean square - 1)."""
    _, s, mean_square = batch(rng, size, n)
    return 1 - s / n + (mean_square - 1)


def mean_square(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """Raw second moment of n points about the generating mean."""
    return batch(rng, size, n)[2]


def unbiased_ratio(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """Unbiased fitted variance over the generating one."""
    return batch(rng, size, n)[1] / (n - 1)


def log_det_loss(rng: np.random.Generator, size: int, *, n: int, d: int) -> Array:
    """Log determinant of one unbiased fit, minus the control variate (trace - d)."""
    fitted = scatter(rng, size, n, d) / (n - 1)
    return np.linalg.slogdet(fitted)[1] - (np.trace(fitted, axis1=1, axis2=2) - d)


def trace_ratio(rng: np.random.Generator, size: int, *, n: int, d: int) -> Array:
    """Trace of one unbiased fit."""
    return np.trace(scatter(rng, size, n, d), axis1=1, axis2=2) / (n - 1)


def det(rng: np.random.Generator, size: int, *, n: int, t: int, d: int) -> Array:
    """Determinant after t fits: det(L S L') = det(L)^2 det(S), so the factors multiply."""
    result = np.ones(size)
    for _ in range(t):
        result *= np.linalg.det(scatter(rng, size, n, d) / n)
    return result


SAMPLERS: dict[str, Sampler] = {
    "folklore.replace-loss": replace_loss,
    "folklore.mean-square": mean_square,
    "folklore.unbiased-ratio": unbiased_ratio,
    "folklore.log-det-loss": log_det_loss,
    "folklore.trace-ratio": trace_ratio,
    "folklore.det": det,
}
