"""Training in silos: what is drawn agrees with the population flow, and faults are named."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from numerics.silos.context import Options
from numerics.silos.generators import Gaussian
from numerics.silos.references import GaussianLaw, SiloError, gaussian_silos, roster
from numerics.silos.training import Plan, Run, Truth, train
from numerics.streams import Stream
from theory.errors import InvalidInput
from theory.silos.flow import SiloProblem, flow
from theory.silos.landmarks import random_distance
from theory.silos.transport import Law, pooled

Array = NDArray[np.float64]
SALT, SILOS, DIMENSION, HETEROGENEITY = "c0ffee", 5, 10, 0.3
RULES = (
    "local-centroid",
    "mahalanobis",
    "local-duals",
    "scheme-1-linear",
    "scheme-2-barycentre",
    "pooled-oracle",
)
LAWS = gaussian_silos(Stream(SALT, "silos").generator(), SILOS, DIMENSION, HETEROGENEITY)
THEORY = tuple(Law(each.mean, each.covariance) for each in LAWS)
TRUTH = pooled(THEORY, np.full(SILOS, 1 / SILOS))
# From here on the duals are on their target and only chatter: at most a step of 1/(t + 1) times
# (kappa_out - kappa_in) of the trace, 1.11 at d = 10, alpha = 1/4.
HIT = {"local-duals": 9, "scheme-1-linear": 1, "scheme-2-barycentre": 1, "pooled-oracle": 0}
CHATTER = 1.11


def exact(law: GaussianLaw, rng: np.random.Generator, count: int) -> Array:
    """Points whose moments are those of the law to rounding: silos of the flow, not samples."""
    points = rng.standard_normal((count, len(law.mean)))
    points -= points.mean(axis=0)
    points = points @ np.linalg.inv(np.linalg.cholesky(points.T @ points / count)).T
    return np.asarray(law.mean + points @ np.linalg.cholesky(law.covariance).T)


@cache
def drawn(
    rule: str,
    generations: int,
    kept: int,
    seeds: int,
    temperature: float = 1.0,
    s: float = 0.5,
) -> tuple[Array, Array]:
    """Trace ratio and relative squared W2, by seed and generation."""
    ratio, distance = [], []
    for seed in range(seeds):
        stream = Stream(SALT, "flow", {"seed": seed, "rule": rule})
        rng = stream.generator()
        references = [exact(law, rng, 200) for law in LAWS]
        start = GaussianLaw(TRUTH.mean, TRUTH.covariance)
        run = train(
            references,
            rule,
            Plan(kept, generations, options=Options(dual="gaussian", interpolation=s)),
            stream,
            # The flow starts on the law; a sample of it would start off it by what no rule does.
            real=exact(start, rng, kept),
            truth=Truth(TRUTH.mean, TRUTH.covariance),
            generator=Gaussian(temperature, ridge=0.0),
        )
        ratio.append(run.trace_ratio)
        distance.append(run.relative_w2)
    return np.array(ratio), np.array(distance)


def derived(rule: str, generations: int, **options: float) -> Array:
    """Trace ratio of the flow."""
    return flow(SiloProblem(THEORY, rule, TRUTH, **options), generations).trace_ratio(TRUTH)


def band(rule: str, values: Array) -> Array:
    """What may lie between draws and flow: four standard errors, 1/n effects, and the chatter."""
    t = np.arange(values.shape[1])
    noise = 4 * values.std(axis=0, ddof=1) / np.sqrt(len(values))
    hit = HIT.get(rule, values.shape[1])
    return np.asarray(0.01 + noise + np.where(t >= hit, CHATTER / (t + 1), 0.0))


@pytest.mark.parametrize("rule", RULES)
def test_the_flow_meets_what_is_drawn(rule: str) -> None:
    ratio, _ = drawn(rule, 12, 1000, 4)
    away = np.abs(ratio.mean(axis=0) - derived(rule, 12))
    assert (away <= band(rule, ratio)).all(), away


@pytest.mark.parametrize(
    ("rule", "planted"),
    [
        ("local-duals", "pooled-oracle"),
        ("pooled-oracle", "local-centroid"),
        ("mahalanobis", "random"),
    ],
)
def test_the_flow_of_another_rule_is_refuted(rule: str, planted: str) -> None:
    """The same band, and a swap of local and pooled references."""
    ratio, distance = drawn(rule, 12, 1000, 4)
    other = flow(SiloProblem(THEORY, planted, TRUTH), 12).relative_w2(TRUTH)
    away = np.abs(distance.mean(axis=0) - other)
    noise = 4 * distance.std(axis=0, ddof=1) / np.sqrt(len(distance))
    assert (away > 0.01 + noise).any()
    own = flow(SiloProblem(THEORY, rule, TRUTH), 12).relative_w2(TRUTH)
    chatter = band(rule, ratio) - band("none", ratio)
    assert (np.abs(distance.mean(axis=0) - own) <= 0.01 + noise + chatter).all()


FAR = gaussian_silos(Stream(SALT, "far silos").generator(), SILOS, 6, 0.8)


@pytest.mark.parametrize("rule", ["scheme-1-linear", "scheme-2-barycentre"])
def test_anchored_proxies_half_way_are_told_from_the_barycentre(rule: str) -> None:
    """Drawn runs against the flow of either: one agrees, its swap is refuted."""
    theory = tuple(Law(each.mean, each.covariance) for each in FAR)
    world = pooled(theory, np.full(SILOS, 1 / SILOS))
    found = []
    for seed in range(4):
        stream = Stream(SALT, "far", {"seed": seed, "rule": rule})
        rng = stream.generator()
        run = train(
            [exact(law, rng, 200) for law in FAR],
            rule,
            Plan(1000, 15, options=Options(dual="gaussian", interpolation=0.5)),
            stream,
            real=exact(GaussianLaw(world.mean, world.covariance), rng, 1000),
            truth=Truth(world.mean, world.covariance),
            generator=Gaussian(ridge=0.0),
        )
        found.append(run.relative_w2[-1])
    noise = 4 * np.std(found, ddof=1) / 2
    for name in ("scheme-1-linear", "scheme-2-barycentre"):
        other = flow(SiloProblem(theory, name, world), 15).relative_w2(world)[-1]
        assert (abs(np.mean(found) - other) <= 0.01 + noise) == (name == rule)


def test_random_selection_with_temperature_grows_as_derived() -> None:
    _, distance = drawn("random", 12, 1000, 4, temperature=1.3)
    noise = 4 * distance[:, -1].std(ddof=1) / 2
    assert abs(distance[:, -1].mean() - random_distance(1.3, 12)) < 0.01 + noise
    assert abs(distance[:, -1].mean() - random_distance(1.15, 12)) > 0.01 + noise


@pytest.mark.nightly
@pytest.mark.parametrize("rule", RULES)
def test_the_flow_meets_what_is_drawn_in_full(rule: str) -> None:
    """n = 4000, ten seeds, fifty generations: .01, for duals .02 until their target is hit."""
    ratio, distance = drawn(rule, 50, 4000, 10)
    found = flow(SiloProblem(THEORY, rule, TRUTH), 50)
    t = np.arange(51)
    hit = HIT.get(rule, 51)
    for values, other in ((ratio, found.trace_ratio(TRUTH)), (distance, found.relative_w2(TRUTH))):
        away = np.abs(values.mean(axis=0) - other)
        assert away[:hit].max(initial=0.0) <= (0.01 if rule in RULES[:2] else 0.02)
        assert (away[hit:] <= 0.02 + CHATTER / (t[hit:] + 1)).all()


def small(
    rule: str = "random", references: list[Array | None] | None = None, **more: object
) -> Run:
    rng = Stream(SALT, "small").generator(0)
    points = rng.standard_normal((150, 2))
    silos = [points[:50], points[50:100]] if references is None else references
    plan = Plan(40, 3, options=Options())
    return train(silos, rule, plan, Stream(SALT, "small"), real=points[100:], **more)  # type: ignore[arg-type]


def test_a_run_repeats_itself_and_counts_its_bytes() -> None:
    one, two = small("scheme-1-linear"), small("scheme-1-linear")
    assert np.array_equal(one.trace_ratio, two.trace_ratio)
    # Two silos send 40 points of two coordinates, once.
    assert one.by_kind == {"ProxyMessage": 2 * 40 * 2 * 8}
    assert [each.nbytes for each in one.generations] == [0, 1280, 0, 0]
    assert small("random").by_kind == {}


GOOD = np.arange(20.0).reshape(10, 2) ** 2
FAULTS = [
    (None, "dropped out"),
    (GOOD * np.nan, "10 of 10 points hold NaN or Inf"),
    (np.where(GOOD == 4.0, np.inf, GOOD), "1 of 10 points hold NaN or Inf"),
    (np.ones((10, 3)), "dimension 3; accepted: 2"),
    (np.empty((0, 2)), "empty"),
    (GOOD[:2], "2 points; accepted: at least 3"),
    (GOOD[0], r"shape \(2,\)"),
]


@pytest.mark.parametrize(("bad", "said"), FAULTS)
def test_a_failing_silo_is_named(bad: Array | None, said: str) -> None:
    with pytest.raises(SiloError, match=f"silo 1: .*{said}"):
        small(references=[GOOD, bad, GOOD + 1])


@pytest.mark.parametrize(("bad", "said"), FAULTS)
def test_a_failing_silo_may_be_left_out_and_the_rest_reweighted(
    bad: Array | None, said: str
) -> None:
    found = roster([GOOD, bad, np.vstack([GOOD, GOOD])], on_failure="drop")
    assert found.members == (0, 2)
    assert found.weights == pytest.approx([1 / 3, 2 / 3])
    assert len(found.dropped) == 1
    run = small(references=[GOOD, bad, GOOD + 1], on_failure="drop")
    assert run.dropped[0].startswith("silo 1: ")


def test_the_silo_that_verifies_cannot_be_left_out_in_silence() -> None:
    with pytest.raises(InvalidInput, match="silo 0 shall verify"):
        small(references=[None, GOOD, GOOD + 1], on_failure="drop")


def test_nobody_left_is_an_error() -> None:
    with pytest.raises(SiloError, match="no silo is left of 2"):
        small(references=[None, None], on_failure="drop")
