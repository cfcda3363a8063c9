"""The Gaussian mechanism on what a silo sends: clip, add noise, account for every release.

Two data sets are neighbours if one row is replaced by another (the number of rows is public). A
release of sensitivity D with noise of deviation s is exactly mu-Gaussian private with mu = D/s,
and releases compose by mu^2 = sum mu_i^2, adaptively (Dong, Roth and Su 2022, arXiv 1905.02383,
Theorem 2.7 and Corollary 3.3). In terms of (epsilon, delta) that is

    delta(epsilon) = Phi(mu/2 - epsilon/mu) - exp(epsilon) Phi(-mu/2 - epsilon/mu),

the bound of Balle and Wang (2018, arXiv 1805.06530, Theorem 8): tight at every epsilon, where the
classic sqrt(2 log(1.25/delta))/epsilon is not even valid above epsilon = 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from theory.errors import InvalidInput

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Clipped and noised mean and covariance of a silo's points, and what they cost.

    Attributes
    ----------
    mean : ndarray, shape (d,)
        Noised mean of the clipped points.
    covariance : ndarray, shape (d, d)
        Noised covariance of the clipped points, projected on the positive semi-definite matrices.
    mu : float
        Gaussian privacy of this one release; see `compose` and `delta_of`.
    clipped : float
        Share of the points that the ball of the clip moved. It is computed from the raw points and
        is not private: for the silo's own eyes.
    """

    mean: Array
    covariance: Array
    mu: float
    clipped: float


def delta_of(epsilon: float, mu: float) -> float:
    """The smallest delta at which a mu-Gaussian private release is (epsilon, delta)-private.

    Parameters
    ----------
    epsilon : float
        Not negative.
    mu : float
        Sensitivity over the deviation of the noise; positive.

    Returns
    -------
    float
        delta, in [0, 1].

    Raises
    ------
    InvalidInput
        If either number is outside its range.

    Examples
    --------
    >>> round(delta_of(1.0, 0.5), 6)
    0.00683
    """
    _positive("mu", mu)
    if not (math.isfinite(epsilon) and epsilon >= 0):
        raise InvalidInput(f"epsilon={epsilon!r} is not accepted; accepted: finite numbers >= 0")
    upper, lower = mu / 2 - epsilon / mu, -mu / 2 - epsilon / mu
    # In logarithms, or exp(epsilon) overflows where the product is small.
    first, second = special.log_ndtr(upper), epsilon + special.log_ndtr(lower)
    return float(math.exp(first) * -math.expm1(min(second - first, 0.0)))


def epsilon_of(delta: float, mu: float) -> float:
    """The smallest epsilon at which a mu-Gaussian private release is (epsilon, delta)-private.

    Examples
    --------
    >>> round(epsilon_of(1e-5, 1.0), 3)
    4.377
    """
    _share("delta", delta)
    _positive("mu", mu)
    if delta_of(0.0, mu) <= delta:
        return 0.0
    high = mu * mu / 2 + mu * 40  # delta is below 1e-300 there
    return float(optimize.brentq(lambda e: delta_of(e, mu) - delta, 0.0, high, xtol=1e-12))


def mu_of(epsilon: float, delta: float) -> float:
    """The largest mu that is (epsilon, delta)-private: the inverse of `delta_of`.

    Parameters
    ----------
    epsilon, delta : float
        The whole budget; epsilon not negative, 0 < delta < 1.

    Returns
    -------
    float
        mu; a release of sensitivity D then needs noise of deviation D/mu.

    Examples
    --------
    >>> round(mu_of(1.0, 1e-5), 4)
    0.2681
    """
    _share("delta", delta)
    low, high = 1e-12, 1.0
    while delta_of(epsilon, high) < delta:
        high *= 2
    return float(optimize.brentq(lambda mu: delta_of(epsilon, mu) - delta, low, high, xtol=1e-13))


def compose(mus: Sequence[float]) -> float:
    """Privacy of several releases of the same silo together, each chosen after the ones before.

    Examples
    --------
    >>> compose([0.1] * 100)
    1.0
    """
    for mu in mus:
        _positive("mu", mu)
    return math.sqrt(math.fsum(mu * mu for mu in mus))


def clip(points: ArrayLike, radius: float, centre: ArrayLike | None = None) -> Array:
    """Move every point outside a ball to the ball's surface, along its radius.

    Parameters
    ----------
    points : array_like, shape (m, d)
    radius : float
        Radius of the ball, in the points' unit. It must not be computed from the raw points.
    centre : array_like, shape (d,), optional
        Centre of the ball, public; the origin if left out.

    Returns
    -------
    ndarray, shape (m, d)
    """
    x = _points(points)
    _positive("radius", radius)
    origin = np.zeros(x.shape[1]) if centre is None else np.asarray(centre, dtype=float)
    if origin.shape != x.shape[1:]:
        raise InvalidInput(f"centre of shape {origin.shape}; accepted: ({x.shape[1]},)")
    offset = x - origin
    length = np.linalg.norm(offset, axis=1, keepdims=True)
    return np.asarray(origin + offset * np.minimum(1.0, radius / np.maximum(length, radius)))


def release_moments(
    points: ArrayLike,
    *,
    radius: float,
    mu: float,
    generator: np.random.Generator,
    centre: ArrayLike | None = None,
) -> Moments:
    """Mean and covariance of a silo under the Gaussian mechanism.

    The release is one vector: mean offset over C and second moment over C^2, of points clipped to
    a ball of radius C around a public centre. Replacing one of m rows moves the first by at most
    2/m and the second by at most sqrt(2)/m in Frobenius norm (|xx' - yy'|^2 = |x|^4 + |y|^4 -
    2 (x.y)^2). Both are largest at once only if y = -x, where the second does not move at all:
    with s the cosine between x and y on the sphere, the square is (2 - 2s + 2 - 2s^2)/m^2, at most
    4.5/m^2 (s = -1/2); inside the ball it is no larger.

    Parameters
    ----------
    points : array_like, shape (m, d)
        The silo's raw points, m >= 1.
    radius : float
        C, chosen without looking at the points.
    mu : float
        Gaussian privacy of this release; `mu_of` gives it from (epsilon, delta), and k releases
        share a budget by mu/sqrt(k).
    generator : numpy.random.Generator
        From `numerics.streams`. A silo whose noise must hold against an adversary needs noise that
        nobody can repeat: a secret salt.
    centre : array_like, shape (d,), optional
        Public centre of the ball; the origin if left out.

    Returns
    -------
    Moments

    Raises
    ------
    InvalidInput
        If the points are not a finite (m, d) table, or a number is outside its range.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.streams import Stream
    >>> noise = Stream("c0ffee", "silo 1").generator()
    >>> sent = release_moments(np.eye(3), radius=2.0, mu=mu_of(3.0, 1e-5), generator=noise)
    >>> sent.covariance.shape, sent.clipped
    ((3, 3), 0.0)
    """
    x = _points(points)
    _positive("mu", mu)
    count, d = x.shape
    kept = clip(x, radius, centre)
    origin = np.zeros(d) if centre is None else np.asarray(centre, dtype=float)
    unit = (kept - origin) / radius
    deviation = math.sqrt(4.5) / count / mu
    mean = unit.mean(axis=0) + deviation * generator.standard_normal(d)
    # Off-diagonal entries count twice in the Frobenius norm: noise of deviation s/sqrt(2) each.
    noise = generator.standard_normal((d, d))
    second = unit.T @ unit / count + deviation * (noise + noise.T) / 2
    covariance = second - np.outer(mean, mean)
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    projected = (vectors * np.maximum(values, 0.0)) @ vectors.T
    moved = float(np.mean(np.linalg.norm(x - origin, axis=1) > radius))
    return Moments(origin + radius * mean, radius**2 * projected, mu, moved)


def _points(points: ArrayLike) -> Array:
    x = np.asarray(points, dtype=float)
    if x.ndim != 2 or 0 in x.shape:
        raise InvalidInput(f"points of shape {x.shape}; accepted: (m, d) with m, d >= 1")
    if not np.isfinite(x).all():
        raise InvalidInput("points that are not all finite; accepted: finite numbers")
    return x


def _positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise InvalidInput(f"{name}={value!r} is not accepted; accepted: finite numbers > 0")


def _share(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise InvalidInput(f"{name}={value!r} is not accepted; accepted: 0 < {name} < 1")
