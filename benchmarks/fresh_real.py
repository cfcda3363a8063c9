"""Fresh real data with a verifier, predicted and drawn: one cell.

$ python benchmarks/fresh_real.py --dimension 5 --distance 15 --kept .2 --size 100 --real .1
"""

from __future__ import annotations

import click
import numpy as np
from flow_cells import of_the_mean, raw_simulation

from numerics.prediction.curves import neglected
from theory.flow import FlowProblem, predict, predict_replaced
from theory.vocabulary import FreshReal

TIMES = np.array([1, 2, 3, 5, 7, 10, 14, 20, 30])


@click.command(help="Errors of E log Tr and of the mean over runs of one setting.")
@click.option("--dimension", type=int, default=5)
@click.option("--distance", type=float, default=15.0)
@click.option("--kept", type=float, default=0.2)
@click.option("--size", type=int, default=100)
@click.option("--real", type=float, default=0.1)
@click.option("--replicates", type=int, default=1000)
def command(
    dimension: int, distance: float, kept: float, size: int, real: float, replicates: int
) -> None:
    """Draw the runs and print what is off, and what the prediction says it may be off by."""
    start = np.zeros(dimension), np.eye(dimension), np.r_[distance, np.zeros(dimension - 1)]
    problem = FlowProblem(FreshReal(real), dimension, distance, kept, sample_size=size)
    seen = predict(problem, TIMES)
    whole = predict_replaced([start], kept, size, TIMES, workflow=FreshReal(real))
    logs, moves = raw_simulation()(
        "fresh", dimension, distance, kept, size, TIMES.tolist(), replicates, real_share=real
    )
    shift, apart = seen.log_trace - seen.population, seen.log_trace - whole.log_trace[0]
    own = neglected(shift[None], np.abs(apart)[None])[0]
    off, error = logs.mean(axis=1) - seen.log_trace, logs.std(axis=1) / np.sqrt(replicates)
    inside = np.abs(logs - seen.log_trace[:, None]) < 1.645 * seen.log_trace_sd[:, None]
    worst = int(np.abs(off).argmax())
    click.echo(
        f"population law off by {np.abs(off + shift).max():.4f}, prediction by {off[worst]:+.4f} "
        f"(t = {TIMES[worst]}, standard error {error[worst]:.4f}, own {own[worst]:.4f}); in "
        f"standard errors of ten runs {np.abs(off / error * np.sqrt(10 / replicates)).max():.2f}; "
        f"coverage {inside.mean(axis=1).min():.2f} to {inside.mean(axis=1).max():.2f}"
    )
    mean = of_the_mean(moves, seen.distance_population, seen.distance, seen.distance_sd)
    click.echo(", ".join(f"{word} {value:.2f}" for word, value in mean.items()))


if __name__ == "__main__":
    command()
