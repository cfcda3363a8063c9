"""Strategies for what a setting is made of besides numbers: covariances and schedules of sizes."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from numpy.typing import NDArray

from theory.errors import InvalidInput

# Steps of the lattices: a counterexample should have few digits.
STEPS = 12


@st.composite
def covariances(
    draw: DrawFn, dimension: int | None = None, max_condition: float = 1e6, max_dimension: int = 4
) -> NDArray[np.float64]:
    """Covariance matrices whose condition number is drawn, from 1 to `max_condition`.

    The largest eigenvalue is 1, the smallest 1 over the condition number, the others lie between
    them, and the axes are turned by drawn angles. Shrinks to the identity.

    Parameters
    ----------
    dimension
        Rows; drawn from 1 to `max_dimension` if left out.
    max_condition, max_dimension
        Bounds of the draws.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(covariances(2), lambda sigma: True).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    >>> stretched = find(covariances(2), lambda sigma: np.linalg.cond(sigma) > 900)
    >>> float(np.linalg.cond(stretched).round(6))
    1000.0
    """
    if not 1 <= max_condition <= 1e12:
        raise InvalidInput(f"max_condition = {max_condition} is not a number in [1, 1e12]")
    if dimension is not None and dimension < 1:
        raise InvalidInput(f"dimension = {dimension} is not an integer >= 1")
    d = draw(st.integers(1, max_dimension)) if dimension is None else dimension
    if d == 1:
        return np.eye(1)
    exponent = math.log10(max_condition) * draw(st.integers(0, STEPS)) / STEPS
    inner = [draw(st.integers(0, STEPS)) / STEPS for _ in range(d - 2)]
    values = 10.0 ** (-exponent * np.array([0.0, *sorted(inner), 1.0]))
    turn = np.eye(d)
    for i in range(d - 1):
        angle = math.pi * draw(st.integers(0, STEPS - 1)) / STEPS
        plane = np.eye(d)
        plane[i : i + 2, i : i + 2] = [
            [math.cos(angle), -math.sin(angle)],
            [math.sin(angle), math.cos(angle)],
        ]
        turn = turn @ plane
    sigma = (turn * values) @ turn.T
    return np.asarray((sigma + sigma.T) / 2)


@st.composite
def schedules(
    draw: DrawFn, generations: int | None = None, low: int = 2, high: int = 500
) -> tuple[int, ...]:
    """Sample sizes, one a generation: constant, growing, falling, or anything.

    Parameters
    ----------
    generations
        Length; drawn from 1 to 20 if left out.
    low, high
        Smallest and largest size.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(schedules(3), lambda sizes: sizes[2] > sizes[0])
    (2, 2, 3)
    """
    if not 1 <= low <= high:
        raise InvalidInput(f"sizes need 1 <= low <= high, not {low} and {high}")
    length = draw(st.integers(1, 20)) if generations is None else generations
    if length < 1:
        raise InvalidInput(f"generations = {length} is not an integer >= 1")
    shape = draw(st.sampled_from(["constant", "growing", "falling", "any"]))
    if shape == "constant":
        return (draw(st.integers(low, high)),) * length
    sizes = [draw(st.integers(low, high)) for _ in range(length)]
    if shape == "any":
        return tuple(sizes)
    return tuple(sorted(sizes, reverse=shape == "falling"))
