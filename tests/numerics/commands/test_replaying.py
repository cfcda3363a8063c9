"""The command ``collapse replay``."""

from __future__ import annotations

import pytest

from numerics.cli import main
from numerics.commands import replaying
from numerics.silos.released import Released


def test_it_prints_the_released_numbers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At full size for one setting of the quickest family: the released mean and sd."""
    monkeypatch.setattr(replaying, "SETTINGS", ("Replace",))
    monkeypatch.setattr(
        replaying,
        "replay",
        lambda rng, family: replaying_original(rng, family, settings=("Replace",)),
    )
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["replay", "--family", "laplace", "--jobs", "1"]) == 0
    printed = capsys.readouterr().out
    assert "2.22819554" in printed
    assert "2.47414" in printed


replaying_original = replaying.replay


def test_fresh_seeds_say_what_they_do_not_exclude(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = Released(sample_size=60, generations=5)
    original = replaying.fresh_paths
    monkeypatch.setattr(
        replaying, "fresh_paths", lambda *words, **more: original(*words, released=small, **more)
    )
    monkeypatch.setenv("COLUMNS", "120")
    words = "replay --family unequal-mixture --fresh 6 --salt c0ffee --jobs 1"
    assert main(words.split()) == 0
    printed = capsys.readouterr().out
    assert "6 fresh seeds" in printed
    assert "no change is not excluded" in printed
    assert "minority" in printed
    assert "in 6 of 6 seeds" in printed
    assert "--salt c0ffee" in printed


@pytest.mark.parametrize("words", ["--family cauchy", "--fresh 5", "--salt xyz"])
def test_misuse_is_one_line(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", *words.split()]) == 2
    assert capsys.readouterr().err.count("\n") == 1
