"""Integrals on the real line by quadrature, at whatever precision is asked for."""

from __future__ import annotations

from typing import Any

from mpmath import mp

from theory.errors import CollapseError
from theory.evaluation.powerlaw import Term

# Precision beyond which two values that still differ will go on to differ: an oscillation.
MOST_BITS = 600


def integral_of(term: Term, low: Any, high: Any) -> Any:
    """Integral of ``term(x)`` from `low` to `high`, at the working precision of mpmath.

    The tanh-sinh rule, which forgives singular ends and takes infinite ones; the whole line is cut
    at 0. An integrand that the rule's own estimate of the error does not bound at half of the
    digits is refused; the rest of the digits `theory.evaluation.evaluate` secures by comparing
    precisions.

    Examples
    --------
    >>> mp.nstr(integral_of(lambda x, prec: mp.exp(-x * x), -mp.inf, mp.inf) ** 2)
    '3.14159'
    """
    if low == high:
        return mp.mpf(0)
    prec = mp.prec
    place = f"the integral from {mp.nstr(low, 6)} to {mp.nstr(high, 6)}"
    if prec > MOST_BITS:
        raise CollapseError(f"{place} has no two values that agree")
    with mp.workprec(prec + 20):
        ends = [low, 0, high] if mp.isinf(low) and mp.isinf(high) else [low, high]
        # Nodes of an infinite end reach to exp(exp(...)), where a sine would never return.
        horizon = mp.mpf(2) ** (4 * prec)

        def integrand(x: Any) -> Any:
            return mp.mpf(0) if abs(x) > horizon else term(x, prec + 20)

        value, error = mp.quad(integrand, ends, error=True)
        size = max(abs(value), mp.mpf(2) ** -prec)
        if not mp.isfinite(value) or error > size * mp.mpf(2) ** (-prec // 2):
            raise CollapseError(f"{place} found no accurate value")
    return value
