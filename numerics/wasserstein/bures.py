"""The Gaussian plug-in: W2^2 of the Gaussian laws with the samples' moments, in batches.

It tends to the truth for Gaussian laws, and to Gelbrich's lower bound for others.
"""

from __future__ import annotations

import numpy as np

from numerics.wasserstein.estimate import Array
from numerics.wasserstein.registry import estimator

# Where the squared distance is a smaller share of the traces, their difference has lost digits.
_CANCELLED = 1e-6


def _root(matrices: Array) -> Array:
    values, vectors = np.linalg.eigh(matrices)
    floor = 8 * np.finfo(float).eps * matrices.shape[-1] * np.maximum(values[..., -1:], 0)
    roots = np.sqrt(np.where(values > floor, values, 0))
    return np.asarray((vectors * roots[..., None, :]) @ np.swapaxes(vectors, -1, -2))


def _aligned(first: Array, second: Array) -> Array:
    """Squared distance of the roots, the second turned towards the first: no digit is lost."""
    left, right = _root(first), _root(second)
    before, _, after = np.linalg.svd(right @ left)
    return np.asarray(np.sum((left - right @ (before @ after)) ** 2, axis=(-1, -2)))


def squared_bures(first: Array, second: Array) -> Array:
    """Squared Bures distances of many pairs of covariance matrices at once.

    ``Tr A + Tr B - 2 Tr (L'BL)^(1/2)`` with the Cholesky factor L of A; by the characteristic
    polynomial in two dimensions; and by aligned roots where matrices are singular or nearly equal.

    Parameters
    ----------
    first, second
        Of shape (..., d, d), semidefinite.

    Returns
    -------
    ndarray
        Of the leading shape, never negative.

    Examples
    --------
    >>> squared_bures(np.array([np.eye(3)]), np.array([4 * np.eye(3)]))
    array([3.])
    """
    first, second = np.broadcast_arrays(first, second)
    size = first.shape[-1]
    trace = np.trace(first, axis1=-2, axis2=-1) + np.trace(second, axis1=-2, axis2=-1)
    if size == 1:
        return np.asarray((np.sqrt(first) - np.sqrt(second))[..., 0, 0] ** 2)
    if size == 2:
        a, b, c = first[..., 0, 0], first[..., 0, 1], first[..., 1, 1]
        p, q, r = second[..., 0, 0], second[..., 0, 1], second[..., 1, 1]
        determinants = np.maximum(a * c - b * b, 0) * np.maximum(p * r - q * q, 0)
        root = np.sqrt(np.maximum(a * p + 2 * b * q + c * r + 2 * np.sqrt(determinants), 0))
    else:
        try:
            factor = np.linalg.cholesky(first)
        except np.linalg.LinAlgError:
            return _aligned(first, second)
        inner = np.swapaxes(factor, -1, -2) @ second @ factor
        root = np.sqrt(np.maximum(np.linalg.eigvalsh(inner), 0)).sum(axis=-1)
    distance = np.asarray(trace - 2 * root)
    close = distance < _CANCELLED * trace
    if close.any():
        distance[close] = _aligned(first[close], second[close])
    return distance


def moments(x: Array) -> tuple[Array, Array]:
    """Means and covariances (divisor n) of many samples: shapes (..., d) and (..., d, d)."""
    mean = x.mean(axis=-2)
    centred = x - mean[..., None, :]
    return mean, np.swapaxes(centred, -1, -2) @ centred / x.shape[-2]


def plug_in(x: Array, y: Array) -> Array:
    """The plug-in for many pairs of samples, shapes (..., n, d) and (..., m, d)."""
    mean_x, cov_x = moments(x)
    mean_y, cov_y = moments(y)
    return np.asarray(np.sum((mean_x - mean_y) ** 2, axis=-1) + squared_bures(cov_x, cov_y))


@estimator("gaussian", consistent=False, largest=10**6)
def gaussian(x: Array, y: Array) -> float:
    """W2^2 between the Gaussian laws with the samples' means and covariances."""
    return float(plug_in(x, y))
