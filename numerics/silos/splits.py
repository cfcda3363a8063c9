"""One labelled data set dealt out to silos: alike, by Dirichlet shares, or a few classes each.

Every split is a partition: each point goes to exactly one silo, and no silo is left empty.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput

Indices = NDArray[np.int64]
_TRIES = 10_000


def _check(count: int, silos: int) -> None:
    if not 1 <= silos <= count:
        raise InvalidInput(f"{count} points for {silos} silos; accepted: 1 to {count} silos")


def iid(rng: np.random.Generator, count: int, silos: int) -> tuple[Indices, ...]:
    """Deal `count` points out at random, in silos of equal size up to one.

    Returns
    -------
    tuple of ndarray of int
        Row numbers, silo by silo, in increasing order.

    Examples
    --------
    >>> from numerics.streams import Stream
    >>> [len(part) for part in iid(Stream("c0ffee", "doc").generator(), 7, 3)]
    [3, 2, 2]
    """
    _check(count, silos)
    return tuple(np.sort(part) for part in np.array_split(rng.permutation(count), silos))


def dirichlet(
    rng: np.random.Generator, labels: ArrayLike, silos: int, alpha: float, least: int = 1
) -> tuple[Indices, ...]:
    """Deal each class out by shares drawn from Dirichlet(alpha, ..., alpha).

    Parameters
    ----------
    labels
        Class of every point, shape (m,).
    silos
        Number of silos K.
    alpha
        Positive; small is uneven, large is even.
    least
        Least size of a silo. Shares are drawn anew, all of them, until every silo has it: the law
        of the split is then Dirichlet given that event.

    Raises
    ------
    InvalidInput
        If a number lies outside, or `least` was not met in 10,000 tries.
    """
    classes = np.asarray(labels)
    _check(classes.size, silos)
    if not (np.isfinite(alpha) and alpha > 0):
        raise InvalidInput(f"Dirichlet alpha = {alpha!r}; accepted: positive numbers")
    if not 0 <= least * silos <= classes.size:
        raise InvalidInput(
            f"{silos} silos of at least {least} need more than {classes.size} points"
        )
    members = [np.flatnonzero(classes == each) for each in np.unique(classes)]
    for _ in range(_TRIES):
        parts: list[list[Indices]] = [[] for _ in range(silos)]
        for mine in members:
            shares = rng.dirichlet(np.full(silos, alpha))
            cuts = np.round(np.cumsum(shares)[:-1] * mine.size).astype(int)
            for part, piece in zip(parts, np.split(rng.permutation(mine), cuts), strict=True):
                part.append(piece)
        dealt = tuple(np.sort(np.concatenate(part)) for part in parts)
        if min(part.size for part in dealt) >= max(least, 1):
            return dealt
    raise InvalidInput(
        f"no Dirichlet({alpha:g}) split with at least {least} points in each of {silos} silos in "
        f"{_TRIES} tries; ask for fewer points, fewer silos or a larger alpha"
    )


def few_classes(
    rng: np.random.Generator, labels: ArrayLike, silos: int, classes: int
) -> tuple[Indices, ...]:
    """Give each silo points of `classes` classes only.

    Silo k holds the classes k, k+1, ..., k+classes-1, counted round the list of classes in random
    order; a class that several silos hold is dealt out evenly among them.

    Raises
    ------
    InvalidInput
        If a class would be held by nobody (``silos * classes`` below the number of classes), or a
        silo would have no point.

    Examples
    --------
    >>> from numerics.streams import Stream
    >>> labels = np.repeat(np.arange(10), 20)
    >>> dealt = few_classes(Stream("c0ffee", "doc").generator(), labels, 10, 2)
    >>> {len(np.unique(labels[part])) for part in dealt}
    {2}
    """
    points = np.asarray(labels)
    _check(points.size, silos)
    names = rng.permutation(np.unique(points))
    if not 1 <= classes <= names.size or silos * classes < names.size:
        raise InvalidInput(
            f"{silos} silos with {classes} of {names.size} classes each; accepted: 1 to "
            f"{names.size} classes, and at least {names.size} places in all"
        )
    # Steps of K/classes spread the silos over the list when there are fewer silos than classes.
    step = max(1, names.size // silos)
    held = [[(silo * step + j) % names.size for j in range(classes)] for silo in range(silos)]
    missing = set(range(names.size)) - {each for part in held for each in part}
    for number, each in enumerate(sorted(missing)):
        held[number % silos][-1 - number // silos] = each
    parts: list[list[Indices]] = [[] for _ in range(silos)]
    for index, name in enumerate(names):
        holders = [silo for silo in range(silos) if index in held[silo]]
        mine = rng.permutation(np.flatnonzero(points == name))
        for silo, piece in zip(holders, np.array_split(mine, len(holders)), strict=True):
            parts[silo].append(piece)
    dealt = tuple(np.sort(np.concatenate(part)) for part in parts)
    if min(part.size for part in dealt) == 0:
        raise InvalidInput(f"{points.size} points leave one of {silos} silos empty")
    return dealt
