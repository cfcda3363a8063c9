"""Asymptotic orders: correct ones stand, wrong ones fall, and nothing is said beyond that."""

from __future__ import annotations

import json
import math

import pytest

from numerics.evidence import Verdict
from numerics.evidence.interval import Interval
from numerics.evidence.ladder import Rung, decide_order
from numerics.suite import order as orders
from numerics.suite.order import check_order
from theory.errors import ClaimError, InvalidInput

SHORT = (2, 4, 8, 16, 32)


def with_error(error):
    """A sampler of mean 3 + error(n) and variance 1/n^2."""
    return lambda rng, size, n: 3 + error(n) + rng.standard_normal(size) / n


def bound(n):
    return 1 / n**2


def rungs(errors, width=0.01):
    return [Rung(n, 1, e, Interval(e - width, e + width)) for n, e in errors.items()]


@pytest.mark.parametrize("k", [1, 1.5, 2])
@pytest.mark.parametrize("variance", [bound, None], ids=["exact", "normal"])
def test_a_correct_order_is_verified_and_its_twin_refuted(k, variance):
    asked = {"order": k, "over": SHORT, "variance": variance, "salt": "c0ffee"}
    right = check_order(with_error(lambda n: 2 * n**-k), 3, **asked)
    twin = check_order(with_error(lambda n: 2 * n ** (0.5 - k)), 3, **asked)
    assert right.verdict is Verdict.VERIFIED
    assert right.constant.low < 2 < right.constant.high
    assert twin.verdict is Verdict.REFUTED
    assert twin.confirm_draws > 0
    assert right.asymptotic is twin.asymptotic is (variance is None)


def test_a_wrong_limit_is_refuted_and_the_right_one_verified_at_its_resolution():
    asked = {"order": 1, "variance": bound, "salt": "c0ffee", "over": SHORT}
    assert check_order(with_error(lambda n: 0.1), 3, **asked).verdict is Verdict.REFUTED
    right = check_order(with_error(lambda n: 0), 3, **asked)
    assert right.verdict is Verdict.VERIFIED
    assert "at most 0.1" in right.finding


# The scaled errors: constant, rising to it, falling to it, of the other sign, zero.
CORRECT = [
    lambda n: 1 / n,
    lambda n: 1 / n - 1 / n**2,
    lambda n: 1 / n + 3 / n**2,
    lambda n: -1 / n,
    lambda n: 0,
]


def accusations(errors, salts, order=1):
    verdicts = [
        check_order(
            with_error(errors[i % len(errors)]), 3, order, over=SHORT, salt=f"{i:06x}",
            variance=bound, budget=8192, error=0.2,
        ).verdict
        for i in range(salts)
    ]  # fmt: skip
    return verdicts.count(Verdict.REFUTED)


def test_no_correct_order_is_accused_over_200_salts():
    """At a probability of 0.04 each, if the intervals were as wide as they may be."""
    assert accusations(CORRECT, 200) == 0


def test_wrong_orders_would_be_accused_there():
    assert accusations([lambda n: 4 / n**0.5], 5) == 5


def test_a_limit_that_is_reached_from_below_is_not_accused_for_its_first_rungs():
    rising = {n: 1 - 3.77 / math.sqrt(n) for n in (8, 16, 32, 64, 128, 256)}
    assert decide_order(rungs(rising, 1e-6), 0.5, 0.1) is not Verdict.REFUTED
    growing = {n: math.sqrt(n) for n in rising}
    assert decide_order(rungs(growing, 1e-6), 0.5, 0.1) is Verdict.REFUTED


def test_growth_behind_a_zero_is_not_verified():
    growing = {n: math.sqrt(n) - 10 for n in (8, 16, 32, 64, 128, 256)}
    assert decide_order(rungs(growing, 1e-6), 0.5, 0.1) is not Verdict.VERIFIED
    shrinking = {n: 10 / n - 10 for n in growing}
    assert decide_order(rungs(shrinking, 1e-6), 0.5, 0.1) is Verdict.VERIFIED


def test_wide_intervals_say_nothing():
    flat = dict.fromkeys((8, 16, 32, 64), 1.0)
    assert decide_order(rungs(flat, 0.01), 0.5, 0.1) is Verdict.VERIFIED
    assert decide_order(rungs(flat, 0.5), 0.5, 0.1) is Verdict.INCONCLUSIVE


def test_a_small_budget_is_inconclusive():
    found = check_order(
        lambda rng, size, n: rng.standard_normal(size), 0, 1, salt="c0ffee", budget=4096
    )
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.error_probability == 0
    assert "budget" in str(found)


def test_an_accusation_that_fresh_noise_does_not_confirm_is_withdrawn(monkeypatch):
    def flaky(rungs, gap, epsilon):
        seen.append(rungs)
        return Verdict.REFUTED if len(seen) == 1 else Verdict.VERIFIED

    seen = []
    monkeypatch.setattr(orders, "decide_order", flaky)
    found = check_order(with_error(lambda n: 1 / n), 3, 1, over=SHORT, budget=8192, salt="c0ffee")
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "did not confirm" in found.note
    assert seen[0][0].estimate != seen[1][0].estimate


def test_the_salt_names_the_noise_and_the_claim_changes_it():
    def estimates(salt, limit=3.0):
        found = check_order(
            with_error(lambda n: 1 / n), limit, 1, over=SHORT, salt=salt, budget=4096
        )
        return [rung.estimate + rung.n * limit for rung in found.rungs]

    assert estimates("a") == estimates("a")
    assert estimates("a") != estimates("b")
    assert estimates("a") != pytest.approx(estimates("a", 2.0), abs=1e-9)


def test_the_result_travels_as_json_and_fits_a_line():
    found = check_order(with_error(lambda n: 1 / n), 3, 1, over=SHORT, variance=bound, salt="s")
    plain = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert plain["verdict"] == "VERIFIED"
    assert plain["error_probability"] == 0.001
    assert [rung["n"] for rung in plain["rungs"]] == list(SHORT)
    assert plain["draws"] == found.draws == sum(rung.draws for rung in found.rungs)
    assert "\n" not in str(found)
    for word in ("VERIFIED", "n^-1", "n^0.5", "0.001", str(found.draws)):
        assert word in str(found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"over": (8, 16, 32)},
        {"over": (8, 9, 10, 11)},
        {"over": (8, 32, 16, 64)},
        {"over": (0, 8, 16, 32)},
        {"over": (8.5, 16, 32, 128)},
        {"order": 0},
        {"gap": -1},
        {"epsilon": math.nan},
        {"error": 1},
        {"budget": 10},
        {"limit": math.inf},
        {"variance": lambda n: -1.0},
    ],
)
def test_misuse_is_told(wrong):
    asked = {"limit": 3, "order": 1, "salt": "c0ffee", "budget": 4096, **wrong}
    with pytest.raises(InvalidInput):
        check_order(with_error(lambda n: 1 / n), **asked)


def test_dependent_replicates_get_no_verdict():
    with pytest.raises(ClaimError, match="not independent"):
        check_order(lambda rng, size, n: rng.random() + rng.random(size), 1, 1, salt="c0ffee")
