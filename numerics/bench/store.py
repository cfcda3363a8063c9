"""Rows on disk as they are measured: a run that is killed goes on where it stopped.

The file is JSON Lines. Each sample's rows are appended in one write and flushed to the disk, so
that a kill can tear the last line only; a torn line is dropped at the next start and measured anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numerics.report.files import check_place, write_text, write_whole
from theory.errors import InvalidInput

Row = dict[str, Any]
Key = tuple[str, int, int, int, int, str]
_FORMAT = "collapse bench 1"


def key(row: Row) -> Key:
    """What may be measured once only."""
    return (
        row["family"],
        row["dimension"],
        row["member"],
        row["n"],
        row["replicate"],
        row["estimator"],
    )


def read(path: Path) -> tuple[str, list[Row]]:
    """The salt and the rows of a file; a torn last line is left out.

    Raises
    ------
    InvalidInput
        If the file is no benchmark, is damaged before its end, or has a row twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot read {path}: {error}") from None
    try:
        header = json.loads(lines[0])
        if header["format"] != _FORMAT:
            raise KeyError
        salt = str(header["salt"])
    except (ValueError, KeyError, TypeError):
        raise InvalidInput(f"{path} is not a file of collapse bench") from None
    rows, seen = [], set()
    # What follows the last line end was not written to its end.
    for number, line in enumerate(lines[1:-1], start=2):
        try:
            row = json.loads(line)
            name = key(row)
        except (ValueError, KeyError, TypeError):
            raise InvalidInput(f"{path}, line {number} is damaged") from None
        if name in seen:
            raise InvalidInput(f"{path}, line {number} repeats a row")
        seen.add(name)
        rows.append(row)
    return salt, rows


class Store:
    """A file of rows that is open for more.

    Parameters
    ----------
    path
        Made if it does not exist.
    salt
        Names the noise; it must be that of the file if there is one. None takes the file's.

    Attributes
    ----------
    rows
        All that is in the file.
    """

    def __init__(self, path: Path, salt: str | None, fresh: str) -> None:
        check_place(path)
        self.path = path
        if path.exists():
            self.salt, self.rows = read(path)
            if salt not in (None, self.salt):
                raise InvalidInput(f"{path} was made with --salt {self.salt}, not {salt}")
        else:
            self.salt, self.rows = salt or fresh, []
        header = json.dumps({"format": _FORMAT, "salt": self.salt})
        text = "".join(f"{each}\n" for each in (header, *map(json.dumps, self.rows)))
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
        self.done = {key(row) for row in self.rows}

    def add(self, rows: Iterable[Row]) -> None:
        """Append rows that are not there yet, and see them onto the disk."""
        new = [row for row in rows if key(row) not in self.done]
        text = "".join(f"{json.dumps(row, allow_nan=False)}\n" for row in new)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        self.rows += new
        self.done |= {key(row) for row in new}


def export(rows: list[Row], path: Path) -> None:
    """Write the rows as Parquet, CSV or JSON, by the suffix.

    Raises
    ------
    InvalidInput
        For another suffix, or if pandas is missing where it is needed.
    """
    if path.suffix == ".json":
        write_text(path, json.dumps(rows, indent=1) + "\n")
        return
    if path.suffix not in (".parquet", ".csv"):
        raise InvalidInput(f"{path.name} is none of .json, .parquet, .csv")
    try:
        import pandas as pd
    except ImportError:
        raise InvalidInput(f"{path.name} needs pandas; install collapse-theory[runs]") from None
    frame = pd.DataFrame(rows)
    if path.suffix == ".parquet":
        write_whole(path, lambda file: frame.to_parquet(file, index=False))
    else:
        write_whole(path, lambda file: frame.to_csv(file, index=False))
