"""Categorical laws: counts of a batch, frequencies of a pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, cast

import numpy as np
from scipy import special

from numerics.models.law import Array, Law, Measure, Statistics
from theory.model import Categorical
from theory.setting import Setting


def heterozygosity(parameter: Array, truth: Array) -> Array:
    """Chance that two symbols differ."""
    return np.asarray(np.einsum("ir,ir->r", parameter, 1 - parameter))


def squared_drift(parameter: Array, truth: Array) -> Array:
    """Squared distance of the probabilities."""
    return np.asarray(((parameter - truth) ** 2).sum(axis=0))


class CategoricalLaw(Law):
    """The parameter holds the symbols' probabilities, shape (symbols, replicates)."""

    measures: ClassVar[Mapping[str, Measure]] = {
        "heterozygosity": heterozygosity,
        "variance": heterozygosity,
        "squared_drift": squared_drift,
        "entropy": lambda p, truth: special.entr(p).sum(axis=0),
        "surviving_symbols": lambda p, truth: (p > 0).sum(axis=0).astype(np.float64),
    }

    def __init__(self, setting: Setting) -> None:
        law = np.array([float(p) for p in cast(Categorical, setting.model).law])
        self.probabilities = law / law.sum()

    @property
    def width(self) -> int:
        return int(self.probabilities.size)

    def truth(self, count: int) -> Array:
        return np.repeat(self.probabilities[:, None], count, axis=1)

    def points(self, rng: np.random.Generator, parameter: Array, n: int) -> Array:
        # A uniform number falls into one of the intervals that the probabilities cut.
        ends = np.cumsum(parameter, axis=0)
        ends[-1] = 1.0
        uniform = rng.random((n, 1, parameter.shape[1]))
        below = np.concatenate([np.zeros((1, parameter.shape[1])), ends[:-1]])
        return ((uniform >= below) & (uniform < ends)).astype(np.float64)

    def summary(self, points: Array) -> Statistics:
        return (points.sum(axis=0),)

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
