"""One generation of each workflow: what the next fit sees, drawn from its definition.

A `Chain` holds the models of many replicates and whatever their pools remember. Where a pool's old
points are all that counts through their size, mean and scatter, these are kept in the coordinates
of the current model, in which nothing underflows; AccumulateSubsample keeps the points themselves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from numerics.batch import Batch, raw_batch, statistics_batch, summarise
from numerics.measure import value_of
from numerics.model import Model, Start
from numerics.selection import Rule, draw_points
from numerics.steps import Step
from numerics.subsets import subset
from numerics.triangular import Array, apply, product, root_of, root_of_sum, solve
from numerics.verifier import View, look
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


class Chain(ABC):
    """The replicates of one setting, generation after generation.

    Parameters
    ----------
    setting, steps, count
        The question, its steps, and the number of replicates.
    statistics
        Draw means and scatters where nothing is selected, instead of points.
    displaced
        Whether anybody asks for the displacement of the mean.
    """

    def __init__(
        self,
        setting: Setting,
        steps: tuple[Step, ...],
        count: int,
        *,
        statistics: bool = False,
        displaced: bool = True,
    ) -> None:
        self.setting = setting
        self.start = Start.of(setting)
        self.dimension = setting.dimension
        self.model = Model(count, setting.dimension)
        self.steps = steps
        self.count = count
        self.lost = 1 if setting.fit == "unbiased" else 0
        self.ridge = float(setting.ridge)
        self.statistics = statistics
        # A verifier with a target of its own must know where the model's mean is.
        self.displaced = displaced or not setting.selection.closed or setting.filter_real
        self.prepare()

    def prepare(self) -> None:  # noqa: B027  (most workflows remember nothing)
        """Set up what the pool remembers."""

    @abstractmethod
    def advance(self, rng: np.random.Generator, step: Step) -> None:
        """Make the next fit."""

    def value(self, quantity: str) -> Array:
        """The quantity of every replicate."""
        return value_of(self.model, self.start, quantity)

    def batch(
        self,
        rng: np.random.Generator,
        rule: Rule,
        *,
        mean: bool = True,
        spread: float = 1.0,
        real: bool = False,
    ) -> Batch:
        """Draw one batch a replicate, of the model or of the true law."""
        if self.statistics and not rule.selects:
            return statistics_batch(rng, self.count, rule, mean=mean)
        return raw_batch(rng, self.count, rule, self.view(rule, spread, real=real))

    def view(self, rule: Rule, spread: float, *, real: bool = False) -> View | None:
        """How the verifier sees this generation's candidates, where it must look at the model."""
        if rule.verifier is None or not rule.selects:
            return None
        return look(self.setting, self.start, self.model, spread, real=real)

    def ridge_standard(self) -> list[Array]:
        """Root of the ridge in standard coordinates; nothing where there is no ridge."""
        if self.ridge == 0:
            return []
        root = np.sqrt(self.ridge) * solve(self.start.root, np.eye(self.dimension))
        return [np.asarray(np.tile(root, (self.count, 1, 1)))]

    def ridge_relative(self) -> list[Array]:
        """Root of the ridge in the model's own coordinates."""
        roots = self.ridge_standard()
        if not roots:
            return []
        shrink = np.exp(-self.model.log_scale)[:, None, None]
        return [shrink * solve(self.model.factor, root) for root in roots]

    def fit(
        self, parts: list[Array], divisor: float, rank: int, ridge: list[Array] | None = None
    ) -> Array:
        """Root of the next covariance: scatters (their roots `parts`) over `divisor`, and ridge."""
        roots: list[Array] = [part / np.sqrt(divisor) for part in parts]
        added = self.ridge_relative() if ridge is None else ridge
        if not added and len(roots) == 1:
            return roots[0]
        return root_of_sum(roots + added, self.dimension if added else rank)


class ReplaceChain(Chain):
    """Replace: the batch alone."""

    def advance(self, rng: np.random.Generator, step: Step) -> None:
        batch = self.batch(rng, step.rule, mean=self.displaced, spread=step.spread)
        root = self.fit([step.spread * batch.root], step.size - self.lost, step.size - 1)
        if self.displaced:
            self.model.move(step.spread * batch.mean)
        self.model.reshape(root)


class AccumulateChain(Chain):
    """Accumulate: the batch joins the pool, whose mean is the model's."""

    def prepare(self) -> None:
        self.size = 0
        self.pool: Array | None = None  # with a ridge: root of the pool's scatter

    def advance(self, rng: np.random.Generator, step: Step) -> None:
        batch = self.batch(rng, step.rule, spread=step.spread)
        old, new = self.size, step.rule.kept
        self.size = old + new
        divisor = self.size - self.lost
        offset = step.spread * batch.mean
        between = np.sqrt(old * new / self.size) * offset[:, :, None]
        parts = [step.spread * batch.root]
        if old:
            parts += [between, self._pool_root(old)]
        if self.ridge:
            scatter = root_of_sum(parts)
            root = self.fit([scatter], divisor, self.dimension)
            self.pool = solve(root, scatter)
        elif old:
            root = self._well_conditioned(parts[0], between, old - self.lost, divisor)
        else:
            root = self.fit(parts, divisor, new - 1)
        self.model.move(offset * (new / self.size))
        self.model.reshape(root)

    def _pool_root(self, old: int) -> Array:
        if self.pool is not None:
            return self.pool
        diagonal = np.sqrt(old - self.lost) * np.eye(self.dimension)
        return np.tile(diagonal, (self.count, 1, 1))

    def _well_conditioned(self, batch: Array, between: Array, old: float, divisor: float) -> Array:
        # In the model's own coordinates the pool's scatter is a multiple of I, so that the sum can
        # be formed and factored without loss.
        total = product(batch, batch.transpose(0, 2, 1)) + product(
            between, between.transpose(0, 2, 1)
        )
        diagonal = np.arange(self.dimension)
        total[:, diagonal, diagonal] += old
        total /= divisor
        return root_of(total)


class FixedRealChain(Chain):
    """FixedReal: the batch and a real set that is drawn once."""

    def prepare(self) -> None:
        # The real set in the model's own coordinates: where it lies, and a root of its scatter.
        self.offset: Array | None = None
        self.real: Array = self.model.root

    def advance(self, rng: np.random.Generator, step: Step) -> None:
        size, real, new = step.size, step.real, step.rule.kept
        if self.offset is None:
            first = self.batch(rng, Rule(self.dimension, real))
            self.offset, self.real = first.mean, first.root
        batch = self.batch(rng, step.rule, spread=step.spread)
        mean = step.spread * batch.mean
        between = np.sqrt(real * new / size) * (self.offset - mean)[:, :, None]
        root = self.fit([step.spread * batch.root, self.real, between], size - self.lost, size - 1)
        pooled = (new * mean + real * self.offset) / size
        self.offset = solve(root, (self.offset - pooled)[:, :, None])[:, :, 0]
        self.real = solve(root, self.real)
        self.model.move(pooled)
        self.model.reshape(root)


class FreshRealChain(ReplaceChain):
    """FreshReal: the batch and new real points."""

    def prepare(self) -> None:
        self.rank = self.dimension

    def advance(self, rng: np.random.Generator, step: Step) -> None:
        size, real, new = step.size, step.real, step.rule.kept
        if real == 0:
            super().advance(rng, step)
            self.rank = min(self.rank, size - 1)
            return
        truth = self.batch(rng, step.truth, real=True)
        batch = self.batch(rng, step.rule, spread=step.spread)
        root = step.spread * self.model.root
        mean = self.model.displacement + apply(root, batch.mean)
        between = np.sqrt(real * new / size) * (truth.mean - mean)[:, :, None]
        parts = [product(root, batch.root), truth.root, between]
        # The batch spans what the last fit spans, each real point one direction more.
        self.rank = min(self.rank, new - 1) + real if new else real - 1
        if self.ridge:
            self.rank = self.dimension
        fitted = self.fit(parts, size - self.lost, self.rank, ridge=self.ridge_standard())
        self.model.replace((new * mean + real * truth.mean) / size, fitted)


class SubsampleChain(Chain):
    """AccumulateSubsample: the batch joins the pool, the fit sees a part of the pool.

    There is no small set of sufficient statistics: fits of different generations share points, the
    points that they share form up to ``2**t`` cells, and each cell's mean and scatter would have to
    be kept. So the pool keeps its points.
    """

    def prepare(self) -> None:
        total = sum(step.rule.kept for step in self.steps)
        self.pool = np.empty((self.count, total, self.dimension))
        self.size = 0
        # After a fit on too few points a batch lies in a subspace, and a later fit may be singular
        # however many points it sees.
        self.degenerate = False

    def advance(self, rng: np.random.Generator, step: Step) -> None:
        new = slice(self.size, self.size + step.rule.kept)
        root = step.spread * self.model.root
        points = draw_points(rng, self.count, step.rule, self.view(step.rule, step.spread))
        points = points * root if self.dimension == 1 else points @ root.transpose(0, 2, 1)
        np.add(points, self.model.displacement[:, None, :], out=self.pool[:, new])
        self.size = new.stop
        self.degenerate |= step.size <= self.dimension and not self.ridge
        chosen = subset(rng, self.count, step.size, self.size)
        chosen += self.pool.shape[1] * np.arange(self.count)[:, None]
        seen = self.pool.reshape(-1, self.dimension).take(chosen.ravel(), axis=0)
        fit = summarise(seen.reshape(self.count, step.size, -1), degenerate=self.degenerate)
        roots = [fit.root / np.sqrt(step.size - self.lost), *self.ridge_standard()]
        self.model.replace(fit.mean, root_of_sum(roots) if self.ridge else roots[0])


CHAINS: dict[type[Workflow], type[Chain]] = {
    Replace: ReplaceChain,
    Accumulate: AccumulateChain,
    AccumulateSubsample: SubsampleChain,
    FreshReal: FreshRealChain,
    FixedReal: FixedRealChain,
}


def chain(setting: Setting, steps: tuple[Step, ...], count: int, **options: bool) -> Chain:
    """Start the chain of a setting's workflow.

    Raises
    ------
    InvalidInput
        If nobody draws this workflow.
    """
    kind = CHAINS.get(type(setting.workflow))
    if kind is None:
        raise InvalidInput(f"no simulation of the workflow {type(setting.workflow).__name__}")
    return kind(setting, steps, count, **options)
