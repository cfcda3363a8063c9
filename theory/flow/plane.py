"""The kept points of tilted models: a plane of any covariance, and an isotropic rest.

The squared distance of a point from the target is a weighted non-central chi-square; multiplied by
moments of the point its Laplace transform stays elementary, since under the factor
``exp(-p distance)`` a Gaussian is a Gaussian with complex mean and covariance. Each is inverted
along one path of steepest descent (see `theory.flow.whole`), many models at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from theory.errors import InvalidInput

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

NODES = np.linspace(0.0, 3.6, 20)  # sinh of it, in widths of the saddle
# What is left of the threshold is removed to first order, so that its square remains.
CLOSE = 1e-3
ROUNDS = 100


@dataclass(frozen=True)
class Tilted:
    """Models, one a row.

    The target lies at (`gap`, `aside`) from the mean, in a plane where the covariance is
    ((`along`, `mixed`), (`mixed`, `beside`)); the `rest` coordinates across have the variance
    `across` each, up to a traceless part whose square has the trace `uneven`.
    """

    gap: Floats
    aside: Floats
    along: Floats
    mixed: Floats
    beside: Floats
    across: Floats
    rest: Floats
    uneven: Floats


@dataclass(frozen=True)
class Selected:
    """Moments of one kept point about the old mean: of (x, y, x^2, xy, y^2, R/rest).

    `mean` (rows, 6); n times the covariance `noise` (rows, 6, 6) and the `bias` (rows, 6) of the
    mean of n of N; `across` (rows, 3), the means of q^2, x q^2 and x^2 q^2 for a coordinate q of
    the rest; `fourth` (rows,), of q1^2 q2^2; `excess` and `saddle` to start a next solution from.
    """

    mean: Floats
    noise: Floats
    bias: Floats
    across: Floats
    fourth: Floats
    last: tuple[Floats, Floats]


def select(m: Tilted, alpha: Floats, guess: tuple[Floats, Floats] | None = None) -> Selected:
    """Moments of the points kept by the ball of mass `alpha` around the target."""
    rows = m.gap.size
    sigma = np.empty((rows, 2, 2))
    sigma[:, 0, 0], sigma[:, 1, 1] = m.along, m.beside
    sigma[:, 0, 1] = sigma[:, 1, 0] = m.mixed
    values, vectors = np.linalg.eigh(sigma)
    weights = np.stack([values[:, 0], values[:, 1], m.across], axis=1)
    times = np.stack([np.ones(rows), np.ones(rows), m.rest], axis=1)
    centre = np.zeros((rows, 3))
    centre[:, :2] = -np.einsum("rji,rj->ri", vectors, np.stack([m.gap, m.aside], axis=1))
    away = (centre**2).sum(axis=1)
    trace = (times * weights).sum(axis=1)
    if guess is None:
        spread = np.sqrt((2 * times * weights**2 + 4 * weights * centre**2).sum(axis=1))
        excess = trace + special.ndtri(alpha) * spread
        excess = np.maximum(excess, 0.02 * (away + trace) - away)
        saddle = 1 / trace
    else:
        excess = guess[0] * (away + trace) - away
        saddle = guess[1] / trace
    if not (np.isfinite(excess) & (away + excess > 0)).all():
        raise InvalidInput("the kept ball lies beyond the range of floats for this state")
    for _ in range(ROUNDS):
        saddle = _saddle(weights, times, centre, excess, saddle)
        p, measure, damp = _contour(weights, times, centre, excess, saddle, m.uneven)
        mass = (measure / p).real.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            miss = np.log(alpha / mass)
        level = away + excess
        density = measure.real.sum(axis=1)
        # Halley's iteration for the logarithm of the mass, in the logarithm of the level.
        some = np.where(mass > 0, mass, np.inf)
        step = np.where(mass > 0, miss * mass / (level * density), 0.7)
        bend = 1 + level * ((measure * p).real.sum(axis=1) / density - density / some)
        step = step / np.clip(1 + 0.5 * step * bend, 0.5, 2.0)
        if not np.isfinite(step).all():
            raise InvalidInput("the kept ball lies beyond the range of floats for this state")
        if np.abs(miss).max() < CLOSE:
            break
        excess = excess + level * np.expm1(np.clip(step, -0.7, 0.7))
    else:
        raise InvalidInput("the radius of the kept ball was not found for this state")
    last = (away + excess) / (away + trace), saddle * trace
    return _moments(m, alpha, p, measure, damp, weights, centre, vectors, last, miss)


def _moments(
    m: Tilted,
    alpha: Floats,
    p: Complex,
    measure: Complex,
    damp: Complex,
    weights: Floats,
    centre: Floats,
    vectors: Floats,
    last: tuple[Floats, Floats],
    miss: Floats,
) -> Selected:
    # About the mean: y - c has the conditional mean -2 p w c / (1 + 2 p w).
    shift = [-2 * (weights[:, i] * centre[:, i])[:, None] * p * damp[i] for i in (0, 1)]
    spread = weights.T[:, :, None] * damp
    turn = vectors[:, :, :, None]
    x, y = (turn[:, i, 0] * shift[0] + turn[:, i, 1] * shift[1] for i in (0, 1))
    xx, xy, yy = (
        turn[:, i, 0] * turn[:, j, 0] * spread[0] + turn[:, i, 1] * turn[:, j, 1] * spread[1]
        for i, j in ((0, 0), (0, 1), (1, 1))
    )
    safe = np.maximum(m.rest, 1.0)[:, None]
    r = spread[2] - 2 * p * damp[2] ** 3 * (m.uneven[:, None] / safe)
    h = np.stack([x, y, xx + x * x, xy + x * y, yy + y * y, r])  # (6, rows, nodes)
    share = measure / p
    total = share.real.sum(axis=1)
    share = share / total[:, None]
    density = measure.real.sum(axis=1)
    edge = measure / density[:, None]
    first = (share * h).real.sum(axis=2)
    rim = (edge * h).real.sum(axis=2)
    first = first + miss * (rim - first)
    slopes = (edge * p * h).real.sum(axis=2) - rim * (edge * p).real.sum(axis=1)
    bias = 0.5 * (1 - alpha) * slopes * alpha / density
    c = {(0, 0): xx, (0, 1): xy, (1, 0): xy, (1, 1): yy}
    u = (x, y)
    pairs = ((0, 0), (0, 1), (1, 1))
    apart = rim - first
    columns = np.moveaxis(h, 0, 2)
    products = (np.swapaxes(columns, 1, 2) @ (share[:, :, None] * columns)).real

    def mean(value: Complex) -> Floats:
        return np.asarray((share * value).real.sum(axis=1))

    inner = np.zeros_like(products)
    for a in (0, 1):
        for b in (0, 1):
            inner[:, a, b] = mean(c[a, b])
        for i, (b, d) in enumerate(pairs):
            inner[:, a, 2 + i] = inner[:, 2 + i, a] = mean(c[a, b] * u[d] + c[a, d] * u[b])
    for i, (a, b) in enumerate(pairs):
        for j, (d, e) in enumerate(pairs):
            if j >= i:
                inner[:, 2 + i, 2 + j] = inner[:, 2 + j, 2 + i] = mean(
                    c[a, d] * c[b, e]
                    + c[a, e] * c[b, d]
                    + u[a] * u[d] * c[b, e]
                    + u[a] * u[e] * c[b, d]
                    + u[b] * u[d] * c[a, e]
                    + u[b] * u[e] * c[a, d]
                )
    inner[:, 5, 5] = mean(2 * r * r) / safe[:, 0]
    noise = products + inner - np.einsum("ar,br->rab", first, first)
    noise += (1 - alpha)[:, None, None] * np.einsum("ar,br->rab", apart, apart)
    across = np.stack([first[5], mean(r * x), mean(r * (xx + x * x))], axis=1)
    return Selected(first.T, noise, bias.T, across, mean(r * r), last)


def _saddle(
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


def _contour(
    weights: Floats,
    times: Floats,
    centre: Floats,
    excess: Floats,
    saddle: Floats,
    uneven: Floats,
) -> tuple[Complex, Complex, Complex]:
    """Points of the contour, the measure on it and the factors ``1 / (1 + 2 p w)``, w first."""
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
    logs = np.log(stretch)
    square = weights * centre**2
    exponent = (
        p * excess[:, None]
        - 0.5 * (logs[0] + logs[1] + times[:, 2:] * logs[2])
        + 2 * p**2 * (damp[0] * square[:, :1] + damp[1] * square[:, 1:2])
    )
    with np.errstate(under="ignore"):
        value = np.exp(exponent) * (1 + p * p * damp[2] ** 2 * uneven[:, None])
    return p, value * slope * ds / (1j * np.pi), damp
