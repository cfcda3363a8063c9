"""Variances that claims about families are judged with, against replicates drawn from scratch."""

from __future__ import annotations

import math

import pytest

from numerics.simulation import simulate
from theory.family import Family
from theory.moments import variance_at
from theory.setting import Setting
from theory.vocabulary import Accumulate, FixedReal, FreshReal, KeepAll, Replace, TopFraction

REPLICATES = 20_000
LIMIT = 5.0  # standard errors
N, KEPT = 9, 30

CELLS = [
    # workflow, its letters, selection, dimension, quantity
    (Replace(), {}, True, 2, "variance"),
    (Replace(), {}, True, 2, "squared_drift"),
    (Replace(), {}, True, 1, "squared_drift"),
    (Replace(), {}, False, 3, "squared_drift"),
    (Replace(), {}, False, 3, "log_det"),
    (Replace(), {}, False, 2, "kl_model_to_start"),
    (Accumulate(), {}, True, 1, "variance"),
    (Accumulate(), {}, False, 1, "squared_drift"),
    (FreshReal(0.25), {"f": 0.25}, False, 1, "squared_drift"),
    (FixedReal(3), {"n_r": 3}, False, 1, "variance"),
]


@pytest.mark.parametrize(("workflow", "letters", "selects", "dimension", "quantity"), CELLS)
def test_the_variance_of_one_replicate_is_that_of_the_draws(
    workflow, letters, selects, dimension, quantity
):
    n = 12 if letters else N
    rule = TopFraction(candidates=KEPT) if selects else KeepAll()
    setting = Setting(workflow, rule, sample_size=n, dimension=dimension)
    runs = simulate(setting, 3, REPLICATES, "c0ffee", quantities=(quantity,))
    values = {"n": n, "t": 3, "d": dimension, **({"N": KEPT} if selects else {}), **letters}
    family = Family(
        workflow=type(workflow),
        selection=type(rule),
        law="n-of-N" if selects else None,
        dimension=dimension,
    )
    known = variance_at(family, quantity, values)
    assert known is not None
    squares = (runs.values[quantity][:, -1] - runs.values[quantity][:, -1].mean()) ** 2
    error = squares.std() / math.sqrt(REPLICATES)
    assert abs(squares.mean() - known) < LIMIT * error
    # The twin: a variance that is wrong by a fifth.
    assert abs(squares.mean() - 1.2 * known) > LIMIT * error
