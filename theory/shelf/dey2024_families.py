"""Dey and Donoho (2024): exponential families at finite n; catalogue entry B8.

The paper's constant pi^2/6 is asymptotic (the abstract was read); the finite-n form is derived. In
a natural exponential family with variance V(mu) = v0 + v1 mu + v2 mu^2 the mean of maximum
likelihood has Var mu_t = V(mu_0) [prod_k (1 + v2/(n k^2)) - 1]/v2 where batches accumulate, and
V(mu_0) [(1 + v2/n)^t - 1]/v2 where they are replaced. v2 is -1 for Bernoulli laws (catalogue entry
E5), 0 for Poisson laws and normal ones of known variance, 1 for exponential laws, 1/shape for
negative binomial laws.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.family import Family
from theory.model import Bernoulli, Exponential, NegativeBinomial, Poisson
from theory.symbols import k, n, t
from theory.vocabulary import Accumulate, Replace

REFERENCE = Reference(
    "Dey and Donoho",
    2024,
    title="Universality of the pi^2/6 pathway in avoiding model collapse",
    arxiv="2410.22812",
    note="asymptotic statement, abstract seen; finite-n form derived",
)
rate = sp.Symbol("rate", positive=True)
shape = sp.Symbol("shape", integer=True, positive=True)
p = sp.Symbol("p", positive=True)


def _pooled(v2: sp.Expr) -> sp.Expr:
    """Drift over V(mu_0), batches accumulated; v2 is not 0."""
    return (sp.Product(1 + v2 / (n * k**2), (k, 1, t)) - 1) / v2


def _replaced(v2: sp.Expr) -> sp.Expr:
    return ((1 + v2 / n) ** t - 1) / v2


_one = sp.Integer(1)
_bound = sp.pi**2 / (6 * n)
_bernoulli = p * (1 - p)
_negative = rate + rate**2 / shape
_poisson_pooled = rate / n * sp.harmonic(t, 2)
_sqrt = sp.pi / sp.sqrt(n)
_limit = sp.sinh(_sqrt) / _sqrt - 1
_rates = reals(Fraction(1, 4), 4)
_exponential = {n: integers(2, 30), t: integers(1, 8)}
_binomial = {n: integers(2, 20), t: integers(1, 6), rate: _rates, shape: integers(1, 6)}
_light = (t <= n,)

_POISSON = Family(workflow=Accumulate, model=Poisson)
_BERNOULLI = Family(workflow=Accumulate, model=Bernoulli)
_EXPONENTIAL = Family(workflow=Replace, model=Exponential(scale=1))
_EXPONENTIALS = Family(workflow=Accumulate, model=Exponential(scale=1))
_BINOMIAL = Family(workflow=Replace, model=NegativeBinomial)
_BINOMIALS = Family(workflow=Accumulate, model=NegativeBinomial)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="dey2024.poisson-accumulate",
        title="Poisson laws accumulated",
        statement="For Poisson laws E (lambda_t - lambda)^2 = (lambda/n) sum_{k<=t} 1/k^2: here "
        "pi^2/6 is the limit at every n.",
        reference=REFERENCE,
        entry="B8",
        family=_POISSON,
        quantity="squared_drift",
        equals=_poisson_pooled,
        over={n: integers(1, 30), t: integers(1, 8), rate: _rates},
        where=(n * rate >= 1,),
        null=sp.Integer(0),
        rivals={"replaced": t * rate / n},
    ),
    Claim(
        id="dey2024.exponential-replace",
        title="Exponential laws replaced",
        statement="For exponential laws of mean 1 E (mu_t - 1)^2 = (1 + 1/n)^t - 1.",
        reference=REFERENCE,
        entry="B8",
        family=_EXPONENTIAL,
        quantity="squared_drift",
        equals=_replaced(_one),
        over=_exponential,
        where=_light,
        null=sp.Integer(0),
        rivals={"v2 = 0": t / n},
    ),
    Claim(
        id="dey2024.exponential-accumulate",
        title="Exponential laws accumulated",
        statement="For exponential laws of mean 1 E (mu_t - 1)^2 = prod_{k<=t}(1 + 1/(n k^2)) - 1.",
        reference=REFERENCE,
        entry="B8",
        family=_EXPONENTIALS,
        quantity="squared_drift",
        equals=_pooled(_one),
        over=_exponential,
        null=sp.Integer(0),
        rivals={"replaced": _replaced(_one), "v2 = -1": _pooled(-_one)},
    ),
    Claim(
        id="dey2024.negative-binomial-replace",
        title="Negative binomial laws replaced",
        statement="For negative binomial laws of known shape r, V = mu + mu^2/r and "
        "E (mu_t - mu)^2 = r V [(1 + 1/(n r))^t - 1].",
        reference=REFERENCE,
        entry="B8",
        family=_BINOMIAL,
        quantity="squared_drift",
        equals=_negative * _replaced(1 / shape),
        over=_binomial,
        where=(t <= n, n * rate >= 1),
        null=sp.Integer(0),
    ),
    Claim(
        id="dey2024.negative-binomial-accumulate",
        title="Negative binomial laws accumulated",
        statement="For negative binomial laws of known shape r, V = mu + mu^2/r and "
        "E (mu_t - mu)^2 = r V [prod_{k<=t}(1 + 1/(n r k^2)) - 1].",
        reference=REFERENCE,
        entry="B8",
        family=_BINOMIALS,
        quantity="squared_drift",
        equals=_negative * _pooled(1 / shape),
        over=_binomial,
        where=(n * rate >= 1,),
        null=sp.Integer(0),
    ),
    Claim(
        id="dey2024.bernoulli-bound",
        title="pi^2/6 bounds Bernoulli laws",
        statement="For Bernoulli laws n E (p_t - p)^2 stays below (pi^2/6) p (1-p) for every n and "
        "t.",
        reference=REFERENCE,
        entry="B8",
        family=_BERNOULLI,
        quantity="squared_drift",
        equals=_bound * _bernoulli,
        relation="<=",
        over={n: integers(2, 30), t: integers(1, 12), p: reals(Fraction(1, 10), Fraction(9, 10))},
        rivals={"half": _bound * _bernoulli / 2},
    ),
    Claim(
        id="dey2024.exponential-bound",
        title="pi^2/6 bounds exponential laws",
        statement="For exponential laws n E (mu_t - mu)^2 stays below (pi^2/6) mu^2 for every n "
        "and t.",
        reference=REFERENCE,
        entry="B8",
        family=_EXPONENTIALS,
        quantity="squared_drift",
        equals=_bound,
        relation="<=",
        over={n: integers(1, 3), t: integers(8, 16)},
        known_false="a bound only if v2 <= 0: for exponential laws the limit is "
        "n (sinh(x)/x - 1) with x = pi/sqrt n, 2.10 at n = 2",
    ),
    Claim(
        id="dey2024.exponential-limit",
        title="Exponential laws accumulated: the limit",
        statement="For exponential laws of mean 1 E (mu_t - 1)^2 tends to sinh(x)/x - 1 with "
        "x = pi/sqrt n; what is left after t fits is at most (sinh(x)/x)/(n t).",
        reference=REFERENCE,
        entry="B8",
        family=_EXPONENTIALS,
        quantity="squared_drift",
        equals=_limit,
        slack=(_limit + 1) / (n * t),
        over={n: integers(2, 30), t: integers(10, 16)},
        null=sp.Integer(0),
        rivals={"sine": 1 - sp.sin(_sqrt) / _sqrt},
    ),
    Claim(
        id="dey2024.large-batch-exponential",
        title="pi^2/6 is reached as n grows, from above",
        statement="n (sinh(pi/sqrt n)/(pi/sqrt n) - 1) tends to pi^2/6 as n tends to infinity.",
        reference=REFERENCE,
        entry="B8",
        holds=sp.Eq(sp.Limit(n * _limit, n, sp.oo), sp.pi**2 / 6, evaluate=False),
    ),
)
