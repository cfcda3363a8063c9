"""Qiao et al. (2026): the power law of Tr Sigma_t, Theorem 2, as an exponent; entry D5.

The theorem is known from a summary: Tr Sigma_t = O(t^-psi) while selected points accumulate, with
psi = 1 - kappa_d(alpha). About a known centre V_t Gamma(kappa) = Gamma(t + kappa)/Gamma(t + 1), and
t^(1 - kappa) times that lies between (1 + kappa/t)^(kappa - 1) and 1 (Wendel 1948): the remainder.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim
from theory.domain import integers, reals
from theory.selection import KappaPopulation
from theory.shelf.qiao2026 import KNOWN_CENTRE_VARIANCE
from theory.shelf.qiao2026_theorems import REFERENCE
from theory.symbols import alpha, d, n, t

_kappa = KappaPopulation(alpha, d)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="qiao2026.power-law",
        title="Covariance collapse is a power law",
        statement="Accumulating n points within the ball of mass alpha about a known centre, "
        "Tr Sigma_t falls like t^-psi, psi = 1 - kappa_d(alpha).",
        reference=REFERENCE,
        entry="D5",
        exponent=1 - _kappa,
        along=(t, (4, 16, 64)),
        slack=(1 - _kappa) * sp.log(1 + _kappa / t),
        variance=KNOWN_CENTRE_VARIANCE,
        scale=sp.Integer(1),
        over={
            n: integers(4, 8),
            alpha: reals(Fraction(1, 4), Fraction(1, 2)),
            d: integers(1, 2),
        },
    ),
)
