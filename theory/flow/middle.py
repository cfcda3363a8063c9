"""One generation of the law of replaced runs: its middle, and the covariance of the model about it.

The mean goes through the step with the exact second-order response to the covariance
(`theory.flow.responses`), the covariance through the slope; to it comes the noise of n of N.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from theory.flow.centring import Frame, carried
from theory.flow.problem import FlowProblem
from theory.flow.responses import Nodes, packed, pairs, respond, second, unpacked
from theory.flow.steepest import COARSE, keep
from theory.flow.wishart import beyond

Floats = NDArray[np.float64]

# Runs part where the place of the mean varies by more than PARTED, in deviations of the model, and
# a run ahead of the middle by TAIL of its own deviations is nearer to the target than NEAR.
PARTED, TAIL, NEAR = 0.5, 3.0, 2.0


@dataclass(frozen=True)
class Law:
    """Law over runs of one generation, one row a start: the `frame` and, in its units, covariance
    and mean (`shift`) of the deviation from it. `shared` (rows, D, together) is its covariance with
    the logarithms of the trace that were looked at. `third` (rows, D) is a deviation whose trace is
    what the noise of batches adds to the mean of log det beyond the second order."""

    frame: Frame
    covariance: Floats
    shift: Floats
    shared: Floats
    third: Floats

    def turned(self, frame: Frame, shift: Floats, carry: Floats) -> Law:
        """The law in another frame; `carry` is the linear map of the deviation."""
        covariance = carry @ self.covariance @ np.swapaxes(carry, 1, 2)
        third = (carry @ self.third[:, :, None])[:, :, 0]
        return Law(frame, covariance, shift, carry @ self.shared, third)

    def rows(self, near: NDArray[np.bool_]) -> Law:
        """Some of the rows."""
        frame = Frame(*(getattr(self.frame, each.name)[near] for each in fields(Frame)))
        rest = (getattr(self, each.name)[near] for each in fields(Law)[1:])
        return Law(frame, *rest)


def advance(
    law: Law,
    words: FlowProblem,
    t: int,
    load: Floats,
    guess: tuple[Floats, Floats] | None,
    truth: tuple[Floats, Floats],
) -> tuple[Law, tuple[Floats, Floats] | None]:
    """The law of fit ``t + 1``, about the fit that the middle of the law leads to; `truth` is the
    true mean (rows, d), seen from the target, and the true covariance (rows, d, d)."""
    frame, n = law.frame, float(words.sample_size or np.inf)
    real = words.real_fraction
    rows, d = frame.centre.shape
    if t == 0 and words.first_batch == "real":
        mean, noise = _whole(rows, d)
        slope, push = np.zeros_like(noise), np.zeros_like(mean)
    else:
        centre = np.einsum("rij,ri->rj", frame.basis, frame.centre)
        ball = keep(frame.weights, centre, words.kept_fraction, guess, COARSE)
        guess = ball.excess, ball.saddle
        nodes = Nodes.of(ball, frame.weights, centre, words.kept_fraction)
        first = respond(nodes)
        mean, slope, noise = first.mean, first.slope, first.noise
        push = first.bias / ((1 - real) * n) + second(nodes, first, law.covariance)
        push = push + (slope @ law.shift[:, :, None])[:, :, 0]
    if real:
        point, spread = _real(frame, *truth)
        mean, noise = ((1 - real) * a + real * b for a, b in ((mean, point), (noise, spread)))
        slope, push = (1 - real) * slope, (1 - real) * push
    moments = law.turned(frame, push, slope)
    moments = replace(moments, covariance=moments.covariance + noise / n)
    new = _refit(moments, mean, load)
    # The batch's own share of the model: a ridge has no noise.
    own = np.eye(d) - new.frame.back @ load @ np.swapaxes(new.frame.back, 1, 2)
    third = new.third.copy()
    third[:, d:] += beyond(n, d)[0] / d * packed(own)
    return replace(new, third=third), guess


def _refit(law: Law, mean: Floats, load: Floats) -> Law:
    """From raw moments about the old mean, in its units, to the model fitted to them."""
    old = law.frame
    d = old.centre.shape[1]
    out = old.out
    step = mean[:, :d]
    shape = unpacked(mean[:, d:], d) - step[:, :, None] * step[:, None, :]
    new = Frame.of(
        old.centre + (out @ step[:, :, None])[:, :, 0],
        out @ shape @ np.swapaxes(out, 1, 2) + load,
    )
    push = law.shift.copy()
    push[:, d:] -= packed(law.covariance[:, :d, :d])
    carry = carried(new.back @ out, step)
    return law.turned(new, (carry @ push[:, :, None])[:, :, 0], carry)


def _whole(rows: int, d: int) -> tuple[Floats, Floats]:
    """Mean and covariance of the moments of a whole point of a model, in its units."""
    i, j = pairs(d)
    mean = np.concatenate([np.zeros(d), (i == j).astype(float)])
    noise = np.diag(np.concatenate([np.ones(d), np.where(i == j, 2.0, 1.0)]))
    return np.tile(mean, (rows, 1)), np.tile(noise, (rows, 1, 1))


def _real(frame: Frame, origin: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of the moments of a real point about the mean of a model, in its units:
    those of a Gaussian of mean u and covariance S, by Isserlis's theorem."""
    d = origin.shape[1]
    i, j = pairs(d)
    back = frame.back
    u = (back @ (origin - frame.centre)[:, :, None])[:, :, 0]
    s = back @ sigma @ np.swapaxes(back, 1, 2)
    second = s + u[:, :, None] * u[:, None, :]
    noise = np.empty((len(u), d + i.size, d + i.size))
    noise[:, :d, :d] = s
    noise[:, :d, d:] = u[:, None, i] * s[:, :, j] + u[:, None, j] * s[:, :, i]
    noise[:, d:, :d] = np.swapaxes(noise[:, :d, d:], 1, 2)
    # With M the second moments: M_ik M_jl + M_il M_jk - 2 u_i u_j u_k u_l.
    four = (u[:, i] * u[:, j])[:, :, None] * (u[:, i] * u[:, j])[:, None, :]
    left, right = second[:, i], second[:, j]
    both = left[:, :, i] * right[:, :, j] + left[:, :, j] * right[:, :, i]
    noise[:, d:, d:] = both - 2 * four
    return np.concatenate([u, packed(second)], axis=1), noise


def approach(law: Law) -> tuple[Floats, Floats]:
    """Distance of the mean from the target, and deviation over runs of its place on the line to it,
    in units of the model."""
    d = law.frame.centre.shape[1]
    offset = np.einsum("rij,rj->ri", law.frame.back, law.frame.centre)
    gap = np.linalg.norm(offset, axis=1)
    axis = offset / np.maximum(gap, np.finfo(float).tiny)[:, None]
    square = np.einsum("ri,rij,rj->r", axis, law.covariance[:, :d, :d], axis)
    return gap, np.sqrt(np.maximum(square, 0.0))


def parting(law: Law) -> NDArray[np.bool_]:
    """Where some runs come near their target, and so arrive, while others stay behind for good.

    Such a law has two parts; one with a middle does not describe it.
    """
    gap, spread = approach(law)
    return np.asarray((spread > PARTED) & (gap < NEAR + TAIL * spread))
