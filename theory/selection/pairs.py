"""Shift of a score by pairwise preference, named."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp
from mpmath import mp

from theory.errors import CollapseError
from theory.selection.scores import Score


@lru_cache(maxsize=1024)
def preferred_shift(b: Any, prec: int) -> Any:
    """``E (D/2) tanh(b D/2)``, D ~ N(0, 2), to `prec` bits.

    The trapezoidal rule; the poles of tanh set the step, and halving it must change nothing.
    """
    value: Any = None
    with mp.workprec(prec + 10):
        root = mp.sqrt(2)
        step = mp.mpf(1) / 4 / max(1, b)
        last = 2 + mp.sqrt(mp.mpf(1.4) * prec)
        for _ in range(12):
            total, z = mp.mpf(0), step
            while z < last:  # an even function that vanishes at 0
                total += mp.exp(-z * z / 2) * z * mp.tanh(b * z / root)
                z += step
            total *= 2 * step / (root * mp.sqrt(2 * mp.pi))
            if value is not None and abs(total - value) < mp.mpf(2) ** (8 - prec) * total:
                return total
            value, step = total, step / 2
    raise CollapseError(f"the preferred shift did not settle for strength = {mp.nstr(b, 5)}")


class PreferredShift(Score):
    r"""Mean score of the one of two candidates that a Bradley-Terry judge prefers.

    The first is preferred with probability ``1/(1 + exp(-b (z_1 - z_2)))``: with D = z_1 - z_2 the
    mean is ``E (D/2) tanh(b D/2)``; the mean square stays 1 (z_1 + z_2 is independent of D, and
    the square does not ask which of the two is meant), so the variance is one minus its square.

    Examples
    --------
    >>> PreferredShift(0), PreferredShift(2).evalf(12)
    (0, 0.480024254336)
    """

    nargs = 1
    _name = "s"

    @classmethod
    def eval(cls, strength: Any) -> Any:
        return sp.S.Zero if strength == 0 else None

    @staticmethod
    def numeric(strength: Any) -> Any:
        return +preferred_shift(mp.mpf(strength), mp.prec + 5)

    def definition(self) -> sp.Basic:
        z, b = sp.Symbol("z", real=True), self.args[0]
        value = z / sp.sqrt(2) * sp.tanh(b * z / sp.sqrt(2)) * sp.exp(-(z**2) / 2)
        integral = sp.Integral(value / sp.sqrt(2 * sp.pi), (z, -sp.oo, sp.oo))
        return sp.Eq(self, integral, evaluate=False)

    @classmethod
    def source(cls) -> str:
        return "Bradley and Terry (1952); curation by pairs as in Ferbach et al. (2024)"
