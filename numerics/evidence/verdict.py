"""What a judgement says, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """The project's verdicts. The first four are reached by simulation, PROVED by algebra alone.

    NOT_JUDGED is none: a claim of a table whose sampler or formulas are at fault.
    """

    VERIFIED = "VERIFIED"
    REFUTED = "REFUTED"
    VARIANCE_REFUTED = "VARIANCE REFUTED"
    INCONCLUSIVE = "INCONCLUSIVE"
    PROVED = "PROVED"
    CONFLICT = "CONFLICT"
    NOT_JUDGED = "NOT JUDGED"


# How a claim was verified that its own bounds imply.
VACUOUS = "vacuous"


@dataclass(frozen=True)
class Effect:
    """Size of what a refutation found, estimated on draws that no decision looked at."""

    mean: float
    standard_error: float
    variance: float
    draws: int


@dataclass(frozen=True)
class RivalReport:
    """What the screen draws say about a rival mean.

    Attributes
    ----------
    name : str
        Name of the rival; ``"null"`` is the claim that nothing happens.
    mean : float
        The rival's mean.
    gap : float
        Distance from the claimed mean in scales of the claim.
    inside_tolerance : bool
        Whether VERIFIED would hold for the rival as well.
    refuted : bool
        Whether the evidence against it reached 2 e^L.
    visible : bool
        Whether the budget is planned to see the gap; an invisible rival is not judged.
    draws : int
        Draws until it was refuted, or on which it was not.
    planned_draws : int
        Draws that are planned to refute it.
    """

    name: str
    mean: float
    gap: float
    inside_tolerance: bool
    refuted: bool
    visible: bool
    draws: int
    planned_draws: int

    @property
    def status(self) -> str:
        """``refuted``, ``not refuted`` or ``not visible``."""
        if self.refuted:
            return "refuted"
        return "not refuted" if self.visible else "not visible"


@dataclass(frozen=True)
class Judgement:
    """The verdict on a claim at one point, with the resolution that is part of it.

    Attributes
    ----------
    verdict : Verdict
        VERIFIED, REFUTED, VARIANCE REFUTED or INCONCLUSIVE.
    coarse : bool
        VERIFIED, but the claim's null (0 if it has none) lies inside the tolerance as well.
    epsilon : float
        The resolution asked for.
    smallest_epsilon : float or None
        The smallest resolution reached; valid after the fact because the bets are fixed before.
    scale, tolerance : float
        The scale s and epsilon * s + slack. For a claim about a law: 1 and epsilon.
    relative_tolerance : float or None
        tolerance/|mean|; None at mean 0.
    screen_draws, confirm_draws, planned_draws : int
        Draws used on the two streams, and the draws planned for the screen.
    routes : tuple of str
        The routes that could refute; they share the threshold.
    accused_by : str or None
        The route and direction that refuted, or that screened without being confirmed.
    log_e : mapping of str to float
        Log evidence of each route and direction at the last look of the screen stream.
    confirm_log_e : float or None
        Log evidence on the confirm stream.
    unconfirmed : bool
        Screened, but not confirmed on fresh noise.
    verified_by : str or None
        The route of the verification.
    asymptotic : bool
        The accusation rests on the normal approximation, without a guarantee.
    rivals : tuple of RivalReport
        Every rival, the null among them.
    effect : Effect or None
        The mean measured on draws that no decision looked at, if refuted; of a verified
        inequality too, where it shows how loose the bound is.
    of_laws : bool
        Whether laws are compared: the effect is then their Kolmogorov distance.
    note : str
        Plain words, empty when there is nothing to add.
    guarantee : str
        What the verdict states, and its error probability.
    """

    verdict: Verdict
    coarse: bool
    mean: float
    epsilon: float
    smallest_epsilon: float | None
    scale: float
    tolerance: float
    relative_tolerance: float | None
    screen_draws: int
    confirm_draws: int
    planned_draws: int
    routes: tuple[str, ...]
    accused_by: str | None = None
    log_e: Mapping[str, float] = field(default_factory=dict)
    confirm_log_e: float | None = None
    unconfirmed: bool = False
    verified_by: str | None = None
    asymptotic: bool = False
    rivals: tuple[RivalReport, ...] = ()
    effect: Effect | None = None
    of_laws: bool = False
    note: str = ""
    guarantee: str = ""

    @property
    def label(self) -> str:
        """The verdict as printed, with its qualifications."""
        if self.coarse:
            return f"{self.verdict} (coarse)"
        return f"{self.verdict} (asymptotic)" if self.asymptotic else str(self.verdict)

    @property
    def vacuous(self) -> bool:
        """Whether the claim's bounds imply it here, so that nothing was tested."""
        return self.verified_by == VACUOUS

    @property
    def draws(self) -> int:
        """Draws on which the decision rests: screen and confirm."""
        return self.screen_draws + self.confirm_draws

    @property
    def rivals_inside(self) -> tuple[str, ...]:
        """Names of the rivals that the verdict cannot tell from the claim."""
        return tuple(rival.name for rival in self.rivals if rival.inside_tolerance)
