"""What is fixed before a single number is drawn: resolution, budget, error probabilities, looks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from theory.errors import InvalidInput

FIRST_LOOK = 1024
LOOK_RATIO = 1.25
LARGEST_CHUNK = 65_536


@dataclass(frozen=True)
class Design:
    """The plan of a test, a constant of the run: verdicts do not depend on the order of execution.

    Parameters
    ----------
    epsilon : float
        Resolution asked for, relative to the scale of the claim; in (0, 1).
    budget : int
        Largest number of draws on one stream; at least 1024.
    evaluations : int
        Number of points of the parameter space that the whole run may judge (K).
    error : float
        Probability that any of the run's VERIFIED is wrong; in (0, 1).
    confirm_error : float
        Probability, for one evaluation, that fresh noise confirms a false accusation; in (0, 1].
    look_back : bool
        Whether a point that stays INCONCLUSIVE is read again, for the smallest epsilon that its
        draws reach.

    Examples
    --------
    >>> design = Design()
    >>> round(design.L, 1), round(design.C, 1)
    (16.1, 13.8)
    """

    epsilon: float = 0.01
    budget: int = 4_000_000
    evaluations: int = 10_000
    error: float = 1e-3
    confirm_error: float = 1e-6
    look_back: bool = True

    def __post_init__(self) -> None:
        for name, largest in (("epsilon", False), ("error", False), ("confirm_error", True)):
            value = getattr(self, name)
            if not (0 < value < 1 or (largest and value == 1)):
                closing = "]" if largest else ")"
                raise InvalidInput(f"{name}={value!r} is not accepted; accepted: (0, 1{closing}")
        for name, least in (("budget", FIRST_LOOK), ("evaluations", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or int(value) != value or value < least:
                raise InvalidInput(
                    f"{name}={value!r} is not accepted; accepted: integers from {least} on"
                )

    @property
    def L(self) -> float:
        """Log of the evidence that one verdict needs on the screen: ln(evaluations/error)."""
        return math.log(self.evaluations / self.error)

    @property
    def C(self) -> float:
        """Log of the evidence that a confirmation needs: ln(1/confirm_error)."""
        return math.log(1 / self.confirm_error)

    def looks(self) -> Iterator[int]:
        """Yield the numbers of draws at which a decision is taken: 1024 * 1.25^k, then the budget.

        Examples
        --------
        >>> list(Design(budget=2000).looks())
        [1024, 1280, 1600, 2000]
        """
        look, k = FIRST_LOOK, 0
        while look < self.budget:
            yield look
            k += 1
            look = math.ceil(FIRST_LOOK * LOOK_RATIO**k)
        yield self.budget

    def chunks(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Cut the draws between two looks into pairs (start, count) of bounded memory.

        Examples
        --------
        >>> list(Design().chunks(1024, 1280))
        [(1024, 256)]
        """
        for begin in range(start, stop, LARGEST_CHUNK):
            yield begin, min(LARGEST_CHUNK, stop - begin)
