"""Replaced runs with a verifier, predicted and drawn, cell by cell; cells in the table are kept.

$ python benchmarks/replaced.py --distance 6.53 --distance 15.52 --size 100
$ python benchmarks/replaced.py --draws DRAWS.npz
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flow_cells import Draws, of_the_mean, of_the_trace, table_of

from numerics.prediction.whole import ARRIVING
from theory.flow import predict_replaced

TIMES = [1, 2, 3, 5, 7, 10, 14, 20]


def measure(
    draws: Draws, dimension: int, distance: float, kept: float, size: int, count: int
) -> dict[str, Any]:
    """Errors of E log Tr, before and after, and the coverage of nominal 90 % bands; of the mean."""
    target = np.zeros(dimension)
    target[0] = distance
    start = np.zeros(dimension), np.eye(dimension), target
    seen = predict_replaced([start], kept, size, np.array(TIMES))
    trace, moves = draws(dimension, distance, kept, size, count)
    middle, half = seen.log_trace[0], 1.645 * seen.log_trace_sd[0]
    row = of_the_trace(trace, seen.population[0], middle, middle - half, middle + half)
    return {
        **row,
        "at": TIMES[int(row["at"])],
        "apart": seen.apart[0].max(),
        **of_the_mean(
            moves,
            seen.distance_population[0],
            seen.distance[0],
            seen.distance_sd[0],
            seen.left[0] >= ARRIVING,
        ),
    }


if __name__ == "__main__":
    table_of(measure, "replace", TIMES, "replaced.csv")()
