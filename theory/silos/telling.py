"""Whether any experiment can tell two rules apart: rules of one score choose alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from theory.silos.flow import SiloProblem, score
from theory.silos.transport import Floats, Law
from theory.wasserstein.matrices import square_root

# Scores that agree to this share of their spread rank all but 1e-10 of the candidates alike.
ALIKE = 1e-10


@dataclass(frozen=True)
class Telling:
    """Two rules compared at one law of candidates.

    Attributes
    ----------
    verdict : {"indistinguishable", "different"}
    gap : float
        Distance between the two scores in units of their spread, from 0 to 2.
    """

    verdict: Literal["indistinguishable", "different"]
    gap: float


def tell(one: SiloProblem, two: SiloProblem, candidates: Law) -> Telling:
    """Compare the scores that two rules give to the same candidates.

    A score matters by its order alone: a constant and a positive factor are taken out.

    Parameters
    ----------
    one, two
        Silos and rule each; `candidates` stands for the temperature of both.
    candidates
        What is chosen from.

    Raises
    ------
    InvalidInput
        If a rule has no score.

    Examples
    --------
    >>> silos = (Law(np.zeros(2), np.diag([1.0, 4.0])), Law(np.ones(2), np.eye(2)))
    >>> start = Law(np.zeros(2), np.array([[2.0, 0.5], [0.5, 1.0]]))
    >>> linear = SiloProblem(silos, "scheme-1-linear", start, anchored=False)
    >>> once = SiloProblem(silos, "scheme-2-barycentre", start, anchored=False, rounds=1)
    >>> tell(linear, once, start).verdict
    'indistinguishable'
    >>> tell(linear, SiloProblem(silos, "local-duals", start), start).verdict
    'different'
    """
    root = square_root(candidates.covariance)
    gap = float(np.linalg.norm(_order(one, candidates, root) - _order(two, candidates, root)))
    return Telling("indistinguishable" if gap <= ALIKE else "different", gap)


def _order(problem: SiloProblem, candidates: Law, root: Floats) -> Floats:
    """The score in deviations of the candidates, of unit spread: all that an order knows."""
    form, slope = score(problem, candidates)
    standard = np.concatenate([np.sqrt(2) * (root @ form @ root).ravel(), root @ slope])
    return np.asarray(standard / max(float(np.linalg.norm(standard)), np.finfo(float).tiny))
