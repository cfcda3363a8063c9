"""The kept points of tilted models: three axes of any covariance, and a rest without a direction.

The squared distance of a point from the target is a weighted non-central chi-square; multiplied by
moments of the point its Laplace transform stays elementary, since under the factor
``exp(-p distance)`` a Gaussian is a Gaussian with complex mean and covariance. Each is inverted
along one path of steepest descent (`theory.flow.contour`), many models at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from theory.errors import InvalidInput
from theory.flow.contour import path, saddles
from theory.flow.keptmoments import Nodes, Selected, moments

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

# What is missed of the logarithm of the mass is removed from the means to second order, so that its
# cube remains there, and its square in their noise.
CLOSE = 1e-3
ROUNDS = 100
# Products of two of the axes, as rows and columns of a symmetric matrix.
FIRST, SECOND = np.array([0, 0, 1, 0, 1, 2]), np.array([0, 1, 1, 2, 2, 2])


@dataclass(frozen=True)
class Tilted:
    """Models, one a row.

    The target lies at (`gap`, `aside`) from the mean, in a plane where the covariance is
    ((`along`, `mixed`), (`mixed`, `beside`)). Of the `rest` coordinates across one, z, has the
    covariance `joint` with the second of the plane. Given the plane each has the variance `across`,
    up to a traceless part whose entries off the diagonal have the mean square `uneven`.
    """

    gap: Floats
    aside: Floats
    along: Floats
    mixed: Floats
    beside: Floats
    joint: Floats
    across: Floats
    rest: Floats
    uneven: Floats

    @property
    def given(self) -> Floats:
        """Variance of the second axis given the first."""
        return np.asarray(self.beside - self.mixed**2 / self.along)

    @property
    def mean_across(self) -> Floats:
        """Mean variance of the rest, not given the plane."""
        return self.across + self.joint**2 / self.given / np.maximum(self.rest, 1.0)


def select(
    m: Tilted,
    alpha: Floats,
    guess: tuple[Floats, Floats] | None = None,
    noisy: bool = True,
) -> Selected:
    """Moments of the points kept by the ball of mass `alpha` around the target.

    Without `noisy`, `noise` and `across` are empty.
    """
    rows = m.gap.size
    sigma = np.zeros((rows, 3, 3))
    sigma[:, 0, 0], sigma[:, 1, 1], sigma[:, 2, 2] = (
        m.along,
        m.beside,
        m.across + m.joint**2 / m.given,
    )
    sigma[:, 0, 1] = sigma[:, 1, 0] = m.mixed
    sigma[:, 1, 2] = sigma[:, 2, 1] = m.joint
    values, vectors = np.linalg.eigh(sigma)
    weights = np.concatenate([values, m.across[:, None]], axis=1)
    times = np.ones((rows, 4))
    if (m.rest < 1).any():
        # On a plane the third axis stands for nothing; its variance must not count.
        times[:, :3] = np.where((m.rest < 1)[:, None], 1 - vectors[:, 2] ** 2, 1.0)
    times[:, 3] = np.maximum(m.rest - 1, 0.0)
    centre = np.zeros((rows, 4))
    centre[:, :3] = -np.einsum("rji,rj->ri", vectors[:, :2], np.stack([m.gap, m.aside], axis=1))
    away = (centre**2).sum(axis=1)
    trace = (times * weights).sum(axis=1)
    spread = m.uneven / m.across**2 * (m.rest + 2) * (m.rest > 1)
    if guess is None:
        wide = np.sqrt((2 * times * weights**2 + 4 * weights * centre**2).sum(axis=1))
        excess = trace + special.ndtri(alpha) * wide
        excess = np.maximum(excess, 0.02 * (away + trace) - away)
        saddle = 1 / trace
    else:
        excess = guess[0] * (away + trace) - away
        saddle = guess[1] / trace
    if not (np.isfinite(excess) & (away + excess > 0)).all():
        raise InvalidInput("the kept ball lies beyond the range of floats for this state")
    laws = weights, times, centre
    seen = np.arange(rows)
    saddle = saddles(*laws, excess, saddle)
    p, measure, damp, mean = path(*laws, excess, saddle, spread)
    mass, density = (measure / p).real.sum(axis=1), measure.real.sum(axis=1)
    for _ in range(ROUNDS):
        with np.errstate(divide="ignore", invalid="ignore"):
            miss = np.log(alpha / mass)
        seen = np.flatnonzero(~(np.abs(miss) < CLOSE))
        if seen.size == 0:
            break
        step = _halley(p[seen], measure[seen], miss[seen], (away + excess)[seen])
        if not np.isfinite(step).all():
            raise InvalidInput("the kept ball lies beyond the range of floats for this state")
        excess[seen] += (away + excess)[seen] * np.expm1(np.clip(step, -0.7, 0.7))
        some = weights[seen], times[seen], centre[seen], excess[seen]
        saddle[seen] = saddles(*some, saddle[seen])
        p[seen], measure[seen], damp[:, seen], mean[seen] = path(*some, saddle[seen], spread[seen])
        mass[seen] = (measure[seen] / p[seen]).real.sum(axis=1)
        density[seen] = measure[seen].real.sum(axis=1)
    else:
        raise InvalidInput("the radius of the kept ball was not found for this state")
    last = (away + excess) / (away + trace), saddle * trace
    share = measure / p
    nodes = Nodes(
        p,
        share / mass[:, None],
        measure / density[:, None],
        density / mass,
        miss,
    )
    safe = np.maximum(m.rest, 1.0)[:, None]
    # About the mean: y - c has the conditional mean -2 p w c / (1 + 2 p w).
    moved = -2 * (weights[:, :3] * centre[:, :3])[:, :, None] * p[:, None, :]
    shift = vectors @ (moved * np.moveaxis(damp[:3], 0, 1))
    turned = vectors[:, FIRST] * vectors[:, SECOND]
    inner = turned @ (weights[:, :3, None] * np.moveaxis(damp[:3], 0, 1))
    other = (1 - mean) / (2 * p)
    uneven = (m.across**2 * spread)[:, None] * damp[3] ** 4
    return moments(nodes, shift, inner, other, uneven, safe, alpha, last, noisy)


def _halley(p: Complex, measure: Complex, miss: Floats, level: Floats) -> Floats:
    """Halley's step for the logarithm of the mass, in the logarithm of the level."""
    mass, density = (measure / p).real.sum(axis=1), measure.real.sum(axis=1)
    some = np.where(mass > 0, mass, np.inf)
    step = np.where(mass > 0, miss * mass / (level * density), 0.7)
    bend = 1 + level * ((measure * p).real.sum(axis=1) / density - density / some)
    return np.asarray(step / np.clip(1 + 0.5 * step * bend, 0.5, 2.0))
