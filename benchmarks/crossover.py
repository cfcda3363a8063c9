"""Where proxies beat random selection: the crossover law against runs, cell by cell.

Run ``python benchmarks/crossover.py`` from the root of the project (about a minute). The law says
that proxies win exactly where ``(sqrt(G_t) - 1)^2`` exceeds the floor of their attractor. A cell
whose paired difference lies within two standard errors of zero decides nothing; it is counted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from numerics.silos.context import Options
from numerics.silos.generators import Gaussian
from numerics.silos.references import GaussianLaw, gaussian_silos
from numerics.silos.training import Plan, Truth, train
from numerics.streams import Stream
from theory.silos.flow import SiloProblem
from theory.silos.landmarks import floor, random_distance
from theory.silos.transport import Law, pooled

TEMPERATURES = (1.0, 1.05, 1.1, 1.2, 1.4)
HETEROGENEITIES = (0.1, 0.3, 0.5, 0.8)
AT = (10, 20, 40)
SILOS, DIMENSION, KEPT, POINTS, SEEDS = 5, 10, 1000, 2000, 6


def cells(rule: str, salt: str) -> Iterator[tuple[float, float, int, float, float, float, float]]:
    """Heterogeneity, temperature, t, drift, floor, mean paired gain and its standard error."""
    even = np.full(SILOS, 1 / SILOS)
    for spread in HETEROGENEITIES:
        rng = Stream(salt, "crossover", {"heterogeneity": spread}).generator()
        laws = gaussian_silos(rng, SILOS, DIMENSION, spread)
        theory = tuple(Law(each.mean, each.covariance) for each in laws)
        world = pooled(theory, even)
        truth = Truth(world.mean, world.covariance)
        for temperature in TEMPERATURES:
            gains = []
            for seed in range(SEEDS):
                place = {"heterogeneity": spread, "temperature": temperature, "seed": seed}
                rng = Stream(salt, "crossover", place).generator()
                references = [law.sample(rng, POINTS) for law in laws]
                real = GaussianLaw(world.mean, world.covariance).sample(rng, KEPT)
                plan = Plan(KEPT, max(AT), options=Options(dual="gaussian"))
                chance, proxies = (
                    train(
                        references,
                        name,
                        plan,
                        Stream(salt, "crossover", place, "training"),
                        real=real,
                        truth=truth,
                        generator=Gaussian(temperature, ridge=0.0),
                    ).relative_w2
                    for name in ("random", rule)
                )
                gains.append((chance - proxies)[list(AT)])
            mean = np.mean(gains, axis=0)
            error = np.std(gains, axis=0, ddof=1) / np.sqrt(SEEDS)
            problem = SiloProblem(theory, rule, world, temperature=temperature)
            level = floor(problem, world) / float(np.trace(world.covariance))
            for index, t in enumerate(AT):
                drift = random_distance(temperature, t)
                yield spread, temperature, t, drift, level, mean[index], error[index]


def report(rule: str, salt: str) -> None:
    """Print the grid and the share of decided cells that the law gets right."""
    right = wrong = open_cells = 0
    print(f"\n{rule}\nheterogeneity  lambda   t   drift   floor    gain      se")
    for spread, temperature, t, drift, level, gain, error in cells(rule, salt):
        if abs(gain) <= 2 * error:
            open_cells, mark = open_cells + 1, "within two standard errors"
        elif (drift > level) == (gain > 0):
            right, mark = right + 1, ""
        else:
            wrong, mark = wrong + 1, "WRONG"
        print(
            f"{spread:13.1f} {temperature:7.2f} {t:3d} {drift:7.4f} {level:7.4f} {gain:7.4f} "
            f"{error:7.4f}  {mark}"
        )
    print(f"right {right}, wrong {wrong}, within two standard errors {open_cells}")


if __name__ == "__main__":
    for each in ("scheme-2-barycentre", "scheme-1-linear"):
        report(each, sys.argv[1] if len(sys.argv) > 1 else "c0ffee")
