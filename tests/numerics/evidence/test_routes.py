"""Each route verifies or refutes on its own, and each has its own planted fault."""

import math

import numpy as np
import pytest
from scipy import stats

from numerics.evidence import Design, Verdict, judge
from numerics.evidence.betting import BettingProcess
from numerics.evidence.blocks import Block
from numerics.evidence.mixture import LARGEST_SHARE_OF_ONE_DRAW, NormalMixtureProcess
from theory.errors import InvalidInput

DESIGN = Design(epsilon=0.05, budget=400_000)


def normal(rng, count):
    return rng.standard_normal(count)


def wide(rng, count):
    """Mean and variance of the normal law, another shape."""
    return rng.standard_t(6, count) / math.sqrt(1.5)


def bernoulli(rng, count):
    return rng.random(count) < 0.3


def exponential(rng, count):
    return rng.standard_exponential(count)


def lognormal(rng, count):
    return np.exp(rng.standard_normal(count))


def uniform(rng, count):
    return rng.random(count)


def test_bounded_support_verifies_and_refutes_without_a_variance(sampler):
    claim = {"bounds": (0, 1), "design": DESIGN}
    right = judge(sampler(bernoulli), mean=0.3, **claim)
    assert (right.verdict, right.verified_by) == (Verdict.VERIFIED, "bounded")
    assert right.scale == pytest.approx(math.sqrt(0.3))
    assert "Var" not in right.guarantee
    for wrong, side in ((0.34, "below"), (0.26, "above")):
        found = judge(sampler(bernoulli), mean=wrong, **claim)
        assert (found.verdict, found.accused_by) == (Verdict.REFUTED, f"bounded, {side}")


def test_bounds_in_other_units(sampler):
    def sheared(rng, count):
        return 1000 + 50 * rng.random(count)

    found = judge(sampler(sheared), mean=1025, bounds=(1000, 1050), scale=25, design=DESIGN)
    assert found.verdict is Verdict.VERIFIED
    found = judge(sampler(sheared), mean=1029, bounds=(1000, 1050), scale=25, design=DESIGN)
    assert found.verdict is Verdict.REFUTED


def test_impossible_and_certain_events(sampler):
    def never(rng, count):
        return np.zeros(count)

    assert judge(sampler(never), mean=0.0, bounds=(0, 1), scale=1.0).verdict is Verdict.VERIFIED
    found = judge(sampler(bernoulli), mean=0.0, bounds=(0, 1), scale=1.0)
    assert found.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("mean", "relation", "verdict"),
    [
        (0.40, "<=", Verdict.VERIFIED),
        (0.60, "<=", Verdict.VERIFIED),
        (0.30, "<=", Verdict.VERIFIED),
        (0.26, "<=", Verdict.REFUTED),
        (0.20, ">=", Verdict.VERIFIED),
        (0.30, ">=", Verdict.VERIFIED),
        (0.34, ">=", Verdict.REFUTED),
    ],
)
def test_probability_bounds(sampler, mean, relation, verdict):
    found = judge(sampler(bernoulli), mean=mean, bounds=(0, 1), relation=relation, design=DESIGN)
    assert found.verdict is verdict


def test_the_scale_of_a_probability_bound_uses_the_largest_variance_under_it(sampler):
    below = judge(sampler(bernoulli), mean=0.4, bounds=(0, 1), relation="<=", design=DESIGN)
    above = judge(sampler(bernoulli), mean=0.9, bounds=(0, 1), relation="<=", design=DESIGN)
    assert below.scale == pytest.approx(math.sqrt(0.4**2 + 0.4 * 0.6))
    assert above.scale == pytest.approx(math.sqrt(0.9**2 + 0.25))


def test_one_draw_refutes_an_event_of_probability_zero_or_one(sampler):
    def rare(rng, count):
        return rng.random(count) < 0.002

    for draws, mean in ((rare, 0.0), (lambda rng, count: ~rare(rng, count), 1.0)):
        found = judge(sampler(draws), mean=mean, bounds=(0, 1))
        assert found.verdict is Verdict.REFUTED
        assert found.screen_draws <= 2000
    never = judge(sampler(lambda rng, count: np.zeros(count)), mean=0.0, bounds=(0, 1))
    assert (never.verdict, never.scale) == (Verdict.VERIFIED, 1.0)


@pytest.mark.parametrize(
    ("mean", "relation", "verdict"),
    [
        (1.2, "=", Verdict.REFUTED),
        (-0.2, "=", Verdict.REFUTED),
        (-0.2, "<=", Verdict.REFUTED),
        (1.2, ">=", Verdict.REFUTED),
        (1.2, "<=", Verdict.VERIFIED),
        (0.0, ">=", Verdict.VERIFIED),
    ],
)
def test_bounds_alone_may_decide_where_they_are_asked_to(sampler, mean, relation, verdict):
    found = judge(
        sampler(bernoulli), mean=mean, bounds=(0, 1), relation=relation, bounds_may_decide=True
    )
    assert found.verdict is verdict
    assert found.vacuous == (verdict is Verdict.VERIFIED)
    with pytest.raises(InvalidInput, match=r"vacuous|outside bounds"):
        judge(sampler(bernoulli), mean=mean, bounds=(0, 1), relation=relation)
    with pytest.raises(InvalidInput, match="outside the declared"):
        judge(
            sampler(exponential), mean=mean, bounds=(0, 1), relation=relation,
            bounds_may_decide=True,
        )  # fmt: skip


@pytest.mark.parametrize(("mean", "relation"), [(1.0, "<="), (1.7, "<="), (0.0, ">=")])
def test_vacuous_bounds_are_refused(sampler, mean, relation):
    with pytest.raises(InvalidInput, match="vacuous"):
        judge(sampler(bernoulli), mean=mean, bounds=(0, 1), relation=relation)


@pytest.mark.parametrize(
    ("mean", "relation", "verdict"),
    [
        (1.5, "<=", "VERIFIED"),
        (0.9, "<=", "REFUTED"),
        (0.5, ">=", "VERIFIED"),
        (1.1, ">=", "REFUTED"),
    ],
)
def test_inequalities_with_a_variance_declared_over_the_null(sampler, mean, relation, verdict):
    found = judge(sampler(exponential), mean=mean, variance=1.0, relation=relation, design=DESIGN)
    assert found.verdict == verdict
    assert len([name for name in found.log_e if name.startswith("two moments")]) == 1


def test_nonnegative_draws_refute_upwards_only(sampler):
    low = judge(sampler(exponential), mean=0.8, nonnegative=True, design=DESIGN)
    assert (low.verdict, low.accused_by) == (Verdict.REFUTED, "X >= 0, above")
    high = judge(sampler(exponential), mean=1.2, nonnegative=True, design=DESIGN)
    assert high.verdict is Verdict.INCONCLUSIVE
    assert "nothing given can verify" in high.note
    least = judge(sampler(exponential), mean=0.9, nonnegative=True, relation=">=", design=DESIGN)
    assert (least.verdict, least.verified_by) == (Verdict.VERIFIED, "X >= 0")


def test_nonnegative_draws_need_the_variance_for_one_half_only(sampler):
    found = judge(sampler(exponential), mean=1.0, variance=1.0, nonnegative=True, design=DESIGN)
    assert found.verdict is Verdict.VERIFIED
    assert found.verified_by == "X >= 0 and two moments"


def test_law(sampler):
    claim = {"mean": 0.0, "variance": 1.0, "cdf": stats.norm.cdf, "law_claim": True}
    right = judge(sampler(normal), design=DESIGN, **claim)
    assert (right.verdict, right.verified_by, right.tolerance) == (Verdict.VERIFIED, "law", 0.05)
    assert right.smallest_epsilon <= 0.05
    # Mean and variance are right; only the shape is wrong.
    wrong = judge(sampler(wide), design=Design(epsilon=0.01, budget=400_000), **claim)
    assert (wrong.verdict, wrong.accused_by) == (Verdict.REFUTED, "law")
    moments = judge(sampler(wide), mean=0.0, variance=1.0, design=DESIGN)
    assert moments.verdict is Verdict.VERIFIED


def test_a_law_that_the_budget_cannot_verify_says_how_far_it_got(sampler):
    small = Design(epsilon=0.01, budget=10_000)
    found = judge(
        sampler(uniform),
        mean=0.5,
        bounds=(0, 1),
        cdf=unit,
        law_claim=True,
        design=small,
    )
    assert found.verdict is Verdict.INCONCLUSIVE
    assert 0.01 < found.smallest_epsilon < 0.06


def unit(x):
    return np.clip(x, 0.0, 1.0)


def test_laws_must_be_continuous(sampler):
    with pytest.raises(InvalidInput, match="continuous"):
        judge(
            sampler(bernoulli), mean=0.3, cdf=lambda x: stats.bernoulli.cdf(x, 0.3), law_claim=True
        )
    with pytest.raises(InvalidInput, match="probability"):
        judge(sampler(normal), mean=0.0, scale=1.0, cdf=lambda x: 2 + x, law_claim=True)


def test_moment_function(sampler):
    found = judge(
        sampler(lognormal), mean=math.exp(0.5), log_mellin=lambda s: s * s / 2, design=DESIGN
    )
    assert found.verdict is Verdict.INCONCLUSIVE
    for log_mellin in (lambda s: s * s / 2 + 0.05 * s, lambda s: 0.45 * s * s):
        wrong = judge(sampler(lognormal), mean=math.exp(0.5), log_mellin=log_mellin, design=DESIGN)
        assert (wrong.verdict, wrong.accused_by) == (Verdict.REFUTED, "moment function")
    with pytest.raises(InvalidInput, match="positive"):
        judge(sampler(normal), mean=0.0, scale=1.0, log_mellin=lambda s: s * s / 2)


def test_asymptotic_route_is_labelled_and_never_verifies(sampler):
    wrong = judge(sampler(exponential), mean=1.1, asymptotic=True, design=DESIGN)
    assert wrong.label == "REFUTED (asymptotic)"
    assert wrong.guarantee.startswith("ASYMPTOTIC")
    right = judge(sampler(exponential), mean=1.0, asymptotic=True, design=DESIGN)
    assert right.verdict is Verdict.INCONCLUSIVE


def test_asymptotic_route_is_refused_where_few_draws_carry_the_mean(sampler):
    """The z-test accuses this correct claim: the sample mean of sigma^2_50 is far below 1."""

    def heavy(rng, count):
        return (rng.standard_gamma(4.5, (count, 50)) / 4.5).prod(axis=1)

    x = sampler(heavy)("screen", 0, 10_000)
    assert abs(x.mean() - 1) > 4 * x.std() / 100
    found = judge(sampler(heavy), mean=1.0, asymptotic=True, design=Design(budget=10_000))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert max(found.log_e.values()) == -math.inf


def test_several_routes_share_the_threshold(sampler):
    found = judge(
        sampler(uniform), mean=0.5, variance=1 / 12, bounds=(0, 1), cdf=unit, design=DESIGN
    )
    assert found.routes == ("variance", "two moments", "bounded", "law")
    assert found.verdict is Verdict.VERIFIED


@pytest.mark.parametrize("outlier", [-0.5, -1.0, -4.0])
def test_one_draw_that_carries_the_variance_silences_the_mixture(outlier):
    """On the other side of the centre than the rest too; without it the mixture speaks."""
    even = np.tile([0.9, 1.1], 1500)
    draws = np.append(even, outlier)
    squares = (draws - draws.mean()) ** 2
    assert squares.max() > LARGEST_SHARE_OF_ONE_DRAW * squares.sum()
    process = NormalMixtureProcess(0.0, [0.1])
    process.add(Block(draws))
    assert process.refused()
    twin = NormalMixtureProcess(0.98, [0.01])
    twin.add(Block(even))
    assert not twin.refused()
    assert twin.log_e(+1) > 5


@pytest.mark.parametrize("draws", [np.zeros(50), np.array([0.0, 0.3, 0.9] * 20)])
@pytest.mark.parametrize("shift", [0.05, 0.2])
def test_evidence_at_a_shifted_centre_is_bounded_from_below(draws, shift):
    """Against the process that was started there; at the bound itself nothing is lost."""
    bets = [0.5, 0.1]
    here, there = (BettingProcess(centre, 1, 0.0, bets) for centre in (0.5, 0.5 + shift))
    for process in (here, there):
        process.add(Block(draws))
    bounded, exact = here.log_e_shifted(1, shift), there.log_e(1)
    assert bounded <= exact + 1e-9
    if not draws.any():
        assert bounded == pytest.approx(exact)
