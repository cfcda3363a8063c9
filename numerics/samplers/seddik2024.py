"""Samplers of ``theory.shelf.seddik2024``: categorical laws refitted on their own points."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from numerics.models.categorical import Bernoulli, Categorical
from numerics.models.training import train
from numerics.samplers._raw import Array, Sampler
from theory.vocabulary import Accumulate, FreshReal, Replace


def _replaced(rng: np.random.Generator, size: int, n: int, t: int, p: float) -> Array:
    return train(rng, Bernoulli(p), Replace(), size=size, n=n, t=t)


def heterozygosity(rng: np.random.Generator, size: int, *, n: int, t: int, p: float) -> Array:
    """p_t (1 - p_t)."""
    share = _replaced(rng, size, n, t, p)
    return share * (1 - share)


def drift(rng: np.random.Generator, size: int, *, n: int, t: int, p: float) -> Array:
    """(p_t - p)^2."""
    return (_replaced(rng, size, n, t, p) - float(p)) ** 2


def diversity(rng: np.random.Generator, size: int, *, n: int, t: int, symbols: int) -> Array:
    """Chance that two symbols drawn from the fitted law differ."""
    model = Categorical((1 / symbols,) * symbols)
    shares = train(rng, model, Replace(), size=size, n=n, t=t)
    return np.asarray(1 - np.einsum("ir,ir->r", shares, shares))


def accumulate(rng: np.random.Generator, size: int, *, n: int, t: int, p: float) -> Array:
    """(p_t - p)^2 where all batches are kept."""
    share = train(rng, Bernoulli(p), Accumulate(), size=size, n=n, t=t)
    return (share - float(p)) ** 2


def fresh_real(
    rng: np.random.Generator, size: int, *, n: int, t: int, p: float, f: Fraction
) -> Array:
    """(p_t - p)^2 with a share f of fresh real points."""
    share = train(rng, Bernoulli(p), FreshReal(fraction=f), size=size, n=n, t=t)
    return (share - float(p)) ** 2


def mixed(rng: np.random.Generator, size: int, *, n: int, t: int, p: float) -> Array:
    """Whether both symbols are left."""
    share = _replaced(rng, size, n, t, p)
    return ((share > 0) & (share < 1)).astype(np.float64)


SAMPLERS: dict[str, Sampler] = {
    "seddik2024.heterozygosity": heterozygosity,
    "seddik2024.drift": drift,
    "seddik2024.diversity": diversity,
    "seddik2024.accumulate": accumulate,
    "seddik2024.fresh-real": fresh_real,
    "seddik2024.mixed-exact": mixed,
    "seddik2024.mixed-lower": mixed,
    "seddik2024.mixed-upper": mixed,
    "seddik2024.mixed-upper-improved": mixed,
}
