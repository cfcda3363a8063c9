"""How near generated points are to real ones: place and shape, quality, cover, classes.

All four are computed from samples; none knows how the points were made.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from numerics.silos.generators import checked, moments
from numerics.silos.transport import squared_w2
from theory.errors import InvalidInput

Array = NDArray[np.float64]


def frechet_distance(generated: ArrayLike, real: ArrayLike) -> float:
    """Squared W2 distance between the normal laws with the two samples' moments.

    ``|m - m'|² + Tr S + Tr S' - 2 Tr (S^½ S' S^½)^½`` (Dowson and Landau 1982, J. Multivariate
    Anal. 12(3)), with maximum-likelihood covariances; the score known as FID, in these features.

    Parameters
    ----------
    generated, real
        Shapes (m, d) and (m', d).

    Returns
    -------
    float
        In squared units of the data.

    Examples
    --------
    >>> points = np.array([[0.0], [2.0]])
    >>> frechet_distance(points, 2 * points)
    2.0
    """
    a, b = _pair(generated, real)
    return squared_w2(*moments(a), *moments(b))


def trace_ratio(generated: ArrayLike, real: ArrayLike) -> float:
    """Total variance of the generated points over that of the real ones."""
    a, b = _pair(generated, real)
    return float(np.trace(moments(a)[1]) / np.trace(moments(b)[1]))


def precision_recall(
    generated: ArrayLike, real: ArrayLike, neighbours: int = 5
) -> tuple[float, float]:
    """Improved precision and recall (Kynkäänniemi et al. 2019, arXiv 1904.06991, section 2).

    The support of a sample is the union of balls around its points, each reaching to the point's
    k-th nearest neighbour. Precision is the share of generated points in the support of the real
    ones, recall the share of real points in the support of the generated ones.

    Parameters
    ----------
    generated, real
        Shapes (m, d) and (m', d); recall depends on m, so compare at equal sizes.
    neighbours
        k, below both sizes.

    Returns
    -------
    (float, float)

    Raises
    ------
    InvalidInput
        If `neighbours` is not below both sizes.
    """
    a, b = _pair(generated, real)
    if not 1 <= neighbours < min(len(a), len(b)):
        raise InvalidInput(
            f"neighbours = {neighbours!r}; accepted: 1 to {min(len(a), len(b)) - 1}, below the "
            "smaller sample"
        )
    between = cdist(a, b)
    return (
        float((between <= _radii(b, neighbours)).any(axis=1).mean()),
        float((between <= _radii(a, neighbours)[:, None]).any(axis=0).mean()),
    )


def _radii(points: Array, neighbours: int) -> Array:
    """Distance to the k-th neighbour, the point itself not counted."""
    return np.asarray(np.partition(cdist(points, points), neighbours, axis=1)[:, neighbours])


def effective_classes(generated: ArrayLike, real: ArrayLike, labels: ArrayLike) -> float:
    """exp of the entropy of the generated points' classes, each that of its nearest real point.

    All in one class: 1; evenly over ten: 10.

    Parameters
    ----------
    generated, real
        Shapes (m, d) and (m', d).
    labels
        Classes of the real points, shape (m',).

    Examples
    --------
    >>> corners = np.eye(4)
    >>> effective_classes(corners[[0, 0, 1, 1]], corners, range(4))
    2.0
    """
    a, b = _pair(generated, real)
    names = np.asarray(labels)
    if names.shape != (len(b),):
        raise InvalidInput(f"labels have shape {names.shape}; accepted: ({len(b)},)")
    nearest = names[np.argmin(cdist(a, b), axis=1)]
    _, counts = np.unique(nearest, return_counts=True)
    shares = counts / counts.sum()
    return float(np.exp(-np.sum(shares * np.log(shares))))


def _pair(generated: ArrayLike, real: ArrayLike) -> tuple[Array, Array]:
    a, b = checked(generated), checked(real)
    if a.shape[1] != b.shape[1]:
        raise InvalidInput(f"points of dimension {a.shape[1]} and {b.shape[1]}; accepted: equal")
    return a, b
