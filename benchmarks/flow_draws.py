"""Rounds of selection drawn in great number with torch, so that thousandths are resolved.

    python benchmarks/flow_draws.py CELLS.json DRAWS.npz [--device cuda] [--seconds S]

CELLS.json is a list fixed before the run. For each cell and checkpoint the mean, the deviation and
1001 quantiles of the log trace and of the cube root of the squared distance of the mean are kept;
a cell on file is not drawn again. `closure.py` and `replaced.py` compare with `--draws DRAWS`.
The rounds are those of `tests/theory/flow/conftest.py` and know no formula either. PyTorch is
needed for this file alone, and a graphics card makes it quick.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
import torch

from numerics.streams import Stream

TIMES = {
    "accumulate": [1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 75, 100, 150, 200, 300],
    "replace": [1, 2, 3, 5, 7, 10, 14, 20],
}
LEVELS = (np.arange(1001) + 0.5) / 1001
NUMBERS_AT_ONCE = 2**28


def rounds(cell: dict[str, Any], count: int, noise: torch.Generator) -> torch.Tensor:
    """Log traces and cube roots of squared distances, (2, times, count): a standard normal
    start, the target at a distance along the first axis, maximum likelihood."""
    d, n, accumulate = cell["dimension"], cell["size"], cell["workflow"] == "accumulate"
    size, device = round(n / cell["kept"]), noise.device
    # Replaced models shrink past what single precision orders; pools of batches do not.
    fine = torch.float32 if accumulate else torch.float64
    mean = torch.zeros(count, d, dtype=torch.float64, device=device)
    sigma = torch.eye(d, dtype=torch.float64, device=device).expand(count, d, d).clone()
    target = torch.zeros(d, dtype=torch.float64, device=device)
    target[0] = cell["distance"]
    times, seen = TIMES[cell["workflow"]], []
    for t in range(1, times[-1] + 1):
        factor = torch.linalg.cholesky(sigma).mT.to(fine)
        x = torch.randn(count, size, d, dtype=fine, device=device, generator=noise) @ factor
        # |x + mean - target|^2 without its constant, which would drown a far target's order.
        key = (x * (x + 2 * (mean - target).to(fine)[:, None])).sum(dim=2)
        best = key.topk(n, dim=1, largest=False, sorted=False).indices
        x = x.gather(1, best[:, :, None].expand(-1, -1, d)).double()
        first, second = x.mean(dim=1), x.mT @ x / n
        w = 1 / t if accumulate else 1.0
        sigma = (1 - w) * sigma + w * second - w * w * first[:, :, None] * first[:, None, :]
        mean = mean + w * first
        if t in times:
            trace, distance = sigma.diagonal(dim1=1, dim2=2).sum(dim=1), mean.square().sum(dim=1)
            seen.append(torch.stack([trace.log(), distance.pow(1 / 3)]))
    return torch.stack(seen, dim=1)


def draw(cell: dict[str, Any], device: str) -> dict[str, npt.NDArray[np.float64]]:
    """What is kept of a cell: mean, deviation and quantiles, each (2, times, ...)."""
    seed = Stream("flow in number", "selection around a target", cell).generator().integers(2**62)
    noise = torch.Generator(device).manual_seed(int(seed))
    per_run = cell["size"] / cell["kept"] * cell["dimension"]
    chunk = max(1, int(NUMBERS_AT_ONCE / per_run))
    count = cell["replicates"]
    parts = [rounds(cell, min(chunk, count - begin), noise) for begin in range(0, count, chunk)]
    values = torch.cat([part.cpu() for part in parts], dim=2).numpy()
    return {
        "mean": values.mean(axis=2),
        "deviation": values.std(axis=2, ddof=1),
        "quantiles": np.moveaxis(np.quantile(values, LEVELS, axis=2), 0, -1).astype(np.float32),
    }


def name_of(cell: dict[str, Any]) -> str:
    """The name under which a cell is on file."""
    words = ("workflow", "dimension", "distance", "kept", "size", "replicates")
    return ",".join(str(cell[word]) for word in words)


@click.command()
@click.argument("cells", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("draws", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--device", default="cpu", help="Where torch draws: cpu or cuda.")
@click.option("--seconds", type=float, default=float("inf"), help="Begin no cell after this time.")
def main(cells: Path, draws: Path, device: str, seconds: float) -> None:
    """Draw the CELLS that the file DRAWS does not have yet."""
    begin = time.monotonic()
    known = dict(np.load(draws)) if draws.exists() else {}
    for cell in json.loads(cells.read_text()):
        name = name_of(cell)
        if f"{name}/mean" in known or time.monotonic() - begin > seconds:
            continue
        start = time.monotonic()
        try:
            known |= {f"{name}/{word}": values for word, values in draw(cell, device).items()}
        except torch.linalg.LinAlgError as problem:
            click.echo(f"{name}: not drawn: {problem}")
            continue
        part = draws.with_suffix(".part.npz")
        np.savez_compressed(part, **known)
        part.replace(draws)
        click.echo(f"{name}: {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
