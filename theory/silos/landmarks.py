"""Where the flow of silos goes: attractors, floors, and who beats random selection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from theory.errors import InvalidInput
from theory.silos.flow import SiloProblem, targets
from theory.silos.transport import Law, barycentre, pooled, squared_w2

Floats = NDArray[np.float64]


def contraction_inside(kept_fraction: float, dimension: int) -> float:
    """kappa of the centred ball: what isotropic duals keep above their target.

    ``P(chi2_{d+2} <= q)/alpha`` with ``P(chi2_d <= q) = alpha`` (Tallis 1963).

    Examples
    --------
    >>> round(contraction_inside(0.25, 10), 3)
    0.502
    """
    q = stats.chi2.ppf(kept_fraction, dimension)
    return float(stats.chi2.cdf(q, dimension + 2) / kept_fraction)


def expansion_outside(kept_fraction: float, dimension: int) -> float:
    """kappa of the ball's outside: what isotropic duals keep below their target.

    Examples
    --------
    >>> round(expansion_outside(0.25, 10), 3)
    1.611
    """
    q = stats.chi2.isf(kept_fraction, dimension)
    return float(stats.chi2.sf(q, dimension + 2) / kept_fraction)


def random_growth(temperature: float, generations: int) -> float:
    """G_t: the variance under random selection over the start's.

    ``prod_{k<t} (1 + (lambda - 1)/(k + 2))``: each batch has lambda times the pool's covariance and
    joins it as one of k + 2 batches.

    Examples
    --------
    >>> round(random_growth(1.2, 50), 6), random_growth(1.0, 50)
    (1.997227, 1.0)
    """
    steps = np.arange(generations)
    return float(np.prod(1 + (temperature - 1) / (steps + 2)))


def random_distance(temperature: float, generations: int) -> float:
    """Squared W2 to the start over its trace, under random selection: ``(sqrt(G_t) - 1)^2``."""
    return float((np.sqrt(random_growth(temperature, generations)) - 1) ** 2)


def attractor(problem: SiloProblem) -> Law:
    """The law that a rule's duals pull to, which the pool reaches and then leaves no more.

    A local rule's is its silo; Scheme II's and that of Scheme I with rebuilt proxies the
    barycentre. With proxies anchored at s from the first candidates P_0 it is the barycentre of the
    proxies: where commuting covariances start, the law at s on the way from P_0 to the barycentre.

    Raises
    ------
    InvalidInput
        For rules that pull to no law: random selection, centroid and Mahalanobis (they shrink).
    """
    shares = problem.shares
    if problem.rule == "local-duals":
        return problem.laws[problem.silo]
    if problem.rule == "pooled-oracle":
        return pooled(problem.laws, shares)
    if problem.rule == "scheme-2-barycentre":
        # Rounds from every generation's candidates end where more of them would.
        anchored = problem.anchored and problem.rounds > 0
        return targets(problem)[0] if anchored else barycentre(problem.laws, shares)
    if problem.rule == "scheme-1-linear":
        return barycentre(targets(problem), shares)
    raise InvalidInput(f"the rule {problem.rule!r} pulls to no law; its variance falls for ever")


def floor(problem: SiloProblem, truth: Law) -> float:
    """Squared W2 from the attractor to a truth: what the rule cannot get below for ever."""
    return squared_w2(attractor(problem), truth)


def anchored_floor(problem: SiloProblem) -> float:
    """``s^2 W2^2(P_0, B)``: the distance to P_0 at which anchored proxies settle.

    Exact at s = 1 and where all covariances commute. Otherwise the barycentre of the proxies, which
    is the attractor, falls short of it: by 10 to 25 % for three silos of random shapes in eight
    dimensions. `floor` has no such error.
    """
    first = Law(problem.start.mean, problem.temperature * problem.start.covariance)
    centre = barycentre(problem.laws, problem.shares)
    return problem.interpolation**2 * squared_w2(first, centre)


def proxies_win(problem: SiloProblem, truth: Law, generations: int) -> bool:
    """The crossover law: whether random selection has drifted beyond the proxies' floor.

    Random selection is at ``(sqrt(G_t) - 1)^2`` of the trace, proxies near their floor.
    """
    size = float(np.trace(truth.covariance))
    return random_distance(problem.temperature, generations) > floor(problem, truth) / size
