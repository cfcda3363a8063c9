"""The axis of a run: the turn that a new fit asks for, and the fit seen along the new axis.

In the plane both turns are carried out in full: of the axis, and of the second axis towards what
is left beside it. Out of the plane the noise of V, W and M (one entry a coordinate) is known by
its covariance; its mean effect is that of its squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.outside import Angle, Outside
from theory.flow.plane import Tilted

Floats = NDArray[np.float64]

TURNS = 3
TINY = 1e-150
LEAST = 1e-12  # of a variance, relative to that along

Plane = tuple[Floats, Floats, Floats, Floats, Floats]  # gap, aside, along, mixed, beside


def shares(gap: Floats, along: Floats, beside: Floats) -> tuple[Floats, Floats]:
    """Shares of rho in V and in W, in units of `beside` and `along`."""
    a = gap / np.sqrt(beside)
    b = (along - beside) / np.sqrt(along * beside)
    c = np.maximum(np.hypot(a, b), TINY)
    return b / c, a / c


@dataclass
class Turns:
    """What a step did to the axes: turns of the plane by the angles `first` and `last`; between
    them, out of the plane, the first axis by the first vector of `out`, and the second from ``rho``
    along itself to ``sqrt(level)``, towards the second one; the last is its covariance M with the
    rest."""

    first: Angle
    last: Angle
    out: Outside
    rho: Floats
    level: Floats


def fitted(
    m: Tilted, pool: Floats, chance: Floats, ridge: Floats, uneven: Floats
) -> tuple[Floats, Floats, Turns]:
    """Coordinates of the model fitted to a pool, on its own axis, and how the last four vary.

    `pool` (9, ...) holds the moments about the old mean, `chance` (6, ...) the covariance of the
    noise of (z, xz, yz) in each coordinate out of the plane, `uneven` the mean square of an entry
    off the diagonal of the rest's covariance. The results have the shapes (6, ...) and (4, 4, ...);
    the latter is a covariance. The turns are those from the old axes to the new ones.
    """
    x, y, xx, xy, yy, rr, z, xz, yz = pool
    vv, vw, ww, vm, wm, mm = chance
    j, safe = m.rest, np.maximum(m.rest, 1.0)
    # V, W and M about the new mean.
    w, u = vw - x * vv, vm - y * vv
    out = Outside(
        (z, xz - x * z, yz - y * z),
        (
            vv,
            w,
            ww - x * (vw + w),
            u,
            wm - x * vm - y * w,
            mm - y * (vm + u),
        ),
        j,
    )
    across = rr + ridge - vv - z * z / safe
    plane = m.gap - x, m.aside - y, xx - x * x + ridge, xy - x * y, yy - y * y + ridge
    plane, whole = _turned(plane)
    for _ in range(TURNS - 1):
        plane, more = _turned(plane)
        whole = _after(whole, more)
    out = out.turned(whole)
    # Out of the plane the axis turns by psi in each coordinate.
    gap, aside, along, mixed, beside = plane
    u, lean, length = _lever(gap, along, mixed, beside)
    per = 1 / np.sqrt(length * u)
    psi = -gap * along / length, lean / length
    seen = out.combined(psi, (lean * per, gap * per))
    square = seen.product(0, 0)
    total = along + j * across
    (v, w, _), (vv, vw, ww, *_) = out.certain, out.chance
    turn = seen.certain[0]
    to_gap = turn * v + j * (psi[0] * vv + psi[1] * vw)
    to_along = turn * w + j * (psi[0] * vw + psi[1] * ww)
    grown = 1 / (1 + square)
    shrunk = np.sqrt(grown)
    along = (along + 2 * to_along + square * across) * grown
    across = np.where(j > 0, (total - along) / safe, across)
    plane = (gap - to_gap) * shrunk, aside, along, (mixed + seen.product(0, 2)) * shrunk, beside
    plane, more = _turned(plane)
    gap, aside, along, mixed, beside = plane
    u, lean, length = _lever(gap, along, mixed, beside)
    rho = (gap * mixed - lean * aside) / np.sqrt(length * u)
    turns = Turns(_after(whole, more), whole, seen, rho, rho)
    return _second(turns, (u, lean, length), (gap, along, mixed, across), uneven)


def _second(
    turns: Turns,
    lever: tuple[Floats, Floats, Floats],
    seen: tuple[Floats, Floats, Floats, Floats],
    uneven: Floats,
) -> tuple[Floats, Floats, Turns]:
    """The turn of the second axis: what is beside it, and its covariance with the rest.

    Given the axis, the covariance of the second axis and the rest is
    ``s (1 - h h') + N N' / u`` and a traceless noise, ``N = u h + M``, with h along the old second
    axis; the new one is ``cos h + sin e``, e along what rho gained out of the plane.
    """
    u, lean, size = lever
    gap, along, mixed, across = seen
    rho, j = turns.rho, turns.out.count
    some, safe = j > 0, np.maximum(j, 1.0)
    share_w = gap * gap * along / size
    out = turns.out.last_less(mixed, share_w * rho * u)
    random = np.maximum(out.noise(1, 1), 0.0)
    gained = out.product(1, 1)
    square = rho * rho
    level = np.maximum(square + gained, TINY)
    part = 1 / level
    meet, wide, length = out.product(1, 2), out.spread(1, 2), out.product(2, 2)
    meet_u, wide_u = meet / u, wide / (u * u)
    across = across - share_w * gained * u / safe  # given the axis, as u is
    trace = u + j * across
    s = np.maximum((j * across - length / u) / safe, LEAST * along)
    share = gained * part
    straight = (rho + meet_u) ** 2
    lift = (straight + wide_u) * part
    given = np.where(some, s * share + u * lift, u)
    vary = 2 * share * share * uneven + 4 * straight * wide * part * part
    both = 2 * s * (rho * meet + meet * meet_u + wide / u) * part
    turned = lift * (u * u + length) + both + share * (s * s + (j + 1) * uneven)
    new = np.where(some, np.maximum(turned - given * given - vary, 0.0), 0.0)
    across = np.where(some, (trace - given - new / given) / safe, given)
    across = np.maximum(across, LEAST * along)
    relative = random * (4 * gained - 2 * j * random) * part * part
    # What is left of V and W, in the units of the new second axis; it may ask for a last turn.
    tilt = np.sqrt(level * u / size)
    mixed = gap * along * tilt
    turns.level = level
    plane, turns.last = _turned((gap, -lean * tilt, along, mixed, given + mixed * mixed / along))
    gap, aside, along, mixed, beside = plane
    given, lean, size = _lever(gap, along, mixed, beside)
    with np.errstate(divide="ignore"):
        logs = [np.log(each) for each in (along, given, across)]
        long = np.exp(np.log((gap * mixed - lean * aside) ** 2 / (size * given)) / 3)
        ratio = np.exp((np.log(new) - logs[1] - logs[2]) / 3)
    per = (lift * j * out.noise(2, 2) + share * np.maximum(j - 1, 0) * uneven) / safe
    per = np.minimum(per, new / safe)
    loose = per * (4 * new - 2 * j * per) / np.maximum(new, TINY) ** 2 / 9
    relative = relative / 9
    # What varies: the variance beside, of which rho is counted in units, rho, and M. What the
    # second axis gains by them, the rest loses: the trace is given.
    own, turning, joining = (
        np.where(some, vary / given**2, 0.0),
        long**2 * relative,
        ratio**2 * loose,
    )
    part = np.where(some, given / (safe * across), 0.0)
    by_rho, by_m = -3 * gap * gap * along / size * part * long * long, -3 * ratio * ratio / safe
    extra = np.zeros((4, 4, *own.shape))
    extra[0, 0], extra[2, 2], extra[3, 3] = own, own * long * long / 9 + turning, joining
    extra[0, 1] = extra[1, 0] = -own * part
    extra[0, 2] = extra[2, 0] = -own * long / 3
    extra[1, 2] = extra[2, 1] = own * part * long / 3 + turning * by_rho
    extra[1, 3] = extra[3, 1] = joining * by_m
    extra[1, 1] = own * part**2 + turning * by_rho**2 + joining * by_m**2
    values = [
        np.arcsinh(gap / np.sqrt(along)),
        logs[0],
        logs[1] - extra[0, 0] / 2,
        logs[2] - extra[1, 1] / 2,
        long * (1 - relative),
        ratio * (1 - loose),
    ]
    return np.stack(values), extra, turns


def _turned(plane: Plane) -> tuple[Plane, Angle]:
    """The plane after the turn that is still asked for, to first order; carried out in full; and
    its angle."""
    gap, aside, along, mixed, beside = plane
    _, lean, length = _lever(gap, along, mixed, beside)
    tangent = (gap * aside * along + lean * mixed) / length
    even = 1 / (1 + tangent * tangent)
    odd, cos = tangent * even, np.sqrt(even)
    sin, apart = tangent * cos, beside - along
    shift = odd * (2 * mixed + tangent * apart)
    mixed = (2 * even - 1) * mixed + odd * apart
    plane = cos * gap + sin * aside, cos * aside - sin * gap, along + shift, mixed, beside - shift
    return plane, (cos, sin)


def _after(one: Angle, other: Angle) -> Angle:
    """A turn after another."""
    return one[0] * other[0] - one[1] * other[1], one[1] * other[0] + one[0] * other[1]


def _lever(
    gap: Floats, along: Floats, mixed: Floats, beside: Floats
) -> tuple[Floats, Floats, Floats]:
    """What a turn does: the variance beside, given the axis; what that along is above it; and the
    square of the length of V and W that a unit of psi adds, times the two variances."""
    u = np.maximum(beside - mixed * mixed / along, LEAST * along)
    lean = along - u
    return u, lean, np.maximum(gap * gap * along + lean * lean, TINY**2)
