"""Samplers of ``theory.shelf.suresh2025_symbols``: what is left after fits of counts."""

from __future__ import annotations

import numpy as np

from numerics.models.categorical import Bernoulli, Categorical
from numerics.models.poisson import Poisson
from numerics.models.training import train
from numerics.samplers._raw import Array, Sampler
from theory.vocabulary import Replace


def present(rng: np.random.Generator, size: int, *, n: int, t: int, p: float) -> Array:
    """Whether the symbol is left."""
    share = train(rng, Bernoulli(p), Replace(), size=size, n=n, t=t)
    return (share > 0).astype(np.float64)


def poisson_mean(rng: np.random.Generator, size: int, *, n: int, t: int, rate: float) -> Array:
    """lambda_t."""
    return train(rng, Poisson(rate), Replace(), size=size, n=n, t=t)


def poisson_alive(rng: np.random.Generator, size: int, *, n: int, t: int, rate: float) -> Array:
    """Whether lambda_t is not 0."""
    return (poisson_mean(rng, size, n=n, t=t, rate=rate) > 0).astype(np.float64)


def poisson_drift(rng: np.random.Generator, size: int, *, n: int, t: int, rate: float) -> Array:
    """(lambda_t - lambda)^2."""
    return (poisson_mean(rng, size, n=n, t=t, rate=rate) - float(rate)) ** 2


def unique(rng: np.random.Generator, size: int, *, n: int, t: int, symbols: int) -> Array:
    """Number of symbols left, of probabilities in proportion to 1/i at first."""
    model = Categorical(tuple(1 / i for i in range(1, symbols + 1)))
    shares = train(rng, model, Replace(), size=size, n=n, t=t)
    return (shares > 0).sum(axis=0).astype(np.float64)


SAMPLERS: dict[str, Sampler] = {
    "suresh2025.symbol-exact": present,
    "suresh2025.symbol-lower": present,
    "suresh2025.symbol-upper": present,
    "suresh2025.poisson-alive": poisson_alive,
    "suresh2025.survival-lower": poisson_alive,
    "suresh2025.survival-upper": poisson_alive,
    "suresh2025.survival-sharp": poisson_alive,
    "suresh2025.poisson-mean": poisson_mean,
    "suresh2025.poisson-drift": poisson_drift,
    "suresh2025.symbols-lower": unique,
    "suresh2025.symbols-upper": unique,
}
