from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.plane import Tilted, select
from theory.flow.population import Bundle

Floats = NDArray[np.float64]

STATE, NOISE = 5, 6
SPREAD = np.sqrt(3.0)  # of the points, in deviations: the fourth moment of the normal law
POINTS = 2 * STATE + 1
WEIGHTS = np.array([1 / 6] * (2 * STATE) + [1 - STATE / 3])
SHAKE = np.array([1 / 6] * (2 * NOISE) + [1 - NOISE / 3])


@dataclass(frozen=True)
class Law:
    """Law over runs of the model of one generation, one row a problem.

    `mean` (rows, 5) and `covariance` (rows, 5, 5) of the coordinates; `uneven` (rows,) the mean
    square of one traceless entry of the covariance across, in units of the variance across.
    """

    mean: Floats
    covariance: Floats
    uneven: Floats


def start(bundle: Bundle) -> Law:
    """The true law, without fluctuations."""
    rows = len(bundle.problems)
    across = np.log(bundle.across)
    mean = np.stack(
        [
            np.arcsinh(bundle.distance / np.sqrt(bundle.along)),
            np.log(bundle.along),
            across,
            across,
            np.zeros(rows),
        ],
        axis=1,
    )
    return Law(mean, np.zeros((rows, STATE, STATE)), np.zeros(rows))


def points(law: Law) -> Floats:
    """Coordinates of the points, shape (POINTS, rows, 5)."""
    steps = np.moveaxis(_root(law.covariance) * SPREAD, 2, 0)
    return np.concatenate([law.mean + steps, law.mean - steps, law.mean[None]])


def _root(covariance: Floats) -> Floats:
    """Columns c with sum of c c' the covariance, along principal axes in units of deviations."""
    scale = np.sqrt(np.maximum(np.diagonal(covariance, axis1=-2, axis2=-1), 0.0))
    safe = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(covariance / (safe[..., :, None] * safe[..., None, :]))
    return np.asarray(scale[..., :, None] * vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :])


def tilted(x: Floats, k: Floats, uneven: Floats) -> Tilted:
    """Models at coordinates (..., rows, 5)."""
    along, beside, across = (np.exp(x[..., i]) for i in (1, 2, 3))
    gap = np.sinh(x[..., 0]) * np.sqrt(along)
    rho = np.maximum(x[..., 4], 0.0) ** 1.5
    share_v, share_w = _shares(gap, along, beside)
    mixed = share_w * rho * np.sqrt(along * beside)
    return Tilted(
        gap,
        -share_v * rho * np.sqrt(beside),
        along,
        mixed,
        beside + mixed**2 / along,
        across,
        np.broadcast_to(k - 1, gap.shape),
        across**2 * uneven * ((k + 2) * (k - 1) - 2 * (k > 1)),
    )


def _shares(gap: Floats, along: Floats, beside: Floats) -> tuple[Floats, Floats]:
    """Shares of rho in V and in W, in units of `beside` and `along`."""
    a = gap / np.sqrt(beside)
    b = (along - beside) / np.sqrt(along * beside)
    c = np.maximum(np.hypot(a, b), 1e-300)
    return b / c, a / c


def advance(bundle: Bundle, law: Law, t: int, guess: tuple[Floats, Floats] | None):
    rows = len(bundle.problems)
    k = bundle.window.k
    x = points(law)
    m = tilted(x, k, law.uneven)
    words = Tilted.__dataclass_fields__
    flat = Tilted(*(np.broadcast_to(getattr(m, w), (POINTS, rows)).ravel() for w in words))
    kept = select(flat, np.tile(bundle.window.alpha, POINTS), guess)
    old, fresh = bundle.weights(t)
    n = np.array([float(each.sample_size or np.inf) for each in bundle.problems])
    ridge = bundle.ridge if t > 1 else np.zeros(rows)
    mean = np.moveaxis(kept.mean.reshape(POINTS, rows, 6), 2, 0)
    bias = np.moveaxis(kept.bias.reshape(POINTS, rows, 6), 2, 0)
    noise = kept.noise.reshape(POINTS, rows, 6, 6)
    across = np.moveaxis(kept.across.reshape(POINTS, rows, 3), 2, 0)
    fourth = kept.fourth.reshape(POINTS, rows)
    # in-plane pool moments about the old mean
    before = np.stack([0 * m.gap, 0 * m.gap, m.along - ridge, m.mixed, m.beside - ridge, m.across - ridge])
    pool = old * before + fresh * (mean + bias / n)
    root = SPREAD * (fresh / np.sqrt(n))[:, None, None] * _root(noise)
    root = np.where((k > 1)[:, None, None] | (np.arange(6) < 5)[:, None], root, 0.0)
    shift = np.moveaxis(root, 3, 0)
    shift = np.concatenate([shift, -shift, 0 * shift[:1]])
    mx, my, xx, xy, yy, rr = (pool[i] + shift[..., i] for i in range(6))
    load = bundle.ridge
    sxx, sxy, syy = xx - mx * mx + load, xy - mx * my, yy - my * my + load
    # out of the plane, each of k - 1 coordinates
    scale = fresh**2 / n
    vv, vw, ww = scale * across[0], scale * across[1], scale * across[2]
    # W about the new mean: sum over q noise; cross moment minus mx * V
    vv = vv + 0 * mx
    ww = ww - 2 * mx * vw + mx * mx * vv
    vw = vw - mx * vv
    srr = rr + load - vv
    gx, gy = m.gap - mx, m.aside - my
    for _ in range(3):
        u = np.maximum(syy - sxy**2 / sxx, 1e-300)
        a, b = gx / np.sqrt(u), (sxx - u) / np.sqrt(sxx * u)
        # gap aside = -V; turn makes (V, W) proportional to (b, a)
        psi = (a * gy / np.sqrt(u) + b * sxy / np.sqrt(sxx * u)) / np.maximum(a * a + b * b, 1e-300)
        psi = np.arctan(psi)
        cos, sin = np.cos(psi), np.sin(psi)
        gx, gy = cos * gx + sin * gy, cos * gy - sin * gx
        sxx, sxy, syy = (
            cos**2 * sxx + 2 * sin * cos * sxy + sin**2 * syy,
            (cos**2 - sin**2) * sxy + sin * cos * (syy - sxx),
            sin**2 * sxx - 2 * sin * cos * sxy + cos**2 * syy,
        )
    u = np.maximum(syy - sxy**2 / sxx, 1e-300)
    a, b = gx / np.sqrt(u), (sxx - u) / np.sqrt(sxx * u)
    c = np.maximum(np.hypot(a, b), 1e-300)
    rho = (-b * gy / np.sqrt(u) + a * sxy / np.sqrt(sxx * u)) / c
    # perpendicular turn
    j = k - 1
    uv, uw = 1 / np.sqrt(u), 1 / np.sqrt(sxx * u)
    tv, tw = -a / c**2 * uv, b / c**2 * uw
    rv, rw = b / c * uv, a / c * uw
    def pair(p, q, r, s):
        return p * r * vv + (p * s + q * r) * vw + q * s * ww
    square = j * pair(tv, tw, tv, tw)
    on_v, on_w = j * pair(tv, tw, 1, 0), j * pair(tv, tw, 0, 1)
    total = sxx + j * srr
    sxx2 = (sxx + 2 * on_w + square * srr) / (1 + square)
    srr = np.where(j > 0, (total - sxx2) / np.maximum(j, 1), srr)
    gx = (gx - on_v) / np.sqrt(1 + square)
    sxx = sxx2
    random = pair(rv, rw, rv, rw)
    level = rho**2 + j * random
    srr = srr - (a / c) ** 2 * random * u
    toward = np.where(level > 0, rho**2 / np.maximum(level, 1e-300), 1.0)
    new_u = toward * u + (1 - toward) * srr
    srr = np.where(j > 0, srr + (u - new_u) / np.maximum(j, 1), srr)
    relative = 2 * j * random**2 / np.maximum(level, 1e-300) ** 2
    size = np.cbrt(level)
    new = np.stack(
        [
            np.arcsinh(gx / np.sqrt(sxx)),
            np.log(sxx),
            np.log(new_u),
            np.where(j > 0, np.log(np.maximum(srr, 1e-12 * sxx)), np.log(new_u)),
            size * (1 - relative / 9),
        ],
        axis=-1,
    )
    weights = WEIGHTS[None, :, None] * SHAKE[:, None, None] * np.ones(rows)
    centre = np.einsum("spr,spri->ri", weights, new)
    apart = new - centre
    covariance = np.einsum("spr,spri,sprj->rij", weights, apart, apart)
    covariance[:, 4, 4] += (weights * size**2 * relative / 9).sum(axis=(0, 1))
    tens = fourth / m.across**2
    centre_tens = np.einsum("p,pr->r", WEIGHTS, tens)
    shrink = np.exp(2 * (law.mean[:, 3] - centre[:, 3]))
    uneven = shrink * ((old + fresh * centre_tens) ** 2 * law.uneven + centre_tens * fresh**2 / n)
    return Law(centre, covariance, uneven), kept.last
