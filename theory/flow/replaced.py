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
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput
from theory.flow.centring import Frame, recentred
from theory.flow.middle import Law, advance, parting
from theory.flow.onward import PAST, onward, together_onward
from theory.flow.problem import FlowProblem, checked_times, matrix, vector
from theory.flow.responses import pairs
from theory.flow.seen import Seen, det_apart, observe
from theory.vocabulary import FirstBatch, FreshReal, Replace

Floats = NDArray[np.float64]

# Out of reach: a generation that moves the middle of a variance by more than this share,
REACH = 0.5
# or a place of the mean, in units of the model, that swamps its shape up to this by rounding.
ROUNDING = 1e-4
# Real points make a model forget: what is seen is at rest where it changes by less, relatively.
REST = 1e-7
# The second-order response weighs d^4 products.
LARGEST = 30
NONE = np.zeros(0, dtype=np.intp)
REPLACE = Replace()
# Places, after the population laws, of what has a mean and a deviation that grow.
GROWING = (0, 6)


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
    white = [_White.of(*start, metric) for start in starts]
    d = white[0].origin.size
    if any(each.origin.size != d for each in white) or not 2 <= d <= LARGEST:
        raise InvalidInput(f"starts must share one dimension from 2 to {LARGEST}")
    words = FlowProblem(
        workflow, d, 0.0, kept_fraction, sample_size, ridge=ridge, first_batch=first_batch
    )
    times = checked_times(generations)
    some = checked_times(together) if np.size(together) else NONE
    middle, joint, ends = _carry_on(white, words, times, centred=True, together=some)
    about_path, _, _ = _carry_on(white, words, times, centred=False, ends=ends)
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


@dataclass(frozen=True)
class _White:
    """A start seen from its target, whitened by its metric."""

    root: Floats
    origin: Floats
    sigma: Floats
    load: Floats

    @classmethod
    def of(
        cls, mean: ArrayLike, covariance: ArrayLike, target: ArrayLike, metric: ArrayLike | None
    ) -> _White:
        centre = vector("mean", mean)
        d = centre.size
        sigma, goal = matrix("covariance", covariance, d), vector("target", target)
        if goal.size != d:
            raise InvalidInput(f"target has shape {goal.shape}, not ({d},)")
        scale = sigma if metric is None else matrix("metric", metric, d)
        root: Floats = np.asarray(np.linalg.cholesky(scale), dtype=float)
        unroot = np.linalg.inv(root)
        return cls(root, unroot @ (centre - goal), unroot @ sigma @ unroot.T, unroot @ unroot.T)


def _carry_on(
    white: Sequence[_White],
    words: FlowProblem,
    times: NDArray[np.intp],
    *,
    centred: bool,
    together: NDArray[np.intp] = NONE,
    ends: NDArray[np.intp] | None = None,
) -> tuple[Seen, Floats, NDArray[np.intp]]:
    """Every generation looked at, and the last that was reached: that of `ends`, if given."""
    root, origin, sigma, load = (
        np.stack([getattr(each, word) for each in white])
        for word in ("root", "origin", "sigma", "load")
    )
    load = words.ridge * load
    rows, d = origin.shape
    numbers = d + pairs(d)[0].size
    seen = np.full((len(fields(Seen)), rows, times.size), np.nan)
    law = Law(
        Frame.of(origin, sigma),
        np.zeros((rows, numbers, numbers)),
        np.zeros((rows, numbers)),
        np.zeros((rows, numbers, together.size)),
        np.zeros((rows, numbers)),
    )
    size = float(words.sample_size or np.inf)
    joint = np.full((rows, together.size, together.size), np.nan)
    alive, guess = np.arange(rows), None
    last = np.full(rows, times[-1]) if ends is None else ends
    trail: list[_Looked] = []
    pasts: dict[int, tuple[Floats, Floats]] = {}
    for t in range(int(times[-1]) + 1):
        looked, with_trace, weights = observe(root[alive], origin[alive], law, size)
        now = np.stack([getattr(looked, each.name) for each in fields(Seen)])
        if t in times:
            seen[:, alive, int(np.searchsorted(times, t))] = now
        place = int(np.searchsorted(together, t))
        if t in together:
            law.shared[:, :, place] = with_trace
        tied = (weights[:, None, :] @ law.shared[:, d:])[:, 0]
        if t in together:
            known = slice(place + 1)
            joint[alive, place, known] = joint[alive, known, place] = tied[:, known]
        trail = [*trail[1 - PAST :], (alive, now, tied)]
        if ends is not None:
            pasts |= {int(row): _past(trail, int(row)) for row in np.flatnonzero(ends == t)}
        if t == times[-1]:
            break
        if words.real_fraction and t >= together[-1:].max(initial=1) and _rest(trail):
            seen[:, alive, int(np.searchsorted(times, t)) :] = now[:, :, None]
            break
        law, guess = advance(law, words, t, load[alive], guess, (origin[alive], sigma[alive]))
        if centred:
            frame, shift, carry, stretch = recentred(law.frame, law.covariance, law.shift)
            law = law.turned(frame, shift, carry)
            wide = np.trace(law.covariance[:, :d, :d], axis1=1, axis2=2)
            clear = 8 * np.finfo(float).eps * wide < ROUNDING
            followed = stretch < REACH
            # A ridge or real points keep the size of the model, and all arrive in the end.
            if not (words.ridge or words.real_fraction):
                followed &= ~parting(law)
            near = followed & clear
            if not near.all():
                last[alive[~near]] = t
                lost = alive[~clear & followed]
                pasts |= {int(row): _past(trail, int(row)) for row in lost}
                alive, law = alive[near], law.rows(near)
                guess = None if guess is None else (guess[0][near], guess[1][near])
            if alive.size == 0:
                break
    for at, (past, tied) in pasts.items():
        onward(seen[2:, at], times, int(last[at]), past, GROWING)
        together_onward(joint[at], together, int(last[at]), past, tied)
    return Seen(*seen), joint, last


# Rows, what is seen of them, and how it varies with what was seen at the generations together.
_Looked = tuple[NDArray[np.intp], Floats, Floats]


def _rest(trail: Sequence[_Looked]) -> bool:
    """Whether nothing that is seen has changed in the last generations."""
    if len(trail) < PAST or any(each[0].size != trail[-1][0].size for each in trail):
        return False
    now = trail[-1][1]
    return all(
        (np.abs(now - old) <= REST * np.maximum(np.abs(now), 1)).all() for _, old, _ in trail
    )


def _past(trail: Sequence[_Looked], row: int) -> tuple[Floats, Floats]:
    """What was seen of a row in the last generations, the population law apart, (observables,
    generations); its last covariances with what was seen before."""
    places = [int(np.searchsorted(alive, row)) for alive, _, _ in trail]
    seen = [now[2:, place] for (_, now, _), place in zip(trail, places, strict=True)]
    return np.stack(seen, axis=1), trail[-1][2][places[-1]]
