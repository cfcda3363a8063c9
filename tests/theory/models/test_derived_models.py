"""Derived models against enumerated chains, exactly, and what does not close."""

import itertools
import math
from collections import Counter
from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from theory.claim import Claim
from theory.comparison import compare
from theory.derivation import derive
from theory.derived import Derivation, NoClosedForm
from theory.domain import integers, reals
from theory.errors import ClaimError, InvalidInput
from theory.family import Family
from theory.model import (
    MODELS,
    Bernoulli,
    Categorical,
    Exponential,
    LinearRegression,
    NegativeBinomial,
    Poisson,
)
from theory.moments import bounds_of, variance_at
from theory.setting import Setting
from theory.symbols import d, n, t
from theory.vocabulary import (
    WORKFLOWS,
    Accumulate,
    AccumulateSubsample,
    FixedReal,
    FreshReal,
    Replace,
)

LAW = (Fraction(1, 2), Fraction(3, 10), Fraction(1, 5))
SIZE, FITS, HELD = 4, 2, 2
VALUES = {"n": SIZE, "t": FITS, "f": Fraction(1, 4), "n_r": HELD}


def counts(size, law):
    """Every outcome of a multinomial batch and its probability."""
    for found in itertools.product(range(size + 1), repeat=len(law)):
        if sum(found) == size:
            ways = math.factorial(size) // math.prod(map(math.factorial, found))
            yield found, ways * math.prod(p**k for p, k in zip(law, found, strict=True))


def chain(workflow, law, size=SIZE, fits=FITS):
    """The exact law of the frequencies after some fits, by enumeration."""
    none = (0,) * len(law)
    states = Counter({(law, none, none): Fraction(1)})  # frequencies, pool, real set
    if workflow is FixedReal:
        states = Counter({(law, none, held): share for held, share in counts(HELD, law)})
    for _ in range(fits):
        moved = Counter()
        for (now, pool, held), weight in states.items():
            reals = [(held, Fraction(1))]
            if workflow is FreshReal:
                reals = list(counts(1, law))
            for real, x in reals:
                for batch, y in counts(size - sum(real), now):
                    seen = [sum(each) for each in zip(real, batch, pool, strict=True)]
                    share = tuple(Fraction(each, sum(seen)) for each in seen)
                    kept = tuple(seen) if workflow is Accumulate else none
                    moved[share, kept, held] += weight * x * y
        states = moved
    found = Counter()
    for (share, _, _), weight in states.items():
        found[share] += weight
    return found


def drift(share, law):
    return sum((p - q) ** 2 for p, q in zip(share, law, strict=True))


CATEGORICAL = {
    "heterozygosity": lambda share: 1 - sum(p * p for p in share),
    "variance": lambda share: 1 - sum(p * p for p in share),
    "squared_drift": lambda share: drift(share, LAW),
    "surviving_symbols": lambda share: sum(p > 0 for p in share),
    "entropy": lambda share: -sum(p * sp.log(p) for p in share if p),
}
BERNOULLI = {
    "mean": lambda share: share[0],
    "variance": lambda share: share[0] * share[1],
    "squared_drift": lambda share: (share[0] - LAW[1]) ** 2,
    "survival": lambda share: int(share[0] > 0),
    "coexistence": lambda share: int(0 < share[0] < 1),
}
EVENT = (LAW[1], 1 - LAW[1])
CHAINED = [Replace, Accumulate, FreshReal, FixedReal]
each_chained = pytest.mark.parametrize("workflow", CHAINED, ids=lambda each: each.name)


@each_chained
@pytest.mark.parametrize("kind", [Categorical, Bernoulli])
def test_frequencies_are_those_of_the_enumerated_chain(workflow, kind):
    law, table = (LAW, CATEGORICAL) if kind is Categorical else (EVENT, BERNOULLI)
    model = Categorical(LAW) if kind is Categorical else Bernoulli(LAW[1])
    family = Family(workflow=workflow, model=model)
    states = chain(workflow, law)
    wrong = chain(workflow, law, fits=FITS + 1)
    assert sum(states.values()) == 1
    for quantity, of in table.items():
        found = derive(family, quantity).evaluate(**VALUES)
        exact = sum(weight * of(share) for share, weight in states.items())
        assert mpmath.almosteq(found, mpmath.mpf(sp.N(exact, 25)), 1e-13), quantity
        if quantity not in ("mean", "entropy", "surviving_symbols"):
            # The planted fault: one fit more.
            other = sum(weight * of(share) for share, weight in wrong.items())
            assert abs(found - float(other)) > 1e-4 or workflow is not Replace, quantity
        spread = variance_at(family, quantity, VALUES)
        if spread is not None:
            square = sum(weight * of(share) ** 2 for share, weight in states.items())
            assert spread == pytest.approx(float(square - exact**2), rel=1e-9), quantity
        low, high = bounds_of(family, quantity, VALUES)
        assert all(low <= float(of(share)) <= high for share in states), quantity


def test_a_cell_of_each_kind_has_the_form_of_the_field():
    p, rate, scale = sp.symbols("p rate scale", positive=True)
    gain = sp.digamma(n) - sp.log(n)
    cases = [
        (Bernoulli, Replace, "variance", p * (1 - p) * (1 - 1 / n) ** t),
        (Categorical, Replace, "heterozygosity", None),
        (Poisson, Replace, "squared_drift", rate * t / n),
        (Exponential, Replace, "squared_drift", scale**2 * ((1 + 1 / n) ** t - 1)),
        (
            Exponential,
            Replace,
            "log_variance",
            2 * sp.log(scale) + 2 * t * gain,
        ),
    ]
    for model, workflow, quantity, expected in cases:
        found = derive(Family(workflow=workflow, model=model), quantity)
        assert isinstance(found, Derivation), (model, quantity)
        assert len(found.certificate) == 3
        if expected is not None:
            assert sp.simplify(sp.expand_log(found.closed_form - expected, force=True)) == 0


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=list(WORKFLOWS))
@pytest.mark.parametrize("kind", [x for x in MODELS.values() if x.name != "gaussian"])
def test_every_cell_has_a_form_a_recursion_or_a_reason(workflow, kind):
    family = Family(workflow=workflow, model=kind)
    values = {**VALUES, "n": 16, "n_r": 4, "rate": 2, "shape": 3, "scale": 2}
    values |= {"p": Fraction(1, 3), "symbols": 3, "noise": 1}
    values = {name: x for name, x in values.items() if name in (*family.letters, "t")}
    for quantity in kind.quantities:
        found = derive(family, quantity)
        if found.system is not None:
            assert mpmath.isfinite(found.evaluate(**values))
        else:
            assert isinstance(found, NoClosedForm)
            assert found.reason
            assert "\n" not in found.reason


@pytest.mark.parametrize("workflow", [Replace, FreshReal, FixedReal], ids=lambda each: each.name)
def test_a_poisson_law_survives_as_its_counts_do(workflow):
    """All laws of the counts that matter, enumerated up to a negligible tail."""
    rate, size = Fraction(1, 2), 4
    family = Family(workflow=workflow, model=Poisson)
    found = derive(family, "survival").evaluate(rate=rate, **VALUES)

    def law(mean):
        return [math.exp(-mean) * mean**j / math.factorial(j) for j in range(40)]

    real = {FreshReal: 1, FixedReal: HELD}.get(workflow, 0)
    gone = 0.0
    for i, x in enumerate(law(real * float(rate)) if real else [1.0]):
        for j, y in enumerate(law((size - real) * float(rate))):
            # After the second fit nothing is left: of the batch, and of the real points.
            batch = math.exp(-(size - real) * (i + j) / size)
            if workflow is FixedReal:
                gone += x * y * batch * (i == 0)
            else:
                gone += x * y * batch * math.exp(-real * float(rate))
    assert float(found) == pytest.approx(1 - gone, rel=1e-12)
    assert float(found) != pytest.approx(1 - math.exp(-size * float(rate)), rel=1e-3)


def test_regression_in_one_dimension_is_a_ratio_of_chi_squares():
    """E (w_t - w_0)^2 by quadrature: G = chi2_n, and the share of the batch is a Beta variable."""
    size, made = 9, 6
    mean = mpmath.quad(lambda b: b**2 * _beta(b, made / 2, (size - made) / 2), [0, 0.5, 1])
    family = Family(workflow=FreshReal, model=LinearRegression)
    at = {"n": size, "f": Fraction(1, 3), "noise": 2}
    one, two = (derive(family, "test_error").evaluate(t=step, **at) for step in (1, 2))
    assert float(one) == pytest.approx(4 / (size - 2))
    assert float(two) == pytest.approx(float(one) * (1 + float(mean)))
    assert float(two) != pytest.approx(float(one) * (1 + (made / size) ** 2), rel=1e-3)


def _beta(x, a, b):
    return x ** (a - 1) * (1 - x) ** (b - 1) / mpmath.beta(a, b)


def test_an_expectation_without_a_moment_is_infinite():
    found = derive(Family(model=LinearRegression, dimension=d), "test_error")
    assert found.evaluate(n=4, d=3, t=2, noise=1) == mpmath.inf
    assert found.evaluate(n=4, d=3, t=0, noise=1) == 0
    reverse = derive(Family(model=Exponential), "kl_start_to_model")
    assert reverse.evaluate(n=1, t=1, scale=1) == mpmath.inf


def test_a_setting_brings_its_numbers():
    setting = Setting(workflow=Accumulate(), sample_size=10, model=Poisson(Fraction(3, 2)))
    found = derive(setting, "squared_drift")
    assert found.evaluate(t=2) == pytest.approx(1.5 / 10 * (1 + 1 / 4))
    schedule = Setting(sample_size=(5, 10), model=Bernoulli(Fraction(1, 4)))
    value = derive(schedule, "variance").evaluate(t=2)
    assert value == pytest.approx(3 / 16 * 4 / 5 * 9 / 10)
    alive = derive(schedule, "survival").evaluate(t=1)
    assert float(alive) == pytest.approx(1 - 0.75**5)


def claim(**changes):
    words = {
        "id": "mine",
        "statement": "a statement",
        "family": Family(workflow=Accumulate, model=NegativeBinomial),
        "quantity": "mean",
        "equals": sp.Symbol("rate"),
        "over": {
            "n": integers(2, 9),
            "t": integers(1, 5),
            "rate": reals(1, 3),
            "shape": integers(1, 4),
        },
    }
    return Claim(**{**words, **changes})


def test_a_claim_about_a_model_is_compared_by_its_letters():
    # A symbol without assumptions, named like the parameter, is the parameter.
    assert compare(claim()).verdict == "PROVED"
    wrong = compare(claim(equals=sp.Symbol("rate") * (1 + sp.Symbol("t") / 1000)))
    assert wrong.verdict == "REFUTED"
    assert wrong.counterexample["t"] == 1


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: claim(quantity="log_det"), "negative-binomial has no quantity 'log_det'"),
        (lambda: claim(over={"n": integers(2, 9), "t": integers(1, 5)}), "no domain .* for rate"),
        (lambda: Family(model=Poisson, temperature=2), "poisson takes no temperature"),
        (lambda: Family(model=3), "not a class among Gaussian, Bernoulli"),
        (lambda: Setting(model=Poisson.any()), "holds letters; a setting has numbers"),
        (lambda: Categorical((0.5, 0.6)), "add up to 11/10, not to 1"),
        (lambda: Categorical((1.5, -0.5)), r"holds 3/2, not in \[0, 1\]"),
        (lambda: Categorical(), "exactly one of probabilities and symbols"),
        (lambda: Categorical("abc"), "is no list of numbers"),
        (lambda: Categorical((1,), zipf=1), "zipf goes with symbols"),
        (lambda: Bernoulli(2), "probability = 2 is not a real in"),
        (lambda: Exponential(-1), "scale = -1 is not a real in"),
        (lambda: LinearRegression(design="odd"), "is not one of fresh, fixed"),
        (
            lambda: derive(Family(model=Bernoulli), "survival").evaluate(n=500, t=3, p=0.5),
            "at most 128 points, not 500",
        ),
    ],
)
def test_bad_input_is_one_line(build, message):
    with pytest.raises((InvalidInput, ClaimError), match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_a_part_of_a_pool_is_what_does_not_close():
    for model, quantity in ((Poisson, "survival"), (LinearRegression, "test_error")):
        found = derive(Family(workflow=AccumulateSubsample, model=model), quantity)
        assert found.system is None
        assert "pool" in found.reason
