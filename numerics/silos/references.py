"""What silos hold: points, the laws they may be drawn from, and the faults that are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput

Array = NDArray[np.float64]
OnFailure = Literal["raise", "drop"]
ON_FAILURE = ("raise", "drop")


class SiloError(InvalidInput):
    """A silo whose reference cannot be used; the text names the silo and the fault."""


@dataclass(frozen=True)
class GaussianLaw:
    """N(mean, covariance) as the law of a silo.

    Parameters
    ----------
    mean : ndarray (d,)
    covariance : ndarray (d, d)

    Examples
    --------
    >>> from numerics.streams import Stream
    >>> law = GaussianLaw(np.zeros(2), np.eye(2))
    >>> law.sample(Stream("c0ffee", "doc").generator(), 3).shape
    (3, 2)
    """

    mean: Array
    covariance: Array

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw `count` points, shape (count, d)."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.clip(values, 0.0, None))
        noise = rng.standard_normal((count, len(self.mean)))
        return np.asarray(self.mean + noise @ root.T)


@dataclass(frozen=True)
class LaplaceLaw:
    """Independent Laplace coordinates with scale ``sqrt(variance/2)``.

    Parameters
    ----------
    mean, variance : ndarray (d,)
    """

    mean: Array
    variance: Array

    @property
    def covariance(self) -> Array:
        """Covariance, shape (d, d)."""
        return np.diag(self.variance)

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw `count` points, shape (count, d)."""
        size = (count, len(self.mean))
        return np.asarray(self.mean + rng.laplace(size=size) * np.sqrt(self.variance / 2))


@dataclass(frozen=True)
class MixtureLaw:
    """A mixture of laws; rows are drawn in random order, never grouped by component.

    Parameters
    ----------
    parts : tuple of laws
    weights : ndarray (k,)
        Positive, summing to one.
    """

    parts: tuple[GaussianLaw | LaplaceLaw, ...]
    weights: Array

    @property
    def mean(self) -> Array:
        """Mean, shape (d,)."""
        return np.asarray(self.weights @ np.array([part.mean for part in self.parts]))

    @property
    def covariance(self) -> Array:
        """Covariance: within and between the parts, shape (d, d)."""
        within = np.tensordot(self.weights, [part.covariance for part in self.parts], axes=1)
        apart = np.array([part.mean for part in self.parts]) - self.mean
        return np.asarray(within + (self.weights[:, None] * apart).T @ apart)

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw `count` points, shape (count, d)."""
        chosen = rng.choice(len(self.parts), size=count, p=self.weights)
        drawn = np.empty((count, len(self.mean)))
        for index, part in enumerate(self.parts):
            mine = chosen == index
            drawn[mine] = part.sample(rng, int(mine.sum()))
        return drawn


Law = GaussianLaw | LaplaceLaw | MixtureLaw


def gaussian_silos(
    rng: np.random.Generator, silos: int, dimension: int, heterogeneity: float
) -> tuple[GaussianLaw, ...]:
    """Gaussian silos that differ in place and shape.

    Parameters
    ----------
    rng
        Places and shapes are drawn from it.
    silos, dimension
        Number of silos K, at least 1, and d.
    heterogeneity
        0: all silos are N(0, I). Otherwise silo means are normal with this standard deviation
        along each axis, centred over the silos, and each covariance is ``R diag(exp(h g)) R'``
        with h half the heterogeneity, g normal and R a random rotation.

    Returns
    -------
    tuple of GaussianLaw

    Raises
    ------
    InvalidInput
        If a number lies outside.
    """
    if silos < 1 or dimension < 1:
        raise InvalidInput(f"{silos} silos in {dimension} dimensions; accepted: at least 1 of each")
    if not (np.isfinite(heterogeneity) and heterogeneity >= 0):
        raise InvalidInput(f"heterogeneity = {heterogeneity!r}; accepted: a number from 0 on")
    means = heterogeneity * rng.standard_normal((silos, dimension))
    means -= means.mean(axis=0)
    laws = []
    for mean in means:
        rotation, _ = np.linalg.qr(rng.standard_normal((dimension, dimension)))
        scales = np.exp(0.5 * heterogeneity * rng.standard_normal(dimension))
        laws.append(GaussianLaw(mean, (rotation * scales) @ rotation.T))
    return tuple(laws)


def check_reference(points: ArrayLike, dimension: int, *, silo: int, least: int) -> Array:
    """One silo's reference as an array, or the error that names its fault.

    Parameters
    ----------
    points
        Shape (m, d).
    dimension
        The d that is expected.
    silo
        Which silo, for the error.
    least
        Least number of points.

    Raises
    ------
    SiloError
        If it is no table of numbers, of another dimension, empty or too small, or holds NaN or Inf.
    """
    try:
        array = np.asarray(points, dtype=float)
    except (TypeError, ValueError):
        raise SiloError(f"silo {silo}: the reference is no table of numbers") from None
    if array.ndim != 2:
        raise SiloError(f"silo {silo}: the reference has shape {array.shape}; accepted: (m, d)")
    if array.shape[0] == 0:
        raise SiloError(f"silo {silo}: the reference is empty")
    if array.shape[1] != dimension:
        raise SiloError(
            f"silo {silo}: the reference has dimension {array.shape[1]}; accepted: {dimension}"
        )
    bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if bad.size:
        raise SiloError(
            f"silo {silo}: {bad.size} of {len(array)} points hold NaN or Inf (first: row {bad[0]})"
        )
    if len(array) < least:
        raise SiloError(
            f"silo {silo}: the reference has {len(array)} points; accepted: at least {least}"
        )
    return array


@dataclass(frozen=True)
class Roster:
    """The silos that take part, with their weights.

    Attributes
    ----------
    references : tuple of ndarray (m_k, d)
    weights : ndarray (K,)
        Positive, summing to one.
    members : tuple of int
        Numbers of those silos in the list that was given.
    dropped : tuple of str
        One line for each silo that was left out and why.
    """

    references: tuple[Array, ...]
    weights: Array
    members: tuple[int, ...]
    dropped: tuple[str, ...]


def roster(
    references: Sequence[ArrayLike | None],
    *,
    weighting: Literal["size", "equal"] = "size",
    on_failure: OnFailure = "raise",
    least: int | None = None,
) -> Roster:
    """Check every silo; a fault is raised, or the silo is left out and the rest reweighted.

    Parameters
    ----------
    references
        One table (m_k, d) a silo; None is a silo that dropped out.
    weighting
        ``"size"``: in proportion to the points of a silo. ``"equal"``: all alike.
    on_failure
        ``"raise"`` names the fault; ``"drop"`` leaves the silo out, reweights the others and says
        so in `Roster.dropped`.
    least
        Least number of points, by default d + 1: fewer give a singular covariance.

    Raises
    ------
    SiloError
        As `check_reference`, if no silo is left, or at once under ``"raise"``.

    Examples
    --------
    >>> points = np.arange(8.0).reshape(4, 2) ** 2
    >>> found = roster([points, None, points * np.nan], on_failure="drop")
    >>> found.members, found.weights.tolist()
    ((0,), [1.0])
    >>> found.dropped[0]
    'silo 1: dropped out'
    """
    if on_failure not in ON_FAILURE:
        raise InvalidInput(f"on_failure = {on_failure!r}; accepted: {', '.join(ON_FAILURE)}")
    if weighting not in ("size", "equal"):
        raise InvalidInput(f"weighting = {weighting!r}; accepted: size, equal")
    shapes = [np.shape(each) for each in references if each is not None and np.ndim(each) == 2]
    widths = [shape[1] for shape in shapes if shape[1] > 0]
    # The dimension is what most silos have: one odd silo is the fault, not all the others.
    dimension = max(set(widths), key=lambda width: (widths.count(width), -width)) if widths else 0
    kept: list[Array] = []
    members: list[int] = []
    dropped: list[str] = []
    for silo, points in enumerate(references):
        try:
            if points is None:
                raise SiloError(f"silo {silo}: dropped out")
            floor = dimension + 1 if least is None else least
            kept.append(check_reference(points, dimension, silo=silo, least=floor))
            members.append(silo)
        except SiloError as fault:
            if on_failure == "raise":
                raise
            dropped.append(str(fault))
    if not kept:
        raise SiloError(
            f"no silo is left of {len(references)}: {'; '.join(dropped) or 'none given'}"
        )
    sizes = np.array([len(each) if weighting == "size" else 1 for each in kept], dtype=float)
    return Roster(tuple(kept), sizes / sizes.sum(), tuple(members), tuple(dropped))
