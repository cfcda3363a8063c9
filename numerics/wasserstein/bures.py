"""The Gaussian plug-in: W2^2 of the Gaussian laws with the samples' moments, in batches.

It tends to the truth for Gaussian laws, and to Gelbrich's lower bound for others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from numerics.wasserstein.bures_small import of_three, of_two
from numerics.wasserstein.estimate import Array
from numerics.wasserstein.registry import estimator
from theory.errors import InvalidInput

# Where the squared distance is a smaller share of the traces, their difference has lost digits.
_CANCELLED = 1e-6
# Eigenvalues below 0 and asymmetry up to this share of the size are rounding.
_ROUNDING = 1e-8
# Products of four entries stay doubles within these.
_SMALL, _LARGE = 1e-60, 1e60


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
    polynomial in two and three dimensions; and by aligned roots where matrices are singular or
    nearly equal.

    Parameters
    ----------
    first, second
        Of shape (..., d, d), semidefinite.

    Returns
    -------
    ndarray
        Of the leading shape, never negative.

    Raises
    ------
    InvalidInput
        For matrices that are not square, finite, symmetric and semidefinite.

    Examples
    --------
    >>> squared_bures(np.array([np.eye(3)]), np.array([4 * np.eye(3)]))
    array([3.])
    """
    (first, one), (second, two) = _symmetric("first", first), _symmetric("second", second)
    if first.shape[-1] != second.shape[-1]:
        rows = f"{first.shape[-1]} and {second.shape[-1]}"
        raise InvalidInput(f"matrices of {rows} rows are not accepted; accepted: of one size")
    first, second = np.broadcast_arrays(first, second)
    size = np.maximum(one, two)
    if size.size and (size.min() < _SMALL or size.max() > _LARGE):
        unit = np.ldexp(1.0, np.frexp(size)[1])
        inner = unit[..., None, None]
        values = _distances(first / inner, second / inner, one / unit, two / unit, checked=True)
        return np.asarray(values * unit)
    return _distances(first, second, one, two, checked=True)


def of_moments(first: Array, second: Array) -> Array:
    """`squared_bures` of matrices of moderate size that are covariances but for rounding."""
    return _distances(first, second, _traces(first), _traces(second), checked=False)


def _traces(matrices: Array) -> Array:
    return np.asarray(np.einsum("...ii->...", matrices))


def _symmetric(name: str, given: Array) -> tuple[Array, Array]:
    """Finite symmetric matrices, and their traces."""
    matrices = np.asarray(given, dtype=np.float64)
    if matrices.ndim < 2 or matrices.shape[-1] != matrices.shape[-2] or not matrices.shape[-1]:
        raise InvalidInput(f"{name} has shape {matrices.shape}; accepted: (..., d, d)")
    traces = _traces(matrices)
    with np.errstate(invalid="ignore"):
        off = np.abs(matrices - np.swapaxes(matrices, -1, -2))
    # Infinity less itself is no number, and compares as such.
    if not (off <= _ROUNDING * np.abs(traces)[..., None, None]).all():
        if not np.isfinite(matrices).all():
            raise InvalidInput(f"{name} has NaN or infinite entries; accepted: finite numbers")
        raise InvalidInput(f"{name} is not symmetric")
    return matrices, traces


def _semidefinite(name: str, matrices: Array) -> None:
    least = np.linalg.eigvalsh(matrices)[..., 0]
    size = np.abs(matrices).max(axis=(-1, -2))
    if (least < -_ROUNDING * size).any():
        worst = float(least.min())
        raise InvalidInput(
            f"{name} has the eigenvalue {worst:.3g}; accepted: positive semidefinite"
        )


def _distances(first: Array, second: Array, one: Array, two: Array, checked: bool) -> Array:
    """Given the traces too; eigenvalues are read only where something hints at one below 0."""
    size, trace = first.shape[-1], one + two
    if size == 1:
        if checked and (first.min(initial=0) < 0 or second.min(initial=0) < 0):
            raise InvalidInput("a variance is below 0; accepted: 0 or more")
        roots = np.sqrt(np.maximum(first, 0)) - np.sqrt(np.maximum(second, 0))
        return np.asarray(roots[..., 0, 0] ** 2)
    loose: npt.NDArray[np.bool_] | bool = False
    if size in (2, 3):
        root, below, loose = (of_two if size == 2 else of_three)(first, second)
        doubtful = bool((below | (np.minimum(one, two) < 0)).any())
    else:
        try:
            factor = np.linalg.cholesky(first)
        except np.linalg.LinAlgError:
            if checked:
                _semidefinite("first", first)
                _semidefinite("second", second)
            return _aligned(first, second)
        # Congruent to the second matrix, and so with as many eigenvalues below 0.
        values = np.linalg.eigvalsh(np.swapaxes(factor, -1, -2) @ second @ factor)
        root = np.sqrt(np.maximum(values, 0)).sum(axis=-1)
        doubtful = bool((values[..., 0] < -1e-13 * one * np.abs(two)).any())
    if checked and doubtful:
        _semidefinite("first", first)
        _semidefinite("second", second)
    distance = np.asarray(trace - 2 * root)
    close = (distance < _CANCELLED * trace) | loose
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
    return np.asarray(np.sum((mean_x - mean_y) ** 2, axis=-1) + of_moments(cov_x, cov_y))


@estimator("gaussian", consistent=False, largest=10**6)
def gaussian(x: Array, y: Array) -> float:
    """W2^2 between the Gaussian laws with the samples' means and covariances."""
    return float(plug_in(x, y))
