"""The experiment goes on where it stopped, is paired, and tells what its intervals exclude."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.silos import campaign as module
from numerics.silos import digits
from numerics.silos.campaign import Block, blocks, salt_in
from numerics.silos.comparison import cells, paired
from numerics.silos.plan import Plan
from numerics.streams import Stream
from theory.errors import InvalidInput

PLAN = Plan(generations=1, silos=4)
CALL: dict[str, Any] = {
    "plan": PLAN,
    "salt": "c0ffee",
    "replicates": 2,
    "splits": ("iid",),
    "generators": ("kde",),
    "jobs": 1,
}
RULES = ("local-centroid",)


def test_the_numbers_do_not_depend_on_the_number_of_processes() -> None:
    assert blocks(RULES, **{**CALL, "jobs": 2}) == blocks(RULES, **CALL)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bandwidth that is not searched for; what is tested is where blocks are kept."""
    monkeypatch.setattr(digits, "cross_validated_bandwidth", lambda points: 0.2)


@pytest.mark.usefixtures("quick")
def test_an_interrupted_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = blocks(RULES, **CALL)
    seen: list[Block] = []

    def stop(block: Block) -> None:
        seen.append(block)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        blocks(RULES, **CALL, folder=tmp_path, done=stop)
    assert len(list(tmp_path.iterdir())) == 1
    assert salt_in(tmp_path) == "c0ffee"
    computed = []
    original = module.run_block

    def counted(*words: Any) -> Block:
        computed.append(words[3])
        return original(*words)

    monkeypatch.setattr(module, "run_block", counted)
    assert blocks(RULES, **CALL, folder=tmp_path) == whole
    assert computed == [1]
    # A rule that the blocks lack is computed; one that they hold besides is not shown.
    assert blocks((), **CALL, folder=tmp_path)[0].runs.keys() == {"random"}
    assert computed == [1]
    blocks(("mahalanobis",), **CALL, folder=tmp_path)
    assert computed == [1, 0, 1]


@pytest.mark.usefixtures("quick")
def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    blocks(RULES, **CALL, folder=tmp_path)
    with pytest.raises(InvalidInput, match="another salt"):
        blocks(RULES, **{**CALL, "salt": "beef"}, folder=tmp_path)
    with pytest.raises(InvalidInput, match="another plan"):
        blocks(RULES, **{**CALL, "plan": Plan(generations=2, silos=4)}, folder=tmp_path)
    place = next(tmp_path.iterdir())
    place.write_text(place.read_text()[:-20])
    with pytest.raises(InvalidInput, match="is no block"):
        blocks(RULES, **CALL, folder=tmp_path)
    place.write_text(json.dumps([1]))
    for each in list(tmp_path.iterdir())[1:]:
        each.unlink()
    with pytest.raises(InvalidInput, match="is no block"):
        salt_in(tmp_path)


@pytest.mark.usefixtures("quick")
def test_cells_hold_paired_differences() -> None:
    found = blocks(RULES, **CALL)
    plain, local = cells(found)
    assert (plain.rule, local.rule) == ("random", "local-centroid")
    assert plain.difference.mean == plain.difference.half == 0
    steps = [
        block.runs["local-centroid"].score.frechet - block.runs["random"].score.frechet
        for block in found
    ]
    assert local.difference.mean == pytest.approx(np.mean(steps))
    assert local.mean.frechet - plain.mean.frechet == pytest.approx(np.mean(steps))
    assert len(local.path) == 2
    # Replicates are not the same run twice.
    assert steps[0] != steps[1]


def test_pairing_sees_what_unpaired_numbers_hide() -> None:
    rng = Stream("c0ffee", "test_campaign").generator()
    baseline = 10 * rng.standard_normal(6)
    values = baseline - 1 + 0.1 * rng.standard_normal(6)
    assert paired(values, baseline).sign == "below"
    assert paired(baseline, values).sign == "above"
    assert paired(values, rng.permutation(baseline)).sign == "undecided"


def test_an_interval_covers_as_it_says() -> None:
    rng = Stream("c0ffee", "test_campaign", stage="cover").generator()
    found = [paired(rng.standard_normal(6), np.zeros(6)).sign for _ in range(2000)]
    wrong = 2000 - found.count("undecided")
    assert abs(wrong / 2000 - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 2000)


def test_one_replicate_has_no_interval() -> None:
    with pytest.raises(InvalidInput, match="at least 2"):
        blocks(RULES, **{**CALL, "replicates": 1})
