"""Rigorous values of expressions: intervals that hold the true value.

They refuse rather than guess: an expression that they cannot enclose has no value here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from mpmath import iv, mp

from theory.exact import Unknown, exact

__all__ = ["Unknown", "enclose", "exact", "interval"]

_GUARD = 8
_FAR = 2**40
_LARGEST_GAMMA = 10_000


def enclose(
    expression: Any,
    box: Mapping[str, tuple[Fraction, Fraction]],
    bits: int = 60,
    nonzero: Collection[Any] = (),
) -> Any:
    """An interval that holds every value of the expression on a box of rational ends.

    Rounding is outward (``mpmath.iv``); results of ``exp``, ``log``, ``sin`` and powers are widened
    by a further 2**8 units in the last place.

    Parameters
    ----------
    expression
        Made of + - * / powers, exp, log, sin, cos, asin, atan, gamma, Abs, Max, Min, pi and E.
    box
        Least and greatest value of every letter, by name.
    bits
        Working precision.
    nonzero
        Expressions that are known to vanish nowhere on the domain, though perhaps at an end of
        the box that the domain leaves out.

    Raises
    ------
    Unknown
        If a part is not supported, or might be undefined on the box.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> value = enclose(x * (1 - x), {"x": (Fraction(0), Fraction(1))})
    >>> 0 in value, 1 in value, 2 in value
    (True, True, False)
    """
    before = iv.prec
    iv.prec = bits
    try:
        return _Encloser(box, frozenset(nonzero), bits).value(expression)
    except (ZeroDivisionError, ValueError, OverflowError, MemoryError) as error:
        raise Unknown from error
    finally:
        iv.prec = before


def interval(low: Fraction, high: Fraction) -> Any:
    """The interval between two fractions, rounded outward at the precision of the moment."""
    ends = [iv.mpf(x.numerator) / iv.mpf(x.denominator) for x in (low, high)]
    return iv.mpf([ends[0].a, ends[1].b])


class _Encloser:
    def __init__(self, box: Mapping[str, Any], nonzero: frozenset[Any], bits: int) -> None:
        self.box = box
        self.nonzero = nonzero
        self.error = iv.mpf([1 - iv.mpf(2) ** (_GUARD - bits), 1 + iv.mpf(2) ** (_GUARD - bits)])
        self.memo: dict[Any, Any] = {}

    def value(self, e: Any) -> Any:
        found = self.memo.get(e)
        if found is None:
            found = self._value(e)
            low, high = found.a, found.b
            if not low <= high:
                raise Unknown  # not a number
            self.memo[e] = found
        return found

    def _value(self, e: Any) -> Any:
        if isinstance(e, sp.Rational):
            return interval(*[Fraction(int(e.p), int(e.q))] * 2)
        if isinstance(e, sp.Symbol):
            if e.name not in self.box:
                raise Unknown
            return interval(*self.box[e.name])
        if e is sp.pi or e is sp.E:
            return (+iv.pi if e is sp.pi else +iv.e) * self.error
        if isinstance(e, sp.Add):
            return sum((self.value(x) for x in e.args[1:]), self.value(e.args[0]))
        if isinstance(e, sp.Mul):
            return math.prod((self.value(x) for x in e.args[1:]), start=self.value(e.args[0]))
        if isinstance(e, sp.exp):
            return self._exp(self.value(e.args[0]))
        if isinstance(e, sp.Pow):
            return self._power(e)
        if isinstance(e, sp.log) and len(e.args) == 1:
            return self._log(self.value(e.args[0]), e.args[0])
        if isinstance(e, sp.sin | sp.cos):
            return self._wave(iv.sin if isinstance(e, sp.sin) else iv.cos, self.value(e.args[0]))
        if isinstance(e, sp.asin | sp.atan):
            return self._arc(self.value(e.args[0]), sine=isinstance(e, sp.asin))
        if isinstance(e, sp.Abs):
            return abs(self.value(e.args[0]))
        if isinstance(e, sp.Max | sp.Min):
            parts = [self.value(x) for x in e.args]
            best = max if isinstance(e, sp.Max) else min
            low, high = ([x.a for x in parts], [x.b for x in parts])
            return iv.mpf([best(low, key=_end), best(high, key=_end)])
        try:
            return self._at_a_point(e)
        except Unknown:
            if not isinstance(e, sp.gamma):
                raise
        return self._gamma(self.value(e.args[0]))

    def _gamma(self, x: Any) -> Any:
        """Increasing from 2 on; below, by the recurrence."""
        if not (x.a > 0 and x.b < _LARGEST_GAMMA):
            raise Unknown
        if x.a < 2:
            return self._gamma(x + 2) / (x * (x + 1))
        low, high = (iv.gamma(iv.mpf(end)) * self.error for end in (x.a, x.b))
        return iv.mpf([low.a, high.b])

    def _at_a_point(self, e: Any) -> Any:
        """A factorial or its like where its letters have one value each."""
        ends = {s.name: self.box.get(s.name, (0, 1)) for s in e.free_symbols}
        if any(low != high for low, high in ends.values()):
            raise Unknown
        value = exact(e, {name: low for name, (low, _) in ends.items()})
        if value is None:
            raise Unknown
        return interval(value, value)

    def _exp(self, x: Any) -> Any:
        if x.b > _FAR or (x.a < -_FAR and x.a != -iv.inf):
            raise Unknown
        y = iv.exp(x) * self.error
        # exp is monotone and exp(0) = 1 exactly, whatever the widening says.
        return _clamped(y, 1, x.a >= 0, x.b <= 0)

    def _log(self, x: Any, argument: Any) -> Any:
        if not (x.a > 0 or (x.a == 0 and x.b > 0 and argument in self.nonzero)):
            raise Unknown
        y = iv.log(x) * self.error
        return _clamped(y, 0, x.a >= 1, x.b <= 1)

    def _wave(self, function: Any, x: Any) -> Any:
        if x.b - x.a > 6 or abs(x).b > _FAR:
            return iv.mpf([-1, 1])
        y = function(x) * self.error
        return iv.mpf([y.a if y.a >= -1 else -1, y.b if y.b <= 1 else 1])

    def _arc(self, x: Any, *, sine: bool) -> Any:
        """Both arcs are monotone: the ends of the argument give those of the value."""
        if sine and not (x.a > -1 and x.b < 1):
            raise Unknown
        ends = [iv.mpf(end) for end in (x.a, x.b)]
        if sine:
            ends = [end / iv.sqrt(1 - end**2) for end in ends]
        low, high = (iv.atan2(end, iv.mpf(1)) * self.error for end in ends)
        return iv.mpf([low.a, high.b])

    def _power(self, e: Any) -> Any:
        base, exponent = self.value(e.base), self.value(e.exp)
        if e.base is sp.E:
            return self._exp(exponent)
        if exponent.a == exponent.b and exponent.a == int(float(_end(exponent.a))):
            return self._whole_power(base, int(float(_end(exponent.a))), e.base)
        if not (base.a > 0 or (base.a == 0 and (exponent.a > 0 or e.base in self.nonzero))):
            raise Unknown
        if e.exp == sp.S.Half:
            return iv.sqrt(base)
        if base.b == 0:
            if exponent.a > 0:
                return base
            raise Unknown
        if base.a > 0:
            return self._exp(exponent * self._log(base, e.base))
        top = iv.exp(exponent * iv.log(iv.mpf(base.b))) * self.error
        if exponent.a > 0:
            return iv.mpf([0, top.b])
        if exponent.b < 0:
            return iv.mpf([top.a, iv.inf])
        raise Unknown

    def _whole_power(self, base: Any, exponent: int, expression: Any) -> Any:
        if abs(exponent) > _FAR:
            raise Unknown
        if exponent < 0:
            vanishes = base.a <= 0 and base.b >= 0
            at_the_end = (base.a == 0) != (base.b == 0)
            if vanishes and not (at_the_end and expression in self.nonzero):
                raise Unknown
            return 1 / self._whole_power(base, -exponent, expression)
        if exponent <= 1:
            return base if exponent else iv.mpf(1)
        ends = [iv.mpf(x) ** exponent * self.error for x in (base.a, base.b)]
        if exponent % 2 or base.a >= 0:
            return iv.mpf([ends[0].a, ends[1].b])
        if base.b <= 0:
            return iv.mpf([ends[1].a, ends[0].b])
        high = max(ends[0].b, ends[1].b, key=_end)
        return iv.mpf([0, high])


def _clamped(y: Any, bound: int, above: Any, below: Any) -> Any:
    low = bound if above and y.a < bound else y.a
    high = bound if below and y.b > bound else y.b
    return iv.mpf([low, high])


def _end(x: Any) -> Any:
    """The number at which an interval of one point stands."""
    return mp.make_mpf(x._mpi_[0])
