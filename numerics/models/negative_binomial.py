"""Negative binomial laws of known shape: Poisson with a Gamma mean, and so is a batch's sum."""

from __future__ import annotations

from typing import cast

import numpy as np

from numerics.models.law import Array, Statistics
from numerics.models.mean import MeanLaw
from theory.model import NegativeBinomial
from theory.setting import Setting


class NegativeBinomialLaw(MeanLaw):
    """The parameter is the mean."""

    def __init__(self, setting: Setting) -> None:
        model = cast(NegativeBinomial, setting.model)
        self.start, self.shape = float(model.rate), float(model.shape)

    def value(self, quantity: str, parameter: Array, truth: Array) -> Array:
        if quantity == "variance":
            return np.asarray(parameter + parameter**2 / self.shape)
        return super().value(quantity, parameter, truth)

    def points(self, rng: np.random.Generator, parameter: Array, n: int) -> Array:
        mixed = rng.standard_gamma(self.shape, (n, *parameter.shape)) * (parameter / self.shape)
        return rng.poisson(mixed).astype(np.float64)

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        mixed = parameter / self.shape * rng.standard_gamma(n * self.shape, parameter.shape)
        return (rng.poisson(mixed).astype(np.float64),)
