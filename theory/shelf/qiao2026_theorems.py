"""Qiao et al. (2026): the three theorems as known from summaries, and where they fail; D7, D9, D10.

The theorem text was not read. What is refuted here is the statement without a further assumption
on how close the target is, on the kept fraction, or on the verifier; such an assumption may well
stand in the paper. Beside each refuted statement the shelf has the version that is verified.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.selection import KappaPopulation
from theory.shelf._targets import DRIFT_VARIANCE, STEP_VARIANCE, Z2, Z4, delta
from theory.symbols import alpha, b, k, n, t

REFERENCE = Reference(
    "Qiao et al.",
    2026,
    title="When sample selection bias precipitates model collapse",
    arxiv="2606.13732",
    note="known from a summary, theorem text not seen: stated without a further assumption",
)
share = sp.Symbol("share", positive=True)

_kappa = KappaPopulation(alpha, 1)
_j = sp.Symbol("j", integer=True, positive=True)
_closed = sp.Product(1 - (1 - _kappa) / _j - _kappa / (n * _j**2), (_j, 1, t))
_half_width = sp.sqrt(2) * sp.erfinv(alpha)
# No point of generation k lies farther from the target than _half_width (1 + _half_width)^(k-1).
_largest = _half_width**2 * (1 + _half_width) ** (2 * (t - 1))

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="qiao2026.theorem-1-accumulate",
        title="Mean alignment, accumulating (as stated)",
        statement="Accumulating selected points brings the model to the verifier's target: in "
        "deviations of the model the target's distance shrinks, wherever the target is.",
        reference=REFERENCE,
        entry="D9a",
        mean=sp.Integer(0),
        variance=DRIFT_VARIANCE,
        relation="<=",
        over={
            alpha: reals(Fraction(1, 10), Fraction(19, 20)),
            delta: reals(Fraction(1, 2), 12),
        },
        known_false="without a further assumption on how close the target is: if more than half "
        "is kept, beyond a threshold (1.5596 deviations at alpha = .9) the model shrinks faster "
        "than its mean moves and the mean stops on the way; verified where at most half is kept "
        "(qiao2026.approach-half) or the target is near (qiao2026.approach-near)",
    ),
    Claim(
        id="qiao2026.theorem-1-replace",
        title="Mean alignment, replacing (as stated)",
        statement="Replacing the data by selected points brings the model to the verifier's "
        "target: in deviations of the model the target's distance shrinks, wherever the target is.",
        reference=REFERENCE,
        entry="D10",
        mean=sp.Integer(0),
        variance=STEP_VARIANCE,
        relation="<=",
        over={alpha: reals(Fraction(1, 10), Fraction(1, 2)), delta: reals(1, 8)},
        known_false="without a further assumption on how close the target is: replacing has a "
        "finite reach, L = i/(1 - sqrt(nu)) deviations of the start (2.50 at alpha = .25), because "
        "every step is shorter than the last by sqrt(nu); verified for near targets "
        "(qiao2026.replace-near)",
    ),
    Claim(
        id="qiao2026.theorem-2-monotone",
        title="Covariance collapse in every generation (as stated)",
        statement="Accumulating selected points never raises the variance: E V_k <= V_{k-1} in "
        "every generation.",
        reference=REFERENCE,
        entry="D9b",
        mean=sp.Integer(0),
        variance=(1 - 1 / k) ** 2 * (Z4 - Z2**2),
        relation="<=",
        over={
            alpha: reals(Fraction(1, 20), Fraction(1, 2)),
            delta: reals(Fraction(1, 2), 8),
            k: integers(2, 50),
        },
        known_false="without a further assumption on how close the target is: far from it the pull "
        "on the mean spreads the pool, V grows like t^(i z) before it decays; verified within half "
        "a deviation (qiao2026.near-decay)",
    ),
    Claim(
        id="qiao2026.theorem-2-closed-form",
        title="The closed form with a fixed aligned target (as read)",
        statement="With the verifier's target at the true mean, accumulation has E V_t = "
        "sigma_0^2 prod_{k<=t} [1 - (1-kappa)/k - kappa/(n k^2)] at every n.",
        reference=REFERENCE,
        entry="D7",
        mean=_closed,
        variance=_closed * (_largest - _closed),
        bounds=(0, _largest),
        over={
            n: integers(2, 5),
            alpha: reals(Fraction(1, 5), Fraction(1, 2)),
            t: integers(3, 8),
        },
        known_false="the refitted mean wanders off the fixed target, which costs O(1/n): 16 % at "
        "n = 2, t = 2, 25 % at n = 5 of N = 20, t = 20; exact if the target moves with the model "
        "(qiao2026.accumulate) or the centre is known (qiao2026.known-centre)",
    ),
    Claim(
        id="qiao2026.theorem-2-soft",
        title="The power law for any concave utility (as read)",
        statement="A verifier who accepts x with probability exp(-b |x - u|^2/2) makes the "
        "variance decay like a power of t: the loss k E[1 - R_k] does not fall as V falls.",
        reference=REFERENCE,
        entry="D17",
        mean=b / (1 + b),
        variance=2 / (1 + b * share) ** 2,
        relation=">=",
        over={b: reals(Fraction(1, 2), 4), share: reals(Fraction(1, 10), Fraction(9, 10))},
        known_false="only a quantile is free of scale: with a fixed strength the loss is "
        "b V/(1 + b V) and falls with V, so V ~ 1/(b log t), a logarithm and no power "
        "(derived.soft-logarithm)",
    ),
)
