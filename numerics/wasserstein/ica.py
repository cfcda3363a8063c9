"""Independent directions of a sample (FastICA)."""

from __future__ import annotations

import numpy as np

from numerics.streams import Stream
from numerics.wasserstein.estimate import Array


def directions(u: Array, sweeps: int = 60) -> Array:
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
    Hyvarinen (1999), contrast log cosh. The start is one fixed rotation, so that no coordinate
    system of the data is favoured and the answer is a function of the data alone.

    Examples
    --------
    >>> found = directions(np.random.default_rng(0).uniform(-1.7, 1.7, (4000, 2)))
    >>> bool(np.abs(found).max(axis=1).min() > 0.99)
    True
    """
    dimension = u.shape[1]
    draw = Stream("rotation", "start of FastICA", {"d": dimension}).generator()
    basis = orthonormal(draw.standard_normal((dimension, dimension)))
    for _ in range(sweeps):
        bent = np.tanh(u @ basis.T)
        fresh = bent.T @ u / len(u) - (1 - bent**2).mean(axis=0)[:, None] * basis
        fresh = orthonormal(fresh)
        change = float(np.abs(np.abs(np.einsum("ij,ij->i", fresh, basis)) - 1).max())
        basis = fresh
        if change < 1e-5:
            break
    return basis


def orthonormal(rows: Array) -> Array:
    """The nearest matrix with orthonormal rows."""
    left, _, right = np.linalg.svd(rows)
    return np.asarray(left @ right)
