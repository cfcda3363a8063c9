"""Domains: where a symbol of a claim, or a parameter of a setting, may lie.

Declared once; validation, documentation and Hypothesis draws (``numerics.strategies``) follow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import sympy as sp

from theory.errors import InvalidInput

Kind = Literal["integers", "reals", "shares"]
Number = int | float | Fraction


def as_number(name: str, value: Any) -> Number:
    """Turn a Python, NumPy or SymPy number into an int, Fraction or finite float.

    Raises
    ------
    InvalidInput
        If it is no finite real number.

    Examples
    --------
    >>> as_number("alpha", sp.Rational(1, 4))
    Fraction(1, 4)
    """
    if isinstance(value, bool):
        raise InvalidInput(f"{name} must be a number, not {value!r}")
    if isinstance(value, int | Fraction):
        return int(value) if value == int(value) else value
    if isinstance(value, sp.Rational):
        return int(value) if value.q == 1 else Fraction(int(value.p), int(value.q))
    try:
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(f"{name} must be a number, not {value!r}") from None
    if not math.isfinite(result):
        raise InvalidInput(f"{name} must be finite, not {value!r}")
    if isinstance(value, sp.Basic) or not hasattr(value, "dtype"):
        return result
    return int(value) if value.dtype.kind in "iu" else result


def _end(value: Any) -> Number:
    """An end of a domain: a number, or an infinity."""
    infinite = not isinstance(value, str) and value in (math.inf, -math.inf)
    return float(value) if infinite else as_number("an end of a domain", value)


@dataclass(frozen=True)
class Domain:
    """An interval of integers, of reals, or of shares ``j / of`` of an integer symbol.

    Build one with `integers`, `reals` or `shares`.
    """

    kind: Kind
    low: Number
    high: Number
    of: str | None = None
    open_low: bool = False
    open_high: bool = False

    def __post_init__(self) -> None:
        for word in ("low", "high"):
            object.__setattr__(self, word, _end(getattr(self, word)))
        if not self.low <= self.high:
            raise InvalidInput(f"a domain needs low <= high, not {self.low} and {self.high}")
        if self.kind == "integers" and not all(
            isinstance(bound, int) or bound in (math.inf, -math.inf)
            for bound in (self.low, self.high)
        ):
            raise InvalidInput(f"integers(low, high) needs integers, not {self.low}, {self.high}")

    def __contains__(self, value: Number) -> bool:
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below and (self.kind != "integers" or value == int(value))

    def __str__(self) -> str:
        left, right = "(" if self.open_low else "[", ")" if self.open_high else "]"
        noun = {"integers": "integer", "reals": "real", "shares": f"j/{self.of}"}[self.kind]
        return f"{noun} in {left}{self.low}, {self.high}{right}"

    def validate(self, name: str, value: Any) -> Number:
        """Return `value` as a plain number, or raise one clear line.

        Raises
        ------
        InvalidInput
            If `value` is no number or lies outside.

        Examples
        --------
        >>> integers(1, 9).validate("sample_size", 4)
        4
        >>> integers(1, 9).validate("sample_size", -4)
        Traceback (most recent call last):
        ...
        theory.errors.InvalidInput: sample_size = -4 is not an integer in [1, 9]
        """
        number = as_number(name, value)
        if number not in self:
            article = "an" if str(self)[0] in "aeiou" else "a"
            raise InvalidInput(f"{name} = {value} is not {article} {self}")
        return int(number) if self.kind == "integers" else number

    def admits(self, value: Number, values: Mapping[str, Number]) -> bool:
        """Whether `value` lies in the domain, given the values of the other symbols."""
        if value not in self:
            return False
        if self.kind != "shares" or self.of is None or self.of not in values:
            return True
        return Fraction(value) * Fraction(values[self.of]) % 1 == 0


def integers(low: int, high: float = math.inf) -> Domain:
    """Integers from `low` to `high`, both included.

    Examples
    --------
    >>> 3 in integers(2, 200)
    True
    """
    return Domain("integers", low, high)


def reals(
    low: Number = -math.inf,
    high: Number = math.inf,
    *,
    open_low: bool = False,
    open_high: bool = False,
) -> Domain:
    """Real numbers from `low` to `high`, the ends included unless declared open.

    Examples
    --------
    >>> 0 in reals(0, 1, open_low=True)
    False
    """
    return Domain("reals", low, high, None, open_low, open_high)


def shares(of: sp.Symbol | str, low: Number = 0, high: Number = 1) -> Domain:
    """Fractions ``j / of`` with integer ``j``: shares of a batch that are whole numbers of points.

    Examples
    --------
    >>> domain = shares("n")
    >>> domain.admits(Fraction(1, 4), {"n": 8}), domain.admits(Fraction(1, 4), {"n": 10})
    (True, False)
    """
    return Domain("shares", low, high, str(of))
