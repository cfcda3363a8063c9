"""The command line: what it prints and what it writes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from numerics.commands.claimfiles import load_file
from theory.errors import ClaimError

Run = Callable[..., Any]

GOOD = """
import sympy as sp
from theory import Claim, integers
n = sp.Symbol("n", integer=True, positive=True)
def draw(rng, size, n):
    return rng.chisquare(n - 1, size) / n
CLAIMS = [Claim(id="mine.step", statement="E s^2 = 1 - 1/n", mean=1 - 1/n,
                variance=2*(n - 1)/n**2, draw=draw, over={n: integers(2, 200)})]
"""
WRONG = GOOD.replace("mean=1 - 1/n", "mean=1 - 1/(n + 1)")
KNOWN_FALSE = WRONG.replace("over=", 'known_false="n is meant", over=')
CRYING_WOLF = GOOD.replace("over=", 'known_false="so they say", over=')
QUICK = ("--points", "2", "--salt", "c0ffee", "--jobs", "1")


def test_a_right_claim_has_status_0(run: Run) -> None:
    answer = run("check", "mine.py", *QUICK, mine=GOOD)
    assert answer.status == 0, answer.err
    assert "ok mine.step" in answer.out
    assert "every verdict as expected" in answer.out
    assert "--salt c0ffee" in answer.out
    assert answer.err == ""


def test_a_wrong_claim_has_status_1_and_a_counterexample(run: Run) -> None:
    answer = run("check", "mine.py", *QUICK, mine=WRONG)
    assert answer.status == 1
    assert "NO mine.step" in answer.out
    assert "fails at n=2" in answer.out


def test_what_is_known_to_be_false_must_be_refuted(run: Run) -> None:
    answer = run("check", "mine.py", *QUICK, mine=KNOWN_FALSE)
    assert answer.status == 0
    assert "known to be false: n is meant" in answer.out
    assert run("check", "wolf.py", *QUICK, wolf=CRYING_WOLF).status == 1


def test_what_is_not_known_has_status_3(run: Run) -> None:
    answer = run("check", "mine.py", *QUICK, "--budget", "1024", mine=GOOD)
    assert answer.status == 3
    assert "?? mine.step" in answer.out
    assert "1 inconclusive" in answer.out


def test_one_claim_is_shown_in_full(run: Run) -> None:
    text = GOOD.replace("over=", "null=sp.Integer(1), over=")
    answer = run("check", "mine.py", *QUICK, "--at", "n=150", mine=text)
    for word in ("VERIFIED (coarse)", "scale s", "tol/|m|", "|E X - m| < tol", "<= 0.001", "null"):
        assert word in answer.out, word


def test_the_table_fits_into_80_columns_without_colour(run: Run) -> None:
    long = GOOD.replace("mine.step", "mine.a.rather.long.name.of.a.claim.that.will.not.fit")
    for text in (long, WRONG, KNOWN_FALSE):
        answer = run("check", "mine.py", *QUICK, "--rivals", "--details", mine=text)
        body = answer.out.split("The same noise")[0]
        assert max(len(line) for line in body.splitlines()) <= 80
        assert "\x1b" not in answer.out


def test_a_narrow_terminal_loses_no_column(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    answer = run("check", "mine.py", "--at", "n=5", "--salt", "c0ffee", mine=GOOD)
    assert all(word in answer.out for word in ("n=5", "claimed", "tol/|m|", "draws", "VERIFIED"))


def test_json_goes_to_standard_output_alone(run: Run) -> None:
    noisy = GOOD.replace("    return", "    print('hello')\n    return") + "\nprint('loaded')\n"
    answer = run("check", "mine.py", *QUICK, "--json", "-", mine=noisy)
    result = json.loads(answer.out)
    assert result["salt"] == "c0ffee"
    assert [claim["id"] for claim in result["claims"]] == ["mine.step"]
    assert sum(result["summary"].values()) == 1
    assert "hello" in answer.err
    assert "loaded" in answer.err


def test_the_same_salt_gives_the_same_bytes_on_one_and_on_two_processes(run: Run) -> None:
    both = GOOD + WRONG.replace("CLAIMS = [", "CLAIMS += [").replace("mine.step", "mine.wrong")
    for jobs in ("1", "2"):
        status = run(
            "check", "mine.py", "--points", "2", "--salt", "c0ffee", "--jobs", jobs,
            "--json", f"{jobs}.json", mine=both,
        ).status  # fmt: skip
        assert status == 1
    run("check", "mine.py", *QUICK, "--json", "again.json")
    run("check", "mine.py", "--points", "2", "--salt", "c0ffef", "--json", "other.json")
    one, two, again, other = (
        Path(f"{name}.json").read_bytes() for name in ("1", "2", "again", "other")
    )
    assert one == two == again
    assert one != other
    assert not list(Path().glob(".*.json"))


def test_latex_names_the_salt(run: Run) -> None:
    answer = run("check", "mine.py", *QUICK, "--latex", "-", mine=GOOD)
    assert answer.out.startswith("% collapse-theory ")
    assert "salt c0ffee" in answer.out
    assert r"\texttt{mine.step} & VERIFIED" in answer.out


def test_the_catalogue_is_listed(run: Run) -> None:
    answer = run("claims")
    assert answer.status == 0
    assert "kazdan2025.replace" in answer.out
    listed = json.loads(run("claims", "--json", "-").out)
    assert {claim["id"] for claim in listed} >= {"kazdan2025.replace"}
    assert f"{len(listed)} claims" in answer.out


def test_help_names_the_commands(run: Run) -> None:
    answer = run()
    assert answer.status == 0
    for word in ("claims", "derive", "simulate", "check"):
        assert word in answer.out


def test_recorded_runs_take_the_place_of_a_simulator(run: Run) -> None:
    made = run("simulate", "-n", "100", "-t", "100", "--replicates", "20", "-d", "5",
               "--salt", "c0ffee", "--out", "runs.csv")  # fmt: skip
    assert made.status == 0, made.err
    words = ("check", "kazdan2025.replace", "--runs", "runs.csv", "--column", "value=variance")
    answer = run(*words, "--at", "n=100", "--json", "out.json")
    assert answer.status in (0, 3)
    assert "constant 1 - 5/n" in answer.out
    assert json.loads(Path("out.json").read_text())["claims"][0]["basis"] == "recorded runs"
    wrong = run(*words, "--at", "n=2")
    assert wrong.status == 1
    assert "REFUTED" in wrong.out


def test_a_single_claim_object_will_do(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(GOOD.replace("CLAIMS = [", "mine = (").replace("])", "))")[:-1])
    with pytest.raises(ClaimError, match="SyntaxError"):
        load_file(file)
    file.write_text(GOOD.replace("CLAIMS = [Claim", "mine = Claim").replace(")})]", ")})"))
    assert [claim.id for claim in load_file(file)] == ["mine.step"]


def test_a_claim_file_may_import_its_neighbour(run: Run) -> None:
    """On two processes too, which cannot import it; and each file its own."""
    neighbour = GOOD.replace("CLAIMS", "PARTS")
    second = neighbour.replace("mine.step", "mine.other")
    words = ("check", "mine.py", "--points", "2", "--salt", "c0ffee", "--jobs", "2")
    both = "from parts import PARTS\nfrom others import PARTS as OTHERS\nCLAIMS = PARTS + OTHERS"
    answer = run(*words, mine=both, parts=neighbour, others=second)
    assert answer.status == 0, answer.err
    assert run("check", "mine.py", *QUICK, mine="from parts import PARTS as CLAIMS").status == 0
    wrong = run(
        "check", "mine.py", *QUICK,
        mine="from parts import PARTS as CLAIMS", parts=WRONG.replace("CLAIMS", "PARTS"),
    )  # fmt: skip
    assert wrong.status == 1


@pytest.mark.parametrize("words", ["claims", "check mine.py --points 1 --jobs 2"])
def test_a_closed_pipe_is_no_error(run: Run, words: str) -> None:
    """As in ``collapse claims | head -1``, and with processes at work when the reader goes."""
    many = "CLAIMS = [Claim(**(vars(CLAIMS[0]) | {'id': f'mine.{i}'})) for i in range(40)]\n"
    Path("mine.py").write_text(GOOD + "\n" + many)
    pipe = f"{sys.executable} -m numerics.cli {words} | head -1"
    answer = subprocess.run(["bash", "-c", pipe], capture_output=True, timeout=60, check=True)
    assert answer.stdout.count(b"\n") == 1
    assert answer.stderr == b""


def test_one_claim_of_a_file_is_named_after_two_colons(run: Run) -> None:
    """It may be asked at a point; the file's other claims, one of them wrong, are left alone."""
    other = WRONG.replace("mine.step", "other").replace("CLAIMS", "BAD")
    both = f"{other}\n{GOOD}\nCLAIMS += BAD"
    words = ("--at", "n=5", "--salt", "c0ffee")
    answer = run("check", "mine.py::mine.step", *words, mine=both)
    assert answer.status == 0, answer
    assert "1 claim: 1 VERIFIED" in answer.out
    assert run("check", "mine.py::other", *words, mine=both).status == 1
    unknown = run("check", "mine.py::mine.stop", *words, mine=both)
    assert (unknown.status, unknown.err) == (
        2, "collapse: no claim 'mine.stop' in mine.py; did you mean mine.step?\n"
    )  # fmt: skip
    assert "FILE.py::ID" in run("check", "mine.py", *words, mine=both).err
