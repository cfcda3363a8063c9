"""Samplers of ``theory.shelf.yi2026``: points within a fixed distance of the verifier's centre."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler
from numerics.samplers._targets import kept_of


def contraction(rng: np.random.Generator, size: int, *, r: float, delta: float) -> Array:
    """One kept point, seen from the centre; the mean lies `delta` away."""
    return kept_of(
        lambda count: rng.standard_normal(count) + float(delta),
        lambda y: np.asarray(np.abs(y) <= float(r)),
        size,
        0.2,
    )


def second_moment(rng: np.random.Generator, size: int, *, r: float, delta: float) -> Array:
    """Its square."""
    return np.asarray(contraction(rng, size, r=r, delta=delta) ** 2)


def rate(rng: np.random.Generator, size: int, *, r: float) -> Array:
    """The square of a point kept about the mean itself."""
    return second_moment(rng, size, r=r, delta=0.0)


SAMPLERS: dict[str, Sampler] = {
    "yi2026.rate": rate,
    "yi2026.contraction": contraction,
    "yi2026.second-moment": second_moment,
}
