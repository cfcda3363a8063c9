"""Names in closed forms: roots and eigenvalues by their polynomial, moments by their definition.

Radicals of these polynomials are unreadable and slow (SymPy was not done in two minutes); modulo
the polynomial the same proofs take a fraction of a second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from theory.evaluation import NamedRoot

#: The variable in which a named root's polynomial is written.
X = sp.Symbol("x")


@dataclass
class Book:
    """Names given so far in one derivation, and the relations that they satisfy.

    Examples
    --------
    >>> book = Book()
    >>> book.roots(X**2 - X - 1, "r")
    [r_1, r_2]
    >>> book.roots(X**2 - 3, "r"), book.definitions[sp.Symbol("r_3")]
    ([r_3, -r_3], sqrt(3))
    """

    definitions: dict[Any, Any] = field(default_factory=dict)
    relations: list[tuple[sp.Symbol, sp.Expr]] = field(default_factory=list)
    known: dict[sp.Expr, list[sp.Expr]] = field(default_factory=dict)

    def roots(self, polynomial: sp.Expr, prefix: str) -> list[sp.Expr]:
        """The roots of an irreducible polynomial in ``x``; named unless they are rational.

        An even quadratic ``x**2 - c`` names one root, the square root of ``c``.
        """
        poly = sp.Poly(polynomial, X)
        if poly.degree() == 1:
            lead, constant = poly.all_coeffs()
            return [sp.cancel(-constant / lead)]
        if polynomial not in self.known:
            self.known[polynomial] = self._name(polynomial, poly, prefix)
        return self.known[polynomial]

    def _name(self, polynomial: sp.Expr, poly: sp.Poly, prefix: str) -> list[sp.Expr]:
        first, middle, *_, last = poly.all_coeffs()
        if poly.degree() == 2 and middle == 0:
            symbol, square = self._symbol(prefix), sp.cancel(-last / first)
            self.definitions[symbol] = sp.sqrt(square)
            self.relations.append((symbol, symbol**2 - square))
            return [symbol, -symbol]
        symbols: list[sp.Expr] = []
        module = polynomial
        for index in range(poly.degree()):
            symbol = self._symbol(prefix)
            self.definitions[symbol] = NamedRoot(symbol, polynomial, X, index)
            # Cauchy modules, divided differences: they generate all relations among the roots.
            relation = module.subs(X, symbol)
            self.relations.append((symbol, sp.expand(relation)))
            module = sp.cancel((module - relation) / (X - symbol))
            symbols.append(symbol)
        return symbols

    def matrix(self, prefix: str, value: sp.Matrix) -> sp.MatrixSymbol:
        """A name for a matrix."""
        symbol = sp.MatrixSymbol(str(self._symbol(prefix)), *value.shape)
        self.definitions[symbol] = sp.ImmutableMatrix(value)
        return symbol

    def _symbol(self, prefix: str) -> sp.Symbol:
        used = sum(str(symbol).startswith(prefix + "_") for symbol in self.definitions)
        return sp.Symbol(f"{prefix}_{used + 1}")
