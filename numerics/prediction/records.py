"""What a table records of the runs of a group: the trace, and more where it has the columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.group import Group
from numerics.prediction.setting import DET, MEAN, RunsSetting
from numerics.prediction.starts import Start
from numerics.runs import Run, Runs, columns_of, read_runs
from theory.errors import RunsError

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

# Relative difference of two traces that is rounding.
ROUNDING = 1e-6
POSITIVE = {"trace": "a trace is positive", MEAN: "a squared distance is not negative"}


@dataclass(frozen=True)
class Record:
    """One recorded column of a group: `word` says what it is; logarithms, one array a run."""

    word: str
    runs: tuple[Run, ...]
    logs: tuple[Floats, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the runs."""
        return tuple(run.name for run in self.runs)

    def common(self) -> Times:
        """Generations after 0 that all runs record."""
        common = self.runs[0].generation
        for run in self.runs[1:]:
            common = np.intersect1d(common, run.generation)
        return common[common > 0]

    def at(self, times: Times) -> Floats:
        """Of every run, what it records at generations that all of them have."""
        pairs = zip(self.runs, self.logs, strict=True)
        return np.stack([log[np.searchsorted(run.generation, times)] for run, log in pairs])


def read_records(path: str | Path, setting: RunsSetting, group: Group) -> tuple[Record, ...]:
    """The trace of a group's runs; then, if named or found, where the mean is and the determinant.

    Raises
    ------
    RunsError
        If the table cannot be read, or holds a value that such a number cannot have.
    """
    present = columns_of(path)
    more = [word for word in (MEAN, DET) if word in setting.columns or word in present]
    records = []
    for word in (setting.value, *more):
        roles = {k: name for k, name in setting.columns.items() if k in ("run", "generation")}
        roles["value"] = setting.columns.get(word, word)
        table = read_runs(path, roles, group.where, gaps=True)
        records.append(
            Record(word, table.runs, tuple(_logs(run, word, table) for run in table.runs))
        )
    return tuple(records)


def _logs(run: Run, word: str, table: Runs) -> Floats:
    """Logarithms of what is recorded of a run; -inf for a mean that has not moved."""
    if word not in POSITIVE:
        return run.value
    low = np.flatnonzero(run.value < 0 if word == MEAN else run.value <= 0)
    if low.size:
        raise RunsError(
            f"{table.source}: run {run.name} has {word} {run.value[low[0]]:g} at "
            f"generation {run.generation[low[0]]}; {POSITIVE[word]}"
        )
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(run.value))


def beginnings(records: Sequence[Record], starts: Sequence[Start]) -> list[str]:
    """What runs record at generation 0, where it is not the start of the setting."""
    notes = []
    for record in records:
        for run, log, start in zip(record.runs, record.logs, starts, strict=True):
            if run.generation[0] == 0:
                notes += _beginning(record.word, run, float(log[0]), start)
            elif record is records[0] and run.generation[0] == 1:
                notes += _counted_from_one(run, float(log[0]), start)
    return notes


def _counted_from_one(run: Run, log: float, start: Start) -> list[str]:
    said = float(np.trace(start.covariance))
    if abs(np.exp(log) - said) > ROUNDING * said:
        return []
    return [f"run {run.name} has at generation 1 the trace of the start, which is generation 0"]


def missing(record: Record, common: Times) -> list[str]:
    """What is said of generations that some runs record and others do not."""
    every = np.unique(np.concatenate([run.generation for run in record.runs]))
    some = every[(every > 0) & ~np.isin(every, common)]
    if not some.size:
        return []
    lacks = next(run.name for run in record.runs if some[0] not in run.generation)
    return [f"generation {some[0]} is missing in run {lacks}; {some.size} such are not looked at"]


def _beginning(word: str, run: Run, log: float, start: Start) -> list[str]:
    said = float(np.trace(start.covariance))
    if word == MEAN:
        near = np.exp(log) <= ROUNDING * said
        return [] if near else [f"run {run.name} starts at {MEAN} {np.exp(log):.6g}, and not at 0"]
    if word == DET:
        volume = float(np.linalg.slogdet(start.covariance)[1])
        near = abs(log - volume) <= ROUNDING * max(abs(volume), 1.0)
        what = f"{DET} {log:.6g}, the setting at {volume:.6g}"
    else:
        near = abs(np.exp(log) - said) <= ROUNDING * said
        what = f"trace {np.exp(log):.6g}, the setting at {said:.6g}"
    return [] if near else [f"run {run.name} starts at {what}"]
