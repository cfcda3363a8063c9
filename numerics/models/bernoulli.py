"""Bernoulli laws: how often the event happens (Wright and Fisher's chain)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, cast

import numpy as np
from scipy import special

from numerics.models.law import Array, Measure, Statistics
from numerics.models.mean import MeanLaw, survival
from theory.model import Bernoulli
from theory.setting import Setting


class BernoulliLaw(MeanLaw):
    """The parameter is the probability of the event."""

    measures: ClassVar[Mapping[str, Measure]] = {
        **MeanLaw.measures,
        "variance": lambda p, truth: p * (1 - p),
        "entropy": lambda p, truth: special.entr(p) + special.entr(1 - p),
        "survival": survival,
        "coexistence": lambda p, truth: ((p > 0) & (p < 1)).astype(np.float64),
    }

    def __init__(self, setting: Setting) -> None:
        self.start = float(cast(Bernoulli, setting.model).probability)

    def points(self, rng: np.random.Generator, parameter: Array, n: int) -> Array:
        return (rng.random((n, *parameter.shape)) < parameter).astype(np.float64)

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        return (rng.binomial(n, parameter).astype(np.float64),)
