"""A claim's own moments and draws at the points where its rivals are tried, each made once.

Up to twelve rivals are tried at the same few points, on the same draws: the moments of a selected
batch cost a fraction of a second a point, and raw candidates more than judging them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics import witness
from numerics.points import Point, key
from numerics.question.values import value
from theory.claim import Claim
from theory.errors import CollapseError
from theory.moments import bounds_of, variance_at

# Numbers that are kept in all: 64 MiB of them.
LARGEST_STORE = 8_000_000

Array = NDArray[np.float64]
Place = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Moments:
    """Mean, variance and scale of a claim at one point."""

    mean: float
    variance: float
    scale: float


def moments_at(claim: Claim, at: Point) -> Moments | None:
    """The claim's own mean, variance and scale at a point; None where it has none."""
    try:
        mean = value(claim, claim.expectation, at)
        if claim.form == "family":
            assert claim.family is not None
            assert claim.quantity is not None
            variance = variance_at(claim.family, claim.quantity, {"sigma_0": 1, **at})
            ends = bounds_of(claim.family, claim.quantity, at)
        else:
            variance = None if claim.variance is None else value(claim, claim.variance, at)
            ends = None
        if claim.bounds is not None:
            low, high = claim.bounds
            ends = value(claim, low, at), value(claim, high, at)
        if ends is not None and variance is None:
            variance = (mean - ends[0]) * (ends[1] - mean)
        declared = None if claim.scale is None else value(claim, claim.scale, at)
    except CollapseError:
        return None
    if variance is None or not math.isfinite(variance):
        return None
    scale = declared or math.hypot(mean, math.sqrt(max(variance, 0.0)))
    return Moments(mean, variance, scale) if scale > 0 else None


class Bench:
    """The claim at all points where its rivals are tried."""

    def __init__(self, claim: Claim, salt: str) -> None:
        self.claim, self.salt = claim, salt
        self._moments: dict[Place, Moments | None] = {}
        self._draws: dict[Place, Callable[[str, int, int], Array]] = {}
        self._kept: dict[tuple[Place, str, int, int], Array] = {}
        self._room = LARGEST_STORE

    def moments(self, at: Point) -> Moments | None:
        """As `moments_at`, computed once."""
        place = key(at)
        if place not in self._moments:
            self._moments[place] = moments_at(self.claim, at)
        return self._moments[place]

    def draws(self, at: Point) -> Callable[[str, int, int], Array]:
        """The claim's draws at a point, which are the same whatever is judged on them."""
        place = key(at)
        if place not in self._draws:
            self._draws[place] = self._source(at)
        source = self._draws[place]

        def drawn(stage: str, start: int, count: int) -> Array:
            known = self._kept.get((place, stage, start, count))
            if known is not None:
                return known
            made = source(stage, start, count)
            if made.size <= self._room:
                self._room -= made.size
                made = made.view()
                made.flags.writeable = False
                self._kept[place, stage, start, count] = made
            return made

        return drawn

    def _source(self, at: Point) -> Callable[[str, int, int], Array]:
        claim, salt = self.claim, self.salt
        if claim.form == "family":
            return witness.of_family(claim, at, salt, generation=int(at["t"]), method="auto")
        return witness.of_sampler(claim, at, salt)
