"""Quantities of models against their textbook definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg, stats

from numerics.measure import MEASURES, value_of
from numerics.model import Model, Start
from theory.errors import InvalidInput
from theory.setting import Setting
from theory.vocabulary import QUANTITIES

COVARIANCE = ((2.0, 0.5, 0.1), (0.5, 1.0, -0.3), (0.1, -0.3, 0.7))


def some_models(dimension, covariance=None, sigma_0=1, scale=1.0, count=6):
    rng = np.random.default_rng(1)
    setting = Setting(dimension=dimension, covariance=covariance, sigma_0=sigma_0)
    model = Model(count, dimension)
    root = np.tril(rng.standard_normal((count, dimension, dimension))) * scale
    model.replace(rng.standard_normal((count, dimension)), root)
    start = Start.of(setting)
    means = model.displacement @ start.root.T
    roots = start.root @ model.root
    return model, start, means, roots @ roots.transpose(0, 2, 1), start.root @ start.root.T


def kl(mean, cov, mean_2, cov_2):
    inverse = np.linalg.inv(cov_2)
    gap = mean - mean_2
    logs = np.linalg.slogdet(cov_2)[1] - np.linalg.slogdet(cov)[1]
    return 0.5 * (np.trace(inverse @ cov) + gap @ inverse @ gap - len(mean) + logs)


def bures(mean, cov, truth):
    root = linalg.sqrtm(truth)
    cross = np.trace(np.real(linalg.sqrtm(root @ cov @ root)))
    return mean @ mean + np.trace(cov) + np.trace(truth) - 2 * cross


def tail(mean, cov, truth):
    threshold = stats.norm.ppf(0.99) * np.sqrt(truth[0, 0])
    return stats.norm(mean[0], np.sqrt(cov[0, 0])).sf(threshold)


DEFINITIONS = {
    "variance": lambda m, s, truth: np.trace(s),
    "variance_squared": lambda m, s, truth: np.trace(s) ** 2,
    "log_variance": lambda m, s, truth: np.log(np.trace(s)),
    "log_det": lambda m, s, truth: np.linalg.slogdet(s)[1],
    "squared_drift": lambda m, s, truth: m @ m,
    "squared_w2": bures,
    "kl_model_to_start": lambda m, s, truth: kl(m, s, np.zeros(len(m)), truth),
    "kl_start_to_model": lambda m, s, truth: kl(np.zeros(len(m)), truth, m, s),
    "tail_mass": tail,
}
STARTS = [(1, None, 1), (1, None, 3), (3, None, 2), (3, COVARIANCE, 1)]


def test_every_quantity_of_the_vocabulary_is_measured():
    assert set(MEASURES) == set(QUANTITIES) == set(DEFINITIONS)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize(("dimension", "covariance", "sigma_0"), STARTS)
def test_measure_is_the_definition(quantity, dimension, covariance, sigma_0):
    model, start, means, sigmas, truth = some_models(dimension, covariance, sigma_0)
    expected = [DEFINITIONS[quantity](m, s, truth) for m, s in zip(means, sigmas, strict=True)]
    assert value_of(model, start, quantity) == pytest.approx(expected, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_comparison_tells_quantities_apart(quantity):
    model, start, means, sigmas, truth = some_models(3, COVARIANCE)
    for other, definition in DEFINITIONS.items():
        wrong = [definition(m, s, truth) for m, s in zip(means, sigmas, strict=True)]
        same = value_of(model, start, quantity) == pytest.approx(wrong, rel=1e-7, abs=1e-9)
        assert same == (other == quantity)


def test_distance_of_close_models_does_not_cancel():
    # For a covariance (1 + h)^2 I the distance is d h^2: here far below the rounding of traces.
    setting = Setting(dimension=3)
    model = Model(1, 3)
    model.replace(np.zeros((1, 3)), (1 + 1e-10) * np.eye(3)[None])
    assert value_of(model, Start.of(setting), "squared_w2")[0] == pytest.approx(3e-20, rel=1e-4)


def test_singular_models_have_their_limits():
    model = Model(2, 2)
    model.replace(np.array([[0.5, 0.0], [0.0, 0.0]]), np.tile(np.diag([1.0, 0.0]), (2, 1, 1)))
    start = Start.of(Setting(dimension=2))
    assert np.isneginf(value_of(model, start, "log_det")).all()
    assert np.isposinf(value_of(model, start, "kl_model_to_start")).all()
    assert np.isposinf(value_of(model, start, "kl_start_to_model")).all()
    assert value_of(model, start, "squared_w2") == pytest.approx([1.25, 1.0])
    model.replace(np.array([[5.0, 0.0], [0.0, 0.0]]), np.zeros((2, 2, 2)))
    assert value_of(model, start, "tail_mass").tolist() == [1.0, 0.0]
    assert np.isneginf(value_of(model, start, "log_variance")).all()


def test_overflow_is_infinite_and_silent():
    model = Model(1, 1)
    for _ in range(4):
        model.reshape(np.full((1, 1, 1), 1e200))
    start = Start.of(Setting())
    assert np.isposinf(value_of(model, start, "variance")).all()
    assert value_of(model, start, "log_variance")[0] == pytest.approx(1600 * np.log(10))
    assert np.isposinf(value_of(model, start, "kl_model_to_start")).all()


def test_unknown_quantity_is_told_in_one_line():
    with pytest.raises(InvalidInput, match="no quantity 'entropy'; there are variance, "):
        value_of(Model(1, 1), Start.of(Setting()), "entropy")
