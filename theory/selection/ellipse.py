"""Moments of the ellipse in the plane, named: selection in a metric that is not the model's.

The model's variances along the two axes of the metric are in the ratio w : 1; kept are the points
with ``w z_1^2 + z_2^2 <= q``, of mass alpha. In polar coordinates the radial integral is an
incomplete gamma and what is left is the integral of an analytic periodic function, for which the
trapezoidal rule converges geometrically.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import sympy as sp
from mpmath import mp

from theory.errors import CollapseError, InvalidInput
from theory.named import NamedFunction, integer_argument
from theory.selection.quadratic import weighted_threshold


def _radial(power: int, x: Any) -> Any:
    """``E R^(2 power) 1{R^2 <= 2x}`` for chi-square R^2 with two degrees of freedom."""
    total, term = mp.mpf(0), mp.mpf(1)
    if x < 1:  # P(power + 1, x) from above, without cancellation
        term = x ** (power + 1) / math.factorial(power + 1)
        j = power + 1
        while term > total * mp.mpf(2) ** (-mp.prec - 5):
            total += term
            j += 1
            term *= x / j
        value = total * mp.exp(-x)
    else:
        for j in range(power + 1):
            total += term
            term *= x / (j + 1)
        value = 1 - total * mp.exp(-x)
    return mp.mpf(2) ** power * math.factorial(power) * value


def _average(i: int, j: int, half: Any, ratio: Any, count: int) -> Any:
    """``E z_1^(2i) z_2^(2j)`` in the ellipse of threshold 2 `half`, by `count` angles."""
    total = mp.mpf(0)
    for m in range(count):  # a quarter of the circle, by symmetry
        angle = mp.pi * (2 * m + 1) / (4 * count)
        cosine, sine = mp.cos(angle) ** 2, mp.sin(angle) ** 2
        total += cosine**i * sine**j * _radial(i + j, half / (ratio * cosine + sine))
    return total / count


@lru_cache(maxsize=2048)
def _half_threshold(alpha: Any, ratio: Any, count: int, prec: int) -> Any:
    x = mp.mpf(weighted_threshold(float(alpha), [float(ratio), 1.0])) / 2
    for _ in range(30):
        mass = _average(0, 0, x, ratio, count)
        density = mp.mpf(0)
        for m in range(count):
            angle = mp.pi * (2 * m + 1) / (4 * count)
            c = ratio * mp.cos(angle) ** 2 + mp.sin(angle) ** 2
            density += mp.exp(-x / c) / c
        move = mp.log(mass / alpha) * mass * count / density
        x -= move
        if abs(move) < abs(x) * mp.mpf(2) ** (-prec // 2 - 4):
            return x
    raise CollapseError(f"no threshold found for kept_fraction = {mp.nstr(alpha, 5)}")


@lru_cache(maxsize=4096)
def ellipse_moment(i: int, j: int, alpha: Any, ratio: Any, prec: int) -> Any:
    """``E z_1^(2i) z_2^(2j)`` of a kept point, to `prec` bits.

    Examples
    --------
    >>> mp.nstr(ellipse_moment(1, 0, mp.mpf(1) / 2, mp.mpf(1), 60), 12)  # the circle: 1 - log 2
    '0.30685281944'
    """
    with mp.workprec(prec + 25 + max(0, -mp.mag(1 - alpha))):
        strip = mp.atanh(1 / mp.sqrt(max(ratio, 1 / ratio))) if ratio != 1 else mp.mpf(2)
        count = int(mp.prec * math.log(2) / (4 * float(min(strip, 2)))) + 8
        value: Any = None
        for _ in range(8):
            x = _half_threshold(alpha, ratio, count, mp.prec)
            previous, value = value, _average(i, j, x, ratio, count) / alpha
            if previous is not None and abs(value / previous - 1) < mp.mpf(2) ** (-prec):
                return value
            count = 2 * count
    raise CollapseError(f"the average over the ellipse did not settle at ratio {mp.nstr(ratio, 5)}")


class EllipseMoment(NamedFunction):
    r"""``E[z_1^{2i} z_2^{2j} | w z_1^2 + z_2^2 <= q]``; arguments (i, j, alpha, w).

    Examples
    --------
    >>> EllipseMoment(1, 0, sp.Rational(3, 10), 8).evalf(12)
    0.0734363831968
    """

    nargs = 4

    @classmethod
    def eval(cls, i: Any, j: Any, alpha: Any, ratio: Any) -> Any:
        if alpha == 1 and i.is_Integer and j.is_Integer:
            return sp.factorial2(2 * i - 1) * sp.factorial2(2 * j - 1)
        return None

    def _eval_is_positive(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    @staticmethod
    def numeric(i: Any, j: Any, alpha: Any, ratio: Any) -> Any:
        share, w = mp.mpf(alpha), mp.mpf(ratio)
        if not 0 < share <= 1 or not w > 0:
            raise InvalidInput(f"kept_fraction = {alpha}, ratio = {ratio} must be in (0, 1], > 0")
        first, second = integer_argument("i", i, 0), integer_argument("j", j, 0)
        return +ellipse_moment(first, second, share, w, mp.prec + 5)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        i, j, alpha, ratio = (printer._print(x) for x in self.args)
        text = rf"m_{{{i},{j}}}\left({alpha}, {ratio}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def definition(self) -> sp.Basic:
        i, j, alpha, w = self.args
        angle, q = sp.Symbol("theta", real=True), sp.Symbol("q", positive=True)
        c = w * sp.cos(angle) ** 2 + sp.sin(angle) ** 2
        radial = 2 ** (i + j) * sp.lowergamma(i + j + 1, q / (2 * c))
        value = sp.cos(angle) ** (2 * i) * sp.sin(angle) ** (2 * j) * radial
        integral = sp.Integral(value, (angle, 0, 2 * sp.pi)) / (2 * sp.pi * alpha)
        return sp.Eq(self, integral, evaluate=False)

    @classmethod
    def source(cls) -> str:
        return "polar coordinates; elliptical truncation as in Tallis (1963)"
