"""Estimators on pairs of laws of other kinds than the truths of the package, with d = 20.

    python benchmarks/other_laws.py [--replicates R] [--points N]

Separable maps are turned, so that no coordinate system is the right one. The others are gradients
of convex functions that are no sums of ridges: squared W2 is then the mean of |x - map(x)|^2.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import softmax

from numerics.streams import Stream
from numerics.wasserstein import find

Array = npt.NDArray[np.float64]
Sampler = Callable[[np.random.Generator, int], Array]
D, SALT, MANY = 20, "other-laws-1", 400_000
# Midpoints in the units of a normal law: heavy tails need ranks near 0 and 1.
STEPS = (np.arange(300_000) + 0.5) / 20_000 - 7.5
ESTIMATORS = ("gaussian-jackknife", "ica-gain", "ridge-dual", "split")
MARGINS: dict[str, Callable[[Array], Array]] = {
    "t with 5 degrees of freedom": stats.t(5).ppf,
    "Laplace": stats.laplace.ppf,
    "exponential": stats.expon.ppf,
    "uniform": lambda u: 3 * u,
    "Poisson, mean 2": stats.poisson(2).ppf,
    "two humps": lambda u: np.where(u < 0.5, -2, 2) + stats.norm.ppf(u) / 2,
    "signs": lambda u: np.sign(u - 0.5),
}


def generator(name: str, replicate: int = 0) -> np.random.Generator:
    return Stream(SALT, name).generator(replicate)


def normal(rng: np.random.Generator, size: int) -> Array:
    return rng.standard_normal((size, D))


def by_margin(quantile: Callable[[Array], Array], turn: Array | float = 1.0) -> Sampler:
    def draw(rng: np.random.Generator, size: int) -> Array:
        return np.asarray(np.dot(quantile(rng.random((size, D))), turn), dtype=float)

    return draw


def from_normal(quantile: Callable[[Array], Array]) -> float:
    """Squared W2 on the line between N(0, 1) and the law with these quantiles."""
    gaps = STEPS - quantile(stats.norm.cdf(STEPS))
    return float(np.average(gaps**2, weights=stats.norm.pdf(STEPS)))


def by_map(gradient: Callable[[Array], Array]) -> Sampler:
    return lambda rng, size: gradient(normal(rng, size))


def maps() -> dict[str, Callable[[Array], Array]]:
    """Gradients of convex functions."""
    rays = generator("rays").standard_normal((6, D)) * 2 / np.sqrt(D)
    return {
        "log of a sum of exponentials": lambda z: (
            z / 2 + 3 * softmax(2 * z @ rays.T, axis=1) @ rays
        ),
        "largest of six": lambda z: z / 2 + 2 * rays[np.argmax(z @ rays.T, axis=1)],
        "radial, a logarithm": lambda z: z * (0.5 + 3 * np.log1p(square(z) / D)),
        "radial, a jump": lambda z: z * np.where(square(z) > D - 1, 2.0, 0.7),
    }


def square(z: Array) -> Array:
    return np.asarray((z**2).sum(axis=1, keepdims=True))


def pairs() -> Iterator[tuple[str, Sampler, Sampler, float]]:
    """Name, both samplers and squared W2."""
    for name, quantile in MARGINS.items():
        turn = np.linalg.qr(normal(generator(f"turn {name}"), D))[0]
        yield name, normal, by_margin(quantile, turn), D * from_normal(quantile)
    for name, gradient in maps().items():
        many = normal(generator(f"many {name}"), MANY)
        truth = float(np.mean(square(many - gradient(many))))
        yield name, normal, by_map(gradient), truth
    spread, laplace = np.logspace(-1.5, 1.5, D), by_margin(stats.laplace.ppf)
    truth = float(np.sum(spread**2)) * from_normal(stats.laplace.ppf)
    yield (
        "Laplace, condition 1e6",
        lambda rng, n: normal(rng, n) * spread,
        lambda rng, n: laplace(rng, n) * spread,
        truth,
    )
    yield "Laplace, moved", laplace, lambda rng, n: laplace(rng, n) + 1, float(D)

    def scales(rng: np.random.Generator, size: int) -> Array:
        return normal(rng, size) * np.where(rng.random((size, 1)) < 0.7, 0.5, 2.0)

    doubled = D * (0.7 * 0.25 + 0.3 * 4.0)
    yield "mixed scales, doubled", scales, lambda rng, n: 2 * scales(rng, n), doubled


def main(replicates: int, points: int) -> None:
    """Relative errors and bounds, a line for each pair of laws, as they come."""
    print("laws", *ESTIMATORS, "highest bound of ica-gain, of ridge-dual, over W2^2", sep=" | ")
    seconds = dict.fromkeys(ESTIMATORS, 0.0)
    for name, first, second, truth in pairs():
        errors: dict[str, list[float]] = {word: [] for word in ESTIMATORS}
        bounds: dict[str, list[float]] = {}
        for replicate in range(replicates):
            rng = generator(f"samples {name}", replicate)
            x, y = first(rng, points), second(rng, points - points // 10)
            for word in ESTIMATORS:
                begin = time.process_time()
                own = generator(f"draws {name}", replicate) if find(word).random else None
                found = find(word)(x, y, rng=own)
                seconds[word] = max(seconds[word], time.process_time() - begin)
                errors[word].append(found.value / truth - 1)
                if found.lower_bound is not None:
                    bounds.setdefault(word, []).append(found.lower_bound / truth)
        cells = (
            f"{np.mean(e):+.3f} ({np.sqrt(np.mean(np.square(e))):.3f})" for e in errors.values()
        )
        print(name, *cells, *(f"{max(b):.3f}" for b in bounds.values()), sep=" | ", flush=True)
    print("most CPU seconds of a call:", {word: round(most, 2) for word, most in seconds.items()})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--replicates", type=int, default=2)
    parser.add_argument("--points", type=int, default=500)
    given = parser.parse_args()
    main(given.replicates, given.points)
