"""Rules that other silos take part in: geodesic proxies, a barycentre, and the pooled oracle.

Scheme I: silo k sends points on the geodesic from the candidates to its reference; candidates are
scored against each silo's proxy and the scores are put together, linearly or by a greedy log
utility. Scheme II: a server and the silos move a support to the Wasserstein barycentre of the
references, and candidates are scored against that one set.
"""

from __future__ import annotations

import numpy as np

from numerics.silos.context import Array, Context, Indices, lowest, rule
from numerics.silos.local import gaussian_scores, must_spread, summary
from numerics.silos.messages import MapMessage, ProxyMessage, RawMessage, SummaryMessage
from numerics.silos.transport import barycentre, calibrated, dual_scores, gaussian_map, solve

_FIXED_POINT_ROUNDS = 200


def _support(candidates: Array, kept: int, context: Context) -> Array:
    size = context.options.support or kept
    return candidates[: min(size, len(candidates))]


def _proxies(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> list[Array] | list[SummaryMessage]:
    """What the silos sent: proxies, or summaries where the duals are those of Gaussians."""
    options = context.options
    if options.anchored and "proxies" in context.memory:
        return context.memory["proxies"]
    s = options.interpolation
    found: list[Array] = []
    summaries: list[SummaryMessage] = []
    for silo, reference in enumerate(context.references):
        if options.dual == "gaussian":
            summaries.append(_geodesic(summary(candidates), _sent(context, silo, rng), s))
            continue
        support = _support(candidates, kept, context)
        points = (1 - s) * support + s * solve(support, reference).images
        message = context.exchange.send(ProxyMessage(silo, context.released(points, rng)))
        found.append(message.points)
    context.memory["proxies"] = summaries or found
    return context.memory["proxies"]


def _sent(context: Context, silo: int, rng: np.random.Generator) -> SummaryMessage:
    """A silo's summary: sent once, remembered by the server."""
    known = context.memory.setdefault("summaries", {})
    if silo not in known:
        own = summary(context.references[silo], silo)
        must_spread(own, f"silo {silo}")
        mean = context.released(own.mean, rng)
        covariance = context.released(own.covariance, rng)
        known[silo] = context.exchange.send(SummaryMessage(silo, mean, covariance, own.size))
    return known[silo]


def _geodesic(start: SummaryMessage, end: SummaryMessage, s: float) -> SummaryMessage:
    """The Gaussian at s on the geodesic between two."""
    eye = np.eye(len(start.mean))
    way = (1 - s) * eye + s * gaussian_map(start.covariance, end.covariance)
    mean = (1 - s) * start.mean + s * end.mean
    return SummaryMessage(end.silo, mean, way @ start.covariance @ way, end.size)


def silo_scores(candidates: Array, kept: int, context: Context, rng: np.random.Generator) -> Array:
    """Calibrated scores of the candidates against every silo's proxy, shape (K, N).

    Rebuilt proxies of exact transport need no points to be sent: along the geodesic the potential
    is s times that to the reference, so each silo scores the candidates itself. What is sent is
    the proxy all the same, because the server computes the scores.
    """
    scores = [
        calibrated(gaussian_scores(candidates, proxy))
        if isinstance(proxy, SummaryMessage)
        else dual_scores(candidates, proxy)
        for proxy in _proxies(candidates, kept, context, rng)
    ]
    return np.array(scores)


def together(values: Array, context: Context) -> Array:
    """Weighted mean, or median, over the first axis (silos)."""
    if context.options.aggregation == "median":
        return np.asarray(np.median(values, axis=0))
    return np.tensordot(context.shares, values, axes=1)


@rule("scheme-1-linear")
def scheme_1_linear(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """Scheme I: the lowest mean score over the silos' proxies."""
    return lowest(together(silo_scores(candidates, kept, context, rng), context), kept)


def utilities(scores: Array) -> Array:
    """Scores of each silo turned to utilities in [0, 1]: the lowest score gets 1, the highest 0.

    Min-max over the candidates at hand, as the sources have it. It has no limit as candidates
    become many, because the extremes have none.
    """
    low, high = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
    spread = np.where(high > low, high - low, 1.0)
    return np.asarray((high - scores) / spread)


def log_utility(u: Array, chosen: Indices, weights: Array) -> float:
    """``sum_k w_k log(1 + sum_{i in S} u_ki)``: monotone and submodular in the set S."""
    return float(weights @ np.log1p(u[:, chosen].sum(axis=1)))


def greedy(u: Array, kept: int, weights: Array) -> Indices:
    """The `kept` candidates that a greedy choice by log utility takes, in order.

    By submodularity their utility is at least 1 - 1/e of the best set's (Nemhauser, Wolsey and
    Fisher 1978).

    Parameters
    ----------
    u : ndarray (K, N)
        Utilities, at least 0.
    weights : ndarray (K,)
    """
    total = np.zeros(len(u))
    free = np.zeros(u.shape[1])
    chosen = np.empty(kept, dtype=np.int64)
    for step in range(kept):
        gain = weights @ (np.log1p(total[:, None] + u) - np.log1p(total)[:, None]) + free
        chosen[step] = best = int(np.argmax(gain))
        free[best] = -np.inf
        total += u[:, best]
    return chosen


def threshold_form(u: Array, kept: int, weights: Array) -> Indices:
    """The set S that keeps the largest ``sum_k w_k u_ki/(1 + U_k(S))`` of its own totals U(S).

    Such a set need not exist: with finitely many candidates two sets may call for each other. The
    totals are then those of the concave relaxation, in which a candidate may be kept in part; they
    are reached by damped rounds from a random set's. Each round costs one pass over the candidates,
    where the greedy makes n. In every case tried the set was the greedy's, candidate for candidate.
    """
    total = u.sum(axis=1) * (kept / u.shape[1])
    for step in range(_FIXED_POINT_ROUNDS):
        chosen = lowest(-((weights / (1 + total)) @ u), kept)
        reached = u[:, chosen].sum(axis=1)
        again = lowest(-((weights / (1 + reached)) @ u), kept)
        if np.array_equal(np.sort(chosen), np.sort(again)):
            break
        total += (reached - total) / (1 + step / 4)
    return chosen


@rule("scheme-1-greedy")
def scheme_1_greedy(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """Scheme I: greedy choice by the log utility of the silos."""
    u = utilities(silo_scores(candidates, kept, context, rng))
    return greedy(u, kept, context.shares)


@rule("scheme-2-barycentre")
def scheme_2_barycentre(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """Scheme II: the lowest scores against a barycentre of the references, made once and reused."""
    options = context.options
    if not (options.anchored and "barycentre" in context.memory):
        context.memory["barycentre"] = (
            _gaussian_barycentre(context, rng)
            if options.dual == "gaussian"
            else free_support(_support(candidates, kept, context), context, rng)
        )
    target = context.memory["barycentre"]
    if isinstance(target, SummaryMessage):
        return lowest(gaussian_scores(candidates, target), kept)
    return lowest(dual_scores(candidates, target), kept)


def free_support(support: Array, context: Context, rng: np.random.Generator) -> Array:
    """The server's rounds: each silo sends the images of the support, the server moves it there.

    Parameters
    ----------
    support : ndarray (M, d)
        Where it starts.

    Returns
    -------
    ndarray (M, d)
    """
    for _ in range(context.options.rounds):
        images = []
        for silo, reference in enumerate(context.references):
            points = context.released(solve(support, reference).images, rng)
            images.append(context.exchange.send(MapMessage(silo, points)).points)
        support = together(np.array(images), context)
    return support


def _gaussian_barycentre(context: Context, rng: np.random.Generator) -> SummaryMessage:
    sent = [_sent(context, silo, rng) for silo in range(len(context.references))]
    mean = together(np.array([each.mean for each in sent]), context)
    covariance = barycentre(np.array([each.covariance for each in sent]), context.shares)
    return SummaryMessage(-1, mean, covariance, sum(each.size for each in sent))


@rule("pooled-oracle")
def pooled_oracle(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """The lowest scores against all references together: what no federation could allow."""
    if "pooled" not in context.memory:
        for silo, reference in enumerate(context.references):
            context.exchange.send(RawMessage(silo, reference))
        context.memory["pooled"] = np.concatenate(context.references)
    pooled = context.memory["pooled"]
    if context.options.dual == "gaussian":
        return lowest(gaussian_scores(candidates, summary(pooled, -1)), kept)
    return lowest(dual_scores(candidates, pooled), kept)
