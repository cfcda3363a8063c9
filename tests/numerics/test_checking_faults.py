"""What is told of samplers that misbehave, of misuse, and of claims at fault."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import sympy as sp

from numerics.checking import check, check_all
from numerics.evidence import Verdict
from numerics.report.wording import remark
from numerics.result import END_TO_END, document
from tests.numerics.stepclaims import draw, step
from theory.claim import Claim
from theory.domain import integers, reals
from theory.errors import ClaimError, InvalidInput
from theory.family import Family
from theory.symbols import n, t
from theory.vocabulary import Accumulate

SALT = "c0ffee"


def returns_nan(rng: np.random.Generator, size: int, n: int) -> Any:
    return np.where(np.arange(size) == 3, np.nan, draw(rng, size, n))


def returns_too_few(rng: np.random.Generator, size: int, n: int) -> Any:
    return draw(rng, size - 1, n)


def returns_text(rng: np.random.Generator, size: int, n: int) -> Any:
    return "many"


def returns_numbers_as_text(rng: np.random.Generator, size: int, n: int) -> Any:
    return ["0.5"] * size


def returns_nothing(rng: np.random.Generator, size: int, n: int) -> Any:
    draw(rng, size, n)


def returns_masked(rng: np.random.Generator, size: int, n: int) -> Any:
    return np.ma.masked_less(draw(rng, size, n), 0.1)


def leaves(rng: np.random.Generator, size: int, n: int) -> Any:
    raise SystemExit(3)


class Remembers:
    """Draws that an earlier call left behind: the fault looks different at every call."""

    def __init__(self) -> None:
        self.kept: dict[int, Any] = {}

    def __call__(self, rng: np.random.Generator, size: int, n: int) -> Any:
        if n not in self.kept:
            self.kept[n] = rng.random(4096)
        return self.kept[n][:size]


def divides_by_zero(rng: np.random.Generator, size: int, n: int) -> Any:
    return 1 // 0


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (returns_nan, r"mine.step: draw returned nan; accepted: finite"),
        (returns_too_few, r"mine.step: draw returned shape \(1023,\); accepted: \(1024,\)"),
        (returns_text, r"mine.step: draw returned str, not an array of numbers"),
        (returns_numbers_as_text, r"mine.step: draw returned text, not an array of numbers"),
        (returns_nothing, r"mine.step: draw returned None, not an array of numbers"),
        (returns_masked, r"mine.step: draw returned masked values"),
        (leaves, r"mine.step: draw raised SystemExit at n=2: 3"),
        (Remembers(), r"mine.step: draw returns the same replicates for different generators"),
        (divides_by_zero, r"mine.step: draw raised ZeroDivisionError at n=2"),
    ],
)
def test_a_sampler_that_misbehaves_is_told_in_one_line(bad: Any, complaint: str) -> None:
    with pytest.raises(ClaimError, match=complaint) as caught:
        check(step(draw=bad), salt=SALT)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"points": 0}, "points = 0"),
        ({"at": {"n": 1}}, "n = 1 is not an integer"),
        ({"at": {}}, "n has no value"),
        ({"at": {"n": 5, "m": 1}}, "no symbol 'm'"),
        ({"epsilon": 2.0}, "epsilon=2.0"),
    ],
)
def test_misuse_is_one_clear_line(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        check(step(), salt=SALT, **given)


def coin(rng: np.random.Generator, size: int, p: float) -> Any:
    return rng.random(size) < p


def probability(name: str, mean: Any, low: float = 0.0, high: float = 1.0, **given: Any) -> Claim:
    over = {"p": reals(low, high)}
    return Claim(name, "a probability", over, mean=mean, bounds=(0, 1), draw=coin, **given)


def test_a_mean_beyond_its_own_bounds_is_refuted_and_the_others_are_judged() -> None:
    p = sp.Symbol("p", real=True)
    claims = [
        probability("mine.beyond", p + sp.Rational(2, 5)),
        probability("mine.coin", p),
        probability("mine.below", p - 1, relation=">="),
    ]
    beyond, coin_itself, below = check_all(claims, salt=SALT, points=6)
    assert beyond.verdict is Verdict.REFUTED
    assert coin_itself.verdict is Verdict.VERIFIED  # the ends, 0 and 1, among its points
    assert below.verdict is Verdict.NOT_JUDGED  # true, but no draw could contradict it
    assert "vacuous" in below.fault
    alone = check(probability("mine.beyond", p + sp.Rational(2, 5), 0.7, 0.9), salt=SALT, points=2)
    assert alone.verdict is Verdict.REFUTED


def test_a_tolerance_as_large_as_the_mean_is_coarse_and_says_what_it_cannot_tell() -> None:
    p = sp.Symbol("p", real=True)
    rare = check(probability("mine.rare", 2 * p, 1e-7, 1e-6), salt=SALT, points=2)
    assert rare.verdict is Verdict.VERIFIED
    assert rare.simulation.coarse
    assert "does not tell it from 0" in remark(rare)
    wide = check(step(slack=sp.Integer(2)), salt=SALT, points=2)
    assert "slack alone" in remark(wide)
    told = check(probability("mine.told", p, 0.2, 0.8), salt=SALT, points=2)
    assert not told.simulation.coarse
    assert remark(told) == ""


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"variance": (n - 300) / n}, r"mine.step: variance=-.* \(at n=\d+\)"),
        ({"cdf": lambda x: x}, r"mine.step: cdf is called with a number and n: "),
        (
            {"variance": sp.Rational(1, 10**400)},
            r"mine.step: the variance is below the smallest float",
        ),
        ({"variance": None, "bounds": (0, sp.oo)}, r"mine.step: bounds = \(0, oo\) must be finite"),
    ],
)
def test_a_claim_at_fault_at_a_point_names_it(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ClaimError, match=complaint):
        check(step(**given), salt=SALT)


def test_a_law_without_a_variance_says_what_is_missing() -> None:
    p = sp.Symbol("p", real=True)
    pareto = Claim(
        "mine.pareto",
        "E X = p/(p - 1)",
        {p: reals(1.2, 1.8)},
        mean=p / (p - 1),
        cdf=lambda x, p: 1 - np.maximum(x, 1) ** -p,
        draw=lambda rng, size, p: 1 + rng.pareto(p, size),
    )
    found = check(pareto, salt=SALT, points=1, budget=20_000)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "takes a finite variance" in remark(found)


def test_a_bound_that_says_nothing_at_some_points_is_verified_at_the_others() -> None:
    p = sp.Symbol("p", real=True)
    found = check(probability("mine.twice", 2 * p, relation="<="), salt=SALT)
    assert found.verdict is Verdict.VERIFIED
    empty = [each for each in found.simulation.points if each.judgement.vacuous]
    assert 0 < len(empty) < len(found.simulation.points)
    assert all(2 * each.at["p"] >= 1 for each in empty)
    # What says nothing does not count: ten points remain.
    assert len(found.simulation.points) - len(empty) == 10
    half = check(probability("mine.half", p / 2, relation="<="), salt=SALT)
    assert half.verdict is Verdict.REFUTED


def test_a_claim_that_cannot_be_judged_leaves_the_others_their_verdicts() -> None:
    claims = [
        step("a", draw=returns_nan),
        step("b"),
        Claim("c", "no sampler", {n: integers(2, 9)}, mean=n, variance=1),
        step("d", 1 - 1 / (n + 1)),
    ]
    found = check_all(claims, salt=SALT, points=2)
    assert [str(each.verdict) for each in found] == [
        "NOT JUDGED", "VERIFIED", "NOT JUDGED", "REFUTED"
    ]  # fmt: skip
    assert "draw returned nan" in found[0].fault
    assert "give draw=" in found[2].fault
    counts = document(SALT, found)["summary"]
    assert sum(counts.values()) == len(claims)
    assert json.loads(json.dumps(document(SALT, found)))["claims"][0]["fault"] == found[0].fault
    with pytest.raises(ClaimError, match="draw returned nan"):
        check(claims[0], salt=SALT)


def raises_outside(x: Any, n: int) -> Any:
    raise KeyError("x")


def test_an_error_that_is_not_ours_is_passed_on_unless_it_is_explained() -> None:
    claims = [step("a", cdf=raises_outside), step("b")]
    with pytest.raises(KeyError):
        check_all(claims, salt=SALT, points=2)
    found = check_all(claims, salt=SALT, points=2, explain=lambda error: f"why: {error!r}")
    assert [found[0].fault, found[1].verdict] == ["why: KeyError('x')", Verdict.VERIFIED]


def test_two_claims_of_one_name_are_refused() -> None:
    with pytest.raises(ClaimError, match=r"two claims have the id 'mine.step'"):
        check_all([step(), step()])


def test_without_a_variance_that_anyone_knows_a_bound_on_replicates_serves() -> None:
    fields: dict[str, Any] = {
        "statement": "the tail keeps at most all of the mass",
        "over": {n: integers(5, 9), t: integers(1, 4)},
        "family": Family(workflow=Accumulate),
        "quantity": "tail_mass",
        "equals": sp.Rational(1, 5),
        "relation": "<=",
    }
    unbounded = check(Claim(id="mine.tail", **fields), salt=SALT)
    assert unbounded.simulation is None
    assert unbounded.verdict is Verdict.INCONCLUSIVE
    bounded = check(Claim(id="mine.tail", bounds=(0, 1), **fields), salt=SALT)
    assert bounded.verdict is Verdict.VERIFIED
    assert bounded.basis == END_TO_END
    fields["equals"] = sp.Rational(1, 10_000)
    assert check(Claim(id="mine.tail", bounds=(0, 1), **fields), salt=SALT).verdict is (
        Verdict.REFUTED
    )
