"""What is foreseen of runs that keep everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.curves import Curves, neglected
from numerics.prediction.foresight import Foreseen, distance_curves
from numerics.prediction.group import Group
from numerics.prediction.starts import Start
from theory.flow.cuberoot import POWER
from theory.unselected import trace_moments
from theory.unselected_det import det_moments
from theory.unselected_mean import distance_moments
from theory.vocabulary import Replace

Floats = NDArray[np.float64]
Times = NDArray[np.int64]


def unselected(group: Group, starts: Sequence[Start], times: Times, together: Times) -> Foreseen:
    """Runs that keep everything: exact moments of the trace, and of where the mean wanders."""
    last, size = int(times[-1]), group.sample_size
    seen = [trace_moments(group.workflow, s.covariance, size, last) for s in starts]
    wandered = [distance_moments(group.workflow, s.covariance, size, last) for s in starts]

    def rows(found: Sequence[Any], word: str) -> Floats:
        return np.stack([getattr(each, word)[times] for each in found])

    mean, population = rows(seen, "log_trace"), rows(seen, "log_mean")
    # A ridge adds its trace at every fit, and passes it on: at most t times where all is replaced.
    loads = np.array([[group.ridge * start.dimension] for start in starts]) * times
    ridge = np.log1p(loads / np.exp(population))
    own = neglected(mean - population, np.zeros_like(mean))
    # Without selection the steps are independent.
    passed = np.stack([np.cumsum(each.step_variation)[together] for each in seen])
    root = rows(wandered, "root")
    volumes = [det_moments(group.workflow, s.covariance, size, last) for s in starts]
    thin = np.stack([_thin(group, start, times) for start in starts])
    return Foreseen(
        Curves(0.0, mean, rows(seen, "log_trace_sd"), own, ridge),
        distance_curves(
            root, rows(wandered, "root_sd"), rows(wandered, "root_apart") / root / POWER, ridge
        ),
        Curves(0.0, rows(volumes, "mean"), rows(volumes, "deviation"), rows(volumes, "left"), thin),
        population,
        np.minimum(passed[:, :, None], passed[:, None, :]),
    )


def _thin(group: Group, start: Start, times: Times) -> Floats:
    """What a ridge adds to log det at most, in the mean: its sum over generations times the trace
    of the inverse, which grows as the smallest directions go (a fit of n points multiplies it by
    n / (n - d - 2); pooled fits, by little after the first)."""
    n, d = group.sample_size, start.dimension
    fits = times if isinstance(group.workflow, Replace) else np.minimum(times, 2)
    growth = np.minimum(fits * np.log(n / max(n - d - 2, 0.5)), 700.0)
    inverse = float(np.trace(np.linalg.inv(start.covariance)))
    return np.asarray(np.log1p(group.ridge * times * inverse * np.exp(growth)))
