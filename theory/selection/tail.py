"""Moments of the upper tail of a score, named."""

from __future__ import annotations

from typing import Any

import sympy as sp
from mpmath import mp

from theory.selection.scores import Score, normal_quantile


class TailIntensity(Score):
    r"""Intensity of selection :math:`i = \varphi(z)/\alpha`: mean score of the upper `alpha`.

    Examples
    --------
    >>> TailIntensity(sp.Rational(1, 2)).evalf(15)  # sqrt(2/pi)
    0.797884560802865
    """

    nargs = 1
    _name = "i"

    @classmethod
    def eval(cls, alpha: Any) -> Any:
        if alpha == 1:
            return sp.S.Zero
        return sp.sqrt(2 / sp.pi) if alpha == sp.Rational(1, 2) else None

    @staticmethod
    def numeric(alpha: Any) -> Any:
        return mp.mpf(0) if alpha == 1 else mp.npdf(normal_quantile(alpha)) / alpha

    def definition(self) -> sp.Basic:
        z = sp.sqrt(2) * sp.erfinv(1 - 2 * self.args[0])
        return sp.Eq(self, sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi) / self.args[0], evaluate=False)

    @classmethod
    def source(cls) -> str:
        return "truncated normal law; intensity of selection in quantitative genetics"


class TailVariance(Score):
    r"""Variance :math:`\nu = 1 - i(i - z)` of the score above its upper `alpha` quantile z.

    Examples
    --------
    >>> TailVariance(sp.Rational(1, 2)).evalf(15)  # 1 - 2/pi
    0.363380227632419
    """

    nargs = 1
    _name = r"\nu"

    @classmethod
    def eval(cls, alpha: Any) -> Any:
        if alpha == 1:
            return sp.S.One
        return 1 - 2 / sp.pi if alpha == sp.Rational(1, 2) else None

    @staticmethod
    def numeric(alpha: Any) -> Any:
        if alpha == 1:
            return mp.mpf(1)
        with mp.workprec(mp.prec + 20 + 2 * abs(mp.mag(alpha))):
            z = normal_quantile(alpha)
            i = mp.npdf(z) / mp.mpf(alpha)
            return 1 - i * (i - z)

    def definition(self) -> sp.Basic:
        i, z = TailIntensity(self.args[0]), sp.Symbol("z")
        return sp.Eq(self, 1 - i * (i - z), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return TailIntensity.source()


class TailFourth(Score):
    r"""Fourth central moment of the score above its upper `alpha` quantile.

    Examples
    --------
    >>> TailFourth(1)
    3
    >>> TailFourth(sp.Rational(1, 2)).evalf(12)  # half-normal: 3 - 4/pi - 12/pi^2
    0.510906251557
    """

    nargs = 1
    _name = r"\nu_4"

    @classmethod
    def eval(cls, alpha: Any) -> Any:
        return sp.Integer(3) if alpha == 1 else None

    @staticmethod
    def numeric(alpha: Any) -> Any:
        with mp.workprec(mp.prec + 30 + 4 * abs(mp.mag(alpha))):
            z = normal_quantile(alpha)
            i = mp.npdf(z) / mp.mpf(alpha)
            # E z^(k+1) = k E z^(k-1) + z^k i, integrating by parts.
            m2 = 1 + z * i
            m3 = 2 * i + z**2 * i
            m4 = 3 * m2 + z**3 * i
            return m4 - 4 * i * m3 + 6 * i**2 * m2 - 3 * i**4

    def definition(self) -> sp.Basic:
        x, z = sp.Symbol("x", real=True), sp.sqrt(2) * sp.erfinv(1 - 2 * self.args[0])
        density = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi) / self.args[0]
        away = (x - TailIntensity(self.args[0])) ** 4
        return sp.Eq(self, sp.Integral(away * density, (x, z, sp.oo)), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return TailIntensity.source()
