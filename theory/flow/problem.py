"""The question that the flow answers: truncation selection around a fixed target, in three numbers.

Truncation selection keeps the `kept_fraction` of candidates nearest to a fixed target in a fixed
metric. Whitened by the metric, the start must be isotropic around the axis to the target: then so
is every later model of the population law, and its mean along the axis, its variance along and its
variance across say everything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    FirstBatch,
    FreshReal,
    Replace,
    Workflow,
    check_choice,
)

Floats = NDArray[np.float64]

FLOWING = (Replace, Accumulate, AccumulateSubsample, FreshReal)
# Relative departure from the symmetry that is taken for rounding.
ROUNDING = 1e-9


class NoSymmetry(InvalidInput):
    """A setting without the axis of symmetry that the three-number flow needs."""


@dataclass(frozen=True)
class FlowProblem:
    """Truncation selection around a fixed target, in coordinates whitened by the metric.

    Parameters
    ----------
    workflow
        ``Replace()``, ``Accumulate()``, ``AccumulateSubsample()`` or ``FreshReal(fraction)``.
    dimension
        Dimension of a point, at least 1.
    distance
        Distance of the target from the true mean, whitened; at least 0.
    kept_fraction
        Kept points over candidates, in (0, 1).
    sample_size
        Points in one fit (kept points in one batch, where batches accumulate); None for the
        population law, without a correction or a band.
    ridge
        Added to the whitened covariance of every fit, times the identity.
    along, across
        True variance along the axis to the target, and across it, whitened.
    trace_along, trace_across, trace_mixed, trace_traceless
        The raw trace as a function of the whitened covariance, ``Tr(W Sigma)``: the entry of W on
        the axis, the trace of its block across (None: ``dimension - 1``, W the identity), the
        squared norm of the row that joins the two, and the squared norm of the traceless part of
        the block. The first two weigh the mean; the others add to the spread.
    first_batch
        ``"generated"``: the first batch is selected. ``"real"``: it is kept whole.

    Raises
    ------
    InvalidInput
        If a value lies outside what is accepted.

    Examples
    --------
    >>> problem = FlowProblem(Accumulate(), dimension=10, distance=4.0, kept_fraction=0.05)
    >>> problem.trace
    10.0
    """

    workflow: Workflow
    dimension: int
    distance: float
    kept_fraction: float
    sample_size: int | None = None
    ridge: float = 0.0
    along: float = 1.0
    across: float = 1.0
    trace_along: float = 1.0
    trace_across: float | None = None
    trace_mixed: float = 0.0
    trace_traceless: float = 0.0
    first_batch: FirstBatch = "generated"

    def __post_init__(self) -> None:
        if not isinstance(self.workflow, FLOWING):
            accepted = ", ".join(kind.name for kind in FLOWING)
            raise InvalidInput(f"workflow = {self.workflow!r} has no flow; accepted: {accepted}")
        check_choice("first_batch", self.first_batch, ("generated", "real"))
        for word, floor in (("dimension", 1), ("sample_size", 1)):
            value = getattr(self, word)
            if value is None and word == "sample_size":
                continue
            if isinstance(value, bool) or not float(value).is_integer() or value < floor:
                raise InvalidInput(f"{word} = {value!r} is not an integer of at least {floor}")
            object.__setattr__(self, word, int(value))
        if self.trace_across is None:
            object.__setattr__(self, "trace_across", float(self.dimension - 1))
        for word in ("distance", "ridge", *_WEIGHTS):
            value = float(getattr(self, word))
            if not (math.isfinite(value) and value >= 0):
                raise InvalidInput(f"{word} = {value} is not a finite number of at least 0")
            object.__setattr__(self, word, value)
        for word in ("along", "across"):
            value = float(getattr(self, word))
            if not (math.isfinite(value) and value > 0):
                raise InvalidInput(f"{word} = {value} is not a positive finite number")
            object.__setattr__(self, word, value)
        if not 0 < float(self.kept_fraction) < 1:
            raise InvalidInput(f"kept_fraction = {self.kept_fraction} must lie in (0, 1)")
        object.__setattr__(self, "kept_fraction", float(self.kept_fraction))
        if self.trace_along + self.weight_across == 0:
            raise InvalidInput("the weights of the trace must not all be 0")

    @property
    def weight_across(self) -> float:
        """Trace of W across the axis; 0 on a line."""
        return float(self.trace_across or 0.0) if self.dimension > 1 else 0.0

    @property
    def trace(self) -> float:
        """Trace of the true covariance, in raw coordinates."""
        rest = self.weight_across * self.across
        return self.trace_along * self.along + rest

    @property
    def real_fraction(self) -> float:
        """Share of fresh real points in a fit."""
        return float(self.workflow.fraction) if isinstance(self.workflow, FreshReal) else 0.0

    @classmethod
    def from_target(
        cls,
        workflow: Workflow,
        mean: ArrayLike,
        covariance: ArrayLike,
        target: ArrayLike,
        kept_fraction: float,
        *,
        metric: ArrayLike | None = None,
        sample_size: int | None = None,
        ridge: float = 0.0,
        first_batch: FirstBatch = "generated",
    ) -> FlowProblem:
        """Whiten a setting by its metric and find the axis of symmetry.

        Parameters
        ----------
        workflow, kept_fraction, sample_size, first_batch
            As in `FlowProblem`.
        mean, covariance
            The true law, shapes (d,) and (d, d).
        target, metric
            The verifier keeps the points x of smallest ``(x - target)' metric^-1 (x - target)``;
            without a metric, the true covariance. Shapes (d,) and (d, d).
        ridge
            Added to the raw covariance of every fit, times the identity.

        Raises
        ------
        NoSymmetry
            If, whitened by the metric, the covariance or the ridge is not isotropic around the
            axis to the target.
        InvalidInput
            If a shape or a value is wrong.

        Examples
        --------
        >>> import numpy as np
        >>> problem = FlowProblem.from_target(
        ...     Accumulate(), [0, 0], [[4, 0], [0, 1]], [6, 0], 0.1
        ... )
        >>> problem.distance, problem.trace_along, problem.trace_across
        (3.0, 4.0, 1.0)
        >>> FlowProblem.from_target(
        ...     Accumulate(), [0, 0], [[4, 0], [0, 1]], [6, 6], 0.1, metric=np.eye(2)
        ... )
        Traceback (most recent call last):
        ...
        theory.flow.problem.NoSymmetry: whitened by the metric, the covariance is not isotropic \
around the axis to the target; use the flow of whole matrices
        """
        centre = vector("mean", mean)
        d = centre.size
        sigma = matrix("covariance", covariance, d)
        step = vector("target", target) - centre if np.size(target) == d else None
        if step is None:
            raise InvalidInput(f"target has shape {np.shape(target)}, not ({d},)")
        root = np.linalg.cholesky(sigma if metric is None else matrix("metric", metric, d))
        unroot = np.linalg.inv(root)
        white = unroot @ sigma @ unroot.T
        away = unroot @ step
        distance = float(np.linalg.norm(away))
        axis = away / distance if distance > 0 else _axis(white)
        along, across = _around(axis, white, "covariance")
        scaled = 0.0
        if ridge:
            pair = _around(axis, unroot @ unroot.T, "ridge")
            if d > 1 and abs(pair[0] - pair[1]) > ROUNDING * pair[0]:
                raise NoSymmetry(_broken("ridge"))
            scaled = float(ridge) * pair[0]
        weight = root.T @ root
        on_axis = float(axis @ weight @ axis)
        row = weight @ axis - on_axis * axis
        rest = float(np.trace(weight)) - on_axis
        flat = np.eye(d) - np.outer(axis, axis)
        block = flat @ weight @ flat - rest / max(d - 1, 1) * flat
        return cls(
            workflow,
            dimension=d,
            distance=distance,
            kept_fraction=kept_fraction,
            sample_size=sample_size,
            ridge=scaled,
            along=along,
            across=across,
            trace_along=on_axis,
            trace_across=rest if d > 1 else 0.0,
            trace_mixed=float(row @ row),
            trace_traceless=float((block * block).sum()) if d > 1 else 0.0,
            first_batch=first_batch,
        )


_WEIGHTS = ("trace_along", "trace_across", "trace_mixed", "trace_traceless")


def checked_times(generations: ArrayLike) -> NDArray[np.intp]:
    """Increasing generations; one number T stands for 0..T."""
    given = np.asarray(generations, dtype=float)
    if given.ndim == 0:
        given = np.arange(float(given) + 1)
    accepted = given.ndim == 1 and given.size > 0 and bool((given == np.floor(given)).all())
    if not accepted or given[0] < 0 or given[-1] > 100_000 or (np.diff(given) <= 0).any():
        raise InvalidInput("generations must be increasing whole numbers from 0 to 100000")
    return given.astype(np.intp)


def vector(word: str, value: ArrayLike) -> Floats:
    result = np.asarray(value, dtype=float)
    if result.ndim != 1 or not np.isfinite(result).all():
        raise InvalidInput(f"{word} must be a vector of finite numbers, not {value!r}")
    return result


def matrix(word: str, value: ArrayLike, d: int) -> Floats:
    result = np.asarray(value, dtype=float)
    if result.shape != (d, d) or not np.isfinite(result).all():
        raise InvalidInput(f"{word} must be a {d} x {d} matrix of finite numbers")
    if not np.allclose(result, result.T, rtol=1e-10, atol=0) or np.linalg.eigvalsh(result)[0] <= 0:
        raise InvalidInput(f"{word} must be symmetric and positive definite")
    return result


def _axis(white: Floats) -> Floats:
    """With the target at the mean, the eigenvector that could be an axis of symmetry."""
    values, vectors = np.linalg.eigh(white)
    gaps = np.abs(values - np.median(values))
    return np.asarray(vectors[:, int(np.argmax(gaps))])


def _around(axis: Floats, matrix: Floats, word: str) -> tuple[float, float]:
    """Entries of a matrix along and across an axis; an error unless it is isotropic across."""
    d = axis.size
    along = float(axis @ matrix @ axis)
    across = float((np.trace(matrix) - along) / (d - 1)) if d > 1 else along
    model = across * np.eye(d) + (along - across) * np.outer(axis, axis)
    if np.abs(matrix - model).max() > ROUNDING * np.abs(matrix).max():
        raise NoSymmetry(_broken(word))
    return along, across


def _broken(word: str) -> str:
    return (
        f"whitened by the metric, the {word} is not isotropic around the axis to the target; "
        "use the flow of whole matrices"
    )
