"""The ledger: evidence that is kept from run to run, in one file.

A CI run is too short to see an error of 0.3 %; thirty of them are not. The ledger keeps, for each
claim and run, the log evidence of every shared relative effect (`numerics.suite.pooling`). Runs
have noise of their own, so their products are e-values again, and their average over the effects
is an e-process in the number of runs: it ever reaches CLAIMS/LIFETIME for a correct claim with
probability at most LIFETIME/CLAIMS, so that any correct claim of the first CLAIMS is ever accused
with probability at most LIFETIME, however long the ledger is kept.

A run is named by its salt: evidence of one salt is never multiplied twice. Claims are named by a
hash of their content, formula and sampler: an edited claim begins at 1. Losing the file does the
same to all of them. Ledgers that grew apart merge without loss: they are sets of runs.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numerics.suite.lock import locked, replace_text
from numerics.suite.pooling import COUNT, EFFECTS, added, likeliest, pooled
from theory.errors import InvalidInput

FORMAT, VERSION = "collapse-theory ledger", 1
LIFETIME, CLAIMS = 1e-3, 10_000
THRESHOLD = math.log(CLAIMS / LIFETIME)
# What JSON can hold; evidence beyond decides nothing more.
LARGEST = 1e12


class LedgerError(InvalidInput):
    """A file that is no ledger of ours, or not all of one; it is left as it is."""


@dataclass
class Entry:
    """A claim in the ledger: its id when it was last seen, and log evidence by run."""

    name: str
    runs: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def totals(self, without: str = "") -> tuple[float, ...]:
        """Log evidence of every effect over all runs, one of them left out."""
        return added(vector for salt, vector in self.runs.items() if salt != without)


@dataclass(frozen=True)
class Standing:
    """What the ledger says of a claim."""

    name: str
    runs: int
    log_e: float
    effect: float

    @property
    def accused(self) -> bool:
        """Whether the claim is refuted over the lifetime of the ledger."""
        return self.log_e >= THRESHOLD

    def __str__(self) -> str:
        if not self.accused:
            return f"{self.name}: log evidence {self.log_e:.3g} after {self.runs} runs"
        return (
            f"{self.name} is REFUTED by the ledger: log evidence {self.log_e:.3g} >= "
            f"{THRESHOLD:.3g} after {self.runs} runs; a shared error of about {self.effect:+.2%} "
            "of the scale explains it best"
        )


class Ledger:
    """Evidence by claim and run.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.add("c1", "mine.step", "run-1", [9.0] * COUNT)
    True
    >>> ledger.add("c1", "mine.step", "run-1", [9.0] * COUNT)  # the same noise again
    False
    >>> ledger.add("c1", "mine.step", "run-2", [9.0] * COUNT)
    True
    >>> ledger.standing("c1").accused
    True
    """

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def add(self, content: str, name: str, salt: str, vector: Sequence[float]) -> bool:
        """Record what a run found; False if the run is known, and nothing is changed.

        Raises
        ------
        LedgerError
            If the vector has another length, or the ledger is full.
        """
        if len(vector) != COUNT or any(math.isnan(x) for x in vector):
            raise LedgerError(f"a run has {COUNT} numbers, not {list(vector)!r}")
        if content not in self.entries:
            if len(self.entries) >= CLAIMS:
                raise LedgerError(f"the ledger is full: it has {CLAIMS} claims")
            self.entries[content] = Entry(name)
        entry = self.entries[content]
        entry.name = name
        if salt in entry.runs:
            return False
        entry.runs[salt] = tuple(max(-LARGEST, min(LARGEST, float(x))) for x in vector)
        return True

    def merge(self, other: Ledger) -> None:
        """Take over what the other knows; where both know a run, the smaller evidence counts."""
        for content, theirs in other.entries.items():
            for salt, vector in theirs.runs.items():
                if not self.add(content, theirs.name, salt, vector):
                    mine = self.entries[content].runs
                    mine[salt] = tuple(map(min, mine[salt], vector))

    def prior(self, salt: str) -> dict[str, tuple[float, ...]]:
        """Log evidence by claim from all runs but the one with this salt."""
        return {content: entry.totals(salt) for content, entry in self.entries.items()}

    def standing(self, content: str) -> Standing:
        """What the ledger says of a claim."""
        entry = self.entries[content]
        totals = entry.totals()
        return Standing(entry.name, len(entry.runs), pooled(totals), likeliest(totals))

    def standings(self, contents: Iterable[str] | None = None) -> list[Standing]:
        """What the ledger says of some of its claims, or of all."""
        wanted = self.entries if contents is None else contents
        return [self.standing(content) for content in wanted if content in self.entries]

    def text(self) -> str:
        """The ledger as the text of a file, with its checksum."""
        body = {
            "format": FORMAT,
            "version": VERSION,
            "effects": list(EFFECTS),
            "claims": {
                content: {
                    "name": entry.name,
                    "runs": {salt: list(entry.runs[salt]) for salt in sorted(entry.runs)},
                }
                for content, entry in sorted(self.entries.items())
            },
        }
        return json.dumps({**body, "checksum": _checksum(body)}, indent=1, allow_nan=False) + "\n"

    @staticmethod
    def read(path: str | Path) -> Ledger:
        """Read a ledger; a file that does not exist is an empty one.

        Raises
        ------
        LedgerError
            If the file is foreign, truncated, or was changed by hand.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except FileNotFoundError:
            return Ledger()
        except (OSError, UnicodeDecodeError) as error:
            raise LedgerError(f"{path} cannot be read as a ledger: {error}") from None
        return _parsed(text, path)

    @staticmethod
    def update(path: str | Path, runs: Iterable[tuple[str, str, str, Sequence[float]]]) -> Ledger:
        """Add (content, name, salt, vector) to a file, whatever others have added meanwhile.

        Returns
        -------
        Ledger
            What the file holds now.
        """
        file = Path(path)
        with locked(file):
            ledger = Ledger.read(file)
            for content, name, salt, vector in runs:
                ledger.add(content, name, salt, vector)
            replace_text(file, ledger.text())
        return ledger

    @staticmethod
    def merge_files(path: str | Path, *others: str | Path) -> Ledger:
        """Merge other ledgers into the file `path`; each is read whole before anything is written.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     a, b = Path(folder, "a.json"), Path(folder, "b.json")
        ...     for file, salt in ((a, "run-1"), (b, "run-2")):
        ...         _ = Ledger.update(file, [("c1", "mine.step", salt, [1.0] * COUNT)])
        ...     Ledger.merge_files(a, b).standing("c1").runs
        2
        """
        file = Path(path)
        parts = [Ledger.read(other) for other in others]
        with locked(file):
            ledger = Ledger.read(file)
            for part in parts:
                ledger.merge(part)
            replace_text(file, ledger.text())
        return ledger


def _checksum(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _parsed(text: str, path: str | Path) -> Ledger:
    try:
        found = json.loads(text)
    except ValueError:
        raise LedgerError(
            f"{path} is truncated, or no ledger; restore it, or delete it to begin at 1 again"
        ) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise LedgerError(f"{path} is a foreign file, not a {FORMAT}; it is left as it is")
    if found.get("version") != VERSION or found.get("effects") != list(EFFECTS):
        raise LedgerError(
            f"{path} was written by another version (version {found.get('version')!r}, effects "
            f"{found.get('effects')!r}); this one keeps version {VERSION}, {list(EFFECTS)}"
        )
    checksum = found.pop("checksum", None)
    if checksum != _checksum(found):
        raise LedgerError(f"{path} was changed since it was written: its checksum is wrong")
    ledger = Ledger()
    try:
        for content, entry in found["claims"].items():
            ledger.entries[content] = Entry(entry["name"])
            for salt, vector in entry["runs"].items():
                ledger.add(content, entry["name"], salt, vector)
    except (KeyError, TypeError, AttributeError):
        raise LedgerError(f"{path} lacks parts of a ledger") from None
    return ledger
