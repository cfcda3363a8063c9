"""Maps and barycentres between Gaussians: what the flow of silos is written with.

Distances and geodesics are those of `theory.wasserstein`. The map is not: it is taken thousands of
times, of covariances that were checked, and in a form that keeps the identities of scores to 1e-10.
Nor is the barycentre, which stops after a stated number of rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.errors import CollapseError, InvalidInput
from theory.wasserstein.gaussian import GaussianPair
from theory.wasserstein.matrices import square_root

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Law:
    """A Gaussian, or a law of which only these moments matter.

    Parameters
    ----------
    mean : ndarray (d,)
    covariance : ndarray (d, d)
        Symmetric, positive semi-definite.

    Raises
    ------
    InvalidInput
        If the shapes do not fit, or a number is NaN or Inf.
    """

    mean: Floats
    covariance: Floats

    def __post_init__(self) -> None:
        shape = (len(self.mean), len(self.mean))
        if self.covariance.shape != shape:
            raise InvalidInput(f"a covariance of shape {self.covariance.shape}; accepted: {shape}")
        if not (np.isfinite(self.mean).all() and np.isfinite(self.covariance).all()):
            raise InvalidInput("a mean or covariance holds NaN or Inf; accepted: finite numbers")


def transport(source: Floats, target: Floats) -> Floats:
    """The symmetric T with ``T source T = target`` (Olkin and Pukelsheim 1982).

    Examples
    --------
    >>> transport(np.diag([1.0, 4.0]), np.diag([4.0, 1.0])).round(12).tolist()
    [[2.0, 0.0], [0.0, 0.5]]
    """
    root = square_root(target)
    values, vectors = np.linalg.eigh(root @ source @ root)
    if values[0] <= 0:
        raise CollapseError("no map between these covariances: one of them is singular")
    return np.asarray(root @ (vectors / np.sqrt(values)) @ vectors.T @ root)


def squared_w2(one: Law, two: Law) -> float:
    """Squared W2 distance between two Gaussians.

    Examples
    --------
    >>> round(squared_w2(Law(np.zeros(2), np.eye(2)), Law(np.ones(2), 4 * np.eye(2))), 12)
    4.0
    """
    return GaussianPair.of(one.mean, one.covariance, two.mean, two.covariance).squared_w2


def geodesic(start: Law, end: Law, s: float) -> Law:
    """The Gaussian at s on the way from `start` (0) to `end` (1)."""
    pair = GaussianPair.of(start.mean, start.covariance, end.mean, end.covariance)
    return Law(*pair.geodesic(s))


def barycentre(
    laws: Sequence[Law], weights: Floats, start: Law | None = None, rounds: int = 0
) -> Law:
    """The barycentre of Gaussians: the limit of the server's rounds, or what some rounds reach.

    Each round moves the covariance S to ``M S M`` with M the mean of the maps from S to the silos
    (Alvarez-Esteban et al. 2016).

    Parameters
    ----------
    laws, weights
        The silos and their weights, summing to one.
    start
        Where the rounds begin; by default the mean covariance.
    rounds
        Their number; 0: until a round moves S by less than 1e-13 of its size.

    Raises
    ------
    CollapseError
        If 2000 rounds did not settle it.
    """
    mean = np.asarray(sum(w * law.mean for w, law in zip(weights, laws, strict=True)))
    found = (
        np.asarray(sum(w * law.covariance for w, law in zip(weights, laws, strict=True)))
        if start is None
        else start.covariance
    )
    for done in range(1, 2001):
        way = mean_map(found, laws, weights)
        following = way @ found @ way
        moved = float(np.abs(following - found).max())
        found = (following + following.T) / 2
        if done == rounds or (rounds == 0 and moved <= 1e-13 * np.abs(found).max()):
            return Law(mean, found)
    raise CollapseError("the barycentre did not settle in 2000 rounds")


def mean_map(covariance: Floats, laws: Sequence[Law], weights: Floats) -> Floats:
    """Weighted mean of the maps from one covariance to the silos'."""
    return np.asarray(
        sum(w * transport(covariance, law.covariance) for w, law in zip(weights, laws, strict=True))
    )


def pooled(laws: Sequence[Law], weights: Floats) -> Law:
    """Moments of the mixture of all silos."""
    mean = np.asarray(sum(w * law.mean for w, law in zip(weights, laws, strict=True)))
    second = sum(
        w * (law.covariance + np.outer(law.mean - mean, law.mean - mean))
        for w, law in zip(weights, laws, strict=True)
    )
    return Law(mean, np.asarray(second))
