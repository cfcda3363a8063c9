"""The law of a kept point, rule by rule, against points drawn and judged one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from theory.errors import InvalidInput
from theory.selection import kappa_n_of_N, kept_weighted
from theory.selection.rules import beta_nodes, kept_law
from theory.vocabulary import BestOf, ExponentialTilt, KeepAll, SoftVerifier, TopFraction, UpperTail

COVARIANCE = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.3], [0.1, -0.3, 0.7]])
MEAN = np.array([0.3, -0.2, 0.5])
TARGET = (2.0, -1.0, 0.5)
MATRIX = ((1.0, 0.2, 0.0), (0.2, 2.0, 0.0), (0.0, 0.0, 0.3))
POINTS = 400_000


def judged(rule, x, rng):
    """The points of a large sample that the rule keeps, by its definition."""
    if isinstance(rule, UpperTail):
        return x[np.argsort(-x[:, 0])[: round(len(x) * rule.kept_fraction)]]
    if isinstance(rule, BestOf):
        groups = x.reshape(-1, rule.candidates, 3)
        return groups[np.arange(len(groups)), groups[:, :, 0].argmax(axis=1)]
    if isinstance(rule, SoftVerifier):
        away = ((x - rule.target) ** 2).sum(axis=1)
        return x[rng.random(len(x)) < np.exp(-rule.strength * away / 2)]
    metric = {"model": COVARIANCE, "identity": np.eye(3)}
    matrix = metric[rule.metric] if isinstance(rule.metric, str) else np.array(rule.metric)
    away = x - (MEAN if rule.target is None else rule.target)
    order = np.argsort(np.einsum("ni,ij,nj->n", away, np.linalg.inv(matrix), away))
    return x[order[: round(len(x) * rule.kept_fraction)]]


RULES = [
    TopFraction(kept_fraction=0.2, target=TARGET),
    TopFraction(kept_fraction=0.2, target=TARGET, metric="identity"),
    TopFraction(kept_fraction=0.2, target=TARGET, metric=MATRIX),
    TopFraction(kept_fraction=0.2, metric="identity"),
    TopFraction(kept_fraction=0.2),
    UpperTail(0.2),
    BestOf(4),
    SoftVerifier(0.8, TARGET),
]


def distance(rule, law, seed=5):
    """Largest standardised difference of mean and covariance from a judged sample."""
    rng = np.random.default_rng(seed)
    x = MEAN + rng.standard_normal((POINTS, 3)) @ np.linalg.cholesky(COVARIANCE).T
    kept = judged(rule, x, rng)
    size = np.sqrt(len(kept))
    mean = np.abs(kept.mean(axis=0) - law.mean) / kept.std(axis=0) * size
    away = kept - kept.mean(axis=0)
    squares = away[:, :, None] * away[:, None, :]
    spread = np.abs(squares.mean(axis=0) - law.covariance) / squares.std(axis=0) * size
    return max(mean.max(), spread.max())


@pytest.mark.parametrize(
    "rule", RULES, ids=lambda rule: f"{rule.name}-{getattr(rule, 'metric', '')}"
)
def test_a_kept_point_has_the_law_of_the_judged_sample(rule):
    assert distance(rule, kept_law(rule, MEAN, COVARIANCE)) < 5
    law = kept_law(rule, MEAN, COVARIANCE)
    assert distance(rule, replace(law, mean=law.mean + 0.03)) > 5
    assert distance(rule, replace(law, covariance=1.05 * law.covariance)) > 5


def test_a_tilt_equals_its_weights():
    x, w = np.polynomial.hermite_e.hermegauss(80)
    weight = w * np.exp(0.7 * 1.5 * x)
    weight /= weight.sum()
    law = kept_law(ExponentialTilt(0.7), [0.0], [[1.5**2]])
    assert law.mean[0] == pytest.approx(1.5 * weight @ x, rel=1e-12)
    assert law.covariance[0, 0] == pytest.approx(
        2.25 * (weight @ x**2 - (weight @ x) ** 2), rel=1e-12
    )
    assert kept_law(KeepAll(), [1.0], [[2.0]]).mean.tolist() == [1.0]


def test_n_of_N_is_averaged_over_the_mass():
    rule = TopFraction(candidates=20)
    own = kept_law(rule, [0.0, 0.0], np.eye(2), kept=5).covariance[0, 0]
    assert own == pytest.approx(kappa_n_of_N(5, 20, 2), rel=1e-13)
    near = TopFraction(candidates=20, target=(1e-7, 0.0))
    assert kept_law(near, [0.0, 0.0], np.eye(2), kept=5).covariance[0, 0] == pytest.approx(
        own, rel=1e-9
    )
    far = TopFraction(candidates=20, target=(2.0, 0.0))
    rng = np.random.default_rng(8)
    x = rng.standard_normal((100_000, 20, 2))
    order = np.argsort(((x - [2.0, 0.0]) ** 2).sum(axis=2), axis=1)[:, :5]
    drawn = np.take_along_axis(x, order[:, :, None], axis=1)
    law = kept_law(far, [0.0, 0.0], np.eye(2), kept=5)
    shift = drawn[..., 0].mean(axis=1)
    assert abs(shift.mean() - law.mean[0]) < 5 * shift.std() / np.sqrt(len(shift))
    square = (drawn[..., 1] ** 2).mean(axis=1)
    assert abs(square.mean() - law.covariance[1, 1]) < 5 * square.std() / np.sqrt(len(square))
    population = kept_weighted(0.25, [1.0, 1.0], [2.0, 0.0])
    assert abs(shift.mean() - population.mean[0]) > 5 * shift.std() / np.sqrt(len(shift))


def test_gauss_nodes_of_a_beta_law_have_its_moments():
    for a, b in ((2, 1), (6, 15), (1001, 10**6)):
        nodes, weights = beta_nodes(a, b)
        assert weights.sum() == pytest.approx(1, rel=1e-13)
        assert weights @ nodes == pytest.approx(a / (a + b), rel=1e-12)
        square = a * (a + 1) / ((a + b) * (a + b + 1))
        assert weights @ nodes**2 == pytest.approx(square, rel=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: kept_law(TopFraction(candidates=20), [0.0], [[1.0]]),
        lambda: kept_law(KeepAll(), [0.0, 1.0], [[1.0]]),
        lambda: kept_law(UpperTail(0.1), [0.0], [[-1.0]]),
        lambda: kept_law(TopFraction(kept_fraction=0.1, target=(1.0, 2.0)), [0.0], [[1.0]]),
        lambda: TopFraction(kept_fraction=0.1, target=()),
        lambda: TopFraction(kept_fraction=0.1, metric="mahalanobis"),
        lambda: TopFraction(kept_fraction=0.1, metric=((1.0, 2.0), (0.0, 1.0))),
        lambda: SoftVerifier(-1),
        lambda: UpperTail(1.5),
        lambda: BestOf(0),
    ],
)
def test_bad_input_is_one_line(call):
    with pytest.raises(InvalidInput) as caught:
        call()
    assert "\n" not in str(caught.value)
