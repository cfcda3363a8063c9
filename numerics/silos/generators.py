"""Generators: what is fitted to a pool, and then asked for new points.

A generator is a frozen choice of family and of its constants; `fit` returns a model, and a model
draws. Rows of a draw are exchangeable: scikit-learn's own `sample` of a mixture groups them by
component, so that "the first n rows" are one component. Nothing here draws that way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput

Array = NDArray[np.float64]
# What released code of the field adds to a fitted covariance, so that a collapsed one stays proper.
RIDGE = 1e-6


class Model(Protocol):
    """A fitted law that can be drawn from."""

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw `count` points, shape (count, d)."""


class Generator(Protocol):
    """A family of laws with its constants."""

    def fit(
        self,
        points: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        rng: np.random.Generator | None = None,
    ) -> Model:
        """Fit to points (m, d), with weights (m,) where the family knows them."""


def checked(points: ArrayLike, least: int = 2) -> Array:
    """Points as an array (m, d), or one line that says what is wrong with them."""
    array = np.asarray(points, dtype=float)
    if array.ndim != 2 or array.shape[1] == 0:
        raise InvalidInput(f"points have shape {array.shape}; accepted: (m, d)")
    if len(array) < least:
        raise InvalidInput(f"{len(array)} points for a fit; accepted: at least {least}")
    if not np.isfinite(array).all():
        raise InvalidInput("a fit was given NaN or Inf; accepted: finite points")
    return array


def _weights(weights: ArrayLike | None, count: int) -> Array | None:
    if weights is None:
        return None
    array = np.asarray(weights, dtype=float)
    if array.shape != (count,) or not np.isfinite(array).all() or array.min() < 0:
        raise InvalidInput(f"weights of shape {array.shape}; accepted: ({count},), none negative")
    if array.sum() <= 0:
        raise InvalidInput("all weights are zero; accepted: a positive sum")
    return array / array.sum()


def without_weights(family: str, weights: ArrayLike | None) -> None:
    """Refuse weights where they would be ignored."""
    if weights is not None:
        raise InvalidInput(f"the {family} generator takes no weights; draw a subsample instead")


def moments(points: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """Mean (d,) and maximum-likelihood covariance (d, d)."""
    mean = np.average(points, axis=0, weights=weights)
    centred = points - mean
    scaled = centred / len(points) if weights is None else centred * weights[:, None]
    return np.asarray(mean), np.asarray(scaled.T @ centred)


@dataclass(frozen=True)
class GaussianModel:
    """N(mean, covariance), drawn through a symmetric root."""

    mean: Array
    covariance: Array

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw `count` points, shape (count, d)."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.clip(values, 0.0, None))
        return np.asarray(self.mean + rng.standard_normal((count, len(self.mean))) @ root.T)


@dataclass(frozen=True)
class Gaussian:
    """Maximum likelihood, then the covariance of new points times `temperature`.

    Parameters
    ----------
    temperature : float
        Positive; 1 draws from the fit itself, 1.2 inflates its covariance by a fifth.
    ridge : float
        Added to the diagonal of the fit.

    Examples
    --------
    >>> model = Gaussian(temperature=2.0, ridge=0.0).fit([[0.0], [2.0]])
    >>> model.mean.tolist(), model.covariance.tolist()
    ([1.0], [[2.0]])
    """

    temperature: float = 1.0
    ridge: float = RIDGE

    def __post_init__(self) -> None:
        if not (np.isfinite(self.temperature) and self.temperature > 0):
            raise InvalidInput(f"temperature = {self.temperature!r}; accepted: positive numbers")
        if not (np.isfinite(self.ridge) and self.ridge >= 0):
            raise InvalidInput(f"ridge = {self.ridge!r}; accepted: numbers from 0 on")

    def fit(
        self,
        points: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        rng: np.random.Generator | None = None,
    ) -> GaussianModel:
        """Fit mean and covariance; `rng` is not used."""
        array = checked(points)
        mean, covariance = moments(array, _weights(weights, len(array)))
        ridge = self.ridge * np.eye(len(mean))
        return GaussianModel(mean, self.temperature * (covariance + ridge))


@dataclass(frozen=True)
class LaplaceModel:
    """Independent Laplace coordinates."""

    location: Array
    scale: Array

    @property
    def mean(self) -> Array:
        """Mean, shape (d,)."""
        return self.location

    @property
    def covariance(self) -> Array:
        """Covariance, shape (d, d)."""
        return np.diag(2.0 * self.scale**2)

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw `count` points, shape (count, d)."""
        return rng.laplace(loc=self.location, scale=self.scale, size=(count, len(self.scale)))


@dataclass(frozen=True)
class Laplace:
    """Coordinate-wise maximum likelihood: medians, and mean absolute deviations from them.

    Examples
    --------
    >>> model = Laplace(ridge=0.0).fit([[0.0], [1.0], [5.0]])
    >>> model.location.tolist(), round(float(model.scale[0]), 6)
    ([1.0], 1.666667)
    """

    ridge: float = RIDGE

    def fit(
        self,
        points: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        rng: np.random.Generator | None = None,
    ) -> LaplaceModel:
        """Fit each coordinate; `rng` is not used."""
        without_weights("Laplace", weights)
        array = checked(points)
        location = np.median(array, axis=0)
        return LaplaceModel(location, np.mean(np.abs(array - location), axis=0) + self.ridge)
