"""Recursive training of any model whose batches are summarised by additive statistics."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from theory.errors import InvalidInput
from theory.vocabulary import Accumulate, FreshReal, Replace, Workflow

Array = NDArray[np.float64]
Statistics = tuple[Array, ...]


class Model(Protocol):
    """What a recursion asks of a model; the last axis of every array runs over replicates."""

    def truth(self, size: int) -> Array:
        """Parameter of the true law, for `size` replicates."""

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        """Statistics of `n` points of the law with this parameter; those of two batches add up."""

    def fit(self, statistics: Statistics, points: int) -> Array:
        """Parameter of maximum likelihood, from the statistics of that many points."""


def real_points(workflow: Workflow, n: int) -> int:
    """Real points in every fit on `n` points.

    Raises
    ------
    InvalidInput
        If the share is no whole number of points, or nobody draws the workflow here.

    Examples
    --------
    >>> real_points(FreshReal(fraction=Fraction(1, 4)), 8), real_points(Replace(), 8)
    (2, 0)
    """
    if isinstance(workflow, Replace | Accumulate):
        return 0
    if not isinstance(workflow, FreshReal):
        raise InvalidInput(
            f"no model is trained under {workflow.name}; use replace, accumulate or fresh-real"
        )
    share = Fraction(workflow.fraction) * n
    if abs(share - round(share)) > Fraction(1, 10**9):
        raise InvalidInput(f"fraction * sample_size = {float(share):g} is no whole number")
    return round(share)


def train(
    rng: np.random.Generator,
    model: Model,
    workflow: Workflow,
    *,
    size: int,
    n: int,
    t: int,
    start: Array | None = None,
) -> Array:
    """Parameter after `t` fits, for `size` independent replicates.

    Parameters
    ----------
    rng, model, workflow
        The noise, the model, and what each fit sees.
    n
        Points in one fit (in one batch, where batches accumulate).
    start
        Parameter of the model that draws the first batch; the truth if left out.

    Returns
    -------
    array
        Its last axis runs over the replicates.

    Examples
    --------
    >>> from numerics.models.poisson import Poisson
    >>> train(np.random.default_rng(1), Poisson(2), Replace(), size=3, n=5, t=4).shape
    (3,)
    """
    real = real_points(workflow, n)
    truth = model.truth(size)
    parameter = truth if start is None else start
    pool: Statistics | None = None
    points = 0
    for _ in range(t):
        seen: list[Statistics] = []
        points_seen = n
        if isinstance(workflow, Accumulate) and pool is not None:
            seen.append(pool)
            points_seen += points
        if real:
            seen.append(model.batch(rng, truth, real))
        if n > real:
            seen.append(model.batch(rng, parameter, n - real))
        pool = tuple(sum(parts[1:], parts[0]) for parts in zip(*seen, strict=True))
        points = points_seen
        parameter = model.fit(pool, points)
    return parameter
