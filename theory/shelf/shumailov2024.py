"""Shumailov et al. (2024): a Gaussian refitted on its own samples; catalogue entries A3 and A6.

Recalled, not read again for this file: the reference names no theorem.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers
from theory.family import Family
from theory.shelf._notation import SCALE
from theory.symbols import n, sigma_0, t
from theory.vocabulary import Replace

REFERENCE = Reference(
    "Shumailov et al.",
    2024,
    title="AI models collapse when trained on recursively generated data",
    note="Nature 631; Gaussian theorem, recalled",
)
MLE = Family(workflow=Replace, fit="mle")
UNBIASED = Family(workflow=Replace, fit="unbiased")
_over = {n: integers(3, 40), sigma_0: SCALE}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="shumailov2024.collapse",
        title="The variance collapses although its mean does not",
        statement="With unbiased fits E log sigma_t^2 tends to minus infinity: by the strong law "
        "sigma_t tends to 0 almost surely.",
        reference=REFERENCE,
        entry="A3",
        family=UNBIASED,
        quantity="log_variance",
        equals=-sp.oo,
        over=_over,
        limit=(t, sp.oo),
        null=2 * sp.log(sigma_0),
    ),
    Claim(
        id="shumailov2024.w2-unbounded-unbiased",
        null=sp.Integer(0),
        title="Unbounded squared W2, unbiased",
        statement="With unbiased fits the expected squared 2-Wasserstein distance to the truth "
        "tends to infinity.",
        reference=REFERENCE,
        entry="A6",
        family=UNBIASED,
        quantity="squared_w2",
        equals=sp.oo,
        over=_over,
        limit=(t, sp.oo),
    ),
    Claim(
        id="shumailov2024.w2-unbounded",
        title="Unbounded squared W2, maximum likelihood",
        statement="With maximum-likelihood fits the expected squared 2-Wasserstein distance to the "
        "truth tends to infinity.",
        reference=REFERENCE,
        entry="A6",
        family=MLE,
        quantity="squared_w2",
        equals=sp.oo,
        over=_over,
        limit=(t, sp.oo),
        known_false="it tends to 2 sigma_0^2: the raw second moment is a martingale, so "
        "E W2^2 = 2 sigma_0 (sigma_0 - E sigma_t)",
    ),
    Claim(
        id="shumailov2024.w2-linear-growth",
        title="Linear growth of squared W2, maximum likelihood",
        statement="With maximum-likelihood fits the expected squared 2-Wasserstein distance is at "
        "least t sigma_0^2 / n, also for t >= 2n.",
        reference=REFERENCE,
        entry="A6",
        family=MLE,
        quantity="squared_w2",
        equals=t * sigma_0**2 / n,
        relation=">=",
        over={n: integers(3, 8), t: integers(6, 24), sigma_0: SCALE},
        where=(t >= 2 * n,),
        known_false="E W2^2 = 2 sigma_0^2 (1 - b_n^t) stays below 2 sigma_0^2",
    ),
)
