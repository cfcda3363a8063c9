"""Recorded runs: intervals that cover, rivals that fall, a variance bound that can be wrong."""

import numpy as np
import pytest
from scipy import stats

from numerics.evidence import Design, Verdict, judge_recorded
from numerics.streams import Stream
from theory.errors import InvalidInput

N, RUNS, T = 100, 10, 300


def replace_ratios(number, effect=1.0, salt="recorded", runs=RUNS, n=N):
    """One-generation ratios of Replace in one dimension with the loss scaled to `effect`/n."""
    rng = Stream(salt, "replace", {"number": number}, "runs").generator()
    return rng.chisquare(n - 1, runs * T) / (n - 1) * (1 - effect / n)


def judged(x, n=N, **options):
    return judge_recorded(
        x,
        mean_of_effect=lambda c: np.full(x.size, 1 - c / n),
        variance=np.full(x.size, 2 / (n - 1)),
        **options,
    )


def test_the_interval_holds_the_effect_and_rivals_fall():
    found = judged(replace_ratios(0), effects={"none": 0.0, "5": 5.0, "-5": -5.0, "1": 1.0})
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.interval[0] < found.interval_95[0] < 1 < found.interval_95[1] < found.interval[1]
    assert found.refuted_rivals == ("5", "-5")
    for rival in found.rivals:
        assert rival.refuted == (rival.log_e >= found.log_threshold)


def test_ends_of_the_interval_are_where_the_evidence_reaches_the_threshold():
    x = replace_ratios(1)
    low, high = judged(x).interval
    effects = {
        "low out": low - 1e-6,
        "low in": low + 1e-6,
        "high in": high - 1e-6,
        "high out": high + 1e-6,
    }
    assert judged(x, effects=effects).refuted_rivals == ("low out", "high out")


def test_a_wrong_claimed_effect_is_refuted():
    found = judged(replace_ratios(2), claimed=5.0)
    assert found.verdict is Verdict.REFUTED
    assert found.refuted


def test_a_wrong_variance_bound_is_reported_as_such():
    x = replace_ratios(3)
    found = judge_recorded(
        x, mean_of_effect=lambda c: np.full(x.size, 1 - c / N), variance=np.full(x.size, 1 / N)
    )
    assert found.verdict is Verdict.VARIANCE_REFUTED
    assert judged(x).variance_log_e < found.log_threshold


def test_a_wrong_effect_alone_is_not_reported_as_a_wrong_variance():
    """Off by many standard deviations: squares about the claimed mean would accuse the variance."""
    rng = Stream("recorded", "far", {}, "runs").generator()
    x = 0.5 + 0.01 * rng.standard_normal(500)
    found = judge_recorded(
        x, mean_of_effect=lambda c: np.full(500, 1 - c), variance=np.full(500, 1.1e-4), claimed=0.3
    )
    assert found.verdict is Verdict.REFUTED


def test_many_ratios_verify():
    x = replace_ratios(4, runs=200, n=3)
    found = judged(x, n=3, design=Design(epsilon=0.5))
    assert found.verdict is Verdict.VERIFIED


def accumulate(number, n=N):
    """Ratios of Accumulate in one dimension: pool of kn points, scatter and drift of the batch."""
    rng = Stream("recorded", "accumulate", {"number": number}, "runs").generator()
    k = np.tile(np.arange(2.0, T + 2), RUNS)
    within = rng.chisquare(n - 1, k.size) / n
    mean = rng.standard_normal(k.size) / np.sqrt(n)
    return (k - 1) / k + within / k + (k - 1) / k**2 * mean**2, k


def test_rival_means_outside_the_family():
    x, k = accumulate(0)
    found = judge_recorded(
        x,
        mean_of_effect=lambda c: 1 - c / (N * k**2),
        variance=2 / (N * k**2),
        rivals={
            "replace": np.full(k.size, 1 - 1 / N),
            "1+5/n": np.full(k.size, 1 + 5 / N),
            "1-5/n": np.full(k.size, 1 - 5 / N),
            "1+5/(nk^2)": 1 + 5 / (N * k**2),
            "itself": 1 - 1 / (N * k**2),
        },
    )
    assert found.refuted_rivals == ("replace", "1+5/n", "1-5/n")
    assert found.interval[0] < 1 < found.interval[1]


@pytest.mark.parametrize("number", [150, pytest.param(4000, marks=pytest.mark.nightly)])
def test_the_conventional_interval_covers(number):
    missed = 0
    for i in range(number):
        low, high = judged(replace_ratios(i, salt="cover", runs=1)).interval_95
        missed += not low <= 1 <= high
    assert stats.binomtest(missed, number, 0.05, alternative="greater").pvalue > 1e-4


def test_twin_an_interval_about_another_effect_does_not_cover():
    missed = 0
    for i in range(50):
        low, high = judged(replace_ratios(i, effect=4.0, salt="twin")).interval_95
        missed += not low <= 1 <= high
    assert missed >= 45


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"x": [[1.0]]}, "shape"),
        ({"x": [1.0, np.nan, 1.0]}, "not finite"),
        ({"variance": [1.0, 1.0]}, "shape"),
        ({"variance": [1.0, 0.0, 1.0]}, "positive"),
        ({"mean_of_effect": lambda c: np.ones(3)}, "does not depend"),
        ({"mean_of_effect": lambda c: np.full(3, c**2)}, "not linear"),
        ({"rivals": {"r": [1.0]}}, "rival 'r'"),
    ],
)
def test_bad_input_gets_one_line(change, word):
    good = {
        "x": [1.0, 0.9, 1.1],
        "mean_of_effect": lambda c: np.full(3, 1 - c),
        "variance": [1.0] * 3,
    }
    arguments = {**good, **change}
    with pytest.raises(InvalidInput, match=word):
        judge_recorded(arguments.pop("x"), **arguments)
