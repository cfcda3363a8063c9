"""The rules that the digits experiment compares, each as one choice of n among N candidates.

`CHOICES` maps a name to a maker: a rule may remember what was agreed before the first generation
(the barycentre), so every run makes its own. Where a paper leaves a rule open, the reading taken
is stated with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from numerics.silos.digits import Choice
from numerics.silos.generators import moments
from numerics.silos.judging import (
    dual_scores,
    greedy_moments,
    greedy_utility,
    lowest,
    mapped,
)
from theory.errors import InvalidInput

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Silos = Sequence[Array]
Answer = tuple[Indices, int]
# Of a local covariance's mean diagonal, added to it: a silo may have few more points than axes.
SHRINKAGE = 1e-2


def _shares(silos: Silos) -> Array:
    """Weights of silos: in proportion to their points."""
    sizes = np.array([len(each) for each in silos], dtype=float)
    return sizes / sizes.sum()


def at_random(
    candidates: Array, kept: int, silo: int, silos: Silos, rng: np.random.Generator
) -> Answer:
    """Keep n at random: no verifier."""
    return rng.permutation(len(candidates))[:kept], 0


def local_centroid(
    candidates: Array, kept: int, silo: int, silos: Silos, rng: np.random.Generator
) -> Answer:
    """Keep the n nearest to the mean of the silo that verifies (CenterMatch)."""
    away = candidates - silos[silo].mean(axis=0)
    return lowest(np.einsum("ij,ij->i", away, away), kept), 0


def mahalanobis(
    candidates: Array, kept: int, silo: int, silos: Silos, rng: np.random.Generator
) -> Answer:
    """Keep the n nearest to the silo's mean, in its covariance's metric (CovMatch, one reading)."""
    mean, covariance = moments(silos[silo])
    covariance += SHRINKAGE * np.trace(covariance) / len(mean) * np.eye(len(mean))
    away = candidates - mean
    return lowest(np.einsum("ij,ji->i", away, np.linalg.solve(covariance, away.T)), kept), 0


def covariance_matching(
    candidates: Array, kept: int, silo: int, silos: Silos, rng: np.random.Generator
) -> Answer:
    """Match the silo's mean and covariance greedily (CovMatch as released)."""
    return greedy_moments(candidates, *moments(silos[silo]), kept), 0


def kmeans(
    candidates: Array, kept: int, silo: int, silos: Silos, rng: np.random.Generator
) -> Answer:
    """Cluster candidates into n groups and keep the one nearest to each centre; no reference."""
    try:
        from sklearn.cluster import KMeans
    except ImportError:
        raise InvalidInput("k-means needs scikit-learn; install collapse-theory[silos]") from None
    machine: Any = KMeans(kept, n_init=1, random_state=int(rng.integers(2**31)))
    labels = machine.fit(candidates).labels_
    distances = cdist(candidates, machine.cluster_centers_)
    # A cluster's own members first; duplicates of a centre leave a cluster empty, and it then
    # takes the nearest candidate that is still free.
    distances[np.arange(len(candidates)), labels] -= distances.max() + 1.0
    chosen = np.empty(kept, dtype=np.int64)
    for cluster in range(kept):
        chosen[cluster] = np.argmin(distances[:, cluster])
        distances[chosen[cluster]] = np.inf
    return chosen, 0


def local_duals(
    candidates: Array, kept: int, silo: int, silos: Silos, rng: np.random.Generator
) -> Answer:
    """Keep the n of lowest transport score towards the reference of the silo that verifies."""
    return lowest(dual_scores(candidates, silos[silo]), kept), 0


def _scores(candidates: Array, silos: Silos) -> Array:
    return np.array([dual_scores(candidates, each) for each in silos])


def scheme_one_linear(
    candidates: Array, kept: int, silo: int, silos: Silos, rng: np.random.Generator
) -> Answer:
    """Scheme I, proxies rebuilt: lowest mean score over silos, weighted by their points.

    A proxy rebuilt from the current candidates ranks as the reference itself does, so silos send
    N scores and no points.
    """
    scores = _scores(candidates, silos)
    return lowest(_shares(silos) @ scores, kept), scores.nbytes


def scheme_one_greedy(
    candidates: Array, kept: int, silo: int, silos: Silos, rng: np.random.Generator
) -> Answer:
    """Scheme I, proxies rebuilt: greedy log-utility over the silos' scores, silos alike."""
    scores = _scores(candidates, silos)
    return greedy_utility(scores, kept), scores.nbytes


@dataclass
class Barycentre:
    """Scheme II: a free-support barycentre, made round by round from the first candidates, reused.

    Parameters
    ----------
    support : int
        Points of the barycentre, at most N.
    rounds : int
        Rounds between server and silos; in each, every silo sends the images of the support.
    """

    support: int = 500
    rounds: int = 10
    _points: Array | None = field(default=None, init=False, repr=False)

    def __call__(
        self, candidates: Array, kept: int, silo: int, silos: Silos, rng: np.random.Generator
    ) -> Answer:
        """Keep the n of lowest transport score towards the barycentre."""
        nbytes = 0
        if self._points is None:
            points = candidates[rng.permutation(len(candidates))[: self.support]]
            for _ in range(self.rounds):
                images = np.array([mapped(points, each) for each in silos])
                points = np.tensordot(_shares(silos), images, axes=1)
                nbytes += images.nbytes
            self._points = points
        return lowest(dual_scores(candidates, self._points), kept), nbytes


@dataclass
class Oracle:
    """Lowest transport score towards all references pooled: what no federation would allow."""

    _sent: bool = field(default=False, init=False, repr=False)

    def __call__(
        self, candidates: Array, kept: int, silo: int, silos: Silos, rng: np.random.Generator
    ) -> Answer:
        """Keep the n of lowest score; the raw points cross once."""
        pooled = np.concatenate(silos)
        nbytes, self._sent = 0 if self._sent else pooled.nbytes, True
        return lowest(dual_scores(candidates, pooled), kept), nbytes


CHOICES: Mapping[str, Callable[[], Choice]] = {
    "random": lambda: at_random,
    "kmeans": lambda: kmeans,
    "local-centroid": lambda: local_centroid,
    "mahalanobis": lambda: mahalanobis,
    "covariance-matching": lambda: covariance_matching,
    "local-duals": lambda: local_duals,
    "scheme-1-linear": lambda: scheme_one_linear,
    "scheme-1-greedy": lambda: scheme_one_greedy,
    "scheme-2-barycentre": Barycentre,
    "pooled-oracle": Oracle,
}


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """Check names of rules; random selection, with which all are compared, comes first.

    Raises
    ------
    InvalidInput
        If one is not known.

    Examples
    --------
    >>> chosen(["local-duals"])
    ('random', 'local-duals')
    """
    for name in names:
        if name not in CHOICES:
            raise InvalidInput(f"rule {name!r} is not known; accepted: {', '.join(CHOICES)}")
    return tuple(name for name in CHOICES if name == "random" or name in names)
