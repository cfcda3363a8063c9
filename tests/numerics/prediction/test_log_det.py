"""The determinant, over runs that draw every point: what it refutes that nothing else does."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from numerics.prediction import Comparison, Outcome, predict_runs
from numerics.prediction.setting import describe
from numerics.streams import Stream
from theory.errors import InvalidInput

START = {"mean": [1, 0, 0], "covariance": np.diag([4.0, 1.0, 0.5]).tolist(), "target": [9, 0, 0]}


@cache
def drawn(workflow: str, selects: bool, count: int = 40) -> Any:
    """Raw runs, d = 3, n = 100; one candidate in five kept, in the metric of the covariance."""
    mean, sigma, target = (np.array(START[w], float) for w in ("mean", "covariance", "target"))
    unroot = np.diag(1 / np.sqrt(np.diag(sigma)))
    given = {"accumulates": int(workflow == "accumulate"), "selects": int(selects)}
    rng = Stream("feed", "runs with a determinant", given).generator()
    centre, model, rows = np.tile(mean, (count, 1)), np.tile(sigma, (count, 1, 1)), []
    for t in range(13):
        if t:
            size = 500 if selects else 100
            root = np.swapaxes(np.linalg.cholesky(model), 1, 2)
            x = rng.standard_normal((count, size, 3)) @ root
            if selects:
                away = (((x + (centre - target)[:, None]) @ unroot) ** 2).sum(axis=2)
                best = np.argpartition(away, 99, axis=1)[:, :100]
                x = np.take_along_axis(x, best[:, :, None], axis=1)
            w = 1 / t if workflow == "accumulate" else 1.0
            first, second = x.mean(axis=1), np.swapaxes(x, 1, 2) @ x / 100
            model = (1 - w) * model + w * second - w * w * first[:, :, None] * first[:, None, :]
            centre = centre + w * first
        logs = np.linalg.slogdet(model)[1]
        rows += [(r, t, np.trace(model[r]), logs[r]) for r in range(count)]
    return pd.DataFrame(rows, columns=["run", "generation", "trace", "log_det"])


def compared(table: Any, folder: Path, **changes: Any) -> Comparison:
    table.to_csv(folder / "runs.csv", index=False)
    columns = changes.pop("columns", {})
    start = {**START, **changes.pop("start", {})}
    setting = describe(
        {"columns": columns, "start": start, "group": [{"sample_size": 100, **changes}]}
    )
    return predict_runs(folder / "runs.csv", setting)[0]


def given(workflow: str, selects: bool) -> dict[str, Any]:
    return {"workflow": workflow, **({"kept_fraction": 0.2} if selects else {})}


@pytest.mark.parametrize("workflow", ["replace", "accumulate"])
@pytest.mark.parametrize("selects", [False, True])
def test_the_true_setting_agrees(workflow: str, selects: bool, tmp_path: Path) -> None:
    seen = compared(drawn(workflow, selects), tmp_path, **given(workflow, selects))
    assert seen.outcome is Outcome.AGREES, seen.trace.reason
    assert seen.log_det is not None
    assert seen.log_det.outcome is Outcome.AGREES, seen.log_det.reason
    assert 0.8 < seen.log_det.coverage < 0.97
    assert seen.log_det.unjudged == ()
    assert seen.notes == ()
    assert seen.to_json()["log_det"]["verdict"] == "AGREES"


@pytest.mark.parametrize(
    ("workflow", "selects", "fault"),
    [
        ("replace", False, {"sample_size": 50}),
        ("replace", False, {"sample_size": 150}),
        ("replace", False, {"workflow": "accumulate"}),
        ("accumulate", False, {"sample_size": 30}),
        ("accumulate", False, {"workflow": "replace"}),
        ("replace", True, {"kept_fraction": 0.17}),
        ("replace", True, {"kept_fraction": 0.23}),
        ("replace", True, {"sample_size": 50}),
        ("accumulate", True, {"kept_fraction": 0.15}),
        ("accumulate", True, {"kept_fraction": 0.26}),
        ("accumulate", True, {"start": {"target": [7, 0, 0]}}),
        # A determinant that is not the start's.
        ("accumulate", True, {"start": {"covariance": np.diag([4.0, 1.0, 1.0]).tolist()}}),
    ],
)
def test_a_wrong_setting_is_refuted(
    workflow: str, selects: bool, fault: Any, tmp_path: Path
) -> None:
    seen = compared(drawn(workflow, selects), tmp_path, **{**given(workflow, selects), **fault})
    assert seen.log_det is not None
    assert seen.log_det.outcome is Outcome.REFUTED, seen.log_det.reason
    assert seen.outcome is Outcome.REFUTED


def test_the_column_is_found_named_and_checked(tmp_path: Path) -> None:
    table, rest = drawn("accumulate", True), given("accumulate", True)
    assert compared(table.drop(columns="log_det"), tmp_path, **rest).log_det is None
    named = table.rename(columns={"log_det": "volume"})
    assert compared(named, tmp_path, **rest).log_det is None
    seen = compared(named, tmp_path, columns={"log_det": "volume"}, **rest)
    assert seen.log_det is not None
    with pytest.raises(InvalidInput, match="no column 'volume'"):
        compared(table, tmp_path, columns={"log_det": "volume"}, **rest)
    off = compared(table.assign(log_det=table.log_det + 1), tmp_path, **rest)
    assert "starts at log_det 1.69315, the setting at 0.693147" in off.notes[0]
    assert off.outcome is Outcome.REFUTED


def test_a_ridge_that_may_matter_is_not_judged(tmp_path: Path) -> None:
    """The smallest directions feel it first."""
    seen = compared(drawn("accumulate", True), tmp_path, **given("accumulate", True), ridge=2e-4)
    assert seen.log_det is not None
    assert len(seen.log_det.unjudged) > len(seen.trace.unjudged)
    assert any("ridge" in why for _, why in seen.log_det.unjudged)
