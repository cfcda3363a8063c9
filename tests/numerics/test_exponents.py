"""Witnesses of exponents, reaches and thresholds: one-step increments, drawn without knowing them.

A candidate is drawn, the verifier keeps it or not by its own rule, and the step that a kept point
makes is averaged: no path is followed to a power law, and no line is fitted to logarithms. Every
number is told from the same number five per cent larger or smaller.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import digamma

from numerics.checking import check
from numerics.evidence import Verdict
from numerics.samplers.derived_selection import upper
from numerics.samplers.feng2025 import direction
from numerics.samplers.qiao2026_targets import approach, far_drift
from numerics.simulation import simulate
from numerics.streams import Stream
from theory import shelf
from theory.evaluation import evaluate_float
from theory.flow.landmarks import asymptotic_exponent, one_sided_reach, threshold
from theory.flow.longrun import trajectory
from theory.flow.problem import FlowProblem
from theory.selection import BestMean, BestVariance
from theory.setting import Setting
from theory.vocabulary import Accumulate, UpperTail

COUNT = 1_000_000
LIMIT = 5.0  # standard errors: what agrees lies within, what is planted beyond


def noise(name, **at):
    return Stream("5eed", name, at).generator()


def off(x, claimed):
    """How far a mean lies from what is claimed, in standard errors."""
    return (x.mean() - claimed) / (x.std() / len(x) ** 0.5)


def check_number(x, claimed):
    """The increments have the claimed mean, and neither 0.95 nor 1.05 of it."""
    assert abs(off(x, claimed)) < LIMIT
    for planted in (0.95, 1.05):
        assert abs(off(x, planted * claimed)) > LIMIT


@pytest.mark.parametrize(("alpha", "d"), [(0.05, 1), (0.5, 1), (0.5, 2), (0.05, 10), (0.9, 5)])
def test_the_asymptotic_exponent_of_accumulation(alpha, d):
    """k (1 - V_k / V_{k-1}) about the target, one point joining a pool of k - 1."""
    points = noise("exponent", alpha=alpha, d=d).standard_normal((int(COUNT / alpha / 4), d))
    square = (points**2).sum(axis=1)
    kept = square[square <= stats.chi2.ppf(alpha, d)] / d
    k = 1000
    check_number(k * (1 - ((k - 1) + kept) / k), asymptotic_exponent(alpha, d))


def test_the_exponent_at_finite_n_on_the_shelf():
    found = check(
        shelf.find("qiao2026.exponent-step"), salt="5eed", at={"n": 4, "N": 16, "d": 2, "k": 300}
    )
    assert found.verdict is Verdict.VERIFIED
    (judged,) = found.simulation.points
    refuted = {rival.name: rival.refuted for rival in judged.judgement.rivals}
    assert refuted["five per cent more"]


def one_generation(gap, along, across, alpha, d, rng):
    """1 - |x - mean|^2 / trace of points kept among many candidates, the target `gap` ahead."""
    trace = along + (d - 1) * across
    deviations = np.sqrt([along, *[across] * (d - 1)])
    losses = []
    for _ in range(20):
        points = rng.standard_normal((100_000, d)) * deviations
        away = points.copy()
        away[:, 0] -= gap
        nearest = np.argsort((away**2).sum(axis=1))[: int(100_000 * alpha)]
        losses.append(1 - (points[nearest] ** 2).sum(axis=1) / trace)
    return np.concatenate(losses)


@pytest.mark.parametrize(
    ("alpha", "d", "distance", "t"),
    [(0.05, 10, 6.5, 300), (0.2, 2, 4.0, 30), (0.5, 3, 8.0, 1000), (0.25, 1, 4.0, 3)],
)
def test_the_local_exponent_along_the_flow(alpha, d, distance, t):
    """d log Tr / d log t at a state of the flow is what one more kept point takes from the pool."""
    flow = trajectory(FlowProblem(Accumulate(), d, distance, alpha), [t])
    gap, along, across = flow.gap[0], *np.exp([flow.log_along[0], flow.log_across[0]])
    rng = noise("local", alpha=alpha, d=d, t=t)
    check_number(one_generation(gap, along, across, alpha, d, rng), flow.psi[0])


@pytest.mark.parametrize("alpha", [0.7, 0.9])
def test_the_drift_of_a_very_far_target(alpha):
    claimed = evaluate_float(shelf.find("qiao2026.far-drift").mean, {"alpha": alpha})
    check_number(far_drift(noise("far", alpha=alpha), COUNT, alpha=alpha), claimed)


@pytest.mark.parametrize("alpha", [0.6, 0.7, 0.8, 0.9, 0.95])
def test_the_threshold_of_alignment_on_the_line(alpha):
    """The distance, in deviations, shrinks 5 % before the threshold and grows 5 % beyond it."""
    for share, sign in ((0.95, -1), (1.05, 1)):
        rng = noise("threshold", alpha=alpha, share=share)
        x = approach(rng, 4 * COUNT, alpha=alpha, delta=share * threshold(alpha))
        assert sign * off(x, 0) > LIMIT


def late_distance(delta, alpha, d, rng, steps=40, step=0.03, count=30_000):
    """The distance in deviations after some log time, batch by batch."""
    gap, along, across = delta, 1.0, 1.0
    for _ in range(steps):
        points = rng.standard_normal((count, d))
        points[:, 0] *= along**0.5
        points[:, 1:] *= across**0.5
        away = (points[:, 0] - gap) ** 2 + (points[:, 1:] ** 2).sum(axis=1)
        kept = points[np.argpartition(away, int(alpha * count))[: int(alpha * count)]]
        mean = kept[:, 0].mean()
        along += step * ((kept[:, 0] ** 2).mean() - along) - (step * mean) ** 2
        across += step * ((kept[:, 1:] ** 2).mean() - across)
        gap -= step * mean
    return gap / along**0.5


def test_the_threshold_of_alignment_in_the_plane():
    """Fates part: no one step tells them, because the model loses its round shape on the way."""
    border = threshold(0.9, 2)
    for share, sign in ((0.95, -1), (1.05, 1)):
        ends = [
            late_distance(share * border, 0.9, 2, noise("plane", share=share, i=i)) - share * border
            for i in range(4)
        ]
        assert sign * off(np.array(ends), 0) > LIMIT


def reach_step(z, w, reach):
    """Where a target `reach` away lies after a step, minus where it lay, squared: unbiased.

    E = (reach - E z)^2 - reach^2 Var z, which is 0 only where the target seems to stay: what the
    mean still has to go then is exactly what all further steps together go.
    """
    return (reach - z) * (reach - w) - reach**2 * (z - w) ** 2 / 2


def check_reach(z, w, reach):
    assert abs(off(reach_step(z, w, reach), 0)) < LIMIT
    for share, sign in ((0.95, -1), (1.05, 1)):
        assert sign * off(reach_step(z, w, share * reach), 0) > LIMIT


@pytest.mark.parametrize("alpha", [0.05, 0.25, 0.5, 0.9])
def test_the_reach_of_replacing_by_an_upper_tail(alpha):
    z, w = upper(noise("tail", alpha=alpha), 2 * COUNT, alpha).reshape(2, -1)
    check_reach(z, w, one_sided_reach(alpha))


def test_the_reach_at_the_end_of_thirty_generations():
    """The same from the first model to the last: Replace, 24 runs of 20,000 kept points."""
    setting = Setting(selection=UpperTail(0.25), sample_size=20_000)
    runs = simulate(setting, 30, 24, "5eed", quantities=("squared_drift",), at=(30,))
    moved = np.sqrt(runs.values["squared_drift"][:, 0])
    claimed = one_sided_reach(0.25)
    error = moved.std() / len(moved) ** 0.5
    assert abs(moved.mean() - claimed) < LIMIT * error + 1e-3
    for wrong in (0.95 * claimed, 1.05 * claimed):
        assert abs(moved.mean() - wrong) > 20 * error


@pytest.mark.parametrize("number", [2, 3, 5, 8, 24])
def test_the_reach_of_best_of_n(number):
    rng = noise("best", number=number)
    z, w = (rng.standard_normal((number, COUNT // 2)).max(axis=0) for _ in range(2))
    reach = evaluate_float(BestMean(number) / (1 - BestVariance(number) ** 0.5), {})
    check_reach(z, w, reach)


@pytest.mark.parametrize("b", [0.3, 2.0])
def test_a_soft_verifier_collapses_like_one_over_log_t(b):
    """1/(b V) - log V gains 1 per unit of log t, each kept point taking V (1 - x^2/V) / k."""
    x = noise("soft", b=b).standard_normal(4 * COUNT)
    kept = x[noise("accept", b=b).random(len(x)) < np.exp(-b * x**2 / 2)]
    check_number((1 - kept**2) * (1 / b + 1), 1.0)  # V = 1: -dV/dlog t times -(1/(b V^2) + 1/V)


@pytest.mark.parametrize("b", [0.3, 2.0])
def test_a_soft_verifier_replaces_like_one_over_t(b):
    """1/(b V) gains 1 in every generation: V' (1 + b) = 1 at V = 1, from accepted points alone."""
    x = noise("soft", b=b).standard_normal(4 * COUNT)
    kept = x[noise("accept", b=b).random(len(x)) < np.exp(-b * x**2 / 2)]
    z, w = kept[: len(kept) // 2 * 2].reshape(2, -1)
    check_number((z - w) ** 2 / 2 * (1 + b), 1.0)


@pytest.mark.parametrize(("n", "unbiased"), [(5, True), (20, True), (20, False)])
def test_the_log_rate_of_replacing(n, unbiased):
    """E log of one fitted variance over the last, from raw points."""
    points = noise("log", n=n, unbiased=unbiased).standard_normal((COUNT, n))
    fitted = points.var(axis=1, ddof=1 if unbiased else 0)
    claimed = digamma((n - 1) / 2) - np.log((n - 1 if unbiased else n) / 2)
    check_number(np.log(fitted), claimed)


@pytest.mark.parametrize(("right", "wrong"), [(0.9, 0.3), (0.5, 0.4)])
def test_the_threshold_of_noisy_labels(right, wrong):
    """Five per cent fewer wrong labels than phi/(phi + psi) point the right way, more the wrong."""
    border = right / (right + wrong)
    for share, sign in ((0.95, 1), (1.05, -1)):
        asked = {"p": share * border, "keep_correct": right, "keep_wrong": wrong, "margin": 1.0}
        x = direction(noise("labels", share=share, right=right), COUNT, **asked)
        assert sign * off(x, 0) > LIMIT
