"""Mean and scatter of one batch of kept points, in the standard coordinates of its generator.

Two ways to the same law. *Raw*: points are drawn and kept or dropped, one by one. *Statistics*:
where the verifier keeps everything, mean and scatter are drawn themselves (normal, and Bartlett's
root of a Wishart matrix), at a cost that does not depend on the number of points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from numerics.selection import Rule, draw_points
from numerics.triangular import Array, root_of, root_of_sum
from numerics.verifier import View

# Doubles in one block of points: with its radii it stays in a second-level cache while it is used.
BLOCK = 2**15
# With fewer spare points than this a scatter may be so close to singular that one pass over the
# points (sum of squares minus squared sum) would lose it: then the points are centred first.
SPARE = 16


@dataclass(frozen=True)
class Batch:
    """Mean (R, d) of a batch and a root (R, d, d) of its scatter, in standard coordinates."""

    mean: Array
    root: Array


def _blocks(count: int, rule: Rule) -> Iterator[slice]:
    rows = max(1, BLOCK // max(1, rule.drawn * rule.dimension))
    for start in range(0, count, rows):
        yield slice(start, min(start + rows, count))


def _pieces(rule: Rule) -> Iterator[Rule]:
    """Cut a huge batch whose points are independent into pieces that fit a block."""
    limit = max(1, 4 * BLOCK // rule.dimension)
    whole = rule.candidates is not None and rule.selects
    if whole or rule.kept <= limit or rule.kept - rule.dimension < SPARE:
        yield rule
        return
    left = rule.kept
    while left:
        size = min(left, limit)
        share = rule.kept_fraction if rule.selects else 1.0
        yield replace(rule, kept=size, candidates=None, kept_fraction=share)
        left -= size


def summarise(points: Array, *, degenerate: bool = False) -> Batch:
    """Mean and root of the scatter of points (R, n, d).

    Parameters
    ----------
    degenerate
        The points may lie in a subspace; directions of relative extent below 1e-13 have none.

    Examples
    --------
    >>> batch = summarise(np.array([[[1.0], [3.0]]]))
    >>> batch.mean.item(), round(batch.root.item() ** 2, 12)
    (2.0, 2.0)
    """
    size, dimension = points.shape[1:]
    mean = cast(Array, (np.ones(size) @ points) / size)
    if degenerate or size - dimension < SPARE:
        centred = points - mean[:, None, :]
        root = root_of_sum([centred.transpose(0, 2, 1)], rank=size - 1)
        if degenerate:
            pivots = np.abs(np.diagonal(root, axis1=1, axis2=2))
            lengths = np.sqrt(np.einsum("rij,rij->ri", root, root))
            root = np.where((pivots > 1e-13 * lengths)[:, None, :], root, 0.0)
        return Batch(mean, root)
    return Batch(mean, root_of(_scatter(points) - size * mean[:, :, None] * mean[:, None, :]))


def _scatter(points: Array) -> Array:
    if points.shape[-1] == 1:
        return np.asarray(np.einsum("rni,rni->r", points, points)[:, None, None])
    return np.asarray(points.transpose(0, 2, 1) @ points)


def raw_batch(rng: np.random.Generator, count: int, rule: Rule, view: View | None = None) -> Batch:
    """Draw `count` batches point by point and sum them up, in cache-sized blocks.

    Parameters
    ----------
    view
        How the verifier sees the candidates, where `rule` has one.
    """
    mean = np.zeros((count, rule.dimension))
    root = np.zeros((count, rule.dimension, rule.dimension))
    if rule.kept == 0:
        return Batch(mean, root)
    pieces = tuple(_pieces(rule))
    for rows in _blocks(count, rule):
        width = rows.stop - rows.start
        seen = None if view is None else view.rows(rows)
        if len(pieces) == 1:
            block = summarise(draw_points(rng, width, rule, seen))
            mean[rows], root[rows] = block.mean, block.root
            continue
        total = np.zeros((width, rule.dimension))
        scatter = np.zeros((width, rule.dimension, rule.dimension))
        for piece in pieces:
            points = draw_points(rng, width, piece, seen)
            total += points.sum(axis=1)
            scatter += _scatter(points)
        centre = total / rule.kept
        mean[rows] = centre
        root[rows] = root_of(scatter - rule.kept * centre[:, :, None] * centre[:, None, :])
    return Batch(mean, root)


def statistics_batch(
    rng: np.random.Generator, count: int, rule: Rule, *, mean: bool = True
) -> Batch:
    """Draw mean and scatter of `count` batches of independent normal points, not the points.

    The mean is normal with covariance ``I / n``; the scatter, independent of it, is Wishart with
    ``n - 1`` degrees of freedom: by Bartlett's decomposition its lower-triangular root has roots of
    chi-squares (``n - 1``, ``n - 2``, ... degrees) on the diagonal and standard normals below. With
    ``n <= d`` the columns from ``n`` on are zero.

    Parameters
    ----------
    mean
        False leaves the mean at zero where nobody asks for it.

    Examples
    --------
    >>> batch = statistics_batch(np.random.default_rng(1), 2, Rule(dimension=3, kept=10**9))
    >>> batch.root.shape
    (2, 3, 3)
    """
    dimension, size = rule.dimension, rule.kept
    centre = np.zeros((count, dimension))
    root = np.zeros((count, dimension, dimension))
    if size and mean:
        centre = rng.standard_normal((count, dimension))
        centre /= np.sqrt(size)
    rank = min(dimension, size - 1)
    for j in range(rank):
        root[:, j, j] = np.sqrt(rng.chisquare(size - 1 - j, count))
    rows, columns = np.tril_indices(dimension, -1)
    rows, columns = rows[columns < rank], columns[columns < rank]
    if rows.size:
        root[:, rows, columns] = rng.standard_normal((count, rows.size))
    return Batch(centre, root)
