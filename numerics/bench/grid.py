"""What is measured: truths, sizes, replicates and estimators; and the measuring of one of them."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from numerics.streams import Stream
from numerics.wasserstein.registry import Estimator, estimators, find
from numerics.wasserstein.truths import FAMILIES, Truth, truth
from theory.errors import InvalidInput
from theory.wasserstein.entropic import entropic_ot, sinkhorn_divergence
from theory.wasserstein.sliced import sliced_squared_w2

# In the quick grid a costly estimator meets so many samples of each truth, of at most this size.
_COSTLY = 100
_FEW = 2


@dataclass(frozen=True)
class Grid:
    """The cells of a benchmark.

    Attributes
    ----------
    families, dimensions, sizes
        Every combination is measured; both samples have the size n.
    members
        Truths of each family and dimension.
    replicates
        Samples of each truth and size, the same ones for every estimator.
    names
        The estimators; all that are registered by default.
    quick
        Whether costly estimators meet few and small samples only.
    """

    families: tuple[str, ...] = tuple(FAMILIES)
    dimensions: tuple[int, ...] = (1, 2, 5, 10, 20)
    sizes: tuple[int, ...] = (100, 500, 2000)
    members: int = 2
    replicates: int = 10
    names: tuple[str, ...] | None = None
    quick: bool = False

    def __post_init__(self) -> None:
        unknown = [each for each in self.families if each not in FAMILIES]
        if unknown:
            raise InvalidInput(f"no family {unknown[0]!r}; there are {', '.join(FAMILIES)}")
        for name in self.names or ():
            find(name)
        for word in ("families", "dimensions", "sizes"):
            if not getattr(self, word):
                raise InvalidInput(f"the grid has no {word}")
        for word, values, least in (
            ("dimension", self.dimensions, 1),
            ("sample size", self.sizes, 2),
            ("number of truths", (self.members,), 1),
            ("number of replicates", (self.replicates,), 2),
        ):
            if min(values) < least:
                raise InvalidInput(f"the {word} {min(values)} is not accepted; from {least} on")

    @property
    def chosen(self) -> list[Estimator]:
        """The estimators of the grid."""
        return [find(name) for name in self.names or tuple(estimators())]

    def fitting(self, dimension: int, n: int, replicate: int) -> list[str]:
        """Names of the estimators that are given this sample."""
        return [
            each.name
            for each in self.chosen
            if each.dimension in (None, dimension)
            and each.fewest <= n <= each.largest
            and not (self.quick and each.costly and (n > _COSTLY or replicate >= _FEW))
        ]

    def samples(self) -> Iterator[tuple[str, int, int, int, int]]:
        """(family, dimension, member, n, replicate) of every sample, cheap ones first."""
        for n in sorted(self.sizes):
            for dimension in sorted(self.dimensions):
                for family in self.families:
                    for member in range(self.members):
                        for replicate in range(self.replicates):
                            yield family, dimension, member, n, replicate


QUICK = Grid(
    families=("gaussian", "tanh", "ridge-8", "kinked", "mixture"),
    dimensions=(2, 10),
    sizes=(100, 400),
    members=1,
    replicates=5,
    quick=True,
)
"""What ``collapse bench --quick`` measures."""


def own_truth(pair: Truth, method: Estimator) -> float | None:
    """The estimator's own functional of the two laws, where it is known."""
    if method.functional == "squared_w2":
        return pair.squared_w2
    if pair.gaussian is None:
        return None
    mean_x, cov_x, mean_y, cov_y = pair.gaussian
    if method.functional == "sliced_squared_w2":
        return sliced_squared_w2(mean_x, cov_x, mean_y, cov_y)
    forms = {"entropic_ot": entropic_ot, "sinkhorn_divergence": sinkhorn_divergence}
    if method.functional not in forms:
        return None
    ratio = inspect.signature(method.method).parameters["ratio"].default
    shift = float(np.sum((mean_x - mean_y) ** 2))
    epsilon = ratio * (shift + float(np.trace(cov_x) + np.trace(cov_y)))
    return forms[method.functional](mean_x, cov_x, mean_y, cov_y, epsilon=epsilon)


def measure(
    family: str,
    dimension: int,
    member: int,
    n: int,
    replicate: int,
    names: tuple[str, ...],
    salt: str,
) -> list[dict[str, Any]]:
    """Draw one sample and give it to estimators, on one thread.

    Returns
    -------
    list of dict
        One row for each estimator, of plain values; a failure has ``value`` None.
    """
    pair = truth(family, dimension, member)
    place = {"dimension": dimension, "member": member, "n": n, "replicate": replicate}
    draw = pair.sample(Stream(salt, family, place, "sample").generator(), n, n)
    control = draw.control(pair.squared_w2)
    rows = []
    for name in names:
        method = find(name)
        rng = Stream(salt, family, {**place, "estimator": name}, "method").generator()
        with threadpool_limits(1), warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            found = method(draw.x, draw.y, rng=rng)
        rows.append(
            {
                "family": family,
                **place,
                "estimator": name,
                "functional": method.functional,
                "value": None if found.failed else found.value,
                "converged": found.converged,
                "marginal_error": found.marginal_error,
                "lower_bound": found.lower_bound,
                "seconds": found.seconds,
                "note": found.note,
                "warnings": len(heard),
                "control": control,
                "squared_w2": pair.squared_w2,
                "own_truth": own_truth(pair, method) if replicate == 0 else None,
            }
        )
    return rows
