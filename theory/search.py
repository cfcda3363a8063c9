"""Deterministic search for the smallest point where a claim is false."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import sympy as sp

from theory.claim import Claim
from theory.derivation import Derivation, NoClosedForm
from theory.domain import Domain
from theory.enclosure import exact
from theory.errors import CollapseError
from theory.evaluation import evaluate

POINTS = 160
_DIGITS = 40
#: A difference counts only if it is this much larger than the error of both evaluations.
_MARGIN = mpmath.mpf(10) ** (-20)


@dataclass(frozen=True)
class Hit:
    """A point where a claim is false, how that was shown, and by how much."""

    point: dict[str, Any]
    method: str
    difference: Any


def candidates(domain: Domain) -> list[Any]:
    """Small members of a domain, the smallest first.

    Examples
    --------
    >>> from theory.domain import integers, reals
    >>> candidates(integers(2, 100))
    [2, 3, 4, 5, 7, 11, 23, 100]
    >>> candidates(reals(0, 1, open_low=True))
    [Fraction(1, 2), Fraction(1, 4), Fraction(3, 4), Fraction(1, 10), 1]
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
        a, b = Fraction(low), Fraction(high)
        pool = [(a + b) / 2, (3 * a + b) / 4, (a + 3 * b) / 4, (9 * a + b) / 10, a, b]
    else:
        base = Fraction(low) if math.isfinite(low) else Fraction(0)
        pool = [base + x for x in (Fraction(1), Fraction(1, 2), Fraction(2), Fraction(0))]
    plain = [int(x) if x.denominator == 1 else x for x in pool]
    return [x for x in dict.fromkeys(plain) if x in domain]


def points(claim: Claim, limit: int = POINTS) -> Iterator[dict[str, Any]]:
    """Admissible points of a claim, those of small index first."""
    names = list(claim.over)
    pools = [candidates(claim.over[name]) for name in names]
    # One is the unit of scale: the smallest counterexample has sigma_0 = 1 where it may.
    for name, pool in zip(names, pools, strict=True):
        if name == "sigma_0" and 1 in claim.over[name]:
            pool[:] = [1, *(x for x in pool if x != 1)]
    for name, pool in zip(names, pools, strict=True):
        _add_shares(claim, name, pool)
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
        if not claim.admits(point):
            continue
        yield point
        given += 1
        if given >= limit:
            return


def _add_shares(claim: Claim, name: str, pool: list[Any]) -> None:
    """Shares of the least batch: those that divide other batches may be no whole points of it."""
    domain = claim.over[name]
    batch = claim.over.get(domain.of or "")
    if batch is None or not math.isfinite(batch.low) or batch.low < 1:
        return
    size = math.ceil(batch.low)
    fitting = [Fraction(j, size) for j in (1, size // 2, size - 1, size, 0)]
    pool.extend(x for x in dict.fromkeys(fitting) if x in domain and x not in pool)


def finite_points(claim: Claim, most: int = 2000, raw: int = 5000) -> list[dict[str, Any]] | None:
    """Every admissible point of a finite domain, the smallest first; None if there are too many.

    Examples
    --------
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


def counterexample(claim: Claim, found: Derivation | NoClosedForm) -> Hit | None:
    """The first point where claim and derivation differ in the claim's direction."""
    assert claim.equals is not None
    for point in points(claim):
        hit = _at(claim, found, point)
        if hit is not None:
            return hit
    return None


def _at(claim: Claim, found: Derivation | NoClosedForm, point: dict[str, Any]) -> Hit | None:
    slack = claim.slack if claim.slack is not None else sp.Integer(0)
    letters = {
        name: x
        for name, x in {"sigma_0": 1, **point}.items()
        if name in (*found.family.letters, "t", "sigma_0")
    }
    try:
        direct = found.recursion(**letters)
        exact = exact_value(claim.equals, {"sigma_0": 1, **point})
        room = exact_value(slack, {"sigma_0": 1, **point})
        if isinstance(direct, Fraction) and exact is not None and room is not None:
            gap = exact - direct
            if _violates(gap, room, claim.relation):
                return Hit(point, "exact rational arithmetic", gap)
            return None
        gap = _gap(claim, found, point, letters, _DIGITS)
        if gap is None or _gap(claim, found, point, letters, _DIGITS + 25) is None:
            return None
    except (CollapseError, ZeroDivisionError, ValueError, OverflowError):
        return None
    return Hit(
        point,
        f"both sides to {_DIGITS} and {_DIGITS + 25} digits, the derived one by closed form and by "
        "recursion: the difference is far above every error",
        gap,
    )


def _gap(
    claim: Claim,
    found: Derivation | NoClosedForm,
    point: dict[str, Any],
    letters: dict[str, Any],
    digits: int,
) -> Any:
    """Claim minus derivation if it breaks the relation by far more than any error, else None."""
    slack = claim.slack if claim.slack is not None else sp.Integer(0)
    values = {"sigma_0": 1, **point}
    claimed, allowed = (evaluate(x, values, digits) for x in (claim.equals, slack))
    derived, again = found.evaluate(digits=digits, **letters), found.recursion(**letters)
    with mpmath.workdps(digits + 10):
        if isinstance(again, Fraction):
            again = mpmath.mpf(again.numerator) / again.denominator
        gap = claimed - derived
        error = _MARGIN * (abs(claimed) + abs(derived) + abs(allowed))
        # Two ways to the same number: a fault of ours must not accuse the claim.
        if not abs(again - derived) <= error:
            return None
        return gap if _violates(gap, allowed + error, claim.relation) else None


def _violates(gap: Any, room: Any, relation: str) -> bool:
    """Whether claim minus truth breaks the relation by more than `room`."""
    if relation == "<=":
        return bool(gap < -room)
    if relation == ">=":
        return bool(gap > room)
    return bool(abs(gap) > room)


def exact_value(expression: Any, point: dict[str, Any]) -> Fraction | None:
    """The expression as an exact fraction, or None if it is not rational there."""
    expression = sp.sympify(expression)
    plain = exact(expression, point)
    if plain is not None:
        return plain
    # Radicals may still cancel: SymPy knows, if no power is too long to write out.
    if any(not x.exp.is_number for x in expression.atoms(sp.Pow)):
        return None
    if expression.has(sp.Sum, sp.Product) or not _plain(expression):
        return None
    swap = {
        s: sp.Rational(Fraction(point[s.name])) for s in expression.free_symbols if s.name in point
    }
    value = expression.subs(swap)
    return Fraction(int(value.p), int(value.q)) if isinstance(value, sp.Rational) else None


def _plain(expression: sp.Expr) -> bool:
    return not expression.atoms(sp.Function)


def limit_counterexample(claim: Claim, found: Derivation, limit: sp.Expr) -> Hit | None:
    """A point where the claimed limit is not the derived one."""
    for point in points(claim, 24):
        values = {"sigma_0": 1, **point}
        try:
            derived = evaluate(limit, values, _DIGITS, found.bound(values))
            claimed = evaluate(claim.equals, values, _DIGITS)
        except (CollapseError, ZeroDivisionError, ValueError):
            continue
        with mpmath.workdps(_DIGITS + 10):
            gap = claimed - derived
            error = _MARGIN * (abs(claimed) + abs(derived))
            if _violates(gap, error, claim.relation):
                return Hit(
                    point,
                    f"the limit is {limit} ({found.limit_reason}); both sides to {_DIGITS} digits",
                    gap,
                )
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


def exhaust(claim: Claim, found: Derivation) -> str | None:
    """Prove an inequality by going through a small finite box; sigma_0 only sets the scale."""
    if small_box(claim) is None or not _homogeneous(claim, found):
        return None
    names = [name for name in claim.over if name != "sigma_0"]
    pools = [range(int(claim.over[x].low), int(claim.over[x].high) + 1) for x in names]
    unit = {"sigma_0": 1} if "sigma_0" in claim.over else {}
    count = 0
    for values in itertools.product(*pools):
        point = {**dict(zip(names, values, strict=True)), **unit}
        if unit and not claim.admits({**point, "sigma_0": claim.over["sigma_0"].low}):
            continue
        if not unit and not claim.admits(point):
            continue
        if not _clearly_holds(claim, found, {"sigma_0": 1, **point}):
            return None
        count += 1
    return f"all {count} points of the domain, one by one, to {_DIGITS} digits" if count else None


def _homogeneous(claim: Claim, found: Derivation) -> bool:
    """Both sides scale with the same power of sigma_0, or the claim means sigma_0 = 1."""
    if "sigma_0" not in claim.over:
        return True
    unit = sp.Symbol("sigma_0", positive=True)
    sides = (claim.equals, found.closed_form)
    degrees = {sp.simplify(unit * sp.diff(side, unit) / side) for side in sides}
    return len(degrees) == 1 and not any(x.free_symbols for x in degrees)


def _clearly_holds(claim: Claim, found: Derivation, point: dict[str, Any]) -> bool:
    letters = {
        name: x for name, x in point.items() if name in (*found.family.letters, "t", "sigma_0")
    }
    try:
        claimed = evaluate(claim.equals, point, _DIGITS)
        derived = found.evaluate(digits=_DIGITS, **letters)
    except (CollapseError, ZeroDivisionError, ValueError):
        return False
    with mpmath.workdps(_DIGITS + 10):
        error = _MARGIN * (abs(claimed) + abs(derived))
        gap = claimed - derived
        return bool(gap > error) if claim.relation == "<=" else bool(gap < -error)
