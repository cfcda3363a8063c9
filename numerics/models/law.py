"""What a model's file provides: draw points of a fitted law, summarise them, fit a pool."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from theory.setting import Setting

Array = NDArray[np.float64]
#: What a fit needs of points; the last axis runs over replicates.
Statistics = tuple[Array, ...]
#: A quantity of each replicate, from the fitted parameter and the true one.
Measure = Callable[[Array, Array], Array]


class Law(ABC):
    """One model of one setting; the last axis of every array runs over replicates.

    Attributes
    ----------
    measures
        The model's quantities by name.
    """

    measures: ClassVar[Mapping[str, Measure]]

    @abstractmethod
    def __init__(self, setting: Setting) -> None:
        """Read the setting's parameters."""

    @property
    def width(self) -> int:
        """Numbers in one point."""
        return 1

    @abstractmethod
    def truth(self, count: int) -> Array:
        """Parameter of the true law, for `count` replicates."""

    @abstractmethod
    def points(self, rng: np.random.Generator, parameter: Array, n: int) -> Array:
        """Draw `n` points of the law with this parameter, along the first axis."""

    @abstractmethod
    def summary(self, points: Array) -> Statistics:
        """Statistics of points, from their definition."""

    @abstractmethod
    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        """Draw the statistics of `n` points at a cost that does not depend on `n`."""

    @abstractmethod
    def fit(self, statistics: Statistics, points: int) -> Array:
        """Parameter of maximum likelihood, from the statistics of so many points."""

    def value(self, quantity: str, parameter: Array, truth: Array) -> Array:
        """A quantity of every replicate, by name."""
        return self.measures[quantity](parameter, truth)

    def pooled(self, parts: Sequence[Statistics]) -> Statistics:
        """Statistics of several groups of points together."""
        return tuple(sum(each[1:], each[0]) for each in zip(*parts, strict=True))
