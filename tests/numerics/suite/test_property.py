"""Properties from claims: what they judge, how they fail, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import sympy as sp
from hypothesis import example, find, seed, settings

from numerics.evidence import Design, Verdict
from numerics.suite import plan as plans
from numerics.suite.moments import check_moments
from numerics.suite.plan import Plan
from numerics.suite.record import Inconclusive, Record, _ambient
from numerics.testing import (
    ClaimRefuted,
    VarianceRefuted,
    certify,
    covariances,
    property_test,
    schedules,
    verify,
)
from theory import Claim, Family, Replace, Setting, integers, reals, shelf
from theory.errors import ClaimError, InvalidInput

n, t, d, sigma_0 = (sp.Symbol(name, positive=True) for name in ("n", "t", "d", "sigma_0"))
OVER = {n: integers(2, 200)}


def draw(rng, size, n):
    return rng.chisquare(n - 1, size) / n


def step(mean=1 - 1 / n, variance=2 * (n - 1) / n**2, over=None, sampler=draw, **others):
    return Claim(
        "mine.step",
        "E s^2 = 1 - 1/n",
        over or OVER,
        mean=mean,
        variance=variance,
        draw=sampler,
        **others,
    )


@contextmanager
def recorded(salt="c0ffee", cap=300, **changes) -> Iterator[Record]:
    """What the plugin does around a test."""
    record = Record("test", Plan(salt, **changes), cap, reported=True)
    before = plans.activate(record.plan)
    try:
        with record.active():
            yield record
    finally:
        plans.activate(before)


def verdicts(record):
    return {finding.judgement.verdict for finding in record.findings}


def test_a_right_claim_is_verified_at_distinct_points():
    with recorded() as record:
        property_test(step(), points=12)()
    assert verdicts(record) == {Verdict.VERIFIED}
    points = [finding.at["n"] for finding in record.findings]
    assert len(points) == len(set(points)) > 3


def test_the_decorated_function_may_be_the_sampler():
    with recorded() as record:

        @verify(step(sampler=None), points=3)
        def test_mine(rng, size, n):
            return rng.chisquare(n - 1, size) / n

        test_mine()
        assert test_mine.__name__ == "test_mine"
    assert verdicts(record) == {Verdict.VERIFIED}


def test_a_wrong_claim_is_shrunk_and_the_worst_point_is_named():
    """Wrong from n = 40 on, most of all at n = 200."""

    def drifting(rng, size, n):
        return rng.chisquare(n - 1, size) / n * (1 + max(0, n - 30) / 1000)

    with recorded() as record, pytest.raises(ClaimRefuted) as caught:
        seed(2)(property_test(step(sampler=drifting), points=60, epsilon=0.02))()
    said = str(caught.value)
    smallest = record.smallest[next(iter(record.smallest))].at["n"]
    assert 31 <= smallest < 80
    assert f"smallest: n = {smallest}: claimed" in said
    assert f"to pin it: @example(at={{'n': {smallest}}})" in said
    worst = max(f.at["n"] for f in record.findings if f.judgement.verdict is Verdict.REFUTED)
    assert f"worst:    n = {worst}: claimed" in said


def test_a_wrong_variance_is_an_exception_of_its_own():
    with recorded(), pytest.raises(VarianceRefuted, match="variance of one replicate"):
        property_test(step(variance=(n - 1) / n**2), points=5)()


def test_only_refutations_raise_and_what_is_open_is_a_warning_without_the_plugin():
    before = plans.activate(Plan("c0ffee", budget=2000))
    # As if the plugin were not there: it would report, so nothing would warn.
    token = _ambient.set(None)
    try:
        with pytest.warns(Inconclusive, match="INCONCLUSIVE at n = "):
            property_test(step(), points=2)()
    finally:
        _ambient.reset(token)
        plans.activate(before)


def test_an_example_is_tried_and_validated():
    seen = []

    @example(at={"n": 77})
    @verify(step(), points=1)
    def test_mine(n):
        seen.append(n)

    with recorded():
        test_mine()
    assert seen[0] == 77

    @example(at={"n": 1})
    @verify(step(), points=1)
    def test_outside(n):
        pass

    with recorded(), pytest.raises(InvalidInput, match="n = 1 is not an integer"):
        test_outside()


def test_settings_go_below_and_keep_what_the_test_needs():
    @verify(step())
    @settings(max_examples=3)
    def test_mine(n):
        pass

    used = test_mine._hypothesis_internal_use_settings
    assert (used.max_examples, used.deadline, used.report_multiple_bugs) == (3, None, False)


def test_the_body_is_called_where_the_claim_stands_and_may_fail():
    @verify(step(), points=3)
    def test_mine(n, judgement):
        assert judgement.verdict is Verdict.VERIFIED
        raise KeyError("mine")

    with recorded(), pytest.raises(KeyError, match="mine"):
        test_mine()


def test_a_claim_of_a_family_is_judged_by_both_wings():
    from theory.symbols import n, sigma_0, t

    family = {"family": Family(workflow=Replace), "quantity": "variance"}
    over = {n: integers(5, 50), t: integers(1, 4)}
    right = Claim("mine.right", "s", over, equals=(1 - 1 / n) ** t * sigma_0**2, **family)
    wrong = Claim("mine.wrong", "s", over, equals=(1 - 1 / (n - 1)) ** t * sigma_0**2, **family)
    with recorded() as record:
        property_test(right, points=3)()
    assert verdicts(record) == {Verdict.VERIFIED}
    with recorded(), pytest.raises(ClaimRefuted, match="REFUTED by algebra"):
        property_test(wrong, points=3)()


def test_a_claim_that_only_algebra_decides():
    from theory.symbols import n

    sound = Claim("mine.sound", "s", {n: integers(2)}, holds=sp.Gt(n, 1))
    false = Claim("mine.false", "s", {n: integers(2)}, holds=sp.Gt(n, 7))
    with recorded() as record:
        property_test(sound)()
    assert record.algebra == [("mine.sound", "PROVED")]
    with recorded(), pytest.raises(ClaimRefuted, match="algebra"):
        property_test(false)()


def test_misuse_is_one_clear_line():
    def test_mine(n):
        pass

    with pytest.raises(ClaimError, match="a claim or its parts, not both"):
        verify(step(), mean=n)
    with pytest.raises(ClaimError, match="not methods"):

        class TestMine:
            @verify(step())
            def test_mine(self, n):
                pass

    with pytest.raises(ClaimError, match="decorates a function"):
        verify(step())(3)
    with pytest.raises(ClaimError, match="not about a sampler"):
        verify(Claim("a", "b", {n: integers(2)}, holds=sp.Gt(n, 1)))(draw)


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (step(mean=n / (n - 2)), "mean .* does not exist at n = 2"),
        (step(variance=1 / (n - 150) ** 2), "variance .* does not exist at n = 150"),
        (step(variance=n - 5), "variance .* does not exist at n = 2 .*-3 < 0"),
        (step(variance=sp.gamma(n - 4)), "variance .* does not exist at n = 2"),
        (step(mean=1 / d, over={n: integers(2, 9), d: reals(0, 1)}), "does not exist at"),
    ],
)
def test_points_without_moments_are_found_before_a_draw(claim, message):
    with recorded(), pytest.raises(ClaimError, match=message):
        property_test(claim, points=2)()


def test_where_and_open_ends_leave_such_points_out():
    check_moments(step(mean=n / (n - 2), where=(n > 2,)))
    check_moments(step(mean=1 / d, over={n: integers(2, 9), d: reals(0, 1, open_low=True)}))


def test_certify_covers_the_domain():
    certificate = certify(step(), salt="c0ffee", epsilon=0.1)
    assert certificate.verdict is Verdict.VERIFIED
    assert (certificate.points, certificate.verified) == (299, 299)
    assert certificate.certified >= 0.99
    assert "at least 99.00% of the domain (uniform)" in str(certificate)


@pytest.mark.nightly
def test_certify_does_not_depend_on_jobs():
    one, two = (certify(step(), 0.8, salt="c0ffee", epsilon=0.1, jobs=jobs) for jobs in (1, 2))
    assert one.to_json() == two.to_json()


def test_certify_stops_at_a_refuted_point():
    """Wrong on a fifth of the domain."""

    def broken(rng, size, n):
        return draw(rng, size, n) * (1.2 if n > 160 else 1)

    certificate = certify(step(sampler=broken), salt="c0ffee", epsilon=0.1)
    assert certificate.verdict is Verdict.REFUTED
    assert certificate.certified == 0
    assert certificate.failures[-1].at["n"] > 160
    assert certificate.points < 60


def test_certify_counts_what_it_does_not_know():
    """Too short a budget at small n only: the certified share is smaller, and said to be."""
    claim = step(over={n: integers(2, 11)})
    certificate = certify(claim, 0.9, salt="c0ffee", epsilon=0.05, budget=9000)
    assert certificate.verdict is Verdict.INCONCLUSIVE
    assert 0 < certificate.certified < certificate.verified / certificate.points < 1


def test_certify_by_a_given_measure():
    small = certify(
        step(), 0.8, salt="c0ffee", epsilon=0.1, measure=lambda rng: {"n": rng.integers(2, 5)}
    )
    assert small.verdict is Verdict.VERIFIED
    with pytest.raises(InvalidInput, match="n = 300"):
        certify(step(), measure=lambda rng: {"n": 300})
    with pytest.raises(InvalidInput, match="no uniform law"):
        certify(step(over={n: integers(2)}))
    with pytest.raises(InvalidInput, match="accepted: uniform, log-uniform"):
        certify(step(), measure="unifrom")


def test_covariances_have_the_condition_that_was_drawn():
    wide = find(covariances(3, max_condition=1e8), lambda sigma: np.linalg.cond(sigma) > 1e7)
    assert np.linalg.eigvalsh(wide).min() > 0
    assert np.array_equal(wide, wide.T)
    turned = find(covariances(2), lambda sigma: abs(sigma[0, 1]) > 0.1)
    assert np.linalg.cond(turned) > 1.2
    with pytest.raises(InvalidInput):
        find(covariances(2, max_condition=0.5), lambda sigma: True)


def test_covariances_and_schedules_fit_into_settings():
    sigma = find(covariances(2), lambda sigma: sigma[0, 1] != 0)
    sizes = find(schedules(4), lambda sizes: sizes[0] > sizes[1] > sizes[2])
    setting = Setting(sample_size=sizes, dimension=2, covariance=tuple(map(tuple, sigma.tolist())))
    assert setting.size(1) > setting.size(3)
    with pytest.raises(InvalidInput):
        find(schedules(low=5, high=2), lambda sizes: True)


def test_types_are_registered_before_and_after_their_modules_are_imported():
    from hypothesis.strategies import from_type

    from numerics.suite.registration import register

    register()
    assert isinstance(find(from_type(Setting), lambda setting: True), Setting)
    assert find(from_type(Family), lambda family: family.workflow is not Replace)


def test_thresholds_are_shared_by_the_run():
    with recorded(evaluations=10**9) as record:
        property_test(step(), points=1)()
    assert "1000000000 evaluations" in record.findings[0].judgement.guarantee


def test_a_claim_of_the_shelf():
    with recorded() as record:
        property_test(shelf.find("folklore.mean-square"), points=2)()
    assert verdicts(record) == {Verdict.VERIFIED}


def test_the_design_may_be_given_whole():
    with recorded() as record:
        property_test(step(), points=1, design=Design(epsilon=0.3, budget=4000))()
    assert record.findings[0].judgement.epsilon == 0.3
