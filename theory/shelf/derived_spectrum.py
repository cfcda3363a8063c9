"""Anisotropic collapse, derived for this catalogue: entry A11.

With unbiased fits the covariance is a product of independent Wishart matrices; their Bartlett
factors give the Lyapunov spectrum (of the type of Newman 1986). One step shows it: the logarithm of
the i-th squared diagonal entry of the Cholesky factor of one fit is the i-th growth.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim
from theory.domain import integers
from theory.shelf._notation import DERIVED, half, trigamma
from theory.symbols import d, n

axis = sp.Symbol("axis", integer=True, positive=True)
_own = (n - axis) / 2

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="derived.lyapunov-spectrum",
        title="Lyapunov spectrum",
        statement="With unbiased fits the i-th sorted eigenvalue of Sigma_t decays almost surely "
        "at rate psi((n-i)/2) - log((n-1)/2), the mean log of the i-th squared pivot of one fit.",
        reference=DERIVED,
        entry="A11",
        mean=sp.digamma(_own) - sp.log(half),
        variance=trigamma(_own),
        over={n: integers(5, 16), d: integers(1, 3), axis: integers(1, 3)},
        where=(axis <= d,),
        null=sp.Integer(0),
        rivals={"isotropic": sp.digamma(half) - sp.log(half)},
    ),
    Claim(
        id="derived.condition-growth",
        title="Growth of the condition number",
        statement="The log condition number of Sigma_t grows almost surely at "
        "psi((n-1)/2) - psi((n-d)/2) > 0, even from Sigma_0 = I.",
        reference=DERIVED,
        entry="A11",
        mean=sp.digamma(half) - sp.digamma((n - d) / 2),
        variance=trigamma(half) + trigamma((n - d) / 2),
        over={n: integers(5, 16), d: integers(2, 3)},
        where=(n > d,),
        null=sp.Integer(0),
    ),
)
