"""Whether the moments that a claim states exist in all of its domain, before anything is drawn.

A formula with a pole (a variance over n - 5, from n = 4 on) is no claim where it is infinite or
negative. Poles of rational functions are found by their roots; beyond that, the ends of the domain
are where moments cease to exist, so they are looked at closely.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import sympy as sp

from theory.claim import Claim
from theory.domain import Domain, Number
from theory.errors import ClaimError, CollapseError
from theory.evaluation import evaluate_float

# Values next to an end, and points looked at in all; larger grids are thinned out evenly.
NEAR, POINTS = 10, 256
TYPICAL = 1000


def candidates(domain: Domain, poles: frozenset[Number] = frozenset()) -> list[Number]:
    """Values of a domain where a pole is likely: known ones, the ends, and a few between.

    Examples
    --------
    >>> from theory.domain import integers
    >>> found = candidates(integers(2, 10**6), frozenset({77}))
    >>> found[:3], 77 in found, found[-1]
    ([2, 3, 4], True, 1000000)
    """
    low = domain.low if math.isfinite(domain.low) else min(-TYPICAL, domain.high)
    high = domain.high if math.isfinite(domain.high) else low + 2 * TYPICAL
    values: set[Number] = set(poles)
    if domain.kind == "integers":
        first, last = int(low), int(high)
        values |= set(range(first, min(first + NEAR, last) + 1))
        values |= {(first + last) // 2, last - 1, last}
    else:
        values |= {low, high}
        values |= {low + (high - low) * share for share in (0.001, 0.25, 0.5, 0.75, 0.999)}
    return sorted(value for value in values if value in domain)


def _poles(expression: sp.Expr, name: str) -> frozenset[Number]:
    """Real zeros of the denominator in one letter, where that alone decides."""
    symbols = {symbol.name: symbol for symbol in expression.free_symbols}
    if name not in symbols or not expression.is_rational_function():
        return frozenset()
    bottom = sp.fraction(sp.together(expression))[1]
    found: set[Number] = set()
    for factor, _ in sp.factor_list(bottom)[1]:
        if factor.free_symbols == {symbols[name]}:
            for root in sp.Poly(factor, symbols[name]).nroots():
                if abs(sp.im(root)) < 1e-9:
                    value = float(sp.re(root))
                    found.add(round(value) if abs(value - round(value)) < 1e-9 else value)
    return frozenset(found)


def _grid(claim: Claim, expressions: list[sp.Expr]) -> Iterator[dict[str, Number]]:
    axes = []
    for name, domain in claim.over.items():
        poles = frozenset[Number]().union(*(_poles(each, name) for each in expressions))
        axes.append([(name, value) for value in candidates(domain, poles)])
    total = math.prod(len(axis) for axis in axes)
    step = max(1, math.ceil(total / POINTS))
    # A step that shares no factor with an axis visits all of its values.
    while step > 1 and any(math.gcd(step, len(axis)) > 1 for axis in axes):
        step += 1
    for combination in itertools.islice(itertools.product(*axes), 0, None, step):
        yield dict(combination)


def check_moments(claim: Claim) -> None:
    """Raise if the mean or the variance that a claim states does not exist somewhere.

    Parameters
    ----------
    claim
        In its sampler form; others state no moments of a replicate.

    Raises
    ------
    ClaimError
        With a point of the domain where one is infinite, undefined, or a variance negative.

    Examples
    --------
    >>> from theory.domain import integers
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> claim = Claim("mine.f", "the mean of an F variable", {n: integers(2, 50)}, mean=n / (n - 2),
    ...               variance=2 * n**2 * (n - 1) / ((n - 2)**2 * (n - 4)),
    ...               draw=lambda rng, size, n: rng.f(1, n, size))
    >>> check_moments(claim)
    Traceback (most recent call last):
    ...
    theory.errors.ClaimError: mine.f: the mean n/(n - 2) does not exist at n = 2 (...
    """
    if claim.form != "sampler":
        return
    moments: list[tuple[str, Any]] = [("mean", claim.mean), ("variance", claim.variance)]
    stated = [(word, expression) for word, expression in moments if expression is not None]
    for point in _grid(claim, [expression for _, expression in stated]):
        if claim.where and not claim.admits(point):
            continue
        for word, expression in stated:
            wrong = _wrong(word, expression, point)
            if wrong:
                where = ", ".join(f"{name} = {value}" for name, value in point.items())
                raise ClaimError(
                    f"{claim.id}: the {word} {expression} does not exist at {where} ({wrong}); "
                    "leave the point out of the claim's domain (over=, where=)"
                )


def _wrong(word: str, expression: sp.Expr, point: dict[str, Number]) -> str:
    try:
        value = evaluate_float(expression, {"sigma_0": 1, **point})
    except CollapseError as error:
        return str(error)
    if not math.isfinite(value):
        return "not finite"
    return f"{value:.6g} < 0" if word == "variance" and value < -1e-12 else ""
