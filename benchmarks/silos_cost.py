"""What selection in silos costs: fitted exponents of time in N, M and K, with 95 % intervals.

Run ``OMP_NUM_THREADS=1 python benchmarks/silos_cost.py`` from the root of the project (about two
minutes). Processor time, the fastest of three, on a log-log line; the interval is that of the
least-squares slope.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats
from scipy.special import logsumexp

from numerics.silos.schemes import greedy, threshold_form
from numerics.silos.transport import solve
from numerics.streams import Stream

RNG = Stream("c0ffee", "silos: cost").generator()
DIMENSION, TOLERANCE = 10, 1e-4


def points(count: int, shift: float = 0.0) -> np.ndarray:
    """Normal points, shape (count, 10)."""
    return RNG.standard_normal((count, DIMENSION)) + shift


def sinkhorn(x: np.ndarray, y: np.ndarray) -> int:
    """Entropic transport in logarithms until the marginal is met within `TOLERANCE`; rounds."""
    cost = ((x[:, None, :] - y[None, :, :]) ** 2).sum(axis=2)
    kernel = -cost / (0.1 * cost.mean())
    f, g = np.zeros(len(x)), np.zeros(len(y))
    for rounds in range(1, 5000):
        f = -np.log(len(x)) - logsumexp(kernel + g, axis=1)
        column = logsumexp(kernel + f[:, None], axis=0)
        if np.abs(np.exp(column + g) - 1 / len(y)).sum() < TOLERANCE:
            return rounds
        g = -np.log(len(y)) - column
    raise RuntimeError("Sinkhorn's iteration did not settle")


def seconds(work: Callable[[], object]) -> float:
    """Processor time of the fastest of three."""
    best = np.inf
    for _ in range(3):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return best


# Steps by the square root of two.
BOTH = (125, 177, 250, 354, 500, 707, 1000, 1414)
CANDIDATES = (250, 354, 500, 707, 1000, 1414, 2000, 2828)
SERVER = (500, 707, 1000, 1414, 2000, 2828, 4000, 5656)
REFERENCE = (97, 137, 197, 277, 397, 557, 797, 1127)
SILOS = (5, 7, 10, 14, 20, 28, 40, 50)


def exponent(name: str, sizes: Sequence[int], work: Callable[[int], Callable[[], object]]) -> None:
    """Print the fitted slope of log time on log size."""
    times = [seconds(work(size)) for size in sizes]
    fit = stats.linregress(np.log(sizes), np.log(times))
    half = stats.t.ppf(0.975, len(sizes) - 2) * fit.stderr
    print(
        f"{name:42s} {fit.slope:5.2f} ± {half:4.2f}   {sizes[0]}: {times[0]:.4f} s, "
        f"{sizes[-1]}: {times[-1]:.4f} s",
        flush=True,
    )


def exact(N: int, M: int) -> Callable[[], object]:
    x, y = points(N), points(M, 0.5)
    return lambda: solve(x, y)


def entropic(N: int, M: int) -> Callable[[], object]:
    x, y = points(N), points(M, 0.5)
    return lambda: sinkhorn(x, y)


def chosen(rule: Callable[..., object], N: int, kept: int, silos: int = 10) -> Callable[[], object]:
    u, weights = RNG.random((silos, N)) ** 2, np.full(silos, 1 / silos)
    return lambda: rule(u, kept, weights)


if __name__ == "__main__":
    print("what grows                                 exponent        times")
    exponent("silo: exact transport, N (M = 97)", CANDIDATES, lambda N: exact(N, 97))
    exponent("silo: exact transport, M (N = 500)", REFERENCE, lambda M: exact(500, M))
    exponent("silo: exact transport, N = M", BOTH, lambda N: exact(N, N))
    exponent(
        "silo: Sinkhorn, tolerance 1e-4, N (M = 97)",
        CANDIDATES,
        lambda N: entropic(N, 97),
    )
    exponent(
        "silo: Sinkhorn, tolerance 1e-4, M (N = 500)",
        REFERENCE,
        lambda M: entropic(500, M),
    )
    exponent(
        "server: greedy, N = 4n (K = 10)",
        SERVER,
        lambda N: chosen(greedy, N, N // 4),
    )
    exponent(
        "server: threshold form, N = 4n (K = 10)",
        SERVER,
        lambda N: chosen(threshold_form, N, N // 4),
    )
    exponent("server: greedy, K (N = 1000)", SILOS, lambda K: chosen(greedy, 1000, 250, K))
    exponent(
        "server: threshold form, K (N = 1000)",
        SILOS,
        lambda K: chosen(threshold_form, 1000, 250, K),
    )
