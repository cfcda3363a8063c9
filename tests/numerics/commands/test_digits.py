"""The command ``collapse digits``: what it prints and writes, and that it goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from numerics.cli import main

QUICK = [
    *("digits", "--replicates", "2", "--generations", "1", "--silos", "3", "--split", "iid"),
    *("--generator", "kde", "--rule", "local-centroid", "--salt", "c0ffee", "--jobs", "1"),
]


def test_it_prints_writes_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    files = ["--json", "a.json", "--markdown", "a.md", "--plot", "a.png", "--folder", "parts"]
    assert main([*QUICK, *files]) == 0
    first = capsys.readouterr()
    assert "IID, KDE at its cross-validated bandwidth" in first.out
    assert "--salt c0ffee" in first.out
    assert "2/2: iid, kde, seed 2" in first.err
    made = json.loads(Path("a.json").read_text())
    assert [cell["rule"] for cell in made["cells"]] == ["random", "local-centroid"]
    assert "| local-centroid |" in Path("a.md").read_text()
    assert Path("a.png").read_bytes()[:4] == b"\x89PNG"
    # The parts know their salt; nothing is computed anew.
    again = [word for word in QUICK if word not in ("--salt", "c0ffee")]
    assert main([*again, "--folder", "parts"]) == 0
    assert capsys.readouterr().out == first.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--split three-class", "three-class"),
        ("--rule best", "best"),
        ("--replicates 1", "replicates"),
        ("--plot a.txt", "a.txt is none of"),
        ("--folder a.txt", "is a file"),
        ("--json no/such/a.json", "there is no folder"),
    ],
)
def test_misuse_is_one_line(
    words: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("")
    assert main(["digits", *words.split()]) == 2
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.count("\n") == 1
