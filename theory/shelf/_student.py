"""Size of a t test that takes synthetic points for real ones, as one integral."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp
from mpmath import mp

from theory.errors import InvalidInput
from theory.named import NamedFunction, integer_argument


def _beyond(x: Any, freedom: int) -> Any:
    """P(|T| > x) for Student's t."""
    return mp.betainc(mp.mpf(freedom) / 2, mp.mpf(1) / 2, 0, freedom / (freedom + x * x), True)


@lru_cache(maxsize=256)
def _quantile(freedom: int, level: Any, prec: int) -> Any:
    """x with P(|T| > x) = level."""
    low, high = mp.mpf(0), mp.mpf(1)
    while _beyond(high, freedom) > level:
        high *= 2
    return mp.findroot(
        lambda x: _beyond(x, freedom) - level, (low, high), solver="anderson", tol=mp.eps * 16
    )


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
        freedom = real - 1
        limit = _quantile(synthetic - 1, mp.mpf(level), mp.prec) * widening
        ratio = mp.mpf(synthetic) / real
        constant = 2 * (mp.mpf(freedom) / 2) ** (mp.mpf(freedom) / 2) / mp.gamma(
            mp.mpf(freedom) / 2
        )

        def term(s: Any) -> Any:
            density = constant * s ** (freedom - 1) * mp.exp(-freedom * s * s / 2)
            return density * _beyond(limit * s / mp.sqrt(ratio + s * s), synthetic - 1)

        # The deviation lies near 1, within 1/sqrt(2 (n-1)); beyond 40 of them nothing is left.
        step = 1 / mp.sqrt(2 * mp.mpf(freedom))
        ends = [x for x in (1 - 12 * step, 1 - 4 * step, mp.mpf(1)) if x > 0]
        return mp.quad(term, [0, *ends, 1 + 4 * step, 1 + 12 * step, 1 + 40 * step])

    def definition(self) -> sp.Basic:
        """The probability in words."""
        return sp.Function("P")(sp.Symbol("rejected"))

    @classmethod
    def source(cls) -> str:
        return "Student (1908), mixed over the fitted deviation"
