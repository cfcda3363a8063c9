"""Table, details, JSON and LaTeX say what the evidence says, in 80 columns and without colour."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from rich.console import Console, RenderableType

from numerics.commands.verdicts import exit_status
from numerics.evidence import Judgement, RivalReport, Verdict
from numerics.report import table
from numerics.report.details import details
from numerics.report.structured import latex_escape, verdicts_json, verdicts_latex
from numerics.report.wording import label, mark, remark
from numerics.result import END_TO_END, NOTHING, Counterexample, Evidence, PointResult, Simulation
from theory.claim import Claim, Reference
from theory.comparison import AlgebraicEvidence
from theory.domain import integers
from theory.symbols import n

CLAIM = Claim(
    id="a.claim",
    statement="E X = 1/n",
    mean=1 / n,
    variance=1 / n**2,
    draw=max,
    over={n: integers(2, 9)},
    reference=Reference("Somebody et al.", 2025, arxiv="2501.00001"),
)


def judgement(verdict: Verdict, *, coarse: bool = False, **changes: Any) -> Judgement:
    rival = RivalReport("null", 0.0, 0.5, coarse, not coarse, True, 2048, 2000)
    made = Judgement(
        verdict=verdict,
        coarse=coarse,
        mean=0.5,
        epsilon=0.01,
        smallest_epsilon=0.009,
        scale=0.7,
        tolerance=0.007,
        relative_tolerance=0.014,
        screen_draws=75_000,
        confirm_draws=231,
        planned_draws=70_000,
        routes=("moments",),
        rivals=(rival,),
        note="reached 0.02 instead of 0.01" if verdict is Verdict.INCONCLUSIVE else "",
        guarantee="what the verdict states",
    )
    return replace(made, **changes)


def evidence(verdict: Verdict, claim: Claim = CLAIM, **changes: Any) -> Evidence:
    judged = judgement(verdict, coarse=changes.pop("coarse", False))
    simulation = Simulation(verdict, (PointResult({"n": 2}, 0.5, judged, "sampler"),), 0.01)
    made = Evidence(
        claim, verdict, END_TO_END, AlgebraicEvidence("SILENT", "nothing to derive"), simulation
    )
    return replace(made, **changes)


PROVED = AlgebraicEvidence("PROVED", "equal to the derivation")
FALSE = replace(CLAIM, id="a.false.claim", known_false="1/(n + 1) is meant")
EXAMPLE = Counterexample({"n": 2}, "simulation", 0.5, 1 / 3, 0.01, worst={"n": 9})
VERIFIED = evidence(Verdict.VERIFIED)
REFUTED = evidence(Verdict.REFUTED, counterexample=EXAMPLE)
UNKNOWN = evidence(Verdict.INCONCLUSIVE)


def printed(*lines: RenderableType, width: int = 80) -> str:
    out = io.StringIO()
    screen = Console(file=out, width=width, highlight=False)
    for line in lines:
        screen.print(line)
    return out.getvalue()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (VERIFIED, "VERIFIED"),
        (evidence(Verdict.VERIFIED, coarse=True), "VERIFIED (coarse)"),
        (evidence(Verdict.VERIFIED, algebra=PROVED), "VERIFIED + PROVED"),
        (evidence(Verdict.VERIFIED, algebra=PROVED, coarse=True), "VERIFIED (coarse) + PROVED"),
        (evidence(Verdict.PROVED, algebra=PROVED, simulation=None), "PROVED"),
        (evidence(Verdict.CONFLICT, algebra=PROVED), "CONFLICT"),
    ],
)
def test_the_label_tells_resolution_and_second_witness(given: Evidence, expected: str) -> None:
    assert label(given) == expected
    assert expected.split()[0] in printed(*table.row(given, 80))


@pytest.mark.parametrize(
    ("given", "sign", "status"),
    [
        ([VERIFIED], "ok", 0),
        ([evidence(Verdict.REFUTED, FALSE)], "ok", 0),
        ([REFUTED], "NO", 1),
        ([evidence(Verdict.VARIANCE_REFUTED)], "NO", 1),
        ([evidence(Verdict.CONFLICT)], "NO", 1),
        ([evidence(Verdict.VERIFIED, FALSE)], "NO", 1),
        ([UNKNOWN], "??", 3),
        ([UNKNOWN, VERIFIED], "??", 3),
        ([REFUTED, UNKNOWN], "NO", 1),
        ([evidence(Verdict.INCONCLUSIVE, FALSE)], "??", 1),
    ],
)
def test_mark_and_exit_status(given: list[Evidence], sign: str, status: int) -> None:
    assert mark(given[0]) == sign
    assert exit_status(given) == status
    assert exit_status(given[::-1]) == status


def test_a_row_shows_what_must_not_be_overlooked() -> None:
    assert "fails at n=2: claimed 0.5, measured 0.3333" in printed(*table.row(REFUTED, 80))
    false = evidence(Verdict.REFUTED, FALSE, counterexample=EXAMPLE)
    assert "known to be false: 1/(n + 1) is meant" in printed(*table.row(false, 80))
    assert "reached 0.02 instead of 0.01" in printed(*table.row(UNKNOWN, 80))
    assert remark(VERIFIED) == ""
    derived = AlgebraicEvidence("REFUTED", "exact rational arithmetic", {"n": 3}, Fraction(-1, 8))
    by_algebra = Counterexample({"n": 3}, "algebra", None, None, None)
    found = evidence(Verdict.REFUTED, algebra=derived, counterexample=by_algebra)
    assert remark(found) == "fails at n=3: off by -0.125, by algebra"


def test_a_coarse_row_tells_the_widest_of_its_points() -> None:
    narrow, wide = (
        PointResult({"n": n}, m, judgement(Verdict.VERIFIED, coarse=True, **words), "sampler")
        for n, m, words in (
            (2, 0.5, {"tolerance": 0.007, "relative_tolerance": 0.014}),
            (9, 0.1, {"tolerance": 0.08, "relative_tolerance": 0.8}),
        )
    )
    for points in ((narrow, wide), (wide, narrow)):
        found = evidence(Verdict.VERIFIED, simulation=Simulation(Verdict.VERIFIED, points, 0.01))
        assert remark(found).startswith("within 0.08 of 0.1 at n=9, which does not tell it from 0;")


@pytest.mark.parametrize("width", [80, 100, 120])
def test_nothing_is_wider_than_the_screen(width: int) -> None:
    long = replace(CLAIM, id="an.id.of.a.claim." * 6, statement="a long statement " * 20)
    for each in (VERIFIED, REFUTED, UNKNOWN, evidence(Verdict.REFUTED, long)):
        text = printed(table.header(width), *table.row(each, width), details(each), width=width)
        assert max(map(len, text.splitlines())) <= width
        assert "\x1b" not in text
    whole = "".join(printed(*table.row(evidence(Verdict.REFUTED, long), width)).split())
    assert long.id[:40] in whole or "an.id" in whole


def test_the_details_tell_the_resolution() -> None:
    text = " ".join(printed(details(evidence(Verdict.VERIFIED, coarse=True))).split())
    for word in (
        "Somebody et al. (2025), arXiv 2501.00001",
        "1% of the scale s",
        "0.007",
        "1.4%",
        "null",
        "what the verdict states",
        "smallest epsilon reached 0.9%",
    ):
        assert word in text, word
    text = " ".join(printed(details(REFUTED)).split())
    assert "measured 0.333333 +- 0.01; worst at n=9" in text


def test_the_closing_line_counts_every_claim_once() -> None:
    text = table.closing([VERIFIED, REFUTED, UNKNOWN], "c0ffee")
    assert text.startswith("3 claims: 1 VERIFIED, 1 REFUTED, 1 INCONCLUSIVE; ")
    assert "1 not as expected; 1 inconclusive" in text
    assert "every verdict as expected" not in text
    assert "every verdict as expected" in table.closing([VERIFIED], "c0ffee")
    faulty = Evidence(CLAIM, Verdict.NOT_JUDGED, NOTHING, None, None, fault="a.claim: no draws")
    text = table.closing([VERIFIED, REFUTED, REFUTED, UNKNOWN, faulty], None)
    assert text.endswith("; 2 not as expected; 1 inconclusive; 1 not judged.")


def test_json_has_the_stable_keys_and_counts_that_partition() -> None:
    result = json.loads(verdicts_json([VERIFIED, REFUTED, UNKNOWN], "c0ffee"))
    assert set(result) == {"salt", "claims", "summary"}
    for claim in result["claims"]:
        assert set(claim) == {
            "id", "verdict", "expected", "as_expected", "basis", "algebra", "simulation",
            "counterexample",
        }  # fmt: skip
        assert {"verdict", "epsilon", "scale", "tolerance", "draws", "points"} <= set(
            claim["simulation"]
        )
    assert sum(result["summary"].values()) == 3
    assert result["summary"]["REFUTED"] == 1


def test_latex_survives_its_special_characters() -> None:
    odd = replace(CLAIM, id="a_claim&100%#{}~^\\$")
    text = verdicts_latex([evidence(Verdict.VERIFIED, odd)], "c0ffee")
    line = next(each for each in text.splitlines() if each.startswith(r"\texttt"))
    assert line.count(" & ") == 4
    assert line.endswith(r"\\")
    assert latex_escape("_%&#${}") == r"\_\%\&\#\$\{\}"
    assert r" & 1\,\% & " in line
