"""What runs record, from the laws of their models: the trace, and where the mean has gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from theory.flow.law import WEIGHTS, Law, points, tilted
from theory.flow.origin import Origin, moved, weighted
from theory.flow.pace import between
from theory.flow.population import Bundle

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Recorded:
    """Means and deviations over runs, of shape (rows, laws): of the logarithm of the raw trace, and
    of the raw squared distance of the mean from the true mean."""

    log_trace: Floats
    log_trace_sd: Floats
    distance: Floats
    distance_sd: Floats

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
    x = points(law)
    m, place = tilted(x, k, law.uneven), law.origin.at(x - law.mean)
    words = ("trace_along", "weight_across", "trace_mixed", "trace_traceless")
    weights = np.stack([column(word) for word in words])
    trace, apart = weighted(m, place, k, weights)
    apart = apart / trace**2
    logs, spread = _overall(np.log(trace) - apart / 2, apart)
    distance, square = _overall(*moved(m, place, k, weights, column("distance")))
    values = logs, np.sqrt(spread), distance, np.sqrt(square)
    return Recorded(*(each.reshape(count, -1).T for each in values))


def _overall(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Mean and variance over the points, from those at each point."""
    middle = np.einsum("p,pr->r", WEIGHTS, mean)
    spread = np.einsum("p,pr->r", WEIGHTS, (mean - middle) ** 2 + variance)
    return middle, np.maximum(spread, 0.0)
