"""What runs record, from the laws of their models: trace, determinant, where the mean has gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from theory.flow.law import WEIGHTS, Law, points, tilted
from theory.flow.origin import Origin, moved, weighted
from theory.flow.pace import between
from theory.flow.population import Bundle
from theory.flow.wishart import shape_moments

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Recorded:
    """Means and deviations over runs, of shape (rows, laws): of the logarithm of the raw trace, of
    the raw squared distance of the mean from the true mean, and of the logarithm of the determinant
    of the whitened covariance."""

    log_trace: Floats
    log_trace_sd: Floats
    distance: Floats
    distance_sd: Floats
    log_det: Floats
    log_det_sd: Floats

    def at(self, seen: NDArray[np.intp], times: NDArray[np.intp]) -> Recorded:
        """The same at generations `times`, from those of the generations `seen`."""
        values = np.concatenate([getattr(self, each.name) for each in fields(self)])
        return Recorded(*np.split(between(seen, values, times), len(fields(self))))


def recorded(laws: Sequence[Law], bundle: Bundle) -> Recorded:
    """What is recorded of problems whose laws are known, one law a generation."""
    count, problems = len(laws), bundle.problems

    def column(word: str) -> Floats:
        return np.tile([float(getattr(each, word)) for each in problems], count)

    law = Law(
        np.concatenate([each.mean for each in laws]),
        np.concatenate([each.covariance for each in laws]),
        np.concatenate([each.uneven for each in laws]),
        np.concatenate([each.bend for each in laws]),
        Origin(
            np.concatenate([each.origin.mean for each in laws]),
            np.concatenate([each.origin.slope for each in laws]),
        ),
    )
    k = np.tile(bundle.window.k, count)
    batch = next((each.uneven for each in laws if each.uneven.any()), laws[0].uneven)
    first = np.tile(batch, count)
    x = points(law)
    m, place = tilted(x, k, law.uneven), law.origin.at(x - law.mean)
    words = ("trace_along", "weight_across", "trace_mixed", "trace_traceless")
    weights = np.stack([column(word) for word in words])
    trace, apart = weighted(m, place, k, weights)
    apart = apart / trace**2
    logs, spread = _overall(np.log(trace) - apart / 2, apart)
    distance, square = _overall(*moved(m, place, k, weights, column("distance")))
    log_det, scatter = _overall(*_determinant(x, k, law.uneven, first))
    values = logs, np.sqrt(spread), distance, np.sqrt(square), log_det, np.sqrt(scatter)
    return Recorded(*(each.reshape(count, -1).T for each in values))


def _determinant(x: Floats, k: Floats, uneven: Floats, first: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of log det at each point: of the first axis, of the second given it, and of
    the rest given both.

    The shape of the rest is seen to second order. Beyond that its logarithm has what the `first`
    batch has, a Wishart matrix of so many degrees, as far as it is remembered: batches multiply the
    model, so that orders add up batch by batch, and later ones count by the third power of their
    weight and less.
    """
    rest = np.maximum(k - 1, 0.0)
    number = 0.5 * (rest + 2) * (rest - 1) * (rest > 1)
    mean, variance = shape_moments(first, rest)
    memory = np.minimum(uneven / np.where(first > 0, first, 1.0), 1.0)
    mean = np.sqrt(memory) * (mean + number * first) - number * uneven
    return x[..., 1] + x[..., 2] + rest * x[..., 3] + mean, memory * variance + 0 * x[..., 1]


def _overall(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Mean and variance over the points, from those at each point."""
    middle = np.einsum("p,pr->r", WEIGHTS, mean)
    spread = np.einsum("p,pr->r", WEIGHTS, (mean - middle) ** 2 + variance)
    return middle, np.maximum(spread, 0.0)
