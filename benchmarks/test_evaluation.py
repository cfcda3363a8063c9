"""Closed forms in numbers: what a value costs far out, against walking there."""

import pytest

from theory import Accumulate, Family, Replace, derive
from theory.evaluation import evaluate


@pytest.mark.parametrize("workflow", [Replace, Accumulate])
def test_value_at_a_million_generations(benchmark, workflow):
    """Half a millisecond for Gamma functions at n = 1e9, t = 1e6; no time depends on t."""
    found = derive(Family(workflow=workflow), "variance")
    point = {"n": 10**9, "t": 10**6, "sigma_0": 1}
    value = benchmark(lambda: evaluate(found.closed_form, point, 15, found.bound(point)))
    benchmark.extra_info["value"] = float(value)
