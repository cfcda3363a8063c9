"""Long work in units, each a file written whole: what was interrupted goes on with the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from joblib import Parallel, delayed

from numerics.report.files import check_place, write_text
from theory.errors import InvalidInput

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def opened(text: str | None) -> Path | None:
    """The folder that ``--folder`` names, made if it is absent; None keeps nothing.

    Raises
    ------
    InvalidInput
        If it is a file, or cannot be made.
    """
    if text is None:
        return None
    place = Path(text)
    if text and place.is_file():
        raise InvalidInput(f"--folder {text} is a file; accepted: a folder, made if it is absent")
    if not text or not place.is_dir():
        check_place(text)
        place.mkdir()
    return place


@dataclass(frozen=True)
class Store:
    """A folder of units, each stamped with what all of them share.

    Parameters
    ----------
    folder
        Where they lie; None keeps nothing.
    stamp
        Salt, plan, format: a unit with another stamp is refused.
    what
        What a unit is, for errors: "block of this experiment".
    word
        The name that a unit's content has in its file.
    """

    folder: Path | None
    stamp: Mapping[str, Any]
    what: str
    word: str

    def read(self, stem: str, parse: Callable[[Any], T]) -> T | None:
        """The unit of this name, or None if it is not there.

        Raises
        ------
        InvalidInput
            If the file is none (`parse` raises ValueError, KeyError, TypeError or AttributeError),
            or was made with another stamp.
        """
        if self.folder is None or not (place := self.folder / f"{stem}.json").exists():
            return None
        try:
            held = json.loads(place.read_text())
            made = {word: held[word] for word in self.stamp}
            differing = [word for word in self.stamp if made[word] != self.stamp[word]]
            unit = None if differing else parse(held[self.word])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InvalidInput(f"{place} is no {self.what}; remove it or go elsewhere") from None
        if differing:
            raise InvalidInput(
                f"{place} was made with another {' and '.join(differing)}; "
                "give the same, or another folder"
            )
        return unit

    def write(self, stem: str, content: Any) -> None:
        """Keep a unit, stamped, whole or not at all."""
        if self.folder is not None:
            text = json.dumps({**self.stamp, self.word: content}, allow_nan=False)
            write_text(self.folder / f"{stem}.json", text + "\n")


def finish(
    keys: Sequence[K],
    compute: Callable[[K], T],
    store: Store,
    *,
    stem: Callable[[K], str],
    parse: Callable[[K, Any], T],
    content: Callable[[T], Any],
    key_of: Callable[[T], K],
    enough: Callable[[T], bool] = lambda unit: True,
    jobs: int = 1,
    done: Callable[[T], object] = lambda unit: None,
) -> dict[K, T]:
    """Read the units that are kept, compute the others, and keep each as it is finished.

    Parameters
    ----------
    keys
        Names of the units.
    compute
        Makes a unit, in a process of its own if `jobs` says so.
    store, stem
        Where units are kept, and the name of a key's file.
    parse, content
        From what lies in a file to a unit, and back; `parse` gets the key too.
    key_of
        The key of a unit.
    enough
        Whether a unit that was read will do; else it is computed anew.
    jobs
        Processes.
    done
        Told of each unit as it is found or finished.

    Raises
    ------
    InvalidInput
        As `Store.read`.
    """
    found: dict[K, T] = {}
    for key in keys:
        unit = store.read(stem(key), lambda held, key=key: parse(key, held))  # type: ignore[misc]
        if unit is not None and enough(unit):
            found[key] = unit
            done(unit)
    todo = [key for key in keys if key not in found]
    parallel = Parallel(n_jobs=jobs, return_as="generator_unordered")
    for unit in parallel(delayed(compute)(key) for key in todo) if todo else ():
        found[key_of(unit)] = unit
        store.write(stem(key_of(unit)), content(unit))
        done(unit)
    return found


def salt_in(folder: Path, pattern: str, what: str) -> str | None:
    """The salt of the units in a folder whose names fit a pattern, or None if there are none.

    Raises
    ------
    InvalidInput
        If a file there is no unit.
    """
    for place in sorted(folder.glob(pattern)):
        try:
            return str(json.loads(place.read_text())["salt"])
        except (OSError, ValueError, KeyError, TypeError):
            raise InvalidInput(f"{place} is no {what}; remove it") from None
    return None
