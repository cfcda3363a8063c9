"""Derivatives of one selection step, and its sampling noise, by sectors of the symmetry.

The law of a kept point as a function of the pool's raw moments, about the current mean and in the
units of the current model. A deviation of the first moment (a along, V across) and of the second
(B along, C across, W mixed, X traceless across) multiplies the normal density by

    1 + X1 + Y + X1 Y + Y^2/2 + ...,   X1 = He(a, V),   Y = He(B, C, W, X)/2,

products of Hermite polynomials (there is no term in X1^2: the model's covariance is the second
moment less the square of the first). The threshold follows by implicit differentiation, so that a
moment h enters as ``h - h_edge``, its mean on the edge of the ball taken away.

The rotations across the axis split everything: the scalars (a, B, C), the vectors (V_i, W_i) and
the traceless X. Scalars respond to the squares of all three.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.ball import Nodes, Window, nodes

Floats = NDArray[np.float64]
Polynomial = dict[tuple[int, int], "Floats | float"]

CHUNK = 512


@dataclass(frozen=True)
class Step:
    """One selection step per row, in units of its model.

    Attributes
    ----------
    mean
        Moments (z, z^2, R/k) of a kept point; shape (rows, 3).
    scalar, vector, tensor
        Derivatives, and for vector and tensor the covariance of one kept point too: shapes
        (rows, 3, 3), (rows, 2, 2), (rows,). A row of a matrix is a response.
    noise
        n times the covariance of the scalar batch means, n of N included; (rows, 3, 3).
    bias
        n times the difference between the n-of-N and the population means; (rows, 3).
    by_scalars, by_vectors, by_tensor
        Second-order responses of the three scalars: to the products of two scalars
        (rows, 3, 3, 3), to the sums over i of products of (V_i, W_i) (rows, 3, 2, 2), and to
        tr(X X) (rows, 3).
    """

    mean: Floats
    scalar: Floats
    vector: Floats
    tensor: Floats
    noise: Floats
    bias: Floats
    by_scalars: Floats
    by_vectors: Floats
    by_tensor: Floats


def differentiate(window: Window, delta: Floats, ratio: Floats, near: Floats) -> Step:
    """The steps of many models; `near` is the solution that `theory.flow.ball.keep` found."""
    parts = []
    for begin in range(0, delta.size, CHUNK):
        rows = np.arange(begin, min(begin + CHUNK, delta.size))
        parts.append(_differentiate(window.rows(rows), delta[rows], ratio[rows], near[rows]))
    words = Step.__dataclass_fields__
    return Step(**{word: np.concatenate([getattr(p, word) for p in parts]) for word in words})


def _times(p: Polynomial, q: Polynomial) -> Polynomial:
    result: Polynomial = {}
    for (a, b), x in p.items():
        for (c, d), y in q.items():
            result[a + c, b + d] = result.get((a + c, b + d), 0.0) + x * y
    return result


def _scaled(p: Polynomial, factor: Floats | float) -> Polynomial:
    return {power: value * factor for power, value in p.items()}


def _table(z: Floats, rows: Floats) -> Floats:
    """Sums of z^i times each of the rows' weights: shape (7, orders, rows)."""
    powers = np.empty((z.shape[0], 7, z.shape[1]))
    powers[:, 0] = 1.0
    for i in range(1, 7):
        powers[:, i] = powers[:, i - 1] * z
    return np.asarray(np.moveaxis(powers @ np.moveaxis(rows, 0, 2), 0, 2))


def _differentiate(window: Window, delta: Floats, ratio: Floats, near: Floats) -> Step:
    ball = nodes(window, delta, ratio, near, orders=3)
    alpha, k = window.alpha, window.k
    safe = np.maximum(k, 1.0)  # on a line nothing is across, and its moments are 0
    volume = _table(ball.z, ball.inside) / alpha
    edge_rows = np.stack([ball.sphere * ball.rho**j for j in range(3)])
    surface = _table(ball.z, edge_rows) / alpha

    def inside(p: Polynomial) -> Floats:
        return np.asarray(sum(value * volume[power] for power, value in p.items()))

    def edge(p: Polynomial) -> Floats:
        return np.asarray(sum(value * surface[power] for power, value in p.items()))

    one: Polynomial = {(0, 0): 1.0}
    square: Polynomial = {(2, 0): 1.0, (0, 0): -1.0}
    radial: Polynomial = {(0, 1): 1.0, (0, 0): -k}
    h: list[Polynomial] = [{(1, 0): 1.0}, {(2, 0): 1.0}, {(0, 1): 1 / safe}]
    scores: list[Polynomial] = [{(1, 0): 1.0}, _scaled(square, 0.5), _scaled(radial, 0.5)]

    density = edge(one)
    rim = [edge(each) / density for each in h]
    lifted: list[Polynomial] = [
        {**p, (0, 0): p.get((0, 0), 0.0) - r} for p, r in zip(h, rim, strict=True)
    ]
    shift = [-inside(score) / density for score in scores]
    turn = _edge_slopes(ball, delta, delta + near, safe)

    rows = delta.size
    mean = np.stack([inside(p) for p in h], axis=1)
    scalar = np.empty((rows, 3, 3))
    noise = np.empty((rows, 3, 3))
    by_scalars = np.empty((rows, 3, 3, 3))
    by_vectors = np.zeros((rows, 3, 2, 2))
    by_tensor = np.empty((rows, 3))
    pairs = _second_scores(square, radial, k)
    vw: Polynomial = _scaled(_times(h[0], radial), 1 / (2 * safe))
    ww: Polynomial = _scaled(_times(square, radial), 1 / (2 * safe))
    xx: Polynomial = _scaled(_laguerre(k), 1 / (4 * safe * (safe + 2)))
    for i, p in enumerate(lifted):
        push = [edge(_times(p, score)) for score in scores]
        for x in range(3):
            scalar[:, i, x] = inside(_times(p, scores[x]))
            centred = mean[:, i] * mean[:, x]
            spread = inside(_times(h[i], h[x])) - centred
            apart = (rim[i] - mean[:, i]) * (rim[x] - mean[:, x])
            noise[:, i, x] = spread + (1 - alpha) * apart
            for y in range(3):
                by_scalars[:, i, x, y] = (
                    inside(_times(p, pairs[x][y]))
                    + 0.5 * (shift[x] * push[y] + shift[y] * push[x])
                    + 0.5 * shift[x] * shift[y] * density * turn[i]
                )
        by_vectors[:, i, 0, 1] = by_vectors[:, i, 1, 0] = inside(_times(p, vw))
        by_vectors[:, i, 1, 1] = inside(_times(p, ww))
        by_tensor[:, i] = inside(_times(p, xx))
    vector = np.stack([[volume[i + j, 1] / safe for j in (0, 1)] for i in (0, 1)])
    bias = np.stack([0.5 * (1 - alpha) * each / density for each in turn], axis=1)
    return Step(
        mean,
        scalar,
        np.moveaxis(vector, 2, 0),
        volume[0, 2] / (safe * (safe + 2)),
        noise,
        bias,
        by_scalars,
        by_vectors,
        by_tensor,
    )


def _laguerre(k: Floats) -> Polynomial:
    """The Hermite polynomial of |q|^4 across."""
    return {(0, 2): 1.0, (0, 1): -2 * (k + 2), (0, 0): k * (k + 2)}


def _second_scores(square: Polynomial, radial: Polynomial, k: Floats) -> list[list[Polynomial]]:
    """Coefficients of the products of two scalars in the density, as a symmetric matrix."""
    third: Polynomial = {(3, 0): 0.25, (1, 0): -0.75}
    mixed = _scaled(_times({(1, 0): 1.0}, radial), 0.25)
    fourth: Polynomial = {(4, 0): 0.125, (2, 0): -0.75, (0, 0): 0.375}
    cross = _scaled(_times(square, radial), 0.125)
    across = _scaled(_laguerre(k), 0.125)
    return [[{}, third, mixed], [third, fourth, cross], [mixed, cross, across]]


def _edge_slopes(ball: Nodes, delta: Floats, h: Floats, k: Floats) -> list[Floats]:
    """Derivatives in h^2 of the means on the edge of (z, z^2, R/k).

    A sphere that grows is a sphere rescaled about its centre: the slope is the mean of the radial
    derivative plus the covariance with that of the log density.
    """
    weight = ball.sphere / ball.sphere.sum(axis=1, keepdims=True)
    z, rho = ball.z, ball.rho
    out = z - delta[:, None]
    log_slope = -(out * z) - rho
    log_slope = log_slope - (weight * log_slope).sum(axis=1, keepdims=True)
    moments = ((z, out), (z * z, 2 * z * out), (rho / k[:, None], 2 * rho / k[:, None]))
    return [
        (weight * (derivative + value * log_slope)).sum(axis=1) / (2 * h * h)
        for value, derivative in moments
    ]
