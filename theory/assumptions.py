"""What SymPy assumes of a symbol, held against the domain that the symbol ranges over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

from theory.domain import Domain


def foreign(symbols: Iterable[Any], over: Any, *, ends: bool = False) -> str | None:
    """Why a domain holds points that contradict what a symbol is assumed to be.

    With `ends`, a positive letter may reach 0: a relation that is still written out is read at 0
    as it stands.
    """
    for symbol in sorted(symbols, key=str):
        domain = over.get(symbol.name)
        if domain is not None and not within(symbol, domain, ends=ends):
            return (
                f"SymPy takes {symbol} for {_assumption(symbol)}, but it ranges over the {domain}"
            )
    return None


def within(symbol: sp.Symbol, domain: Domain, *, ends: bool) -> bool:
    """Whether every point of a domain is what a symbol is assumed to be."""
    above = domain.low > 0 or (domain.low == 0 and (domain.open_low or ends))
    below = domain.high < 0 or (domain.high == 0 and (domain.open_high or ends))
    return not (
        (symbol.is_integer and domain.kind != "integers" and domain.low != domain.high)
        or (symbol.is_positive and not above)
        or (symbol.is_negative and not below)
        or (symbol.is_nonnegative and domain.low < 0)
        or (symbol.is_nonpositive and domain.high > 0)
        or (symbol.is_nonzero and not (above or below))
        or symbol.is_even
        or symbol.is_odd
        or symbol.is_prime
        or symbol.is_imaginary
    )


def _assumption(symbol: sp.Symbol) -> str:
    given = symbol.assumptions0
    words = ("integer", "positive", "negative", "nonnegative", "nonpositive", "nonzero")
    return " and ".join(word for word in words if given.get(word)) or "something special"
