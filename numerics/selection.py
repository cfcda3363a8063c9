"""One batch of generated points in standard coordinates: drawn, and judged by the verifier.

Standard coordinates: the generator's mean is 0 and its covariance I. Every setting is equivariant
under affine maps, so a batch drawn here is mapped afterwards, and nothing underflows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from numerics.radius import radius
from numerics.triangular import Array
from numerics.verifier import View, accept, by_score, interval, tilted
from theory.vocabulary import BestOf, ExponentialTilt, Selection, SoftVerifier, UpperTail


@dataclass(frozen=True)
class Rule:
    """What is drawn and what is kept in one batch.

    Parameters
    ----------
    dimension, kept
        Dimension of a point, and points kept.
    candidates
        Points drawn, of which the `kept` nearest to the centre stay; None draws kept points
        directly from the population law.
    kept_fraction
        Mass of the ball of the population law; 1 keeps everything.
    verifier
        The selection rule itself, where it is another than the nearest points to the model's own
        mean in its own metric: the candidates are then seen through a `numerics.verifier.View`.

    Examples
    --------
    >>> Rule(dimension=2, kept=5).selects, Rule(dimension=2, kept=5, candidates=9).selects
    (False, True)
    """

    dimension: int
    kept: int
    candidates: int | None = None
    kept_fraction: float = 1.0
    verifier: Selection | None = None

    @property
    def selects(self) -> bool:
        """Whether the verifier drops anything."""
        if isinstance(self.verifier, UpperTail | BestOf | SoftVerifier | ExponentialTilt):
            return True
        if self.candidates is not None:
            return self.candidates > self.kept
        return self.kept_fraction < 1

    @property
    def drawn(self) -> int:
        """Points drawn for one batch."""
        if isinstance(self.verifier, BestOf):
            return self.kept * self.verifier.candidates
        return self.kept if self.candidates is None else self.candidates


def smallest(keys: Array, kept: int) -> NDArray[np.intp]:
    """Places of the `kept` smallest keys of each row of (R, N), counted through all rows.

    Examples
    --------
    >>> smallest(np.array([[3.0, 1.0, 2.0], [5.0, 4.0, 6.0]]), 2).tolist()
    [1, 2, 3, 4]
    """
    threshold = np.partition(keys, kept - 1, axis=1)[:, kept - 1, None]
    chosen = np.flatnonzero(keys <= threshold)
    count, total = keys.shape
    if chosen.size != count * kept:  # two equal keys at the threshold: keep one of them
        inner = np.sort(np.argpartition(keys, kept - 1, axis=1)[:, :kept], axis=1)
        chosen = (inner + total * np.arange(count)[:, None]).ravel()
    return chosen


def nearest(candidates: Array, kept: int) -> Array:
    """Keep the `kept` points of smallest norm: (R, N, d) -> (R, kept, d), in their order.

    Examples
    --------
    >>> nearest(np.array([[[3.0], [-1.0], [2.0]]]), 2)[0, :, 0].tolist()
    [-1.0, 2.0]
    """
    count, total, dimension = candidates.shape
    if kept >= total:
        return candidates
    if dimension == 1:
        radii = np.abs(candidates[..., 0])
    else:
        radii = np.einsum("rni,rni->rn", candidates, candidates)
    chosen = smallest(radii, kept)
    return candidates.reshape(-1, dimension).take(chosen, axis=0).reshape(count, kept, dimension)


def ball(rng: np.random.Generator, count: int, kept: int, dimension: int, mass: float) -> Array:
    """Draw points (R, kept, d) of a standard normal law given the centred ball of mass `mass`.

    The squared radius is the chi-square quantile of ``mass * u`` with uniform ``u``, the direction
    is uniform: exact, and no draw is rejected.

    Examples
    --------
    >>> points = ball(np.random.default_rng(1), 1, 1000, 2, 0.5)
    >>> bool((points**2).sum(axis=-1).max() <= 2 * np.log(2))
    True
    """
    if dimension == 1:
        share = mass * (2.0 * rng.random((count, kept, 1)) - 1.0)
        return np.asarray(np.sqrt(2.0) * special.erfinv(share))
    points: Array = rng.standard_normal((count, kept, dimension))
    scale = radius(rng.random((count, kept)), dimension, mass)
    scale /= np.sqrt(np.einsum("rni,rni->rn", points, points))
    points *= scale[..., None]
    return points


def draw_points(
    rng: np.random.Generator, count: int, rule: Rule, view: View | None = None
) -> Array:
    """Draw the kept points of `count` batches: (R, kept, d)."""
    if rule.verifier is not None and rule.selects:
        assert view is not None
        return _seen(rng, count, rule, rule.verifier, view)
    if rule.selects and rule.candidates is None:
        return ball(rng, count, rule.kept, rule.dimension, rule.kept_fraction)
    candidates = rng.standard_normal((count, rule.drawn, rule.dimension))
    return nearest(candidates, rule.kept)


def _seen(
    rng: np.random.Generator, count: int, rule: Rule, verifier: Selection, view: View
) -> Array:
    """Kept points of a verifier who has a target, a metric or a score of its own."""
    kept, dimension = rule.kept, rule.dimension
    if isinstance(verifier, UpperTail | BestOf):
        return by_score(rng, view, kept, dimension, verifier)
    if isinstance(verifier, ExponentialTilt):
        return tilted(rng, view, kept, dimension, verifier)
    if isinstance(verifier, SoftVerifier):
        some = np.full(count, 0.5)
        return accept(rng, view, kept, dimension, some, "soft", float(verifier.strength))
    if rule.candidates is None:
        if dimension == 1:
            return interval(rng, view, kept, rule.kept_fraction)
        share = np.full(count, rule.kept_fraction)
        return accept(rng, view, kept, dimension, share, "ball", rule.kept_fraction)
    candidates = rng.standard_normal((count, rule.candidates, dimension))
    chosen = np.argpartition(view.distance(candidates), kept - 1, axis=1)[:, :kept]
    chosen.sort(axis=1)
    return np.take_along_axis(candidates, chosen[:, :, None], axis=1)
