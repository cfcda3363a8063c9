"""Scores of generated points: known values, and the fault that each one is there to see."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.silos.fidelity import (
    effective_classes,
    frechet_distance,
    precision_recall,
    trace_ratio,
)
from numerics.streams import Stream
from theory.errors import InvalidInput


def cloud(stage: str, count: int = 500) -> np.ndarray:
    return Stream("c0ffee", "test_fidelity", stage=stage).generator().standard_normal((count, 3))


def test_the_frechet_distance_of_an_affine_image_is_known() -> None:
    """x -> Ax + b with A symmetric positive is optimal: the distance is the mean squared step."""
    points = cloud("affine")
    root = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.1], [0.0, 0.1, 0.3]])
    image = points @ root + [1.0, -1.0, 0.0]
    steps = np.mean(np.sum((image - points) ** 2, axis=1))
    assert frechet_distance(points, image) == pytest.approx(steps, rel=1e-12)
    assert frechet_distance(image, points) == pytest.approx(steps, rel=1e-9)
    # A rotation is not optimal: the mean squared step overstates.
    turned = points[:, [1, 2, 0]] * [1, 1, 1]
    assert frechet_distance(points, turned) < np.mean(np.sum((turned - points) ** 2, axis=1)) / 2


def test_singular_samples_have_a_distance() -> None:
    flat = cloud("flat") * [1.0, 1.0, 0.0]
    assert frechet_distance(flat, flat) == pytest.approx(0.0, abs=1e-12)
    assert frechet_distance(flat, 2 * flat) == pytest.approx(
        np.mean(np.sum(flat**2, axis=1)), rel=1e-9
    )


def test_precision_and_recall_see_opposite_faults() -> None:
    real, alike = cloud("real"), cloud("alike")
    precision, recall = precision_recall(alike, real)
    assert precision > 0.9
    assert recall > 0.9
    narrow = precision_recall(0.1 * alike, real)
    assert narrow[0] > 0.95
    assert narrow[1] < 0.3
    wide = precision_recall(5 * alike, real)
    assert wide[0] < 0.3
    assert wide[1] > 0.9
    assert precision_recall(alike + 100, real) == (0.0, 0.0)


def test_precision_of_one_point_is_by_hand() -> None:
    real = np.array([[0.0], [1.0], [3.0]])
    # Radii to the nearest neighbour: 1, 1, 2. So [-1, 5] is covered, 5.1 is not.
    generated = np.array([[-0.9], [5.1]])
    assert precision_recall(generated, real, 1) == (0.5, 1.0)


def test_trace_ratio_is_of_variances() -> None:
    real = cloud("trace")
    assert trace_ratio(3 * real + 1, real) == pytest.approx(9)


def test_a_lost_class_is_missed() -> None:
    labels = np.repeat(np.arange(4), 25)
    real = np.eye(4)[labels] + 0.01 * np.resize(cloud("labels", 400), (100, 4))
    assert effective_classes(real, real, labels) == pytest.approx(4)
    assert effective_classes(real[labels > 0], real, labels) == pytest.approx(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: frechet_distance(np.ones((3, 2)), np.ones((3, 3))), "dimension 2 and 3"),
        (lambda: precision_recall(cloud("a", 5), cloud("b", 5), 5), "1 to 4"),
        (lambda: effective_classes(np.eye(2), np.eye(2), [1, 2, 3]), r"accepted: \(2,\)"),
        (lambda: trace_ratio([[np.inf], [0.0]], [[0.0], [1.0]]), "NaN or Inf"),
    ],
)
def test_bad_samples_are_named(call: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()  # type: ignore[operator]
