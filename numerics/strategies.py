"""Hypothesis strategies from the domains that a claim declares.

Small and large values both occur: a third of the integers is uniform, the rest is spread evenly
over the powers of two above the lower end. The ends are drawn on purpose, and shrinking goes to the
lower end: small samples, few generations.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from numerics.constraints import Inequality, Interval, exact, holds, tighten
from theory.domain import Domain, Number
from theory.errors import ClaimError
from theory.symbols import BY_NAME

# Steps of the lattice of reals: few digits, so that a counterexample can be read.
LATTICE = 1000


def _ends(domain: Domain, name: str | None) -> Interval:
    """Finite ends of a domain; where it is infinite, the alphabet's typical range steps in."""
    low, high = domain.low, domain.high
    letter = BY_NAME.get(name or "")
    typical = letter.typical if letter else (-10.0, 1000.0 if domain.kind == "integers" else 10.0)
    if low == -math.inf:
        low = min(typical[0], high)
    if high == math.inf:
        high = max(typical[1], low + (typical[1] - typical[0]))
    return exact(low), exact(high)


@lru_cache(maxsize=4096)  # building a strategy costs more than drawing from it
def whole_numbers(low: int, high: int) -> SearchStrategy[int]:
    """Integers of every size above the lower end.

    Their offset from it is uniform in a third of the draws, and else has a number of binary digits
    that is uniform. Of those a number of digits and an offset are two choices that no other two
    repeat, so that Hypothesis knows which points it has been at; the uniform draw comes first and
    takes every offset as it is, so that the smallest counterexample is found as among uniform
    integers.
    """
    span = high - low
    if span < 16 or low < 0:
        return st.integers(low, high)
    digits = span.bit_length()
    anywhere = st.integers(0, span + span // 8)  # the surplus is the upper end itself
    sized = [st.integers(0, 1)]
    sized += [st.integers(1 << k, min((2 << k) - 1, span)) for k in range(1, digits)]
    choices = [anywhere, *sized, *[anywhere] * (digits // 2)]
    chosen = st.integers(0, len(choices) - 1).flatmap(choices.__getitem__)
    return chosen.map(lambda offset: low + min(offset, span))


@lru_cache(maxsize=4096)
def lattice_reals(
    low: float, high: float, *, open_low: bool, open_high: bool
) -> SearchStrategy[float]:
    """Reals of a lattice with four digits, geometric where the range is wide, and both ends."""
    if low == high:
        return st.just(low)
    geometric = low > 0 and high / low >= 100
    ends = LATTICE // 100

    def at(j: int) -> float:
        if j <= 0 and not open_low:
            return low
        if j >= LATTICE and not open_high:
            return high
        share = min(max(j, 1), LATTICE - 1) / LATTICE
        value = low * (high / low) ** share if geometric else low + (high - low) * share
        rounded = float(f"{value:.4g}")
        return rounded if low < rounded < high else value

    return st.integers(0, LATTICE + 2 * ends).map(lambda j: at(j - ends))


def shares_of(low: Fraction, high: Fraction, of: int) -> SearchStrategy[Number]:
    """Fractions between `low` and `high` with the denominator `of`, reduced."""
    first, last = math.ceil(low * of), math.floor(high * of)
    assume(first <= last)
    return whole_numbers(first, last).map(lambda j: _plain(Fraction(j, of)))


def _plain(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else value


def _between(
    domain: Domain, bounds: Interval, values: Mapping[str, Number]
) -> SearchStrategy[Number]:
    low, high = bounds
    if domain.kind == "integers":
        return whole_numbers(math.ceil(low), math.floor(high))
    if domain.kind == "shares" and domain.of is not None and domain.of in values:
        return shares_of(low, high, int(values[domain.of]))
    return lattice_reals(
        float(low),
        float(high),
        open_low=domain.open_low and low == exact(domain.low),
        open_high=domain.open_high and high == domain.high,
    )


def domain(over: Domain, name: str | None = None) -> SearchStrategy[Number]:
    """Values of one domain.

    Parameters
    ----------
    over
        The domain. Shares are drawn with a denominator of their own, up to 100.
    name
        The letter; where the domain is infinite, its typical range in the alphabet is used.

    Returns
    -------
    SearchStrategy
        Of ``int`` for integers, ``float`` for reals, ``Fraction`` (or 0, 1) for shares.

    Examples
    --------
    >>> from hypothesis import find
    >>> from theory.domain import integers
    >>> find(domain(integers(2, 10**6)), lambda n: n > 1000)
    1001
    """
    if over.kind == "shares":
        low, high = _ends(over, name)
        return st.integers(1, 100).flatmap(lambda of: shares_of(low, high, of))
    return _between(over, _ends(over, name), {})


def points(
    over: Mapping[Any, Domain], where: Iterable[sp.Basic] = ()
) -> SearchStrategy[dict[str, Number]]:
    """Points of a claim's domain that meet its constraints.

    Parameters
    ----------
    over
        A domain for each symbol, keyed by the symbol or its name.
    where
        Constraints between the symbols. Polynomial inequalities bound the draws; the rest filters.

    Returns
    -------
    SearchStrategy
        Of dictionaries from letters to numbers.

    Raises
    ------
    ClaimError
        If the constraints exclude every point, or speak of a symbol without a domain.

    Examples
    --------
    >>> from hypothesis import find
    >>> from theory.domain import integers
    >>> n, d = sp.symbols("n d")
    >>> find(points({n: integers(2, 500), d: integers(3, 10)}, [n > d]), lambda at: True)
    {'n': 4, 'd': 3}
    """
    domains = {str(symbol): each for symbol, each in over.items()}
    relations = [each for each in map(sp.sympify, where) if each != sp.true]
    unknown = {s.name for each in relations for s in each.free_symbols} - set(domains)
    if unknown:
        raise ClaimError(f"a constraint speaks of {', '.join(sorted(unknown))}, without a domain")
    inequalities = [each for relation in relations for each in Inequality.read(relation)]
    whole = frozenset(name for name, each in domains.items() if each.kind == "integers")
    box = {name: _ends(each, name) for name, each in domains.items()}
    if sp.false in relations or not tighten(box, inequalities, whole):
        raise ClaimError("the claim's domain and constraints admit no point")
    free = [name for name in domains if domains[name].kind != "shares"]
    portions = [name for name in domains if domains[name].kind == "shares"]

    @st.composite
    def build(draw: DrawFn) -> dict[str, Number]:
        room = dict(box)
        values: dict[str, Number] = {}
        # Who is drawn first is bounded least: with t <= n, large t need that t may come first. A
        # share is a number of points over another symbol, which must be known before it.
        backwards = bool(relations) and len(free) > 1 and draw(st.booleans())
        for name in (free[::-1] if backwards else free) + portions:
            values[name] = draw(_between(domains[name], room[name], values))
            if relations:
                room[name] = (exact(values[name]), exact(values[name]))
                assume(tighten(room, inequalities, whole))
        assume(holds(relations, values))
        return {name: values[name] for name in domains}

    return build()
