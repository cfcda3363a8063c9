"""The path of steepest descent along which the law of a squared distance is inverted.

The transform of the squared distance of `theory.flow.axes` is elementary; the path passes through
the saddle of ``exp(p level) L(p) / p`` and bends as its third derivative asks (see
`theory.flow.whole`). Many laws at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from theory.flow.axes import Axes

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

LEAST = 1e-7  # of a spread
NEAR = 5e-2  # relative error of the saddle at which its path is nearly as good
NODES = np.linspace(0.0, 3.4, 16)  # sinh of it, in widths of the saddle
SINH, COSH = np.sinh(NODES), np.cosh(NODES)
COSH *= NODES[1] - NODES[0]
COSH[0] /= 2


@dataclass
class Contour:
    """Points p of the path and what is known there; (rows, nodes) unless said.

    `measure` is the measure on the path and `share` that over p, the sum of which is the `mass`,
    as that of the measure is its derivative in the level, `density`, both (rows,). `given`
    (rows, 9, nodes) are the moves of the mean of the axes and their covariances, as in
    `Axes.table`; `other` is the variance of an axis of the rest, and `own` the factor
    ``1 / (1 + 2 p across)``.
    """

    p: Complex
    measure: Complex
    share: Complex
    given: Complex
    other: Complex
    own: Complex
    mass: Floats
    density: Floats

    def put(self, index: NDArray[np.intp], found: Contour) -> None:
        """Replace some rows."""
        for each in fields(self):
            getattr(self, each.name)[index] = getattr(found, each.name)


def path(axes: Axes, excess: Floats, guess: Floats) -> tuple[Contour, Floats]:
    """The path for a level `excess` above the squared distance of the mean, and its saddle."""
    saddle, bend, third = _saddle(axes, excess, guess)
    width = 1 / np.sqrt(bend)[:, None]
    curve = (-third / (6 * bend))[:, None]
    s = width * SINH
    lean = curve * s
    bent = 1 / (1 + 2 * lean)
    p = np.empty(s.shape, dtype=np.complex128)
    p.real, p.imag = saddle[:, None] - s * lean * bent, s
    # dp / (2 pi i), twice for the mirror image.
    along = np.empty_like(p)
    ds = width * COSH / np.pi
    along.real, along.imag = ds, 2 * lean * (1 + lean) * bent * bent * ds
    q = 2 * p
    e1, e2, e3 = axes.e1[:, None], axes.e2[:, None], axes.e3[:, None]
    volume = 1 + q * (e1 + q * (e2 + q * e3))
    powers = np.empty((len(s), 4, NODES.size), dtype=np.complex128)
    powers[:, 0] = 1 / volume
    for i in range(3):
        np.multiply(powers[:, i], q, out=powers[:, i + 1])
    given: Complex = (axes.table() @ powers.view(np.float64)).view(np.complex128)
    g = q * axes.across[:, None]
    logs, lost = spectrum(g, axes.spread[:, None])
    exponent = p * (excess[:, None] + given[:, 9]) - (0.5 * axes.count)[:, None] * logs
    with np.errstate(under="ignore"):
        value = np.exp(exponent)
    measure = value * along * powers[:, 0] * _wound(volume)
    share = measure / p
    found = Contour(
        p,
        measure,
        share,
        given[:, :9],
        lost / q,
        1 / (1 + g),
        share.real.sum(axis=1),
        measure.real.sum(axis=1),
    )
    return found, saddle


def _saddle(axes: Axes, excess: Floats, p: Floats) -> tuple[Floats, Floats, Floats]:
    """Where ``p excess + log L(p) - log p`` is least, by Newton's iteration in log p, and its
    second and third derivative near by."""
    for _ in range(60):
        slope, bend, third = axes.slopes(excess, p)
        rise = bend * p + slope
        step = np.where(rise > 0, np.clip(-slope / rise, -1.0, 1.0), -np.sign(slope))
        p = p * np.exp(step)
        if np.abs(step).max() < NEAR:
            break
    return p, bend, third


def _wound(volume: Complex) -> Complex:
    """The square root of a product of factors that start on the positive axis and turn from there
    by less than pi each, node by node."""
    result = root(volume)
    # The first time around `root` follows; from then on it is off by its sign.
    past = np.logical_or.accumulate(volume.imag < 0, axis=1) & (volume.imag >= 0)
    if past.any():
        result[past] *= -1
    return result


def spectrum(g: Complex, spread: Floats) -> tuple[Complex, Complex]:
    """Means of ``log(1 + g s)`` and of ``g s / (1 + g s)`` for s of the Marchenko-Pastur law of
    mean 1.

    Closed forms: Tulino and Verdu, Random matrix theory and wireless communications (2004),
    theorem 2.39 and (1.16), written so that nothing cancels at a small spread.
    """
    c = np.maximum(spread, LEAST)
    # F / (4 c g) of the book.
    part = 2 * g / (1 + g * (1 + c) + root(1 + g * (2 * (1 + c) + g * (1 - c) ** 2)))
    rise = c * (g * (1 - part))
    logs = logarithm(1 + g - c * (g * part)) - part
    x, y = rise.real, rise.imag
    logs.real += 0.5 * np.log1p(2 * x + x * x + y * y) / c
    logs.imag += np.arctan2(y, 1 + x) / c
    return logs, part


def logarithm(z: Complex) -> Complex:
    """The logarithm off the negative axis and not below it, several times as fast as that of the
    library; |z|^2 must be a float."""
    x, y = z.real, z.imag
    result = np.empty_like(z)
    result.real = 0.5 * np.log(x * x + y * y)
    with np.errstate(divide="ignore"):
        result.imag = np.pi / 2 - np.arctan(x / y)
    return result


def root(z: Complex) -> Complex:
    """The square root, likewise, of numbers whose argument lies between 0 and 2 pi."""
    x, y = z.real, z.imag + 0.0  # no -0, which would lie below the axis
    large = np.sqrt(0.5 * (np.sqrt(x * x + y * y) + np.abs(x)))
    small = 0.5 * np.abs(y) / large
    result = np.empty_like(z)
    ahead = x >= 0
    result.real = np.copysign(np.where(ahead, large, small), y)
    result.imag = np.where(ahead, small, large)
    return result
