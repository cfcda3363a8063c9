"""Where a search for the next kept ball may start: from what was found a generation ago."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.law import STATE

Floats = NDArray[np.float64]

REACH = 1.5  # of points, beyond which nothing is foreseen
SMALL = 1e-6  # of a variance of the points


@dataclass(frozen=True)
class Known:
    """What `theory.flow.plane.select` found (`last`) at points `x` (points, rows, 6) of the fit of
    generation `t`: `found` (2, points, rows), and how fast it changes with ``log(t + 1)``.

    Once several generations are taken at once, `course` (2, points * rows) is how fast it changes
    for a model on its way, and `trend` (rows, 9) how fast a batch does.
    """

    t: int
    x: Floats
    found: Floats
    rate: Floats
    course: Floats
    trend: Floats

    @classmethod
    def of(cls, t: int, x: Floats, last: Floats, here: Foreseen | None) -> Known:
        """What is known now, where `here` had been foreseen."""
        found, trend = last.reshape(2, *x.shape[:2]), np.zeros((x.shape[1], 9))
        rate = np.zeros_like(found) if here is None else (found - here.still) / here.later
        return cls(t, x, found, rate, rate.reshape(2, -1), trend)

    def at(self, t: int, x: Floats) -> Foreseen:
        """What is to be found at points of a later generation: to second order, in the coordinates
        in which the old points stand on the axes."""
        old, level = self.x, self.found[:, -1:]
        steps = np.moveaxis(old[:STATE] - old[STATE:-1], 0, 2) / 2
        scale = np.sqrt((steps**2).sum(axis=2, keepdims=True))
        scale = np.where(scale > 0, scale, 1.0)
        steps = steps / scale
        away = np.moveaxis(x - old[-1], 0, 2) / scale
        inner = steps @ np.swapaxes(steps, 1, 2) + SMALL * np.eye(STATE)
        place = np.swapaxes(steps, 1, 2) @ np.linalg.solve(inner, away)
        place = np.clip(place, -REACH, REACH)
        up, down = self.found[:, :STATE], self.found[:, STATE:-1]
        both = np.concatenate([(up - down) / 2, (up + down) / 2 - level], axis=1)
        # Sums over the axes: (2, rows, 1, 12) with (rows, 12, points).
        powers = np.concatenate([place, place * place], axis=1)
        gained = (np.moveaxis(both, 1, 2)[:, :, None] @ powers)[:, :, 0]
        still = level + np.moveaxis(gained, 1, 2)
        later = float(np.log((t + 1) / (self.t + 1)))
        return Foreseen(still, later, (still + later * self.rate).reshape(2, -1))


@dataclass(frozen=True)
class Foreseen:
    """`still` (2, points, rows), were nothing to change in the time `later`, and the `guess`
    (2, points * rows)."""

    still: Floats
    later: float
    guess: Floats
