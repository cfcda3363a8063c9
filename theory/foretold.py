"""Where algebra has no closed form: the mean and the band of a numeric setting, by its flow.

Two kinds of settings have one. Truncation selection around a fixed target follows the population
flow; n of N has the correction in 1/n and the spread of runs beside it (`theory.flow`). Without
selection the trace of the covariance has two exact moments (`theory.unselected`), of which its
logarithm is predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from theory.flow import (
    FlowProblem,
    NoSymmetry,
    ReplacedRuns,
    WholePath,
    predict,
    predict_replaced,
    whole_path,
)
from theory.flow.problem import FLOWING
from theory.flow.replaced import LARGEST
from theory.model import GAUSSIAN
from theory.setting import Setting
from theory.unselected import trace_moments
from theory.vocabulary import Accumulate, AccumulateSubsample, KeepAll, Replace, TopFraction

Floats = NDArray[np.float64]

# The trace, and what follows from the mean and the spread of its logarithm.
OF_TRACE = ("variance", "variance_squared", "log_variance")
OF_MEAN = ("squared_drift",)
CORRECTED = "flow around the target, with its 1/n correction"
POPULATION = "population flow around the target (n to infinity)"
LEVEL = 0.9
FURTHEST = 10_000


@dataclass(frozen=True)
class Foretold:
    """The expectation of a quantity at chosen generations; arrays of shape (generations,).

    Attributes
    ----------
    t
        Generations.
    mean
        The expectation; NaN where it is not known.
    low, high
        Ends of the band that 90 % of runs lie in; None for a population law, which has no spread.
    source
        What it rests on, in words.
    """

    t: NDArray[np.intp]
    mean: Floats
    low: Floats | None
    high: Floats | None
    source: str


def foretell(setting: Setting, quantity: str, generations: Sequence[int]) -> Foretold | None:
    """The expectation of a quantity and its band, where the setting has a flow.

    Parameters
    ----------
    setting
        Truncation selection around a fixed target in a fixed metric, or no selection; fits by
        maximum likelihood, one sample size, temperature 1.
    quantity
        ``"variance"``, ``"variance_squared"``, ``"log_variance"`` or ``"squared_drift"``.
    generations
        Increasing whole numbers, at most 10000.

    Returns
    -------
    Foretold or None
        None where nothing is known.

    Raises
    ------
    InvalidInput
        If the setting contradicts itself.

    Notes
    -----
    The trace is taken for log-normal; then ``E Tr^p = exp(p m + p^2 s^2 / 2)``, m and s^2 the mean
    and the variance of its logarithm, which differs from the truth by o(1/n).

    Examples
    --------
    >>> rule = TopFraction(kept_fraction=0.1, law="n-of-N", target=(4, 0, 0), metric="identity")
    >>> setting = Setting(Accumulate(), rule, sample_size=100, dimension=3)
    >>> seen = foretell(setting, "variance", [0, 1, 10])
    >>> seen.mean.round(3).tolist(), seen.source
    ([3.0, 1.355, 0.926], 'flow around the target, with its 1/n correction')
    """
    plain = (
        setting.model == GAUSSIAN
        and setting.fit == "mle"
        and float(setting.temperature) == 1
        and isinstance(setting.sample_size, int)
        and not setting.filter_real
        and max(generations) <= FURTHEST
    )
    if not plain:
        return None
    times = np.asarray(generations, dtype=np.intp)
    if isinstance(setting.selection, KeepAll):
        return _unselected(setting, quantity, times)
    return _selected(setting, quantity, times)


def _unselected(setting: Setting, quantity: str, times: NDArray[np.intp]) -> Foretold | None:
    known = isinstance(setting.workflow, Replace | Accumulate) and not float(setting.ridge)
    n = setting.size(1)
    if not known or quantity not in OF_TRACE or n < 2:
        return None
    seen = trace_moments(setting.workflow, _covariance(setting), n, int(times[-1]))
    found = _of_trace(quantity, seen.log_trace[times], seen.log_trace_sd[times])
    return Foretold(times, *found, "two exact moments of the trace, taken for log-normal")


def _selected(setting: Setting, quantity: str, times: NDArray[np.intp]) -> Foretold | None:
    rule, d = setting.selection, setting.dimension
    if not isinstance(rule, TopFraction) or rule.target is None:
        return None
    if not isinstance(setting.workflow, FLOWING) or quantity not in OF_TRACE + OF_MEAN:
        return None
    if rule.metric == "model" and d > 1:  # the metric moves with the model
        return None
    batch, pool = setting.batch_size(2), setting.candidates(2)
    share = float(rule.kept_fraction or 1) if pool is None else batch / pool
    if not 0 < share < 1:
        return None
    flow = _Flow(
        setting,
        share,
        np.eye(d) if isinstance(rule.metric, str) else np.array(rule.metric, dtype=float),
        np.array(rule.target, dtype=float),
        pool is not None and not isinstance(setting.workflow, AccumulateSubsample),
    )
    return flow.of_mean(times) if quantity in OF_MEAN else flow.of_trace(quantity, times)


@dataclass(frozen=True)
class _Flow:
    """Truncation selection around a fixed target, seen by the best of the flows that serve it."""

    setting: Setting
    share: float
    metric: Floats
    target: Floats
    corrected: bool

    @cached_property
    def problem(self) -> FlowProblem | None:
        """The question with an axis of symmetry, if there is one."""
        try:
            return FlowProblem.from_target(
                self.setting.workflow,
                *self.start,
                self.share,
                metric=self.metric,
                sample_size=self.setting.size(1) if self.corrected else None,
                ridge=float(self.setting.ridge),
                first_batch=self.setting.first_batch,
            )
        except NoSymmetry:
            return None

    @property
    def start(self) -> tuple[Floats, Floats, Floats]:
        """True mean, true covariance and target."""
        return np.zeros(self.setting.dimension), _covariance(self.setting), self.target

    @property
    def words(self) -> dict[str, Any]:
        """What the flows of whole matrices take besides the start."""
        setting = self.setting
        words = {"metric": self.metric, "ridge": float(setting.ridge)}
        return words | {"first_batch": setting.first_batch}

    def replaced(self, times: NDArray[np.intp]) -> ReplacedRuns | None:
        """Replaced runs in a few dimensions have a law that follows their middle."""
        setting = self.setting
        if not self.corrected or not isinstance(setting.workflow, Replace):
            return None
        if not 2 <= setting.dimension <= LARGEST:
            return None
        return predict_replaced([self.start], self.share, setting.size(1), times, **self.words)

    def population(self, times: NDArray[np.intp]) -> WholePath:
        """The population law without symmetry."""
        setting = self.setting
        return whole_path(setting.workflow, *self.start, self.share, int(times[-1]), **self.words)

    def of_trace(self, quantity: str, times: NDArray[np.intp]) -> Foretold:
        """A quantity of `OF_TRACE`."""
        runs = self.replaced(times)
        if runs is not None:
            found = _of_trace(quantity, runs.log_trace[0], runs.log_trace_sd[0])
            return Foretold(times, *found, CORRECTED)
        if self.problem is None:
            found = _of_trace(quantity, self.population(times).log_trace[times], None)
            return Foretold(times, *found, POPULATION)
        seen = predict(self.problem, times, LEVEL)
        found = _of_trace(quantity, seen.log_trace, seen.log_trace_sd if self.corrected else None)
        return Foretold(times, *found, CORRECTED if self.corrected else POPULATION)

    def of_mean(self, times: NDArray[np.intp]) -> Foretold:
        """The squared distance of the mean from the true one."""
        if self.problem is not None:
            seen = predict(self.problem, times, LEVEL)
            low, high = seen.distance_band if self.corrected else (None, None)
            source = CORRECTED if self.corrected else POPULATION
            return Foretold(times, seen.distance, low, high, source)
        runs = self.replaced(times)
        if runs is not None:
            return Foretold(times, runs.distance[0], None, None, CORRECTED)
        mean = (self.population(times).mean[times] ** 2).sum(axis=1)
        return Foretold(times, mean, None, None, POPULATION)


def _covariance(setting: Setting) -> Floats:
    if setting.covariance is not None:
        return np.array(setting.covariance, dtype=float)
    return float(setting.sigma_0) ** 2 * np.eye(setting.dimension)


def _of_trace(
    quantity: str, mean: Floats, sd: Floats | None
) -> tuple[Floats, Floats | None, Floats | None]:
    """Mean and band of a function of the trace from its logarithm's mean and spread."""
    reach = float(special.ndtri((1 + LEVEL) / 2)) * (np.zeros_like(mean) if sd is None else sd)
    low, high = (None, None) if sd is None else (mean - reach, mean + reach)
    if quantity == "log_variance":
        return mean, low, high
    power = 2 if quantity == "variance_squared" else 1
    spread = 0.0 if sd is None else sd
    raised = np.exp(power * mean + 0.5 * (power * spread) ** 2)
    if low is None or high is None:
        return raised, None, None
    return raised, np.exp(power * low), np.exp(power * high)
