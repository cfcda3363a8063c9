"""Replaced runs of the published recipe, raw ridge included, predicted and drawn.

$ python benchmarks/ridged.py --seed 42 --size 100 --replicates 60
"""

from __future__ import annotations

from typing import Any

import click
import numpy as np
from flow_cells import of_the_tests

from theory.flow import predict_replaced

TIMES = np.array([3, 5, 10, 20, 30, 50, 100, 150, 200, 300])
KEPT, RIDGE = 0.05, 1e-6


def published(seed: int) -> tuple[Any, Any, Any]:
    """mu*, Sigma* and u* of the published runs: ten dimensions, from numpy's legacy generator."""
    legacy = getattr(np.random, "RandomState")(seed)  # noqa: B009
    mean = legacy.randn(10)
    root = legacy.randn(10, 10)
    target = mean.copy()
    shifted = legacy.choice(10, 5, replace=False)
    target[shifted] += 3 * legacy.randn(5)
    return mean, root @ root.T + 0.1 * np.eye(10), target


@click.command()
@click.option("--seed", type=int, default=42, show_default=True)
@click.option("--size", type=int, default=100, show_default=True)
@click.option("--replicates", type=int, default=60, show_default=True)
@click.option("--until", type=int, default=300, show_default=True)
def main(seed: int, size: int, replicates: int, until: int) -> None:
    """Print E log Tr less the population law, simulated and predicted, and the spreads."""
    times = TIMES[until >= TIMES]
    start = published(seed)
    seen = predict_replaced([start], KEPT, size, times, ridge=RIDGE)
    logs, _ = of_the_tests("test_replaced.py", "drawn")(
        start, KEPT, size, int(times[-1]), replicates, RIDGE
    )
    logs = logs[times - 1]
    error = logs.std(axis=1) / np.sqrt(replicates)
    for i, t in enumerate(times):
        base = seen.population[0, i]
        print(
            f"t = {t}: simulated {logs[i].mean() - base:+.3f} ({error[i]:.3f}), predicted "
            f"{seen.log_trace[0, i] - base:+.3f}, forms {seen.apart[0, i]:.3f} apart; spread "
            f"{logs[i].std():.3f}, predicted {seen.log_trace_sd[0, i]:.3f}"
        )


if __name__ == "__main__":
    main()
