"""Qiao et al. (2026): selection of the points nearest to the model's mean; entries D3, D4, D5.

The setting was read in a note on the paper and in the authors' released code; the theorems were
not. The paper states asymptotic decay with an exponent psi; the closed forms at finite n, N and t
are derived. kappa(n, N) is the variance of a kept point over the model's when the nearest n of N
candidates are kept.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.family import Family
from theory.selection import FourthPopulation, KappaNofN, KappaPopulation
from theory.shelf._notation import SCALE
from theory.symbols import N, alpha, d, k, kappa, n, sigma_0, t
from theory.vocabulary import Accumulate, Replace, TopFraction

REFERENCE = Reference(
    "Qiao et al.",
    2026,
    title="When sample selection bias precipitates model collapse",
    arxiv="2606.13732",
    note="setting seen, theorem text not seen; closed form derived",
)
REPLACE = Family(workflow=Replace, selection=TopFraction, fit="mle", law="n-of-N", dimension=d)
POPULATION = Family(
    workflow=Replace, selection=TopFraction, fit="mle", law="population", dimension=d
)
ACCUMULATE = Family(
    workflow=Accumulate, selection=TopFraction, fit="mle", law="n-of-N", dimension=d
)
REAL_FIRST = Family(
    workflow=Accumulate,
    selection=TopFraction,
    fit="mle",
    law="n-of-N",
    dimension=d,
    first_batch="real",
)

_j = sp.Symbol("j", integer=True, positive=True)
_kappa = KappaNofN(n, N, d)
_share = KappaPopulation(alpha, d)


def _loss(value: sp.Expr) -> sp.Expr:
    """Ratio of generation k of accumulation with selection."""
    return 1 - (1 - value) / k - value / (n * k**2)


def _gamma(value: sp.Expr) -> sp.Expr:
    """prod_{k<=t} (1 - (1-value)/k)."""
    return sp.gamma(t + value) / (sp.gamma(value) * sp.gamma(t + 1))


KNOWN_CENTRE_VARIANCE = (
    sp.Product(
        ((k - 1 + _share) ** 2 + ((d + 2) * FourthPopulation(alpha, d) / d - _share**2) / n) / k**2,
        (k, 1, t),
    )
    - _gamma(_share) ** 2
)
"""Of V_t about a known centre, in units of V_0^2."""

_q = (1 - 1 / n) * _kappa
_trace = d * sigma_0**2
_up_to_before = sp.Product(_loss(_kappa).subs(k, _j), (_j, 1, k - 1))
_root = sp.sqrt((1 - kappa) ** 2 + 4 * kappa / n)

_over = {
    n: integers(3, 6),
    N: integers(4, 16),
    d: integers(1, 2),
    t: integers(1, 3),
    sigma_0: SCALE,
}
_proper = (n < N, d < n)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="qiao2026.replace",
        title="Replace and select: variance",
        statement="Replacing and keeping the nearest n of N, E Sigma_t = [(1 - 1/n) kappa(n, N)]^t "
        "Sigma_0.",
        reference=REFERENCE,
        entry="D3",
        family=REPLACE,
        quantity="variance",
        equals=_trace * _q**t,
        over=_over,
        where=_proper,
        null=_trace,
    ),
    Claim(
        id="qiao2026.replace-population",
        title="Replace and select, population law: variance",
        statement="Replacing and keeping n points within the ball of mass alpha, E Sigma_t = "
        "[(1 - 1/n) kappa(alpha)]^t Sigma_0.",
        reference=REFERENCE,
        entry="D3",
        family=POPULATION,
        quantity="variance",
        equals=_trace * ((1 - 1 / n) * _share) ** t,
        over={
            n: integers(3, 8),
            alpha: reals(Fraction(1, 10), Fraction(9, 10)),
            d: integers(1, 2),
            t: integers(1, 4),
            sigma_0: SCALE,
        },
        where=(d < n,),
        null=_trace,
    ),
    Claim(
        id="qiao2026.replace-drift",
        title="Replace and select: drift",
        statement="Replacing and keeping the nearest n of N, E |mu_t - mu_0|^2 = (kappa/n) "
        "Tr Sigma_0 (1 - Q^t)/(1 - Q), Q = (1 - 1/n) kappa(n, N).",
        reference=REFERENCE,
        entry="D3",
        family=REPLACE,
        quantity="squared_drift",
        equals=_kappa / n * _trace * (1 - _q**t) / (1 - _q),
        over=_over,
        where=_proper,
        null=sp.Integer(0),
    ),
    Claim(
        id="qiao2026.replace-drift-limit",
        title="Replace and select: the drift stays bounded",
        statement="Replacing and keeping the nearest n of N, the drift tends to (kappa/n) "
        "Tr Sigma_0/(1 - Q), Q = (1 - 1/n) kappa(n, N) < 1.",
        reference=REFERENCE,
        entry="D3",
        family=REPLACE,
        quantity="squared_drift",
        equals=_kappa / n * _trace / (1 - _q),
        over={n: integers(3, 20), N: integers(4, 60), d: integers(1, 3), sigma_0: SCALE},
        where=_proper,
        limit=(t, sp.oo),
        null=sp.Integer(0),
    ),
    Claim(
        id="qiao2026.accumulate",
        title="Accumulate and select: variance",
        statement="Accumulating the nearest n of N of each generation, E Sigma_t = Sigma_0 "
        "prod_{k<=t} [1 - (1-kappa)/k - kappa/(n k^2)], kappa = kappa(n, N).",
        reference=REFERENCE,
        entry="D4",
        family=ACCUMULATE,
        quantity="variance",
        equals=_trace * sp.Product(_loss(_kappa), (k, 1, t)),
        over=_over,
        where=_proper,
        null=_trace,
        rivals={"no selection": _trace * sp.Product(1 - 1 / (n * k**2), (k, 1, t))},
    ),
    Claim(
        id="qiao2026.accumulate-real-first",
        title="Accumulate and select after a whole first batch",
        statement="If the first batch is real and kept whole, E Sigma_t = Sigma_0 (1 - 1/n) "
        "prod_{2<=k<=t} [1 - (1-kappa)/k - kappa/(n k^2)], kappa = kappa(n, N).",
        reference=REFERENCE,
        entry="D4",
        family=REAL_FIRST,
        quantity="variance",
        equals=_trace * (1 - 1 / n) * sp.Product(_loss(_kappa), (k, 2, t)),
        over=_over,
        where=_proper,
        null=_trace,
    ),
    Claim(
        id="qiao2026.accumulate-drift",
        title="Accumulate and select: drift",
        statement="Accumulating the nearest n of N, E |mu_t - mu_0|^2 = Tr Sigma_0 sum_{k<=t} "
        "(kappa/(n k^2)) prod_{j<k} [1 - (1-kappa)/j - kappa/(n j^2)].",
        reference=REFERENCE,
        entry="D4",
        family=ACCUMULATE,
        quantity="squared_drift",
        equals=_trace * sp.Sum(_kappa / (n * k**2) * _up_to_before, (k, 1, t)),
        over=_over,
        where=_proper,
        null=sp.Integer(0),
    ),
    Claim(
        id="qiao2026.exponent",
        title="The exponent is 1 - kappa",
        statement="The ratio of generation k is (k - r+)(k - r-)/k^2 with r+ + r- = 1 - kappa, so "
        "E Sigma_t decays like t^-(1-kappa): psi = 1 - kappa exactly.",
        reference=REFERENCE,
        entry="D4",
        holds=sp.Eq(
            (k - (1 - kappa + _root) / 2) * (k - (1 - kappa - _root) / 2) / k**2,
            _loss(kappa),
            evaluate=False,
        ),
        over={
            k: integers(1, 1000),
            n: integers(2, 1000),
            kappa: reals(Fraction(1, 100), 1),
        },
    ),
    Claim(
        id="qiao2026.known-centre",
        title="Accumulate and select about a known centre",
        statement="If the centre is known and the second moment about it is fitted on n points "
        "within the ball of mass alpha, E V_t = sigma_0^2 Gamma(t+kappa)/(Gamma(kappa) t!) at "
        "every n.",
        reference=REFERENCE,
        entry="D5",
        mean=_gamma(_share),
        variance=KNOWN_CENTRE_VARIANCE,
        over={
            n: integers(1, 6),
            alpha: reals(Fraction(1, 5), Fraction(9, 10)),
            d: integers(1, 2),
            t: integers(1, 5),
        },
        null=sp.Integer(1),
    ),
    Claim(
        id="qiao2026.population-step",
        title="Population form of accumulate and select",
        statement="V_t = V_1 Gamma(t+kappa)/(Gamma(1+kappa) t!) solves V_{t+1} = "
        "V_t [1 - (1-kappa)/(t+1)].",
        reference=REFERENCE,
        entry="D5",
        holds=sp.Eq(
            sp.gamma(t + 1 + kappa) / sp.gamma(t + 2),
            sp.gamma(t + kappa) / sp.gamma(t + 1) * (1 - (1 - kappa) / (t + 1)),
            evaluate=False,
        ),
        over={t: integers(1, 1000), kappa: reals(Fraction(1, 100), 1)},
    ),
)
