"""Rules compared with random selection, replicate by replicate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from numerics.silos.campaign import Block
from numerics.silos.digits import MEASURES, Score

BASELINE = "random"


@dataclass(frozen=True)
class Difference:
    """A paired difference to random selection, over replicates.

    Attributes
    ----------
    mean, half : float
        Mean, and half the length of its 95 % interval (Student's t over replicates).
    """

    mean: float
    half: float

    @property
    def sign(self) -> str:
        """``"below"`` or ``"above"`` random, or ``"undecided"`` if the interval holds zero."""
        if self.mean + self.half < 0:
            return "below"
        return "above" if self.mean - self.half > 0 else "undecided"


@dataclass(frozen=True)
class Cell:
    """One split, generator and rule, over replicates."""

    split: str
    generator: str
    rule: str
    mean: Score
    half: Score
    difference: Difference
    path: tuple[float, ...]


def paired(values: Sequence[float], baseline: Sequence[float]) -> Difference:
    """Mean paired difference with its 95 % interval.

    Examples
    --------
    >>> paired([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]).sign
    'below'
    """
    steps = np.asarray(values, dtype=float) - np.asarray(baseline, dtype=float)
    return Difference(float(steps.mean()), half_length(steps))


def half_length(values: Sequence[float] | np.ndarray[Any, Any]) -> float:
    """Half the length of Student's 95 % interval for a mean."""
    array = np.asarray(values, dtype=float)
    error = array.std(ddof=1) / np.sqrt(len(array))
    return float(stats.t.ppf(0.975, len(array) - 1) * error)


def cells(found: Sequence[Block]) -> Iterator[Cell]:
    """Summarise blocks: one cell for each split, generator and rule, in the order found."""
    groups: dict[tuple[str, str], list[Block]] = {}
    for block in found:
        groups.setdefault((block.split, block.generator), []).append(block)
    for (split, generator), group in groups.items():
        for rule in group[0].runs:
            scores = [block.runs[rule].score for block in group]
            table = {word: [getattr(each, word) for each in scores] for word in MEASURES}
            baseline = [block.runs[BASELINE].score.frechet for block in group]
            paths = np.array([block.runs[rule].frechet for block in group])
            yield Cell(
                split,
                generator,
                rule,
                Score(**{word: float(np.mean(values)) for word, values in table.items()}),
                Score(**{word: half_length(values) for word, values in table.items()}),
                paired(table["frechet"], baseline),
                tuple(paths.mean(axis=0).tolist()),
            )
