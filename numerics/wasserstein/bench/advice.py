"""Which estimator to use, from the scores of a benchmark that was run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from numerics.wasserstein.bench.scores import Cell, Standing, front
from theory.errors import InvalidInput


@dataclass(frozen=True)
class Advice:
    """A recommendation and what it rests on.

    Attributes
    ----------
    chosen
        The most accurate estimator within the time, at the nearest place of the grid.
    seconds
        The time expected at the size that was asked for.
    others
        The rest, the most accurate first, with the expected time of each; those over the time
        are among them.
    sample_size, dimension
        The place of the grid that was nearest.
    outside
        Whether the question lies outside the grid, so that the answer extrapolates.
    """

    chosen: Standing
    seconds: float
    others: tuple[tuple[Standing, float], ...]
    sample_size: int
    dimension: int
    outside: bool


def recommend(found: Sequence[Cell], *, sample_size: int, dimension: int, seconds: float) -> Advice:
    """Recommend an estimator of W2^2 from scores.

    Parameters
    ----------
    found
        Scores of a benchmark.
    sample_size, dimension
        Of the samples at hand, both at least 1.
    seconds
        Time there is for one call, positive.

    Returns
    -------
    Advice
        Accuracy is that of the nearest place of the grid (on logarithmic scales, the dimension
        first: it matters more). The time is carried to the size asked for along the power of n
        between the two nearest sizes of the grid, or in proportion to n squared where there is
        only one.

    Raises
    ------
    InvalidInput
        For numbers out of range, no scores, or no estimator within the time.
    """
    for word, value in (("n", sample_size), ("d", dimension), ("time", seconds)):
        if not value > 0:
            raise InvalidInput(f"{word} = {value} is not accepted; accepted: positive numbers")
    if not found:
        raise InvalidInput("no scores to recommend from; run the benchmark first")
    near_d = min({cell.dimension for cell in found}, key=lambda d: abs(math.log(d / dimension)))
    here = [cell for cell in found if cell.dimension == near_d]
    sizes = sorted({cell.sample_size for cell in here})
    near_n = min(sizes, key=lambda n: abs(math.log(n / sample_size)))
    standings = front(here)
    table = {(each.estimator, each.sample_size): each for each in standings}
    rows = []
    for each in standings:
        # An estimator for the line alone is no advice elsewhere.
        if each.sample_size == near_n and (near_d == dimension or near_d != 1):
            rows.append((each, _time(each, table, sizes, sample_size)))
    within = [row for row in rows if row[1] <= seconds and math.isfinite(row[0].median_rmse)]
    if not within:
        least = min((row[1] for row in rows), default=math.inf)
        raise InvalidInput(
            f"no estimator is expected to take at most {seconds:g} s at n = {sample_size}, "
            f"d = {dimension}; the fastest takes about {least:.2g} s"
        )
    chosen = within[0]
    dimensions = {cell.dimension for cell in found}
    outside = not (
        sizes[0] <= sample_size <= sizes[-1] and min(dimensions) <= dimension <= max(dimensions)
    )
    others = tuple(row for row in rows if row is not chosen)
    return Advice(chosen[0], chosen[1], others, near_n, near_d, outside)


def _time(
    here: Standing, table: dict[tuple[str, int], Standing], sizes: Sequence[int], wanted: int
) -> float:
    power = 2.0
    rest = [n for n in sizes if n != here.sample_size and (here.estimator, n) in table]
    if rest:
        other = table[here.estimator, min(rest, key=lambda n: abs(math.log(n / wanted)))]
        gap = math.log(other.sample_size / here.sample_size)
        power = math.log(max(other.seconds, 1e-9) / max(here.seconds, 1e-9)) / gap
    return here.seconds * (wanted / here.sample_size) ** max(power, 0.0)
