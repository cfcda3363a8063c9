"""Scores and marginal gains that selection in silos is made of: transport duals, greedy covers.

Exact optimal transport is POT's network simplex, guarded against its known defects: points are
centred before distances are taken (cancellation), and an early stop is an error, not a number.
"""

from __future__ import annotations

import numpy as np
import ot
from numpy.typing import NDArray

from theory.errors import InvalidInput

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
# POT's default of 100,000 pivots ends at plausible, wrong values from 5000 points on.
_PIVOTS = 10**7


def _transport(source: Array, target: Array) -> tuple[Array, Array]:
    """Plan (N, M) and the source's dual potential (N,) for squared distances, equal weights."""
    centre = source.mean(axis=0)
    cost = ot.dist(source - centre, target - centre)
    masses = (np.full(len(points), 1.0 / len(points)) for points in (source, target))
    plan, log = ot.emd(*masses, cost, numItermax=_PIVOTS, log=True)
    if log["warning"] is not None:
        raise InvalidInput(f"optimal transport did not end: {log['warning']}")
    return plan, log["u"]


def dual_scores(candidates: Array, reference: Array) -> Array:
    """Calibrated gradients of squared W2 to the reference in each candidate's mass, shape (N,).

    ``f_i - mean of the others' f`` with f the optimal dual potential: positive where more mass
    would take the candidates away from the reference. On the geodesic from candidates to
    reference, the score towards the point at s is s times this one, so that proxies rebuilt from
    the current candidates rank exactly as the reference does, whatever s is.

    Parameters
    ----------
    candidates, reference
        Shapes (N, d) and (M, d). The potential is unique unless a part of the candidates weighs
        exactly as much as a part of the reference (never for coprime N and M).

    Examples
    --------
    >>> dual_scores(np.array([[0.0], [1.0], [5.0]]), np.array([[0.0], [1.0]])).round(6).tolist()
    [-9.0, -7.5, 16.5]
    """
    potential = _transport(candidates, reference)[1]
    return np.asarray((potential - potential.mean()) * (len(potential) / (len(potential) - 1)))


def mapped(source: Array, reference: Array) -> Array:
    """Images (N, d) of the source under the exact plan, averaged where a point is split."""
    return np.asarray(_transport(source, reference)[0] @ reference * len(source))


def lowest(scores: Array, kept: int) -> Indices:
    """The `kept` candidates of lowest score; ties by order."""
    return np.asarray(np.argsort(scores, kind="stable")[:kept], dtype=np.int64)


def greedy_utility(scores: Array, kept: int) -> Indices:
    """Greedy maximum of ``sum_k log(1 + sum_{i in S} u_ki)``, shape (kept,).

    The utility u_ki is 1 minus the score of candidate i at silo k, scaled to [0, 1] over the
    candidates: silos count alike, whatever the size of their scores. The sum is monotone and
    submodular, so the greedy set reaches 1 - 1/e of the best.

    Parameters
    ----------
    scores
        Shape (K, N).
    kept
        Size of the set, at most N.
    """
    low, high = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
    # A silo that is indifferent to all candidates contributes the same for each.
    spread = np.where(high > low, high - low, 1.0)
    utility = np.ascontiguousarray((1.0 - (scores - low) / spread).T)
    total = np.ones(utility.shape[1])
    free = np.zeros(len(utility))
    chosen = np.empty(kept, dtype=np.int64)
    for step in range(kept):
        gain = np.log1p(utility / total).sum(axis=1) + free
        chosen[step] = int(np.argmax(gain))
        total += utility[chosen[step]]
        free[chosen[step]] = -np.inf
    return chosen


def greedy_moments(candidates: Array, mean: Array, covariance: Array, kept: int) -> Indices:
    """Greedy matching of mean and covariance, shape (kept,).

    Each step adds the candidate after which ``|mean gap|² + |covariance gap|²`` (Frobenius) is
    least. The covariance of a set grown by y is a rank-one update, so a step costs O(N d).

    Parameters
    ----------
    candidates
        Shape (N, d).
    mean, covariance
        What is matched, shapes (d,) and (d, d).
    kept
        Size of the set, at most N.
    """
    points = candidates - mean
    norms = np.einsum("ij,ij->i", points, points)
    wanted = np.einsum("ij,jk,ik->i", points, covariance, points)
    spread = np.zeros(len(points))  # y'Sy with S the covariance of the set so far
    shape, place = np.zeros_like(covariance), np.zeros_like(mean)
    free = np.zeros(len(points))
    chosen = np.empty(kept, dtype=np.int64)
    for j in range(kept):
        a, c = j / (j + 1), j / (j + 1) ** 2
        with_place, with_shape, with_wanted = (
            points @ np.stack([place, shape @ place, covariance @ place], axis=1)
        ).T
        square = norms - 2 * with_place + place @ place
        inner = a * (spread - 2 * with_shape + place @ shape @ place)
        inner -= wanted - 2 * with_wanted + place @ covariance @ place
        gap = 2 * (with_place - place @ place) / (j + 1) + square / (j + 1) ** 2
        best = int(np.argmin(gap + 2 * c * inner + c**2 * square**2 + free))
        step = points[best] - place
        spread = a * (spread + (points @ step) ** 2 / (j + 1))
        shape = a * (shape + np.outer(step, step) / (j + 1))
        place = place + step / (j + 1)
        chosen[j], free[best] = best, np.inf
    return chosen
