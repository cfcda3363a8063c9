"""Expectations about one's own code: verdicts, budgets, the two ways to give samples."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.evidence import Design, Verdict
from numerics.streams import Stream
from numerics.suite import plan as plans
from numerics.suite.fixed import judge_array
from numerics.suite.texts import text_of
from numerics.testing import (
    ClaimRefuted,
    DependentReplicates,
    Inconclusive,
    VarianceRefuted,
    expect_at_least,
    expect_at_most,
    expect_equal_law,
    expect_law,
    expect_mean,
    expectations,
)
from theory.errors import ClaimError, InvalidInput


def ratio(rng, size, n):
    return rng.chisquare(n - 1, size) / n


def uniform(rng, size):
    return rng.random(size)


@pytest.fixture
def expect():
    with expectations("tests", salt="c0ffee") as record:
        yield record


def test_right_expectations_are_verified():
    with expectations(salt="c0ffee") as record:
        judged = [
            expect_mean(ratio, 0.9, 0.18, at={"n": 10}),
            expect_mean(uniform, 0.5, bounds=(0, 1)),
            expect_at_most(lambda rng, size: rng.random(size) < 0.03, 0.05, bounds=(0, 1)),
            expect_at_least(uniform, 0.4, 1 / 12),
            expect_law(uniform, lambda x: np.clip(x, 0, 1), epsilon=0.05),
            expect_equal_law(uniform, lambda rng, size: 1 - rng.random(size), epsilon=0.05),
        ]
    assert [each.verdict for each in judged] == [Verdict.VERIFIED] * 6
    assert len(record.findings) == 6


WRONG = {
    "mean": lambda: expect_mean(ratio, 1 - 1 / 9, 0.18, at={"n": 10}),
    "bounded mean": lambda: expect_mean(uniform, 0.52, bounds=(0, 1)),
    "at most": lambda: expect_at_most(uniform, 0.45, 1 / 12),
    "at least": lambda: expect_at_least(uniform, 0.55, bounds=(0, 1)),
    "law": lambda: expect_law(uniform, lambda x: np.clip(x, 0, 1) ** 1.1),
    "equal law": lambda: expect_equal_law(uniform, lambda rng, size: rng.random(size) ** 1.1),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_ones_are_refuted(expect, wrong):
    with pytest.raises(ClaimRefuted, match=r"measured|apart"):
        wrong()


def test_a_wrong_variance_is_told_apart(expect):
    with pytest.raises(VarianceRefuted, match=r"variance of one replicate: measured 0\.08"):
        expect_mean(uniform, 0.5, 1 / 24)


def test_an_expectation_is_judged_once_and_replays_its_verdict(expect):
    first = expect_mean(ratio, 0.9, 0.18, at={"n": 10})
    assert expect_mean(ratio, 0.9, 0.18, at={"n": 10}) is first
    assert expect_mean(ratio, 0.95, 0.095, at={"n": 20}) is not first


def test_the_same_salt_gives_the_same_draws_and_another_others():
    found = []
    for salt in ("aa", "aa", "bb"):
        with expectations(salt=salt):
            found.append(expect_mean(uniform, 0.5, 1 / 12).log_e)
    assert found[0] == found[1] != found[2]


def test_the_error_budget_of_a_test_is_shared_and_ends():
    with expectations(salt="c0ffee", evaluations=2) as record:
        for n in (10, 20):
            assert expect_mean(ratio, 1 - 1 / n, 2 * (n - 1) / n**2, at={"n": n}).draws
        with pytest.warns(Inconclusive, match="more than 2 evaluations"):
            third = expect_mean(ratio, 0.5, 1.0, at={"n": 30})
    assert third.verdict is Verdict.INCONCLUSIVE
    assert record.doubts


def test_inconclusive_is_a_warning_or_in_strict_mode_a_failure():
    with pytest.warns(Inconclusive, match="reached"), expectations(salt="c0ffee"):
        expect_mean(uniform, 0.5, 1 / 12, budget=2000)
    with (
        warnings.catch_warnings(action="ignore"),
        pytest.raises(AssertionError, match="INCONCLUSIVE"),
        expectations(salt="c0ffee", strict=True),
    ):
        expect_mean(uniform, 0.5, 1 / 12, budget=2000)


def test_bad_samplers_are_told_in_one_line(expect):
    with pytest.raises(ClaimError, match="not a function of its rng"):
        expect_mean(lambda rng, size: np.random.random(size), 0.5, 1 / 12)  # noqa: NPY002
    with pytest.raises(DependentReplicates, match="halves"):
        expect_mean(
            lambda rng, size: np.tile(rng.random(-(-size // 2)), 2)[:size], 0.5, bounds=(0, 1)
        )
    with pytest.raises(ClaimError, match="draw raised ZeroDivisionError"):
        expect_mean(lambda rng, size: 1 / 0, 0.5, 1 / 12)
    # A fault is the sampler's own: others are judged as before.
    assert expect_mean(uniform, 0.5, 1 / 12).verdict is Verdict.VERIFIED


def test_a_wrong_law_is_told_by_its_distance(expect):
    """Not by a mean, which nobody claimed: X^1.1 lies 0.0350 from X, two such samplers likewise."""
    for wrong in (WRONG["law"], WRONG["equal law"]):
        with pytest.raises(ClaimRefuted, match="the laws are") as raised:
            wrong()
        told = re.search(r"are ([\d.]+) \+- ([\d.]+) apart", str(raised.value))
        distance, error = map(float, told.groups())
        assert abs(distance - (10 / 11) ** 10 / 11) < 4 * error + 0.01
        assert "claimed" not in str(raised.value)


def recorded(mean, count, law="normal"):
    return Stream("c0ffee", law, {"mean": mean}).generator().normal(mean, 1.0, count)


def test_recorded_values_take_one_threshold_and_no_confirmation(expect):
    x = recorded(1.0, 60_000)
    judged = expect_mean(x, 1.0, 1.0, epsilon=0.05)
    assert judged.verdict is Verdict.VERIFIED
    assert judged.confirm_draws == 0
    with pytest.raises(ClaimRefuted):
        expect_mean(x, 1.1, 1.0)
    with pytest.raises(ClaimRefuted):
        expect_at_most(x, 0.9, 1.0)
    with pytest.raises(VarianceRefuted):
        expect_mean(x, 1.0, 0.5)
    with pytest.warns(Inconclusive), expectations(salt="c0ffee"):
        assert expect_mean(x[:500], 1.05, 1.0).verdict is Verdict.INCONCLUSIVE


def test_recorded_values_need_the_evidence_of_both_stages():
    """Evidence between e^L and e^(L+C) refutes a sampler's screen, but no recorded values."""
    design = Design()
    x = recorded(1.0, 20_000)
    for shift in np.linspace(0.02, 0.2, 60):
        judged = judge_array(x, mean=1.0 + shift, variance=1.0, design=design)
        best = max(judged.log_e.values())
        routes = np.log(len(judged.log_e))
        assert (judged.verdict is Verdict.REFUTED) == (best >= design.L + design.C + routes)


def test_recorded_values_are_refused_where_they_cannot_answer(expect):
    with pytest.raises(InvalidInput, match="two samplers"):
        expect_equal_law(recorded(0.0, 100), recorded(1.0, 100))
    with pytest.raises(InvalidInput, match="variance 0"):
        expect_mean(np.ones(10), 1.0, 0.0)
    with pytest.raises(InvalidInput, match="give a sampler"):
        expect_mean(recorded(0.0, 100), 0.0, 1.0, log_mellin=lambda s: s)
    with pytest.raises(InvalidInput, match="shape"):
        expect_mean(np.ones((3, 3)), 1.0, 1.0)


def test_what_a_sampler_closes_over_names_its_noise():
    def make(x):
        return lambda rng, size: x * rng.random(size)

    assert text_of(make(1)) == text_of(make(1))
    assert text_of(make(1)) != text_of(make(2))
    assert text_of(make(np.ones(3))) != text_of(make(np.zeros(3)))


def test_inside_hypothesis_every_example_has_noise_of_its_own_and_nothing_is_flaky():
    seen = {}

    @settings(max_examples=15, deadline=None, database=None)
    @given(n=st.integers(2, 50))
    def check(n):
        judged = expect_mean(
            ratio, 1 - 1 / n, 2 * (n - 1) / n**2, at={"n": n}, epsilon=0.1, label="ratio"
        )
        seen[n] = judged.log_e["two moments, above"]

    with expectations(salt="c0ffee") as record:
        check()
    assert len(record.findings) == len(seen)
    assert len(set(seen.values())) == len(seen)


def test_inside_hypothesis_a_wrong_expectation_is_shrunk():
    @settings(max_examples=40, deadline=None, database=None)
    @given(n=st.integers(2, 200))
    def check(n):
        # Right below 17, off by a tenth from there on.
        mean = (1 - 1 / n) * (1.1 if n >= 17 else 1.0)
        expect_mean(ratio, mean, 2 * (n - 1) / n**2, at={"n": n}, epsilon=0.05)

    with expectations(salt="c0ffee", evaluations=300), pytest.raises(ClaimRefuted, match="n = 17:"):
        check()


def test_thresholds_come_from_the_plan_of_the_run():
    before = plans.activate(replace(plans.Plan("c0ffee"), evaluations=10**9))
    try:
        with expectations():
            cautious = expect_mean(uniform, 0.5, 1 / 12)
    finally:
        plans.activate(before)
    with expectations(salt="c0ffee"):
        usual = expect_mean(uniform, 0.5, 1 / 12)
    assert "1000000000 evaluations" in cautious.guarantee
    assert cautious.draws > usual.draws
