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

from theory.flow.flight import Flight
from theory.flow.known import Known
from theory.flow.law import POINTS, SPREAD, WEIGHTS, Law, points, roots, start, tilted
from theory.flow.pace import averaged, nodes
from theory.flow.plane import Tilted, select
from theory.flow.population import Bundle
from theory.flow.recorded import Recorded, recorded

Floats = NDArray[np.float64]

# From this generation on noise is small: its mean over the points of the model is taken, and that
# at the middle point alone.
TOGETHER = 56


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
    flat = Tilted(*(getattr(m, word).ravel() for word in words))
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
    if t >= TOGETHER:
        noise = np.tensordot(WEIGHTS, noise, 1)[None]
    factor = WEIGHTS @ fourth
    flight = Flight(
        m,
        pool,
        across,
        np.ascontiguousarray(np.moveaxis(law.origin.at(x - law.mean), 2, 0)),
        np.ascontiguousarray(np.transpose(SPREAD * roots(noise), (2, 3, 0, 1))),
        factor,
        (1 - fresh + fresh * np.where(whole, 0.0, factor)) ** 2 * law.uneven,
        law.mean[:, 3],
        1 / (t**2 * n),
        bundle.ridge,
    )
    batches = [(taken + 1) / 2, (taken + ahead) / 2]
    laws = flight.laws(t, batches[: 1 if ahead == 1 else 2])
    return laws[0], laws[-1], known


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
