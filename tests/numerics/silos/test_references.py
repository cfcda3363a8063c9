"""Laws of silos against their stated moments."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.silos.references import GaussianLaw, LaplaceLaw, Law, MixtureLaw, gaussian_silos
from numerics.streams import Stream
from theory.errors import InvalidInput

STREAM = Stream("c0ffee", "silos: references")
GAUSS = GaussianLaw(np.array([1.0, -1.0]), np.array([[2.0, 0.5], [0.5, 1.0]]))
LAPLACE = LaplaceLaw(np.array([0.0, 3.0]), np.array([1.0, 4.0]))
MIXTURE = MixtureLaw((GAUSS, LAPLACE), np.array([0.25, 0.75]))


@pytest.mark.parametrize("law", [GAUSS, LAPLACE, MIXTURE])
def test_draws_have_the_stated_moments(law: Law) -> None:
    drawn = law.sample(STREAM.generator(), 40_000)
    error = 5 * drawn.std(axis=0) / 200
    assert (np.abs(drawn.mean(axis=0) - law.mean) < error).all()
    assert np.allclose(np.cov(drawn.T, ddof=0), law.covariance, atol=0.3)
    assert not np.allclose(np.cov(drawn.T, ddof=0), 2 * law.covariance, atol=0.3)


def test_rows_of_a_mixture_are_not_grouped() -> None:
    drawn = MIXTURE.sample(STREAM.generator(1), 4000)
    assert np.abs(drawn[:2000].mean(axis=0) - drawn[2000:].mean(axis=0)).max() < 0.3
    grouped = drawn[np.argsort(drawn[:, 1])]
    assert np.abs(grouped[:2000].mean(axis=0) - grouped[2000:].mean(axis=0)).max() > 1


def test_silos_without_heterogeneity_are_alike() -> None:
    alike = gaussian_silos(STREAM.generator(2), 3, 4, 0.0)
    for law in alike:
        assert np.allclose(law.mean, 0)
        assert np.allclose(law.covariance, np.eye(4))
    apart = gaussian_silos(STREAM.generator(2), 3, 4, 1.0)
    assert np.abs(apart[0].mean).max() > 0.1
    assert np.allclose(np.mean([law.mean for law in apart], axis=0), 0)
    with pytest.raises(InvalidInput, match="heterogeneity = nan"):
        gaussian_silos(STREAM.generator(), 3, 4, float("nan"))
    with pytest.raises(InvalidInput, match="0 silos"):
        gaussian_silos(STREAM.generator(), 0, 4, 1.0)
