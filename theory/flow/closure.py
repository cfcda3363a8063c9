"""The law of a finite run, carried by a few points through the whole step.

A run is a Markov chain of models. Up to a rotation about the axis a model is a tilted one
(`theory.flow.plane.Tilted`), and one generation of it has exact moments. What is approximated is
the law of the model over runs (`theory.flow.law`): it is carried at points of the model, and at
each of them (later, where noise is small, at the middle one) points of the noise of its batch, n of
N included. So neither the decay of the gap nor the logarithm of the trace is expanded.

Noise out of the plane, one entry a coordinate, is independent of the plane's points: it is taken in
the mean over its law (`theory.flow.turn`). Not carried: the law over runs of the spread of the rest
beyond its mean.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from theory.flow.known import Known
from theory.flow.law import POINTS, SPREAD, STATE, WEIGHTS, Law, points, roots, start, tilted
from theory.flow.origin import PARTS, refitted, turned
from theory.flow.pace import averaged, nodes
from theory.flow.plane import Tilted, select
from theory.flow.population import Bundle
from theory.flow.recorded import Recorded, recorded
from theory.flow.turn import fitted

Floats = NDArray[np.float64]

NOISE = 6
SHAKE = np.array([1 / 6] * (2 * NOISE) + [1 - NOISE / 3])
MASS = (SHAKE[:, None] * WEIGHTS).ravel()
# From this generation on noise is small: it is taken at the middle point of the model alone, in the
# mean over the others. With these masses that is one unscented transform of model and noise.
TOGETHER = 56
PLACES = np.array([*range(POINTS), *[POINTS - 1] * (2 * NOISE)])
JOINT = np.concatenate([WEIGHTS, SHAKE[:-1]])
JOINT[POINTS - 1] -= NOISE / 3


def advance(bundle: Bundle, law: Law, t: int, guess: Known | None = None) -> tuple[Law, Known]:
    """The law of the fit `t` from that of ``t - 1``; `guess` is what the last call returned."""
    law, _, guess = stride(bundle, law, t, guess)
    return law, guess


def stride(
    bundle: Bundle,
    law: Law,
    t: int,
    guess: Known | None = None,
    taken: int = 1,
    ahead: int = 1,
) -> tuple[Law, Law, Known]:
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
    before = t - taken
    here = None if guess is None else guess.at(before, x)
    kept = select(flat, alpha, None if here is None else here.guess, taken == 1)
    known = Known.of(before, x, kept.last, here)
    n = np.array([float(each.sample_size or np.inf) for each in bundle.problems])
    ridge = bundle.ridge if t > 1 else np.zeros(rows)

    def shaped(value: Floats) -> Floats:
        """(POINTS * rows, ...) as (POINTS, rows, ...)."""
        return value.reshape(POINTS, rows, *value.shape[1:])

    # Moments of the pool about the old mean: x, y, x^2, xy, y^2 of the plane, and of the rest.
    nothing = np.zeros_like(m.gap)
    pool = np.stack(
        [
            nothing,
            nothing,
            m.along - ridge,
            m.mixed,
            m.beside - ridge,
            m.mean_across - ridge,
            nothing,
            nothing,
            m.joint,
        ],
    )
    if taken > 1:
        each = np.tile(n, POINTS)[:, None], np.tile(bundle.ridge, POINTS)
        old = guess or known
        pace = old.course, np.tile(old.trend, (POINTS, 1))
        kept, pace = averaged(flat, alpha, pool.reshape(9, -1).T, kept, (before, taken), each, pace)
        # The trend of the middle point, which keeps its place.
        known = replace(known, course=pace[0], trend=pace[1][-rows:])
    # A first batch that is kept whole has the moments of the start itself.
    whole = bundle.whole_first & (t == 1)
    mean = np.moveaxis(shaped(kept.mean) + shaped(kept.bias) / n[:, None], 2, 0)
    mean = np.where(whole, pool, mean)
    noise, across = shaped(kept.noise), np.moveaxis(shaped(kept.across), 2, 0)
    fourth = shaped(kept.fourth) / m.across**2
    if whole.any():
        noise = np.where(whole[:, None, None], _whole_noise(m), noise)
        wide = [m.across, nothing, m.across * m.along, nothing, nothing, m.across * m.beside]
        across = np.where(whole, np.stack(wide), across)
        fourth = np.where(whole, 1.0, fourth)
    fresh = taken / t
    pool = (1 - fresh) * pool + fresh * mean
    together = t >= TOGETHER
    places, mass = (PLACES, JOINT) if together else (np.arange(POINTS), MASS)
    if together:
        noise = np.tensordot(WEIGHTS, noise, 1)[None]
    shake = np.ascontiguousarray(np.transpose(SPREAD * roots(noise), (2, 3, 0, 1)))
    factor = WEIGHTS @ fourth
    slow = (1 - fresh + fresh * np.where(whole, 0.0, factor)) ** 2 * law.uneven

    at = Tilted(*(getattr(m, word)[places] for word in words))
    origin = np.ascontiguousarray(np.moveaxis(law.origin.at(x - law.mean)[places], 2, 0))[:, None]
    pool, across = pool[:, places], across[:, places]
    level, inside = across[0], across[1:] / across[0]
    squared = at.across**2

    def fit(batches: float) -> Law:
        """The law with the noise of so many batches."""
        chance = batches / (t**2 * n)
        step = np.sqrt(chance) * shake
        if together:
            step = np.moveaxis(step, 2, 1)
            step = np.concatenate([np.zeros((6, 1, POINTS, rows)), step, -step], axis=2)
        else:
            step = np.concatenate([step, -step, np.zeros((6, 1, POINTS, rows))], axis=1)
        moments = np.empty((9, *step.shape[1:]))
        moments[:6], moments[6:] = pool[:6, None] + step, pool[6:, None]
        spread = squared * (slow + factor * chance)
        # What lies out of the plane is independent of the plane's points: given these, the
        # covariance of its noise follows from their own moments.
        seen = step * (t / batches)
        out = level + seen[5]
        own = np.empty_like(step)
        own[0] = chance * out
        own[1:] = own[0] * (inside[:, None] + seen[[0, 2, 1, 3, 4]])
        new, extra, turns = fitted(at, moments, own, bundle.ridge, spread)
        flown = new.reshape(STATE, -1, rows)
        centre = mass @ flown
        apart = np.ascontiguousarray(np.transpose(flown - centre[:, None], (2, 1, 0)))
        covariance = np.swapaxes(apart, 1, 2) @ (mass[:, None] * apart)
        covariance[:, 2:, 2:] += np.moveaxis(mass @ extra.reshape(4, 4, -1, rows), 2, 0)
        centre = centre.T
        first = np.sqrt(np.where(covariance[:, 0, 0] > 0, covariance[:, 0, 0], 1.0))
        unit = apart[:, :, 0] / first[:, None]
        heavy = mass * unit**2
        bend = 0.5 * (heavy[:, None] @ apart)[:, 0]
        bend -= 0.5 * (heavy * unit).sum(axis=1)[:, None] * covariance[:, 0] / first[:, None]
        shrink = np.exp(2 * (law.mean[:, 3] - centre[:, 3]))
        place = turned(origin, turns).reshape(PARTS, -1, rows)
        found = refitted(place, apart, mass, covariance)
        return Law(centre, covariance, shrink * (slow + factor * chance), bend, found)

    shown = fit((taken + 1) / 2)
    return shown, fit((taken + ahead) / 2) if ahead > 1 else shown, known


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


def run(bundle: Bundle, times: NDArray[np.intp], grid: NDArray[np.intp] | None = None) -> Recorded:
    """What runs record at chosen generations.

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
    laws = [law]
    for i, (t, taken) in enumerate(zip(places[1:], lengths, strict=True)):
        ahead = int(lengths[i + 1]) if i + 1 < lengths.size else 1
        shown, law, guess = stride(bundle, law, int(t), guess, int(taken), ahead)
        laws.append(shown)
    return recorded(laws, bundle).at(places, times)
