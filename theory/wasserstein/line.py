"""Transport on the line: laws by their quantiles, atoms exactly, and what a sample's distance is.

On the line the optimal coupling is the monotone one, so that
``W2^2 = int_0^1 (F^-1(u) - G^-1(u))^2 du``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import accumulate

import numpy as np
import sympy as sp
from scipy.special import betaln, log_ndtr, ndtri

from theory.errors import InvalidInput
from theory.wasserstein.matrices import Array

Quantile = Callable[[Array], Array]

# The trapezoidal rule in the normal score: geometric for what is analytic, cut where the weight
# is below 1e-18.
_SCORES = np.linspace(-9.0, 9.0, 3601)
_WEIGHTS = np.exp(-(_SCORES**2) / 2) / np.sqrt(2 * np.pi) * 0.005


def quantile_squared_w2(first: Quantile, second: Quantile) -> float:
    """W2^2 of two laws given as functions of the normal score z = Phi^-1(u).

    Parameters
    ----------
    first, second
        Each takes scores, shape (k,), and returns quantiles: ``z -> m + s z`` is N(m, s^2).

    Examples
    --------
    >>> round(quantile_squared_w2(lambda z: z, lambda z: 2 + 3 * z), 12)
    8.0
    """
    return float(np.sum(_WEIGHTS * (first(_SCORES) - second(_SCORES)) ** 2))


def mixture_quantile(shares: Array, means: Array, deviations: Array) -> Quantile:
    """The quantile, as a function of the normal score, of a mixture of Gaussian laws on the line.

    Solved by bisection on the smaller of the two tails, so that both tails keep their digits.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> mixture_quantile(one, 2 * one, 3 * one)(np.array([-1.0, 0.0])).round(12)
    array([-1.,  2.])
    """

    def tail(x: Array, sign: float) -> Array:
        logs = log_ndtr(sign * (x[:, None] - means) / deviations) + np.log(shares)
        return np.asarray(np.logaddexp.reduce(logs, axis=1))

    def quantile(z: Array) -> Array:
        low = np.min(means + deviations * z[:, None], axis=1)
        high = np.max(means + deviations * z[:, None], axis=1)
        left = z <= 0
        goal = np.where(left, log_ndtr(z), log_ndtr(-z))
        for _ in range(80):
            middle = (low + high) / 2
            below = np.where(left, tail(middle, 1.0) < goal, tail(middle, -1.0) > goal)
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2)

    return quantile


def atoms_squared_w2(
    x: Sequence[Fraction | int],
    y: Sequence[Fraction | int],
    weights_x: Sequence[Fraction | int] | None = None,
    weights_y: Sequence[Fraction | int] | None = None,
) -> Fraction:
    """W2^2 of two weighted sets of points on the line, in rational arithmetic.

    Parameters
    ----------
    x, y
        Places, in any order.
    weights_x, weights_y
        Masses, divided by their sums; equal by default.

    Returns
    -------
    Fraction
        The exact value.

    Raises
    ------
    InvalidInput
        For no points, a negative mass, or masses that are all zero.

    Examples
    --------
    >>> atoms_squared_w2([0, 1], [0, 3, 1])
    Fraction(3, 2)
    """

    def law(
        name: str, places: Sequence[Fraction | int], given: Sequence[Fraction | int] | None
    ) -> tuple[list[Fraction], list[Fraction]]:
        masses = [Fraction(1)] * len(places) if given is None else [Fraction(w) for w in given]
        total = sum(masses, Fraction(0))
        if len(masses) != len(places) or min(masses, default=Fraction(-1)) < 0 or total == 0:
            raise InvalidInput(f"{name}: accepted: points with masses from 0 on, not all zero")
        rows = sorted((Fraction(p), w / total) for p, w in zip(places, masses, strict=True) if w)
        return [p for p, _ in rows], list(accumulate(w for _, w in rows))

    (places_x, steps_x), (places_y, steps_y) = law("x", x, weights_x), law("y", y, weights_y)
    i = j = 0
    done, value = Fraction(0), Fraction(0)
    while done < 1:
        upto = min(steps_x[i], steps_y[j])
        value += (upto - done) * (places_x[i] - places_y[j]) ** 2
        i, j, done = i + (steps_x[i] == upto), j + (steps_y[j] == upto), upto
    return value


@cache
def normal_order_means(n: int) -> tuple[float, ...]:
    """Expected order statistics of n standard Gaussian numbers, smallest first.

    ``E X_(i) = int z beta(Phi(z); i, n+1-i) phi(z) dz``, by the trapezoidal rule.

    Examples
    --------
    >>> [round(each, 9) for each in normal_order_means(2)]
    [-0.564189584, 0.564189584]
    """
    ranks = np.arange(1, n + 1)[:, None]
    logs = (ranks - 1) * log_ndtr(_SCORES) + (n - ranks) * log_ndtr(-_SCORES)
    density = np.exp(logs - betaln(ranks, n + 1 - ranks))
    return tuple(float(each) for each in density @ (_WEIGHTS * _SCORES))


def expected_normal_sample(n: int) -> float:
    """``E W2^2(P_n, N(0, 1))`` for a sample of n from that law.

    ``2 - 2 sum_i E X_(i) (phi(z_(i-1)) - phi(z_i))`` with z_i the quantile of i/n, because the
    sample's i-th smallest value is coupled with the i-th slice of the law. (Derived here.)

    Examples
    --------
    >>> round(expected_normal_sample(10), 5)
    0.25937
    """
    if n < 1:
        raise InvalidInput(f"n = {n} is not accepted; accepted: from 1 on")
    edges = ndtri(np.arange(n + 1) / n)
    heights = np.where(np.isfinite(edges), np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi), 0.0)
    return 2 - 2 * float(np.dot(normal_order_means(n), heights[:-1] - heights[1:]))


def expected_uniform_sample(n: sp.Expr) -> sp.Expr:
    """``E W2^2(P_n, U(0, 1)) = 1/(6n)``.

    From a law on [0, 1] to the uniform one, W2^2 is twice the integral of ``|y - x|``
    over the region between the graph of F and the diagonal, hence also the squared L2 distance
    ``int (F_n(x) - x)^2 dx``, with mean ``int x (1 - x) dx / n``. (Derived here.)

    Examples
    --------
    >>> expected_uniform_sample(sp.Integer(2))
    1/12
    """
    return 1 / (6 * sp.sympify(n))


def expected_fit(n: sp.Expr) -> sp.Expr:
    """``E W2^2`` from N(0, 1) to the Gaussian law fitted by maximum likelihood to n of its points.

    ``W2^2 = mean^2 + (s - 1)^2`` and ``n s^2`` is chi-squared with n - 1 degrees of freedom, so
    that the expectation is ``2 - 2 E s``. (Derived here.)

    Examples
    --------
    >>> round(float(10 * expected_fit(10)), 3)
    1.545
    """
    n = sp.sympify(n)
    mean_s = sp.sqrt(2 / n) * sp.gamma(n / 2) / sp.gamma((n - 1) / 2)
    return 2 - 2 * mean_s
