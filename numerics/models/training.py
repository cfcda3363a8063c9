"""Recursive training of a model whose fits see a pool of points, workflow by workflow.

The counterpart of `numerics.workflow`, whose chains are of Gaussians in their own coordinates. A
`Trained` chain holds the fitted parameters of many replicates and what their pools remember.
"""

from __future__ import annotations

import numpy as np

from numerics.models.law import Array, Law, Statistics
from numerics.steps import Step
from numerics.subsets import subset
from theory.errors import InvalidInput
from theory.setting import Setting
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    FixedReal,
    FreshReal,
    Replace,
    Workflow,
)

#: Statistics of a group of points, and their number.
Group = tuple[Statistics, int]


class Trained:
    """Replicates of one setting, generation after generation: the batch alone (Replace).

    Parameters
    ----------
    law, steps, count
        The model, the numbers of each generation, and the number of replicates.
    statistics
        Draw the statistics of a batch, instead of its points.
    """

    def __init__(
        self, law: Law, steps: tuple[Step, ...], count: int, *, statistics: bool = True
    ) -> None:
        self.law = law
        self.steps = steps
        self.count = count
        self.statistics = statistics
        self.truth = law.truth(count)
        self.parameter = self.truth.copy()
        self.prepare()

    def prepare(self) -> None:
        """Set up what the pool remembers."""

    def value(self, quantity: str) -> Array:
        """The quantity of every replicate; overflow is inf."""
        with np.errstate(over="ignore"):
            return np.asarray(self.law.value(quantity, self.parameter, self.truth))

    def advance(self, rng: np.random.Generator, step: Step) -> None:
        """Make the next fit."""
        groups = [group for group in self.seen(rng, step) if group[1]]
        pooled = self.law.pooled([statistics for statistics, _ in groups])
        self.parameter = self.law.fit(pooled, sum(size for _, size in groups))

    def seen(self, rng: np.random.Generator, step: Step) -> list[Group]:
        """What the fit sees."""
        return [self.group(rng, self.parameter, step.rule.kept)]

    def group(self, rng: np.random.Generator, parameter: Array, n: int) -> Group:
        """New points of the law with this parameter."""
        if n == 0:
            return (), 0
        if self.statistics:
            return self.law.batch(rng, parameter, n), n
        return self.law.summary(self.law.points(rng, parameter, n)), n


class AccumulateTrained(Trained):
    """Accumulate: the batch joins the pool."""

    def prepare(self) -> None:
        self.pool: Group = (), 0

    def seen(self, rng: np.random.Generator, step: Step) -> list[Group]:
        new = self.group(rng, self.parameter, step.size)
        statistics, size = self.pool
        both = self.law.pooled([statistics, new[0]]) if size else new[0]
        self.pool = both, size + new[1]
        return [self.pool]


class FreshRealTrained(Trained):
    """FreshReal: the batch and new real points."""

    def seen(self, rng: np.random.Generator, step: Step) -> list[Group]:
        real = self.group(rng, self.truth, step.real)
        return [real, *super().seen(rng, step)]


class FixedRealTrained(Trained):
    """FixedReal: the batch and a real set that is drawn once."""

    def prepare(self) -> None:
        self.real: Group | None = None

    def seen(self, rng: np.random.Generator, step: Step) -> list[Group]:
        if self.real is None:
            self.real = self.group(rng, self.truth, step.real)
        return [self.real, *super().seen(rng, step)]


class SubsampleTrained(Trained):
    """AccumulateSubsample: the batch joins the pool, of whose points the fit sees a part."""

    def prepare(self) -> None:
        self.points: list[Array] = []

    def seen(self, rng: np.random.Generator, step: Step) -> list[Group]:
        self.points.append(self.law.points(rng, self.parameter, step.rule.kept))
        pool = np.concatenate(self.points)
        self.points = [pool]
        chosen = subset(rng, self.count, step.size, len(pool)).T
        across = (step.size, *(1,) * (pool.ndim - 2), self.count)
        part = np.take_along_axis(pool, chosen.reshape(across), axis=0)
        return [(self.law.summary(part), step.size)]


TRAINED: dict[type[Workflow], type[Trained]] = {
    Replace: Trained,
    Accumulate: AccumulateTrained,
    AccumulateSubsample: SubsampleTrained,
    FreshReal: FreshRealTrained,
    FixedReal: FixedRealTrained,
}


def trained(
    setting: Setting, law: Law, steps: tuple[Step, ...], count: int, **options: bool
) -> Trained:
    """Start the chain of a setting's workflow.

    Raises
    ------
    InvalidInput
        If nobody draws this workflow.
    """
    kind = TRAINED.get(type(setting.workflow))
    if kind is None:
        raise InvalidInput(f"no simulation of the workflow {type(setting.workflow).__name__}")
    return kind(law, steps, count, **options)
