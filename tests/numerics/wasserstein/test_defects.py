"""The defects of POT 0.9.7: each fails on the bare call and passes on ours."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import ot
import pytest

from numerics.streams import Stream
from numerics.wasserstein.bures import squared_bures
from numerics.wasserstein.registry import find
from theory.errors import InvalidInput
from theory.wasserstein.gaussian import GaussianPair


def normal(name: str, *shape: int) -> Any:
    return Stream("defects", name).generator().standard_normal(shape)


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    """The bare calls warn at best; what they return is what is judged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_rank_deficient_covariances() -> None:
    first, second = np.diag([1.0, 0.0]), np.array([[1.0, 1.0], [1.0, 1.0]])
    # W2^2 = Tr A + Tr B - 2 |A^(1/2) B^(1/2)|_nuclear = 1 + 2 - 2.
    truth = 1.0
    assert GaussianPair.of(0, first, 0, second).squared_w2 == pytest.approx(truth, abs=1e-12)
    assert squared_bures(first, second) == pytest.approx(truth, abs=1e-12)
    rotation = np.linalg.qr(normal("rotation", 5, 5))[0]
    flat = rotation[:, :2] @ rotation[:, :2].T
    zero = np.zeros(5)
    failed = []
    for angle in range(20):
        turned = np.linalg.qr(normal(f"turn {angle}", 5, 5))[0][:, :2]
        try:
            bare = float(
                ot.gaussian.bures_wasserstein_distance(zero, zero, flat, turned @ turned.T)
            )
        except np.linalg.LinAlgError:
            bare = np.nan
        exact = 4 - 2 * np.linalg.svd(rotation[:, :2].T @ turned, compute_uv=False).sum()
        ours = float(squared_bures(flat, turned @ turned.T))
        assert ours == pytest.approx(exact, abs=1e-7)
        failed.append(not abs(bare**2 - exact) < 1e-7)
    assert any(failed)


@pytest.mark.parametrize("scale", [1e-3, 1e-4])
def test_the_scale_of_the_data(scale: float) -> None:
    x, y = normal("x", 400, 3), 2 * normal("y", 400, 3)
    truth = find("gaussian")(x, y).value
    bare = ot.gaussian.empirical_bures_wasserstein_distance(scale * x, scale * y) ** 2 / scale**2
    assert abs(float(bare) / truth - 1) > 0.1
    assert find("gaussian")(scale * x, scale * y).value / scale**2 == pytest.approx(truth)


def test_pairs_of_unequal_number() -> None:
    means, covariances = np.zeros((3, 2)), np.stack([np.eye(2) * k for k in (1.0, 2.0, 3.0)])
    bare = ot.gaussian.bures_wasserstein_distance(
        means, means[:1], covariances, covariances[:1], paired=True
    )
    # Three values for three pairs is the answer; a square of nine is not.
    assert np.shape(bare) == (3, 3)
    assert squared_bures(covariances, covariances[:1]).shape == (3,)
    with pytest.raises(ValueError, match="broadcast"):
        squared_bures(covariances, covariances[:2])


def test_the_value_of_low_rank_transport() -> None:
    x, y = normal("x", 60, 2), normal("y", 60, 2) + 1
    a = np.full(60, 1 / 60)
    _, _, _, log = ot.lowrank_sinkhorn(x, y, a, a, rank=10, numItermax=100, log=True)
    exact = find("exact")(x, y).value
    assert log["value"] < 0.5 * exact
    ours = find("low-rank")(x, y).value
    # A coupling's cost is no less than the least there is.
    assert exact - 1e-3 <= ours < 2 * exact


def test_small_regularisation() -> None:
    x, y = normal("x", 100, 2), normal("y", 100, 2) + 1
    a, cost = np.full(100, 0.01), ot.dist(x, y)
    exact = find("exact")(x, y).value
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        bare = float(ot.sinkhorn2(a, a, cost, reg=1e-3, method="sinkhorn_log"))
    assert bare < 0.5 * exact
    assert not heard
    ours = find("sinkhorn")(x, y, ratio=1e-3 / cost.mean())
    assert ours.value == pytest.approx(exact, rel=0.01)
    assert ours.converged or "marginals off" in ours.note


def test_the_entropy_of_the_sinkhorn_divergence() -> None:
    x, y = normal("x", 200, 10), 1.5 * normal("y", 200, 10)
    epsilon = 0.5 * float(((x[:, None] - y) ** 2).sum(-1).mean())
    right = ot.solve_sample(x, y, reg=epsilon, debias=True, max_iter=10_000).value
    bare = ot.bregman.empirical_sinkhorn_divergence(x, y, reg=epsilon, numIterMax=10_000)
    assert abs(float(bare) / right - 1) > 0.1
    assert find("sinkhorn-divergence")(x, y).value == pytest.approx(right, rel=1e-3)


@pytest.mark.parametrize("shift", [1e3, 1e6])
def test_float32_far_from_the_origin(shift: float) -> None:
    x = np.round(normal("x", 100, 2) * 4) / 4
    y = np.round(normal("y", 100, 2) * 4) / 4
    far_x, far_y = (x + shift).astype(np.float32), (y + shift).astype(np.float32)
    truth = find("exact")(x, y).value
    a = np.full(100, 0.01)
    bare = float(ot.emd2(a, a, ot.dist(far_x, far_y)))
    assert abs(bare / truth - 1) > 1e-3
    assert find("exact")(far_x, far_y).value == pytest.approx(truth, rel=1e-12)


def test_an_early_stop() -> None:
    x, y = normal("x", 300, 2), normal("y", 300, 2) + 0.5
    a, cost = np.full(300, 1 / 300), ot.dist(x, y)
    # The same as the default limit at n = 6000, at a size that tests can afford.
    bare = float(ot.emd2(a, a, cost, numItermax=500))
    truth = find("assignment")(x, y).value
    assert bare > 1.01 * truth
    ours = find("exact")(x, y)
    assert ours.converged
    assert ours.value == pytest.approx(truth, rel=1e-12)


def test_a_nan_in_the_data() -> None:
    x, y = normal("x", 10, 2), normal("y", 10, 2)
    x[3, 1] = np.nan
    a = np.full(10, 0.1)
    assert float(ot.emd2(a, a, ot.dist(x, y))) == 0.0
    with pytest.raises(InvalidInput, match="1 value that is NaN"):
        find("exact")(x, y)


def test_near_equal_covariances_keep_their_digits() -> None:
    """The tenth trap: the trace formula cancels, in POT and anywhere."""
    root = normal("root", 4, 4)
    first = root @ root.T + np.eye(4)
    bend = np.eye(4) + 1e-7 * np.diag([1.0, 2.0, 3.0, 4.0])
    second = bend @ first @ bend
    truth = float(np.trace((bend - np.eye(4)) @ first @ (bend - np.eye(4))))
    zero = np.zeros(4)
    bare = float(ot.gaussian.bures_wasserstein_distance(zero, zero, first, second)) ** 2
    assert not abs(bare / truth - 1) < 1e-3
    assert float(squared_bures(first, second)) == pytest.approx(truth, rel=1e-5)
    assert GaussianPair.of(0, first, 0, second).bures == pytest.approx(truth, rel=1e-5)
