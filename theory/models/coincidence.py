"""Moments of the frequencies of many symbols, by which of the points coincide.

A monomial such as ``(sum_i p_i^2)^2`` asks whether points drawn with replacement show the same
symbol: its factors p are slots. In the next fit each slot falls on the old pool, on a batch of the
model, on fresh real points or on a real set that stays; slots on one point of a batch coincide. So
a generation maps monomials of at most four slots linearly among themselves (the coalescent of
Kingman 1982).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product

from theory.setting import Setting
from theory.vocabulary import AccumulateSubsample, FixedReal, FreshReal

#: A sum over symbols of p^a q^b r^c: powers of the model, of the truth, of a real set that stays.
Component = tuple[int, int, int]
#: A product of such sums.
Monomial = tuple[Component, ...]
#: Slots on the pool, on fresh real points (and on how many), on the batch (likewise), on the set.
Use = tuple[int, int, int, int, int, int]

OLD, FRESH, MADE, HELD = range(4)


def squares(quantity: str) -> dict[Monomial, float]:
    """``sum p^2`` (heterozygosity, less 1) or ``sum (p - q)^2``, without constants."""
    square: Monomial = ((2, 0, 0),)
    if quantity == "squared_drift":
        return {square: 1.0, ((1, 1, 0),): -2.0}
    return {square: -1.0}


def variance(quantity: str, setting: Setting, generations: int) -> float | None:
    """Variance of one replicate; None where the fit sees a part of a pool.

    Examples
    --------
    >>> from theory.model import Categorical
    >>> two = Setting(model=Categorical((0.5, 0.5)), sample_size=2)
    >>> variance("heterozygosity", two, 1)
    0.0625
    """
    if isinstance(setting.workflow, AccumulateSubsample):
        return None
    law = [float(p) for p in setting.model.law]  # type: ignore[attr-defined]
    first = squares(quantity)
    second: dict[Monomial, float] = {}
    for (x, a), (y, b) in product(first.items(), first.items()):
        key = _tidy([*x, *y])
        second[key] = second.get(key, 0.0) + a * b
    state = {name: _start(name, setting, law) for name in _reached((*first, *second))}
    pool = 0
    for step in range(1, generations + 1):
        shares, size, real = _shares(setting, step, pool)
        pool += setting.size(step)
        state = {name: _next(name, state, shares, size, real, law) for name in state}
    mean = sum(weight * state[name] for name, weight in first.items())
    return max(sum(weight * state[name] for name, weight in second.items()) - mean**2, 0.0)


def _shares(setting: Setting, step: int, pool: int) -> tuple[tuple[float, ...], int, int]:
    """Shares of the four sources in a fit, points of the batch, and fresh real points."""
    size, real = setting.size(step), setting.real_size(step)
    if isinstance(setting.workflow, FixedReal):
        return (0.0, 0.0, 1 - real / size, real / size), size - real, 0
    if isinstance(setting.workflow, FreshReal):
        return (0.0, real / size, 1 - real / size, 0.0), size - real, real
    kept = pool if setting.workflow.name == "accumulate" else 0
    return (kept / (kept + size), 0.0, size / (kept + size), 0.0), size, 0


def _next(
    name: Monomial,
    state: Mapping[Monomial, float],
    shares: Sequence[float],
    size: int,
    real: int,
    law: Sequence[float],
) -> float:
    total = 0.0
    for (old, fresh, distinct, made, points, held), targets in _image(name).items():
        weight = (
            shares[OLD] ** old
            * shares[FRESH] ** fresh
            * shares[MADE] ** made
            * shares[HELD] ** held
        )
        if weight == 0:
            continue
        weight *= _coincide(real, fresh, distinct) * _coincide(size, made, points)
        if weight:
            total += weight * sum(
                count * state[target] * _truth(constant, law)
                for (target, constant), count in targets.items()
            )
    return total


def _coincide(size: int, slots: int, points: int) -> float:
    """Chance that `slots` slots fall on given distinct `points` of a batch, in a given way."""
    return math.perm(size, points) / size**slots if slots else 1.0


def _truth(powers: tuple[int, ...], law: Sequence[float]) -> float:
    return math.prod(sum(p**power for p in law) for power in powers)


def _start(name: Monomial, setting: Setting, law: Sequence[float]) -> float:
    """The monomial at generation 0: the model is the truth, the real set is drawn."""
    kept = isinstance(setting.workflow, FixedReal)
    real = setting.real_size(1) if kept else 0
    held: Monomial = tuple((0, a + b, c) for a, b, c in name)
    if not kept:
        return _truth(tuple(b for _, b, _ in held), law) if not any(c for *_, c in held) else 0.0
    slots = [i for i, (_, _, c) in enumerate(held) for _ in range(c)]
    total = 0.0
    for blocks in partitions(len(slots)):
        merged = _merge([(0, b, 0) for _, b, _ in held], slots, [(blocks, (0, 1, 0))])
        weight = _coincide(real, len(slots), len(blocks))
        total += weight * _truth(tuple(b for _, b, _ in merged), law)
    return total


@lru_cache(maxsize=512)
def _image(name: Monomial) -> dict[Use, Counter[tuple[Monomial, tuple[int, ...]]]]:
    """What a generation makes of a monomial: monomials and constants, by the use of its slots."""
    slots = [i for i, (a, _, _) in enumerate(name) for _ in range(a)]
    rest = [(0, b, c) for _, b, c in name]
    found: dict[Use, Counter[tuple[Monomial, tuple[int, ...]]]] = {}
    for sources in product(range(4), repeat=len(slots)):
        by = [[i for i, source in enumerate(sources) if source == which] for which in range(4)]
        for fresh, made in product(partitions(len(by[FRESH])), partitions(len(by[MADE]))):
            groups = [
                ([[i] for i in by[OLD]], (1, 0, 0)),
                ([[by[FRESH][i] for i in block] for block in fresh], (0, 1, 0)),
                ([[by[MADE][i] for i in block] for block in made], (1, 0, 0)),
                ([[i] for i in by[HELD]], (0, 0, 1)),
            ]
            merged = _merge(rest, slots, groups)
            live = _tidy([each for each in merged if each[0] or each[2]])
            constant = tuple(sorted(b for a, b, c in merged if not a and not c and b > 1))
            use = (
                len(by[OLD]),
                len(by[FRESH]),
                len(fresh),
                len(by[MADE]),
                len(made),
                len(by[HELD]),
            )
            found.setdefault(use, Counter())[live, constant] += 1
    return found


def _merge(
    components: Sequence[Component],
    slots: Sequence[int],
    groups: Sequence[tuple[Sequence[Sequence[int]], Component]],
) -> list[Component]:
    """Components joined by the points on which their slots coincide, each point one factor."""
    parent = list(range(len(components)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for blocks, _ in groups:
        for block in blocks:
            for slot in block[1:]:
                parent[root(slots[slot])] = root(slots[block[0]])
    total: dict[int, list[int]] = {}
    for i, powers in enumerate(components):
        place = total.setdefault(root(i), [0, 0, 0])
        for axis in range(3):
            place[axis] += powers[axis]
    for blocks, factor in groups:
        for block in blocks:
            place = total[root(slots[block[0]])]
            for axis in range(3):
                place[axis] += factor[axis]
    return [(a, b, c) for a, b, c in total.values()]


def _tidy(components: Sequence[Component]) -> Monomial:
    """In order, without the sums of a whole law, which are 1."""
    return tuple(sorted(each for each in components if sum(each) > 1))


def _reached(wanted: Sequence[Monomial]) -> list[Monomial]:
    order = list(dict.fromkeys(wanted))
    for name in order:
        for targets in _image(name).values():
            order += [target for target, _ in targets if target not in order]
    return list(dict.fromkeys(order))


@lru_cache(maxsize=8)
def partitions(count: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """All set partitions of ``range(count)``.

    Examples
    --------
    >>> [len(partitions(n)) for n in range(5)]
    [1, 1, 2, 5, 15]
    """
    return tuple(_partitions(count))


def _partitions(count: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    if count == 0:
        yield ()
        return
    for smaller in _partitions(count - 1):
        for i, block in enumerate(smaller):
            yield (*smaller[:i], (*block, count - 1), *smaller[i + 1 :])
        yield (*smaller, (count - 1,))
