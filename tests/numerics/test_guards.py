"""Samplers that would void every verdict are caught; honest ones never are."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy import stats

from numerics.evidence import Design
from numerics.guards import (
    DependentReplicates,
    _average,
    check_function_of_rng,
    check_replicates,
    evidence,
)
from numerics.streams import Stream
from theory.errors import ClaimError


def noise(name, salt="guards"):
    return lambda stage: Stream(salt, name, {}, stage)


def honest(rng, size):
    return rng.chisquare(9, size) / 10


def spawning(rng, size):
    """Takes its numbers from a child: its own state stays as it was."""
    return rng.spawn(1)[0].standard_normal(size)


def reseeding(rng, size):
    return np.random.default_rng(int(rng.integers(2**62))).standard_normal(size)


def constant(rng, size):
    return np.full(size, 3.0)


def rare(rng, size):
    return (rng.random(size) < 1e-4).astype(float)


def heavy(rng, size):
    return rng.standard_cauchy(size)


HONEST = [honest, spawning, reseeding, constant, rare, heavy]


def global_state(rng, size):
    return np.random.standard_normal(size)  # noqa: NPY002


def unseeded(rng, size):
    return np.random.default_rng().standard_normal(size)


def standard_library(rng, size):
    rng.random()
    return np.array([random.gauss(0, 1) for _ in range(size)])


class Remembering:
    """Draws that depend on how often it was called."""

    calls = 0

    def __call__(self, rng, size):
        self.calls += 1
        return rng.standard_normal(size) + self.calls


@pytest.mark.parametrize("draw", HONEST, ids=lambda draw: draw.__name__)
def test_honest_samplers_pass(draw):
    check_function_of_rng(draw, "mine", Stream("guards", draw.__name__))
    check_replicates(draw, "mine", noise(draw.__name__))


@pytest.mark.parametrize("draw", [global_state, unseeded, standard_library, Remembering()])
def test_draws_that_are_no_function_of_their_rng(draw):
    with pytest.raises(ClaimError, match="not a function of its rng"):
        check_function_of_rng(draw, "mine", Stream("guards", "x"))


def test_draws_that_ignore_their_rng():
    with pytest.raises(ClaimError, match="ignores its rng"):
        check_function_of_rng(
            lambda rng, size: np.random.default_rng(7).standard_normal(size),
            "mine",
            Stream("guards", "x"),
        )


def test_draws_from_a_fixed_seed_that_also_touch_their_rng():
    def draw(rng, size):
        rng.random()
        return np.random.default_rng(7).standard_normal(size)

    with pytest.raises(ClaimError, match="same replicates for different generators"):
        check_function_of_rng(draw, "mine", Stream("guards", "x"))


def markov_chain(rng, size):
    z = rng.standard_normal(size)
    for i in range(1, size):
        z[i] = 0.3 * z[i - 1] + np.sqrt(1 - 0.09) * z[i]
    return z


def antithetic(rng, size):
    z = rng.standard_normal(-(-size // 2))
    return np.concatenate([z, -z])[:size]


def repeated(rng, size):
    return np.repeat(rng.standard_normal(-(-size // 2)), 2)[:size]


def shared_effect(rng, size):
    return 0.5 * rng.standard_normal() + rng.standard_normal(size)


def standardised(rng, size):
    z = rng.standard_normal(size)
    return z - z.mean()


def burning_in(rng, size):
    return rng.standard_normal(size) + np.exp(-np.arange(size) / 2000)


def narrowing(rng, size):
    return rng.standard_normal(size) / (1 + np.arange(size) / size)


DEPENDENT = [
    (markov_chain, "neighbours"),
    (antithetic, "halves of a call"),
    (repeated, "neighbours"),
    (shared_effect, "calls of size 128|different sizes"),
    (standardised, "calls of size 2|calls of different sizes"),
    (burning_in, "halves of a call"),
    (narrowing, "halves of a call|different sizes"),
]


@pytest.mark.parametrize(("draw", "how"), DEPENDENT, ids=lambda x: getattr(x, "__name__", ""))
def test_dependent_replicates_are_caught(draw, how):
    with pytest.raises(DependentReplicates, match=how):
        check_replicates(draw, "mine", noise(draw.__name__))


def false_alarms(draw, number):
    """At a lowered threshold of 1/20, where alarms of an honest sampler can be counted."""
    level = np.log(20)
    return sum(
        _average(evidence(draw, Stream("alarms", draw.__name__, {"i": i}))) >= level
        for i in range(number)
    )


@pytest.mark.parametrize("draw", [honest, heavy], ids=lambda draw: draw.__name__)
def test_false_alarms_stay_inside_a_lowered_bound(draw):
    alarms = false_alarms(draw, 150)
    assert stats.binomtest(alarms, 150, 0.05, alternative="greater").pvalue > 1e-4


def test_twin_the_same_count_convicts_a_weakly_dependent_sampler():
    def weak(rng, size):
        z = rng.standard_normal(size)
        z[1:] = 0.1 * z[:-1] + z[1:]
        return z

    alarms = false_alarms(weak, 50)
    assert stats.binomtest(alarms, 50, 0.05, alternative="greater").pvalue < 1e-4


def test_an_alarm_on_the_screen_alone_is_not_raised():
    """A sampler that is dependent in the first stage and honest afterwards is let go."""

    def draw(rng, size):
        return repeated(rng, size) if draw.first else rng.standard_normal(size)

    def stage(name):
        draw.first = name == "guard-screen"
        return Stream("guards", "stages", {}, name)

    check_replicates(draw, "mine", stage, Design())
    draw.first = True
    with pytest.raises(DependentReplicates):
        check_replicates(draw, "mine", noise("stages"), Design())


@pytest.mark.nightly
@pytest.mark.parametrize("draw", [honest, heavy, rare], ids=lambda draw: draw.__name__)
def test_false_alarms_stay_inside_a_lowered_bound_nightly(draw):
    alarms = false_alarms(draw, 1500)
    assert stats.binomtest(alarms, 1500, 0.05, alternative="greater").pvalue > 1e-4
