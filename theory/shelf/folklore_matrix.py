"""Textbook facts about refitting a Gaussian in d dimensions: catalogue entries A1, A9, A12.

In d dimensions the scatter is Wishart, its determinant a product of independent chi-squares
(Bartlett's decomposition).
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim
from theory.domain import integers
from theory.family import Family
from theory.shelf._notation import MODERATE, SCALE, WISHART, half, trigamma
from theory.symbols import d, n, sigma_0, t
from theory.vocabulary import Replace

MLE = Family(workflow=Replace, fit="mle")
UNBIASED = Family(workflow=Replace, fit="unbiased")

_i = sp.Symbol("i", integer=True, positive=True)
_over_d = {n: integers(3, 50), t: integers(1, 8), d: integers(1, 3), sigma_0: SCALE}


def _determinant_moment(power: int) -> sp.Expr:
    """E (det R)^power, power 1 or 2, of one maximum-likelihood fit in d dimensions."""
    factor = n - _i if power == 1 else (n - _i) * (n - _i + 2)
    return sp.Product(factor / n**power, (_i, 1, d))


_log_det_rate = sp.Sum(sp.digamma((n - _i) / 2), (_i, 1, d))

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="folklore.replace-matrix",
        title="Replace in d dimensions",
        statement="With maximum-likelihood fits E Sigma_t = (1 - 1/n)^t Sigma_0 in any dimension.",
        reference=WISHART,
        entry="A1",
        family=MLE,
        quantity="variance",
        equals=d * (1 - 1 / n) ** t * sigma_0**2,
        over=_over_d,
        where=MODERATE,
        null=d * sigma_0**2,
    ),
    Claim(
        id="folklore.log-det",
        title="Log determinant, maximum likelihood",
        statement="E log det Sigma_t = log det Sigma_0 + t [sum_{i<=d} psi((n-i)/2) - d log(n/2)].",
        reference=WISHART,
        entry="A9",
        family=MLE,
        quantity="log_det",
        equals=2 * d * sp.log(sigma_0) + t * (_log_det_rate - d * sp.log(n / 2)),
        over=_over_d,
        where=(n > d + 1,),
        null=2 * d * sp.log(sigma_0),
    ),
    Claim(
        id="folklore.log-det-unbiased",
        title="Log determinant, unbiased",
        statement="With unbiased fits E log det Sigma_t = log det Sigma_0 + "
        "t [sum_{i<=d} psi((n-i)/2) - d log((n-1)/2)].",
        reference=WISHART,
        entry="A9",
        family=UNBIASED,
        quantity="log_det",
        equals=2 * d * sp.log(sigma_0) + t * (_log_det_rate - d * sp.log(half)),
        over=_over_d,
        where=(n > d + 1,),
        null=2 * d * sp.log(sigma_0),
    ),
    Claim(
        id="folklore.log-det-loss",
        title="Log determinant lost in one generation",
        statement="One unbiased fit changes log det by sum_{i<=d} psi((n-i)/2) - d log((n-1)/2) in "
        "the mean, with the trace, of mean d, as control variate.",
        reference=WISHART,
        entry="A9",
        mean=_log_det_rate - d * sp.log(half),
        variance=sp.Sum(trigamma((n - _i) / 2), (_i, 1, d)) - 2 * d / (n - 1),
        over={n: integers(5, 40), d: integers(1, 3)},
        where=(n > d + 1,),
        control="folklore.trace-ratio",
        null=sp.Integer(0),
    ),
    Claim(
        id="folklore.trace-ratio",
        title="Trace of one unbiased fit",
        statement="The trace of an unbiased fitted covariance, the truth being the identity, has "
        "mean d and variance 2d/(n-1).",
        reference=WISHART,
        entry="A9",
        mean=d,
        variance=2 * d / (n - 1),
        over={n: integers(2, 40), d: integers(1, 4)},
        rivals={"maximum likelihood": d * (1 - 1 / n)},
    ),
    Claim(
        id="folklore.det",
        title="Determinant",
        statement="E det Sigma_t = det Sigma_0 [prod_{i<=d} (n-i)/n]^t with maximum-likelihood "
        "fits.",
        reference=WISHART,
        entry="A9",
        mean=_determinant_moment(1) ** t,
        variance=_determinant_moment(2) ** t - _determinant_moment(1) ** (2 * t),
        over={n: integers(4, 20), t: integers(1, 4), d: integers(1, 3)},
        where=(n > d, t * d <= n),
        null=sp.Integer(1),
    ),
    Claim(
        id="folklore.displacement-unbiased",
        title="Displacement in d dimensions, unbiased",
        statement="With unbiased fits E |mu_t - mu_0|^2 = t Tr Sigma_0 / n.",
        reference=WISHART,
        entry="A12",
        family=UNBIASED,
        quantity="squared_drift",
        equals=t * d * sigma_0**2 / n,
        over=_over_d,
        where=MODERATE,
        null=sp.Integer(0),
    ),
    Claim(
        id="folklore.displacement-mle",
        title="Displacement in d dimensions, maximum likelihood",
        statement="With maximum-likelihood fits E |mu_t - mu_0|^2 = Tr Sigma_0 (1 - (1 - 1/n)^t).",
        reference=WISHART,
        entry="A12",
        family=MLE,
        quantity="squared_drift",
        equals=d * sigma_0**2 * (1 - (1 - 1 / n) ** t),
        over=_over_d,
        where=MODERATE,
        null=sp.Integer(0),
    ),
)
