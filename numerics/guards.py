"""Guards that fail loudly: draws that are no function of their generator, or not independent.

Everything that a verdict promises rests on replicates that are independent and of one law. Two
guards look at that before a claim is judged. The first is exact: equal generators must give equal
draws, different ones different draws. The second is a test with a stated error probability.

The test. If x1, x2, y1, y2 are independent and of one law, then s = sign(x1 - y1) sign(x2 - y2) is
symmetric, because exchanging x1 with y1 changes its sign: products of 1 + b s are e-processes,
whatever the law. Pairs (x1, x2) from one call of the sampler, (y1, y2) from another, catch
neighbours that resemble each other, halves that mirror each other, and replicates that share
something with everything drawn in the same call. For one law everywhere, sign(x - y) and
sign(|x - c| - |y - c|) are symmetric, with x and y from different places of a call, or from calls
of different sizes, and c the median of draws made before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from numerics.evidence.blocks import log_mean_exp
from numerics.evidence.design import Design
from numerics.streams import Stream
from theory.errors import ClaimError

Array = NDArray[np.float64]
Call = Callable[[np.random.Generator, int], Array]

STAGE = "guard"
PROBE = 1024
# At every further point of a claim, where the draws of the decision dwarf it.
SHORT_PROBE = 128
LARGE = 8192
MIDDLE, MIDDLE_CALLS = 128, 128
SMALL, SMALL_CALLS = 2, 512
BETS = np.array([sign * 2.0**-k for k in range(1, 7) for sign in (1, -1)])

INDEPENDENCE, LAW = "independent", "of one law"


class DependentReplicates(ClaimError):
    """Replicates that are not independent, or not of one law."""


def check_function_of_rng(draw: Call, name: str, stream: Stream, probe: int = PROBE) -> None:
    """Raise unless the draws are a function of the generator, and of nothing else.

    Parameters
    ----------
    draw
        ``draw(rng, count)`` returns `count` replicates.
    name
        What the error calls it.
    stream
        Noise that no verdict looks at.
    probe
        Replicates to draw.

    Raises
    ------
    ClaimError
        If two calls with equal generators differ (``np.random``, an unseeded ``default_rng()``,
        a state of its own), or if draws that vary leave their generator untouched.

    Examples
    --------
    >>> check_function_of_rng(lambda rng, count: rng.random(count), "mine", Stream("c0ffee", ""))
    >>> check_function_of_rng(lambda rng, count: np.arange(count), "mine", Stream("c0ffee", ""))
    Traceback (most recent call last):
    ...
    theory.errors.ClaimError: mine: draw ignores its rng: ...
    """
    rng = stream.generator(0)
    before = _state(rng)
    first = draw(rng, probe)
    untouched = _state(rng) == before
    if not np.array_equal(first, draw(stream.generator(0), probe)):
        raise ClaimError(
            f"{name}: draw is not a function of its rng: two calls with equal generators differ; "
            "take every random number from rng, not from np.random, random, an unseeded "
            "default_rng() or what an earlier call left behind"
        )
    if np.ptp(first) == 0.0:
        return
    if untouched:
        raise ClaimError(
            f"{name}: draw ignores its rng: it returned different numbers and took nothing from it"
        )
    if np.array_equal(first, draw(stream.generator(1), probe)):
        raise ClaimError(
            f"{name}: draw returns the same replicates for different generators; a fixed seed "
            "inside makes every chunk a copy of the first"
        )


def _state(rng: np.random.Generator) -> tuple[str, int]:
    seed = rng.bit_generator.seed_seq
    spawned = int(getattr(seed, "n_children_spawned", 0))
    return repr(rng.bit_generator.state), spawned


def check_sampler(
    draw: Call, name: str, stream: Callable[[str], Stream], design: Design | None = None
) -> None:
    """Both guards, the exact one first; parameters and errors are theirs."""
    check_function_of_rng(draw, name, stream(STAGE))
    check_replicates(draw, name, stream, design)


def check_replicates(
    draw: Call, name: str, stream: Callable[[str], Stream], design: Design | None = None
) -> None:
    """Raise if replicates are found dependent, or of more than one law.

    Screened at e^L and confirmed at e^C on fresh noise, like every refutation: an honest sampler
    is accused with probability at most e^-(L+C).

    Parameters
    ----------
    draw, name
        As in `check_function_of_rng`.
    stream
        The noise of a stage, by its name.
    design
        Error probabilities.

    Raises
    ------
    DependentReplicates
        With the way in which they depend.

    Examples
    --------
    >>> def twice(rng, count):
    ...     return np.repeat(rng.standard_normal(-(-count // 2)), 2)[:count]
    >>> check_replicates(twice, "mine", lambda stage: Stream("c0ffee", "twice", {}, stage))
    Traceback (most recent call last):
    ...
    numerics.guards.DependentReplicates: mine: replicates are not independent (neighbours): ...
    """
    design = design or Design()
    screened = evidence(draw, stream("guard-screen"))
    if _average(screened) < design.L:
        return
    confirmed = evidence(draw, stream("guard-confirm"))
    if _average(confirmed) < design.C:
        return
    subject, way = max(confirmed, key=lambda each: confirmed[each])
    raise DependentReplicates(
        f"{name}: replicates are not {subject} ({way}): log evidence "
        f"{_average(screened):.3g} and {_average(confirmed):.3g} on fresh noise; an honest sampler "
        f"is told so with probability at most {math.exp(-design.L - design.C):.2g}"
    )


def _average(logs: dict[tuple[str, str], float]) -> float:
    values = np.array(list(logs.values()))
    return log_mean_exp(values, np.full(values.size, 1 / values.size))


def evidence(draw: Call, stream: Stream) -> dict[tuple[str, str], float]:
    """Log evidence of every way in which replicates may depend or differ in law.

    Parameters
    ----------
    draw
        ``draw(rng, count)``.
    stream
        The noise: its chunks are the calls.

    Returns
    -------
    dict
        Log e-values by (what is violated, how); each has mean at most 1 for independent replicates
        of one law.
    """
    one, two = draw(stream.generator(0), LARGE), draw(stream.generator(1), LARGE)
    middle = np.array(list(_calls(draw, stream.generator(4), MIDDLE, MIDDLE_CALLS)))
    small = np.array(list(_calls(draw, stream.generator(3), SMALL, SMALL_CALLS)))
    pilot = draw(stream.generator(2), PROBE)
    centre = float(np.median(pilot))
    half = LARGE // 2
    near = np.arange(0, LARGE, 2)
    far = np.arange(half)
    few = small.ravel()
    return {
        (INDEPENDENCE, "neighbours"): _bets(_concordance(one, two, near, near + 1)),
        (INDEPENDENCE, "the halves of a call"): _bets(_concordance(one, two, far, far + half)),
        (INDEPENDENCE, f"calls of size {MIDDLE}"): _within_calls(middle),
        (INDEPENDENCE, f"calls of size {SMALL}"): _within_calls(small),
        (LAW, "the halves of a call"): _two_laws(one[:half], one[half:], centre),
        (LAW, "calls of different sizes"): _two_laws(few, two[: few.size], centre),
    }


def _calls(draw: Call, rng: np.random.Generator, size: int, number: int) -> Iterator[Array]:
    for _ in range(number):
        yield draw(rng, size)


def _within_calls(drawn: Array) -> float:
    """Pairs from one call against pairs from the next."""
    half = drawn.shape[1] // 2
    apart = np.sign(drawn[::2] - drawn[1::2])
    return _bets(apart[:, :half] * apart[:, half:])


def _concordance(
    one: Array, two: Array, first: NDArray[np.int_], second: NDArray[np.int_]
) -> Array:
    signs: Array = np.sign(one[first] - two[first]) * np.sign(one[second] - two[second])
    return signs


def _two_laws(one: Array, two: Array, centre: float) -> float:
    location = _bets(np.sign(one - two))
    spread = _bets(np.sign(np.abs(one - centre) - np.abs(two - centre)))
    return log_mean_exp(np.array([location, spread]), np.array([0.5, 0.5]))


def _bets(signs: Array) -> float:
    """Log of the average over bets of the products of 1 + bet * sign."""
    up, down = np.count_nonzero(signs > 0), np.count_nonzero(signs < 0)
    logs = up * np.log1p(BETS) + down * np.log1p(-BETS)
    return log_mean_exp(logs, np.full(BETS.size, 1 / BETS.size))
