"""Qiao et al. (2026): selection towards a fixed target or in a given metric; D6, D8 to D12.

The setting was read in a note on the paper and in the authors' released code; what is claimed here
is derived. A verifier keeps the share alpha of points that lie nearest to its target, which is
delta deviations of the model away.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.family import Family
from theory.selection import (
    EllipseMoment,
    FourthNofN,
    KappaNofN,
    KappaPopulation,
    PairNofN,
    TailIntensity,
    TargetMoment,
)
from theory.shelf._notation import SCALE
from theory.shelf._targets import (
    DRIFT,
    DRIFT_VARIANCE,
    STEP,
    STEP_VARIANCE,
    Z2,
    Z4,
    delta,
)
from theory.symbols import N, alpha, d, k, n, sigma_0, t
from theory.vocabulary import KeepAll, Replace

REFERENCE = Reference(
    "Qiao et al.",
    2026,
    title="When sample selection bias precipitates model collapse",
    arxiv="2606.13732",
    note="setting seen, theorem text not seen; derived",
)
ratio = sp.Symbol("ratio", positive=True)

_SHARE = reals(Fraction(1, 20), Fraction(9, 10))
_LOW = reals(Fraction(1, 20), Fraction(1, 2))
_kappa, _line = KappaNofN(n, N, d), KappaPopulation(alpha, 1)
_fourth = n * d * (d + 2) * FourthNofN(n, N, d)
_square = _fourth + n * (n - 1) * d**2 * PairNofN(n, N, d)
_resultant = _square + 2 * (_square - _fourth) / d
# Variance of m - s/k, m the mean square per axis and s the squared length of the mean per axis.
_effect_variance = (
    (_square / (n * d) ** 2 - _kappa**2)
    + (_resultant / (n**2 * d) ** 2 - (_kappa / n) ** 2) / k**2
    - 2 * (_square / (n**3 * d**2) - _kappa**2 / n) / k
)


def _m(j: int) -> sp.Expr:
    return TargetMoment(j, alpha, d, delta)


def _ellipse(i: int, j: int) -> sp.Expr:
    return EllipseMoment(i, j, alpha, ratio)


_radial = d * _m(1) + delta**2 * _m(2)
_quantile = sp.sqrt(2) * sp.erfinv(1 - 2 * alpha)
_tail_square = 1 + _quantile * TailIntensity(alpha)
_tail_fourth = 3 * _tail_square + _quantile**3 * TailIntensity(alpha)
_over_pull = {alpha: _SHARE, d: integers(1, 3), delta: reals(Fraction(1, 2), 6)}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="qiao2026.log-remainder",
        title="Two-sided rate: the logarithm of a ratio",
        statement="On the line and for alpha <= 1/2, E[-log R_k - (1 - R_k)] <= (1 - kappa + "
        "kappa/k)/k^2 for the ratio R_k of generation k of accumulation with selection: log V_t + "
        "(1 - kappa) log t has a limit, so V_t t^(1-kappa) does.",
        reference=REFERENCE,
        entry="D6",
        mean=1 - _line + _line / k,
        variance=sp.Rational(1, 4),
        bounds=(0, 1),
        relation="<=",
        over={n: integers(2, 8), alpha: _LOW, k: integers(2, 30)},
        rivals={"half": (1 - _line) / 4},
    ),
    Claim(
        id="qiao2026.exponent-step",
        title="The exponent, seen in one generation",
        statement="k E[1 - R_k] = 1 - kappa(n, N) + kappa(n, N)/(n k): the exponent 1 - kappa is "
        "the loss of one generation times its number, up to the remainder.",
        reference=REFERENCE,
        entry="D4",
        mean=1 - _kappa,
        variance=_effect_variance,
        slack=_kappa / (n * k),
        over={n: integers(2, 8), N: integers(3, 20), d: integers(1, 3), k: integers(50, 500)},
        where=(n < N,),
        null=sp.Integer(0),
        rivals={"five per cent more": sp.Rational(21, 20) * (1 - _kappa)},
    ),
    Claim(
        id="qiao2026.pull",
        title="Mean of a kept point, seen from the target",
        statement="With the ball of mass alpha around a target delta deviations away, a kept point "
        "lies delta F_{d+2}/alpha from the target along the axis, F_m the distribution function of "
        "the non-central chi-square with m degrees of freedom at the ball's threshold.",
        reference=REFERENCE,
        entry="D8",
        mean=delta * _m(1),
        variance=_m(1) + delta**2 * (_m(2) - _m(1) ** 2),
        over=_over_pull,
        null=delta,
    ),
    Claim(
        id="qiao2026.pull-square",
        title="Squared distance of a kept point from the target",
        statement="The same point has mean squared distance (d F_{d+2} + delta^2 F_{d+4})/alpha "
        "from the target.",
        reference=REFERENCE,
        entry="D8",
        mean=_radial,
        variance=d * (d + 2) * _m(2)
        + 2 * (d + 2) * delta**2 * _m(3)
        + delta**4 * _m(4)
        - _radial**2,
        over=_over_pull,
        null=d + delta**2,
    ),
    Claim(
        id="qiao2026.approach",
        title="Accumulation: how fast the target comes nearer",
        statement="Per unit of log t the logarithm of the target's distance, in deviations of the "
        "model, moves by (1 - 2 E z/delta - E z^2)/2, z a kept point on the way to the target.",
        reference=REFERENCE,
        entry="D9",
        mean=DRIFT,
        variance=DRIFT_VARIANCE,
        over={alpha: _SHARE, delta: reals(Fraction(1, 4), 8)},
        null=sp.Integer(0),
    ),
    Claim(
        id="qiao2026.approach-half",
        title="Accumulation comes nearer if at most half is kept",
        statement="If the verifier keeps at most half, the target's distance in deviations of the "
        "model shrinks from wherever it is.",
        reference=REFERENCE,
        entry="D9",
        mean=sp.Integer(0),
        variance=DRIFT_VARIANCE,
        relation="<=",
        over={alpha: _LOW, delta: reals(Fraction(1, 4), 8)},
        rivals={"four times as fast": -sp.Integer(4)},
    ),
    Claim(
        id="qiao2026.approach-near",
        title="Accumulation comes nearer from within one deviation",
        statement="If the verifier keeps at most 19/20 and the target lies within one deviation of "
        "the model, its distance in deviations of the model shrinks.",
        reference=REFERENCE,
        entry="D9",
        mean=sp.Integer(0),
        variance=DRIFT_VARIANCE,
        relation="<=",
        over={
            alpha: reals(Fraction(1, 20), Fraction(19, 20)),
            delta: reals(Fraction(1, 4), 1),
        },
        rivals={"four times as fast": -sp.Integer(4)},
    ),
    Claim(
        id="qiao2026.far-drift",
        title="Accumulation with a very far target: the distance grows",
        statement="If more than half is kept and the target is very far, its distance in "
        "deviations of the model grows like t^(-i z/2), i = phi(z)/alpha, P(Z > z) = alpha: the "
        "model shrinks faster than its mean moves, and the mean never arrives.",
        reference=REFERENCE,
        entry="D9",
        mean=-_quantile * TailIntensity(alpha) / 2,
        variance=(_tail_fourth - _tail_square**2) / 4,
        over={alpha: reals(Fraction(11, 20), Fraction(19, 20))},
        null=sp.Integer(0),
    ),
    Claim(
        id="qiao2026.far-spread",
        title="A far target first spreads the model",
        statement="In generation k of accumulation by one kept point, E k (R_k - 1) = (1 - 1/k) "
        "E z^2 - 1: positive where the target is far and less than half is kept.",
        reference=REFERENCE,
        entry="D9",
        mean=(1 - 1 / k) * Z2 - 1,
        variance=(1 - 1 / k) ** 2 * (Z4 - Z2**2),
        over={alpha: _LOW, delta: reals(Fraction(1, 4), 8), k: integers(2, 50)},
        null=sp.Integer(0),
    ),
    Claim(
        id="qiao2026.near-decay",
        title="Near a target the spread decays from the start",
        statement="If at most half is kept and the target lies within half a deviation, no "
        "generation raises the variance in the mean.",
        reference=REFERENCE,
        entry="D9",
        mean=sp.Integer(0),
        variance=(1 - 1 / k) ** 2 * (Z4 - Z2**2),
        relation="<=",
        over={alpha: _LOW, delta: reals(Fraction(1, 20), Fraction(1, 2)), k: integers(2, 50)},
        rivals={"four times": -sp.Integer(4)},
    ),
    Claim(
        id="qiao2026.replace-step",
        title="Replace and select: where the target lies after one generation",
        statement="One generation of Replace at infinite n takes a target delta deviations away to "
        "delta' new deviations with (delta'^2/delta^2 - 1) Var z = 1 - 2 E z/delta - E z^2 + "
        "(1 + 1/delta^2) (E z)^2.",
        reference=REFERENCE,
        entry="D10",
        mean=STEP,
        variance=STEP_VARIANCE,
        over={alpha: reals(Fraction(1, 10), Fraction(1, 2)), delta: reals(1, 5)},
        null=sp.Integer(0),
    ),
    Claim(
        id="qiao2026.replace-near",
        title="Replace and select: a near target comes nearer",
        statement="If at most half is kept and the target lies between one and three halves "
        "deviations away, one generation of Replace brings it nearer in the new deviations.",
        reference=REFERENCE,
        entry="D10",
        mean=sp.Integer(0),
        variance=STEP_VARIANCE,
        relation="<=",
        over={
            alpha: reals(Fraction(1, 10), Fraction(1, 2)),
            delta: reals(1, Fraction(3, 2)),
        },
        rivals={"four times": -sp.Integer(4)},
    ),
    Claim(
        id="qiao2026.no-selection",
        title="The published runs without selection",
        statement="Replacing without selection in ten dimensions E Tr Sigma_t = (1 - 1/n)^t "
        "Tr Sigma_0: after 300 generations .0490 (n = 100), .2223 (200), .5485 (500) of it remain.",
        reference=REFERENCE,
        entry="D11",
        family=Family(workflow=Replace, selection=KeepAll, fit="mle", dimension=10),
        quantity="variance",
        equals=10 * sigma_0**2 * (1 - 1 / n) ** t,
        over={n: integers(12, 40), t: integers(1, 5), sigma_0: SCALE},
    ),
    Claim(
        id="qiao2026.metric-kappa",
        title="Selection in another metric: the wider axis",
        statement="In the plane, with the model's variances in the metric in the ratio w : 1, the "
        "points with w z_1^2 + z_2^2 <= q are kept and E z_1^2 is an integral over the ellipse.",
        reference=REFERENCE,
        entry="D12",
        mean=_ellipse(1, 0),
        variance=_ellipse(2, 0) - _ellipse(1, 0) ** 2,
        over={
            alpha: reals(Fraction(1, 10), Fraction(9, 10)),
            ratio: reals(Fraction(3, 2), 4),
        },
        null=sp.Integer(1),
        rivals={"the circle's": KappaPopulation(alpha, 2)},
    ),
    Claim(
        id="qiao2026.metric-isotropy",
        title="Selection in another metric makes the model round",
        statement="The axis along which the model is wider than the metric loses more: E z_1^2 <= "
        "E z_2^2 for w >= 1. Sigma_t is driven to a multiple of the metric, and the exponent to "
        "1 - kappa_d(alpha), whatever the metric.",
        reference=REFERENCE,
        entry="D12",
        mean=sp.Integer(0),
        variance=_ellipse(2, 0)
        + _ellipse(0, 2)
        - 2 * _ellipse(1, 1)
        - (_ellipse(1, 0) - _ellipse(0, 1)) ** 2,
        relation="<=",
        over={
            alpha: reals(Fraction(1, 10), Fraction(9, 10)),
            ratio: reals(Fraction(3, 2), 4),
        },
        rivals={"four": -sp.Integer(4)},
    ),
)
