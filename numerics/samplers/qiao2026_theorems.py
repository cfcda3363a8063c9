"""Samplers of ``theory.shelf.qiao2026_theorems``: what the statements speak of, drawn raw."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler
from numerics.samplers.derived_selection import soft_points
from numerics.samplers.qiao2026_targets import approach, far_spread, replace_step
from numerics.simulation import replicates
from theory.setting import Setting
from theory.vocabulary import Accumulate, TopFraction


def closed_form(rng: np.random.Generator, size: int, *, n: int, alpha: float, t: int) -> Array:
    """V_t of accumulation with the verifier's target fixed at the true mean, from the start."""
    rule = TopFraction(kept_fraction=alpha, target=(0.0,))
    setting = Setting(workflow=Accumulate(), selection=rule, sample_size=n)
    return replicates(setting, "variance", t, rng, size)


def soft_later(rng: np.random.Generator, size: int, *, b: float, share: float) -> Array:
    """k (1 - R) by one accepted point about a known centre, once V has fallen to `share` of V_0."""
    return np.asarray(1 - soft_points(rng, size, float(b) * float(share), 0.0) ** 2)


SAMPLERS: dict[str, Sampler] = {
    "qiao2026.theorem-1-accumulate": approach,
    "qiao2026.theorem-1-replace": replace_step,
    "qiao2026.theorem-2-monotone": far_spread,
    "qiao2026.theorem-2-closed-form": closed_form,
    "qiao2026.theorem-2-soft": soft_later,
}
