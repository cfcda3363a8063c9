"""Samplers of ``theory.shelf.dey2024_families``: squared drift of a refitted mean."""

from __future__ import annotations

import numpy as np

from numerics.models.categorical import Bernoulli
from numerics.models.exponential import Exponential
from numerics.models.negative_binomial import NegativeBinomial
from numerics.models.poisson import Poisson
from numerics.models.training import Model, train
from numerics.samplers._raw import Array, Sampler
from theory.vocabulary import Accumulate, Replace, Workflow


def _drift(
    rng: np.random.Generator, size: int, model: Model, workflow: Workflow, n: int, t: int
) -> Array:
    drift = train(rng, model, workflow, size=size, n=n, t=t) - model.truth(size)
    return drift**2


def poisson(rng: np.random.Generator, size: int, *, n: int, t: int, rate: float) -> Array:
    """Poisson laws, accumulated."""
    return _drift(rng, size, Poisson(rate), Accumulate(), n, t)


def bernoulli(rng: np.random.Generator, size: int, *, n: int, t: int, p: float) -> Array:
    """Bernoulli laws, accumulated."""
    return _drift(rng, size, Bernoulli(p), Accumulate(), n, t)


def exponential_replaced(rng: np.random.Generator, size: int, *, n: int, t: int) -> Array:
    """Exponential laws of mean 1, replaced."""
    return _drift(rng, size, Exponential(1), Replace(), n, t)


def exponential(rng: np.random.Generator, size: int, *, n: int, t: int) -> Array:
    """Exponential laws of mean 1, accumulated."""
    return _drift(rng, size, Exponential(1), Accumulate(), n, t)


def negative_binomial_replaced(
    rng: np.random.Generator, size: int, *, n: int, t: int, rate: float, shape: int
) -> Array:
    """Negative binomial laws, replaced."""
    return _drift(rng, size, NegativeBinomial(rate, shape), Replace(), n, t)


def negative_binomial(
    rng: np.random.Generator, size: int, *, n: int, t: int, rate: float, shape: int
) -> Array:
    """Negative binomial laws, accumulated."""
    return _drift(rng, size, NegativeBinomial(rate, shape), Accumulate(), n, t)


SAMPLERS: dict[str, Sampler] = {
    "dey2024.poisson-accumulate": poisson,
    "dey2024.exponential-replace": exponential_replaced,
    "dey2024.exponential-accumulate": exponential,
    "dey2024.negative-binomial-replace": negative_binomial_replaced,
    "dey2024.negative-binomial-accumulate": negative_binomial,
    "dey2024.bernoulli-bound": bernoulli,
    "dey2024.exponential-bound": exponential,
    "dey2024.exponential-limit": exponential,
}
