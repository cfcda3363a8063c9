"""What is seen of one generation of replaced runs: trace, determinant, and where their mean is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.middle import Law, approach
from theory.flow.responses import packed, pairs
from theory.flow.wishart import beyond, log_det_moments

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """Raw numbers of one generation, (rows,), or of all of them.

    The names that end in `population` are the population law; the others mean and deviation over
    runs, of the logarithms of trace and determinant and of the squared distance of the mean from
    the true mean. `left` is how far the mean still is from the target, in deviations of its place
    on the line to it; `batches` how many batches the determinant remembers.
    """

    population: Floats
    log_det_population: Floats
    log_trace: Floats
    log_trace_sd: Floats
    distance_population: Floats
    distance: Floats
    distance_sd: Floats
    left: Floats
    log_det: Floats
    log_det_sd: Floats
    batches: Floats


def observe(root: Floats, origin: Floats, law: Law, size: float) -> tuple[Seen, Floats, Floats]:
    """What is seen of starts whose metrics have the roots `root` and whose true means, whitened and
    from the target, are `origin`; a fit is made to `size` points.

    Also the covariance of the deviation with the logarithm of the trace, and the weights of its
    packed B there.
    """
    frame, covariance, shift = law.frame, law.covariance, law.shift
    d = origin.shape[1]
    i, j = pairs(d)
    out = root @ frame.out
    weight = np.swapaxes(out, 1, 2) @ out
    trace = np.trace(weight, axis1=1, axis2=2)
    g = packed(weight) * np.where(i == j, 1.0, 2.0) / trace[:, None]
    relative = (g * shift[:, d:]).sum(axis=1)
    with_trace = (covariance[:, :, d:] @ g[:, :, None])[:, :, 0]
    spread = np.maximum((g * with_trace[:, d:]).sum(axis=1), 0.0)
    moved = (root @ (frame.centre - origin)[:, :, None])[:, :, 0]
    place = covariance[:, :d, :d]
    pull = 2 * np.einsum("rki,rk->ri", out, moved)
    distance = (moved**2).sum(axis=1)
    lift = (pull * shift[:, :d]).sum(axis=1) + (weight * place).sum(axis=(1, 2))
    product = weight @ place
    squares = 2 * np.einsum("rij,rji->r", product, product)
    squares = squares + np.einsum("ri,rij,rj->r", pull, place, pull)
    gap, wander = approach(law)
    logs = 2 * np.linalg.slogdet(root)[1] + np.log(frame.weights).sum(axis=1)
    seen = Seen(
        np.log(trace),
        logs,
        np.log(trace) + relative - 0.5 * spread,
        np.sqrt(spread),
        distance,
        distance + lift,
        np.sqrt(np.maximum(squares, 0.0)),
        np.where(wander > 0, gap / np.where(wander > 0, wander, 1.0), np.inf),
        *_log_det(law, logs, beyond(size, d)),
    )
    return seen, with_trace, g


def _log_det(law: Law, logs: Floats, more: tuple[float, float]) -> tuple[Floats, Floats, Floats]:
    """Mean and deviation of log det, from that of the middle: to second order in the model, and
    what one batch adds to that (`more`, to mean and variance), once for each batch that is
    remembered. Their number, too."""
    d = law.frame.centre.shape[1]
    i, j = pairs(d)
    on, square = (i == j).astype(float), np.where(i == j, 1.0, 2.0)
    within = law.covariance[:, d:, d:]
    third = (law.third[:, d:] * on).sum(axis=1)
    mean = (law.shift[:, d:] * on).sum(axis=1) + third
    mean = logs + mean - 0.5 * (np.diagonal(within, axis1=1, axis2=2) * square).sum(axis=1)
    batches = third / more[0] if more[0] else np.zeros_like(third)
    variance = np.einsum("i,rij,j->r", on, within, on) + batches * more[1]
    return mean, np.sqrt(np.maximum(variance, 0.0)), batches


def det_apart(middle: Seen, path: Seen, size: float, d: int, forgets: bool) -> Floats:
    """What the mean of log det may be off by, from two forms: how far they lie apart, and not less
    than what was taken from a Gaussian batch.

    A model that `forgets` may turn back at once; runs that are early and late then part, and it is
    not less either than the correction without the noise of the batches that are remembered.
    """
    third = np.abs(middle.batches * beyond(size, d)[0])
    apart = np.maximum(np.abs(path.log_det - middle.log_det), third)
    if not (forgets and np.isfinite(size)):
        return apart
    noise = middle.batches * log_det_moments(int(size), d)[0]
    return np.maximum(apart, np.abs(middle.log_det - path.log_det_population - noise))
