"""Deterministic search for the smallest point where a claim is false."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import sympy as sp

from theory.claim import Claim
from theory.derived import Derivation, NoClosedForm
from theory.enclosure import exact
from theory.errors import CollapseError
from theory.evaluation import evaluate
from theory.pointsets import points, small_box

_DIGITS = 40
#: A difference counts only if it is this much larger than the error of both evaluations.
_MARGIN = mpmath.mpf(10) ** (-20)


@dataclass(frozen=True)
class Hit:
    """A point where a claim is false, how that was shown, and by how much."""

    point: dict[str, Any]
    method: str
    difference: Any


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
    letters = _letters(found, {"sigma_0": 1, **point})
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


def unequal(claim: Claim, found: Derivation, truth: sp.Expr, said: sp.Expr) -> Hit | None:
    """A point where what is said contradicts what is derived, by the claim's relation."""
    for point in points(claim, 24):
        values = {"sigma_0": 1, **point}
        try:
            derived = evaluate(truth, values, _DIGITS, found.bound(values))
            claimed = evaluate(said, values, _DIGITS)
        except (CollapseError, ZeroDivisionError, ValueError):
            continue
        with mpmath.workdps(_DIGITS + 10):
            gap = claimed - derived
            error = _MARGIN * (abs(claimed) + abs(derived))
            if _violates(gap, error, claim.relation):
                return Hit(point, f"both sides to {_DIGITS} digits", gap)
    return None


def exhaust(claim: Claim, found: Derivation) -> str | None:
    """Prove a claim by going through a small finite box; sigma_0 only sets the scale.

    In rational numbers an equality is proved as well as an inequality, and one that is attained;
    elsewhere a side has to be clearly the larger one.
    """
    if small_box(claim) is None or not _homogeneous(claim, found):
        return None
    names = [name for name in claim.over if name != "sigma_0"]
    pools = [range(int(claim.over[x].low), int(claim.over[x].high) + 1) for x in names]
    unit = {"sigma_0": 1} if "sigma_0" in claim.over else {}
    count, rational = 0, True
    for values in itertools.product(*pools):
        point = {**dict(zip(names, values, strict=True)), **unit}
        if unit and not claim.admits({**point, "sigma_0": claim.over["sigma_0"].low}):
            continue
        if not unit and not claim.admits(point):
            continue
        gap = _rational_gap(claim, found, {"sigma_0": 1, **point})
        rational = rational and gap is not None
        if gap is None:
            holds = claim.relation != "=" and _clearly_holds(claim, found, {"sigma_0": 1, **point})
        else:
            holds = not _violates(gap, 0, claim.relation)
        if not holds:
            return None
        count += 1
    how = "in rational arithmetic" if rational else f"to {_DIGITS} digits"
    return f"all {count} points of the domain, one by one, {how}" if count else None


def _letters(found: Derivation | NoClosedForm, point: dict[str, Any]) -> dict[str, Any]:
    return {name: x for name, x in point.items() if name in (*found.family.letters, "t", "sigma_0")}


def _rational_gap(claim: Claim, found: Derivation, point: dict[str, Any]) -> Fraction | None:
    """Claim minus recursion where both are rational."""
    try:
        derived, claimed = (
            found.recursion(**_letters(found, point)),
            exact_value(claim.equals, point),
        )
    except (CollapseError, ZeroDivisionError, ValueError, OverflowError):
        return None
    return claimed - derived if isinstance(derived, Fraction) and claimed is not None else None


def _homogeneous(claim: Claim, found: Derivation) -> bool:
    """Both sides scale with the same power of sigma_0, or the claim means sigma_0 = 1."""
    if "sigma_0" not in claim.over:
        return True
    unit = sp.Symbol("sigma_0", positive=True)
    sides = (claim.equals, found.closed_form)
    degrees = {sp.simplify(unit * sp.diff(side, unit) / side) for side in sides}
    return len(degrees) == 1 and not any(x.free_symbols for x in degrees)


def _clearly_holds(claim: Claim, found: Derivation, point: dict[str, Any]) -> bool:
    try:
        claimed = evaluate(claim.equals, point, _DIGITS)
        derived = found.evaluate(digits=_DIGITS, **_letters(found, point))
    except (CollapseError, ZeroDivisionError, ValueError):
        return False
    with mpmath.workdps(_DIGITS + 10):
        error = _MARGIN * (abs(claimed) + abs(derived))
        gap = claimed - derived
        return bool(gap > error) if claim.relation == "<=" else bool(gap < -error)
