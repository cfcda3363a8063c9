"""Points of a claim's domain: small ones in order, and all of them where they are few."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from theory.claim import Claim
from theory.domain import Domain, Number, shares
from theory.vocabulary import FreshReal

POINTS = 160


def drawable(claim: Claim) -> dict[str, Domain]:
    """The domains that points are taken from: a share of real points is a whole number of them."""
    over = dict(claim.over)
    share = over.get("f")
    fresh = claim.family is not None and claim.family.workflow is FreshReal
    if fresh and "n" in over and share is not None and share.kind == "reals":
        over["f"] = shares("n", share.low, share.high)
    return over


def candidates(domain: Domain) -> list[Any]:
    """Small members of a domain, the smallest first.

    Examples
    --------
    >>> from theory.domain import integers, reals
    >>> candidates(integers(2, 100))
    [2, 3, 4, 5, 7, 11, 23, 100]
    >>> candidates(reals(0, 1, open_low=True))
    [Fraction(1, 2), Fraction(1, 4), Fraction(3, 4), Fraction(1, 10), 1]
    >>> candidates(reals(0.1, 0.9))[:2]
    [Fraction(1, 2), Fraction(3, 10)]
    """
    low, high = domain.low, domain.high
    if domain.kind == "integers":
        start = int(low) if math.isfinite(low) else 0
        steps = [start + i for i in (0, 1, 2, 3, 5, 9, 21)]
        end = [int(high)] if math.isfinite(high) and high < 1000 else [start + 100]
        return [x for x in dict.fromkeys([*steps, *end]) if x in domain]
    if domain.kind == "shares":
        pool = [Fraction(a, b) for b in (2, 3, 4, 5, 8) for a in range(1, b)]
        return [x for x in dict.fromkeys(pool) if x in domain]
    if math.isfinite(low) and math.isfinite(high):
        a, b = _decimal(low), _decimal(high)
        pool = [(a + b) / 2, (3 * a + b) / 4, (a + 3 * b) / 4, (9 * a + b) / 10, a, b]
        pool += [Fraction(low), Fraction(high)]  # where rounding left a decimal end outside
    else:
        base = _decimal(low) if math.isfinite(low) else Fraction(0)
        pool = [base + x for x in (Fraction(1), Fraction(1, 2), Fraction(2), Fraction(0))]
    plain = [int(x) if x.denominator == 1 else x for x in pool]
    return [x for x in dict.fromkeys(plain) if x in domain]


def _decimal(number: Number) -> Fraction:
    """A number as it was written: 0.1 is a tenth."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def points(claim: Claim, limit: int = POINTS) -> Iterator[dict[str, Any]]:
    """Admissible points of a claim, those of small index first."""
    over = drawable(claim)
    names = list(over)
    pools = [candidates(over[name]) for name in names]
    # One is the unit of scale: the smallest counterexample has sigma_0 = 1 where it may.
    for name, pool in zip(names, pools, strict=True):
        if name == "sigma_0" and 1 in over[name]:
            pool[:] = [1, *(x for x in pool if x != 1)]
    for name, pool in zip(names, pools, strict=True):
        _add_shares(over, name, pool)
    if any(not pool for pool in pools):
        return
    ranks = itertools.product(*(range(len(pool)) for pool in pools))
    total = math.prod(len(pool) for pool in pools)
    ordered = (
        sorted(ranks, key=lambda r: (sum(r), r))
        if total <= 60_000
        else itertools.islice(ranks, 60_000)
    )
    given = 0
    for rank in ordered:
        point = {name: pool[i] for name, pool, i in zip(names, pools, rank, strict=True)}
        shared = all(over[name].admits(x, point) for name, x in point.items())
        if not (shared and claim.admits(point)):
            continue
        yield point
        given += 1
        if given >= limit:
            return


def _add_shares(over: Mapping[str, Domain], name: str, pool: list[Any]) -> None:
    """Shares of the least batch: those that divide other batches may be no whole points of it."""
    domain = over[name]
    batch = over.get(domain.of or "")
    if batch is None or not math.isfinite(batch.low) or batch.low < 1:
        return
    size = math.ceil(batch.low)
    fitting = [Fraction(j, size) for j in (1, size // 2, size - 1, size, 0)]
    pool.extend(x for x in dict.fromkeys(fitting) if x in domain and x not in pool)


def finite_points(claim: Claim, most: int = 5000, raw: int = 10_000) -> list[dict[str, Any]] | None:
    """Every admissible point of a finite domain, the smallest first; None if there are too many.

    Examples
    --------
    >>> import sympy as sp
    >>> from theory.domain import integers, shares
    >>> n, f = sp.symbols("n f")
    >>> claim = Claim("mine", "f <= 1", over={n: integers(1, 2), f: shares(n)}, holds=f <= 1)
    >>> [(point["n"], str(point["f"])) for point in finite_points(claim)]
    [(1, '0'), (1, '1'), (2, '0'), (2, '1/2'), (2, '1')]
    """
    # Shares come last: they are fractions of another symbol's value.
    names = sorted(claim.over, key=lambda name: claim.over[name].kind == "shares")
    found: list[dict[str, Any]] = [{}]
    for name in names:
        longer: list[dict[str, Any]] = []
        for point in found:
            values = _values(claim.over[name], point)
            if values is None or len(longer) + len(values) > raw:
                return None
            longer.extend({**point, name: x} for x in values)
        found = longer
    order = list(claim.over)
    admitted = [{x: point[x] for x in order} for point in found if claim.admits(point)]
    if len(admitted) > most:
        return None
    return sorted(admitted, key=lambda point: (sum(map(abs, point.values())), *point.values()))


def _values(domain: Domain, point: dict[str, Any]) -> Sequence[Any] | None:
    low, high = domain.low, domain.high
    if domain.kind == "shares":
        size = point.get(domain.of or "")
        if not isinstance(size, int) or not 1 <= size <= 5000:
            return None
        return [x for x in (Fraction(j, size) for j in range(size + 1)) if x in domain]
    if low == high:
        return [int(low) if low == int(low) else Fraction(low)]
    if domain.kind == "integers" and math.isfinite(low) and math.isfinite(high):
        return range(int(low), int(high) + 1)
    return None


def small_box(claim: Claim, most: int = 2000) -> int | None:
    """Number of points of a finite box of integers, if there are few enough."""
    total = 1
    for name, domain in claim.over.items():
        if name == "sigma_0":
            continue
        if domain.kind != "integers" or not math.isfinite(domain.high):
            return None
        total *= int(domain.high) - int(domain.low) + 1
    return total if total <= most else None
