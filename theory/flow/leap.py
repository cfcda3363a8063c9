"""Many generations of the population flow at once, where batches accumulate.

Moments of a kept point in units of its model are smooth in log t. They are found at the ends of
leaps, and between by the polynomial in ``log(t + 1)`` through several ends; what the pool makes of
them follows generation by generation. Where the polynomial did not foresee the end of a leap nearly
to rounding, the leap is not taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from theory.flow.ball import Kept, Window, keep
from theory.flow.state import State, far_or_near

Floats = NDArray[np.float64]

ORDER = 6  # ends that a polynomial goes through
PACE = 0.05  # of t, the length of a leap from t on
SURE = 1e-7  # what is missed at the end of a leap that is taken
NEAR = 0.2  # what may change in a leap that is tried
LEAST = -600.0  # logarithm of a variance
ROUNDS = 6  # in which the ridge, which is relative to the model, is found: each gains PACE


def values(kept: Kept) -> Floats:
    """What is smooth in log t: mean, logarithms of the second moments, `near`; (4, rows)."""
    return np.stack([kept.mean, np.log(kept.along), np.log(kept.across), kept.near])


def polynomial(seen: NDArray[np.intp], times: NDArray[np.intp]) -> Floats:
    """Weights (times, seen) of the polynomial in log(t + 1) through what was seen."""
    place, asked = np.log(seen + 1.0), np.log(times + 1.0)
    apart = place[:, None] - place
    np.fill_diagonal(apart, 1.0)
    steps = asked[:, None] - place
    others = np.where(np.eye(seen.size) > 0, 1.0, steps[:, None, :])
    return np.asarray(others.prod(axis=2) / apart.prod(axis=1))


def foreseen(seen: Sequence[int], found: Sequence[Floats], times: NDArray[np.intp]) -> Floats:
    """Values of `values` at `times`, (times, 4, rows)."""
    some = np.array(seen[-ORDER:])
    return np.tensordot(polynomial(some, times), np.stack(found[-ORDER:]), 1)


def weights(ends: NDArray[np.intp], times: NDArray[np.intp]) -> Floats:
    """Weights (times, ends) with which values at `times` follow from those at the ends of leaps,
    as they do in `leap`."""
    result = np.zeros((times.size, ends.size))
    right = np.searchsorted(ends, times)
    for i in np.unique(right):
        some, first = right == i, max(i + 1 - ORDER, 0)
        if (ends[i] == times[some]).all():
            result[some, i] = 1.0
        else:
            result[some, first : i + 1] = polynomial(ends[first : i + 1], times[some])
    return result


def leap(
    window: Window,
    ridge: Floats,
    state: State,
    span: NDArray[np.intp],
    past: tuple[Sequence[int], Sequence[Floats]],
) -> tuple[Floats, Floats] | None:
    """The generations `span` from the model of the first, `state`; None if it is not sure.

    Returns what was found there, as in `foreseen`, and the models after each: gap and logarithms of
    the variances, (3, span, rows). `past` are the ends of leaps before and what was found there.
    """
    lowest = min(float(state.log_along.min()), float(state.log_across.min()))
    if len(past[0]) < ORDER or lowest < LEAST:
        return None
    line = window.k == 0
    guess = foreseen(*past, span)
    if not (np.abs(guess - past[1][-1]) < NEAR * (1 + np.abs(guess))).all():
        return None
    after = _walked(state, guess, span, ridge, line)
    delta, ratio = far_or_near(*after[:, -2])
    end = values(keep(window, delta, ratio, guess[-1, 3]))
    if not (np.abs(end - guess[-1]) < SURE * (1 + np.abs(end))).all():
        return None
    ends = [*past[0][1 - ORDER :], int(span[-1])], [*past[1][1 - ORDER :], end]
    found = foreseen(*ends, span)
    return found, _walked(state, found, span, ridge, line)


def _walked(
    state: State, found: Floats, span: NDArray[np.intp], ridge: Floats, line: NDArray[np.bool_]
) -> Floats:
    """The models after each generation, (3, span, rows)."""
    mean, along, across, _ = np.moveaxis(found, 1, 0)
    fresh = 1 / (span[:, None] + 1.0)
    move = fresh * mean
    grown = np.stack([fresh * np.expm1(along) - move**2, fresh * np.expm1(across)])
    first = np.stack([state.log_along, state.log_across])[:, None]
    logs = first + np.cumsum(np.log1p(grown), axis=1)
    if ridge.any():
        for _ in range(ROUNDS):
            before = np.concatenate([first, logs[:, :-1]], axis=1)
            logs = first + np.cumsum(np.log1p(grown + fresh * ridge * np.exp(-before)), axis=1)
    log_along, log_across = logs[0], np.where(line, logs[0], logs[1])
    deviation = np.exp(0.5 * np.concatenate([first[0], log_along[:-1]]))
    gap = np.maximum(state.gap - np.cumsum(deviation * move, axis=0), 0.0)
    return np.stack([gap, log_along, log_across])
