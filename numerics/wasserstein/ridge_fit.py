"""Fit a ridge potential to two samples: the semi-dual, minimised with envelope gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from numerics.wasserstein.estimate import Array
from numerics.wasserstein.ica import directions
from numerics.wasserstein.ridge_potential import Conjugate, RidgePotential

# Least eigenvalue of A, as a share of its mean diagonal: without it the conjugate can blow up.
_FLOOR = 0.03


@dataclass(frozen=True)
class Dual:
    """A feasible pair of Kantorovich potentials: f(x) + g(y) <= |x - y|^2 for all x and y.

    Attributes
    ----------
    centre, root
        Mean m and root covariance L of the first sample; z = (x - m) L^-1.
    scale
        Unit of the potential: v = L y / scale.
    potential
        phi, convex in z.

    Notes
    -----
    f(x) = |x|^2 - 2 scale phi(z) and g(y) = |y|^2 - 2 m'y - 2 scale phi*(v), since
    x'y = m'y + scale z'v and z'v <= phi(z) + phi*(v).
    """

    centre: Array
    root: Array
    scale: float
    potential: RidgePotential

    def first(self, x: Array) -> Array:
        """f at points of shape (n, d)."""
        z = np.linalg.solve(self.root, (x - self.centre).T).T
        return np.asarray(np.einsum("nd,nd->n", x, x) - 2 * self.scale * self.potential.value(z))

    def second(self, y: Array) -> Array:
        """g at points of shape (m, d), the conjugate being exact to rounding."""
        star = self.potential.conjugate(y @ self.root / self.scale)
        return np.asarray(np.einsum("nd,nd->n", y, y - 2 * self.centre) - 2 * self.scale * star)


def square_root(matrix: Array) -> Array:
    """Symmetric root of a covariance; eigenvalues below 1e-9 of the largest are lifted to that."""
    values, vectors = np.linalg.eigh(matrix)
    kept = np.maximum(values, 1e-9 * max(float(values[-1]), 1e-300))
    return np.asarray((vectors * np.sqrt(kept)) @ vectors.T)


def quadratic(x: Array, y: Array) -> Dual:
    """The potentials that are optimal between Gaussians with the moments of the two samples."""
    centre = x.mean(axis=0)
    root = square_root(np.atleast_2d(np.cov(x.T, bias=True)))
    v = y @ root
    matrix = square_root(np.atleast_2d(np.cov(v.T, bias=True)))
    scale = float(np.trace(matrix)) / len(matrix)
    none, d = np.zeros(0), len(matrix)
    phi = RidgePotential(matrix / scale, v.mean(axis=0) / scale, none, np.zeros((0, d)), none, none)
    return Dual(centre, root, scale, phi)


def ridge(x: Array, y: Array, penalty: float = 0.02, sweeps: int = 60) -> Dual:
    """Fit quadratic and ridge functions, starting from the Gaussian map.

    Parameters
    ----------
    x, y
        Samples of shapes (n, d) and (m, d).
    penalty
        Weight of sum_k c_k |w_k| at n = 500; it falls as 1/sqrt(n).
    sweeps
        Largest number of iterations of L-BFGS-B.

    Returns
    -------
    Dual
        Feasible whatever the fit: a poor fit costs tightness, never validity.
    """
    base = quadratic(x, y)
    z = np.linalg.solve(base.root, (x - base.centre).T).T
    v = y @ base.root / base.scale
    matrix, linear = base.potential.matrix, base.potential.linear
    d = len(linear)
    axes = directions(np.linalg.solve(matrix, (v - linear).T).T)
    outer = np.repeat([0.0, 1.0], d)
    floor = _FLOOR
    values, vectors = np.linalg.eigh(matrix)
    half = (vectors * np.sqrt(np.maximum(values - floor, 1e-3))) @ vectors.T
    shape = _Shape(d, 2 * d, outer, floor)
    start = shape.pack(half, linear, np.full(2 * d, 0.05), np.vstack([axes, axes]), np.zeros(2 * d))
    size = 2 / (1 / len(x) + 1 / len(y))
    strength = penalty * np.sqrt(500 / size)
    mean_z, second_z = z.mean(axis=0), z.T @ z / len(z)
    state: list[Conjugate | None] = [None]

    def objective(flat: Array) -> tuple[float, Array]:
        half, _, c, w, s = shape.unpack(flat)
        phi = shape.potential(flat)
        state[0] = points = phi.conjugate_points(v, state[0], 1e-5)
        q = points.argmax
        t_z, t_q = phi.arguments(z), phi.arguments(q)
        loss = phi.value(z).mean() + (np.einsum("nd,nd->n", v, q) - phi.value(q)).mean()
        # Envelope theorem: the derivative in theta is that of mean phi(z) - mean phi(q).
        by_matrix = (second_z - q.T @ q / len(q)) / 2
        slope_z, slope_q = phi.slopes(t_z) / len(z), phi.slopes(t_q) / len(q)
        norms = np.sqrt(np.einsum("kd,kd->k", w, w) + 1e-12)
        by_c = phi.features(t_z).mean(axis=0) - phi.features(t_q).mean(axis=0) + strength * norms
        by_w = c[:, None] * (slope_z.T @ z - slope_q.T @ q + strength * w / norms[:, None])
        by_s = c * (slope_z.sum(axis=0) - slope_q.sum(axis=0))
        slope = shape.pack(2 * by_matrix @ half, mean_z - q.mean(axis=0), by_c, by_w, by_s)
        return float(loss + strength * (c @ norms)), slope

    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=shape.bounds(),
        options={"maxiter": sweeps, "maxcor": 20, "ftol": 1e-7},
    )
    return Dual(base.centre, base.root, base.scale, shape.potential(found.x))


@dataclass(frozen=True)
class _Shape:
    """How the numbers of a potential lie in one vector: T (A = TT' + floor I), b, c, w, s."""

    d: int
    k: int
    outer: Array
    floor: float

    def pack(self, half: Array, linear: Array, c: Array, w: Array, s: Array) -> Array:
        return np.concatenate([half.ravel(), linear, c, w.ravel(), s])

    def unpack(self, flat: Array) -> tuple[Array, Array, Array, Array, Array]:
        d, k = self.d, self.k
        half, linear, c, w, s = np.split(flat, np.cumsum([d * d, d, k, k * d]))
        return half.reshape(d, d), linear, c, w.reshape(k, d), s

    def potential(self, flat: Array) -> RidgePotential:
        half, linear, c, w, s = self.unpack(flat)
        matrix = half @ half.T + self.floor * np.eye(self.d)
        return RidgePotential(matrix, linear, c, w, s, self.outer)

    def bounds(self) -> list[tuple[float | None, float | None]]:
        free = self.d * self.d + self.d
        rest = self.k * self.d + self.k
        anywhere: tuple[float | None, float | None] = (None, None)
        return [anywhere] * free + [(0.0, None)] * self.k + [anywhere] * rest
