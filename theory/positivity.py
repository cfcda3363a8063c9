"""Signs of polynomials on a box, proved by the signs of coefficients.

A letter of ``[a, oo)`` is written ``a + y``, one of ``[a, b]`` as ``(a + b y)/(1 + y)`` (a Moebius
map: the coefficients are those of Bernstein), with ``y >= 0``. If all coefficients then have one
sign, so has the polynomial; it vanishes only where no monomial survives. A polynomial of one
letter is decided by counting its roots.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from theory.domain import Domain
from theory.enclosure import Unknown, enclose

_MOST_TERMS = 3000
MOST_DEGREE = 60
#: A letter without a domain (sigma_0 sets the unit) is a positive number.
UNIT = Domain("reals", 0, math.inf, None, True, False)


def polynomial_sign(
    expression: Any, box: Mapping[str, Domain], *, strict: bool, order: Any = ()
) -> int | None:
    """1 or -1 if the polynomial is proved to have that sign on the whole box, else None.

    Parameters
    ----------
    expression
        A polynomial with rational coefficients.
    box
        The domain of every letter, by name.
    strict
        Whether zero is excluded.
    order
        Pairs (smaller, greater, least difference) of symbols that the points are known to obey.

    Examples
    --------
    >>> from theory.domain import integers, reals
    >>> x, n = sp.symbols("x n")
    >>> box = {"x": reals(0, 1), "n": integers(2)}
    >>> polynomial_sign(n - x, box, strict=True), polynomial_sign(n - 2 * x, box, strict=True)
    (1, None)
    >>> polynomial_sign(n - 2 * x, box, strict=False)
    1
    """
    symbols = sorted(expression.free_symbols, key=str)
    if not symbols:
        return _number_sign(expression, strict)
    if not expression.is_polynomial(*symbols):
        return None
    plain = _attempt(expression, box, (), strict)
    if plain is not None or not order:
        return plain
    return _attempt(expression, box, order, strict)


def _number_sign(number: Any, strict: bool) -> int | None:
    if number.is_Rational:
        return None if strict and number == 0 else (-1 if number < 0 else 1)
    try:
        value = enclose(number, {}, 240)
    except Unknown:
        return None
    return 1 if value.a > 0 else -1 if value.b < 0 else None


def _attempt(expression: Any, box: Mapping[str, Domain], order: Any, strict: bool) -> int | None:
    symbols = sorted(expression.free_symbols, key=str)
    ranges = {s: box.get(s.name, UNIT) for s in symbols}
    for lesser, greater, least in order:
        if lesser in ranges and greater in ranges:
            gap = sp.Dummy("gap")
            expression = expression.subs(greater, lesser + gap)
            del ranges[greater]
            ranges[gap] = Domain("reals", least, math.inf, None, least == 0, False)
            break
    poly = sp.Poly(expression, *ranges)
    if len(poly.terms()) > _MOST_TERMS or not all(c.is_Rational for c in poly.coeffs()):
        return None
    ends = list(ranges.values())
    if sum(poly.degree_list()) > MOST_DEGREE:
        return None
    degrees = poly.degree_list()
    found = _one_sign(_mapped(poly, ends), ends, degrees, strict)
    if found is None and any(math.isfinite(x.low) and math.isfinite(x.high) for x in ends):
        # Beyond the upper ends it may hold too, and then with coefficients of one sign.
        wide = [
            Domain(x.kind, x.low, math.inf, None, x.open_low) if math.isfinite(x.low) else x
            for x in ends
        ]
        found = _one_sign(_mapped(poly, wide), wide, degrees, strict)
    if found is None and len(ends) == 1:
        found = _by_roots(poly, ends[0], strict)
    return found


def _by_roots(poly: sp.Poly, domain: Domain, strict: bool) -> int | None:
    """A polynomial of one letter without a root inside (Sturm's theorem) has one sign there."""
    below, above = math.isfinite(domain.low), math.isfinite(domain.high)
    low = sp.Rational(Fraction(domain.low)) if below else None
    high = sp.Rational(Fraction(domain.high)) if above else None
    roots = poly.count_roots(low, high)
    for end, left_out in ((low, domain.open_low), (high, domain.open_high)):
        if end is not None and poly.eval(end) == 0 and low != high:
            if strict and not left_out:
                return None
            roots -= 1
    if roots:
        return None
    inside = low + 1 if below else high - 1 if above else sp.Integer(0)
    if below and above:
        inside = (low + high) / 2
    return 1 if poly.eval(inside) > 0 else -1


Terms = dict[tuple[int, ...], Fraction]


def _mapped(poly: sp.Poly, ends: list[Domain]) -> Terms:
    terms: Terms = {m: Fraction(int(c.p), int(c.q)) for m, c in poly.terms()}
    for place, domain in enumerate(ends):
        terms = _replace(terms, place, domain)
    return terms


def _replace(terms: Terms, place: int, domain: Domain) -> Terms:
    """Put the image of one letter in, cleared of its denominator."""
    below, above = math.isfinite(domain.low), math.isfinite(domain.high)
    if not below and not above:
        return terms
    degree = max((m[place] for m in terms), default=0)
    if below and above:
        top = (Fraction(domain.low), Fraction(domain.high))
        bottom = (Fraction(1), Fraction(1))
    else:
        end, way = (domain.low, 1) if below else (domain.high, -1)
        top = (Fraction(end), Fraction(way))
        bottom = (Fraction(1), Fraction(0))
    images = [_times(_power(top, i), _power(bottom, degree - i)) for i in range(degree + 1)]
    result: Terms = {}
    for monom, c in terms.items():
        for i, factor in enumerate(images[monom[place]]):
            if factor:
                at = (*monom[:place], i, *monom[place + 1 :])
                result[at] = result.get(at, Fraction(0)) + c * factor
    return {m: c for m, c in result.items() if c}


def _power(line: tuple[Fraction, Fraction], exponent: int) -> list[Fraction]:
    a, b = line
    return [math.comb(exponent, i) * a ** (exponent - i) * b**i for i in range(exponent + 1)]


def _times(one: list[Fraction], two: list[Fraction]) -> list[Fraction]:
    result = [Fraction(0)] * (len(one) + len(two) - 1)
    for i, x in enumerate(one):
        for j, y in enumerate(two):
            result[i + j] += x * y
    return result


def _one_sign(terms: Terms, ends: list[Domain], degrees: Sequence[int], strict: bool) -> int | None:
    signs = {1 if c > 0 else -1 for c in terms.values()}
    if not terms:
        return None if strict else 1
    if len(signs) != 1:
        return None
    lines = [not math.isfinite(x.low) and not math.isfinite(x.high) for x in ends]
    if any(line and m[i] % 2 for m in terms for i, line in enumerate(lines)):
        return None
    if strict and not _survives(terms, ends, degrees):
        return None
    return signs.pop()


def _survives(terms: Terms, ends: list[Domain], degrees: Sequence[int]) -> bool:
    """Whether some monomial is not zero at every corner that the box includes."""
    choices: list[tuple[int | None, ...]] = []
    for domain, degree in zip(ends, degrees, strict=True):
        below, above = math.isfinite(domain.low), math.isfinite(domain.high)
        if not below and not above:
            choices.append((0,))  # the middle of the line
            continue
        first, last = (0, degree) if below else (0, None)
        attained: list[int | None] = []
        if not (domain.open_low if below else domain.open_high):
            attained.append(first)
        if below and above and not domain.open_high:
            attained.append(last)
        choices.append(tuple(attained) or (None,))
    return all(
        any(all(c is None or c == p for c, p in zip(corner, m, strict=True)) for m in terms)
        for corner in itertools.product(*choices)
    )
