"""The population flow of whole matrices, where no axis of symmetry is left.

Moments of the kept points come from `theory.flow.steepest`. The ridge may have any shape here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput
from theory.flow.problem import FlowProblem, matrix, vector
from theory.flow.responses import Nodes, moments_of, unpacked
from theory.flow.steepest import keep
from theory.vocabulary import FirstBatch, Workflow

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WholePath:
    """Models 0..T in raw coordinates: `mean` (T + 1, d), `covariance` (T + 1, d, d)."""

    mean: Floats
    covariance: Floats

    @property
    def log_trace(self) -> Floats:
        """Logarithm of the trace; shape (T + 1,)."""
        return np.asarray(np.log(np.trace(self.covariance, axis1=1, axis2=2)))


def whole_path(
    workflow: Workflow,
    mean: ArrayLike,
    covariance: ArrayLike,
    target: ArrayLike,
    kept_fraction: float,
    generations: int,
    *,
    metric: ArrayLike | None = None,
    ridge: float = 0.0,
    first_batch: FirstBatch = "generated",
) -> WholePath:
    """The population flow from any start, towards any target, in any metric.

    Parameters
    ----------
    workflow, mean, covariance, target, kept_fraction, metric, ridge, first_batch
        As in `FlowProblem.from_target`; the ridge is added in raw coordinates.
    generations
        Number of generations, one by one.

    Raises
    ------
    InvalidInput
        If a shape or a value is wrong.

    Examples
    --------
    >>> from theory.vocabulary import Accumulate
    >>> sigma = [[4, 1], [1, 1]]
    >>> flow = whole_path(Accumulate(), [0, 0], sigma, [6, 6], 0.1, 3, metric=np.eye(2))
    >>> np.round(flow.mean[-1], 3)
    array([4.028, 2.124])
    """
    centre = vector("mean", mean)
    d = centre.size
    sigma = matrix("covariance", covariance, d)
    goal = vector("target", target)
    if goal.size != d:
        raise InvalidInput(f"target has shape {goal.shape}, not ({d},)")
    # The other words are checked where they are checked for every flow.
    words = FlowProblem(workflow, d, 0.0, kept_fraction, ridge=ridge, first_batch=first_batch)
    root = np.linalg.cholesky(sigma if metric is None else matrix("metric", metric, d))
    unroot = np.linalg.inv(root)
    origin, start = unroot @ (centre - goal), unroot @ sigma @ unroot.T
    load = ridge * unroot @ unroot.T
    real = words.real_fraction
    accumulates = type(workflow).__name__.startswith("Accumulate")
    means, covariances = [origin], [start]
    pool = start
    for t in range(1, generations + 1):
        here, model = means[-1], covariances[-1]
        if t == 1 and first_batch == "real":
            first, second = np.zeros(d), start
        else:
            first, second = _kept(here, model, words.kept_fraction)
        fresh = 1 / t if accumulates else 1 - real
        old = 1 - fresh if accumulates else 0.0
        offset = origin - here
        move = fresh * first + real * offset
        pool = old * pool + fresh * second + real * (start + np.outer(offset, offset))
        pool = pool - np.outer(move, move)
        means.append(here + move)
        covariances.append(pool + load)
    return WholePath(goal + np.array(means) @ root.T, root @ np.array(covariances) @ root.T)


def _kept(mean: Floats, covariance: Floats, alpha: float) -> tuple[Floats, Floats]:
    """First and second moments, about the mean, of a point in the ball of mass alpha around 0."""
    weights, vectors = np.linalg.eigh(covariance)
    centre = (vectors.T @ mean)[None]
    nodes = Nodes.of(keep(weights[None], centre, alpha), weights[None], centre, alpha)
    moments = moments_of(nodes)[0]
    frame = vectors * np.sqrt(weights)
    d = mean.size
    return frame @ moments[:d], frame @ unpacked(moments[d:], d) @ frame.T
