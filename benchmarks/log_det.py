"""The determinant of runs with a verifier, predicted and drawn: one cell.

$ python benchmarks/log_det.py --workflow replace --dimension 10 --distance 8.22 --kept .05
"""

from __future__ import annotations

import click
import numpy as np
from numpy.typing import NDArray

from numerics.prediction.foreseen import foresee
from numerics.prediction.setting import describe
from numerics.streams import Stream

Floats = NDArray[np.float64]
TIMES = np.array([1, 2, 3, 5, 7, 10, 14, 20])


def drawn(accumulates: bool, distance: float, kept: float, n: int, d: int, count: int) -> Floats:
    """Logarithms of determinants, (runs, TIMES)."""
    given = {"d": d, "b": distance, "kept": kept, "n": n, "accumulates": int(accumulates)}
    rng = Stream("flow", "determinants of runs", given).generator()
    target, seen = distance * np.eye(d)[0], np.empty((count, TIMES.size))
    for run in range(count):
        mean, sigma = np.zeros(d), np.eye(d)
        for t in range(1, int(TIMES[-1]) + 1):
            x = rng.standard_normal((round(n / kept), d)) @ np.linalg.cholesky(sigma).T
            away = (x**2).sum(axis=1) + 2 * x @ (mean - target)
            x = x[np.argpartition(away, n - 1)[:n]]
            w = 1 / t if accumulates else 1.0
            first = x.mean(axis=0)
            sigma = (1 - w) * sigma + w * x.T @ x / n - w * w * np.outer(first, first)
            mean = mean + w * first
            if t in TIMES:
                seen[run, np.searchsorted(TIMES, t)] = np.linalg.slogdet(sigma)[1]
    return seen


@click.command(help="Errors of E log det and of its spread over runs of one setting.")
@click.option("--workflow", type=click.Choice(["replace", "accumulate"]), default="replace")
@click.option("--dimension", type=int, default=10)
@click.option("--distance", type=float, default=8.22)
@click.option("--kept", type=float, default=0.05)
@click.option("--size", type=int, default=100)
@click.option("--replicates", type=int, default=300)
def command(
    workflow: str, dimension: int, distance: float, kept: float, size: int, replicates: int
) -> None:
    """Draw the runs and print what is off, in standard errors of ten runs."""
    words = {"workflow": workflow, "kept_fraction": kept, "sample_size": size}
    start = {"distance": distance, "dimension": dimension}
    group = describe({"start": start, "group": [words]}).groups[0]
    curves = foresee(group, ["0"], [group.start("0")], TIMES, TIMES[:1]).det
    logs = drawn(workflow == "accumulate", distance, kept, size, dimension, replicates)
    ten = logs.std(axis=0) / np.sqrt(10)
    click.echo(f"noise of the drawn mean {np.sqrt(10 / replicates):.2f}; NaN where not predicted")
    for i, t in enumerate(TIMES):
        off = curves.mean[0, i] - logs[:, i].mean()
        click.echo(
            f"t = {t}: drawn {logs[:, i].mean():.3f}, prediction off by {off:+.3f}, of ten runs "
            f"{off / ten[i]:+.2f}, own {curves.own[0, i] / ten[i]:.2f}, spread over the drawn one "
            f"{curves.spread[0, i] / logs[:, i].std():.2f}"
        )


if __name__ == "__main__":
    command()
