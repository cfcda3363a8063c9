"""The released experiment beyond the Gaussian: its constants, its worlds, and what is measured.

Qiao et al. 2026 (arXiv 2606.13732) train four families in dimension ten, 200 generations, n points
kept of n/α, without a real batch in the pool; their statistic is the dispersion ratio E|X-X'|² at
the end over that at the start, from 4096 points each. `numerics.silos.replay` runs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from numerics.silos.generators import RIDGE, LaplaceModel
from numerics.silos.mixtures import MixtureModel
from theory.errors import InvalidInput

Array = NDArray[np.float64]
Family = Literal["gaussian", "mixture", "unequal-mixture", "laplace"]
FAMILIES: tuple[Family, ...] = get_args(Family)
SETTINGS = ("Replace", "Replace + Select", "Accumulate", "Accumulate + Select")
# Component of the lesser weight in the unequal mixture; a warm start keeps its number.
MINORITY = 1
# Mixtures whose direction was drawn before the first point. The released rows were made by two
# states of the script: that of the Gaussian and of the balanced mixture knew one mixture only.
MIXTURES: dict[Family, int] = {"gaussian": 1, "mixture": 1, "unequal-mixture": 2, "laplace": 2}
# Share of the start's points that lies inside the radius beyond which the tail is counted.
TAIL = 0.99


@dataclass(frozen=True)
class Released:
    """Constants of the released experiment.

    Parameters
    ----------
    sample_size, generations, dimension, kept_fraction
        n, t, d and α.
    evaluation_size
        Points that the dispersion is measured with.
    """

    sample_size: int = 300
    generations: int = 200
    dimension: int = 10
    kept_fraction: float = 0.05
    evaluation_size: int = 4096

    def __post_init__(self) -> None:
        if not 0 < self.kept_fraction <= 1:
            raise InvalidInput(f"kept_fraction = {self.kept_fraction!r}; accepted: (0, 1]")
        for word in ("sample_size", "generations", "dimension", "evaluation_size"):
            least = {"generations": 0, "dimension": 1}.get(word, 2)
            if getattr(self, word) < least:
                raise InvalidInput(f"{word} = {getattr(self, word)!r} is too small")


@dataclass(frozen=True)
class Normal:
    """N(mean, covariance), drawn as NumPy's `multivariate_normal` does: through an SVD."""

    mean: Array
    covariance: Array

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw `count` points, shape (count, d)."""
        return rng.multivariate_normal(self.mean, self.covariance, size=count)


Law = Normal | MixtureModel | LaplaceModel


@dataclass(frozen=True)
class World:
    """What a seed fixes before the first generation: the truth and the verifier."""

    truth: Law
    target: Array
    metric: Array


@dataclass(frozen=True)
class Path:
    """One run of one setting.

    Attributes
    ----------
    dispersion_ratio : float
        From points drawn, as released.
    variance_ratio : float
        Tr Cov of the fitted law over that of the truth: no evaluation noise.
    tail : float
        Share of points farther from their own mean than the start's 99 % quantile, in the metric
        of the start's covariance; .01 is no change.
    minority : float or None
        Weight of the component that began as the lesser one (mixtures).
    smallest : float or None
        Smallest weight, whichever component has it: what was released.
    """

    dispersion_ratio: float
    variance_ratio: float
    tail: float
    minority: float | None
    smallest: float | None


def world_of(rng: np.random.Generator, family: Family, dimension: int) -> World:
    """Draw truth and verifier in the released order."""
    mean = rng.normal(size=dimension)
    root = rng.normal(size=(dimension, dimension))
    covariance = root @ root.T + np.eye(dimension) * 0.1
    moved = rng.choice(dimension, size=max(1, dimension // 2), replace=False)
    target = mean.copy()
    target[moved] += rng.normal(size=len(moved)) * 3.0
    directions = rng.normal(size=(MIXTURES[family], dimension))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True) + 1e-12
    if family == "gaussian":
        truth: Law = Normal(mean, covariance)
    elif family == "laplace":
        truth = LaplaceModel(mean, np.sqrt(np.diag(covariance) / 2.0))
    else:
        unequal = family == "unequal-mixture"
        shift = 0.9 * directions[-1]
        truth = MixtureModel(
            np.array([0.8, 0.2] if unequal else [0.5, 0.5]),
            np.stack([mean + shift, mean - shift]),
            np.stack([covariance * scale + np.eye(dimension) * RIDGE for scale in (0.7, 0.9)]),
        )
    # The released verifier multiplies the metric by .3, which changes no ranking but its rounding.
    return World(truth, target, np.asarray(np.linalg.inv(covariance * 0.3), dtype=float))


def _dispersion(points: Array) -> float:
    return float(2.0 * np.trace(np.cov(points.T, bias=True)))


@dataclass(frozen=True)
class Start:
    """The start's points, and what is measured against them.

    Attributes
    ----------
    points : ndarray (m, d)
        Drawn from the truth.
    dispersion, variance : float
        Of the points, and of the truth.
    metric : ndarray (d, d)
        Inverse covariance of the truth.
    radius : float
        In that metric, squared: `TAIL` of the points lie nearer to their mean.
    """

    points: Array
    dispersion: float
    variance: float
    metric: Array
    radius: float

    @classmethod
    def of(cls, points: Array, truth: Law) -> Start:
        """Measure the truth by points drawn from it."""
        metric = np.asarray(np.linalg.inv(truth.covariance), dtype=float)
        radius = float(np.quantile(_distances(points, metric), TAIL))
        variance = float(np.trace(truth.covariance))
        return cls(points, _dispersion(points), variance, metric, radius)

    def measure(self, points: Array, law: Law) -> Path:
        """Measure a fitted law by points drawn from it."""
        weights = law.weights if isinstance(law, MixtureModel) else None
        return Path(
            _dispersion(points) / self.dispersion,
            float(np.trace(law.covariance)) / self.variance,
            float(np.mean(_distances(points, self.metric) > self.radius)),
            None if weights is None else float(weights[MINORITY]),
            None if weights is None else float(weights.min()),
        )


def _distances(points: Array, metric: Array) -> Array:
    away = points - points.mean(axis=0)
    return np.asarray(np.sum(away @ metric * away, axis=1))


def checked_family(family: str) -> Family:
    """Return the family, or say which are known."""
    for each in FAMILIES:
        if each == family:
            return each
    raise InvalidInput(f"family {family!r} is not known; accepted: {', '.join(FAMILIES)}")
