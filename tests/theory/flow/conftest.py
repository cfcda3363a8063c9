"""Raw simulation of selection around a fixed target: it knows no formula of the flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from numerics.streams import Stream

Floats = NDArray[np.float64]


class Simulator(Protocol):
    """Draw the experiment; returns log traces and squared distances, (checkpoints, replicates)."""

    def __call__(
        self,
        workflow: str,
        d: int,
        b: float,
        alpha: float,
        n: int,
        checkpoints: Sequence[int],
        replicates: int,
        real_first: bool = ...,
        real_share: float = ...,
        weights: Floats | None = ...,
    ) -> tuple[Floats, Floats]: ...


def simulate(
    workflow: str,
    d: int,
    b: float,
    alpha: float,
    n: int,
    checkpoints: Sequence[int],
    replicates: int,
    real_first: bool = False,
    real_share: float = 0.0,
    weights: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Standard normal start, target at distance b, Euclidean metric, maximum likelihood.

    The trace is that of ``weights Sigma``, the distance ``mean' weights mean``; by default of
    Sigma and of the mean alone.
    """
    weights = np.eye(d) if weights is None else weights
    given = {"d": d, "b": b, "alpha": alpha, "n": n, "R": replicates, "real": real_share}
    rng = Stream("flow", f"selection around a target, {workflow}", given).generator()
    logs, moves = np.empty((2, len(checkpoints), replicates))
    chunk = max(1, int(4e6 * alpha / (n * d)))
    for begin in range(0, replicates, chunk):
        rows = slice(begin, min(begin + chunk, replicates))
        count = rows.stop - rows.start
        result = _runs(
            rng, workflow, d, b, alpha, n, checkpoints, count, real_first, real_share, weights
        )
        logs[:, rows], moves[:, rows] = result
    return logs, moves


def _runs(
    rng: np.random.Generator,
    workflow: str,
    d: int,
    b: float,
    alpha: float,
    n: int,
    checkpoints: Sequence[int],
    count: int,
    real_first: bool,
    real_share: float,
    weights: Floats,
) -> tuple[Any, Any]:
    mean, sigma = np.zeros((count, d)), np.tile(np.eye(d), (count, 1, 1))
    target = np.zeros(d)
    target[0] = b
    logs, moves = [], []
    real = round(real_share * n)
    kept = n - real
    for t in range(1, checkpoints[-1] + 1):
        whole = real_first and t == 1
        size = kept if whole else round(kept / alpha)
        x = rng.standard_normal((count, size, d)) @ np.swapaxes(np.linalg.cholesky(sigma), 1, 2)
        if not whole:
            # |x + mean - target|^2 without its constant, which would drown a far target's order.
            away = mean - target
            key = np.einsum("rij,rij->ri", x, x) + 2 * np.einsum("rij,rj->ri", x, away)
            best = np.argpartition(key, kept - 1, axis=1)[:, :kept]
            x = np.take_along_axis(x, best[:, :, None], axis=1)
        if real:
            x = np.concatenate([x, rng.standard_normal((count, real, d)) - mean[:, None]], axis=1)
        first, second = x.mean(axis=1), np.swapaxes(x, 1, 2) @ x / n
        w = 1 / t if workflow == "accumulate" else 1.0
        sigma = (1 - w) * sigma + w * second - w * w * first[:, :, None] * first[:, None, :]
        mean = mean + w * first
        if t in checkpoints:
            logs.append(np.log((sigma * weights).sum(axis=(1, 2))))
            moves.append(((mean @ weights) * mean).sum(axis=1))
    return np.array(logs), np.array(moves)


@pytest.fixture(scope="session")
def simulator() -> Simulator:
    """The raw simulation, as a function."""
    return simulate
