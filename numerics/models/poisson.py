"""Poisson laws: the sum of a batch is Poisson again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, cast

import numpy as np

from numerics.models.law import Array, Measure, Statistics
from numerics.models.mean import MeanLaw, mean, survival
from theory.model import Poisson
from theory.setting import Setting


class PoissonLaw(MeanLaw):
    """The parameter is the mean."""

    measures: ClassVar[Mapping[str, Measure]] = {
        **MeanLaw.measures,
        "variance": mean,
        "survival": survival,
    }

    def __init__(self, setting: Setting) -> None:
        self.start = float(cast(Poisson, setting.model).rate)

    def points(self, rng: np.random.Generator, parameter: Array, n: int) -> Array:
        return rng.poisson(parameter, (n, *parameter.shape)).astype(np.float64)

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        return (rng.poisson(n * parameter).astype(np.float64),)
