"""Replay of released runs beyond the Gaussian: the same draws in the same order, by our own code.

The released experiment (Qiao et al. 2026, arXiv 2606.13732) trains four families in dimension ten,
200 generations, n points kept of n/α, without a real batch in the pool; its statistic is the
dispersion ratio E|X-X'|² at the end over that at the start, from 4096 points each. All of a seed's
runs draw from one generator, in the order of `SETTINGS`, so that the last cannot be repeated
without the first. What is drawn is listed in `replay`; what is fitted is in `generators`.

The same code with a generator of our own for each setting gives fresh runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from numerics.silos.generators import RIDGE, Laplace, LaplaceModel, Mixture, MixtureModel
from theory.errors import InvalidInput

Array = NDArray[np.float64]
Family = Literal["gaussian", "mixture", "unequal-mixture", "laplace"]
FAMILIES: tuple[Family, ...] = get_args(Family)
SETTINGS = ("Replace", "Replace + Select", "Accumulate", "Accumulate + Select")
# Component of the lesser weight in the unequal mixture; a warm start keeps its number.
MINORITY = 1
_DIRECTIONS = 64
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
            if getattr(self, word) < 1 + (word != "generations"):
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


def _world(rng: np.random.Generator, family: Family, dimension: int) -> World:
    """Draw truth and verifier in the released order; both mixtures are drawn, one is used."""
    mean = rng.normal(size=dimension)
    root = rng.normal(size=(dimension, dimension))
    covariance = root @ root.T + np.eye(dimension) * 0.1
    moved = rng.choice(dimension, size=max(1, dimension // 2), replace=False)
    target = mean.copy()
    target[moved] += rng.normal(size=len(moved)) * 3.0
    directions = rng.normal(size=(2, dimension))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True) + 1e-12
    if family == "gaussian":
        truth: Law = Normal(mean, covariance)
    elif family == "laplace":
        truth = LaplaceModel(mean, np.sqrt(np.diag(covariance) / 2.0))
    else:
        unequal = family == "unequal-mixture"
        shift = 0.9 * directions[int(unequal)]
        truth = MixtureModel(
            np.array([0.8, 0.2] if unequal else [0.5, 0.5]),
            np.stack([mean + shift, mean - shift]),
            np.stack([covariance * scale + np.eye(dimension) * RIDGE for scale in (0.7, 0.9)]),
        )
    # The released verifier multiplies the metric by .3, which changes no ranking but its rounding.
    return World(truth, target, np.asarray(np.linalg.inv(covariance * 0.3), dtype=float))


def _fit(points: Array, before: Law) -> Law:
    if isinstance(before, MixtureModel):
        return Mixture(len(before.weights)).fit(points, start=before)
    if isinstance(before, LaplaceModel):
        return Laplace().fit(points)
    ridge = np.eye(points.shape[1]) * RIDGE
    return Normal(points.mean(axis=0), np.cov(points.T, bias=True) + ridge)


def _select(points: Array, kept: int, world: World) -> Array:
    away = points - world.target
    scores = -np.sum(away @ world.metric * away, axis=1)
    return points[np.argsort(scores)[-kept:]]


def _dispersion(points: Array) -> float:
    return float(2.0 * np.trace(np.cov(points.T, bias=True)))


@dataclass(frozen=True)
class _Start:
    """The start's points, and what is measured against them."""

    points: Array
    dispersion: float
    variance: float
    metric: Array
    radius: float

    @classmethod
    def of(cls, points: Array, truth: Law) -> _Start:
        metric = np.asarray(np.linalg.inv(truth.covariance), dtype=float)
        radius = float(np.quantile(_distances(points, metric), TAIL))
        variance = float(np.trace(truth.covariance))
        return cls(points, _dispersion(points), variance, metric, radius)

    def measure(self, points: Array, law: Law) -> Path:
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


def _run(
    rng: np.random.Generator,
    world: World,
    start: _Start,
    released: Released,
    setting: str,
    evaluated: Callable[[Law], Array],
) -> Path:
    select, pooled = setting.endswith("Select"), setting.startswith("Accumulate")
    n = released.sample_size
    drawn = int(n / released.kept_fraction) if select else n
    pool = np.empty((n * (released.generations if pooled else 1), released.dimension))
    law = world.truth
    points = evaluated(law)
    for t in range(released.generations):
        batch = law.sample(rng, drawn)
        if select:
            batch = _select(batch, n, world)
        place = t if pooled else 0
        pool[place * n : (place + 1) * n] = batch
        law = _fit(pool[: (place + 1) * n], law)
        points = evaluated(law)
    return start.measure(points, law)


def checked_family(family: str) -> Family:
    """Return the family, or say which are known."""
    for each in FAMILIES:
        if each == family:
            return each
    raise InvalidInput(f"family {family!r} is not known; accepted: {', '.join(FAMILIES)}")


def replay(
    rng: np.random.Generator,
    family: str,
    released: Released | None = None,
    settings: tuple[str, ...] = SETTINGS,
) -> dict[str, Path]:
    """Run all settings from one generator, drawing everything that was drawn in the release.

    In this order: the mean (d), a root (d, d) of the covariance, half the coordinates, moved by
    3·normals; a direction for each of the two mixtures; 4096 points of the truth. Then, setting by
    setting and generation by generation: the candidates, and for an evaluation (at the start of
    each setting too) 4096 points and 64 random directions.

    Parameters
    ----------
    rng
        `numerics.streams.published_generator(seed)` repeats the released numbers.
    family
        One of `FAMILIES`.
    released
        Constants; by default those of the summary, n = 300.
    settings
        A leading part of `SETTINGS`, to save the rest.

    Returns
    -------
    dict of str to Path

    Raises
    ------
    InvalidInput
        If the family is not known, or the settings are no leading part.

    Notes
    -----
    Laplace runs repeat to the last digits released. The other families draw through a singular
    value decomposition, whose signs and last bits are the linear algebra library's, and mixtures
    settle by iteration: runs agree until such a bit decides which point is selected or which way
    a component dies.

    Examples
    --------
    >>> from numerics.streams import published_generator
    >>> small = Released(sample_size=20, generations=3)
    >>> found = replay(published_generator(42), "laplace", small)
    >>> list(found)
    ['Replace', 'Replace + Select', 'Accumulate', 'Accumulate + Select']
    """
    known = checked_family(family)
    if settings != SETTINGS[: len(settings)]:
        raise InvalidInput(f"settings {settings!r} are no leading part of {SETTINGS!r}")
    released = released or Released()
    world = _world(rng, known, released.dimension)
    start = _Start.of(world.truth.sample(rng, released.evaluation_size), world.truth)

    def evaluated(law: Law) -> Array:
        points = law.sample(rng, released.evaluation_size)
        # The release measures a sliced distance here; its directions are drawn, and not used.
        rng.normal(size=(_DIRECTIONS, released.dimension))
        return points

    return {each: _run(rng, world, start, released, each, evaluated) for each in settings}


def fresh(
    rng: np.random.Generator, family: str, setting: str, released: Released | None = None
) -> Path:
    """Run one setting with noise of our own, evaluated at the end alone.

    Parameters
    ----------
    rng
        A generator of `numerics.streams`; truth and verifier are drawn from it first, so that the
        same generator gives every setting the same world.
    family, setting, released
        As in `replay`.

    Raises
    ------
    InvalidInput
        If family or setting is not known.
    """
    known = checked_family(family)
    if setting not in SETTINGS:
        raise InvalidInput(f"setting {setting!r} is not known; accepted: {', '.join(SETTINGS)}")
    released = released or Released()
    world = _world(rng, known, released.dimension)
    start = _Start.of(world.truth.sample(rng, released.evaluation_size), world.truth)
    last: list[Law] = []

    def remember(law: Law) -> Array:
        last[:] = [law]
        return start.points

    _run(rng, world, start, released, setting, remember)
    return start.measure(last[0].sample(rng, released.evaluation_size), last[0])
