"""Covariance matrices at the door, and their square roots without surprises."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from theory.errors import InvalidInput

Array: TypeAlias = npt.NDArray[np.float64]

# An eigenvalue below this share of the largest, times d, is rounding and not variance.
_ROUNDING = 8 * np.finfo(float).eps


def covariance(name: str, given: Any) -> Array:
    """Read a covariance matrix: shape (d, d), symmetric, positive semidefinite.

    A number stands for the variance in one dimension. Asymmetry and negative eigenvalues of the
    size of rounding are mended.

    Raises
    ------
    InvalidInput
        In one line, if the matrix is none of this.

    Examples
    --------
    >>> covariance("cov_x", 4).shape
    (1, 1)
    >>> covariance("cov_x", [[1, 2], [2, 1]])
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: cov_x has the eigenvalue -1; accepted: positive semidefinite
    """
    matrix = np.atleast_2d(np.asarray(given, dtype=float))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InvalidInput(f"{name} has shape {matrix.shape}; accepted: (d, d)")
    if not np.isfinite(matrix).all():
        raise InvalidInput(f"{name} has entries that are NaN or infinite; accepted: finite numbers")
    size = float(np.abs(matrix).max())
    if np.abs(matrix - matrix.T).max() > 1e-8 * size:
        raise InvalidInput(f"{name} is not symmetric")
    matrix = (matrix + matrix.T) / 2
    least = float(np.linalg.eigvalsh(matrix)[0])
    if least < -1e-8 * size:
        raise InvalidInput(
            f"{name} has the eigenvalue {least:.3g}; accepted: positive semidefinite"
        )
    return matrix


def vector(name: str, given: Any, dimension: int) -> Array:
    """Read a mean: shape (d,).

    Raises
    ------
    InvalidInput
        If the shape is another, or an entry is not finite.

    Examples
    --------
    >>> vector("mean_x", 0, 3)
    array([0., 0., 0.])
    """
    mean = np.asarray(given, dtype=float)
    mean = np.full(dimension, float(mean)) if mean.ndim == 0 else mean
    if mean.shape != (dimension,) or not np.isfinite(mean).all():
        raise InvalidInput(f"{name} has shape {mean.shape}; accepted: {dimension} finite numbers")
    return mean


def spectrum(matrix: Array) -> tuple[Array, Array]:
    """Eigenvalues, with rounding set to zero, and eigenvectors of a semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    floor = _ROUNDING * len(values) * max(float(values[-1]), 0.0)
    return np.where(values > floor, values, 0.0), vectors


def square_root(matrix: Array) -> Array:
    """The semidefinite square root.

    Examples
    --------
    >>> square_root(np.diag([4.0, 0.0]))
    array([[2., 0.],
           [0., 0.]])
    """
    values, vectors = spectrum(matrix)
    return np.asarray((vectors * np.sqrt(values)) @ vectors.T)
