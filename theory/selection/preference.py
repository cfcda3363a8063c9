"""Curation by preference, and verification of labels: what one step does to a law.

A judge who sees K candidates and picks one with probability proportional to ``exp(reward)``
(Bradley-Terry for K = 2, Plackett-Luce beyond) turns p into

    p'(x) = K p(x) e^{r(x)} E 1/(e^{r(x)} + e^{r_2} + ... + e^{r_K}),

and ``1/S = int_0^oo exp(-s S) ds`` makes that one integral for every K:
``p'(x) = K p(x) e^{r(x)} int exp(-s e^{r(x)}) L(s)^{K-1} ds`` with ``L(s) = E exp(-s e^r)``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import CollapseError, InvalidInput

Floats = NDArray[np.float64]


def preferred(probabilities: ArrayLike, rewards: ArrayLike, candidates: float) -> Floats:
    """The law of the preferred one of `candidates`, for a law on finitely many points.

    A continuous law is handed over as the weights of its quadrature. With infinitely many
    candidates it is the tilted law ``p e^r / E e^r`` (Ferbach et al. 2024).

    Parameters
    ----------
    probabilities, rewards
        Of the points, shape (m,).
    candidates
        An integer >= 1, or ``math.inf``.

    Raises
    ------
    InvalidInput
        If an argument lies outside.

    Examples
    --------
    >>> preferred([0.5, 0.5], [0.0, np.log(3)], 2).round(12).tolist()  # 1/4 + 1/8 against 3/4
    [0.375, 0.625]
    """
    p, r = np.asarray(probabilities, dtype=float), np.asarray(rewards, dtype=float)
    if p.ndim != 1 or p.shape != r.shape or not np.isfinite(r).all():
        raise InvalidInput(f"probabilities {p.shape} and finite rewards {r.shape} must match")
    if (p < 0).any() or abs(p.sum() - 1) > 1e-9:
        raise InvalidInput(f"probabilities must be 0 or more and sum to 1, not to {p.sum():g}")
    r = r - r.max()
    if math.isinf(candidates):
        tilted = p * np.exp(r)
        return np.asarray(tilted / tilted.sum())
    if candidates < 1 or candidates != int(candidates):
        raise InvalidInput(f"candidates = {candidates} is not an integer >= 1")
    k = int(candidates)
    # In log s the integrand is analytic, decays double-exponentially to the right and like s to the
    # left: the trapezoidal rule converges geometrically. What the law sums to is the certificate.
    step = 0.25
    for _ in range(8):
        x = np.arange(-40.0 - math.log(k), 40.0 - r.min(), step)
        exponent = -np.exp(np.minimum(x[:, None] + r, 700.0))
        with np.errstate(under="ignore", divide="ignore"):
            # log L(s), also where L is one but for the last digits.
            log_mean = np.log1p(np.expm1(exponent) @ p) if k > 1 else np.zeros_like(x)
            weight = np.exp(x[:, None] + r + exponent + (k - 1) * log_mean[:, None])
        result = k * p * step * weight.sum(axis=0)
        if abs(result.sum() - 1) < 1e-13:
            return np.asarray(result)
        step /= 2
    raise CollapseError(f"the preference integral did not settle for {candidates} candidates")


def selected_error(error_rate: Any, keep_correct: Any, keep_wrong: Any) -> Any:
    """Error rate of the labels that a verifier keeps (Feng et al. 2025).

    It keeps a correct label with probability `keep_correct` and a wrong one with `keep_wrong`.
    The kept labels point the right way as long as the result is below one half, that is as long
    as ``error_rate < keep_correct/(keep_correct + keep_wrong)``.

    Examples
    --------
    >>> from fractions import Fraction
    >>> selected_error(Fraction(1, 2), Fraction(9, 10), Fraction(1, 10))
    Fraction(1, 10)
    """
    wrong = error_rate * keep_wrong
    return wrong / (wrong + (1 - error_rate) * keep_correct)
