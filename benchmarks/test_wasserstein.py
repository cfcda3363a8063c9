"""Wasserstein estimators: batched Bures and batched sorting against POT, with equal values."""

import time
import warnings

import numpy as np
import ot
import pytest

from numerics.streams import Stream
from numerics.wasserstein.bures import squared_bures
from numerics.wasserstein.line import sorted_squared_w2


def normal(name, *shape):
    return Stream("bench", name).generator().standard_normal(shape)


def least(*calls, rounds=5):
    """The least processor time of each call, interleaved, after one call each to warm up.

    Processor and not wall time, so that other work on the machine does not count.
    """
    for call in calls:
        call()
    times = np.empty((rounds, len(calls)))
    for row in times:
        for k, call in enumerate(calls):
            begin = time.process_time()
            call()
            row[k] = time.process_time() - begin
    return times.min(axis=0)


@pytest.mark.parametrize("d", [2, 3, 5, 10, 20, 50])
def test_batched_bures(benchmark, d):
    """Many pairs of covariances at once, against POT's batched call and POT in a loop."""
    count = 1000 if d <= 10 else 100
    roots = normal(f"roots {d}", 2, count, d, d)
    first, second = roots @ np.swapaxes(roots, -1, -2) / d + 0.1 * np.eye(d)
    means, zero = np.zeros((count, d)), np.zeros(d)
    bures = ot.gaussian.bures_wasserstein_distance

    def batched():
        return bures(means, means, first, second, paired=True)

    def loop():
        return np.array([bures(zero, zero, a, b) for a, b in zip(first, second, strict=True)])

    ours = squared_bures(first, second)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        benchmark.extra_info["largest_difference"] = float(np.abs(ours - loop() ** 2).max())
        assert benchmark.extra_info["largest_difference"] < 1e-6
        benchmark.pedantic(squared_bures, args=(first, second), rounds=5, warmup_rounds=1)
        if benchmark.stats is not None:
            own, together, single = least(lambda: squared_bures(first, second), batched, loop)
            benchmark.extra_info["pot_batched_ratio"] = round(together / own, 1)
            benchmark.extra_info["pot_loop_ratio"] = round(single / own, 1)


@pytest.mark.parametrize("n", [100, 1000, 10_000, 100_000, 1_000_000])
def test_batched_line(benchmark, n):
    """Many pairs of samples on the line at once, against POT's ways, and the time to sort alone."""
    count = max(1, 200_000 // n)
    x, y = normal(f"line {n}", 2, count, n)

    def loop():
        return np.array([ot.emd2_1d(a, b) for a, b in zip(x, y, strict=True)])

    columns = np.ascontiguousarray(x.T), np.ascontiguousarray(y.T)

    def batched():
        return ot.wasserstein_1d(*columns, p=2)

    def one_by_one():
        return [ot.wasserstein_1d(a, b, p=2) for a, b in zip(x, y, strict=True)]

    def sort():
        return np.sort(x, axis=-1), np.sort(y, axis=-1)

    ours = sorted_squared_w2(x, y)
    benchmark.extra_info["largest_difference"] = float(np.abs(ours - loop()).max())
    assert benchmark.extra_info["largest_difference"] < 1e-10
    benchmark.pedantic(sorted_squared_w2, args=(x, y), rounds=5, warmup_rounds=1)
    if benchmark.stats is not None:
        ways = (loop, batched, one_by_one)
        own, sorting, *theirs = least(lambda: sorted_squared_w2(x, y), sort, *ways)
        benchmark.extra_info["pot_better_ratio"] = round(min(theirs) / own, 1)
        benchmark.extra_info["sorting_share"] = round(sorting / own, 2)
