"""A table of recorded generations, read in columns so that a million rows take seconds.

One row for each run and generation. Every fault is named; nothing is dropped or filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.monitoring.columns import (
    REFERENCE,
    holds_numbers,
    labels,
    numbers_of,
    open_table,
    rows_where,
    split_reference,
)
from theory.errors import RunsError

Array = NDArray[np.float64]
# The columns that say where a row belongs, and other words that tables use for them.
ALIASES: dict[str, tuple[str, ...]] = {
    "generation": ("generation", "iteration", "gen", "iter", "step", "round"),
    "run": ("run", "run_id", "replicate", "seed"),
    "loop": ("loop", "setting", "workflow", "arm"),
    "group": ("group", "seed"),
}
# Beyond it neighbouring integers are one number.
LATEST = 2.0**53


@dataclass(frozen=True)
class Record:
    """One run of one loop: consecutive generations and its columns.

    Attributes
    ----------
    loop, run, group : str
        Where it belongs; runs of one group share seeds.
    generation : array of shape (generations,)
    columns : mapping of str to array of shape (generations,)
    reference : mapping of str to float
        The row called ``reference``: counts of the data before any generation, if there are any.
    """

    loop: str
    run: str
    group: str
    generation: NDArray[np.int64]
    columns: Mapping[str, Array]
    reference: Mapping[str, float]


@dataclass(frozen=True)
class Table:
    """Recorded runs, the numeric columns they have, and the columns that were left unread."""

    source: str
    records: tuple[Record, ...]
    names: tuple[str, ...]
    ignored: tuple[str, ...]
    grouped: bool


def check_roles(given: Mapping[str, str]) -> None:
    """Refuse a word that is no role of a column."""
    unknown = sorted(set(given) - set(ALIASES))
    if unknown:
        raise RunsError(f"no role {unknown[0]!r}; columns have the roles {', '.join(ALIASES)}")


def _find(names: Sequence[str], role: str, given: Mapping[str, str], source: str) -> str | None:
    if role in given:
        if given[role] not in names:
            raise RunsError(
                f"{source} has no column {given[role]!r}; it has {', '.join(names) or 'none'}"
            )
        return given[role]
    known = {name.lower(): name for name in names}
    return next((known[word] for word in ALIASES[role] if word in known), None)


def _roles(names: Sequence[str], given: Mapping[str, str], source: str) -> dict[str, str | None]:
    """The column of each role, or None."""
    check_roles(given)
    roles = {role: _find(names, role, given, source) for role in ALIASES}
    if roles["group"] == roles["run"]:
        # A seed that names the runs says nothing more of what they share.
        roles["group"] = None
    if roles["generation"] is None:
        only = names[0] if len(names) == 1 else ""
        mark = next((mark for mark in (";", "\t", "|") if mark in only), None)
        if mark is not None:
            raise RunsError(f"{source}: cells are separated by {mark!r}; accepted: commas")
        raise RunsError(
            f"{source} has no column 'generation'; it has {', '.join(names) or 'none'}. "
            "Name it: --column generation=YOURS, or columns={'generation': 'YOURS'}"
        )
    taken: dict[str, str] = {}
    for role, column in roles.items():
        if column is not None and taken.setdefault(column, role) != role:
            raise RunsError(
                f"{source}: column {column!r} cannot be both {taken[column]} and {role}"
            )
    return roles


def read_table(
    source: str | Path | bytes | Any,
    columns: Mapping[str, str] | None = None,
    where: Mapping[str, str] | None = None,
    wanted: Sequence[str] = (),
    name: str | None = None,
    keep: Callable[[str], bool] = lambda name: True,
) -> Table:
    """Read recorded generations.

    Parameters
    ----------
    source
        A ``.csv`` or ``.parquet`` file, the bytes of a CSV file, or a pandas data frame.
    columns
        The table's names for ``generation``, ``run``, ``loop`` (runs of one loop are judged
        together) and ``group`` (runs of one group share seeds). Left out, usual words such as
        ``iteration`` and ``setting`` are understood.
    where
        Rows to keep: column name to value, compared as text.
    wanted
        Columns that must be there and be numbers.
    name
        What messages call the source.
    keep
        Which of the other numeric columns are read, by name; by default all.

    Raises
    ------
    RunsError
        If a column is missing, a cell is no finite number, a generation is missing or twice.

    Examples
    --------
    >>> table = read_table(b"run,generation,trace\\na,0,1.0\\na,1,0.9\\na,2,0.8\\n")
    >>> table.records[0].columns["trace"].tolist(), table.names
    ([1.0, 0.9, 0.8], ('trace',))
    """
    called = name or (Path(source).name if isinstance(source, str | Path) else "the table")
    given = dict(columns or {})
    table = open_table(source, called)
    table = rows_where(table, where or {}, called)
    names = list(table.column_names)
    if len(set(names)) < len(names):
        twice = next(each for each in names if names.count(each) > 1)
        raise RunsError(f"{called} has two columns {twice!r}")
    roles = _roles(names, given, called)
    time = str(roles["generation"])
    table, reference = split_reference(table, time)
    if table.num_rows == 0:
        raise RunsError(f"{called} has no rows")
    for each in wanted:
        if each not in names:
            raise RunsError(f"{called} has no column {each!r}; it has {', '.join(names)}")
        if each in roles.values():
            raise RunsError(f"{called}: column {each!r} says where rows belong; it is no metric")
    free = [each for each in names if each not in roles.values()]
    chosen = [
        each for each in free if each in wanted or (keep(each) and holds_numbers(table, each))
    ]
    steps = numbers_of(table, time, called)
    odd = np.flatnonzero((steps != np.round(steps)) | (steps < 0) | (steps > LATEST))
    if odd.size:
        raise RunsError(
            f"{called}: generations must be integers from 0 to 2**53, or the word reference, "
            f"not {steps[odd[0]]:g} in data row {odd[0] + 1}"
        )
    values = {each: numbers_of(table, each, called) for each in chosen}
    return Table(
        called,
        _records(table, reference, roles, steps.astype(np.int64), values, called),
        tuple(chosen),
        tuple(each for each in free if each not in chosen),
        roles["group"] is not None,
    )


def _records(
    table: Any,
    reference: Any,
    roles: Mapping[str, str | None],
    steps: NDArray[np.int64],
    values: Mapping[str, Array],
    called: str,
) -> tuple[Record, ...]:
    loop, loops = labels(table, roles["loop"], "", called)
    run, runs = labels(table, roles["run"], "1", called)
    group, groups = labels(table, roles["group"], "", called)
    order = np.lexsort((steps, run, loop))
    loop, run, group, steps = loop[order], run[order], group[order], steps[order]
    values = {name: each[order] for name, each in values.items()}
    starts = np.flatnonzero(np.r_[True, (np.diff(loop) != 0) | (np.diff(run) != 0)])
    bases = _references(reference, roles, list(values), called)
    found = []
    for begin, end in zip(starts, [*starts[1:], steps.size], strict=True):
        here = f"{called}: run {runs[run[begin]]}" + (
            f" of {loops[loop[begin]]}" * bool(roles["loop"])
        )
        jumps = np.diff(steps[begin:end])
        if np.any(jumps == 0):
            raise RunsError(
                f"{here} has generation {steps[begin + np.flatnonzero(jumps == 0)[0]]} twice; "
                "name the columns that tell runs and loops apart (run=..., loop=...)"
            )
        if np.any(jumps > 1):
            gap = steps[begin + np.flatnonzero(jumps > 1)[0]]
            raise RunsError(f"{here} has a gap after generation {gap}")
        if np.any(group[begin:end] != group[begin]):
            raise RunsError(f"{here} belongs to two groups")
        label = runs[run[begin]]
        found.append(
            Record(
                loops[loop[begin]],
                label,
                groups[group[begin]],
                steps[begin:end],
                {name: each[begin:end] for name, each in values.items()},
                bases.get(label, bases.get("", {})),
            )
        )
    return tuple(found)


def _references(
    reference: Any, roles: Mapping[str, str | None], names: Sequence[str], called: str
) -> dict[str, dict[str, float]]:
    """Reference rows by run; a single row without a run serves all of them."""
    if reference is None or reference.num_rows == 0:
        return {}
    found: dict[str, dict[str, float]] = {}
    for row in reference.to_pylist():
        label = row.get(roles["run"] or "")
        key = "" if label in (None, "", REFERENCE) or reference.num_rows == 1 else str(label)
        if key in found:
            raise RunsError(f"{called} has two reference rows for run {key or 'all'}")
        found[key] = {
            name: float(row[name])
            for name in names
            if isinstance(row[name], int | float) and np.isfinite(row[name])
        }
    return found
