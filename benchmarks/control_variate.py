"""By how much the exact control variate cuts the variance of an estimator's measured bias.

    python benchmarks/control_variate.py [--replicates 40]

The control variate is (P_n - P) f + (Q_n - Q) g with the true potentials and the coefficient 1.
The pair is N(0, I) and N(e_1, 4I): the closer the two laws, the less there is to take out. Printed
is the variance over replicates without it, divided by that with it, and a 95 % interval by
resampling replicates.
"""

from __future__ import annotations

import argparse

import numpy as np

from numerics.streams import Stream
from numerics.wasserstein.registry import find
from numerics.wasserstein.truths import of_gaussians
from theory.wasserstein.gaussian import GaussianPair

CASES = (
    *(("exact", d, n) for d in (1, 2, 10, 50) for n in (100, 1000)),
    *(("gaussian", 10, n) for n in (100, 1000)),
)


def reduction(name: str, d: int, n: int, replicates: int) -> tuple[float, float, float]:
    """Ratio of the variances and its interval."""
    pair = GaussianPair.of(0, np.eye(d), np.eye(d)[0], 4 * np.eye(d))
    known, stream = (
        of_gaussians("separated", 0, pair),
        Stream("c0ffee", "control", {"d": d, "n": n}),
    )
    raw, controlled = np.empty(replicates), np.empty(replicates)
    for i in range(replicates):
        draw = known.sample(stream.generator(i), n, n)
        raw[i] = find(name)(draw.x, draw.y).value
        controlled[i] = raw[i] - draw.control(known.squared_w2)
    picks = Stream("c0ffee", "resample").generator().integers(0, replicates, (2000, replicates))
    again = raw[picks].var(axis=1) / controlled[picks].var(axis=1)
    low, high = np.quantile(again, [0.025, 0.975])
    return float(raw.var() / controlled.var()), float(low), float(high)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--replicates", type=int, default=40)
    given = parser.parse_args()
    print("estimator | d | n | variance without / with | 95 %")
    for name, d, n in CASES:
        ratio, low, high = reduction(name, d, n, given.replicates)
        print(name, d, n, f"{ratio:.3g}", f"{low:.3g} to {high:.3g}", sep=" | ", flush=True)
