"""`verify`: what a property costs beyond the bare decisions that it makes."""

import time

import numpy as np
import pytest
import sympy as sp
from hypothesis import seed

from numerics.evidence import Design, Verdict, judge
from numerics.streams import Stream
from numerics.suite import plan as plans
from numerics.suite.prelude import Subject
from numerics.suite.record import Record
from numerics.testing import property_test
from theory import Claim, integers

n = sp.Symbol("n", integer=True, positive=True)
DESIGN = Design()


def ratio(rng, size, n):
    return rng.chisquare(n - 1, size) / n


CLAIM = Claim(
    "bench.step",
    "E s^2 = 1 - 1/n",
    {n: integers(10, 200)},  # CV^2 <= 0.23
    mean=1 - 1 / n,
    variance=2 * (n - 1) / n**2,
    draw=ratio,
)


def run_property(test, salt, points=None):
    """Run a property; or, at given points, what it does there without Hypothesis."""
    record = Record("bench", plans.Plan(salt), reported=True, cap=1000)
    before = plans.activate(record.plan)
    try:
        with record.active():
            if points is None:
                test()
            for at in points or ():
                test.hypothesis.inner_test(at=dict(at))
    finally:
        plans.activate(before)
    return record


def decide(record):
    """The same decisions without Hypothesis, guards, formulas or records."""
    for finding in record.findings:
        size = finding.at["n"]

        def draws(stage, start, count, size=size):
            stream = Stream("bench", "bare", {"n": size}, stage)
            return ratio(stream.generator(start), count, size)

        judge(draws, mean=1 - 1 / size, variance=2 * (size - 1) / size**2, design=DESIGN)


@pytest.mark.parametrize("points", [20, 30])
def test_overhead_of_a_property(benchmark, points):
    """Processor seconds of a property over those of its bare decisions; the aim is 1.2.

    ``without`` is the same property at the same points, called by a loop instead of Hypothesis.
    """
    test = seed(1)(property_test(CLAIM, points=points))
    run_property(test, "0")
    ratios, without, judged = [], [], []
    for salt in ("1", "2", "3"):
        whole, bare, called = [], [], []
        for _ in range(5):  # the same work each time: the least is what it costs
            start = time.process_time()
            record = run_property(test, salt)
            middle = time.process_time()
            decide(record)
            last = time.process_time()
            run_property(test, salt, [finding.at for finding in record.findings])
            whole.append(middle - start)
            bare.append(last - middle)
            called.append(time.process_time() - last)
        ratios.append(min(whole) / min(bare))
        without.append(min(called) / min(bare))
        judged.append(len(record.findings))
    benchmark.pedantic(lambda: run_property(test, "a"), rounds=1)
    benchmark.extra_info["ratio"] = round(float(np.median(ratios)), 3)
    benchmark.extra_info["without"] = round(float(np.median(without)), 3)
    benchmark.extra_info["points"] = judged


def test_thirty_points_at_one_percent(benchmark):
    """A one-step claim with CV^2 <= 0.3: under two seconds of one core."""
    subject, plan = Subject(CLAIM), plans.Plan("bench")

    def run():
        for size in range(10, 190, 6):
            (finding,) = subject.judge({"n": size}, plan, DESIGN)
            assert finding.judgement.verdict is Verdict.VERIFIED

    start = time.process_time()
    benchmark.pedantic(run, rounds=1)
    spent = time.process_time() - start
    benchmark.extra_info["seconds"] = round(spent, 2)
    assert spent < 2
