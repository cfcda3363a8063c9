"""LOSS keeps its level at the edge of its null and sees what lies beyond."""

import numpy as np
import pytest
from scipy.stats import binomtest

from numerics.monitoring.loss import from_counts, from_values
from numerics.streams import Stream
from theory.errors import RunsError

HISTORIES, LENGTH, ALPHA = 500, 40, 0.05


def counted(p, rng):
    return from_counts(
        np.arange(LENGTH),
        rng.binomial(1000, p, LENGTH).astype(float),
        np.full(LENGTH, 1000.0),
        (rng.binomial(5000, 0.1), 5000),
        ALPHA,
    )


def valued(level, rng):
    ratio = np.r_[1.0, np.full(LENGTH - 1, level)] + 0.05 * rng.standard_normal(LENGTH)
    return from_values(np.arange(LENGTH), ratio, np.full(LENGTH, 0.05), ALPHA, 0.25)


@pytest.mark.parametrize(("judge", "edge", "beyond"), [(counted, 0.09, 0.07), (valued, 0.75, 0.5)])
def test_level_at_the_edge_and_power_beyond(judge, edge, beyond):
    rng = Stream("loss", judge.__name__, {}, "test").generator()

    def p_value(level):
        hits = sum(judge(level, rng).generation is not None for _ in range(HISTORIES))
        return binomtest(hits, HISTORIES, ALPHA, alternative="greater").pvalue

    assert p_value(edge) > 1e-4
    assert p_value(beyond) < 1e-4


def test_nothing_is_claimed_without_an_error_model():
    loss = from_values(np.arange(3), np.array([1, 0.9, 0.1]), None, 0.01, 0.25)
    assert (loss.basis, loss.alpha, loss.generation) == ("observed", None, 2)


@pytest.mark.parametrize(("count", "total"), [(11.0, 10.0), (1.5, 10.0), (-1.0, 10.0), (0.0, 0.0)])
def test_impossible_counts_are_refused(count, total):
    with pytest.raises(RunsError, match="counts"):
        from_counts(np.arange(1), np.array([count]), np.array([total]), (5, 10), 0.01)


def test_an_empty_reference_shows_nothing():
    found = from_counts(np.arange(2), np.zeros(2), np.full(2, 10.0), (0, 10), 0.01)
    assert found.generation is None
