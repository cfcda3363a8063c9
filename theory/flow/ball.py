"""Integrals of a Gaussian over a ball whose centre lies on an axis of symmetry.

Units. The axis points from the model's mean to the centre of the ball; along it a coordinate ``z``
is standard normal, across it the ``k`` others are standard normal with ``R`` their squared norm
(chi-square, k degrees of freedom). The centre lies at ``z = delta``, and ``ratio`` is the variance
along over the variance across, so the ball of radius ``h`` (in units of the deviation along) is

    R <= rho(z) = ratio * (h^2 - (z - delta)^2).

Every integral of a polynomial in (z, R) is then one-dimensional: the normal density times a
chi-square distribution function. The substitution ``z - delta = -h cos(phi)`` makes the integrand
analytic up to both ends, whatever k, and writes rho as a product, so that nothing cancels however
far the centre lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from theory.errors import InvalidInput

Floats = NDArray[np.float64]

# Mass outside the window of integration, relative to the kept fraction.
NEGLIGIBLE = 1e-18
PANEL = 32
# The threshold is solved to this relative error of the mass; what is left is removed to first
# order, so that its square remains.
CLOSE = 1e-6
ROUNDS = 200


@dataclass(frozen=True)
class Window:
    """What the dimension and the kept fraction say about where the integrands live.

    `k` is the number of coordinates across, `reach` bounds |z|, and the chi-square distribution
    function is negligible below `low` and constant above `high`.
    """

    alpha: Floats
    k: Floats
    reach: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, alpha: Floats, dimension: Floats) -> Window:
        """Window of one row per (kept fraction, dimension)."""
        k = dimension - 1
        half = np.maximum(k, 1e-9) / 2
        low = 2 * special.gammaincinv(half, NEGLIGIBLE * alpha)
        high = 2 * special.gammainccinv(half, NEGLIGIBLE)
        reach = -special.ndtri(NEGLIGIBLE * alpha)
        return cls(alpha, k, reach, np.where(k > 0, low, 0.0), np.where(k > 0, high, 0.0))

    def rows(self, index: NDArray[np.intp]) -> Window:
        """The window of some rows, in the given order."""
        return Window(
            self.alpha[index], self.k[index], self.reach[index], self.low[index], self.high[index]
        )


@dataclass(frozen=True)
class Nodes:
    """Nodes and weights of a ball: shapes (rows, nodes), and (orders, rows, nodes) for `inside`.

    ``sum(inside[j] * f(z))`` is the integral of ``f(z) R**j`` over the ball, and
    ``sum(sphere * f(z, rho))`` the derivative of the integral of f in the squared radius ``h**2``.
    """

    z: Floats
    rho: Floats
    inside: Floats
    sphere: Floats


@lru_cache(maxsize=8)
def _panels(count: int) -> tuple[Floats, Floats]:
    x, w = np.polynomial.legendre.leggauss(count)
    return (x + 1) / 2, w / 2


def nodes(window: Window, delta: Floats, ratio: Floats, near: Floats, orders: int = 1) -> Nodes:
    """Nodes of the balls of radius ``delta + near``, with the moments of R up to `orders`.

    Parameters
    ----------
    window
        One row per ball.
    delta, ratio, near
        Distance of the centre (>= 0), in deviations along; ratio of the variances; how far the
        ball reaches back beyond the mean. Shape (rows,). The radius itself would forget `near`
        where the centre is very far.
    orders
        Highest power of R.
    """
    h = delta + near
    edge = np.sqrt(np.minimum(window.low / (ratio * h * h), 1.0))
    low = np.arcsin(edge)
    start = np.maximum(low, _angle((near - window.reach) / h))
    stop = np.minimum(np.pi - low, _angle((near + window.reach) / h))
    stop = np.maximum(stop, start + 1e-300)
    # Beyond the layer in which the distribution function rises, it is constant.
    layer = np.arcsin(np.sqrt(np.minimum(window.high / (ratio * h * h), 1.0)))
    middle = np.clip(layer, start + 0.02 * (stop - start), start + 0.5 * (stop - start))
    x, w = _panels(PANEL)
    first, second = (middle - start)[:, None], (stop - middle)[:, None]
    phi = np.concatenate([start[:, None] + first * x, middle[:, None] + second * x], axis=1)
    weight = np.concatenate([first * w, second * w], axis=1)
    radius, sine = h[:, None], np.sin(phi)
    z = 2 * radius * np.sin(phi / 2) ** 2 - near[:, None]
    rho = ratio[:, None] * (radius * sine) ** 2
    weight = weight * radius * sine * np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    return _moments(window, z, rho, weight, delta, ratio, near, orders)


def _angle(lift: Floats) -> Floats:
    """phi where 1 - cos(phi) is `lift`, kept between 0 and pi."""
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(lift / 2, 0.0, 1.0))))


def _moments(
    window: Window,
    z: Floats,
    rho: Floats,
    weight: Floats,
    delta: Floats,
    ratio: Floats,
    near: Floats,
    orders: int,
) -> Nodes:
    half, s = window.k[:, None] / 2, rho / 2
    # F_{k+2j} = F_{k+2j+2} + term_j: sums of positive terms, from one incomplete gamma.
    with np.errstate(under="ignore"):
        term = [np.exp(special.xlogy(half, s) - s - special.gammaln(half + 1))]
        for j in range(orders):
            term.append(term[-1] * s / (half + j + 1))
        cdf = [special.gammainc(half + orders + 1, s) + term[-1]]
        for j in reversed(range(orders)):
            cdf.append(cdf[-1] + term[j])
    inside = np.empty((orders + 1, *z.shape))
    rising = weight
    for j, value in enumerate(reversed(cdf)):
        inside[j] = rising * value
        rising = rising * (2 * half + 2 * j)
    sphere = weight * term[0] * half / rho * ratio[:, None]
    line = window.k == 0
    if not line.any():
        return Nodes(z, rho, inside, sphere)
    # On a line the sphere is two points, which no node of the ball stands for.
    ends = np.stack([-near, 2 * delta + near], axis=1)
    points = np.exp(-0.5 * ends**2) / (np.sqrt(8 * np.pi) * (delta + near)[:, None])
    points = points * line[:, None]
    nothing = np.zeros_like(ends)
    return Nodes(
        np.concatenate([z, ends], axis=1),
        np.concatenate([rho, nothing], axis=1),
        np.concatenate([inside, np.zeros((orders + 1, *ends.shape))], axis=2),
        np.concatenate([sphere, points], axis=1),
    )


@dataclass(frozen=True)
class Kept:
    """Moments of a kept point: ``mean`` and ``along`` of z and z^2, ``across`` of R/k; the ball.

    `across` is 1 where there is nothing across (k = 0).
    """

    mean: Floats
    along: Floats
    across: Floats
    near: Floats


def keep(window: Window, delta: Floats, ratio: Floats, guess: Floats | None = None) -> Kept:
    """Moments of the population law of a kept point, by a global Newton iteration.

    The logarithm of the mass is a concave increasing function of log h, so that Newton's iteration
    converges from anywhere: after one step it climbs to the root from below.

    Parameters
    ----------
    window
        One row per ball.
    delta, ratio
        As in `nodes`; shape (rows,).
    guess
        Values of `near` to start from.

    Raises
    ------
    InvalidInput
        If a threshold is not found: a state beyond what floats can hold.
    """
    near = _start(window, delta, ratio) - delta
    if guess is not None:
        near = np.where(guess + delta > 1e-3 * delta, guess, near)
    alpha = window.alpha
    for _ in range(ROUNDS):
        ball, h = nodes(window, delta, ratio, near), delta + near
        mass = ball.inside[0].sum(axis=1)
        slope = ball.sphere.sum(axis=1)  # in h^2
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            miss = np.log(alpha / mass)
            step = np.clip(miss * mass / (2 * h * h * slope), -0.7, 0.7)
            step = np.where(mass > 1e-290, step, 0.7)  # an empty ball: grow
        if not np.isfinite(step).all():
            raise InvalidInput("the kept ball lies beyond the range of floats for this state")
        near = near + h * np.expm1(step)
        if np.abs(miss).max() < CLOSE:
            break
    else:
        raise InvalidInput("the radius of the kept ball was not found for this state")
    left = (alpha - mass) / (alpha * slope)
    z = ball.z
    mean = (ball.inside[0] * z).sum(axis=1) / alpha + left * (ball.sphere * z).sum(axis=1)
    along = (ball.inside[0] * z * z).sum(axis=1) / alpha + left * (ball.sphere * z * z).sum(axis=1)
    radial = ball.inside[1].sum(axis=1) / alpha + left * (ball.sphere * ball.rho).sum(axis=1)
    across = np.where(window.k > 0, radial / np.maximum(window.k, 1), 1.0)
    return Kept(mean, along, across, near)


def _start(window: Window, delta: Floats, ratio: Floats) -> Floats:
    """Radii of about the right mass, from the ball that matches the mean of the squared radius."""
    mean = delta * delta + 1 + window.k / ratio
    variance = 2 + 4 * delta * delta + 2 * window.k / ratio**2
    # Two-moment (Wilson-Hilferty) approximation of a positive quadratic form.
    nu = 2 * mean**2 / variance
    root = 1 - 2 / (9 * nu) + special.ndtri(window.alpha) * np.sqrt(2 / (9 * nu))
    fallback = special.gammaincinv(nu / 2, window.alpha) * 2 / nu
    return np.asarray(np.sqrt(mean * np.where(root > 0.1, np.maximum(root, 0.1) ** 3, fallback)))
