"""Setting files: both forms say the same, and each fault gets one line that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.prediction.setting import describe, read_setting
from numerics.prediction.starts import read_starts
from theory.errors import InvalidInput
from theory.vocabulary import FreshReal

GROUP: dict[str, Any] = {"workflow": "accumulate", "kept_fraction": 0.1, "sample_size": 50}
START: dict[str, Any] = {"mean": [0, 0], "covariance": [[2, 1], [1, 2]], "target": [3, 1]}
TOML = """
[columns]
run = "seed"
trace = "variance"
[start]
mean = [0, 0]
covariance = [[2, 1], [1, 2]]
target = [3, 1]
[[group]]
workflow = "accumulate"
kept_fraction = 0.1
sample_size = 50
"""


def test_toml_and_python_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TOML)
    columns = {"run": "seed", "trace": "variance"}
    given = {"columns": columns, "start": START, "group": [GROUP]}
    (tmp_path / "a.py").write_text(f"setting = {given!r}")
    first, second = (read_setting(tmp_path / name) for name in ("a.toml", "a.py"))
    assert first.columns == second.columns
    for word in ("workflow", "kept_fraction", "sample_size", "ridge", "metric"):
        assert getattr(first.groups[0], word) == getattr(second.groups[0], word)
    assert (first.groups[0].start("1").target == [3, 1]).all()


def test_starts_come_from_every_source(tmp_path: Path) -> None:
    arrays = {word: np.array([value, value], float) for word, value in START.items()}
    arrays["mean"][1] = [5, 5]
    np.savez(tmp_path / "starts.npz", run=np.array(["a", "b"]), **arrays)
    (tmp_path / "starts.py").write_text(f"def start(run):\n    return {START!r}")
    for given in (
        {"file": "starts.npz"},
        {"python": "starts.py"},
        {"runs": {"a": START}},
        START,
        lambda run: START,
    ):
        found = read_starts(given, tmp_path)("a")
        assert found.target is not None
        assert found.target.tolist() == [3, 1]
    assert read_starts({"file": "starts.npz"}, tmp_path)("b").mean.tolist() == [5, 5]


def test_changes_reach_every_group_that_has_the_word() -> None:
    groups = [{**GROUP, "name": "a"}, {"name": "b", "workflow": "replace", "sample_size": 9}]
    changed = describe({"start": START, "group": groups}, changes={"kept_fraction": 0.2})
    assert [group.kept_fraction for group in changed.groups] == [0.2, None]
    fresh = describe(
        {"start": START, "group": [{**GROUP, "workflow": "fresh-real", "fraction": 0.5}]}
    )
    assert isinstance(fresh.groups[0].workflow, FreshReal)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"workflow": "acumulate"}, "workflow = 'acumulate' is not one of replace"),
        ({"workflow": "accumulate-subsample"}, "no 1/n correction"),
        ({"kept_fraction": 1.5}, r"kept_fraction = 1.5 must lie in \(0, 1\)"),
        ({"kept_fraction": float("nan")}, "not a finite number"),
        ({"sample_size": 2.5}, "sample_size = 2.5"),
        ({"selection": "best-of"}, "selection = 'best-of'"),
        ({"selection": "keep-all"}, "keep-all takes no kept_fraction"),
        ({"metric": "euclid"}, "metric = 'euclid'"),
        ({"ridge": -1}, "accepted: 0 to"),
        ({"kept": 0.1}, "no key 'kept'"),
        ({"generations": [3, 2]}, "must increase"),
        ({"first_batch": "both"}, "first_batch"),
        ({"fraction": 0.1}, "goes with fresh-real"),
    ],
)
def test_a_fault_of_a_group_is_named(change: dict[str, Any], words: str) -> None:
    describe({"start": START, "group": [GROUP]})
    with pytest.raises(InvalidInput, match=words) as caught:
        describe({"start": START, "group": [{**GROUP, **change}]})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (None, "no start"),
        ({**START, "mean": [0, 0, 0]}, "covariance has shape"),
        ({**START, "target": [1]}, "target has shape"),
        ({**START, "target": [1, float("inf")]}, "not finite"),
        ({**START, "covariance": [[1, 2], [2, 1]]}, "positive definite"),
        ({**START, "dimension": 3}, "dimension = 3"),
        ({**START, "centre": 1}, "no key 'centre'"),
        ({"distance": 3}, "dimension"),
        ({"mean": [0]}, "no covariance"),
        ({"runs": {"2": START}}, "no start for run 1"),
        ({"file": "absent.npz"}, "no file"),
        (lambda run: 1 / 0, "raised ZeroDivisionError"),
        (lambda run: {"mean": [0], "covariance": [[1]]}, "no target"),
    ],
)
def test_a_fault_of_a_start_is_named(start: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=words):
        describe({"start": start, "group": [GROUP]}, folder=tmp_path).groups[0].start("1")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "x = ", "is no TOML"),
        ("a.toml", "[[groups]]", "no key 'groups'"),
        ("a.toml", "", "no group"),
        ("a.py", "1 / 0", "raised ZeroDivisionError"),
        ("a.py", "x = 1", "no dictionary"),
        ("a.json", "{}", "neither .toml nor .py"),
    ],
)
def test_a_fault_of_the_file_is_named(name: str, text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidInput, match=words):
        read_setting(tmp_path / name)
