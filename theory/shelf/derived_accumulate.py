"""Accumulation in logarithms and with arbitrary batches, derived for this catalogue: B4, B6."""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim
from theory.domain import integers
from theory.family import Family
from theory.shelf._notation import DERIVED, SCALE
from theory.special import ExpectedLog, ExpectedLogSquared
from theory.symbols import k, n, sigma_0, t
from theory.vocabulary import Accumulate

pooled = sp.Symbol("pooled", integer=True, positive=True)
fresh = sp.Symbol("fresh", integer=True, positive=True)
_total = pooled + fresh

# Sigma'/Sigma of step k: the old pool, the scatter of the batch, and the shift of its mean.
_step = ((k - 1) / k, 1 / (n * k), n - 1, (k - 1) / (n * k**2))

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="derived.accumulate-log",
        title="Log variance under accumulation",
        statement="Under accumulation E log sigma_t^2 = log sigma_0^2 + sum_{k<=t} E log R_k with "
        "k R_k = k - 1 + chi2_{n-1}/n + ((k-1)/k) chi2_1/n; the sum converges, so sigma_t has a "
        "positive random limit.",
        reference=DERIVED,
        entry="B4",
        family=Family(workflow=Accumulate, fit="mle"),
        quantity="log_variance",
        equals=2 * sp.log(sigma_0) + sp.Sum(ExpectedLog(*_step), (k, 1, t)),
        over={n: integers(2, 16), t: integers(1, 6), sigma_0: SCALE},
        null=2 * sp.log(sigma_0),
    ),
    Claim(
        id="derived.accumulate-log-step",
        title="Log variance in one generation of accumulation",
        statement="Generation k of accumulation changes log sigma^2 by E log R_k = -log k + "
        "int_0^inf [e^-s - e^(-s(k-1)) (1+2s/n)^(-(n-1)/2) (1+2s(k-1)/(kn))^(-1/2)] ds/s.",
        reference=DERIVED,
        entry="B4",
        mean=ExpectedLog(*_step),
        variance=ExpectedLogSquared(*_step) - ExpectedLog(*_step) ** 2,
        over={n: integers(2, 16), k: integers(2, 8)},
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.accumulate-schedule",
        title="Accumulation with growing batches",
        statement="With batches n_k and N_k points in the pool accumulation has E sigma_t^2 = "
        "sigma_0^2 prod_{k<=t} (1 - n_k/N_k^2); here n_k = n k.",
        reference=DERIVED,
        entry="B6",
        family=Family(workflow=Accumulate, fit="mle", sizes=n * k),
        quantity="variance",
        equals=sigma_0**2 * sp.Product(1 - 4 / (n * k * (k + 1) ** 2), (k, 1, t)),
        over={n: integers(2, 8), t: integers(1, 6), sigma_0: SCALE},
        null=sigma_0**2,
    ),
    Claim(
        id="derived.accumulate-schedule-loss",
        title="Variance lost when any batch joins any pool",
        statement="A batch of b points that joins a pool of p loses b/(p+b)^2 of the variance in "
        "the mean, with the batch's mean square, of mean 1, as control variate.",
        reference=DERIVED,
        entry="B6",
        mean=fresh / _total**2,
        variance=2 * fresh**2 / _total**4,
        over={pooled: integers(1, 200), fresh: integers(1, 40)},
        control="folklore.mean-square",
        null=sp.Integer(0),
        rivals={"1/(p+b)": 1 / _total, "b/p^2": fresh / pooled**2},
    ),
    Claim(
        id="derived.accumulate-never-collapses",
        title="Accumulating everything never collapses in the mean",
        statement="The loss n_k/N_k^2 is at most 1/N_{k-1} - 1/N_k, so the losses of any schedule "
        "have a finite sum and the mean variance a positive limit.",
        reference=DERIVED,
        entry="B6",
        holds=sp.Le(fresh / _total**2, 1 / pooled - 1 / _total, evaluate=False),
        over={pooled: integers(1, 1000), fresh: integers(1, 1000)},
    ),
)
