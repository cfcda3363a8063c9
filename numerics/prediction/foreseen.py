"""What is foreseen of the runs of a group: their trace, and where their mean goes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.curves import Curves, neglected
from numerics.prediction.group import Group
from numerics.prediction.starts import Start
from theory.errors import InvalidInput
from theory.flow import FlowProblem, NoSymmetry, predict_all, predict_replaced
from theory.flow.cuberoot import POWER, cube_root
from theory.flow.replaced import LARGEST, ReplacedRuns
from theory.unselected import trace_moments
from theory.unselected_mean import distance_moments
from theory.vocabulary import FreshReal, Replace

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

# A mean that comes nearer to its target, in deviations over runs, arrives: what is then left of its
# way is a product of many factors, with a long tail of late arrivals.
ARRIVING = 3.0


@dataclass(frozen=True)
class Foreseen:
    """The runs of a group.

    Attributes
    ----------
    trace, distance
        The trace, and the squared distance of the mean from the true mean.
    middle
        What the noise of log Tr is seen about, (runs, T); see `numerics.prediction.scatter`.
    joint
        Covariance of log Tr over the generations `together`; (runs, together, together).
    """

    trace: Curves
    distance: Curves
    middle: Floats
    joint: Floats


def foresee(
    group: Group, names: Sequence[str], starts: Sequence[Start], times: Times, together: Times
) -> Foreseen:
    """What is predicted of runs of these names and starts at some generations."""
    if group.kept_fraction is None:
        return _unselected(group, starts, times, together)
    keeps = not isinstance(group.workflow, Replace | FreshReal)
    if keeps or not all(2 <= start.dimension <= LARGEST for start in starts):
        return _selected(group, names, starts, times, together)
    whole = _whole(group, names, starts, times, together)
    if isinstance(group.workflow, FreshReal) and not group.ridge:
        with contextlib.suppress(NoSymmetry):
            return _selected(group, names, starts, times, together, whole)
    return _replaced(whole)


def _distance(root: Floats, spread: Floats, own: Floats, ridge: Floats) -> Curves:
    """From mean and deviation of the cube root. What is said of the mean's way is as true as
    before once it is told in deviations: both shrink as the mean arrives."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = spread / root / POWER
        share = np.maximum.accumulate(np.nan_to_num(own / relative), axis=1)
        return Curves(POWER, np.log(root) / POWER, relative, share * relative, ridge)


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
    second: _Whole | None = None,
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
    ridge, moved = np.zeros_like(mean), np.zeros_like(mean)
    if group.ridge:
        loaded = [
            replace(problem, sample_size=None, ridge=_white_ridge(group, start))
            for problem, start in zip(problems, starts, strict=True)
        ]
        seen = predict_all(loaded, times)
        ridge = np.stack([each.population for each in seen]) - population
        moved = np.stack([each.distance_population for each in seen]) - straight
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
        apart = apart_moved / distance
    apart = np.where(np.isnan(apart), single, apart)
    if isinstance(group.workflow, Replace):  # nothing tells whether such a run arrives
        root = np.full_like(root, np.nan)
    return Foreseen(
        Curves(0.0, mean, spread, own, ridge),
        _distance(root, deviation, apart, moved / distance),
        population,
        rows("joint"),
    )


@dataclass(frozen=True)
class _Whole:
    """What the law of whole models says; `rows` are the places of the runs in it."""

    seen: ReplacedRuns
    rows: list[int]

    def read(self, word: str) -> Floats:
        """One array of it, (runs, T)."""
        return np.asarray(getattr(self.seen, word)[self.rows])


def _whole(
    group: Group, names: Sequence[str], starts: Sequence[Start], times: Times, together: Times
) -> _Whole:
    """Runs that keep no old batch, the raw ridge and any metric included."""
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
    assert isinstance(group.workflow, Replace | FreshReal)
    try:
        seen = predict_replaced(
            unique,
            group.kept_fraction,
            group.sample_size,
            times,
            workflow=group.workflow,
            together=together,
            metric=metric,
            ridge=group.ridge,
            first_batch=group.first_batch,
        )
    except InvalidInput as error:
        raise InvalidInput(f"group {group.name!r}, runs {', '.join(names)}: {error}") from None
    return _Whole(seen, rows)


def _replaced(whole: _Whole) -> Foreseen:
    """Runs whose whole model is carried on, two forms of it."""
    mean = whole.read("log_trace")
    nothing = np.zeros_like(mean)
    # Losses multiply, so that the square of the correction says nothing here.
    own = neglected(nothing, whole.read("apart"))
    distance = whole.read("distance")
    root, deviation = cube_root(distance, whole.read("distance_sd"))
    with np.errstate(invalid="ignore"):
        root = np.where(whole.read("left") < ARRIVING, np.nan, root)
    return Foreseen(
        Curves(0.0, mean, whole.read("log_trace_sd"), own, nothing),
        _distance(root, deviation, whole.read("distance_apart") / distance, nothing),
        mean,
        whole.read("joint"),
    )


def _unselected(group: Group, starts: Sequence[Start], times: Times, together: Times) -> Foreseen:
    """Runs that keep everything: exact moments of the trace, and of where the mean wanders."""
    last, size = int(times[-1]), group.sample_size
    seen = [trace_moments(group.workflow, s.covariance, size, last) for s in starts]
    wandered = [distance_moments(group.workflow, s.covariance, size, last) for s in starts]

    def rows(found: Sequence[Any], word: str) -> Floats:
        return np.stack([getattr(each, word)[times] for each in found])

    mean, population = rows(seen, "log_trace"), rows(seen, "log_mean")
    # A ridge adds its trace at every fit, and passes it on: at most t times where all is replaced.
    loads = np.array([[group.ridge * start.dimension] for start in starts]) * times
    ridge = np.log1p(loads / np.exp(population))
    own = neglected(mean - population, np.zeros_like(mean))
    # Without selection the steps are independent.
    passed = np.stack([np.cumsum(each.step_variation)[together] for each in seen])
    root = rows(wandered, "root")
    return Foreseen(
        Curves(0.0, mean, rows(seen, "log_trace_sd"), own, ridge),
        _distance(
            root, rows(wandered, "root_sd"), rows(wandered, "root_apart") / root / POWER, ridge
        ),
        population,
        np.minimum(passed[:, :, None], passed[:, None, :]),
    )
