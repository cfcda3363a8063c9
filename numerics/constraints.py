"""Constraints between symbols as bounds for one symbol after the other.

Drawing points of a box and throwing away those that violate ``n > d`` or ``t*d <= n`` wastes most
draws and distorts the rest. Instead every polynomial inequality tightens the intervals of its
symbols, in exact fractions, before each draw; only what is no polynomial is left to a filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from theory.domain import Number

Interval = tuple[Fraction, Fraction]


def exact(value: Number) -> Fraction:
    """The fraction that a finite number stands for."""
    return Fraction(value)


def as_sympy(value: Number) -> sp.Rational:
    """The rational number that a finite number stands for.

    Examples
    --------
    >>> as_sympy(0.25)
    1/4
    """
    fraction = exact(value)
    return sp.Rational(fraction.numerator, fraction.denominator)


def holds(relations: Iterable[sp.Basic], values: Mapping[str, Number]) -> bool:
    """Whether every relation is true at a point.

    Examples
    --------
    >>> n, d = sp.symbols("n d")
    >>> holds([n > d], {"n": 3, "d": 2}), holds([n > d], {"n": 2, "d": 2})
    (True, False)
    """
    for relation in relations:
        numbers = {s: as_sympy(values[s.name]) for s in relation.free_symbols}
        if not bool(relation.subs(numbers)):
            return False
    return True


@dataclass(frozen=True)
class Inequality:
    """A polynomial that must be at least zero: coefficients and the names in each monomial."""

    terms: tuple[tuple[Fraction, tuple[str, ...]], ...]

    @classmethod
    def read(cls, relation: sp.Basic) -> tuple[Inequality, ...]:
        """The inequalities of a relation; none where it is no polynomial with rational numbers.

        A strict inequality is read as a weak one: its boundary is left to the filter.
        """
        if isinstance(relation, sp.And):
            return tuple(each for part in relation.args for each in cls.read(part))
        kinds = (sp.GreaterThan, sp.StrictGreaterThan, sp.LessThan, sp.StrictLessThan, sp.Equality)
        if not isinstance(relation, kinds):
            return ()
        difference = sp.expand(relation.lhs - relation.rhs)
        symbols = sorted(difference.free_symbols, key=str)
        if not symbols or not difference.is_polynomial(*symbols):
            return ()
        terms = sp.Poly(difference, *symbols).terms()
        if not all(coefficient.is_Rational for _, coefficient in terms):
            return ()
        sign = -1 if isinstance(relation, sp.LessThan | sp.StrictLessThan) else 1
        read = tuple(
            (
                sign * Fraction(int(coefficient.p), int(coefficient.q)),
                tuple(
                    s.name for s, power in zip(symbols, powers, strict=True) for _ in range(power)
                ),
            )
            for powers, coefficient in terms
        )
        if isinstance(relation, sp.Equality):
            return cls(read), cls(tuple((-c, names) for c, names in read))
        return (cls(read),)

    @property
    def names(self) -> frozenset[str]:
        """Names of the symbols that occur."""
        return frozenset(name for _, names in self.terms for name in names)

    def bounds(self, name: str, box: Mapping[str, Interval]) -> Interval:
        """The part of a symbol's interval that is not excluded, whatever the others are."""
        low, high = box[name]
        if any(names.count(name) > 1 for _, names in self.terms):
            return low, high
        slope = _range([(c, _without(x, name)) for c, x in self.terms if name in x], box)
        rest = _range([(c, x) for c, x in self.terms if name not in x], box)
        if slope[0] == slope[1] or low >= 0:
            # The most favourable case must still reach zero: steepest slope, largest rest.
            if slope[1] < 0:
                high = min(high, rest[1] / -slope[1])
            elif slope[1] > 0 and rest[1] < 0:
                low = max(low, -rest[1] / slope[1])
        if slope[0] == slope[1] > 0:
            low = max(low, -rest[1] / slope[1])
        return low, high


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(each for each in names if each != name)


def _range(terms: list[tuple[Fraction, tuple[str, ...]]], box: Mapping[str, Interval]) -> Interval:
    low = high = Fraction(0)
    for coefficient, names in terms:
        least = most = coefficient
        for name in names:
            corners = [x * y for x in (least, most) for y in box[name]]
            least, most = min(corners), max(corners)
        low, high = low + least, high + most
    return low, high


def tighten(
    box: dict[str, Interval], inequalities: Iterable[Inequality], whole: frozenset[str]
) -> bool:
    """Shrink the intervals of `box` by the inequalities; False if one becomes empty.

    Parameters
    ----------
    whole
        Names of the symbols that are integers.

    Examples
    --------
    >>> n, d = sp.symbols("n d")
    >>> box = {"n": (Fraction(2), Fraction(9)), "d": (Fraction(1), Fraction(99))}
    >>> tighten(box, Inequality.read(n >= d + 1), frozenset({"n", "d"})), str(box["d"][1])
    (True, '8')
    """
    todo = tuple(inequalities)
    for _ in range(8 * (len(todo) + 1)):
        before = dict(box)
        for each in todo:
            for name in sorted(each.names):
                low, high = each.bounds(name, box)
                if name in whole:
                    low, high = Fraction(-(-low // 1)), Fraction(high // 1)
                if low > high:
                    return False
                box[name] = (low, high)
        if box == before:
            break
    return True
