"""Several generations of an accumulated run at once, once a batch is a small part of the pool.

From generation t on, the pool keeps the share ``t / (t + s)`` of itself over s generations, and the
mean of their batches is that of two, the first and one kept two thirds of the way on.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from theory.flow.keptmoments import Selected
from theory.flow.plane import Tilted, select

Floats = NDArray[np.float64]

SINGLE = 47  # generations that are always taken one by one
PACE = 0.065  # of t, the length of a step from t on; a step costs what two generations do
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
    """The same means about a mean that lies at (-x, -y)."""
    turn = np.tile(np.eye(9), (x.size, 1, 1))
    turn[:, 2, 0], turn[:, 3, 0], turn[:, 3, 1], turn[:, 4, 1] = 2 * x, y, x, 2 * y
    turn[:, 7, 6], turn[:, 8, 6] = x, y
    nothing = np.zeros_like(x)
    shift = np.stack([x, y, x * x, x * y, y * y, *[nothing] * 4], axis=1)
    return replace(
        kept,
        mean=(turn @ kept.mean[:, :, None])[:, :, 0] + shift,
        bias=(turn @ kept.bias[:, :, None])[:, :, 0],
    )


def noise_of(kept: Selected, found: Tilted, m: Tilted, x: Floats, y: Floats) -> Selected:
    """The noise that was `found` for one model, for another one `m`, about a mean that lies at
    (-x, -y): in units of the models it is the same."""
    one = np.ones_like(x)
    p, q = np.sqrt(m.along / found.along), np.sqrt(m.beside / found.beside)
    r = m.mean_across / found.mean_across
    # Units of (x, y, x^2, xy, y^2, R/rest), and then what the move makes of them.
    turn = np.zeros((x.size, 6, 6))
    for i, unit in enumerate((p, q, p * p, p * q, q * q, r)):
        turn[:, i, i] = unit
    turn[:, 2, 0], turn[:, 3, 0], turn[:, 3, 1], turn[:, 4, 1] = 2 * x * p, y * p, x * q, 2 * y * q
    units = r * np.stack([one, p, p * p, q, p * q, q * q])
    q_, xq, xxq, yq, xyq, yyq = kept.across.T * units
    across = [
        q_,
        xq + x * q_,
        xxq + 2 * x * xq + x * x * q_,
        yq + y * q_,
        xyq + x * yq + y * xq + x * y * q_,
        yyq + 2 * y * yq + y * y * q_,
    ]
    noise = turn @ kept.noise @ np.swapaxes(turn, 1, 2)
    return replace(kept, noise=noise, across=np.stack(across, axis=1))


def averaged(
    m: Tilted,
    alpha: Floats,
    pool: Floats,
    kept: Selected,
    span: tuple[int, int],
    sizes: tuple[Floats, Floats],
    pace: tuple[Floats, Floats],
) -> tuple[Selected, tuple[Floats, Floats]]:
    """Moments of a batch in the mean over generations ``t, ..., t + s - 1``, ``span = (t, s)``.

    They are the mean of the first and of the one two thirds on, with weights that are exact for
    parabolas (Radau's rule, for sums).
    `kept` is the first; `sizes` are n and the ridge; `pace` tells how fast what was found (`last`)
    changes with ``log(t + 1)``, and how fast the batch does; both are found anew.
    """
    t, s = span
    n, ridge = sizes
    first = kept.mean + kept.bias / n

    def at(generations: float, batch: Floats) -> tuple[Tilted, Floats, Floats]:
        part = generations / (t + generations)
        now = (1 - part) * pool + part * batch
        return halfway(m, now, ridge), now[:, 0], now[:, 1]

    there = (2 * s - 1) / 3
    later = np.log1p(there / (t + 1))
    # The batches on the way there: half of what changes until the last of them.
    ahead = first + pace[1] * (np.log1p((there - 1) / (t + 1)) / 2)
    model, x, y = at(there, ahead)
    seen = select(model, alpha, kept.last + later * pace[0])
    second = about(seen, x, y)
    share = 3 * (s - 1) / (2 * (2 * s - 1))
    mean, bias, fourth = (
        (1 - share) * one + share * two
        for one, two in (
            (kept.mean, second.mean),
            (kept.bias, second.bias),
            (kept.fourth, second.fourth),
        )
    )
    # Half of the noise is given at the start of the step, as it is there, and half at the end.
    end = at(s - 1, mean + bias / n)
    found = replace(noise_of(seen, model, *end), mean=mean, bias=bias, fourth=fourth)
    moved = second.mean + second.bias / n - first
    return found, ((seen.last - kept.last) / later, moved / later)
