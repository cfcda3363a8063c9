"""Scores and maps of optimal transport from candidates to a reference.

The score of a candidate is the derivative of the squared W2 distance in the mass at it: keeping
candidates of low score brings the kept set nearer to the reference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.wasserstein.plan import optimal_plan
from theory.errors import CollapseError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Transport:
    """An optimal plan between two equally weighted sets.

    Attributes
    ----------
    potential : ndarray (N,)
        Dual potential at the candidates, for the cost |x - y|^2.
    images : ndarray (N, d)
        Mean of what each candidate is sent to (the barycentric projection of the plan).
    cost : float
        Squared W2 distance.
    """

    potential: Array
    images: Array
    cost: float


def solve(candidates: Array, reference: Array) -> Transport:
    """Exact transport between two sets of points with equal weights.

    With as many candidates as reference points the potential is not unique; sizes without a common
    divisor make it so.

    Parameters
    ----------
    candidates : ndarray (N, d)
    reference : ndarray (m, d)

    Raises
    ------
    CollapseError
        If the solver stops before the optimum.

    Examples
    --------
    >>> found = solve(np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]]))
    >>> found.images.ravel().tolist(), round(found.cost, 12)
    ([2.0, 3.0], 4.0)
    """
    # Centred first: the squared distances of far points cancel.
    middle = reference.mean(axis=0)
    x, y = candidates - middle, reference - middle
    costs = np.maximum(
        (x * x).sum(axis=1)[:, None] + (y * y).sum(axis=1)[None, :] - 2 * x @ y.T, 0.0
    )
    if not np.isfinite(costs).all():
        raise CollapseError("a distance between candidates and reference is NaN or Inf")
    a, b = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
    plan = optimal_plan(a, b, costs)
    if plan.note:
        raise CollapseError(f"optimal transport was not solved: {plan.note}")
    images = (plan.matrix @ y) / plan.matrix.sum(axis=1, keepdims=True) + middle
    return Transport(plan.f, images, float(np.sum(plan.matrix * costs)))


def calibrated(potential: Array) -> Array:
    """``f_i`` minus the mean of the others: what moves when mass is taken to point i.

    Examples
    --------
    >>> calibrated(np.array([0.0, 3.0])).tolist()
    [-3.0, 3.0]
    """
    return np.asarray((potential - potential.mean()) * (len(potential) / (len(potential) - 1)))


def dual_scores(candidates: Array, reference: Array) -> Array:
    """Calibrated gradients of the squared W2 distance in the mass at each candidate, shape (N,)."""
    return calibrated(solve(candidates, reference).potential)


def root_of(matrix: Array) -> Array:
    """Symmetric root of a positive semi-definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T)


def gaussian_map(source: Array, target: Array) -> Array:
    """The matrix T with ``T source T = target`` that transports one covariance to the other.

    Formed as ``C (C' source C)^(-1/2) C'`` with ``target = C C'``: it needs no inverse of a
    covariance that is nearly singular, only of the product.

    Examples
    --------
    >>> gaussian_map(np.diag([1.0, 4.0]), np.diag([4.0, 1.0])).round(12).tolist()
    [[2.0, 0.0], [0.0, 0.5]]
    """
    root = root_of(target)
    values, vectors = np.linalg.eigh(root @ source @ root)
    values = np.maximum(values, np.finfo(float).eps * max(float(values[-1]), 0.0))
    if values[-1] <= 0:
        raise CollapseError("no map between covariances: one of them is zero")
    return np.asarray(root @ (vectors / np.sqrt(values)) @ vectors.T @ root)


def bures(one: Array, two: Array) -> float:
    """Squared W2 distance between two centred Gaussians with these covariances.

    Examples
    --------
    >>> round(bures(np.eye(2), 4 * np.eye(2)), 12)
    2.0
    """
    matrix = gaussian_map(one, two) - np.eye(len(one))
    # |(T - I) x|^2 on average: no difference of large traces.
    return float(np.trace(matrix @ one @ matrix))


def squared_w2(mean: Array, covariance: Array, truth_mean: Array, truth_covariance: Array) -> float:
    """Squared W2 distance between two Gaussians; of other laws, the squared Frechet distance."""
    apart = mean - truth_mean
    return float(apart @ apart) + bures(covariance, truth_covariance)


def barycentre(covariances: Array, weights: Array, rounds: int = 500) -> Array:
    """Covariance of the Wasserstein barycentre of centred Gaussians.

    The fixed-point iteration of Alvarez-Esteban et al. (2016), from the weighted mean covariance
    until a round moves it by less than 1e-14 of its size, or for `rounds` rounds.

    Parameters
    ----------
    covariances : ndarray (K, d, d)
    weights : ndarray (K,)

    Raises
    ------
    CollapseError
        If it did not settle.
    """
    found = np.tensordot(weights, covariances, axes=1)
    for _ in range(rounds):
        mean = sum(
            w * gaussian_map(found, each) for w, each in zip(weights, covariances, strict=True)
        )
        following = np.asarray(mean @ found @ mean)
        following = (following + following.T) / 2
        moved = np.abs(following - found).max()
        found = following
        if moved <= 1e-14 * np.abs(found).max():
            return found
    raise CollapseError(f"the barycentre did not settle in {rounds} rounds (moved by {moved:.2g})")
