"""Signs of rational expressions on the ranges of their letters, proved by substitution.

A letter with least value ``a`` is written ``a + y``, a share in (0, 1] as ``1/(1 + y)``, with
``y >= 0``; if all coefficients of numerator and denominator then have one sign, so has the
expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

SHARES = ("kappa", "kappa_4", "kappa_22", "alpha", "f")
_LEAST = {"n": 2, "N": 1, "d": 1, "k": 1, "t": 0, "n_r": 1}


def sign(expression: sp.Expr, least: Mapping[str, Any] | None = None) -> int | None:
    """1, -1 or 0 if the sign is proved on the whole range of the letters (t large), else None.

    Parameters
    ----------
    expression
        Rational in the letters.
    least
        Least values of letters, where they differ from n >= 2 and 1 otherwise.

    Examples
    --------
    >>> n, kappa = sp.symbols("n kappa", positive=True)
    >>> sign(1 - kappa * (n - 1) / n), sign(n - 3), sign(n - 3, {"n": 4})
    (1, None, 1)
    """
    parts = sp.fraction(sp.cancel(sp.together(expression)))
    signs = [_polynomial_sign(part, {**_LEAST, **dict(least or {})}, strict=True) for part in parts]
    if parts[0] == 0:
        return 0
    return None if None in signs else int(sp.prod(signs))


def nonnegative(expression: sp.Expr, least: Mapping[str, Any] | None = None) -> bool:
    """Whether ``expression >= 0`` is proved on the whole range of the letters."""
    top, bottom = sp.fraction(sp.cancel(sp.together(expression)))
    bounds = {**_LEAST, **dict(least or {})}
    below = _polynomial_sign(bottom, bounds, strict=True)
    above = _polynomial_sign(top, bounds, strict=False)
    return top == 0 or (below is not None and above is not None and below * above > 0)


def _polynomial_sign(polynomial: sp.Expr, least: Mapping[str, Any], strict: bool) -> int | None:
    symbols = sorted(polynomial.free_symbols, key=str)
    if not symbols:
        return None if polynomial.is_zero else (1 if polynomial > 0 else -1)
    swap: dict[sp.Symbol, sp.Expr] = {}
    for symbol in symbols:
        y = sp.Dummy(symbol.name)
        if symbol.name in SHARES:
            swap[symbol] = 1 / (1 + y)
        elif symbol.name in least:
            swap[symbol] = least[symbol.name] + y
        elif symbol.is_positive:
            swap[symbol] = y
        else:
            return None
    by_name = {symbol.name: symbol for symbol in symbols}
    if "n" in by_name and "n_r" in by_name:
        # Real points are fewer than the points of a fit.
        swap[by_name["n"]] = swap[by_name["n_r"]] + 1 + sp.Dummy("n")
    if not polynomial.is_polynomial(*symbols):
        return None
    numerator = sp.fraction(sp.together(polynomial.xreplace(swap)))[0]
    gens = sorted(set().union(*(value.free_symbols for value in swap.values())), key=str)
    poly = sp.Poly(numerator, *gens)
    coefficients = poly.coeffs()
    if not all(c.is_Rational for c in coefficients):
        return None
    signs = {1 if c > 0 else -1 for c in coefficients}
    if len(signs) != 1:
        return None
    # Strictly: a constant term, or a factor that is positive by itself.
    open_ended = [value for symbol, value in swap.items() if value.is_Symbol and symbol.is_positive]
    lowest = any(
        all(power == 0 or gen in open_ended for gen, power in zip(gens, monom, strict=True))
        for monom in poly.monoms()
    )
    return signs.pop() if lowest or not strict else None
