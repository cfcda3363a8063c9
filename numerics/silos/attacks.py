"""What a message tells about the raw points behind it: reconstruction, played out.

The attacker is the server, which sees every message and knows the candidates that it sent. Each
attack returns guesses of raw points; `exposure` counts how many raw points they hit and sets their
distance to the raw points against the distance to points held out from the same source, since a
message may be close to every digit without telling which digits a silo holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from theory.errors import InvalidInput

Array = NDArray[np.float64]
# A guess hits a raw point if it is within this share of the raw points' root mean square spread.
HIT = 1e-3
# What a silo may take for s, searched when s is not known.
SHARES = np.arange(0.02, 1.0001, 0.01)
ROUNDS, DAMPING = 150, 1e-8


@dataclass(frozen=True)
class Exposure:
    """What a set of guesses tells.

    Attributes
    ----------
    recovered : float
        Share of the raw points that some guess hits (within 1e-3 of their spread).
    to_raw, to_held_out : float
        Median distance from a guess to the nearest raw point, and to the nearest of as many points
        held out, over the raw points' spread. Equal if the message tells nothing of its own silo's
        points beyond their law.
    guesses : int
    """

    recovered: float
    to_raw: float
    to_held_out: float
    guesses: int


def exposure(guesses: ArrayLike, raw: ArrayLike, held_out: ArrayLike) -> Exposure:
    """Count the raw points that guesses hit, and their distances to raw and held-out points.

    Parameters
    ----------
    guesses : array_like, shape (g, d)
        From an attack of this module; none (shape (0, d)) recovers nothing.
    raw, held_out : array_like, shape (m, d), (h, d)
        The silo's points, and others of the same source that it does not hold. If there are more
        of the one than of the other, only the first min(m, h) of each are compared.

    Returns
    -------
    Exposure

    Examples
    --------
    >>> raw, other = [[0.0], [1.0], [2.0]], [[0.5], [1.5], [2.5]]
    >>> exposure([[0.0], [1.0]], raw, other).recovered.__round__(2)
    0.67
    """
    x, y, z = _table("guesses", guesses), _table("raw", raw), _table("held_out", held_out)
    if not len(y) or not len(z):
        raise InvalidInput("no raw or no held-out points; accepted: at least one of each")
    spread = float(np.sqrt(y.var(axis=0).sum())) or 1.0
    if not len(x):
        return Exposure(0.0, float("nan"), float("nan"), 0)
    hit, _ = cKDTree(x).query(y)
    size = min(len(y), len(z))
    near = [float(np.median(cKDTree(p[:size]).query(x)[0])) / spread for p in (y, z)]
    return Exposure(float(np.mean(hit <= HIT * spread)), near[0], near[1], len(x))


def invert_geodesic(proxies: ArrayLike, candidates: ArrayLike, share: float | None = None) -> Array:
    """Guess raw points from geodesic proxies (1-s) x + s T(x), the candidates x being known.

    With the plan of exact transport, T(x) is a raw point wherever a candidate's mass is not split,
    so that ((proxy) - (1-s) x)/s is one. If s is not known, the right one is where the guesses
    fall on each other: several candidates share a raw point.

    Parameters
    ----------
    proxies, candidates : array_like, shape (N, d)
        In the same order.
    share : float, optional
        s, 0 < s <= 1; searched on the grid .02, .03, ..., 1 if left out.

    Returns
    -------
    ndarray, shape (N, d)

    Examples
    --------
    >>> import numpy as np
    >>> raw, x = np.array([[5.0], [7.0]]), np.array([[0.0], [1.0]])
    >>> invert_geodesic(0.75 * x + 0.25 * raw, x, 0.25).ravel().tolist()
    [5.0, 7.0]
    """
    xi, x = _pair(proxies, candidates)
    s = find_share(xi, x) if share is None else share
    if not 0 < s <= 1:
        raise InvalidInput(f"share={s!r} is not accepted; accepted: 0 < share <= 1")
    return (xi - (1 - s) * x) / s


def find_share(proxies: ArrayLike, candidates: ArrayLike) -> float:
    """The s at which most guesses of `invert_geodesic` coincide, refined between grid points.

    Returns
    -------
    float
        s. Where no guesses coincide at any s (fewer candidates than raw points), it means nothing.
    """
    xi, x = _pair(proxies, candidates)

    def apart(s: float) -> float:
        guess = (xi - (1 - s) * x) / s
        near = np.asarray(cKDTree(guess).query(guess, k=2)[0])[:, 1]
        return float(np.median(near)) / (float(np.sqrt(guess.var(axis=0).sum())) or 1.0)

    best = min(SHARES, key=apart)
    for width in (0.01, 0.001, 0.0001):
        best = min(np.clip(best + width * np.linspace(-1, 1, 21), 1e-3, 1.0), key=apart)
    return float(best)


def invert_scores(
    potentials: ArrayLike,
    candidates: ArrayLike,
    *,
    count: int,
    generator: np.random.Generator,
    restarts: int = 40,
) -> Array:
    """Guess raw points from the dual potentials at the candidates, if the server has these alone.

    For squared cost the exact potential is f(x) = min_j |x - y_j|^2 - g_j, so h = |x|^2 - f is the
    largest of affine functions with gradients 2 y_j. They are fitted by turns with the cells where
    each is the largest (Magnani and Boyd 2009), from random cells. A function through d + 3
    candidates is no accident (d + 1 always lie on one), and its gradient is twice a raw point. So
    high dimension protects, by leaving too few candidates in a cell, and nothing else does.

    Parameters
    ----------
    potentials : array_like, shape (N,)
        Dual potential of exact OT with squared Euclidean cost, at the candidates.
    candidates : array_like, shape (N, d)
    count : int
        Number of raw points, or a guess of it, 1 <= count <= N.
    generator : numpy.random.Generator
        Where the cells start; from `numerics.streams`.
    restarts : int

    Returns
    -------
    ndarray, shape (g, d)
        One guess per fit that is exact; the same raw point may be found at several restarts.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.streams import Stream
    >>> x = np.linspace(0, 1, 50)[:, None]
    >>> f = np.minimum((x - 0.2) ** 2, (x - 0.9) ** 2).ravel()
    >>> guess = invert_scores(f, x, count=2, generator=Stream("c0ffee", "attack").generator())
    >>> sorted(set(guess.ravel().round(6).tolist()))
    [0.2, 0.9]
    """
    x = _table("candidates", candidates)
    f = np.asarray(potentials, dtype=float)
    if f.shape != x.shape[:1] or not np.isfinite(f).all():
        raise InvalidInput(
            f"potentials of shape {f.shape}; accepted: {x.shape[:1]}, one finite value a candidate"
        )
    if not 1 <= count <= len(x):
        raise InvalidInput(f"count={count!r} is not accepted; accepted: from 1 to {len(x)}")
    height = np.sum(x * x, axis=1) - f
    design = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    found = [np.empty((0, x.shape[1] + 1))]
    for _ in range(restarts):
        centres = x[generator.choice(len(x), count, replace=False)]
        cell = np.asarray(cKDTree(centres).query(x)[1], dtype=np.intp)
        found.append(_largest_of_affine(design, height, cell))
    return np.asarray(np.concatenate(found)[:, :-1] / 2)


def _largest_of_affine(design: Array, height: Array, cell: NDArray[np.intp]) -> Array:
    """Affine functions that at least d + 3 points lie on, from starting cells, shape (g, d + 1)."""
    width, count = design.shape[1], int(cell.max()) + 1
    squares = design[:, :, None] * design[:, None, :]
    affine = np.zeros((count, width))
    for _ in range(ROUNDS):
        gram, moment = np.zeros((count, width, width)), np.zeros((count, width))
        np.add.at(gram, cell, squares)
        np.add.at(moment, cell, design * (height - np.sum(affine[cell] * design, axis=1))[:, None])
        # A cell of few points moves its function no further than they ask.
        affine += np.linalg.solve(gram + DAMPING * np.eye(width), moment[..., None])[..., 0]
        largest = np.argmax(affine @ design.T, axis=0)
        if np.array_equal(largest, cell):
            break
        cell = largest
    misfit = np.abs(np.sum(affine[cell] * design, axis=1) - height)
    worst = np.zeros(count)
    np.maximum.at(worst, cell, misfit)
    full = np.bincount(cell, minlength=count) >= width + 2
    return np.asarray(affine[full & (worst <= 1e-7 * np.ptp(height))])


def _pair(proxies: ArrayLike, candidates: ArrayLike) -> tuple[Array, Array]:
    xi, x = _table("proxies", proxies), _table("candidates", candidates)
    if xi.shape != x.shape or len(x) < 2:
        raise InvalidInput(
            f"proxies of shape {xi.shape}, candidates of shape {x.shape}; "
            "accepted: the same shape (N, d), N >= 2"
        )
    return xi, x


def _table(name: str, points: ArrayLike) -> Array:
    x = np.asarray(points, dtype=float)
    if x.ndim != 2 or x.shape[1] == 0 or not np.isfinite(x).all():
        raise InvalidInput(f"{name} of shape {x.shape}; accepted: (m, d), finite, d >= 1")
    return x
