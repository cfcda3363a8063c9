"""Verifiers with a target, a metric or a score, against a naive loop over all points."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

import numerics.selection
import numerics.verifier
from numerics.simulation import simulate
from numerics.steps import plan
from numerics.streams import Stream
from numerics.subsets import subset
from numerics.workflow import chain
from theory.errors import InvalidInput
from theory.setting import Setting
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    BestOf,
    ExponentialTilt,
    FixedReal,
    FreshReal,
    Replace,
    SoftVerifier,
    TopFraction,
    UpperTail,
)

COVARIANCE = {1: ((2.0,),), 3: ((2.0, 0.5, 0.1), (0.5, 1.0, -0.3), (0.1, -0.3, 0.7))}
TARGET = {1: (1.5,), 3: (2.0, -1.0, 0.5)}
MATRIX = {1: ((3.0,),), 3: ((1.0, 0.2, 0.0), (0.2, 2.0, 0.0), (0.0, 0.0, 0.3))}
WORKFLOWS = (Replace(), Accumulate(), AccumulateSubsample(), FreshReal(0.25), FixedReal(3))
RULES = ("target", "identity", "matrix", "own mean, identity")


def rule_of(name, dimension):
    target = None if name.startswith("own") else TARGET[dimension]
    metric = {"target": "model", "matrix": MATRIX[dimension]}.get(name, "identity")
    return TopFraction(candidates=40, target=target, metric=metric)


def naive(setting, generations, rng, signs):
    """Fits (mean, covariance) of one run by the definition of the verifier, points and all."""
    dimension, rule = setting.dimension, setting.selection
    truth = np.array(setting.covariance)
    mean, sigma = np.zeros(dimension), truth
    pool, real_set, fits = np.empty((0, dimension)), None, []

    def nearest(points, kept):
        target = mean if rule.target is None else np.array(rule.target)
        metric = {"model": sigma, "identity": np.eye(dimension)}
        matrix = metric[rule.metric] if isinstance(rule.metric, str) else np.array(rule.metric)
        away = points - target
        distance = np.einsum("ni,ij,nj->n", away, np.linalg.inv(matrix), away)
        return points[np.sort(np.argsort(distance)[:kept])]

    for k in range(1, generations + 1):
        kept, real = setting.batch_size(k), setting.real_size(k)
        if isinstance(setting.workflow, FixedReal) and real_set is None:
            real_set = rng.standard_normal((real, dimension)) @ np.linalg.cholesky(truth).T
        if isinstance(setting.workflow, FreshReal):
            drawn = setting.real_candidates(k)
            real_set = rng.standard_normal((drawn, dimension)) @ np.linalg.cholesky(truth).T
            real_set = nearest(real_set, real)
        heat = np.sqrt(float(setting.temperature))
        root = np.linalg.cholesky(sigma) * signs[k - 1]
        drawn = rng.standard_normal((setting.candidates(k), dimension))
        batch = nearest(mean + heat * drawn @ root.T, kept)
        if isinstance(setting.workflow, FixedReal | FreshReal):
            seen = np.concatenate([batch, real_set])
        elif isinstance(setting.workflow, Replace):
            seen = batch
        else:
            pool = np.concatenate([pool, batch])
            seen = pool
            if isinstance(setting.workflow, AccumulateSubsample):
                seen = pool[subset(rng, 1, setting.size(k), len(pool))[0]]
        mean = seen.mean(axis=0)
        sigma = (seen - mean).T @ (seen - mean) / len(seen)
        fits.append((mean, sigma))
    return fits


def disagreement(setting, generations=4, seed=1):
    """Largest difference between the kernel and the naive loop."""
    rng, steps = np.random.default_rng(seed), plan(setting, generations)
    runs, fits, signs = chain(setting, steps, 1), [], []
    for step in steps:
        signs.append(np.sign(np.diagonal(runs.model.factor[0])))
        runs.advance(rng, step)
        root = runs.start.root @ runs.model.root[0]
        fits.append((runs.start.root @ runs.model.displacement[0], root @ root.T))
    slow = naive(setting, generations, np.random.default_rng(seed), signs)
    return max(
        max(np.abs(mean - m).max(), np.abs(sigma - s).max())
        for (mean, sigma), (m, s) in zip(fits, slow, strict=True)
    )


def build(workflow, rule, dimension, **changes):
    common = {"sample_size": 12, "dimension": dimension, "covariance": COVARIANCE[dimension]}
    return Setting(workflow=workflow, selection=rule, **(common | changes))


@pytest.mark.parametrize(("workflow", "name", "d"), list(product(WORKFLOWS, RULES, (1, 3))))
def test_the_kernel_equals_the_naive_loop(workflow, name, d):
    rule = rule_of(name, d)
    assert disagreement(build(workflow, rule, d, temperature=1.3)) < 1e-10


@pytest.mark.parametrize(("name", "d"), list(product(RULES, (1, 3))))
def test_real_points_pass_the_same_verifier(name, d):
    setting = build(FreshReal(0.25), rule_of(name, d), d, filter_real=True)
    assert setting.real_candidates(1) > setting.real_size(1)
    assert disagreement(setting) < 1e-10


@pytest.mark.parametrize("name", RULES)
def test_the_comparison_sees_a_wrong_target(name, monkeypatch):
    right = numerics.verifier.View.distance
    monkeypatch.setattr(
        numerics.verifier.View, "distance", lambda view, points: right(view, points + 0.1)
    )
    assert disagreement(build(Replace(), rule_of(name, 3), 3)) > 1e-3


def test_a_target_is_seen_from_a_model_that_has_collapsed():
    """Beyond the smallest float the ball is a half-space, and nothing becomes nan."""
    rule = TopFraction(candidates=20, target=(2.0,))
    setting = Setting(selection=rule, sample_size=5)
    runs = simulate(setting, 400, 50, "c0ffee", quantities=("log_variance", "squared_drift"))
    assert np.isfinite(runs.values["log_variance"]).all()
    assert np.isfinite(runs.values["squared_drift"]).all()
    assert runs.values["log_variance"][:, -1].max() < -200


@pytest.mark.parametrize("place", [0.0, 0.4, -3.0, 20.0])
@pytest.mark.parametrize("mass", [0.01, 0.5, 0.95])
def test_points_of_the_interval_have_its_law(place, mass):
    """Kolmogorov's distance to the truncated normal law, its interval by SciPy's chi-square."""
    setting = Setting(
        selection=TopFraction(kept_fraction=mass, target=(place,)), sample_size=20_000
    )
    step = plan(setting, 1)[0]
    runs = chain(setting, (step,), 1)
    rng = np.random.default_rng(7)
    view = runs.view(step.rule, 1.0)
    points = numerics.selection.draw_points(rng, 1, step.rule, view)[0, :, 0]
    half = np.sqrt(stats.ncx2.ppf(mass, 1, place**2) if place else stats.chi2.ppf(mass, 1))
    low, high = place - half, place + half
    assert points.min() >= low - 1e-9
    assert points.max() <= high + 1e-9
    law = lambda x: (stats.norm.cdf(x) - stats.norm.cdf(low)) / mass  # noqa: E731
    if place > 10:
        law = lambda x: 1 - (stats.norm.sf(x) - stats.norm.sf(high)) / mass  # noqa: E731
    distance = stats.kstest(points, law)
    assert distance.pvalue > 1e-6
    assert stats.kstest(points + 0.1 * points.std(), law).pvalue < 1e-6


def one_generation(rule, size=2000, runs=400, **changes):
    """z scores of mean displacement and unbiased variance after one fit against moments (m, v)."""
    setting = Setting(selection=rule, sample_size=size, **changes)
    steps = plan(setting, 1)
    found = chain(setting, steps, runs)
    found.advance(Stream("5eed", repr(rule), {}, "verifier").generator(), steps[0])
    shift = (found.model.displacement @ found.start.root.T)[:, 0]
    root = found.start.root @ found.model.root
    variance = (root[:, 0] ** 2).sum(axis=1) * size / (size - 1)

    def scores(m, v):
        return (
            (shift.mean() - m) / shift.std() * runs**0.5,
            (variance.mean() - v) / variance.std() * runs**0.5,
        )

    return scores


def quadrature(weight, deviation=2.0):
    """Mean and variance of the first coordinate under a weight on its standard score."""
    z = np.linspace(-12, 12, 200_001)
    w = weight(z) * stats.norm.pdf(z)
    w /= w.sum()
    return deviation * (w @ z), deviation**2 * (w @ z**2 - (w @ z) ** 2)


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize(
    ("rule", "weight"),
    [
        (UpperTail(0.2), lambda z: z > stats.norm.isf(0.2)),
        (BestOf(3), lambda z: stats.norm.cdf(z) ** 2),
        (ExponentialTilt(0.4), lambda z: np.exp(0.8 * z)),
        (SoftVerifier(0.5, (1.0, 0.0)), lambda z: np.exp(-0.25 * (2 * z - 1) ** 2)),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_one_generation_of_a_score(rule, weight, dimension):
    if isinstance(rule, SoftVerifier):
        rule = SoftVerifier(rule.strength, rule.target[:dimension])
    scores = one_generation(rule, dimension=dimension, sigma_0=2)
    mean, variance = quadrature(weight)
    assert max(map(abs, scores(mean, variance))) < 5
    assert min(map(abs, scores(mean + 0.05, 1.05 * variance))) > 5


@pytest.mark.parametrize("workflow", WORKFLOWS[:4])
@pytest.mark.parametrize(
    "rule",
    [UpperTail(0.2), BestOf(3), SoftVerifier(1, (0.5,)), ExponentialTilt(0.5)],
    ids=lambda rule: rule.name,
)
def test_every_workflow_draws_every_rule(workflow, rule):
    setting = Setting(workflow=workflow, selection=rule, sample_size=12)
    runs = simulate(setting, 3, 200, "c0ffee", quantities=("variance", "squared_drift"))
    again = simulate(setting, 3, 200, "c0ffee", quantities=("variance", "squared_drift"))
    for name, values in runs.values.items():
        assert np.isfinite(values).all()
        assert (values == again.values[name]).all()
    assert runs.values["squared_drift"][:, -1].mean() > 0.02
    assert runs.method == "raw"


@pytest.mark.parametrize(
    "call",
    [
        lambda: Setting(selection=TopFraction(kept_fraction=0.1, target=(1.0, 2.0))),
        lambda: Setting(selection=TopFraction(kept_fraction=0.1, metric=((1.0, 0.0), (0.0, 1.0)))),
        lambda: Setting(
            selection=TopFraction(kept_fraction=0.1, metric=((1.0, 2.0), (2.0, 1.0))), dimension=2
        ),
        lambda: Setting(workflow=FixedReal(3), selection=UpperTail(0.1), filter_real=True),
        lambda: simulate(
            Setting(selection=TopFraction(kept_fraction=0.1, metric="identity"), dimension=2), 1, 2
        ),
        lambda: simulate(
            Setting(selection=SoftVerifier(100, (9.0,)), sample_size=5), 1, 2, "c0ffee"
        ),
    ],
)
def test_bad_input_is_one_line(call):
    with pytest.raises(InvalidInput) as caught:
        call()
    assert "\n" not in str(caught.value)
