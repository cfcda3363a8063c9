"""Identities between the schemes, the greedy's guarantee, and what lying silos can do."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from numerics.silos.context import Context, Options
from numerics.silos.references import SiloError
from numerics.silos.rules import RULES, select
from numerics.silos.schemes import (
    free_support,
    greedy,
    log_utility,
    threshold_form,
    utilities,
)
from numerics.silos.transport import calibrated, dual_scores, solve
from numerics.streams import Stream
from theory.errors import InvalidInput

Array = NDArray[np.float64]
STREAM = Stream("c0ffee", "silos: schemes")


def silos(seed: int, count: int = 4, dimension: int = 3) -> tuple[Array, ...]:
    """References of different sizes, places and shapes."""
    rng = STREAM.generator(seed)
    return tuple(
        rng.standard_normal(dimension) + rng.standard_normal((31 + 4 * k, dimension)) * (1 + k / 4)
        for k in range(count)
    )


def dual_gap(candidates: Array, target: Array, potential: Array) -> float:
    """How far a potential at the candidates is from optimal towards points matched one by one."""
    costs = ((candidates[:, None, :] - target[None, :, :]) ** 2).sum(axis=2)
    other = (costs - potential[:, None]).min(axis=0)
    return solve(candidates, target).cost - float(potential.mean() + other.mean())


@pytest.mark.parametrize("seed", range(4))
def test_the_linear_scheme_i_is_one_round_of_scheme_ii(seed: int) -> None:
    """The mean dual is an optimal dual to the mean map, to 1e-10, for unequal weights too."""
    references = silos(seed)
    rng = STREAM.generator(100 + seed)
    candidates = rng.standard_normal((60, 3))
    shares = rng.dirichlet(np.ones(4))
    context = Context(0, references, shares, options=Options(rounds=1))
    once = free_support(candidates, context, rng)
    mean = np.tensordot(shares, [solve(candidates, each).potential for each in references], axes=1)
    assert abs(dual_gap(candidates, once, mean)) < 1e-10
    # Planted: one silo's dual in the place of the mean.
    assert dual_gap(candidates, once, solve(candidates, references[0]).potential) > 1e-3


def test_gaussian_duals_know_the_same_identity_exactly() -> None:
    """One round of the Gaussian barycentre from the candidates scores as linear Scheme I does."""
    from numerics.silos.local import gaussian_scores, summary
    from numerics.silos.messages import SummaryMessage
    from numerics.silos.transport import gaussian_map

    references, rng = silos(1), STREAM.generator(7)
    candidates = rng.standard_normal((200, 3)) * [1.0, 2.0, 0.5]
    own = summary(candidates)
    sent = [summary(each) for each in references]
    maps = np.mean([gaussian_map(own.covariance, each.covariance) for each in sent], axis=0)
    mean = np.mean([each.mean for each in sent], axis=0)
    once = SummaryMessage(0, mean, maps @ own.covariance @ maps, 1)
    linear = np.mean([gaussian_scores(candidates, each) for each in sent], axis=0)
    assert np.abs(gaussian_scores(candidates, once) - linear).max() < 1e-10
    local = gaussian_scores(candidates, sent[0])
    assert np.abs(local - linear).max() > 1e-2


@pytest.mark.parametrize("s", [0.1, 0.5, 1.0])
def test_scores_to_a_proxy_are_s_times_those_to_the_reference(s: float) -> None:
    """Along the geodesic s f is optimal, so that rankings do not depend on s."""
    rng = STREAM.generator(3)
    candidates, reference = rng.standard_normal((40, 2)), silos(2, dimension=2)[1]
    found = solve(candidates, reference)
    proxy = (1 - s) * candidates + s * found.images
    assert abs(dual_gap(candidates, proxy, s * found.potential)) < 1e-10
    assert dual_gap(candidates, proxy, 1.5 * s * found.potential) > 1e-4


def test_calibrated_scores_do_not_see_a_constant() -> None:
    potential = STREAM.generator(4).standard_normal(50)
    assert np.allclose(calibrated(potential + 7.0), calibrated(potential), atol=1e-13)
    assert not np.allclose(calibrated(2 * potential), calibrated(potential))


@pytest.mark.parametrize("seed", range(6))
def test_the_greedy_keeps_its_guarantee(seed: int) -> None:
    """At least 1 - 1/e of the best set, found by trying all; a worst choice does not reach it."""
    rng = STREAM.generator(20 + seed)
    u, weights = rng.random((3, 12)) ** 4, np.full(3, 1 / 3)
    values = [log_utility(u, np.array(each), weights) for each in combinations(range(12), 4)]
    reached = log_utility(u, greedy(u, 4, weights), weights)
    assert (1 - np.exp(-1)) * max(values) <= reached <= max(values) + 1e-12
    assert min(values) < (1 - np.exp(-1)) * max(values)


@pytest.mark.parametrize("seed", range(8))
def test_the_threshold_form_is_the_greedy_set(seed: int) -> None:
    """Candidate for candidate; a threshold on the mean utility is another set."""
    rng = STREAM.generator(40 + seed)
    candidates = rng.standard_normal((800, 3))
    u = utilities(np.array([dual_scores(candidates, each) for each in silos(seed)]))
    weights = np.full(4, 0.25)
    one, two = greedy(u, 200, weights), threshold_form(u, 200, weights)
    assert set(one.tolist()) == set(two.tolist())
    linear = np.argsort(-(weights @ u))[:200]
    assert len(set(one.tolist()) ^ set(linear.tolist())) > 4


def kept_mean(rule: str, lie: float, aggregation: str) -> Array:
    """Where the kept points lie when one of seven silos shifts all it holds by `lie`."""
    rng = STREAM.generator(60)
    honest = [rng.standard_normal((40 + k, 2)) for k in range(7)]
    honest[3] = honest[3] + lie
    context = Context(0, tuple(honest), options=Options(anchored=False, aggregation=aggregation))  # type: ignore[arg-type]
    candidates = rng.standard_normal((400, 2)) * 3
    chosen = select(rule, candidates, 100, context, rng)
    return np.asarray(candidates[chosen].mean(axis=0))


@pytest.mark.parametrize("rule", ["scheme-1-linear", "scheme-2-barycentre"])
def test_the_median_bounds_a_liar_and_the_mean_does_not(rule: str) -> None:
    start = kept_mean(rule, 0.0, "median")
    moved = [float(np.linalg.norm(kept_mean(rule, x, "median") - start)) for x in (100.0, 1000.0)]
    assert max(moved) < 1.0
    assert moved[1] == pytest.approx(moved[0], abs=0.05)
    mean = kept_mean(rule, 0.0, "mean")
    assert np.linalg.norm(kept_mean(rule, 100.0, "mean") - mean) > 3.0


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_keeps_different_candidates_and_repeats_itself(name: str) -> None:
    references, candidates = silos(5), STREAM.generator(80).standard_normal((120, 3))
    twice = [
        select(name, candidates, 30, Context(1, references), STREAM.generator(81)) for _ in range(2)
    ]
    assert np.array_equal(*twice)
    assert len(set(twice[0].tolist())) == 30


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_nan_never_chooses_without_a_word(name: str) -> None:
    """A silo that holds NaN is named by every rule, also by those that would not have looked."""
    good = silos(6)
    broken = (*good[:2], np.where(good[2] == good[2][0, 0], np.nan, good[2]), good[3])
    candidates = STREAM.generator(82).standard_normal((50, 3))
    with pytest.raises(SiloError, match=r"silo 2: 1 of 39 points hold NaN or Inf \(first: row 0\)"):
        select(name, candidates, 10, Context(0, broken), STREAM.generator(83))


def test_a_candidate_that_is_no_number_is_named() -> None:
    candidates = np.full((50, 3), np.nan)
    with pytest.raises(InvalidInput, match="a candidate is NaN or Inf"):
        select("random", candidates, 10, Context(0, silos(6)), STREAM.generator(84))
