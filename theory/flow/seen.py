"""What is seen of one generation of replaced runs: their trace, and where their mean is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.middle import Law, approach
from theory.flow.responses import packed, pairs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """Raw numbers of one generation, (rows,), or of all of them.

    Population law, mean and deviation over runs: of the logarithm of the trace, and of the squared
    distance of the mean from the true mean; and how far the mean still is from the target, in
    deviations of its place on the line to it.
    """

    population: Floats
    log_trace: Floats
    log_trace_sd: Floats
    distance_population: Floats
    distance: Floats
    distance_sd: Floats
    left: Floats


def observe(root: Floats, origin: Floats, law: Law) -> tuple[Seen, Floats, Floats]:
    """What is seen of starts whose metrics have the roots `root` and whose true means, whitened and
    from the target, are `origin`.

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
    seen = Seen(
        np.log(trace),
        np.log(trace) + relative - 0.5 * spread,
        np.sqrt(spread),
        distance,
        distance + lift,
        np.sqrt(np.maximum(squares, 0.0)),
        np.where(wander > 0, gap / np.where(wander > 0, wander, 1.0), np.inf),
    )
    return seen, with_trace, g
