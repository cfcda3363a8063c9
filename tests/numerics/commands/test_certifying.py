"""``collapse certify``: certificates, exit statuses, and one line for misuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from numerics.cli import main

STEP = """
import sympy as sp
from theory import Claim, integers, reals
n = sp.Symbol("n", integer=True, positive=True)
def draw(rng, size, n):
    return rng.chisquare(n - 1, size) / n
CLAIMS = [Claim(id="mine.step", statement="E s^2 = 1 - 1/n", mean=1 - 1/n,
                variance=2*(n - 1)/n**2, draw=draw, over={n: integers(2, 200)})]
"""
WRONG = STEP.replace("/ n\nCLAIMS", "/ n * (1.3 if n > 20 else 1)\nCLAIMS")
KNOWN_FALSE = WRONG.replace("over=", 'known_false="n > 20 is scaled", over=')
CRYING_WOLF = STEP.replace("over=", 'known_false="so they say", over=')
FOR_ALGEBRA = (
    "from theory import Claim\nimport sympy as sp\n"
    'CLAIMS = [Claim("mine.sum", "1 + 1 < 3", holds=sp.Lt(2, 3, evaluate=False))]'
)
QUICK = ("--share", "0.8", "--epsilon", "0.1", "--salt", "c0ffee")

Certify = Callable[..., tuple[int, str, str]]


@pytest.fixture
def certify(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Certify:
    """Run the command on a claim file in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(text: str, *words: str) -> tuple[int, str, str]:
        Path("mine.py").write_text(text)
        status = main(("certify", "mine.py", *words))
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_a_right_claim_is_certified(certify: Certify) -> None:
    status, out, err = certify(STEP, *QUICK)
    assert (status, err) == (0, "")
    assert "14 of 14 points VERIFIED at 0.1" in out
    assert "(uniform) with confidence 0.95" in out
    assert out.splitlines()[-1] == "salt c0ffee"


def test_a_claim_that_is_wrong_on_most_of_its_domain_is_refuted(certify: Certify) -> None:
    status, out, _ = certify(WRONG, *QUICK)
    assert status == 1
    assert "REFUTED at n = " in out
    assert certify(KNOWN_FALSE, *QUICK)[0] == 0
    assert certify(CRYING_WOLF, *QUICK)[0] == 1


def test_what_the_budget_does_not_decide_is_inconclusive(certify: Certify) -> None:
    status, out, _ = certify(STEP, *QUICK, "--epsilon", "0.02", "--budget", "1100")
    assert status == 3
    assert "at least 0.00% of the domain" in out


def test_json_is_whole_and_repeats(certify: Certify) -> None:
    words = (*QUICK, "--measure", "log-uniform")
    first, second = (certify(STEP, *words, "--json", "-")[1] for _ in range(2))
    assert first == second
    document = json.loads(first)
    (certificate,) = document["certificates"]
    assert (document["salt"], certificate["measure"]) == ("c0ffee", "log-uniform")
    assert certificate["verdict"] == "VERIFIED"
    assert certificate["certified"] >= 0.8
    certify(STEP, *words, "--jobs", "2", "--json", "out.json")
    assert Path("out.json").read_text() == first


MISUSE = {
    "share beyond 1": (STEP, ("--share", "2"), "share=2.0"),
    "share of nearly all": (STEP, ("--share", "0.999999999999"), "at most 100000"),
    "no confidence": (STEP, ("--confidence", "0"), "confidence=0.0"),
    "unknown measure": (STEP, ("--measure", "normal"), "'uniform', 'log-uniform'"),
    "no jobs": (STEP, ("--jobs", "0"), "--jobs takes 1 or more"),
    "json in no folder": (STEP, ("--json", "no/such.json"), "cannot write"),
    "unbounded domain": (STEP.replace("(2, 200)", "(2)"), (), "no uniform law"),
    "no domain": (STEP.replace("n - 1, size", "4, size").replace("1 - 1/n", "4")
                  .replace("2*(n - 1)/n**2", "8").replace("{n: integers(2, 200)}", "{}")
                  .replace("size, n)", "size)").replace(" / n", ""), (), "no domain to certify"),
    "decided by algebra": (FOR_ALGEBRA, (), "use `collapse check`"),
    "a fault of the file": (STEP.replace("rng.chi", "rng.qui"), QUICK, "AttributeError"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISUSE)
def test_misuse_is_told_in_one_line(certify: Certify, case: str) -> None:
    text, words, expected = MISUSE[case]
    status, _, err = certify(text, *words)
    assert status == 2
    assert len(err.splitlines()) == 1
    assert expected in err
    assert "unexpected" not in err
