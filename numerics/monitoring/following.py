"""Follow a file that another program writes: truncated, rewritten, or cut off in a line.

The file is read anew whenever it has changed, up to its last line end. Nothing is carried from one
reading to the next, so that a report never depends on when the file was looked at.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from theory.errors import RunsError


@dataclass(frozen=True)
class Snapshot:
    """The complete lines of the file, and what has happened to it since the last look.

    Attributes
    ----------
    text : bytes
        Whole lines only.
    rewritten : bool
        Whether lines that were seen before are gone or differ; then the guarantee is that of the
        record as it is now, and an alarm on the old lines has been withdrawn by the writer.
    """

    text: bytes
    rewritten: bool


def whole_lines(text: bytes) -> bytes:
    """What is left of `text` without an unfinished last line.

    Examples
    --------
    >>> whole_lines(b"a,b\\n1,2\\n3,")
    b'a,b\\n1,2\\n'
    """
    return text[: text.rfind(b"\n") + 1]


class Follower:
    """Looks at a file, and tells when its whole lines have changed."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.suffix != ".csv":
            raise RunsError(f"{self.path.name} is no .csv; only text can be followed as it grows")
        if not self.path.parent.is_dir():
            raise RunsError(f"there is no folder {self.path.parent} in which a file could appear")
        self._size = 0
        self._digest = hashlib.sha256(b"").digest()

    def look(self) -> Snapshot | None:
        """The file now, or None if it is not there or shows no other whole lines than before."""
        try:
            text = whole_lines(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RunsError(f"cannot read {self.path}: {error.strerror}") from None
        # The same beginning has the same digest; a file that only grew keeps it.
        same = hashlib.sha256(text[: self._size]).digest() == self._digest
        grown = len(text) != self._size
        if same and not grown:
            return None
        self._size, self._digest = len(text), hashlib.sha256(text).digest()
        return Snapshot(text, rewritten=not same)


def follow(
    path: str | Path,
    seconds: float = 1.0,
    patience: float | None = None,
    wait: Callable[[float], object] = time.sleep,
) -> Iterator[Snapshot]:
    """Yield the file each time that it has changed.

    Parameters
    ----------
    path
        A ``.csv`` file, which need not exist yet.
    seconds : float
        Pause between two looks.
    patience : float, optional
        Stop after so many seconds without a change; by default never.
    wait
        How to pause.
    """
    follower = Follower(path)
    quiet = 0.0
    while patience is None or quiet <= patience:
        snapshot = follower.look()
        if snapshot is not None:
            quiet = 0.0
            yield snapshot
        else:
            quiet += seconds
        wait(seconds)
