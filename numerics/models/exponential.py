"""Exponential laws: the sum of a batch, in logarithms, so that no mean underflows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import numpy as np
from scipy import special

from numerics.models.law import Array, Law, Measure, Statistics
from theory.model import Exponential
from theory.setting import Setting


def squared_drift(log_mean: Array, truth: Array) -> Array:
    """Squared distance from the true mean."""
    return np.asarray(np.exp(2 * truth) * np.expm1(log_mean - truth) ** 2)


class ExponentialLaw(Law):
    """The parameter is the logarithm of the mean, shape (replicates,)."""

    measures: ClassVar[Mapping[str, Measure]] = {
        "variance": lambda x, truth: np.exp(2 * x),
        "variance_squared": lambda x, truth: np.exp(4 * x),
        "log_variance": lambda x, truth: 2 * x,
        "mean": lambda x, truth: np.exp(x),
        "squared_drift": squared_drift,
        # The quantile functions are multiples of -log(1 - u), whose second moment is 2.
        "squared_w2": lambda x, truth: 2 * squared_drift(x, truth),
        "kl_model_to_start": lambda x, truth: np.expm1(x - truth) - (x - truth),
        "kl_start_to_model": lambda x, truth: np.expm1(truth - x) - (truth - x),
    }

    def __init__(self, setting: Setting) -> None:
        self.start = float(np.log(float(cast(Exponential, setting.model).scale)))

    def truth(self, count: int) -> Array:
        return np.full(count, self.start)

    def points(self, rng: np.random.Generator, parameter: Array, n: int) -> Array:
        return parameter + np.log(rng.standard_exponential((n, *parameter.shape)))

    def summary(self, points: Array) -> Statistics:
        return (special.logsumexp(points, axis=0),)

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        return (parameter + np.log(rng.standard_gamma(n, parameter.shape)),)

    def fit(self, statistics: Statistics, points: int) -> Array:
        return statistics[0] - np.log(points)

    def pooled(self, parts: Sequence[Statistics]) -> Statistics:
        return (np.logaddexp.reduce([part[0] for part in parts]),)
