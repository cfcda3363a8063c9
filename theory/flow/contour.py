"""The path of steepest descent along which the law of a weighted chi-square is inverted.

``sum w_i (z_i + c_i / sqrt(w_i))^2`` over normal z, term i counted ``times_i`` times, has an
elementary Laplace transform; the path passes through the saddle of ``exp(p level) L(p) / p`` and
bends as its third derivative asks (see `theory.flow.whole`). Many laws at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

LEAST = 1e-7  # of a spread
NODES = np.linspace(0.0, 3.4, 16)  # sinh of it, in widths of the saddle


def saddles(
    weights: Floats, times: Floats, centre: Floats, excess: Floats, guess: Floats
) -> Floats:
    """Where ``p excess + log L(p) - log p`` is least, by Newton's iteration in log p."""
    p = guess
    for _ in range(60):
        slope, bend, _ = _slopes(weights, times, centre, excess, p)
        step = np.clip(-slope * p / (bend * p * p + slope * p), -1.0, 1.0)
        step = np.where(bend * p + slope > 0, step, -np.sign(slope))
        p = p * np.exp(step)
        if np.abs(step).max() < 1e-2:
            break
    return p


def _slopes(
    weights: Floats, times: Floats, centre: Floats, excess: Floats, p: Floats
) -> tuple[Floats, Floats, Floats]:
    """Derivatives 1 to 3 of ``p excess + log L(p) - log p``."""
    q = p[:, None]
    damp = 1 / (1 + 2 * q * weights)
    a, b = weights * damp, centre**2 * damp
    return (
        excess - (times * a).sum(axis=1) + (4 * q * (1 + q * weights) * b * a).sum(axis=1) - 1 / p,
        (2 * times * a**2 + 4 * b * damp * a).sum(axis=1) + 1 / p**2,
        -(8 * times * a**3 + 24 * b * damp * a**2).sum(axis=1) - 2 / p**3,
    )


def path(
    weights: Floats,
    times: Floats,
    centre: Floats,
    excess: Floats,
    saddle: Floats,
    spread: Floats,
) -> tuple[Complex, Complex, Complex, Complex]:
    """Points of the path, the measure on it, the factors ``1 / (1 + 2 p w)``, w first, and the
    last of them in the mean over its terms.

    The last weight has no centre; its terms have the Marchenko-Pastur law of that mean and of the
    relative variance `spread`.
    """
    _, bend, third = _slopes(weights, times, centre, excess, saddle)
    width = 1 / np.sqrt(bend)
    curve = (-third / (6 * bend))[:, None]
    s = width[:, None] * np.sinh(NODES)
    ds = width[:, None] * np.cosh(NODES) * (NODES[1] - NODES[0])
    ds[:, 0] /= 2
    bent = 1 + 2 * curve * s
    p: Complex = np.asarray(saddle[:, None] + 1j * s - curve * s**2 / bent, dtype=np.complex128)
    slope = 1j - 2 * curve * s * (1 + curve * s) / bent**2
    stretch: Complex = 1 + 2 * weights.T[:, :, None] * p
    damp: Complex = 1 / stretch
    logs = (times.T[:-1, :, None] * logarithm(stretch[:-1])).sum(axis=0)
    square = (weights * centre**2).T[:-1, :, None]
    each, mean = spectrum(stretch[-1] - 1, spread[:, None])
    exponent = (
        p * excess[:, None]
        - 0.5 * (logs + times[:, -1:] * each)
        + 2 * p**2 * (damp[:-1] * square).sum(axis=0)
    )
    with np.errstate(under="ignore"):
        value = np.exp(exponent)
    return p, value * slope * ds / (1j * np.pi), damp, mean


def spectrum(g: Complex, spread: Floats) -> tuple[Complex, Complex]:
    """Means of ``log(1 + g s)`` and ``1 / (1 + g s)`` for s of the Marchenko-Pastur law of mean 1.

    Closed forms: Tulino and Verdu, Random matrix theory and wireless communications (2004),
    theorem 2.39 and (1.16), written so that nothing cancels at a small spread.
    """
    c = np.maximum(spread, LEAST)
    edge = np.sqrt(c)
    # F / (4 c g) of the book.
    part = 4 * g / (root(1 + g * (1 + edge) ** 2) + root(1 + g * (1 - edge) ** 2)) ** 2
    rise = c * g * (1 - part)
    logs = logarithm(1 + g - c * g * part) - part
    logs.real += 0.5 * np.log1p(2 * rise.real + rise.real**2 + rise.imag**2) / c
    logs.imag += np.arctan2(rise.imag, 1 + rise.real) / c
    return logs, 1 - part


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
    """The square root, likewise, of numbers that do not lie below the real axis."""
    x, y = z.real, z.imag
    large = np.sqrt(0.5 * (np.sqrt(x * x + y * y) + np.abs(x)))
    small = 0.5 * y / large
    result = np.empty_like(z)
    result.real = np.where(x >= 0, large, small)
    result.imag = np.where(x >= 0, small, large)
    return result
