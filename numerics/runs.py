"""Recorded runs: a table of generations, read with the user's own column names.

One row for each run and generation. Every fault of the table is named: nothing is dropped,
sorted away or filled in silently.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.sources import existing
from theory.errors import RunsError

# Beyond it neighbouring integers are one number.
LATEST = 2.0**53
ROLES = {
    "run": "which run a row belongs to (left out: the whole table is one run)",
    "generation": "number of fits made, 0 for the start",
    "value": "the recorded quantity",
}


@dataclass(frozen=True)
class Run:
    """One recorded run: consecutive generations and the value of the quantity at each."""

    name: str
    generation: NDArray[np.int64]
    value: NDArray[np.float64]


@dataclass(frozen=True)
class Runs:
    """Recorded runs of one quantity, and where they come from."""

    source: str
    runs: tuple[Run, ...]

    def transitions(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """One-generation ratios of all runs, one run after the other.

        Returns
        -------
        step, ratio
            The generation ``k`` that a ratio ``value_k / value_{k-1}`` leads to, and the ratio.

        Raises
        ------
        RunsError
            If a value is not positive: ratios are then undefined.
        """
        for run in self.runs:
            low = np.flatnonzero(run.value <= 0)
            if low.size:
                raise RunsError(
                    f"{self.source}: run {run.name} has value {run.value[low[0]]:g} at generation "
                    f"{run.generation[low[0]]}; ratios need positive values"
                )
        step = np.concatenate([run.generation[1:] for run in self.runs])
        ratio = np.concatenate([run.value[1:] / run.value[:-1] for run in self.runs])
        return step, ratio


def _read_table(path: Path) -> Any:
    try:
        import pandas as pd
    except ImportError:
        raise RunsError(
            "reading recorded runs needs pandas; install collapse-theory[runs]"
        ) from None
    existing(path, RunsError)
    readers: dict[str, Callable[..., Any]] = {
        ".csv": _read_text,
        ".tsv": _read_text,
        ".parquet": pd.read_parquet,
        ".pq": pd.read_parquet,
    }
    suffix = path.suffix.lower()
    if suffix not in readers:
        raise RunsError(f"{path.name} is none of {', '.join(readers)}")
    try:
        table = readers[suffix](path)
        if any(table.index.names):
            table = table.reset_index()
        return table.rename(columns=lambda name: str(name).strip())
    except RunsError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunsError(f"{path.name} cannot be read: {reason}") from None


def _read_text(path: Path) -> Any:
    """Cells apart by commas; by tabs or semicolons where the first line has no comma."""
    import pandas as pd

    with path.open(encoding="utf-8-sig") as file:
        head = file.readline()
    marks = [mark for mark in ("\t", ";") if mark in head and "," not in head]
    mark = marks[0] if marks else ","
    # Pandas would rename the second of two columns, and read the first.
    names = [name.strip() for name in next(csv.reader([head], delimiter=mark), [])]
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise RunsError(f"{path.name} has two columns {twice[0]!r}")
    if marks:
        return pd.read_csv(path, sep=mark, decimal="." if mark == "\t" else ",")
    return pd.read_csv(path, skipinitialspace=True)


def _column(table: Any, source: str, name: str) -> Any:
    if name not in table.columns:
        raise RunsError(
            f"{source} has no column {name!r}; it has {', '.join(map(str, table.columns))}"
        )
    return table[name]


def _numbers(table: Any, source: str, name: str) -> NDArray[np.float64]:
    import pandas as pd

    column = _column(table, source, name)
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        given, row = column.iloc[bad[0]], column.index[bad[0]] + 1
        what = "no number" if pd.isna(given) else repr(str(given))
        raise RunsError(
            f"{source}: column {name!r} has {what} in data row {row}; it must hold finite numbers"
        )
    return numbers


def _select(table: Any, source: str, where: Mapping[str, Any]) -> Any:
    import pandas as pd

    for name, wanted in where.items():
        column = _column(table, source, name)
        keep = column.astype(str) == str(wanted)
        if isinstance(wanted, int | float) and not isinstance(wanted, bool):
            # A column of 1.0 has rows where it is 1.
            keep |= pd.to_numeric(column, errors="coerce") == wanted
        if not keep.any():
            seen = ", ".join(sorted(map(str, column.unique()))[:8])
            raise RunsError(f"{source}: no row has {name} = {wanted}; there are {seen}")
        table = table[keep]
    return table


def _one_run(
    source: str, name: str, generation: NDArray[Any], value: NDArray[Any], gaps: bool
) -> Run:
    odd = generation[
        (generation != np.round(generation)) | (generation < 0) | (generation > LATEST)
    ]
    if odd.size:
        raise RunsError(
            f"{source}: run {name} has generation {odd[0]:g}; accepted: integers from 0 to 2**53"
        )
    order = np.argsort(generation, kind="stable")
    steps = generation[order].astype(np.int64)
    jumps = np.diff(steps)
    if np.any(jumps == 0):
        raise RunsError(
            f"{source}: run {name} has generation {steps[np.flatnonzero(jumps == 0)[0]]} twice; "
            "name the column that tells the runs apart (run=...), or select rows with where"
        )
    if np.any(jumps > 1) and not gaps:
        gap = steps[np.flatnonzero(jumps > 1)[0]]
        raise RunsError(f"{source}: run {name} has a gap after generation {gap}")
    if steps.size < 2 and not gaps:
        raise RunsError(f"{source}: run {name} has {steps.size} generation; a ratio needs two")
    return Run(name, steps, value[order].astype(np.float64))


def columns_of(path: str | Path) -> tuple[str, ...]:
    """Names of the columns of a table of recorded runs.

    Raises
    ------
    RunsError
        If it cannot be read.
    """
    return tuple(map(str, _read_table(existing(path, RunsError)).columns))


def read_runs(
    path: str | Path,
    columns: Mapping[str, str] | None = None,
    where: Mapping[str, Any] | None = None,
    *,
    gaps: bool = False,
) -> Runs:
    """Read recorded runs from a table of text (.csv, .tsv) or a Parquet file.

    Parameters
    ----------
    path
        A ``.csv``, ``.tsv`` or ``.parquet`` file with one row for each run and generation; text may
        be apart by commas, tabs or semicolons (then a decimal comma is read, too).
    columns
        The table's name for each role: ``run``, ``generation``, ``value``. A role that is left
        out bears its own name; without any ``run`` column the table is a single run.
    where
        Rows to keep: column name to value, compared as text, or as numbers if it is one.
    gaps
        Whether generations may be missing; ratios of consecutive ones are then undefined.

    Raises
    ------
    RunsError
        If a column is missing, a cell is no finite number, a generation is missing or twice.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "runs.csv"
    >>> _ = file.write_text("step,trace\\n0,1.0\\n1,0.9\\n2,0.8\\n")
    >>> runs = read_runs(file, {"generation": "step", "value": "trace"})
    >>> runs.transitions()[0].tolist()
    [1, 2]
    """
    file = existing(path, RunsError)
    source = file.name
    names = dict(columns or {})
    unknown = sorted(set(names) - set(ROLES))
    if unknown:
        raise RunsError(f"no role {unknown[0]!r}; columns have the roles {', '.join(ROLES)}")
    table = _read_table(file)
    if table.empty:
        raise RunsError(f"{source} has no row")
    table = _select(table, source, where or {})
    generation = _numbers(table, source, names.get("generation", "generation"))
    value = _numbers(table, source, names.get("value", "value"))
    if "run" in names or "run" in table.columns:
        given = _column(table, source, names.get("run", "run"))
        if given.isna().any():
            row = given.index[int(np.argmax(given.isna()))] + 1
            raise RunsError(
                f"{source}: column {names.get('run', 'run')!r} has an empty cell in data row {row}"
            )
        labels = given.astype(str).to_numpy()
    else:
        labels = np.full(len(table), "all")
    runs = tuple(
        _one_run(source, str(name), generation[labels == name], value[labels == name], gaps)
        for name in dict.fromkeys(labels)
    )
    return Runs(source, runs)
