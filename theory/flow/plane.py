"""The kept points of tilted models: three axes of any covariance, and a rest without a direction.

The squared distance of a point from the target is a weighted non-central chi-square; multiplied by
moments of the point its Laplace transform stays elementary, since under the factor
``exp(-p distance)`` a Gaussian is a Gaussian with complex mean and covariance
(`theory.flow.axes`). Each is inverted along one path of steepest descent (`theory.flow.contour`),
many models at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from theory.errors import InvalidInput
from theory.flow.axes import Axes
from theory.flow.contour import Contour, path
from theory.flow.keptmoments import Nodes, Selected, moments

Floats = NDArray[np.float64]

# What is missed of the logarithm of the mass is removed from the means to third order, so that its
# fourth power remains there, and from their noise and bias to the first.
CLOSE = 3e-2
ROUNDS = 100
LEAST = 1e-90  # of a trace: its cube is a float
BEYOND = "the kept ball lies beyond the range of floats for this state"


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
    guess: Floats | None = None,
    noisy: bool = True,
) -> Selected:
    """Moments of the points kept by the ball of mass `alpha` around the target.

    `guess` is the `last` of a like selection. Without `noisy`, `noise` and `across` are empty.
    """
    spread = m.uneven / m.across**2 * (m.rest + 2) * (m.rest > 1)
    axes = Axes.of(
        (m.gap, m.aside), (m.along, m.mixed, m.beside), m.joint, m.across, m.rest, spread
    )
    away = m.gap**2 + m.aside**2
    trace = axes.e1 + axes.count * m.across
    if guess is None:
        excess, saddle = _start(axes, away, trace, alpha), 1 / trace
    else:
        guess = np.exp(guess)
        excess, saddle = guess[0] * (away + trace) - away, guess[1] / trace
    sound = np.isfinite(excess) & (away + excess > 0) & (trace > LEAST) & (trace < 1 / LEAST)
    if not sound.all():
        raise InvalidInput(BEYOND)
    at, saddle = path(axes, excess, saddle)
    for _ in range(ROUNDS):
        with np.errstate(divide="ignore", invalid="ignore"):
            miss = np.log(alpha / at.mass)
        level = away + excess
        step = _halley(at, miss, level)
        if not np.isfinite(step).all():
            raise InvalidInput(BEYOND)
        gain = level * np.expm1(np.clip(step, -0.7, 0.7))
        seen = np.flatnonzero(~(np.abs(miss) < CLOSE))
        if seen.size == 0:
            break
        excess[seen] += gain[seen]
        found, saddle[seen] = path(axes.rows(seen), excess[seen], saddle[seen])
        at.put(seen, found)
    else:
        raise InvalidInput("the radius of the kept ball was not found for this state")
    last = np.log(np.stack([(level + gain) / (away + trace), saddle * trace]))
    nodes = Nodes(
        at.p,
        at.share / at.mass[:, None],
        at.measure / at.density[:, None],
        at.density / at.mass,
        miss,
    )
    uneven = (m.across**2 * spread)[:, None] * at.own**4
    if (m.rest < 1).any():
        # On a plane the third axis stands for nothing; its noise is that of an axis of the rest.
        at.given[:, 8] = np.where((m.rest < 1)[:, None], at.other, at.given[:, 8])
    safe = np.maximum(m.rest, 1.0)[:, None]
    return moments(nodes, at.given, at.other, uneven, safe, alpha, last, noisy)


def _start(axes: Axes, away: Floats, trace: Floats, alpha: Floats) -> Floats:
    """A level from the mean and the variance of the squared distance."""
    squares = axes.e1**2 - 2 * axes.e2 + axes.count * axes.across**2
    bent = axes.gap**2 * axes.xx + 2 * axes.gap * axes.aside * axes.xy + axes.aside**2 * axes.yy
    excess = trace + special.ndtri(alpha) * np.sqrt(2 * squares + 4 * bent)
    return np.asarray(np.maximum(excess, 0.02 * (away + trace) - away))


def _halley(at: Contour, miss: Floats, level: Floats) -> Floats:
    """Halley's step for the logarithm of the mass, in the logarithm of the level."""
    mass, density = at.mass, at.density
    with np.errstate(divide="ignore", invalid="ignore"):
        some = np.where(mass > 0, mass, np.inf)
        step = np.where(mass > 0, miss * mass / (level * density), 0.7)
        slope = (at.measure * at.p).real.sum(axis=1)
        bend = 1 + level * (slope / density - density / some)
        return np.asarray(step / np.clip(1 + 0.5 * step * bend, 0.5, 2.0))
