"""Size of a t test that takes synthetic points for real ones, as one integral."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp
from mpmath import mp

from theory.errors import InvalidInput
from theory.named import NamedFunction, integer_argument


def _beyond(x: Any, freedom: int) -> Any:
    """P(|T| > x) for Student's t: a finite sum in the angle whose tangent is x/sqrt(freedom)."""
    square = freedom / (freedom + x * x)
    sine = x / mp.sqrt(freedom + x * x)
    even = freedom % 2 == 0
    term = sine if even else sine * mp.sqrt(square)
    total = mp.mpf(0)
    for step in range(1, (freedom if even else freedom - 1) // 2 + 1):
        total += term
        factor = (2 * step - 1, 2 * step) if even else (2 * step, 2 * step + 1)
        term *= square * factor[0] / factor[1]
    return 1 - total if even else 1 - 2 * (mp.asin(sine) + total) / mp.pi


@lru_cache(maxsize=256)
def _quantile(freedom: int, level: Any, prec: int) -> Any:
    """x with P(|T| > x) = level."""
    low, high = mp.mpf(0), mp.mpf(1)
    while _beyond(high, freedom) > level:
        high *= 2
    return mp.findroot(
        lambda x: _beyond(x, freedom) - level, (low, high), solver="anderson", tol=mp.eps**1.5
    )


@lru_cache(maxsize=1024)
def _size(real: int, synthetic: int, level: Any, widening: Any, prec: int) -> Any:
    """The integral over the fitted deviation."""
    freedom = real - 1
    half = mp.mpf(freedom) / 2
    limit = _quantile(synthetic - 1, level, prec) * widening
    ratio = mp.mpf(synthetic) / real
    constant = 2 * half**half / mp.gamma(half)

    def term(s: Any) -> Any:
        density = constant * s ** (freedom - 1) * mp.exp(-half * s * s)
        return density * _beyond(limit * s / mp.sqrt(ratio + s * s), synthetic - 1)

    # Outside of these ends the density of the fitted deviation is below the working precision,
    # since log(1 + e) <= e and log(1 - e) <= -e - e**2/2.
    reach = mp.sqrt(prec * mp.ln2 / half)
    first = max(1 - reach, 0)
    ends = [first, (first + 1) / 2, 1, 1 + reach / 3, 1 + reach]
    return mp.quad(term, ends, method="gauss-legendre")


class SyntheticTestSize(NamedFunction):
    """P(a t test on m synthetic points rejects a true mean): function of (n, m, level, widening).

    A normal law is fitted on n real points (unbiased variance), m points are drawn from the fit,
    and |mean| sqrt(m) / (deviation * widening) is compared with Student's quantile. Given the
    fitted deviation S, in units of the true one, that is a t variable times sqrt(m/n + S^2)/S.
    """

    nargs = 4

    def _eval_is_positive(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    @staticmethod
    def numeric(n: Any, m: Any, level: Any, widening: Any) -> Any:
        real = integer_argument("n", n, 2)
        synthetic = integer_argument("synthetic", m, 2)
        if not 0 < level < 1:
            raise InvalidInput(f"level = {level} is not in (0, 1)")
        if mp.im(widening) != 0 or widening <= 0:
            raise InvalidInput(f"widening = {mp.nstr(widening, 8)} is not a positive number")
        return +_size(real, synthetic, mp.mpf(level), mp.mpf(widening), mp.prec)

    def definition(self) -> sp.Basic:
        """The probability in words."""
        return sp.Function("P")(sp.Symbol("rejected"))

    @classmethod
    def source(cls) -> str:
        return "Student (1908), mixed over the fitted deviation"
