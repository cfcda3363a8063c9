"""The monitor at the command line: text, JSON, plot and one line for every misuse."""

import json

import pytest

from numerics.cli import main

LOSING = "run,generation,trace\n" + "".join(f"a,{t},{0.8**t}\n" for t in range(20))
LEVEL = "run,generation,trace\n" + "".join(f"a,{t},{1 + 0.1 * (-1) ** t}\n" for t in range(20))


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)

    def write(text):
        (tmp_path / "runs.csv").write_text(text)
        return "runs.csv"

    return write


def test_a_loss_is_an_alarm_with_its_assumption(file, capsys):
    assert main(["monitor", file(LOSING)]) == 1
    shown = capsys.readouterr().out
    for word in ("LOSS", "as observed", "ALARM", "calibrated", "earliest possible", "log det"):
        assert word in shown, word


def test_a_level_record_is_quiet_and_cannot_be_told(file, capsys):
    assert main(["monitor", file(LEVEL)]) == 0
    shown = capsys.readouterr().out
    assert "ALARM" not in shown
    assert "CANNOT TELL" in shown


def test_json_and_plot(file, tmp_path, capsys):
    assert main(["monitor", file(LOSING), "--json", "-", "--plot", "seen.png"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["alarmed"]
    assert found["findings"][0]["trend"]["alarm"] <= 10
    assert (tmp_path / "seen.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--alpha", "2"], "0 < alpha < 1"),
        (["--null", "healthy"], "accepted: loop"),
        (["--metric", "fid"], "no column 'fid'"),
        (["--at", "m=3"], "n and d"),
        (["--at", "n=1.5"], "n and d"),
        (["--interval", "0"], "positive"),
        (["--plot", "absent/x.png"], "no folder"),
        (["--plot", "x.nonsense"], "x.nonsense is none of .avif"),
    ],
)
def test_misuse_is_one_line(file, capsys, words, said):
    name = file(LOSING)
    status = main(["monitor", name, *words])
    captured = capsys.readouterr()
    assert status == 2
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_the_theory_null_says_that_it_is_not_about_a_trace(file, capsys):
    assert main(["monitor", file(LOSING), "--null", "theory"]) == 0
    assert "log det alone" in capsys.readouterr().out
