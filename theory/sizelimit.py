"""The limit of an expectation after t generations as n grows: continuity, and nothing else.

A closed form that is built of rational functions of n by continuous operations goes where those go.
Where it is not, the step may tell: if it tends to the identity, t of them tend to where the
expectations start.
"""

from __future__ import annotations

import sympy as sp

from theory.derived import Derivation
from theory.sign import sign
from theory.symbols import n


def limit_in_size(found: Derivation) -> tuple[sp.Expr, str] | None:
    """Where the quantity goes as n grows while t stays, and why; None where that is not shown.

    Examples
    --------
    >>> from theory import Accumulate, Family, derive
    >>> limit_in_size(derive(Family(), "variance"))
    (sigma_0**2, 'its closed form is continuous there')
    >>> limit_in_size(derive(Family(workflow=Accumulate), "variance"))
    (sigma_0**2, 'its step tends to the identity')
    """
    if not found.family.sizes.has(n) or found.system is None:
        return None
    closed = _limit(found, found.closed_form)
    if closed is not None:
        return closed, "its closed form is continuous there"
    system = found.system
    parts = (system.matrix, system.vector, system.initial, system.output)
    entries = [[_limit(found, entry) for entry in part] for part in parts]
    offset = _limit(found, system.offset)
    if offset is None or any(entry is None for part in entries for entry in part):
        return None
    matrix, vector, initial, output = entries
    size = system.dimension
    if matrix != list(sp.eye(size)) or any(entry != 0 for entry in vector):
        return None
    start = sp.Add(offset, *(sp.Mul(x, y) for x, y in zip(output, initial, strict=True)))
    return sp.factor(system.factor * start), "its step tends to the identity"


def _limit(found: Derivation, expression: sp.Expr) -> sp.Expr | None:
    for symbol in expression.free_symbols & set(found.definitions):
        meaning = found.definitions[symbol]
        if not isinstance(meaning, sp.Expr) or meaning.has(n):
            return None
    return _continuous(expression)


def _continuous(expression: sp.Expr) -> sp.Expr | None:
    """The limit of an expression, part by part, each with a finite one."""
    if not expression.has(n):
        return expression
    if expression.is_rational_function(n):
        return _rational(expression)
    if isinstance(expression, sp.Add | sp.Mul):
        parts = [_continuous(part) for part in expression.args]
        return None if None in parts else expression.func(*parts)
    if not isinstance(expression, sp.Pow) or expression.exp.has(n):
        return None
    base, power = _continuous(expression.base), expression.exp
    if base is None:
        return None
    whole = power.is_integer and (power.is_nonnegative or sign(base) in (1, -1))
    return base**power if whole or _positive(base) else None


def _rational(expression: sp.Expr) -> sp.Expr | None:
    """The ratio of the leading coefficients; the lower one must not vanish in the domain."""
    top, bottom = (sp.Poly(part, n) for part in sp.fraction(sp.cancel(sp.together(expression))))
    if top.degree() > bottom.degree() or sign(bottom.LC()) not in (1, -1):
        return None
    if top.degree() < bottom.degree():
        return sp.Integer(0)
    return sp.cancel(top.LC() / bottom.LC())


def _positive(expression: sp.Expr) -> bool:
    return bool(expression.is_positive) or sign(expression) == 1
