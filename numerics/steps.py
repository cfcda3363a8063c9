"""The numbers of each generation of a setting: how many points are drawn, kept, pooled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.selection import Rule
from theory.errors import InvalidInput
from theory.setting import Setting
from theory.vocabulary import KeepAll, TopFraction


@dataclass(frozen=True)
class Step:
    """Numbers of one generation: points in the fit, real ones among them, the batch, its spread."""

    size: int
    real: int
    rule: Rule
    temperature: float

    @property
    def spread(self) -> float:
        """Standard deviation of a generated point over the model's."""
        return float(np.sqrt(self.temperature))


def plan(setting: Setting, generations: int) -> tuple[Step, ...]:
    """The steps of a setting up to a generation.

    Raises
    ------
    InvalidInput
        If a generation is not well defined (a schedule that ends, too few candidates, ...).

    Examples
    --------
    >>> [step.rule.kept for step in plan(Setting(sample_size=(5, 7)), 2)]
    [5, 7]
    """
    return tuple(_step(setting, k) for k in range(1, generations + 1))


def _step(setting: Setting, k: int) -> Step:
    setting.check_step(k)
    if not isinstance(setting.selection, KeepAll | TopFraction):
        raise InvalidInput(f"selection {setting.selection.name} has no drawing rule here")
    kept = setting.batch_size(k)
    whole = k == 1 and setting.first_batch == "real"
    fraction, candidates = 1.0, None
    if isinstance(setting.selection, TopFraction) and not whole:
        candidates = setting.candidates(k)
        if candidates is None:
            fraction = float(setting.selection.kept_fraction or 1)
    temperature = 1.0 if whole else float(setting.temperature)
    rule = Rule(setting.dimension, kept, candidates, fraction)
    return Step(setting.size(k), setting.real_size(k), rule, temperature)
