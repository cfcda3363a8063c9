"""Independent directions of a sample (FastICA)."""

from __future__ import annotations

import numpy as np

from numerics.streams import Stream
from numerics.wasserstein.estimate import Array

SWEEPS = 60


def directions(u: Array, sweeps: int = SWEEPS) -> Array:
    """Orthonormal directions along which a white sample is least Gaussian (symmetric FastICA).

    Parameters
    ----------
    u
        Of shape (n, d), with mean 0 and covariance near the identity.
    sweeps
        Largest number of fixed-point sweeps.

    Returns
    -------
    Array
        Of shape (d, d), one direction in each row.

    Notes
    -----
    Hyvarinen (1999), with the contrast sqrt(1 + t^2): close to log cosh t, without an exponential,
    which would be most of the time. The start is one fixed rotation, so that no coordinate system
    of the data is favoured and the answer is a function of the data alone.

    Examples
    --------
    >>> found = directions(np.random.default_rng(0).uniform(-1.7, 1.7, (4000, 2)))
    >>> bool(np.abs(found).max(axis=1).min() > 0.99)
    True
    """
    size, dimension = u.shape
    draw = Stream("rotation", "start of FastICA", {"d": dimension}).generator()
    basis = orthonormal(draw.standard_normal((dimension, dimension)))
    columns = np.ascontiguousarray(u.T)
    # Two arrays for all sweeps: fresh ones of this size cost as much as the arithmetic.
    bent, root = np.empty_like(columns), np.empty_like(columns)
    for _ in range(sweeps):
        np.matmul(basis, columns, out=bent)
        np.multiply(bent, bent, out=root)
        root += 1
        np.sqrt(root, out=root)
        np.divide(1, root, out=root)
        bent *= root
        curved = np.einsum("kn,kn,kn->k", root, root, root) / size
        fresh = orthonormal(bent @ u / size - curved[:, None] * basis)
        change = float(np.abs(np.abs(np.einsum("ij,ij->i", fresh, basis)) - 1).max())
        basis = fresh
        if change < 1e-5:
            break
    return basis


def orthonormal(rows: Array) -> Array:
    """The nearest matrix with orthonormal rows."""
    left, _, right = np.linalg.svd(rows)
    return np.asarray(left @ right)
