"""Sums and products over many terms, without adding them one by one.

The first K terms are added. The tail summand is k**(-e) g(1/k) with g smooth down to 0: e is read
off at an astronomically large k, g is interpolated in Chebyshev points of 1/k, and every power is
summed in closed form by the Hurwitz zeta function. Points between the nodes test the
interpolant; where it is not good enough K and the degree grow, and in the end all terms are added.
"""

from __future__ import annotations

import math
from typing import Any

from mpmath import mp

from theory.errors import CollapseError, InvalidInput
from theory.evaluation.powerlaw import Term, power_law


class NotWhole(InvalidInput):
    """An index at a limit that is no integer: this summand has no values between integers."""


SHORT = 80
LONGEST = 5_000_000
# Terms of an infinite sum that falls off geometrically, and the slowest fall that is summed.
MOST_TERMS = 20_000
SLOWEST = mp.mpf("0.999")


def sum_of(term: Term, low: Any, high: Any) -> Any:
    """Sum of ``term(k)`` for k from `low` to `high`, at the working precision of mpmath.

    Follows SymPy where `high` < `low` (Karr's convention); `high` may be infinite.
    """
    if high < low:
        if high == low - 1:
            return 0
        return -sum_of(term, high + 1, low - 1)
    if high - low < SHORT:
        return _add(term, low, high)
    total = _accelerated(term, low, high)
    if total is None and mp.isinf(high):
        total = _geometric(term, low)
    if total is None:
        if mp.isinf(high) or high - low > LONGEST:
            raise CollapseError(f"a sum from {low} to {high} found no accurate short cut")
        total = _add(term, low, high)
    return total


def product_of(term: Term, low: Any, high: Any) -> Any:
    """Product of ``term(k)`` for k from `low` to `high`, at the working precision."""
    if high < low:
        if high == low - 1:
            return 1
        return 1 / product_of(term, high + 1, low - 1)
    if high - low < SHORT:
        return _multiply(term, low, high)
    head = low + 4  # a first factor may vanish or be negative
    value = _multiply(term, low, head - 1)
    if value == 0:
        return value
    with mp.workprec(mp.prec + 10):
        tail = _log_tail(term, head, high)
    if tail is not None:
        return value * mp.exp(tail)
    if mp.isinf(high) or high - low > LONGEST:
        raise CollapseError(f"a product from {low} to {high} found no accurate short cut")
    return value * _multiply(term, head, high)


def _add(term: Term, low: int, high: int) -> Any:
    prec = mp.prec + 5 + (high - low + 1).bit_length()
    with mp.workprec(prec):
        total = mp.mpf(0)
        for k in range(low, high + 1):
            total += term(k, prec)
        return total


def _multiply(term: Term, low: int, high: int) -> Any:
    prec = mp.prec + 5 + (high - low + 1).bit_length()
    with mp.workprec(prec):
        total = mp.mpf(1)
        for k in range(low, high + 1):
            total *= term(k, prec)
        return total


def _log_tail(term: Term, low: int, high: Any) -> Any:
    """Sum of log term(k): with term ~ C k**p, the parts log C and p log k are summed apart."""
    found = power_law(term)
    if found is None:
        return None
    exponent, constant = found
    if abs(mp.im(constant)) > abs(constant) * mp.mpf(2) ** (-mp.prec // 2):
        return None
    constant = mp.re(constant)
    if constant <= 0:
        return None
    if mp.isinf(high) and (exponent != 0 or constant != 1):
        return None

    def log_term(k: Any, prec: int) -> Any:
        guard = prec + 20
        value = term(k, guard)
        with mp.workprec(guard):
            if exponent != 0:
                value = value / mp.mpf(k) ** (-exponent)
            return mp.log(value / constant)

    rest = sum_of(log_term, low, high)
    count = 0 if mp.isinf(high) else high - low + 1
    if constant != 1:
        rest += count * mp.log(constant)
    if exponent != 0:
        rest -= exponent * (mp.loggamma(high + 1) - mp.loggamma(low))
    return rest


def _geometric(term: Term, low: int) -> Any:
    """An infinite sum whose terms fall off at least geometrically; None if they do not.

    The rest after term k is at most its size times r/(1 - r), if no later ratio of two terms
    exceeds r: taken midway between the largest of the last ratios and 1.
    """
    prec = mp.prec + 25
    with mp.workprec(prec):
        total, size, ratios = mp.mpf(0), mp.mpf(0), [mp.inf] * 16
        for k in range(low, low + MOST_TERMS):
            value = term(k, prec)
            total += value
            if value == 0:
                ratios = [*ratios[1:], mp.mpf(0)]
            else:
                ratios = [*ratios[1:], abs(value) / size if size else mp.inf]
            size = abs(value)
            slowest = max(ratios)
            if slowest < SLOWEST:
                rest = size * (1 + slowest) / (1 - slowest)
                if rest <= abs(total) * mp.mpf(2) ** (-prec):
                    return total
    return None


def _accelerated(term: Term, low: int, high: Any) -> Any:
    """The sum by interpolation of the tail; None if no interpolant passes its test."""
    prec = mp.prec
    found = power_law(term)
    if found is None:
        return None
    exponent, _ = found
    if mp.isinf(high) and exponent <= 1:
        raise InvalidInput(f"the sum from {low} to infinity diverges")
    head = mp.mpf(0)
    lost = _lost_bits(term, low + 24, prec)
    checked = not isinstance(exponent, int)
    first, degree = low, 10 + prec // 5
    last = low + max(24, prec // 3)
    while last < high and last - low <= 40_000:
        with mp.workprec(prec + lost):
            head += _add(term, first, last)
        first = last + 1
        try:
            tail = _tail(term, exponent, last, high, degree, prec)
        except NotWhole:
            return None
        if tail is not None:
            return head + tail
        if not checked:
            law, checked = power_law(term, exact=True), True
            if law is None:
                return None
            exponent = law[0]
        last, degree = low + 2 * (last - low), degree + 6
    return None


def _tail(term: Term, e: Any, start: int, high: Any, degree: int, prec: int) -> Any:
    """Sum over k = start + 1 .. high by interpolation in v = start / k; None if it fails."""
    lost = _lost_bits(term, start * 4 * degree**2, prec)
    inner = prec + lost + 15
    work = prec + 3 * degree + 30  # monomials of this degree cancel that much
    scale = mp.mpf(max(start, 1))

    def smooth(k: Any) -> Any:
        return term(k, inner) * mp.mpf(k) ** e

    with mp.workprec(inner):
        points = []
        for i in range(degree):
            angle = mp.pi * (2 * i + 1) / (2 * degree)
            k = 2 * scale / (1 + mp.cos(angle))
            points.append((k, smooth(k)))
        ends = [1.02, 1.41, 3.3, 21.0, 4.0 * degree**2]
        probes = [(k, smooth(k)) for k in (mp.mpf(scale * r) for r in ends)]
    with mp.workprec(work):
        polynomial = _interpolate([(scale / k, value) for k, value in points])
        if not _passes(polynomial, [(scale / k, value) for k, value in probes], prec):
            return None
        return mp.fsum(
            c * scale**j * _power_sum(e + j, start + 1, high) for j, c in enumerate(polynomial)
        )


def _passes(polynomial: list[Any], probes: list[tuple[Any, Any]], prec: int) -> bool:
    """Whether the polynomial meets the summand between its nodes."""
    tolerance = mp.mpf(2) ** (-prec + 6)
    return all(
        abs(mp.polyval(polynomial[::-1], v) - value) <= abs(value) * tolerance
        for v, value in probes
    )


def _lost_bits(term: Term, k: int, prec: int) -> int:
    """Bits that the summand loses by cancellation at the farthest node."""
    rough, fine = term(k, prec), term(k, 2 * prec + 64)
    if fine == 0:
        return 0
    error = abs(rough - fine) / abs(fine)
    return max(0, prec + int(mp.mag(error))) if error else 0


def _interpolate(points: list[tuple[Any, Any]]) -> list[Any]:
    """Coefficients, lowest first, of the polynomial through the points (Newton's form)."""
    nodes = [v for v, _ in points]
    table = [value for _, value in points]
    count = len(points)
    for order in range(1, count):
        for i in range(count - 1, order - 1, -1):
            table[i] = (table[i] - table[i - 1]) / (nodes[i] - nodes[i - order])
    polynomial = [table[-1]]
    for i in range(count - 2, -1, -1):
        shifted = [mp.mpf(0), *polynomial]
        for j, c in enumerate(polynomial):
            shifted[j] -= nodes[i] * c
        shifted[0] += table[i]
        polynomial = shifted
    return polynomial


def _power_sum(s: Any, low: int, high: Any) -> Any:
    """Sum of k**(-s) for k from `low` to `high`."""
    if mp.isinf(high):
        return mp.zeta(s, low)
    if s == 1:
        return mp.digamma(high + 1) - mp.digamma(low)
    near = abs(mp.mpf(s) - 1)
    lost = max(0, -int(mp.mag(near))) + 5  # two poles at s = 1 that cancel
    with mp.workprec(mp.prec + lost + math.ceil(math.log2(high))):
        return mp.zeta(s, low) - mp.zeta(s, high + 1)
