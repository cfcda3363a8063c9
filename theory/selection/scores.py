"""What the moments by a score share: the score is the first coordinate of a point.

In deviations of the model and seen from its mean it is a standard normal z, and the other
coordinates are not touched.
"""

from __future__ import annotations

from typing import Any

from mpmath import mp

from theory.errors import CollapseError, InvalidInput
from theory.named import NamedFunction


class Score(NamedFunction):
    """Base of the named moments: a letter, and real values."""

    _name = ""

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_positive(self) -> bool | None:
        return True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inner = ", ".join(printer._print(argument) for argument in self.args)
        text = rf"{self._name}\left({inner}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def normal_quantile(p: Any) -> Any:
    """The z with ``P(Z > z) = p`` at the working precision of mpmath, 0 < p < 1.

    Examples
    --------
    >>> mp.nstr(normal_quantile(mp.mpf(1) / 40), 12)
    '1.95996398454'
    """
    p = mp.mpf(p)
    if not 0 < p < 1:
        raise InvalidInput(f"kept_fraction = {mp.nstr(p, 5)} is not in (0, 1)")
    with mp.workprec(mp.prec + 20 + max(0, -mp.mag(1 - p))):
        small = min(p, 1 - p)
        z = mp.sqrt(-2 * mp.log(small)) if small < 0.1 else mp.mpf(1) / 2
        for _ in range(200):
            # Newton on the logarithm of the tail, which is concave.
            tail = mp.erfc(z / mp.sqrt(2)) / 2
            move = mp.log(tail / small) * tail / mp.npdf(z)
            z += move
            if abs(move) < mp.mpf(2) ** (8 - mp.prec) * max(1, abs(z)):
                return z if p <= 0.5 else -z
    raise CollapseError(f"no quantile found for {mp.nstr(p, 5)}")
