"""Feasible potentials along independent axes: one map of the line for each, after the Gaussian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.wasserstein.dual import Dual, quadratic
from numerics.wasserstein.estimate import Array
from numerics.wasserstein.ica import SWEEPS, directions, orthonormal
from numerics.wasserstein.line import sorted_squared_w2
from numerics.wasserstein.line_map import LineMap, fit_line
from numerics.wasserstein.ridge_potential import RidgePotential


@dataclass(frozen=True)
class Aligned:
    """Two samples after the Gaussian map, in coordinates in which they have one covariance A.

    Attributes
    ----------
    base
        The Gaussian potentials; A is their matrix.
    z, u
        The samples: A^(1/2) times what was whitened, and A^(-1/2) (v - b) in the words of `Dual`.
    root, inverse
        A^(1/2) and A^(-1/2).
    """

    base: Dual[RidgePotential]
    z: Array
    u: Array
    root: Array
    inverse: Array


def align(x: Array, y: Array) -> Aligned:
    """Map both samples to where the Gaussian map between them is the identity."""
    base = quadratic(x, y)
    values, vectors = np.linalg.eigh(base.potential.matrix)
    root, inverse = (vectors * values**0.5) @ vectors.T, (vectors * values**-0.5) @ vectors.T
    z = np.linalg.solve(base.root, (x - base.centre).T).T @ root
    u = (y @ base.root / base.scale - base.potential.linear) @ inverse
    return Aligned(base, z, u, root, inverse)


def best_axes(
    z: Array, u: Array, root: Array, inverse: Array, sweeps: int = SWEEPS
) -> tuple[float, Array]:
    """The larger gain of two sets of axes, those of one sample and those of the other.

    Parameters
    ----------
    z, u
        The two samples, white.
    root, inverse
        What brings them to their common covariance, and its inverse.
    sweeps
        As in `directions`.

    Returns
    -------
    float
        Sum over the axes of what one-dimensional transport costs beyond Gelbrich's bound.
    Array
        The axes, orthonormal, one in each row.
    """
    sets = [orthonormal(directions(each, sweeps) @ inverse) for each in (u, z)]
    gains = [float(excess(axes @ root @ z.T, axes @ root @ u.T).sum()) for axes in sets]
    best = int(np.argmax(gains))
    return gains[best], sets[best]


def excess(p: Array, q: Array) -> Array:
    """Squared W2 between samples on the line, less Gelbrich's bound; never negative.

    Parameters
    ----------
    p, q
        Of shapes (..., n) and (..., m), with the same leading shape.

    Examples
    --------
    >>> bool(excess(np.array([0.0, 1.0, 2.0]), np.array([5.0, 7.0, 9.0])) < 1e-12)
    True
    """
    means, spreads = p.mean(axis=-1) - q.mean(axis=-1), p.std(axis=-1) - q.std(axis=-1)
    return np.asarray(sorted_squared_w2(p, q) - means**2 - spreads**2)


@dataclass(frozen=True)
class AxisPotential:
    """b'z + sum_k phi_k(p_k'z) with orthonormal axes after a linear map, and its conjugate.

    Attributes
    ----------
    linear
        b, of shape (d,).
    forth, back
        Of shape (d, K): columns p_k for z, and for v those along which the conjugate separates,
        so that forth' back is the identity.
    maps
        Of each axis, the derivative of phi_k.
    """

    linear: Array
    forth: Array
    back: Array
    maps: tuple[LineMap, ...]

    def value(self, z: Array) -> Array:
        """phi at points of shape (n, d)."""
        t = z @ self.forth
        bent = sum(each.integral(t[:, k]) for k, each in enumerate(self.maps))
        return np.asarray(z @ self.linear + bent)

    def conjugate(self, v: Array) -> Array:
        """phi*(v) = max_z z'v - phi(z), of shape (n,): exact, since it separates."""
        t = (v - self.linear) @ self.back
        return np.asarray(sum(each.conjugate(t[:, k]) for k, each in enumerate(self.maps)))


def bent(at: Aligned, axes: Array) -> Dual[AxisPotential]:
    """The Gaussian potentials, bent along these axes as the two samples ask for."""
    maps = tuple(map(fit_line, axes @ at.z.T, axes @ at.u.T))
    base = at.base
    phi = AxisPotential(base.potential.linear, at.root @ axes.T, at.inverse @ axes.T, maps)
    return Dual(base.centre, base.root, base.scale, phi)


def ica_potentials(x: Array, y: Array, sweeps: int = SWEEPS) -> Dual[AxisPotential]:
    """The Gaussian potentials, bent along independent axes of the two samples."""
    at = align(x, y)
    z, u = at.z @ at.inverse, at.u @ at.inverse
    return bent(at, best_axes(z, u, at.root, at.inverse, sweeps)[1])
