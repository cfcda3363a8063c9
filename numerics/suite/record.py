"""What one test has found so far: judged once for each point, capped, and kept for the report."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numerics.suite.plan import CAP, Plan

if TYPE_CHECKING:
    from numerics.evidence import Judgement


class Inconclusive(UserWarning):
    """A claim was neither verified nor refuted; only where no plugin reports it."""


@dataclass(frozen=True)
class Finding:
    """One claim judged at one point.

    `content` names the claim for the ledger, `pooled` is the log evidence of each shared relative
    effect (see `numerics.suite.pooling`).
    """

    subject: str
    content: str
    at: Mapping[str, Any]
    judgement: Judgement
    pooled: tuple[float, ...] = ()
    basis: str = "end to end"


@dataclass
class Record:
    """The findings of one test; they share one error budget of `cap` evaluations.

    Parameters
    ----------
    name : str
        Names the test, and the noise of what has no name of its own.
    plan : Plan
        The plan of the run.
    cap : int
        Evaluations that the test may make; afterwards nothing more is judged.
    reported : bool
        Whether somebody tells the user what was inconclusive (the plugin does).
    """

    name: str
    plan: Plan
    cap: int = CAP
    reported: bool = False
    memo: dict[tuple[str, Hashable], tuple[Finding, ...]] = field(default_factory=dict)
    faults: dict[Hashable, Exception] = field(default_factory=dict)
    seen: set[Hashable] = field(default_factory=set)
    # By content: what was raised last, which is where shrinking ends.
    smallest: dict[str, Finding] = field(default_factory=dict)
    algebra: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def touched(self) -> bool:
        """Whether the test has asked anything."""
        return bool(self.memo or self.algebra or self.doubts)

    @property
    def findings(self) -> list[Finding]:
        """Everything that was judged, in order."""
        return [finding for findings in self.memo.values() for finding in findings]

    def judged(
        self, content: str, point: Hashable, judge: Callable[[], tuple[Finding, ...]]
    ) -> tuple[Finding, ...] | None:
        """The findings on a claim at a point, judged at most once; None when the budget is spent.

        A fault of the sampler is raised again at every later point: a replay must not differ.
        """
        key = (content, point)
        if content in self.faults:
            raise self.faults[content]
        if key not in self.memo:
            if len(self.findings) >= self.cap:
                self.unknown(f"more than {self.cap} evaluations; the rest is not judged")
                return None
            try:
                self.memo[key] = judge()
            except Exception as error:
                self.faults[content] = error
                raise
        return self.memo[key]

    def knows(self, content: str, point: Hashable) -> bool:
        """Whether a claim has been judged at a point."""
        return (content, point) in self.memo

    def count(self, content: str) -> int:
        """Points at which a claim has been judged."""
        return sum(each == content for each, _ in self.memo)

    def once(self, key: Hashable) -> bool:
        """Whether something is asked for the first time in this test."""
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def unknown(self, message: str) -> None:
        """Keep what stays unknown though it is no finding."""
        if message not in self.doubts:
            self.doubts.append(message)
        self.doubt(f"{self.name}: {message}")

    def doubt(self, message: str) -> None:
        """Warn of what stays unknown, unless it is reported in another way."""
        if not self.reported and self.once(("warned", message)):
            warnings.warn(message, Inconclusive, stacklevel=4)

    @contextmanager
    def active(self) -> Iterator[Record]:
        """Make this the record of whatever is judged inside."""
        token = _ambient.set(self)
        try:
            yield self
        finally:
            _ambient.reset(token)


_ambient: ContextVar[Record | None] = ContextVar("collapse_record", default=None)


def ambient() -> Record | None:
    """The record of the test that is running, if somebody keeps one."""
    return _ambient.get()
