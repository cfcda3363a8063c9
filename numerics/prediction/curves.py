"""Predicted curves of every run of a group, and where they cannot be held against a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.setting import Group
from numerics.prediction.starts import Start
from theory.errors import InvalidInput
from theory.flow import FlowProblem, NoSymmetry, predict_all
from theory.unselected import trace_moments

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

# Share of a standard error of the mean that the ridge may move the population law by.
MOVED = 0.1


@dataclass(frozen=True)
class Curves:
    """Per run, shape (runs, T).

    Attributes
    ----------
    mean, spread
        Mean and standard deviation of log Tr.
    correction
        What the mean differs by from the population law.
    ridge
        What the largest isotropic ridge that contains the true one moves the population law by.
    """

    mean: Floats
    spread: Floats
    correction: Floats
    ridge: Floats


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


def selected(group: Group, names: Sequence[str], starts: Sequence[Start], times: Times) -> Curves:
    """Runs with a verifier: the flow with its 1/n correction and linearised noise."""
    problems = [_problem(group, name, start) for name, start in zip(names, starts, strict=True)]
    # Runs of one setting share their prediction.
    unique = list(dict.fromkeys(problems))
    found = dict(zip(unique, predict_all(unique, times), strict=True))
    seen = [found[problem] for problem in problems]
    mean = np.stack([each.log_trace for each in seen])
    population = np.stack([each.population for each in seen])
    ridge = np.zeros_like(mean)
    if group.ridge:
        loaded = [
            replace(problem, sample_size=None, ridge=_white_ridge(group, start))
            for problem, start in zip(problems, starts, strict=True)
        ]
        ridge = np.stack([each.population for each in predict_all(loaded, times)]) - population
    return Curves(mean, np.stack([e.log_trace_sd for e in seen]), mean - population, ridge)


def unselected(group: Group, starts: Sequence[Start], times: Times) -> Curves:
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
    return Curves(
        mean,
        np.stack([each.log_trace_sd[times] for each in seen]),
        mean - np.stack([each.log_mean[times] for each in seen]),
        ridge,
    )


def reasons_against(curves: Curves, runs: int) -> list[str]:
    """Why a generation cannot be judged; empty where it can."""
    error = np.sqrt((curves.spread**2).sum(axis=0)) / runs
    found = []
    for i in range(curves.mean.shape[1]):
        if not (np.isfinite(curves.mean[:, i]).all() and np.isfinite(curves.spread[:, i]).all()):
            found.append("rounding has eaten the 1/n correction")
        elif np.abs(curves.ridge[:, i]).mean() > MOVED * error[i]:
            found.append("the ridge may matter, and is not in the flow of three numbers")
        else:
            found.append("")
    return found
