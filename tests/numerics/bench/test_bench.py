"""The benchmark: nothing lost or counted twice, scores that can be trusted, advice with a basis."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.bench.advice import predicted_seconds, recommend
from numerics.bench.grid import Grid, measure
from numerics.bench.scores import Overall, overall, scores
from numerics.bench.store import Store, key, read
from numerics.cli import main
from numerics.streams import Stream
from numerics.wasserstein.registry import find
from numerics.wasserstein.truths import FAMILIES, truth
from theory.errors import InvalidInput

SMALL = [
    "bench", "--families", "gaussian,tanh", "--d", "2", "--n", "50", "--members", "1",
    "--replicates", "4", "--estimators", "exact,gaussian,sliced", "--salt", "c0ffee",
]  # fmt: skip


def timeless(path: Path) -> list[dict[str, Any]]:
    """Rows in order, without what a clock says."""
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in read(path)[1]]
    return sorted(rows, key=key)


def test_a_run_is_repeatable_on_any_number_of_cores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    picture, table = tmp_path / "front.png", tmp_path / "rows.parquet"
    extra = ["--plot", str(picture), "--export", str(table), "--bias"]
    assert main([*SMALL, "--store", str(one), *extra]) == 0
    assert main([*SMALL, "--store", str(two), "--jobs", "2"]) == 0
    assert timeless(one) == timeless(two)
    assert len(timeless(one)) == 2 * 4 * 3
    assert picture.stat().st_size > 1000
    assert table.stat().st_size > 1000
    assert "with control" in capsys.readouterr().out


def test_a_killed_run_goes_on_with_nothing_lost_or_doubled(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    longer = [*SMALL[:-6], "--replicates", "60", *SMALL[-4:], "--store", str(path)]
    code = f"from numerics.cli import main; main({longer!r})"
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text().count("\n") > 20):
        assert time.monotonic() < deadline
        assert run.poll() is None, "the run ended before it could be killed"
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    before = timeless(path)
    # A kill in the middle of a write leaves a torn line.
    with path.open("a") as file:
        file.write('{"family": "gaussian", "dimen')
    assert timeless(path) == before
    assert 20 <= len(before) < 2 * 60 * 3
    assert main(longer) == 0
    after = timeless(path)
    assert len(after) == 2 * 60 * 3
    assert [row for row in after if row in before] == before
    fresh = tmp_path / "fresh.jsonl"
    assert main([*longer[:-1], str(fresh)]) == 0
    assert timeless(fresh) == after


def test_what_is_damaged_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    assert main([*SMALL, "--store", str(path)]) == 0
    text = path.read_text()
    for damaged, words in (
        (text + text.split("\n")[1] + "\n", "repeats a row"),
        (text.replace('"family"', '"fam', 1), "is damaged"),
        ("{}\n", "not a file of collapse bench"),
    ):
        path.write_text(damaged)
        with pytest.raises(InvalidInput, match=words):
            read(path)
    path.write_text(text)
    with pytest.raises(InvalidInput, match="--salt c0ffee"):
        Store(path, "other", "fresh")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--families", "cauchy"], "no family 'cauchy'"),
        (["--estimators", "exat"], "close: exact"),
        (["--n", "ten"], "whole numbers"),
        (["--d", "0"], "dimension 0"),
        (["--jobs", "0"], "--jobs 0"),
        (["--recommend", "--n", "100"], "needs --n and --d"),
        (["--recommend", "--n", "100", "--d", "2", "--time", "soon"], "is not a time"),
        (["--recommend", "--n", "100,200", "--d", "2"], "takes one number"),
    ],
)
def test_misuse_is_told_in_one_line(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--store", str(tmp_path / "rows"), *arguments]) == 2
    complaint = capsys.readouterr().err
    assert words in complaint
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_the_truths_are_true(family: str) -> None:
    """The dual value of the potentials is W2^2, and no pair of points violates them."""
    pair = truth(family, 3, 5)
    draw = pair.sample(Stream("truths", family).generator(), 60_000, 60_000)
    error = np.sqrt((draw.f.var() + draw.g.var()) / 60_000)
    assert abs(draw.control(pair.squared_w2)) < 4.5 * error
    x, y = draw.x[:400], draw.y[:400]
    cost = ((x[:, None] - y) ** 2).sum(-1)
    assert (cost - draw.f[:400, None] - draw.g[:400]).min() > -1e-9
    # A truth that is 5 % off would be seen where the noise allows it.
    if error < 0.01 * pair.squared_w2:
        assert abs(draw.control(1.05 * pair.squared_w2)) > 4.5 * error


def test_the_control_variate_reduces_the_variance_and_not_the_mean() -> None:
    """53-fold at d = 1, n = 100 was measured; a control of the other sign raises it."""
    pair = truth("ridge-3", 1, 1)
    rows = [
        row
        for replicate in range(200)
        for row in measure("ridge-3", 1, 1, 100, replicate, ("sorted",), "control")
    ]
    (score,) = scores(rows)
    assert score.controlled_half_width < score.half_width / 3
    assert abs(score.bias - score.controlled_bias) < 2 * score.half_width
    wrong = scores([{**row, "control": -row["control"]} for row in rows])[0]
    assert wrong.controlled_half_width > score.half_width
    assert score.own_bias == pytest.approx(score.bias)
    assert pair.squared_w2 == rows[0]["squared_w2"]


def test_own_functionals_are_met_on_gaussian_laws() -> None:
    """A sliced distance is far from W2^2 and near its own truth."""
    rows = [
        row
        for replicate in range(6)
        for row in measure("gaussian", 5, 1, 1000, replicate, ("sliced",), "own")
    ]
    (score,) = scores(rows)
    assert score.bias < -0.5
    assert abs(score.own_bias) < 0.25


def line(name: str, rmse: float, seconds: float, n: int = 100, d: int = 2) -> Overall:
    return Overall(name, "squared_w2", d, n, 3, rmse, 2 * rmse, "tanh", seconds, 0, 0)


def test_advice_takes_the_best_that_is_in_time() -> None:
    lines = [line("slow", 0.01, 5.0), line("fair", 0.1, 0.1), line("poor", 0.2, 0.01)]
    assert [recommend(lines, 100, 2, t).best for t in (10, 1, 0.05, 0.001)] == [*lines, None]
    far = recommend(lines, 1000, 20, 1.0)
    assert "10.0 times away" in far.basis
    assert "not measured" in far.basis
    assert "away" not in recommend(lines, 100, 2, 1.0).basis
    assert predicted_seconds([line("a", 1, 1.0), line("a", 1, 8.0, n=200)], 400) == pytest.approx(
        64
    )
    with pytest.raises(InvalidInput, match="above 0"):
        recommend(lines, 0, 2, 1.0)


def test_the_front_has_what_nothing_beats() -> None:
    def score(name: str, rmse: float, seconds: float) -> list[dict[str, Any]]:
        common = {
            "family": "gaussian", "dimension": 2, "member": 0, "n": 10, "estimator": name,
            "functional": "squared_w2", "converged": True, "warnings": 0, "control": 0.0,
            "squared_w2": 1.0, "own_truth": None, "seconds": seconds,
        }  # fmt: skip
        return [{**common, "replicate": k, "value": 1 + rmse * (-1) ** k} for k in range(2)]

    rows = score("a", 0.1, 1.0) + score("b", 0.2, 2.0) + score("c", 0.3, 0.1)
    assert {each.estimator: each.on_front for each in overall(scores(rows))} == {
        "a": True, "b": False, "c": True,
    }  # fmt: skip
    failed = [{**row, "value": None} if row["replicate"] else row for row in rows]
    assert all(each.worst_rmse == np.inf and each.failures for each in overall(scores(failed)))


def test_the_grid_gives_what_fits() -> None:
    grid = Grid(dimensions=(1, 2), sizes=(50, 5000))
    assert "sorted" in grid.fitting(1, 50, 0)
    assert "sorted" not in grid.fitting(2, 50, 0)
    assert "exact" not in grid.fitting(2, find("exact").largest + 1, 0)


def test_advice_from_the_grid_that_comes_with_the_package(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["bench", "--recommend", "--n", "500", "--d", "20", "--time", "1s"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Use ")
    assert "Based on: measured at n = 500, d = 20" in said
    assert json.dumps(said)
