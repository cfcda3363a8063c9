"""The barycentre of Gaussian laws, with a certificate.

The fixed-point iteration is that of Alvarez-Esteban, del Barrio, Cuesta-Albertos and Matran
(2016). What certifies the answer is a dual bound (Agueh and Carlier 2011): if matrices ``T_i > 0``
have the weighted mean I, then ``sum w_i Tr(cov_i (I - T_i^-1))`` is at most the Frechet variance.
The maps of the last iterate, shifted to have that mean, are such matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.errors import InvalidInput
from theory.wasserstein.gaussian import GaussianPair
from theory.wasserstein.matrices import Array, covariance, square_root, vector


@dataclass(frozen=True)
class Barycentre:
    """A Gaussian barycentre.

    Attributes
    ----------
    mean, cov
        Of shapes (d,) and (d, d).
    variance
        The Frechet variance: the weighted mean of W2^2 to the laws.
    gap
        Certified: `variance` exceeds the least possible by at most this.
    steps
        Iterations taken.
    """

    mean: Array
    cov: Array
    variance: float
    gap: float
    steps: int


def step(cov: Array, covariances: Sequence[Array], weights: Array) -> Array:
    """One step ``S^(-1/2) (sum w_i (S^(1/2) cov_i S^(1/2))^(1/2))^2 S^(-1/2)``.

    Examples
    --------
    >>> step(np.eye(1), [np.eye(1), 9 * np.eye(1)], np.array([0.5, 0.5]))
    array([[4.]])
    """
    root = square_root(cov)
    back = np.linalg.inv(root)
    middle = sum(
        w * square_root(root @ each @ root) for w, each in zip(weights, covariances, strict=True)
    )
    found = back @ middle @ middle @ back
    return np.asarray((found + found.T) / 2)


def frechet_variance(cov: Array, covariances: Sequence[Array], weights: Array) -> float:
    """Weighted mean of the squared Bures distances from `cov`."""
    zero = np.zeros(len(cov))
    return float(
        sum(
            w * GaussianPair(zero, cov, zero, each).bures
            for w, each in zip(weights, covariances, strict=True)
        )
    )


def lower_bound(cov: Array, covariances: Sequence[Array], weights: Array) -> float:
    """What no covariance's Frechet variance is below, from the maps that leave `cov`.

    Returns minus infinity where the shifted maps are not positive.
    """
    size = len(cov)
    zero = np.zeros(size)
    maps = [GaussianPair(zero, cov, zero, each).map_matrix for each in covariances]
    missing = np.eye(size) - sum(w * each for w, each in zip(weights, maps, strict=True))
    total = 0.0
    for w, each, target in zip(weights, maps, covariances, strict=True):
        values, vectors = np.linalg.eigh(each + missing)
        if values[0] <= 0:
            return -float("inf")
        inverse = (vectors / values) @ vectors.T
        total += float(w * np.trace(target @ (np.eye(size) - inverse)))
    return total


def barycentre(
    covariances: Sequence[Any],
    weights: Any = None,
    means: Sequence[Any] | None = None,
    tolerance: float = 1e-13,
    most: int = 10_000,
) -> Barycentre:
    """The Gaussian law with the least weighted mean of W2^2 to the given ones.

    Parameters
    ----------
    covariances
        Each (d, d) and positive definite.
    weights
        Not negative; divided by their sum; equal by default.
    means
        Each (d,); zero by default.
    tolerance
        Iterate until a step changes the matrix by less than this share of it.
    most
        Steps at most.

    Returns
    -------
    Barycentre

    Raises
    ------
    InvalidInput
        For no laws, different dimensions, a singular covariance, or weights that are none.

    Examples
    --------
    >>> found = barycentre([[[1.0]], [[9.0]]])
    >>> found.cov.tolist(), found.variance, abs(found.gap) < 1e-12
    ([[4.0]], 1.0, True)
    """
    checked = [covariance(f"covariances[{i}]", each) for i, each in enumerate(covariances)]
    if not checked or len({len(each) for each in checked}) > 1:
        raise InvalidInput("accepted: at least one covariance, all of the same dimension")
    size = len(checked[0])
    for i, each in enumerate(checked):
        if np.linalg.eigvalsh(each)[0] <= 1e-13 * np.abs(each).max():
            raise InvalidInput(f"covariances[{i}] is singular; accepted: positive definite")
    share = np.ones(len(checked)) if weights is None else np.asarray(weights, dtype=float)
    if share.shape != (len(checked),) or not (share >= 0).all() or not 0 < share.sum() < np.inf:
        raise InvalidInput(f"weights = {weights} are not accepted; {len(checked)} numbers from 0")
    share = share / share.sum()
    given = [0] * len(checked) if means is None else means
    if len(given) != len(checked):
        raise InvalidInput(f"{len(given)} means for {len(checked)} covariances")
    middles = np.array([vector(f"means[{i}]", each, size) for i, each in enumerate(given)])
    cov = np.asarray(sum(w * each for w, each in zip(share, checked, strict=True)))
    steps, moved = 0, np.inf
    while steps < most and moved > tolerance * np.abs(cov).max():
        steps += 1
        following = step(cov, checked, share)
        moved = float(np.abs(following - cov).max())
        cov = following
    mean = share @ middles
    spread = float(share @ np.sum((middles - mean) ** 2, axis=1))
    within = frechet_variance(cov, checked, share)
    gap = within - lower_bound(cov, checked, share)
    return Barycentre(mean, cov, spread + within, max(gap, 0.0), steps)
