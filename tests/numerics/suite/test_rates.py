"""Measured rates inside Hypothesis: correct claims stand, nothing is flaky, bugs are found.

The quick tests run the same code as the nightly ones, on fewer runs.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from scipy import stats

from numerics import witness
from numerics.evidence import Design, Verdict
from numerics.suite import plan as plans
from numerics.suite import propertybody
from numerics.suite.plan import Plan
from numerics.suite.prelude import Subject
from numerics.suite.record import Record
from numerics.testing import ClaimRefuted, property_test
from theory import Claim, integers

n = sp.Symbol("n", integer=True, positive=True)


def ratio(rng, size, n):
    return rng.chisquare(n - 1, size) / n


def step(sampler=ratio, name="mine.step"):
    return Claim(
        name,
        "E s^2 = 1 - 1/n",
        {n: integers(2, 200)},
        mean=1 - 1 / n,
        variance=2 * (n - 1) / n**2,
        draw=sampler,
    )


@contextmanager
def running(salt, cap=10_000):
    """A record as the plugin keeps it, under a salt of its own."""
    record = Record("test", Plan(salt), cap, reported=True)
    before = plans.activate(record.plan)
    try:
        with record.active():
            yield record
    finally:
        plans.activate(before)


@dataclass
class Rates:
    """What a number of Hypothesis runs came to."""

    outcomes: Counter
    unconfirmed: int
    points: int


def hypothesis_runs(claim, number, examples, design):
    """Run a property under many salts and seeds of Hypothesis."""
    outcomes, unconfirmed, points = Counter(), 0, 0
    for i in range(number):
        test = property_test(claim, points=examples, design=design)
        test = seed(i)(test)
        with running(f"run-{i}") as record:
            # The guards of the sampler have a test of their own; here they would only cost.
            record.seen.add(("prepared", witness.content(claim)))
            try:
                test()
                outcomes["passed"] += 1
            except ClaimRefuted:
                outcomes["refuted"] += 1
            except Flaky:
                outcomes["flaky"] += 1
        unconfirmed += sum(finding.judgement.unconfirmed for finding in record.findings)
        points += len(record.findings)
    return Rates(outcomes, unconfirmed, points)


# A first look decides: what is measured is the rate per point, not how sharp a point is.
CHEAP = Design(epsilon=0.2, budget=4096)
# A screen that lets correct points through as often as it may; the confirmation is as ever.
STRESS = Design(epsilon=0.05, budget=8192, evaluations=1, error=0.9)


@pytest.fixture(params=["with target", "without target"])
def targeting(request, monkeypatch):
    if request.param == "without target":
        monkeypatch.setattr(propertybody, "target", lambda value, label: None)


def test_a_correct_claim_never_fails_and_is_never_flaky(targeting):
    rates = hypothesis_runs(step(), 8, 30, CHEAP)
    assert rates.outcomes == {"passed": 8}
    assert rates.points > 8 * 20


@pytest.mark.nightly
def test_600_runs_of_100_examples_nightly(targeting):
    rates = hypothesis_runs(step(), 600, 100, CHEAP)
    assert rates.outcomes == {"passed": 600}


# The twin is in the test: without the confirmation, every run with an unconfirmed point would fail.
def check_stress(number, examples):
    rates = hypothesis_runs(step(), number, examples, STRESS)
    assert rates.unconfirmed > 0, "the design is no stress: nothing was screened"
    assert rates.outcomes == {"passed": number}
    return rates


def test_lowered_thresholds_let_points_through_the_screen_but_none_past_the_confirmation():
    check_stress(8, 30)


@pytest.mark.nightly
def test_stress_design_nightly(targeting):
    check_stress(600, 100)


def null_suites(number, design, salt="suite"):
    """Suites of three correct claims at four points each; how many screen any of them."""
    laws = [("a", ratio), ("b", ratio), ("c", ratio)]
    subjects = [Subject(step(law, f"mine.{name}")) for name, law in laws]
    accused = 0
    for i in range(number):
        plan = Plan(f"{salt}-{i}")
        sizes = (2 + (7 * i) % 90, 3 + (11 * i) % 150, 100, 2)
        judged = [
            subject.judge({"n": size}, plan, design)[0].judgement
            for subject in subjects
            for size in dict.fromkeys(sizes)
        ]
        accused += any(
            each.unconfirmed or each.verdict in (Verdict.REFUTED, Verdict.VARIANCE_REFUTED)
            for each in judged
        )
    return accused


FAMILY = Design(epsilon=0.3, budget=2048, evaluations=12, error=0.05, confirm_error=1)


def check_family_wise(number):
    accused = null_suites(number, FAMILY)
    assert stats.binomtest(accused, number, 0.05, alternative="greater").pvalue > 1e-4, accused


def test_the_family_wise_error_of_null_suites_stays_inside_a_lowered_bound():
    check_family_wise(60)


@pytest.mark.nightly
def test_the_family_wise_error_of_5000_null_suites_nightly():
    check_family_wise(5000)


def test_twin_thresholds_that_are_not_shared_break_the_family_wise_bound():
    unshared = Design(epsilon=0.1, budget=4096, evaluations=1, error=0.9, confirm_error=1)
    accused = null_suites(60, unshared)
    assert stats.binomtest(accused, 60, 0.05, alternative="greater").pvalue < 1e-4, accused


def localised(rng, size, n):
    """Off by 8 % in a twentieth of the domain."""
    return ratio(rng, size, n) * (1.08 if 60 <= n < 70 else 1.0)


def found_by_us(i, examples, design):
    """Whether a run finds the bug, and the draws it took."""
    test = seed(i)(property_test(step(localised), points=examples, design=design))
    with running(f"bug-{i}") as record:
        try:
            test()
            found = False
        except ClaimRefuted:
            found = True
    return found, sum(finding.judgement.draws for finding in record.findings)


def found_by_z_test(i, examples, draws):
    """Plain Hypothesis: the same draws shared evenly, |z| beyond a thousandth per run."""
    each = max(draws // examples, 2)
    limit = stats.norm.isf(0.5e-3 / examples)

    @seed(i)
    @settings(max_examples=examples, deadline=None, database=None)
    @given(n=st.integers(2, 200))
    def test(n):
        rng = np.random.default_rng([i, n])
        x = localised(rng, each, n)
        z = (x.mean() - (1 - 1 / n)) / np.sqrt(2 * (n - 1) / n**2 / each)
        assert abs(z) < limit

    try:
        test()
    except AssertionError:
        return True
    return False


def compare_power(runs, examples=60):
    design = Design(epsilon=0.05)
    ours = [found_by_us(i, examples, design) for i in range(runs)]
    # What a run costs that finds nothing: the z-test gets as many draws.
    cost = int(np.median([draws for found, draws in ours if not found] or [10**6]))
    theirs = sum(found_by_z_test(i, examples, cost) for i in range(runs))
    return sum(found for found, _ in ours), theirs


def test_a_localised_bug_is_found():
    ours, _ = compare_power(4)
    assert ours >= 1


@pytest.mark.nightly
def test_a_localised_bug_is_found_as_often_as_by_a_z_test_nightly():
    ours, theirs = compare_power(200)
    # Fisher's test: not fewer than by chance alone.
    table = [[ours, 200 - ours], [theirs, 200 - theirs]]
    assert stats.fisher_exact(table, alternative="less").pvalue > 0.01, (ours, theirs)
