"""What one lying silo does: where the kept points end, by scheme and by the size of the lie.

Run ``python benchmarks/silos_liar.py`` from the root of the project (under a minute).
"""

from __future__ import annotations

import numpy as np

from numerics.silos.context import Options
from numerics.silos.training import Plan, Truth, train
from numerics.streams import Stream

LIES = (1, 3, 10, 30, 100, 300, 1000)
SCHEMES = ("scheme-1-linear", "scheme-1-greedy", "scheme-2-barycentre", "pooled-oracle")
SILOS, DIMENSION, SEEDS, KEPT, GENERATIONS = 10, 10, 3, 60, 10


def displacement(rule: str, aggregation: str, lie: float, rebuilt: bool) -> float:
    """Distance of the model's mean from the world's, in deviations, the mean of the seeds."""
    found = []
    for seed in range(SEEDS):
        stream = Stream("c0ffee", "liar", {"seed": seed})
        rng = stream.generator()
        silos = [rng.standard_normal((67, DIMENSION)) for _ in range(SILOS)]
        silos[3] = silos[3] + lie / np.sqrt(DIMENSION)
        options = Options(aggregation=aggregation, anchored=not rebuilt, rounds=3)  # type: ignore[arg-type]
        run = train(
            silos,
            rule,
            Plan(KEPT, GENERATIONS, options=options),
            stream,
            real=rng.standard_normal((KEPT, DIMENSION)),
            truth=Truth(np.zeros(DIMENSION), np.eye(DIMENSION)),
        )
        found.append(float(np.linalg.norm(run.generations[-1].mean)))
    return float(np.mean(found))


if __name__ == "__main__":
    print("scheme (together)                      " + "".join(f"{lie:8d}" for lie in LIES))
    for rebuilt in (False, True):
        for rule in SCHEMES:
            for aggregation in ("mean", "median"):
                if aggregation == "median" and rule in ("pooled-oracle", "scheme-1-greedy"):
                    continue  # these put nothing together by a mean
                if rebuilt and rule == "pooled-oracle":
                    continue
                name = f"{rule} ({aggregation}, {'rebuilt' if rebuilt else 'anchored'})"
                values = [displacement(rule, aggregation, lie, rebuilt) for lie in LIES]
                print(f"{name:40s}" + "".join(f"{each:8.2f}" for each in values), flush=True)
