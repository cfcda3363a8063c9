"""The scatter of runs: calibrated, blind to a wrong mean, and able to fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from numerics.prediction import Comparison, Outcome, predict_runs
from numerics.prediction.scatter import chained, scatter
from numerics.prediction.setting import describe
from numerics.simulation import simulate
from numerics.streams import Stream
from theory.flow import FlowProblem, predict, predict_replaced
from theory.setting import Setting
from theory.unselected import trace_moments
from theory.vocabulary import Accumulate, KeepAll, Replace, TopFraction

Floats = NDArray[np.float64]
TIMES = np.arange(1, 21)
COVARIANCE = np.minimum.outer(TIMES, TIMES) ** 0.7


def share_refuted(factor: float, trend: float = 0.0, tails: int | None = None) -> float:
    """Share of experiments of ten runs that are refuted."""
    rng = Stream("feed", "scattering runs", {"factor": factor}).generator()
    root, count = np.linalg.cholesky(COVARIANCE), 400
    noise = rng.standard_normal((count, 10, 20))
    if tails is not None:
        noise = rng.standard_t(tails, (count, 10, 20)) * np.sqrt((tails - 2) / tails)
    runs = np.sqrt(factor) * noise @ root.T + trend * (1 + np.log(TIMES)) ** 2
    spread = np.tile(COVARIANCE, (10, 1, 1))
    found = [scatter(each, spread, TIMES, 400, 0.99) for each in runs]
    return float(np.mean([each is not None and each.refutes for each in found]))


def test_the_noise_that_was_predicted_is_rarely_refuted() -> None:
    assert share_refuted(1.0) <= 0.01
    assert share_refuted(1.1) <= 0.02
    # A trend of the mean, and noise with the tails of a small sample, are no scatter.
    assert share_refuted(1.0, trend=3.0) <= 0.01
    assert share_refuted(1.0, tails=6) <= 0.02


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_half_and_twice_the_sample_size_are_refuted(factor: float) -> None:
    assert share_refuted(factor) > 0.9


def test_the_factor_that_would_be_seen() -> None:
    rng = Stream("feed", "one experiment").generator()
    noise = rng.standard_normal((10, 20)) @ np.linalg.cholesky(COVARIANCE).T
    seen = scatter(noise, np.tile(COVARIANCE, (10, 1, 1)), TIMES, 400, 0.99)
    assert seen is not None
    assert abs(share_refuted(seen.seen) - 0.9) < 0.08


def test_too_little_is_told() -> None:
    few = np.ones((10, 3)) * [1, 2, 4]
    assert scatter(few, np.tile(COVARIANCE[:3, :3], (10, 1, 1)), TIMES[:3], 400, 0.99) is None
    two = np.ones((2, 20))
    assert scatter(two, np.tile(COVARIANCE, (2, 1, 1)), TIMES, 400, 0.99) is None
    assert chained(np.array([1, 3, 4])).tolist() == [1]


def compared(table: Any, folder: Path, **group: Any) -> Comparison:
    table.to_csv(folder / "runs.csv", index=False)
    setting = describe({"start": {"distance": 4, "dimension": 3}, "group": [group]})
    return predict_runs(folder / "runs.csv", setting)[0]


@pytest.mark.parametrize("selects", [False, True])
@pytest.mark.parametrize("workflow", ["replace", "accumulate"])
def test_a_wrong_sample_size_is_refuted(workflow: str, selects: bool, tmp_path: Path) -> None:
    top = TopFraction(kept_fraction=0.2, law="n-of-N", target=(4, 0, 0), metric="identity")
    setting = Setting(
        workflow=Replace() if workflow == "replace" else Accumulate(),
        sample_size=200,
        dimension=3,
        selection=top if selects else KeepAll(),
    )
    made = simulate(setting, 18, 20, salt="feed", method="raw").values["variance"]
    runs, times = np.indices(made.shape)
    table = pd.DataFrame({"run": runs.ravel(), "generation": times.ravel(), "trace": made.ravel()})
    given: dict[str, Any] = {"workflow": workflow}
    if selects:
        given["kept_fraction"] = 0.2
    right = compared(table, tmp_path, sample_size=200, **given)
    assert right.outcome is Outcome.AGREES, right.trace.reason
    assert right.scatter is not None
    for wrong in (100, 400):
        seen = compared(table, tmp_path, sample_size=wrong, **given)
        assert seen.outcome is Outcome.REFUTED, (wrong, seen.trace.reason, seen.scatter)
        assert seen.scatter is not None
        assert seen.scatter.refutes


def test_covariances_over_time_are_those_of_draws() -> None:
    """Accumulated, replaced and without a verifier, at n = 400 where the linear noise holds."""
    top = TopFraction(kept_fraction=0.3, law="n-of-N", target=(3, 0), metric="identity")
    times, start = np.array([1, 3, 6]), ([0, 0], np.eye(2), [3, 0])
    problem = FlowProblem(Accumulate(), 2, 3.0, 0.3, sample_size=400)
    steps = np.cumsum(trace_moments(Replace(), np.eye(2), 400, 6).step_variation)[times]
    cases: list[tuple[Any, Any, Floats]] = [
        (Accumulate(), top, predict(problem, times, together=times).joint),
        (Replace(), top, predict_replaced([start], 0.3, 400, times, together=times).joint[0]),
        (Replace(), KeepAll(), np.minimum.outer(steps, steps)),
    ]
    for workflow, selection, predicted in cases:
        setting = Setting(workflow=workflow, sample_size=400, dimension=2, selection=selection)
        made = simulate(setting, 6, 1000, salt="feed", method="raw").values["variance"]
        seen = np.cov(np.log(made[:, times]).T)
        scale = np.sqrt(np.outer(np.diag(predicted), np.diag(predicted)))
        assert np.abs((seen - predicted) / scale).max() < 0.18
        assert np.abs((seen - 1.4 * predicted) / scale).max() > 0.18
