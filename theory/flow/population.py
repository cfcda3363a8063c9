"""The population flow: what infinitely many kept points per generation do to the model.

One generation is linear in the raw moments of what is fitted,

    pool' = kept * pool + fresh * (kept batch) + real * (true law),

with ``(kept, fresh, real) = (0, 1, 0)`` for Replace, ``(1 - 1/t, 1/t, 0)`` where batches
accumulate (a subsample of the pool has the pool's moments) and ``(0, 1 - f, f)`` for fresh real
data. Moments are taken about the current mean and in its own units, so that nothing cancels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from theory.flow.ball import Kept, Window, keep
from theory.flow.leap import ORDER, PACE, foreseen, leap, values
from theory.flow.problem import FlowProblem
from theory.flow.state import State
from theory.vocabulary import FreshReal, Replace

Floats = NDArray[np.float64]

# Logarithm of the smallest variance that is still written as a number.
SMALLEST = -700.0


@dataclass(frozen=True)
class Bundle:
    """Problems side by side, one row each."""

    problems: tuple[FlowProblem, ...]
    window: Window
    accumulates: NDArray[np.bool_]
    real: Floats
    ridge: Floats
    distance: Floats
    along: Floats
    across: Floats
    whole_first: NDArray[np.bool_]

    @classmethod
    def of(cls, problems: Sequence[FlowProblem]) -> Bundle:
        """Stack problems of any workflows and dimensions."""

        def column(word: str) -> Floats:
            return np.array([float(getattr(each, word)) for each in problems])

        return cls(
            tuple(problems),
            Window.of(column("kept_fraction"), column("dimension")),
            np.array([not isinstance(each.workflow, Replace | FreshReal) for each in problems]),
            column("real_fraction"),
            column("ridge"),
            column("distance"),
            column("along"),
            column("across"),
            np.array([each.first_batch == "real" for each in problems]),
        )

    def weights(self, t: int | Floats) -> tuple[Floats, Floats]:
        """Weights of the pool and of the fresh batch in generation `t`, a number or one a row."""
        fresh = np.where(self.accumulates, 1.0 / t, 1.0 - self.real)
        return np.where(self.accumulates, 1.0 - 1.0 / t, 0.0), fresh


def start(bundle: Bundle) -> State:
    """The true law."""
    return State(bundle.distance.copy(), np.log(bundle.along), np.log(bundle.across))


def advance(
    bundle: Bundle, state: State, t: int, guess: Floats | None = None
) -> tuple[State, Kept, Floats]:
    """One generation: the fit `t` from the model of generation ``t - 1``.

    The ridge is in the model but not in the pool; generation 0 has none.

    Returns
    -------
    state
        The model of generation `t`.
    kept
        Moments of the kept points.
    move
        How far the mean moved, in the old deviations (the gap would not remember it).
    """
    kept = keep(bundle.window, state.delta, state.ratio, guess)
    mean, along, across = kept.mean, kept.along, kept.across
    if t == 1 and bundle.whole_first.any():
        mean = np.where(bundle.whole_first, 0.0, mean)
        along = np.where(bundle.whole_first, 1.0, along)
        across = np.where(bundle.whole_first, 1.0, across)
    old, fresh = bundle.weights(t)
    # What has shrunk below this no real point and no ridge has touched.
    held = np.maximum(state.log_along, SMALLEST)
    drop, shrink = np.exp(-held), np.exp(-np.maximum(state.log_across, SMALLEST))
    ridge = bundle.ridge if t > 1 else 0.0
    real = bundle.real
    deviation = np.exp(0.5 * held)
    move = fresh * mean
    second = old * (1 - ridge * drop) + fresh * along
    aside = old * (1 - ridge * shrink) + fresh * across
    if real.any():
        origin = (state.gap - bundle.distance) / deviation
        move = move + real * origin
        second = second + real * (bundle.along * drop + origin**2)
        aside = aside + real * bundle.across * shrink
    log_along = state.log_along + np.log(second - move**2 + bundle.ridge * drop)
    log_across = state.log_across + np.log(aside + bundle.ridge * shrink)
    # On a line there is nothing across; the ratio stays where floats can hold it.
    log_across = np.where(bundle.window.k > 0, log_across, log_along)
    gap = np.maximum(state.gap - deviation * move, 0.0)
    return State(gap, log_along, log_across), kept, move


@dataclass(frozen=True)
class Path:
    """The flow at every generation 0..T: shapes (rows, T + 1); `near` is of the ball that keeps
    points of the model of that generation and `move` how far the next mean lies, in its deviations,
    shape (rows, T). Kept points were looked for at the generations `found`; between these they are
    interpolated (`theory.flow.leap`)."""

    bundle: Bundle
    gap: Floats
    log_along: Floats
    log_across: Floats
    near: Floats
    move: Floats
    found: NDArray[np.intp]

    @cached_property
    def log_trace(self) -> Floats:
        """Logarithm of the raw trace, without underflow; shape (rows, T + 1)."""
        return log_trace(self.bundle, self.log_along, self.log_across)


def log_trace(bundle: Bundle, log_along: Floats, log_across: Floats) -> Floats:
    """Logarithm of the weighted trace of models, rows as in the bundle."""
    weights = np.array([[each.trace_along, each.weight_across] for each in bundle.problems])
    with np.errstate(divide="ignore"):
        logs = np.log(weights)
    return np.asarray(
        np.logaddexp(
            log_along + logs[:, :1].reshape(-1, *[1] * (log_along.ndim - 1)),
            log_across + logs[:, 1:].reshape(-1, *[1] * (log_along.ndim - 1)),
        )
    )


def path(bundle: Bundle, generations: int) -> Path:
    """Every generation up to `generations`; late ones in leaps, where all batches accumulate."""
    rows, leaping = len(bundle.problems), bool(bundle.accumulates.all())
    gap, along, across = models = np.empty((3, rows, generations + 1))
    near, move = np.empty((2, rows, generations))
    state, guess, lags = start(bundle), None, Lags(rows)
    models[:, :, 0] = state.gap, state.log_along, state.log_across
    seen: list[int] = []
    found: list[Floats] = []
    t, reach = 0, 1
    while t < generations:
        length = min(max(int(PACE * t), 1), reach, generations - t) if leaping else 1
        span = t + np.arange(length)
        past = seen, found
        taken = leap(bundle.window, bundle.ridge, state, span, past) if length > 1 else None
        if taken is None:
            reach = max(length // 2, 1) if length > 1 else reach + 1
            if leaping and len(found) >= ORDER:
                guess = foreseen(seen, found, span[:1])[0, 3]
            before = state
            state, kept, move[:, t] = advance(bundle, state, t + 1, guess)
            near[:, t], last = kept.near, values(kept)
            guess = lags.next(before, state, kept.near)
            t += 1
            models[:, :, t] = state.gap, state.log_along, state.log_across
        else:
            here, after = taken
            models[:, :, span + 1] = np.moveaxis(after, 1, 2)
            near[:, span], move[:, span] = here[:, 3].T, here[:, 0].T / (span + 1)
            t, reach, last = t + length, 2 * length, here[-1]
            state = State(*models[:, :, t])
        seen.append(t - 1)
        found = [*found[1 - ORDER :], last]
    return Path(bundle, gap, along, across, near, move, np.array(seen, dtype=np.intp))


class Lags:
    """What to try for the next radius: what a rule says, and what it missed before."""

    def __init__(self, rows: int) -> None:
        self.base = np.zeros(rows)
        self.missed = [np.zeros(rows)] * 2
        self.count = 0

    def next(self, before: State, after: State, near: Floats) -> Floats:
        """From the models before and after a step, and what was `near` in the first."""
        # What the rule for the radius missed, it misses again, and more as it did before.
        miss = near - self.base if self.count > 2 else np.zeros_like(near)
        self.missed = [self.missed[1], miss]
        self.base, self.count = _next_near(before, after, near), self.count + 1
        gain = self.missed[1] - self.missed[0] if self.count > 5 else 0.0
        return np.asarray(self.base + self.missed[1] + gain)


def _next_near(before: State, after: State, near: Floats) -> Floats:
    """What to try next: a far target keeps its threshold along the axis, a near one its radius in
    the units of the model."""
    delta = after.delta
    far = (delta > 3) & (near > -0.8 * delta)
    return np.asarray(np.where(far, near, before.delta + near - delta))
