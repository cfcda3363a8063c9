"""Replaced runs with a verifier, predicted and drawn, cell by cell; cells in the table are kept.

$ python benchmarks/replaced.py --distance 6.53 --distance 15.52 --size 100
"""

from __future__ import annotations

import importlib.util
import itertools
import os
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from theory.flow import predict_replaced

TIMES = np.array([1, 2, 3, 5, 7, 10, 14, 20])
CELL = ["dimension", "distance", "kept", "size", "replicates"]


def raw_simulation() -> Any:
    """The simulation of the tests, which knows no formula."""
    place = Path(__file__).parent.parent / "tests" / "theory" / "flow" / "conftest.py"
    spec = importlib.util.spec_from_file_location("raw_simulation", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.simulate


def measure(dimension: int, distance: float, kept: float, size: int, count: int) -> dict[str, Any]:
    """Errors of E log Tr, before and after, and the coverage of nominal 90 % bands."""
    target = np.zeros(dimension)
    target[0] = distance
    start = np.zeros(dimension), np.eye(dimension), target
    seen = predict_replaced([start], kept, size, TIMES)
    logs, _ = raw_simulation()("replace", dimension, distance, kept, size, TIMES.tolist(), count)
    mean, error = logs.mean(axis=1), logs.std(axis=1) / np.sqrt(count)
    before, after = np.abs(mean - seen.population[0]), np.abs(mean - seen.log_trace[0])
    worst = int(after.argmax())
    inside = np.abs(logs - seen.log_trace[0][:, None]) <= 1.645 * seen.log_trace_sd[0][:, None]
    share = inside.mean(axis=1)
    return {
        "population": before.max(),
        "prediction": after.max(),
        "at": TIMES[worst],
        "error": error[worst],
        "apart": seen.apart[0].max(),
        "cut": before.max() / after.max(),
        "coverage_low": share.min(),
        "coverage_high": share.max(),
    }


@click.command()
@click.option("--dimension", type=int, multiple=True, default=(10,))
@click.option("--distance", type=float, multiple=True, default=(15.52,))
@click.option("--kept", type=float, multiple=True, default=(0.05,))
@click.option("--size", type=int, multiple=True, default=(100,))
@click.option("--replicates", type=int, default=500)
@click.option("--out", type=click.Path(path_type=Path), default=Path("replaced.csv"))
def main(
    dimension: tuple[int, ...],
    distance: tuple[float, ...],
    kept: tuple[float, ...],
    size: tuple[int, ...],
    replicates: int,
    out: Path,
) -> None:
    """Measure the cells that the table OUT does not have yet, and print it."""
    table = pd.read_csv(out) if out.exists() else pd.DataFrame(columns=CELL)
    for cell in itertools.product(dimension, distance, kept, size, (replicates,)):
        if (table[CELL] == list(cell)).all(axis=1).any():
            continue
        row = pd.DataFrame([dict(zip(CELL, cell, strict=True)) | measure(*cell)])
        table = row if table.empty else pd.concat([table, row], ignore_index=True)
        partial = out.with_suffix(".partial")
        table.to_csv(partial, index=False)
        os.replace(partial, out)
    click.echo(table.round(4).to_string(index=False))


if __name__ == "__main__":
    main()
