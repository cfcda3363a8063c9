"""Points kept within an ellipsoid: a normal point z given ``sum w_j (z_j - b_j)^2 <= q``.

A point of the model is standardised, z ~ N(0, I), and the axes are those of the metric relative to
the model: w_j is the variance of the model over the metric's along axis j, b_j the place of the
target. Then ``Q = sum w_j (z_j - b_j)^2`` is a weighted sum of non-central chi-squares with

    E exp(-sQ) = phi(s) = prod (1 + 2 s w_j)^(-1/2) exp(-s w_j b_j^2 / (1 + 2 s w_j)),

and a moment of z multiplies phi by a rational factor, so that every truncated moment is

    E[g(z) 1{Q <= q}] = (1/2 pi i) int exp(s q) phi(s) h(s) ds

along a line to the right of the origin. The line is bent to a parabola through the saddle point:
there the integrand is positive and largest and falls off on both sides like a Gaussian, so the
trapezoidal rule converges geometrically and nothing cancels, however small the mass (Weideman and
Trefethen 2007, Math. Comp. 76, 1341-1356; Rice 1980, SIAM J. Sci. Stat. Comput. 1, 438-448).
The mass beyond q, the shift ``E z_j`` and the loss ``1 - E z_j^2`` have no pole at the origin: near
a kept fraction of one they are small and keep their digits too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from theory.errors import CollapseError

Floats = NDArray[np.float64]
Complex = NDArray[np.complexfloating[Any, Any]]

_SMALL = 1e-19
_SETTLED = 1e-7  # the even nodes alone err by the square root of what all nodes err by


class Form:
    """The transform of Q, its saddle points and contours."""

    def __init__(self, weights: Floats, places: Floats) -> None:
        self.w, self.b2 = weights, places**2
        self.centre = float(weights @ self.b2)
        self.edge = -0.5 / float(weights.max())

    def far(self, s: float, q: float) -> bool:
        """Whether ``s q`` and the target's part of log phi are better taken off each other."""
        ws = s * self.w
        apart = max(abs(s) * q, abs(float((ws * self.b2 / (1 + 2 * ws)).sum())))
        return abs(s * (q - self.centre)) + float((ws**2 * self.b2 / (1 + 2 * ws)).sum()) < apart

    def exponent(self, s: Complex, q: float, far: bool) -> Complex:
        """``s q + log phi(s)``."""
        ws = np.multiply.outer(s, self.w)
        grown = 1 + 2 * ws
        value = -0.5 * np.log(grown).sum(axis=-1)
        if far:
            value += s * (q - self.centre)
            return np.asarray(value + (2 * ws * ws * self.b2 / grown).sum(axis=-1))
        return np.asarray(value + s * q - (ws * self.b2 / grown).sum(axis=-1))

    def slope(self, s: float, q: float, pole: float) -> float:
        """Derivative of the exponent minus ``pole * log |s|`` at a real s."""
        grown = 1 + 2 * s * self.w
        inner = -(self.w / grown).sum() - (self.w * self.b2 / grown**2).sum()
        return float(q + inner - (pole / s if pole else 0.0))

    def curvature(self, s: float, pole: float) -> float:
        grown = 1 + 2 * s * self.w
        inner = (2 * self.w**2 / grown**2).sum() + (4 * self.w**2 * self.b2 / grown**3).sum()
        return float(inner + (pole / s**2 if pole else 0.0))

    def saddle(self, q: float, pole: float, below: bool) -> float:
        """The real stationary point in (edge, 0) if `below`, else to the right (of 0 at a pole)."""
        low = 0.0 if pole and not below else self.edge

        def inside(x: float) -> float:
            return low / (1 + math.exp(x)) if below else low + math.exp(x)

        def f(x: float) -> float:
            return self.slope(inside(x), q, pole)

        left, right = -1.0, 1.0
        while f(left) > 0 and left > -600:
            left *= 2
        while f(right) < 0 and right < 600:
            right *= 2
        if not f(left) <= 0 <= f(right):
            raise CollapseError("no saddle point: the kept mass lies beyond the range of floats")
        return inside(float(optimize.brentq(f, left, right, xtol=1e-9)))

    def integrals(
        self, q: float, factors: Callable[[Complex], Complex], *, pole: float, below: bool
    ) -> Floats:
        """``(1/2 pi i) int exp(sq) phi(s) factors(s) ds``; `factors` gives (nodes, rows)."""
        s0 = self.saddle(q, pole, below)
        width = s0 - self.edge
        # Steps of the distance to what is singular: the edge, and the pole.
        near = min(width, abs(s0)) if pole else width
        far = self.far(s0, q)
        level = float(self.exponent(np.array([s0 + 0j]), q, far)[0].real)
        step = min(0.36 / math.sqrt(self.curvature(s0, pole) * near**2), 0.06)
        for _ in range(6):
            every, even = self._trapezoid(q, factors, width, near / width, level, far, step)
            scale = np.abs(every).max()
            if np.abs(every - even).max() <= _SETTLED * scale:
                return np.asarray(every * math.exp(level))
            step /= 2
        raise CollapseError(f"the contour integral did not settle at threshold {q:g}")

    def _trapezoid(
        self,
        q: float,
        factors: Callable[[Complex], Complex],
        width: float,
        pace: float,
        level: float,
        far: bool,
        step: float,
    ) -> tuple[Floats, Floats]:
        """Sums over all nodes and over the even ones; the other half of the contour mirrors."""
        every: Floats | float = 0.0
        even: Floats | float = 0.0
        start, block = 0, 64
        while True:
            u = step * np.arange(start, start + block)
            root = 1 + 1j * pace * u
            s = self.edge + width * root**2
            # ds = 2 i width pace root du; by symmetry twice the real part, the node 0 once.
            size = 2 * width * pace * step / math.pi
            weight = np.exp(self.exponent(s, q, far) - level) * root * size
            if start == 0:
                weight[0] /= 2
            terms = (weight[:, None] * factors(s)).real
            every = every + terms.sum(axis=0)
            even = even + 2 * terms[::2].sum(axis=0)
            if np.abs(weight[-1]) <= _SMALL * np.abs(weight).max() or start > 10**5:
                return np.asarray(every), np.asarray(even)
            start += block

    def mass(self, q: float, tail: bool) -> float:
        """P(Q <= q), or P(Q > q) if `tail`."""
        sign = -1.0 if tail else 1.0
        value = self.integrals(q, lambda s: sign / s[:, None], pole=1.0, below=tail)
        return float(value[0])

    def density(self, q: float) -> float:
        value = self.integrals(q, lambda s: np.ones((len(s), 1), complex), pole=0.0, below=False)
        return float(value[0])

    def quantile(self, alpha: float) -> float:
        """The threshold that keeps the mass `alpha`: Newton's iteration in log q on a log mass."""
        x = math.log(self._guess(alpha))
        low, high = -math.inf, math.inf
        mean = float(self.w.sum()) + self.centre
        for _ in range(200):
            q = math.exp(x)
            tail = q > mean
            mass = self.mass(q, tail)
            goal = 1 - alpha if tail else alpha
            miss = math.log(mass / goal) * (-1 if tail else 1)
            low, high = (x, high) if miss < 0 else (low, x)
            move = -miss * mass / (q * self.density(q))
            if abs(move) < 1e-9 and abs(miss) < 1e-5:  # the next step of the iteration is exact
                return math.exp(x + move)
            following = x + max(-1.5, min(1.5, move))
            if not low < following < high and math.isfinite(low) and math.isfinite(high):
                following = (low + high) / 2
            x = following
        raise CollapseError(f"no threshold found for kept_fraction = {alpha:g}")

    def _guess(self, alpha: float) -> float:
        """Two-moment approximation of a positive quadratic form by a multiple of a chi-square."""
        mean = float(self.w.sum()) + self.centre
        variance = float((2 * self.w**2).sum() + (4 * self.w**2 * self.b2).sum())
        half = mean**2 / variance
        root = float(
            special.gammaincinv(half, alpha)
            if alpha < 0.5
            else special.gammainccinv(half, 1 - alpha)
        )
        return max(root, 1e-290) * variance / mean
