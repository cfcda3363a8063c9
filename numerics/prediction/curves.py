"""Predicted curves of every run of a group, and where they cannot be held against a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.setting import Group
from numerics.prediction.starts import Start
from theory.errors import InvalidInput
from theory.flow import FlowProblem, NoSymmetry, predict_all, predict_replaced
from theory.flow.replaced import LARGEST
from theory.unselected import trace_moments
from theory.vocabulary import Replace

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

# Share of a standard error of the mean that the ridge may move the population law by.
MOVED = 0.1


@dataclass(frozen=True)
class Curves:
    """Per run, shape (runs, T).

    Attributes
    ----------
    middle
        What the noise of log Tr is seen about; see `numerics.prediction.scatter`.
    mean, spread
        Mean and standard deviation of log Tr; NaN where a run is not predicted.
    own
        What the mean may be off by itself, see `numerics.prediction.judgement`.
    ridge
        What the largest isotropic ridge that contains the true one moves the population law by,
        where the ridge is not part of the prediction.
    joint
        Covariance of log Tr over the generations `together`; (runs, together, together).
    """

    middle: Floats
    mean: Floats
    spread: Floats
    own: Floats
    ridge: Floats
    joint: Floats

    def at(self, chosen: NDArray[np.bool_]) -> Curves:
        """Some of the generations; `joint` stays."""
        words = ("middle", "mean", "spread", "own", "ridge")
        return replace(self, **{word: getattr(self, word)[:, chosen] for word in words})


def neglected(correction: Floats, apart: Floats, spread: Floats | float = 0.0) -> Floats:
    """Size of what is left out, from the correction that was made and from a second form of it.

    Two forms of the law of a run that agree in 1/n differ by terms in 1/n^2, which both leave out.
    Where the first correction is all there is, and `apart` NaN: were its terms a geometric series,
    the next would be its square; with a verifier terms also fall as the runs scatter, `spread`. The
    largest up to a generation counts, as corrections change their sign.
    """
    size, single = np.abs(correction), np.isnan(apart)
    scatter = np.where(single, np.maximum.accumulate(np.nan_to_num(spread + 0 * size), axis=1), 0.0)
    size = np.maximum.accumulate(np.nan_to_num(size), axis=1)
    own = np.fmax(size * np.maximum(size, scatter), apart)
    return np.asarray(np.maximum.accumulate(np.nan_to_num(own), axis=1))


def _problem(group: Group, run: str, start: Start) -> FlowProblem:
    metric = group.metric
    matrix = None if isinstance(metric, str) else metric
    if isinstance(metric, str) and metric == "identity":
        matrix = np.eye(start.dimension)
    assert start.target is not None
    assert group.kept_fraction is not None
    try:
        return FlowProblem.from_target(
            group.workflow,
            start.mean,
            start.covariance,
            start.target,
            group.kept_fraction,
            metric=matrix,
            sample_size=group.sample_size,
            first_batch=group.first_batch,
        )
    except NoSymmetry:
        raise NoSymmetry(
            f"group {group.name!r}, run {run}: whitened by the metric, the covariance is not "
            "isotropic around the axis to the target; there is no 1/n correction for that"
        ) from None
    except InvalidInput as error:
        raise InvalidInput(f"group {group.name!r}, run {run}: {error}") from None


def _white_ridge(group: Group, start: Start) -> float:
    """The ridge over the smallest eigenvalue of the metric.

    In the whitened coordinates of the flow a raw ridge is not isotropic. It is nowhere larger than
    this multiple of the identity, whose effect on the flow is computed.
    """
    if not isinstance(group.metric, str):
        return group.ridge / float(np.linalg.eigvalsh(group.metric)[0])
    if group.metric == "identity":
        return group.ridge
    return group.ridge / float(np.linalg.eigvalsh(start.covariance)[0])


def selected(
    group: Group, names: Sequence[str], starts: Sequence[Start], times: Times, together: Times
) -> Curves:
    """Runs with a verifier: their law carried on, or the flow with its 1/n correction."""
    replaces = isinstance(group.workflow, Replace)
    if replaces and all(2 <= start.dimension <= LARGEST for start in starts):
        return _replaced(group, names, starts, times, together)
    problems = [_problem(group, name, start) for name, start in zip(names, starts, strict=True)]
    # Runs of one setting share their prediction.
    unique = list(dict.fromkeys(problems))
    found = dict(zip(unique, predict_all(unique, times, together=together), strict=True))
    seen = [found[problem] for problem in problems]
    mean, population, apart = (
        np.stack([getattr(each, word) for each in seen])
        for word in ("log_trace", "population", "apart")
    )
    ridge = np.zeros_like(mean)
    if group.ridge:
        loaded = [
            replace(problem, sample_size=None, ridge=_white_ridge(group, start))
            for problem, start in zip(problems, starts, strict=True)
        ]
        ridge = np.stack([each.population for each in predict_all(loaded, times)]) - population
    spread, joint = (np.stack([getattr(e, w) for e in seen]) for w in ("log_trace_sd", "joint"))
    own = neglected(mean - population, apart, spread)
    return Curves(population, mean, spread, own, ridge, joint)


def _replaced(
    group: Group, names: Sequence[str], starts: Sequence[Start], times: Times, together: Times
) -> Curves:
    """Replaced runs, the raw ridge and any metric included."""
    places: dict[bytes, int] = {}
    unique: list[tuple[Floats, Floats, Floats]] = []
    rows = []
    for start in starts:
        assert start.target is not None
        parts = start.mean, start.covariance, start.target
        key = b"".join(part.tobytes() for part in parts)
        if key not in places:
            places[key] = len(unique)
            unique.append(parts)
        rows.append(places[key])
    metric = None if isinstance(group.metric, str) else group.metric
    if isinstance(group.metric, str) and group.metric == "identity":
        metric = np.eye(starts[0].dimension)
    assert group.kept_fraction is not None
    try:
        seen = predict_replaced(
            unique,
            group.kept_fraction,
            group.sample_size,
            times,
            together=together,
            metric=None
            if isinstance(group.metric, str) and group.metric == "covariance"
            else metric,
            ridge=group.ridge,
            first_batch=group.first_batch,
        )
    except InvalidInput as error:
        raise InvalidInput(f"group {group.name!r}, runs {', '.join(names)}: {error}") from None
    mean, spread, apart, joint = (
        getattr(seen, word)[rows] for word in ("log_trace", "log_trace_sd", "apart", "joint")
    )
    # Losses multiply, so that the square of the correction says nothing here.
    own = neglected(np.zeros_like(mean), apart)
    return Curves(mean, mean, spread, own, np.zeros_like(mean), joint)


def unselected(group: Group, starts: Sequence[Start], times: Times, together: Times) -> Curves:
    """Runs that keep everything: exact moments of the trace."""
    last = int(times[-1])
    size = group.sample_size
    seen = [trace_moments(group.workflow, s.covariance, size, last) for s in starts]
    mean = np.stack([each.log_trace[times] for each in seen])
    # A ridge adds its trace at every fit, and passes it on: at most t times where all is replaced.
    ridge = np.stack(
        [
            np.log1p(group.ridge * s.dimension * times / np.exp(each.log_mean[times]))
            for s, each in zip(starts, seen, strict=True)
        ]
    )
    population = np.stack([each.log_mean[times] for each in seen])
    own = neglected(mean - population, np.zeros_like(mean))
    spread = np.stack([each.log_trace_sd[times] for each in seen])
    # Without selection the steps are independent.
    passed = np.stack([np.cumsum(each.step_variation)[together] for each in seen])
    joint = np.minimum(passed[:, :, None], passed[:, None, :])
    return Curves(population, mean, spread, own, ridge, joint)


def reasons_against(curves: Curves) -> list[str]:
    """Why a generation cannot be judged; empty where it can."""
    predicted = np.isfinite(curves.mean) & np.isfinite(curves.spread)
    some = predicted.sum(axis=0)
    variance = np.where(predicted, curves.spread**2, 0.0).sum(axis=0)
    error = np.sqrt(variance) / np.maximum(some, 1)
    found = []
    for i in range(curves.mean.shape[1]):
        if 2 * some[i] < len(predicted):
            found.append("fewer than half of the runs can be predicted that far")
        elif np.abs(curves.ridge[:, i]).mean() > MOVED * error[i]:
            found.append("the ridge may matter, and is not in the flow of three numbers")
        else:
            found.append("")
    return found
