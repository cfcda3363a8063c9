"""Replaced runs with a verifier, predicted and drawn, cell by cell; cells in the table are kept.

$ python benchmarks/replaced.py --distance 6.53 --distance 15.52 --size 100
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flow_cells import of_the_mean, raw_simulation, table_of

from numerics.prediction.whole import ARRIVING
from theory.flow import predict_replaced

TIMES = np.array([1, 2, 3, 5, 7, 10, 14, 20])


def measure(dimension: int, distance: float, kept: float, size: int, count: int) -> dict[str, Any]:
    """Errors of E log Tr, before and after, and the coverage of nominal 90 % bands; of the mean."""
    target = np.zeros(dimension)
    target[0] = distance
    start = np.zeros(dimension), np.eye(dimension), target
    seen = predict_replaced([start], kept, size, TIMES)
    logs, moves = raw_simulation()(
        "replace", dimension, distance, kept, size, TIMES.tolist(), count
    )
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
        **of_the_mean(
            moves,
            seen.distance_population[0],
            seen.distance[0],
            seen.distance_sd[0],
            seen.left[0] >= ARRIVING,
        ),
    }


if __name__ == "__main__":
    table_of(measure, "replaced.csv")()
