"""Planted faults are found where their gap shows, and honestly not where it does not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sympy as sp

from numerics import witness
from numerics.checking import check
from numerics.rivalry import PROMISED, own
from numerics.rivalry.own import moments_at
from theory import shelf
from theory.claim import Claim
from theory.domain import integers
from theory.symbols import n

SALT = "5eed"


def draw(rng: np.random.Generator, size: int, n: int) -> Any:
    return rng.chisquare(n - 1, size) / n


def step(low: int, high: int, **rivals: sp.Expr) -> Claim:
    return Claim(
        id="mine.step",
        statement="E s^2 = (1 - 1/n) sigma^2",
        over={n: integers(low, high)},
        mean=1 - 1 / n,
        variance=2 * (n - 1) / n**2,
        draw=draw,
        rivals=rivals,
    )


def test_every_promised_rival_of_a_step_falls_and_is_shrunk() -> None:
    evidence = check(step(2, 200), salt=SALT, points=4, rivals=True)
    assert evidence.rivals
    promised = [rival for rival in evidence.rivals if rival.promised]
    assert len(promised) >= 4
    assert all(rival.refuted for rival in promised)
    smallest = {rival.name: rival.smallest for rival in promised}
    assert {"n": 2} in smallest.values()


def test_a_rival_that_no_budget_sees_is_not_reported_refuted() -> None:
    near = (1 - 1 / n) * (1 + sp.Rational(1, 10**7))
    evidence = check(step(50, 60, misprint=near), salt=SALT, points=2, rivals=True)
    misprint = next(r for r in evidence.rivals if r.expression == str(near))
    assert not misprint.refuted
    assert misprint.status == "too small a gap"
    assert misprint.gap < PROMISED * 0.01
    assert misprint.needed > 10**9


def test_a_rival_that_is_the_claim_in_disguise_is_not_refuted() -> None:
    # The twin of the first test: what is true is not killed.
    disguised = sp.Mul(n - 1, 1 / n, evaluate=False)
    evidence = check(step(2, 200, disguise=disguised), salt=SALT, points=2, rivals=True)
    assert not any(r.refuted for r in evidence.rivals if r.expression == str(disguised))


def test_algebra_answers_where_simulation_cannot_judge() -> None:
    evidence = check(shelf.find("kazdan2025.subsample"), salt=SALT, points=2, rivals=True)
    assert evidence.simulation is None
    assert {rival.status for rival in evidence.rivals} == {"refuted by algebra"}


def test_rivals_are_the_same_again() -> None:
    once, again = (check(step(2, 99), salt=SALT, points=2, rivals=True) for _ in range(2))
    assert [r.to_json() for r in once.rivals] == [r.to_json() for r in again.rivals]


def test_rivals_share_draws_and_moments_that_are_the_claims_own(monkeypatch):
    claim, at = shelf.find("folklore.mean-square"), {"n": 5}
    bench = own.Bench(claim, "c0ffee")
    draws = bench.draws(at)
    first = draws("screen", 0, 1000)
    assert draws("screen", 0, 1000) is first
    assert (first == witness.of_sampler(claim, at, "c0ffee")("screen", 0, 1000)).all()
    assert (draws("confirm", 0, 1000) != first).any()
    assert (bench.draws({"n": 6})("screen", 0, 1000) != first).any()
    assert bench.moments(at) == own.moments_at(claim, at)
    monkeypatch.setattr(own, "LARGEST_STORE", 999)  # what is not kept is drawn again, alike
    again = own.Bench(claim, "c0ffee").draws(at)
    assert (again("screen", 0, 1000) == first).all()
    assert again("screen", 0, 1000) is not again("screen", 0, 1000)


def test_bounds_stand_in_for_a_variance_that_is_not_claimed() -> None:
    """Of all laws between them with this mean, the largest: two points."""
    words: Any = {"mean": 1 / n, "draw": max, "over": {n: integers(2, 9)}}
    bounded = moments_at(Claim("mine", "s", bounds=(-1, 3), **words), {"n": 5})
    assert bounded is not None
    assert bounded.variance == pytest.approx((0.2 + 1) * (3 - 0.2))
    assert bounded.scale == pytest.approx(math.hypot(0.2, bounded.variance**0.5))
    own = moments_at(Claim("mine", "s", bounds=(-1, 3), variance=2, **words), {"n": 5})
    assert own is not None
    assert own.variance == 2
