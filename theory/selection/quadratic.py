"""Points kept within an ellipsoid: a normal z given ``sum w_j (z_j - b_j)^2 <= q``.

A point of the model is standardised, z ~ N(0, I), and the axes are those of the metric relative to
the model: w_j is the variance of the model over the metric's along axis j, b_j the place of the
target. The integrals are those of `theory.selection.contour`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.errors import InvalidInput
from theory.selection.contour import Complex, Floats, Form


@dataclass(frozen=True)
class Kept:
    """One kept point in the axes of the metric, in deviations of the model.

    Attributes
    ----------
    mean : ndarray (d,)
        Where kept points lie on average, seen from the model's mean.
    second : ndarray (d,)
        Mean square along each axis about the model's mean.
    loss : ndarray (d,)
        ``1 - second``, without cancellation.
    variance : ndarray (d,)
        Variance along each axis.
    threshold : float
        Squared distance q of the farthest kept point from the target, in the metric.
    """

    mean: Floats
    second: Floats
    loss: Floats
    variance: Floats
    threshold: float


def weighted_mass(q: float, weights: ArrayLike, places: ArrayLike = 0.0) -> float:
    """P(sum w_j (z_j - b_j)^2 <= q) for standard normal z.

    Examples
    --------
    >>> round(weighted_mass(2.0, [1.0, 1.0]), 12)  # 1 - 1/e
    0.632120558829
    """
    form = _form(weights, places)
    tail = q > float(form.w.sum()) + form.centre
    value = form.mass(q, tail)
    return 1 - value if tail else value


def weighted_threshold(alpha: float, weights: ArrayLike, places: ArrayLike = 0.0) -> float:
    """The q with P(sum w_j (z_j - b_j)^2 <= q) = alpha.

    Examples
    --------
    >>> round(weighted_threshold(0.5, [1.0, 1.0]), 12)  # 2 log 2
    1.38629436112
    """
    return _form(weights, places).quantile(_share(alpha))


def kept_weighted(alpha: float, weights: ArrayLike, places: ArrayLike = 0.0) -> Kept:
    """Moments of a kept point, population law, in the axes of the metric.

    Parameters
    ----------
    alpha
        Kept fraction in (0, 1).
    weights
        Variance of the model over the metric's along each axis, positive, shape (d,).
    places
        Where the target lies, in deviations of the model from its mean, shape (d,).

    Raises
    ------
    InvalidInput
        If an argument lies outside.

    Examples
    --------
    >>> kept = kept_weighted(0.5, [1.0, 1.0])  # Tallis: 1 - log 2
    >>> kept.second.round(9).tolist()
    [0.306852819, 0.306852819]
    >>> kept_weighted(0.25, [1.0], [1e3]).mean.round(4).tolist()  # nearly a half-line
    [1.2711]
    """
    form, share = _form(weights, places), _share(alpha)
    b = np.broadcast_to(np.asarray(places, dtype=float), form.w.shape)
    q = form.quantile(share)
    twice = 2 * form.w

    def smooth(s: Complex) -> Complex:
        grown = 1 + np.multiply.outer(s, twice)
        shift = twice * b / grown
        return np.concatenate([shift, twice / grown - s[:, None] * shift**2], axis=1)

    def direct(s: Complex) -> Complex:
        shrunk = 1 / (1 + np.multiply.outer(s, twice))
        about_model = shrunk + (np.multiply.outer(s, twice) * b * shrunk) ** 2
        about_target = shrunk + (b * shrunk) ** 2
        return np.concatenate([about_model, about_target, b * shrunk], axis=1) / s[:, None]

    mean, loss = np.split(form.integrals(q, smooth, pole=0.0, below=False) / share, 2)
    if share >= 0.5:
        return Kept(mean, 1 - loss, loss, 1 - loss - mean**2, q)
    # What is small is not read off a difference of what is large.
    second, square, gap = np.split(form.integrals(q, direct, pole=1.0, below=False) / share, 3)
    closer = np.abs(gap) < np.abs(mean)
    variance = np.where(closer, square - gap**2, second - mean**2)
    return Kept(mean, second, np.where(second < 0.5, 1 - second, loss), variance, q)


def kept_products(alpha: float, weights: ArrayLike, places: ArrayLike) -> Floats:
    """``E z_i z_j`` of a kept point for i != j (the diagonal is left at zero), shape (d, d).

    The products vanish unless the target lies off both axes.
    """
    form, share = _form(weights, places), _share(alpha)
    b = np.broadcast_to(np.asarray(places, dtype=float), form.w.shape)
    rows, columns = np.triu_indices(len(form.w), 1)
    used = (b[rows] != 0) & (b[columns] != 0)
    rows, columns = rows[used], columns[used]
    result = np.zeros((len(form.w), len(form.w)))
    if rows.size:

        def crossed(s: Complex) -> Complex:
            shift = 2 * form.w * b / (1 + np.multiply.outer(s, 2 * form.w))
            return np.asarray(s[:, None] * shift[:, rows] * shift[:, columns])

        q = form.quantile(share)
        values = form.integrals(q, crossed, pole=0.0, below=False) / share
        result[rows, columns] = result[columns, rows] = values
    return result


def _form(weights: ArrayLike, places: ArrayLike) -> Form:
    w = np.atleast_1d(np.asarray(weights, dtype=float))
    try:
        b = np.broadcast_to(np.asarray(places, dtype=float), w.shape)
    except ValueError:
        raise InvalidInput(
            f"places has shape {np.shape(places)}; weights has shape {w.shape}"
        ) from None
    if w.ndim != 1 or not np.isfinite(w).all() or not (w > 0).all():
        raise InvalidInput(f"weights must be positive numbers, one an axis, not {weights!r}")
    if not np.isfinite(b).all():
        raise InvalidInput(f"places must be finite numbers, one an axis, not {places!r}")
    return Form(w, np.array(b))


def _share(alpha: float) -> float:
    if not 0 < alpha < 1:
        raise InvalidInput(f"kept_fraction = {alpha!r} is not in (0, 1)")
    return float(alpha)
