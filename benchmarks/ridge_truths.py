"""Pairs of laws with a known Brenier map, for the accuracy of the ridge dual.

y = T(x) with T the gradient of a convex function is optimal whatever the law of x, so that
W2^2 = E|x - T(x)|^2; the mean is taken over 2^20 draws of its own stream (relative standard error
about 0.001, small against the errors that are measured).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.streams import Stream

Array = npt.NDArray[np.float64]
FAMILIES = (
    "gauss",
    "tanh",
    "ridge3",
    "ridge8",
    "ridge20",
    "cubic",
    "kink",
    "swapped",
    "mixture",
    "radial",
)


@dataclass(frozen=True)
class Truth:
    """A pair of laws: sample the first, map it to the second."""

    name: str
    dimension: int
    draw: Callable[[np.random.Generator, int], Array]
    transport: Callable[[Array], Array]
    swapped: bool
    squared_w2: float
    gelbrich: float

    def sample(self, generator: np.random.Generator, size: int) -> tuple[Array, Array]:
        """Two independent samples of the two laws, each of shape (size, d)."""
        x = self.draw(generator, size)
        y = self.transport(self.draw(generator, size))
        return (y, x) if self.swapped else (x, y)


def rotation(generator: np.random.Generator, d: int) -> Array:
    q, r = np.linalg.qr(generator.standard_normal((d, d)))
    return np.asarray(q * np.sign(np.diag(r)))


def units(generator: np.random.Generator, k: int, d: int) -> Array:
    w = generator.standard_normal((k, d))
    return np.asarray(w / np.linalg.norm(w, axis=1, keepdims=True))


def truth(family: str, d: int, number: int, salt: str) -> Truth:
    """Truth `number` of a family, drawn from a stream of that name."""
    generator = Stream(salt, f"truth {family}", {"d": d, "number": number}).generator()
    axes = rotation(generator, d)
    spread = np.exp(generator.uniform(-0.5, 0.5, d))
    base = family
    swapped = family == "swapped"
    if swapped:
        base = ("tanh", "ridge8")[number % 2]
    root = (axes * spread) @ axes.T
    middle = generator.standard_normal(d) * 0.2

    def gaussian(g: np.random.Generator, n: int) -> Array:
        return np.asarray(g.standard_normal((n, d)) @ root)

    draw = gaussian
    if base == "gauss":
        other = rotation(generator, d)
        matrix = (other * np.exp(generator.uniform(-0.7, 0.7, d))) @ other.T

        def transport(x: Array) -> Array:
            return np.asarray(x @ matrix + middle)

    elif base in ("tanh", "cubic"):
        # Separable in the axes of the law of x.
        slope = generator.uniform(0.2, 0.6, d)
        jump = generator.uniform(0.8, 2.0, d)
        steep = generator.uniform(1.5, 4.0, d)
        cubic = generator.uniform(0.05, 0.3, d)

        def transport(x: Array) -> Array:
            t = (x @ axes) / spread
            if base == "tanh":
                moved = slope * t + jump * np.tanh(steep * t)
            else:
                moved = 0.4 * t + cubic * t**3
            return np.asarray((moved * spread) @ axes.T + middle)

    elif base == "radial":
        power = generator.uniform(1.5, 3.0)
        share = generator.uniform(0.4, 0.8)

        def transport(x: Array) -> Array:
            r = np.linalg.norm(x, axis=1, keepdims=True) / np.sqrt(d)
            return np.asarray(x * (share * r**power + 0.1) + middle)

    else:
        k = {"ridge3": 3, "ridge8": 8, "ridge20": 20, "kink": 8, "mixture": 8}[base]
        w = units(generator, k, d)
        shift = generator.standard_normal(k) * 0.5
        size = generator.uniform(1.0, 2.5, k) * np.sqrt(12 / k)
        steep = generator.uniform(1.0, 3.0, k)
        other = rotation(generator, d)
        matrix = (other * generator.uniform(0.3, 0.8, d)) @ other.T

        def transport(x: Array) -> Array:
            t = steep * (x @ w.T - shift)
            bent = np.sign(t) if base == "kink" else np.tanh(t)
            return np.asarray(x @ matrix + (size * bent) @ w + middle)

        if base == "mixture":
            centres = generator.standard_normal((3, d)) * 1.2

            def draw(g: np.random.Generator, n: int) -> Array:
                which = g.integers(0, 3, n)
                return np.asarray(centres[which] + 0.7 * gaussian(g, n))

    large = Stream(salt, f"value {family}", {"d": d, "number": number}).generator()
    parts, total = 16, np.zeros(d * 2)
    outer, value = np.zeros((2 * d, 2 * d)), 0.0
    for _ in range(parts):
        x = draw(large, 2**16)
        y = transport(x)
        value += float(np.mean(np.sum((x - y) ** 2, axis=1))) / parts
        both = np.hstack([x, y])
        total += both.mean(axis=0) / parts
        outer += both.T @ both / len(both) / parts
    cov = outer - np.outer(total, total)
    a, b = cov[:d, :d], cov[d:, d:]
    w_, u_ = np.linalg.eigh(a)
    half = (u_ * np.sqrt(w_)) @ u_.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(half @ b @ half), 0)).sum()
    gelbrich = float(np.trace(a) + np.trace(b) - 2 * cross + np.sum((total[:d] - total[d:]) ** 2))
    return Truth(f"{family}-{number}", d, draw, transport, swapped, value, gelbrich)
