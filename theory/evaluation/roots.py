"""Named roots: symbols defined by a polynomial, and their values at any precision."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

import numpy as np
import sympy as sp
from mpmath import mp

from theory.errors import CollapseError, InvalidInput


@dataclass(frozen=True)
class NamedRoot:
    """A symbol that stands for one root of a polynomial.

    Parameters
    ----------
    symbol
        The name of the root in a closed form.
    polynomial
        Its polynomial in `variable`; the coefficients are expressions in the letters.
    variable
        The variable of the polynomial.
    index
        Which root, from 0, in increasing order of real part, then of imaginary part. A form that
        is symmetric in all roots of a polynomial does not depend on the order.

    Examples
    --------
    >>> x, n = sp.symbols("x n")
    >>> NamedRoot(sp.Symbol("r_1"), x**2 - 1 / n, x, 0).degree
    2
    """

    symbol: sp.Symbol
    polynomial: sp.Expr
    variable: sp.Symbol
    index: int

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.degree:
            raise InvalidInput(
                f"{self.symbol}: index {self.index} of a polynomial of degree {self.degree}"
            )

    @property
    def degree(self) -> int:
        """Degree of the polynomial, the letters being generic."""
        return int(sp.degree(self.polynomial, self.variable))

    def coefficients(self) -> list[sp.Expr]:
        """Coefficients from the highest power down, as expressions in the letters."""
        return [sp.sympify(c) for c in sp.Poly(self.polynomial, self.variable).all_coeffs()]


def polynomial_roots(coefficients: list[Any]) -> list[Any]:
    """Roots of a polynomial with numeric coefficients, highest power first, sorted.

    Correct to the working precision of mpmath relative to each simple root.

    Examples
    --------
    >>> [int(r) for r in polynomial_roots([1, -3, 2])]
    [1, 2]
    """
    prec = mp.prec
    with mp.workprec(prec + 30):
        numbers = [mp.mpmathify(c) for c in coefficients]
        while numbers and numbers[0] == 0:
            numbers.pop(0)
        zeros = 0
        while numbers and numbers[-1] == 0:
            numbers.pop()
            zeros += 1
        found = [mp.mpf(0)] * zeros
        if len(numbers) == 2:
            found.append(-numbers[1] / numbers[0])
        elif len(numbers) == 3:
            found += _quadratic(*numbers)
        elif len(numbers) > 3:
            found += _simultaneous(numbers, prec)
        return _sorted(found, prec)


def _quadratic(a: Any, b: Any, c: Any) -> list[Any]:
    """Both roots; the smaller one from the product, so that it does not cancel."""
    root = mp.sqrt(b * b - 4 * a * c)
    far = -(b + root) / 2 if mp.re(b * mp.conj(root)) >= 0 else -(b - root) / 2
    return [far / a, c / far]


def _simultaneous(numbers: list[Any], prec: int) -> list[Any]:
    """All roots at once by the Ehrlich-Aberth iteration, from a float start."""
    degree = len(numbers) - 1
    scale = abs(numbers[-1] / numbers[0]) ** (mp.mpf(1) / degree)
    scaled = [c * scale ** (degree - i) for i, c in enumerate(numbers)]
    top = max(abs(c) for c in scaled)
    start = np.roots([complex(c / top) for c in scaled])
    if len(start) < degree:  # a leading coefficient underflowed
        start = 1.1 * np.exp(2j * np.pi * (np.arange(degree) + 0.3) / degree)
    # Equal starts never separate.
    nudge = 1e-9 * np.exp(2j * np.pi * (np.arange(degree) + 0.2) / degree)
    roots = [mp.mpc(complex(z)) * scale for z in start + nudge]
    slopes = [c * (degree - i) for i, c in enumerate(numbers[:-1])]
    # Twice the digits inside: a double root is known to half of them.
    with mp.workprec(2 * prec + 60):
        for _ in range(40 + 4 * prec):
            settled = True
            for i, z in enumerate(roots):
                value, size = _horner(numbers, z)
                if abs(value) <= size * mp.mpf(2) ** (-2 * prec - 50):
                    continue
                slope, _ = _horner(slopes, z)
                newton = value / slope if slope != 0 else mp.mpf(2) ** (-prec) * (1 + abs(z))
                others = sum(
                    (1 / (z - w) for j, w in enumerate(roots) if j != i and z != w), mp.mpc(0)
                )
                move = newton / (1 - newton * others)
                roots[i] = z - move
                settled = settled and abs(move) <= abs(roots[i]) * mp.mpf(2) ** (-prec - 20)
            if settled:
                return [_real_if(z, prec) for z in roots]
    raise CollapseError(f"no roots found for the polynomial {[mp.nstr(c, 8) for c in numbers]}")


def _horner(numbers: list[Any], z: Any) -> tuple[Any, Any]:
    """The value at z, and the sum of the sizes of its terms."""
    value, size, radius = mp.mpf(0), mp.mpf(0), abs(z)
    for c in numbers:
        value = value * z + c
        size = size * radius + abs(c)
    return value, size


def _real_if(z: Any, prec: int) -> Any:
    """Drop an imaginary part that is rounding."""
    return mp.re(z) if abs(mp.im(z)) <= abs(z) * mp.mpf(2) ** (-prec - 10) else z


def _sorted(roots: list[Any], prec: int) -> list[Any]:
    """By real part, then imaginary part; equal up to rounding counts as equal."""

    def order(z: Any, w: Any) -> int:
        gap = mp.re(z) - mp.re(w)
        if abs(gap) <= (abs(z) + abs(w)) * mp.mpf(2) ** (-prec // 2):
            gap = mp.im(z) - mp.im(w)
        return -1 if gap < 0 else int(gap > 0)

    return sorted(roots, key=cmp_to_key(order))
