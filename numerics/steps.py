"""The numbers of each generation of a setting: how many points are drawn, kept, pooled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.selection import Rule
from theory.errors import InvalidInput
from theory.setting import Setting
from theory.vocabulary import (
    BestOf,
    ExponentialTilt,
    KeepAll,
    Selection,
    SoftVerifier,
    TopFraction,
    UpperTail,
)

# Beyond, floats do not count one by one, and NumPy has no integer for the number.
LARGEST_SIZE = 2**53
DRAWN = KeepAll | TopFraction | UpperTail | BestOf | SoftVerifier | ExponentialTilt


@dataclass(frozen=True)
class Step:
    """Numbers of one generation: points in the fit, real ones among them, the batch, its spread.

    `truth` says how the real points are drawn, and kept where the verifier filters them too.
    """

    size: int
    real: int
    rule: Rule
    temperature: float
    truth: Rule

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
    if setting.size(k) > LARGEST_SIZE:
        raise InvalidInput(
            f"sample_size = {setting.size(k):.3g} cannot be simulated; accepted: at most 2^53"
        )
    if not isinstance(setting.selection, DRAWN):
        raise InvalidInput(f"selection {setting.selection.name} has no drawing rule here")
    kept, dimension = setting.batch_size(k), setting.dimension
    whole = k == 1 and setting.first_batch == "real"
    real = truth = Rule(dimension, setting.real_size(k))
    rule = Rule(dimension, kept)
    if not whole:
        rule = _kept(setting, kept, setting.candidates(k))
    if setting.filter_real:
        _check_drawable(setting, setting.selection, real=True)
        truth = _kept(setting, real.kept, setting.real_candidates(k), real=True)
    temperature = 1.0 if whole else float(setting.temperature)
    return Step(setting.size(k), real.kept, rule, temperature, truth)


def _kept(setting: Setting, kept: int, candidates: int | None, *, real: bool = False) -> Rule:
    """The rule that keeps `kept` points in the way the setting says."""
    selection = setting.selection
    if isinstance(selection, KeepAll):
        return Rule(setting.dimension, kept)
    if not isinstance(selection, TopFraction):
        return Rule(setting.dimension, kept, verifier=selection)
    _check_drawable(setting, selection)
    own = selection.closed and not real
    share = float(selection.kept_fraction or 1) if candidates is None else 1.0
    return Rule(setting.dimension, kept, candidates, share, None if own else selection)


def _check_drawable(setting: Setting, selection: Selection, *, real: bool = False) -> None:
    """The population law of an ellipsoid is drawn on the line, or where the model sees a ball."""
    if not isinstance(selection, TopFraction) or selection.law == "n-of-N":
        return
    if setting.dimension > 1 and (real or selection.metric != "model"):
        raise InvalidInput(
            "in more than one dimension the population law is drawn in the model's own metric "
            "alone; give candidates (n of N)"
        )
