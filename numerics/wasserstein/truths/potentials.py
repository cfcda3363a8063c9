"""Convex potentials whose transport cost from N(0, I) is an integral in one or two variables."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr

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

    moved = gradient(np.repeat(_NODES[:, None], len(slopes), axis=1))
    cost = float(_MASS @ np.sum((moved - _NODES[:, None]) ** 2, axis=1))
    squares = _MASS @ moved**2
    return ConvexPotential(
        len(slopes), value, gradient, cost, np.zeros(len(slopes)), np.diag(squares)
    )


def separable_cubic(slopes: Array, bends: Array) -> ConvexPotential:
    """Coordinate j goes to ``slopes_j t + bends_j t^3``; both of shape (d,), not negative."""

    def value(z: Array) -> Array:
        return np.asarray(np.sum(slopes * z**2 / 2 + bends * z**4 / 4, axis=1))

    def gradient(z: Array) -> Array:
        return np.asarray(slopes * z + bends * z**3)

    # E t^4 = 3 and E t^6 = 15.
    squares = slopes**2 + 6 * slopes * bends + 15 * bends**2
    cost = float(np.sum(squares + 1 - 2 * (slopes + 3 * bends)))
    return ConvexPotential(
        len(slopes), value, gradient, cost, np.zeros(len(slopes)), np.diag(squares)
    )


def turned(potential: ConvexPotential, axes: Array) -> ConvexPotential:
    """The potential of ``axes' z``, with orthonormal columns."""
    return ConvexPotential(
        potential.dimension,
        lambda z: potential.value(z @ axes),
        lambda z: potential.gradient(z @ axes) @ axes.T,
        potential.cost,
        axes @ potential.mean,
        axes @ potential.cov @ axes.T,
    )


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

    def value(z: Array) -> Array:
        quadratic = np.sum((z @ matrix) * z, axis=1) / 2
        return np.asarray(quadratic + log_cosh(z @ directions.T + offsets) @ weights)

    def gradient(z: Array) -> Array:
        return np.asarray(z @ matrix + (np.tanh(z @ directions.T + offsets) * weights) @ directions)

    lengths = np.sqrt(np.sum(directions**2, axis=1))
    inner = np.tanh(np.outer(_NODES, lengths) + offsets)
    gram = directions @ directions.T
    products = np.empty_like(gram)
    coarse = slice(None, None, 3)
    nodes, mass = _NODES[coarse], _MASS[coarse] * 3
    for k in range(len(weights)):
        for j in range(k + 1):
            # u_l given the standard score of u_k, and a second score across it.
            share = gram[k, j] / lengths[k]
            across = np.sqrt(max(gram[j, j] - share**2, 0.0))
            outer = np.tanh(lengths[k] * nodes + offsets[k])
            other = np.tanh(share * nodes[:, None] + across * nodes + offsets[j]) @ mass
            products[k, j] = products[j, k] = float(mass @ (outer * other))
    bends = _MASS @ (1 - inner**2)
    return _bent(matrix, weights, directions, _MASS @ inner, bends, products, value, gradient)


def _bent(
    matrix: Array,
    weights: Array,
    directions: Array,
    levels: Array,
    bends: Array,
    products: Array,
    value: Callable[[Array], Array],
    gradient: Callable[[Array], Array],
) -> ConvexPotential:
    """A quadratic and ridge functions, from E h', E h'' and E h_k' h_l' at their arguments."""
    size = len(matrix)
    excess = matrix - np.eye(size)
    middle = np.sum((directions @ excess) * directions, axis=1)
    gram = directions @ directions.T
    cost = float(np.sum(excess**2) + 2 * np.sum(weights * middle * bends))
    cost += float(weights @ (gram * products) @ weights)
    # Stein: E z h'(w.z + b) = w E h''.
    cross = matrix @ (directions.T * (weights * bends)) @ directions
    spread = np.outer(weights, weights) * (products - np.outer(levels, levels))
    cov = matrix @ matrix + cross + cross.T + directions.T @ spread @ directions
    mean = (weights * levels) @ directions
    return ConvexPotential(size, value, gradient, cost, mean, cov)


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
    scale = inner + rise * squares / (d + squares)
    cost = float(np.sum(density * squares * (scale - 1) ** 2))
    variance = float(np.sum(density * squares * scale**2)) / d
    return ConvexPotential(d, value, gradient, cost, np.zeros(d), variance * np.eye(d))


def kinked(matrix: Array, weights: Array, directions: Array, offsets: Array) -> ConvexPotential:
    """``z'Az/2 + sum_k c_k |w_k.z + b_k|``: the map jumps across k hyperplanes.

    For b = 0 ``E sign(u) sign(v)`` is (2/pi) arcsin of their correlation; else it is an integral
    over u, in which v is integrated out, cut where u jumps. ``E z sign(w.z + b)`` is
    ``2 phi(b / |w|) w / |w|``.
    """

    def value(z: Array) -> Array:
        quadratic = np.sum((z @ matrix) * z, axis=1) / 2
        return np.asarray(quadratic + np.abs(z @ directions.T + offsets) @ weights)

    def gradient(z: Array) -> Array:
        signs = np.sign(z @ directions.T + offsets)
        return np.asarray(z @ matrix + (signs * weights) @ directions)

    lengths = np.sqrt(np.sum(directions**2, axis=1))
    places = offsets / lengths
    units = directions / lengths[:, None]
    correlations = np.clip(units @ units.T, -1, 1)
    products = 2 / np.pi * np.arcsin(correlations)
    # The arc sine loses half of the digits near 1.
    np.fill_diagonal(products, 1.0)
    for k, j in zip(*np.nonzero(np.abs(places)[:, None] + np.abs(places) > 0), strict=True):
        if k != j:
            products[k, j] = _sign_product(places[k], places[j], correlations[k, j])
    bends = 2 * np.exp(-(places**2) / 2) / np.sqrt(2 * np.pi) / lengths
    levels = 2 * ndtr(places) - 1
    return _bent(matrix, weights, directions, levels, bends, products, value, gradient)


def _sign_product(first: float, second: float, correlation: float) -> float:
    """E sign(u + first) sign(v + second) for standard normal u and v."""
    nodes, masses = np.polynomial.legendre.leggauss(120)
    across = np.sqrt(max(1 - correlation**2, 1e-300))
    total = 0.0
    for low, high, sign in ((-9.0, -first, -1.0), (-first, 9.0, 1.0)):
        u = (low + high) / 2 + (high - low) / 2 * nodes
        other = 2 * ndtr((correlation * u + second) / across) - 1
        density = np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)
        total += sign * (high - low) / 2 * float(masses @ (density * other))
    return total


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
    moved = gradient(np.repeat(points[:, None], size, axis=1))
    mass = density * width / 2
    cost = float(mass @ np.sum((moved - points[:, None]) ** 2, axis=1))
    mean = mass @ moved
    variances = mass @ (moved - mean) ** 2
    return ConvexPotential(size, value, gradient, cost, mean, np.diag(variances))
