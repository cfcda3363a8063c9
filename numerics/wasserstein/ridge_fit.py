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
# Where the ridges start: their weight and the length of their directions.
_START_WEIGHT, _START_LENGTH = 0.05, 1.0
# Relative fall of the objective in one iteration at which the fit stops.
_TOLERANCE = 1e-7


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
    potential: RidgePotential
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


def ridge(x: Array, y: Array, penalty: float = 0.01, sweeps: int = 80) -> Dual:
    """Fit quadratic and ridge functions, starting from the Gaussian map.

    Ridge functions are easy to see from the side whose image they bend: both directions are tried
    for a quarter of the sweeps, and the one with the larger dual value is carried on.

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
    forth, back = SemiDual(x, y, penalty), SemiDual(y, x, penalty)
    tried = forth.descend(sweeps // 4), back.descend(sweeps // 4)
    if tried[0] >= tried[1]:
        forth.descend(sweeps - sweeps // 4)
        return forth.dual(swapped=False)
    back.descend(sweeps - sweeps // 4)
    return back.dual(swapped=True)


class SemiDual:
    """The penalised objective of one direction, and where its minimisation stands."""

    def __init__(self, x: Array, y: Array, penalty: float) -> None:
        self.base = base = quadratic(x, y)
        self.z: Array = np.asarray(np.linalg.solve(base.root, (x - base.centre).T).T, dtype=float)
        self.v = y @ base.root / base.scale
        matrix, linear = base.potential.matrix, base.potential.linear
        d = len(linear)
        pulled: Array = np.asarray(np.linalg.solve(matrix, (self.v - linear).T).T, dtype=float)
        axes = directions(pulled)
        values, vectors = np.linalg.eigh(matrix)
        half = (vectors * np.sqrt(np.maximum(values - _FLOOR, 1e-3))) @ vectors.T
        self.shape = _Shape(d, 2 * d, np.repeat([0.0, 1.0], d), _FLOOR)
        rays = _START_LENGTH * np.vstack([axes, axes])
        weights = np.full(2 * d, _START_WEIGHT)
        self.flat = self.shape.pack(half, linear, weights, rays, np.zeros(2 * d))
        self.strength = penalty * np.sqrt(250 * (1 / len(x) + 1 / len(y)))
        self.mean, self.second = self.z.mean(axis=0), self.z.T @ self.z / len(self.z)
        self.constant = float(
            np.einsum("nd,nd->", x, x) / len(x)
            + np.einsum("nd,nd->", y, y - 2 * base.centre) / len(y)
        )
        self.met: Conjugate | None = None

    def descend(self, sweeps: int) -> float:
        """Go on for some iterations; return the penalised dual value, in squared units."""
        found = minimize(
            self.objective,
            self.flat,
            jac=True,
            method="L-BFGS-B",
            bounds=self.shape.bounds(),
            options={"maxiter": sweeps, "maxcor": 20, "ftol": _TOLERANCE},
        )
        self.flat = np.asarray(found.x)
        return self.constant - 2 * self.base.scale * float(found.fun)

    def dual(self, swapped: bool) -> Dual:
        """The potentials that were reached."""
        base = self.base
        phi = self.shape.potential(self.flat)
        return Dual(base.centre, base.root, base.scale, phi, swapped)

    def objective(self, flat: Array) -> tuple[float, Array]:
        """mean phi(z) + mean phi*(v) + penalty, and its gradient by the envelope theorem."""
        half, _, c, w, _ = self.shape.unpack(flat)
        phi, z, v = self.shape.potential(flat), self.z, self.v
        self.met = phi.conjugate_points(v, self.met, 1e-5)
        q = self.met.argmax
        t_z, t_q = phi.arguments(z), phi.arguments(q)
        loss = phi.value(z).mean() + (np.einsum("nd,nd->n", v, q) - phi.value(q)).mean()
        by_matrix = (self.second - q.T @ q / len(q)) / 2
        slope_z, slope_q = phi.slopes(t_z) / len(z), phi.slopes(t_q) / len(q)
        norms = np.sqrt(np.einsum("kd,kd->k", w, w) + 1e-12)
        lasso = self.strength * norms
        by_c = phi.features(t_z).mean(axis=0) - phi.features(t_q).mean(axis=0) + lasso
        pull = self.strength * w / norms[:, None]
        by_w = c[:, None] * (slope_z.T @ z - slope_q.T @ q + pull)
        by_s = c * (slope_z.sum(axis=0) - slope_q.sum(axis=0))
        slope = self.shape.pack(2 * by_matrix @ half, self.mean - q.mean(axis=0), by_c, by_w, by_s)
        return float(loss + c @ lasso), slope


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
