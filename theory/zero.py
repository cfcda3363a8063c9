"""Is an expression zero? A proof by normal form, never a guess.

Powers, Gamma functions, digammas, sums and products that hold an integer variable are rewritten
on common representatives (``Gamma(x + 2) = x (x + 1) Gamma(x)``, ``b**(t + 1) = b b**t``); what is
left is a rational function of independent names, some of them algebraic (radicals, roots of a
polynomial), and it is zero if its numerator reduces to zero modulo their polynomials.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

from theory.normalform import Names, normal


def is_zero(expression: sp.Expr, relations: Iterable[tuple[sp.Symbol, sp.Expr]] = ()) -> bool:
    """Whether the expression is proved to vanish identically.

    False means "not proved", not "different from zero".

    Parameters
    ----------
    expression
        In any symbols; integer exponents may hold symbols.
    relations
        Pairs (symbol, polynomial that vanishes), such as ``(r, r**2 - 1/n)``; later symbols are
        eliminated first.

    Examples
    --------
    >>> t = sp.Symbol("t", integer=True, nonnegative=True); r = sp.Symbol("r")
    >>> is_zero(sp.gamma(t + 2 - r) - (t + 1 - r) * sp.gamma(t + 1 - r))
    True
    >>> is_zero(sp.Symbol("x")**(t + 1) - 2 * sp.Symbol("x")**t)
    False
    """
    expression = sp.sympify(expression)
    if expression == 0:
        return True
    if expression.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        return False
    names = Names()
    try:
        plain = normal(expression, names)
        every = [*relations, *names.relations][::-1]
        free = [name for name in names.table.values() if name not in dict(names.relations)]
        split = _laurent(plain, set(free))
        # Independent names: it is enough that each coefficient vanishes.
        if split is not None and all(_vanishes(part, every) for part in split.values()):
            return True
        return _vanishes(plain, every)
    except (
        sp.PolynomialError,
        sp.CoercionFailed,
        ArithmeticError,
        NotImplementedError,
        ValueError,
    ):
        return False


Laurent = dict[frozenset[tuple[sp.Symbol, Any]], sp.Expr]


def _laurent(expression: sp.Expr, names: set[sp.Symbol]) -> Laurent | None:
    """Coefficients of an expression that is a Laurent polynomial in `names`; None if it is not."""
    if not expression.free_symbols & names:
        return {frozenset(): expression}
    if expression in names:
        return {frozenset({(expression, sp.Integer(1))}): sp.Integer(1)}
    if expression.is_Add:
        total: Laurent = {}
        for argument in expression.args:
            part = _laurent(argument, names)
            if part is None:
                return None
            for key, value in part.items():
                total[key] = total.get(key, sp.Integer(0)) + value
        return total
    if expression.is_Mul:
        return _multiplied([_laurent(argument, names) for argument in expression.args])
    if expression.is_Pow and expression.exp.is_Integer:
        base = _laurent(expression.base, names)
        if base is not None and len(base) == 1:
            ((key, value),) = base.items()
            power = expression.exp
            return {frozenset((name, e * power) for name, e in key): value**power}
        if expression.exp > 0:
            return _multiplied([base] * int(expression.exp))
    return None


def _multiplied(parts: list[Laurent | None]) -> Laurent | None:
    total: Laurent = {frozenset(): sp.Integer(1)}
    for part in parts:
        if part is None:
            return None
        fresh: Laurent = {}
        for key, value in total.items():
            for other, weight in part.items():
                powers = dict(key)
                for name, exponent in other:
                    powers[name] = powers.get(name, sp.Integer(0)) + exponent
                joint = frozenset((name, e) for name, e in powers.items() if e != 0)
                fresh[joint] = fresh.get(joint, sp.Integer(0)) + value * weight
        total = fresh
    return total


def _vanishes(plain: sp.Expr, relations: list[tuple[sp.Symbol, sp.Expr]]) -> bool:
    """Whether a rational expression is zero modulo the relations, in a field of fractions."""
    symbols = sorted(plain.free_symbols, key=str)
    if not symbols:
        return bool(plain == 0)
    numerator = sp.QQ.frac_field(*symbols).from_sympy(plain).numer.as_expr()
    for symbol, polynomial in relations:
        numerator = _remainder(numerator, symbol, polynomial)
    return bool(sp.expand(numerator) == 0)


def _remainder(numerator: sp.Expr, symbol: sp.Symbol, polynomial: sp.Expr) -> sp.Expr:
    if not numerator.has(symbol):
        return numerator
    relation = sp.fraction(sp.together(polynomial))[0]
    remainder = sp.rem(sp.Poly(numerator, symbol), sp.Poly(relation, symbol))
    return sp.expand(sp.fraction(sp.together(remainder.as_expr()))[0])
