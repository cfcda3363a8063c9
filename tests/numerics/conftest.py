"""The command line, run in an empty folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from numerics.cli import main


@dataclass
class Answer:
    """What a command left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def command(*words: str, **files: str) -> Answer:
        for name, text in files.items():
            Path(f"{name}.py").write_text(text)
        status = main(words)
        captured = capsys.readouterr()
        return Answer(status, captured.out, captured.err)

    return command
