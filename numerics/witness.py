"""The simulated witness of a claim: replicates for the judge, from streams that hash the claim.

The noise covers the claim's content, formula and sampler: editing a claim until it passes on a
pinned salt is then testing on new noise each time.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from numerics import guards, samplers
from numerics.evidence import Design
from numerics.simulation import Method, replicates
from numerics.streams import Stream
from theory.claim import Claim
from theory.domain import Number
from theory.errors import ClaimError, CollapseError
from theory.setting import Setting

Draws = Callable[[str, int, int], NDArray[np.float64]]


def sampler_of(claim: Claim) -> Callable[..., Any]:
    """The claim's own sampler, or the one that is kept for it.

    Raises
    ------
    ClaimError
        If there is none.
    """
    if claim.draw is None and claim.id not in samplers.SAMPLERS:
        raise ClaimError(f"{claim.id}: no sampler is kept for this id; give draw=")
    return claim.draw if claim.draw is not None else samplers.find(claim.id)


def pair_of(claim: Claim) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The claim's own two samplers, or those that are kept for it.

    Raises
    ------
    ClaimError
        If there are none.
    """
    if claim.draw is not None and claim.draw_other is not None:
        return claim.draw, claim.draw_other
    if claim.id not in samplers.PAIRS:
        raise ClaimError(
            f"{claim.id}: no samplers are kept for this id; give draw= and draw_other="
        )
    return samplers.PAIRS[claim.id]


def source_of(function: Callable[..., Any]) -> str:
    """The text of a function: what names its noise."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):  # typed at a prompt, or a callable object
        code = getattr(function, "__code__", None)
        if code is None:
            return f"{type(function).__module__}.{type(function).__qualname__}"
        return f"{code.co_code.hex()} {code.co_consts!r}"


_contents: dict[int, tuple[weakref.ref[Claim], str]] = {}


def content(claim: Claim) -> str:
    """Canonical text of what is claimed and of how it is drawn.

    Examples
    --------
    >>> from theory.domain import integers
    >>> n = sp.Symbol("n")
    >>> claim = lambda m: Claim("mine", "m", {n: integers(2, 9)}, mean=m, variance=1, draw=max)
    >>> content(claim(1 / n)) == content(claim(1 / n)), content(claim(1 / n)) == content(claim(n))
    (True, False)
    """
    known = _contents.get(id(claim))
    if known is not None and known[0]() is claim:
        return known[1]
    text = _content(claim)
    learn(claim, text)
    return text


def learn(claim: Claim, text: str) -> None:
    """Keep the content of a claim, which does not change and is asked for at every point.

    A claim that was sent to another process has to bring its content along: a function that
    travels loses the file in which its text stands.
    """
    name = id(claim)
    _contents[name] = (weakref.ref(claim, lambda _: _forget(name)), text)


def _forget(name: int) -> None:
    _contents.pop(name, None)


def _content(claim: Claim) -> str:
    parts = [claim.id, claim.form, claim.relation, str(claim.quantity)]
    if claim.family is not None:
        family = claim.family
        parts += [family.workflow.name, family.selection.name, family.fit, str(family.law)]
        parts += [str(family.dimension), str(family.temperature), family.first_batch]
        parts.append(sp.srepr(family.sizes))
        if not family.is_gaussian:
            parts.append(repr(family.model))
    for word in ("equals", "mean", "variance", "scale", "slack"):
        value = getattr(claim, word)
        parts.append("" if value is None else sp.srepr(value))
    if claim.along is not None:
        parts += [sp.srepr(claim.expectation), str(claim.exponent is None), str(claim.along)]
    parts += [f"{name}: {domain}" for name, domain in sorted(claim.over.items())]
    if claim.form in ("sampler", "trend") and claim.family is None:
        parts.append(source_of(sampler_of(claim)))
    if claim.form == "pair":
        parts += [source_of(sampler) for sampler in pair_of(claim)]
    return "\n".join(parts)


def of_family(
    claim: Claim, at: Mapping[str, Number], salt: str, *, generation: int, method: Method
) -> Draws:
    """Replicates of the claim's quantity after `generation` fits, simulated from the start."""
    assert claim.family is not None
    assert claim.quantity is not None
    setting: Setting = claim.family.at(at)
    quantity = claim.quantity
    text = content(claim)
    parameters = {**at, "generation": generation}

    def draws(stage: str, start: int, count: int) -> NDArray[np.float64]:
        rng = Stream(salt, text, parameters, stage).generator(start)
        return replicates(setting, quantity, generation, rng, count, method=method)

    return draws


def of_sampler(claim: Claim, at: Mapping[str, Number], salt: str) -> Draws:
    """Replicates from the claim's sampler, with its faults told in one line."""
    return of_callable(sampler_of(claim), claim.id, content(claim), at, salt)


def of_pair(claim: Claim, at: Mapping[str, Number], salt: str) -> tuple[Draws, Draws]:
    """Replicates from both samplers of a claim, each with noise of its own."""
    text = content(claim)
    one, other = pair_of(claim)
    return (
        of_callable(one, claim.id, f"{text}\none", at, salt),
        of_callable(other, f"{claim.id}, draw_other", f"{text}\nother", at, salt),
    )


def check_independence(claim: Claim, at: Mapping[str, Number], salt: str, design: Design) -> None:
    """Raise if the claim's sampler is no function of its generator, or its replicates depend.

    Without this a claim that is right can be refuted: means of dependent replicates wander.

    Raises
    ------
    ClaimError
        With what is wrong; see `numerics.guards`.
    """
    text = content(claim)
    if claim.along is not None:  # the lowest rung is the cheapest
        at = {**at, claim.along[0].name: claim.along[1][0]}
    pair = claim.form == "pair"
    both = pair_of(claim) if pair else (sampler_of(claim),)
    for name, sampler in zip((claim.id, f"{claim.id}, draw_other"), both, strict=False):
        call = checked(sampler, name, at)
        guards.check_sampler(call, name, lambda stage: Stream(salt, text, at, stage), design)


def checked(
    draw: Callable[..., Any], name: str, at: Mapping[str, Any]
) -> Callable[[np.random.Generator, int], NDArray[np.float64]]:
    """A sampler at one point, with its faults told in one line.

    Parameters
    ----------
    draw
        ``draw(rng, size, **at)`` returns `size` replicates.
    name
        What an error calls it.
    at
        The point.

    Raises
    ------
    ClaimError
        When called: if `draw` raises, or returns something else than `count` finite numbers.
    """
    values = dict(at)

    def call(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        try:
            drawn = draw(rng, count, **values)
        except CollapseError:
            raise
        except (Exception, SystemExit) as error:
            where = ", ".join(f"{letter}={value}" for letter, value in values.items())
            raise ClaimError(
                f"{name}: draw raised {type(error).__name__}{where and f' at {where}'}: {error}"
            ) from error
        if np.iscomplexobj(drawn):  # NumPy would drop the imaginary part with a mere warning
            raise ClaimError(f"{name}: draw returned complex numbers; accepted: real numbers")
        if np.ma.is_masked(drawn):  # NumPy would take what is masked for a draw
            raise ClaimError(f"{name}: draw returned masked values; accepted: finite numbers")
        try:
            found = np.asarray(drawn)
            if drawn is None or found.dtype.kind in "SU":  # text can be read as a number
                raise TypeError
            array = found.astype(np.float64, copy=False)
        except (TypeError, ValueError):
            kind = type(drawn).__name__ if drawn is None or not np.ndim(drawn) else "text"
            kind = "None" if drawn is None else kind
            raise ClaimError(f"{name}: draw returned {kind}, not an array of numbers") from None
        if array.shape != (count,):
            raise ClaimError(
                f"{name}: draw returned shape {array.shape}; accepted: ({count},), one number "
                "for each independent replicate"
            )
        if not np.all(np.isfinite(array)):
            bad = array[~np.isfinite(array)][0]
            raise ClaimError(f"{name}: draw returned {bad}; accepted: finite numbers")
        return array

    return call


def of_callable(
    draw: Callable[..., Any], name: str, text: str, at: Mapping[str, Any], salt: str
) -> Draws:
    """Replicates from ``draw(rng, size, **at)``, which must be a function of its generator.

    Parameters
    ----------
    draw, name, at
        As in `checked`.
    text, salt
        Name the noise, with the point.
    """
    call = checked(draw, name, at)
    guarded = False

    def draws(stage: str, start: int, count: int) -> NDArray[np.float64]:
        nonlocal guarded
        if not guarded:
            stream = Stream(salt, text, at, guards.STAGE)
            guards.check_function_of_rng(call, name, stream, guards.SHORT_PROBE)
            guarded = True
        return call(Stream(salt, text, at, stage).generator(start), count)

    return draws
