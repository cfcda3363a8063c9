"""Several generations of an accumulated run at once, once a batch is a small part of the pool.

From generation t on, the pool keeps the share ``t / (t + s)`` of itself over s generations, and the
mean of their batches is that of a batch kept half-way, ``(s - 1) / 2`` generations on. One
generation is the case s = 1, exactly.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from theory.flow.keptmoments import Selected
from theory.flow.plane import Tilted, select

Floats = NDArray[np.float64]

SINGLE = 47  # generations that are always taken one by one
PACE = 0.065  # of t, the length of a step from t on; a step of 3 costs what 3 steps do
NEIGHBOURS = 4  # nodes that a value between them is taken from


def nodes(last: int, single: int = SINGLE, pace: float = PACE) -> NDArray[np.intp]:
    """Generations at which the law is found: from 0 to the first that reaches `last`."""
    seen = [0]
    while seen[-1] < last:
        t = seen[-1]
        seen.append(t + (max(int(pace * t), 1) if t >= single else 1))
    return np.array(seen, dtype=np.intp)


def between(seen: NDArray[np.intp], values: Floats, times: NDArray[np.intp]) -> Floats:
    """Values (rows, nodes) at other generations: cubic in log t, exact at the nodes."""
    if np.isin(times, seen).all():
        return np.asarray(values[:, np.searchsorted(seen, times)])
    place = np.log(seen + 1.0)
    result = np.empty((values.shape[0], times.size))
    for i, t in enumerate(times):
        right = int(np.searchsorted(seen, t))
        if seen[right] == t:
            result[:, i] = values[:, right]
            continue
        first = max(right + 1 - NEIGHBOURS, 0)  # so that nothing depends on what comes later
        near = np.arange(first, first + NEIGHBOURS)
        apart = np.log(t + 1.0) - place[near]
        steps = place[near][:, None] - place[near]
        np.fill_diagonal(steps, 1.0)
        parts = np.where(np.eye(NEIGHBOURS) > 0, 1.0, apart / steps)
        result[:, i] = values[:, near] @ parts.prod(axis=1)
    return result


def halfway(m: Tilted, pool: Floats, ridge: Floats) -> Tilted:
    """The models fitted to pools (models, 6) of moments about the old means, in the old frame."""
    x, y, xx, xy, yy, rr, z, _, yz = pool.T
    along, mixed, beside, joint = xx - x * x + ridge, xy - x * y, yy - y * y + ridge, yz - y * z
    given = beside - mixed**2 / along
    across = rr + ridge - joint**2 / given / np.maximum(m.rest, 1.0)
    return replace(
        m,
        gap=m.gap - x,
        aside=m.aside - y,
        along=along,
        mixed=mixed,
        beside=beside,
        joint=joint,
        across=across,
        uneven=m.uneven * (across / m.across) ** 2,
    )


def about(kept: Selected, x: Floats, y: Floats) -> Selected:
    """The same moments about a mean that lies at (-x, -y)."""
    turn = np.tile(np.eye(9), (x.size, 1, 1))
    turn[:, 2, 0], turn[:, 3, 0], turn[:, 3, 1], turn[:, 4, 1] = 2 * x, y, x, 2 * y
    turn[:, 7, 6], turn[:, 8, 6] = x, y
    nothing = np.zeros_like(x)
    shift = np.stack([x, y, x * x, x * y, y * y, *[nothing] * 4], axis=1)
    moved = replace(
        kept,
        mean=(turn @ kept.mean[:, :, None])[:, :, 0] + shift,
        bias=(turn @ kept.bias[:, :, None])[:, :, 0],
    )
    if kept.noise.size == 0:
        return moved
    plane = turn[:, :6, :6]
    q, xq, xxq, yq, xyq, yyq = kept.across.T
    return replace(
        moved,
        noise=plane @ kept.noise @ np.swapaxes(plane, 1, 2),
        across=np.stack(
            [
                q,
                xq + x * q,
                xxq + 2 * x * xq + x * x * q,
                yq + y * q,
                xyq + x * yq + y * xq + x * y * q,
                yyq + 2 * y * yq + y * y * q,
            ],
            axis=1,
        ),
    )


def averaged(
    m: Tilted,
    alpha: Floats,
    pool: Floats,
    kept: Selected,
    span: tuple[int, int],
    sizes: tuple[Floats, Floats],
    rate: Floats,
) -> Selected:
    """Moments of a batch in the mean over generations ``t, ..., t + s - 1``, ``span = (t, s)``.

    The first, the middle and the last weigh as a parabola asks (Kutta's rule of the third order,
    for sums).
    `kept` is the first; `sizes` are n and the ridge; `rate` tells how fast what was found (`last`)
    changes with ``log(t + 1)``.
    """
    t, s = span
    n, ridge = sizes

    def at(generations: float, batch: Floats, last: Floats, noisy: bool) -> Selected:
        part = generations / (t + generations)
        now = (1 - part) * pool + part * batch
        return about(select(halfway(m, now, ridge), alpha, last, noisy), now[:, 0], now[:, 1])

    first = kept.mean + kept.bias / n
    later = np.log1p((s - 1) / 2 / (t + 1))
    middle = at((s - 1) / 2, first, kept.last + later * rate, False)
    lean = 2 * (s - 2) / (s + 1)
    ahead = 2 * middle.last - kept.last
    end = at(s - 1, first + lean * (middle.mean + middle.bias / n - first), ahead, True)
    edge = (s + 1) / (6 * (s - 1))

    def mean(word: str) -> Floats:
        a, b, c = (np.asarray(getattr(each, word)) for each in (kept, middle, end))
        return np.asarray(edge * (a + c) + (1 - 2 * edge) * b)

    # Half of the noise is given at the start of the step, as it is there, and half at the end.
    return replace(end, mean=mean("mean"), bias=mean("bias"), fourth=mean("fourth"))
