"""Predicted accumulated runs against raw simulation, cell by cell; cells in the table are kept.

$ python benchmarks/closure.py --dimension 2 --dimension 30 --kept .2 --distance 8 --distance 12
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flow_cells import of_the_mean, raw_simulation, table_of

from theory.flow import FlowProblem, predict
from theory.vocabulary import Accumulate

TIMES = [1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 75, 100, 150, 200, 300]


def measure(dimension: int, distance: float, kept: float, size: int, count: int) -> dict[str, Any]:
    """Errors of E log Tr, before and after, and the coverage of nominal 90 % bands; of the mean."""
    problem = FlowProblem(Accumulate(), dimension, distance, kept, sample_size=size)
    logs, moves = raw_simulation()("accumulate", dimension, distance, kept, size, TIMES, count)
    seen = predict(problem, TIMES)
    low, high = seen.log_trace_band
    share = ((logs >= low[:, None]) & (logs <= high[:, None])).mean(axis=1)
    mean, error = logs.mean(axis=1), logs.std(axis=1) / np.sqrt(count)
    before, after = np.abs(mean - seen.population), np.abs(mean - seen.log_trace)
    worst = int(after.argmax())
    left = float((after - 2.5 * error).max())
    return {
        "population": before.max(),
        "prediction": after.max(),
        "at": TIMES[worst],
        "error": error[worst],
        "cut": before.max() / after.max(),
        "resolved_cut": before.max() / left if left > 0 else np.inf,
        "coverage_low": share.min(),
        "coverage_high": share.max(),
        **of_the_mean(moves, seen.distance_population, seen.distance, seen.distance_sd),
    }


if __name__ == "__main__":
    table_of(measure, "closure.csv")()
