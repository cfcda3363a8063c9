"""Probes of a claim: a few points of its domain, and the values an expression has there."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from theory.claim import Claim
from theory.domain import Domain, Number
from theory.errors import CollapseError
from theory.evaluation import evaluate_float

Signature = tuple[float | None, ...]

_PROBES = 4
_REACH = 50.0
"""How far probes go where a domain has no end."""
_QUANTILES = (0.12, 0.35, 0.61, 0.88)


def _candidates(domain: Domain, taken: Mapping[str, Number]) -> list[Number]:
    low, high = float(domain.low), float(domain.high)
    if math.isinf(low):
        low = high - _REACH if math.isfinite(high) else -_REACH / 2
    if math.isinf(high):
        high = low + _REACH
    places = [low + share * (high - low) for share in _QUANTILES]
    if domain.kind == "integers":
        return list(dict.fromkeys(round(place) for place in places))
    if domain.of is not None and domain.of in taken:
        whole = int(taken[domain.of])
        return list(dict.fromkeys(Fraction(round(place * whole), whole) for place in places))
    return [Fraction(place).limit_denominator(1000) for place in places]


def _points(names: list[str], claim: Claim, taken: dict[str, Number]) -> Iterator[dict[str, Any]]:
    if not names:
        if claim.admits(taken):
            yield dict(taken)
        return
    for value in _candidates(claim.over[names[0]], taken):
        yield from _points(names[1:], claim, {**taken, names[0]: value})


def probes(claim: Claim) -> Iterator[dict[str, Number]]:
    """A few points spread over the domain, where rivals are told apart."""
    # Shares come last: they are fractions of another symbol's value.
    names = sorted(claim.over, key=lambda name: claim.over[name].kind == "shares")
    found = list(itertools.islice(_points(names, claim, {}), 20_000))
    step = max(1, len(found) // _PROBES)
    for point in found[step // 2 :: step][:_PROBES]:
        yield {"sigma_0": Fraction(3, 2), **point}


def signature_of(expression: sp.Expr, places: tuple[Mapping[str, Number], ...]) -> Signature | None:
    """The values at the places; None if the expression has a value at none of them."""
    values: list[float | None] = []
    for probe in places:
        try:
            number = evaluate_float(expression, probe)
        except (CollapseError, ArithmeticError):
            number = math.nan
        values.append(None if math.isnan(number) else number)
    return None if all(value is None for value in values) else tuple(values)


def alike(first: Signature | None, second: Signature | None) -> bool:
    """Whether two expressions have the same values, to nine digits."""
    if first is None or second is None:
        return first is second
    return all(
        one == two or (one is not None and two is not None and math.isclose(one, two, rel_tol=1e-9))
        for one, two in zip(first, second, strict=True)
    )
