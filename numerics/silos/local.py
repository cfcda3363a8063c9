"""Rules that ask nothing of other silos: random, K-means, and selection against the own reference.

"CovMatch" is two rules in the sources; both are here under their own names: ``mahalanobis`` and
``covariance-matching``.
"""

from __future__ import annotations

import numpy as np
from scipy.cluster.vq import kmeans2

from numerics.silos.context import Array, Context, Indices, lowest, rule
from numerics.silos.messages import SummaryMessage
from numerics.silos.transport import dual_scores, gaussian_map
from theory.errors import InvalidInput


def summary(points: Array, silo: int = 0) -> SummaryMessage:
    """Mean, covariance (divisor m) and size of a set of points."""
    mean = points.mean(axis=0)
    apart = points - mean
    return SummaryMessage(silo, mean, apart.T @ apart / len(points), len(points))


def must_spread(own: SummaryMessage, whose: str) -> None:
    """Refuse points that are all the same, where a rule divides by their variance."""
    if not float(np.trace(own.covariance)) > 0:
        raise InvalidInput(f"{whose}: all points are the same; this rule needs some variance")


def gaussian_scores(candidates: Array, target: SummaryMessage) -> Array:
    """Dual potential between the Gaussians of the candidates and of a summary, shape (N,).

    ``(x - mu)'(I - T)(x - mu) + 2 (x - mu)'(mu - m)``: mu and T belong to the candidates.

    Raises
    ------
    InvalidInput
        If the summary's points, or the candidates, are all the same.
    """
    must_spread(target, "all silos" if target.silo < 0 else f"silo {target.silo}")
    must_spread(summary(candidates), "the candidates")
    own = summary(candidates)
    apart = candidates - own.mean
    form = np.eye(candidates.shape[1]) - gaussian_map(own.covariance, target.covariance)
    values = np.einsum("ni,ij,nj->n", apart, form, apart, optimize=True)
    return np.asarray(values + 2 * apart @ (own.mean - target.mean))


@rule("random")
def random(candidates: Array, kept: int, context: Context, rng: np.random.Generator) -> Indices:
    """Any `kept` candidates: what happens without a verifier."""
    return rng.choice(len(candidates), size=kept, replace=False).astype(np.int64)


@rule("kmeans")
def kmeans(candidates: Array, kept: int, context: Context, rng: np.random.Generator) -> Indices:
    """The candidate nearest to each of `kept` cluster centres of the candidates themselves.

    A choice for diversity that looks at no reference. A candidate that is nearest to two centres
    is taken once, and the next nearest one still free stands for the second.
    """
    from scipy.spatial import cKDTree

    start = candidates[rng.choice(len(candidates), size=kept, replace=False)]
    # Empty clusters keep their start; ten rounds: the choice hardly moves after that.
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        centres, _ = kmeans2(candidates, start, iter=10, minit="matrix")
    tree = cKDTree(candidates)
    taken = np.zeros(len(candidates), dtype=bool)
    chosen: list[int] = []
    for centre in centres:
        near = 4
        while True:
            _, rows = tree.query(centre, k=min(near, len(candidates)))
            free = [int(row) for row in np.atleast_1d(rows) if not taken[row]]
            if free:
                break
            near *= 4
        taken[free[0]] = True
        chosen.append(free[0])
    return np.array(chosen, dtype=np.int64)


@rule("local-centroid")
def local_centroid(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """The candidates nearest to the mean of the silo's own reference."""
    apart = candidates - context.reference.mean(axis=0)
    return lowest((apart * apart).sum(axis=1), kept)


@rule("mahalanobis")
def mahalanobis(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """The candidates nearest to the silo's own mean in the metric of its own covariance."""
    own = summary(context.reference, context.silo)
    values = np.linalg.eigvalsh(own.covariance)
    if values[0] <= 1e-12 * values[-1]:
        raise InvalidInput(
            f"silo {context.silo}: its covariance is singular ({own.size} points in "
            f"{len(own.mean)} dimensions); Mahalanobis distances need one that is not"
        )
    factor = np.linalg.cholesky(own.covariance)
    apart = np.linalg.solve(factor, (candidates - own.mean).T)
    return lowest((apart * apart).sum(axis=0), kept)


@rule("covariance-matching")
def covariance_matching(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """Greedy matching of the silo's own mean and covariance, one candidate at a time.

    Each step takes the candidate that makes ``|mean|^2/v + |second moment - S|^2/v^2`` smallest,
    both moments those of the chosen set about the silo's mean, S the silo's covariance and v its
    mean variance along an axis: no unit of length is preferred.
    """
    own = summary(context.reference, context.silo)
    must_spread(own, f"silo {context.silo}")
    scale = np.sqrt(float(np.trace(own.covariance)) / len(own.mean))
    y = (candidates - own.mean) / scale
    wanted = np.einsum("ni,ij,nj->n", y, own.covariance / scale**2, y, optimize=True)
    norms = (y * y).sum(axis=1)
    # Of the set so far: its sum, and for each candidate x'(sum of yy')x. Adding y changes the
    # latter by the square of x'y, so that a step costs N d and not N d^2.
    total = np.zeros(y.shape[1])
    spread = np.zeros(len(y))
    chosen = np.empty(kept, dtype=np.int64)
    free = norms + norms**2
    for step in range(kept):
        miss = y @ total + spread - (step + 1) * wanted
        best = int(np.argmin(free + 2 * miss))
        chosen[step] = best
        free[best] = np.inf
        total += y[best]
        spread += (y @ y[best]) ** 2
    return chosen


@rule("local-duals")
def local_duals(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """The lowest calibrated gradients of the squared W2 distance to the silo's own reference."""
    if context.options.dual == "gaussian":
        return lowest(gaussian_scores(candidates, summary(context.reference, context.silo)), kept)
    return lowest(dual_scores(candidates, context.reference), kept)
