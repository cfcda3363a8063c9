"""The population flow of Gaussian silos: every rule with a quadratic score, one recursion.

Candidates of generation t are N(mu, lambda Sigma), with mu and Sigma the moments of the pool and
lambda the generator's temperature. A rule keeps the fraction alpha with the lowest
``(x - mu)'A(x - mu) + b'(x - mu)``; the kept points' moments join the pool with the share
``1/(t + 1)``, because the real batch stays in it as one batch among t + 1. With a candidate law
N(mu, S), S = lambda Sigma, and T the optimal map:

- centroid: A = I, b = 2 (mu - m_k); Mahalanobis: A = S_k^-1, b = 2 A (mu - m_k);
- dual to a target Q: A = I - T_{S -> Q}, b = 2 (mu - m_Q), since the potential of the map T x is
  ``x'(I - T)x`` about the means;
- linear Scheme I: the mean of the duals to the silos' proxies.

Only random selection has no score: it keeps N(mu, S) itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory.errors import InvalidInput
from theory.silos.quadric import kept_by_score
from theory.silos.transport import (
    Floats,
    Law,
    barycentre,
    geodesic,
    mean_map,
    pooled,
    squared_w2,
    transport,
)
from theory.wasserstein.matrices import square_root

FLOWING = (
    "random",
    "local-centroid",
    "mahalanobis",
    "local-duals",
    "scheme-1-linear",
    "scheme-2-barycentre",
    "pooled-oracle",
)


@dataclass(frozen=True)
class SiloProblem:
    """Gaussian silos and a rule.

    Parameters
    ----------
    laws : tuple of Law
        The silos.
    rule : str
        One of `FLOWING`; K-means and the greedy rules have no quadratic score.
    start : Law
        What the first candidates are drawn from (at temperature one).
    kept_fraction : float
        alpha in (0, 1).
    weights : ndarray (K,) or None
        Summing to one; None: all alike.
    silo : int
        The verifying silo.
    temperature : float
        lambda, on the covariance.
    interpolation : float
        s in (0, 1] of anchored proxies.
    anchored : bool
        Whether proxies, or the barycentre, are made from the first candidates and reused.
    rounds : int
        Rounds of the server from the candidates to a barycentre; 0: until it settles, which no
        start changes.

    Raises
    ------
    InvalidInput
        If a value lies outside.
    """

    laws: tuple[Law, ...]
    rule: str
    start: Law
    kept_fraction: float = 0.25
    weights: Floats | None = None
    silo: int = 0
    temperature: float = 1.0
    interpolation: float = 0.5
    anchored: bool = True
    rounds: int = 0

    def __post_init__(self) -> None:
        if self.rule not in FLOWING:
            raise InvalidInput(
                f"no flow for the rule {self.rule!r}; there are {', '.join(FLOWING)}"
            )
        if not 0 < self.kept_fraction < 1:
            raise InvalidInput(f"kept_fraction = {self.kept_fraction!r} is not in (0, 1)")
        if not 0 < self.interpolation <= 1:
            raise InvalidInput(
                f"interpolation = {self.interpolation!r}; accepted: above 0, up to 1"
            )
        if not self.temperature > 0:
            raise InvalidInput(f"temperature = {self.temperature!r}; accepted: positive numbers")
        if isinstance(self.rounds, bool) or self.rounds < 0:
            raise InvalidInput(f"rounds = {self.rounds!r}; accepted: integers from 0 on")
        count = len(self.laws)
        if not 0 <= self.silo < count:
            raise InvalidInput(f"silo {self.silo} of {count}; counted from 0")
        widths = {len(law.mean) for law in (*self.laws, self.start)}
        if len(widths) > 1:
            raise InvalidInput(f"silos and start of dimensions {sorted(widths)}; accepted: one")
        shares = self.shares
        if shares.shape != (count,) or shares.min() < 0 or abs(float(shares.sum()) - 1) > 1e-9:
            raise InvalidInput(f"weights = {shares.tolist()}; accepted: {count} that sum to one")

    @property
    def shares(self) -> Floats:
        """Weights of the silos, shape (K,)."""
        count = len(self.laws)
        return np.full(count, 1 / count) if self.weights is None else self.weights


@dataclass(frozen=True)
class SiloFlow:
    """The pool's moments by generation, 0 the start."""

    laws: tuple[Law, ...]

    def trace_ratio(self, truth: Law) -> Floats:
        """Trace over the truth's, shape (T + 1,)."""
        whole = float(np.trace(truth.covariance))
        return np.array([float(np.trace(law.covariance)) / whole for law in self.laws])

    def relative_w2(self, truth: Law) -> Floats:
        """Squared W2 to the truth over the truth's trace, shape (T + 1,)."""
        whole = float(np.trace(truth.covariance))
        return np.array([squared_w2(law, truth) / whole for law in self.laws])


def flow(problem: SiloProblem, generations: int) -> SiloFlow:
    """Follow the population law for some generations.

    Parameters
    ----------
    problem
        Silos, rule and constants.
    generations
        At least 1.

    Examples
    --------
    >>> eye = Law(np.zeros(4), np.eye(4))
    >>> problem = SiloProblem((eye, eye), "local-centroid", eye)
    >>> flow(problem, 2).trace_ratio(eye).round(6).tolist()
    [1.0, 0.646637, 0.494306]
    """
    if generations < 1:
        raise InvalidInput(f"generations = {generations}; accepted: integers from 1 on")
    law, aims = problem.start, targets(problem)
    found = [law]
    for t in range(1, generations + 1):
        kept = _kept(problem, aims, law)
        share = 1 / (t + 1)
        mean = (1 - share) * law.mean + share * kept.mean
        between = share * (1 - share) * np.outer(kept.mean - law.mean, kept.mean - law.mean)
        law = Law(mean, (1 - share) * law.covariance + share * kept.covariance + between)
        found.append(law)
    return SiloFlow(tuple(found))


def targets(problem: SiloProblem) -> tuple[Law, ...]:
    """What the duals are taken to, with the weights of `_target_weights`."""
    first = Law(problem.start.mean, problem.temperature * problem.start.covariance)
    if problem.rule == "pooled-oracle":
        return (pooled(problem.laws, problem.shares),)
    if problem.rule == "scheme-2-barycentre":
        return (_made(problem, first),)
    if problem.rule == "scheme-1-linear":
        if problem.anchored:
            return tuple(geodesic(first, law, problem.interpolation) for law in problem.laws)
        return problem.laws
    return (problem.laws[problem.silo],)


def _made(problem: SiloProblem, candidates: Law) -> Law:
    """The barycentre that the server's rounds from these candidates come to."""
    start = candidates if problem.rounds else None
    return barycentre(problem.laws, problem.shares, start, problem.rounds)


def score(problem: SiloProblem, candidates: Law) -> tuple[Floats, Floats]:
    """A and b of the rule's score for these candidates; see the module.

    Raises
    ------
    InvalidInput
        For random selection, which has no score.
    """
    if problem.rule == "random":
        raise InvalidInput("random selection has no score")
    return _score(problem, targets(problem), candidates)


def _score(problem: SiloProblem, aims: Sequence[Law], law: Law) -> tuple[Floats, Floats]:
    eye = np.eye(len(law.mean))
    if problem.rule == "scheme-2-barycentre" and problem.rounds and not problem.anchored:
        aims = (_made(problem, law),)
    if problem.rule == "local-centroid":
        return eye, 2 * (law.mean - aims[0].mean)
    if problem.rule == "mahalanobis":
        form = np.asarray(np.linalg.inv(aims[0].covariance))
        return form, 2 * form @ (law.mean - aims[0].mean)
    if len(aims) == 1:
        return eye - transport(law.covariance, aims[0].covariance), 2 * (law.mean - aims[0].mean)
    centre = np.asarray(sum(w * each.mean for w, each in zip(problem.shares, aims, strict=True)))
    return eye - mean_map(law.covariance, aims, problem.shares), 2 * (law.mean - centre)


def _kept(problem: SiloProblem, aims: Sequence[Law], law: Law) -> Law:
    candidates = Law(law.mean, problem.temperature * law.covariance)
    if problem.rule == "random":
        return candidates
    form, linear = _score(problem, aims, candidates)
    root = square_root(candidates.covariance)
    standard, slope = root @ form @ root, root @ linear
    size = float(np.trace(candidates.covariance))
    if np.abs(standard).max() <= 1e-12 * size and float(slope @ slope) <= (1e-12 * size) ** 2:
        # On the target itself every point scores alike, and the choice is random.
        return candidates
    kept = kept_by_score(problem.kept_fraction, standard, slope)
    spread = kept.second - np.outer(kept.mean, kept.mean)
    return Law(candidates.mean + root @ kept.mean, root @ spread @ root)
