"""Three correlated axes under the factor ``exp(-p |x - u|^2)``, u the target, without eigenvectors.

With ``q = 2 p`` a Gaussian of covariance S stays one, of covariance ``C = S (1 + q S)^-1``, and its
mean moves by ``q C u``. By Cayley and Hamilton, with e1, e2, e3 the elementary symmetric functions
of the eigenvalues,

    C = (S + q (e1 S - S^2) + q^2 e3) / D,    D = det(1 + q S) = 1 + q e1 + q^2 e2 + q^3 e3,

so that every entry is a polynomial in q over one D.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axes:
    """Models of a plane, a third axis and `count` axes alike, one model a row.

    The target lies at (`gap`, `aside`, 0); of the covariance S, `xx`, `xy`, `yy`, `yz` and `zz` are
    given (``xz = 0``), `g_xx` to `g_zz` are those of ``e1 S - S^2``, and `minor` is
    ``yy zz - yz^2``. Each axis of the rest has the variance `across` in the mean, and `spread` is
    the relative variance over them.
    """

    gap: Floats
    aside: Floats
    xx: Floats
    xy: Floats
    yy: Floats
    yz: Floats
    zz: Floats
    g_xx: Floats
    g_xy: Floats
    g_yy: Floats
    g_xz: Floats
    g_yz: Floats
    g_zz: Floats
    minor: Floats
    e1: Floats
    e2: Floats
    e3: Floats
    count: Floats
    across: Floats
    spread: Floats

    def rows(self, index: NDArray[np.intp]) -> Axes:
        """Some of the models."""
        return Axes(*(getattr(self, each.name)[index] for each in fields(self)))

    @classmethod
    def of(
        cls,
        target: tuple[Floats, Floats],
        plane: tuple[Floats, Floats, Floats],
        joint: Floats,
        across: Floats,
        rest: Floats,
        spread: Floats,
    ) -> Axes:
        """Models in whose `plane` the covariance is (xx, xy, yy), and in which the second axis has
        the covariance `joint` with one of `rest` others; given the plane all these have the
        variance `across`."""
        xx, xy, yy = plane
        given = yy - xy * xy / xx
        some = rest >= 1  # on a plane there is no third axis
        yz = np.where(some, joint, 0.0)
        zz = np.where(some, across + yz * yz / given, 0.0)
        # Minors of S, as sums of what is positive.
        flat, side = xx * given, xx * zz
        minor = np.where(some, yy * across + yz * yz * xy * xy / flat, 0.0)
        return cls(
            *target,
            xx,
            xy,
            yy,
            yz,
            zz,
            g_xx=flat + side,
            g_xy=xy * zz,
            g_yy=flat + minor,
            g_xz=-xy * yz,
            g_yz=xx * yz,
            g_zz=side + minor,
            minor=minor,
            e1=xx + yy + zz,
            e2=flat + side + minor,
            e3=np.where(some, flat * across, 0.0),
            count=np.maximum(rest - 1, 0.0),
            across=across,
            spread=spread,
        )

    def table(self) -> Floats:
        """Coefficients (rows, 10, 4) of 1, q, q^2 and q^3 over D: of the moves of the mean along x,
        y and z, of the covariances xx, xy, yy, xz, yz and zz, and of ``q u' C u``."""
        u, v, e3 = self.gap, self.aside, self.e3
        result = np.zeros((10, 4, u.size))
        result[0, 1] = self.xx * u + self.xy * v
        result[1, 1] = self.xy * u + self.yy * v
        result[2, 1] = self.yz * v
        result[0, 2] = self.g_xx * u + self.g_xy * v
        result[1, 2] = self.g_xy * u + self.g_yy * v
        result[2, 2] = self.g_xz * u + self.g_yz * v
        result[0, 3], result[1, 3] = e3 * u, e3 * v
        result[[3, 4, 5, 7, 8], 0] = self.xx, self.xy, self.yy, self.yz, self.zz
        for i, each in enumerate(("xx", "xy", "yy", "xz", "yz", "zz")):
            result[3 + i, 1] = getattr(self, "g_" + each)
        result[[3, 5, 8], 2] = e3
        result[9, 1:] = u * result[0, 1:] + v * result[1, 1:]
        return np.ascontiguousarray(np.moveaxis(result, 2, 0))

    def slopes(self, excess: Floats, p: Floats) -> tuple[Floats, Floats, Floats]:
        """Derivatives 1 to 3 of ``p excess + log L(p) - log p``, L the transform of the squared
        distance less that of the mean."""
        q = 2 * p
        u, v, e1, e2, e3 = self.gap, self.aside, self.e1, self.e2, self.e3
        per = 1 / (1 + q * (e1 + q * (e2 + q * e3)))
        cubic = q * e3
        # Entries of C times D.
        xx, yy = self.xx + q * (self.g_xx + cubic), self.yy + q * (self.g_yy + cubic)
        zz = self.zz + q * (self.g_zz + cubic)
        xy, xz, yz = self.xy + q * self.g_xy, q * self.g_xz, self.yz + q * self.g_yz
        x, y, z = (xx * u + xy * v) * per, (xy * u + yy * v) * per, (xz * u + yz * v) * per
        # What is left to the target, (1 + q S)^-1 u, by the adjugate: a difference would forget it.
        third, first = 1 + q * self.zz, 1 + q * self.xx
        left = ((third + q * (self.yy + q * self.minor)) * u - q * self.xy * third * v) * per
        aside = third * (first * v - q * self.xy * u) * per
        below = -q * z
        turned = (
            (xx * left + xy * aside + xz * below) * per,
            (xy * left + yy * aside + yz * below) * per,
            (xz * left + yz * aside + zz * below) * per,
        )
        bend = left * turned[0] + aside * turned[1] + below * turned[2]
        length = turned[0] ** 2 + turned[1] ** 2 + turned[2] ** 2
        one, two = (e1 + q * (2 * e2 + 3 * cubic)) * per, (e2 + 3 * cubic) * per
        rest = self.across / (1 + q * self.across)
        count, inverse = self.count, 1 / p
        level = q * (x * (u + left) + y * (v + aside) + z * below)
        squares = one * one - 2 * two + count * rest * rest
        cubes = one * (one * one - 3 * two) + 3 * e3 * per + count * rest**3
        return (
            excess - one - count * rest + level - inverse,
            2 * squares + 4 * bend + inverse * inverse,
            -8 * cubes - 24 * length - 2 * inverse**3,
        )
