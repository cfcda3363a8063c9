"""What the files of the shelf share: constants of the chi-square law, references, usual domains."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from theory.claim import Reference
from theory.domain import Domain, reals
from theory.symbols import n, t

SCALE: Domain = reals(Fraction(1, 2), 2)
"""Usual domain of sigma_0: wide enough that a dropped power of it shows."""

half = (n - 1) / sp.Integer(2)
"""Half the degrees of freedom of one fit."""

STUDENT = Reference("Student", 1908, note="law of a sample variance; its iteration is folklore")
WISHART = Reference("Wishart", 1928, note="law of a sample covariance; its iteration is folklore")
DERIVED = Reference(
    "derived for this catalogue", 2026, note="derived and simulated; may exist in print"
)


def c_n(size: Any = n) -> sp.Expr:
    """E sigma_1 / sigma_0 of one unbiased fit: sqrt(2/(n-1)) Gamma(n/2) / Gamma((n-1)/2)."""
    return sp.sqrt(2 / (size - 1)) * sp.gamma(size / 2) / sp.gamma((size - 1) / 2)


def b_n(size: Any = n) -> sp.Expr:
    """E sigma_1 / sigma_0 of one maximum-likelihood fit: sqrt(2/n) Gamma(n/2) / Gamma((n-1)/2)."""
    return sp.sqrt(2 / size) * sp.gamma(size / 2) / sp.gamma((size - 1) / 2)


def trigamma(x: Any) -> sp.Expr:
    """Variance of the logarithm of a Gamma(x) variable."""
    return sp.polygamma(1, x)


def log_rate(denominator: Any) -> sp.Expr:
    """E log(sigma_1^2 / sigma_0^2) of one fit that divides by `denominator`."""
    return sp.digamma(half) - sp.log(denominator / sp.Integer(2))


MODERATE = (t <= n,)
"""Keeps the relative variance (1 + 2/(n-1))^t of sigma_t^2 below about e^2: a Monte-Carlo mean
far beyond it lives in trajectories that nobody draws. The statements hold for every t."""
