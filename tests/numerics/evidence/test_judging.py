"""The judge: looks, confirmation, resolution, rivals, slack, bad input, determinism."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from numerics.evidence import Design, Verdict, judge, plan, smallest_epsilon
from numerics.evidence import design as design_module
from theory.errors import InvalidInput


def ratio(rng, count):
    return rng.chisquare(9, count) / 10


RIGHT = {"mean": 0.9, "variance": 0.18}
COARSE = Design(epsilon=0.05)


def test_a_correct_claim_is_verified_near_its_plan(sampler):
    found = [judge(sampler(ratio, i), null=1.0, **RIGHT) for i in range(20)]
    assert {judgement.label for judgement in found} == {"VERIFIED"}
    planned = plan(0.9, 0.18)
    assert np.mean([judgement.draws for judgement in found]) < 1.3 * planned
    for judgement in found:
        assert judgement.smallest_epsilon <= 0.01
        assert judgement.tolerance == pytest.approx(0.01 * math.hypot(0.9, math.sqrt(0.18)))
        assert judgement.relative_tolerance == pytest.approx(judgement.tolerance / 0.9)
        assert judgement.confirm_draws == 0


def test_a_null_inside_the_tolerance_makes_verified_coarse(sampler):
    found = judge(sampler(ratio), null=0.92, design=COARSE, **RIGHT)
    assert found.label == "VERIFIED (coarse)"
    assert found.rivals_inside == ("null",)
    assert judge(sampler(ratio), null=1.0, design=COARSE, **RIGHT).label == "VERIFIED"


def test_a_wrong_claim_is_refuted_on_two_streams_and_measured_on_a_third(sampler):
    stages = []
    inner = sampler(ratio)

    def draws(stage, start, count):
        stages.append(stage)
        return inner(stage, start, count)

    found = judge(draws, mean=0.945, variance=0.18)
    assert found.verdict is Verdict.REFUTED
    assert list(dict.fromkeys(stages)) == ["screen", "confirm", "effect"]
    assert abs(found.effect.mean - 0.9) < 6 * found.effect.standard_error
    assert found.confirm_log_e >= Design().C


def test_screened_but_not_confirmed_is_inconclusive_and_says_so(sampler):
    """A fault that only the screen stream has: luck, as seen by the judge."""
    inner = sampler(ratio)

    def draws(stage, start, count):
        return inner(stage, start, count) + (0.2 if stage == "screen" else 0.0)

    found = judge(draws, design=Design(epsilon=0.05, budget=50_000), **RIGHT)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.unconfirmed
    assert "did not confirm" in found.note
    assert found.accused_by == "two moments, above"


def test_a_tenth_of_a_percent_is_refuted_when_asked_for(sampler):
    def narrow(rng, count):
        return 0.9 + 0.05 * rng.standard_normal(count)

    sharp = Design(epsilon=5e-4, budget=2_000_000)
    assert judge(sampler(narrow), mean=0.9, variance=0.0025, design=sharp).label == "VERIFIED"
    wrong = judge(sampler(narrow), mean=0.9009, variance=0.0025, design=sharp)
    assert wrong.verdict is Verdict.REFUTED


def test_a_budget_below_the_plan_reports_the_resolution_it_reached(sampler):
    small = Design(budget=20_000)
    found = judge(sampler(ratio), design=small, **RIGHT)
    assert found.verdict is Verdict.INCONCLUSIVE
    planned = smallest_epsilon(20_000, 0.9, 0.18)
    assert 0.5 * planned < found.smallest_epsilon < 1.2 * planned
    assert f"{plan(0.9, 0.18)} draws are planned" in found.note


def test_a_mean_between_the_claim_and_the_tolerance_reports_a_coarser_resolution(sampler):
    """Off by 0.6 %: neither refuted by this budget nor verified at 1 %."""
    for number in range(5):
        draws = sampler(ratio, number)
        found = judge(draws, mean=0.906, variance=0.18, design=Design(budget=100_000))
        assert found.verdict is Verdict.INCONCLUSIVE
        assert 0.01 < found.smallest_epsilon < 0.02


def test_the_reached_resolution_is_never_below_the_truth(sampler):
    """A claim off by g cannot be verified at less than g: seen at every budget."""
    gap = 0.007 / math.hypot(0.907, math.sqrt(0.18))
    for number in range(10):
        for budget in (5_000, 40_000):
            design = Design(budget=budget, evaluations=1, error=0.2)
            found = judge(sampler(ratio, number), mean=0.907, variance=0.18, design=design)
            if found.smallest_epsilon is not None:
                assert found.smallest_epsilon > 0.8 * gap


def test_slack_moves_the_null(sampler):
    off = {"mean": 0.93, "variance": 0.18, "design": COARSE}
    assert judge(sampler(ratio), **off).verdict is Verdict.REFUTED
    loose = judge(sampler(ratio), slack=0.04, **off)
    assert loose.verdict is Verdict.VERIFIED
    assert loose.tolerance == pytest.approx(0.05 * loose.scale + 0.04)
    assert judge(sampler(ratio), slack=0.005, **off).verdict is Verdict.REFUTED


def test_rivals_share_the_draws(sampler):
    rivals = {"n-1": 1 - 1 / 9, "sign": 1.1, "near": 0.901, "own variance": (1.0, 0.5)}
    found = judge(sampler(ratio), null=1.0, rivals=rivals, **RIGHT)
    status = {rival.name: rival.status for rival in found.rivals}
    assert found.verdict is Verdict.VERIFIED
    assert status == {
        "null": "refuted",
        "n-1": "refuted",
        "sign": "refuted",
        "near": "not visible",
        "own variance": "refuted",
    }
    by_name = {rival.name: rival for rival in found.rivals}
    assert by_name["sign"].draws < by_name["n-1"].draws <= found.screen_draws
    assert by_name["near"].draws == 0
    assert found.rivals_inside == ("near",)


def exponential(rng, count):
    return rng.standard_exponential(count)


def rare(rng, count):
    return (rng.random(count) < 0.01).astype(float)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("law", "mean", "variance"),
    [(ratio, 0.9, 0.18), (exponential, 1.0, 1.0), (rare, 0.01, 0.0099)],
)
def test_every_rival_beyond_three_resolutions_is_refuted(sampler, law, mean, variance, side):
    scale = math.hypot(mean, math.sqrt(variance))
    rivals = {f"{k}": mean + side * k * 0.02 * scale for k in (3.05, 4, 8, 20)}
    for number in range(6):
        found = judge(
            sampler(law, number),
            mean=mean,
            variance=variance,
            rivals=rivals,
            design=Design(epsilon=0.02),
        )
        assert found.verdict is Verdict.VERIFIED
        assert all(rival.refuted for rival in found.rivals)


def test_twin_a_true_rival_stands(sampler):
    found = judge(sampler(ratio), mean=0.95, variance=0.18, rivals={"truth": 0.9})
    assert found.verdict is Verdict.REFUTED
    # The screen's error probability, shared by all points, times that of the confirmation.
    assert found.guarantee.endswith("<= 1e-09")
    assert [rival.refuted for rival in found.rivals] == [False]


class TestConstants:
    @staticmethod
    def two(rng, count):
        return np.full(count, 2.0)

    @staticmethod
    def spread(rng, count):
        return 2.0 + 1e-4 * rng.standard_normal(count)

    @staticmethod
    def zero(rng, count):
        return np.zeros(count)

    def test_equality_decides(self, sampler):
        found = judge(sampler(self.two), mean=2, variance=0, null=1.0, rivals={"2.1": 2.1})
        assert found.verdict is Verdict.VERIFIED
        assert [rival.refuted for rival in found.rivals] == [True, True]
        assert judge(sampler(self.two), mean=2.000001, variance=0).verdict is Verdict.REFUTED
        assert judge(sampler(self.zero), mean=0, variance=0).verdict is Verdict.VERIFIED
        assert judge(sampler(self.two), mean=0, variance=0).verdict is Verdict.REFUTED

    def test_a_spread_is_a_wrong_variance(self, sampler):
        found = judge(sampler(self.spread), mean=2, variance=0)
        assert found.verdict is Verdict.VARIANCE_REFUTED

    def test_slack_excuses_what_lies_inside_it_and_no_more(self, sampler):
        rivals = {"near": 2.4, "far": 2.6}
        asked = {"mean": 2.3, "variance": 0, "rivals": rivals}
        found = judge(sampler(self.two), slack=0.5, **asked)
        assert found.verdict is Verdict.VERIFIED
        assert found.smallest_epsilon == 0
        assert [rival.refuted for rival in found.rivals] == [False, True]
        assert judge(sampler(self.two), slack=0.2, **asked).verdict is Verdict.REFUTED

    def test_relations(self, sampler):
        for mean, relation, verdict in (
            (3, "<=", "VERIFIED"),
            (1, "<=", "REFUTED"),
            (1, ">=", "VERIFIED"),
            (3, ">=", "REFUTED"),
        ):
            found = judge(sampler(self.two), mean=mean, variance=0, relation=relation)
            assert found.verdict == verdict

    def test_constant_draws_of_a_claim_with_variance(self, sampler):
        """No error, and the mean is still judged."""
        assert judge(sampler(self.two), mean=2, variance=1).verdict is Verdict.VERIFIED
        assert judge(sampler(self.two), mean=3, variance=1).verdict is Verdict.REFUTED


def test_the_same_salt_gives_the_same_judgement(sampler):
    for mean in (0.9, 0.93):
        arguments = {"mean": mean, "variance": 0.18, "null": 1.0, "design": COARSE}
        first = judge(sampler(ratio, 3), **arguments)
        assert first == judge(sampler(ratio, 3), **arguments)
        assert first != judge(sampler(ratio, 4), **arguments)


def test_the_judgement_does_not_depend_on_how_looks_are_cut(sampler, monkeypatch):
    long = {stage: sampler(ratio)(stage, 0, 600_000) for stage in ("screen", "confirm", "effect")}

    def draws(stage, start, count):
        return long[stage][start : start + count]

    def flat(judgement):
        data = dataclasses.asdict(judgement)
        log_e = data.pop("log_e").values()
        return data, list(log_e)

    for mean in (0.9, 0.895, 0.93):
        arguments = {"mean": mean, "variance": 0.18, "null": 1.0, "rivals": {"n-1": 8 / 9}}
        monkeypatch.setattr(design_module, "LARGEST_CHUNK", 65_536)
        (whole, evidence), cut = flat(judge(draws, **arguments)), []
        monkeypatch.setattr(design_module, "LARGEST_CHUNK", 1_000)
        (pieces, cut) = flat(judge(draws, **arguments))
        for key in ("verdict", "screen_draws", "confirm_draws", "rivals", "accused_by"):
            assert pieces[key] == whole[key]
        assert cut == pytest.approx(evidence, abs=1e-6)


BAD = [
    ({"mean": math.nan, "variance": 1}, "mean"),
    ({"mean": 1, "variance": -1}, "variance"),
    ({"mean": 1, "variance": math.inf}, "variance"),
    ({"mean": 1, "variance": 1, "scale": 0}, "scale"),
    ({"mean": 1, "variance": 1, "slack": -1}, "slack"),
    ({"mean": 1, "variance": 1, "relation": "<"}, "relation"),
    ({"mean": 1}, "nothing bounds the draws"),
    ({"mean": 2, "bounds": (0, 1)}, "outside bounds"),
    ({"mean": 2, "bounds": (1, 0)}, "bounds"),
    ({"mean": -1, "nonnegative": True}, "never negative"),
    ({"mean": 0, "asymptotic": True}, "no scale"),
    ({"mean": 0, "variance": 1, "law_claim": True}, "cdf"),
    ({"mean": 0, "variance": 1, "rivals": {"x": math.nan}}, "rival 'x'"),
]


@pytest.mark.parametrize(("claim", "word"), BAD)
def test_bad_claims_get_one_line(sampler, claim, word):
    with pytest.raises(InvalidInput, match=word) as caught:
        judge(sampler(ratio), **claim)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("returned", "word"),
    [
        (lambda count: np.full(count, np.nan), "not finite"),
        (lambda count: np.full(count, np.inf), "not finite"),
        (lambda count: np.ones((count, 1)), "shape"),
        (lambda count: np.ones(count - 1), "shape"),
        (lambda count: 1.0, "shape"),
        (lambda count: ["a"] * count, "real numbers"),
        (lambda count: np.ones(count) * 1j, "real numbers"),
        (lambda count: [[1], [1, 2]], "real numbers"),
        (lambda count: None, "shape|real numbers|finite"),
    ],
)
def test_bad_samplers_get_one_line(returned, word):
    with pytest.raises(InvalidInput, match=word):
        judge(lambda stage, start, count: returned(count), mean=0.9, variance=0.18)


def test_draws_outside_the_bounds_get_one_line(sampler):
    with pytest.raises(InvalidInput, match="outside the declared"):
        judge(sampler(ratio), mean=0.9, bounds=(0, 1))
    with pytest.raises(InvalidInput, match="outside the declared"):
        judge(lambda *_: -np.ones(_[2]), mean=0.9, nonnegative=True)


def test_enormous_draws_are_no_accident(sampler):
    def wild(rng, count):
        return rng.standard_cauchy(count) * 1e250

    found = judge(sampler(wild), design=Design(budget=2000), **RIGHT)
    assert found.verdict is Verdict.VARIANCE_REFUTED


@pytest.mark.parametrize(
    "wrong",
    [
        {"epsilon": 0},
        {"epsilon": 1},
        {"budget": 10},
        {"budget": 2e4 + 0.5},
        {"evaluations": 0},
        {"error": 0},
        {"confirm_error": 2},
    ],
)
def test_designs_are_validated(wrong):
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        Design(**wrong)


def test_looks_grow_by_a_quarter_and_end_at_the_budget():
    looks = list(Design(budget=1_000_000).looks())
    assert looks[0] == 1024
    assert looks[-1] == 1_000_000
    assert all(1 < b / a < 1.26 for a, b in itertools.pairwise(looks))


def test_plan_never_exceeds_half_a_million_at_one_percent():
    for mean in (0.0, 0.1, 1.0, -30.0):
        for variance in (1e-6, 1.0, 1e6):
            assert plan(mean, variance) <= 522_400
    assert plan(1.0, 0.0) == 1024
