"""Qiao et al. (2026) on risk and on silos, as known from summaries; G9, G10 and H5.

Of Theorem 3 a note was read: R <= 2 l eps W_p + R_t + O(l delta), l a Lipschitz constant. What is
checked is what it stands on: expectations of a Lipschitz function differ by at most the constant
times W1, which is at most W2. Theorems 4 to 6 were not read, not even in summary, and nothing is
claimed of them; what the reported image results suggest, that proxies help, stands here as read.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.shelf.derived_silos import gap
from theory.symbols import n, t, temperature

REFERENCE = Reference(
    "Qiao et al.",
    2026,
    title="When sample selection bias precipitates model collapse",
    arxiv="2606.13732",
    note="known from summaries, theorem text not seen: stated without a further assumption",
)
shift = sp.Symbol("shift", nonnegative=True)
place, spread, truth, target = sp.symbols("place spread truth target", positive=True)
_scale = reals(Fraction(1, 10), 4)
_pairs = {n: integers(2, 40), shift: reals(0, 2)}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="qiao2026.expectation-gap",
        title="What a distance of laws says of a risk",
        statement="|E_P f - E_Q f| <= W1(P, Q) for f of Lipschitz constant 1, on samples of n "
        "points: the step from a distance to a risk in Theorem 3 as summarised.",
        reference=REFERENCE,
        entry="G9",
        mean=sp.Integer(1),
        bounds=(0, 2),
        relation="<=",
        over=_pairs,
        rivals={"a quarter": sp.Rational(1, 4)},
    ),
    Claim(
        id="qiao2026.w1-below-w2",
        title="W1 is at most W2",
        statement="W1(P, Q) <= W2(P, Q), on samples of n points.",
        reference=REFERENCE,
        entry="G9",
        mean=sp.Integer(1),
        bounds=(0, 2),
        relation="<=",
        over=_pairs,
        rivals={"half": sp.Rational(1, 2)},
    ),
    Claim(
        id="qiao2026.collapsed-distance",
        title="Distance of a collapsed model",
        statement="If the mean tends to u and the deviation to 0 on an axis, squared W2 to the "
        "truth tends to (u - mu_0)^2 + sigma_0^2.",
        reference=REFERENCE,
        entry="G10",
        holds=sp.Eq(
            sp.Limit((target + place * spread - truth) ** 2 + (spread - 1) ** 2, spread, 0, "+"),
            (target - truth) ** 2 + 1,
            evaluate=False,
        ),
        over={place: _scale, target: _scale, truth: _scale},
    ),
    Claim(
        id="qiao2026.proxies-help",
        title="Proxies help wherever silos differ (as read)",
        statement="Scheme II, anchored, comes nearer to the silos' world than random selection.",
        reference=REFERENCE,
        entry="H5",
        mean=sp.Integer(0),
        bounds=(-1, 1),
        relation=">=",
        over={
            # Part of what the statement covers: here it fails everywhere, which a search sees soon.
            n: integers(30, 40),
            t: integers(4, 6),
            temperature: reals(1, Fraction(11, 10)),
            gap: reals(Fraction(3, 2), 2),
        },
        known_false="without a further assumption on the generator: random selection hardly drifts "
        "at temperature 1, while proxies lack the variance between silos; they win where "
        "(sqrt(G_t) - 1)^2 exceeds that floor (derived.proxies-win, derived.proxies-lose)",
    ),
)
