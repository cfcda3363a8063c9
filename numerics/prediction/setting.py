"""What recorded runs are: a setting file, in TOML or in Python, read into groups of runs.

A TOML file has the tables ``[columns]``, ``[start]`` and one ``[[group]]`` for each kind of runs; a
Python file defines ``setting``, a dictionary of the same form whose `start` may be a function.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.starts import Start, Starts, read_starts, run_file
from theory.errors import InvalidInput
from theory.vocabulary import WORKFLOWS, Accumulate, FirstBatch, FreshReal, Replace, Workflow

METRICS = ("covariance", "identity")
VALUES = ("trace", "log_trace")
COLUMNS = ("run", "generation", *VALUES)
PARTS = ("columns", "start", "group")
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
# What `--set` may change in every group at once.
CHANGEABLE = ("workflow", "kept_fraction", "sample_size", "ridge", "until")


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


@dataclass(frozen=True)
class RunsSetting:
    """The columns of the table, and its groups of runs."""

    source: str
    columns: Mapping[str, str]
    groups: tuple[Group, ...]

    @property
    def value(self) -> str:
        """What the recorded column holds: ``"trace"`` or ``"log_trace"``."""
        return next((word for word in VALUES if word in self.columns), "trace")


def _only(given: Mapping[str, Any], accepted: tuple[str, ...], where: str) -> None:
    unknown = sorted(set(map(str, given)) - set(accepted))
    if unknown:
        raise InvalidInput(f"{where} has no key {unknown[0]!r}; accepted: {', '.join(accepted)}")


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{where} must be a table, not {value!r}")
    return value


def _number(given: Mapping[str, Any], word: str, where: str, default: float | None = None) -> float:
    value = given.get(word, default)
    if value is None:
        raise InvalidInput(f"{where} has no {word}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInput(f"{where}: {word} = {value!r} is not a finite number")
    return float(value)


def _whole(value: Any, word: str, floor: int, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < floor:
        raise InvalidInput(f"{where}: {word} = {value!r} is not an integer of at least {floor}")
    return int(value)


def _workflow(given: Mapping[str, Any], where: str) -> Workflow:
    word = given.get("workflow")
    kinds = {kind.name: kind for kind in (Replace, Accumulate, FreshReal)}
    if word not in kinds:
        known = " (it has no 1/n correction)" if word in WORKFLOWS else ""
        raise InvalidInput(f"{where}: workflow = {word!r}{known} is not one of {', '.join(kinds)}")
    if word == FreshReal.name:
        return FreshReal(_number(given, "fraction", where))
    if "fraction" in given:
        raise InvalidInput(f"{where}: fraction goes with fresh-real, not with {word}")
    return Replace() if word == Replace.name else Accumulate()


def _kept(given: Mapping[str, Any], workflow: Workflow, where: str) -> float | None:
    selection = given.get("selection", "top-fraction" if "kept_fraction" in given else "keep-all")
    if selection not in ("top-fraction", "keep-all"):
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
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InvalidInput(f"{where}: metric holds something that is no number") from None


def _group(given: Any, place: int, start: Any, folder: Path) -> Group:
    given = _table(given, f"group {place}")
    name = str(given.get("name", place))
    where = f"group {name!r}"
    _only(given, KEYS, where)
    workflow = _workflow(given, where)
    ridge = _number(given, "ridge", where, 0.0)
    if ridge < 0:
        raise InvalidInput(f"{where}: ridge = {ridge} is negative")
    first = given.get("first_batch", "generated")
    if first not in get_args(FirstBatch):
        raise InvalidInput(f"{where}: first_batch = {first!r} is not generated or real")
    if "sample_size" not in given:
        raise InvalidInput(f"{where} has no sample_size")
    return Group(
        name=name,
        where=_table(given.get("where", {}), f"{where}: where"),
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


def describe(
    given: Mapping[str, Any],
    *,
    source: str = "setting",
    folder: Path | None = None,
    changes: Mapping[str, Any] | None = None,
) -> RunsSetting:
    """Read a setting from a dictionary of the form of the file; see `read_setting`."""
    _only(given, PARTS, source)
    columns = {str(k): str(v) for k, v in _table(given.get("columns", {}), "columns").items()}
    _only(columns, COLUMNS, "columns")
    if all(word in columns for word in VALUES):
        raise InvalidInput("columns names both trace and log_trace; give one")
    groups = given.get("group")
    if not isinstance(groups, list | tuple) or not groups:
        raise InvalidInput(f"{source} describes no group of runs; give [[group]]")
    _only(changes or {}, CHANGEABLE, "--set")
    read = []
    for place, each in enumerate(groups, 1):
        changed = dict(_table(each, f"group {place}"))
        for word, value in (changes or {}).items():
            # A group that keeps everything has no fraction to change.
            if word != "kept_fraction" or word in changed:
                changed[word] = value
        read.append(_group(changed, place, given.get("start"), folder or Path()))
    names = [group.name for group in read]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput(f"two groups bear the name {name!r}")
    return RunsSetting(source, columns, tuple(read))


def read_setting(path: str | Path, changes: Mapping[str, Any] | None = None) -> RunsSetting:
    """Read what recorded runs are from a file.

    Parameters
    ----------
    path
        A ``.toml`` file, or a ``.py`` file that defines the dictionary ``setting``.
    changes
        Values that replace the file's in every group: `workflow`, `kept_fraction`,
        `sample_size`, `ridge`, `until`.

    Raises
    ------
    InvalidInput
        If the file cannot be read, or says something that is not accepted.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "setting.toml"
    >>> _ = file.write_text('''
    ... start = { distance = 6.5, dimension = 10 }
    ... [[group]]
    ... workflow = "accumulate"
    ... kept_fraction = 0.05
    ... sample_size = 100
    ... ''')
    >>> read_setting(file).groups[0].sample_size
    100
    """
    file = Path(path)
    if file.suffix == ".py":
        given = run_file(file).get("setting")
        if not isinstance(given, Mapping):
            raise InvalidInput(f"{file.name} defines no dictionary `setting`")
    elif file.suffix == ".toml":
        if not file.is_file():
            raise InvalidInput(f"no file {file}")
        try:
            given = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{file.name} is no TOML: {error}") from None
    else:
        raise InvalidInput(f"{file.name} is neither .toml nor .py")
    return describe(given, source=file.name, folder=file.parent, changes=changes)
