"""Recorded runs: the effect's interval, what it excludes, and what it honestly does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.checking import check
from numerics.evidence import Design, Verdict
from numerics.recorded import RecordedEvidence, check_recorded
from numerics.runs import Run, Runs
from numerics.simulation import simulate
from theory import shelf
from theory.errors import ClaimError, RunsError
from theory.setting import Setting
from theory.vocabulary import Accumulate, Replace

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "qiao2026"
REPLACE, ACCUMULATE = shelf.find("kazdan2025.replace"), shelf.find("kazdan2025.accumulate")
DESIGN = Design()


def recorded(setting: Setting, generations: int, runs: int, bias: float = 1.0) -> Runs:
    """Runs of our own simulator as a table would hold them; `bias` tampers with every step."""
    made = simulate(setting, generations, runs, salt="feed", method="raw")
    values = made.values["variance"] * bias ** np.arange(generations + 1)
    steps = np.arange(generations + 1)
    return Runs("ours", tuple(Run(str(i), steps, row) for i, row in enumerate(values)))


def rivals_of(evidence: RecordedEvidence) -> dict[str, bool]:
    return {rival.name: rival.refuted for rival in evidence.judgement.rivals}


@pytest.mark.parametrize(
    ("claim", "workflow"), [(REPLACE, Replace()), (ACCUMULATE, Accumulate())], ids=["A1", "B1"]
)
def test_the_interval_holds_the_claimed_effect(claim: Any, workflow: Any) -> None:
    runs = recorded(Setting(workflow=workflow, sample_size=20, dimension=3), 60, 60)
    evidence = check_recorded(claim, runs, {"n": 20}, DESIGN)
    low, high = evidence.judgement.interval
    assert low < 1 < high
    assert evidence.verdict is not Verdict.REFUTED


def test_enough_runs_exclude_that_nothing_happens() -> None:
    runs = recorded(Setting(workflow=Replace(), sample_size=10), 20, 2000)
    evidence = check_recorded(REPLACE, runs, {"n": 10}, DESIGN)
    assert rivals_of(evidence)["no effect"]
    assert evidence.judgement.interval[0] > 0.5


def test_tampered_runs_refute_the_claim() -> None:
    tampered = Setting(workflow=Replace(), sample_size=10, dimension=4)
    runs = recorded(tampered, 20, 2000, bias=1.03)
    evidence = check_recorded(REPLACE, runs, {"n": 10}, DESIGN)
    assert evidence.verdict is Verdict.REFUTED
    assert not evidence.as_expected


def test_a_spectrum_of_one_direction_attains_the_bound_on_the_variance() -> None:
    # In one dimension the bound is an equality, so a bound twice too small would be noticed.
    runs = recorded(Setting(workflow=Replace(), sample_size=10), 20, 500)
    step, ratio = runs.transitions()
    measured = float(np.var(ratio))
    assert step.max() == 20
    assert measured == pytest.approx(2 * 9 / 100, rel=0.05)


@pytest.mark.parametrize(
    ("name", "at", "error", "complaint"),
    [
        ("folklore.drift-mle", {"n": 10}, ClaimError, "no claim of a family's variance"),
        ("qiao2026.replace", {"n": 10}, ClaimError, "top-fraction"),
        ("folklore.mean-square", {"n": 10}, ClaimError, "no claim of a family's variance"),
        ("kazdan2025.replace", {}, RunsError, "needs n"),
    ],
)
def test_claims_that_runs_cannot_answer_are_refused(
    name: str, at: dict[str, int], error: type[Exception], complaint: str
) -> None:
    runs = recorded(Setting(workflow=Replace(), sample_size=10), 3, 2)
    with pytest.raises(error, match=complaint):
        check_recorded(shelf.find(name), runs, at, DESIGN)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published runs are not here")
@pytest.mark.parametrize("n", [100, 200])
@pytest.mark.parametrize(("claim", "setting"), [(REPLACE, "Replace"), (ACCUMULATE, "Accumulate")])
def test_the_published_runs(claim: Any, setting: str, n: int) -> None:
    evidence = check(
        claim,
        runs=PUBLISHED / f"gaussian_n{n}.csv",
        columns={"value": "variance", "generation": "iteration", "run": "seed"},
        where={"setting": setting},
        at={"n": n},
    )
    assert isinstance(evidence, RecordedEvidence)
    low, high = evidence.judgement.interval
    assert low < 1 < high
    refuted = rivals_of(evidence)
    assert refuted["constant 1 - 5/n"]
    assert refuted["constant 1 + 5/n"]
    assert not refuted["no effect"]
    if setting == "Accumulate":
        assert refuted["the law of replace"]
        assert not refuted["effect -5"]
        assert not refuted["effect +5"]
    else:
        assert refuted["effect -5"]
        assert refuted["effect +5"]
