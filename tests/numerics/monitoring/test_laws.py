"""Law sets: the truth stays, others go, and halves are compared."""

import numpy as np
import pytest

from numerics.monitoring.laws import law_sets
from numerics.monitoring.likelihood import thinned
from numerics.monitoring.resolving import needed
from numerics.monitoring.shapes import Shape, shapes
from numerics.streams import Stream

T = np.arange(101)


def records(mean, sd, power=0.0, count=60, runs=1):
    rng = Stream("laws", repr(mean[:3].tolist()), {"p": power}, "test").generator()
    steps = sd * rng.standard_normal((count, runs, T.size)) / np.maximum(T, 1) ** power
    steps[..., 0] = 0
    return mean + np.cumsum(steps, axis=2)


MEANS = {
    "geometric": (-0.05 * T, 0.05, 0.0),
    "power": (-0.6 * np.log(T + 1), 0.1, 1.0),
    "none": (0.0 * T, 0.1, 0.0),
    "plateau": (np.expm1(-T / 8), 0.01, 0.0),
    "logarithmic": (Shape("logarithmic", 2.0).mean(T, 0), 0.03, 1.0),
}


@pytest.mark.parametrize("law", MEANS)
def test_the_truth_is_kept(law):
    sets = law_sets(records(*MEANS[law]), T)
    assert np.mean([law in found.kept for found in sets]) > 0.9


@pytest.mark.parametrize(("law", "wrong"), [("geometric", "power"), ("power", "geometric")])
def test_a_wrong_law_goes(law, wrong):
    sets = law_sets(records(*MEANS[law], runs=10, count=20), T)
    assert np.mean([wrong in found.kept for found in sets]) < 0.1


def test_rate_intervals_cover():
    sets = law_sets(records(*MEANS["geometric"], count=300), T)
    ends = [found.laws[0].interval for found in sets]
    assert np.mean([low <= 0.05 <= high for low, high in ends]) > 0.88
    assert np.mean([low <= 0.08 <= high for low, high in ends]) < 0.3


def test_halves_that_disagree_withhold_the_projection():
    bent = np.where(T < 50, -0.02 * T, -1 - 0.2 * (T - 50))
    found = law_sets(records(bent, 0.02, count=1), T)[0]
    assert not found.laws[0].halves_agree


def test_what_is_needed_tells_them_apart():
    found = law_sets(records(-0.02 * T[:], 0.1, count=1)[:, :, :41], T[:41])[0]
    if len(found.kept) > 1 and found.best.coefficient:
        runs, generations = needed(found)
        assert runs is None or runs > 1
        assert generations is None or generations > 40


@pytest.mark.parametrize("shape", shapes(100), ids=str)
def test_the_half_is_where_the_height_is_a_half(shape):
    coefficient = 1.0 if shape.law == "logarithmic" else -1.5
    half = shape.half(coefficient, 3, 1)
    if np.isfinite(half):
        assert coefficient * shape.mean(half, 3) == pytest.approx(-np.log(2), rel=1e-6)
    else:
        assert coefficient * shape.mean(1e6, 3) > -np.log(2)


def test_long_records_are_thinned():
    assert thinned(np.arange(10_000)).size == 300
    assert thinned(np.arange(10_000))[-1] == 9999
