"""Scheme I with proxies rebuilt in every generation: silos send scores, not points.

Along the geodesic from the candidates to a reference, the transport potential towards the point
at s is exactly s times that towards the end. A proxy that is rebuilt from the current candidates
thus ranks them as the reference itself does, whatever s is, and the silo can score them at home.
What is sent is one number a candidate in place of d; see `ScoreMessage` for what it leaks.
"""

from __future__ import annotations

import numpy as np

from numerics.silos.context import Array, Context, Indices, lowest, rule
from numerics.silos.messages import ScoreMessage
from numerics.silos.schemes import greedy, together, utilities
from numerics.silos.transport import dual_scores


def sent_scores(candidates: Array, context: Context, rng: np.random.Generator) -> Array:
    """Calibrated scores of the candidates at every silo, shape (K, N), each sent as a message."""
    sent = []
    for silo, reference in enumerate(context.references):
        scores = context.released(dual_scores(candidates, reference), rng)
        sent.append(context.exchange.send(ScoreMessage(silo, scores)).scores)
    return np.array(sent)


@rule("scheme-1-linear-rebuilt")
def scheme_1_linear_rebuilt(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """Scheme I, rebuilt: the lowest mean score over silos."""
    return lowest(together(sent_scores(candidates, context, rng), context), kept)


@rule("scheme-1-greedy-rebuilt")
def scheme_1_greedy_rebuilt(
    candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """Scheme I, rebuilt: greedy choice by the log utility of the silos."""
    return greedy(utilities(sent_scores(candidates, context, rng)), kept, context.shares)
