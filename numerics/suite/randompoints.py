"""Random points of a claim's domain by a named law: what a share of the domain is a share of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

import numpy as np

from theory.claim import Claim
from theory.domain import Domain, Number
from theory.errors import InvalidInput
from theory.pointsets import drawable

# Draws from the box for one that meets the claim's constraints.
ATTEMPTS = 10_000

Law = Callable[[Domain, str, np.random.Generator], Number]


def _uniform(domain: Domain, name: str, rng: np.random.Generator) -> Number:
    if not (math.isfinite(domain.low) and math.isfinite(domain.high)):
        raise InvalidInput(
            f"there is no uniform law on {domain} (the domain of {name}); give measure="
        )
    if domain.kind == "integers":
        return int(rng.integers(int(domain.low), int(domain.high), endpoint=True))
    return float(domain.low + (domain.high - domain.low) * rng.random())


def _log_uniform(domain: Domain, name: str, rng: np.random.Generator) -> Number:
    if not (domain.low > 0 and math.isfinite(domain.high)):
        raise InvalidInput(
            f"there is no log-uniform law on {domain} (the domain of {name}); "
            "accepted: two positive ends"
        )
    low, high = float(domain.low), float(domain.high)
    if domain.kind == "integers":
        # The cell of an integer reaches up to the next one, so that the last has its share too.
        drawn = math.exp(rng.uniform(math.log(low), math.log(high + 1)))
        return int(min(max(math.floor(drawn), low), high))
    return min(max(math.exp(rng.uniform(math.log(low), math.log(high))), low), high)


LAWS: dict[str, Law] = {"uniform": _uniform, "log-uniform": _log_uniform}


def _share(domain: Domain, at: Mapping[str, Number], rng: np.random.Generator) -> Number:
    assert domain.of is not None
    of = int(at[domain.of])
    first, last = math.ceil(domain.low * of), math.floor(domain.high * of)
    if first > last:
        return math.nan
    share = Fraction(int(rng.integers(first, last, endpoint=True)), of)
    return int(share) if share.denominator == 1 else share


def random_points(
    claim: Claim, rng: np.random.Generator, law: str = "uniform"
) -> Iterator[dict[str, Number]]:
    """Independent points of a claim's domain, of one law on its box where its constraints hold.

    A share ``j/n`` is uniform among those of the ``n`` that was drawn.

    Parameters
    ----------
    claim, rng
        Whose domain, and the noise.
    law
        ``"uniform"`` or ``"log-uniform"``, for every letter on its own.

    Raises
    ------
    InvalidInput
        If there is no such law on a domain (an end that is infinite, or not positive), or the
        constraints leave next to nothing of the box.

    Examples
    --------
    >>> from numerics.streams import Stream
    >>> from theory.domain import integers
    >>> claim = Claim("mine", "s", {"n": integers(2, 9)}, mean=1, variance=1, draw=max)
    >>> rng = Stream("c0ffee", "points").generator()
    >>> all(2 <= next(random_points(claim, rng))["n"] <= 9 for _ in range(20))
    True
    """
    if law not in LAWS:
        raise InvalidInput(f"measure = {law!r} is not accepted; accepted: {', '.join(LAWS)}")
    one, over = LAWS[law], drawable(claim)
    order = sorted(over, key=lambda name: over[name].kind == "shares")
    while True:
        for _ in range(ATTEMPTS):
            at: dict[str, Number] = {}
            for name in order:
                domain = over[name]
                tied = domain.kind == "shares" and domain.of in at
                at[name] = _share(domain, at, rng) if tied else one(domain, name, rng)
            if claim.admits(at):
                break
        else:
            raise InvalidInput(
                f"{claim.id}: none of {ATTEMPTS} {law} points meets its constraints; give measure="
            )
        yield {name: at[name] for name in over}
