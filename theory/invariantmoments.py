"""Moments of Replace in any dimension: a linear recursion of products of orthogonal invariants.

They are Tr Sigma, Tr Sigma^2, |mu|^2, mu' Sigma mu and log det Sigma; one generation moves them by
the moments of an orthogonally invariant scatter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import sympy as sp
from scipy import special

from theory.selection import (
    FourthNofN,
    FourthPopulation,
    KappaNofN,
    KappaPopulation,
    PairNofN,
)
from theory.setting import Setting
from theory.vocabulary import KeepAll

_HALF = 0.5
_MIXED: dict[str, dict[str, float]] = {
    "variance": {"T": 1.0},
    "squared_drift": {"M": 1.0},
    "log_det": {"L": 1.0},
    "kl_model_to_start": {"T": _HALF, "M": _HALF, "L": -_HALF},
}


def invariant_variance(setting: Setting, quantity: str, generations: int) -> float | None:
    """Variance of a combination of Tr Sigma (T), |mu|^2 (M) and log det Sigma (L)."""
    if quantity not in _MIXED:
        return None
    selects = not isinstance(setting.selection, KeepAll)
    logs = "L" in _MIXED[quantity]
    if logs and selects:
        return None
    d = float(setting.dimension)
    x = dict.fromkeys(("M", "MM", "MT", "H", "L", "LL", "ML", "TL"), 0.0)
    x |= {"T": d, "TT": d * d, "S": d}
    for step in range(1, generations + 1):
        size = setting.size(step)
        if logs and size <= setting.dimension:
            return None
        x = _next(x, _batch(setting, step), size, size - (setting.fit == "unbiased"), setting)
    weights = _MIXED[quantity]
    mean = sum(w * x[name] for name, w in weights.items())
    second = sum(
        wa * wb * x["".join(sorted(a + b, key="MTL".index))]
        for a, wa in weights.items()
        for b, wb in weights.items()
    )
    return second - mean**2


def _batch(setting: Setting, step: int) -> tuple[float, float, float]:
    """kappa, fourth and pair moments of a kept point, the temperature included."""
    heat = float(setting.temperature)
    if step == 1 and setting.first_batch == "real":
        return 1.0, 1.0, 1.0
    selection = setting.selection
    if isinstance(selection, KeepAll):
        return heat, heat**2, heat**2
    law = getattr(selection, "law", None)
    if law == "population":
        alpha = sp.Rational(str(getattr(selection, "kept_fraction", 1)))
        kappa = float(KappaPopulation(alpha, setting.dimension).evalf(20))
        fourth = float(FourthPopulation(alpha, setting.dimension).evalf(20))
        return heat * kappa, heat**2 * fourth, heat**2 * kappa**2
    arguments = setting.batch_size(step), setting.candidates(step), setting.dimension
    kappa, fourth, pair = (
        float(moment(*arguments).evalf(20)) for moment in (KappaNofN, FourthNofN, PairNofN)
    )
    return heat * kappa, heat**2 * fourth, heat**2 * pair


def _next(
    x: Mapping[str, float],
    moments: tuple[float, float, float],
    n: int,
    below: float,
    setting: Setting,
) -> dict[str, float]:
    """One generation: mu' = mu + Sigma^(1/2) ubar, Sigma' = Sigma^(1/2) W Sigma^(1/2) / D."""
    q, fourth, pair = moments
    own = n * fourth + n * (n - 1) * pair  # n^4 E ubar_1^2 ubar_2^2
    g, p = q / n, own / n**4
    rho = q * (n - 1) / below
    a = (1 - 1 / n) ** 2 * own / below**2
    b = ((1 - 1 / n) ** 2 * n * fourth + (n - 1) / n * pair) / below**2
    # E ubar_i ubar_j W_kl = across d_ij d_kl + along (d_ik d_jl + d_il d_jk)
    across, along = (own / n**2 - own / n**3) / below, (fourth / n - own / n**3) / below
    d = setting.dimension
    degrees = np.arange(n - d, n) / 2
    level = width = 0.0
    if n > d:
        level = float(np.sum(special.digamma(degrees))) + d * math.log(2 * q / below)
        width = float(np.sum(special.polygamma(1, degrees)))
    tilt = rho * (level + 2 / (n - 1)) if n > 1 else 0.0
    T, TT, S, M = x["T"], x["TT"], x["S"], x["M"]
    return {
        "T": rho * T,
        "TT": a * TT + 2 * b * S,
        "S": b * TT + (a + b) * S,
        "M": M + g * T,
        "MM": x["MM"] + 2 * g * x["MT"] + 4 * g * x["H"] + p * (TT + 2 * S),
        "MT": rho * x["MT"] + across * TT + 2 * along * S,
        "H": rho * x["H"] + (across + along) * S + along * TT,
        "L": x["L"] + level,
        "LL": x["LL"] + 2 * level * x["L"] + width + level**2,
        "ML": x["ML"] + g * x["TL"] + level * (M + g * T),
        "TL": rho * x["TL"] + tilt * T,
    }
