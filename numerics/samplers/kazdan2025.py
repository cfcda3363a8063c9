"""Samplers of ``theory.shelf.kazdan2025``: accumulation of raw points, resampling with noise."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler, batch, pooled_ratio


def accumulate_loss(rng: np.random.Generator, size: int, *, n: int, k: int) -> Array:
    """1 - R_k when n raw points join a pool of n (k-1), plus the control (mean square - 1)/k."""
    mean, scatter, mean_square = batch(rng, size, n)
    return 1 - pooled_ratio(n * (k - 1), n, mean, scatter) + (mean_square - 1) / k


def subsampled(rng: np.random.Generator, size: int, n: int, k: int) -> tuple[Array, Array]:
    """Fit on n of n k pooled points, draw a batch of n from the fit and add it to the pool.

    The pool is Gaussian, standardised to mean 0 and variance 1; its first n points are a draw
    without replacement.

    Returns
    -------
    ratio, mean_square
        The new pool's variance over the old one's; the batch's mean square about the old mean.
    """
    pool = rng.standard_normal((n * k, size))
    pool -= pool.mean(axis=0)
    pool /= np.sqrt(np.einsum("ij,ij->j", pool, pool) / (n * k))
    mean, spread = pool[:n].mean(axis=0), pool[:n].std(axis=0)
    x = mean + spread * rng.standard_normal((n, size))
    centre = x.mean(axis=0)
    scatter = ((x - centre) ** 2).sum(axis=0)
    return pooled_ratio(n * k, n, centre, scatter), np.einsum("ij,ij->j", x, x) / n


def subsample_loss(rng: np.random.Generator, size: int, *, n: int, k: int) -> Array:
    """1 - R of the pool, plus the control (mean square - 1)/(k + 1)."""
    ratio, mean_square = subsampled(rng, size, n, k)
    return 1 - ratio + (mean_square - 1) / (k + 1)


def subsample_mean_square(rng: np.random.Generator, size: int, *, n: int, k: int) -> Array:
    """Mean square of the batch about the pool's mean."""
    return subsampled(rng, size, n, k)[1]


def resampled(rng: np.random.Generator, size: int, n: int, t: int, bandwidth: float) -> Array:
    """The sample of generation t: n true points, then t - 1 times resampled with noise.

    Returns
    -------
    array, shape (size, n)
    """
    x = rng.standard_normal((size, n))
    for _ in range(t - 1):
        x = np.take_along_axis(x, rng.integers(0, n, (size, n)), axis=1)
        if bandwidth:
            x += float(bandwidth) * rng.standard_normal((size, n))
    return x


def kde_second_moment(
    rng: np.random.Generator, size: int, *, n: int, t: int, bandwidth: float
) -> Array:
    """Square of the first point of generation t."""
    return resampled(rng, size, n, t, bandwidth)[:, 0] ** 2


def kde_variance(rng: np.random.Generator, size: int, *, n: int, t: int, bandwidth: float) -> Array:
    """Half the squared difference of the first two points of generation t."""
    x = resampled(rng, size, n, t, bandwidth)
    return np.asarray((x[:, 0] - x[:, 1]) ** 2 / 2)


def bootstrap(rng: np.random.Generator, size: int, *, n: int, t: int) -> Array:
    """As `kde_variance`, without noise."""
    return kde_variance(rng, size, n=n, t=t, bandwidth=0.0)


SAMPLERS: dict[str, Sampler] = {
    "kazdan2025.accumulate-loss": accumulate_loss,
    "kazdan2025.subsample-loss": subsample_loss,
    "kazdan2025.subsample-mean-square": subsample_mean_square,
    "kazdan2025.kde-second-moment": kde_second_moment,
    "kazdan2025.kde-variance": kde_variance,
    "kazdan2025.bootstrap": bootstrap,
}
