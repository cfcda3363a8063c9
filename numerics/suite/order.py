"""Asymptotic claims of a stated order: E T_n = limit + O(n^-k), judged along a ladder of n.

On finitely many n every sequence is O(n^-k) with some constant. What is judged is growth: with the
scaled error a_n = n^k (E T_n - limit) and the top rung N, an error of order k grows like n^0 and
one of order k - gap like n^gap. The border between them is n^(gap/2):

* REFUTED: |a_N| > (N/m)^(gap/2) |a_m| at every lower rung m, and |a_N| > epsilon, so that no
  constant that fits the lower rungs fits the top one; confirmed on fresh noise.
* VERIFIED: |a_N| < (N/m)^(gap/2) |a_m| at every rung m < N of the upper half, which excludes growth
  like n^gap there; or |a_N| <= epsilon, where such growth could not be seen.

The two exclude each other; a logarithm is below this resolution. All rungs, looks and sides share
one error probability.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numerics.evidence import Verdict
from numerics.evidence.ladder import decide_order
from numerics.suite.ladder import ERROR, LADDER, prepare, validated
from numerics.suite.orderresult import OrderEvidence
from numerics.suite.texts import text_of


def check_order(
    draw: Callable[..., Any],
    limit: float,
    order: float,
    *,
    over: Sequence[int] = LADDER,
    gap: float = 0.5,
    epsilon: float = 0.1,
    variance: Callable[[int], float] | None = None,
    error: float = ERROR,
    budget: int = 4_000_000,
    salt: str | None = None,
) -> OrderEvidence:
    """Check that E T_n = limit + O(n^-order) along a ladder of n.

    Parameters
    ----------
    draw
        ``draw(rng, size, n=n)`` returns `size` independent replicates of T_n.
    limit, order
        What is claimed: the limit, and k > 0.
    over
        The ladder: at least 4 increasing integers that span a factor of 8 or more.
    gap
        An error of order `order - gap` is what has to be told from the claim.
    epsilon
        A constant, in units of n^order T, that counts as nothing.
    variance
        ``variance(n)``, a bound on Var T_n: then the intervals hold for every law and every number
        of draws. Without it they are normal intervals, and the verdict says so (asymptotic).
    error
        Probability that VERIFIED is wrong; that of REFUTED is its square.
    budget
        Largest number of draws on one rung of one stream, at least 4096.
    salt
        Names the noise; by default fresh.

    Returns
    -------
    OrderEvidence
        The verdict, the scaled error of every rung, and an interval for the constant.

    Raises
    ------
    InvalidInput
        If a parameter is out of its range.
    ClaimError
        If `draw` is no function of its generator, or its replicates depend on each other.

    Examples
    --------
    >>> def square(rng, size, n):  # the square of a mean: E = 1 + 1/n
    ...     return (1 + rng.standard_normal(size) / n**0.5) ** 2
    >>> asked = {"over": (2, 4, 8, 16), "variance": lambda n: 4 / n + 2 / n**2, "salt": "c0ffee"}
    >>> print(check_order(square, 1, 1, **asked).label, check_order(square, 1, 1.5, **asked).label)
    VERIFIED REFUTED
    """
    ladder = validated(over, error, budget, limit, order=order, gap=gap, epsilon=epsilon)
    words = [text_of(draw), *map(repr, (float(limit), float(order), ladder, float(gap)))]
    prepared = prepare(
        draw, f"E T_n = {limit:g} + O(n^-{order:g})", words, ladder, variance=variance, salt=salt
    )
    found = prepared.climb(
        lambda rungs: decide_order(rungs, gap, epsilon),
        limit=limit, order=order, error=error, budget=budget,
    )  # fmt: skip
    note = ""
    if found.verdict is Verdict.INCONCLUSIVE:
        note = "the budget does not settle how the scaled error grows to the top rung"
        if found.accused:
            note = "the screen stream accused the claim, fresh noise did not confirm it"
    return OrderEvidence(
        found.verdict, float(limit), float(order), gap, epsilon, found.rungs, error,
        found.confirm_draws, variance is None, prepared.salt, note,
    )  # fmt: skip
