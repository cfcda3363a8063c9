"""Kazdan et al. (2025): replace, accumulate, accumulate-subsample; entries A1, A17, B1, B2, B7.

The paper counts the fit on real data as generation 0; here t counts fits, so the paper's formulas
are shifted by one. Formulas recalled; those of the kernel-density and of the subsample setting are
derived.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.family import Family
from theory.shelf._notation import MODERATE, SCALE
from theory.symbols import d, k, n, sigma_0, t
from theory.vocabulary import Accumulate, AccumulateSubsample, Replace

_TITLE = "Collapse or thrive? Perils and promises of synthetic data in a self-generating world"
REFERENCE = Reference(
    "Kazdan et al.",
    2025,
    title=_TITLE,
    arxiv="2410.16713",
    note="formula recalled; generation 0 there is t = 1 here",
)
SETTING = Reference(
    "Kazdan et al.", 2025, title=_TITLE, arxiv="2410.16713", note="setting; closed form derived"
)
ACCUMULATE = Family(workflow=Accumulate, fit="mle")
SUBSAMPLE = Family(workflow=AccumulateSubsample, fit="mle")

bandwidth = sp.Symbol("bandwidth", nonnegative=True)
_g = sp.Symbol("g", integer=True, positive=True)
_s = sp.Symbol("s_", integer=True, positive=True)

_product = sp.Product(1 - 1 / (n * k**2), (k, 1, t))
_root = 1 / sp.sqrt(n)
_gamma = (
    sp.gamma(t + 1 - _root)
    * sp.gamma(t + 1 + _root)
    / (sp.gamma(t + 1) ** 2 * sp.gamma(1 - _root) * sp.gamma(1 + _root))
)
_sinc = sp.sin(sp.pi / sp.sqrt(n)) / (sp.pi / sp.sqrt(n))

# The pool of t fits holds n t points; the fit sees n of them.
_pool = (1 - 1 / n) * sp.Product(
    1 - (2 * n * _s - n - _s) / ((n * _s - 1) * n * (_s + 1) ** 2), (_s, 1, t - 1)
)
_subsample = (1 - 1 / n) * n * t / (n * t - 1) * _pool

# Two points of generation t are N(0, 2v) apart, v = g h^2 if their lines met g generations ago
# (they do so with probability 1/n in each) and v = 1 + (t-1) h^2 if they never did.
_apart = (1 - 1 / n) ** (t - 1)


def _pair_moment(power: int) -> sp.Expr:
    met = sp.Sum((1 - 1 / n) ** (_g - 1) / n * (_g * bandwidth**2) ** power, (_g, 1, t - 1))
    return met + _apart * (1 + (t - 1) * bandwidth**2) ** power


_within = (n - 1) * bandwidth**2 + _apart * ((1 - 1 / n) - (n - 1) * bandwidth**2)
_of_pair = n / (n - 1)

_over = {n: integers(2, 24), t: integers(1, 8), sigma_0: SCALE}
_limit = {n: integers(2, 100), sigma_0: SCALE}
_small = {n: integers(2, 8), t: integers(1, 5), sigma_0: SCALE}
_kde = {n: integers(2, 10), t: integers(2, 6)}
_bandwidth = reals(Fraction(1, 10), Fraction(3, 2))

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="kazdan2025.replace",
        title="Replace: geometric collapse",
        statement="If each generation replaces the data, maximum-likelihood fits have "
        "E sigma_t^2 = (1 - 1/n)^t sigma_0^2.",
        reference=REFERENCE,
        entry="A1",
        family=Family(workflow=Replace, fit="mle"),
        quantity="variance",
        equals=(1 - 1 / n) ** t * sigma_0**2,
        over={n: integers(2, 50), t: integers(1, 12), sigma_0: SCALE},
        where=MODERATE,
        null=sigma_0**2,
    ),
    Claim(
        id="kazdan2025.accumulate",
        title="Accumulate: the variance survives",
        statement="If the data accumulate, n points a generation, maximum-likelihood fits have "
        "E sigma_t^2 = sigma_0^2 prod_{k<=t} (1 - 1/(n k^2)).",
        reference=REFERENCE,
        entry="B1",
        family=ACCUMULATE,
        quantity="variance",
        equals=sigma_0**2 * _product,
        over=_over,
        null=sigma_0**2,
        rivals={"Replace": (1 - 1 / n) ** t * sigma_0**2},
    ),
    Claim(
        id="kazdan2025.accumulate-gamma",
        title="Accumulate in Gamma functions, d dimensions",
        statement="In d dimensions the mean covariance under accumulation is Sigma_0 times "
        "Gamma(t+1-r) Gamma(t+1+r) / (Gamma(t+1)^2 Gamma(1-r) Gamma(1+r)), r = n^(-1/2).",
        reference=REFERENCE,
        entry="B1",
        family=ACCUMULATE,
        quantity="variance",
        equals=d * sigma_0**2 * _gamma,
        over={**_over, d: integers(1, 4)},
        null=d * sigma_0**2,
    ),
    Claim(
        id="kazdan2025.accumulate-limit",
        title="Accumulate: the limit is positive",
        statement="Under accumulation the mean variance tends to sigma_0^2 sin(pi/sqrt n) / "
        "(pi/sqrt n) > 0.",
        reference=REFERENCE,
        entry="B1",
        family=ACCUMULATE,
        quantity="variance",
        equals=sigma_0**2 * _sinc,
        over=_limit,
        limit=(t, sp.oo),
        null=sigma_0**2,
    ),
    Claim(
        id="kazdan2025.accumulate-loss",
        title="Variance lost in one generation of accumulation",
        statement="Generation k of accumulation loses 1/(n k^2) of the variance: E[1 - R_k] = "
        "1/(n k^2), with the batch's mean square over k, of mean 1/k, as control variate.",
        reference=REFERENCE,
        entry="B1",
        mean=1 / (n * k**2),
        variance=2 / (n**2 * k**4),
        over={n: integers(2, 40), k: integers(2, 40)},
        control="folklore.mean-square",
        null=sp.Integer(0),
        rivals={"1/(n k)": 1 / (n * k), "1/((n-1) k^2)": 1 / ((n - 1) * k**2)},
    ),
    Claim(
        id="kazdan2025.accumulate-drift",
        title="Drift under accumulation",
        statement="Under accumulation E (mu_t - mu_0)^2 = sigma_0^2 (1 - prod_{k<=t} "
        "(1 - 1/(n k^2))).",
        reference=REFERENCE,
        entry="B2",
        family=ACCUMULATE,
        quantity="squared_drift",
        equals=sigma_0**2 * (1 - _product),
        over=_over,
        null=sp.Integer(0),
        rivals={"Replace": sigma_0**2 * (1 - (1 - 1 / n) ** t)},
    ),
    Claim(
        id="kazdan2025.accumulate-drift-limit",
        title="Limit of the drift under accumulation",
        statement="Under accumulation E (mu_t - mu_0)^2 tends to sigma_0^2 (1 - sin(pi/sqrt n) / "
        "(pi/sqrt n)).",
        reference=REFERENCE,
        entry="B2",
        family=ACCUMULATE,
        quantity="squared_drift",
        equals=sigma_0**2 * (1 - _sinc),
        over=_limit,
        limit=(t, sp.oo),
        null=sp.Integer(0),
    ),
    Claim(
        id="kazdan2025.subsample",
        title="Accumulate-subsample: variance",
        statement="If each fit sees n points of the accumulated pool, drawn without replacement, "
        "E sigma_t^2 = (1 - 1/n) n t/(n t - 1) E V_t, the pool's variance V_t losing the share "
        "(2ns - n - s)/((ns - 1) n (s+1)^2) in its step from s to s + 1.",
        reference=SETTING,
        entry="B7",
        family=SUBSAMPLE,
        quantity="variance",
        equals=sigma_0**2 * _subsample,
        over=_small,
        null=sigma_0**2,
    ),
    Claim(
        id="kazdan2025.subsample-drift",
        title="Accumulate-subsample: drift",
        statement="In the subsample setting E (mu_t - mu_0)^2 = sigma_0^2 - E sigma_t^2.",
        reference=SETTING,
        entry="B7",
        family=SUBSAMPLE,
        quantity="squared_drift",
        equals=sigma_0**2 * (1 - _subsample),
        over=_small,
        null=sp.Integer(0),
    ),
    Claim(
        id="kazdan2025.subsample-saturates",
        title="Accumulate-subsample does not collapse in the mean",
        statement="In the subsample setting E sigma_t^2 stays above (1 - 1/n)^2 sigma_0^2 "
        "prod_{k>=2} (1 - 2/(n k^2)) > 0 for every t: the degradation saturates.",
        reference=SETTING,
        entry="B7",
        family=SUBSAMPLE,
        quantity="variance",
        equals=sigma_0**2
        * (1 - 1 / n) ** 2
        * sp.sin(sp.pi * sp.sqrt(2 / n))
        / (sp.pi * sp.sqrt(2 / n) * (1 - 2 / n)),
        relation=">=",
        over={**_small, n: integers(3, 8)},
        rivals={"no loss at all": sigma_0**2},
    ),
    Claim(
        id="kazdan2025.kde-second-moment",
        title="Kernel density: second moment",
        statement="If each generation resamples the last and adds N(0, h^2) noise, a point of "
        "generation t has second moment sigma_0^2 + (t-1) h^2 about the true mean.",
        reference=SETTING,
        entry="A17",
        mean=1 + (t - 1) * bandwidth**2,
        variance=2 * (1 + (t - 1) * bandwidth**2) ** 2,
        over={**_kde, bandwidth: _bandwidth},
        null=sp.Integer(1),
    ),
    Claim(
        id="kazdan2025.kde-variance",
        title="Kernel density: variance within the sample",
        statement="With bandwidth h the variance within the sample follows "
        "E V_{t+1} = (1 - 1/n)(E V_t + h^2) from V_1 = (1 - 1/n) sigma_0^2; half the squared "
        "difference of two of its points has n/(n-1) times that mean.",
        reference=SETTING,
        entry="A17",
        mean=_of_pair * _within,
        variance=3 * _pair_moment(2) - (_of_pair * _within) ** 2,
        over={**_kde, bandwidth: _bandwidth},
        null=sp.Integer(1),
    ),
    Claim(
        id="kazdan2025.bootstrap",
        title="Bootstrap: the coalescent",
        statement="Without noise (h = 0) E V_t = (1 - 1/n)^t sigma_0^2: two points differ only "
        "while their ancestral lines have not met.",
        reference=SETTING,
        entry="A17",
        mean=_of_pair * (1 - 1 / n) ** t,
        variance=3 * _apart - (_of_pair * (1 - 1 / n) ** t) ** 2,
        over=_kde,
        where=MODERATE,
        null=sp.Integer(1),
    ),
    Claim(
        id="kazdan2025.kde-fixed-point",
        title="Kernel density: fixed point",
        statement="The variance within the sample has the fixed point (n-1) h^2.",
        reference=SETTING,
        entry="A17",
        holds=sp.Eq((1 - 1 / n) * ((n - 1) * bandwidth**2 + bandwidth**2), (n - 1) * bandwidth**2),
        over={n: integers(2, 100), bandwidth: reals(0, 2)},
    ),
)
