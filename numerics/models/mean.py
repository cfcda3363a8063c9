"""Models that are fitted by the mean of their points: the statistic is their sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from numerics.models.law import Array, Law, Measure, Statistics


def squared_drift(parameter: Array, truth: Array) -> Array:
    """Squared distance from the true mean."""
    return np.asarray((parameter - truth) ** 2)


def mean(parameter: Array, truth: Array) -> Array:
    """The fitted mean."""
    return parameter


def survival(parameter: Array, truth: Array) -> Array:
    """1 where the mean is positive."""
    return (parameter > 0).astype(np.float64)


class MeanLaw(Law):
    """A law on the line whose parameter is its mean, shape (replicates,)."""

    start: float
    measures: ClassVar[Mapping[str, Measure]] = {"mean": mean, "squared_drift": squared_drift}

    def truth(self, count: int) -> Array:
        return np.full(count, self.start)

    def summary(self, points: Array) -> Statistics:
        return (points.sum(axis=0),)

    def fit(self, statistics: Statistics, points: int) -> Array:
        return statistics[0] / points
