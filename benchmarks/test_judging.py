"""The judge: nanoseconds a draw, and draws of a decision against a fixed-sample test."""

import math

import numpy as np
import pytest
from scipy import stats

from numerics.evidence import Design, Verdict, judge
from numerics.streams import Stream

DESIGN = Design()
# Claims with their means and variances: the one-step ratio and its logarithm's relatives.
CLAIMS = {
    "ratio": (lambda rng, count: rng.chisquare(9, count) / 10, 0.9, 0.18),
    "normal": (lambda rng, count: rng.standard_normal(count), 0.0, 1.0),
    "exponential": (lambda rng, count: rng.standard_exponential(count), 1.0, 1.0),
}


def fixed_sample_draws(mean, variance, design):
    """Draws of two one-sided z-tests at e^-L per side with 95 % power in the middle."""
    scale = math.hypot(mean, math.sqrt(variance))
    quantiles = stats.norm.isf(math.exp(-design.L)) + stats.norm.isf(0.025)
    return variance / (design.epsilon * scale) ** 2 * quantiles**2


def named(law, name, number):
    def draws(stage, start, count):
        return law(Stream("bench", name, {"number": number}, stage).generator(start), count)

    return draws


def test_nanoseconds_a_draw(benchmark):
    """The default bets of a claim with two moments, a rival judged beside it, on ready draws."""
    size = 1_000_000
    ready = Stream("bench", "ready", {}, "screen").generator().standard_normal(size)
    # A resolution beyond the budget, so that nothing stops before it; a rival just within sight.
    design = Design(epsilon=0.004, budget=size)

    def run():
        return judge(
            lambda stage, start, count: ready[start : start + count],
            mean=0.0,
            variance=1.0,
            null=0.0075,
            design=design,
        )

    judgement = run()
    assert judgement.screen_draws == size
    assert judgement.rivals[0].visible
    benchmark.pedantic(run, rounds=5, warmup_rounds=1)
    if benchmark.stats is not None:
        nanoseconds = benchmark.stats.stats.min / size * 1e9
        benchmark.extra_info["nanoseconds_per_draw"] = round(nanoseconds, 1)
        assert nanoseconds < 200


@pytest.mark.parametrize("name", CLAIMS)
def test_draws_of_a_decision(benchmark, name):
    """Mean draws of a VERIFIED at 1 % against the fixed sample: at most 1.3."""
    law, mean, variance = CLAIMS[name]

    def run():
        return [
            judge(named(law, name, number), mean=mean, variance=variance, design=DESIGN)
            for number in range(12)
        ]

    found = benchmark.pedantic(run, rounds=1)
    assert {judgement.verdict for judgement in found} == {Verdict.VERIFIED}
    draws = float(np.mean([judgement.draws for judgement in found]))
    ratio = draws / fixed_sample_draws(mean, variance, DESIGN)
    benchmark.extra_info["draws"] = round(draws)
    benchmark.extra_info["ratio_to_fixed_sample"] = round(ratio, 3)
    assert ratio <= 1.3
