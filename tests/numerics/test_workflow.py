"""Every workflow against a naive loop that keeps all points and refits from scratch."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

import numerics.selection
import numerics.workflow
from numerics.steps import plan
from numerics.subsets import subset
from numerics.workflow import chain
from theory.errors import InvalidInput
from theory.setting import Setting
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    FixedReal,
    FreshReal,
    KeepAll,
    Replace,
    TopFraction,
    Workflow,
)

WORKFLOWS = (Replace(), Accumulate(), AccumulateSubsample(), FreshReal(0.25), FixedReal(3))
SELECTIONS = (KeepAll(), TopFraction(kept_fraction=0.4), TopFraction(candidates=40))
COVARIANCE = {1: None, 3: ((2.0, 0.5, 0.1), (0.5, 1.0, -0.3), (0.1, -0.3, 0.7))}


def ball_by_definition(rng, kept, dimension, mass):
    """Points in the ball of a given mass, by SciPy's quantiles."""
    if dimension == 1:
        u = 2 * rng.random((kept, 1)) - 1
        return stats.norm.ppf((1 + mass * u) / 2)
    z = rng.standard_normal((kept, dimension))
    radius = np.sqrt(stats.chi2.ppf(mass * rng.random(kept), dimension))
    return z * (radius / np.linalg.norm(z, axis=1))[:, None]


def naive(setting, generations, rng, signs):
    """Fits (mean, covariance) of one run, points and all; the true mean is 0.

    `signs` are the signs of the kernel's roots: a root is free in the signs of its columns, and the
    same candidates in standard coordinates need the same root to be the same points.
    """
    dimension = setting.dimension
    cov = setting.covariance
    truth = np.eye(dimension) * float(setting.sigma_0) ** 2 if cov is None else np.array(cov)
    mean, sigma = np.zeros(dimension), truth
    ridge = float(setting.ridge) * np.eye(dimension)
    pool, real_set, fits = np.empty((0, dimension)), None, []
    for k in range(1, generations + 1):
        whole = k == 1 and setting.first_batch == "real"
        temperature = 1.0 if whole else float(setting.temperature)
        kept, real = setting.batch_size(k), setting.real_size(k)
        if isinstance(setting.workflow, FixedReal) and real_set is None:
            real_set = rng.standard_normal((real, dimension)) @ np.linalg.cholesky(truth).T
        if isinstance(setting.workflow, FreshReal):
            real_set = rng.standard_normal((real, dimension)) @ np.linalg.cholesky(truth).T
        root = np.linalg.cholesky(sigma) * signs[k - 1]
        rule = setting.selection
        if isinstance(rule, TopFraction) and not whole and rule.law == "population":
            z = ball_by_definition(rng, kept, dimension, float(rule.kept_fraction))
            batch = mean + np.sqrt(temperature) * z @ root.T
        else:
            total = setting.candidates(k)
            batch = mean + np.sqrt(temperature) * rng.standard_normal((total, dimension)) @ root.T
            distance = np.einsum("ni,ij,nj->n", batch - mean, np.linalg.inv(sigma), batch - mean)
            batch = batch[np.sort(np.argsort(distance)[:kept])]
        if isinstance(setting.workflow, FixedReal | FreshReal):
            seen = np.concatenate([batch, real_set])
        elif isinstance(setting.workflow, Replace):
            seen = batch
        else:
            pool = np.concatenate([pool, batch])
            seen = pool
            if isinstance(setting.workflow, AccumulateSubsample):
                seen = pool[subset(rng, 1, setting.size(k), len(pool))[0]]
        divisor = len(seen) - (setting.fit == "unbiased")
        mean = seen.mean(axis=0)
        sigma = (seen - mean).T @ (seen - mean) / divisor + ridge
        fits.append((mean, sigma))
    return fits


def kernel(setting, generations, seed):
    """Fits of the kernel, one replicate, mapped to the coordinates of the true law."""
    rng = np.random.default_rng(seed)
    steps = plan(setting, generations)
    runs = chain(setting, steps, 1)
    fits, signs = [], []
    for step in steps:
        signs.append(np.sign(np.diagonal(runs.model.factor[0])))
        runs.advance(rng, step)
        root = runs.start.root @ runs.model.root[0]
        fits.append((runs.start.root @ runs.model.displacement[0], root @ root.T))
        sign, log_det = np.linalg.slogdet(root @ root.T)
        assert sign > 0
        assert runs.model.log_det[0] + runs.start.log_det == pytest.approx(log_det, abs=1e-6)
    return fits, signs


def disagreement(setting, generations=4, seed=1):
    """Largest difference between kernel and naive loop, in units of the true law."""
    fits, signs = kernel(setting, generations, seed)
    slow = naive(setting, generations, np.random.default_rng(seed), signs)
    return max(
        max(np.abs(mean - m).max(), np.abs(sigma - s).max())
        for (mean, sigma), (m, s) in zip(fits, slow, strict=True)
    )


def build(workflow: Workflow, selection, dimension, **changes):
    common = {"sample_size": 12, "dimension": dimension, "covariance": COVARIANCE[dimension]}
    return Setting(workflow=workflow, selection=selection, **(common | changes))


CELLS = list(product(WORKFLOWS, SELECTIONS, (1, 3), ("mle", "unbiased")))


@pytest.mark.parametrize(("workflow", "selection", "dimension", "fit"), CELLS)
def test_kernel_equals_the_naive_loop(workflow, selection, dimension, fit):
    assert disagreement(build(workflow, selection, dimension, fit=fit)) < 1e-10


@pytest.mark.parametrize("workflow", WORKFLOWS)
@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": 1.7},
        {"ridge": 0.05},
        {"first_batch": "real", "temperature": 0.6},
        {"sigma_0": 3, "covariance": None},
        {"sample_size": (12, 20, 40, 8)},
        {"ridge": 0.1, "temperature": 0.5, "fit": "unbiased"},
        {"sample_size": 60},
    ],
    ids=str,
)
@pytest.mark.parametrize("selection", SELECTIONS[:2])
def test_kernel_equals_the_naive_loop_with(workflow, changes, selection):
    assert disagreement(build(workflow, selection, 3, **changes)) < 1e-10


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_comparison_sees_a_wrong_selection(workflow, monkeypatch):
    monkeypatch.setattr(numerics.selection, "nearest", lambda points, kept: points[:, :kept])
    assert disagreement(build(workflow, TopFraction(candidates=40), 3)) > 1e-3


@pytest.mark.parametrize("workflow", WORKFLOWS[1:])
def test_the_comparison_sees_a_forgotten_pool(workflow, monkeypatch):
    forgetful = dict.fromkeys(numerics.workflow.CHAINS, numerics.workflow.ReplaceChain)
    monkeypatch.setattr(numerics.workflow, "CHAINS", forgetful)
    assert disagreement(build(workflow, KeepAll(), 1)) > 1e-3


def test_fraction_of_real_points_can_be_none_or_all():
    assert disagreement(build(FreshReal(0), KeepAll(), 3)) < 1e-10
    assert disagreement(build(FreshReal(1), KeepAll(), 3)) < 1e-10
    assert disagreement(build(FixedReal(12), KeepAll(), 3)) < 1e-10


@pytest.mark.parametrize(("size", "total"), [(3, 7), (2, 30)])
def test_subset_is_uniform(size, total):
    chosen = np.sort(subset(np.random.default_rng(5), 60_000, size, total), axis=1)
    assert (np.diff(chosen, axis=1) > 0).all()
    _, counts = np.unique(chosen, axis=0, return_counts=True)
    sets = stats.chisquare(counts)
    assert len(counts) == round(stats.binom(total, 0.5).pmf(size) * 2**total)
    assert sets.pvalue > 1e-4


def test_the_subset_check_sees_a_preference():
    rng = np.random.default_rng(5)
    # Drawing with repetition and taking the next free index where one is taken is not uniform.
    first = rng.integers(7, size=60_000)
    second = rng.integers(7, size=60_000)
    second = np.where(second == first, (second + 1) % 7, second)
    pairs = np.sort(np.stack([first, second], axis=1), axis=1)
    _, counts = np.unique(pairs, axis=0, return_counts=True)
    assert stats.chisquare(counts).pvalue < 1e-6


def test_a_schedule_that_ends_is_told_in_one_line():
    with pytest.raises(InvalidInput, match="the schedule has 2 sizes; generation 3 has none"):
        plan(Setting(sample_size=(5, 6)), 3)


def test_an_unknown_workflow_is_told_in_one_line():
    class Elsewhere(Workflow):
        name = "elsewhere"

    setting = Setting(workflow=Elsewhere())
    with pytest.raises(InvalidInput, match="no simulation of the workflow Elsewhere"):
        chain(setting, plan(setting, 1), 1)
