"""Shrink candidates cost little, and what is refuted is confirmed as ever."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import settings

from numerics import checking
from numerics.checking import check
from numerics.evidence import Design, Verdict
from numerics.shrinking import DRAWS, FACTOR, candidate_design
from numerics.suite import plan as plans
from numerics.suite.record import Record
from numerics.testing import ClaimRefuted, verify
from theory import Claim, integers

n = sp.Symbol("n", integer=True, positive=True)

# False everywhere, by n thousandths: the smaller n, the more draws a refutation takes.
CLAIM = Claim(
    "mine.slope",
    "E X = 0",
    {n: integers(1, 1000)},
    mean=0,
    variance=1,
    draw=lambda rng, size, n: rng.standard_normal(size) + n / 1000,
)


def spread_of_candidates(points):
    """The draws of the candidates, and the first refutation's own screen."""
    fallen = [i for i, p in enumerate(points) if p.judgement.verdict is Verdict.REFUTED]
    first = points[fallen[0]].judgement
    return first.screen_draws, [p.judgement for p in points[fallen[0] + 1 :]]


def test_candidates_keep_to_their_draws_and_refutations_are_confirmed():
    evidence = check(CLAIM, salt="c0ffee")
    assert evidence.verdict is Verdict.REFUTED
    first, candidates = spread_of_candidates(evidence.simulation.points)
    largest = max(DRAWS, FACTOR * first)
    assert len(candidates) > 5
    assert max(each.screen_draws for each in candidates) <= largest
    open_ = [each for each in candidates if each.verdict is Verdict.INCONCLUSIVE]
    assert open_, "no candidate came near the edge"
    assert all(each.unconfirmed or "being shrunk" in each.note for each in open_)
    for each in candidates:
        if each.verdict is Verdict.REFUTED:
            assert each.confirm_log_e >= Design().C
    # The counterexample itself is well inside what is false, not on the edge of what can be told.
    found = evidence.counterexample
    assert abs(found.measured - found.claimed) > 3 * found.standard_error


def test_twin_without_a_limit_candidates_at_the_edge_take_everything(monkeypatch):
    monkeypatch.setattr(checking, "candidate_design", lambda design, draws: design)
    evidence = check(CLAIM, salt="c0ffee")
    first, candidates = spread_of_candidates(evidence.simulation.points)
    assert max(each.screen_draws for each in candidates) > 2 * max(DRAWS, FACTOR * first)


def nothing():
    pass


def test_properties_shrink_at_the_same_price():
    record = Record("test", plans.Plan("c0ffee", profile="ci"), reported=True, cap=300)
    before = plans.activate(record.plan)
    try:
        with record.active(), pytest.raises(ClaimRefuted, match="fresh draws"):
            verify(CLAIM)(settings(max_examples=30, database=None)(nothing))()
    finally:
        plans.activate(before)
    first, candidates = spread_of_candidates(record.findings)
    assert max(each.screen_draws for each in candidates) <= max(DRAWS, FACTOR * first)
    assert not record.doubts


@pytest.mark.parametrize("draws", [1024, 10**5, 10**6])
def test_a_hard_refutation_leaves_its_candidates_room(draws):
    design = Design(budget=10**7)
    budget = candidate_design(design, draws).budget
    assert budget >= FACTOR * draws
    assert candidate_design(Design(budget=2048), draws).budget == 2048
    small = candidate_design(design, draws)
    assert (small.L, small.C, small.epsilon) == (design.L, design.C, design.epsilon)
