"""Yi et al. (2026): a verifier who keeps a fixed interval contracts the mean; entry D20.

Theorem 4.1 was read in a note on the paper; one-dimensional version, unit noise: kept are the
points within r of the verifier's centre, which lies `delta` from the mean.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import reals

REFERENCE = Reference(
    "Yi et al.", 2026, arxiv="2510.16657", note="note on the paper read; one-dimensional version"
)
delta = sp.Symbol("delta", positive=True)
r = sp.Symbol("r", positive=True)


def _density(x: sp.Expr) -> sp.Expr:
    return sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)


def _below(x: sp.Expr) -> sp.Expr:
    return (1 + sp.erf(x / sp.sqrt(2))) / 2


_rho = 1 - 2 * r * _density(r) / (2 * _below(r) - 1)
_fourth = 3 * _rho - 2 * r**3 * _density(r) / (2 * _below(r) - 1)

# A kept point seen from the centre: normal with mean delta within (-r, r); by parts,
# E y^(j+1) = delta E y^j + j E y^(j-1) - (r^j phi(r - delta) - (-r)^j phi(-r - delta))/mass.
_mass = _below(r - delta) - _below(-r - delta)


def _next(j: int, same: sp.Expr, before: sp.Expr) -> sp.Expr:
    edge = r**j * _density(r - delta) - (-r) ** j * _density(-r - delta)
    return delta * same + j * before - edge / _mass


_y1 = _next(0, sp.Integer(1), sp.Integer(0))
_y2 = _next(1, _y1, sp.Integer(1))
_y3 = _next(2, _y2, _y1)
_y4 = _next(3, _y3, _y2)
_over = {r: reals(Fraction(1, 2), 3), delta: reals(Fraction(1, 4), 3)}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="yi2026.rate",
        title="The contraction factor",
        statement="rho = 1 - 2 r phi(r)/(2 Phi(r) - 1), the variance of a point kept about the "
        "centre, is the derivative of the kept mean there (and kappa_1 of selection).",
        reference=REFERENCE,
        entry="D20",
        mean=_rho,
        variance=_fourth - _rho**2,
        bounds=(0, r**2),
        over={r: reals(Fraction(1, 2), 3)},
        null=sp.Integer(1),
    ),
    Claim(
        id="yi2026.contraction",
        title="The verifier contracts the mean",
        statement="The kept mean lies at most rho times as far from the centre as the mean did.",
        reference=REFERENCE,
        entry="D20",
        mean=_rho * delta,
        variance=_y2 - _y1**2,
        relation="<=",
        over=_over,
        rivals={"a tenth": _rho * delta / 10},
    ),
    Claim(
        id="yi2026.second-moment",
        title="The verifier contracts the squared error",
        statement="After one step with one kept point E |theta_1 - theta_c|^2 <= rho^2 delta^2 + "
        "rho: the bound rho^(2k) |theta_0 - theta_c|^2 + sum rho^(2(k-j)-1)/n_j for k = 1.",
        reference=REFERENCE,
        entry="D20",
        mean=_rho**2 * delta**2 + _rho,
        variance=_y4 - _y2**2,
        relation="<=",
        over=_over,
        rivals={"a tenth": (_rho**2 * delta**2 + _rho) / 10},
    ),
)
