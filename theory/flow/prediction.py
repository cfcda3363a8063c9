"""What a finite run of an experiment is expected to show: means with their bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from theory.errors import InvalidInput
from theory.flow import closure
from theory.flow.expansion import Fluctuations, expand
from theory.flow.observed import distance, log_det, log_trace, log_trace_over_time
from theory.flow.population import Bundle, Path, path
from theory.flow.problem import FlowProblem, checked_times
from theory.vocabulary import Accumulate, AccumulateSubsample

Floats = NDArray[np.float64]


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
        size, the population law and 0. Where batches accumulate, the law of the run is carried
        through the whole step (`theory.flow.closure`), whatever the weights of the trace. Elsewhere
        it is the first correction; from the generation on at which rounding has eaten it (Replace,
        far short of the target) constant gains go on (`theory.flow.onward`), or it is NaN if they
        were not constant yet.
    apart
        How far the first correction in 1/n lies from `log_trace`, which agrees with it up to 1/n^2;
        NaN where that correction is all there is.
    joint
        Covariance over runs of the logarithm of the raw trace at the generations `together`, to
        first order in 1/n; shape (together, together).
    distance_population, distance, distance_sd
        Raw squared distance of the mean from the true mean: population law, mean and standard
        deviation over runs, found as those of the trace; NaN where the correction overflows.
    distance_apart
        How far the first correction lies from `distance`, as in `apart`.
    log_det_population, log_det, log_det_sd, log_det_apart
        The same of the logarithm of the determinant of the whitened covariance.
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
    distance_apart: Floats
    log_det_population: Floats
    log_det: Floats
    log_det_sd: Floats
    log_det_apart: Floats
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
    [-0.053, 0.044]
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
    flow, states = _expanded(problems, times, level)
    stacked = _stacked(flow, states, times, together)
    carried = [i for i, each in enumerate(problems) if _carried(each)]
    if carried:
        law = closure.run(Bundle.of([problems[i] for i in carried]), times)
        first = {word: rows[carried] for word, rows in stacked.items()}
        # Until the mean has been led further than it wanders the first correction is exact.
        led = first["distance"] < 2 * first["distance_population"]
        found = {
            "log_trace": law.log_trace,
            "log_trace_sd": law.log_trace_sd,
            "apart": np.abs(law.log_trace - first["log_trace"]),
            "distance": np.where(led, law.distance, first["distance"]),
            "distance_sd": np.where(led, law.distance_sd, first["distance_sd"]),
            "distance_apart": np.abs(law.distance - first["distance"]),
            "log_det": law.log_det,
            "log_det_sd": law.log_det_sd,
            "log_det_apart": np.abs(law.log_det - first["log_det"]),
        }
        for word, rows in found.items():
            stacked[word][carried] = rows
    return _predictions(problems, times, stacked, level)


def expansion_all(
    problems: Sequence[FlowProblem], generations: ArrayLike, level: float = 0.9
) -> tuple[Prediction, ...]:
    """The same by the first correction in 1/n alone; see `predict_all`."""
    times = checked_times(generations)
    stacked = _stacked(*_expanded(problems, times, level), times)
    return _predictions(problems, times, stacked, level)


def _expanded(
    problems: Sequence[FlowProblem], times: NDArray[np.intp], level: float
) -> tuple[Path, Fluctuations | None]:
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
    return flow, expand(flow) if finite else None


def _stacked(
    flow: Path,
    states: Fluctuations | None,
    times: NDArray[np.intp],
    together: ArrayLike = (),
) -> dict[str, Floats]:
    # Far short of its target a replaced run is lost to rounding, and later to infinities: NaN.
    with np.errstate(over="ignore", invalid="ignore"):
        found = _seen(flow, states, times)
    for word in ("log_trace", "log_trace_sd", "distance", "distance_sd", "log_det", "log_det_sd"):
        found[word] = np.where(np.isfinite(found[word]), found[word], np.nan)
    for word in ("apart", "distance_apart", "log_det_apart"):
        found[word] = np.full_like(found["log_trace"], np.nan)
    some = checked_times(together) if np.size(together) else np.zeros(0, dtype=np.intp)
    found["joint"] = np.zeros((len(flow.bundle.problems), some.size, some.size))
    if states is not None:
        found["joint"] = log_trace_over_time(flow, states, some[some <= times[-1]])
    return found


def _predictions(
    problems: Sequence[FlowProblem],
    times: NDArray[np.intp],
    stacked: dict[str, Floats],
    level: float,
) -> tuple[Prediction, ...]:
    return tuple(
        Prediction(
            times.astype(float), level=level, **{word: rows[i] for word, rows in stacked.items()}
        )
        for i in range(len(problems))
    )


def _carried(problem: FlowProblem) -> bool:
    """Whether the law of the run is carried through the whole step. On a line nothing turns."""
    accumulates = isinstance(problem.workflow, Accumulate)
    return accumulates and problem.sample_size is not None and problem.dimension > 1


def _seen(flow: Path, states: Fluctuations | None, times: NDArray[np.intp]) -> dict[str, Floats]:
    logs, after = flow.log_trace[:, times], flow.log_trace[:, times + 1]
    ratio = (times + 1) / np.maximum(times, 1)
    shrunk = -ratio * np.expm1(after - logs)
    psi = times * np.where(flow.bundle.accumulates[:, None], shrunk, logs - after)
    moved = distance(flow, states, times)
    volume = flow.log_along[:, times] + flow.bundle.window.k[:, None] * flow.log_across[:, times]
    dets = (
        (volume, volume, np.zeros_like(volume)) if states is None else log_det(flow, states, times)
    )
    seen = (logs, np.zeros_like(logs)) if states is None else log_trace(flow, states, times)
    return {
        "population": logs,
        "log_trace": seen[0],
        "log_trace_sd": seen[1],
        "distance_population": moved[0],
        "distance": moved[1],
        "distance_sd": moved[2],
        "log_det_population": dets[0],
        "log_det": dets[1],
        "log_det_sd": dets[2],
        "psi": np.where(times == 0, np.nan, psi),
    }
