"""``collapse derive`` and ``collapse simulate``: what theory says, and beside what."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from theory.foretold import foretell
from theory.setting import Setting
from theory.vocabulary import Accumulate, TopFraction

Run = Callable[..., Any]


def test_derive_prints_form_and_value(run: Run) -> None:
    answer = run("derive", "--at", "n=100,t=50", "--json", "out.json")
    assert answer.status == 0, answer.err
    found: dict[str, Any] = json.loads(Path("out.json").read_text())
    assert set(found) >= {
        "closed_form", "latex", "step", "rate", "exponent", "certified", "value"
    }  # fmt: skip
    assert found["certified"] is True
    assert float(found["value"]) == pytest.approx(0.99**50, rel=1e-14)
    assert "0.605006067137" in answer.out


def test_derive_tells_the_two_laws_of_selection_apart(run: Run) -> None:
    words = ("derive", "--selection", "top-fraction", "--json", "-", "--at")
    population = json.loads(run(*words, "n=5,t=1,alpha=1/4,d=2").out)
    finite = json.loads(run(*words, "n=5,t=1,N=20,d=2").out)
    # kappa_2 of the catalogue: .1370 for the population, .1615 for 5 of 20.
    assert float(population["value"]) == pytest.approx(2 * 0.8 * 0.1370, abs=2e-4)
    assert float(finite["value"]) == pytest.approx(2 * 0.8 * 0.1615, abs=2e-4)


def test_derive_is_honest_where_there_is_no_form(run: Run) -> None:
    answer = run("derive", "--quantity", "tail_mass", "--at", "n=9,t=1", "--json", "out.json")
    assert answer.status == 0
    assert "No closed form" in answer.out
    found = json.loads(Path("out.json").read_text())
    assert found["closed_form"] is None
    assert found["value"] is None
    assert found["certified"] is False


FIXED = ("derive", "--selection", "top-fraction", "--json", "-", "--distance")


def test_derive_tells_what_a_fixed_target_does(run: Run) -> None:
    told = json.loads(run(*FIXED, "4", "--at", "alpha=1/4").out)
    assert told["arrives"] is False
    assert told["final_gap"] == pytest.approx(1.5, abs=0.005)  # the finite reach of Replace, 2.50
    near = json.loads(run(*FIXED, "2", "--at", "alpha=1/4,n=200,t=2").out)
    assert near["arrives"] is True
    assert near["log_trace_band"][0] < near["log_trace"] < near["log_trace_band"][1]
    words = (*FIXED, "2", "--workflow", "accumulate", "--at")
    told = json.loads(run(*words, "alpha=0.9").out)
    assert told["threshold"] == pytest.approx(1.5596, abs=1e-4)
    assert told["arrives"] is False
    said = run(*[w for w in words if w not in ("--json", "-")], "alpha=1/2,d=2,t=1000,n=100")
    assert "falls like t^-0.6931: 1 - κ_d(α)" in said.out
    assert "With n = 100, at t = 1000: E log Tr Σ = " in said.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("2", "--at", "d=2"), "--distance needs the kept fraction"),
        (("2", "--at", "alpha=0.1,N=20"), "--at gives N"),
        (("2", "--at", "alpha=0.1,n=20"), "--at gives n and no t"),
        (("2", "--at", "alpha=0.1", "--workflow", "fixed-real"), "has no flow"),
        (("2", "--at", "alpha=0.1", "--workflow", "fresh-real"), "--at f=0.2"),
        (("-2", "--at", "alpha=0.1"), "distance = -2"),
        (("2", "--at", "alpha=0.1", "--quantity", "log_det"), "no --quantity"),
        (("2", "--at", "alpha=0.1,t=3,n=9", "--workflow", "accumulate-subsample"), "leave n out"),
        (("2", "--at", "alpha=0.1,t=20000,n=9"), "up to t = 10000"),
    ],
)
def test_derive_with_a_distance_is_clear_about_bad_input(
    run: Run, words: tuple[str, ...], message: str
) -> None:
    answer = run(*FIXED, *words)
    assert answer.status == 2
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_simulate_lays_the_flow_beside_it_where_there_is_no_form(run: Run) -> None:
    words = ("simulate", "-n", "100", "-d", "2", "-t", "4", "--workflow", "accumulate",
             "--selection", "top-fraction", "--candidates", "500", "--replicates", "400",
             "--salt", "c0ffee", "--target", "3,0")  # fmt: skip
    answer = run(*words, "--metric", "identity", "--plot", "runs.svg")
    assert answer.status == 0, answer.err
    assert "predicted: flow around the target, with its 1/n correction" in answer.out
    rows = [line.split() for line in answer.out.splitlines() if re.match(r" *[0-4] ", line)]
    assert len(rows) == 5
    means, errors = (np.array([float(row[place]) for row in rows]) for place in (1, 2))
    # Five standard errors, and what a prediction up to 1/n leaves out: about 1/n, of a trace of 2.
    slack = 5 * errors + 0.01
    assert (np.abs(means - [float(row[-1]) for row in rows]) < slack).all()
    # The twin: a verifier that keeps a quarter and not a fifth.
    rule = TopFraction(candidates=400, target=(3, 0), metric="identity")
    other = Setting(Accumulate(), rule, sample_size=100, dimension=2)
    wrong = foretell(other, "variance", range(5))
    assert wrong is not None
    assert (np.abs(means - wrong.mean) > slack).any()
    assert "predicted 90 % band" in Path("runs.svg").read_text()
    # The model's own metric moves with the model: nothing is predicted of it.
    assert "predicted" not in run(*words, "--metric", "model").out


def test_simulate_lays_theory_beside_it(run: Run) -> None:
    answer = run("simulate", "-n", "50", "-t", "3", "--replicates", "500", "--salt", "c0ffee",
                 "--out", "runs.parquet", "--plot", "runs.png")  # fmt: skip
    assert answer.status == 0, answer.err
    assert "0.9412" in answer.out
    assert Path("runs.png").read_bytes().startswith(b"\x89PNG")
    import pandas as pd

    table = pd.read_parquet("runs.parquet")
    assert list(table.columns) == ["run", "generation", "variance"]
    assert len(table) == 500 * 4
