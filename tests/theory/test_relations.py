"""Deterministic relations: each proof beside a false twin, enclosures beside many digits."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from theory.claim import Claim
from theory.domain import integers, reals, shares
from theory.enclosure import Unknown, enclose, exact
from theory.errors import ClaimError
from theory.positivity import polynomial_sign
from theory.relations import decide
from theory.subdivision import positive
from theory.symbols import N, f, k, n, t

x, y = sp.symbols("x y")
UNIT = reals(0, 1)
TENTH = sp.Rational(1, 10)


def verdict(relation: Any, over: dict[Any, Any], where: Any = ()) -> tuple[str, Any]:
    word, reason, point = decide(Claim("mine", "test", over=over, holds=relation, where=where))
    assert reason
    return word, point


def lt(left: Any, right: Any) -> Any:
    return sp.Lt(left, right, evaluate=False)


LOG = sp.log(1 - 1 / n)
TRUE_AND_FALSE = {
    # A strict relation fails where both sides are equal.
    "strict": (n**2 > 3, n**2 > 4, {n: integers(2, 50)}, {"n": 2}),
    "unequal": (sp.Ne(n, 77), sp.Ne(n, 7), {n: integers(2, 50)}, {"n": 7}),
    "closed end": (x < 1 + TENTH**30, x < 1, {x: UNIT}, {"x": 1}),
    "one by one": (lt(LOG, -1 / n), -1 / n - 3 / (5 * n**2) < LOG, {n: integers(2, 100)}, {"n": 2}),
    "large box": (lt(LOG, -1 / n), lt(LOG, -1 / n - TENTH**4), {n: integers(2, 10**5)}, None),
    "square": (x * (1 - x) <= Fraction(1, 4), x * (1 - x) < Fraction(1, 4), {x: UNIT}, None),
    "roots": (x**4 - x**2 + 1 > 0, x**4 - 2 * x**2 + 1 > 0, {x: reals()}, {"x": 1}),
    "two letters": (
        x**4 + y**4 - 3 * x * y + Fraction(1126, 1000) >= 0,
        x**4 + y**4 - 3 * x * y + 1 >= 0,
        {x: reals(0, 1), y: reals(0, 1)},
        None,
    ),
    "touching": (sp.exp(x) >= 1 + x, sp.exp(x) > 1 + x, {x: reals(-5, 5)}, {"x": 0}),
    "waves": (sp.sin(x) <= x, sp.sin(x) <= x * (1 - TENTH**6), {x: reals(0, 9)}, None),
    "two exponents": (
        (1 - 1 / n) ** t >= 1 - t / n,
        (1 - 1 / n) ** t > 1 - t / n,
        {n: integers(2, 100), t: integers(1, 100)},
        {"n": 2, "t": 1},
    ),
    "identity": (
        sp.Eq((n + 1) ** 2, n**2 + 2 * n + 1),
        sp.Eq(n**2, 4 * n - 4),
        {n: integers(2, 9)},
        {"n": 3},
    ),
    "shares": (
        f * (n - f) >= 0,
        f * n * (f * n - 1) > 0,
        {f: shares(n, Fraction(1, 100)), n: integers(7, 7)},
        {"f": Fraction(1, 7), "n": 7},
    ),
    "jump": (
        sp.Heaviside(n - 3) <= 1,
        lt(sp.Heaviside(n - 3), 1),
        {n: integers(1, 5)},
        {"n": 4},
    ),
}


@pytest.mark.parametrize("name", TRUE_AND_FALSE)
def test_true_relations_are_proved_and_their_twins_refuted(name: str) -> None:
    true, false, over, where = TRUE_AND_FALSE[name]
    assert verdict(true, over) == ("PROVED", None)
    word, point = verdict(false, over)
    assert word == "REFUTED"
    claim = Claim("mine", "test", over=over, holds=false)
    assert claim.admits(point)
    if where is not None:
        assert point == where
    swap = {s: sp.Rational(point[s.name]) for s in false.free_symbols}
    assert not bool(false.subs(swap))


@pytest.mark.parametrize(("low", "high"), [(True, False), (False, True), (True, True)])
def test_open_ends_are_respected(low: bool, high: bool) -> None:
    open_ended = {x: reals(0, 1, open_low=low, open_high=high)}
    for relation, left_out in ((x > 0, low), (x < 1, high), (x * (1 - x) > 0, low and high)):
        assert verdict(relation, open_ended)[0] == ("PROVED" if left_out else "REFUTED")
    logarithm = verdict(sp.log(x) < x, open_ended)[0]
    assert logarithm == ("PROVED" if low else "SILENT")  # undefined at an included zero


def test_constraints_are_used_and_needed() -> None:
    over = {n: integers(1), N: integers(1)}
    assert verdict(n + 1 <= N, over, (n < N,))[0] == "PROVED"
    assert verdict(n + 1 <= N, over, (n <= N,)) == ("REFUTED", {"n": 1, "N": 1})
    assert verdict(n + 1 <= N, over)[0] == "REFUTED"
    box = {x: UNIT, y: UNIT}
    assert verdict(sp.exp(x) <= sp.exp(y) * 2, box, (x <= TENTH,))[0] == "PROVED"
    assert verdict(sp.exp(x) <= sp.exp(y) * 2, box)[0] == "REFUTED"


def test_what_is_not_settled_is_left_open() -> None:
    assert verdict(lt(LOG, -1 / n), {n: integers(2)})[0] == "SILENT"  # true, and no proof here
    assert verdict(1 / x > 0, {x: UNIT})[0] == "SILENT"  # undefined at 0
    assert verdict(sp.zeta(x) > 1, {x: reals(2, 3)})[0] == "SILENT"
    # A difference below the error of 40 digits is no refutation.
    near = sp.besseli(0, x) * (1 - TENTH**30)
    assert verdict(near >= sp.besseli(0, x), {x: reals(1, 2)})[0] == "SILENT"
    assert verdict(near >= sp.besseli(0, x) + TENTH**9, {x: reals(1, 2)})[0] == "REFUTED"


def test_assumptions_that_contradict_the_domain_prove_nothing() -> None:
    positive_x = sp.Symbol("z", positive=True)
    relation = sp.Ge(sp.sqrt(positive_x**2) + 1, 0, evaluate=False)
    assert verdict(relation, {positive_x: reals(0, 1, open_low=True)})[0] == "PROVED"
    assert verdict(relation, {positive_x: reals(-9, 1)})[0] == "SILENT"
    kept = sp.Ge(n, 1, evaluate=False)
    assert verdict(kept, {n: integers(1, 3)})[0] == "PROVED"
    assert verdict(kept, {n: reals(Fraction(1, 2), 3)})[0] == "SILENT"


DECIDED = {
    "one object twice": sp.Eq(LOG, LOG),
    "under an assumption": sp.Ge(n, 1),
    "false at once": sp.Eq(x, x + 1),
    "Python's ==": (x + 1) ** 2 == x**2 + 2 * x + 1,
    "a bare True": True,
}


@pytest.mark.parametrize("name", DECIDED)
def test_what_is_decided_as_it_is_written_is_no_claim(name: str) -> None:
    """Whether by a slip of the pen or under an assumption: True would count as a proof."""
    with pytest.raises(ClaimError, match="evaluate=False") as raised:
        Claim("mine", "test", over={n: integers(1), x: UNIT}, holds=DECIDED[name])
    assert "\n" not in str(raised.value)
    with pytest.raises(ClaimError, match="evaluate=False"):
        Claim("mine", "test", over={n: integers(1)}, holds=(sp.Lt(1 / n, 2), DECIDED[name]))


@pytest.mark.parametrize("text", ["x > 0", "n**2"])
def test_text_is_never_evaluated(text: str) -> None:
    for words in ({"holds": text}, {"holds": x > 0, "where": (text,)}):
        with pytest.raises(ClaimError, match="as a SymPy expression, not as text"):
            Claim("mine", "test", over={x: UNIT}, **words)


DIVERGES = sp.Lt(sp.Sum(1 / k, (k, 2, sp.oo)), sp.oo, evaluate=False)


@pytest.mark.parametrize(
    "travel",
    [
        lambda c: pickle.loads(pickle.dumps(c)),
        copy.copy,
        copy.deepcopy,
        lambda c: replace(c, id="b"),
    ],
    ids=["pickle", "copy", "deepcopy", "replace"],
)
def test_a_relation_that_travels_stays_as_it_was_written(travel: Any) -> None:
    """SymPy decides a relation that it puts together again, under the symbols' assumptions."""
    loose = sp.Symbol("n")  # no assumption yet: the alphabet's n is an integer and positive
    claim = Claim("mine", "test", over={n: reals(-1, 3)}, holds=sp.Ge(loose, 1, evaluate=False))
    series = Claim("series", "test", holds=DIVERGES)
    kept = Claim("where", "test", {n: reals(-1, 3)}, holds=n < 4, where=sp.Gt(n, 0, evaluate=False))
    assert pickle.loads(pickle.dumps(sp.Ge(n, 1, evaluate=False))) is sp.true  # the danger
    for each in (claim, series, kept):
        there = travel(each)
        assert (there.holds, there.where) == (each.holds, each.where)
        assert decide(there) == decide(each)
    assert decide(travel(series))[0] == "REFUTED"
    assert not travel(kept).admits({"n": -1})


ARCS = sp.asin(x / 3) + sp.atan(2 * x)


def test_arcs_are_enclosed() -> None:
    true, false = lt(ARCS, sp.Rational(145, 100)), lt(ARCS, sp.Rational(144, 100))
    assert float(ARCS.subs(x, 1)) == pytest.approx(1.4469856)
    assert verdict(true, {x: UNIT}) == ("PROVED", None)
    assert verdict(false, {x: UNIT}) == ("REFUTED", {"x": 1})
    assert verdict(lt(sp.asin(x), 2), {x: reals(0, 2)})[0] != "PROVED"


@settings(deadline=None, max_examples=60)
@given(
    roots=st.lists(st.fractions(-2, 3, max_denominator=6), min_size=0, max_size=4),
    lift=st.fractions(-1, 1, max_denominator=8),
    strict=st.booleans(),
    ends=st.tuples(st.booleans(), st.booleans()),
)
def test_signs_of_polynomials_are_never_wrong(
    roots: list[Fraction], lift: Fraction, strict: bool, ends: tuple[bool, bool]
) -> None:
    """Against the exact count of roots; every sign that is claimed holds on a fine grid."""
    polynomial = sp.prod([x - sp.Rational(r) for r in roots]) + sp.Rational(lift)
    box = {"x": reals(0, 1, open_low=ends[0], open_high=ends[1])}
    found = polynomial_sign(sp.expand(polynomial), box, strict=strict)
    places = [Fraction(i, 120) for i in range(121)]
    values = [exact(polynomial, {"x": p}) for p in places if p in box["x"]]
    if found is not None:
        assert all(v is not None and (found * v > 0 if strict else found * v >= 0) for v in values)
    elif all(v is not None and v > Fraction(1, 50) for v in values):
        raise AssertionError("a polynomial of one letter is decided by its roots")


EXPRESSIONS = [
    sp.exp(x * y) / (1 + x**2),
    sp.log(2 + x) ** 3 - sp.sqrt(x + 3) * y,
    sp.sin(x + y) * sp.cos(3 * x) - sp.pi * x,
    (x + 3) ** y + sp.E * sp.Abs(x - y),
    (x - y) ** 4 * (x + y) ** 3 - sp.Max(x, y, 0),
    (4 + x) ** sp.Rational(-2, 3) + (x * y) ** 2,
]
FRACTIONS = st.fractions(-2, 2, max_denominator=40)


@settings(deadline=None, max_examples=60)
@given(
    which=st.sampled_from(EXPRESSIONS),
    corner=st.tuples(FRACTIONS, FRACTIONS),
    width=st.tuples(st.fractions(0, 1, max_denominator=9), st.fractions(0, 1, max_denominator=9)),
    share=st.tuples(st.fractions(0, 1, max_denominator=9), st.fractions(0, 1, max_denominator=9)),
)
def test_enclosures_hold_the_value(which: Any, corner: Any, width: Any, share: Any) -> None:
    names = ("x", "y")
    box = {s: (c, c + w) for s, c, w in zip(names, corner, width, strict=True)}
    point = {s: c + w * q for s, c, w, q in zip(names, corner, width, share, strict=True)}
    value = enclose(which, box)
    swap = {s: sp.Rational(point[s.name]) for s in (x, y)}
    with mp.workdps(60):
        truth = sp.N(which.subs(swap), 50)._to_mpmath(160)
        assert mp.make_mpf(value._mpi_[0]) <= truth <= mp.make_mpf(value._mpi_[1])
        tight = enclose(which, {s: (p, p) for s, p in point.items()}, 120)
        low, high = (mp.make_mpf(end) for end in tight._mpi_)
        assert low <= truth <= high
        assert high - low < mp.mpf(10) ** -25  # and says something


@pytest.mark.parametrize(
    ("expression", "box"),
    [
        (1 / x, (-1, 1)),
        (1 / x, (0, 1)),
        (sp.log(x), (0, 1)),
        (sp.sqrt(x), (-1, 1)),
        (x**y, (1, 2)),
        (sp.gamma(x), (-1, 1)),
    ],
)
def test_what_may_be_undefined_has_no_enclosure(expression: Any, box: tuple[int, int]) -> None:
    with pytest.raises(Unknown):
        enclose(expression, {"x": (Fraction(box[0]), Fraction(box[1]))})


def test_long_powers_are_not_written_out() -> None:
    assert exact(2**n, {"n": 10**9}) is None
    assert exact(sp.factorial(n), {"n": 10**9}) is None
    assert verdict(2**n > n, {n: integers(10**9, 10**9 + 3)})[0] == "PROVED"


def test_a_pole_between_is_not_stepped_over() -> None:
    """log(x - 1/2) - log(2x - 1) is constant where it is defined; half the box has no value."""
    gap = sp.log(x - sp.Rational(1, 2)) - sp.log(2 * x - 1) + 1
    assert not positive(gap, {"x": reals(0, 1)}, strict=True).proved
    assert positive(gap, {"x": reals(Fraction(3, 4), 1)}, strict=True).proved


def test_cutting_up_is_capped_and_deterministic() -> None:
    gap = sp.sqrt(x**2 + 1) - x
    first = positive(gap, {"x": reals(0, 10**6)}, strict=True)
    assert not first.proved
    assert first == positive(gap, {"x": reals(0, 10**6)}, strict=True)
    assert positive(gap, {"x": reals(0, 3)}, strict=True).proved
