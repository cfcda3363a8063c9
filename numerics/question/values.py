"""What a claim says at one point of its domain, as numbers for the judge."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

from numerics.evidence.spread import variance_of_law
from numerics.points import Point
from theory.claim import Claim
from theory.domain import Number
from theory.errors import ClaimError
from theory.evaluation import evaluate, evaluate_float

# A second moment beyond exp of this is not computed.
LARGEST_LOG = 600.0


def value(claim: Claim, expression: Any, at: Mapping[str, Number]) -> float:
    """The number that an expression of the claim has at a point; sigma_0 defaults to 1."""
    number = evaluate_float(expression, {"sigma_0": 1, **at})
    if not math.isfinite(number):
        where, text = ", ".join(f"{name}={x}" for name, x in at.items()), str(expression)
        text = text if len(text) < 80 else f"{text[:77]}..."
        raise ClaimError(f"{claim.id}: {text} is {number} at {where}; it must be finite")
    return number


def optional(claim: Claim, expression: Any, at: Mapping[str, Number]) -> float | None:
    return None if expression is None else value(claim, expression, at)


def claimed_variance(claim: Claim, at: Mapping[str, Number]) -> float | None:
    """The claimed variance; one that floats lose would make every draw a refutation."""
    number = optional(claim, claim.variance, at)
    if number == 0 and evaluate(claim.variance, {"sigma_0": 1, **at}) != 0:
        raise ClaimError(
            f"{claim.id}: the variance is below the smallest float; claim it in a smaller unit"
        )
    return number


def _fitting(claim: Claim, word: str, at: Mapping[str, Number]) -> Callable[..., Any] | None:
    """The claim's `cdf` or `log_mellin`, if it can be called with the letters by name."""
    function: Callable[..., Any] | None = getattr(claim, word)
    if function is None:
        return None
    try:
        inspect.signature(function).bind(0.0, **at)
    except ValueError:  # a builtin without a signature
        return function
    except TypeError as error:
        letters = ", ".join(at)
        raise ClaimError(
            f"{claim.id}: {word} is called with a number and {letters or 'no letters'}: {error}"
        ) from None
    return function


def implied_variance(claim: Claim, at: Mapping[str, Number]) -> float | None:
    """The variance of the law that the claim brings, by its moments or its distribution function.

    It is a part of the claim, and as refutable as a variance that is written down. None where the
    law has none, or none that can be computed.
    """
    if claim.log_mellin is not None:
        first, second = (float(claim.log_mellin(s, **at)) for s in (1, 2))
        if math.isfinite(first) and math.isfinite(second) and second < LARGEST_LOG:
            # E X^2 (1 - (E X)^2 / E X^2) without the difference of two large numbers
            return math.exp(second) * -math.expm1(min(2 * first - second, 0.0))
    if claim.cdf is not None:
        cdf = claim.cdf
        return variance_of_law(lambda x: cdf(x, **at))
    return None


def asked(claim: Claim, at: Point) -> dict[str, Any]:
    """What the claim itself tells the judge."""
    found: dict[str, Any] = {
        "relation": claim.relation,
        "scale": optional(claim, claim.scale, at),
        "slack": optional(claim, claim.slack, at) or 0.0,
        "null": optional(claim, claim.null, at),
        "rivals": {name: value(claim, x, at) for name, x in claim.rivals.items()},
    }
    if claim.bounds is not None:
        if any(end.is_infinite for end in claim.bounds):
            raise ClaimError(f"{claim.id}: bounds = {claim.bounds} must be finite; leave them out")
        low, high = claim.bounds
        found["bounds"] = (value(claim, low, at), value(claim, high, at))
    cdf, log_mellin = _fitting(claim, "cdf", at), _fitting(claim, "log_mellin", at)
    if cdf is not None:
        found["cdf"] = lambda x: cdf(x, **at)
    if log_mellin is not None:
        found["log_mellin"] = lambda s: log_mellin(s, **at)
    return found
