"""Negative binomial laws of known shape: the sum of a batch, the mean of a pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.models.training import Array, Statistics


@dataclass(frozen=True)
class NegativeBinomial:
    """The parameter is the mean; a point is Poisson with a Gamma(shape) mean.

    A sum of n points is Poisson with a Gamma(n shape) mean.
    """

    mean: float
    shape: float

    def truth(self, size: int) -> Array:
        return np.full(size, float(self.mean))

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        shape = float(self.shape)
        mixed = parameter / shape * rng.standard_gamma(n * shape, parameter.shape)
        return (rng.poisson(mixed).astype(np.float64),)

    def fit(self, statistics: Statistics, points: int) -> Array:
        return statistics[0] / points
