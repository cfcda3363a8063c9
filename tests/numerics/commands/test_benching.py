"""``collapse bench``: run, resume, advise, and complain in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from numerics.cli import main

SMALL = ["--family", "gaussian", "-n", "20", "-d", "2", "--members", "1", "--replicates", "3"]
TWO = ["--estimator", "exact", "--estimator", "gaussian", "--salt", "c0ffee", "--jobs", "1"]


def test_it_runs_writes_and_advises_from_what_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, rows, folder = tmp_path / "scores.json", tmp_path / "calls.csv", tmp_path / "units"
    command = ["bench", *SMALL, *TWO, "--folder", str(folder)]
    assert main([*command, "--json", str(place), "--out", str(rows)]) == 0
    shown = capsys.readouterr()
    assert "gaussian, d = 2, n = 20: 1 truths, 3 pairs of samples" in shown.out
    assert "2/2" in shown.err
    held = json.loads(place.read_text())
    assert {cell["estimator"] for cell in held["cells"]} == {"exact", "gaussian"}
    assert len(rows.read_text().splitlines()) == 1 + 2 * 3
    assert main([*command, "--json", "-"]) == 0  # from the folder: even the times are the same
    assert json.loads(capsys.readouterr().out) == held
    ask = ["bench", "--recommend", "-n", "20", "-d", "2", "--from", str(place)]
    assert main([*ask, "--time", "10s"]) == 0
    assert "errors measured at n = 20, d = 2." in capsys.readouterr().out
    assert main([*ask, "--time", "0.0001ms"]) == 2
    assert "the fastest takes" in capsys.readouterr().err


def test_advice_needs_no_run_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--recommend", "-n", "2000", "-d", "20", "--time", "1s"]) == 0
    assert "the grid stored with the package" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--recommend", "-n", "20"],
        ["--recommend", "-n", "20", "-d", "2", "--time", "soon"],
        ["--recommend", "-n", "20", "-d", "2", "--from", "nowhere.json"],
        ["--from", "scores.json"],
        ["--family", "nothing"],
        ["--estimator", "nothing"],
        [*SMALL, "--plot", "front.txt"],
        [*SMALL, "--out", "calls.xlsx"],
        [*SMALL, "--salt", "coffee"],
    ],
)
def test_misuse_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
