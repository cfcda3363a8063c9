"""Kazdan et al. (2025): replace, accumulate, accumulate-subsample; entries A1, B1, B2, B7.

The paper counts the fit on real data as generation 0; here t counts fits, so the paper's formulas
are shifted by one. Formulas recalled; those of the subsample setting are derived.
"""

from __future__ import annotations

from theory.claim import Claim, Reference
from theory.domain import integers
from theory.family import Family
from theory.shelf._notation import MODERATE, SCALE
from theory.symbols import n, sigma_0, t
from theory.vocabulary import Replace

REFERENCE = Reference(
    "Kazdan et al.",
    2025,
    title="Collapse or thrive? Perils and promises of synthetic data in a self-generating world",
    arxiv="2410.16713",
    note="formula recalled; generation 0 there is t = 1 here",
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="kazdan2025.replace",
        title="Replace: geometric collapse",
        statement="If each generation replaces the data, maximum-likelihood fits have "
        "E sigma_t^2 = (1 - 1/n)^t sigma_0^2.",
        reference=REFERENCE,
        entry="A1",
        family=Family(workflow=Replace, fit="mle"),
        quantity="variance",
        equals=(1 - 1 / n) ** t * sigma_0**2,
        over={n: integers(2, 100), t: integers(1, 20), sigma_0: SCALE},
        where=MODERATE,
        null=sigma_0**2,
    ),
)
