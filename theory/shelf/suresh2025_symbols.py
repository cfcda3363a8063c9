"""Suresh et al. (2025): how long a symbol, or a Poisson law, survives; entries E7, E8, E11.

Theorems 1 and 2 and Corollary 1 were seen in the authors' notebook. A symbol of probability p, or
a Poisson law of mean lambda, is refitted on n of its own points. g_1 = 1, g_{t+1} = 1 - exp(-g_t).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.family import Family
from theory.model import Bernoulli, Categorical, Poisson
from theory.shelf._chains import StillPresent, Survival
from theory.symbols import n, t
from theory.vocabulary import Replace


def _reference(locator: str) -> Reference:
    return Reference(
        "Suresh et al.",
        2025,
        title="Rate of model collapse in recursive training",
        arxiv="2412.17646",
        locator=locator,
        note="seen in the authors' notebook",
    )


DERIVED = Reference(
    "derived for this catalogue", 2026, note="sharper form of Suresh et al. (2025), Theorem 1"
)
p = sp.Symbol("p", positive=True)
rate = sp.Symbol("rate", positive=True)
symbols = sp.Symbol("symbols", integer=True, positive=True)
i = sp.Symbol("i", integer=True, positive=True)

_SYMBOL = Family(workflow=Replace, model=Bernoulli)
_POISSON = Family(workflow=Replace, model=Poisson)
_WORDS = Family(workflow=Replace, model=Categorical(symbols=symbols, zipf=1))

_present = StillPresent(n, t, p)
_gone = sp.exp(-n * p * Survival(t))
_lower = 1 - _gone
_upper = 1 - (1 - 3 * n * p**2 - 3 * t * p) * _gone
_alive = 1 - sp.exp(-n * rate * Survival(t))
_guess = 2 / (t + sp.log(t) / 3 + Fraction(4, 5))
# |g_t - guess| <= 1/(15 t^2) for 10 <= t <= 40: finitely many values, all checked by a test.
_remainder = n * rate / (15 * t**2)

_share = sp.harmonic(symbols)
_zipf = 1 / (i * _share)
_zipf_gone = sp.exp(-n * _zipf * Survival(t))
_spare = sp.Max(1 - 3 * n * _zipf**2 - 3 * t * _zipf, 0)

_over = {n: integers(2, 24), t: integers(1, 12), p: reals(Fraction(1, 50), Fraction(1, 2))}
_rare = {
    n: integers(10, 60),
    t: integers(1, 6),
    p: reals(Fraction(1, 1000), Fraction(1, 20)),
}
_poisson = {n: integers(1, 30), t: integers(1, 10), rate: reals(Fraction(1, 10), 3)}
_visible = (n * p >= Fraction(1, 4) * t, n * p <= 3 * t)
_alive_or_not = (n * rate >= Fraction(1, 4) * t, n * rate <= 3 * t)
_words = {n: integers(2, 24), t: integers(1, 5), symbols: integers(2, 10)}


def _survival(name: str, entry: str, locator: str, title: str, text: str, **fields: Any) -> Claim:
    return Claim(
        id=f"suresh2025.{name}",
        title=title,
        statement=text,
        entry=entry,
        **{"reference": _reference(locator), **fields},
    )


CLAIMS: tuple[Claim, ...] = (
    _survival(
        "symbol-exact",
        "E7",
        "Theorem 1",
        "Survival of a symbol: the finite chain",
        "P(p_t > 0) is that of the finite chain of binomial resampling.",
        reference=DERIVED,
        family=_SYMBOL,
        quantity="survival",
        equals=_present,
        over=_over,
        where=_visible,
        null=sp.Integer(1),
        rivals={"the lower bound": _lower},
    ),
    _survival(
        "symbol-lower",
        "E7",
        "Theorem 1",
        "Survival of a symbol: lower bound",
        "P(p_t > 0) >= 1 - exp(-n p g_t).",
        family=_SYMBOL,
        quantity="survival",
        equals=_lower,
        relation=">=",
        over=_over,
        where=_visible,
        rivals={"g_t = 3/t": 1 - sp.exp(-3 * n * p / t)},
    ),
    _survival(
        "symbol-upper",
        "E7",
        "Theorem 1",
        "Survival of a rare symbol: upper bound",
        "P(p_t > 0) <= 1 - (1 - 3 n p^2 - 3 t p) exp(-n p g_t), where that says something.",
        family=_SYMBOL,
        quantity="survival",
        equals=_upper,
        relation="<=",
        over=_rare,
        where=(3 * n * p**2 + 3 * t * p <= Fraction(1, 2), n * p >= Fraction(1, 5)),
        rivals={"half the lower bound": _lower / 2},
    ),
    Claim(
        id="suresh2025.symbol-upper-informative",
        title="Survival of a symbol: the upper bound says something",
        statement="The upper bound 1 - (1 - 3 n p^2 - 3 t p) exp(-n p g_t) is below 1.",
        reference=_reference("Theorem 1"),
        entry="E7",
        holds=sp.Gt(1, 3 * n * p**2 + 3 * t * p, evaluate=False),
        over={n: integers(2, 100), t: integers(1, 60), p: reals(Fraction(1, 50), Fraction(1, 2))},
        known_false="vacuous unless p < 1/(3t) and n p^2 < 1/3",
    ),
    _survival(
        "poisson-alive",
        "E8",
        "Theorem 2",
        "Survival of a Poisson law",
        "P(lambda_t > 0) = 1 - exp(-n lambda g_t), exactly.",
        family=_POISSON,
        quantity="survival",
        equals=_alive,
        over=_poisson,
        where=_alive_or_not,
        null=sp.Integer(1),
        rivals={"g_t = 2/t": 1 - sp.exp(-2 * n * rate / t)},
    ),
    _survival(
        "survival-lower",
        "E7",
        "Theorem 1",
        "g_t is at least 1/t",
        "g_t >= 1/t, seen in P(lambda_t > 0) >= 1 - exp(-n lambda/t).",
        family=_POISSON,
        quantity="survival",
        equals=1 - sp.exp(-n * rate / t),
        relation=">=",
        over={**_poisson, t: integers(2, 12)},
        where=_alive_or_not,
        rivals={"3/t": 1 - sp.exp(-3 * n * rate / t)},
    ),
    _survival(
        "survival-upper",
        "E7",
        "Theorem 1",
        "g_t is at most 3/t",
        "g_t <= 3/t, seen in P(lambda_t > 0) <= 1 - exp(-3 n lambda/t).",
        family=_POISSON,
        quantity="survival",
        equals=1 - sp.exp(-3 * n * rate / t),
        relation="<=",
        over={**_poisson, t: integers(1, 12)},
        where=_alive_or_not,
        rivals={"1/t": 1 - sp.exp(-n * rate / (2 * t))},
    ),
    _survival(
        "survival-sharp",
        "E7",
        "Theorem 1",
        "g_t in three terms",
        "g_t = 2/(t + log(t)/3 + 0.80) up to 1/(15 t^2) for 10 <= t <= 40, seen in "
        "P(lambda_t > 0) = 1 - exp(-n lambda g_t).",
        reference=DERIVED,
        family=_POISSON,
        quantity="survival",
        equals=1 - sp.exp(-n * rate * _guess),
        slack=_remainder,
        over={n: integers(2, 12), t: integers(10, 40), rate: reals(Fraction(1, 10), 2)},
        where=(n * rate >= Fraction(1, 4) * t, n * rate <= t),
        null=sp.Integer(1),
        rivals={
            "1/t": 1 - sp.exp(-n * rate / t),
            "2/t": 1 - sp.exp(-2 * n * rate / t),
            "3/t": 1 - sp.exp(-3 * n * rate / t),
        },
    ),
    Claim(
        id="suresh2025.poisson-mean",
        title="A Poisson mean stays in expectation",
        statement="E lambda_t = lambda, with variance t lambda/n.",
        reference=_reference("Theorem 2"),
        entry="E8",
        family=_POISSON,
        quantity="mean",
        equals=rate,
        over=_poisson,
        where=(t <= n * rate,),
        rivals={"one fit lost": rate * (1 - 1 / n)},
    ),
    Claim(
        id="suresh2025.poisson-drift",
        title="Drift of a Poisson mean",
        statement="E (lambda_t - lambda)^2 = t lambda/n.",
        reference=_reference("Theorem 2"),
        entry="E8",
        family=_POISSON,
        quantity="squared_drift",
        equals=t * rate / n,
        over=_poisson,
        where=(t <= n * rate,),
        null=sp.Integer(0),
    ),
    _survival(
        "symbols-lower",
        "E11",
        "Corollary 1",
        "Number of symbols left: lower bound",
        "E (number of symbols left after t fits) >= sum_i (1 - exp(-n p_i g_t)); here p_i is "
        "proportional to 1/i.",
        family=_WORDS,
        quantity="surviving_symbols",
        equals=sp.Sum(1 - _zipf_gone, (i, 1, symbols)),
        relation=">=",
        over=_words,
        rivals={"all are left": symbols},
    ),
    _survival(
        "symbols-upper",
        "E11",
        "Corollary 1",
        "Number of symbols left: upper bound",
        "E (number of symbols left after t fits) <= sum_i (1 - exp(-n p_i g_t) "
        "max(1 - 3 n p_i^2 - 3 t p_i, 0)); here p_i is proportional to 1/i.",
        family=_WORDS,
        quantity="surviving_symbols",
        equals=sp.Sum(1 - _zipf_gone * _spare, (i, 1, symbols)),
        relation="<=",
        over={n: integers(2, 60), t: integers(1, 3), symbols: integers(16, 40)},
        rivals={"half the lower bound": sp.Sum(1 - _zipf_gone, (i, 1, symbols)) / 2},
    ),
)
