"""The law of a finite run, carried by a few points through the whole step.

A run is a Markov chain of models. Up to a rotation about the axis a model is a tilted one
(`theory.flow.plane.Tilted`), and one generation of it has exact moments. What is approximated is
the law of the model over runs. It is known by the mean and the covariance of five coordinates,

    asinh(gap / deviation along), log of the variance along, log of the one beside (given the axis),
    log of the one across, rho^(2/3),

and carried at points of the same mean, covariance and marginal fourth moments (an unscented
transform): points of the model, and at each of them points of the noise of its batch, n of N
included. So neither the decay of the gap nor the logarithm of the trace is expanded.

The axis. The mean of a model lies off an axis by a vector V, and its covariance mixes axis and rest
by a vector W. A small turn of the axis by psi adds ``psi a`` to V and ``-psi b`` to W, in units of
the deviations, a the gap over the deviation beside and b the anisotropy. Every generation takes
the turn after which (V, W) is proportional to (b, a): V^2 + W^2 is least. Far from the target the
axis then follows the target, near it the model's long axis. One length rho is left, in one plane.
Noise out of the plane, k - 1 coordinates of it, tilts the plane: rho^2 becomes a sum of squares of
normals, whose cube root is nearly normal (Wilson and Hilferty).

Not carried: noise that mixes the second axis of the plane with the rest (it is counted with the
traceless entries of the rest), and the covariance over runs of what is out of the plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.pace import averaged, between, nodes
from theory.flow.plane import Tilted, select
from theory.flow.population import Bundle
from theory.flow.turn import fitted, shares

Floats = NDArray[np.float64]

STATE, NOISE = 5, 6
SPREAD = np.sqrt(3.0)  # of the points, in deviations: the fourth moment of the normal law
POINTS = 2 * STATE + 1
WEIGHTS = np.array([1 / 6] * (2 * STATE) + [1 - STATE / 3])
SHAKE = np.array([1 / 6] * (2 * NOISE) + [1 - NOISE / 3])
MASS = (SHAKE[:, None] * WEIGHTS).ravel()


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
    return np.asarray(
        scale[..., :, None] * vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    )


def tilted(x: Floats, k: Floats, uneven: Floats) -> Tilted:
    """Models at coordinates (..., rows, 5)."""
    along, beside, across = (np.exp(x[..., i]) for i in (1, 2, 3))
    gap = np.sinh(x[..., 0]) * np.sqrt(along)
    rho = np.maximum(x[..., 4], 0.0) ** 1.5
    share_v, share_w = shares(gap, along, beside)
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


def advance(
    bundle: Bundle, law: Law, t: int, guess: tuple[Floats, Floats] | None = None
) -> tuple[Law, tuple[Floats, Floats]]:
    """The law of the fit `t` from that of ``t - 1``; `guess` is what the last call returned."""
    law, _, guess = stride(bundle, law, t, guess)
    return law, guess


def stride(
    bundle: Bundle,
    law: Law,
    t: int,
    guess: tuple[Floats, Floats] | None = None,
    taken: int = 1,
    ahead: int = 1,
) -> tuple[Law, Law, tuple[Floats, Floats]]:
    """The law of the fit `t` from that of ``t - taken``, and the law to take `ahead` from.

    The noise of the batches of a step enters later ones: half of it, less one part, is given to
    the law from which the step is taken.
    """
    rows = len(bundle.problems)
    x = points(law)
    m = tilted(x, bundle.window.k, law.uneven)
    words = Tilted.__dataclass_fields__
    flat = Tilted(*(np.broadcast_to(getattr(m, w), (POINTS, rows)).ravel() for w in words))
    alpha = np.tile(bundle.window.alpha, POINTS)
    kept = select(flat, alpha, guess)
    n = np.array([float(each.sample_size or np.inf) for each in bundle.problems])
    ridge = bundle.ridge if t > 1 else np.zeros(rows)

    def shaped(value: Floats) -> Floats:
        """(POINTS * rows, ...) as (POINTS, rows, ...)."""
        return value.reshape(POINTS, rows, *value.shape[1:])

    # Moments of the pool about the old mean: x, y, x^2, xy, y^2 of the plane, and of the rest.
    nothing = np.zeros_like(m.gap)
    pool = np.stack(
        [nothing, nothing, m.along - ridge, m.mixed, m.beside - ridge, m.across - ridge], axis=-1
    )
    if taken > 1:
        each = np.tile(n, POINTS)[:, None], np.tile(bundle.ridge, POINTS)
        kept = averaged(flat, alpha, pool.reshape(-1, 6), kept, (t - taken, taken), each)
    # A first batch that is kept whole has the moments of the start itself.
    whole = (bundle.whole_first & (t == 1))[:, None]
    mean = np.where(whole, pool, shaped(kept.mean) + shaped(kept.bias) / n[:, None])
    noise, across = shaped(kept.noise), shaped(kept.across)
    fourth = shaped(kept.fourth) / m.across**2
    if whole.any():
        noise = np.where(whole[..., None], _whole_noise(m), noise)
        wide = np.stack([m.across, nothing, m.across * m.along], axis=-1)
        across = np.where(whole, wide, across)
        fourth = np.where(whole[:, 0], 1.0, fourth)
    fresh = taken / t
    pool = (1 - fresh) * pool + fresh * mean
    root = np.moveaxis(_root(noise), 3, 0)
    factor = np.einsum("p,pr->r", WEIGHTS, fourth)
    slow = (1 - fresh + fresh * np.where(whole[:, 0], 0.0, factor)) ** 2 * law.uneven

    def fit(batches: float) -> Law:
        """The law with the noise of so many batches."""
        chance = batches / (t**2 * n)
        step = SPREAD * np.sqrt(chance)[:, None] * root
        step = np.concatenate([step, -step, np.zeros_like(step[:1])])
        new, extra = fitted(m, pool + step, chance[:, None] * across, bundle.ridge)
        flown = new.reshape(-1, rows, STATE)
        centre = np.einsum("s,sri->ri", MASS, flown)
        apart = np.moveaxis(flown - centre, 1, 0)
        covariance = np.swapaxes(apart, 1, 2) @ (MASS[:, None] * apart)
        covariance[:, 4, 4] += MASS @ extra.reshape(-1, rows)
        shrink = np.exp(2 * (law.mean[:, 3] - centre[:, 3]))
        return Law(centre, covariance, shrink * (slow + factor * chance))

    shown = fit((taken + 1) / 2)
    return shown, fit((taken + ahead) / 2) if ahead > 1 else shown, kept.last


def _whole_noise(m: Tilted) -> Floats:
    """Covariance of (x, y, x^2, xy, y^2, R/rest) of a point of an untilted model."""
    result = np.zeros((*m.gap.shape, 6, 6))
    values = (
        m.along,
        m.beside,
        2 * m.along**2,
        m.along * m.beside,
        2 * m.beside**2,
        2 * m.across**2 / np.maximum(m.rest, 1.0),
    )
    for i, value in enumerate(values):
        result[..., i, i] = value
    return result


def log_trace(law: Law, bundle: Bundle) -> tuple[Floats, Floats]:
    """Mean and variance over runs of the logarithm of the trace, weights isotropic.

    Returns two arrays of shape (rows,), of the trace of the whitened model.
    """
    k = bundle.window.k
    m = tilted(points(law), k, law.uneven)
    logs = np.log(m.along + m.beside + (k - 1) * m.across)
    mean = np.einsum("p,pr->r", WEIGHTS, logs)
    return mean, np.maximum(np.einsum("p,pr->r", WEIGHTS, (logs - mean) ** 2), 0.0)


def run(
    bundle: Bundle, times: NDArray[np.intp], grid: NDArray[np.intp] | None = None
) -> tuple[Floats, Floats]:
    """Mean and variance over runs of the logarithm of the whitened trace; (rows, generations).

    Parameters
    ----------
    bundle
        Accumulated problems with sample sizes, in two dimensions or more.
    times
        Increasing generations.
    grid
        Generations at which the law is found, 0 first; `theory.flow.pace.nodes` if None.

    Raises
    ------
    InvalidInput
        If a state lies beyond the range of floats.
    """
    places = nodes(int(times[-1])) if grid is None else grid
    lengths = np.diff(places)
    law, guess = start(bundle), None
    seen = [log_trace(law, bundle)]
    for i, (t, taken) in enumerate(zip(places[1:], lengths, strict=True)):
        ahead = int(lengths[i + 1]) if i + 1 < lengths.size else 1
        shown, law, guess = stride(bundle, law, int(t), guess, int(taken), ahead)
        seen.append(log_trace(shown, bundle))
    means, variances = (np.stack(each, axis=1) for each in zip(*seen, strict=True))
    deviations = between(places, np.sqrt(variances), times)
    return between(places, means, times), deviations**2
