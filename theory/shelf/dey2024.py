"""Dey and Donoho (2024): the constant pi^2/6 of accumulation; catalogue entry B2.

The paper's statement is asymptotic (the abstract was read, no theorem is quoted): the constant is
reached as n tends to infinity. Read as an equality at a fixed n it is false for the Gaussian.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers
from theory.family import Family
from theory.shelf._notation import SCALE
from theory.symbols import n, sigma_0, t
from theory.vocabulary import Accumulate

REFERENCE = Reference(
    "Dey and Donoho",
    2024,
    title="Universality of the pi^2/6 pathway in avoiding model collapse",
    arxiv="2410.22812",
    note="asymptotic statement, abstract seen; finite-n form derived",
)
ACCUMULATE = Family(workflow=Accumulate, fit="mle")
_bound = sp.pi**2 * sigma_0**2 / (6 * n)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="dey2024.upper-bound",
        title="pi^2/6 bounds the drift",
        statement="Under accumulation with maximum-likelihood fits n E (mu_t - mu_0)^2 stays below "
        "(pi^2/6) sigma_0^2 for every n and t.",
        reference=REFERENCE,
        entry="B2",
        family=ACCUMULATE,
        quantity="squared_drift",
        equals=_bound,
        relation="<=",
        over={n: integers(2, 24), t: integers(1, 8), sigma_0: SCALE},
        rivals={"half": sigma_0**2 / (2 * n)},
    ),
    Claim(
        id="dey2024.large-batch",
        title="pi^2/6 is reached as n grows",
        statement="n times the limit of the drift, n (1 - sin(pi/sqrt n) / (pi/sqrt n)), tends to "
        "pi^2/6 as n tends to infinity.",
        reference=REFERENCE,
        entry="B2",
        holds=sp.Eq(
            sp.Limit(n * (1 - sp.sin(sp.pi / sp.sqrt(n)) / (sp.pi / sp.sqrt(n))), n, sp.oo),
            sp.pi**2 / 6,
            evaluate=False,
        ),
    ),
    Claim(
        id="dey2024.equality",
        title="pi^2/6 as an equality",
        statement="Under accumulation with maximum-likelihood fits the drift tends to exactly "
        "(pi^2/6) sigma_0^2 / n, for every n.",
        reference=REFERENCE,
        entry="B2",
        family=ACCUMULATE,
        quantity="squared_drift",
        equals=_bound,
        over={n: integers(2, 100), sigma_0: SCALE},
        limit=(t, sp.oo),
        known_false="a strict upper bound at every finite n: the limit is "
        "sigma_0^2 (1 - sin(pi/sqrt n) / (pi/sqrt n)), 1.2836/n at n = 2",
    ),
)
