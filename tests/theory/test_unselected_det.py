"""The determinant without selection: exact where batches replace, else a series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from numerics.streams import Stream
from theory.errors import InvalidInput
from theory.unselected_det import det_moments
from theory.vocabulary import Accumulate, FreshReal, Replace

TIMES = [1, 2, 3, 6]


def drawn(accumulates: bool, d: int, n: int, count: int) -> Any:
    """Logarithms of determinants over that of the start, (runs, TIMES): every point is drawn."""
    rng = Stream("flow", "determinants", {"a": int(accumulates), "d": d, "n": n}).generator()
    mean, sigma, seen = np.zeros((count, d)), np.tile(np.eye(d), (count, 1, 1)), []
    for t in range(1, TIMES[-1] + 1):
        x = rng.standard_normal((count, n, d)) @ np.swapaxes(np.linalg.cholesky(sigma), 1, 2)
        first, second = x.mean(axis=1), np.swapaxes(x, 1, 2) @ x / n
        w = 1 / t if accumulates else 1.0
        sigma = (1 - w) * sigma + w * second - w * w * first[:, :, None] * first[:, None, :]
        mean = mean + w * first
        if t in TIMES:
            seen.append(np.linalg.slogdet(sigma)[1])
    return np.array(seen).T


@pytest.mark.parametrize("workflow", [Replace(), Accumulate()])
@pytest.mark.parametrize(("d", "n", "count"), [(1, 8, 20_000), (4, 12, 10_000)])
def test_moments_are_those_of_draws(workflow: Any, d: int, n: int, count: int) -> None:
    logs = drawn(isinstance(workflow, Accumulate), d, n, count)
    seen = det_moments(workflow, np.eye(d), n, TIMES[-1])
    error = logs.std(axis=0) / np.sqrt(count)
    off = np.abs(logs.mean(axis=0) - seen.mean[TIMES])
    assert (off < 4 * error + seen.left[TIMES]).all()
    assert (seen.left[TIMES] < 0.1).all()
    np.testing.assert_allclose(seen.deviation[TIMES], logs.std(axis=0), rtol=0.04)
    # The twins: a point more in each batch, and the other workflow.
    more = det_moments(workflow, np.eye(d), n + 1, TIMES[-1])
    assert (np.abs(logs.mean(axis=0) - more.mean[TIMES]) > 4 * error + more.left[TIMES]).any()
    other = Replace() if isinstance(workflow, Accumulate) else Accumulate()
    wrong = det_moments(other, np.eye(d), n, TIMES[-1])
    assert np.abs(wrong.deviation[TIMES] / logs.std(axis=0) - 1).max() > 0.2


def test_the_spectrum_adds_its_own_and_nothing_else() -> None:
    sigma = np.array([[4.0, 1.0], [1.0, 0.5]])
    plain, seen = (det_moments(Accumulate(), each, 20, 5) for each in (np.eye(2), sigma))
    np.testing.assert_allclose(seen.mean - plain.mean, np.log(np.linalg.det(sigma)))
    np.testing.assert_allclose(seen.deviation, plain.deviation)


def test_too_few_points_have_no_determinant() -> None:
    seen = det_moments(Replace(), np.eye(3), 3, 2)
    assert seen.mean[0] == 0
    assert np.isnan(seen.mean[1:]).all()
    assert np.isfinite(det_moments(Replace(), np.eye(3), 4, 2).mean).all()


def test_another_workflow_is_refused() -> None:
    with pytest.raises(InvalidInput, match="fresh-real has no spread"):
        det_moments(FreshReal(0.5), np.eye(2), 10, 2)
