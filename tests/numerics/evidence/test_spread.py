"""The variance of a law from its distribution function, against scipy's."""

import pytest
from scipy import stats

from numerics.evidence.spread import variance_of_law


@pytest.mark.parametrize(
    "law",
    [
        stats.norm(1000, 1e-3),
        stats.uniform(2, 5),
        stats.expon(-3, 2),
        stats.lognorm(1),
        stats.beta(0.3, 0.3),
        stats.t(3),
        stats.pareto(5),
    ],
    ids=lambda law: law.dist.name,
)
def test_it_is_a_bound_close_to_the_variance(law):
    assert law.var() <= variance_of_law(law.cdf) <= 1.005 * law.var()


@pytest.mark.parametrize("law", [stats.cauchy, stats.t(2), stats.pareto(2.1), stats.pareto(1.5)])
def test_a_tail_too_heavy_has_none(law):
    assert variance_of_law(law.cdf) is None
