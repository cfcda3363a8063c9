"""What the check of an asymptotic order found, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from numerics.evidence import Verdict
from numerics.evidence.interval import Interval
from numerics.evidence.ladder import Rung


@dataclass(frozen=True)
class OrderEvidence:
    """The verdict on E T_n = limit + O(n^-order), with the resolution that is part of it.

    Attributes
    ----------
    verdict
        VERIFIED, REFUTED or INCONCLUSIVE.
    limit, order
        What was claimed.
    gap, epsilon
        The resolution: growth of the scaled error like n^gap was to be told from a constant,
        unless the scaled error of the top rung is at most epsilon.
    rungs
        What was seen on the screen stream.
    error
        Probability that VERIFIED, or any interval, is wrong; that of REFUTED is its square.
    confirm_draws
        Draws on the confirm stream.
    asymptotic
        Whether the intervals are normal ones, without a guarantee.
    salt
        Names the noise.
    note
        Plain words, empty when there is nothing to add.

    Examples
    --------
    >>> rungs = tuple(Rung(n, 4096, 1.0, Interval(0.9, 1.1)) for n in (8, 16, 32, 64))
    >>> found = OrderEvidence(Verdict.VERIFIED, 2, 1, 0.5, 0.1, rungs, 0.001, 0, False, "c0ffee")
    >>> print(found)
    VERIFIED: E T_n = 2 + O(n^-1): growth n^0.5 excluded, C in [0.9, 1.1], n = 8..64, ...
    """

    verdict: Verdict
    limit: float
    order: float
    gap: float
    epsilon: float
    rungs: tuple[Rung, ...]
    error: float
    confirm_draws: int
    asymptotic: bool
    salt: str
    note: str = ""

    @property
    def constant(self) -> Interval:
        """The smallest C with |E T_n - limit| <= C n^-order on every rung of the ladder."""
        sizes = [rung.scaled.size for rung in self.rungs]
        return Interval(max(size.low for size in sizes), max(size.high for size in sizes))

    @property
    def screen_draws(self) -> int:
        """Draws on the screen stream, of all rungs."""
        return sum(rung.draws for rung in self.rungs)

    @property
    def draws(self) -> int:
        """Draws on which the decision rests: screen and confirm."""
        return self.screen_draws + self.confirm_draws

    @property
    def error_probability(self) -> float:
        """Probability of this verdict if it is wrong; 0 for INCONCLUSIVE, which states nothing."""
        errors = {Verdict.VERIFIED: self.error, Verdict.REFUTED: self.error**2}
        return errors.get(self.verdict, 0.0)

    @property
    def label(self) -> str:
        """The verdict as printed, with its qualification."""
        decided = self.verdict is not Verdict.INCONCLUSIVE
        return f"{self.verdict} (asymptotic)" if self.asymptotic and decided else str(self.verdict)

    @property
    def finding(self) -> str:
        """What the verdict states."""
        top, border = self.rungs[-1], f"n^{self.gap / 2:g}"
        if self.verdict is Verdict.REFUTED:
            return f"the scaled error outgrows {border} from every lower rung to n = {top.n}"
        if self.verdict is Verdict.INCONCLUSIVE:
            return self.note or "nothing is stated"
        if top.scaled.size.high <= self.epsilon:
            return f"scaled error at most {self.epsilon:g} at n = {top.n}"
        return f"growth n^{self.gap:g} excluded"

    def to_json(self) -> dict[str, Any]:
        """Return plain values.

        Examples
        --------
        >>> rungs = tuple(Rung(n, 9, 1.0, Interval(0.9, 1.1)) for n in (8, 64))
        >>> found = OrderEvidence(Verdict.VERIFIED, 2, 1, 0.5, 0.1, rungs, 0.1, 0, False, "c0ffee")
        >>> found.to_json()["constant"], found.to_json()["draws"]
        ({'low': 0.9, 'high': 1.1}, 18)
        """
        return {
            **asdict(self),
            "verdict": str(self.verdict),
            "rungs": [asdict(rung) for rung in self.rungs],
            "label": self.label,
            "finding": self.finding,
            "constant": asdict(self.constant),
            "error_probability": self.error_probability,
            "screen_draws": self.screen_draws,
            "draws": self.draws,
        }

    def __str__(self) -> str:
        rungs = self.rungs
        error = f"error {self.error_probability:.2g}, " if self.error_probability else ""
        return (
            f"{self.label}: E T_n = {self.limit:g} + O(n^-{self.order:g}): {self.finding}, "
            f"C in {self.constant}, n = {rungs[0].n}..{rungs[-1].n}, {error}{self.draws} draws"
        )
