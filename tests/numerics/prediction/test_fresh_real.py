"""Fresh real data beside kept points, over draws written here: what is seen of a wrong share."""

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

EVEN = {"distance": 6.0, "dimension": 2}
# Neither even around the axis to the target, nor without a ridge.
UNEVEN = {"mean": [1, 0], "covariance": [[4, 1], [1, 1]], "target": [9, 5]}
GROUP = {"workflow": "fresh-real", "fraction": 0.3, "kept_fraction": 0.2, "sample_size": 100}
RIDGED = {**GROUP, "metric": "identity", "ridge": 0.4}


@cache
def drawn(uneven: bool, last: int = 12, count: int = 30) -> Any:
    """Raw runs: 70 of 350 candidates kept and 30 real points in every fit."""
    mean, sigma, target = np.zeros(2), np.eye(2), np.array([6.0, 0.0])
    if uneven:
        mean, sigma, target = (np.array(UNEVEN[w], float) for w in ("mean", "covariance", "target"))
    rng = Stream("feed", "runs with fresh real data", {"uneven": int(uneven)}).generator()
    truth = np.linalg.cholesky(sigma)
    centre, model = np.tile(mean, (count, 1)), np.tile(sigma, (count, 1, 1))
    rows = [(run, 0, np.trace(sigma), 0.0) for run in range(count)]
    for t in range(1, last + 1):
        x = rng.standard_normal((count, 350, 2)) @ np.swapaxes(np.linalg.cholesky(model), 1, 2)
        x = x + centre[:, None]
        best = np.argpartition(((x - target) ** 2).sum(axis=2), 69, axis=1)[:, :70]
        kept = np.take_along_axis(x, best[:, :, None], axis=1)
        x = np.concatenate([kept, mean + rng.standard_normal((count, 30, 2)) @ truth.T], axis=1)
        centre = x.mean(axis=1)
        x = x - centre[:, None]
        model = np.swapaxes(x, 1, 2) @ x / 100 + (0.4 * np.eye(2) if uneven else 0.0)
        moved = ((centre - mean) ** 2).sum(axis=1)
        rows += [(run, t, np.trace(model[run]), moved[run]) for run in range(count)]
    return pd.DataFrame(rows, columns=["run", "generation", "trace", "mean_error"])


def compared(uneven: bool, folder: Path, **changes: Any) -> Comparison:
    drawn(uneven).to_csv(folder / "runs.csv", index=False)
    group = {**(RIDGED if uneven else GROUP), **changes}
    setting = describe({"start": UNEVEN if uneven else EVEN, "group": [group]})
    return predict_runs(folder / "runs.csv", setting)[0]


@pytest.mark.parametrize("uneven", [False, True])
def test_the_true_setting_agrees(uneven: bool, tmp_path: Path) -> None:
    seen = compared(uneven, tmp_path)
    assert seen.outcome is Outcome.AGREES, seen.trace.reason
    assert seen.notes == ()
    for column in seen.columns:
        assert column.outcome is Outcome.AGREES, column.reason
        assert 0.8 < column.coverage < 0.97
        assert column.unjudged == ()


@pytest.mark.parametrize(
    ("uneven", "fault"),
    [
        (False, {"fraction": 0.27}),
        (False, {"fraction": 0.33}),
        (False, {"kept_fraction": 0.25}),
        (False, {"sample_size": 50}),
        (True, {"fraction": 0.27}),
        (True, {"fraction": 0.33}),
        (True, {"kept_fraction": 0.25}),
        (True, {"ridge": 0.0}),
        (True, {"metric": "covariance"}),
    ],
)
def test_a_wrong_setting_is_refuted(uneven: bool, fault: Any, tmp_path: Path) -> None:
    seen = compared(uneven, tmp_path, **fault)
    assert seen.outcome is Outcome.REFUTED, seen.trace.reason


@pytest.mark.parametrize("fraction", [0, 1, 1.2, -0.1])
def test_a_share_is_a_share(fraction: float) -> None:
    with pytest.raises(InvalidInput, match=r"fraction = .* must lie in \(0, 1\)"):
        describe({"start": EVEN, "group": [{**GROUP, "fraction": fraction}]})
