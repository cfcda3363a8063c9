"""Names announce scales; declarations overrule them."""

import numpy as np
import pytest

from numerics.monitoring.metrics import Metric, declared, guess
from theory.errors import RunsError


@pytest.mark.parametrize(
    ("name", "scale", "bad"),
    [
        ("log_det", "raw", "down"),
        ("trace", "log", "down"),
        ("variance", "log", "down"),
        ("FID", "raw", "up"),
        ("mean_error", "raw", "up"),
        ("mode_weight", "logit", "down"),
        ("effective_rank", "log", "down"),
    ],
)
def test_names_announce(name, scale, bad):
    assert guess(name) == Metric(name, scale, bad)


def test_declarations():
    assert declared({"fid": "log:down"}) == [Metric("fid", "log", "down")]
    with pytest.raises(RunsError, match="nothing is known"):
        declared({"colour": ""})


@pytest.mark.parametrize(("scale", "value"), [("log", 0.0), ("logit", 1.0), ("logit", 0.0)])
def test_values_outside_a_scale_are_refused(scale, value):
    with pytest.raises(RunsError, match="needs"):
        Metric("m", scale, "down").heights(np.array([value]))


def test_falling_is_always_bad():
    values = np.array([0.6, 0.3])
    assert np.diff(Metric("m", "logit", "down").heights(values)) < 0
    assert np.diff(Metric("m", "raw", "up").heights(values)) > 0
