"""Files are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from numerics.report.files import write_text, write_whole
from theory.errors import InvalidInput


def test_an_interrupted_write_leaves_the_old_file_alone(tmp_path: Path) -> None:
    place = tmp_path / "verdict.json"
    write_text(place, "old\n")

    def fail(file: Path) -> None:
        file.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(place, fail)
    assert place.read_text() == "old\n"
    assert [each.name for each in tmp_path.iterdir()] == ["verdict.json"]


def test_the_suffix_reaches_the_writer(tmp_path: Path) -> None:
    seen: list[str] = []
    write_whole(tmp_path / "a.png", lambda file: seen.append(file.suffix))
    assert seen == [".png"]


@pytest.mark.parametrize("place", ["no/such/folder/a.json", "."])
def test_a_place_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match="cannot write"):
        write_text(place, "")


def test_the_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    write_text(tmp_path / "ours", "")
    (tmp_path / "theirs").write_text("")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode
