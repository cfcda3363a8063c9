"""Values of expressions at rational points in exact arithmetic: fractions, or nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

#: Bits of the longest exact number; powers beyond are left to intervals.
_LONGEST = 40_000
#: Terms of the longest sum that is added up.
_MOST_TERMS = 2000


class Unknown(ArithmeticError):
    """The expression is not enclosed there: unsupported, or perhaps undefined."""


def exact(expression: Any, point: Mapping[str, Any]) -> Fraction | None:
    """The expression at a rational point in exact arithmetic, or None where that does not reach.

    Examples
    --------
    >>> n = sp.Symbol("n")
    >>> exact(sp.sqrt(n) + sp.binomial(n, 2) / 3, {"n": 4})
    Fraction(4, 1)
    >>> exact(sp.log(n), {"n": 4}) is None
    True
    """
    try:
        return _exact(sp.sympify(expression), point)
    except (Unknown, ZeroDivisionError):
        return None


def _exact(e: Any, point: Mapping[str, Any]) -> Fraction:
    if isinstance(e, sp.Rational):
        return Fraction(int(e.p), int(e.q))
    if isinstance(e, sp.Symbol) and e.name in point:
        return Fraction(point[e.name])
    if isinstance(e, sp.Piecewise):
        for value, condition in e.args:
            if _true(condition, point):
                return _exact(value, point)
        raise Unknown
    if isinstance(e, sp.Sum | sp.Product):
        return _exact_series(e, point)
    if not isinstance(e, sp.Add | sp.Mul | sp.Pow | sp.Function | sp.Max | sp.Min) or not e.args:
        raise Unknown
    values = [_exact(argument, point) for argument in e.args]
    if isinstance(e, sp.Add):
        return sum(values, Fraction(0))
    if isinstance(e, sp.Mul):
        return math.prod(values, start=Fraction(1))
    if isinstance(e, sp.Pow):
        return _exact_power(*values)
    step = _STEPS.get(e.func)
    if step is None:
        raise Unknown
    return Fraction(step(*values))


def _exact_series(e: Any, point: Mapping[str, Any]) -> Fraction:
    """A finite sum or product, term by term."""
    if len(e.limits) != 1:
        raise Unknown
    index, low, high = e.limits[0]
    first, last = (_exact(x, point) for x in (low, high))
    if first.denominator != 1 or last.denominator != 1 or not -1 <= last - first < _MOST_TERMS:
        raise Unknown
    total = Fraction(int(isinstance(e, sp.Product)))
    for j in range(int(first), int(last) + 1):
        term = _exact(e.function, {**point, index.name: j})
        total = total + term if isinstance(e, sp.Sum) else total * term
    return total


def _harmonic(x: Fraction, order: Fraction = Fraction(1)) -> Fraction:
    return _harmonics(_whole(order, 64), _whole(x))


@lru_cache(maxsize=16_384)
def _harmonics(order: int, x: int) -> Fraction:
    """Built on the one before: a domain is gone through from its smallest point on."""
    if x == 0:
        return Fraction(0)
    if x % 64:
        return _harmonics(order, x - 1) + Fraction(1, x**order)
    before = _harmonics(order, x - 64)
    return before + sum((Fraction(1, j**order) for j in range(x - 63, x + 1)), Fraction(0))


def _true(condition: Any, point: Mapping[str, Any]) -> bool:
    if condition in (sp.true, True):
        return True
    if isinstance(condition, sp.core.relational.Relational):
        gap = _exact(condition.lhs, point) - _exact(condition.rhs, point)
        return bool(condition.func(sp.Rational(gap), 0))
    if isinstance(condition, sp.And | sp.Or):
        return (all if isinstance(condition, sp.And) else any)(
            _true(part, point) for part in condition.args
        )
    raise Unknown


def _size(x: Fraction) -> int:
    return max(x.numerator.bit_length(), x.denominator.bit_length())


def _exact_power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator == 1:
        if _size(base) * abs(exponent) > _LONGEST and abs(base) not in (0, 1):
            raise Unknown
        return Fraction(base ** int(exponent))
    if base < 0 or _size(base) > 200 or _size(exponent) > 20:
        raise Unknown
    root = sp.Rational(base) ** sp.Rational(exponent)
    if not isinstance(root, sp.Rational):
        raise Unknown
    return Fraction(int(root.p), int(root.q))


def _whole(x: Fraction, most: int = 2000) -> int:
    if x.denominator != 1 or not 0 <= x <= most:
        raise Unknown
    return int(x)


def _choose(top: Fraction, bottom: Fraction) -> int:
    return math.comb(_whole(top, 10**4), _whole(bottom, 1000))


_STEPS: dict[Any, Callable[..., Any]] = {
    sp.Abs: abs,
    sp.Max: lambda *x: max(x),
    sp.Min: lambda *x: min(x),
    sp.floor: math.floor,
    sp.ceiling: math.ceil,
    sp.sign: lambda x: (x > 0) - (x < 0),
    sp.Heaviside: lambda x, at_zero: at_zero if x == 0 else int(x > 0),
    sp.factorial: lambda x: math.factorial(_whole(x)),
    sp.gamma: lambda x: math.factorial(_whole(x - 1)),
    sp.binomial: _choose,
    sp.harmonic: _harmonic,
}
