"""Kernel density generators, plain and variance-preserving, and constants by cross-validation.

A plain kernel density with isotropic kernel N(0, h² I) has the covariance of the data plus h² I: it
inflates in every generation. The variance-preserving one first shrinks the data towards their mean
along each principal axis, by √(1 - h²/λ) where λ is the variance there, so that shrunk data plus
noise have exactly the covariance of the data (the smoothed bootstrap of Silverman and Young 1987,
Biometrika 74(3), axis by axis). Where λ < h² the axis is noise alone, of variance λ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from numerics.silos.generators import checked, moments, without_weights
from numerics.silos.mixtures import Mixture, scikit_mixture
from theory.errors import InvalidInput

Array = NDArray[np.float64]


@dataclass(frozen=True)
class KernelModel:
    """Centres (m, d) and independent normal noise around them: x = centre + noise @ root."""

    centres: Array
    root: Array

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw `count` points, shape (count, d)."""
        chosen = rng.integers(len(self.centres), size=count)
        noise = rng.standard_normal((count, self.centres.shape[1]))
        return np.asarray(self.centres[chosen] + noise @ self.root)


@dataclass(frozen=True)
class KernelDensity:
    """A kernel density with a normal kernel.

    Parameters
    ----------
    bandwidth : float
        Standard deviation h of the kernel along each axis, in the units of the data.
    variance_preserving : bool
        Shrink the centres so that mean and covariance of the model are those of the data.

    Examples
    --------
    >>> plain = KernelDensity(0.5).fit([[0.0], [2.0]])
    >>> plain.centres.ravel().tolist(), plain.root.tolist()
    ([0.0, 2.0], [[0.5]])
    >>> kept = KernelDensity(0.6, variance_preserving=True).fit([[0.0], [2.0]])
    >>> [round(x, 12) for x in kept.centres.ravel().tolist()]
    [0.2, 1.8]
    """

    bandwidth: float
    variance_preserving: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.bandwidth) and self.bandwidth > 0):
            raise InvalidInput(f"bandwidth = {self.bandwidth!r}; accepted: positive numbers")

    def fit(
        self,
        points: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        rng: np.random.Generator | None = None,
    ) -> KernelModel:
        """Keep the points as centres; `rng` is not used."""
        without_weights("kernel density", weights)
        array = checked(points)
        if not self.variance_preserving:
            return KernelModel(array, self.bandwidth * np.eye(array.shape[1]))
        mean, covariance = moments(array)
        values, axes = np.linalg.eigh(covariance)
        values = np.clip(values, 0.0, None)
        noise = np.minimum(self.bandwidth**2, values)
        # An axis without variance stays as it is; 0/0 would be asked otherwise.
        left = np.divide(values - noise, values, out=np.zeros_like(values), where=values > 0)
        shrink = (axes * np.sqrt(left)) @ axes.T
        root = (axes * np.sqrt(noise)) @ axes.T
        return KernelModel(mean + (array - mean) @ shrink, root)


def left_out_log_density(points: ArrayLike, bandwidth: float) -> float:
    """Mean log density of each point under the kernel density of all the others."""
    array = checked(points)
    count, dimension = array.shape
    squares = cdist(array, array, "sqeuclidean") / (-2 * bandwidth**2)
    np.fill_diagonal(squares, -np.inf)
    normal = np.log(count - 1) + dimension * np.log(bandwidth * np.sqrt(2 * np.pi))
    return float(np.mean(logsumexp(squares, axis=1)) - normal)


def cross_validated_bandwidth(points: ArrayLike, grid: ArrayLike | None = None) -> float:
    """The bandwidth of largest left-out likelihood (leave one out; Habbema et al. 1974).

    Parameters
    ----------
    points
        Shape (m, d).
    grid
        Bandwidths to try, in the units of the data; by default 40 of them, in equal ratios from
        1/50 of the mean standard deviation to twice that.

    Raises
    ------
    InvalidInput
        If the best one lies at an end of the grid: the maximum may lie beyond it.
    """
    array = checked(points, 3)
    spread = float(np.sqrt(array.var(axis=0).mean()))
    tried = spread * np.geomspace(0.02, 2, 40) if grid is None else np.asarray(grid, dtype=float)
    scores = [left_out_log_density(array, float(h)) for h in tried]
    best = int(np.argmax(scores))
    if best in (0, len(scores) - 1):
        raise InvalidInput(
            f"the best of {len(scores)} bandwidths is the outermost, {tried[best]:.4g}; "
            "accepted: a grid that holds the maximum inside"
        )
    return float(tried[best])


def held_out_components(
    points: ArrayLike,
    rng: np.random.Generator,
    tried: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20),
    *,
    ridge: float,
    folds: int = 5,
) -> int:
    """The number of mixture components of largest likelihood on points held out, by folds."""
    array = checked(points, 2 * folds)
    parts = np.array_split(rng.permutation(len(array)), folds)
    mixture, _ = scikit_mixture()
    totals = []
    for components in tried:
        total = 0.0
        for part in parts:
            rest = np.delete(array, part, axis=0)
            model = Mixture(components, ridge).fit(rest, rng=rng)
            machine = mixture(components)
            machine.weights_, machine.means_ = model.weights, model.means
            machine.covariances_ = model.covariances
            machine.precisions_cholesky_ = np.array(
                [np.linalg.cholesky(np.linalg.inv(each)) for each in model.covariances]
            )
            total += float(machine.score_samples(array[part]).sum())
        totals.append(total)
    return tried[int(np.argmax(totals))]
