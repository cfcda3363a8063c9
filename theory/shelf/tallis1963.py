"""Tallis (1963): elliptical truncation of a Gaussian; catalogue entry D1.

Of a standard Gaussian in d dimensions the points inside the centred ball of mass alpha are kept.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.selection import FourthPopulation, KappaPopulation
from theory.symbols import alpha, d

REFERENCE = Reference(
    "Tallis",
    1963,
    title="Elliptical and radial truncation in normal populations",
    note="formula recalled; closed forms for d = 1, 2 derived",
)
_share = reals(Fraction(1, 10), Fraction(9, 10))


def _spread(dimension: sp.Expr, kappa: sp.Expr) -> sp.Expr:
    """Variance of |x|^2/d of one kept point."""
    return (dimension + 2) * FourthPopulation(alpha, dimension) / dimension - kappa**2


_z = sp.sqrt(2) * sp.erfinv(alpha)
_density = sp.exp(-(_z**2) / 2) / sp.sqrt(2 * sp.pi)
_line = 1 - 2 * _z * _density / alpha
_plane = 1 + (1 - alpha) / alpha * sp.log(1 - alpha)
_cut = -sp.log(1 - alpha)
_plane_square = (2 - (_cut**2 + 2 * _cut + 2) * (1 - alpha)) / alpha

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="tallis1963.kappa",
        title="Variance of a kept point",
        statement="The points in the ball of mass alpha have covariance kappa Sigma, kappa = "
        "P(chi2_{d+2} <= q)/alpha with P(chi2_d <= q) = alpha.",
        reference=REFERENCE,
        entry="D1",
        mean=KappaPopulation(alpha, d),
        variance=_spread(d, KappaPopulation(alpha, d)),
        over={alpha: _share, d: integers(1, 5)},
        null=sp.Integer(1),
        rivals={"alpha^(2/d)": alpha ** (2 / d)},
    ),
    Claim(
        id="tallis1963.kappa-line",
        title="Variance of a kept point on the line",
        statement="In one dimension kappa = 1 - 2 z phi(z)/alpha, z = Phi^-1((1+alpha)/2).",
        reference=REFERENCE,
        entry="D1",
        mean=_line,
        variance=_spread(sp.Integer(1), _line),
        over={alpha: _share},
        null=sp.Integer(1),
    ),
    Claim(
        id="tallis1963.kappa-plane",
        title="Variance of a kept point in the plane",
        statement="In two dimensions kappa = 1 + ((1-alpha)/alpha) log(1-alpha).",
        reference=REFERENCE,
        entry="D1",
        mean=_plane,
        variance=_plane_square - _plane**2,
        over={alpha: _share},
        null=sp.Integer(1),
    ),
    Claim(
        id="tallis1963.small-share",
        title="Strong selection in the plane",
        statement="As alpha tends to 0, kappa in two dimensions is alpha/2: an instance of "
        "kappa ~ (2/(d+2)) (Gamma(d/2+1) alpha)^(2/d).",
        reference=REFERENCE,
        entry="D1",
        holds=sp.Eq(sp.Limit(_plane / alpha, alpha, 0, "+"), sp.Rational(1, 2), evaluate=False),
    ),
)
