"""One group of recorded runs, as its table of a setting file describes it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.starts import (
    LARGEST,
    Start,
    Starts,
    numbers,
    positive_definite,
    read_starts,
)
from theory.errors import InvalidInput
from theory.vocabulary import WORKFLOWS, Accumulate, FirstBatch, FreshReal, Replace, Workflow

# Sizes and generations beyond it are no experiment, and lose digits in a float.
MOST = 10**12
# The flow takes the square of what a ridge is to a model.
WIDEST_RIDGE = 1e30
METRICS = ("covariance", "identity")
KEYS = (
    "name",
    "where",
    "workflow",
    "fraction",
    "selection",
    "kept_fraction",
    "sample_size",
    "dimension",
    "ridge",
    "metric",
    "first_batch",
    "generations",
    "until",
    "start",
)


@dataclass(frozen=True)
class Group:
    """Runs of one kind.

    Attributes
    ----------
    name, where
        What the group is called, and the rows of the table that belong to it.
    workflow
        What the next fit sees.
    kept_fraction
        Kept points over candidates; None where everything is kept.
    sample_size, ridge
        Points in one batch; what is added to the diagonal of every fit, in raw coordinates.
    metric
        ``"covariance"`` (the true one), ``"identity"``, or a matrix of shape (d, d).
    generations, until
        Generations to be judged at; None: 1, 2, 3, 5, 10, 20, ... up to `until`.
    starts
        The start of each run.
    """

    name: str
    where: Mapping[str, Any]
    workflow: Workflow
    kept_fraction: float | None
    sample_size: int
    ridge: float
    metric: str | NDArray[np.float64]
    first_batch: FirstBatch
    generations: tuple[int, ...] | None
    until: int | None
    dimension: int | None
    starts: Starts

    def start(self, run: str) -> Start:
        """The start of one run, of the declared dimension.

        Raises
        ------
        InvalidInput
            If the setting has none, the dimension is another, or a target is missing.
        """
        found = self.starts(run)
        if self.dimension is not None and found.dimension != self.dimension:
            raise InvalidInput(
                f"group {self.name!r} has dimension {self.dimension}, and the start of run {run} "
                f"has {found.dimension}"
            )
        if self.kept_fraction is not None and found.target is None:
            raise InvalidInput(f"group {self.name!r} selects, and run {run} has no target")
        return found


def only(given: Mapping[str, Any], accepted: tuple[str, ...], where: str) -> None:
    """Refuse a key that is not among the accepted ones."""
    unknown = sorted(set(map(str, given)) - set(accepted))
    if unknown:
        raise InvalidInput(f"{where} has no key {unknown[0]!r}; accepted: {', '.join(accepted)}")


def table(value: Any, where: str) -> Mapping[str, Any]:
    """Refuse what is no table."""
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{where} must be a table, not {value!r}")
    return value


def _number(given: Mapping[str, Any], word: str, where: str, default: float | None = None) -> float:
    value = given.get(word, default)
    if value is None:
        raise InvalidInput(f"{where} has no {word}")
    real = isinstance(value, int | float) and not isinstance(value, bool)
    if not real or not math.isfinite(value if isinstance(value, float) else 0):
        raise InvalidInput(f"{where}: {word} = {value!r} is not a finite number")
    if abs(value) > LARGEST:
        raise InvalidInput(f"{where}: {word} is not accepted; accepted: up to {LARGEST:g}")
    return float(value)


def _whole(value: Any, word: str, floor: int, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < floor:
        raise InvalidInput(f"{where}: {word} = {value!r} is not an integer of at least {floor}")
    if value > MOST:
        raise InvalidInput(f"{where}: {word} is not accepted; accepted: {floor} to {MOST:g}")
    return int(value)


def _workflow(given: Mapping[str, Any], where: str) -> Workflow:
    word = given.get("workflow")
    kinds = {kind.name: kind for kind in (Replace, Accumulate, FreshReal)}
    if not isinstance(word, str) or word not in kinds:
        known = " (it has no 1/n correction)" if isinstance(word, str) and word in WORKFLOWS else ""
        raise InvalidInput(f"{where}: workflow = {word!r}{known} is not one of {', '.join(kinds)}")
    if word == FreshReal.name:
        fraction = _number(given, "fraction", where)
        if not 0 < fraction < 1:
            raise InvalidInput(f"{where}: fraction = {fraction} of real data must lie in (0, 1)")
        return FreshReal(fraction)
    if "fraction" in given:
        raise InvalidInput(f"{where}: fraction goes with fresh-real, not with {word}")
    return Replace() if word == Replace.name else Accumulate()


def _kept(given: Mapping[str, Any], workflow: Workflow, where: str) -> float | None:
    selection = given.get("selection", "top-fraction" if "kept_fraction" in given else "keep-all")
    if not isinstance(selection, str) or selection not in ("top-fraction", "keep-all"):
        raise InvalidInput(f"{where}: selection = {selection!r} is not top-fraction or keep-all")
    if selection == "keep-all":
        if "kept_fraction" in given:
            raise InvalidInput(f"{where}: keep-all takes no kept_fraction")
        if isinstance(workflow, FreshReal):
            raise InvalidInput(f"{where}: keep-all goes with replace and accumulate")
        return None
    kept = _number(given, "kept_fraction", where)
    if not 0 < kept < 1:
        raise InvalidInput(f"{where}: kept_fraction = {kept} must lie in (0, 1)")
    return kept


def _generations(given: Mapping[str, Any], where: str) -> tuple[int, ...] | None:
    if "generations" not in given:
        return None
    values = given["generations"]
    if not isinstance(values, list | tuple) or not values:
        raise InvalidInput(f"{where}: generations must be a list of whole numbers")
    times = tuple(_whole(value, "generations", 1, where) for value in values)
    if any(b <= a for a, b in pairwise(times)):
        raise InvalidInput(f"{where}: generations must increase")
    return times


def _metric(value: Any, where: str) -> str | NDArray[np.float64]:
    if isinstance(value, str):
        if value not in METRICS:
            raise InvalidInput(
                f"{where}: metric = {value!r} is not {' or '.join(METRICS)}, nor a matrix"
            )
        return value
    return positive_definite("metric", numbers("metric", value, where), where)


def read_group(given: Any, place: int, start: Any, folder: Path) -> Group:
    """One group of a setting, the `place`-th; `start` is what it shares with the others.

    Raises
    ------
    InvalidInput
        If it says something that is not accepted.
    """
    given = table(given, f"group {place}")
    name = str(given.get("name", place))
    where = f"group {name!r}"
    only(given, KEYS, where)
    workflow = _workflow(given, where)
    ridge = _number(given, "ridge", where, 0.0)
    if not 0 <= ridge <= WIDEST_RIDGE:
        raise InvalidInput(f"{where}: ridge = {ridge:g}; accepted: 0 to {WIDEST_RIDGE:g}")
    first = given.get("first_batch", "generated")
    if first not in get_args(FirstBatch):
        raise InvalidInput(f"{where}: first_batch = {first!r} is not generated or real")
    if "sample_size" not in given:
        raise InvalidInput(f"{where} has no sample_size")
    return Group(
        name=name,
        where=table(given.get("where", {}), f"{where}: where"),
        workflow=workflow,
        kept_fraction=_kept(given, workflow, where),
        sample_size=_whole(given["sample_size"], "sample_size", 2, where),
        ridge=ridge,
        metric=_metric(given.get("metric", "covariance"), where),
        first_batch=first,
        generations=_generations(given, where),
        until=_whole(given["until"], "until", 1, where) if "until" in given else None,
        dimension=_whole(given["dimension"], "dimension", 1, where)
        if "dimension" in given
        else None,
        starts=read_starts(given.get("start", start), folder),
    )
