"""Alemohammad et al. (2024): sampling bias of self-consuming models; catalogue entry A14.

Sampling from N(mu, lambda Sigma) is ``temperature = lambda``. The abstract was seen, the theorem is
recalled; the critical temperature is derived.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.family import Family
from theory.shelf._notation import MODERATE, SCALE, half, log_rate, trigamma
from theory.symbols import n, sigma_0, t, temperature
from theory.vocabulary import Replace

REFERENCE = Reference(
    "Alemohammad et al.",
    2024,
    title="Self-consuming generative models go MAD",
    arxiv="2307.01850",
    note="abstract seen, theorem recalled",
)
UNBIASED = Family(workflow=Replace, fit="unbiased", temperature=temperature)

_j = sp.Symbol("j", integer=True, positive=True)
_over = {
    n: integers(4, 40),
    t: integers(1, 8),
    temperature: reals(Fraction(1, 2), Fraction(3, 2)),
    sigma_0: SCALE,
}
share = sp.Symbol("share", nonnegative=True)
"""Excess of lambda over 1, in units of 1/(n-1)."""

_tenth = sp.Rational(1, 10)
_hot = {n: integers(3, 6), temperature: reals(1, Fraction(11, 10))}


def _moment(s: sp.Expr) -> sp.Expr:
    """E R^s of the ratio R = lambda chi2_{n-1}/(n-1) of one unbiased fit; derived."""
    return (temperature / half) ** s * sp.gamma(half + s) / sp.gamma(half)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="alemohammad2024.variance",
        title="Sampling bias: mean variance",
        statement="Sampling with covariance lambda Sigma and unbiased fits, "
        "E Sigma_t = lambda^t Sigma_0.",
        reference=REFERENCE,
        entry="A14",
        family=UNBIASED,
        quantity="variance",
        equals=temperature**t * sigma_0**2,
        over=_over,
        where=MODERATE,
        null=sigma_0**2,
    ),
    Claim(
        id="alemohammad2024.drift",
        title="Sampling bias: drift",
        statement="Sampling with covariance lambda Sigma and unbiased fits, "
        "E (mu_t - mu_0)^2 = (sigma_0^2/n) sum_{j<=t} lambda^j.",
        reference=REFERENCE,
        entry="A14",
        family=UNBIASED,
        quantity="squared_drift",
        equals=sigma_0**2 / n * sp.Sum(temperature**_j, (_j, 1, t)),
        over=_over,
        where=MODERATE,
        null=sp.Integer(0),
        rivals={"unbiased sampling": t * sigma_0**2 / n},
    ),
    Claim(
        id="alemohammad2024.log-rate",
        title="Sampling bias: almost sure rate",
        statement="Sampling with covariance lambda Sigma and unbiased fits, E log sigma_t^2 = "
        "log sigma_0^2 + t [log lambda + psi((n-1)/2) - log((n-1)/2)].",
        reference=REFERENCE,
        entry="A14",
        family=UNBIASED,
        quantity="log_variance",
        equals=2 * sp.log(sigma_0) + t * (sp.log(temperature) + log_rate(n - 1)),
        over=_over,
        null=2 * sp.log(sigma_0),
    ),
    Claim(
        id="alemohammad2024.hidden-collapse",
        title="The mean explodes while the model collapses",
        statement="For lambda between 1 and 1 + 1/(n-1), below the critical "
        "lambda* = exp(log((n-1)/2) - psi((n-1)/2)), E log(sigma_{t+1}^2/sigma_t^2) <= 0: sigma_t "
        "tends to 0 almost surely although E sigma_t^2 = lambda^t sigma_0^2 grows.",
        reference=REFERENCE,
        entry="A14",
        mean=sp.Integer(0),
        variance=trigamma(half) - 1 / half,
        relation="<=",
        over={n: integers(3, 40), share: reals(0, 1)},
        control="folklore.unbiased-ratio",
        rivals={"twice the rate": -2 / (n - 1)},
    ),
    Claim(
        id="alemohammad2024.vanishing",
        title="Almost sure collapse",
        statement="For lambda up to 1.1 and n up to 6 the ratio R of one unbiased fit has "
        "E R^(1/10) = M < 1, M = (2 lambda/(n-1))^s Gamma((n-1)/2 + s)/Gamma((n-1)/2) at s = 1/10: "
        "sigma_t^2 tends to 0 almost surely, and P(sigma_t^2 > x) <= (sigma_0^2/x)^(1/10) M^t.",
        reference=REFERENCE,
        entry="A14",
        mean=_moment(_tenth),
        variance=_moment(2 * _tenth) - _moment(_tenth) ** 2,
        certificate=sp.Lt(_moment(_tenth), 1, evaluate=False),
        over=_hot,
        null=sp.Integer(1),
    ),
)
