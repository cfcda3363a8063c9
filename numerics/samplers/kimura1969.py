"""Sampler of ``theory.shelf.kimura1969``: fits until one of two symbols is left."""

from __future__ import annotations

import numpy as np

from numerics.models import law_of
from numerics.samplers._raw import Array, Sampler
from theory.model import Bernoulli
from theory.setting import Setting


def fixation(rng: np.random.Generator, size: int, *, n: int, p: float) -> Array:
    """Number of fits until p_t is 0 or 1."""
    law = law_of(Setting(model=Bernoulli(p)))
    fits = np.zeros(size)
    going = np.arange(size)
    share = law.truth(size)
    while going.size:
        share = law.fit(law.batch(rng, share, n), n)
        fits[going] += 1
        mixed = (share > 0) & (share < 1)
        going, share = going[mixed], share[mixed]
    return fits


SAMPLERS: dict[str, Sampler] = {
    "kimura1969.exact": fixation,
    "kimura1969.diffusion": fixation,
    "kimura1969.bound": fixation,
    "kimura1969.bound-everywhere": fixation,
}
