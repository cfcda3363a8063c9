"""Units as files: what is kept is not computed again, and what is no unit is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from numerics.report.units import Store, finish, salt_in
from theory.errors import InvalidInput

WHAT = "unit of a test"


def squared(number: int) -> dict[str, int]:
    return {"number": number, "square": number**2}


def parsed(number: int, held: Any) -> dict[str, int]:
    if held["number"] != number:
        raise ValueError("another unit")
    return dict(held)


def run(folder: Path | None, *, salt: str = "c0ffee", keys: tuple[int, ...] = (1, 2, 3)) -> Any:
    computed: list[int] = []

    def compute(number: int) -> dict[str, int]:
        computed.append(number)
        return squared(number)

    found = finish(
        keys,
        compute,
        Store(folder, {"salt": salt, "format": 1}, WHAT, "unit"),
        stem=str,
        parse=parsed,
        content=dict,
        key_of=lambda unit: unit["number"],
    )
    assert found == {number: squared(number) for number in keys}
    return computed


def test_what_is_kept_is_not_computed_again(tmp_path: Path) -> None:
    assert run(tmp_path, keys=(1, 3)) == [1, 3]
    assert run(tmp_path) == [2]
    assert run(tmp_path) == []
    assert salt_in(tmp_path, "*.json", WHAT) == "c0ffee"
    assert run(None) == [1, 2, 3]


def test_what_will_not_do_is_computed_anew(tmp_path: Path) -> None:
    run(tmp_path, keys=(1,))
    again: list[int] = []
    finish(
        (1,),
        lambda number: again.append(number) or squared(number),  # type: ignore[func-returns-value]
        Store(tmp_path, {"salt": "c0ffee", "format": 1}, WHAT, "unit"),
        stem=str,
        parse=parsed,
        content=dict,
        key_of=lambda unit: unit["number"],
        enough=lambda unit: unit["square"] > 1,
    )
    assert again == [1]


def test_another_stamp_and_what_is_no_unit_are_named(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(InvalidInput, match="made with another salt; give the same"):
        run(tmp_path, salt="beef")
    place = tmp_path / "2.json"
    for text in ("{", "[1]", json.dumps({"salt": "c0ffee", "format": 1, "unit": {"number": 5}})):
        place.write_text(text)
        with pytest.raises(InvalidInput, match=f"2.json is no {WHAT}"):
            run(tmp_path)
    place.write_text("[1]")
    (tmp_path / "1.json").unlink()
    with pytest.raises(InvalidInput, match=f"is no {WHAT}; remove it"):
        salt_in(tmp_path, "*.json", WHAT)
    assert salt_in(tmp_path, "*.none", WHAT) is None
