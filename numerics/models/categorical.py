"""Categorical laws: counts of a batch, frequencies of a pool (the Wright-Fisher chain)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.models.training import Array, Statistics


@dataclass(frozen=True)
class Bernoulli:
    """Two symbols; the parameter is the probability of the first, shape (size,)."""

    probability: float

    def truth(self, size: int) -> Array:
        return np.full(size, float(self.probability))

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        return (rng.binomial(n, parameter).astype(np.float64),)

    def fit(self, statistics: Statistics, points: int) -> Array:
        return statistics[0] / points


@dataclass(frozen=True)
class Categorical:
    """Any number of symbols; the parameter holds their probabilities, shape (symbols, size)."""

    probabilities: Sequence[float]

    def truth(self, size: int) -> Array:
        column = np.array([float(each) for each in self.probabilities])
        return np.repeat(column[:, None] / column.sum(), size, axis=1)

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        # One symbol after the other, each among the points that are left.
        left = np.full(parameter.shape[1], n)
        mass = np.ones(parameter.shape[1])
        counts = np.empty(parameter.shape)
        for symbol, probability in enumerate(parameter[:-1]):
            share = np.divide(probability, mass, out=np.ones_like(mass), where=mass > 0)
            drawn = rng.binomial(left, np.clip(share, 0, 1))
            counts[symbol] = drawn
            left = left - drawn
            mass = mass - probability
        counts[-1] = left
        return (counts,)

    def fit(self, statistics: Statistics, points: int) -> Array:
        return statistics[0] / points
