"""Where the mean goes, over runs that draw every point: the true setting agrees, false ones do not.

Each fault is planted in the prediction. What this column cannot see is said: it is not agreement.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from numerics.prediction import Comparison, Outcome, foresight, predict_runs
from numerics.prediction.curves import Curves
from numerics.prediction.setting import describe
from numerics.simulation import simulate
from theory.errors import InvalidInput
from theory.flow import FlowProblem, predict, predict_replaced
from theory.setting import Setting
from theory.vocabulary import Accumulate, KeepAll, Replace, TopFraction

WORKFLOWS: dict[str, Any] = {"replace": Replace(), "accumulate": Accumulate()}


@cache
def drawn(
    workflow: str, last: int, count: int, kept: float, n: int = 100, distance: float = 4.0
) -> Any:
    """Raw runs, d = 3: the squared distance of their mean, and a trace beside it."""
    keep: Any = KeepAll()
    if kept < 1:
        target = (distance, 0, 0)
        keep = TopFraction(kept_fraction=kept, law="n-of-N", target=target, metric="identity")
    setting = Setting(workflow=WORKFLOWS[workflow], sample_size=n, dimension=3, selection=keep)
    names = ("variance", "squared_drift")
    made = simulate(setting, last, count, salt="beef", method="raw", quantities=names).values
    runs, times = np.indices(made["variance"].shape)
    columns = {"trace": made["variance"], "mean_error": made["squared_drift"]}
    rows = {word: values.ravel() for word, values in columns.items()}
    return pd.DataFrame({"run": runs.ravel(), "generation": times.ravel(), **rows})


def compared(table: Any, folder: Path, **changes: Any) -> Comparison:
    table.to_csv(folder / "runs.csv", index=False)
    start = {"distance": changes.pop("distance", 4), "dimension": 3}
    columns = changes.pop("columns", {})
    group = {"sample_size": 100, **changes}
    setting = describe({"columns": columns, "start": start, "group": [group]})
    return predict_runs(folder / "runs.csv", setting)[0]


@pytest.mark.parametrize(
    ("workflow", "changes", "outcome"),
    [
        ("accumulate", {}, Outcome.AGREES),
        ("accumulate", {"kept_fraction": 0.24}, Outcome.REFUTED),
        ("accumulate", {"kept_fraction": 0.16}, Outcome.REFUTED),
        ("accumulate", {"distance": 4.4}, Outcome.REFUTED),
        ("accumulate", {"distance": 3.6}, Outcome.REFUTED),
        ("replace", {}, Outcome.AGREES),
        ("replace", {"kept_fraction": 0.24}, Outcome.REFUTED),
        ("replace", {"kept_fraction": 0.16}, Outcome.REFUTED),
        # Half the sample hardly moves the mean of a selected run, and a target out of reach is
        # hardly felt when it lies further: this column does not see them.
        ("accumulate", {"sample_size": 50}, Outcome.AGREES),
        ("replace", {"distance": 4.4}, Outcome.AGREES),
    ],
)
def test_with_a_verifier(workflow: str, changes: Any, outcome: Outcome, tmp_path: Path) -> None:
    table = drawn(workflow, 40 if workflow == "accumulate" else 8, 40, 0.2)
    seen = compared(table, tmp_path, **{"workflow": workflow, "kept_fraction": 0.2, **changes})
    assert seen.mean_error is not None
    assert seen.mean_error.outcome is outcome, seen.mean_error.reason
    assert seen.notes == ()
    if outcome is Outcome.REFUTED:
        assert seen.outcome is Outcome.REFUTED


@pytest.mark.parametrize("workflow", list(WORKFLOWS))
def test_without_a_verifier(workflow: str, tmp_path: Path) -> None:
    table = drawn(workflow, 60, 100, 1.0)
    seen = compared(table, tmp_path, workflow=workflow).mean_error
    assert seen is not None
    assert seen.outcome is Outcome.AGREES, seen.reason
    assert 0.8 < seen.coverage < 0.97
    for wrong in (50, 200):
        seen = compared(table, tmp_path, workflow=workflow, sample_size=wrong).mean_error
        assert seen is not None
        assert seen.outcome is Outcome.REFUTED, seen.reason
    few = compared(table[table.run < 10], tmp_path, workflow=workflow)
    assert few.mean_error is not None
    # Ten runs do not tell a factor of 1.6; the group goes by its trace.
    assert few.mean_error.outcome is Outcome.CANNOT_TELL
    assert "smallest shift in log mean_error" in few.mean_error.reason
    assert few.outcome is few.trace.outcome


def test_a_replaced_mean_that_arrives_is_not_judged(tmp_path: Path) -> None:
    """Late arrivals are few and far out, and no normal law holds."""
    table = drawn("replace", 10, 100, 0.1, 30, 2.0)
    given = {"workflow": "replace", "kept_fraction": 0.1, "distance": 2, "sample_size": 30}
    seen = compared(table, tmp_path, **given).mean_error
    assert seen is not None
    assert seen.outcome is Outcome.AGREES, seen.reason
    assert [cell.generation for cell in seen.cells] == [1]
    assert [t for t, why in seen.unjudged if "fewer than half" in why] == [2, 3, 5, 10]
    # The twin: no normal number lies so many deviations out.
    times = [2, 3, 5, 10]
    runs = predict_replaced([([0, 0, 0], np.eye(3), [2, 0, 0])], 0.1, 30, times)
    made = table.pivot(index="run", columns="generation", values="mean_error")[times].to_numpy()
    away = 3 * (np.cbrt(made / runs.distance) - 1) * runs.distance / runs.distance_sd
    assert np.abs(away).max() > 8


def test_ratios_and_bands_are_those_of_the_cube_root() -> None:
    ones = np.ones((1, 1))
    curves = Curves(1 / 3, np.log(8.0) * ones, 0.3 * ones, 0 * ones, 0 * ones)
    for value in (0.0, 1.0, 8.0, 27.0):
        with np.errstate(divide="ignore"):
            ratio = curves.ratio(np.log(value * ones))
        assert ratio[0, 0] == pytest.approx(3 * (np.cbrt(value) / 2 - 1))
    for deviations in (1.0, 4.0, 40.0):
        for end, sign in zip(curves.band(deviations), (-1, 1), strict=True):
            root = max(2 * (1 + sign * deviations * 0.1), 0.0)
            assert np.exp(end[0, 0]) == pytest.approx(root**3)
    plain = Curves(0.0, curves.mean, curves.spread, 0 * ones, 0 * ones)
    assert plain.ratio(np.log(27.0 * ones))[0, 0] == pytest.approx(np.log(27 / 8))


def test_the_column_is_found_named_and_checked(tmp_path: Path) -> None:
    table = drawn("accumulate", 40, 40, 0.2)
    given = {"workflow": "accumulate", "kept_fraction": 0.2}
    assert compared(table.drop(columns="mean_error"), tmp_path, **given).mean_error is None
    named = table.rename(columns={"mean_error": "drift"})
    assert compared(named, tmp_path, **given).mean_error is None
    seen = compared(named, tmp_path, columns={"mean_error": "drift"}, **given)
    assert seen.mean_error is not None
    with pytest.raises(InvalidInput, match="no column 'drift'"):
        compared(table, tmp_path, columns={"mean_error": "drift"}, **given)
    with pytest.raises(InvalidInput, match="a squared distance is not negative"):
        compared(table.assign(mean_error=-1.0), tmp_path, **given)
    moved = compared(table.assign(mean_error=table.mean_error + 1), tmp_path, **given)
    assert "starts at mean_error 1, and not at 0" in moved.notes[0]
    assert moved.outcome is Outcome.REFUTED


# Mean and deviation of the cube root of the squared distance over 4000 raw runs of
# `benchmarks/flow_draws.py`: d = 30, b = 12, kept fraction .02, n = 100.
FAR = {
    10: (3.4027, 0.1245),
    30: (4.5023, 0.0764),
    50: (4.7731, 0.0533),
    100: (4.9926, 0.0308),
    200: (5.1100, 0.0171),
    300: (5.1510, 0.0121),
}


@pytest.mark.parametrize("known", [True, False])
def test_a_mean_that_lags_in_many_dimensions_is_not_accused(
    known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the closure leaves out is a part of its own error; without that truth is refuted."""
    if not known:
        monkeypatch.setattr(foresight, "behind", lambda way, *_: np.zeros_like(way))
    off = stats.norm.ppf((np.arange(20) + 0.5) / 20)
    white = FlowProblem(Accumulate(), 30, 12.0, 0.02, sample_size=100)
    seen = predict(white, list(FAR))
    rows = [
        {"run": i, "generation": t, "mean_error": (root + sd * off[i]) ** 3, "trace": np.exp(trace)}
        for (t, (root, sd)), trace in zip(FAR.items(), seen.log_trace, strict=True)
        for i in range(len(off))
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "far.csv", index=False)
    group = {"sample_size": 100, "workflow": "accumulate", "kept_fraction": 0.02}
    start = {"distance": 12, "dimension": 30}
    setting = describe({"columns": {}, "start": start, "group": [group]})
    mean = predict_runs(tmp_path / "far.csv", setting)[0].mean_error
    assert mean is not None
    assert mean.outcome is (Outcome.CANNOT_TELL if known else Outcome.REFUTED), mean.reason
