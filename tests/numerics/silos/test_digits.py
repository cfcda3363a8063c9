"""Digits in silos: what is dealt out, what a run draws, and what a rule may not do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from numerics.silos.digits import Halves, halves, load_pixels, panel, references, train, tuned
from numerics.silos.kernels import KernelDensity
from numerics.silos.plan import GENERATORS, PANEL, SPLITS, VERIFIERS, Plan
from numerics.silos.rules import RULES
from numerics.streams import Stream
from theory.errors import InvalidInput

PLAN = Plan(generations=2, components=8, least=9, support=100, rounds=3)
NOISE = Stream("c0ffee", "test_digits")


def stream(stage: str) -> np.random.Generator:
    return Stream("c0ffee", "test_digits", stage=stage).generator()


@pytest.fixture(scope="module")
def data() -> Halves:
    """A part of the digits, to be quick."""
    whole = halves(stream("halves"), PLAN.components)
    return Halves(whole.train[:300], whole.test[:300], whole.labels[:300])


def run(rule: str, data: Halves, silos: Any, replicate: int = 0) -> Any:
    generator = KernelDensity(0.2, variance_preserving=True)
    return train(rule, generator, data, silos, PLAN, NOISE, replicate)


def test_the_halves_are_the_digits_and_nothing_twice() -> None:
    found = halves(stream("parts"), 64)
    pixels, labels = load_pixels()
    assert len(found.train) + len(found.test) == len(pixels) == 1797
    # All 64 axes keep all distances: the nearest neighbour within the whole is never a copy.
    both = np.concatenate([found.train, found.test])
    assert len(np.unique(both.round(9), axis=0)) == len(np.unique(pixels, axis=0))
    assert found.train.mean(axis=0) == pytest.approx(np.zeros(64), abs=1e-12)
    assert set(found.labels) == set(labels)
    few = halves(stream("parts"), 20)
    np.testing.assert_allclose(np.abs(few.test), np.abs(found.test[:, :20]), atol=1e-12)
    variance = found.train.var(axis=0)
    assert (np.diff(variance) <= 1e-12).all()


@pytest.mark.parametrize("split", SPLITS)
def test_silos_share_the_training_half(split: Any, data: Halves) -> None:
    silos = references(stream("deal"), split, data, PLAN)
    assert len(silos) == 10
    rows = np.concatenate(silos)
    assert sorted(map(tuple, rows)) == sorted(map(tuple, data.train))


def test_two_classes_a_silo_lie_apart_and_alike_ones_do_not(data: Halves) -> None:
    def apart(split: Any) -> float:
        silos = references(stream("deal"), split, data, PLAN)
        return float(np.var([each.mean(axis=0) for each in silos], axis=0).sum())

    assert apart("two-class") > 5 * apart("iid")


@pytest.mark.parametrize("family", GENERATORS)
def test_constants_are_tuned_inside_their_range(family: Any, data: Halves) -> None:
    found = tuned(stream("tune"), family, data.train, PLAN)
    if family == "mixture":
        assert 2 <= found.components <= 20  # type: ignore[attr-defined]
    else:
        assert 0.05 < found.bandwidth < 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("rule", PANEL)
def test_every_rule_runs_and_repeats(rule: str, data: Halves) -> None:
    silos = references(stream("deal"), "two-class", data, PLAN)
    first, second = run(rule, data, silos), run(rule, data, silos)
    assert first == second
    assert len(first.frechet) == 3
    # All rules begin with the same fit and the same noise.
    assert first.frechet[0] == run("random", data, silos).frechet[0]


def test_bytes_are_those_of_the_messages(data: Halves) -> None:
    silos = references(stream("deal"), "iid", data, PLAN)
    candidates = PLAN.candidates * len(data.train)
    sent = {rule: run(rule, data, silos).score.nbytes for rule in PANEL}
    assert sent["scheme-1-linear-rebuilt"] == sent["scheme-1-greedy-rebuilt"] == 10 * candidates * 8
    # Once for all generations: rounds of images of the support, or the raw training half.
    images = 10 * PLAN.rounds * PLAN.support * PLAN.components * 8
    assert sent["scheme-2-barycentre"] == images / PLAN.generations
    assert sent["pooled-oracle"] == 300 * 8 * 8 / PLAN.generations
    local = ("random", "kmeans", "local-centroid", "mahalanobis", "covariance-matching")
    assert all(sent[rule] == 0 for rule in (*local, "local-duals"))


def test_a_local_verifier_of_two_classes_loses_the_others(data: Halves) -> None:
    silos = references(stream("deal"), "two-class", data, PLAN)
    plain, local = run("random", data, silos), run("local-duals", data, silos)
    assert local.score.effective_classes < plain.score.effective_classes - 1
    # The twin: a verifier that saw all classes does not.
    oracle = run("pooled-oracle", data, silos)
    assert oracle.score.effective_classes > plain.score.effective_classes - 1


def test_rotating_verifiers_keep_more_classes_than_a_fixed_one(data: Halves) -> None:
    silos = references(stream("deal"), "two-class", data, PLAN)
    generator = KernelDensity(0.2)
    classes = {
        verifier: train(
            "local-centroid",
            generator,
            data,
            silos,
            Plan(generations=8, components=8, verifier=verifier),
            NOISE,
            0,
        ).score.effective_classes
        for verifier in VERIFIERS
    }
    assert classes["rotating"] > classes["fixed"] + 0.5


@pytest.mark.parametrize("kept", [[0] * 300, list(range(299))])
def test_a_rule_that_keeps_a_point_twice_or_too_few_is_refused(
    kept: list[int], data: Halves, monkeypatch: pytest.MonkeyPatch
) -> None:
    silos = references(stream("deal"), "iid", data, PLAN)
    monkeypatch.setitem(RULES, "broken", lambda *_: np.array(kept))
    with pytest.raises(InvalidInput, match="not 300 different ones"):
        run("broken", data, silos)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Plan(generations=0), "generations = 0"),
        (lambda: Plan(components=65), "1 to 64"),
        (lambda: Plan(verifier="all"), "fixed, rotating"),  # type: ignore[arg-type]
        (lambda: panel(["bestt"]), "no rule 'bestt'"),
        (lambda: tuned(stream("bad"), "gan", np.eye(3), PLAN), "accepted: kde"),  # type: ignore[arg-type]
    ],
)
def test_misuse_is_named(call: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
