"""The meeting of the witnesses: verdicts, and their twins."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sympy as sp

import numerics.witness
from numerics.checking import check, check_all
from numerics.evidence import Verdict
from numerics.result import ALGEBRA, END_TO_END, STEP, document, summary
from tests.numerics.stepclaims import step
from theory import shelf
from theory.claim import Claim
from theory.domain import integers
from theory.family import Family
from theory.symbols import n, sigma_0, t
from theory.vocabulary import Replace

SALT = "c0ffee"


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
