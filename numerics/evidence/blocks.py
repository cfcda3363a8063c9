"""Draws in pieces that fit the cache, and the logarithm of a long product."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BLOCK = 32_768
GROUP = 16


@dataclass(frozen=True)
class Block:
    """A piece of the draws: as drawn, and in increasing order (sorted once, for every user)."""

    draws: Array

    @cached_property
    def ordered(self) -> Array:
        """The same draws in increasing order."""
        return np.sort(self.draws)


def blocks(draws: Array) -> Iterator[Block]:
    """Cut an array of draws into blocks.

    Examples
    --------
    >>> [block.draws.size for block in blocks(np.zeros(40_000))]
    [32768, 7232]
    """
    for start in range(0, draws.size, BLOCK):
        yield Block(draws[start : start + BLOCK])


class EvidenceProcess(Protocol):
    """An e-process: under its null its expectation is at most 1 at every stopping time."""

    def add(self, block: Block) -> None:
        """Take a block of draws into account."""

    def log_e(self, side: int) -> float:
        """Log of the evidence that the mean is above (+1) or below (-1) what the null says."""

    def sharpened(self, side: int) -> EvidenceProcess:
        """Return a fresh process, its bets tuned by what this one saw, for independent draws."""


def log_product(factors: Array) -> float:
    """Return the log of a product of factors >= 0, with one logarithm for every 16 of them.

    A logarithm costs ten times a multiplication. A group that overflows or underflows is
    multiplied again in logarithms; a factor 0 gives ``-inf``.

    Examples
    --------
    >>> round(log_product(np.full(20, 10.0)), 9), round(log_product(np.full(32, 1e200)), 9)
    (46.05170186, 14736.544595162)
    """
    grouped = factors.size // GROUP * GROUP
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        products = np.multiply.reduce(factors[:grouped].reshape(GROUP, -1), axis=0)
        # Subnormal products have lost digits: they count as underflow.
        if grouped and not (products.min() > 1e-290 and products.max() < math.inf):
            return float(np.log(factors).sum())
        return float(np.log(products).sum() + np.log(factors[grouped:]).sum())


def log_mean_exp(logs: Array, weights: Array) -> float:
    """Return log(sum of weights * exp(logs)) without overflow; ``+inf`` and ``-inf`` are kept.

    Examples
    --------
    >>> log_mean_exp(np.array([1000.0, 1000.0]), np.array([0.5, 0.5]))
    1000.0
    """
    top = float(np.max(logs))
    if math.isinf(top):
        return top
    return top + math.log(float(np.sum(weights * np.exp(logs - top))))
