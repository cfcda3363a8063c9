"""derive(): the published forms, numbers to 15 digits, and one clear line for bad input."""

import math
from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from theory.derivation import derive
from theory.derived import Derivation, NoClosedForm
from theory.errors import InvalidInput
from theory.family import Family
from theory.moments import second_moment, variance_at
from theory.selection import KappaNofN, KappaPopulation
from theory.setting import Setting
from theory.symbols import d, f, k, kappa, n, n_r, sigma_0, t
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    FixedReal,
    FreshReal,
    Replace,
    TopFraction,
)
from theory.zero import is_zero


def closed(family: Family, quantity: str) -> sp.Expr:
    found = derive(family, quantity)
    assert isinstance(found, Derivation)
    return found.closed_form


def test_published_forms() -> None:
    assert closed(Family(), "variance") == sigma_0**2 * ((n - 1) / n) ** t
    rho = (1 - f) * (1 - f - 1 / n)
    drift = (1 - rho**t) / (n - (1 - f) * (n * (1 - f) - 1)) * sigma_0**2
    assert is_zero(closed(Family(workflow=FreshReal), "squared_drift") - drift)
    share = n_r / n
    limit = (3 - 2 * share) / ((2 - share) * n_r + 1 - share) * sigma_0**2
    found = derive(Family(workflow=FixedReal), "squared_drift")
    assert isinstance(found, Derivation)
    assert is_zero(found.limit - limit)


def test_second_moment_in_any_dimension() -> None:
    e1, e2 = (n - 1) * (n + 1) / n**2, (n - 1) * (n - 2) / n**2
    expected = sigma_0**4 * ((d**2 + 2 * d) / 3 * e1**t + 2 * (d**2 - d) / 3 * e2**t)
    assert is_zero(closed(Family(dimension=d), "variance_squared") - expected)


def test_rates_exponents_and_limits() -> None:
    slow = derive(Family(workflow=Accumulate, selection=TopFraction), "variance")
    assert isinstance(slow, Derivation)
    assert slow.exponent == 1 - kappa
    kept = derive(Family(workflow=Accumulate), "variance")
    assert isinstance(kept, Derivation)
    root = next(iter(kept.definitions))
    assert kept.limit == sigma_0**2 * sp.sin(sp.pi * root) / (sp.pi * root)
    assert derive(Family(), "variance").rate == (n - 1) / n
    walk = derive(Family(fit="unbiased"), "squared_drift")
    assert (walk.rate, walk.limit) == (1 / n, sp.oo)
    assert derive(Family(), "squared_w2").limit == 2 * sigma_0**2
    assert derive(Family(fit="unbiased"), "log_variance").limit == -sp.oo
    assert derive(Family(workflow=FixedReal, fit="unbiased"), "variance").limit is not None


def test_digammas_are_checked_by_quadrature() -> None:
    for family in (Family(), Family(fit="unbiased", dimension=d)):
        found = derive(family, "log_det")
        assert isinstance(found, Derivation)
        assert any("quadrature" in text for text in found.certificate)


def test_schedules() -> None:
    a = sp.Symbol("a", integer=True, positive=True)
    found = derive(Family(sizes=a * k**2), "variance")
    assert isinstance(found, Derivation)
    assert found.form == "gamma"
    value = found.evaluate(a=2, t=3)
    assert math.isclose(float(value), (1 - 1 / 2) * (1 - 1 / 8) * (1 - 1 / 18), rel_tol=1e-14)
    free = derive(Setting(sample_size=(3, 5, 2)), "variance")
    assert free.recursion(t=3) == Fraction(2, 3) * Fraction(4, 5) * Fraction(1, 2)
    pooled = derive(Setting(workflow=Accumulate(), sample_size=(3, 5, 2)), "variance")
    expected = (1 - Fraction(3, 9)) * (1 - Fraction(5, 64)) * (1 - Fraction(2, 100))
    assert pooled.recursion(t=3) == expected
    with pytest.raises(InvalidInput, match="3 sizes"):
        free.recursion(t=4)


def test_selection_stays_named_and_laws_apart() -> None:
    population = derive(Family(selection=TopFraction, dimension=d), "variance")
    ranked = derive(Family(selection=TopFraction, law="n-of-N", dimension=d), "variance")
    assert next(iter(population.definitions.values())).func is KappaPopulation
    assert next(iter(ranked.definitions.values())).func is KappaNofN
    far = float(population.evaluate(n=5, alpha=0.25, d=2, t=1) / 2)
    near = float(ranked.evaluate(n=5, N=20, d=2, t=1) / 2)
    assert math.isclose(near, 0.8 * (1 - 3 * sum(1 / i for i in range(16, 21))), rel_tol=1e-13)
    assert math.isclose(far, 0.8 * (1 + 3 * math.log(0.75)), rel_tol=1e-12)


@pytest.mark.parametrize("workflow", [Replace, Accumulate, AccumulateSubsample])
@pytest.mark.parametrize("quantity", ["variance", "squared_drift"])
def test_fifteen_digits_far_out(workflow: type, quantity: str) -> None:
    """n = 1e9, t = 1e6, against a series in 1/n carried to more than 30 digits."""
    found = derive(Family(workflow=workflow), quantity)
    assert isinstance(found, Derivation)
    value = found.evaluate(n=10**9, t=10**6)
    again = found.evaluate(digits=40, n=10**9, t=10**6)
    with mpmath.workdps(40):
        assert abs(value / again - 1) < mpmath.mpf(10) ** -15
        m = mpmath.mpf(10**9)
        if workflow is Replace:
            kept = mpmath.exp(10**6 * mpmath.log1p(-1 / m))
            expected = kept if quantity == "variance" else 1 - kept
            assert abs(again / expected - 1) < mpmath.mpf(10) ** -25


def test_far_out_against_direct_multiplication() -> None:
    found = derive(Family(workflow=Accumulate), "squared_drift")
    with mpmath.workdps(40):
        left = mpmath.mpf(1)
        for step in range(1, 20_001):
            left *= 1 - 1 / (mpmath.mpf(10**9) * step**2)
        assert abs(found.evaluate(n=10**9, t=20_000) / (1 - left) - 1) < mpmath.mpf(10) ** -15


def test_removable_singularities() -> None:
    heat = sp.Symbol("temperature", positive=True)
    found = derive(Family(fit="unbiased", temperature=heat), "squared_drift")
    assert found.evaluate(n=4, t=7, temperature=1) == mpmath.mpf(7) / 4
    mixed = derive(Family(workflow=FreshReal, fit="unbiased"), "squared_drift")
    assert math.isclose(float(mixed.evaluate(n=4, t=7, f=0)), 7 / 4)
    one = derive(Family(workflow=Accumulate), "variance")
    assert one.evaluate(n=1, t=5) == 0


def test_infinite_moments() -> None:
    found = derive(Family(), "kl_start_to_model")
    assert found.evaluate(n=3, t=2) == mpmath.inf
    assert mpmath.isfinite(found.evaluate(n=4, t=2))


def test_first_batch_and_time_zero() -> None:
    real = derive(
        Family(workflow=Accumulate, selection=TopFraction, first_batch="real"), "variance"
    )
    assert isinstance(real, Derivation)
    assert real.valid_from == 1
    assert math.isclose(float(real.evaluate(n=10, alpha=0.3, t=1)), 0.9)
    assert real.evaluate(n=10, alpha=0.3, t=0, sigma_0=2) == 4


def test_settings_bring_their_numbers() -> None:
    setting = Setting(selection=TopFraction(candidates=20), sample_size=5, dimension=2, sigma_0=3)
    found = derive(setting, "variance")
    assert found.free_letters == ("t",)
    family = derive(Family(selection=TopFraction, law="n-of-N", dimension=d), "variance")
    assert found.evaluate(t=2) == family.evaluate(n=5, N=20, d=2, sigma_0=3, t=2)


def test_what_it_shows() -> None:
    found = derive(Family(workflow=Accumulate, selection=TopFraction), "variance")
    assert isinstance(found, Derivation)
    text = str(found)
    for word in ("Step", "Closed form", "where kappa", "Certificate", "Power law"):
        assert word in text
    assert "Gamma" in found.latex()
    assert found._repr_latex_().startswith("$")
    assert all(isinstance(equation, sp.Eq) for equation in found.step)


def test_no_closed_form_is_a_value() -> None:
    found = derive(Family(workflow=Accumulate), "kl_start_to_model")
    assert isinstance(found, NoClosedForm)
    assert math.isclose(float(found.evaluate(n=12, t=3)), float(found.recursion(n=12, t=3)))
    nothing = derive(Family(), "tail_mass")
    assert isinstance(nothing, NoClosedForm)
    with pytest.raises(InvalidInput, match="no recursion"):
        nothing.evaluate(n=5, t=1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n": 5}, "t has no value"),
        ({"t": 3}, "n has no value"),
        ({"n": 5, "t": -1}, "generation|t = -1"),
        ({"n": -5, "t": 1}, "n = -5"),
        ({"n": 5, "t": 1.5}, "t = 1.5"),
        ({"n": 5, "t": 1, "colour": 3}, "colour"),
    ],
)
def test_bad_values_get_one_line(values: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        derive(Family(), "variance").evaluate(**values)
    assert "\n" not in str(caught.value)


def test_bad_selection_gets_one_line() -> None:
    ranked = derive(Family(selection=TopFraction, law="n-of-N"), "variance")
    with pytest.raises(InvalidInput, match="candidates"):
        ranked.evaluate(n=9, N=5, t=1)
    shared = derive(Family(selection=TopFraction), "variance")
    with pytest.raises(InvalidInput, match=r"alpha|kept_fraction"):
        shared.evaluate(n=9, alpha=1.5, t=1)
    with pytest.raises(InvalidInput, match="no quantity"):
        derive(Family(), "entropy")
    with pytest.raises(InvalidInput, match="Family or a Setting"):
        derive("replace", "variance")  # type: ignore[arg-type]


def test_variances_agree_with_derived_second_moments() -> None:
    for workflow in (Replace, Accumulate):
        for fit in ("mle", "unbiased"):
            family, values = Family(workflow=workflow, fit=fit), {"n": 9, "t": 4}
            second = derive(family, "variance_squared").evaluate(**values)
            mean = derive(family, "variance").evaluate(**values)
            value = variance_at(family, "variance", values)
            assert value is not None
            assert math.isclose(value, float(second - mean**2), rel_tol=1e-9)


def test_two_recursions_of_the_variance_agree() -> None:
    """One dimension by powers and logarithms, any dimension by invariants."""
    line, space = Family(), Family(dimension=d)
    for quantity in ("variance", "squared_drift", "log_det", "kl_model_to_start"):
        one = variance_at(line, quantity, {"n": 12, "t": 5})
        same = variance_at(space, quantity, {"n": 12, "t": 5, "d": 1})
        assert one is not None
        assert same is not None
        assert math.isclose(one, same, rel_tol=1e-9)
        two = variance_at(space, quantity, {"n": 12, "t": 5, "d": 2})
        assert two is not None
        assert not math.isclose(one, two, rel_tol=1e-2)


def test_variance_of_logarithms() -> None:
    value = variance_at(Family(), "log_variance", {"n": 9, "t": 4})
    assert value is not None
    assert math.isclose(value, 4 * float(sp.polygamma(1, 4)), rel_tol=1e-10)
    assert variance_at(Family(), "kl_start_to_model", {"n": 5, "t": 1}) is None
    assert (
        variance_at(Family(selection=TopFraction), "squared_w2", {"n": 9, "alpha": 1, "t": 1})
        is None
    )
    assert second_moment(Family(), "variance", {"n": 2, "t": 1}) == pytest.approx(0.75)
