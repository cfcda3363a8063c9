"""Kazdan et al. (2025): kernel density estimates and the bootstrap; catalogue entry A17.

Each generation resamples the last one and adds N(0, h^2) noise. The setting is the paper's, the
formulas are derived; units of sigma_0.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim
from theory.domain import integers, reals
from theory.shelf._notation import MODERATE
from theory.shelf.kazdan2025 import SETTING
from theory.symbols import n, t

bandwidth = sp.Symbol("bandwidth", nonnegative=True)
_g = sp.Symbol("g", integer=True, positive=True)

# Two points of generation t are N(0, 2v) apart, v = g h^2 if their lines met g generations ago
# (they do so with probability 1/n in each) and v = 1 + (t-1) h^2 if they never did.
_apart = (1 - 1 / n) ** (t - 1)


def _pair_moment(power: int) -> sp.Expr:
    met = sp.Sum((1 - 1 / n) ** (_g - 1) / n * (_g * bandwidth**2) ** power, (_g, 1, t - 1))
    return met + _apart * (1 + (t - 1) * bandwidth**2) ** power


_within = (n - 1) * bandwidth**2 + _apart * ((1 - 1 / n) - (n - 1) * bandwidth**2)
_of_pair = n / (n - 1)

_kde = {n: integers(2, 10), t: integers(2, 6)}
_bandwidth = reals(Fraction(1, 10), Fraction(3, 2))

CLAIMS: tuple[Claim, ...] = (
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
