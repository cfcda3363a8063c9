"""Two samplers of one law are told from two samplers of two, with the stated error rates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from numerics.evidence import Design, Verdict
from numerics.evidence.twosample import (
    CONFIRM,
    DistanceBand,
    ExchangeProcess,
    Ranks,
    compare_laws,
)
from numerics.streams import Stream


def draws(law, name, number=0):
    return lambda stage, start, count: np.asarray(
        law(Stream("two", name, {"i": number}, stage).generator(start), count), dtype=float
    )


def normal(rng, count):
    return rng.standard_normal(count)


def shifted(rng, count):
    return rng.standard_normal(count) + 0.1


def wider(rng, count):
    return 1.15 * rng.standard_normal(count)


def skewed(rng, count):
    """Mean 0, variance 1, another shape."""
    return rng.standard_exponential(count) - 1


def poisson(rng, count):
    return rng.poisson(3.0, count)


def poisson_by_waiting(rng, count):
    """The same law from another algorithm: exponential waiting times."""
    return (np.cumsum(rng.standard_exponential((count, 40)), axis=1) < 3.0).sum(axis=1)


def binomial(rng, count):
    return rng.binomial(60, 0.05, count)


DESIGN = Design(epsilon=0.05)


@pytest.mark.parametrize(
    ("one", "two"), [(normal, normal), (poisson, poisson_by_waiting)], ids=["normal", "poisson"]
)
def test_one_law_is_verified(one, two):
    judgement = compare_laws(draws(one, "one"), draws(two, "two"), DESIGN)
    assert judgement.verdict is Verdict.VERIFIED
    assert judgement.smallest_epsilon <= 0.05


@pytest.mark.parametrize(
    ("one", "two", "distance"),
    [
        (normal, shifted, 2 * stats.norm.cdf(0.05) - 1),
        (normal, wider, None),
        (normal, skewed, None),
        (poisson, binomial, None),
    ],
    ids=["shift", "spread", "shape", "discrete"],
)
def test_two_laws_are_refuted(one, two, distance):
    judgement = compare_laws(draws(one, "one"), draws(two, "two"), Design())
    assert judgement.verdict is Verdict.REFUTED
    assert judgement.confirm_log_e >= Design().C
    if distance is not None:
        # The distance of samples exceeds that of the laws a little.
        spread = 4 * judgement.effect.standard_error
        assert judgement.effect.mean == pytest.approx(distance, abs=spread)


def test_a_short_budget_is_inconclusive_and_says_what_it_reached():
    judgement = compare_laws(draws(normal, "a"), draws(normal, "b"), Design(budget=20_000))
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert 0.01 < judgement.smallest_epsilon < 0.1
    assert "reached" in judgement.note


def test_an_accusation_that_fresh_noise_does_not_confirm():
    def two(stage, start, count):
        law = normal if stage == CONFIRM else shifted
        return draws(law, "two")(stage, start, count)

    judgement = compare_laws(draws(normal, "one"), two, Design(budget=20_000))
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert judgement.unconfirmed


def alarms(one, two, number):
    """Evidence above 20 at any look up to 6,000 draws."""
    count = 0
    for i in range(number):
        a, b = draws(one, "one", i), draws(two, "two", i)
        ranks = Ranks(np.concatenate([a("pilot", 0, 200), b("pilot", 0, 200)]))
        process = ExchangeProcess(ranks)
        peak, start = -np.inf, 0
        for look in Design(budget=6000).looks():
            process.add(
                ranks.slots(a("screen", start, look - start)),
                ranks.slots(b("screen", start, look - start)),
            )
            start, peak = look, max(peak, process.log_e())
        count += peak >= np.log(20)
    return count


@pytest.mark.parametrize("law", [normal, poisson], ids=lambda law: law.__name__)
def test_false_alarms_stay_inside_a_lowered_bound(law):
    assert stats.binomtest(alarms(law, law, 100), 100, 0.05, alternative="greater").pvalue > 1e-4


def test_twin_the_same_count_convicts_a_small_shift():
    assert (
        stats.binomtest(alarms(normal, shifted, 60), 60, 0.05, alternative="greater").pvalue < 1e-4
    )


def missed(two, truth, number, level):
    """How often the band excludes the true distance at some look."""
    count = 0
    for i in range(number):
        a, b = draws(normal, "one", i), draws(two, "two", i)
        ranks = Ranks(np.concatenate([a("pilot", 0, 500), b("pilot", 0, 500)]))
        band, start, low = DistanceBand(ranks, 0.05, level), 0, np.inf
        for look in Design(budget=5000).looks():
            band.add(
                ranks.slots(a("screen", start, look - start)),
                ranks.slots(b("screen", start, look - start)),
            )
            start, low = look, min(low, band.bound())
        count += low < truth
    return count


def test_the_band_keeps_its_error_probability():
    truth = 2 * stats.norm.cdf(0.05) - 1
    wrong = missed(shifted, truth, 100, np.log(20))
    assert stats.binomtest(wrong, 100, 0.05, alternative="greater").pvalue > 1e-4


def test_twin_without_the_radius_the_band_would_not():
    """At level 0 the band is the distance of the samples: it misses a distance twice as large."""
    truth = 2 * stats.norm.cdf(0.1) - 1
    assert missed(shifted, truth, 50, 1e-9) > 40


def test_the_distance_of_discrete_laws_is_not_blurred_by_cells():
    ranks = Ranks(np.array([0.0, 1.0]))
    band = DistanceBand(ranks, 0.05, 1e-12)
    half = np.repeat([0.0, 1.0], 500)
    band.add(ranks.slots(half), ranks.slots(half))
    assert band.bound() < 1e-3
