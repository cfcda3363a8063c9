"""Runs that keep no old batch, whatever the metric and the ridge: the whole model, its law carried
on. The pool is replaced, or every fit sees fresh real points beside the kept ones.

Known of the law of a run are the mean and the covariance of its model, all entries of it, which
`theory.flow.middle` takes through one generation. Each generation starts from the middle of the law
(`theory.flow.centring`), and is written in the eigenbasis and the units of its model.

Where everything is replaced the losses of generations multiply: after n generations they are no
small correction of the population path. The middle of the law follows them. About the population
path the same terms are the first correction in 1/n; the two forms differ by 1/n^2, and by how much
is returned as `apart`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput
from theory.flow.following import NONE, White, carry_on
from theory.flow.problem import FlowProblem, checked_times
from theory.flow.seen import det_apart
from theory.vocabulary import FirstBatch, FreshReal, Replace

Floats = NDArray[np.float64]

# The second-order response weighs d^4 products.
LARGEST = 30
REPLACE = Replace()


@dataclass(frozen=True)
class ReplacedRuns:
    """Runs at chosen generations; arrays of shape (starts, generations).

    Attributes
    ----------
    population
        Logarithm of the raw trace, population law.
    log_trace, log_trace_sd
        Mean and standard deviation over runs of the logarithm of the raw trace; NaN from the
        generation on at which the law is out of reach, and not just of rounding (see `followed`).
    apart
        How far the first correction of the population path lies from `log_trace`.
    joint
        Covariance over runs of the logarithm of the raw trace at the generations `together`; shape
        (starts, together, together).
    distance_population, distance, distance_sd, distance_apart
        The same of the raw squared distance of the mean from the true mean.
    left
        How far the mean still is from the target, in deviations over runs of its place on that line
        (whitened); infinite where it does not vary.
    log_det_population, log_det, log_det_sd, log_det_apart
        As of the trace, of the logarithm of the determinant of the raw covariance; NaN where a fit
        has no more points than dimensions. What a batch's noise adds beyond the second order is
        that of a Gaussian batch (`theory.flow.wishart`). The last: `theory.flow.seen.det_apart`.
    followed
        Last generation at which the law itself was carried, one a start. Beyond it the place of the
        mean swamps the shape of the model by rounding. Where by then the logarithm of the trace
        gains the same from one generation to the next, it is continued so
        (`theory.flow.onward`): the values are the population flow's with constant gains.
    """

    population: Floats
    log_trace: Floats
    log_trace_sd: Floats
    apart: Floats
    joint: Floats
    distance_population: Floats
    distance: Floats
    distance_sd: Floats
    distance_apart: Floats
    left: Floats
    log_det_population: Floats
    log_det: Floats
    log_det_sd: Floats
    log_det_apart: Floats
    followed: NDArray[np.intp]


Start = tuple[ArrayLike, ArrayLike, ArrayLike]


def predict_replaced(
    starts: Sequence[Start],
    kept_fraction: float,
    sample_size: int,
    generations: ArrayLike,
    *,
    workflow: Replace | FreshReal = REPLACE,
    together: ArrayLike = (),
    metric: ArrayLike | None = None,
    ridge: float = 0.0,
    first_batch: FirstBatch = "generated",
) -> ReplacedRuns:
    """Predict runs that keep what is nearest to a target, and none of the batches before.

    Parameters
    ----------
    starts
        True mean (d,), true covariance (d, d) and target (d,) of each run, d from 2 to 30.
    kept_fraction, sample_size, first_batch
        As in `FlowProblem`.
    generations
        As in `predict`.
    workflow
        ``Replace()``, or ``FreshReal(fraction)`` with a fraction in (0, 1).
    together
        Increasing generations, none later than the last, whose covariance over time is found.
    metric
        The verifier keeps the points x of smallest ``(x - target)' metric^-1 (x - target)``;
        without a metric, the true covariance of each run. Shape (d, d).
    ridge
        Added to the raw covariance of every fit, times the identity.

    Raises
    ------
    InvalidInput
        If a shape or a value is wrong, or a kept ball is not found.

    Examples
    --------
    >>> start = [0, 0], [[4, 0], [0, 1]], [6, 0]
    >>> runs = predict_replaced([start], 0.1, 2000, [3, 50], ridge=1e-4)
    >>> runs.log_trace.round(3).tolist(), runs.log_trace_sd.round(3).tolist()
    ([[-2.704, -8.451]], [[0.039, 0.002]])
    """
    if not isinstance(workflow, Replace | FreshReal):
        raise InvalidInput(f"workflow {workflow.name} keeps batches; accepted: replace, fresh-real")
    if isinstance(workflow, FreshReal) and not 0 < float(workflow.fraction) < 1:
        raise InvalidInput(f"fraction = {workflow.fraction} of real points must lie in (0, 1)")
    white = [White.of(*start, metric) for start in starts]
    d = white[0].origin.size
    if any(each.origin.size != d for each in white) or not 2 <= d <= LARGEST:
        raise InvalidInput(f"starts must share one dimension from 2 to {LARGEST}")
    words = FlowProblem(
        workflow, d, 0.0, kept_fraction, sample_size, ridge=ridge, first_batch=first_batch
    )
    times = checked_times(generations)
    some = checked_times(together) if np.size(together) else NONE
    middle, joint, ends = carry_on(white, words, times, centred=True, together=some)
    about_path, _, _ = carry_on(white, words, times, centred=False, ends=ends)
    return ReplacedRuns(
        about_path.population,
        middle.log_trace,
        middle.log_trace_sd,
        np.abs(about_path.log_trace - middle.log_trace),
        joint,
        about_path.distance_population,
        middle.distance,
        middle.distance_sd,
        np.abs(about_path.distance - middle.distance),
        middle.left,
        about_path.log_det_population,
        middle.log_det,
        middle.log_det_sd,
        det_apart(
            middle, about_path, float(sample_size or np.inf), d, isinstance(workflow, FreshReal)
        ),
        ends,
    )
