"""How much a shrink candidate may cost: a share of what the refutation itself took.

Near the edge of what is true a candidate takes millions of draws, and is hardly smaller than the
last one. A candidate that its draws do not refute is not a counterexample: what a refutation says,
and the fresh noise that confirms it, stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

from numerics.evidence import Design

# Draws that a candidate may always take: they tell an effect of about 0.6 % of the claim's scale.
DRAWS = 262_144
# Draws over those of the first refutation: an effect half as large is still found.
FACTOR = 4


def candidate_design(design: Design, draws: int) -> Design:
    """The plan of a shrink candidate.

    Parameters
    ----------
    design
        The plan of the run; thresholds and resolution stay.
    draws
        Screen draws of the first refutation.

    Examples
    --------
    >>> candidate_design(Design(), 5_000).budget, candidate_design(Design(), 1_000_000).budget
    (262144, 4000000)
    """
    budget = min(design.budget, max(DRAWS, FACTOR * draws))
    return replace(design, budget=budget, look_back=False)
