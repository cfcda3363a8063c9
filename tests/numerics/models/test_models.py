"""Models against raw points, workflows against a plain loop, and laws against finite chains."""

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from numerics.models import law_of
from numerics.models.categorical import CategoricalLaw
from numerics.models.regression import RegressionLaw
from numerics.samplers.dohmatob2024 import basis, project
from numerics.simulation import paths, replicates, simulate
from numerics.streams import Stream
from theory.errors import InvalidInput
from theory.model import (
    Bernoulli,
    Categorical,
    Exponential,
    LinearRegression,
    NegativeBinomial,
    Poisson,
)
from theory.setting import Setting
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    FixedReal,
    FreshReal,
    Replace,
)

COUNT = 20_000
LIMIT = 5.0
RARE = 1e-6
WORKFLOWS = [
    Replace(),
    Accumulate(),
    AccumulateSubsample(),
    FreshReal(fraction=Fraction(1, 4)),
    FixedReal(real_size=2),
]
each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.name)


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
    "bernoulli": (Bernoulli(0.3), 0.3),
    "poisson": (Poisson(1.5), 1.5),
    "exponential": (Exponential(2), 2.0),
    "negative-binomial": (NegativeBinomial(1.5, 3), 1.5),
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
    truth = np.full(COUNT, MODELS[name][1])
    parameter, pool = truth, []
    held = raw_points(rng, name, truth, 2)
    for _ in range(t):
        if isinstance(workflow, FreshReal | FixedReal):
            real = held if isinstance(workflow, FixedReal) else raw_points(rng, name, truth, 1)
            seen = [real, raw_points(rng, name, parameter, n - len(real))]
        else:
            pool.append(raw_points(rng, name, parameter, n))
            seen = pool if not isinstance(workflow, Replace) else pool[-1:]
        points = np.concatenate(seen)
        if isinstance(workflow, AccumulateSubsample):
            points = rng.permuted(points, axis=0)[:n]
        parameter = points.mean(axis=0)
    return parameter


@each_model
@each_workflow
def test_training_is_what_raw_points_do(name, workflow):
    setting = Setting(workflow=workflow, sample_size=4, model=MODELS[name][0])
    by_hand = plain(rng_of(name, workflow.name, "raw"), name, workflow, 4, 3)
    for method in ("raw", "auto"):
        x = replicates(setting, "mean", 3, rng_of(name, method), COUNT, method)
        assert distance(x, by_hand) < LIMIT
    other = Accumulate() if isinstance(workflow, Replace) else Replace()
    assert distance(x, plain(rng_of(name, "other"), name, other, 4, 3)) > LIMIT


def binomial(size, p):
    return [math.comb(size, j) * p**j * (1 - p) ** (size - j) for j in range(size + 1)]


def chain(workflow, n, t, p):
    """The exact law of the frequency of an event after t fits, by enumeration."""
    states = Counter({(p, 0, 0): Fraction(1)})  # frequency, count in the pool, real events held
    if isinstance(workflow, FixedReal):
        states = Counter({(p, 0, i): share for i, share in enumerate(binomial(2, p))})
    for step in range(t):
        moved = Counter()
        for (share, pool, held), weight in states.items():
            real = {FreshReal: 1, FixedReal: 2}.get(type(workflow), 0)
            reals = [(held, Fraction(1))]
            if isinstance(workflow, FreshReal):
                reals = list(enumerate(binomial(1, p)))
            for i, x in reals:
                for j, y in enumerate(binomial(n - real, share)):
                    kept = pool + j if isinstance(workflow, Accumulate) else 0
                    size = n * (step + 1) if isinstance(workflow, Accumulate) else n
                    seen = kept if isinstance(workflow, Accumulate) else i + j
                    moved[Fraction(seen, size), kept, held] += weight * x * y
        states = moved
    law = Counter()
    for (share, _, _), weight in states.items():
        law[share] += weight
    return law


def misfit(values, law):
    """Probability of frequencies at least so far from a law, by chi-square."""
    total, degrees = 0.0, -1
    found = Counter(np.round(values, 9).tolist())
    for share, weight in law.items():
        expected = values.size * float(weight)
        if expected > 5:
            total += (found[round(float(share), 9)] - expected) ** 2 / expected
            degrees += 1
    return stats.chi2.sf(total, degrees)


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("method", ["raw", "statistics"])
@pytest.mark.parametrize(
    "workflow",
    [each for each in WORKFLOWS if not isinstance(each, AccumulateSubsample)],
    ids=lambda each: each.name,
)
def test_the_simulated_law_is_that_of_the_enumerated_chain(workflow, method, n):
    workflow = FreshReal(Fraction(1, n)) if isinstance(workflow, FreshReal) else workflow
    p = Fraction(3, 10)
    law = chain(workflow, n, 3, p)
    assert sum(law.values()) == 1
    for model in (Bernoulli(p), Categorical((p, 1 - p))):
        setting = Setting(workflow=workflow, sample_size=n, model=model)
        name = "mean" if isinstance(model, Bernoulli) else "squared_drift"
        x = replicates(setting, name, 3, rng_of(n, method, model), COUNT, method)
        if name == "mean":
            assert misfit(x, law) > RARE
            assert misfit(x, chain(workflow, n, 3, p + Fraction(1, 20))) < RARE
        else:
            drift = Counter()
            for share, weight in law.items():
                drift[2 * (share - p) ** 2] += weight
            assert misfit(x, drift) > RARE


def test_a_categorical_batch_is_multinomial():
    setting = Setting(model=Categorical((0.5, 0.2, 0, 0.3)))
    law = CategoricalLaw(setting)
    raw = rng_of("multinomial").multinomial(7, law.probabilities, COUNT).T.astype(float)
    drawn = law.batch(rng_of("counts"), law.truth(COUNT), 7)
    pointed = law.summary(law.points(rng_of("points"), law.truth(COUNT), 7))
    for (counts,) in (drawn, pointed):
        assert (counts.sum(axis=0) == 7).all()
        assert (counts[2] == 0).all()
        for i in (0, 1, 3):
            assert distance(counts[i], raw[i]) < LIMIT
        assert distance(counts[0] * counts[3], raw[0] * raw[3]) < LIMIT
        assert distance(counts[0] * counts[3], raw[0] * raw[1]) > LIMIT


def test_a_lost_symbol_stays_lost():
    setting = Setting(model=Categorical((0.6, 0.3, 0.1)), sample_size=5)
    left = paths(setting, ["surviving_symbols"], range(60), rng_of("lost"), 200)
    left = left["surviving_symbols"]
    assert (np.diff(left, axis=1) <= 0).all()
    assert (left[:, -1] == 1).mean() > 0.9


def test_an_exponential_mean_never_underflows():
    setting = Setting(model=Exponential(), sample_size=1)
    log = paths(setting, ["log_variance"], [3000], rng_of("small"), 50)["log_variance"]
    assert np.isfinite(log).all()
    assert log.max() < math.log(np.finfo(float).tiny)


def raw_regression(rng, workflow, n, d, t, reuse):
    """Least squares on raw points, one replicate after the other."""
    errors = []
    for _ in range(1500):
        weights, inputs, answers = np.zeros(d), [], []
        for step in range(t):
            x = inputs[0] if reuse and step else rng.standard_normal((n, d))
            if isinstance(workflow, Replace):
                inputs, answers = [] if not reuse else inputs[:1], []
            y = x @ weights + 2 * rng.standard_normal(n)
            if isinstance(workflow, Replace):
                inputs, answers = [x], [y]
            else:
                inputs, answers = [*inputs, x], [*answers, y]
            pooled = np.concatenate(inputs), np.concatenate(answers)
            weights = np.linalg.lstsq(*pooled, rcond=None)[0]
        errors.append(weights @ weights)
    return np.array(errors)


@pytest.mark.parametrize("design", ["fresh", "fixed"])
@pytest.mark.parametrize("workflow", [Replace(), Accumulate()], ids=lambda w: w.name)
def test_regression_is_least_squares_on_raw_points(workflow, design):
    model = LinearRegression(noise=2, design=design)
    setting = Setting(workflow=workflow, sample_size=14, dimension=3, model=model)
    rng = rng_of("raw", workflow.name, design)
    raw = raw_regression(rng, workflow, 14, 3, 3, design == "fixed")
    for method in ("raw", "statistics"):
        errors = replicates(setting, "test_error", 3, rng_of(method, design), COUNT, method)
        assert distance(errors, raw) < LIMIT
    assert distance(1.25 * errors, raw) > LIMIT


def test_elimination_solves_the_normal_equations():
    rng = rng_of("solve")
    x = rng.standard_normal((9, 4))
    y = rng.standard_normal(9)
    law = RegressionLaw(Setting(model=LinearRegression(), dimension=4))
    fitted = law.fit(((x.T @ x)[:, :, None], (x.T @ y)[:, None]), 9)[:, 0]
    assert fitted == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0])


def test_a_salt_names_the_noise_of_a_model():
    setting = Setting(model=Poisson(2), sample_size=6)

    def draw(salt, **words):
        return simulate(setting, 2, 70_000, salt, **words).values["variance"]

    assert np.array_equal(draw("c0ffee"), draw("c0ffee"))
    assert not np.array_equal(draw("c0ffee"), draw("c0ffee", method="raw"))
    assert not np.array_equal(draw("c0ffee"), draw("beef"))
    other = simulate(Setting(model=Poisson(3), sample_size=6), 2, 70_000, "c0ffee")
    assert not np.array_equal(draw("c0ffee") / 2, other.values["variance"] / 3)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"temperature": 2}, "poisson takes no temperature"),
        ({"dimension": 2}, "poisson takes no dimension"),
        ({"fit": "unbiased"}, "poisson takes no fit"),
        ({"model": Poisson}, "Poisson is a class"),
        ({"model": "poisson"}, "is not a model"),
        (
            {"model": LinearRegression(), "dimension": 5, "sample_size": 4},
            "sample_size >= dimension",
        ),
        (
            {"model": LinearRegression(design="fixed"), "workflow": FixedReal(2)},
            "goes with replace or accumulate",
        ),
    ],
)
def test_a_setting_that_no_model_has_is_told_in_one_line(words, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        Setting(**{"model": Poisson(2), **words})
    assert "\n" not in str(caught.value)


def test_an_unknown_quantity_of_a_model_is_told_in_one_line():
    with pytest.raises(InvalidInput, match="poisson has no quantity 'log_det'; it has variance"):
        simulate(Setting(model=Poisson(2)), 1, 3, quantities=("log_det",))


def test_the_laws_know_their_quantities():
    for model in (*(each for each, _ in MODELS.values()), Categorical(symbols=3)):
        law = law_of(Setting(model=model))
        for name in model.quantities:
            value = law.value(name, law.truth(2), law.truth(2))
            assert np.isfinite(value).all()


@pytest.mark.parametrize("n", [2, 4])
def test_a_projection_is_the_fit_of_least_norm(n):
    rng = rng_of("norm", n)
    span = basis(rng, 50, n, 5)
    model = rng.standard_normal((5, 50))
    gram = np.einsum("idr,jdr->ijr", span, span)
    assert np.allclose(gram, np.eye(n)[:, :, None])
    for r in range(50):
        x = span[:, :, r]
        expected = np.linalg.pinv(x) @ (x @ model[:, r])
        assert project(span, model)[:, r] == pytest.approx(expected)
