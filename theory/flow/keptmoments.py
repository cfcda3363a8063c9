"""Moments of the kept points of tilted models, from those given the argument of the transform.

Along the contour of `theory.flow.contour` a kept point is a mixture of Gaussians with complex means
and covariances. Noise needs the means of many products; all of them are products of two of a few
values, so one product of matrices has them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Values whose products are averaged: the moments shown, and covariances and means given p.
SHOWN = ("x", "y", "x^2", "xy", "y^2", "R/rest", "z", "xz", "yz")
VALUES = (
    *SHOWN,
    "c_xx",
    "c_xy",
    "c_yy",
    "c_xz",
    "c_yz",
    "c_zz",
    "other",
    "u_x u_z",
    "u_y u_z",
    "u_z^2",
)
INSIDE, SIDE, ZZ, OTHER, WITH, Z2 = [9, 10, 11], 12, 14, 15, 16, 18


@dataclass(frozen=True)
class Selected:
    """Moments of one kept point about the old mean, of

    (x, y, x^2, xy, y^2, R/rest, z, xz, yz).

    `mean` (rows, 9) and the `bias` (rows, 9) of the mean of n of N, over n; n times the covariance
    `noise` (rows, 6, 6) of the first six; `across` (rows, 6), the means of q^2 times 1, x, x^2, y,
    xy and y^2 for a coordinate q of the rest; `fourth` (rows,), of q1^2 q2^2; `last`, to start a
    next solution from.
    """

    mean: Floats
    noise: Floats
    bias: Floats
    across: Floats
    fourth: Floats
    last: tuple[Floats, Floats]


@dataclass(frozen=True)
class Nodes:
    """Weights of a mean over kept points and over those on the sphere; what the logarithm of the
    mass gains with the level; what is missed of it."""

    p: Complex
    share: Complex
    edge: Complex
    rate: Floats
    miss: Floats


def moments(
    at: Nodes,
    shift: Complex,
    inner: Complex,
    other: Complex,
    uneven: Complex,
    safe: Floats,
    alpha: Floats,
    last: tuple[Floats, Floats],
    noisy: bool,
) -> Selected:
    """Moments from the conditional means `shift` (rows, 3, nodes) and covariances of the axes."""
    x, y, z = shift[:, 0], shift[:, 1], shift[:, 2]
    xx, xy, yy, xz, yz, zz = (inner[:, i] for i in range(6))
    r = (zz + z * z + (safe - 1) * other) / safe
    h = [x, y, xx + x * x, xy + x * y, yy + y * y, r, z, xz + x * z, yz + y * z]
    if noisy:
        h += [xx, xy, yy, xz, yz, zz, other, x * z, y * z, z * z]
    values = np.stack(h, axis=1)
    tilt = at.edge * at.p
    weights = np.stack([at.share, at.edge, tilt], axis=1)
    sums = _product(values[:, : len(SHOWN)], weights)
    first, rim, slopes = (sums[:, :, i] for i in range(3))
    reached = first
    slopes = slopes - rim * tilt.real.sum(axis=1)[:, None]
    # Both to second order in what is missed of the mass; the slopes are in the level.
    rise, miss = slopes / at.rate[:, None], at.miss[:, None]
    first = first + miss * (rim - first) + 0.5 * miss**2 * (rise - (rim - first))
    rim = rim + miss * rise
    bias = 0.5 * (1 - alpha)[:, None] * rise
    if not noisy:
        fourth = (at.share * other * other).real.sum(axis=1)
        return Selected(first, np.empty(0), bias, np.empty(0), fourth, last)
    # Means of all products of two of the values.
    share = at.share[:, None]
    pairs = _product(values, share * values)
    fourth = pairs[:, OTHER, OTHER]
    apart, mean = (rim - first)[:, :6], reached[:, :6]
    noise = pairs[:, :6, :6] - mean[:, :, None] * mean[:, None, :]
    noise += (1 - alpha)[:, None, None] * apart[:, :, None] * apart[:, None, :]
    # Covariances given p.
    inside = (share * values[:, INSIDE]).real.sum(axis=2)
    flat = pairs.reshape(len(pairs), -1)[:, USED]
    per = safe[:, :1]
    given = flat @ PLAIN + (2 / per) * (flat @ OVER)
    noise += given.reshape(-1, 6, 6)
    noise[:, [0, 0, 1, 1], [0, 1, 0, 1]] += inside[:, [0, 1, 1, 2]]
    ragged = (at.share * uneven).real.sum(axis=1)
    spike = pairs[:, ZZ, ZZ] + 2 * pairs[:, ZZ, Z2]
    noise[:, 5, 5] += 2 * (spike + (per[:, 0] - 1) * (fourth + ragged)) / per[:, 0] ** 2
    across = np.concatenate([mean[:, 5:], pairs[:, 5, [0, 2, 1, 3, 4]]], axis=1)
    return Selected(first, noise, bias, across, fourth, last)


def _product(left: Complex, right: Complex) -> Floats:
    """Real parts of the sums over nodes of products: (rows, a, nodes), (rows, b, nodes) to
    (rows, a, b)."""
    turned = np.swapaxes(np.conj(right).view(np.float64), 1, 2)
    return np.asarray(left.view(np.float64) @ turned)


def _tables() -> tuple[NDArray[np.intp], Floats, Floats]:
    """Which products of two values add to the noise, and what, (products, 36); the last over the
    number of the rest.

    Given p the axes are Gaussian, with means u and covariances c: Isserlis's theorem.
    """
    size = len(VALUES)
    plain, over = np.zeros((2, size, size, 6, 6))
    pairs = ((0, 0), (0, 1), (1, 1))

    def c(a: int, b: int) -> int:
        return INSIDE[a + b]

    def add(table: Floats, row: int, column: int, *terms: tuple[int, int, float]) -> None:
        for one, two, sign in terms:
            table[one, two, row, column] += sign
            if row != column:
                table[one, two, column, row] += sign

    for a in (0, 1):
        for i, (b, d) in enumerate(pairs):
            add(plain, a, 2 + i, (c(a, b), d, 1.0), (c(a, d), b, 1.0))
        add(over, a, 5, (SIDE + a, 6, 1.0))
    for i, (a, b) in enumerate(pairs):
        for j, (d, e) in enumerate(pairs[i:], i):
            for one, two, three, four in ((a, d, b, e), (a, e, b, d)):
                # c c' + c u u' + u u' c', where u u' is the second moment less c.
                add(
                    plain,
                    2 + i,
                    2 + j,
                    (c(one, two), 2 + three + four, 1.0),
                    (2 + one + two, c(three, four), 1.0),
                    (c(one, two), c(three, four), -1.0),
                )
        add(
            over,
            2 + i,
            5,
            (SIDE + a, SIDE + b, 1.0),
            (SIDE + a, WITH + b, 1.0),
            (SIDE + b, WITH + a, 1.0),
        )
    plain, over = plain.reshape(size**2, 36), over.reshape(size**2, 36)
    used = np.flatnonzero((plain != 0).any(axis=1) | (over != 0).any(axis=1))
    return used, plain[used], over[used]


USED, PLAIN, OVER = _tables()
