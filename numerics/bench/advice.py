"""Which estimator to use at one's n and d within one's time, from a grid that was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.bench.scores import Overall
from theory.errors import InvalidInput


@dataclass(frozen=True)
class Advice:
    """A recommendation, and what it is based on.

    Attributes
    ----------
    best
        The chosen estimator at the stored cell, or None if none is fast enough.
    seconds
        Its time, carried from the stored size to the asked one by the power law between the two
        stored sizes nearest to it.
    others
        The rest of the cell with their times, best first.
    basis
        One line: the cell, the truths, and how far it is from what was asked.
    """

    best: Overall | None
    seconds: float
    others: tuple[tuple[Overall, float], ...]
    basis: str


def predicted_seconds(lines: Sequence[Overall], n: int) -> float:
    """Time at size n from an estimator's times at stored sizes, by a power law.

    Examples
    --------
    >>> line = Overall("a", "squared_w2", 2, 100, 1, 0.1, 0.1, "f", 1.0, 0, 0)
    >>> larger = Overall(**{**line.__dict__, "n": 200, "seconds": 4.0})
    >>> round(predicted_seconds([line, larger], 400))
    16
    """
    known = sorted((line.n, max(line.seconds, 1e-7)) for line in lines)
    if len(known) == 1:
        # With one size only: as cautious as an exact method deserves.
        return known[0][1] * (n / known[0][0]) ** (3 if n > known[0][0] else 0)
    sizes = np.log([each for each, _ in known])
    times = np.log([each for _, each in known])
    at = int(np.clip(np.searchsorted(sizes, math.log(n)), 1, len(known) - 1))
    slope = (times[at] - times[at - 1]) / (sizes[at] - sizes[at - 1])
    return float(np.exp(times[at] + max(slope, 0) * (math.log(n) - sizes[at])))


def recommend(lines: Sequence[Overall], n: int, dimension: int, limit: float) -> Advice:
    """The most accurate estimator of squared_w2 (in the median over truths) that is in time.

    Parameters
    ----------
    lines
        What was measured, from `scores.overall`.
    n, dimension
        The user's.
    limit
        Seconds for one estimate.

    Returns
    -------
    Advice

    Raises
    ------
    InvalidInput
        If nothing was measured, or a number is not above 0.
    """
    if n < 1 or dimension < 1 or not limit > 0:
        raise InvalidInput(f"--n {n}, --d {dimension}, --time {limit}: accepted: above 0")
    usable = [line for line in lines if line.functional == "squared_w2"]
    if not usable:
        raise InvalidInput("the stored grid has no estimator of squared_w2")
    cell_d, cell_n = min(
        {(line.dimension, line.n) for line in usable},
        key=lambda cell: (abs(math.log(cell[0] / dimension)), abs(math.log(cell[1] / n)), cell),
    )
    timed = []
    for line in usable:
        if (line.dimension, line.n) != (cell_d, cell_n):
            continue
        same = [
            each for each in usable if each.estimator == line.estimator and each.dimension == cell_d
        ]
        timed.append((line, predicted_seconds(same, n)))
    # What fits one dimension only does not fit another, whatever the nearest cell is.
    timed = [
        (line, seconds) for line, seconds in timed if line.estimator != "sorted" or dimension == 1
    ]
    timed.sort(key=lambda pair: (pair[0].median_rmse, pair[1]))
    quick = [pair for pair in timed if pair[1] <= limit and math.isfinite(pair[0].median_rmse)]
    best = quick[0] if quick else None
    truths = max(line.truths for line, _ in timed)
    basis = f"measured at n = {cell_n}, d = {cell_d} on {truths} truths"
    far = [
        f"{word} = {asked} is {max(asked / stored, stored / asked):.1f} times away"
        for word, asked, stored in (("n", n, cell_n), ("d", dimension, cell_d))
        if max(asked / stored, stored / asked) > 1.5
    ]
    if far:
        basis += f"; {' and '.join(far)}: accuracy there is not measured"
    others = tuple(pair for pair in timed if pair is not best)
    return Advice(
        None if best is None else best[0], math.nan if best is None else best[1], others, basis
    )
