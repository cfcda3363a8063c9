"""Samplers of ``theory.shelf.derived_selection``: raw scores, kept or accepted one by one."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from numerics.samplers._raw import Array, Sampler
from numerics.samplers._targets import kept_of


def upper(rng: np.random.Generator, count: int, alpha: float) -> Array:
    """Standard normal numbers beyond the quantile that leaves `alpha`."""
    share = float(alpha)
    threshold = -ndtri(share)
    return kept_of(rng.standard_normal, lambda z: np.asarray(z >= threshold), count, share)


def soft_points(rng: np.random.Generator, count: int, b: float, u: float) -> Array:
    """Standard normal numbers x accepted with probability exp(-b (x - u)^2 / 2)."""

    def keep(x: Array) -> Array:
        return np.asarray(rng.random(len(x)) < np.exp(-b * (x - u) ** 2 / 2))

    return kept_of(rng.standard_normal, keep, count, 0.3)


def _fitted(x: Array) -> Array:
    """Maximum-likelihood variance of each column."""
    x = x - x.mean(axis=0)
    return np.asarray(np.einsum("ij,ij->j", x, x) / len(x))


def upper_tail_shift(rng: np.random.Generator, size: int, *, alpha: float) -> Array:
    """One kept score."""
    return upper(rng, size, alpha)


def upper_tail_refit(rng: np.random.Generator, size: int, *, n: int, alpha: float) -> Array:
    """Variance fitted on n kept scores."""
    return _fitted(upper(rng, n * size, alpha).reshape(n, size))


def best_of_shift(rng: np.random.Generator, size: int, *, N: int) -> Array:
    """The best of N."""
    return np.asarray(rng.standard_normal((N, size)).max(axis=0))


def best_of_refit(rng: np.random.Generator, size: int, *, n: int, N: int) -> Array:
    """Variance fitted on n points, each the best of N."""
    return _fitted(best_of_shift(rng, n * size, N=N).reshape(n, size))


def soft_mean(rng: np.random.Generator, size: int, *, b: float, delta: float) -> Array:
    """One accepted point."""
    return soft_points(rng, size, float(b), float(delta))


def soft_acceptance(rng: np.random.Generator, size: int, *, b: float, delta: float) -> Array:
    """Whether a point is accepted."""
    x = rng.standard_normal(size)
    return (rng.random(size) < np.exp(-float(b) * (x - float(delta)) ** 2 / 2)).astype(float)


def soft_loss(rng: np.random.Generator, size: int, *, b: float) -> Array:
    """k (1 - R) when one accepted point joins k - 1 about a known centre, variance 1."""
    return np.asarray(1 - soft_points(rng, size, float(b), 0.0) ** 2)


SAMPLERS: dict[str, Sampler] = {
    "derived.upper-tail-shift": upper_tail_shift,
    "derived.upper-tail-refit": upper_tail_refit,
    "derived.best-of-shift": best_of_shift,
    "derived.best-of-refit": best_of_refit,
    "derived.soft-mean": soft_mean,
    "derived.soft-acceptance": soft_acceptance,
    "derived.soft-loss": soft_loss,
}
