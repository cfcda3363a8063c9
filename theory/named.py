"""Functions that stay named in closed forms, with a definition and exact numerics.

A closed form with the quantile of a chi-square written out can neither be read nor handed to
``limit``; it keeps its name, and the name knows what it stands for and what it is worth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import mpmath
import sympy as sp

from theory.errors import InvalidInput


class NamedFunction(sp.Function):
    """Base of named functions: subclasses bring `numeric`, `definition` and a LaTeX name.

    ``numeric(*args)`` takes plain numbers (int or mpf) and returns an mpf that is correct at the
    working precision of ``mpmath.mp``, or raises `InvalidInput`.
    """

    numeric: ClassVar[Callable[..., Any]]

    def _eval_evalf(self, prec: int) -> Any:
        if not all(argument.is_number for argument in self.args):
            return None
        work = prec + 15
        while True:
            with mpmath.workprec(work):
                numbers = [exact_number(argument, work) for argument in self.args]
                if any(number is None for number in numbers):
                    return None
                try:
                    value = mpmath.mpf(type(self).numeric(*numbers))
                except InvalidInput:
                    return None  # SymPy probes with arguments of its own choice: no value, no error
                if mpmath.isinf(value):
                    return sp.oo if value > 0 else -sp.oo
                # Rounded arguments shift a small value by 2**-work: it needs that many more bits.
                needed = prec + 15 - (mpmath.mag(value) if value else 0)
                if work >= needed:
                    return sp.Float._new(value._mpf_, prec)
            work = needed + 5

    def definition(self) -> sp.Basic:
        """What the function stands for, as a SymPy equation or expression."""
        raise NotImplementedError

    @classmethod
    def source(cls) -> str:
        """Where the mathematics comes from."""
        raise NotImplementedError


def exact_number(argument: sp.Expr, prec: int) -> Any:
    """A SymPy number as int or mpf of `prec` bits; None if it is not real and finite."""
    if isinstance(argument, sp.Integer):
        return int(argument)
    if isinstance(argument, sp.Rational):
        return mpmath.mpf(int(argument.p)) / int(argument.q)
    value = argument.evalf(n=int(prec / 3.3219) + 3)
    if not isinstance(value, sp.Float | sp.Rational) or not value.is_finite:
        return None
    return value._to_mpmath(prec)


def integer_argument(name: str, value: Any, low: int) -> int:
    """Validate an argument that counts something.

    Examples
    --------
    >>> integer_argument("d", 3, 1)
    3
    """
    try:
        whole = int(value)
    except (TypeError, ValueError, OverflowError):
        whole = low - 1
    if whole != value or whole < low:
        raise InvalidInput(f"{name} = {value} is not an integer >= {low}")
    return whole
