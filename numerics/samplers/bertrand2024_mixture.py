"""Sampler of ``theory.shelf.bertrand2024_mixture``: Poisson laws refitted from a wrong start."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from numerics.models import law_of
from numerics.models.training import trained
from numerics.samplers._raw import Array, Sampler
from numerics.steps import plan
from theory.model import Poisson
from theory.setting import Setting
from theory.vocabulary import FreshReal


def mixture_return(
    rng: np.random.Generator, size: int, *, real: int, ratio: int, start: float, t: int
) -> Array:
    """mu_t - 1, with `ratio` generated points to every real one."""
    setting = Setting(
        workflow=FreshReal(fraction=Fraction(1, 1 + ratio)),
        sample_size=real * (1 + ratio),
        model=Poisson(1),
    )
    steps = plan(setting, t)
    runs = trained(setting, law_of(setting), steps, size)
    runs.parameter = np.full(size, float(start))
    for step in steps:
        runs.advance(rng, step)
    return runs.parameter - 1


SAMPLERS: dict[str, Sampler] = {"bertrand2024.mixture-return": mixture_return}
