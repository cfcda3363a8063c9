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
GIVEN = slice(9, 16)  # the covariances given p


@dataclass(frozen=True)
class Selected:
    """Moments of one kept point about the old mean, of

    (x, y, x^2, xy, y^2, R/rest, z, xz, yz).

    `mean` (rows, 9) and the `bias` (rows, 9) of the mean of n of N, over n; n times the covariance
    `noise` (rows, 6, 6) of the first six; `across` (rows, 6), the means of q^2 times 1, x, x^2, y,
    xy and y^2 for a coordinate q of the rest; `fourth` (rows,), of q1^2 q2^2; `last` (2, rows), to
    start a next solution from.
    """

    mean: Floats
    noise: Floats
    bias: Floats
    across: Floats
    fourth: Floats
    last: Floats


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
    given: Complex,
    other: Complex,
    uneven: Complex,
    safe: Floats,
    alpha: Floats,
    last: Floats,
    noisy: bool,
) -> Selected:
    """Moments from those given the argument of the transform.

    `given` (rows, 9, nodes) are the means of x, y and z and the covariances xx, xy, yy, xz, yz and
    zz, `other` the variance of an axis of the rest and `uneven` the mean square of its traceless
    part; `safe` (rows, 1) is the number of the rest, or 1.
    """
    values = np.empty((len(given), len(VALUES) if noisy else len(SHOWN), given.shape[2]), complex)
    values[:, [0, 1, 6]] = given[:, :3]
    values[:, 2:5] = given[:, 3:6] + given[:, [0, 0, 1]] * given[:, [0, 1, 1]]
    turned = given[:, :3] * given[:, 2:3]
    values[:, 7:9] = given[:, 6:8] + turned[:, :2]
    values[:, 5] = (given[:, 8] + turned[:, 2] + (safe - 1) * other) / safe
    if noisy:
        values[:, INSIDE[0] : OTHER] = given[:, 3:]
        values[:, OTHER] = other
        values[:, WITH:] = turned
    tilt = at.edge * at.p
    weights = np.stack([at.share, at.edge, tilt, tilt * at.p], axis=1)
    sums = _product(values[:, : len(SHOWN)], weights)
    first, rim, slope, bend = (sums[:, :, i] for i in range(4))
    once, twice = (weights[:, i].real.sum(axis=1)[:, None] for i in (2, 3))
    # Derivatives of the mean on the sphere: in the level, and in the logarithm of the mass.
    slope = slope - rim * once
    bend = bend - rim * twice - 2 * once * slope
    rate, miss = at.rate[:, None], at.miss[:, None]
    rise = slope / rate
    climb = bend / rate**2 - rise * (once / rate - 1)
    # All to third order in what is missed of the mass.
    apart = rim - first
    first = first + miss * (apart + miss / 2 * (rise - apart + miss / 3 * (climb - rise + apart)))
    rim = rim + miss * (rise + miss / 2 * climb)
    bias = 0.5 * (1 - alpha)[:, None] * (rise + miss * climb)
    if not noisy:
        fourth = (at.share * other * other).real.sum(axis=1)
        return Selected(first, np.empty(0), bias, np.empty(0), fourth, last)
    # Means of all products of two of the values, in the ball of the mass that is asked for.
    share = (at.share + miss * (at.edge - at.share))[:, None]
    shared = share * values
    squares = _product(values[:, :6], shared[:, :6])
    pairs = _product(values[:, GIVEN], shared)
    fourth = pairs[:, OTHER - GIVEN.start, OTHER]
    apart, mean = (rim - first)[:, :6], first[:, :6]
    noise = squares - mean[:, :, None] * mean[:, None, :]
    noise += (1 - alpha)[:, None, None] * apart[:, :, None] * apart[:, None, :]
    # Covariances given p.
    inside = shared[:, INSIDE].real.sum(axis=2)
    flat = pairs.reshape(len(pairs), -1)[:, USED]
    per = safe[:, :1]
    isserlis = flat @ PLAIN + (2 / per) * (flat @ OVER)
    noise += isserlis.reshape(-1, 6, 6)
    noise[:, [0, 0, 1, 1], [0, 1, 0, 1]] += inside[:, [0, 1, 1, 2]]
    ragged = (share[:, 0] * uneven).real.sum(axis=1)
    spike = pairs[:, ZZ - GIVEN.start, ZZ] + 2 * pairs[:, ZZ - GIVEN.start, Z2]
    noise[:, 5, 5] += 2 * (spike + (per[:, 0] - 1) * (fourth + ragged)) / per[:, 0] ** 2
    across = np.concatenate([mean[:, 5:], squares[:, 5, [0, 2, 1, 3, 4]]], axis=1)
    return Selected(first, noise, bias, across, fourth, last)


def _product(left: Complex, right: Complex) -> Floats:
    """Real parts of the sums over nodes of products: (rows, a, nodes), (rows, b, nodes) to
    (rows, a, b)."""
    turned = np.swapaxes(np.conj(right).view(np.float64), 1, 2)
    return np.asarray(left.view(np.float64) @ turned)


def _tables() -> tuple[NDArray[np.intp], Floats, Floats]:
    """Which products of a covariance given p and another value add to the noise, and what,
    (products, 36); the last over the number of the rest.

    Given p the axes are Gaussian, with means u and covariances c: Isserlis's theorem.
    """
    first, size = GIVEN.start, GIVEN.stop - GIVEN.start
    plain, over = np.zeros((2, size, len(VALUES), 6, 6))
    pairs = ((0, 0), (0, 1), (1, 1))

    def c(a: int, b: int) -> int:
        return INSIDE[a + b]

    def add(table: Floats, row: int, column: int, *terms: tuple[int, int, float]) -> None:
        for one, two, sign in terms:
            table[one - first, two, row, column] += sign
            if row != column:
                table[one - first, two, column, row] += sign

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
                    (c(three, four), 2 + one + two, 1.0),
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
    plain, over = plain.reshape(-1, 36), over.reshape(-1, 36)
    used = np.flatnonzero((plain != 0).any(axis=1) | (over != 0).any(axis=1))
    return used, plain[used], over[used]


USED, PLAIN, OVER = _tables()
