"""What is foreseen of the runs of a group: trace, determinant, and where their mean goes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.curves import Curves, neglected
from numerics.prediction.foresight import Foreseen, beyond_three_axes, distance_curves
from numerics.prediction.group import Group
from numerics.prediction.scatter import linear_until
from numerics.prediction.starts import Start
from numerics.prediction.unselected import unselected
from numerics.prediction.whole import Whole, replaced, whole_models
from theory.errors import InvalidInput
from theory.flow import FlowProblem, NoSymmetry, predict_all
from theory.flow.cuberoot import POWER, cube_root
from theory.flow.replaced import LARGEST
from theory.vocabulary import Accumulate, FreshReal, Replace

Floats = NDArray[np.float64]
Times = NDArray[np.int64]


def foresee(
    group: Group, names: Sequence[str], starts: Sequence[Start], times: Times, together: Times
) -> Foreseen:
    """What is predicted of runs of these names and starts at some generations."""
    if group.kept_fraction is None:
        return unselected(group, starts, times, together)
    keeps = not isinstance(group.workflow, Replace | FreshReal)
    if keeps or not all(2 <= start.dimension <= LARGEST for start in starts):
        return _selected(group, names, starts, times, together)
    whole = whole_models(group, names, starts, times, together)
    if isinstance(group.workflow, FreshReal) and not group.ridge:
        with contextlib.suppress(NoSymmetry):
            return _selected(group, names, starts, times, together, whole)
    return replaced(whole)


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


def _selected(
    group: Group,
    names: Sequence[str],
    starts: Sequence[Start],
    times: Times,
    together: Times,
    second: Whole | None = None,
) -> Foreseen:
    """Runs with a verifier: their law carried on, or the flow with its 1/n correction; `second` is
    another form of that."""
    problems = [_problem(group, name, start) for name, start in zip(names, starts, strict=True)]
    # Runs of one setting share their prediction.
    unique = list(dict.fromkeys(problems))
    found = dict(zip(unique, predict_all(unique, times, together=together), strict=True))

    def rows(word: str) -> Floats:
        return np.stack([getattr(found[problem], word) for problem in problems])

    mean, population = rows("log_trace"), rows("population")
    distance, straight = rows("distance"), rows("distance_population")
    ridge, ridge_moved, ridge_det = np.zeros((3, *mean.shape))
    if group.ridge:
        loaded = [
            replace(problem, sample_size=None, ridge=_white_ridge(group, start))
            for problem, start in zip(problems, starts, strict=True)
        ]
        seen = predict_all(loaded, times)
        ridge = np.stack([each.population for each in seen]) - population
        ridge_moved = np.stack([each.distance_population for each in seen]) - straight
        volumes = np.stack([each.log_det_population for each in seen])
        ridge_det = volumes - rows("log_det_population")
    spread = rows("log_trace_sd")
    apart, apart_moved = rows("apart"), rows("distance_apart")
    if second is not None:
        apart = np.abs(second.read("log_trace") - mean)
        apart_moved = np.abs(second.read("distance") - distance)
    own = neglected(mean - population, apart, spread)
    root, deviation = cube_root(distance, rows("distance_sd"))
    with np.errstate(divide="ignore", invalid="ignore"):
        bent = np.abs(np.log(distance / straight))
        # As of the trace: from a second form, or the next term were the series geometric.
        single = bent * np.maximum(bent, deviation / root / POWER)
        moved_own = apart_moved / distance
    moved_own = np.where(np.isnan(moved_own), single, moved_own)
    if isinstance(group.workflow, Accumulate):
        moved_own = moved_own + beyond_three_axes(distance, starts, group.sample_size)
    if isinstance(group.workflow, Replace):  # nothing tells whether such a run arrives
        root = np.full_like(root, np.nan)
    if second is None:
        # The raw determinant is that of the start times what the whitened one has changed by.
        raw = [np.linalg.slogdet(start.covariance)[1] for start in starts]
        white = [
            np.log(each.along) + (each.dimension - 1) * np.log(each.across) for each in problems
        ]
        det = rows("log_det") + np.subtract(raw, white)[:, None]
        if not isinstance(group.workflow, Accumulate):  # no second form tells what it is off by
            det = np.full_like(det, np.nan)
        det_own = neglected(np.zeros_like(det), rows("log_det_apart"))
        dets = Curves(0.0, det, rows("log_det_sd"), det_own, ridge_det)
    else:
        dets = second.det()
    carried = spread if second is None else second.read("log_trace_sd")
    return Foreseen(
        Curves(0.0, mean, spread, own, ridge),
        distance_curves(root, deviation, moved_own, ridge_moved / distance),
        dets,
        population,
        rows("joint"),
        linear_until(rows("joint"), carried[:, np.isin(times, together)] ** 2, group.sample_size),
    )
