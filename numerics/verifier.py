"""What the verifier sees: a batch's candidates in standard coordinates, and which of them it keeps.

A candidate is ``x = m + h F y`` with y standard normal, m the generator's mean and ``h F`` the root
of its covariance (|F| = 1, so h may be far below the smallest float). Its squared distance from a
target u, in a metric with root M^-1, is ``|h M F y - M (u - m)|^2``; up to what all candidates
share and a positive factor that is

    weight |A y|^2 - 2 (A y) . pull

with `weight` and `pull` at most 1: nothing cancels however far the target, and where the model has
collapsed it becomes the linear score that it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

from numerics.model import Model, Start
from numerics.triangular import Array, product, solve
from theory.errors import InvalidInput
from theory.setting import Setting
from theory.vocabulary import (
    BestOf,
    ExponentialTilt,
    Targeted,
    TopFraction,
    UpperTail,
)

# Farthest target, in deviations, of which SciPy's non-central chi-square is trusted.
FARTHEST = 1e3
# Rounds of candidates, each twice the last, after which accepting is called too rare.
ROUNDS = 17


@dataclass(frozen=True)
class View:
    """The verifier seen from the generators' standard coordinates, one row a replicate.

    Attributes
    ----------
    shape : ndarray (R, d, d) or None
        The matrix A above; None is the identity.
    weight : ndarray (R,)
    pull : ndarray (R, d)
    place : ndarray (R, d)
        Where the target lies in standard coordinates; it may be infinite. Empty without a target.
    reach : ndarray (R,)
        What `weight` and `pull` were divided by: raw lengths over theirs.
    unit : ndarray (R,)
        What one standard unit along the first coordinate is in raw ones, sign and all.
    """

    shape: Array | None
    weight: Array
    pull: Array
    place: Array
    reach: Array
    unit: Array

    def rows(self, rows: Any) -> View:
        """The view of some replicates."""
        shape = None if self.shape is None else self.shape[rows]
        rest = (self.weight, self.pull, self.place, self.reach, self.unit)
        return View(shape, *(each[rows] for each in rest))

    def distance(self, points: Array) -> Array:
        """Squared distance of points (R, n, d) from the target, shifted and scaled: (R, n)."""
        mapped = points if self.shape is None else _mapped(self.shape, points)
        square = np.einsum("rni,rni->rn", mapped, mapped)
        return self.weight[:, None] * square - 2 * np.einsum("rni,ri->rn", mapped, self.pull)


def _mapped(shape: Array, points: Array) -> Array:
    return product(points, np.swapaxes(shape, 1, 2)) if points.shape[-1] > 1 else points * shape


def look(
    setting: Setting, start: Start, model: Model, spread: float, *, real: bool = False
) -> View:
    """The verifier's view of candidates of the model, or of the true law if `real`.

    Parameters
    ----------
    spread
        Deviation of a generated point over the model's.
    """
    rule, count, dimension = setting.selection, model.count, setting.dimension
    if real:
        factor: Array = np.tile(np.eye(dimension), (count, 1, 1))
        scale, centre = np.zeros(count), np.zeros((count, dimension))
    else:
        factor, centre = model.factor, model.displacement
        scale = model.log_scale + np.log(spread)
    first = start.root[0, 0] * factor[:, 0, 0]
    unit = np.exp(scale) * first
    if not isinstance(rule, Targeted):
        empty = np.zeros((count, dimension))
        return View(None, np.ones(count), empty, empty, np.ones(count), unit)
    offset = model.displacement - centre
    if rule.target is not None:
        target = np.asarray(rule.point(dimension), dtype=float)
        offset = solve(start.root, target[:, None])[:, 0] - centre
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        place = solve(factor, offset[:, :, None])[:, :, 0] * np.exp(-scale)[:, None]
        place = np.where(np.isnan(place), 0.0, place)
    own = isinstance(rule, TopFraction) and rule.metric == "model"
    metric: Array = np.eye(dimension) if own else start.root
    if isinstance(rule, TopFraction) and not isinstance(rule.metric, str):
        matrix: Array = np.array(rule.metric)
        metric = solve(np.asarray(np.linalg.cholesky(matrix), dtype=np.float64), start.root)
    if own:
        # In the model's own metric, whatever its scale; a generated point is then standard.
        pull = solve(model.factor, offset[:, :, None])[:, :, 0]
        shape = solve(model.factor, factor) if real else None
        reach = np.exp(model.log_scale) if real else np.exp(scale)
        weight = np.ones(count) if real else reach
    else:
        pull = offset @ metric.T
        shape = product(np.broadcast_to(metric, factor.shape), factor)
        weight = np.exp(scale)
    largest = np.maximum(weight, np.sqrt(np.einsum("ri,ri->r", pull, pull)))
    largest = np.where(largest > 0, largest, 1.0)
    weight = np.where((weight == 0) & (pull == 0).all(axis=1), 1.0, weight / largest)
    return View(shape, weight, pull / largest[:, None], place, largest, unit)


def interval(rng: np.random.Generator, view: View, kept: int, mass: float) -> Array:
    """Points (R, kept, 1) of the line in the interval of given mass around the target.

    The half width is found by bisection: the interval is ``[-near, 2 |b| + near]`` on the target's
    side, its mass grows with `near`. The points are inverse images of uniform numbers.
    """
    place = view.place[:, 0]
    distance = np.abs(place)
    low = -np.minimum(distance, 40.0)
    high = np.full(len(distance), 40.0)
    for _ in range(80):
        near = (low + high) / 2
        inside = special.ndtr(near) - special.ndtr(-2 * distance - near)
        # Far on the lower side the difference would cancel: both are then upper tails.
        tail = special.ndtr(2 * distance + near) - special.ndtr(-near)
        small = np.where(near > 0, tail, inside) < mass
        low, high = np.where(small, near, low), np.where(small, high, near)
    near = ((low + high) / 2)[:, None]
    below, above = special.ndtr(-near), special.ndtr(-2 * distance[:, None] - near)
    # Uniform between the two lower masses, counted from the end that is the smaller.
    u = rng.random((len(distance), kept))
    total = mass * u
    upper = special.ndtr(near)
    point = np.where(
        below < 0.5,
        special.ndtri(np.minimum(below + total, 1.0)),
        -special.ndtri(np.minimum(above + (upper - above) * (1 - u), 1.0)),
    )
    sign = np.where(place < 0, -1.0, 1.0)[:, None]
    return np.asarray((sign * point)[:, :, None])


def accept(
    rng: np.random.Generator,
    view: View,
    kept: int,
    dimension: int,
    rate: Array,
    test: str,
    size: float,
) -> Array:
    """Draw candidates until every replicate has `kept` accepted ones: (R, kept, d).

    Parameters
    ----------
    rate
        Expected share of accepted candidates, one a replicate; it sets the size of a round only.
    test, size
        ``"ball"``: within the ball of mass `size` around the target. ``"soft"``: with probability
        exp(-size |x - u|^2 / 2).
    """
    count = len(view.weight)
    result = np.empty((count, kept, dimension))
    filled = np.zeros(count, dtype=np.intp)
    limit = _threshold(view, dimension, size) if test == "ball" else np.zeros(count)
    wanted = kept / np.clip(rate, 1e-6, 1.0)
    for _ in range(ROUNDS):
        rows = np.flatnonzero(filled < kept)
        if not rows.size:
            return result
        draws = int(np.clip(1.1 * wanted[rows].max() + 16, 32, 2**20 / max(1, dimension)))
        step = max(1, 2**21 // (draws * dimension))
        for start in range(0, rows.size, step):
            part = rows[start : start + step]
            seen = view.rows(part)
            points = rng.standard_normal((part.size, draws, dimension))
            if test == "ball":
                chosen = seen.distance(points) <= limit[part, None]
            else:
                chosen = -np.log(rng.random((part.size, draws))) >= _penalty(seen, points, size)
            _fill(result, filled, part, points, chosen)
        wanted[rows] *= 2
    raise InvalidInput(
        "the verifier accepts fewer than one candidate in 100,000; choose a nearer target or less "
        "strength"
    )


def _fill(result: Array, filled: Any, rows: Any, points: Array, chosen: Any) -> None:
    """Append the chosen points of each row, in their order, as long as there is room."""
    kept = result.shape[1]
    order = np.cumsum(chosen, axis=1) - 1 + filled[rows][:, None]
    used = chosen & (order < kept)
    row, column = np.nonzero(used)
    result[rows[row], order[row, column]] = points[row, column]
    filled[rows] += used.sum(axis=1)


def _threshold(view: View, dimension: int, mass: float) -> Array:
    """Bound for `View.distance` of the ball of given mass; standard coordinates only."""
    square = np.einsum("ri,ri->r", view.place, view.place)
    if not (square <= FARTHEST**2).all():
        raise InvalidInput(
            f"a target more than {FARTHEST:.0f} deviations away has no population law here in "
            f"dimension {dimension}; give candidates (n of N)"
        )
    squared = np.where(square > 0, stats.ncx2.ppf(mass, dimension, np.maximum(square, 1e-12)), 0.0)
    squared = np.where(square > 0, squared, stats.chi2.ppf(mass, dimension))
    return np.asarray(view.weight * (squared - square))


def _penalty(view: View, points: Array, strength: float) -> Array:
    """strength |x - u|^2 / 2 in raw units."""
    assert view.shape is not None
    away = view.weight[:, None, None] * _mapped(view.shape, points) - view.pull[:, None, :]
    square = np.einsum("rni,rni->rn", away, away)
    return np.asarray(0.5 * strength * view.reach[:, None] ** 2 * square)


def by_score(
    rng: np.random.Generator, view: View, kept: int, dimension: int, rule: UpperTail | BestOf
) -> Array:
    """Points (R, kept, d) whose first coordinate is selected; the others are left alone."""
    count = len(view.unit)
    points: Array = np.empty((count, kept, dimension))
    points[..., 1:] = rng.standard_normal((count, kept, dimension - 1))
    if isinstance(rule, BestOf):
        points[..., 0] = rng.standard_normal((count, kept, rule.candidates)).max(axis=2)
    else:
        points[..., 0] = -special.ndtri(float(rule.kept_fraction) * (1 - rng.random((count, kept))))
    points[..., 0] *= np.where(view.unit < 0, -1.0, 1.0)[:, None]
    return points


def tilted(
    rng: np.random.Generator, view: View, kept: int, dimension: int, rule: ExponentialTilt
) -> Array:
    """Points (R, kept, d) of the law with density proportional to ``exp(b x_1)`` times the model's.

    Completing the square, that law is the model displaced along its first root axis.
    """
    points: Array = rng.standard_normal((len(view.unit), kept, dimension))
    points[..., 0] += float(rule.strength) * view.unit[:, None]
    return points
