"""The law of whole models, followed from generation to generation as far as it can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput
from theory.flow.centring import Frame, recentred
from theory.flow.middle import Law, advance, parting
from theory.flow.onward import PAST, onward, together_onward
from theory.flow.problem import FlowProblem, matrix, vector
from theory.flow.responses import pairs
from theory.flow.seen import Seen, observe

Floats = NDArray[np.float64]

# The law is followed until a generation moves the middle of a variance by more than this share,
REACH = 0.5
# or until the place of the mean, in units of the model, hides its shape by so much rounding.
ROUNDING = 1e-4
# Real points make a model forget: what is seen is at rest where it changes by less, relatively.
REST = 1e-7
NONE = np.zeros(0, dtype=np.intp)
# Places, after the population laws, of what has a mean and a deviation that grow.
GROWING = (0, 6)


@dataclass(frozen=True)
class White:
    """A start seen from its target, whitened by its metric."""

    root: Floats
    origin: Floats
    sigma: Floats
    load: Floats

    @classmethod
    def of(
        cls, mean: ArrayLike, covariance: ArrayLike, target: ArrayLike, metric: ArrayLike | None
    ) -> White:
        centre = vector("mean", mean)
        d = centre.size
        sigma, goal = matrix("covariance", covariance, d), vector("target", target)
        if goal.size != d:
            raise InvalidInput(f"target has shape {goal.shape}, not ({d},)")
        scale = sigma if metric is None else matrix("metric", metric, d)
        root: Floats = np.asarray(np.linalg.cholesky(scale), dtype=float)
        unroot = np.linalg.inv(root)
        return cls(root, unroot @ (centre - goal), unroot @ sigma @ unroot.T, unroot @ unroot.T)


def carry_on(
    white: Sequence[White],
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


# Rows, what is seen of them, and its covariances with what was seen at the generations `together`.
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
