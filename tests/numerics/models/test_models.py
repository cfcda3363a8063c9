"""Models against raw points, and the recursion against a plain loop over raw points."""

import math
from fractions import Fraction

import numpy as np
import pytest

from numerics.models.categorical import Bernoulli, Categorical
from numerics.models.exponential import Exponential
from numerics.models.negative_binomial import NegativeBinomial
from numerics.models.poisson import Poisson
from numerics.models.regression import Regression
from numerics.models.training import real_points, train
from numerics.samplers.dohmatob2024 import basis, project
from numerics.streams import Stream
from theory.errors import InvalidInput
from theory.vocabulary import Accumulate, AccumulateSubsample, FreshReal, Replace

COUNT = 20_000
LIMIT = 5.0


def rng_of(*words):
    return Stream("5eed", "models", {}, "-".join(map(str, words))).generator()


def raw_points(rng, name, parameter, n):
    """Points one by one, shape (n, size)."""
    shape = (n, parameter.shape[-1])
    if name == "bernoulli":
        return (rng.random(shape) < parameter).astype(float)
    if name == "poisson":
        return rng.poisson(np.broadcast_to(parameter, shape)).astype(float)
    if name == "exponential":
        return parameter * rng.standard_exponential(shape)
    return rng.poisson(parameter / 3 * rng.standard_gamma(3.0, shape)).astype(float)


MODELS = {
    "bernoulli": Bernoulli(0.3),
    "poisson": Poisson(1.5),
    "exponential": Exponential(2.0),
    "negative-binomial": NegativeBinomial(1.5, 3),
}
each_model = pytest.mark.parametrize("name", MODELS)


def moments(x):
    return np.stack([x, x**2, x**3, (x == 0).astype(float)])


def distance(one, two):
    """Largest distance between moments of two samples, in standard errors."""
    first, second = moments(one), moments(two)
    error = np.sqrt(first.var(axis=1) / one.size + second.var(axis=1) / two.size)
    gap = np.abs(first.mean(axis=1) - second.mean(axis=1))
    return float(np.max(gap / np.maximum(error, 1e-12)))


def plain(rng, name, workflow, n, t):
    """Recursive training by hand: pools of raw points, means of what a fit sees."""
    truth = MODELS[name].truth(COUNT)
    parameter, pool = truth, []
    for _ in range(t):
        if isinstance(workflow, FreshReal):
            real = int(workflow.fraction * n)
            seen = [raw_points(rng, name, truth, real), raw_points(rng, name, parameter, n - real)]
        else:
            pool.append(raw_points(rng, name, parameter, n))
            seen = pool if isinstance(workflow, Accumulate) else pool[-1:]
        parameter = np.concatenate(seen).mean(axis=0)
    return parameter


@each_model
@pytest.mark.parametrize(
    "workflow", [Replace(), Accumulate(), FreshReal(fraction=Fraction(1, 4))], ids=lambda w: w.name
)
def test_training_is_what_raw_points_do(name, workflow):
    x = train(rng_of(name, workflow.name), MODELS[name], workflow, size=COUNT, n=4, t=3)
    by_hand = plain(rng_of(name, workflow.name, "raw"), name, workflow, 4, 3)
    assert distance(x, by_hand) < LIMIT
    other = Accumulate() if isinstance(workflow, Replace) else Replace()
    assert distance(x, plain(rng_of(name, "other"), name, other, 4, 3)) > LIMIT


def test_a_categorical_batch_is_multinomial():
    model = Categorical((0.5, 0.2, 0.0, 0.3))
    (counts,) = model.batch(rng_of("counts"), model.truth(COUNT), 7)
    assert (counts.sum(axis=0) == 7).all()
    assert (counts[2] == 0).all()
    raw = rng_of("multinomial").multinomial(7, model.probabilities, COUNT).T.astype(float)
    for i in (0, 1, 3):
        assert distance(counts[i], raw[i]) < LIMIT
    assert distance(counts[0] * counts[3], raw[0] * raw[3]) < LIMIT
    assert distance(counts[0] * counts[3], raw[0] * raw[1]) > LIMIT


def test_a_lost_symbol_stays_lost():
    model = Categorical((0.6, 0.3, 0.1))
    last = train(rng_of("lost"), model, Replace(), size=200, n=5, t=60)
    assert (last.max(axis=0) == 1).mean() > 0.9
    assert np.allclose(last.sum(axis=0), 1)


def raw_regression(rng, workflow, n, d, t, reuse):
    """Least squares on raw points, one replicate after the other."""
    errors = []
    for _ in range(1500):
        weights, inputs, answers = np.zeros(d), [], []
        for step in range(t):
            x = inputs[0] if reuse and step else rng.standard_normal((n, d))
            if isinstance(workflow, Replace):
                inputs, answers = [] if not reuse else inputs[:1], []
            y = x @ weights + rng.standard_normal(n)
            if isinstance(workflow, Replace):
                inputs, answers = [x], [y]
            else:
                inputs, answers = [*inputs, x], [*answers, y]
            pooled = np.concatenate(inputs), np.concatenate(answers)
            weights = np.linalg.lstsq(*pooled, rcond=None)[0]
        errors.append(weights @ weights)
    return np.array(errors)


@pytest.mark.parametrize("reuse", [False, True])
@pytest.mark.parametrize("workflow", [Replace(), Accumulate()], ids=lambda w: w.name)
def test_regression_is_least_squares_on_raw_points(workflow, reuse):
    model = Regression(3, reuse=reuse)
    w = train(rng_of("regression", reuse), model, workflow, size=COUNT, n=14, t=3)
    errors = np.einsum("ir,ir->r", w, w)
    raw = raw_regression(rng_of("raw", workflow.name, reuse), workflow, 14, 3, 3, reuse)
    assert distance(errors, raw) < LIMIT
    assert distance(1.25 * errors, raw) > LIMIT


def test_elimination_solves_the_normal_equations():
    rng = rng_of("solve")
    x = rng.standard_normal((9, 4))
    y = rng.standard_normal(9)
    fitted = Regression(4).fit(((x.T @ x)[:, :, None], (x.T @ y)[:, None]), 9)[:, 0]
    assert fitted == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0])


def test_a_regression_needs_points():
    with pytest.raises(InvalidInput, match="sample_size >= 3"):
        train(rng_of("few"), Regression(3), Replace(), size=2, n=2, t=1)


def test_a_projection_is_the_fit_of_minimum_norm():
    rng = rng_of("minimum")
    span = basis(rng, 5, 2, 4)
    model = rng.standard_normal((4, 5))
    projected = project(span, model)
    for r in range(5):
        x = span[:, :, r] * np.array([[2.0], [0.5]])
        least = np.linalg.lstsq(x, x @ model[:, r], rcond=None)[0]
        assert projected[:, r] == pytest.approx(least)
        assert np.linalg.norm(projected[:, r]) < np.linalg.norm(model[:, r])


def test_a_wrong_start_is_where_training_starts():
    begin = np.full(COUNT, 9.0)
    x = train(rng_of("start"), Poisson(1), Replace(), size=COUNT, n=5, t=2, start=begin)
    assert abs(x.mean() - 9) < LIMIT * x.std() / math.sqrt(COUNT)


@pytest.mark.parametrize("workflow", [AccumulateSubsample(), FreshReal(fraction=Fraction(1, 3))])
def test_what_cannot_be_drawn_is_told_in_one_line(workflow):
    with pytest.raises(InvalidInput) as caught:
        real_points(workflow, 4)
    assert "\n" not in str(caught.value)
