"""Hypothesis chooses and shrinks points, and does so alike in every process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import strategies as st

from numerics.points import as_json, hunt, key
from theory.errors import ClaimError

BOX = st.fixed_dictionaries({"n": st.integers(2, 10**6), "t": st.integers(0, 60)})

SCRIPT = """
import json, sys
{extra}
from hypothesis import strategies as st
from numerics.points import hunt
box = st.fixed_dictionaries({{"n": st.integers(2, 10**6), "x": st.floats(0, 1)}})
found = hunt(box, lambda p: p["n"] > 54321 and p["x"] > .3, points=40, seed_value=7,
             evaluations=300)
print(json.dumps([list(found.visited), found.smallest]))
"""


def run(extra: str, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(extra=extra)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return done.stdout


def test_distinct_points_no_more_than_asked() -> None:
    asked = []
    found = hunt(BOX, lambda p: bool(asked.append(p)), points=10, seed_value=3, evaluations=99)
    assert len(asked) == 10
    assert len({key(point) for point in asked}) == 10
    assert found.smallest is None


def test_a_refutation_is_shrunk_to_the_smallest_point() -> None:
    found = hunt(BOX, lambda p: p["n"] * p["t"] >= 100, points=50, seed_value=1, evaluations=500)
    assert found.smallest is not None
    n, t = found.smallest["n"], found.smallest["t"]
    # No smaller neighbour fails: the point is a local minimum.
    assert n * t >= 100
    assert (n - 1) * t < 100 or n == 2
    assert n * (t - 1) < 100


def test_the_cap_on_evaluations_holds_while_shrinking() -> None:
    count = 0

    def refuted(point: dict[str, int]) -> bool:
        nonlocal count
        count += 1
        return point["n"] > 1000

    hunt(BOX, refuted, points=20, seed_value=5, evaluations=30)
    assert count <= 30


IMPORTS = "import numerics.runs, theory.setting, theory.claim"
UNGUARDED = "import numerics.points; numerics.points._no_borrowed_constants = nullcontext"


def test_points_do_not_depend_on_what_else_is_imported() -> None:
    assert run("", "0") == run(IMPORTS, "1")


def test_without_the_guard_they_would() -> None:
    unguarded = f"from contextlib import nullcontext\n{UNGUARDED}\n"
    assert run(unguarded, "0") != run(unguarded + IMPORTS, "0")


def test_an_empty_domain_is_one_clear_line() -> None:
    with pytest.raises(ClaimError, match="admit no point"):
        hunt(BOX.filter(lambda p: False), lambda p: False, points=5, seed_value=1, evaluations=9)


def test_points_as_json_are_plain_and_ordered() -> None:
    from fractions import Fraction

    assert as_json({"t": 2, "f": Fraction(1, 4)}) == {"f": "1/4", "t": 2}
