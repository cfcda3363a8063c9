"""What the benchmarks of the flow share: raw draws, and a table of cells filled and kept."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from numerics.report.files import write_whole
from theory.flow.cuberoot import cube_root

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


def of_the_mean(
    moves: Any, before: Any, mean: Any, deviation: Any, shown: Any = True
) -> dict[str, float]:
    """Squared distances of the mean (times, runs) against the population law and the prediction:
    largest error in standard errors of ten runs, and coverage of nominal 90 % bands."""
    root, spread = cube_root(mean, deviation)
    inside = (np.abs(np.cbrt(moves) - root[:, None]) < 1.645 * spread[:, None]).mean(axis=1)
    drawn, ten = np.cbrt(moves).mean(axis=1), spread / np.sqrt(10)
    return {
        "mean_population": np.max(np.abs(drawn - np.cbrt(before)) / ten, where=shown, initial=0.0),
        "mean_prediction": np.max(np.abs(drawn - root) / ten, where=shown, initial=0.0),
        "mean_error": float(np.sqrt(10 / moves.shape[1])),
        "mean_coverage_low": np.min(inside, where=shown, initial=1.0),
        "mean_coverage_high": np.max(inside, where=shown, initial=0.0),
    }


def table_of(measure: Callable[..., dict[str, Any]], default: str) -> click.Command:
    """A command that measures the cells which a table does not have yet, and prints it."""

    @click.command(help="Measure the cells that the table OUT does not have yet, and print it.")
    @click.option("--dimension", type=int, multiple=True, default=(10,))
    @click.option("--distance", type=float, multiple=True, default=(15.52,))
    @click.option("--kept", type=float, multiple=True, default=(0.05,))
    @click.option("--size", type=int, multiple=True, default=(100,))
    @click.option("--replicates", type=int, default=500)
    @click.option("--out", type=click.Path(path_type=Path), default=Path(default))
    def command(replicates: int, out: Path, **lists: tuple[float, ...]) -> None:
        table = pd.read_csv(out) if out.exists() else pd.DataFrame(columns=CELL)
        for cell in itertools.product(*(lists[word] for word in CELL[:-1]), (replicates,)):
            if (table[CELL] == list(cell)).all(axis=1).any():
                continue
            row = pd.DataFrame([dict(zip(CELL, cell, strict=True)) | measure(*cell)])
            table = row if table.empty else pd.concat([table, row], ignore_index=True)
            write_whole(out, lambda file, made=table: made.to_csv(file, index=False))
        click.echo(table.round(4).to_string(index=False))

    return command
