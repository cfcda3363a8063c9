"""Replay of released runs beyond the Gaussian: the same draws in the same order, by our own code.

All of a released seed's runs draw from one generator, in the order of `SETTINGS`, so that the last
cannot be repeated without the first. What is drawn is listed in `replay`; worlds and measures are
in `released`, fits in `generators`. The same code with a generator of our own for each setting
gives fresh runs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numerics.silos.generators import RIDGE, Laplace, LaplaceModel
from numerics.silos.mixtures import Mixture, MixtureModel
from numerics.silos.released import (
    SETTINGS,
    Array,
    Law,
    Normal,
    Path,
    Released,
    Start,
    World,
    checked_family,
    world_of,
)
from theory.errors import InvalidInput

_DIRECTIONS = 64


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


def _run(
    rng: np.random.Generator,
    world: World,
    start: Start,
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


def replay(
    rng: np.random.Generator,
    family: str,
    released: Released | None = None,
    settings: tuple[str, ...] = SETTINGS,
) -> dict[str, Path]:
    """Run all settings from one generator, drawing everything that was drawn in the release.

    In this order: the mean (d), a root (d, d) of the covariance, half the coordinates, moved by
    3·normals; a direction for each mixture that the script then knew; 4096 points of the truth.
    Then, setting by setting and generation by generation: the candidates, and for an evaluation
    (at the start of each setting too) 4096 points and 64 random directions. The released script
    as it stands draws two mixtures' directions for every family; the rows of the Gaussian and of
    the balanced mixture were made with one, and repeat only so.

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
    Gaussians are drawn through a singular value decomposition, whose signs and last bits are the
    linear algebra library's, and mixtures are fitted by iteration: elsewhere, such runs agree
    until a last bit decides which point is selected or which way a component dies.

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
    world = world_of(rng, known, released.dimension)
    start = Start.of(world.truth.sample(rng, released.evaluation_size), world.truth)

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
    world = world_of(rng, known, released.dimension)
    start = Start.of(world.truth.sample(rng, released.evaluation_size), world.truth)
    last: list[Law] = []

    def remember(law: Law) -> Array:
        last[:] = [law]
        return start.points

    _run(rng, world, start, released, setting, remember)
    return start.measure(last[0].sample(rng, released.evaluation_size), last[0])
