"""Samplers of ``theory.shelf.qiao2026``: nearest n of N raw candidates, fitted and pooled."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler
from numerics.samplers._selected import nearest, nearest_squares, within


def kappa_n_of_N(rng: np.random.Generator, size: int, *, n: int, N: int, d: int) -> Array:
    """Mean square per axis of the nearest n of N."""
    return nearest_squares(rng, size, n, N, d) / (n * d)


def kappa_plane(rng: np.random.Generator, size: int, *, n: int, N: int) -> Array:
    """The same in the plane."""
    return kappa_n_of_N(rng, size, n=n, N=N, d=2)


def fitted(
    rng: np.random.Generator, size: int, n: int, N: int, d: int
) -> tuple[Array, Array, Array]:
    """Per axis: squared length of the kept points' mean, their fitted variance, mean square."""
    x = nearest(rng, size, n, N, d)
    mean_square = np.einsum("ijk,ijk->i", x, x) / (n * d)
    mean = x.mean(axis=1)
    x -= mean[:, None]
    variance = np.einsum("ijk,ijk->i", x, x) / (n * d)
    return np.einsum("ij,ij->i", mean, mean) / d, variance, mean_square


def refit(rng: np.random.Generator, size: int, *, n: int, N: int, d: int) -> Array:
    """Fitted variance per axis of the nearest n of N."""
    return fitted(rng, size, n, N, d)[1]


def replace_loss(rng: np.random.Generator, size: int, *, n: int, N: int, d: int) -> Array:
    """Mean square of the kept points minus their fitted variance."""
    _, variance, mean_square = fitted(rng, size, n, N, d)
    return mean_square - variance


def accumulate_loss(
    rng: np.random.Generator, size: int, *, n: int, N: int, d: int, k: int
) -> Array:
    """1 - R_k when the nearest n of N join a pool of n (k-1), minus (1 - mean square) / k."""
    square, variance, mean_square = fitted(rng, size, n, N, d)
    # Pool of mean 0 and variance 1; the common mean lies 1/k of the way to the batch's.
    pool = (k - 1) * (1 + square / k**2)
    ratio = (pool + variance + square * (1 - 1 / k) ** 2) / k
    return 1 - ratio - (1 - mean_square) / k


def known_centre(
    rng: np.random.Generator, size: int, *, n: int, alpha: float, d: int, t: int
) -> Array:
    """V_t: each generation adds n points within the ball of the model's mass alpha to the pool."""
    value = np.ones(size)
    for k in range(1, t + 1):
        radii = within(rng, n * size, alpha, d).reshape(n, size)
        value *= (k - 1 + radii.mean(axis=0) / d) / k
    return value


SAMPLERS: dict[str, Sampler] = {
    "qiao2026.kappa-n-of-N": kappa_n_of_N,
    "qiao2026.kappa-plane": kappa_plane,
    "qiao2026.kappa-above-population": kappa_n_of_N,
    "qiao2026.refit": refit,
    "qiao2026.replace-loss": replace_loss,
    "qiao2026.accumulate-loss": accumulate_loss,
    "qiao2026.known-centre": known_centre,
    "qiao2026.power-law": known_centre,
}
