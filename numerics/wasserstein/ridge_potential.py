"""A convex potential of quadratic and ridge functions, and its conjugate by a safe Newton method.

phi(z) = z'Az/2 + b'z + sum_k c_k h_k(w_k'z + s_k), with A at least ``floor`` times the identity,
c_k >= 0, and h_k one of three convex functions of r = sqrt(1 + t^2): r, whose curvature lies in the
middle, t^2/2 - r, whose curvature lies in the tails, and r^3/3 - t^2/2, whose curvature grows
there. They take a square root and no exponential, which costs a seventh of a tanh. Sums of ridge
functions are what makes a non-Gaussian Brenier map learnable from few points: each costs d + 2
numbers, and the conjugate stays a smooth, strongly concave maximisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.wasserstein.estimate import Array

# Ridge functions of t with r = sqrt(1 + t^2): a row for each kind, with the weights of t^2/2, r - 1
# and (r^3 - 1)/3.
KINDS = np.array([[0.0, 1.0, 0.0], [1.0, -1.0, 0.0], [-1.0, 0.0, 1.0]])


@dataclass(frozen=True)
class RidgePotential:
    """A strongly convex function on R^d.

    Attributes
    ----------
    matrix
        A, of shape (d, d), symmetric and positive definite.
    linear
        b, of shape (d,).
    weights
        c, of shape (K,), not negative.
    directions
        w, of shape (K, d).
    shifts
        s, of shape (K,).
    kinds
        Of shape (K, 3): which ridge function each is, a row of `KINDS`.

    Examples
    --------
    >>> none = np.zeros(0)
    >>> phi = RidgePotential(
    ...     2 * np.eye(1), np.zeros(1), none, np.zeros((0, 1)), none, np.zeros((0, 3))
    ... )
    >>> phi.value(np.array([[3.0]])), phi.gradient(np.array([[3.0]]))
    (array([9.]), array([[6.]]))
    >>> phi.value(phi.conjugate_points(np.array([[6.0]])).argmax)
    array([9.])
    """

    matrix: Array
    linear: Array
    weights: Array
    directions: Array
    shifts: Array
    kinds: Array

    def arguments(self, z: Array) -> Array:
        """w_k'z + s_k, of shape (n, K)."""
        return np.asarray(z @ self.directions.T + self.shifts)

    def features(self, t: Array) -> Array:
        """h_k at arguments of shape (n, K)."""
        flat, bent, steep = self.kinds.T
        square = t * t
        root = np.sqrt(1 + square)
        return np.asarray(
            (flat / 2) * square + bent * (root - 1) + (steep / 3) * (root * (1 + square) - 1)
        )

    def slopes(self, t: Array) -> Array:
        """h_k' at arguments of shape (n, K)."""
        flat, bent, steep = self.kinds.T
        root = np.sqrt(1 + t * t)
        return np.asarray(t * (flat + bent / root + steep * root))

    def curvatures(self, t: Array) -> Array:
        """h_k'' at arguments of shape (n, K); never negative."""
        flat, bent, steep = self.kinds.T
        root = np.sqrt(1 + t * t)
        return np.asarray(flat + bent / root**3 + steep * (2 * root - 1 / root))

    def value(self, z: Array) -> Array:
        """phi at points of shape (n, d)."""
        quadratic = np.einsum("nd,nd->n", z @ self.matrix / 2 + self.linear, z)
        return np.asarray(quadratic + self.features(self.arguments(z)) @ self.weights)

    def gradient(self, z: Array) -> Array:
        """The Brenier map z -> grad phi(z)."""
        slopes = self.slopes(self.arguments(z)) * self.weights
        return np.asarray(z @ self.matrix + self.linear + slopes @ self.directions)

    def inverse_hessians(self, z: Array) -> Array:
        """Inverse of the Hessian at each point, of shape (n, d, d)."""
        dimension = z.shape[1]
        curvature = self.curvatures(self.arguments(z)) * self.weights
        products = np.einsum("ki,kj->kij", self.directions, self.directions)
        hessian = curvature @ products.reshape(-1, dimension * dimension)
        hessian += self.matrix.ravel()
        return np.linalg.inv(hessian.reshape(-1, dimension, dimension))

    def conjugate_points(
        self, v: Array, warm: Conjugate | None = None, tolerance: float = 1e-9
    ) -> Conjugate:
        """Find the maximisers of z'v - phi(z), one for each v.

        Steps with the inverse Hessian of an earlier point (a chord method) as long as each halves
        the residual; a point where one does not gets a fresh Hessian and a line search, so that
        the iteration converges from any start.

        Parameters
        ----------
        v
            Of shape (n, d).
        warm
            An earlier answer for the same v and a nearby potential, to start from; its arrays are
            written over, since copying them costs a tenth of a fit.
        tolerance
            On the largest entry of v - grad phi(z).

        Returns
        -------
        Conjugate
        """
        if warm is None:
            start: Array = np.asarray(np.linalg.solve(self.matrix, (v - self.linear).T).T, float)
            z, inverse = start.copy(), self.inverse_hessians(start)
        else:
            z, inverse = warm.argmax, warm.inverse
        residual = v - self.gradient(z)
        size = np.abs(residual).max(axis=1)
        for _ in range(200):
            (active,) = np.nonzero(size > tolerance)
            if not active.size:
                break
            step = _times(inverse, residual, active)
            moved = z[active] + step
            left = v[active] - self.gradient(moved)
            now = np.abs(left).max(axis=1)
            good = now < size[active] / 2
            chosen = active[good]
            z[chosen], residual[chosen], size[chosen] = moved[good], left[good], now[good]
            poor = active[~good]
            if poor.size:
                inverse[poor] = self.inverse_hessians(z[poor])
                z[poor] = self._line_search(v[poor], z[poor], residual[poor], inverse[poor])
                residual[poor] = v[poor] - self.gradient(z[poor])
                size[poor] = np.abs(residual[poor]).max(axis=1)
        return Conjugate(z, inverse, residual)

    def _line_search(self, v: Array, z: Array, residual: Array, inverse: Array) -> Array:
        """A Newton step for each point, halved until the objective rises enough (Armijo)."""
        step = np.einsum("nij,nj->ni", inverse, residual)
        promised = np.einsum("nd,nd->n", residual, step)
        before = np.einsum("nd,nd->n", v, z) - self.value(z)
        # Near the maximum the rise drowns in rounding; there the full step is the right one.
        slack = 1e-13 * (1 + np.abs(before))
        length = np.ones(len(z))
        for _ in range(40):
            moved = z + length[:, None] * step
            after = np.einsum("nd,nd->n", v, moved) - self.value(moved)
            short = after < before + 1e-4 * length * promised - slack
            if not short.any():
                break
            length[short] /= 2
        return np.asarray(z + length[:, None] * step)

    def conjugate(self, v: Array, points: Conjugate | None = None) -> Array:
        """phi*(v) = max_z z'v - phi(z), of shape (n,).

        Any z gives at most phi*(v); the missing part is bounded by residual^2 / (2 lambda_min(A))
        and added, so that the dual value built on it stays a lower bound.
        """
        found = points or self.conjugate_points(v)
        z = found.argmax
        gap = v - self.gradient(z)
        least = float(np.linalg.eigvalsh(self.matrix)[0])
        missing = np.einsum("nd,nd->n", gap, gap) / (2 * least)
        return np.asarray(np.einsum("nd,nd->n", v, z) - self.value(z) + missing)


def _times(inverse: Array, residual: Array, active: npt.NDArray[np.intp]) -> Array:
    """Each matrix by its vector; copies are the cost, so none are made when all take part."""
    if len(active) < len(inverse):
        inverse, residual = inverse[active], residual[active]
    return np.asarray((inverse @ residual[:, :, None])[:, :, 0])


@dataclass(frozen=True)
class Conjugate:
    """Where the conjugate is attained, about.

    Attributes
    ----------
    argmax
        Of shape (n, d).
    inverse
        Inverse Hessians there or near, of shape (n, d, d).
    residual
        v - grad phi(argmax), of shape (n, d).
    """

    argmax: Array
    inverse: Array
    residual: Array

    def missing(self) -> float:
        """What the sum of the conjugates exceeds that of v'q - phi(q) by, to second order."""
        step = (self.inverse @ self.residual[:, :, None])[:, :, 0]
        return float(np.einsum("nd,nd->", self.residual, step)) / 2
