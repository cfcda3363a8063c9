"""Indicators whose probability is close to 0 or 1: the tolerance is not small beside the room."""

import numpy as np
import pytest

from numerics.evidence import Design, Verdict, judge
from numerics.evidence.design import FIRST_LOOK
from numerics.streams import Stream


def indicators(probability):
    def draws(stage, start, count):
        stream = Stream("5eed", "indicator", {"p": probability}, stage)
        return (stream.generator(start).random(count) < probability).astype(np.float64)

    return draws


@pytest.mark.parametrize("mean", [2e-5, 1e-4, 0.5, 0.985, 0.99, 0.9925, 0.999])
def test_a_true_probability_is_verified_within_the_plan(mean):
    judged = judge(indicators(mean), mean=mean, bounds=(0, 1), variance=mean * (1 - mean))
    assert judged.verdict is Verdict.VERIFIED
    assert judged.screen_draws <= 2.5 * judged.planned_draws + 2 * FIRST_LOOK


@pytest.mark.parametrize("mean", [2e-5, 0.99, 0.9925])
def test_what_lies_beyond_the_tolerance_is_not_verified(mean):
    scale = np.sqrt(mean)
    for off in (-0.03 * scale, 0.03 * scale):
        if 0 <= mean + off <= 1:
            wrong = judge(
                indicators(mean + off), mean=mean, bounds=(0, 1), design=Design(budget=200_000)
            )
            assert wrong.verdict is not Verdict.VERIFIED
