"""What is fixed for a whole run of tests before any of them starts: salt, profile, thresholds.

Thresholds are constants of the run: a verdict depends neither on the order of the tests nor on
how many processes share them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from theory.errors import InvalidInput


@dataclass(frozen=True)
class Profile:
    """How much a run may cost: examples of one property, and draws at one point."""

    points: int
    budget: int


PROFILES: dict[str, Profile] = {
    "dev": Profile(points=20, budget=1_000_000),
    "ci": Profile(points=50, budget=4_000_000),
    "nightly": Profile(points=200, budget=20_000_000),
}

# Evaluations that a run may always make; larger suites raise the thresholds (see `evaluations`).
EVALUATIONS = 10_000
# Evaluations of a test that is not a property built by `verify`.
CAP = 100
# Evaluations beyond its examples that a property may spend on shrinking.
SHRINKING = 200


@dataclass(frozen=True)
class Plan:
    """The plan of a run.

    Parameters
    ----------
    salt : str
        Names the noise of the run.
    profile : {"dev", "ci", "nightly"}
        How much a run may cost.
    budget : int, optional
        Draws at one point; overrides the profile and what a test asks for.
    jobs : int
        Processes that `certify` may use.
    evaluations : int
        Points that all tests of the run together may judge: the error probabilities of the run
        are shared by that many.
    prior : mapping
        By content of a claim: log evidence that earlier runs left in the ledger.
    runs : mapping
        By content of a claim: how many runs left it.
    pooled : bool
        Whether evidence is pooled over points for a ledger.

    Examples
    --------
    >>> plan_for(sizes=[210, 100, 100]).evaluations, plan_for(sizes=[210] * 100).evaluations
    (10000, 21000)
    """

    salt: str
    profile: str = "dev"
    budget: int | None = None
    jobs: int = 1
    evaluations: int = EVALUATIONS
    prior: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    runs: Mapping[str, int] = field(default_factory=dict)
    pooled: bool = False

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise InvalidInput(
                f"profile={self.profile!r} is not accepted; accepted: {', '.join(PROFILES)}"
            )

    @property
    def points(self) -> int:
        """Examples of a property that does not say how many it wants."""
        return PROFILES[self.profile].points

    def draws(self, asked: int | None) -> int:
        """Draws at one point: the run's budget, else what the test asks for, else the profile's."""
        return self.budget or asked or PROFILES[self.profile].budget


def plan_for(sizes: list[int], salt: str = "") -> Plan:
    """A plan for tests that may make so many evaluations each."""
    return Plan(salt, evaluations=shared(sizes))


def shared(sizes: list[int]) -> int:
    """Evaluations that share the error probabilities of a run: the sum over its tests."""
    return max(EVALUATIONS, sum(sizes))


_active: list[Plan] = []


def activate(plan: Plan | None) -> Plan | None:
    """Make a plan that of the process, or forget it; return the one before."""
    before = _active[0] if _active else None
    _active[:] = [] if plan is None else [plan]
    return before


def current() -> Plan:
    """The plan of the process; without the pytest plugin, one with a salt of its own."""
    if not _active:
        from numerics.streams import new_salt

        activate(Plan(new_salt()))
    return _active[0]
