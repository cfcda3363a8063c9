"""Replace without selection, derived for this catalogue: entries A3, A4, A6, A7."""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim
from theory.domain import integers, reals
from theory.family import Family
from theory.shelf._notation import DERIVED, MODERATE, SCALE, b_n, c_n, half, log_rate, trigamma
from theory.symbols import d, n, s, sigma_0, t
from theory.vocabulary import Replace

MLE = Family(workflow=Replace, fit="mle")
UNBIASED = Family(workflow=Replace, fit="unbiased")

_i = sp.Symbol("i", integer=True, positive=True)
_over = {n: integers(3, 50), t: integers(1, 12), sigma_0: SCALE}
_log_start = 2 * sp.log(sigma_0)


def _power_moment(power: sp.Expr) -> sp.Expr:
    """E R^power of one maximum-likelihood fit."""
    return (2 / n) ** power * sp.gamma(half + power) / sp.gamma(half)


def _kl_rate(denominator: sp.Expr) -> sp.Expr:
    psi = sp.Sum(sp.digamma((n - _i) / 2), (_i, 1, d))
    return (d * sp.log(denominator / 2) - psi) / 2


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="derived.log-variance-mle",
        title="Lyapunov rate, maximum likelihood",
        statement="With maximum-likelihood fits "
        "E log sigma_t^2 = log sigma_0^2 + t [psi((n-1)/2) - log(n/2)].",
        reference=DERIVED,
        entry="A3",
        family=MLE,
        quantity="log_variance",
        equals=_log_start + t * log_rate(n),
        over=_over,
        null=_log_start,
    ),
    Claim(
        id="derived.log-variance-unbiased",
        title="Lyapunov rate, unbiased",
        statement="With unbiased fits "
        "E log sigma_t^2 = log sigma_0^2 + t [psi((n-1)/2) - log((n-1)/2)].",
        reference=DERIVED,
        entry="A3",
        family=UNBIASED,
        quantity="log_variance",
        equals=_log_start + t * log_rate(n - 1),
        over=_over,
        null=_log_start,
    ),
    Claim(
        id="derived.log-loss",
        title="Lyapunov rate of one generation",
        statement="One unbiased fit changes log sigma^2 by psi((n-1)/2) - log((n-1)/2) < 0 in the "
        "mean, with the variance ratio, of mean 1, as control variate.",
        reference=DERIVED,
        entry="A3",
        mean=log_rate(n - 1),
        variance=trigamma(half) - 1 / half,
        over={n: integers(2, 40)},
        control="folklore.unbiased-ratio",
        null=sp.Integer(0),
        rivals={"leading term": -1 / (n - 1)},
    ),
    Claim(
        id="derived.log-variance-spread",
        title="Variance of the log variance",
        statement="Var log sigma_t^2 = t psi_1((n-1)/2): half the squared difference of two "
        "independent chains has this mean.",
        reference=DERIVED,
        entry="A3",
        mean=t * trigamma(half),
        variance=t * sp.polygamma(3, half) / 2 + 2 * (t * trigamma(half)) ** 2,
        over={n: integers(3, 60), t: integers(1, 10)},
        null=sp.Integer(0),
        rivals={"delta method": 2 * t / (n - 1)},
    ),
    Claim(
        id="derived.power-moments",
        title="Every moment of the variance",
        statement="With maximum-likelihood fits E sigma_t^(2s) = sigma_0^(2s) "
        "[(2/n)^s Gamma((n-1)/2 + s) / Gamma((n-1)/2)]^t for s > -(n-1)/2.",
        reference=DERIVED,
        entry="A4",
        mean=_power_moment(s) ** t,
        variance=_power_moment(2 * s) ** t - _power_moment(s) ** (2 * t),
        over={n: integers(8, 60), t: integers(1, 6), s: reals(-1, sp.Rational(3, 2))},
        where=(sp.Abs(s) >= sp.Rational(1, 4), 2 * t <= n),
        null=sp.Integer(1),
    ),
    Claim(
        id="derived.inverse-variance",
        title="Mean precision",
        statement="With maximum-likelihood fits E 1/sigma_t^2 = (n/(n-3))^t / sigma_0^2, infinite "
        "for n <= 3.",
        reference=DERIVED,
        entry="A4",
        mean=(n / (n - 3)) ** t,
        variance=(n**2 / ((n - 3) * (n - 5))) ** t - (n / (n - 3)) ** (2 * t),
        over={n: integers(10, 60), t: integers(1, 8)},
        where=(2 * t <= n,),
        null=sp.Integer(1),
    ),
    Claim(
        id="derived.w2-mle",
        title="Squared W2 in closed form, maximum likelihood",
        statement="With maximum-likelihood fits E W2^2 = 2 sigma_0^2 (1 - b_n^t), "
        "b_n = E sqrt(chi2_{n-1}/n): bounded by 2 sigma_0^2.",
        reference=DERIVED,
        entry="A6",
        family=MLE,
        quantity="squared_w2",
        equals=2 * sigma_0**2 * (1 - b_n() ** t),
        over=_over,
        where=MODERATE,
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.w2-mle-limit",
        title="Squared W2 stays bounded",
        statement="With maximum-likelihood fits E W2^2 tends to 2 sigma_0^2.",
        reference=DERIVED,
        entry="A6",
        family=MLE,
        quantity="squared_w2",
        equals=2 * sigma_0**2,
        over={n: integers(3, 100), sigma_0: SCALE},
        limit=(t, sp.oo),
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.w2-unbiased",
        title="Squared W2 in closed form, unbiased",
        statement="With unbiased fits E W2^2 = sigma_0^2 [t/n + 2 (1 - c_n^t)].",
        reference=DERIVED,
        entry="A6",
        family=UNBIASED,
        quantity="squared_w2",
        equals=sigma_0**2 * (t / n + 2 * (1 - c_n() ** t)),
        over=_over,
        where=MODERATE,
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.kl-mle",
        title="Reverse KL is linear, maximum likelihood",
        statement="With maximum-likelihood fits E KL(p_t || p_0) = (t/2) [log(n/2) - "
        "psi((n-1)/2)], linear in t.",
        reference=DERIVED,
        entry="A7",
        family=MLE,
        quantity="kl_model_to_start",
        equals=-t * log_rate(n) / 2,
        over=_over,
        where=MODERATE,
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.kl-unbiased",
        title="Reverse KL is linear, unbiased",
        statement="With unbiased fits E KL(p_t || p_0) = (t/2) [1/n + log((n-1)/2) - "
        "psi((n-1)/2)].",
        reference=DERIVED,
        entry="A7",
        family=UNBIASED,
        quantity="kl_model_to_start",
        equals=t * (1 / n - log_rate(n - 1)) / 2,
        over=_over,
        where=MODERATE,
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.kl-matrix-mle",
        title="Reverse KL in d dimensions, maximum likelihood",
        statement="E KL(p_t || p_0) = (t/2) [d log(n/2) - sum_{i<=d} psi((n-i)/2)].",
        reference=DERIVED,
        entry="A7",
        family=MLE,
        quantity="kl_model_to_start",
        equals=t * _kl_rate(n),
        over={**_over, d: integers(1, 4)},
        where=(*MODERATE, n > d + 1),
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.kl-matrix-unbiased",
        title="Reverse KL in d dimensions, unbiased",
        statement="With unbiased fits E KL(p_t || p_0) = "
        "(t/2) [d/n + d log((n-1)/2) - sum_{i<=d} psi((n-i)/2)].",
        reference=DERIVED,
        entry="A7",
        family=UNBIASED,
        quantity="kl_model_to_start",
        equals=t * (_kl_rate(n - 1) + d / (2 * n)),
        over={**_over, d: integers(1, 4)},
        where=(*MODERATE, n > d + 1),
        null=sp.Integer(0),
    ),
)
