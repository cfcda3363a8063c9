"""The meeting of the witnesses: verdicts, their twins, and what misuse is told."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import sympy as sp

import numerics.witness
from numerics.checking import check, check_all
from numerics.evidence import Verdict
from numerics.report.wording import remark
from numerics.result import ALGEBRA, END_TO_END, STEP, document, summary
from theory import shelf
from theory.claim import Claim
from theory.domain import integers, reals
from theory.errors import ClaimError, InvalidInput
from theory.family import Family
from theory.symbols import n, sigma_0, t
from theory.vocabulary import Accumulate, Replace

SALT = "c0ffee"


def draw(rng: np.random.Generator, size: int, n: int) -> Any:
    return rng.chisquare(n - 1, size) / n


def step(name: str = "mine.step", mean: sp.Expr = 1 - 1 / n, **given: Any) -> Claim:
    fields: dict[str, Any] = {
        "id": name,
        "statement": "E s^2 = (1 - 1/n) sigma^2",
        "over": {n: integers(2, 200)},
        "mean": mean,
        "variance": 2 * (n - 1) / n**2,
        "draw": draw,
        **given,
    }
    return Claim(**fields)


def replace(name: str, equals: sp.Expr, **given: Any) -> Claim:
    fields: dict[str, Any] = {
        "id": name,
        "statement": "E sigma_t^2",
        "over": {n: integers(2, 30), t: integers(1, 8)},
        "family": Family(workflow=Replace),
        "quantity": "variance",
        "equals": equals,
        **given,
    }
    return Claim(**fields)


def test_a_correct_step_is_verified_and_a_wrong_one_refuted_at_its_smallest_point() -> None:
    right = check(step(), salt=SALT)
    assert right.verdict is Verdict.VERIFIED
    assert right.as_expected
    assert right.basis == END_TO_END
    assert len(right.simulation.points) == 10
    wrong = check(step(mean=1 - 1 / (n + 1)), salt=SALT)
    assert wrong.verdict is Verdict.REFUTED
    assert not wrong.as_expected
    assert wrong.counterexample.at == {"n": 2}
    assert abs(wrong.counterexample.measured - 0.5) < 5 * wrong.counterexample.standard_error


def test_a_family_claim_is_verified_end_to_end_and_proved() -> None:
    evidence = check(replace("mine.replace", (1 - 1 / n) ** t * sigma_0**2), salt=SALT)
    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.algebra.verdict == "PROVED"
    assert "raw" in {point.method for point in evidence.simulation.points}


def test_both_witnesses_refute_a_wrong_family_claim() -> None:
    evidence = check(replace("mine.wrong", (1 - 1 / (n + 1)) ** t), salt=SALT)
    assert evidence.verdict is Verdict.REFUTED
    assert evidence.algebra.verdict == "REFUTED"
    assert evidence.simulation.verdict is Verdict.REFUTED
    assert evidence.counterexample.at["t"] == 1


def test_a_horizon_out_of_reach_is_proved_from_the_verified_step() -> None:
    claim = Claim(
        id="mine.horizon",
        statement="an unbiased fit keeps the mean variance for ever",
        over={n: integers(5, 5), t: integers(60, 60)},
        family=Family(workflow=Replace, fit="unbiased"),
        quantity="variance",
        equals=sigma_0**2,
    )
    evidence = check(claim, salt=SALT)
    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.basis == STEP
    # The twin: another claim of that horizon is not saved by its correct step.
    wrong = check(
        Claim(
            id="mine.horizon-wrong",
            statement="wrong",
            over=claim.over,
            family=claim.family,
            quantity="variance",
            equals=sigma_0**2 * (1 + t / 1000),
        ),
        salt=SALT,
    )
    assert wrong.verdict is Verdict.REFUTED
    assert wrong.basis == ALGEBRA


def test_a_broken_simulator_makes_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = numerics.witness.replicates

    def broken(*arguments: Any, **options: Any) -> Any:
        return 1.05 * honest(*arguments, **options)

    claim = replace("mine.replace", (1 - 1 / n) ** t * sigma_0**2)
    monkeypatch.setattr(numerics.witness, "replicates", broken)
    evidence = check(claim, salt=SALT)
    assert evidence.verdict is Verdict.CONFLICT
    assert not evidence.as_expected


def test_deterministic_statements_are_proved_or_refuted_by_algebra_alone() -> None:
    over = {n: integers(2, 50)}
    true = Claim("mine.true", "1 - 1/n < 1", over, holds=sp.Lt(1 - 1 / n, 1, evaluate=False))
    false = Claim("mine.false", "n^2 > 4", over, holds=n**2 > 4)
    assert check(true).verdict is Verdict.PROVED
    evidence = check(false)
    assert evidence.verdict is Verdict.REFUTED
    assert evidence.counterexample.at == {"n": 2}
    assert evidence.simulation is None


def test_a_wrong_variance_withholds_the_verdict_of_the_mean() -> None:
    evidence = check(step(variance=(n - 1) / n**2), salt=SALT)
    assert evidence.verdict is Verdict.VARIANCE_REFUTED
    assert not evidence.as_expected


def test_a_misprint_of_a_thousandth_is_found_when_asked_for() -> None:
    wrong = step(mean=(1 - 1 / n) * sp.Rational(1001, 1000), over={n: integers(10, 10)})
    assert check(wrong, salt=SALT).verdict is Verdict.VERIFIED  # within 1 %, as it says
    asked = check(wrong, salt=SALT, epsilon=0.0005, budget=60_000_000)
    assert asked.verdict is Verdict.REFUTED
    twin = check(step(over={n: integers(10, 10)}), salt=SALT, epsilon=0.0005, budget=120_000_000)
    assert twin.verdict is Verdict.VERIFIED


def test_a_claim_known_to_be_false_is_expected_to_be_refuted() -> None:
    false = step(mean=1 - 1 / (n + 1), known_false="the divisor is n")
    assert check(false, salt=SALT).as_expected
    assert not check(step(known_false="a slander"), salt=SALT).as_expected


def test_one_salt_gives_one_table_on_any_number_of_processes() -> None:
    claims = [
        step(),
        step("mine.wrong", 1 - 1 / (n + 1)),
        shelf.find("kazdan2025.replace"),
        shelf.find("kazdan2025.accumulate"),
    ]
    tables = [
        json.dumps(document(SALT, check_all(claims, salt=SALT, points=4, jobs=jobs)))
        for jobs in (1, 2, 1)
    ]
    assert tables[0] == tables[1] == tables[2]
    other = json.dumps(document("ab", check_all(claims, salt="ab", points=4)))
    assert other != tables[0]
    counts = json.loads(tables[0])["summary"]
    assert sum(counts.values()) == len(claims)
    assert counts["REFUTED"] == 1


def test_progress_hears_of_every_claim_in_order() -> None:
    heard: list[str] = []
    results = check_all(
        [step("a"), step("b")], salt=SALT, points=2, progress=lambda e: heard.append(e.claim.id)
    )
    assert heard == ["a", "b"]
    assert summary(results)["VERIFIED"] == 2


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
    told = check(probability("mine.told", p, 0.2, 0.8), salt=SALT, points=2)
    assert not told.simulation.coarse
    assert remark(told) == ""


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"variance": (n - 300) / n}, r"mine.step: variance=-.* \(at n=\d+\)"),
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
