"""Xu, He and Cheng (2025): growing batches; catalogue entry A15.

The abstract was seen ("superlinear growth needed"); the exact forms and the sharp condition, that
the sum of 1/n_k be finite, are derived.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers
from theory.family import Family
from theory.shelf._notation import SCALE
from theory.symbols import k, sigma_0, t
from theory.vocabulary import Replace

REFERENCE = Reference(
    "Xu, He and Cheng",
    2025,
    arxiv="2505.13947",
    note="abstract seen; exact forms derived",
)
a = sp.Symbol("a", integer=True, positive=True)
MLE = Family(workflow=Replace, fit="mle", sizes=a * k**2)
UNBIASED = Family(workflow=Replace, fit="unbiased", sizes=a * k**2)
LINEAR = Family(workflow=Replace, fit="mle", sizes=a * k)

_over = {a: integers(2, 6), t: integers(1, 4), sigma_0: SCALE}
_limit = {a: integers(2, 50), sigma_0: SCALE}
_x = sp.pi / sp.sqrt(a)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="xu2025.drift",
        title="Growing batches: drift",
        statement="With unbiased fits on n_k points E (mu_t - mu_0)^2 = sigma_0^2 sum_{k<=t} "
        "1/n_k; here n_k = a k^2.",
        reference=REFERENCE,
        entry="A15",
        family=UNBIASED,
        quantity="squared_drift",
        equals=sigma_0**2 * sp.Sum(1 / (a * k**2), (k, 1, t)),
        over=_over,
        null=sp.Integer(0),
    ),
    Claim(
        id="xu2025.drift-limit",
        title="Growing batches: bounded drift",
        statement="With unbiased fits on n_k = a k^2 points the drift tends to "
        "pi^2 sigma_0^2 / (6a).",
        reference=REFERENCE,
        entry="A15",
        family=UNBIASED,
        quantity="squared_drift",
        equals=sp.pi**2 * sigma_0**2 / (6 * a),
        over=_limit,
        limit=(t, sp.oo),
        null=sp.Integer(0),
    ),
    Claim(
        id="xu2025.second-moment",
        title="Growing batches: second moment of the variance",
        statement="With unbiased fits on n_k points E sigma_t^4 = sigma_0^4 prod_{k<=t} "
        "(1 + 2/(n_k - 1)); here n_k = a k^2.",
        reference=REFERENCE,
        entry="A15",
        family=UNBIASED,
        quantity="variance_squared",
        equals=sigma_0**4 * sp.Product(1 + 2 / (a * k**2 - 1), (k, 1, t)),
        over={**_over, a: integers(4, 8)},
        null=sigma_0**4,
    ),
    Claim(
        id="xu2025.variance",
        title="Growing batches: mean variance",
        statement="With maximum-likelihood fits on n_k points E sigma_t^2 = sigma_0^2 "
        "prod_{k<=t} (1 - 1/n_k); here n_k = a k^2.",
        reference=REFERENCE,
        entry="A15",
        family=MLE,
        quantity="variance",
        equals=sigma_0**2 * sp.Product(1 - 1 / (a * k**2), (k, 1, t)),
        over=_over,
        null=sigma_0**2,
    ),
    Claim(
        id="xu2025.variance-limit",
        title="Growing batches: the variance survives",
        statement="With maximum-likelihood fits on n_k = a k^2 points the mean variance tends to "
        "sigma_0^2 sin(pi/sqrt a) / (pi/sqrt a).",
        reference=REFERENCE,
        entry="A15",
        family=MLE,
        quantity="variance",
        equals=sigma_0**2 * sp.sin(_x) / _x,
        over=_limit,
        limit=(t, sp.oo),
        null=sigma_0**2,
    ),
    Claim(
        id="xu2025.linear-growth-fails",
        title="Linear growth fails",
        statement="With maximum-likelihood fits on n_k = a k points the mean variance tends to 0.",
        reference=REFERENCE,
        entry="A15",
        family=LINEAR,
        quantity="variance",
        equals=sp.Integer(0),
        over=_limit,
        limit=(t, sp.oo),
        null=sigma_0**2,
    ),
    Claim(
        id="xu2025.superlinear-suffices",
        title="Superlinear growth suffices",
        statement="Superlinear growth n_k = k log k keeps the drift bounded: sum 1/(k log k) is "
        "finite.",
        reference=REFERENCE,
        entry="A15",
        holds=sp.Lt(sp.Sum(1 / (k * sp.log(k)), (k, 2, sp.oo)), sp.oo, evaluate=False),
        known_false="the sum diverges like log log t (integral test); superlinear growth is "
        "necessary, not sufficient",
    ),
    Claim(
        id="xu2025.log-squared-suffices",
        title="k log^2 k suffices",
        statement="Growth n_k = k log^2 k keeps the drift bounded: sum 1/(k log^2 k) is finite.",
        reference=REFERENCE,
        entry="A15",
        holds=sp.Lt(sp.Sum(1 / (k * sp.log(k) ** 2), (k, 2, sp.oo)), sp.oo, evaluate=False),
    ),
)
