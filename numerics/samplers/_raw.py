"""What the samplers share: batches of standard normal points and the fits made from them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Sampler = Callable[..., Array]


def batch(rng: np.random.Generator, size: int, n: int) -> tuple[Array, Array, Array]:
    """Draw `size` batches of `n` standard normal points.

    Returns
    -------
    mean, scatter, mean_square
        Of each batch, shape (size,); the scatter is summed from residuals, so that it does not
        cancel against the mean.
    """
    # Points along the first axis: the sums then run over whole rows, several times faster.
    x = rng.standard_normal((int(n), size))
    mean = x.mean(axis=0)
    mean_square = np.einsum("ij,ij->j", x, x) / n
    x -= mean
    return mean, np.einsum("ij,ij->j", x, x), mean_square


def scatter(rng: np.random.Generator, size: int, n: int, d: int) -> Array:
    """Draw `size` scatter matrices of `n` raw standard normal points in `d` dimensions.

    Returns
    -------
    array, shape (size, d, d)
    """
    x = rng.standard_normal((int(n), int(d), size))
    x -= x.mean(axis=0)
    result = np.empty((size, int(d), int(d)))
    for i in range(int(d)):
        for j in range(i + 1):
            result[:, i, j] = result[:, j, i] = np.einsum("ij,ij->j", x[:, i], x[:, j])
    return result


def variance_chain(rng: np.random.Generator, size: int, n: int, t: int, denominator: int) -> Array:
    """Draw log(sigma_t^2 / sigma_0^2) after `t` fits on `n` points, from chi-square scatters.

    The logarithm cannot underflow, however many generations.
    """
    total = np.zeros(size)
    for _ in range(int(t)):
        total += np.log(rng.chisquare(n - 1, size) / denominator)
    return total


def pooled_ratio(pooled: int, fresh: int, mean: Array, scatter: Array) -> Array:
    """Variance of a pool after a batch joins it, over its variance before.

    The pool, a fixed one, enters by its size, its mean 0 and its variance 1 alone; the batch by its
    size, mean and scatter. Maximum likelihood throughout; 0 points in the pool make a first fit.
    """
    total = pooled + fresh
    # Squared residuals of both groups about the common mean.
    centre = fresh * mean / total
    return (pooled * (1 + centre**2) + scatter + fresh * (mean - centre) ** 2) / total
