"""How a parameter of a setting is read: a number of the alphabet, a point, a symmetric matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from theory.domain import Number, as_number
from theory.errors import InvalidInput
from theory.symbols import BY_WORD

Point = tuple[float, ...]
Matrix = tuple[Point, ...]


def check_value(word: str, value: Any) -> Number:
    """Validate `value` against the domain that the alphabet declares for `word`."""
    return BY_WORD[word].domain.validate(word, value)


def point_of(word: str, value: Any) -> Point:
    """A point as a tuple of finite floats; a number is a point of the line."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        value = value.tolist() if hasattr(value, "tolist") else value
        value = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    if not len(value):
        raise InvalidInput(f"{word} = () is empty; give one number for each dimension")
    return tuple(float(as_number(word, x)) for x in value)


def matrix_of(word: str, value: Any) -> Matrix:
    """A symmetric matrix as a tuple of rows."""
    rows = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(rows, str) or not isinstance(rows, Sequence):
        raise InvalidInput(f"{word} = {value!r} is not 'model', 'identity' or a matrix")
    matrix = tuple(point_of(word, row) for row in rows)
    if any(len(row) != len(matrix) for row in matrix) or any(
        abs(matrix[i][j] - matrix[j][i]) > 1e-12 * (abs(matrix[i][i]) + abs(matrix[j][j]))
        for i in range(len(matrix))
        for j in range(i)
    ):
        raise InvalidInput(f"{word} = {value!r} is not a symmetric matrix")
    return matrix
