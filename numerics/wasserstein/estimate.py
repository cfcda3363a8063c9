"""What an estimator returns, and what it accepts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from theory.errors import InvalidInput

Array: TypeAlias = npt.NDArray[np.float64]

# Beyond these the square of a coordinate leaves the range of a double.
_LARGEST, _SMALLEST = 1e140, 1e-140


@dataclass(frozen=True)
class Estimate:
    """One estimate of a transport functional.

    Attributes
    ----------
    value
        The estimate, in squared units of the data; NaN if the method failed.
    functional
        What is estimated: ``"squared_w2"``, ``"sliced_squared_w2"``, ``"max_sliced_squared_w2"``,
        ``"entropic_ot"``, ``"sinkhorn_divergence"`` and so on.
    estimator
        Name in the registry.
    converged
        Whether the method reached its own stopping rule.
    marginal_error
        Total deviation of the plan's marginals from the weights; 0 for a method without a plan.
    potentials
        Dual values (f at the first sample, g at the second) in squared units, or None.
    seconds
        Wall time of the method itself, the checks of the input left out.
    note
        One line on what went wrong or deserves to be known.
    lower_bound
        A one-sided 95 % confidence bound on the functional, for a method that has one.

    Examples
    --------
    >>> Estimate(1.5, "squared_w2", "exact").failed
    False
    """

    value: float
    functional: str
    estimator: str
    converged: bool = True
    marginal_error: float = 0.0
    potentials: tuple[Array, Array] | None = field(default=None, repr=False)
    seconds: float = 0.0
    note: str = ""
    lower_bound: float | None = None

    @property
    def failed(self) -> bool:
        """Whether there is no value at all; one that has not converged may still be of use."""
        return not math.isfinite(self.value)


@dataclass(frozen=True)
class Samples:
    """Two samples, checked, centred at their common mean and scaled by a power of two.

    Attributes
    ----------
    x, y
        Of shapes (n, d) and (m, d), each coordinate at most 1 in magnitude.
    weights_x, weights_y
        Of shapes (n,) and (m,), positive or zero, each summing to 1.
    scale
        What was divided by: a value in squared units is to be multiplied by ``scale**2``.
    uniform
        Whether all points of each sample weigh the same.
    """

    x: Array
    y: Array
    weights_x: Array
    weights_y: Array
    scale: float
    uniform: bool


def points(name: str, given: Any) -> Array:
    """Read one sample: shape (n, d), or (n,) for one dimension, finite and not empty.

    Integers and float32 are read exactly as the doubles that they are.

    Raises
    ------
    InvalidInput
        One line that says what was given and what is accepted.

    Examples
    --------
    >>> points("x", [1, 2, 4]).shape
    (3, 1)
    >>> points("x", [[1.0, float("nan")]])
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: x has 1 value that is NaN or infinite; accepted: finite numbers
    """
    if np.ma.is_masked(given):
        raise InvalidInput(f"{name} has masked values; accepted: none, take them out")
    try:
        array = np.asarray(given)
    except ValueError:
        raise InvalidInput(f"{name} is ragged; accepted: an array of shape (n, d)") from None
    if array.dtype.kind not in "iufb":
        raise InvalidInput(f"{name} holds {array.dtype}; accepted: real numbers")
    array = array.astype(np.float64)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or 0 in array.shape:
        raise InvalidInput(
            f"{name} has shape {np.shape(given)}; accepted: (n, d) with at least one point and one "
            "coordinate"
        )
    bad = int(np.count_nonzero(~np.isfinite(array)))
    if bad:
        values = "value that is" if bad == 1 else "values that are"
        raise InvalidInput(f"{name} has {bad} {values} NaN or infinite; accepted: finite numbers")
    return array


def weights(name: str, given: Any, size: int) -> Array:
    """Read weights: shape (n,), not negative, not all zero; they are divided by their sum.

    Raises
    ------
    InvalidInput
        One line that says what was given and what is accepted.

    Examples
    --------
    >>> weights("weights_x", [1, 1, 2], 3)
    array([0.25, 0.25, 0.5 ])
    """
    if given is None:
        return np.full(size, 1 / size)
    array = np.asarray(given)
    if array.dtype.kind not in "iufb" or array.shape != (size,):
        raise InvalidInput(
            f"{name} has shape {array.shape} and type {array.dtype}; accepted: {size} real numbers"
        )
    array = array.astype(np.float64)
    if not np.isfinite(array).all() or (array < 0).any() or not array.any():
        raise InvalidInput(f"{name} must be finite, not negative, and not all zero")
    # First by the largest, so that the sum cannot overflow.
    array = array / array.max()
    return np.asarray(array / array.sum())


def samples(x: Any, y: Any, weights_x: Any = None, weights_y: Any = None) -> Samples:
    """Check two samples, then centre and scale them together.

    Transport costs do not change under a common translation, and scale with the square; but sums
    of squares cancel when the data lie far from the origin, and absolute tolerances mean nothing
    at another scale. Both are settled here, once, for every estimator.

    Parameters
    ----------
    x, y
        Samples of shapes (n, d) and (m, d); (n,) and (m,) stand for d = 1.
    weights_x, weights_y
        Masses of the points, in any unit; equal by default.

    Returns
    -------
    Samples

    Raises
    ------
    InvalidInput
        For NaN, infinity, no points, different dimensions, or numbers whose squares overflow.

    Examples
    --------
    >>> pair = samples([1e6, 1e6 + 2], [1e6 + 4])
    >>> pair.x.ravel() * pair.scale + 0.0, pair.y.ravel() * pair.scale
    (array([-2.5, -0.5]), array([1.5]))
    >>> samples([[0.0, 1.0]], [0.0])
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: x has 2 coordinates and y has 1; accepted: the same number
    """
    first, second = points("x", x), points("y", y)
    if first.shape[1] != second.shape[1]:
        raise InvalidInput(
            f"x has {first.shape[1]} coordinates and y has {second.shape[1]}; accepted: the same "
            "number"
        )
    mass_x = weights("weights_x", weights_x, len(first))
    mass_y = weights("weights_y", weights_y, len(second))
    largest = max(np.abs(first).max(), np.abs(second).max())
    if largest > _LARGEST:
        raise InvalidInput(f"a coordinate of size {largest:.3g} is not accepted; at most 1e140")
    # From a point of the data, so that its difference from its neighbours is exact; then the mean.
    origin = first[0].copy()
    first, second = first - origin, second - origin
    middle = (first.mean(axis=0) + second.mean(axis=0)) / 2
    first, second = first - middle, second - middle
    spread = float(max(np.abs(first).max(), np.abs(second).max()))
    if 0 < spread < _SMALLEST:
        raise InvalidInput(f"points spread over {spread:.3g} are not accepted; at least 1e-140")
    scale = 1.0 if spread == 0 else 2.0 ** math.frexp(spread)[1]
    return Samples(
        first / scale,
        second / scale,
        mass_x,
        mass_y,
        scale,
        bool(np.ptp(mass_x) == 0 and np.ptp(mass_y) == 0),
    )
