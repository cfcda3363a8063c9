"""The command line: what it prints, what it writes, and one line for every misuse."""

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


MISUSE: dict[str, tuple[tuple[str, ...], str]] = {
    "no such command": (("chekc",), "there are claims, derive, simulate, check"),
    "no such option": (("check", "--epsilom", "1"), "--epsilom"),
    "unknown id": (("check", "kazdan2025.replac"), "kazdan2025.replace"),
    "an id near nothing": (("check", "zzz"), "collapse claims"),
    "missing file": (("check", "none.py"), "no claim file none.py"),
    "epsilon that is no number": (("check", "--epsilon", "small"), "small"),
    "epsilon beyond 1": (("check", "kazdan2025.replace", "--epsilon", "2"), "epsilon"),
    "negative points": (("check", "kazdan2025.replace", "--points", "-3"), "points"),
    "budget of nothing": (("check", "kazdan2025.replace", "--budget", "0"), "budget"),
    "no jobs": (("check", "--jobs", "0"), "--jobs takes 1 or more"),
    "salt": (("check", "--salt", "pepper"), "hexadecimal"),
    "at without a claim": (("check", "--at", "n=3"), "takes one claim"),
    "at outside": (("check", "kazdan2025.replace", "--at", "n=-3,t=1"), "n = -3"),
    "at that is no assignment": (("check", "kazdan2025.replace", "--at", "n"), "name=value"),
    "at with code": (("check", "kazdan2025.replace", "--at", "n=exit()"), "not a number"),
    "column without runs": (("check", "--column", "value=x"), "give --runs"),
    "at an unknown letter": (("check", "kazdan2025.replace", "--at", "q=3"), "has n, sigma_0, t"),
    "another kind of claim file": (("check", "claims.toml"), "give it a Python file"),
    "no file of runs": (
        ("check", "kazdan2025.replace", "--runs", "none.csv", "--at", "n=9"),
        "no file none.csv",
    ),
    "both to standard output": (("check", "--json", "-", "--latex", "-"), "only one"),
    "json into a folder that is not there": (
        ("check", "kazdan2025.replace", "--points", "1", "--json", "no/such/file.json"),
        "cannot write",
    ),
    "derive: unknown quantity": (("derive", "--quantity", "entropy"), "entropy"),
    "derive: unknown letter": (("derive", "--at", "q=1"), "no symbol named 'q'"),
    "derive: missing letter": (("derive", "--at", "t=3"), "n"),
    "derive: alpha of 0": (
        ("derive", "--selection", "top-fraction", "--at", "n=9,t=1,alpha=0"),
        "alpha = 0",
    ),
    "derive: no dimension": (("derive", "--dimension", "two"), "two"),
    "simulate: negative n": (("simulate", "-n", "-5", "-t", "3"), "sample_size = -5"),
    "simulate: negative t": (("simulate", "-n", "5", "-t", "-3"), "generations = -3"),
    "simulate: n of N with n > N": (
        ("simulate", "-n", "9", "-t", "3", "--selection", "top-fraction", "--candidates", "5"),
        "candidates >= 9",
    ),
    "simulate: alpha beyond 1": (
        ("simulate", "-n", "9", "-t", "3", "--selection", "top-fraction", "--kept-fraction", "1.5"),
        "kept_fraction = 3/2",
    ),
    "simulate: no fraction": (("simulate", "-n", "9", "-t", "3", "--workflow", "fresh-real"),
                              "--fraction"),
    "simulate: meaningless option": (("simulate", "-n", "9", "-t", "3", "--fraction", "1/3"),
                                     "no meaning"),
    "simulate: other suffix": (("simulate", "-n", "9", "-t", "3", "--out", "runs.txt"), ".csv"),
    "simulate: no integer": (("simulate", "-n", "1e99", "-t", "3"), "at most 2^53"),
    "simulate: no folder": (("simulate", "-n", "9", "-t", "3", "--out", "no/x.csv"), "no folder"),
    "simulate: too large": (("simulate", "-n", "9", "-t", "1e9"), "ask for fewer"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISUSE)
def test_misuse_is_told_in_one_line(run: Run, case: str) -> None:
    words, expected = MISUSE[case]
    Path("claims.toml").write_text("[claim]\n")
    answer = run(*words)
    assert answer.status == 2, answer
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1
    assert expected in answer.err
    assert "unexpected" not in answer.err


FAULTY: dict[str, tuple[str, str]] = {
    "raises": ("x = 1\ny = 1 / 0\n", "mine.py raised ZeroDivisionError at line 2"),
    "raises deep inside": (
        "def f():\n    return {}['a']\nf()\n",
        "mine.py raised KeyError at line 2: 'a'",
    ),
    "does not parse": ("x = (\n", "mine.py raised SyntaxError at line 1"),
    "leaves": ("import sys\nsys.exit(5)\n", "mine.py raised SystemExit at line 2"),
    "imports nothing": ("import nonsense_module\n", "ModuleNotFoundError at line 1"),
    "is empty": ("", "defines no claims"),
    "has text for claims": ("CLAIMS = 'all'", "CLAIMS is a str"),
    "has text among claims": (GOOD + "CLAIMS.append('x')", "CLAIMS[1] is a str, not a Claim"),
    "has an id twice": (GOOD + "CLAIMS = CLAIMS * 2", "two claims bear the id 'mine.step'"),
    "leaves a symbol undeclared": (
        GOOD.replace("over={n: integers(2, 200)}", "over={}"),
        "no domain in `over` for n",
    ),
    "has a sampler that returns NaN": (
        GOOD.replace("/ n", "* float('nan')"), "draw returned nan"),
    "has a sampler of the wrong shape": (
        GOOD.replace("chisquare(n - 1, size)", "chisquare(n - 1, size + 1)"), "shape"),
    "has a sampler that raises": (GOOD.replace("rng.chi", "rng.qui"), "AttributeError"),
    "has a distribution function that raises": (
        GOOD.replace("draw=draw", "draw=draw, cdf=lambda x, n: x / nothing"),
        "mine.py raised NameError at line",
    ),
    "has a sampler that returns text": (
        GOOD.replace("return rng.chisquare(n - 1, size) / n", "return 'abc'"), "draw returned"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTY)
def test_a_faulty_claim_file_is_told_in_one_line(run: Run, case: str) -> None:
    text, expected = FAULTY[case]
    answer = run("check", "mine.py", *QUICK, mine=text)
    assert answer.status == 2, answer
    assert len(answer.err.splitlines()) == 1, answer.err
    assert expected in answer.err
    assert "unexpected" not in answer.err


def test_a_faulty_claim_does_not_stop_its_neighbours(run: Run) -> None:
    bad = GOOD.replace("CLAIMS", "BAD").replace("mine.step", "mine.bad").replace("/ n", "* 1j")
    answer = run("check", "mine.py", *QUICK, "--json", "out.json",
                 mine=f"{bad}\n{GOOD}\nCLAIMS = BAD + CLAIMS\n")  # fmt: skip
    assert answer.status == 2
    assert (
        answer.err == "collapse: mine.bad: draw returned complex numbers; accepted: real numbers\n"
    )
    assert "1 VERIFIED, 1 NOT JUDGED" in answer.out
    found = json.loads(Path("out.json").read_text())
    assert [each["verdict"] for each in found["claims"]] == ["NOT JUDGED", "VERIFIED"]
    assert "complex" in found["claims"][0]["fault"]


def test_a_wrong_variance_is_told_as_such(run: Run) -> None:
    text = GOOD.replace("variance=2*(n - 1)/n**2", "variance=(n - 1)/n**2")
    answer = run("check", "mine.py", *QUICK, mine=text)
    assert answer.status == 1
    assert "VARIANCE REFUTED" in answer.out


RUNS: dict[str, tuple[str, str]] = {
    "text": ("generation,value\n0,1\n1,much\n2,1\n", "column 'value' has 'much' in data row 2"),
    "a gap": ("generation,value\n0,1\n2,1\n", "gap after generation 0"),
    "an empty cell": ("generation,value\n0,1\n1,\n", "row 2"),
    "a generation twice": ("generation,value\n0,1\n0,2\n", "generation 0 twice"),
    "no such column": ("step,value\n0,1\n", "no column 'generation'; it has step, value"),
    "nothing": ("", "cannot be read"),
}


@pytest.mark.parametrize("case", RUNS)
def test_a_faulty_table_of_runs_is_told_in_one_line(run: Run, case: str) -> None:
    text, expected = RUNS[case]
    Path("runs.csv").write_text(text)
    answer = run("check", "kazdan2025.replace", "--runs", "runs.csv", "--at", "n=9")
    assert answer.status == 2, answer
    assert len(answer.err.splitlines()) == 1
    assert expected in answer.err


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
