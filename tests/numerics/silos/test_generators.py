"""Generators: what is fitted is what is drawn, and rows of a draw are in no order."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.silos.generators import Gaussian, Generator, Laplace
from numerics.silos.kernels import (
    KernelDensity,
    cross_validated_bandwidth,
    held_out_components,
    left_out_log_density,
)
from numerics.silos.mixtures import Mixture, MixtureModel
from numerics.streams import Stream
from theory.errors import InvalidInput

COUNT = 200_000


def rng(stage: str) -> np.random.Generator:
    return Stream("c0ffee", "test_generators", stage=stage).generator()


def cloud(stage: str, count: int = 400) -> np.ndarray:
    """Two clumps of three coordinates with unequal spread."""
    noise = rng(stage)
    points = noise.standard_normal((count, 3)) * [1.0, 0.5, 0.1]
    points[: count // 4] += [4.0, -2.0, 0.0]
    return points


def z_of_moments(drawn: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> float:
    """Largest deviation of a draw's mean and covariance from those named, in standard errors."""
    centred = drawn - mean
    products = centred[:, :, None] * centred[:, None, :]
    error = products.std(axis=0) / np.sqrt(len(drawn))
    first = np.abs(centred.mean(axis=0)) / (centred.std(axis=0) / np.sqrt(len(drawn)))
    second = np.abs(products.mean(axis=0) - covariance) / error
    return float(max(first.max(), second.max()))


KINDS: list[tuple[str, Generator, float]] = [
    ("gaussian", Gaussian(), 1.0),
    ("temperature", Gaussian(temperature=1.3), 1.3),
    ("variance-preserving", KernelDensity(0.3, variance_preserving=True), 1.0),
    ("mixture", Mixture(2), 1.0),
]


@pytest.mark.parametrize(("name", "generator", "factor"), KINDS, ids=[each[0] for each in KINDS])
def test_a_draw_has_the_moments_of_the_data(name: str, generator: Generator, factor: float) -> None:
    points = cloud(name)
    drawn = generator.fit(points, rng=rng(name + " fit")).sample(rng(name + " draw"), COUNT)
    covariance = np.cov(points.T, bias=True)
    assert z_of_moments(drawn, points.mean(axis=0), factor * covariance) < 4.5
    assert z_of_moments(drawn, points.mean(axis=0), 1.05 * factor * covariance) > 4.5


def test_a_plain_kernel_density_inflates_by_its_bandwidth() -> None:
    points = cloud("plain")
    drawn = KernelDensity(0.3).fit(points).sample(rng("plain draw"), COUNT)
    covariance = np.cov(points.T, bias=True)
    assert z_of_moments(drawn, points.mean(axis=0), covariance + 0.09 * np.eye(3)) < 4.5
    assert z_of_moments(drawn, points.mean(axis=0), covariance) > 4.5


def test_laplace_coordinates_have_the_fitted_scale() -> None:
    model = Laplace().fit(cloud("laplace"))
    drawn = model.sample(rng("laplace draw"), COUNT)
    assert z_of_moments(drawn, model.mean, model.covariance) < 4.5


def test_rows_of_a_mixture_are_not_grouped() -> None:
    """The first half of a draw holds its share of the rare component; a grouped one does not."""
    points = cloud("order")
    drawn, chosen = Mixture(2).fit(points, rng=rng("order fit")).tracked(rng("order draw"), 10_000)
    rare = int(np.argmin(np.bincount(chosen)))
    share = (chosen == rare).mean()
    first = (chosen[:5000] == rare).mean()
    error = np.sqrt(share * (1 - share) / 5000)
    assert abs(first - share) < 4 * error
    grouped = (np.sort(chosen)[:5000] == rare).mean()
    assert abs(grouped - share) > 4 * error
    # And the labels are those of the points: the rare clump lies at (4, -2, 0).
    assert np.linalg.norm(drawn[chosen == rare].mean(axis=0) - [4, -2, 0]) < 0.5


def test_a_warm_start_keeps_the_components_in_place() -> None:
    points = cloud("warm")
    first = Mixture(2).fit(points, rng=rng("warm fit"))
    swapped = MixtureModel(first.weights[::-1], first.means[::-1], first.covariances[::-1])
    np.testing.assert_allclose(
        Mixture(2).fit(points, start=first).weights, first.weights, atol=1e-2
    )
    again = Mixture(2).fit(points, start=swapped)
    np.testing.assert_allclose(again.weights, first.weights[::-1], atol=1e-2)


def test_a_warm_start_takes_a_component_that_is_nearly_flat() -> None:
    """Rounding leaves its inverse unsymmetric, which scikit-learn refuses."""

    def nearly_flat(number: int) -> np.ndarray:
        noise = rng(f"flat {number}")
        one, two = (np.linalg.qr(noise.standard_normal((9, 9)))[0] for _ in range(2))
        rest = noise.standard_normal((60, 9)) @ (one * np.geomspace(1e-5, 3, 9)) @ two
        first = noise.standard_normal(60)
        # Unrelated to the others: entries near 0 beside others of 1e10.
        first -= rest @ np.linalg.lstsq(rest, first)[0]
        return np.asarray(np.column_stack([first, rest]))

    def unsymmetric(thin: np.ndarray) -> bool:
        inverse = np.linalg.inv(np.cov(thin.T, bias=True))
        return not np.allclose(inverse, inverse.T)

    thin = next(each for each in map(nearly_flat, range(200)) if unsymmetric(each))
    flat = np.cov(thin.T, bias=True)
    points = np.concatenate([9 + rng("round").standard_normal((200, 10)), thin])
    start = MixtureModel(
        np.array([0.75, 0.25]),
        np.stack([np.full(10, 9.0), thin.mean(axis=0)]),
        np.stack([np.eye(10), flat]),
    )
    again = Mixture(2).fit(points, start=start)
    np.testing.assert_allclose(again.weights, [200 / 260, 60 / 260], atol=1e-6)


def test_left_out_density_is_the_density_of_the_others() -> None:
    from sklearn.neighbors import KernelDensity as Reference

    points = cloud("left out", 40)
    scores = [
        Reference(bandwidth=0.4).fit(np.delete(points, i, axis=0)).score(points[i : i + 1])
        for i in range(len(points))
    ]
    assert left_out_log_density(points, 0.4) == pytest.approx(np.mean(scores), rel=1e-9)
    own = Reference(bandwidth=0.4).fit(points).score(points) / len(points)
    assert left_out_log_density(points, 0.4) < own - 0.1


def test_the_bandwidth_falls_as_theory_says_with_more_points() -> None:
    """A normal sample in one dimension: near 1.06 m^(-1/5), within the noise of leave-one-out."""
    many = np.mean(
        [cross_validated_bandwidth(rng(f"width {i}").standard_normal((400, 1))) for i in range(20)]
    )
    assert many == pytest.approx(1.06 * 400**-0.2, rel=0.2)


def test_an_outermost_bandwidth_is_refused() -> None:
    with pytest.raises(InvalidInput, match="outermost"):
        cross_validated_bandwidth(cloud("outermost"), [1.0, 2.0, 3.0])


def test_held_out_likelihood_finds_the_clumps() -> None:
    points = cloud("clumps")
    assert held_out_components(points, rng("k"), (1, 2), ridge=1e-6) == 2
    alike = rng("one clump").standard_normal((400, 3))
    assert held_out_components(alike, rng("k"), (1, 2), ridge=1e-6) == 1


@pytest.mark.parametrize(
    ("generator", "points", "message"),
    [
        (Gaussian(), [[1.0, np.nan], [0.0, 0.0]], "NaN or Inf"),
        (Gaussian(), [1.0, 2.0], "shape"),
        (Gaussian(), [[1.0, 2.0]], "at least 2"),
        (Mixture(2), [[0.0], [1.0], [2.0]], "neither given"),
        (Mixture(5), [[0.0], [1.0], [2.0]], "at least 5"),
    ],
)
def test_bad_points_are_named(generator: Generator, points: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        generator.fit(points)  # type: ignore[arg-type]


def test_weights_are_refused_where_they_would_be_ignored() -> None:
    with pytest.raises(InvalidInput, match="no weights"):
        KernelDensity(0.1).fit([[0.0], [1.0]], [0.5, 0.5])
    weighted = Gaussian(ridge=0.0).fit([[0.0], [1.0]], [3.0, 1.0])
    assert weighted.mean[0] == 0.25
