"""Barycentres of Gaussians in any directions, derived for this catalogue: G1 to G3, G5, G6, H3.

A symmetric positive M takes N(0, S) to N(0, MSM) and is the optimal map, so that identities of maps
are identities of such matrices; they are stated in the plane, in the axes of S. What has no closed
form is stated for random silos: three second moments of 2d normal points each.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.shelf._notation import DERIVED
from theory.symbols import d

ROUND = Reference(
    "Alvarez-Esteban et al.",
    2016,
    title="A fixed-point approach to barycenters in Wasserstein space",
    note="iteration as recalled; checked here",
)
v, w, p, h, s, share = sp.symbols("v w p h s share", positive=True)
q, x, y, z = sp.symbols("q x y z", real=True)
rounds = sp.Symbol("rounds", integer=True, positive=True)

_size, _turn = reals(Fraction(1, 10), 4), reals(-2, 2)
_start = sp.diag(v**2, w**2)
# Any symmetric positive matrix: h is its determinant over p.
_map = sp.Matrix([[p, q], [q, q**2 / p + h]])
_plane = {v: _size, w: _size, p: _size, h: _size, q: _turn}
_eye = sp.eye(2)


def _is_optimal(matrix: sp.Matrix, image: sp.Matrix) -> tuple[sp.Basic, ...]:
    """That the optimal map from N(0, S) to N(0, MSM), M the matrix, is the image.

    It is S^-1/2 (S^1/2 MSM S^1/2)^1/2 S^-1/2. The inner root is that of Y^2, Y = S^1/2 M S^1/2, by
    Cayley and Hamilton (Y^2 + det Y)/r with r^2 = Tr Y^2 + 2 det Y; r is stated to be Tr Y.
    """
    root, back = sp.diag(v, w), sp.diag(1 / v, 1 / w)
    square = root * matrix * _start * matrix * root
    size, total = v**2 * w**2 * matrix.det(), (matrix * _start).trace()
    return (
        sp.Eq(square.trace() + 2 * size, total**2, evaluate=False),
        *_equal(back * (square + size * _eye) * back, total * image),
    )


def _equal(left: sp.Matrix, right: sp.Matrix) -> tuple[sp.Basic, ...]:
    return tuple(
        sp.Eq(left[i, j], right[i, j], evaluate=False) for i, j in ((0, 0), (0, 1), (1, 1))
    )


def _cost(matrix: sp.Matrix) -> sp.Expr:
    """Squared W2 from N(0, S) to N(0, MSM)."""
    return ((matrix - _eye) * _start * (matrix - _eye)).trace()


def _trace(matrix: sp.Matrix) -> sp.Expr:
    return (matrix * _start * matrix).trace()


_between = (1 - s) * _eye + s * _map
# Two maps with the mean I: S is then the barycentre of their ends.
_away = sp.Matrix([[x, y], [y, z]])
_one, _two = _eye + share * _away, _eye - (1 - share) * _away
_random = {d: integers(2, 3)}
_later = {**_random, rounds: integers(2, 4)}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="derived.map-to-image",
        title="Linear Scheme I is one round of Scheme II",
        statement="The optimal map from N(0, S) to N(0, MSM) is M. One round of the server moves "
        "the candidates' S by the mean M of the maps to the silos: the dual to what it makes is "
        "the mean of the duals to the silos, and no experiment tells the two schemes apart.",
        reference=DERIVED,
        entry="H3",
        holds=_is_optimal(_map, _map),
        over=_plane,
    ),
    Claim(
        id="derived.geodesic-gradient",
        title="Gradients along a geodesic are in proportion",
        statement="The map to the law at s on the way to N(0, MSM) is (1-s) I + s M, so that T - I "
        "is s (M - I): the ranking of candidates by a rebuilt proxy does not depend on s.",
        reference=DERIVED,
        entry="G6",
        holds=_is_optimal(_between, _eye + s * (_map - _eye)),
        over={**_plane, s: reals(Fraction(1, 10), 1)},
    ),
    Claim(
        id="derived.geodesic-plane",
        title="Variance along the geodesic, any directions",
        statement="Along the geodesic from A to B the trace is (1-s) Tr A + s Tr B - s(1-s) W2^2.",
        reference=DERIVED,
        entry="G5",
        holds=sp.Eq(
            _trace(_between),
            (1 - s) * _start.trace() + s * _trace(_map) - s * (1 - s) * _cost(_map),
            evaluate=False,
        ),
        over={**_plane, s: reals(0, 1)},
    ),
    Claim(
        id="derived.barycentre-variance-plane",
        title="A barycentre lacks the Frechet variance, any directions",
        statement="The mean trace of two laws is that of their barycentre plus their Frechet "
        "variance.",
        reference=DERIVED,
        entry="G2",
        holds=sp.Eq(
            (1 - share) * _trace(_one) + share * _trace(_two),
            _start.trace() + (1 - share) * _cost(_one) + share * _cost(_two),
            evaluate=False,
        ),
        over={
            v: _size,
            w: _size,
            share: reals(Fraction(1, 20), Fraction(19, 20)),
            **dict.fromkeys((x, y, z), reals(-1, 1)),
        },
    ),
    Claim(
        id="derived.round-gain",
        title="A round takes away what it moves",
        statement="A round of the barycentre's server from S to S' lowers the Frechet variance by "
        "at least W2^2(S, S').",
        reference=ROUND,
        entry="G1",
        mean=sp.Integer(1),
        bounds=(0, 2),
        relation="<=",
        over=_random,
        rivals={"half of it": sp.Rational(1, 2)},
    ),
    Claim(
        id="derived.round-trace",
        title="After the first round the trace grows",
        statement="From the second round on the trace of the centre does not fall.",
        reference=ROUND,
        entry="G1",
        mean=sp.Integer(1),
        bounds=(0, 2),
        relation="<=",
        over=_later,
        rivals={"it doubles": sp.Rational(1, 2)},
    ),
    Claim(
        id="derived.round-determinant",
        title="After the first round the determinant grows (as one might think)",
        statement="From the second round on the determinant of the centre never falls.",
        reference=DERIVED,
        entry="G1",
        mean=sp.Integer(0),
        bounds=(0, 1),
        scale=sp.Integer(1),
        relation="<=",
        over=_later,
        known_false="it falls in about half of the second rounds between random silos; what grows "
        "is the trace (derived.round-trace)",
    ),
    Claim(
        id="derived.barycentre-determinant",
        title="Determinant of a barycentre",
        statement="In the plane log det of the barycentre is at least the mean log det of the "
        "silos.",
        reference=DERIVED,
        entry="G3",
        mean=sp.Integer(1),
        bounds=(0, 2),
        relation="<=",
        over={},
        rivals={"half": sp.Rational(1, 2)},
    ),
    Claim(
        id="derived.barycentre-below-mean",
        title="A barycentre lies below the mean covariance",
        statement="In no direction of the plane has the barycentre more variance than the silos "
        "have on average.",
        reference=DERIVED,
        entry="G3",
        mean=sp.Integer(1),
        bounds=(0, 2),
        relation="<=",
        over={},
        rivals={"half": sp.Rational(1, 2)},
    ),
)
