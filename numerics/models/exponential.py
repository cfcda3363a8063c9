"""Exponential laws: the sum of a batch, the mean of a pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.models.training import Array, Statistics


@dataclass(frozen=True)
class Exponential:
    """The parameter is the mean; a sum of n points is Gamma(n) times the mean."""

    mean: float

    def truth(self, size: int) -> Array:
        return np.full(size, float(self.mean))

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        return (parameter * rng.standard_gamma(n, parameter.shape),)

    def fit(self, statistics: Statistics, points: int) -> Array:
        return statistics[0] / points
