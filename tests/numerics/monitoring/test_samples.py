"""Columns from raw samples, and the monitor on them."""

import numpy as np
import pytest

from numerics.monitoring.report import monitor
from numerics.monitoring.samples import columns, frechet_distance
from numerics.streams import Stream
from theory.errors import InvalidInput


def noise(name):
    return Stream("samples", name, {}, "test").generator()


def test_columns_are_what_they_say():
    x = noise("say").standard_normal((400, 3)) @ np.diag([1.0, 2.0, 3.0])
    table = columns([x, x[:50]], x, modes={"a": np.zeros(3), "b": np.full(3, 9.0)})
    covariance = np.cov(x.T, bias=True)
    first = table.iloc[0]
    assert first["trace"] == pytest.approx(np.trace(covariance))
    assert first["log_det"] == pytest.approx(np.linalg.slogdet(covariance)[1])
    assert 1 < first["effective_rank"] < 3
    assert first["frechet_distance"] == pytest.approx(0, abs=1e-9)
    assert first["mode_a_count"] + first["mode_b_count"] == 400
    assert table["generation"].tolist() == ["0", "1", "reference"]


def test_the_distance_of_known_gaussians():
    x = np.array([[-1.0], [1.0]])
    assert frechet_distance(x, 3 * x + 2) == pytest.approx(4 + (3 - 1) ** 2)


@pytest.mark.parametrize("halved", [True, False])
def test_a_halved_mode_is_seen_and_a_whole_one_is_not(halved):
    rng = noise("mode")

    def sample(size, weight):
        return rng.standard_normal(size) + 10 * (rng.random(size) < weight)

    made = [sample(1000, 0.05 if halved and t > 3 else 0.1) for t in range(12)]
    table = columns(made, sample(5000, 0.1), modes={"main": [0.0], "rare": [10.0]})
    found = {f.metric: f for f in monitor(table).findings}["mode_rare"].losses["1"]
    assert (found.generation is not None) == halved


@pytest.mark.parametrize(
    ("made", "reference"),
    [([np.zeros((3, 2))], np.zeros((9, 3))), ([], np.zeros(9)), ([[np.nan, 1]], [0.0, 1.0])],
)
def test_misshapen_samples_are_refused(made, reference):
    with pytest.raises(InvalidInput):
        columns(made, reference)
