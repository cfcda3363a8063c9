"""Random points of a domain: their law, and what has none."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from numerics.streams import Stream
from numerics.suite.randompoints import random_points
from numerics.testing import ClaimRefuted, certify, verify
from theory.claim import Claim
from theory.domain import integers, reals, shares
from theory.errors import InvalidInput
from theory.family import Family
from theory.symbols import d, f, n, t
from theory.vocabulary import FreshReal


def points(count, law, over, where=()):
    claim = Claim("mine", "s", over, mean=1, variance=1, draw=max, where=where)
    source = random_points(claim, Stream("c0ffee", law).generator(), law)
    return [next(source) for _ in range(count)]


def test_uniform_points_are_uniform():
    x = sp.Symbol("x")
    found = points(1200, "uniform", {n: integers(2, 5), x: reals(0, 2), f: shares(n)}, (n > x,))
    counts = np.bincount([at["n"] for at in found], minlength=6)[2:]
    assert (abs(counts - 300) < 5 * np.sqrt(225)).all()
    assert abs(np.mean([at["x"] for at in found]) - 1) < 5 * 2 / np.sqrt(12 * 1200)
    assert {at["f"] for at in found if at["n"] == 2} == {0, Fraction(1, 2), 1}


def test_log_uniform_points_give_every_power_of_ten_its_weight():
    found = points(3000, "log-uniform", {n: integers(1, 9999), "x": reals(Fraction(1, 100), 100)})
    decades = np.bincount([len(str(at["n"])) for at in found], minlength=5)[1:]
    assert (abs(decades - 750) < 5 * np.sqrt(3000 * 3 / 16)).all()
    below = sum(at["x"] < 1 for at in found)
    assert abs(below - 1500) < 5 * np.sqrt(750)
    assert max(at["n"] for at in found) <= 9999


def test_the_last_integer_has_its_share_of_a_log_uniform_law():
    """Its cell reaches from log 3 to log 4, as that of 1 reaches from 0 to log 2."""
    found = points(2000, "log-uniform", {n: integers(1, 3)})
    for j in (1, 2, 3):
        share = np.log((j + 1) / j) / np.log(4)
        count = sum(at["n"] == j for at in found)
        assert abs(count - 2000 * share) < 5 * np.sqrt(2000 * share * (1 - share)), j
    # The twin: uniform points are nearly all in the last decade.
    flat = points(3000, "uniform", {n: integers(1, 9999)})
    assert sum(at["n"] >= 1000 for at in flat) > 2500


@pytest.mark.parametrize(
    ("law", "over", "where", "message"),
    [
        ("uniform", {n: integers(2)}, (), "no uniform law on .* domain of n"),
        ("log-uniform", {n: integers(2)}, (), "two positive ends"),
        ("log-uniform", {"x": reals(0, 1)}, (), "two positive ends"),
        ("uniform", {n: integers(2, 9), d: integers(2, 9)}, (n > 9 * d,), "meets its constraints"),
        ("normal", {n: integers(2, 9)}, (), "accepted: uniform, log-uniform"),
    ],
)
def test_what_has_no_such_law_is_told_in_one_line(law, over, where, message):
    with pytest.raises(InvalidInput, match=message) as raised:
        points(1, law, over, where)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("equals", "verdict"), [(1 - 1 / n, "VERIFIED"), (1 - 2 / n, "REFUTED")])
def test_shares_of_fresh_real_points_are_whole_numbers_of_them(equals, verdict):
    """A claim that says "f between 0.1 and 0.9" can be certified, and be tested by `verify`."""
    over = {n: integers(4, 40), f: reals(0.1, 0.9), t: integers(1, 1)}
    claim = Claim("mine", "s", over, family=Family(FreshReal), quantity="variance", equals=equals)
    drawn = random_points(claim, Stream("c0ffee", "fresh").generator())
    assert all((at["f"] * at["n"]).denominator == 1 for at in itertools.islice(drawn, 50))
    assert certify(claim, 0.5, epsilon=0.1, salt="c0ffee").verdict == verdict

    @verify(claim, points=2, epsilon=0.1)
    def test(): ...

    if verdict == "VERIFIED":
        test()
    else:
        with pytest.raises(ClaimRefuted):
            test()
