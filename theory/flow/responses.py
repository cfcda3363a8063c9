"""Derivatives of one selection step and its sampling noise, where no symmetry is left.

Units. Each row is a Gaussian model in its own eigenbasis, every coordinate standard normal. A
deviation of the mean (a) and of the covariance (B) multiplies the density by
``1 + s + s2 + ...``, with Hermite polynomials

    s = a.He1 + B:He2 / 2,     s2 = aa:He2 / 2 + aB:He3 / 2 + BB:He4 / 8.

The threshold follows by implicit differentiation, so that a moment h enters as ``h - h_edge``.
Under the factor ``exp(-p distance)`` the coordinates are independent with mean m and variance v,
both complex, and a polynomial under that law is elementary: He(z) has the mean He(m) taken with
``v - 1`` in place of -1, and multiplying it by z_i adds ``v_i d/dm_i``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from theory.flow.steepest import Ball, Complex

Floats = NDArray[np.float64]
Index = NDArray[np.intp]


@lru_cache(maxsize=16)
def pairs(d: int) -> tuple[Index, Index]:
    """Index pairs i <= j, in the order in which symmetric matrices are packed."""
    return np.triu_indices(d)


def packed(matrix: Floats) -> Floats:
    """The entries i <= j of symmetric matrices (..., d, d)."""
    i, j = pairs(matrix.shape[-1])
    return np.asarray(matrix[..., i, j])


def unpacked(values: Floats, d: int) -> Floats:
    """Symmetric matrices (..., d, d) from their packed entries."""
    i, j = pairs(d)
    place = np.empty((d, d), dtype=np.intp)
    place[i, j] = place[j, i] = np.arange(i.size)
    return np.asarray(values[..., place])


@dataclass(frozen=True)
class Responses:
    """One step per row; a moment vector is (z_i, then z_i z_j for i <= j), D numbers in all.

    Attributes
    ----------
    mean, rim
        Moments of a kept point, and on the edge of the ball; (rows, D).
    slope
        Derivatives of `mean` in (a, packed B); (rows, D, D).
    noise, bias
        n times the covariance of the mean of the n kept of N, and n times its bias; (rows, D, D)
        and (rows, D).
    """

    mean: Floats
    rim: Floats
    slope: Floats
    noise: Floats
    bias: Floats


@dataclass(frozen=True)
class Nodes:
    """The law at every node: mean `m` and variance `v` (rows, nodes, d), weights of the ball
    `share` and of its edge `edge`, and the density in the squared radius over alpha."""

    m: Complex
    v: Complex
    share: Complex
    edge: Complex
    slopes: Complex
    density: Floats
    alpha: float

    @classmethod
    def of(cls, ball: Ball, weights: Floats, centre: Floats, alpha: float) -> Nodes:
        """The nodes of a ball."""
        p = ball.p[:, :, None]
        v = 1 / (1 + 2 * p * weights[:, None, :])
        m = -2 * p * (np.sqrt(weights) * centre)[:, None, :] * v
        density = ball.measure.real.sum(axis=1)
        edge = ball.measure / density[:, None]
        return cls(m, v, ball.measure / ball.p / alpha, edge, edge * ball.p, density / alpha, alpha)


def respond(nodes: Nodes) -> Responses:
    """First derivatives and noise of every row."""
    d = nodes.m.shape[2]
    i, j = pairs(d)
    h = _moments(nodes)
    mean, rim, tilt = (_sum(w, h) for w in (nodes.share, nodes.edge, nodes.slopes))
    between = np.swapaxes(h, 1, 2) @ (nodes.share[:, :, None] * h)
    table = np.asarray(between.real) + _within(nodes)
    size = np.concatenate([np.ones(d), np.where(i == j, 0.5, 1.0)])
    origin = np.concatenate([np.zeros(d), (i == j).astype(float)])
    slope = size * (
        table - mean[:, :, None] * origin - rim[:, :, None] * (mean - origin)[:, None, :]
    )
    apart = rim - mean
    noise = table - mean[:, :, None] * mean[:, None, :]
    noise += (1 - nodes.alpha) * apart[:, :, None] * apart[:, None, :]
    turn = tilt - rim * nodes.slopes.real.sum(axis=1)[:, None]
    bias = 0.5 * (1 - nodes.alpha) * turn / nodes.density[:, None]
    return Responses(mean, rim, slope, noise, bias)


def second(nodes: Nodes, first: Responses, covariance: Floats) -> Floats:
    """Mean of the second-order response to deviations of this covariance; (rows, D).

    `covariance` is that of (a, packed B), shape (rows, D, D).
    """
    d = nodes.m.shape[2]
    i, j = pairs(d)
    origin = np.concatenate([np.zeros(d), (i == j).astype(float)])
    size = np.concatenate([np.ones(d), np.where(i == j, 0.5, 1.0)])
    # By how much the squared radius follows, and the direction in which it does so.
    follow = -size * (first.mean - origin) / nodes.density[:, None]
    along = (covariance @ follow[:, :, None])[:, :, 0]
    inside = _quartic(nodes, covariance)
    straight = _quadratic(nodes, along)
    result = _score(nodes.share, nodes, inside, first.rim)
    result = result + nodes.density[:, None] * _score(nodes.edge, nodes, straight, first.rim)
    turn = first.bias * nodes.density[:, None] / (0.5 * (1 - nodes.alpha))
    squares = (follow * along).sum(axis=1) * nodes.density
    return np.asarray(result + 0.5 * squares[:, None] * turn)


def moments_of(nodes: Nodes) -> Floats:
    """Moments of a kept point; (rows, D)."""
    return _sum(nodes.share, _moments(nodes))


Jet = tuple[Complex, Complex, Complex]  # value, gradient and Hessian at m


def _moments(nodes: Nodes) -> Complex:
    """Means of the moment vector at every node; (rows, nodes, D)."""
    i, j = pairs(nodes.m.shape[2])
    products = nodes.m[:, :, i] * nodes.m[:, :, j]
    products[:, :, i == j] += nodes.v
    return np.concatenate([nodes.m, products], axis=2)


def _sum(weight: Complex, value: Complex) -> Floats:
    return np.asarray((weight[:, None, :] @ value).real[:, 0])


def _within(nodes: Nodes) -> Floats:
    """Mean over the nodes of the covariance of the moment vector; (rows, D, D)."""
    rows, count, d = nodes.m.shape
    i, j = pairs(d)
    weighted = np.swapaxes(nodes.share[:, :, None] * nodes.v, 1, 2)
    outer = (nodes.m[:, :, :, None] * nodes.m[:, :, None, :]).reshape(rows, count, d * d)
    v = weighted.real.sum(axis=2)
    vm = (weighted @ nodes.m).real
    vmm = (weighted @ outer).real.reshape(rows, d, d, d)
    vv = (weighted @ nodes.v).real
    result = np.zeros((rows, d + i.size, d + i.size))
    diagonal = np.arange(d)
    result[:, diagonal, diagonal] = v
    single = diagonal[:, None]
    mixed = (single == i) * vm[:, single, j[None, :]] + (single == j) * vm[:, single, i[None, :]]
    result[:, :d, d:] = mixed
    result[:, d:, :d] = np.swapaxes(mixed, 1, 2)
    a, b, c, e = i[:, None], j[:, None], i[None, :], j[None, :]
    block = ((a == c) & (b == e)) * vv[:, a, b] + ((a == e) & (b == c)) * vv[:, a, b]
    for x, y in ((a, b), (b, a)):
        for z, w in ((c, e), (e, c)):
            block = block + (x == z) * vmm[:, x, y, w]
    result[:, d:, d:] = block
    return result


def _score(weight: Complex, nodes: Nodes, jet: Jet, rim: Floats) -> Floats:
    """Sum over the nodes of the mean of (h - h_edge) times a Hermite polynomial."""
    value, gradient, hessian = jet
    m, v = nodes.m, nodes.v
    i, j = pairs(m.shape[2])
    lift = v * gradient
    pair = m[:, :, i] * lift[:, :, j] + m[:, :, j] * lift[:, :, i]
    pair = pair + v[:, :, i] * v[:, :, j] * hessian[:, :, i, j]
    moments = _moments(nodes) * value[:, :, None] + np.concatenate([lift, pair], axis=2)
    total = (weight * value).real.sum(axis=1)
    return np.asarray(_sum(weight, moments) - rim * total[:, None])


def _quadratic(nodes: Nodes, x: Floats) -> Jet:
    """The first-order score in the direction x = (a, packed B)."""
    m, u = nodes.m, nodes.v - 1
    d = m.shape[2]
    a, b = x[:, None, :d], unpacked(x[:, d:], d)
    bm = m @ b
    value = (a * m).sum(axis=2) + 0.5 * (m * bm).sum(axis=2)
    value = value + 0.5 * (u @ np.diagonal(b, axis1=1, axis2=2)[:, :, None])[:, :, 0]
    return value, a + bm, np.broadcast_to(b[:, None].astype(complex), (*m.shape, d))


def _quartic(nodes: Nodes, covariance: Floats) -> Jet:
    """The second-order score, its deviations replaced by their covariance."""
    m, u = nodes.m, nodes.v - 1
    rows, count, d = m.shape
    c2 = covariance[:, :d, :d]
    c3 = unpacked(covariance[:, :d, d:], d)  # (rows, i, j, k): a_i B_jk
    c4 = unpacked(covariance[:, d:, d:], d)
    c4 = np.moveaxis(unpacked(np.moveaxis(c4, 1, -1), d), (1, 2), (3, 4))  # B_ij B_kl
    outer = (m[:, :, :, None] * m[:, :, None, :]).reshape(rows, count, d * d)

    def contracted(tensor: Floats, vector: Complex, *shape: int) -> Complex:
        flat = tensor.reshape(rows, vector.shape[2], -1)
        # The tensor is real: half of a complex product would be zeros.
        whole = np.concatenate([vector.real, vector.imag], axis=1) @ flat
        return np.asarray((whole[:, :count] + 1j * whole[:, count:]).reshape(rows, count, *shape))

    # aa:He2 / 2
    m2 = m @ c2
    value = 0.5 * ((m * m2).sum(axis=2) + contracted(np.einsum("rii->ri", c2), u))
    gradient: Complex = m2
    hessian: Complex = np.broadcast_to(c2[:, None].astype(complex), (rows, count, d, d)).copy()
    # aB:He3 / 2
    left = contracted(c3, m, d, d)  # sum over i of m_i C_ijk
    right = contracted(np.moveaxis(c3, 3, 1), m, d, d)  # sum over k of m_k C_ijk
    both = contracted(np.moveaxis(c3, 1, 3), outer, d)  # m_j m_k C_ijk
    pull = contracted(np.einsum("rijj->rji", c3) + 2 * np.einsum("riik->rik", c3), u, d)
    value = value + 0.5 * ((m * both).sum(axis=2) + (m * pull).sum(axis=2))
    leftm = (left @ m[:, :, :, None])[:, :, :, 0]
    gradient = gradient + 0.5 * (both + 2 * leftm + pull)
    hessian += right + np.swapaxes(right, 2, 3) + left
    # BB:He4 / 8
    q = contracted(c4, outer, d, d)
    r = contracted(np.transpose(c4, (0, 2, 4, 1, 3)), outer, d, d)  # C_ajbl m_j m_l
    single = 2 * np.einsum("riikl->rikl", c4) + 4 * np.einsum("rikil->rikl", c4)
    weight = contracted(single, u, d, d)
    constant = np.einsum("riikk->rik", c4) + 2 * np.einsum("rikik->rik", c4)
    qm, wm = ((each @ m[:, :, :, None])[:, :, :, 0] for each in (q, weight))
    value = value + 0.125 * ((m * (qm + wm)).sum(axis=2) + (u * (u @ constant)).sum(axis=2))
    gradient = gradient + 0.5 * qm + 0.25 * wm
    hessian += 0.5 * q + r + 0.25 * weight
    return value, gradient, hessian
