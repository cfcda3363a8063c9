"""The batched kernels at the door: bad input gets a line, odd input the right number."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.streams import Stream
from numerics.wasserstein import bures_small
from numerics.wasserstein.bures import of_moments, squared_bures
from numerics.wasserstein.line import sorted_squared_w2
from theory.errors import InvalidInput
from theory.wasserstein.line import atoms_squared_w2

eye = np.eye


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (np.diag([1.0, -1.0]), eye(2), "first has the eigenvalue -1"),
        (eye(2), np.diag([-1.0, -1.0]), "second has the eigenvalue -1"),
        (np.diag([1.0, -1.0, 1.0]), eye(3), "first has the eigenvalue -1"),
        (eye(3), np.diag([1.0, 1.0, -1.0]), "second has the eigenvalue -1"),
        # The first matrix is singular, so that the factor of the other way is missing.
        (np.diag([1.0, 0.0, 1.0]), np.diag([1.0, 1.0, -1.0]), "second has the eigenvalue -1"),
        (np.full((1, 1), -1.0), eye(1), "variance is below 0"),
        (np.array([[1.0, 2.0], [0.0, 5.0]]), eye(2), "first is not symmetric"),
        (np.full((3, 3), np.nan), eye(3), "NaN or infinite"),
        (eye(3), np.diag([1.0, np.inf, 1.0]), "NaN or infinite"),
        (eye(3), eye(2), "3 and 2 rows"),
        (np.ones((2, 3)), eye(2), "accepted: \\(..., d, d\\)"),
        (np.stack([eye(3), -eye(3)]), eye(3), "first has the eigenvalue -1"),
    ],
)
def test_matrices_that_are_no_covariances(first: Any, second: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        squared_bures(first, second)


@pytest.mark.parametrize("d", [1, 2, 3, 6])
@pytest.mark.parametrize("scale", [1e-290, 1e-200, 1.0, 1e200, 1e290])
def test_any_scale(d: int, scale: float) -> None:
    value = squared_bures(np.stack([scale * eye(d), eye(d)]), 4 * scale * eye(d))
    assert value[0] / scale == pytest.approx(d)
    # The twin: without a unit of each pair the products leave the range of a double.
    if d in (2, 6) and scale < 1:
        assert of_moments(scale * eye(d), 4 * scale * eye(d)) / scale != pytest.approx(d)


def with_sixty_digits(first: Any, second: Any) -> float:
    with mpmath.workdps(60):
        a, b = mpmath.matrix(first.tolist()), mpmath.matrix(second.tolist())
        values, vectors = mpmath.eigsy(a)
        root = vectors * mpmath.diag([mpmath.sqrt(value) for value in values]) * vectors.T
        inner = root * b * root
        squares = mpmath.eigsy((inner + inner.T) / 2, eigvals_only=True)
        trace = sum(a[i, i] + b[i, i] for i in range(len(first)))
        return float(trace - 2 * sum(mpmath.sqrt(each) for each in squares))


def worst_error(d: int, decades: float) -> float:
    """Of pairs whose eigenvalues spread over so many powers of ten, as a share of the traces."""
    rng, worst = Stream("c0ffee", "decades", {"d": d}).generator(), 0.0
    for _ in range(8):
        turns = np.linalg.qr(rng.standard_normal((2, d, d)))[0]
        spread = 10.0 ** -(decades * rng.random((2, 1, d)))
        pair = (turns * spread) @ np.swapaxes(turns, -1, -2)
        first, second = (pair + np.swapaxes(pair, -1, -2)) / 2
        error = abs(float(squared_bures(first, second)) - with_sixty_digits(first, second))
        worst = max(worst, error / float(np.trace(first + second)))
    return worst


@pytest.mark.parametrize("d", [2, 3, 4])
def test_few_dimensions_keep_their_digits(d: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert worst_error(d, 0) < 1e-14
    assert worst_error(d, 9) < 1e-10
    if d == 3:
        # The twin: an iteration that has not settled is taken as it is.
        monkeypatch.setattr(bures_small, "_SETTLED", np.inf)
        monkeypatch.setattr(bures_small, "_STEEP", -np.inf)
        assert worst_error(d, 9) > 1e-8


def test_a_matrix_that_is_a_covariance_but_for_rounding_goes_through() -> None:
    root = Stream("c0ffee", "batches").generator().standard_normal((50, 5, 2))
    flat = root @ np.swapaxes(root, -1, -2) * (1 + 1e-15)
    assert (squared_bures(flat, flat[::-1]) >= 0).all()
    with pytest.raises(InvalidInput, match="eigenvalue"):
        squared_bures(flat - 1e-6 * eye(5), flat[::-1])


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.zeros((2, 0)), np.zeros((2, 3)), "at least one point"),
        (np.zeros((2, 3)), np.zeros((3, 3)), "same leading shape"),
        (np.float64(1.0), np.zeros(3), "at least one point"),
        (np.array([0.0, np.nan]), np.zeros(2), "NaN or infinite"),
        (np.array([0.0, 1.0]), np.array([-np.inf, 1.0, 2.0]), "NaN or infinite"),
    ],
)
def test_samples_that_are_none(x: Any, y: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        sorted_squared_w2(x, y)


small = st.lists(st.integers(0, 255), min_size=1, max_size=6)


@given(x=small, y=small)
def test_small_integers_do_not_wrap(x: list[int], y: list[int]) -> None:
    narrow = sorted_squared_w2(np.array(x, dtype=np.uint8), np.array(y, dtype=np.uint8))
    assert narrow == pytest.approx(float(atoms_squared_w2(x, y)), abs=1e-9)


def test_the_twin_of_narrow_integers_wraps() -> None:
    x, y = np.array([0], dtype=np.uint8), np.array([20], dtype=np.uint8)
    assert int(((x - y) ** 2)[0]) != 400
    assert sorted_squared_w2(x, y) == 400
