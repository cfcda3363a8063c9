"""Files are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from theory.errors import InvalidInput


def check_place(path: str | Path) -> None:
    """Complain about a place that cannot be written to before the work is done, not after it.

    Raises
    ------
    InvalidInput
        If there is no such folder, or it is closed to us, or `path` itself is a folder or a device.
    """
    if not str(path):
        raise InvalidInput("an empty name is no place to write to")
    target = Path(path)
    try:
        folder, special = target.is_dir(), target.exists() and not target.is_file()
    except (OSError, ValueError) as error:  # a name too long, or with a null in it
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(f"cannot write {target}: {reason}") from None
    if folder:
        raise InvalidInput(f"cannot write {target}: it is a directory")
    if special:  # renaming a file to it would put the file in place of the device
        raise InvalidInput(f"cannot write {target}: it is no ordinary file")
    if not target.parent.is_dir():
        raise InvalidInput(f"cannot write {target}: there is no folder {target.parent}")
    if not os.access(target.parent, os.W_OK):
        raise InvalidInput(f"cannot write {target}: the folder {target.parent} is read-only")


def check_places(
    written: Mapping[str, str | Path | None], read: Iterable[str | Path | None] = ()
) -> None:
    """Complain about places before the work is done: see `check_place`; and no file is lost.

    Parameters
    ----------
    written
        By option, what it would write; None is nothing, and ``-`` standard output.
    read
        Files that are read, and must stay what they are.

    Raises
    ------
    InvalidInput
        If a place cannot be written to, is read, or is named twice.

    Examples
    --------
    >>> check_places({"--json": "runs.csv"}, ["runs.csv"])
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: --json runs.csv would overwrite what is read; name another file
    """
    kept = {os.path.realpath(path) for path in read if path}
    taken: dict[str, str] = {}
    for option, path in written.items():
        if path is None or str(path) == "-":
            continue
        check_place(path)
        here = os.path.realpath(path)
        if here in kept:
            raise InvalidInput(f"{option} {path} would overwrite what is read; name another file")
        if here in taken:
            raise InvalidInput(f"{taken[here]} and {option} both name {path}; give each its own")
        taken[here] = option


def write_whole(path: str | Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it.

    A reader, or an interrupted run, never sees half a file.

    Parameters
    ----------
    path
        Where the file shall be.
    write
        Called with the path of the temporary file, which bears the same suffix.

    Raises
    ------
    InvalidInput
        If the place cannot be written to.

    Examples
    --------
    >>> place = Path(tempfile.mkdtemp()) / "verdict.json"
    >>> write_whole(place, lambda file: file.write_text("{}"))
    >>> place.read_text(), len(list(place.parent.iterdir()))
    ('{}', 1)
    """
    check_place(path)
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.stem[:32]}.", suffix=target.suffix
        )
    except OSError as error:
        raise InvalidInput(f"cannot write {target}: {error.strerror}") from None
    os.close(handle)
    temporary = Path(name)
    try:
        # mkstemp makes it private; a result is as readable as any file its owner makes.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        write(temporary)
        temporary.replace(target)
    except OSError as error:
        raise InvalidInput(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 with Unix line ends, whole or not at all."""
    write_whole(path, lambda file: file.write_bytes(text.encode()))
