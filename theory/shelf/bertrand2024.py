"""Bertrand et al. (2024): decay of the standard deviation; catalogue entry A4.

The statement was seen as quoted in the notebook of Suresh et al. (2025).
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers
from theory.shelf._notation import c_n, half
from theory.symbols import n, t

REFERENCE = Reference(
    "Bertrand et al.",
    2024,
    title="On the stability of iterative retraining of generative models on their own data",
    arxiv="2310.00429",
    note="seen as quoted in the notebook of Suresh et al. (2025)",
)
_loss_variance = 1 - c_n() ** 2 + 1 / (4 * half) - c_n() / (2 * half)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="bertrand2024.std-decay",
        title="Geometric decay of the mean standard deviation",
        statement="With unbiased fits E sigma_t = c_n^t sigma_0, "
        "c_n = E sqrt(chi2_{n-1}) / sqrt(n-1) < 1.",
        reference=REFERENCE,
        entry="A4",
        mean=c_n() ** t,
        variance=1 - c_n() ** (2 * t),
        over={n: integers(2, 40), t: integers(1, 20)},
        where=(t <= 3 * n,),
        null=sp.Integer(1),
    ),
    Claim(
        id="bertrand2024.std-loss",
        title="Standard deviation lost in one generation",
        statement="One unbiased fit loses 1 - c_n of the standard deviation in the mean, with half "
        "the variance ratio, of mean 1/2, as control variate.",
        reference=REFERENCE,
        entry="A4",
        mean=1 - c_n(),
        variance=_loss_variance,
        over={n: integers(2, 40)},
        control="folklore.unbiased-ratio",
        null=sp.Integer(0),
        rivals={"1/(4n)": 1 / (4 * n)},
    ),
    Claim(
        id="bertrand2024.std-order",
        title="The loss vanishes like 1/n",
        statement="One unbiased fit keeps c_n = 1 + O(1/n) of the standard deviation in the mean, "
        "with half the variance ratio, of mean 1/2, as control variate.",
        reference=REFERENCE,
        entry="A4",
        mean=sp.Integer(1),
        order=sp.Integer(1),
        along=(n, (4, 16, 64)),
        variance=_loss_variance,
        over={},
        control="folklore.unbiased-ratio",
    ),
)
