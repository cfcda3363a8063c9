"""Samplers of ``theory.shelf.ferbach2024``: candidates are drawn, and a judge picks one."""

from __future__ import annotations

import math

import numpy as np

from numerics.samplers._raw import Array, Sampler
from numerics.samplers._targets import kept_of


def tilt(rng: np.random.Generator, size: int, *, p: float, gain: float) -> Array:
    """e^r of a point accepted with probability e^(r - max r)."""
    up = math.exp(gain)

    def draw(count: int) -> Array:
        return np.where(rng.random(count) < float(p), up, 1.0)

    return kept_of(draw, lambda x: np.asarray(rng.random(len(x)) < x / up), size, 0.3)


def winner(rng: np.random.Generator, size: int, N: int, p: float, gain: float) -> Array:
    """Whether the one picked of N, with probability proportional to e^r, has the better value."""
    better = rng.random((N, size)) < float(p)
    # Gumbel noise on the log weights: the largest is a draw in proportion to the weights.
    noise = -np.log(-np.log(rng.random((N, size))))
    picked = (better * float(gain) + noise).argmax(axis=0)
    return np.asarray(better[picked, np.arange(size)], dtype=float)


def lower_bound(rng: np.random.Generator, size: int, *, N: int, p: float, gain: float) -> Array:
    """e^r of the one picked."""
    return np.asarray(np.exp(float(gain) * winner(rng, size, N, p, gain)))


def pair(rng: np.random.Generator, size: int, *, p: float, gain: float) -> Array:
    """Whether the one picked of two has the better value."""
    return winner(rng, size, 2, p, gain)


def gaussian_pair(rng: np.random.Generator, size: int, *, b: float) -> Array:
    """The one of two normal numbers that a Bradley-Terry judge prefers."""
    x, y = rng.standard_normal((2, size))
    first = rng.random(size) < 1 / (1 + np.exp(-float(b) * (x - y)))
    return np.where(first, x, y)


SAMPLERS: dict[str, Sampler] = {
    "ferbach2024.tilt": tilt,
    "ferbach2024.lower-bound": lower_bound,
    "ferbach2024.pair": pair,
    "ferbach2024.gaussian-pair": gaussian_pair,
}
