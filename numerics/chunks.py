"""Cut replicates into chunks that fit in memory; the cut is part of what a salt stands for."""

from __future__ import annotations

from collections.abc import Iterator

from numerics.models import law_of
from numerics.steps import Step
from theory.model import GAUSSIAN
from theory.setting import Setting
from theory.vocabulary import AccumulateSubsample

# Doubles of state (of pooled points, where these are kept) that one chunk of replicates may hold.
STATE = 2**16
POOL = 2**20


def chunks(setting: Setting, steps: tuple[Step, ...], count: int, method: str) -> Iterator[slice]:
    """Cut the replicates into chunks of bounded memory; part of what a salt stands for."""
    if setting.model != GAUSSIAN:
        yield from _slices(count, _width(setting, steps, method))
        return
    width = max(64, STATE // setting.dimension**2)
    if isinstance(setting.workflow, AccumulateSubsample):
        pool = sum(step.rule.drawn for step in steps) * setting.dimension
        width = max(1, min(width, POOL // max(1, pool)))
    yield from _slices(count, width)


def _width(setting: Setting, steps: tuple[Step, ...], method: str) -> int:
    """Replicates of another model that one chunk may hold."""
    law = law_of(setting)
    drawn = [step.rule.kept for step in steps]
    points = sum(drawn) if isinstance(setting.workflow, AccumulateSubsample) else max(drawn or [1])
    held = law.width * max(points if method == "raw" else law.width, 1)
    return max(64 if method != "raw" else 1, (POOL if method == "raw" else STATE) // held)


def _slices(count: int, width: int) -> Iterator[slice]:
    for start in range(0, count, width):
        yield slice(start, min(start + width, count))
