"""The population flow in log time: to generation 10^6 and beyond, without walking there.

Where batches accumulate, ``y(t) = y(t-1) + f(y(t-1))/t + g/t^2`` is walked for `WALK` generations;
then the smooth curve through the generations solves

    dy/d(log t) = f(y - f(y)/(2t)) - f(y)/(2t) + g/t,

whose error per unit of log t is of order 1/t^2. Replace is walked until its steps have become
constant (the model shrinks by the same factors for ever), fresh real data until the fixed point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from theory.errors import InvalidInput
from theory.flow.ball import keep
from theory.flow.population import Bundle, advance, log_trace, start
from theory.flow.problem import FlowProblem
from theory.flow.state import State

Floats = NDArray[np.float64]

WALK = 1000
STEADY = 1e-13
PATIENCE = 100_000


@dataclass(frozen=True)
class Trajectory:
    """The population flow of one problem at chosen generations.

    Attributes
    ----------
    t
        Generations, increasing.
    gap
        Distance left between mean and target, whitened.
    log_along, log_across, log_trace
        Logarithms of the whitened variances along and across, and of the raw trace.
    psi
        Local exponent ``-d log Tr / d log t``: where batches accumulate, of the flow in log t (the
        model's drift), elsewhere of the next step; NaN at t = 0.
    """

    t: Floats
    gap: Floats
    log_along: Floats
    log_across: Floats
    log_trace: Floats
    psi: Floats


def trajectory(problem: FlowProblem, generations: ArrayLike) -> Trajectory:
    """The population flow at the given generations.

    Parameters
    ----------
    problem
        What is iterated; its `sample_size` plays no part.
    generations
        Increasing times, 0 or more; whole numbers up to `WALK`.

    Raises
    ------
    InvalidInput
        If the times are not increasing, or the flow does not settle (Replace, FreshReal).

    Examples
    --------
    >>> from theory.vocabulary import Accumulate
    >>> problem = FlowProblem(Accumulate(), dimension=2, distance=0.0, kept_fraction=0.5)
    >>> flow = trajectory(problem, [1, 10**6])
    >>> [round(float(x), 6) for x in flow.psi]
    [0.693147, 0.693147]
    """
    times = np.asarray(generations, dtype=float)
    if times.ndim != 1 or times.size == 0 or times[0] < 0 or (np.diff(times) <= 0).any():
        raise InvalidInput("generations must be increasing times of at least 0")
    walked = times[times <= WALK]
    if (walked != np.floor(walked)).any():
        raise InvalidInput(f"generations up to {WALK} must be whole numbers")
    bundle = Bundle.of([problem])
    if bundle.accumulates[0]:
        gap, along, across = states = _accumulated(bundle, times)
        psi = np.array([_exponent(bundle, *state) for state in states.T])
    else:
        (gap, along, across), steps = _walked(bundle, times)
        after = log_trace(bundle, (along + steps[1])[None], (across + steps[2])[None])
        psi = -times * (after - log_trace(bundle, along[None], across[None]))[0]
    psi[times == 0] = np.nan
    logs = log_trace(bundle, along[None], across[None])[0]
    return Trajectory(times, gap, along, across, logs, psi)


def _state(gap: float, along: float, across: float) -> State:
    return State(np.array([gap]), np.array([along]), np.array([across]))


def _exponent(bundle: Bundle, gap: float, log_along: float, log_across: float) -> float:
    """-d log Tr / d log t of the accumulating flow."""
    variances = np.exp([log_along, log_across])
    rates = _rate(bundle, gap, *variances)[1:]
    problem = bundle.problems[0]
    weights = np.array([problem.trace_along, problem.weight_across])
    return float(-(weights @ rates) / (weights @ variances))


def _rate(bundle: Bundle, gap: float, along: float, across: float) -> Floats:
    """t times the change of (gap, variance along, variance across), to leading order in 1/t."""
    state = _state(max(gap, 0.0), float(np.log(along)), float(np.log(across)))
    kept = keep(bundle.window, state.delta, state.ratio)
    ridge = float(bundle.ridge[0])
    return np.array(
        [
            -np.sqrt(along) * float(kept.mean[0]),
            along * float(kept.along[0]) - (along - ridge),
            across * float(kept.across[0]) - (across - ridge),
        ]
    )


def _drift(bundle: Bundle, t: float, y: Floats) -> Floats:
    """d(gap, log_along, log_across)/d(log t) of an accumulating flow, up to order 1/t^2."""
    level = np.array([y[0], np.exp(y[1]), np.exp(y[2])])
    first = _rate(bundle, *level)
    back = level - first / (2 * t)
    slope = _rate(bundle, *back) - first / (2 * t)
    slope[1] -= first[0] ** 2 / t
    return np.array([slope[0], slope[1] / level[1], slope[2] / level[2]])


def _accumulated(bundle: Bundle, times: Floats) -> Floats:
    result = np.empty((3, times.size))
    last = int(min(times[-1], WALK))
    state, guess = start(bundle), None
    for t in range(last + 1):
        result[:, times == t] = _flat(state)[:, None]
        if t < last:
            state, kept, _ = advance(bundle, state, t + 1, guess)
            guess = kept.near if t > 20 else None
    late = times > WALK
    if late.any():
        solution = solve_ivp(
            lambda log_t, y: _drift(bundle, float(np.exp(log_t)), y),
            (np.log(WALK), np.log(times[-1])),
            _flat(state),
            method="DOP853",
            t_eval=np.log(times[late]),
            rtol=1e-10,
            atol=1e-14,
        )
        if not solution.success:
            raise InvalidInput(f"the flow could not be followed: {solution.message}")
        result[:, late] = solution.y
    return result


def _flat(state: State) -> Floats:
    return np.array([state.gap[0], state.log_along[0], state.log_across[0]])


def _walked(bundle: Bundle, times: Floats) -> tuple[Floats, Floats]:
    """States and next steps, one by one until the steps are constant; then they are repeated."""
    states, steps = np.empty((2, 3, times.size))
    state, guess = start(bundle), None
    before = np.full(3, np.inf)
    for t in range(PATIENCE):
        here = _flat(state)
        state, kept, _ = advance(bundle, state, t + 1, guess)
        guess, step = kept.near, _flat(state) - here
        states[:, times == t], steps[:, times == t] = here[:, None], step[:, None]
        if t >= times[-1]:
            return states, steps
        if np.abs(step - before).max() < STEADY:
            step[np.abs(step) < STEADY] = 0.0
            rest = times > t
            states[:, rest] = here[:, None] + step[:, None] * (times[rest] - t)
            steps[:, rest] = step[:, None]
            return states, steps
        before = step
    raise InvalidInput(f"the flow has not settled after {PATIENCE} generations")
