"""Run a linear recursion of expectations, generation after generation.

Every closed form must equal what this gives: exactly, where the coefficients are rational.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp
from sympy.core.function import AppliedUndef

from theory.errors import InvalidInput
from theory.evaluation import evaluate
from theory.linearsystem import LinearSystem
from theory.symbols import k, t

#: Generations up to which the recursion is run in exact fractions.
EXACT = 120

Entry = Callable[[int], Any]


def run(
    system: LinearSystem,
    values: Mapping[str, Any],
    generation: int,
    digits: int = 30,
    definitions: Mapping[Any, Any] | None = None,
) -> Any:
    """The quantity after `generation` fits, by applying the step again and again.

    Parameters
    ----------
    system
        The step.
    values
        Numbers by letter; for a schedule ``n(k)`` a tuple of sizes under ``"n"``.
    generation
        How often the step is applied, counted from the truth.
    digits
        Digits of coefficients that are not rational.
    definitions
        Meanings of letters that have no value of their own.

    Returns
    -------
    Fraction or mpmath.mpf
        Exact where every coefficient is rational and the generations are at most 120.

    Examples
    --------
    >>> from theory.family import Family
    >>> from theory.workflow import moments_of
    >>> run(moments_of(Family(), "variance"), {"n": 3, "sigma_0": 1}, 2)
    Fraction(4, 9)
    """
    numbers = {name: _fraction(value) for name, value in values.items()}
    work = int(digits) + 15 + 2 * len(str(generation))
    reader = _Reader(numbers, dict(definitions or {}), work)
    with mpmath.workdps(work):
        unit = reader.number(system.factor, generation)
        if generation < system.start:
            return _tidy(_times(unit, reader.number(system.at_zero, generation)))
        state = [reader.number(x, system.start) for x in system.initial]
        if generation > EXACT:
            state = [_real(x) for x in state]
        state = _advance(system, reader, state, generation)
        total = reader.number(system.offset, generation)
        for weight, value in zip(system.output, state, strict=True):
            if weight != 0:
                total = _plus(total, _times(reader.number(weight, generation), value))
        return _tidy(_times(unit, total))


def _advance(system: LinearSystem, reader: _Reader, state: list[Any], generation: int) -> list[Any]:
    size = system.dimension
    rows = [
        [(j, reader.entry(system.matrix[i, j])) for j in range(size) if system.matrix[i, j] != 0]
        for i in range(size)
    ]
    adds = [reader.entry(x) if x != 0 else None for x in system.vector]
    if system.constant and generation > EXACT:
        return _power(rows, adds, state, generation - system.start)
    for step in range(system.start + 1, generation + 1):
        fresh = []
        for row, add in zip(rows, adds, strict=True):
            value = add(step) if add is not None else 0
            for j, entry in row:
                value = _plus(value, _times(entry(step), state[j]))
            fresh.append(value)
        state = fresh
    return state


def _power(
    rows: list[list[tuple[int, Entry]]], adds: list[Entry | None], state: list[Any], count: int
) -> list[Any]:
    """A constant step applied `count` times, by repeated squaring."""
    size = len(rows)
    step = mpmath.zeros(size + 1)
    for i, row in enumerate(rows):
        for j, entry in row:
            step[i, j] = _real(entry(1))
        add = adds[i]
        step[i, size] = _real(add(1)) if add is not None else 0
    step[size, size] = 1
    column = mpmath.matrix([*state, 1])
    while count:
        if count & 1:
            column = step * column
        step, count = step * step, count >> 1
    return list(column[:size])


class _Reader:
    """Turns expressions into numbers, or into functions of the step, exact where they can be."""

    def __init__(self, values: dict[str, Any], definitions: dict[Any, Any], digits: int) -> None:
        self.values = values
        self.definitions = definitions
        self.digits = digits
        self.letters: dict[sp.Symbol, Any] = {}

    def entry(self, expression: sp.Expr) -> Entry:
        if not expression.has(k) and not expression.has(AppliedUndef):
            value = self.number(expression, 0)
            return lambda step: value
        if expression.is_rational_function() and not expression.has(AppliedUndef):
            letters = sorted(expression.free_symbols - {k}, key=str)
            fixed = _alike([self.letter(symbol) for symbol in letters])
            compiled = exact(expression, (k, *letters))
            return lambda step: compiled(step, *fixed)
        return lambda step: self.number(expression, step)

    def letter(self, symbol: sp.Symbol) -> Any:
        if symbol not in self.letters:
            value = self.values.get(symbol.name)
            if value is None:
                value = evaluate(symbol, self.values, self.digits, self.definitions)
            self.letters[symbol] = value
        return self.letters[symbol]

    def number(self, expression: sp.Expr, step: int) -> Any:
        expression = sp.sympify(expression)
        if expression.has(AppliedUndef):
            expression = self.scheduled(expression, step)
        if expression.is_rational_function():
            letters = sorted(expression.free_symbols, key=str)
            fixed = _alike([step if s in (k, t) else self.letter(s) for s in letters])
            value = exact(expression, tuple(letters))(*fixed)
            return Fraction(value) if isinstance(value, int) else value
        point = {name: value for name, value in self.values.items() if not isinstance(value, tuple)}
        point.update(k=step, t=step)
        return evaluate(expression, point, self.digits, self.definitions)

    def scheduled(self, expression: sp.Expr, step: int) -> sp.Expr:
        """Put the sizes of a schedule for ``n(1), n(2), ...``."""
        sizes = self.values.get("n")
        if not isinstance(sizes, tuple):
            raise InvalidInput("n is a schedule here: give a tuple with one size a generation")

        def size(index: Any) -> sp.Expr:
            if not 1 <= int(index) <= len(sizes):
                raise InvalidInput(f"the schedule has {len(sizes)} sizes; {index} has none")
            return sp.Integer(sizes[int(index) - 1])

        plain = expression.subs({k: step, t: step}).doit()
        return sp.sympify(
            plain.replace(lambda x: isinstance(x, AppliedUndef), lambda x: size(x.args[0]))
        )


def _alike(values: list[Any]) -> list[Any]:
    """Exact numbers as they are; all as mpf if one of them is."""
    if any(isinstance(value, mpmath.mpf) for value in values):
        return [value if isinstance(value, int) else _real(value) for value in values]
    return values


def _fraction(value: Any) -> Any:
    return value if isinstance(value, tuple | int) else Fraction(value)


def _real(value: Any) -> Any:
    if isinstance(value, Fraction):
        return mpmath.mpf(value.numerator) / value.denominator
    return mpmath.mpf(value)


def _times(x: Any, y: Any) -> Any:
    x, y = _alike([x, y])
    return x * y


def _plus(x: Any, y: Any) -> Any:
    x, y = _alike([x, y])
    return x + y


def _tidy(value: Any) -> Any:
    return Fraction(value) if isinstance(value, int) else value


@lru_cache(maxsize=4096)
def exact(expression: sp.Expr, arguments: tuple[sp.Symbol, ...]) -> Callable[..., Any]:
    """Compile a rational expression so that it is exact on Fractions (and works on mpf).

    Numerator and denominator get integer coefficients, so no float enters. Steps are run at many
    points, so what was compiled is kept.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> exact(x / 2 + sp.Rational(1, 3), (x,))(Fraction(1, 3))
    Fraction(1, 2)
    """
    numerator, denominator = sp.fraction(sp.together(expression))
    numbers = numerator.atoms(sp.Rational) | denominator.atoms(sp.Rational)
    scale = sp.ilcm(1, 1, *(number.q for number in numbers))
    function = sp.lambdify(
        arguments, (sp.expand(numerator * scale), sp.expand(denominator * scale)), modules="math"
    )

    def ratio(*values: Any) -> Any:
        over, under = function(*values)
        if isinstance(over, int) and isinstance(under, int):
            return Fraction(over, under)
        return over / under

    return ratio
