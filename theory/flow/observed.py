"""Raw numbers of a finite run by the expansion: logarithm of the trace, squared distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from theory.flow.expansion import Fluctuations, Observable
from theory.flow.onward import PAST, onward
from theory.flow.population import Path
from theory.vocabulary import Replace

Floats = NDArray[np.float64]

# Largest error of a mean logarithm, by rounding, that is let through.
ROUNDING = 1e-4


def _size(flow: Path) -> Floats:
    return np.array([float(each.sample_size or np.inf) for each in flow.bundle.problems])


def _together(states: Fluctuations, times: NDArray[np.intp]) -> Fluctuations:
    """Fluctuations at several generations, as rows: those of one problem follow each other."""

    def rows(word: str) -> Floats:
        value = np.swapaxes(getattr(states, word)[times], 0, 1)
        return value.reshape(-1, *value.shape[2:])

    return Fluctuations(*(rows(word) for word in Fluctuations.__dataclass_fields__))


def log_trace(flow: Path, states: Fluctuations, times: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Mean and deviation over runs of the logarithm of the raw trace, shape (rows, times).

    Where rounding ate it, what constant gains lead to (`theory.flow.onward`); NaN if the gains were
    not constant yet.
    """
    mean, deviation, error = _log_trace(flow, states, times)
    if not (error > ROUNDING).any():
        return mean, deviation
    every = np.arange(times[-1] + 1)
    *values, error = _log_trace(flow, states, every)
    for row in np.flatnonzero((error > ROUNDING).any(axis=1)):
        last = int((error[row] > ROUNDING).argmax()) - 1
        seen = np.stack([mean[row], deviation[row]])
        seen[:, times > last] = np.nan
        begin = max(last + 1 - PAST, 0)
        onward(seen, times, last, np.stack([each[row, begin : last + 1] for each in values]))
        mean[row], deviation[row] = seen
    return mean, deviation


def _log_trace(
    flow: Path, states: Fluctuations, times: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats]:
    """The same without that, and the error by rounding where the pool is replaced."""
    state, count = _together(states, times), times.size
    k, n = np.repeat(flow.bundle.window.k, count), np.repeat(_size(flow), count)
    trace, base = _trace(flow, times)
    # Where the pool is replaced, ratios to the population path stay small and levels do not.
    ratios = np.array([isinstance(each.workflow, Replace) for each in flow.bundle.problems])
    ratios = np.repeat(ratios, count)
    shift, first = trace.shift(state, k) / n, trace.first_spread(state) / n
    variance = first + trace.second_spread(state, k) / n**2
    with np.errstate(invalid="ignore", divide="ignore"):
        corrected = 1 + shift
        by_level = np.log(corrected) - 0.5 * variance / corrected**2
        mean = base + np.where(ratios, shift - 0.5 * first, by_level)
        deviation = np.sqrt(np.where(ratios, first, variance / corrected**2))
    error = np.where(ratios, _lost(state, k) / n, 0.0)
    return mean.reshape(-1, count), deviation.reshape(-1, count), error.reshape(-1, count)


def distance(
    flow: Path, states: Fluctuations | None, times: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats]:
    """The raw squared distance of the mean: population law, mean and deviation over runs; each of
    shape (rows, times), NaN where rounding ate the correction."""
    seen, count = _distance(flow, times), times.size
    value = seen.value.reshape(-1, count)
    if states is None:
        return value, value, np.zeros_like(value)
    state = _together(states, times)
    k, n = np.repeat(flow.bundle.window.k, count), np.repeat(_size(flow), count)
    replaces = [isinstance(each.workflow, Replace) for each in flow.bundle.problems]
    ratios = np.repeat(np.array(replaces), count)
    spread = seen.first_spread(state) / n
    spread = spread + np.where(ratios, 0.0, seen.second_spread(state, k) / n**2)
    lost = ratios & (_lost(state, k) * seen.linear[:, 0] / n > ROUNDING * seen.value)
    mean = np.where(lost, np.nan, seen.value + seen.shift(state, k) / n)
    deviation = np.where(lost, np.nan, np.sqrt(spread))
    return value, mean.reshape(-1, count), deviation.reshape(-1, count)


def log_det(flow: Path, states: Fluctuations, times: NDArray[np.intp]) -> tuple[Floats, ...]:
    """The logarithm of the determinant of the whitened covariance: population law, mean and
    deviation over runs; shape (rows, times). The quadratic part of the mean is half the mean square
    of all entries of the covariance, and the square of the first moments."""
    state, count = _together(states, times), times.size
    k, n = np.repeat(flow.bundle.window.k, count), np.repeat(_size(flow), count)
    base = flow.log_along[:, times].ravel() + k * flow.log_across[:, times].ravel()
    ones = np.ones_like(k)
    g = np.stack([0 * ones, ones, k], axis=1)
    scalar, vector = state.scalar, state.vector
    square = scalar[:, 1, 1] + 2 * k * vector[:, 1, 1] + k * scalar[:, 2, 2]
    square = square + (k + 2) * (k - 1) * state.tensor
    lift = (g * state.shift).sum(axis=1) - scalar[:, 0, 0] - k * vector[:, 0, 0] - 0.5 * square
    spread = np.einsum("ra,rab,rb->r", g, scalar, g)
    found = base, base + lift / n, np.sqrt(np.maximum(spread, 0.0) / n)
    return tuple(each.reshape(-1, count) for each in found)


def log_trace_over_time(flow: Path, states: Fluctuations, times: NDArray[np.intp]) -> Floats:
    """Covariance over runs of the logarithm of the raw trace at several generations, to first order
    in 1/n; shape (rows, times, times)."""
    rows, count = len(flow.bundle.problems), times.size
    found = np.zeros((rows, count, count))
    scalar, vector, tensor = (np.zeros((rows, *shape, count)) for shape in ((3,), (2,), ()))
    last = 0
    for i, t in enumerate(times):
        for s in range(last + 1, t + 1):
            scalar, vector = states.carry_scalar[s] @ scalar, states.carry_vector[s] @ vector
            tensor = states.carry_tensor[s, :, None] * tensor
        here, last = _trace(flow, np.array([t]))[0], int(t)
        mixed, traceless = np.sqrt(here.mixed[:, 1]), np.sqrt(here.traceless)
        scalar[:, :, i] = (states.scalar[t] @ here.linear[:, :, None])[:, :, 0]
        vector[:, :, i] = states.vector[t][:, :, 1] * mixed[:, None]
        tensor[:, i] = states.tensor[t] * traceless
        row = np.einsum("ra,rai->ri", here.linear, scalar) + mixed[:, None] * vector[:, 1]
        found[:, i] = row + traceless[:, None] * tensor
    # Later columns were empty when a row was written.
    lower = np.tril(np.ones((count, count), dtype=bool))
    return np.where(lower, found, np.swapaxes(found, 1, 2)) / _size(flow)[:, None, None]


def _lost(state: Fluctuations, k: Floats) -> Floats:
    """n times the rounding error of the corrections, relative to the trace.

    Where Replace stops short of the target, the model shrinks while the place of its mean stays
    uncertain: in units of the model the fluctuations of the place grow exponentially, and they
    cancel from the trace only up to rounding.
    """
    place = state.scalar[:, 0, 0] + k * state.vector[:, 0, 0]
    return np.asarray(np.nan_to_num(8 * np.finfo(float).eps * place, nan=np.inf))


def _weights(flow: Path, count: int) -> tuple[Floats, ...]:
    """k, and the weights of the trace, once for each of `count` generations."""
    words = ("trace_along", "weight_across", "trace_mixed", "trace_traceless")
    rows = flow.bundle.problems
    given = [np.maximum(flow.bundle.window.k, 1.0)]
    given += [np.array([getattr(each, word) for each in rows]) for word in words]
    return tuple(np.repeat(each, count) for each in given)


def _trace(flow: Path, times: NDArray[np.intp]) -> tuple[Observable, Floats]:
    """The raw trace over its population value, and the logarithm of that value; rows as in
    `_together`."""
    base = flow.log_trace[:, times].ravel()
    along = np.exp(flow.log_along[:, times].ravel() - base)
    across = np.exp(flow.log_across[:, times].ravel() - base)
    k, on, off, mixed, uneven = _weights(flow, times.size)
    nothing = np.zeros_like(base)
    return (
        Observable(
            value=np.ones_like(base),
            linear=np.stack([nothing, on * along, off * across], axis=1),
            mixed=np.stack([nothing, 4 * mixed * along * across], axis=1),
            traceless=2 * uneven * across**2,
            along=-on * along,
            across=-off * across / k,
            uneven=uneven * across**2,
        ),
        base,
    )


def _distance(flow: Path, times: NDArray[np.intp]) -> Observable:
    """The raw squared distance of the mean from the true mean."""
    along, across = (np.exp(x[:, times].ravel()) for x in (flow.log_along, flow.log_across))
    moved = (flow.bundle.distance[:, None] - flow.gap[:, times]).ravel()
    k, on, off, mixed, uneven = _weights(flow, times.size)
    nothing = np.zeros_like(along)
    return Observable(
        value=on * moved**2,
        linear=np.stack([2 * on * moved * np.sqrt(along), nothing, nothing], axis=1),
        mixed=np.stack([4 * moved**2 * mixed * across, nothing], axis=1),
        traceless=nothing,
        along=on * along,
        across=off * across / k,
        uneven=uneven * across**2,
    )
