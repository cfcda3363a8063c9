"""From the moments of pools to the law of the models fitted to them, the noise of batches added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from theory.flow.law import POINTS, STATE, WEIGHTS, Law
from theory.flow.origin import PARTS, refitted, turned
from theory.flow.plane import Tilted
from theory.flow.turn import fitted

Floats = NDArray[np.float64]

NOISE = 6
SHAKE = np.array([1 / 6] * (2 * NOISE) + [1 - NOISE / 3])
MASS = (SHAKE[:, None] * WEIGHTS).ravel()
# Where noise is taken at the middle point of the model alone: the points of the model without it,
# then those of the noise. With these masses that is one unscented transform of both.
PLACES = np.array([*range(POINTS), *[POINTS - 1] * (2 * NOISE)])
JOINT = np.concatenate([WEIGHTS, SHAKE[:-1]])
JOINT[POINTS - 1] -= NOISE / 3


@dataclass(frozen=True)
class Flight:
    """Points of models before a fit and their pools after it; the last axis is that of problems.

    `at` are the models (points, rows), `pool` (9, points, rows) the moments of their pools about
    the old means, `across` (6, points, rows) and `factor` (rows,) what `theory.flow.keptmoments`
    has of a coordinate of the rest, `origin` (5, points, rows) as in `theory.flow.origin`. `shake`
    (6, 6, points, rows) are steps of the noise of one batch of one point, the second axis that of
    steps; where it is the same at all models it has one point, and the noise is taken `together`,
    at the middle model. `slow` (rows,) is what is left of the unevenness of the rest, `before` the
    mean logarithm of the variance across, `part` one over t^2 n and `ridge` the ridge.
    """

    at: Tilted
    pool: Floats
    across: Floats
    origin: Floats
    shake: Floats
    factor: Floats
    slow: Floats
    before: Floats
    part: Floats
    ridge: Floats

    @property
    def together(self) -> bool:
        """Whether the noise is taken at the middle model alone."""
        return self.shake.shape[2] < POINTS

    def times(self, count: int) -> Flight:
        """The problems side by side several times."""

        def again(value: Floats) -> Floats:
            return np.concatenate([value] * count, axis=-1)

        at = Tilted(*(again(getattr(self.at, each.name)) for each in fields(Tilted)))
        words = [each.name for each in fields(self) if each.name != "at"]
        return Flight(at, *(again(getattr(self, word)) for word in words))

    def laws(self, t: int, batches: Sequence[float]) -> list[Law]:
        """The laws of the fit `t` with the noise of so many batches."""
        rows, count = self.slow.size, len(batches)
        if count == 1:
            return [self.law(t, np.full(rows, batches[0]))]
        both = self.times(count).law(t, np.repeat(batches, rows))
        return [both.rows(slice(i * rows, (i + 1) * rows)) for i in range(count)]

    def law(self, t: int, batches: Floats) -> Law:
        """The law of the fit `t` with the noise of so many batches of each problem, (rows,)."""
        rows, chance = self.slow.size, batches * self.part
        at, pool, across, origin = self.at, self.pool, self.across, self.origin
        step, mass = np.sqrt(chance) * self.shake, MASS
        if self.together:
            at = Tilted(*(getattr(at, each.name)[PLACES] for each in fields(at)))
            pool, across, origin = (each[:, PLACES] for each in (pool, across, origin))
            step, mass = np.moveaxis(step, 2, 1), JOINT
            step = np.concatenate([np.zeros((6, 1, POINTS, rows)), step, -step], axis=2)
        else:
            step = np.concatenate([step, -step, np.zeros((6, 1, POINTS, rows))], axis=1)
        moments = np.empty((9, *step.shape[1:]))
        moments[:6], moments[6:] = pool[:6, None] + step, pool[6:, None]
        uneven = self.slow + self.factor * chance
        # What lies out of the plane is independent of the plane's points: given these, the
        # covariance of its noise follows from their own moments.
        seen = step * (t / batches)
        own = np.empty_like(step)
        own[0] = chance * (across[0] + seen[5])
        own[1:] = own[0] * ((across[1:] / across[0])[:, None] + seen[[0, 2, 1, 3, 4]])
        new, extra, turns = fitted(at, moments, own, self.ridge, at.across**2 * uneven)
        flown = new.reshape(STATE, -1, rows)
        centre = mass @ flown
        apart = np.ascontiguousarray(np.transpose(flown - centre[:, None], (2, 1, 0)))
        covariance = np.swapaxes(apart, 1, 2) @ (mass[:, None] * apart)
        covariance[:, 2:, 2:] += np.moveaxis(mass @ extra.reshape(4, 4, -1, rows), 2, 0)
        place = turned(origin[:, None], turns).reshape(PARTS, -1, rows)
        found = refitted(place, apart, mass, covariance)
        shrunk = uneven * np.exp(2 * (self.before - centre[3]))
        return Law(centre.T, covariance, shrunk, _bend(apart, covariance, mass), found)


def _bend(apart: Floats, covariance: Floats, mass: Floats) -> Floats:
    """What the coordinates gain on average with the square of the first, beside what is linear."""
    first = np.sqrt(np.where(covariance[:, 0, 0] > 0, covariance[:, 0, 0], 1.0))[:, None]
    unit = apart[:, :, 0] / first
    heavy = mass * unit**2
    lean = (heavy * unit).sum(axis=1)[:, None] * covariance[:, 0] / first
    return np.asarray(0.5 * ((heavy[:, None] @ apart)[:, 0] - lean))
