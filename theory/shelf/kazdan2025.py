"""Kazdan et al. (2025): replace and accumulate; catalogue entries A1, B1, B2.

The paper counts the fit on real data as generation 0; here t counts fits, so the paper's formulas
are shifted by one. Formulas recalled. The other settings of the paper have files of their own.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers
from theory.family import Family
from theory.shelf._notation import MODERATE, SCALE
from theory.symbols import d, k, n, sigma_0, t
from theory.vocabulary import Accumulate, Replace

_TITLE = "Collapse or thrive? Perils and promises of synthetic data in a self-generating world"
REFERENCE = Reference(
    "Kazdan et al.",
    2025,
    title=_TITLE,
    arxiv="2410.16713",
    note="formula recalled; generation 0 there is t = 1 here",
)
SETTING = Reference(
    "Kazdan et al.", 2025, title=_TITLE, arxiv="2410.16713", note="setting; closed form derived"
)
ACCUMULATE = Family(workflow=Accumulate, fit="mle")

_product = sp.Product(1 - 1 / (n * k**2), (k, 1, t))
_root = 1 / sp.sqrt(n)
_gamma = (
    sp.gamma(t + 1 - _root)
    * sp.gamma(t + 1 + _root)
    / (sp.gamma(t + 1) ** 2 * sp.gamma(1 - _root) * sp.gamma(1 + _root))
)
_sinc = sp.sin(sp.pi / sp.sqrt(n)) / (sp.pi / sp.sqrt(n))

_over = {n: integers(2, 24), t: integers(1, 8), sigma_0: SCALE}
_limit = {n: integers(2, 100), sigma_0: SCALE}

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
        over={n: integers(2, 50), t: integers(1, 12), sigma_0: SCALE},
        where=MODERATE,
        null=sigma_0**2,
    ),
    Claim(
        id="kazdan2025.accumulate",
        title="Accumulate: the variance survives",
        statement="If the data accumulate, n points a generation, maximum-likelihood fits have "
        "E sigma_t^2 = sigma_0^2 prod_{k<=t} (1 - 1/(n k^2)).",
        reference=REFERENCE,
        entry="B1",
        family=ACCUMULATE,
        quantity="variance",
        equals=sigma_0**2 * _product,
        over=_over,
        null=sigma_0**2,
        rivals={"Replace": (1 - 1 / n) ** t * sigma_0**2},
    ),
    Claim(
        id="kazdan2025.accumulate-gamma",
        title="Accumulate in Gamma functions, d dimensions",
        statement="In d dimensions the mean covariance under accumulation is Sigma_0 times "
        "Gamma(t+1-r) Gamma(t+1+r) / (Gamma(t+1)^2 Gamma(1-r) Gamma(1+r)), r = n^(-1/2).",
        reference=REFERENCE,
        entry="B1",
        family=ACCUMULATE,
        quantity="variance",
        equals=d * sigma_0**2 * _gamma,
        over={**_over, d: integers(1, 4)},
        null=d * sigma_0**2,
    ),
    Claim(
        id="kazdan2025.accumulate-limit",
        title="Accumulate: the limit is positive",
        statement="Under accumulation the mean variance tends to sigma_0^2 sin(pi/sqrt n) / "
        "(pi/sqrt n) > 0.",
        reference=REFERENCE,
        entry="B1",
        family=ACCUMULATE,
        quantity="variance",
        equals=sigma_0**2 * _sinc,
        over=_limit,
        limit=(t, sp.oo),
        null=sigma_0**2,
    ),
    Claim(
        id="kazdan2025.accumulate-loss",
        title="Variance lost in one generation of accumulation",
        statement="Generation k of accumulation loses 1/(n k^2) of the variance: E[1 - R_k] = "
        "1/(n k^2), with the batch's mean square over k, of mean 1/k, as control variate.",
        reference=REFERENCE,
        entry="B1",
        mean=1 / (n * k**2),
        variance=2 / (n**2 * k**4),
        over={n: integers(2, 40), k: integers(2, 40)},
        control="folklore.mean-square",
        null=sp.Integer(0),
        rivals={"1/(n k)": 1 / (n * k), "1/((n-1) k^2)": 1 / ((n - 1) * k**2)},
    ),
    Claim(
        id="kazdan2025.accumulate-drift",
        title="Drift under accumulation",
        statement="Under accumulation E (mu_t - mu_0)^2 = sigma_0^2 (1 - prod_{k<=t} "
        "(1 - 1/(n k^2))).",
        reference=REFERENCE,
        entry="B2",
        family=ACCUMULATE,
        quantity="squared_drift",
        equals=sigma_0**2 * (1 - _product),
        over=_over,
        null=sp.Integer(0),
        rivals={"Replace": sigma_0**2 * (1 - (1 - 1 / n) ** t)},
    ),
    Claim(
        id="kazdan2025.accumulate-drift-limit",
        title="Limit of the drift under accumulation",
        statement="Under accumulation E (mu_t - mu_0)^2 tends to sigma_0^2 (1 - sin(pi/sqrt n) / "
        "(pi/sqrt n)).",
        reference=REFERENCE,
        entry="B2",
        family=ACCUMULATE,
        quantity="squared_drift",
        equals=sigma_0**2 * (1 - _sinc),
        over=_limit,
        limit=(t, sp.oo),
        null=sp.Integer(0),
    ),
)
