"""What the benchmarks of the flow share: raw draws, and a table of cells filled and kept."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
import pandas as pd

from numerics.report.files import write_whole
from theory.flow.cuberoot import cube_root

Floats = npt.NDArray[np.float64]
CELL = ["dimension", "distance", "kept", "size", "replicates"]


def of_the_tests(file: str, word: str) -> Any:
    """A raw simulation of the tests, which knows no formula: `word` of a file of the flow."""
    place = Path(__file__).parent.parent / "tests" / "theory" / "flow" / file
    spec = importlib.util.spec_from_file_location(f"raw_{place.stem}", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, word)


def raw_simulation() -> Any:
    """Rounds around a fixed target from an isotropic start."""
    return of_the_tests("conftest.py", "simulate")


@dataclass(frozen=True)
class Seen:
    """What runs show of one observable, (times,): its mean, its deviation and quantiles."""

    mean: Floats
    deviation: Floats
    quantiles: Floats
    count: int

    @classmethod
    def of(cls, values: Floats) -> Seen:
        """Of values (times, runs)."""
        deviation = values.std(axis=1, ddof=1)
        return cls(values.mean(axis=1), deviation, np.sort(values, axis=1), values.shape[1])

    @property
    def error(self) -> Floats:
        """Standard error of the mean."""
        return self.deviation / np.sqrt(self.count)

    def share(self, low: Floats, high: Floats) -> Floats:
        """Share of the runs between two ends."""
        levels = (np.arange(self.quantiles.shape[1]) + 0.5) / self.quantiles.shape[1]
        rows = zip(self.quantiles, low, high, strict=True)
        return np.array([np.interp(b, q, levels) - np.interp(a, q, levels) for q, a, b in rows])


@dataclass(frozen=True)
class Draws:
    """Raw runs of a cell: drawn here, or on file from `flow_draws.py`."""

    workflow: str
    times: list[int]
    file: Path | None = None

    def __call__(self, d: int, b: float, kept: float, n: int, count: int) -> tuple[Seen, Seen]:
        """Log trace, and cube root of the squared distance of the mean."""
        if self.file is None:
            values = raw_simulation()(self.workflow, d, b, kept, n, self.times, count)
            return Seen.of(values[0]), Seen.of(np.cbrt(values[1]))
        with np.load(self.file) as known:
            name = ",".join(map(str, (self.workflow, d, b, kept, n, count)))
            mean, sd, ends = (known[f"{name}/{w}"] for w in ("mean", "deviation", "quantiles"))
        return Seen(mean[0], sd[0], ends[0], count), Seen(mean[1], sd[1], ends[1], count)

    def cells(self) -> list[tuple[int, float, float, int, int]]:
        """The cells on file of this workflow."""
        assert self.file is not None
        with np.load(self.file) as known:
            names = [name.split("/")[0].split(",") for name in known if name.endswith("/mean")]
        return [
            (int(d), float(b), float(kept), int(n), int(count))
            for workflow, d, b, kept, n, count in names
            if workflow == self.workflow
        ]


def of_the_trace(seen: Seen, before: Any, mean: Any, low: Any, high: Any) -> dict[str, float]:
    """E log Tr against the population law and the prediction; coverage of nominal 90 % bands."""
    old, new = np.abs(seen.mean - before), np.abs(seen.mean - mean)
    worst, share = int(new.argmax()), seen.share(low, high)
    return {
        "population": old.max(),
        "prediction": new.max(),
        "at": worst,
        "error": seen.error[worst],
        "cut": old.max() / new.max(),
        "coverage_low": share.min(),
        "coverage_high": share.max(),
    }


def of_the_mean(
    seen: Seen, before: Any, mean: Any, deviation: Any, shown: Any = True
) -> dict[str, float]:
    """Squared distances of the mean, their cube roots seen, against the population law and the
    prediction: largest error in standard errors of ten runs, coverage of nominal 90 % bands."""
    root, spread = cube_root(mean, deviation)
    inside, ten = seen.share(root - 1.645 * spread, root + 1.645 * spread), spread / np.sqrt(10)
    old, new = np.abs(seen.mean - np.cbrt(before)) / ten, np.abs(seen.mean - root) / ten
    return {
        "mean_population": np.max(old, where=shown, initial=0.0),
        "mean_prediction": np.max(new, where=shown, initial=0.0),
        "mean_error": float(np.sqrt(10 / seen.count)),
        "mean_coverage_low": np.min(inside, where=shown, initial=1.0),
        "mean_coverage_high": np.max(inside, where=shown, initial=0.0),
    }


Measure = Callable[[Draws, int, float, float, int, int], dict[str, Any]]


def table_of(measure: Measure, workflow: str, times: list[int], default: str) -> click.Command:
    """A command that measures the cells which a table does not have yet, and prints it."""

    @click.command(help="Measure the cells that the table OUT does not have yet, and print it.")
    @click.option("--dimension", type=int, multiple=True, default=(10,))
    @click.option("--distance", type=float, multiple=True, default=(15.52,))
    @click.option("--kept", type=float, multiple=True, default=(0.05,))
    @click.option("--size", type=int, multiple=True, default=(100,))
    @click.option("--replicates", type=int, default=500)
    @click.option(
        "--draws", type=click.Path(path_type=Path, exists=True), help="All cells on file."
    )
    @click.option("--out", type=click.Path(path_type=Path), default=Path(default))
    def command(replicates: int, draws: Path | None, out: Path, **lists: tuple[float, ...]) -> None:
        source = Draws(workflow, times, draws)
        product = itertools.product(*(lists[word] for word in CELL[:-1]), (replicates,))
        table = pd.read_csv(out) if out.exists() else pd.DataFrame(columns=CELL)
        for cell in source.cells() if draws else product:
            if (table[CELL] == list(cell)).all(axis=1).any():
                continue
            row = pd.DataFrame([dict(zip(CELL, cell, strict=True)) | measure(source, *cell)])
            table = row if table.empty else pd.concat([table, row], ignore_index=True)
            write_whole(out, lambda file, made=table: made.to_csv(file, index=False))
        click.echo(table.round(4).to_string(index=False))

    return command
