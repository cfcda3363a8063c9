"""Draw, call, store: a unit of the benchmark is one file, written whole.

The samples of a replicate depend on the truth, the size and the replicate alone, so that every
estimator sees the same ones, and a run that is killed goes on with the units that are missing.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from numerics.report import units as kept
from numerics.report.units import Store, finish
from numerics.streams import Stream
from numerics.wasserstein.bench.grid import Grid, Unit
from numerics.wasserstein.registry import find
from numerics.wasserstein.truths import truth

_FORMAT = 1
_WHAT = "unit of a benchmark"
_CONTENT = "wasserstein benchmark"


@dataclass(frozen=True)
class Record:
    """All replicates of a unit; lists run over replicates.

    Attributes
    ----------
    unit
        What was run.
    squared_w2
        The truth.
    values
        Estimates; None where the method failed.
    controls
        The exact zero-mean control variate of each pair of samples.
    lower_bounds
        One-sided 95 % bounds, None where there is none.
    seconds
        Processor time of each call, on one thread: wall time where nothing else runs.
    converged, warned
        Whether the method said that it converged; how many warnings it gave.
    """

    unit: Unit
    squared_w2: float
    values: tuple[float | None, ...]
    controls: tuple[float, ...]
    lower_bounds: tuple[float | None, ...]
    seconds: tuple[float, ...]
    converged: tuple[bool, ...]
    warned: tuple[int, ...]


def run_unit(unit: Unit, replicates: int, salt: str) -> Record:
    """All replicates of a unit, on one thread.

    Parameters
    ----------
    unit, replicates, salt
        What to draw; the same three give the same values.

    Returns
    -------
    Record
    """
    pair, method, n = truth(unit.family, unit.dimension, unit.member), find(unit.estimator), 0
    values: list[float | None] = []
    bounds: list[float | None] = []
    controls, seconds, converged, warned = [], [], [], []
    n = unit.sample_size
    for replicate in range(replicates):
        where = {"truth": pair.name, "n": n, "replicate": replicate}
        drawn = pair.sample(Stream(salt, _CONTENT, where, "samples").generator(), n, n)
        own = Stream(salt, _CONTENT, {**where, "estimator": method.name}, "method")
        given = {"rng": own.generator()} if method.random else {}
        with threadpool_limits(1), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            begin = time.process_time()
            found = method(drawn.x, drawn.y, **given)
            seconds.append(time.process_time() - begin)
        values.append(None if found.failed else found.value)
        bounds.append(found.lower_bound)
        controls.append(drawn.control(pair.squared_w2))
        converged.append(found.converged)
        warned.append(len(caught))
    return Record(
        unit,
        pair.squared_w2,
        tuple(values),
        tuple(controls),
        tuple(bounds),
        tuple(seconds),
        tuple(converged),
        tuple(warned),
    )


def run(
    grid: Grid,
    *,
    salt: str,
    folder: Path | None = None,
    jobs: int = 2,
    done: Callable[[Record], object] = lambda record: None,
) -> list[Record]:
    """Run a benchmark, or what is missing of it.

    Parameters
    ----------
    grid, salt
        What to run, and its noise.
    folder
        Where finished units are kept and looked for; None keeps nothing.
    jobs
        Processes; values do not depend on it.
    done
        Told of each record as it is finished or found.

    Returns
    -------
    list of Record
        In the order of ``grid.units()``.

    Raises
    ------
    InvalidInput
        If the folder holds a unit of another salt or number of replicates, or a file that is none.
    """
    stamp = {"format": _FORMAT, "salt": salt, "replicates": grid.replicates}
    units = list(grid.units())
    found = finish(
        units,
        partial(run_unit, replicates=grid.replicates, salt=salt),
        Store(folder, stamp, _WHAT, "record"),
        stem=lambda unit: unit.stem,
        parse=lambda unit, held: _record(held, unit, grid.replicates),
        content=asdict,
        key_of=lambda record: record.unit,
        jobs=jobs,
        done=done,
    )
    return [found[unit] for unit in units]


def salt_in(folder: Path) -> str | None:
    """The salt of the units in a folder, or None if it holds none.

    Raises
    ------
    InvalidInput
        If a file there is no unit.
    """
    return kept.salt_in(folder, "*.json", _WHAT)


def _record(held: dict[str, Any], unit: Unit, replicates: int) -> Record:
    lists: dict[str, Sequence[Any]] = {
        word: tuple(held[word])
        for word in ("values", "controls", "lower_bounds", "seconds", "converged", "warned")
    }
    sizes = {len(each) for each in lists.values()}
    if (
        sizes != {replicates}
        or not math.isfinite(held["squared_w2"])
        or Unit(**held["unit"]) != unit
    ):
        raise ValueError("another unit, or lists of other lengths")
    return Record(unit, float(held["squared_w2"]), **lists)  # type: ignore[arg-type]
