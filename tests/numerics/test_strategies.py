"""Draws from domains: inside, meeting constraints, exact types, small and large, shrinking."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import HealthCheck, Phase, find, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from numerics import modelstrategies
from numerics.constraints import Inequality, holds, tighten
from numerics.points import hunt
from numerics.settingstrategies import families, settings
from numerics.simulation import simulate
from numerics.strategies import domain, points
from theory.domain import integers, reals, shares
from theory.errors import ClaimError, InvalidInput
from theory.family import Family
from theory.model import MODELS, Gaussian, LinearRegression, Poisson
from theory.symbols import BY_NAME
from theory.vocabulary import SELECTIONS, WORKFLOWS

n, d, t, N, s, f = (sp.Symbol(name) for name in ("n", "d", "t", "N", "s", "f"))
SIZES = {n: integers(2, 500), t: integers(1, 60)}
CASES = [
    (SIZES, []),
    (SIZES, [t <= n]),
    (SIZES, [4 * t <= n]),
    (SIZES, [t >= 2 * (4 * n - 1)]),
    (SIZES, [sp.Eq(n, 2 * t)]),
    (SIZES, [n**2 >= 100, t < n]),
    (SIZES | {d: integers(1, 10)}, [n > d + 1, t * d <= n]),
    ({N: integers(2, 2000), n: integers(2, 500), d: integers(1, 10)}, [n > d, n <= N]),
    (SIZES | {s: reals(-1, 2)}, [sp.Abs(s) >= sp.Rational(1, 4), 2 * t <= n]),
    ({"n": integers(1, 200), "f": shares("n")}, [sp.And(f < 1, f * n >= 2)]),
    ({"f": shares("n"), "n": integers(1, 10**6)}, []),
    ({"alpha": reals(0, 1, open_low=True), "sigma_0": reals(0, open_low=True)}, []),
]
TYPES = {"integers": (int,), "reals": (float,), "shares": (int, Fraction)}


def sample(strategy, count=150):
    """Draws of a strategy, and how many attempts were thrown away."""
    drawn = []

    @seed(1)
    @hypothesis_settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value):
        drawn.append(value)

    collect()
    return drawn


def visited(strategy, count):
    """Distinct points as a check visits them, whatever else the process has imported."""
    return hunt(strategy, lambda at: False, points=count, seed_value=1, evaluations=count).visited


@pytest.mark.parametrize(("over", "where"), CASES, ids=str)
def test_points_lie_in_the_domain_and_meet_the_constraints(over, where):
    drawn = sample(points(over, where))
    # Hypothesis gives up early where nearly everything is filtered away.
    assert len(drawn) >= 100 or len({str(at) for at in drawn}) >= 15
    for at in drawn:
        assert list(at) == [str(symbol) for symbol in over]
        assert all(each.admits(at[str(symbol)], at) for symbol, each in over.items())
        assert holds(where, at)
        for symbol, each in over.items():
            assert type(at[str(symbol)]) in TYPES[each.kind]


def test_without_the_constraints_points_violate_them():
    assert not all(holds([4 * t <= n], at) for at in sample(points(SIZES)))


@pytest.mark.parametrize(("over", "where"), [CASES[0], CASES[1], CASES[6]], ids=str)
def test_small_and_large_values_both_occur(over, where):
    distinct = visited(points(over, where), 60)
    for name, small, large in (("n", 10, 150), ("t", 4, 16)):
        assert sum(at[name] <= small for at in distinct) >= 5
        assert sum(at[name] >= large for at in distinct) >= 5


def test_corners_are_reached():
    def values(over, count):
        return {at["x"] for at in visited(st.fixed_dictionaries({"x": domain(over)}), count)}

    assert {2, 10**6} <= values(integers(2, 10**6), 150)
    assert {0.25, 4.0} <= values(reals(0.25, 4), 150)
    assert all(0 < x < 1 for x in values(reals(0, 1, open_low=True, open_high=True), 150))
    assert min(values(reals(0.001, 10), 60)) < 0.01


def test_infinite_domains_use_the_typical_range():
    low, high = BY_NAME["n"].typical
    assert all(low - 1 <= x <= high for x in sample(domain(integers(1), "n"), 50))
    assert all(-10 <= x <= 10 for x in sample(domain(reals()), 50))
    assert all(x >= 5000 for x in sample(domain(integers(5000), "n"), 50))


def test_shares_of_their_own_are_fractions():
    drawn = sample(domain(shares("n", Fraction(1, 4), Fraction(1, 2))), 60)
    assert all(Fraction(1, 4) <= x <= Fraction(1, 2) for x in drawn)
    assert any(isinstance(x, Fraction) for x in drawn)


def test_shrinking_goes_to_small_samples_and_few_generations():
    assert find(domain(integers(2, 10**6)), lambda x: x >= 12345) == 12345
    assert find(points(SIZES, [t <= n]), lambda at: at["n"] >= 17) == {"n": 17, "t": 1}
    assert find(points(SIZES, [t <= n]), lambda at: at["t"] >= 9) == {"n": 9, "t": 9}
    over = {"n": integers(1, 200), "f": shares("n")}
    assert find(points(over), lambda at: at["f"] > 0) == {"n": 1, "f": 1}


def test_no_point_is_told_in_one_line():
    for where in ([n > 1000], [t > n, n > 100], [sp.false], [sp.Eq(2 * n, 3)]):
        with pytest.raises(ClaimError, match="admit no point"):
            points(SIZES, where)
    with pytest.raises(ClaimError, match="a constraint speaks of d, without a domain"):
        points(SIZES, [n > d])


@given(st.integers(-20, 20), st.integers(-5, 5), st.integers(-5, 5), st.integers(-5, 5))
@hypothesis_settings(max_examples=150, deadline=None, derandomize=True)
def test_tightening_never_loses_a_solution(constant, a, b, c):
    relation = a * n + b * t + c * n * t + constant >= 0
    box = {"n": (Fraction(1), Fraction(6)), "t": (Fraction(-3), Fraction(4))}
    solutions = [
        (x, y)
        for x in range(1, 7)
        for y in range(-3, 5)
        if a * x + b * y + c * x * y + constant >= 0
    ]
    possible = tighten(box, Inequality.read(sp.sympify(relation)), frozenset({"n", "t"}))
    if not possible:
        assert not solutions
    for x, y in solutions:
        assert box["n"][0] <= x <= box["n"][1]
        assert box["t"][0] <= y <= box["t"][1]


def test_tightening_is_exact_once_the_others_are_known():
    box = {"n": (Fraction(2), Fraction(500)), "t": (Fraction(7), Fraction(7))}
    assert tighten(box, Inequality.read(3 * t <= n - 1), frozenset({"n", "t"}))
    assert box["n"] == (22, 500)


def test_settings_reach_every_cell_and_can_be_simulated():
    drawn = sample(settings(max_sample_size=20), 900)
    cells = {(type(each.workflow), type(each.selection)) for each in drawn}
    assert cells == {(w, r) for w in WORKFLOWS.values() for r in SELECTIONS.values()}
    assert {each.fit for each in drawn} == {"mle", "unbiased"}
    for setting in drawn[:80]:
        runs = simulate(setting, 2, 3, "c0ffee", quantities=["variance", "kl_start_to_model"])
        assert runs.values["variance"].shape == (3, 3)
    with pytest.raises(InvalidInput, match="settings need max_sample_size >= 2"):
        sample(settings(max_sample_size=1), 1)


def test_families_reach_every_cell():
    drawn = sample(families(), 900)
    assert all(isinstance(each, Family) for each in drawn)
    cells = {(each.workflow, each.selection, each.law) for each in drawn}
    assert len(cells) == (len(SELECTIONS) + 1) * len(WORKFLOWS)


def test_settings_train_other_models_where_asked():
    drawn = sample(settings(30, 3, models=True), 400)
    assert {type(each.model) for each in drawn} == set(MODELS.values())
    others = [each for each in drawn if not isinstance(each.model, Gaussian)]
    assert {each.workflow.name for each in others} == set(WORKFLOWS)
    assert {each.model.design for each in others if isinstance(each.model, LinearRegression)} == {
        "fresh",
        "fixed",
    }
    for each in others[:40]:
        simulate(each, 2, 3, salt="c0ffee")
    assert all(isinstance(each.model, Gaussian) for each in sample(settings(30, 3), 60))
    assert {type(each.model) for each in sample(settings(9, models=[Poisson]), 20)} == {Poisson}


def test_families_of_other_models_where_asked():
    drawn = sample(families(models=True), 150)
    assert {type(each.model) for each in drawn} == set(MODELS.values())
    assert all(each.is_gaussian for each in sample(families(), 60))


@pytest.mark.parametrize("given", [[], [int]])
def test_what_is_no_model_is_told_in_one_line(given):
    with pytest.raises(InvalidInput, match="accepted: True, False, or classes among") as caught:
        modelstrategies.models(given)
    assert "\n" not in str(caught.value)
