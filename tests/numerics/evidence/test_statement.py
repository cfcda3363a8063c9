"""What bounds alone say about a claim, against all the means that they leave."""

from __future__ import annotations

import math

import pytest

from numerics.evidence.design import Design
from numerics.evidence.rivals import Rival
from numerics.evidence.statement import Statement

LOW, HIGH = -1.0, 2.0
# Quarters are exact in binary, so that ends are met exactly.
MEANS = [LOW + (HIGH - LOW) * j / 96 for j in range(97)]


def meets(x, mean, slack, relation):
    return {
        "=": abs(x - mean) <= slack,
        "<=": x <= mean + slack,
        ">=": x >= mean - slack,
    }[relation]


@pytest.mark.parametrize("relation", ["=", "<=", ">="])
@pytest.mark.parametrize("slack", [0.0, 0.25, 1.5, 3.0])
def test_bounds_imply_or_exclude_a_claim(relation, slack):
    seen = set()
    for mean in (-2.0, -1.25, -1.0, -0.75, 0.5, 1.75, 2.0, 2.25, 4.0):
        statement = Statement(
            mean=mean, slack=slack, relation=relation, bounds=(LOW, HIGH), declared_scale=1.0
        )
        left = [meets(x, mean, slack, relation) for x in MEANS]
        said = (statement.vacuous, statement.excluded)
        assert said == (all(left), not any(left)), mean
        seen.add(said)
    assert (False, False) in seen or slack == 3.0
    assert len(seen) > 1


@pytest.mark.parametrize("evaluations", [1, 10_000])
@pytest.mark.parametrize("error", [1e-3, 0.05])
def test_the_two_directions_of_a_rival_share_its_error(evaluations, error):
    design = Design(evaluations=evaluations, error=error)
    rival = Rival("n - 1", 0.8, 0.1, Statement(mean=0.9, variance=0.1), design)
    assert 2 * math.exp(-rival.level) * evaluations == pytest.approx(error)
