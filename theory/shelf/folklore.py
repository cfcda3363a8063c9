"""Textbook facts about refitting a Gaussian: catalogue entries A1, A2, A5.

One fit on n points: n s^2 / sigma^2 is chi-square with n - 1 degrees of freedom, independent of the
mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from scipy.special import gammainc

from theory.claim import Claim
from theory.domain import integers
from theory.family import Family
from theory.shelf._notation import MODERATE, SCALE, STUDENT
from theory.symbols import n, sigma_0, t
from theory.vocabulary import Replace

MLE = Family(workflow=Replace, fit="mle")
UNBIASED = Family(workflow=Replace, fit="unbiased")

_over = {n: integers(3, 50), t: integers(1, 12), sigma_0: SCALE}
_one_step = {n: integers(2, 40)}


def _ratio_law(x: Any, n: int) -> Any:
    """Distribution function of an unbiased variance ratio."""
    return gammainc((n - 1) / 2, (n - 1) * np.maximum(x, 0) / 2)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="folklore.replace-unbiased",
        title="Unbiased refitting keeps the mean variance",
        statement="With unbiased fits E sigma_t^2 = sigma_0^2 for every n and t, although sigma_t "
        "tends to 0 almost surely.",
        reference=STUDENT,
        entry="A1",
        family=UNBIASED,
        quantity="variance",
        equals=sigma_0**2,
        over=_over,
        where=MODERATE,
        rivals={"maximum likelihood": (1 - 1 / n) ** t * sigma_0**2},
    ),
    Claim(
        id="folklore.replace-loss",
        title="Variance lost in one generation",
        statement="One maximum-likelihood fit loses 1/n of the variance: E[1 - R] = 1/n, with the "
        "batch's mean square, of mean 1, as control variate.",
        reference=STUDENT,
        entry="A1",
        mean=1 / n,
        variance=2 / n**2,
        over=_one_step,
        control="folklore.mean-square",
        null=sp.Integer(0),
        rivals={"1/(n-1)": 1 / (n - 1), "2/n": 2 / n},
    ),
    Claim(
        id="folklore.mean-square",
        title="Mean square of a batch",
        statement="The raw second moment of n points about the generating mean has mean 1 and "
        "variance 2/n in units of the generating variance.",
        reference=STUDENT,
        entry="A1",
        mean=sp.Integer(1),
        variance=2 / n,
        over=_one_step,
        rivals={"1 - 1/n": 1 - 1 / n},
    ),
    Claim(
        id="folklore.unbiased-ratio",
        title="Law of one unbiased fit",
        statement="The ratio of an unbiased fitted variance to the true one has mean 1 and "
        "variance 2/(n-1); n - 1 times it is chi-square with n - 1 degrees of freedom.",
        reference=STUDENT,
        entry="A1",
        mean=sp.Integer(1),
        variance=2 / (n - 1),
        cdf=_ratio_law,
        over=_one_step,
        rivals={"maximum likelihood": 1 - 1 / n},
    ),
    Claim(
        id="folklore.second-moment-mle",
        title="Second moment of the variance, maximum likelihood",
        statement="With maximum-likelihood fits E sigma_t^4 = sigma_0^4 (1 - 1/n^2)^t.",
        reference=STUDENT,
        entry="A2",
        family=MLE,
        quantity="variance_squared",
        equals=sigma_0**4 * (1 - 1 / n**2) ** t,
        over={**_over, n: integers(4, 48)},
        where=(4 * t <= n,),
        null=sigma_0**4,
    ),
    Claim(
        id="folklore.second-moment-unbiased",
        title="Second moment of the variance, unbiased",
        statement="With unbiased fits E sigma_t^4 = sigma_0^4 (1 + 2/(n-1))^t, so the variance of "
        "sigma_t^2 grows geometrically.",
        reference=STUDENT,
        entry="A2",
        family=UNBIASED,
        quantity="variance_squared",
        equals=sigma_0**4 * (1 + 2 / (n - 1)) ** t,
        over={**_over, n: integers(4, 48)},
        where=(4 * t <= n,),
        null=sigma_0**4,
    ),
    Claim(
        id="folklore.second-moment-mle-limit",
        title="Second moment vanishes under maximum likelihood",
        statement="With maximum-likelihood fits E sigma_t^4 tends to 0, and with it Var sigma_t^2.",
        reference=STUDENT,
        entry="A2",
        family=MLE,
        quantity="variance_squared",
        equals=sp.Integer(0),
        over={n: integers(2, 80), sigma_0: SCALE},
        limit=(t, sp.oo),
        null=sigma_0**4,
    ),
    Claim(
        id="folklore.second-moment-unbiased-limit",
        title="Second moment diverges with unbiased fits",
        statement="With unbiased fits E sigma_t^4, and with it Var sigma_t^2, tends to infinity.",
        reference=STUDENT,
        entry="A2",
        family=UNBIASED,
        quantity="variance_squared",
        equals=sp.oo,
        over={n: integers(2, 80), sigma_0: SCALE},
        limit=(t, sp.oo),
        null=sigma_0**4,
    ),
    Claim(
        id="folklore.drift-unbiased",
        title="Drift of the mean, unbiased",
        statement="With unbiased fits E (mu_t - mu_0)^2 = t sigma_0^2 / n: the mean walks for "
        "ever.",
        reference=STUDENT,
        entry="A5",
        family=UNBIASED,
        quantity="squared_drift",
        equals=t * sigma_0**2 / n,
        over=_over,
        where=MODERATE,
        null=sp.Integer(0),
    ),
    Claim(
        id="folklore.drift-mle",
        title="Drift of the mean, maximum likelihood",
        statement="With maximum-likelihood fits E (mu_t - mu_0)^2 = sigma_0^2 (1 - (1 - 1/n)^t).",
        reference=STUDENT,
        entry="A5",
        family=MLE,
        quantity="squared_drift",
        equals=sigma_0**2 * (1 - (1 - 1 / n) ** t),
        over=_over,
        where=MODERATE,
        null=sp.Integer(0),
    ),
)
