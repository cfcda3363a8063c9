"""The power law that a summand follows far out, read off at an astronomical index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mp

Term = Callable[[Any, int], Any]  # (k, precision in bits) -> value


def power_law(term: Term, exact: bool = False) -> tuple[Any, Any] | None:
    """(e, C) with term(k) ~ C k**(-e) as k grows; None if it is no power law.

    Read off at an astronomical k, where the next order is invisible. Unless `exact`, a near
    integer is taken for the integer: if it is wrong, the probes of the interpolant tell.
    """
    quick = None if exact else _read_off(term, 16)
    return quick if quick and isinstance(quick[0], int) else _read_off(term, mp.prec)


def _read_off(term: Term, prec: int) -> tuple[Any, Any] | None:
    size = prec + 24
    far = mp.mpf(2) ** size
    guard, previous = 3 * size + 60, None
    for _ in range(5):
        try:
            near, wide = term(far, guard), term(2 * far, guard)
            with mp.workprec(guard):
                after = far + 1
            odd = term(after, guard)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        if near == 0 or wide == 0 or not (mp.isfinite(near) and mp.isfinite(wide)):
            return None
        if mp.re(odd / near) <= 0:  # the sign alternates
            return None
        with mp.workprec(prec + 20):
            ratio = mp.re(wide / near)
            if ratio <= 0:
                return None
            exponent = -mp.log(ratio, 2)
            if abs(exponent) > 64:
                return None
            if previous is not None and abs(previous - exponent) < mp.mpf(2) ** (-prec - 5):
                return _rounded(exponent, near, far, prec)
        previous = exponent
        guard += 2 * size
    return None


def _rounded(exponent: Any, near: Any, far: Any, prec: int) -> tuple[Any, Any]:
    nearest = mp.nint(exponent)
    if abs(exponent - nearest) < mp.mpf(2) ** (-prec):
        exponent = int(nearest)
    constant = near * far**exponent
    whole = mp.nint(mp.re(constant))
    if abs(constant - whole) < mp.mpf(2) ** (-prec):
        constant = whole
    return exponent, constant
