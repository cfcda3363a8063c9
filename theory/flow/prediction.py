"""What a finite run of an experiment is expected to show: means with their bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from theory.errors import InvalidInput
from theory.flow import closure
from theory.flow.expansion import Fluctuations, Observable, expand
from theory.flow.population import Bundle, Path, path
from theory.flow.problem import FlowProblem, checked_times
from theory.vocabulary import Accumulate, AccumulateSubsample, Replace

Floats = NDArray[np.float64]

# Largest error of a mean logarithm, by rounding, that is let through.
ROUNDING = 1e-3


@dataclass(frozen=True)
class Prediction:
    """A predicted trajectory at chosen generations; every array has shape (generations,).

    Attributes
    ----------
    t
        Generations.
    population
        Logarithm of the raw trace, population law.
    log_trace, log_trace_sd
        Mean and standard deviation over runs of the logarithm of the raw trace; without a sample
        size, the population law and 0. Where batches accumulate and the raw trace weighs all
        directions alike, the law of the run is carried through the whole step
        (`theory.flow.closure`); elsewhere it is the first correction in 1/n, NaN from the
        generation on at which rounding has eaten it (Replace, far short of the target).
    apart
        How far the first correction in 1/n lies from `log_trace`, which agrees with it up to 1/n^2;
        NaN where that correction is all there is.
    joint
        Covariance over runs of the logarithm of the raw trace at the generations `together`, to
        first order in 1/n; shape (together, together).
    distance_population, distance, distance_sd
        Raw squared distance of the mean from the true mean: population law, mean over runs with
        the correction, standard deviation.
    psi
        ``-d log Tr / d log t`` of the population law, from the next generation:
        ``t (1 - Tr_{t+1} / Tr_t)`` where batches accumulate; NaN at t = 0.
    level
        Nominal share of runs in the bands.
    """

    t: Floats
    population: Floats
    log_trace: Floats
    log_trace_sd: Floats
    apart: Floats
    joint: Floats
    distance_population: Floats
    distance: Floats
    distance_sd: Floats
    psi: Floats
    level: float

    @property
    def log_trace_band(self) -> tuple[Floats, Floats]:
        """Lower and upper ends for the logarithm of the trace of one run."""
        half = self._quantile * self.log_trace_sd
        return self.log_trace - half, self.log_trace + half

    @property
    def distance_band(self) -> tuple[Floats, Floats]:
        """Lower and upper ends for the squared distance of one run, from a gamma law.

        It has the predicted mean and deviation, and is exact where the mean only wanders.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            shape = (self.distance / self.distance_sd) ** 2
            ends = [
                self.distance * special.gammaincinv(shape, share) / shape
                for share in ((1 - self.level) / 2, (1 + self.level) / 2)
            ]
        low, high = (np.where(self.distance_sd == 0, self.distance, end) for end in ends)
        return low, high

    @property
    def _quantile(self) -> float:
        return float(special.ndtri((1 + self.level) / 2))


def predict(
    problem: FlowProblem, generations: ArrayLike, level: float = 0.9, together: ArrayLike = ()
) -> Prediction:
    """Predict the runs of one problem.

    Parameters
    ----------
    problem
        The setting. Without a `sample_size`, the population law.
    generations
        Whole numbers, 0 or more, at most 100000; or one number T for 0..T.
    level
        Nominal share of runs in the bands, in (0, 1).
    together
        Increasing generations, none later than the last, whose covariance over time is found.

    Raises
    ------
    InvalidInput
        If a value lies outside, or the workflow has no correction (AccumulateSubsample).

    Examples
    --------
    >>> from theory.vocabulary import Accumulate
    >>> problem = FlowProblem(Accumulate(), 10, 6.5, 0.05, sample_size=100)
    >>> seen = predict(problem, [10, 100])
    >>> [round(float(x), 3) for x in seen.log_trace - seen.population]
    [-0.053, 0.041]
    """
    return predict_all([problem], generations, level, together)[0]


def predict_all(
    problems: Sequence[FlowProblem],
    generations: ArrayLike,
    level: float = 0.9,
    together: ArrayLike = (),
) -> tuple[Prediction, ...]:
    """Predict several problems at once, which costs little more than one; see `predict`."""
    times = checked_times(generations)
    if not 0 < level < 1:
        raise InvalidInput(f"level = {level} must lie in (0, 1)")
    finite = [each for each in problems if each.sample_size is not None]
    for each in finite:
        if isinstance(each.workflow, AccumulateSubsample):
            raise InvalidInput(
                "accumulate-subsample has a population flow but no 1/n correction; "
                "leave sample_size out"
            )
    flow = path(Bundle.of(problems), int(times[-1]) + 1)
    states = expand(flow) if finite else None
    pieces = [_at(flow, None if states is None else states[t], t) for t in times]
    stacked = {word: np.stack([piece[word] for piece in pieces], axis=1) for word in pieces[0]}
    some = checked_times(together) if np.size(together) else np.zeros(0, dtype=np.intp)
    joint = np.zeros((len(problems), some.size, some.size))
    if states is not None:
        sizes = np.array([float(each.sample_size or np.inf) for each in problems])
        joint = _joint(flow, states, some[some <= times[-1]]) / sizes[:, None, None]
    stacked["joint"] = joint
    stacked["apart"] = np.full_like(stacked["log_trace"], np.nan)
    carried = [i for i, each in enumerate(problems) if _carried(each)]
    if carried:
        laws = closure.run(Bundle.of([problems[i] for i in carried]), times)
        mean = laws[0] + np.log([problems[i].trace_along for i in carried])[:, None]
        stacked["apart"][carried] = np.abs(mean - stacked["log_trace"][carried])
        stacked["log_trace"][carried] = mean
        stacked["log_trace_sd"][carried] = np.sqrt(laws[1])
    return tuple(
        Prediction(
            times.astype(float), level=level, **{word: rows[i] for word, rows in stacked.items()}
        )
        for i in range(len(problems))
    )


def _joint(flow: Path, states: list[Fluctuations], times: NDArray[np.intp]) -> Floats:
    """n times the covariance over time of the logarithm of the trace; (rows, times, times)."""
    rows, count = len(flow.bundle.problems), times.size
    found = np.zeros((rows, count, count))
    scalar, vector, tensor = (np.zeros((rows, *shape, count)) for shape in ((3,), (2,), ()))
    last = 0
    for i, t in enumerate(times):
        for state in states[last + 1 : t + 1]:
            scalar, vector = state.carry_scalar @ scalar, state.carry_vector @ vector
            tensor = state.carry_tensor[:, None] * tensor
        here, state, last = _trace(flow, int(t))[0], states[t], int(t)
        mixed, traceless = np.sqrt(here.mixed[:, 1]), np.sqrt(here.traceless)
        scalar[:, :, i] = (state.scalar @ here.linear[:, :, None])[:, :, 0]
        vector[:, :, i] = state.vector[:, :, 1] * mixed[:, None]
        tensor[:, i] = state.tensor * traceless
        row = np.einsum("ra,rai->ri", here.linear, scalar) + mixed[:, None] * vector[:, 1]
        found[:, i] = row + traceless[:, None] * tensor
    # Later columns were empty when a row was written.
    lower = np.tril(np.ones((count, count), dtype=bool))
    return np.where(lower, found, np.swapaxes(found, 1, 2))


def _carried(problem: FlowProblem) -> bool:
    """Whether the law of the run is carried through the whole step.

    The axis turns with the run; a trace that weighs directions unequally would have to know by
    how much. On a line there is nothing to turn.
    """
    level = problem.trace_along * (problem.dimension - 1)
    uneven = abs(problem.weight_across - level) + problem.trace_mixed + problem.trace_traceless
    accumulates = isinstance(problem.workflow, Accumulate)
    finite = problem.sample_size is not None and problem.dimension > 1
    return accumulates and finite and uneven <= 1e-12 * problem.trace_along


def _at(flow: Path, state: Fluctuations | None, t: int) -> dict[str, Floats]:
    bundle = flow.bundle
    rows = len(bundle.problems)
    trace, base = _trace(flow, t)
    distance = _distance(flow, t)
    logs = flow.log_trace
    shrunk = -np.expm1(logs[:, t + 1] - logs[:, t])
    accumulates = bundle.accumulates
    psi = t * np.where(accumulates, (t + 1) / max(t, 1) * shrunk, -(logs[:, t + 1] - logs[:, t]))
    result = {
        "population": logs[:, t],
        "log_trace": logs[:, t],
        "log_trace_sd": np.zeros(rows),
        "distance_population": distance.value,
        "distance": distance.value,
        "distance_sd": np.zeros(rows),
        "psi": np.full(rows, np.nan) if t == 0 else psi,
    }
    if state is None:
        return result
    k = bundle.window.k
    n = np.array([float(each.sample_size or np.inf) for each in bundle.problems])
    # Where the pool is replaced, ratios to the population path stay small and levels do not.
    ratios = np.array([isinstance(each.workflow, Replace) for each in bundle.problems])
    shift, first = trace.shift(state, k) / n, trace.first_spread(state) / n
    variance = first + trace.second_spread(state, k) / n**2
    with np.errstate(invalid="ignore", divide="ignore"):
        corrected = 1 + shift
        by_level = np.log(corrected) - 0.5 * variance / corrected**2
        result["log_trace"] = base + np.where(ratios, shift - 0.5 * first, by_level)
        result["log_trace_sd"] = np.sqrt(np.where(ratios, first, variance / corrected**2))
    lost = _lost(state, k) / n > ROUNDING
    for word in ("log_trace", "log_trace_sd"):
        result[word] = np.where(lost & ratios, np.nan, result[word])
    spread = distance.first_spread(state) / n
    spread = spread + np.where(ratios, 0.0, distance.second_spread(state, k) / n**2)
    result["distance"] = distance.value + distance.shift(state, k) / n
    result["distance_sd"] = np.sqrt(spread)
    return result


def _lost(state: Fluctuations, k: Floats) -> Floats:
    """n times the rounding error of the corrections, relative to the trace.

    Where Replace stops short of the target, the model shrinks while the place of its mean stays
    uncertain: in units of the model the fluctuations of the place grow exponentially, and they
    cancel from the trace only up to rounding.
    """
    place = state.scalar[:, 0, 0] + k * state.vector[:, 0, 0]
    return np.asarray(np.nan_to_num(8 * np.finfo(float).eps * place, nan=np.inf))


def _trace(flow: Path, t: int) -> tuple[Observable, Floats]:
    """The raw trace over its population value, and the logarithm of that value."""
    rows = flow.bundle.problems
    base = flow.log_trace[:, t]
    along = np.exp(flow.log_along[:, t] - base)
    across = np.exp(flow.log_across[:, t] - base)
    k = np.maximum(flow.bundle.window.k, 1.0)
    on, off = (np.array([getattr(p, w) for p in rows]) for w in ("trace_along", "weight_across"))
    mixed = np.array([p.trace_mixed for p in rows])
    uneven = np.array([p.trace_traceless for p in rows])
    nothing = np.zeros(len(rows))
    return (
        Observable(
            value=np.ones(len(rows)),
            linear=np.stack([nothing, on * along, off * across], axis=1),
            mixed=np.stack([nothing, 4 * mixed * along * across], axis=1),
            traceless=2 * uneven * across**2,
            along=-on * along,
            across=-off * across / k,
            uneven=uneven * across**2,
        ),
        base,
    )


def _distance(flow: Path, t: int) -> Observable:
    """The raw squared distance of the mean from the true mean."""
    rows = flow.bundle.problems
    along, across = np.exp(flow.log_along[:, t]), np.exp(flow.log_across[:, t])
    moved = flow.bundle.distance - flow.gap[:, t]
    k = np.maximum(flow.bundle.window.k, 1.0)
    on, off = (np.array([getattr(p, w) for p in rows]) for w in ("trace_along", "weight_across"))
    mixed = np.array([p.trace_mixed for p in rows])
    uneven = np.array([p.trace_traceless for p in rows])
    nothing = np.zeros(len(rows))
    return Observable(
        value=on * moved**2,
        linear=np.stack([2 * on * moved * np.sqrt(along), nothing, nothing], axis=1),
        mixed=np.stack([4 * moved**2 * mixed * across, nothing], axis=1),
        traceless=nothing,
        along=on * along,
        across=off * across / k,
        uneven=uneven * across**2,
    )
