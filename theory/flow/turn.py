"""The axis of a run: the turn that a new fit asks for, and the fit seen along the new axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from theory.flow.plane import Tilted

Floats = NDArray[np.float64]

TURNS = 3
TINY = 1e-150
LEAST = 1e-12  # of a variance, relative to that along


def shares(gap: Floats, along: Floats, beside: Floats) -> tuple[Floats, Floats]:
    """Shares of rho in V and in W, in units of `beside` and `along`."""
    a = gap / np.sqrt(beside)
    b = (along - beside) / np.sqrt(along * beside)
    c = np.maximum(np.hypot(a, b), TINY)
    return b / c, a / c


def fitted(m: Tilted, pool: Floats, chance: Floats, ridge: Floats) -> tuple[Floats, Floats]:
    """Coordinates of the model fitted to a pool, on its own axis, and the extra variance of the
    last of them.

    `pool` (..., 6) holds the moments about the old mean; `chance` (..., 3) the covariance of the
    noise of V and W in each coordinate out of the plane.
    """
    x, y, xx, xy, yy, rr = (pool[..., i] for i in range(6))
    along, mixed, beside = xx - x * x + ridge, xy - x * y, yy - y * y + ridge
    # Out of the plane, W about the new mean.
    vv, vw, ww = (chance[..., i] for i in range(3))
    ww = ww - 2 * x * vw + x * x * vv
    vw = vw - x * vv
    across = rr + ridge - vv
    gap, aside = m.gap - x, m.aside - y
    for _ in range(TURNS):
        # The remaining turn, to first order; carried out in full.
        u, a, b, c = _lever(gap, along, mixed, beside)
        angle = np.arctan((a * aside / np.sqrt(u) + b * mixed / np.sqrt(along * u)) / c**2)
        cos, sin = np.cos(angle), np.sin(angle)
        gap, aside = cos * gap + sin * aside, cos * aside - sin * gap
        along, mixed, beside = (
            cos**2 * along + 2 * sin * cos * mixed + sin**2 * beside,
            (cos**2 - sin**2) * mixed + sin * cos * (beside - along),
            sin**2 * along - 2 * sin * cos * mixed + cos**2 * beside,
        )
    u, a, b, c = _lever(gap, along, mixed, beside)
    rho = (-b * aside / np.sqrt(u) + a * mixed / np.sqrt(along * u)) / c
    # The same out of the plane, in the mean over the noise.
    j = m.rest
    unit_v, unit_w = 1 / np.sqrt(u), 1 / np.sqrt(along * u)
    turn = (-a / c**2 * unit_v, b / c**2 * unit_w)
    left = (b / c * unit_v, a / c * unit_w)

    def product(p: tuple[Floats, Floats], q: tuple[Floats | float, Floats | float]) -> Floats:
        return np.asarray(p[0] * q[0] * vv + (p[0] * q[1] + p[1] * q[0]) * vw + p[1] * q[1] * ww)

    square = j * product(turn, turn)
    total = along + j * across
    along = (along + 2 * j * product(turn, (0.0, 1.0)) + square * across) / (1 + square)
    across = np.where(j > 0, (total - along) / np.maximum(j, 1), across)
    gap = (gap - j * product(turn, (1.0, 0.0))) / np.sqrt(1 + square)
    random = product(left, left)
    across = across - (a / c) ** 2 * random * u  # given the axis, as u is
    level = rho**2 + j * random
    share = np.where(level > 0, rho**2 / np.maximum(level, TINY), 1.0)
    given = share * u + (1 - share) * across
    across = np.where(j > 0, across + (u - given) / np.maximum(j, 1), given)
    relative = 2 * j * random**2 / np.maximum(level, TINY) ** 2
    size = np.cbrt(level)
    return (
        np.stack(
            [
                np.arcsinh(gap / np.sqrt(along)),
                np.log(along),
                np.log(given),
                np.log(np.maximum(across, LEAST * along)),
                size * (1 - relative / 9),
            ],
            axis=-1,
        ),
        size**2 * relative / 9,
    )


def _lever(
    gap: Floats, along: Floats, mixed: Floats, beside: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Variance beside given the axis, and what a turn does: a, b, and their length."""
    u = np.maximum(beside - mixed**2 / along, LEAST * along)
    a, b = gap / np.sqrt(u), (along - u) / np.sqrt(along * u)
    return u, a, b, np.maximum(np.hypot(a, b), TINY)
