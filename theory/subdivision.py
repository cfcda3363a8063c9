"""Signs on a bounded box, proved by cutting it up: branch and bound in interval arithmetic.

Where a derivative has one sign on a box, only the face with the least value needs a proof; letters
that are integers take integer values only, so that boxes shrink to them. Work is counted in
operations, never in seconds: the answer is the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from theory.domain import Domain
from theory.enclosure import Unknown, enclose, exact

BOXES = 20_000
OPERATIONS = 25_000
#: No cell is cut below this share of its domain: a zero that it holds will not go away.
_FINEST = Fraction(1, 2**30)
_SMOOTH = (sp.exp, sp.log, sp.sin, sp.cos)
_BITS = 60

Interval = tuple[Fraction, Fraction]
Cell = dict[str, Interval]


@dataclass(frozen=True)
class Outcome:
    """What cutting up came to: a proof, or the midpoints where the sign looks wrong."""

    proved: bool
    boxes: int
    suspects: tuple[dict[str, Fraction], ...] = ()


@dataclass
class _Task:
    cell: Cell
    strict: bool
    face: bool = False  # stands for points beyond it: constraints must not discard it


def bounded(box: Mapping[str, Domain]) -> bool:
    """Whether every letter has two finite ends."""
    return all(math.isfinite(x.low) and math.isfinite(x.high) for x in box.values())


def positive(
    gap: Any,
    box: Mapping[str, Domain],
    *,
    strict: bool,
    where: Iterable[Any] = (),
    nonzero: Iterable[Any] = (),
) -> Outcome:
    """Prove ``gap > 0`` (``>= 0`` if not strict) on a bounded box, where the constraints hold.

    Parameters
    ----------
    gap
        An expression that `theory.enclosure.enclose` understands.
    box
        The domain of every letter of `gap`, by name.
    strict
        Whether zero is excluded.
    where
        Relations that the points of interest obey.
    nonzero
        Expressions known to vanish nowhere on the domain, see `theory.enclosure.enclose`.

    Examples
    --------
    >>> from theory.domain import reals
    >>> x = sp.Symbol("x")
    >>> positive(x - sp.log(x) - sp.Rational(1, 2), {"x": reals(1, 9)}, strict=True).proved
    True
    >>> positive(x - sp.log(x) - 1, {"x": reals(1, 9)}, strict=True).proved
    False
    """
    return _Search(gap, box, tuple(where), frozenset(nonzero)).run(strict)


class _Search:
    def __init__(
        self, gap: Any, box: Mapping[str, Domain], where: tuple[Any, ...], nonzero: frozenset[Any]
    ) -> None:
        names = {s.name for s in gap.free_symbols}
        names |= {s.name for each in where for s in each.free_symbols}
        self.gap = gap
        self.box = {name: box[name] for name in sorted(names & set(box))}
        self.where = tuple(each for each in where if isinstance(each, Relational))
        self.nonzero = nonzero
        self.slopes = self._slopes() if _is_smooth(gap) else {}
        self.cost = 1 + int(sp.count_ops(gap))
        self.slope_cost = {name: 1 + int(sp.count_ops(x)) for name, x in self.slopes.items()}
        self.work = 0

    def _slopes(self) -> dict[str, Any]:
        letters = [s for s in self.gap.free_symbols if s.name in self.box]
        return {s.name: _factored(sp.diff(self.gap, s)) for s in letters}

    def run(self, strict: bool) -> Outcome:
        cell = {name: (Fraction(x.low), Fraction(x.high)) for name, x in self.box.items()}
        todo, count = [_Task(cell, strict)], 0
        suspects: list[dict[str, Fraction]] = []
        while todo:
            if count >= BOXES or self.work >= OPERATIONS or len(suspects) >= 8:
                return Outcome(False, count, tuple(suspects))
            task = todo.pop()
            if not self._settle_integers(task) or (not task.face and self._excluded(task.cell)):
                continue
            count += 1
            low, high = self._range(task.cell)
            if low is not None and (low > 0 or (low >= 0 and not task.strict)):
                continue
            if high is not None and high < 0:
                suspects.append(_middle(task.cell, self.box))
                continue
            # A slope tells nothing of a gap that may be undefined between.
            follow = self._follow(task, defined=low is not None)
            if follow is None:
                return Outcome(False, count, tuple(suspects))
            todo.extend(follow)
        return Outcome(not suspects, count, tuple(suspects))

    def _settle_integers(self, task: _Task) -> bool:
        """Shrink to integers; False if the cell holds none."""
        for name, (low, high) in task.cell.items():
            if self.box[name].kind == "integers":
                low, high = Fraction(math.ceil(low)), Fraction(math.floor(high))
                if low > high:
                    return False
                task.cell[name] = (low, high)
        return True

    def _excluded(self, cell: Cell) -> bool:
        return any(self._breaks(each, cell) for each in self.where)

    def _breaks(self, relation: Any, cell: Cell) -> bool:
        try:
            gap = enclose(relation.lhs - relation.rhs, cell, _BITS)
        except Unknown:
            return False
        if isinstance(relation, sp.Lt | sp.Le):
            return bool(gap.a > 0 or (gap.a >= 0 and isinstance(relation, sp.Lt)))
        if isinstance(relation, sp.Gt | sp.Ge):
            return bool(gap.b < 0 or (gap.b <= 0 and isinstance(relation, sp.Gt)))
        return bool(isinstance(relation, sp.Eq) and (gap.a > 0 or gap.b < 0))

    def _range(self, cell: Cell) -> tuple[Any, Any]:
        self.work += self.cost
        if all(low == high for low, high in cell.values()):
            value = exact(self.gap, {name: low for name, (low, _) in cell.items()})
            if value is not None:
                return value, value
        try:
            value = enclose(self.gap, cell, _BITS, self.nonzero)
        except Unknown:
            return None, None
        return value.a, value.b

    def _follow(self, task: _Task, *, defined: bool) -> list[_Task] | None:
        """The face that decides, or the two halves; None where neither helps."""
        wide = {name: high - low for name, (low, high) in task.cell.items() if low < high}
        if not wide:
            return None
        for name in wide if defined else ():
            face = self._face(task, name)
            if face is not None:
                return [face]
        shares = {name: width / _span(self.box[name]) for name, width in wide.items()}
        name = max(shares, key=lambda x: (shares[x], x))
        if shares[name] < _FINEST:
            return None
        low, high = task.cell[name]
        middle = (low + high) / 2
        cut = Fraction(math.floor(middle)) if self.box[name].kind == "integers" else middle
        after = cut + 1 if self.box[name].kind == "integers" else cut
        # The later half first: the stack is last in, first out.
        return [
            _Task({**task.cell, name: part}, task.strict, task.face)
            for part in ((after, high), (low, cut))
        ]

    def _face(self, task: _Task, name: str) -> _Task | None:
        slope = self.slopes.get(name)
        if slope is None:
            return None
        self.work += self.slope_cost[name]
        try:
            value = enclose(slope, task.cell, _BITS, self.nonzero)
        except Unknown:
            return None
        if not (value.a >= 0 or value.b <= 0):
            return None
        domain, (low, high) = self.box[name], task.cell[name]
        end = low if value.a >= 0 else high
        left_out = (end == domain.low and domain.open_low) or (
            end == domain.high and domain.open_high
        )
        # Beyond an end that the domain leaves out, a strict slope makes the rest strict.
        strict = task.strict and not (left_out and (value.a > 0 or value.b < 0))
        return _Task({**task.cell, name: (end, end)}, strict, True)


def _span(domain: Domain) -> Fraction:
    return Fraction(domain.high) - Fraction(domain.low) or Fraction(1)


def _middle(cell: Cell, box: Mapping[str, Domain]) -> dict[str, Fraction]:
    middle: dict[str, Fraction] = {}
    for name, (low, high) in cell.items():
        place = (low + high) / 2
        middle[name] = Fraction(round(place)) if box[name].kind == "integers" else place
    return middle


def _factored(slope: Any) -> Any:
    """Fewer differences of large terms: intervals forget that they are related."""
    if sp.count_ops(slope) > 200:
        return slope
    try:
        return sp.factor(sp.together(slope))
    except (sp.PolynomialError, NotImplementedError, AttributeError):
        return slope


def _is_smooth(gap: Any) -> bool:
    plain = not gap.has(sp.Piecewise, sp.Max, sp.Min, sp.Sum, sp.Product, sp.Integral)
    return plain and all(isinstance(x, _SMOOTH) for x in gap.atoms(sp.Function))


def interior(box: Mapping[str, Domain]) -> dict[str, Any]:
    """The middle of a box; one from the end where it has only one end."""
    middle: dict[str, Any] = {}
    for name, x in box.items():
        if math.isfinite(x.low) and math.isfinite(x.high):
            place = (Fraction(x.low) + Fraction(x.high)) / 2
        elif math.isfinite(x.low):
            place = Fraction(x.low) + 1
        else:
            place = Fraction(x.high) - 1 if math.isfinite(x.high) else Fraction(0)
        middle[name] = Fraction(round(place)) if x.kind == "integers" else place
    return middle
