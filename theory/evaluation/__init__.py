"""Numbers from closed forms, correct to the digits that are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sympy as sp
from mpmath import mp

from theory.domain import Number, as_number
from theory.errors import CollapseError, InvalidInput
from theory.evaluation.machine import Machine, Node, key
from theory.evaluation.program import Compiler
from theory.evaluation.roots import NamedRoot, polynomial_roots

__all__ = ["NamedRoot", "evaluate", "evaluate_float", "polynomial_roots"]

_MOST_BITS = 12_000
_ENOUGH_BITS = 1_500


def evaluate(
    expression: Any,
    values: Mapping[Any, Any],
    digits: int = 15,
    definitions: Mapping[Any, Any] | None = None,
) -> Any:
    """The value of an expression at a point, to a stated number of digits.

    The precision is raised until two successive values agree, so that small differences of
    large terms come out right: ``1 - prod(1 - 1/(n k**2))`` at n = 1e9 to all its digits. What
    stays below 1e-150 of the terms it is the difference of counts as 0.

    Parameters
    ----------
    expression
        A SymPy expression; Gamma functions, finite or infinite ``Sum`` and ``Product``, and the
        named functions of ``theory.selection`` and ``theory.special`` are understood.
    values
        A number for every free symbol, by name or symbol. A float counts as the binary number it
        is, a Fraction is exact. Names that the expression does not use are ignored if they are
        names of symbols at all.
    digits
        Significant decimal digits of the result.
    definitions
        Meanings of further symbols: a `NamedRoot`, or an expression.

    Returns
    -------
    mpmath.mpf

    Raises
    ------
    InvalidInput
        If a symbol has no value, a value is no finite real number, or the expression is singular
        or not real at the point.
    CollapseError
        If two values do not agree at any precision tried.

    Examples
    --------
    >>> n, t, k = sp.symbols("n t k")
    >>> drift = 1 - sp.Product(1 - 1 / (n * k**2), (k, 1, t))
    >>> mp.nstr(evaluate(drift, {"n": 10**9, "t": 10**6}), 15)
    '1.64493306603699e-9'
    """
    node, needed = _program(sp.sympify(expression), _frozen(definitions))
    numbers = _numbers(values, needed)
    goal = int(digits * 3.33) + 6
    bits, extra, zeros = goal + 18, 32, 0
    grown = extra
    old: Any = None
    known = 0  # bits of the older value that cancellation left
    while bits < _MOST_BITS:
        new, lost = _run(node, numbers, bits)
        if mp.isinf(new):
            return mp.re(new)
        if old is not None:
            # Each value must be as good as its own cancellations say: two values can agree on
            # what absorption left of both, as in (1 + x)**2 - 1 - 2x.
            agreed = min(goal, known - 8)
            if abs(new - old) <= abs(new) * mp.mpf(2) ** (-agreed):
                if new != 0 and agreed >= 24 and (bits - lost >= goal or bits > _ENOUGH_BITS):
                    return _real(new, digits, expression)
                zeros += new == 0
            elif abs(new) <= abs(old) * mp.mpf(2) ** (-grown / 2):
                zeros += 1  # it shrinks as fast as the precision grows
            else:
                zeros = 0
            if zeros >= 4:
                return mp.mpf(0)
        old, known = new, max(bits - lost, goal if bits > _ENOUGH_BITS else 0)
        grown = extra + (lost if lost < bits else 0)
        if bits <= _ENOUGH_BITS < bits + grown:
            grown = _ENOUGH_BITS + 1 - bits  # two values of just enough bits, not of twice as many
        elif bits == _ENOUGH_BITS + 1:
            grown = 64
        bits += grown
        extra *= 2
    raise CollapseError(f"no {digits} digits of {_short(expression)} at {_short(numbers)}")


def evaluate_float(
    expression: Any, values: Mapping[Any, Any], definitions: Mapping[Any, Any] | None = None
) -> float:
    """`evaluate`, rounded to a float.

    Examples
    --------
    >>> evaluate_float(sp.Symbol("n") ** -1, {"n": 3})
    0.3333333333333333
    """
    return float(evaluate(expression, values, 17, definitions))


def _frozen(definitions: Mapping[Any, Any] | None) -> tuple[tuple[str, Any], ...]:
    entries = dict(definitions or {})
    return tuple(
        (key(name) if isinstance(name, sp.Symbol) else str(name), meaning)
        for name, meaning in entries.items()
    )


@lru_cache(maxsize=1024)
def _program(
    expression: Any, definitions: tuple[tuple[str, Any], ...]
) -> tuple[Node, frozenset[str]]:
    compiler = Compiler(dict(definitions))
    node = compiler.compile(expression)
    return node, frozenset(compiler.needed)


def _numbers(values: Mapping[Any, Any], needed: frozenset[str]) -> dict[str, Number]:
    given = {key(name) if isinstance(name, sp.Symbol) else name: x for name, x in values.items()}
    for name in given:
        if not isinstance(name, str) or not name.strip():
            raise InvalidInput(f"values are given by the names of letters, not by {name!r}")
    missing = sorted(needed - set(given))
    if missing:
        others = ", ".join(sorted(set(given) - needed)) or "nothing"
        raise InvalidInput(f"no value for {', '.join(missing)}; given and not used: {others}")
    return {name: as_number(name, given[name]) for name in sorted(needed)}


def _run(node: Node, numbers: Mapping[str, Number], bits: int) -> tuple[Any, int]:
    """The value at a precision, and the bits that its worst cancellation cost."""
    machine = Machine(numbers, bits)
    with mp.workprec(bits):
        try:
            value = mp.mpmathify(node(machine))
        except InvalidInput:
            raise
        except (ZeroDivisionError, ValueError):
            raise InvalidInput(f"the expression is singular at {_short(dict(numbers))}") from None
        if mp.isnan(value):
            raise InvalidInput(f"the expression is not defined at {_short(dict(numbers))}")
        return value, machine.lost


def _real(value: Any, digits: int, expression: Any) -> Any:
    with mp.workprec(int(digits * 3.33) + 10):
        if mp.im(value) != 0 and abs(mp.im(value)) > abs(value) * mp.mpf(10) ** (-digits):
            raise InvalidInput(f"{_short(expression)} is complex there: {mp.nstr(value, 8)}")
        return +mp.re(value)


def _short(thing: Any) -> str:
    text = str(thing)
    return text if len(text) <= 120 else text[:117] + "..."
