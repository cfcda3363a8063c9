"""Predictions over runs of our own simulator, which draws every point, and over published runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from numerics.prediction import Comparison, Outcome, predict_runs
from numerics.prediction.cells import simultaneous_bound
from numerics.prediction.setting import describe
from numerics.simulation import simulate
from numerics.streams import Stream
from theory.errors import InvalidInput
from theory.setting import Setting
from theory.vocabulary import Accumulate, Replace, TopFraction

PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "qiao2026"
WORKFLOWS: dict[str, Any] = {"replace": Replace(), "accumulate": Accumulate()}
LAST = {"replace": 8, "accumulate": 40}


@cache
def drawn(workflow: str) -> Any:
    """A table of raw runs: d = 3, n = 100, a target 4 away, one candidate in five kept."""
    setting = Setting(
        workflow=WORKFLOWS[workflow],
        sample_size=100,
        dimension=3,
        selection=TopFraction(kept_fraction=0.2, law="n-of-N", target=(4, 0, 0), metric="identity"),
    )
    names = ("variance", "squared_drift")
    made = simulate(setting, LAST[workflow], 30, salt="feed", method="raw", quantities=names).values
    runs, times = np.indices(made["variance"].shape)
    return pd.DataFrame(
        {
            "run": runs.ravel(),
            "generation": times.ravel(),
            "trace": made["variance"].ravel(),
            "mean_error": made["squared_drift"].ravel(),
        }
    )


def compared(table: Any, folder: Path, **changes: Any) -> Comparison:
    distance = changes.pop("distance", 4)
    group = {"workflow": "accumulate", "kept_fraction": 0.2, "sample_size": 100, **changes}
    table.to_csv(folder / "runs.csv", index=False)
    start = {"distance": distance, "dimension": 3}
    return predict_runs(folder / "runs.csv", describe({"start": start, "group": [group]}))[0]


@pytest.mark.parametrize("workflow", list(WORKFLOWS))
def test_the_true_setting_agrees(workflow: str, tmp_path: Path) -> None:
    seen = compared(drawn(workflow), tmp_path, workflow=workflow)
    for column in seen.columns:
        assert column.outcome is Outcome.AGREES, column.reason
        assert 0.8 < column.coverage < 0.97
        assert column.cells[-1].generation == LAST[workflow]
        # The 1/n correction is needed: the runs are this fine.
        assert column.resolution < 0.2
    assert seen.outcome is Outcome.AGREES
    # One bound for both columns.
    assert seen.bound == simultaneous_bound(0.99, sum(len(each.cells) for each in seen.columns))


@pytest.mark.parametrize(
    ("workflow", "fault"),
    [
        ("accumulate", {"kept_fraction": 0.3}),
        ("accumulate", {"distance": 4.8}),
        ("accumulate", {"workflow": "replace"}),
        ("accumulate", {"first_batch": "real"}),
        ("replace", {"kept_fraction": 0.3}),
        ("replace", {"distance": 4.8}),
        ("replace", {"workflow": "accumulate"}),
    ],
)
def test_a_wrong_setting_is_refuted(workflow: str, fault: Any, tmp_path: Path) -> None:
    seen = compared(drawn(workflow), tmp_path, **{"workflow": workflow, **fault})
    assert seen.outcome is Outcome.REFUTED, seen.trace.reason


def test_two_runs_cannot_tell(tmp_path: Path) -> None:
    table = drawn("accumulate")
    seen = compared(table[table.run < 2], tmp_path)
    assert seen.outcome is Outcome.CANNOT_TELL


def test_runs_that_share_few_generations_are_compared_there(tmp_path: Path) -> None:
    table = drawn("accumulate")
    sparse = table[table.generation.isin([4, 20])]
    assert [c.generation for c in compared(sparse, tmp_path, generations=[4]).trace.cells] == [4]
    assert [c.generation for c in compared(sparse, tmp_path).trace.cells] == [20]


def test_a_start_that_is_not_the_runs_own_is_noted(tmp_path: Path) -> None:
    table = drawn("accumulate").copy()
    assert compared(table, tmp_path).notes == ()
    table["trace"] *= 2
    seen = compared(table, tmp_path)
    assert "starts at trace 6, the setting at 3" in seen.notes[0]
    assert seen.outcome is Outcome.REFUTED


def test_a_ridge_that_may_matter_is_not_judged(tmp_path: Path) -> None:
    plain = compared(drawn("accumulate"), tmp_path)
    seen = compared(drawn("accumulate"), tmp_path, ridge=5e-4)
    assert plain.trace.unjudged == ()
    assert 0 < len(seen.trace.unjudged) < len(plain.trace.cells)
    assert "ridge" in seen.trace.unjudged[0][1]


def test_a_ridge_is_part_of_what_replaces(tmp_path: Path) -> None:
    start = {"mean": [0, 0], "covariance": [[4, 0], [0, 0.25]], "target": [12, 4]}
    group = {"workflow": "replace", "kept_fraction": 0.2, "sample_size": 60, "ridge": 1e-3}
    ridged_runs(start, group, 30, 30).to_csv(tmp_path / "runs.csv", index=False)

    def seen(**changes: Any) -> Comparison:
        setting = describe({"start": start, "group": [{**group, **changes}]})
        return predict_runs(tmp_path / "runs.csv", setting)[0]

    assert seen().outcome is Outcome.AGREES, seen().trace.reason
    assert seen().trace.cells[-1].generation == 30
    assert seen().trace.unjudged == ()
    assert seen(ridge=2e-3).outcome is Outcome.REFUTED
    assert seen(ridge=0.0).outcome is Outcome.REFUTED


def ridged_runs(start: Any, group: Any, last: int, count: int) -> Any:
    """Raw runs: every candidate drawn, the nearest kept, fitted, the ridge added."""
    mean, sigma, target = (np.array(start[w], float) for w in ("mean", "covariance", "target"))
    unroot = np.linalg.inv(np.linalg.cholesky(sigma))
    rng = Stream("feed", "runs with a ridge", {"n": group["sample_size"]}).generator()
    n = group["sample_size"]
    size = round(n / group["kept_fraction"])
    centre, model = np.tile(mean, (count, 1)), np.tile(sigma, (count, 1, 1))
    rows = [(run, 0, np.trace(sigma)) for run in range(count)]
    for t in range(1, last + 1):
        x = rng.standard_normal((count, size, 2)) @ np.swapaxes(np.linalg.cholesky(model), 1, 2)
        away = ((x + (centre - target)[:, None]) @ unroot.T) ** 2
        best = np.argpartition(away.sum(axis=2), n - 1, axis=1)[:, :n]
        x = np.take_along_axis(x, best[:, :, None], axis=1)
        centre = centre + x.mean(axis=1)
        x = x - x.mean(axis=1, keepdims=True)
        model = np.swapaxes(x, 1, 2) @ x / n + group["ridge"] * np.eye(2)
        rows += [(run, t, np.trace(model[run])) for run in range(count)]
    return pd.DataFrame(rows, columns=["run", "generation", "trace"])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda t: t.drop(columns="trace"), "no column 'trace'"),
        (lambda t: t.assign(trace=t.trace.where(t.generation != 3)), "finite numbers"),
        (lambda t: t.assign(trace=t.trace.where(t.generation != 3, 0.0)), "a trace is positive"),
        (lambda t: pd.concat([t, t.iloc[[5]]]), "generation 5 twice"),
        (lambda t: t[t.generation == 0], "no generation after 0"),
    ],
)
def test_a_fault_of_the_table_is_named(spoil: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        compared(spoil(drawn("accumulate")), tmp_path)
    assert "\n" not in str(caught.value)


def test_a_setting_without_symmetry_is_told(tmp_path: Path) -> None:
    start = {"mean": [0, 0], "covariance": [[2, 0], [0, 1]], "target": [1, 1]}
    group = {"workflow": "accumulate", "kept_fraction": 0.2, "sample_size": 9, "metric": "identity"}
    drawn("accumulate").to_csv(tmp_path / "runs.csv", index=False)
    with pytest.raises(InvalidInput, match="group '1', run 0: whitened"):
        predict_runs(tmp_path / "runs.csv", describe({"start": start, "group": [group]}))


def published(run: str) -> Any:
    rng = np.random.RandomState(int(run))
    mean, root = rng.randn(10), rng.randn(10, 10)
    target = mean.copy()
    biased = rng.choice(10, 5, replace=False)
    target[biased] += 3 * rng.randn(5)
    return mean, root @ root.T + 0.1 * np.eye(10), target


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published runs are not at hand")
@pytest.mark.parametrize("size", [100, 200])
@pytest.mark.parametrize(
    ("name", "change", "outcome"),
    [
        ("Replace + Select", {}, Outcome.AGREES),
        ("Accumulate + Select", {}, Outcome.AGREES),
        ("Replace + Select", {"workflow": "accumulate"}, Outcome.REFUTED),
        ("Accumulate + Select", {"kept_fraction": 0.06}, Outcome.REFUTED),
        ("Accumulate + Select", {"workflow": "replace"}, Outcome.REFUTED),
    ],
)
def test_the_published_runs(size: int, name: str, change: Any, outcome: Outcome) -> None:
    group = {
        "where": {"setting": name},
        "workflow": name.split()[0].lower(),
        "kept_fraction": 0.05,
        "sample_size": size,
        "ridge": 1e-6,
        **change,
    }
    columns = {"run": "seed", "generation": "iteration", "trace": "variance"}
    setting = describe({"columns": columns, "start": published, "group": [group]})
    seen = predict_runs(PUBLISHED / f"gaussian_n{size}.csv", setting)[0]
    assert seen.outcome is outcome, seen.trace.reason
    assert len(seen.runs) == 10
    if outcome is Outcome.AGREES:
        assert seen.notes == ()


def test_what_is_missing_or_counted_otherwise_is_noted(tmp_path: Path) -> None:
    table = drawn("accumulate")
    hole = table[~((table.run == 3) & table.generation.isin([10, 11]))]
    seen = compared(hole, tmp_path)
    assert seen.notes == ("generation 10 is missing in run 3; 2 such are not looked at",)
    assert 10 not in [cell.generation for cell in seen.trace.cells]
    later = compared(table.assign(generation=table.generation + 1), tmp_path)
    assert "run 0 has at generation 1 the trace of the start" in later.notes[0]
    assert later.outcome is Outcome.REFUTED
