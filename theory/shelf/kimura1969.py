"""Kimura and Ohta (1969): when one symbol is left; catalogue entry E9.

The diffusion approximation of the time to fixation (recalled). Read as an equality for the chain of
binomial resampling it is false; it is too long wherever a symbol has at least half a point to be
expected in a batch, and too short for rarer ones, because one fit takes one generation at least.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.shelf._chains import FixationSpread, FixationTime
from theory.symbols import n

REFERENCE = Reference(
    "Kimura and Ohta",
    1969,
    title="The average number of generations until fixation of a mutant gene in a finite "
    "population",
    note="diffusion approximation, recalled; finite chain worked out",
)
p = sp.Symbol("p", positive=True)

_time, _spread = FixationTime(n, p), FixationSpread(n, p)
_diffusion = -2 * n * (p * sp.log(p) + (1 - p) * sp.log(1 - p))
_half_a_point = (n * p >= Fraction(1, 2), n * (1 - p) >= Fraction(1, 2))

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="kimura1969.exact",
        title="Time to fixation: the finite chain",
        statement="The mean number of fits until one symbol is left is that of the finite chain of "
        "binomial resampling.",
        reference=REFERENCE,
        entry="E9",
        mean=_time,
        variance=_spread,
        over={n: integers(2, 10), p: reals(Fraction(1, 20), Fraction(19, 20))},
        null=sp.Integer(1),
        rivals={"diffusion": _diffusion},
    ),
    Claim(
        id="kimura1969.diffusion",
        title="Time to fixation: the diffusion as an equality",
        statement="The mean number of fits until one symbol is left is "
        "-2n [p log p + (1-p) log(1-p)].",
        reference=REFERENCE,
        entry="E9",
        mean=_diffusion,
        variance=_spread,
        over={n: integers(2, 10), p: reals(Fraction(3, 10), Fraction(7, 10))},
        known_false="a diffusion approximation: 13.86 for 12.59 at n = 10, p = 1/2",
    ),
    Claim(
        id="kimura1969.bound",
        title="Time to fixation: the diffusion is too long",
        statement="The mean number of fits until one symbol is left is at most "
        "-2n [p log p + (1-p) log(1-p)], if n p and n (1-p) are at least 1/2.",
        reference=REFERENCE,
        entry="E9",
        mean=_diffusion,
        variance=_spread,
        relation="<=",
        over={n: integers(2, 10), p: reals(Fraction(1, 20), Fraction(19, 20))},
        where=_half_a_point,
        rivals={"half": _diffusion / 2},
    ),
    Claim(
        id="kimura1969.bound-everywhere",
        title="Time to fixation: too long for rare symbols as well",
        statement="The mean number of fits until one symbol is left is at most "
        "-2n [p log p + (1-p) log(1-p)] for every p.",
        reference=REFERENCE,
        entry="E9",
        mean=_diffusion,
        variance=_spread,
        relation="<=",
        over={n: integers(2, 10), p: reals(Fraction(1, 1000), Fraction(1, 100))},
        known_false="the formula tends to 0 with p, but one fit at least is made",
    ),
)
