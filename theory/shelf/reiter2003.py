"""Reiter (2003): combining synthetic data sets; catalogue entry F3.

The rule T = b/K + v for partially synthetic data is recalled; its failure for plug-in sampling is
derived. A normal law is fitted on n points (unbiased variance), K sets of m points are drawn from
the fit; q is the mean of their means, b the variance of the means, v the mean of the estimated
variances s_k^2/m. sigma = 1.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers
from theory.symbols import n

REFERENCE = Reference(
    "Reiter",
    2003,
    title="Inference for partially synthetic, public use microdata sets",
    note="rule recalled; moments under plug-in sampling derived",
)
synthetic = sp.Symbol("synthetic", integer=True, positive=True)
sets = sp.Symbol("sets", integer=True, positive=True)

_all = sets * synthetic
_square = 1 + 2 / (n - 1)
"""E of the squared fitted variance."""

_true = 1 / n + 1 / _all
_fourth = 3 / n**2 + 6 / (n * _all) + 3 * _square / _all**2
_rule = (1 + 1 / sets) / synthetic
_rule_square = (
    _square
    / synthetic**2
    * ((1 + 2 / (sets - 1)) / sets**2 + 2 / sets + 1 + 2 / (sets * (synthetic - 1)))
)
_product = _rule * (1 / n + _square / _all)
"""E of q^2 T: given the fitted variance q is independent of b and v."""


def _gap_variance(mean: sp.Expr) -> sp.Expr:
    return _fourth + _rule_square - 2 * _product - mean**2


_over = {n: integers(4, 60), synthetic: integers(4, 240), sets: integers(2, 12)}
_comparable = (synthetic <= 4 * n, 4 * synthetic >= n)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="reiter2003.error",
        title="Error of the combined mean",
        statement="E (q - mu)^2 = sigma^2 (1/n + 1/(K m)).",
        reference=REFERENCE,
        entry="F3",
        mean=_true,
        variance=_fourth - _true**2,
        over=_over,
        where=_comparable,
        null=1 / _all,
        rivals={"the rule": _rule},
    ),
    Claim(
        id="reiter2003.rule",
        title="Expectation of the combining rule",
        statement="E T = sigma^2 (1 + 1/K)/m: it knows nothing of the real sample size.",
        reference=REFERENCE,
        entry="F3",
        mean=_rule,
        variance=_rule_square - _rule**2,
        over=_over,
        where=_comparable,
        rivals={"the error": _true},
    ),
    Claim(
        id="reiter2003.same-size",
        title="The combining rule is unbiased at m = n",
        statement="With synthetic sets as large as the real one E [(q - mu)^2 - T] = 0.",
        reference=REFERENCE,
        entry="F3",
        mean=sp.Integer(0),
        variance=_gap_variance(sp.Integer(0)).subs(synthetic, n),
        over={n: integers(4, 60), sets: integers(2, 12)},
        rivals={"no 1/K": 1 / (sets * n)},
    ),
    Claim(
        id="reiter2003.bias",
        title="Bias of the combining rule",
        statement="E [(q - mu)^2 - T] = sigma^2 (1/n - 1/m).",
        reference=REFERENCE,
        entry="F3",
        mean=1 / n - 1 / synthetic,
        variance=_gap_variance(1 / n - 1 / synthetic),
        over=_over,
        where=_comparable,
        null=sp.Integer(0),
    ),
    Claim(
        id="reiter2003.any-size",
        title="The combining rule at any size",
        statement="E [(q - mu)^2 - T] = 0 whatever the sizes.",
        reference=REFERENCE,
        entry="F3",
        mean=sp.Integer(0),
        variance=_gap_variance(1 / n - 1 / synthetic),
        over={n: integers(4, 60), synthetic: integers(8, 240), sets: integers(2, 12)},
        where=(synthetic >= 2 * n, synthetic <= 4 * n),
        known_false="unbiased if and only if m = n: at m = 4n and K = 5 the rule gives 0.286 of "
        "the true variance",
    ),
)
