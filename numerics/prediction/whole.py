"""What is foreseen of runs that keep no old batch, from the law of whole models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.curves import Curves, neglected
from numerics.prediction.foresight import Foreseen, distance_curves
from numerics.prediction.group import Group
from numerics.prediction.starts import Start
from theory.errors import InvalidInput
from theory.flow import predict_replaced
from theory.flow.cuberoot import cube_root
from theory.flow.replaced import ReplacedRuns
from theory.vocabulary import FreshReal, Replace

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

# A mean that comes nearer to its target, in deviations over runs, arrives: what is then left of its
# way is a product of many factors, with a long tail of late arrivals.
ARRIVING = 3.0


@dataclass(frozen=True)
class Whole:
    """What the law of whole models says; `rows` are the places of the runs in it."""

    seen: ReplacedRuns
    rows: list[int]

    def read(self, word: str) -> Floats:
        """One array of it, (runs, T)."""
        return np.asarray(getattr(self.seen, word)[self.rows])

    def det(self) -> Curves:
        """The determinant, until the mean arrives: then some runs are far behind."""
        mean, nothing = self.read("log_det"), np.zeros_like(self.read("log_det"))
        with np.errstate(invalid="ignore"):
            mean = np.where(self.read("left") < ARRIVING, np.nan, mean)
        own = neglected(nothing, self.read("log_det_apart"))
        return Curves(0.0, mean, self.read("log_det_sd"), own, nothing)


def whole_models(
    group: Group, names: Sequence[str], starts: Sequence[Start], times: Times, together: Times
) -> Whole:
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
    return Whole(seen, rows)


def replaced(whole: Whole) -> Foreseen:
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
        distance_curves(root, deviation, whole.read("distance_apart") / distance, nothing),
        whole.det(),
        mean,
        whole.read("joint"),
    )
