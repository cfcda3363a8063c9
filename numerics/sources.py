"""Files that a user names to be read: what is none is told in one line, before any work."""

from __future__ import annotations

import os
from pathlib import Path

from theory.errors import InvalidInput


def existing(path: str | Path, error: type[InvalidInput] = InvalidInput) -> Path:
    """The file at `path`, if there is one that can be read.

    Parameters
    ----------
    path
        What the user named.
    error
        What to raise.

    Raises
    ------
    InvalidInput
        If there is nothing, a folder, or a file that is closed to us.

    Examples
    --------
    >>> existing("nowhere.csv")
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: no file nowhere.csv
    """
    if not isinstance(path, str | os.PathLike):
        raise error(f"{type(path).__name__} is no name of a file; accepted: text or a path")
    if not str(path):
        raise error("an empty name is no file")
    file = Path(path)
    try:
        folder, there = file.is_dir(), file.is_file()
    except (OSError, ValueError) as fault:  # a name too long, or with a null in it
        reason = getattr(fault, "strerror", None) or str(fault)
        raise error(f"cannot read {file}: {reason}") from None
    if folder:
        raise error(f"{file} is a directory; accepted: a file")
    if not there:
        raise error(f"no file {file}")
    if not os.access(file, os.R_OK):
        raise error(f"cannot read {file}: permission denied")
    return file
