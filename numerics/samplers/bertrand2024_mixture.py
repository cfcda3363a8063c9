"""Sampler of ``theory.shelf.bertrand2024_mixture``: Poisson laws refitted from a wrong start."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from numerics.models.poisson import Poisson
from numerics.models.training import train
from numerics.samplers._raw import Array, Sampler
from theory.vocabulary import FreshReal


def mixture_return(
    rng: np.random.Generator, size: int, *, real: int, ratio: int, start: float, t: int
) -> Array:
    """mu_t - 1, with `ratio` generated points to every real one."""
    workflow = FreshReal(fraction=Fraction(1, 1 + ratio))
    model = Poisson(1)
    begin = np.full(size, float(start))
    return train(rng, model, workflow, size=size, n=real * (1 + ratio), t=t, start=begin) - 1


SAMPLERS: dict[str, Sampler] = {"bertrand2024.mixture-return": mixture_return}
