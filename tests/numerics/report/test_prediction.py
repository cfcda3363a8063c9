"""Faces of a prediction: every number shown, equal bytes for equal input, pictures drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from numerics.cli import main
from numerics.prediction import Comparison, predict_runs
from numerics.prediction.setting import describe
from numerics.report.prediction import comparison_face, comparisons_json
from numerics.report.prediction_plot import plot_comparisons
from numerics.report.table import console
from numerics.streams import Stream
from theory.errors import InvalidInput
from theory.unselected import trace_moments
from theory.vocabulary import Replace

SETTING = """
setting = {
    "start": {"distance": 0, "dimension": 4},
    "group": [{"name": "plain", "workflow": "replace", "sample_size": 50, "until": 5}],
}
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Six runs scattered as predicted."""
    seen = trace_moments(Replace(), np.eye(4), 50, 5)
    rng = Stream("feed", "rows of a table").generator()
    rows = ["run,generation,trace"]
    for run in range(6):
        noise = np.cumsum(rng.standard_normal(6)) / np.sqrt(np.arange(1, 7))
        logs = seen.log_trace + seen.log_trace_sd * noise
        rows += [f"{run},{t},{np.exp(log)}" for t, log in enumerate(logs)]
    (tmp_path / "runs.csv").write_text("\n".join(rows))
    (tmp_path / "setting.py").write_text(SETTING)
    return tmp_path / "runs.csv"


def compared(table: Path) -> tuple[Comparison, ...]:
    group = {"workflow": "replace", "sample_size": 50, "until": 5}
    return predict_runs(
        table, describe({"start": {"distance": 0, "dimension": 4}, "group": [group]})
    )


def test_the_face_shows_every_cell(table: Path) -> None:
    (seen,) = compared(table)
    screen = console()
    with screen.capture() as capture:
        screen.print(comparison_face(seen))
    text = capture.get()
    assert str(seen.outcome) in text
    for cell in seen.trace.cells:
        assert f"{cell.z:+.2f}" in text
        assert f"{cell.log_ratio:+.3f}" in text


def test_json_is_the_same_at_every_call_and_follows_the_record(table: Path) -> None:
    text = comparisons_json(compared(table), "runs.csv", "setting.py")
    assert text == comparisons_json(compared(table), "runs.csv", "setting.py")
    group = json.loads(text)["groups"][0]
    assert [cell["generation"] for cell in group["trace"]["cells"]] == [1, 2, 3, 5]
    table.write_text(table.read_text().replace("\n0,5,", "\n0,5,1"))
    assert comparisons_json(compared(table), "runs.csv", "setting.py") != text


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_picture_is_drawn(table: Path, suffix: str) -> None:
    path = table.with_name(f"runs.{suffix}")
    plot_comparisons(compared(table) * 3, path)
    assert path.stat().st_size > 5000
    with pytest.raises(InvalidInput, match=r"none of \."):
        plot_comparisons(compared(table), table.with_name("runs.docx"))


def test_the_command_ends_as_its_verdicts_say(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["predict", "--runs", str(table), "--setting", str(table.with_name("setting.py"))]
    assert main([*words, "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["groups"][0]["verdict"] == "AGREES"
    assert main([*words, "--resolution", "1e-6"]) == 3
    false = table.read_text().splitlines()
    doubled = [f"{x.rpartition(',')[0]},{2 * float(x.rpartition(',')[2])}" for x in false[1:]]
    table.write_text("\n".join([false[0], *doubled]))
    assert main(words) == 1
    capsys.readouterr()


@pytest.mark.parametrize(
    ("extra", "line"),
    [
        (["--set", "dimension=3"], "--set changes workflow"),
        (["--set", "sample_size=many"], "is not a number"),
        (["--level", "1"], "level = 1.0 must lie in (0, 1)"),
        (["--plot", "/nowhere/a.png"], "no folder"),
        (["--runs", "absent.csv"], "no file absent.csv"),
    ],
)
def test_misuse_is_one_line(
    table: Path, extra: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["predict", "--runs", str(table), "--setting", str(table.with_name("setting.py"))]
    assert main([*words, *extra]) == 2
    error = capsys.readouterr().err
    assert line in error
    assert error.count("\n") == 1
