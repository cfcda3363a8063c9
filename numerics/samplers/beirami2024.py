"""Samplers of ``theory.shelf.beirami2024``: the log ratio of densities at the best of raw draws."""

from __future__ import annotations

import math

import numpy as np

from numerics.samplers._raw import Array, Sampler


def divergence(rng: np.random.Generator, size: int, *, N: int) -> Array:
    """log density ratio at the largest of N uniform numbers (the score's own ranks)."""
    best = rng.random((N, size)).max(axis=0)
    return np.asarray(math.log(N) + (N - 1) * np.log(best))


def rounds(rng: np.random.Generator, size: int, *, N: int, t: int) -> Array:
    """The same after t rounds, each the best of N of the round before."""
    return divergence(rng, size, N=N**t)


def discrete(rng: np.random.Generator, size: int, *, N: int, p: float) -> Array:
    """The same for a score with two values, the higher with probability p."""
    share = float(p)
    high = (rng.random((N, size)) < share).any(axis=0)
    up = math.log((1 - (1 - share) ** N) / share)
    return np.where(high, up, (N - 1) * math.log(1 - share))


def tree(rng: np.random.Generator, size: int, *, N: int, t: int) -> Array:
    """A score after t rounds: each of the N candidates of a round is the best of its own N."""
    scores = rng.random((size, *(N,) * t))
    for _ in range(t):
        scores = scores.max(axis=-1)
    return scores


def quantile(rng: np.random.Generator, size: int, *, N: int, t: int) -> Array:
    """The best of N^t scores, by the inverse of its distribution function."""
    return np.asarray(rng.random(size) ** (1 / N**t))


PAIRS: dict[str, tuple[Sampler, Sampler]] = {"beirami2024.rounds-law": (tree, quantile)}
SAMPLERS: dict[str, Sampler] = {
    "beirami2024.divergence": divergence,
    "beirami2024.rounds": rounds,
    "beirami2024.discrete": discrete,
}
