"""Predicted accumulated runs against raw simulation, cell by cell; cells in the table are kept.

$ python benchmarks/closure.py --dimension 2 --dimension 30 --kept .2 --distance 8 --distance 12
$ python benchmarks/closure.py --draws DRAWS.npz
"""

from __future__ import annotations

from typing import Any

from flow_cells import Draws, of_the_mean, of_the_trace, table_of

from theory.flow import FlowProblem, predict
from theory.vocabulary import Accumulate

TIMES = [1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 75, 100, 150, 200, 300]


def measure(
    draws: Draws, dimension: int, distance: float, kept: float, size: int, count: int
) -> dict[str, Any]:
    """Errors of E log Tr, before and after, and the coverage of nominal 90 % bands; of the mean."""
    problem = FlowProblem(Accumulate(), dimension, distance, kept, sample_size=size)
    trace, moves = draws(dimension, distance, kept, size, count)
    seen = predict(problem, TIMES)
    row = of_the_trace(trace, seen.population, seen.log_trace, *seen.log_trace_band)
    return {
        **row,
        "at": TIMES[int(row["at"])],
        **of_the_mean(moves, seen.distance_population, seen.distance, seen.distance_sd),
    }


if __name__ == "__main__":
    table_of(measure, "accumulate", TIMES, "closure.csv")()
