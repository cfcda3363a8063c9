"""The Gaussian mechanism against its own definition, and what it releases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from numerics.silos.privacy import clip, compose, delta_of, epsilon_of, mu_of, release_moments
from numerics.streams import Stream
from theory.errors import InvalidInput


def generator(stage: str) -> np.random.Generator:
    return Stream("c0ffee", "privacy", stage=stage).generator()


@pytest.mark.parametrize("mu", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("epsilon", [0.0, 0.5, 4.0])
def test_delta_is_the_hockey_stick_between_two_normals(mu: float, epsilon: float) -> None:
    def excess(y: float) -> float:
        return max(float(stats.norm.pdf(y, mu) - math.exp(epsilon) * stats.norm.pdf(y)), 0.0)

    edge = mu / 2 + epsilon / mu  # the densities cross here
    direct = integrate.quad(excess, edge, edge + 40, epsabs=1e-14)[0]
    assert delta_of(epsilon, mu) == pytest.approx(direct, rel=1e-8, abs=1e-15)
    assert abs(delta_of(epsilon, 1.05 * mu) - direct) > 0.01 * direct


@settings(max_examples=50)
@given(st.floats(0.01, 5), st.floats(1e-9, 0.4))
def test_epsilon_and_mu_invert_delta(mu: float, delta: float) -> None:
    epsilon = epsilon_of(delta, mu)
    if epsilon:
        assert delta_of(epsilon, mu) == pytest.approx(delta, rel=1e-6)
        assert mu_of(epsilon, delta) == pytest.approx(mu, rel=1e-6)
    else:
        assert delta_of(0.0, mu) <= delta


def test_the_classic_bound_fails_above_one() -> None:
    epsilon, delta = 10.0, 0.05
    classic = epsilon / math.sqrt(2 * math.log(1.25 / delta))
    assert delta_of(epsilon, classic) > delta >= delta_of(epsilon, mu_of(epsilon, delta)) - 1e-12


def test_releases_compose_as_one_of_their_joint_sensitivity() -> None:
    assert compose([3.0, 4.0]) == 5.0
    # Two independent releases are a shift of length 5 in the plane: the same hockey stick.
    y = generator("compose").standard_normal((400_000, 2)) + np.array([3.0, 4.0])
    loss = y @ (3.0, 4.0) - 12.5
    drawn = np.maximum(-np.expm1(8.0 - loss), 0.0)
    error = drawn.std() / math.sqrt(len(drawn))
    assert abs(drawn.mean() - delta_of(8.0, 5.0)) < 5 * error
    assert abs(drawn.mean() - delta_of(8.0, 7.0)) > 5 * error  # added, not squared and added


@settings(max_examples=50)
@given(st.integers(1, 4), st.integers(0, 10**6))
def test_one_row_moves_a_release_no_further_than_stated(d: int, draw: int) -> None:
    rng = Stream("c0ffee", "rows", {"d": d, "draw": draw}).generator()
    x, y = clip(3 * rng.standard_normal((2, d)), 1.0)
    moved = np.sum((x - y) ** 2) + np.sum((np.outer(x, x) - np.outer(y, y)) ** 2)
    assert moved <= 4.5 + 1e-12


def test_the_stated_sensitivity_is_reached() -> None:
    x, y = np.array([1.0, 0.0]), np.array([-0.5, math.sqrt(0.75)])
    moved = np.sum((x - y) ** 2) + np.sum((np.outer(x, x) - np.outer(y, y)) ** 2)
    assert moved == pytest.approx(4.5)


def test_a_release_has_its_noise_and_tends_to_the_moments() -> None:
    x = generator("points").standard_normal((200, 3))
    sent = [
        release_moments(x, radius=10.0, mu=2.0, generator=generator(f"release {i}"))
        for i in range(400)
    ]
    deviation = 10 * math.sqrt(4.5) / 200 / 2
    spread = np.std([each.mean for each in sent], axis=0)
    # Five standard errors of a deviation from 400 releases: 5/sqrt(800) = .18.
    assert spread == pytest.approx(deviation, rel=0.18)
    # In the units of the second moment the noise is 10 times larger; an entry off the diagonal
    # counts twice in the Frobenius norm, and has 1/sqrt(2) of it.
    matrices = np.array([each.covariance for each in sent])
    off, on = matrices[:, 0, 1].std(), matrices[:, 0, 0].std()
    assert off == pytest.approx(10 * deviation / math.sqrt(2), rel=0.18)
    assert off != pytest.approx(10 * deviation, rel=0.18)
    assert on == pytest.approx(10 * deviation, rel=0.18)
    close = release_moments(x, radius=10.0, mu=1e9, generator=generator("close"))
    assert close.mean == pytest.approx(x.mean(axis=0), abs=1e-6)
    assert close.covariance == pytest.approx(np.cov(x.T, bias=True), abs=1e-6)
    rough = release_moments(x, radius=10.0, mu=0.01, generator=generator("rough"))
    assert np.linalg.eigvalsh(rough.covariance).min() >= -1e-9
    assert release_moments(x, radius=0.1, mu=1.0, generator=generator("tight")).clipped > 0.9


@pytest.mark.parametrize(
    "call",
    [
        lambda: delta_of(-1.0, 1.0),
        lambda: delta_of(1.0, 0.0),
        lambda: epsilon_of(1.0, 1.0),
        lambda: mu_of(1.0, 0.0),
        lambda: compose([1.0, math.nan]),
        lambda: clip([[1.0, math.inf]], 1.0),
        lambda: clip([[1.0]], 1.0, centre=[0.0, 0.0]),
        lambda: release_moments(np.empty((0, 2)), radius=1.0, mu=1.0, generator=generator("empty")),
    ],
)
def test_bad_input_is_one_line(call: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        call()  # type: ignore[operator]
    assert "accepted" in str(caught.value)
    assert "\n" not in str(caught.value)
