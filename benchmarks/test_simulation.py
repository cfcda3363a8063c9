"""Simulation: what it costs over drawing the same normals, whatever the sample size, in memory.

Ratios are measured in one run, interleaved, least time against least time, and go to
``extra_info``. No time is asserted; results are.
"""

import time
import tracemalloc

import numpy as np
import pytest

from numerics.simulation import replicates, simulate
from theory.setting import Setting
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    FixedReal,
    FreshReal,
    KeepAll,
    Replace,
    TopFraction,
)

SIZE, GENERATIONS = 100, 5
WORKFLOWS = (Replace(), Accumulate(), AccumulateSubsample(), FreshReal(0.25), FixedReal(25))
SELECTIONS = {
    "keep-all": KeepAll(),
    "n-of-N": TopFraction(candidates=4 * SIZE),
    "population": TopFraction(kept_fraction=0.25),
}


def least_times(*functions, rounds=25):
    """Least processor time of each function, their calls interleaved."""
    least = [float("inf")] * len(functions)
    for _ in range(rounds):
        for index, function in enumerate(functions):
            start = time.process_time()
            function()
            least[index] = min(least[index], time.process_time() - start)
    return least


def one_call(benchmark, function):
    return benchmark.pedantic(function, rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.name)
@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("dimension", [1, 10])
def test_raw_points_against_their_normals(benchmark, dimension, selection, workflow):
    """Simulation from raw points at n = 100, over drawing all its candidates and nothing else.

    The population law draws its points inside the ball, a radius to each direction: its normals are
    those of the points kept.
    """
    rule = SELECTIONS[selection]
    setting = Setting(workflow=workflow, selection=rule, sample_size=SIZE, dimension=dimension)
    count = 2400 // dimension
    rng = np.random.default_rng(1)
    normals = sum(
        (setting.candidates(k) or setting.batch_size(k))
        + (setting.real_size(k) if isinstance(workflow, FreshReal) or k == 1 else 0)
        for k in range(1, GENERATIONS + 1)
    )
    buffer = np.empty(normals * dimension * 8)

    def draw():
        for _ in range(count // 8):
            rng.standard_normal(out=buffer)

    def run():
        return replicates(setting, "variance", GENERATIONS, rng, count, method="raw")

    assert np.isfinite(one_call(benchmark, run)).all()
    if benchmark.stats is not None:
        alone, whole = least_times(draw, run)
        benchmark.extra_info["ratio_to_drawing"] = round(whole / alone, 2)


@pytest.mark.parametrize("workflow", WORKFLOWS[:2] + WORKFLOWS[3:], ids=lambda each: each.name)
@pytest.mark.parametrize("dimension", [1, 10])
def test_statistics_do_not_depend_on_the_sample_size(benchmark, dimension, workflow):
    """Sufficient statistics at n = 10^9 over n = 40, and nanoseconds a fit."""
    rng = np.random.default_rng(1)
    count = 20_000 // dimension**2

    def at(size):
        kind = FixedReal(size // 4) if isinstance(workflow, FixedReal) else workflow
        setting = Setting(workflow=kind, sample_size=size, dimension=dimension)
        return lambda: replicates(setting, "squared_drift", GENERATIONS, rng, count)

    small, large = at(40), at(10**9)
    assert np.isfinite(one_call(benchmark, large)).all()
    if benchmark.stats is not None:
        few, many = least_times(small, large)
        benchmark.extra_info["ratio_to_small_sample"] = round(many / few, 2)
        benchmark.extra_info["nanoseconds_per_fit"] = round(many / count / GENERATIONS * 1e9)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.name)
@pytest.mark.parametrize("dimension", [1, 10])
def test_peak_memory_at_many_replicates(benchmark, dimension, workflow):
    """Peak of the memory that 10^5 replicates allocate, raw points, selection on."""
    setting = Setting(
        workflow=workflow,
        selection=SELECTIONS["n-of-N"],
        sample_size=SIZE,
        dimension=dimension,
    )
    count = 100_000 if benchmark.enabled else 2000

    def run():
        tracemalloc.start()
        runs = simulate(setting, 2, count, "c0ffee", method="raw")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return runs, peak

    runs, peak = benchmark.pedantic(run, rounds=1)
    assert runs.replicates == count
    assert peak < 512 * 2**20
    benchmark.extra_info["peak_megabytes"] = round(peak / 2**20, 1)
