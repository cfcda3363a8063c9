"""Tables of the digits experiment say which cells are decided, and only those."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from numerics.report import digits as report
from numerics.report.structured import json_text
from numerics.silos.campaign import Block
from numerics.silos.digits import Run, Score
from theory.errors import InvalidInput

SCORE = Score(0.5, 0.25, 0.9, 9.5, 1.5, 12_000.0)


def block(replicate: int, worse: float) -> Block:
    """A block whose second rule is worse than random by `worse`, and by replicate a little."""
    plain = Run(SCORE, (0.1, 0.5))
    other = replace(SCORE, frechet=0.5 + worse + 0.01 * replicate)
    return Block(
        "two-class",
        "kde",
        replicate,
        "0.2",
        (90, 91),
        {"random": plain, "local-duals": Run(other, (0.1, other.frechet))},
    )


@pytest.mark.parametrize(
    ("worse", "sign"), [(0.3, "above"), (-0.3, "below"), (-0.005, "undecided")]
)
def test_the_sign_is_that_of_the_interval(worse: float, sign: str) -> None:
    text = report.markdown([block(0, worse), block(1, worse), block(2, worse)], "c0ffee")
    assert "`collapse digits --replicates 3 --salt c0ffee`" in text
    lines = text[text.index("## ") :].splitlines()
    assert lines[0].startswith("## two classes a silo, KDE at its cross-validated bandwidth")
    assert "(h = 0.2), 3 seeds" in lines[0]
    assert [sign in line for line in lines[4:]] == [False, True]
    assert f"{worse + 0.01:+.3f} ± 0.025" in lines[5]
    assert "| 12 |" in lines[5]


def test_json_holds_every_run_and_no_verdict_on_the_baseline() -> None:
    found = [block(0, 0.3), block(1, 0.3)]
    made = json.loads(json_text(report.document(found, {"silos": 2}, "c0ffee")))
    assert made["plan"] == {"silos": 2}
    assert [cell["sign"] for cell in made["cells"]] == [None, "above"]
    assert made["blocks"][1]["runs"]["local-duals"]["score"]["frechet"] == pytest.approx(0.81)


def test_the_figure_is_written_in_its_format_or_refused(tmp_path: Path) -> None:
    found = [block(0, 0.3), block(1, 0.3)]
    report.plot(found, tmp_path / "a.svg")
    assert "<svg" in (tmp_path / "a.svg").read_text()
    with pytest.raises(InvalidInput, match="none of"):
        report.plot(found, tmp_path / "a.xyz")
