"""Models other than the Gaussian: what recursive training costs over the draws that it needs.

The floor is the batches alone: the same statistics (or points) of the true law, drawn as often as a
run draws them, without pool, fit or quantity. Ratios go to ``extra_info``; no time is asserted,
results are.
"""

import time

import numpy as np
import pytest

from numerics.models import law_of
from numerics.simulation import replicates
from theory.derivation import derive
from theory.model import (
    Bernoulli,
    Categorical,
    Exponential,
    LinearRegression,
    NegativeBinomial,
    Poisson,
)
from theory.setting import Setting
from theory.vocabulary import Accumulate, FixedReal, FreshReal, Replace

SIZE, GENERATIONS, COUNT = 40, 5, 20_000
MODELS = (
    Bernoulli(0.3),
    Categorical((0.5, 0.3, 0.2)),
    Poisson(2),
    NegativeBinomial(2, 3),
    Exponential(2),
    LinearRegression(),
)
WORKFLOWS = (Replace(), Accumulate(), FreshReal(0.25), FixedReal(10))


def least_times(*functions, rounds=7):
    """Least processor time of each function, their calls interleaved."""
    least = [float("inf")] * len(functions)
    for _ in range(rounds):
        for index, function in enumerate(functions):
            start = time.process_time()
            function()
            least[index] = min(least[index], time.process_time() - start)
    return least


@pytest.mark.parametrize("method", ["statistics", "raw"])
@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.name)
@pytest.mark.parametrize("model", MODELS, ids=lambda each: each.name)
def test_training_costs_little_over_its_draws(benchmark, model, workflow, method):
    count = COUNT if method == "statistics" else COUNT // 20
    dimension = 3 if isinstance(model, LinearRegression) else 1
    setting = Setting(workflow=workflow, sample_size=SIZE, model=model, dimension=dimension)
    quantity = next(iter(model.quantities))
    rng = np.random.default_rng(1)
    law = law_of(setting)

    def run():
        return replicates(setting, quantity, GENERATIONS, rng, count, method)

    def draws():
        truth = law.truth(count)
        for step in range(1, GENERATIONS + 1):
            for size in (setting.batch_size(step), setting.real_size(step)):
                if size and method == "raw":
                    law.summary(law.points(rng, truth, size))
                elif size:
                    law.batch(rng, truth, size)

    values = benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    ours, floor = least_times(run, draws)
    benchmark.extra_info["ratio to the draws"] = round(ours / floor, 2)
    benchmark.extra_info["ns a replicate and generation"] = round(1e9 * ours / count / GENERATIONS)
    if not (isinstance(model, LinearRegression) and isinstance(workflow, FixedReal)):
        expected = float(derive(setting, quantity).evaluate(t=GENERATIONS))
        assert abs(values.mean() - expected) < 6 * values.std() / np.sqrt(count) + 1e-12
