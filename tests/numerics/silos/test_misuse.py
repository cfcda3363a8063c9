"""Odd silos and odd words: one line that names the fault, never a silent choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from numerics.silos.rules import RULES, Context, Options, find, select
from numerics.silos.training import Plan, train
from numerics.streams import Stream
from theory.errors import CollapseError, InvalidInput
from theory.silos.flow import SiloProblem
from theory.silos.quadric import kept_by_score
from theory.silos.transport import Law

STREAM = Stream("c0ffee", "silos: misuse")
RNG = STREAM.generator(1)
CANDIDATES, SILO, SAME = (
    RNG.standard_normal((40, 2)),
    RNG.standard_normal((20, 2)),
    np.ones((20, 2)),
)
DIVIDING = ("mahalanobis", "covariance-matching")
MOMENTS = ("local-duals", "scheme-1-linear", "scheme-1-greedy", "scheme-2-barycentre")


def choose(name: str, kept: int = 10, *, silo: int = 0, weights: Any = None, **options: Any) -> int:
    references = options.pop("references", (SILO, SILO + 1))
    context = Context(silo, references, weights, options=Options(**options))
    return len(select(name, CANDIDATES, kept, context, STREAM.generator(2)))


@pytest.mark.parametrize("name", DIVIDING)
def test_a_silo_of_one_place_is_named_by_rules_that_divide_by_its_variance(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"silo 1: (all points are the same|its covariance)"):
        choose(name, silo=1, references=(SILO, SAME))
    assert choose(name, silo=0, references=(SILO, SAME)) == 10


@pytest.mark.parametrize("name", MOMENTS)
def test_moments_of_a_silo_of_one_place_have_no_map(name: str) -> None:
    with pytest.raises(InvalidInput, match="silo 1: all points are the same"):
        choose(name, silo=1, references=(SILO, SAME), dual="gaussian")
    # Between points there is one.
    assert choose(name, silo=1, references=(SILO, SAME)) == 10


def test_all_silos_of_one_place_are_named() -> None:
    with pytest.raises(InvalidInput, match="all silos: all points are the same"):
        choose("pooled-oracle", references=(SAME, SAME), dual="gaussian")


@pytest.mark.parametrize("name", sorted(RULES))
def test_one_silo_and_fifty_all_and_one_kept(name: str) -> None:
    assert choose(name, references=(SILO,)) == 10
    assert choose(name, references=(SILO,) * 50) == 10
    assert choose(name, kept=40) == 40
    assert choose(name, kept=1) == 1


FAULTS: list[tuple[str, Callable[[], object]]] = [
    ("silo 9 of 2", lambda: choose("local-duals", silo=9)),
    ("weights of shape", lambda: choose("scheme-1-linear", weights=np.ones(3) / 3)),
    ("silo 0 of 0", lambda: choose("scheme-1-linear", references=())),
    ("kept = 10.5", lambda: choose("random", kept=10.5)),  # type: ignore[arg-type]
    ("kept = 41", lambda: choose("random", kept=41)),
    ("kept = 10.5", lambda: Plan(10.5, 2)),  # type: ignore[arg-type]
    ("generations = True", lambda: Plan(10, True)),
    ("rounds = 1.5", lambda: Options(rounds=1.5)),  # type: ignore[arg-type]
    ("support = 2.5", lambda: Options(support=2.5)),  # type: ignore[arg-type]
    ("no variance", lambda: train([SAME, SAME], "random", Plan(10, 2), STREAM, real=SILO)),
    ("dimensions", lambda: SiloProblem((law(1), law(2)), "local-duals", law(1))),
    ("weights", lambda: SiloProblem((law(1),), "random", law(1), weights=np.ones(2))),
    ("sum to one", lambda: SiloProblem((law(1),), "random", law(1), weights=np.full(1, 2.0))),
    ("rounds = -1", lambda: SiloProblem((law(1),), "random", law(1), rounds=-1)),
]


def law(dimension: int) -> Law:
    return Law(np.zeros(dimension), np.eye(dimension))


@pytest.mark.parametrize(("said", "fault"), FAULTS)
def test_a_fault_is_one_line(said: str, fault: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        fault()
    assert "\n" not in str(caught.value)


def test_a_real_batch_may_be_a_plain_list() -> None:
    run = train([SILO], "random", Plan(3, 1), STREAM, real=[[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
    assert len(run.generations) == 2


def test_every_rule_is_found_without_another_import() -> None:
    assert find("scheme-1-linear-rebuilt") is RULES["scheme-1-linear-rebuilt"]


def test_a_share_too_small_for_the_inversion_is_refused() -> None:
    with pytest.raises(CollapseError, match="too few are kept"):
        kept_by_score(1e-6, np.eye(2), np.zeros(2))
    many = kept_by_score(1e-6, np.eye(10), np.zeros(10))
    assert 0 < many.second[0, 0] < 0.1
