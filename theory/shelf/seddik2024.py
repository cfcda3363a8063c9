"""Seddik et al. (2024): refitting a categorical law; catalogue entries E5, E6.

The chain is that of Wright and Fisher: the frequency of a symbol among n points of the last fit.
Means are textbook facts; the bounds were seen in the notebook of Suresh et al. (2025). What the
Gaussian fitted by maximum likelihood does to its variance, the chain does to p (1-p).
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals, shares
from theory.family import Family
from theory.model import Bernoulli, Categorical
from theory.shelf._chains import StillMixed
from theory.symbols import f, k, n, t
from theory.vocabulary import Accumulate, FreshReal, Replace

REFERENCE = Reference(
    "Seddik et al.",
    2024,
    title="How bad is training on synthetic data? A statistical analysis of language model "
    "collapse",
    arxiv="2404.05090",
    note="recalled; bounds seen in the notebook of Suresh et al. (2025)",
)
DERIVED = Reference(
    "derived for this catalogue", 2026, note="setting of Seddik et al. (2024); may exist in print"
)
REPLACED = Family(workflow=Replace, model=Bernoulli)
p = sp.Symbol("p", positive=True)
symbols = sp.Symbol("symbols", integer=True, positive=True)

_mixed = p * (1 - p)
_kept = (1 - 1 / n) ** t
_drift = _mixed * (1 - _kept)
_pooled = _mixed * (1 - sp.Product(1 - 1 / (n * k**2), (k, 1, t)))
_rho = (1 - f) * (1 - f - 1 / n)
_fresh = _mixed * (1 - _rho**t) / (n - (1 - f) * (n * (1 - f) - 1))

_gini = (1 - 1 / symbols) * _kept

_lower = 4 * _mixed * _kept
_upper = 2 * n * _mixed * _kept
_better = n * _mixed * (1 - 1 / n) ** (t - 1)

_shares = reals(Fraction(1, 20), Fraction(19, 20))
_over = {n: integers(2, 30), t: integers(1, 5), p: _shares}
_bounded = {n: integers(3, 16), t: integers(1, 40), p: reals(Fraction(1, 50), Fraction(49, 50))}


def _probability(name: str, title: str, statement: str, bound: sp.Expr, **fields: object) -> Claim:
    return Claim(
        id=f"seddik2024.{name}",
        title=title,
        statement=statement,
        family=REPLACED,
        quantity="coexistence",
        equals=bound,
        entry="E6",
        **{"over": _bounded, "reference": REFERENCE, **fields},  # type: ignore[arg-type]
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="seddik2024.heterozygosity",
        title="Wright-Fisher: what is still mixed",
        statement="E p_t (1-p_t) = p (1-p) (1 - 1/n)^t.",
        reference=REFERENCE,
        entry="E5",
        family=REPLACED,
        quantity="variance",
        equals=_mixed * _kept,
        over={n: integers(4, 30), t: integers(1, 5), p: _shares},
        null=_mixed,
    ),
    Claim(
        id="seddik2024.drift",
        title="Wright-Fisher: drift of a probability",
        statement="E (p_t - p)^2 = p (1-p) (1 - (1 - 1/n)^t).",
        reference=REFERENCE,
        entry="E5",
        family=REPLACED,
        quantity="squared_drift",
        equals=_drift,
        over=_over,
        null=sp.Integer(0),
    ),
    Claim(
        id="seddik2024.diversity",
        title="Categorical law: diversity",
        statement="From m equally likely symbols E [1 - sum_i p_{t,i}^2] = (1 - 1/m)(1 - 1/n)^t.",
        reference=REFERENCE,
        entry="E5",
        family=Family(workflow=Replace, model=Categorical),
        quantity="heterozygosity",
        equals=_gini,
        over={n: integers(4, 30), t: integers(1, 4), symbols: integers(2, 4)},
        null=1 - 1 / symbols,
    ),
    Claim(
        id="seddik2024.accumulate",
        title="Accumulated symbols: drift of a probability",
        statement="If all batches are kept E (p_t - p)^2 = p (1-p) "
        "[1 - prod_{k<=t} (1 - 1/(n k^2))].",
        reference=DERIVED,
        entry="E5",
        family=Family(workflow=Accumulate, model=Bernoulli),
        quantity="squared_drift",
        equals=_pooled,
        over=_over,
        null=sp.Integer(0),
        rivals={"replaced": _drift},
    ),
    Claim(
        id="seddik2024.fresh-real",
        title="Fresh real symbols: drift of a probability",
        statement="With a share f of fresh real points in every fit E (p_t - p)^2 = "
        "p (1-p) M (1 - rho^t) with rho = (1-f)(1-f-1/n) and M = 1/(n - (1-f)(n(1-f) - 1)).",
        reference=DERIVED,
        entry="E5",
        family=Family(workflow=FreshReal, model=Bernoulli),
        quantity="squared_drift",
        equals=_fresh,
        over={**_over, f: shares(n)},
        where=(n * f >= 1, n * f <= n - 1),
        null=sp.Integer(0),
    ),
    _probability(
        "mixed-exact",
        "Wright-Fisher: probability of being mixed",
        "P(0 < p_t < 1) is that of the finite chain of binomial resampling.",
        StillMixed(n, t, p),
        reference=DERIVED,
        over={**_bounded, t: integers(1, 12)},
        where=(t <= n, n * p * (1 - p) >= Fraction(1, 4)),
        null=sp.Integer(1),
        rivals={"the lower bound": _lower, "the chance to draw two symbols": 2 * _mixed * _kept},
    ),
    _probability(
        "mixed-lower",
        "Wright-Fisher: lower bound",
        "P(0 < p_t < 1) >= 4 p (1-p) (1 - 1/n)^t.",
        _lower,
        relation=">=",
        rivals={"the upper bound": sp.Min(_upper, 1)},
    ),
    _probability(
        "mixed-upper",
        "Wright-Fisher: upper bound",
        "P(0 < p_t < 1) <= 2 n p (1-p) (1 - 1/n)^t, where that is below 1.",
        _upper,
        relation="<=",
        where=(_upper <= Fraction(19, 20), _upper >= Fraction(1, 50)),
        rivals={"the lower bound": _lower},
    ),
    _probability(
        "mixed-upper-improved",
        "Wright-Fisher: better upper bound",
        "P(0 < p_t < 1) <= n p (1-p) (1 - 1/n)^(t-1), where that is below 1.",
        _better,
        reference=DERIVED,
        relation="<=",
        where=(_better <= Fraction(19, 20),),
        rivals={"the lower bound": _lower},
    ),
    Claim(
        id="seddik2024.improvement",
        title="Wright-Fisher: the better bound is better",
        statement="2 n p (1-p)(1 - 1/n)^t is 2 (1 - 1/n) >= 1 times n p (1-p)(1 - 1/n)^(t-1) "
        "if n >= 2.",
        reference=DERIVED,
        entry="E6",
        holds=(
            sp.Eq(_upper / _better, 2 * (1 - 1 / n), evaluate=False),
            sp.Ge(2 * (1 - 1 / n), 1, evaluate=False),
        ),
        over={n: integers(2, 100), t: integers(1, 60), p: _shares},
    ),
    Claim(
        id="seddik2024.upper-informative",
        title="Wright-Fisher: the upper bound says something",
        statement="The upper bound 2 n p (1-p) (1 - 1/n)^t is below 1.",
        reference=REFERENCE,
        entry="E6",
        holds=sp.Lt(_upper, 1, evaluate=False),
        over={n: integers(2, 100), t: integers(1, 60), p: _shares},
        known_false="vacuous before about n log(n) fits: 2.303 at n = 12, t = 9, p = 0.3, where "
        "the probability is 0.520",
    ),
)
