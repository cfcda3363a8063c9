"""He, Xu and Cheng (2025): the golden-ratio weight of real data; catalogue entry C4.

The abstract was seen; the formula is recalled up to the meaning of k (here the synthetic sample is
k times the real one). A mean with known variance is fitted as w * (fresh real mean of n points) +
(1-w) * (synthetic mean of k n points); units of sigma_0.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.symbols import n, t

REFERENCE = Reference(
    "He, Xu and Cheng",
    2025,
    arxiv="2502.18049",
    note="abstract seen, formula recalled up to k <-> 1/k",
)
ratio = sp.Symbol("ratio", positive=True)
weight = sp.Symbol("weight", positive=True)
golden = sp.Symbol("golden", positive=True)


def risk(w: sp.Expr, k: sp.Expr) -> sp.Expr:
    """n times the stationary mean squared error with weight `w`."""
    return (w**2 + (1 - w) ** 2 / k) / (1 - (1 - w) ** 2)


_best = (sp.sqrt(1 + 4 * ratio) - 1) / (2 * ratio)
_after = risk(weight, ratio) / n * (1 - (1 - weight) ** (2 * t))
_ratios = {ratio: reals(Fraction(1, 4), 8)}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="he2025.risk",
        title="Error of the weighted mean",
        statement="After t fits E (mu_t - mu_0)^2 = V(w) (1 - (1-w)^(2t)) with the stationary "
        "V(w) = (sigma^2/n) [w^2 + (1-w)^2/k] / (1 - (1-w)^2).",
        reference=REFERENCE,
        entry="C4",
        mean=_after,
        variance=2 * _after**2,
        over={
            n: integers(1, 50),
            ratio: integers(1, 8),
            weight: reals(Fraction(1, 10), Fraction(9, 10)),
            t: integers(1, 12),
        },
        null=sp.Integer(0),
        rivals={"stationary": risk(weight, ratio) / n},
    ),
    Claim(
        id="he2025.optimal-weight",
        title="The optimal weight",
        statement="w* = (sqrt(1+4k) - 1)/(2k) is stationary for V, and V(w*) = w* sigma^2/n.",
        reference=REFERENCE,
        entry="C4",
        holds=(
            sp.Eq(sp.diff(risk(weight, ratio), weight).subs(weight, _best), 0, evaluate=False),
            sp.Eq(risk(_best, ratio), _best, evaluate=False),
        ),
        over=_ratios,
    ),
    Claim(
        id="he2025.minimum",
        title="The optimal weight is the minimum",
        statement="V(w) exceeds w* sigma^2/n by (w - w*)^2 / ((1-w*) w (2-w)) >= 0, in units of "
        "sigma^2/n, w* being the positive root of k w^2 + w = 1.",
        reference=REFERENCE,
        entry="C4",
        holds=sp.Eq(
            risk(weight, (1 - golden) / golden**2),
            golden + (weight - golden) ** 2 / ((1 - golden) * weight * (2 - weight)),
            evaluate=False,
        ),
        over={
            weight: reals(Fraction(1, 100), 1),
            golden: reals(Fraction(1, 100), Fraction(99, 100)),
        },
    ),
    Claim(
        id="he2025.golden-ratio",
        title="The golden ratio",
        statement="With as many synthetic as real points (k = 1) the optimal weight is "
        "(sqrt 5 - 1)/2, and w*^2 = 1 - w*.",
        reference=REFERENCE,
        entry="C4",
        holds=(
            sp.Eq(_best.subs(ratio, 1), (sp.sqrt(5) - 1) / 2, evaluate=False),
            sp.Eq(_best.subs(ratio, 1) ** 2, 1 - _best.subs(ratio, 1), evaluate=False),
        ),
    ),
    Claim(
        id="he2025.pooled-weight",
        title="The pooled weight",
        statement="The weight of plain pooling, w = 1/(1+k), has V = (sigma^2/n)(k+1)/(2k+1).",
        reference=REFERENCE,
        entry="C4",
        holds=sp.Eq(risk(1 / (1 + ratio), ratio), (ratio + 1) / (2 * ratio + 1), evaluate=False),
        over=_ratios,
    ),
)
