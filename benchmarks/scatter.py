"""False and true refutations of `collapse predict` by the scatter of ten runs, over many groups.

$ python benchmarks/scatter.py --size 100 --groups 40

Each group is ten raw runs of twenty generations, every candidate drawn, from ten starts of random
covariance and target, as in the released code of arXiv 2606.13732. They are judged with the right
sample size, with half of it and with twice.
"""

from __future__ import annotations

from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from numerics.prediction.foreseen import foresee
from numerics.prediction.foresight import Foreseen
from numerics.prediction.scatter import LENGTH, scatter
from numerics.prediction.setting import describe
from numerics.streams import Stream

Floats = NDArray[np.float64]
RUNS, RIDGE = 10, 1e-6


def starts(dimension: int, scale: float) -> dict[str, dict[str, Floats]]:
    """True mean, true covariance and target of ten runs."""
    rng = Stream("scatter", "starts", {"d": dimension}).generator()
    found = {}
    for run in range(RUNS):
        mean, root = rng.standard_normal(dimension), rng.standard_normal((dimension, dimension))
        target = mean.copy()
        some = rng.choice(dimension, dimension // 2, replace=False)
        target[some] += scale * rng.standard_normal(some.size)
        covariance = root @ root.T + 0.1 * np.eye(dimension)
        found[str(run)] = {"mean": mean, "covariance": covariance, "target": target}
    return found


def drawn(
    start: dict[str, Floats],
    accumulates: bool,
    kept: float | None,
    size: int,
    count: int,
    rng: np.random.Generator,
) -> Floats:
    """Log traces of raw runs, (count, LENGTH)."""
    mean, sigma, target = start["mean"], start["covariance"], start["target"]
    d = mean.size
    unroot = np.linalg.inv(np.linalg.cholesky(sigma))
    centre, model = np.tile(mean, (count, 1)), np.tile(sigma, (count, 1, 1))
    drawn_size = size if kept is None else round(size / kept)
    logs = np.empty((count, LENGTH))
    for t in range(1, LENGTH + 1):
        root = np.swapaxes(np.linalg.cholesky(model), 1, 2)
        x = rng.standard_normal((count, drawn_size, d)) @ root
        if kept is not None:
            white, away = x @ unroot.T, (centre - target) @ unroot.T
            order = (white**2).sum(axis=2) + 2 * np.einsum("rij,rj->ri", white, away)
            best = np.argpartition(order, size - 1, axis=1)[:, :size]
            x = np.take_along_axis(x, best[:, :, None], axis=1)
        first, second = x.mean(axis=1), np.swapaxes(x, 1, 2) @ x / size
        w = 1 / t if accumulates else 1.0
        pool = (1 - w) * (model - (RIDGE if t > 1 else 0.0) * np.eye(d)) + w * second
        model = pool - w * w * first[:, :, None] * first[:, None, :] + RIDGE * np.eye(d)
        centre = centre + w * first
        logs[:, t - 1] = np.log(np.trace(model, axis1=1, axis2=2))
    return logs


def predicted(where: dict[str, Any], accumulates: bool, kept: float | None, size: int) -> Foreseen:
    """What is foreseen of ten runs."""
    given: dict[str, Any] = {
        "workflow": "accumulate" if accumulates else "replace",
        "sample_size": size,
        "ridge": RIDGE,
    }
    if kept is not None:
        given["kept_fraction"] = kept
    group = describe({"start": {"runs": where}, "group": [given]}).groups[0]
    each = [group.start(run) for run in where]
    times = np.arange(1, LENGTH + 1)
    return foresee(group, list(where), each, times, times)


@click.command()
@click.option("--size", default=100, show_default=True)
@click.option("--dimension", default=10, show_default=True)
@click.option("--kept", default=0.05, show_default=True)
@click.option("--scale", default=3.0, show_default=True, help="Size of the targets' offsets.")
@click.option("--groups", default=40, show_default=True)
@click.option("--level", default=0.99, show_default=True)
def main(size: int, dimension: int, kept: float, scale: float, groups: int, level: float) -> None:
    """Draw, judge, and print one line for each workflow, with a verifier and without."""
    where = starts(dimension, scale)
    for accumulates in (False, True):
        for share in (None, kept):
            given = {
                "n": size,
                "d": dimension,
                "accumulates": int(accumulates),
                "kept": share or 1.0,
            }
            rng = Stream("scatter", "raw runs", given).generator()
            logs = np.stack(
                [drawn(each, accumulates, share, size, groups, rng) for each in where.values()],
                axis=1,
            )
            times = np.arange(1, LENGTH + 1)
            name = ("accumulate" if accumulates else "replace") + (" + select" if share else "")
            line = f"n {size} d {dimension} kept {share} {name:19}"
            for claimed in (size, size // 2, 2 * size):
                here = predicted(where, accumulates, share, claimed)
                found = [
                    scatter(each - here.middle, here.joint, times, claimed, level, here.lengths)
                    for each in logs
                ]
                seen = [each for each in found if each is not None]
                ratios = np.array([each.ratio for each in seen])
                refuted = np.mean([each.refutes for each in seen])
                line += f" | n = {claimed}: ratio {ratios.mean():.3f}, refuted {refuted:.3f}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
