"""A file that is truncated, rewritten or cut off in a line is followed without harm."""

import pytest

from numerics.cli import main
from numerics.monitoring.following import Follower, follow
from theory.errors import RunsError

HEAD = "generation,variance\n"


def rows(first, last):
    return "".join(f"{t},{0.7**t}\n" for t in range(first, last))


def test_growth_truncation_rewriting_and_half_lines(tmp_path):
    file = tmp_path / "runs.csv"
    follower = Follower(file)
    assert follower.look() is None
    file.write_text(HEAD + rows(0, 3))
    assert not follower.look().rewritten
    assert follower.look() is None
    with file.open("a") as out:
        out.write("3,0.3")
    assert follower.look() is None  # the line is not finished
    with file.open("a") as out:
        out.write("43\n")
    grown = follower.look()
    assert grown.text.endswith(b"3,0.343\n")
    assert not grown.rewritten
    file.write_text(HEAD)
    assert follower.look().rewritten
    file.write_text(HEAD + rows(0, 4).replace("0.7", "0.8"))
    assert not follower.look().rewritten
    file.write_text(HEAD + rows(0, 4))
    assert follower.look().rewritten


def test_following_ends_when_patience_does(tmp_path):
    file = tmp_path / "runs.csv"
    file.write_text(HEAD + rows(0, 3))
    pauses = []

    def wait(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            file.write_text(HEAD + rows(0, 5))

    assert len(list(follow(file, 1.0, patience=3, wait=wait))) == 2


def test_only_text_can_be_followed():
    with pytest.raises(RunsError, match="csv"):
        Follower("runs.parquet")


def test_the_command_survives_a_bad_state_of_the_file(tmp_path, capsys):
    file = tmp_path / "runs.csv"
    file.write_text(HEAD + rows(0, 12) + "12,oops\n")
    words = ["monitor", str(file), "--follow", "--interval", "0.01", "--patience", "0.02"]
    assert main(words) == 2  # nothing was reported, so that nothing is said to be quiet
    told = capsys.readouterr().err
    assert "waiting" in told
    assert "held no table to report on" in told
    file.write_text(HEAD + rows(0, 12) + "12,")
    assert main(words) == 1
    assert "ALARM" in capsys.readouterr().out
