"""The command line: one line for every misuse, and a faulty claim stops no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
QUICK = ("--points", "2", "--salt", "c0ffee", "--jobs", "1")


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
