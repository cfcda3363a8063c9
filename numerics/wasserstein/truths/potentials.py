"""Convex potentials whose transport cost from N(0, I) is an integral in one or two variables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from numerics.wasserstein.estimate import Array
from numerics.wasserstein.truths.pair import ConvexPotential
from theory.wasserstein.line import mixture_quantile

# The trapezoidal rule under the normal density: error exp(-2 pi a / h) for a function that is
# analytic within a of the line; log cosh with slopes up to 3 has a > .5.
_STEP = 0.05
_NODES = np.arange(-180, 181) * _STEP
_MASS = np.exp(-(_NODES**2) / 2) / np.sqrt(2 * np.pi) * _STEP


def log_cosh(t: Array) -> Array:
    """log cosh t without overflow."""
    return np.asarray(np.logaddexp(t, -t) - np.log(2))


def separable_tanh(slopes: Array, heights: Array, rates: Array) -> ConvexPotential:
    """Coordinate j goes to ``slopes_j t + heights_j tanh(rates_j t)``; all of shape (d,)."""

    def value(z: Array) -> Array:
        return np.asarray(np.sum(slopes * z**2 / 2 + heights / rates * log_cosh(rates * z), axis=1))

    def gradient(z: Array) -> Array:
        return np.asarray(slopes * z + heights * np.tanh(rates * z))

    gaps = (slopes - 1) * _NODES[:, None] + heights * np.tanh(rates * _NODES[:, None])
    return ConvexPotential(len(slopes), value, gradient, float(_MASS @ np.sum(gaps**2, axis=1)))


def ridges(matrix: Array, weights: Array, directions: Array, offsets: Array) -> ConvexPotential:
    """``z'Az/2 + sum_k c_k log cosh(w_k.z + b_k)``: no coordinate system makes it separable.

    Parameters
    ----------
    matrix
        A, positive definite, of shape (d, d).
    weights, directions, offsets
        c of shape (k,), not negative; w of shape (k, d); b of shape (k,).

    Notes
    -----
    With M = A - I the cost is ``|M|^2 + 2 sum c_k w_k'M w_k E sech^2(u_k) + sum_kl c_k c_l w_k.w_l
    E tanh(u_k) tanh(u_l)``, where u = Wz + b is Gaussian: Stein's identity for the middle term,
    integrals in one and two variables for the rest.
    """
    size = len(matrix)

    def value(z: Array) -> Array:
        quadratic = np.sum((z @ matrix) * z, axis=1) / 2
        return np.asarray(quadratic + log_cosh(z @ directions.T + offsets) @ weights)

    def gradient(z: Array) -> Array:
        return np.asarray(z @ matrix + (np.tanh(z @ directions.T + offsets) * weights) @ directions)

    excess = matrix - np.eye(size)
    lengths = np.sqrt(np.sum(directions**2, axis=1))
    inner = np.tanh(np.outer(_NODES, lengths) + offsets)
    bends = _MASS @ (1 - inner**2)
    total = float(np.sum(excess**2))
    middle = np.sum((directions @ excess) * directions, axis=1)
    total += 2 * float(np.sum(weights * middle * bends))
    gram = directions @ directions.T
    coarse = slice(None, None, 3)
    nodes, mass = _NODES[coarse], _MASS[coarse] * 3
    for k in range(len(weights)):
        for j in range(k + 1):
            # u_l given the standard score of u_k, and a second score across it.
            share = gram[k, j] / lengths[k]
            across = np.sqrt(max(gram[j, j] - share**2, 0.0))
            outer = np.tanh(lengths[k] * nodes + offsets[k])
            other = np.tanh(share * nodes[:, None] + across * nodes + offsets[j]) @ mass
            product = float(mass @ (outer * other))
            total += (1 + (j < k)) * weights[k] * weights[j] * gram[k, j] * product
    return ConvexPotential(size, value, gradient, total)


def radial(dimension: int, inner: float, outer: float) -> ConvexPotential:
    """``z`` goes to ``h(|z|) z`` with ``h(r) = inner + (outer - inner) r^2 / (d + r^2)``."""
    d, rise = dimension, outer - inner

    def value(z: Array) -> Array:
        squares = np.sum(z**2, axis=1)
        return np.asarray(inner * squares / 2 + rise * (squares - d * np.log1p(squares / d)) / 2)

    def gradient(z: Array) -> Array:
        squares = np.sum(z**2, axis=1, keepdims=True)
        return np.asarray(z * (inner + rise * squares / (d + squares)))

    # |z| = exp(u) has the density exp(d u - exp(2u)/2) up to a constant: trapezoidal in u.
    logs = np.arange(-12.0, 4.0, 0.002)
    squares = np.exp(2 * logs)
    density = np.exp(d * logs - squares / 2 - (d / 2 - 1) * np.log(2) - gammaln(d / 2)) * 0.002
    gap = inner + rise * squares / (d + squares) - 1
    return ConvexPotential(d, value, gradient, float(np.sum(density * squares * gap**2)))


def kinked(slope: float, weights: Array, directions: Array) -> ConvexPotential:
    """``slope |z|^2/2 + sum_k c_k |w_k.z|`` with unit w_k: the map jumps across k hyperplanes.

    ``E sign(u) sign(v)`` is (2/pi) arcsin of their correlation and ``E z sign(w.z)`` is
    ``w (2/pi)^(1/2)``, which makes the cost a closed form.
    """
    size = directions.shape[1]

    def value(z: Array) -> Array:
        return np.asarray(slope * np.sum(z**2, axis=1) / 2 + np.abs(z @ directions.T) @ weights)

    def gradient(z: Array) -> Array:
        return np.asarray(slope * z + (np.sign(z @ directions.T) * weights) @ directions)

    gram = np.clip(directions @ directions.T, -1, 1)
    signs = 2 / np.pi * np.arcsin(gram)
    cost = size * (slope - 1) ** 2
    cost += 2 * (slope - 1) * np.sqrt(2 / np.pi) * float(weights.sum())
    cost += float(weights @ (gram * signs) @ weights)
    return ConvexPotential(size, value, gradient, float(cost))


def mixtures(shares: Array, means: Array, deviations: Array) -> ConvexPotential:
    """Coordinate j goes to a mixture of Gaussian laws; shapes (d, components), rows sum to 1.

    The map is the mixture's quantile at the normal score, tabled on a fine grid and read by
    straight pieces. The second law is the image under the tabled map, so that potential, map and
    cost belong to each other exactly; it differs from the mixture by about 1e-5.
    """
    size, width = len(shares), 0.01
    grid: Array = (np.arange(-950, 951) * width).astype(np.float64)
    table = np.array(
        [mixture_quantile(s, m, v)(grid) for s, m, v in zip(shares, means, deviations, strict=True)]
    )
    slopes = np.diff(table, axis=1) / width
    pieces = (table[:, 1:] + table[:, :-1]) * width / 2
    heights = np.concatenate([np.zeros((size, 1)), np.cumsum(pieces, axis=1)], axis=1)
    row = np.arange(size)

    def place(z: Array) -> tuple[npt.NDArray[np.intp], Array]:
        index = np.clip(((z - grid[0]) / width).astype(np.intp), 0, len(grid) - 2)
        return index, z - grid[index]

    def gradient(z: Array) -> Array:
        index, beyond = place(z)
        return np.asarray(table[row, index] + slopes[row, index] * beyond)

    def value(z: Array) -> Array:
        index, beyond = place(z)
        inner = table[row, index] * beyond + slopes[row, index] * beyond**2 / 2
        return np.asarray(np.sum(heights[row, index] + inner, axis=1))

    # Four Gauss points in each piece integrate a parabola under the normal density to rounding.
    nodes, masses = np.polynomial.legendre.leggauss(4)
    points: Array = (grid[:-1, None] + (nodes + 1) * width / 2).ravel().astype(np.float64)
    density = np.exp(-(points**2) / 2) / np.sqrt(2 * np.pi) * np.tile(masses, len(grid) - 1)
    gaps = gradient(np.repeat(points[:, None], size, axis=1)) - points[:, None]
    cost = float(np.sum(density[:, None] * gaps**2)) * width / 2
    return ConvexPotential(size, value, gradient, cost)
