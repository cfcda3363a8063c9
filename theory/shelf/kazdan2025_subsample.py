"""Kazdan et al. (2025): accumulate-subsample; catalogue entry B7.

The pool accumulates, each fit sees n of its points. The setting is the paper's, the closed product
is derived.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim
from theory.domain import integers
from theory.family import Family
from theory.shelf._notation import SCALE
from theory.shelf.kazdan2025 import SETTING
from theory.symbols import k, n, sigma_0, t
from theory.vocabulary import AccumulateSubsample

SUBSAMPLE = Family(workflow=AccumulateSubsample, fit="mle")

_s = sp.Symbol("s_", integer=True, positive=True)

# The pool of t fits holds n t points; the fit sees n of them.
_pool = (1 - 1 / n) * sp.Product(
    1 - (2 * n * _s - n - _s) / ((n * _s - 1) * n * (_s + 1) ** 2), (_s, 1, t - 1)
)
_subsample = (1 - 1 / n) * n * t / (n * t - 1) * _pool

# A pool of n k Gaussian points, standardised, is uniform on a sphere; the squared mean of a
# subsample and its variance W are two parts of a Dirichlet vector. E mean^4 / 3, E mean^2 W, E W^2:
_m4 = (k - 1) ** 2 / (n**2 * k**2 - 1)
_mw = k * (k - 1) * (n - 1) / (n**2 * k**2 - 1)
_w2 = k**2 * (n**2 - 1) / (n**2 * k**2 - 1)

_small = {n: integers(2, 8), t: integers(1, 5), sigma_0: SCALE}

CLAIMS: tuple[Claim, ...] = (
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
        id="kazdan2025.subsample-loss",
        title="Variance lost in one generation of accumulate-subsample",
        statement="In the subsample setting the step from k to k + 1 loses (2nk - n - k) / "
        "((nk - 1) n (k+1)^2) of the pool's variance, with the batch's mean square about the "
        "pool's mean, of mean 1, as control variate.",
        reference=SETTING,
        entry="B7",
        mean=(2 * n * k - n - k) / ((n * k - 1) * n * (k + 1) ** 2),
        variance=(
            (3 * _m4 + 6 * _mw / n + 3 * _w2 / n**2)
            - ((2 * n * k - n - k) / ((n * k - 1) * n)) ** 2
        )
        / (k + 1) ** 4,
        over={n: integers(2, 8), k: integers(1, 6)},
        control="kazdan2025.subsample-mean-square",
        null=sp.Integer(0),
        rivals={"accumulate": 1 / (n * (k + 1) ** 2)},
    ),
    Claim(
        id="kazdan2025.subsample-mean-square",
        title="Mean square of a batch in accumulate-subsample",
        statement="A batch of the model that was fitted on a subsample has, about the pool's mean, "
        "the pool's variance as its mean square.",
        reference=SETTING,
        entry="B7",
        mean=sp.Integer(1),
        variance=(1 + 2 / n) * _w2 + (2 + 4 / n) * _mw + 3 * _m4 - 1,
        over={n: integers(2, 8), k: integers(1, 6)},
        rivals={"fitted variance": (1 - 1 / n) * n * k / (n * k - 1)},
    ),
    Claim(
        id="kazdan2025.subsample-saturates",
        title="Accumulate-subsample does not collapse in the mean",
        statement="In the subsample setting the step from k to k + 1 loses at most 2/(n (k+1)^2) "
        "of the pool's variance: the losses have a finite sum and the mean variance a positive "
        "limit, the degradation saturates.",
        reference=SETTING,
        entry="B7",
        holds=sp.Le(
            (2 * n * k - n - k) / ((n * k - 1) * n * (k + 1) ** 2),
            2 / (n * (k + 1) ** 2),
            evaluate=False,
        ),
        over={n: integers(2, 1000), k: integers(1, 1000)},
    ),
)
