"""What recorded runs are: a setting file, in TOML or in Python, read into groups of runs.

A TOML file has the tables ``[columns]``, ``[start]`` and one ``[[group]]`` for each kind of runs; a
Python file defines ``setting``, a dictionary of the same form whose `start` may be a function.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numerics.prediction.group import Group, only, read_group, table
from numerics.prediction.starts import run_file
from numerics.sources import existing
from theory.errors import InvalidInput

VALUES = ("trace", "log_trace")
# Where the mean has gone: read where it is named here, or where the table has such a column.
MEAN = "mean_error"
# Of the fitted covariance, the natural logarithm; likewise.
DET = "log_det"
COLUMNS = ("run", "generation", *VALUES, MEAN, DET)
PARTS = ("columns", "start", "group")
# What `--set` may change in every group at once.
CHANGEABLE = ("workflow", "kept_fraction", "sample_size", "ridge", "until")


@dataclass(frozen=True)
class RunsSetting:
    """The columns of the table, and its groups of runs."""

    source: str
    columns: Mapping[str, str]
    groups: tuple[Group, ...]

    @property
    def value(self) -> str:
        """What the recorded column holds: ``"trace"`` or ``"log_trace"``."""
        return next((word for word in VALUES if word in self.columns), "trace")


def describe(
    given: Mapping[str, Any],
    *,
    source: str = "setting",
    folder: Path | None = None,
    changes: Mapping[str, Any] | None = None,
) -> RunsSetting:
    """Read a setting from a dictionary of the form of the file; see `read_setting`."""
    only(table(given, source), PARTS, source)
    columns = {str(k): str(v) for k, v in table(given.get("columns", {}), "columns").items()}
    only(columns, COLUMNS, "columns")
    if all(word in columns for word in VALUES):
        raise InvalidInput("columns names both trace and log_trace; give one")
    groups = given.get("group")
    if not isinstance(groups, list | tuple) or not groups:
        raise InvalidInput(f"{source} describes no group of runs; give [[group]]")
    only(changes or {}, CHANGEABLE, "--set")
    read = []
    for place, each in enumerate(groups, 1):
        changed = dict(table(each, f"group {place}"))
        for word, value in (changes or {}).items():
            # A group that keeps everything has no fraction to change.
            if word != "kept_fraction" or word in changed:
                changed[word] = value
        read.append(read_group(changed, place, given.get("start"), folder or Path()))
    names = [group.name for group in read]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput(f"two groups bear the name {name!r}")
    return RunsSetting(source, columns, tuple(read))


def read_setting(path: str | Path, changes: Mapping[str, Any] | None = None) -> RunsSetting:
    """Read what recorded runs are from a file.

    Parameters
    ----------
    path
        A ``.toml`` file, or a ``.py`` file that defines the dictionary ``setting``.
    changes
        Values that replace the file's in every group: `workflow`, `kept_fraction`,
        `sample_size`, `ridge`, `until`.

    Raises
    ------
    InvalidInput
        If the file cannot be read, or says something that is not accepted.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "setting.toml"
    >>> _ = file.write_text('''
    ... start = { distance = 6.5, dimension = 10 }
    ... [[group]]
    ... workflow = "accumulate"
    ... kept_fraction = 0.05
    ... sample_size = 100
    ... ''')
    >>> read_setting(file).groups[0].sample_size
    100
    """
    file = existing(path)
    if file.suffix == ".py":
        given = run_file(file).get("setting")
        if not isinstance(given, Mapping):
            raise InvalidInput(f"{file.name} defines no dictionary `setting`")
    elif file.suffix == ".toml":
        try:
            given = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{file.name} is no TOML: {error}") from None
    else:
        raise InvalidInput(f"{file.name} is neither .toml nor .py")
    return describe(given, source=file.name, folder=file.parent, changes=changes)
