"""Fit a ridge potential to two samples: the semi-dual, minimised with envelope gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from numerics.wasserstein.dual import Dual, quadratic
from numerics.wasserstein.estimate import Array
from numerics.wasserstein.ica import directions
from numerics.wasserstein.ridge_potential import KINDS, Conjugate, RidgePotential

# Least eigenvalue of A, as a share of its mean diagonal: without it the conjugate can blow up.
_FLOOR = 0.03
# Where the ridges start: the root of their weight; their directions have length 1.
_START_WEIGHT = 0.2**0.5
# Relative fall of the objective in one iteration at which the fit stops.
_TOLERANCE = 1e-9
# Residual of the conjugate's maximisers during the fit; the value is right to its square.
_NEAR = 1e-2
# The curvature in a ridge's direction goes with the square of its weight. Its variables are scaled
# by that, from this weight on, anew after so many iterations: without it L-BFGS needs 4 times more.
_LEAST_WEIGHT, _SEGMENT = 0.1, 40
# Iterations after which the better of the two directions is carried on.
_TRIAL = 10


def ridge(x: Array, y: Array, penalty: float = 0.01, sweeps: int = 80) -> Dual[RidgePotential]:
    """Fit quadratic and ridge functions, starting from the Gaussian map.

    Ridge functions are easy to see from the side whose image they bend: both directions are tried
    for some iterations, and the one with the larger dual value is carried on.

    Parameters
    ----------
    x, y
        Samples of shapes (n, d) and (m, d).
    penalty
        Weight of sum_k c_k |w_k| at n = 500; it falls as 1/sqrt(n).
    sweeps
        Largest number of iterations of L-BFGS.

    Returns
    -------
    Dual
        Feasible whatever the fit: a poor fit costs tightness, never validity.
    """
    forth, back = SemiDual(x, y, penalty), SemiDual(y, x, penalty)
    if forth.descend(_TRIAL) >= back.descend(_TRIAL):
        forth.descend(sweeps - _TRIAL)
        return forth.dual(swapped=False)
    back.descend(sweeps - _TRIAL)
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
        kinds = np.repeat(KINDS, d, axis=0)
        self.shape = _Shape(d, len(kinds), kinds, _FLOOR)
        rays = np.tile(axes, (len(KINDS), 1))
        weights = np.full(len(kinds), _START_WEIGHT)
        self.flat = self.shape.pack(half, linear, weights, rays, np.zeros(len(kinds)))
        self.strength = penalty * np.sqrt(250 * (1 / len(x) + 1 / len(y)))
        self.mean, self.second = self.z.mean(axis=0), self.z.T @ self.z / len(self.z)
        self.constant = float(
            np.einsum("nd,nd->", x, x) / len(x)
            + np.einsum("nd,nd->", y, y - 2 * base.centre) / len(y)
        )
        self.met: Conjugate | None = None

    def descend(self, sweeps: int) -> float:
        """Go on for some iterations; return the penalised dual value, in squared units."""
        loss = np.inf
        for done in range(0, sweeps, _SEGMENT):
            unit = self.shape.units(self.flat)

            def scaled(flat: Array, unit: Array = unit) -> tuple[float, Array]:
                loss, slope = self.objective(flat * unit)
                return loss, slope * unit

            found = minimize(
                scaled,
                self.flat / unit,
                jac=True,
                method="L-BFGS-B",
                options={"maxiter": min(_SEGMENT, sweeps - done), "ftol": _TOLERANCE},
            )
            self.flat, loss = np.asarray(found.x * unit), float(found.fun)
        return self.constant - 2 * self.base.scale * loss

    def dual(self, swapped: bool) -> Dual[RidgePotential]:
        """The potentials that were reached."""
        base = self.base
        phi = self.shape.potential(self.flat)
        return Dual(base.centre, base.root, base.scale, phi, swapped)

    def objective(self, flat: Array) -> tuple[float, Array]:
        """mean phi(z) + mean phi*(v) + penalty, and its gradient by the envelope theorem."""
        half, _, a, w, _ = self.shape.unpack(flat)
        phi, z, v, c = self.shape.potential(flat), self.z, self.v, a * a
        self.met = phi.conjugate_points(v, self.met, _NEAR)
        q = self.met.argmax
        t_z, t_q = phi.arguments(z), phi.arguments(q)
        slope_z, slope_q = phi.slopes(t_z) / len(z), phi.slopes(t_q) / len(q)
        by_matrix = (self.second - q.T @ q / len(q)) / 2
        by_linear = self.mean - q.mean(axis=0)
        norms = np.sqrt(np.einsum("kd,kd->k", w, w) + 1e-12)
        by_c = phi.features(t_z).mean(axis=0) - phi.features(t_q).mean(axis=0)
        by_c += self.strength * norms
        pull = self.strength * w / norms[:, None]
        by_w = c[:, None] * (slope_z.T @ z - slope_q.T @ q + pull)
        by_s = c * (slope_z.sum(axis=0) - slope_q.sum(axis=0))
        # phi is linear in A, b and c, so that the loss is what multiplies them, and v'q.
        loss = np.einsum("nd,nd->", v, q) / len(q) + self.met.missing() / len(q)
        loss += np.sum(by_matrix * phi.matrix) + phi.linear @ by_linear + c @ by_c
        slope = self.shape.pack(2 * by_matrix @ half, by_linear, 2 * a * by_c, by_w, by_s)
        return float(loss), slope


@dataclass(frozen=True)
class _Shape:
    """How the numbers of a potential lie in one vector: T, b, a, w, s.

    A = TT' + floor I and c = a^2, so that every vector of numbers is a convex potential.
    """

    d: int
    k: int
    kinds: Array
    floor: float

    def pack(self, half: Array, linear: Array, a: Array, w: Array, s: Array) -> Array:
        return np.concatenate([half.ravel(), linear, a, w.ravel(), s])

    def unpack(self, flat: Array) -> tuple[Array, Array, Array, Array, Array]:
        d, k = self.d, self.k
        half, linear, a, w, s = np.split(flat, np.cumsum([d * d, d, k, k * d]))
        return half.reshape(d, d), linear, a, w.reshape(k, d), s

    def units(self, flat: Array) -> Array:
        """A unit for each number, in which the objective is about equally curved."""
        unit = 1 / np.maximum(self.unpack(flat)[2] ** 2, _LEAST_WEIGHT)
        whole = np.ones(self.d * self.d + self.d + self.k)
        return np.concatenate([whole, np.repeat(unit, self.d), unit])

    def potential(self, flat: Array) -> RidgePotential:
        half, linear, a, w, s = self.unpack(flat)
        matrix = half @ half.T + self.floor * np.eye(self.d)
        return RidgePotential(matrix, linear, a * a, w, s, self.kinds)
