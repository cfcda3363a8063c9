"""The cross-fitted ridge dual: squared W2 with the non-Gaussian part, and a strict lower bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.registry import estimator
from numerics.wasserstein.ridge_fit import Dual, quadratic, ridge, square_root

_FOLDS = 5
# Standard normal quantile at 95 %.
_ONE_SIDED = 1.6448536269514722


def folds(size: int, number: int = _FOLDS) -> list[Array]:
    """Masks of the held-out points of each fold: every ``number``-th point.

    Fixed positions: points that are exchangeable need no shuffle, and the answer stays a function
    of the data alone.

    Examples
    --------
    >>> folds(5, 2)[1]
    array([False,  True, False,  True, False])
    """
    return [np.arange(size) % number == fold for fold in range(number)]


def plug_in(x: Array, y: Array) -> float:
    """Squared Bures-Wasserstein distance between the sample moments."""
    first, second = np.atleast_2d(np.cov(x.T, bias=True)), np.atleast_2d(np.cov(y.T, bias=True))
    root = square_root(first)
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ second @ root), 0)).sum()
    apart = x.mean(axis=0) - y.mean(axis=0)
    return float(apart @ apart + np.trace(first) + np.trace(second) - 2 * cross)


def jackknifed(x: Array, y: Array, number: int = 10) -> float:
    """The Gaussian plug-in less its bias of order 1/n, by a jackknife of blocks."""
    number = min(number, len(x), len(y))
    pairs = zip(folds(len(x), number), folds(len(y), number), strict=True)
    without = [plug_in(x[~a], y[~b]) for a, b in pairs]
    return number * plug_in(x, y) - (number - 1) * float(np.mean(without))


@dataclass(frozen=True)
class CrossFit:
    """What one direction of the fit says.

    Attributes
    ----------
    full
        The dual fitted to all points.
    full_gain, inside, outside
        Dual value of the ridge fit less that of the Gaussian fit: of the full fit on all points,
        and of the fits without a fold on their own points and on the fold; the last two averaged.
    inside_by_fold
        The parts of ``inside``.
    first, second
        Potentials of the fits without a fold at that fold's points, of shapes (n,) and (m,).
    """

    full: Dual
    full_gain: float
    inside: float
    outside: float
    inside_by_fold: Array
    first: Array
    second: Array

    @property
    def midpoint(self) -> float:
        """The gain with the optimism of the fit cancelled against its cost out of sample."""
        return (self.inside + self.outside) / 2

    @property
    def gain(self) -> float:
        """The midpoint, averaged with the full fit less its optimism."""
        optimism = (1 - 1 / len(self.inside_by_fold)) * (self.inside - self.outside) / 2
        return (self.midpoint + self.full_gain - optimism) / 2


def value(dual: Dual, x: Array, y: Array) -> float:
    """Mean of f over x plus mean of g over y: never above the squared W2 of what is averaged."""
    return float(dual.first(x).mean() + dual.second(y).mean())


def cross_fit(x: Array, y: Array, number: int = _FOLDS) -> CrossFit:
    """Fit without each fold in turn, and to everything; ``x`` is the side that is whitened."""
    first, second = np.empty(len(x)), np.empty(len(y))
    inside, outside = [], []
    for a, b in zip(folds(len(x), number), folds(len(y), number), strict=True):
        base, fitted = quadratic(x[~a], y[~b]), ridge(x[~a], y[~b])
        first[a], second[b] = fitted.first(x[a]), fitted.second(y[b])
        inside.append(value(fitted, x[~a], y[~b]) - value(base, x[~a], y[~b]))
        outside.append(first[a].mean() + second[b].mean() - value(base, x[a], y[b]))
    full = ridge(x, y)
    gain = value(full, x, y) - value(quadratic(x, y), x, y)
    ins = np.array(inside)
    return CrossFit(full, gain, float(ins.mean()), float(np.mean(outside)), ins, first, second)


def lower_bound(forth: CrossFit, back: CrossFit) -> float:
    """One-sided 95 % confidence bound on the squared W2 from potentials at points they never met.

    Each fold takes the direction whose gain on its own fitting points is larger, so that nothing
    is chosen by the points that the value is read from. Every pair of potentials is feasible, so
    the expectation is at most the squared W2 however poor the fit.
    """
    n, m = len(forth.first), len(forth.second)
    number = len(forth.inside_by_fold)
    f, g = np.empty(n), np.empty(m)
    noise_f, noise_g = 0.0, 0.0
    choices = forth.inside_by_fold >= back.inside_by_fold
    for choose, a, b in zip(choices, folds(n, number), folds(m, number), strict=True):
        f[a] = forth.first[a] if choose else back.second[a]
        g[b] = forth.second[b] if choose else back.first[b]
        # Constants of a fold cancel between f and g, so the spread is read within folds.
        noise_f += float(((f[a] - f[a].mean()) ** 2).sum())
        noise_g += float(((g[b] - g[b].mean()) ** 2).sum())
    spread = noise_f / (n - number) / n + noise_g / (m - number) / m
    level = np.mean(
        [f[a].mean() + g[b].mean() for a, b in zip(folds(n, number), folds(m, number), strict=True)]
    )
    return float(level - _ONE_SIDED * np.sqrt(spread))


@estimator("ridge-dual", exact=False, consistent=False, fewest=20, largest=2000)
def ridge_dual(x: Array, y: Array) -> Estimate:
    """Squared W2 as the jackknifed Gaussian part and the cross-fitted gain of ridge functions."""
    forth, back = cross_fit(x, y), cross_fit(y, x)
    better = forth if forth.midpoint >= back.midpoint else back
    estimate = jackknifed(x, y) + better.gain
    f, g = better.full.first(x), better.full.second(y)
    if better is back:
        f, g = better.full.second(x), better.full.first(y)
    return Estimate(
        estimate,
        "squared_w2",
        "ridge-dual",
        potentials=(f, g),
        lower_bound=lower_bound(forth, back),
    )
