"""Small lower-triangular matrices, one for each replicate: roots, sums of roots, solving.

A covariance is kept as a root ``L`` with ``Sigma = L L'``. Products of lower-triangular matrices
are accurate entry by entry, so a root stays right where the covariance itself would have lost its
small eigenvalues to rounding, and no matrix is ever found "not positive definite".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Least share of a coordinate's variance left by the others for which a sum of squares is formed.
REGULAR = 1e-6


def product(left: Array, right: Array) -> Array:
    """Matrix product replicate by replicate; 1 x 1 matrices are multiplied as numbers.

    Examples
    --------
    >>> product(np.full((2, 1, 1), 3.0), np.full((2, 1, 1), 2.0)).ravel().tolist()
    [6.0, 6.0]
    """
    if left.shape[-1] == 1 and right.shape[-2] == 1 and left.shape[-2] == right.shape[-1] == 1:
        return np.asarray(left * right)
    return np.asarray(left @ right)


def apply(matrix: Array, vector: Array) -> Array:
    """Matrix times vector, replicate by replicate: (R, d, d), (R, d) -> (R, d).

    Examples
    --------
    >>> apply(np.full((2, 1, 1), 3.0), np.ones((2, 1))).ravel().tolist()
    [3.0, 3.0]
    """
    return product(matrix, vector[..., None])[..., 0]


def root_of(scatter: Array) -> Array:
    """Lower-triangular root of well-conditioned scatters (R, d, d).

    Examples
    --------
    >>> root_of(np.full((1, 1, 1), 9.0)).item()
    3.0
    """
    if scatter.shape[-1] == 1:
        return np.sqrt(scatter)
    return cast(Array, np.linalg.cholesky(scatter))


def root_of_sum(parts: Sequence[Array], rank: int | None = None) -> Array:
    """Lower-triangular root of the sum of ``P P'`` over `parts`, without forming the sum.

    Parameters
    ----------
    parts
        Arrays (R, d, k), any k each.
    rank
        What the rank cannot exceed; the columns beyond it are exactly zero.

    Returns
    -------
    ndarray (R, d, d)
        By Householder reflections (LQ) where it is close to singular, so that it is as accurate as
        the parts. Signs of the diagonal are free.

    Examples
    --------
    >>> three, four = np.full((1, 1, 1), 3.0), np.full((1, 1, 1), 4.0)
    >>> root_of_sum([three, four]).item()
    5.0
    """
    stacked = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
    count, dimension, columns = stacked.shape
    if dimension == 1:
        return np.asarray(np.sqrt(np.einsum("rik,rik->r", stacked, stacked))[:, None, None])
    width = min(dimension, columns, dimension if rank is None else rank)
    if width == dimension:
        quick = _root_of_regular(stacked)
        if quick is not None:
            return quick
    root = np.zeros((count, dimension, dimension))
    if width > 0:
        upper = cast(Array, np.linalg.qr(stacked.transpose(0, 2, 1), mode="r"))
        root[:, :, :width] = upper.transpose(0, 2, 1)[:, :, :width]
    return root


def _root_of_regular(stacked: Array) -> Array | None:
    """The same root by forming the sum, three times as fast; None where that would lose digits."""
    try:
        root = cast(Array, np.linalg.cholesky(stacked @ stacked.transpose(0, 2, 1)))
    except np.linalg.LinAlgError:
        return None
    pivots = np.diagonal(root, axis1=1, axis2=2)
    lengths = np.einsum("rij,rij->ri", root, root)
    # The share of a coordinate that the ones before it do not explain: below it, rounding.
    regular = (pivots**2).min() > 0 and (pivots**2 / lengths).min() > REGULAR
    return root if regular else None


def solve(root: Array, right: Array) -> Array:
    """Solve ``root @ x = right`` by forward substitution; a zero on the diagonal counts as 1.

    A zero pivot marks a direction in which a singular model has no extent: what is solved for has
    no part there, and the other components do not see it.

    Parameters
    ----------
    root : ndarray (R, d, d) or (d, d)
    right : ndarray (R, d, k)

    Examples
    --------
    >>> solve(np.array([[2.0, 0.0], [1.0, 4.0]]), np.array([[[2.0], [9.0]]]))[0, :, 0].tolist()
    [1.0, 2.0]
    """
    dimension = root.shape[-1]
    solution = np.empty(np.broadcast_shapes(root.shape[:-2], right.shape[:-2]) + right.shape[-2:])
    for i in range(dimension):
        pivot = root[..., i, i, None]
        rest = right[..., i, :]
        if i:
            rest = rest - (root[..., i : i + 1, :i] @ solution[..., :i, :])[..., 0, :]
        solution[..., i, :] = rest / np.where(pivot == 0, 1.0, pivot)
    return solution


def diagonal_logarithm(root: Array) -> Array:
    """Logarithm of the determinant of ``root root'``; -inf where it is singular.

    Examples
    --------
    >>> diagonal_logarithm(np.diag([1.0, 0.0])[None]).item()
    -inf
    """
    with np.errstate(divide="ignore"):
        logs = np.log(np.abs(np.diagonal(root, axis1=-2, axis2=-1)))
    return np.asarray(2.0 * logs.sum(axis=-1))
