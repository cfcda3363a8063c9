"""Three vectors out of the plane of a model, known by what is sure of them and by their noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Angle = tuple[Floats, Floats]  # its cosine and its sine


@dataclass
class Outside:
    """Three vectors out of the plane: `certain` in one of `count` coordinates, noise in every one.

    `chance` holds the covariances of the noise of one coordinate: 00, 01, 11, 02, 12 and 22.
    """

    certain: tuple[Floats, ...]
    chance: tuple[Floats, ...]
    count: Floats

    def noise(self, i: int, j: int) -> Floats:
        """Covariance in one coordinate."""
        return self.chance[(0, 1, 3)[max(i, j)] + min(i, j)]

    def product(self, i: int, j: int) -> Floats:
        """Mean of the sum over coordinates of the product."""
        return self.certain[i] * self.certain[j] + self.count * self.noise(i, j)

    def spread(self, i: int, j: int) -> Floats:
        """Variance of that sum."""
        a, b, ii, ij, jj = (
            self.certain[i],
            self.certain[j],
            self.noise(i, i),
            self.noise(i, j),
            self.noise(j, j),
        )
        both = (2 * a * b + self.count * ij) * ij
        return np.asarray(a * a * jj + both + (b * b + self.count * jj) * ii)

    def turned(self, angle: Angle) -> Outside:
        """The same after a turn of the last two into each other."""
        v, w, m = self.certain
        vv, vw, ww, vm, wm, mm = self.chance
        cos, sin = angle
        even, odd = cos * cos, sin * cos
        lean = 2 * odd * wm + (1 - even) * (mm - ww)
        return Outside(
            (v, cos * w + sin * m, cos * m - sin * w),
            (
                vv,
                cos * vw + sin * vm,
                ww + lean,
                cos * vm - sin * vw,
                (2 * even - 1) * wm + odd * (mm - ww),
                mm - lean,
            ),
            self.count,
        )

    def combined(self, p: Angle, q: Angle) -> Outside:
        """Two combinations of the first two, and the last."""
        v, w, m = self.certain
        vv, vw, ww, vm, wm, mm = self.chance
        pv, pw = p[0] * vv + p[1] * vw, p[0] * vw + p[1] * ww
        qv, qw = q[0] * vv + q[1] * vw, q[0] * vw + q[1] * ww
        return Outside(
            (p[0] * v + p[1] * w, q[0] * v + q[1] * w, m),
            (
                p[0] * pv + p[1] * pw,
                q[0] * pv + q[1] * pw,
                q[0] * qv + q[1] * qw,
                p[0] * vm + p[1] * wm,
                q[0] * vm + q[1] * wm,
                mm,
            ),
            self.count,
        )

    def last_less(self, x: Floats, y: Floats) -> Outside:
        """The same with x times the first and y times the second taken from the last."""
        p, q, m = self.certain
        pp, pq, qq, pm, qm, mm = self.chance
        first, second = x * pp + y * pq - pm, x * pq + y * qq - qm
        return Outside(
            (p, q, m - x * p - y * q),
            (pp, pq, qq, -first, -second, mm + x * (first - pm) + y * (second - qm)),
            self.count,
        )
