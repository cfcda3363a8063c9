"""Kept points: candidates are drawn as raw normal points, and the verifier's rule is applied."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv

from numerics.samplers._raw import Array


def nearest(rng: np.random.Generator, size: int, n: int, N: int, d: int) -> Array:
    """Draw `size` batches of `N` standard normal points and keep the nearest `n` to the origin.

    Returns
    -------
    array, shape (size, n, d)
    """
    x = rng.standard_normal((size, N, d))
    radii = np.einsum("ijk,ijk->ij", x, x)
    kept = np.argpartition(radii, n - 1, axis=1)[:, :n]
    return np.asarray(np.take_along_axis(x, kept[:, :, None], axis=1))


def nearest_squares(rng: np.random.Generator, size: int, n: int, N: int, d: int) -> Array:
    """As `nearest`, but only the sum of the kept squared radii, shape (size,)."""
    x = rng.standard_normal((d, size, N))
    radii = np.einsum("kij,kij->ij", x, x)
    radii.partition(n - 1, axis=1)
    return np.asarray(radii[:, :n].sum(axis=1))


def within(rng: np.random.Generator, count: int, alpha: float, d: int) -> Array:
    """Squared radii of `count` standard normal points kept within the ball of mass `alpha`."""
    # Half a chi-square is a Gamma variable: this radius is the verifier's own rule.
    threshold = 2 * gammaincinv(d / 2, float(alpha))
    parts: list[Array] = []
    missing = count
    while missing > 0:
        x = rng.standard_normal((d, int(missing / float(alpha) * 1.02) + 64))
        radii = np.einsum("ij,ij->j", x, x)
        parts.append(radii[radii <= threshold][:missing])
        missing -= len(parts[-1])
    return np.concatenate(parts)
