"""The forms of a claim: which one it takes, and whether all its parts belong to that one."""

from __future__ import annotations

from typing import Any, Literal

from theory.errors import ClaimError, InvalidInput
from theory.model import check_quantity
from theory.symbols import t

Form = Literal["family", "sampler", "pair", "trend", "holds"]

_MEANS = ("variance", "scale", "slack", "bounds", "cdf", "log_mellin", "null")
_NOT_OF_A_PAIR = ("mean", *_MEANS)
_NOT_OF_A_TREND = ("bounds", "cdf", "log_mellin", "null", "limit", "certificate")
# Expressions of a claim, each of which may use the letters of its domain.
EXPRESSIONS = ("equals", "mean", "variance", "scale", "slack", "null", "exponent", "order")


def _any(claim: Any, *words: str) -> bool:
    return any(getattr(claim, word) is not None for word in words)


def is_pair(claim: Any) -> bool:
    """Whether the claim is of two samplers."""
    return bool(claim.same_law) or claim.draw_other is not None


def form_of(claim: Any) -> Form:
    """Which form a claim takes, if it takes one at all."""
    if _any(claim, "exponent", "order", "along"):
        return "trend"
    if claim.family is not None:
        return "family"
    if is_pair(claim):
        return "pair"
    return "holds" if claim.holds is not None else "sampler"


def check_form(claim: Any) -> None:
    """Raise unless the claim takes exactly one form, with all that belongs to it.

    Raises
    ------
    ClaimError
        With what is given and what is accepted.
    """
    trend = _any(claim, "exponent", "order", "along")
    forms = {
        "family": _any(claim, "family", "quantity", "equals") and not trend,
        "sampler": _any(claim, "mean", "variance", "draw") and not is_pair(claim) and not trend,
        "pair": is_pair(claim),
        "trend": trend,
        "holds": claim.holds is not None,
    }
    given = [name for name, present in forms.items() if present]
    if len(given) != 1:
        raise ClaimError(
            f"{claim.id}: a claim takes exactly one of (family, quantity, equals), "
            "(mean, variance, draw), (draw, draw_other), (exponent or order, along) and holds; "
            f"given: {', '.join(given) or 'none'}"
        )
    {
        "family": _check_family,
        "sampler": _check_sampler,
        "pair": _check_pair,
        "trend": _check_trend,
        "holds": _check_holds,
    }[given[0]](claim)


def _check_family(claim: Any) -> None:
    if not (claim.family is not None and claim.quantity is not None and claim.equals is not None):
        raise ClaimError(f"{claim.id}: give all of family, quantity and equals")
    _check_quantity(claim)
    _without_certificate(claim)


def _check_quantity(claim: Any) -> None:
    try:
        check_quantity(claim.family.trained, claim.quantity)
    except InvalidInput as error:
        raise ClaimError(f"{claim.id}: {error}") from None


def _check_sampler(claim: Any) -> None:
    if claim.mean is None:
        raise ClaimError(f"{claim.id}: a claim about a sampler needs its mean")


def _check_pair(claim: Any) -> None:
    surplus = [word for word in _NOT_OF_A_PAIR if getattr(claim, word) is not None]
    lonely = (claim.draw is None) != (claim.draw_other is None)
    if lonely or surplus or claim.relation != "=" or claim.rivals:
        raise ClaimError(
            f"{claim.id}: two samplers of one law are draw and draw_other, without "
            "mean, variance, relation, rivals or what else speaks of a mean"
        )
    _without_certificate(claim)


def _check_holds(claim: Any) -> None:
    _without_certificate(claim)


def _without_certificate(claim: Any) -> None:
    if claim.certificate is not None:
        raise ClaimError(
            f"{claim.id}: certificate= goes with (mean, variance, draw), which simulation judges"
        )


def _check_trend(claim: Any) -> None:
    word = "exponent" if claim.order is None else "order"
    if (claim.exponent is None) == (claim.order is None) or claim.along is None:
        raise ClaimError(f"{claim.id}: give exponent or order, one of them, and along")
    surplus = [each for each in _NOT_OF_A_TREND if getattr(claim, each) is not None]
    surplus += ["relation"] if claim.relation != "=" else []
    surplus += ["slack"] if claim.order is not None and claim.slack is not None else []
    if surplus:
        raise ClaimError(f"{claim.id}: a claim of an {word} takes no {', no '.join(surplus)}")
    symbol = claim.along[0]
    if symbol.name in claim.over:
        raise ClaimError(f"{claim.id}: {symbol} runs along the ladder; leave it out of over")
    wanted = claim.order is not None
    if claim.family is not None or claim.quantity is not None:
        if claim.family is None or claim.quantity is None or (claim.equals is not None) != wanted:
            raise ClaimError(
                f"{claim.id}: an {word} of a family takes family, quantity"
                + (" and equals, the limit" if wanted else ", and no equals")
            )
        if _any(claim, "mean", "variance", "draw") or symbol != t:
            raise ClaimError(
                f"{claim.id}: an {word} of a family runs along t, without mean, variance and draw"
            )
        _check_quantity(claim)
    elif claim.equals is not None or (claim.mean is not None) != wanted or claim.variance is None:
        raise ClaimError(
            f"{claim.id}: an {word} of a sampler takes draw, variance (a bound at every rung)"
            + (" and mean, the limit" if wanted else ", and no mean")
        )
    claimed = getattr(claim, word)
    for name, value in (("the " + word, claimed), *claim.rivals.items()):
        if value.has(symbol):
            raise ClaimError(f"{claim.id}: {name} {value} must not depend on {symbol}")
    if claimed.is_nonpositive:
        raise ClaimError(f"{claim.id}: {word} = {claimed} is not positive")


def check_symbols(claim: Any) -> None:
    """Raise unless every letter that is used has a domain.

    Raises
    ------
    ClaimError
        With the letters that have none.
    """
    values = [getattr(claim, word) for word in EXPRESSIONS]
    values += [*claim.where, *(claim.holds or ()), *(claim.certificate or ())]
    values += [*(claim.bounds or ()), *claim.rivals.values()]
    used = {s.name for value in values if value is not None for s in value.free_symbols}
    free = claim.limit or claim.along
    if claim.family is not None:
        used |= set(claim.family.letters) | ({"t"} if free is None else set())
    if free is not None:
        used -= {free[0].name}
    # sigma_0 sets the unit: a claim need not range over it.
    undeclared = sorted(used - set(claim.over) - {"sigma_0"})
    if undeclared:
        raise ClaimError(f"{claim.id}: no domain in `over` for {', '.join(undeclared)}")
