"""Feasible pairs of Kantorovich potentials from one convex function of whitened points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from numerics.wasserstein.estimate import Array
from numerics.wasserstein.ridge_potential import RidgePotential


class Convex(Protocol):
    """A convex function and its conjugate."""

    def value(self, z: Array) -> Array:
        """phi at points of shape (n, d)."""

    def conjugate(self, v: Array) -> Array:
        """phi* at points of shape (n, d), or more: never less."""


P = TypeVar("P", bound=Convex)


@dataclass(frozen=True)
class Dual(Generic[P]):
    """A feasible pair of Kantorovich potentials: f(x) + g(y) <= |x - y|^2 for all x and y.

    Attributes
    ----------
    centre, root
        Mean m and root covariance L of the first sample; z = (x - m) L^-1.
    scale
        Unit of the potential: v = L y / scale.
    potential
        phi, convex in z, with its conjugate.
    swapped
        Whether "first" in these words is the second sample, and the other way round.

    Notes
    -----
    f(x) = |x|^2 - 2 scale phi(z) and g(y) = |y|^2 - 2 m'y - 2 scale phi*(v), since
    x'y = m'y + scale z'v and z'v <= phi(z) + phi*(v).
    """

    centre: Array
    root: Array
    scale: float
    potential: P
    swapped: bool = False

    def first(self, x: Array) -> Array:
        """f at points of shape (n, d)."""
        return self._image(x) if self.swapped else self._whitened(x)

    def second(self, y: Array) -> Array:
        """g at points of shape (m, d)."""
        return self._whitened(y) if self.swapped else self._image(y)

    def _whitened(self, x: Array) -> Array:
        z: Array = np.asarray(np.linalg.solve(self.root, (x - self.centre).T).T, dtype=float)
        return np.asarray(np.einsum("nd,nd->n", x, x) - 2 * self.scale * self.potential.value(z))

    def _image(self, y: Array) -> Array:
        star = self.potential.conjugate(y @ self.root / self.scale)
        return np.asarray(np.einsum("nd,nd->n", y, y - 2 * self.centre) - 2 * self.scale * star)


def square_root(matrix: Array) -> Array:
    """Symmetric root of a covariance; eigenvalues below 1e-9 of the largest are lifted to that."""
    values, vectors = np.linalg.eigh(matrix)
    kept = np.maximum(values, 1e-9 * max(float(values[-1]), 1e-300))
    return np.asarray((vectors * np.sqrt(kept)) @ vectors.T)


def quadratic(x: Array, y: Array) -> Dual[RidgePotential]:
    """The potentials that are optimal between Gaussians with the moments of the two samples."""
    centre = x.mean(axis=0)
    root = square_root(np.atleast_2d(np.cov(x.T, bias=True)))
    v = y @ root
    matrix = square_root(np.atleast_2d(np.cov(v.T, bias=True)))
    scale = float(np.trace(matrix)) / len(matrix)
    none, d = np.zeros(0), len(matrix)
    rays, kinds = np.zeros((0, d)), np.zeros((0, 3))
    phi = RidgePotential(matrix / scale, v.mean(axis=0) / scale, none, rays, none, kinds)
    return Dual(centre, root, scale, phi)
