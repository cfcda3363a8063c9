"""The axis of a run: the turn that a new fit asks for, and the fit seen along the new axis.

In the plane both turns are carried out in full: of the axis, and of the second axis towards what
is left beside it. Out of the plane the noise of V, W and M (one entry a coordinate) is known by
its covariance; its mean effect is that of its squares.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass
class Outside:
    """V, W and M out of the plane: `certain` in one coordinate, noise in every one.

    V is the mean, W and M the covariances with the first and the second axis of the plane;
    `chance` holds the covariances VV, VW, WW, VM, WM, MM of the noise of one of `count`
    coordinates.
    """

    certain: list[Floats]
    chance: list[Floats]
    count: Floats

    def noise(self, p: list[Floats], q: list[Floats]) -> Floats:
        """Covariance in one coordinate of two combinations of V, W and M."""
        vv, vw, ww, vm, wm, mm = self.chance
        return np.asarray(
            p[0] * (q[0] * vv + q[1] * vw + q[2] * vm)
            + p[1] * (q[0] * vw + q[1] * ww + q[2] * wm)
            + p[2] * (q[0] * vm + q[1] * wm + q[2] * mm)
        )

    def sure(self, p: list[Floats]) -> Floats:
        v, w, m = self.certain
        return np.asarray(p[0] * v + p[1] * w + p[2] * m)

    def product(self, p: list[Floats], q: list[Floats]) -> Floats:
        """Mean of the sum over coordinates of the product of two combinations."""
        return self.sure(p) * self.sure(q) + self.count * self.noise(p, q)

    def spread(self, p: list[Floats], q: list[Floats]) -> Floats:
        """Variance of that sum."""
        a, b, pp, pq, qq = (
            self.sure(p),
            self.sure(q),
            self.noise(p, p),
            self.noise(p, q),
            self.noise(q, q),
        )
        return a * a * qq + 2 * a * b * pq + b * b * pp + self.count * (pp * qq + pq * pq)

    def turned(self, cos: Floats, sin: Floats) -> Outside:
        """The same after a turn of the plane's axes."""
        v, w, m = self.certain
        vv, vw, ww, vm, wm, mm = self.chance
        return Outside(
            [v, cos * w + sin * m, cos * m - sin * w],
            [
                vv,
                cos * vw + sin * vm,
                cos**2 * ww + 2 * sin * cos * wm + sin**2 * mm,
                cos * vm - sin * vw,
                (cos**2 - sin**2) * wm + sin * cos * (mm - ww),
                cos**2 * mm - 2 * sin * cos * wm + sin**2 * ww,
            ],
            self.count,
        )


@dataclass
class Turns:
    """What a step did to the axes: turns of the plane by the angles `first` and `last`; between
    them, out of the plane, the first axis by `psi` and the second from ``rho`` along itself to
    ``sqrt(level)``, towards what is `left` in each coordinate."""

    first: Floats
    last: Floats
    out: Outside
    psi: list[Floats]
    left: list[Floats]
    rho: Floats
    level: Floats


def fitted(
    m: Tilted, pool: Floats, chance: Floats, ridge: Floats, uneven: Floats
) -> tuple[Floats, Floats, Turns]:
    """Coordinates of the model fitted to a pool, on its own axis, and how the last four vary.

    `pool` (..., 9) holds the moments about the old mean, `chance` (..., 6) the covariance of the
    noise of (z, xz, yz) in each coordinate out of the plane, `uneven` the mean square of an entry
    off the diagonal of the rest's covariance. The results have the shapes (..., 6) and (..., 3, 4);
    the extra covariance is the sum over the three of their squares. The turns are those from the
    old axes to the new ones.
    """
    x, y, xx, xy, yy, rr, z, xz, yz = (pool[..., i] for i in range(9))
    along, mixed, beside = xx - x * x + ridge, xy - x * y, yy - y * y + ridge
    vv, vw, ww, vm, wm, mm = (chance[..., i] for i in range(6))
    j = np.broadcast_to(m.rest, m.gap.shape)
    safe = np.maximum(j, 1.0)
    # W and M about the new mean.
    out = Outside(
        [z, xz - x * z, yz - y * z],
        [
            vv,
            vw - x * vv,
            ww - 2 * x * vw + x * x * vv,
            vm - y * vv,
            wm - x * vm - y * vw + x * y * vv,
            mm - 2 * y * vm + y * y * vv,
        ],
        j,
    )
    across = rr + ridge - vv - z * z / safe
    gap, aside = m.gap - x, m.aside - y
    whole = np.zeros_like(gap * x)
    for _ in range(TURNS):
        gap, aside, along, mixed, beside, tangent = _turned(gap, aside, along, mixed, beside)
        whole = whole + np.arctan(tangent)
    out = out.turned(np.cos(whole), np.sin(whole))
    # Out of the plane the axis turns by psi in each coordinate.
    u, a, b, c = _lever(gap, along, mixed, beside)
    unit_v, unit_w = 1 / np.sqrt(u), 1 / np.sqrt(along * u)
    none, one = np.zeros_like(u), np.ones_like(u)
    psi = [-a / c**2 * unit_v, b / c**2 * unit_w, none]
    left = [b / c * unit_v, a / c * unit_w, none]
    square = out.product(psi, psi)
    total = along + j * across
    joint = out.product(psi, [none, none, one])
    along = (along + 2 * out.product(psi, [none, one, none]) + square * across) / (1 + square)
    across = np.where(j > 0, (total - along) / safe, across)
    gap = (gap - out.product(psi, [one, none, none])) / np.sqrt(1 + square)
    mixed = (mixed + joint) / np.sqrt(1 + square)
    gap, aside, along, mixed, beside, tangent = _turned(gap, aside, along, mixed, beside)
    whole = whole + np.arctan(tangent)
    lever = _lever(gap, along, mixed, beside)
    u, a, b, c = lever
    rho = (-b * aside / np.sqrt(u) + a * mixed / np.sqrt(along * u)) / c
    turns = Turns(whole, none, out, psi, left, rho, one)
    return _second(turns, lever, (gap, along, mixed, across), uneven)


def _second(
    turns: Turns,
    lever: tuple[Floats, Floats, Floats, Floats],
    seen: tuple[Floats, Floats, Floats, Floats],
    uneven: Floats,
) -> tuple[Floats, Floats, Turns]:
    """The turn of the second axis: what is beside it, and its covariance with the rest.

    Given the axis, the covariance of the second axis and the rest is
    ``s (1 - h h') + N N' / u`` and a traceless noise, ``N = u h + M``, with h along the old second
    axis; the new one is ``cos h + sin e``, e along what rho gained out of the plane.
    """
    u, a, _, c = lever
    gap, along, mixed, across = seen
    out, psi, left, rho = turns.out, turns.psi, turns.left, turns.rho
    j = np.broadcast_to(out.count, u.shape)
    safe = np.maximum(j, 1.0)
    pull = (a / c) ** 2 * rho * u
    mix = [-mixed * p - pull * q + r for p, q, r in zip(psi, left, (0.0, 0.0, 1.0), strict=True)]
    random = np.maximum(out.noise(left, left), 0.0)
    gained = out.product(left, left)
    level = np.maximum(rho**2 + gained, TINY)
    meet, wide = out.product(left, mix), out.spread(left, mix)
    length = out.product(mix, mix)
    across = across - (a / c) ** 2 * gained * u / safe  # given the axis, as u is
    trace = u + j * across
    s = np.maximum((j * across - length / u) / safe, LEAST * along)
    share = gained / level
    lift = ((rho + meet / u) ** 2 + wide / u**2) / level
    given = np.where(j > 0, s * share + u * lift, u)
    vary = 2 * share**2 * uneven + 4 * (rho + meet / u) ** 2 * wide / level**2
    both = 2 * s * (rho * meet + (meet**2 + wide) / u) / level
    turned = lift * (u * u + length) + both + share * (s * s + (j + 1) * uneven)
    new = np.where(j > 0, np.maximum(turned - given**2 - vary, 0.0), 0.0)
    across = np.where(j > 0, (trace - given - new / given) / safe, given)
    across = np.maximum(across, LEAST * along)
    relative = (2 * j * random**2 + 4 * random * (gained - j * random)) / level**2
    # What is left of V and W, in the units of the new second axis; it may ask for a last turn.
    b = lever[2]
    mixed = a / c * np.sqrt(level * along * u)
    turns.level = level
    gap, aside, along, mixed, beside, tangent = _turned(
        gap, -b / c * np.sqrt(level * u), along, mixed, given + mixed**2 / along
    )
    turns.last = np.arctan(tangent)
    given, a, b, c = _lever(gap, along, mixed, beside)
    level = ((-b * aside / np.sqrt(given) + a * mixed / np.sqrt(along * given)) / c) ** 2
    size = np.cbrt(np.where(level > TINY, level, 0.0))
    per = (lift * j * out.noise(mix, mix) + share * np.maximum(j - 1, 0) * uneven) / safe
    per = np.minimum(per, new / safe)
    loose = (4 * per * new - 2 * j * per**2) / np.maximum(new, TINY) ** 2
    ratio = np.cbrt(new / (given * across))
    # What the second axis gains in variance, rho or M, the rest loses: the trace is given.
    own = np.where(j > 0, vary, 0.0) / given**2
    zero, one = np.zeros_like(own), np.ones_like(own)
    part = np.where(j > 0, given / (safe * across), 0.0)
    ways = np.stack(
        [
            np.stack([one, -part, -size / 3, zero], axis=-1),  # rho is counted in units of it
            np.stack([zero, -3 * (a / c) ** 2 * part * size**2, one, zero], axis=-1),
            np.stack([zero, -3 * ratio**2 / safe, zero, one], axis=-1),
        ],
        axis=-2,
    )
    variances = np.stack([own, size**2 * relative / 9, ratio**2 * loose / 9], axis=-1)
    spread = (variances[..., None] * ways[..., :2] ** 2).sum(axis=-2)
    values = [
        np.arcsinh(gap / np.sqrt(along)),
        np.log(along),
        np.log(given) - spread[..., 0] / 2,
        np.log(across) - spread[..., 1] / 2,
        size * (1 - relative / 9),
        ratio * (1 - loose / 9),
    ]
    ways *= np.sqrt(np.maximum(variances, 0.0))[..., None]
    return np.stack(values, axis=-1), ways, turns


def _turned(
    gap: Floats, aside: Floats, along: Floats, mixed: Floats, beside: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """The plane after the turn that is still asked for, to first order; carried out in full; and
    the tangent of its angle."""
    u, a, b, c = _lever(gap, along, mixed, beside)
    tangent = (a * aside + b * mixed / np.sqrt(along)) / (c * c * np.sqrt(u))
    cos = 1 / np.sqrt(1 + tangent * tangent)
    sin = tangent * cos
    even, odd = cos * cos, sin * cos
    lean = 2 * odd * mixed + (1 - even) * (beside - along)
    return (
        cos * gap + sin * aside,
        cos * aside - sin * gap,
        along + lean,
        (2 * even - 1) * mixed + odd * (beside - along),
        beside - lean,
        tangent,
    )


def _lever(
    gap: Floats, along: Floats, mixed: Floats, beside: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Variance beside given the axis, and what a turn does: a, b, and their length."""
    u = np.maximum(beside - mixed**2 / along, LEAST * along)
    a, b = gap / np.sqrt(u), (along - u) / np.sqrt(along * u)
    return u, a, b, np.maximum(np.sqrt(a * a + b * b), TINY)
