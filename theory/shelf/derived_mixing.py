"""Real data in every fit, derived for this catalogue: entries C1 (fresh) and C3 (fixed).

The settings are those of Alemohammad et al. (2024), Bertrand et al. (2024) and He et al. (2025).
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim
from theory.domain import integers, shares
from theory.family import Family
from theory.shelf._notation import DERIVED, SCALE
from theory.symbols import f, n, n_r, sigma_0, t
from theory.vocabulary import FixedReal, FreshReal

FRESH = Family(workflow=FreshReal, fit="mle")
FIXED = Family(workflow=FixedReal, fit="mle")

synthetic = sp.Symbol("synthetic", integer=True, positive=True)
_j = sp.Symbol("j", integer=True, positive=True)
_rho = (1 - f) * (1 - f - 1 / n)
_stationary = sigma_0**2 / (n - (1 - f) * (n * (1 - f) - 1))
_drift = _stationary * (1 - _rho**t)

# Fixed real data: the share is n_r/n, and the correlation of the model's mean with the mean of the
# real points after j fits is (1 - (1-share)^j) / n_r.
_share = n_r / n
_kept = 1 - _share
_factor = _kept**2 - _kept / n
_input = _share**2 / n_r + _kept / n + 2 * _share * _kept * (1 - _kept ** (_j - 1)) / n_r
_fixed_drift = sp.Sum(_factor ** (t - _j) * _input, (_j, 1, t))
_endless = (3 - 2 * f) / ((2 - f) * n_r + 1 - f)
_fixed_limit = _endless.subs(f, _share)
_real_share = n_r / (n_r + synthetic)

_over = {n: integers(4, 24), t: integers(1, 8), f: shares(n), sigma_0: SCALE}
_mixed = (f > 0, f < 1)
_over_fixed = {n: integers(3, 24), t: integers(1, 8), n_r: integers(1, 12), sigma_0: SCALE}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="derived.fresh-real-drift",
        title="Fresh real data: drift",
        statement="With a share f of fresh real points in every maximum-likelihood fit the drift "
        "is M (1 - rho^t), rho = (1-f)(1-f-1/n), M = sigma_0^2/(n - (1-f)(n(1-f) - 1)).",
        reference=DERIVED,
        entry="C1",
        family=FRESH,
        quantity="squared_drift",
        equals=_drift,
        over=_over,
        where=_mixed,
        null=sp.Integer(0),
        rivals={"real points alone": sigma_0**2 / (n * f)},
    ),
    Claim(
        id="derived.fresh-real-variance",
        title="Fresh real data: variance",
        statement="With a share f of fresh real points in every maximum-likelihood fit "
        "E sigma_t^2 = sigma_0^2 - M (1 - rho^t).",
        reference=DERIVED,
        entry="C1",
        family=FRESH,
        quantity="variance",
        equals=sigma_0**2 - _drift,
        over=_over,
        where=_mixed,
        null=sigma_0**2,
    ),
    Claim(
        id="derived.fresh-real-limit",
        title="Fresh real data: stationary drift",
        statement="With a share f > 0 of fresh real points the drift tends to "
        "M = sigma_0^2/(n - (1-f)(n(1-f) - 1)) and does not grow for ever.",
        reference=DERIVED,
        entry="C1",
        family=FRESH,
        quantity="squared_drift",
        equals=_stationary,
        over={n: integers(4, 100), f: shares(n), sigma_0: SCALE},
        where=_mixed,
        limit=(t, sp.oo),
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.fixed-real-drift",
        title="Fixed real data: drift",
        statement="If the same n_r real points are part of every maximum-likelihood fit, the drift "
        "m_t follows m_t = f^2/n_r + 2f(1-f) a_{t-1} + (1-f)^2 m_{t-1} + (1-f)(1-m_{t-1})/n with "
        "a_t = (1 - (1-f)^t)/n_r and f = n_r/n.",
        reference=DERIVED,
        entry="C3",
        family=FIXED,
        quantity="squared_drift",
        equals=sigma_0**2 * _fixed_drift,
        over=_over_fixed,
        where=(n_r < n,),
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.fixed-real-variance",
        title="Fixed real data: variance",
        statement="If the same n_r real points are part of every maximum-likelihood fit, "
        "E sigma_t^2 = sigma_0^2 - m_t, m_t the drift.",
        reference=DERIVED,
        entry="C3",
        family=FIXED,
        quantity="variance",
        equals=sigma_0**2 * (1 - _fixed_drift),
        over=_over_fixed,
        where=(n_r < n,),
        null=sigma_0**2,
    ),
    Claim(
        id="derived.fixed-real-limit",
        title="Fixed real data: stationary drift",
        statement="With the same n_r real points in every fit, f = n_r/n, the drift tends to "
        "sigma_0^2 (3-2f)/((2-f) n_r + 1 - f).",
        reference=DERIVED,
        entry="C3",
        family=FIXED,
        quantity="squared_drift",
        equals=sigma_0**2 * _fixed_limit,
        over={n: integers(3, 100), n_r: integers(1, 50), sigma_0: SCALE},
        where=(n_r < n,),
        limit=(t, sp.oo),
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.fixed-real-variance-limit",
        title="Fixed real data: the variance survives",
        statement="With the same n_r real points in every fit, f = n_r/n, E sigma_t^2 tends to "
        "sigma_0^2 [1 - (3-2f)/((2-f) n_r + 1 - f)].",
        reference=DERIVED,
        entry="C3",
        family=FIXED,
        quantity="variance",
        equals=sigma_0**2 * (1 - _fixed_limit),
        over={n: integers(3, 100), n_r: integers(1, 50), sigma_0: SCALE},
        where=(n_r < n,),
        limit=(t, sp.oo),
        null=sigma_0**2,
    ),
    Claim(
        id="derived.fixed-real-bound",
        title="Any amount of synthetic data costs a factor below 3/2",
        statement="However many synthetic points join n_r fixed real ones, the stationary drift "
        "is at most 3 sigma_0^2/(2 n_r + 1), less than 3/2 of that of the real points alone.",
        reference=DERIVED,
        entry="C3",
        holds=(
            sp.Le(_endless.subs(f, _real_share), 3 / (2 * n_r + 1), evaluate=False),
            sp.Lt(3 / (2 * n_r + 1), 3 / (2 * n_r), evaluate=False),
        ),
        over={n_r: integers(1, 1000), synthetic: integers(1, 1000)},
    ),
)
