"""Raw numbers of a finite run by the expansion: logarithm of the trace, squared distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from theory.flow.expansion import Fluctuations, Observable
from theory.flow.population import Path
from theory.vocabulary import Replace

Floats = NDArray[np.float64]

# Largest error of a mean logarithm, by rounding, that is let through.
ROUNDING = 1e-3


def _size(flow: Path) -> Floats:
    return np.array([float(each.sample_size or np.inf) for each in flow.bundle.problems])


def log_trace(flow: Path, state: Fluctuations, t: int) -> tuple[Floats, Floats]:
    """Mean and deviation over runs of the logarithm of the raw trace; NaN where rounding ate it."""
    k, n = flow.bundle.window.k, _size(flow)
    trace, base = _trace(flow, t)
    # Where the pool is replaced, ratios to the population path stay small and levels do not.
    ratios = np.array([isinstance(each.workflow, Replace) for each in flow.bundle.problems])
    shift, first = trace.shift(state, k) / n, trace.first_spread(state) / n
    variance = first + trace.second_spread(state, k) / n**2
    with np.errstate(invalid="ignore", divide="ignore"):
        corrected = 1 + shift
        by_level = np.log(corrected) - 0.5 * variance / corrected**2
        mean = base + np.where(ratios, shift - 0.5 * first, by_level)
        deviation = np.sqrt(np.where(ratios, first, variance / corrected**2))
    lost = ratios & (_lost(state, k) / n > ROUNDING)
    return np.where(lost, np.nan, mean), np.where(lost, np.nan, deviation)


def distance(flow: Path, state: Fluctuations | None, t: int) -> tuple[Floats, Floats, Floats]:
    """The raw squared distance of the mean: population law, mean and deviation over runs.

    NaN where rounding ate the correction.
    """
    seen = _distance(flow, t)
    if state is None:
        return seen.value, seen.value, np.zeros_like(seen.value)
    k, n = flow.bundle.window.k, _size(flow)
    ratios = np.array([isinstance(each.workflow, Replace) for each in flow.bundle.problems])
    spread = seen.first_spread(state) / n
    spread = spread + np.where(ratios, 0.0, seen.second_spread(state, k) / n**2)
    lost = ratios & (_lost(state, k) * seen.linear[:, 0] / n > ROUNDING * seen.value)
    mean = np.where(lost, np.nan, seen.value + seen.shift(state, k) / n)
    return seen.value, mean, np.where(lost, np.nan, np.sqrt(spread))


def log_trace_over_time(flow: Path, states: list[Fluctuations], times: NDArray[np.intp]) -> Floats:
    """Covariance over runs of the logarithm of the raw trace at several generations, to first order
    in 1/n; shape (rows, times, times)."""
    rows, count = len(flow.bundle.problems), times.size
    found = np.zeros((rows, count, count))
    scalar, vector, tensor = (np.zeros((rows, *shape, count)) for shape in ((3,), (2,), ()))
    last = 0
    for i, t in enumerate(times):
        for state in states[last + 1 : t + 1]:
            scalar, vector = state.carry_scalar @ scalar, state.carry_vector @ vector
            tensor = state.carry_tensor[:, None] * tensor
        here, state, last = _trace(flow, int(t))[0], states[t], int(t)
        mixed, traceless = np.sqrt(here.mixed[:, 1]), np.sqrt(here.traceless)
        scalar[:, :, i] = (state.scalar @ here.linear[:, :, None])[:, :, 0]
        vector[:, :, i] = state.vector[:, :, 1] * mixed[:, None]
        tensor[:, i] = state.tensor * traceless
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


def _trace(flow: Path, t: int) -> tuple[Observable, Floats]:
    """The raw trace over its population value, and the logarithm of that value."""
    rows = flow.bundle.problems
    base = flow.log_trace[:, t]
    along = np.exp(flow.log_along[:, t] - base)
    across = np.exp(flow.log_across[:, t] - base)
    k = np.maximum(flow.bundle.window.k, 1.0)
    on, off = (np.array([getattr(p, w) for p in rows]) for w in ("trace_along", "weight_across"))
    mixed = np.array([p.trace_mixed for p in rows])
    uneven = np.array([p.trace_traceless for p in rows])
    nothing = np.zeros(len(rows))
    return (
        Observable(
            value=np.ones(len(rows)),
            linear=np.stack([nothing, on * along, off * across], axis=1),
            mixed=np.stack([nothing, 4 * mixed * along * across], axis=1),
            traceless=2 * uneven * across**2,
            along=-on * along,
            across=-off * across / k,
            uneven=uneven * across**2,
        ),
        base,
    )


def _distance(flow: Path, t: int) -> Observable:
    """The raw squared distance of the mean from the true mean."""
    rows = flow.bundle.problems
    along, across = np.exp(flow.log_along[:, t]), np.exp(flow.log_across[:, t])
    moved = flow.bundle.distance - flow.gap[:, t]
    k = np.maximum(flow.bundle.window.k, 1.0)
    on, off = (np.array([getattr(p, w) for p in rows]) for w in ("trace_along", "weight_across"))
    mixed = np.array([p.trace_mixed for p in rows])
    uneven = np.array([p.trace_traceless for p in rows])
    nothing = np.zeros(len(rows))
    return Observable(
        value=on * moved**2,
        linear=np.stack([2 * on * moved * np.sqrt(along), nothing, nothing], axis=1),
        mixed=np.stack([4 * moved**2 * mixed * across, nothing], axis=1),
        traceless=nothing,
        along=on * along,
        across=off * across / k,
        uneven=uneven * across**2,
    )
