"""Hypothesis strategies from the domains that a claim declares.

Small and large values both occur: a third of the integers is uniform, the rest is spread evenly
over the powers of two above the lower end. The ends are drawn on purpose, and shrinking goes to the
lower end: small samples, few generations.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from numerics.constraints import Inequality, Interval, exact, holds, tighten
from numerics.modelstrategies import kinds, trained
from numerics.modelstrategies import models as models_of
from theory.domain import Domain, Number
from theory.errors import ClaimError, InvalidInput
from theory.family import Family
from theory.model import Gaussian, Model
from theory.setting import Setting
from theory.symbols import BY_NAME
from theory.vocabulary import (
    FITS,
    SELECTIONS,
    WORKFLOWS,
    BestOf,
    ExponentialTilt,
    FixedReal,
    FreshReal,
    KeepAll,
    Law,
    Selection,
    SoftVerifier,
    TopFraction,
    UpperTail,
    Workflow,
)

# Steps of the lattice of reals: few digits, so that a counterexample can be read.
LATTICE = 1000


def _ends(domain: Domain, name: str | None) -> Interval:
    """Finite ends of a domain; where it is infinite, the alphabet's typical range steps in."""
    low, high = domain.low, domain.high
    letter = BY_NAME.get(name or "")
    typical = letter.typical if letter else (-10.0, 1000.0 if domain.kind == "integers" else 10.0)
    if low == -math.inf:
        low = min(typical[0], high)
    if high == math.inf:
        high = max(typical[1], low + (typical[1] - typical[0]))
    return exact(low), exact(high)


@lru_cache(maxsize=4096)  # building a strategy costs more than drawing from it
def _whole(low: int, high: int) -> SearchStrategy[int]:
    """Integers of every size above the lower end.

    A uniform integer is shifted right by some bits, by none in a third of the draws. Both numbers
    shrink by themselves, and without a shift every integer stands for itself: the smallest
    counterexample is found as it would be among uniform integers.
    """
    span = high - low
    if span < 16 or low < 0:
        return st.integers(low, high)
    length = span.bit_length()
    return st.builds(
        lambda shift, offset: low + (min(offset, span) >> max(0, shift - length // 2)),
        st.integers(0, length + length // 2 - 1),
        st.integers(0, span + span // 8),  # the surplus is the upper end itself
    )


@lru_cache(maxsize=4096)
def _real(low: float, high: float, *, open_low: bool, open_high: bool) -> SearchStrategy[float]:
    """Reals of a lattice with four digits, geometric where the range is wide, and both ends."""
    if low == high:
        return st.just(low)
    geometric = low > 0 and high / low >= 100
    ends = LATTICE // 100

    def at(j: int) -> float:
        if j <= 0 and not open_low:
            return low
        if j >= LATTICE and not open_high:
            return high
        share = min(max(j, 1), LATTICE - 1) / LATTICE
        value = low * (high / low) ** share if geometric else low + (high - low) * share
        rounded = float(f"{value:.4g}")
        return rounded if low < rounded < high else value

    return st.integers(0, LATTICE + 2 * ends).map(lambda j: at(j - ends))


def _share(low: Fraction, high: Fraction, of: int) -> SearchStrategy[Number]:
    first, last = math.ceil(low * of), math.floor(high * of)
    assume(first <= last)
    return _whole(first, last).map(lambda j: _plain(Fraction(j, of)))


def _plain(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else value


def _between(
    domain: Domain, bounds: Interval, values: Mapping[str, Number]
) -> SearchStrategy[Number]:
    low, high = bounds
    if domain.kind == "integers":
        return _whole(math.ceil(low), math.floor(high))
    if domain.kind == "shares" and domain.of is not None and domain.of in values:
        return _share(low, high, int(values[domain.of]))
    return _real(
        float(low),
        float(high),
        open_low=domain.open_low and low == exact(domain.low),
        open_high=domain.open_high and high == domain.high,
    )


def domain(over: Domain, name: str | None = None) -> SearchStrategy[Number]:
    """Values of one domain.

    Parameters
    ----------
    over
        The domain. Shares are drawn with a denominator of their own, up to 100.
    name
        The letter; where the domain is infinite, its typical range in the alphabet is used.

    Returns
    -------
    SearchStrategy
        Of ``int`` for integers, ``float`` for reals, ``Fraction`` (or 0, 1) for shares.

    Examples
    --------
    >>> from hypothesis import find
    >>> from theory.domain import integers
    >>> find(domain(integers(2, 10**6)), lambda n: n > 1000)
    1001
    """
    if over.kind == "shares":
        low, high = _ends(over, name)
        return st.integers(1, 100).flatmap(lambda of: _share(low, high, of))
    return _between(over, _ends(over, name), {})


def points(
    over: Mapping[Any, Domain], where: Iterable[sp.Basic] = ()
) -> SearchStrategy[dict[str, Number]]:
    """Points of a claim's domain that meet its constraints.

    Parameters
    ----------
    over
        A domain for each symbol, keyed by the symbol or its name.
    where
        Constraints between the symbols. Polynomial inequalities bound the draws; the rest filters.

    Returns
    -------
    SearchStrategy
        Of dictionaries from letters to numbers.

    Raises
    ------
    ClaimError
        If the constraints exclude every point, or speak of a symbol without a domain.

    Examples
    --------
    >>> from hypothesis import find
    >>> from theory.domain import integers
    >>> n, d = sp.symbols("n d")
    >>> find(points({n: integers(2, 500), d: integers(3, 10)}, [n > d]), lambda at: True)
    {'n': 4, 'd': 3}
    """
    domains = {str(symbol): each for symbol, each in over.items()}
    relations = [each for each in map(sp.sympify, where) if each != sp.true]
    unknown = {s.name for each in relations for s in each.free_symbols} - set(domains)
    if unknown:
        raise ClaimError(f"a constraint speaks of {', '.join(sorted(unknown))}, without a domain")
    inequalities = [each for relation in relations for each in Inequality.read(relation)]
    whole = frozenset(name for name, each in domains.items() if each.kind == "integers")
    box = {name: _ends(each, name) for name, each in domains.items()}
    if sp.false in relations or not tighten(box, inequalities, whole):
        raise ClaimError("the claim's domain and constraints admit no point")
    free = [name for name in domains if domains[name].kind != "shares"]
    portions = [name for name in domains if domains[name].kind == "shares"]

    @st.composite
    def build(draw: DrawFn) -> dict[str, Number]:
        room = dict(box)
        values: dict[str, Number] = {}
        # Who is drawn first is bounded least: with t <= n, large t need that t may come first. A
        # share is a number of points over another symbol, which must be known before it.
        backwards = bool(relations) and len(free) > 1 and draw(st.booleans())
        for name in (free[::-1] if backwards else free) + portions:
            values[name] = draw(_between(domains[name], room[name], values))
            if relations:
                room[name] = (exact(values[name]), exact(values[name]))
                assume(tighten(room, inequalities, whole))
        assume(holds(relations, values))
        return {name: values[name] for name in domains}

    return build()


@st.composite
def workflows(draw: DrawFn, sample_size: int) -> Workflow:
    """Workflows whose fits have `sample_size` points."""
    kind = draw(st.sampled_from(list(WORKFLOWS.values())))
    if kind is FreshReal:
        return FreshReal(draw(_share(Fraction(0), Fraction(1), sample_size)))
    if kind is FixedReal:
        return FixedReal(draw(st.integers(1, sample_size)))
    return kind()


@st.composite
def selections(draw: DrawFn, sample_size: int, dimension: int) -> Selection:
    """Selection rules that exist for fits on `sample_size` points."""
    kind = draw(st.sampled_from(list(SELECTIONS.values())))
    if kind is UpperTail:
        return UpperTail(draw(_real(0.05, 1.0, open_low=False, open_high=False)))
    if kind is BestOf:
        return BestOf(draw(st.integers(1, 8)))
    if kind is ExponentialTilt:
        return ExponentialTilt(draw(_real(0.1, 2.0, open_low=False, open_high=False)))
    if kind is SoftVerifier:
        return SoftVerifier(draw(_real(0.1, 2.0, open_low=False, open_high=False)))
    if sample_size <= dimension or kind is KeepAll:
        return KeepAll()
    if draw(st.booleans()):
        return TopFraction(candidates=draw(_whole(sample_size, 10 * sample_size)))
    return TopFraction(kept_fraction=draw(_real(0.01, 1.0, open_low=False, open_high=False)))


_SOME: dict[str, SearchStrategy[Number]] = {
    "temperature": st.sampled_from([1, Fraction(1, 2), Fraction(3, 2)]),
    "ridge": st.sampled_from([0, Fraction(1, 100)]),
    "sigma_0": st.sampled_from([1, 3, Fraction(1, 10)]),
}


@st.composite
def settings(
    draw: DrawFn,
    max_sample_size: int = 200,
    max_dimension: int = 4,
    *,
    models: bool | Iterable[type[Model]] = False,
) -> Setting:
    """Numeric settings of every workflow, selection rule, fit and start.

    Parameters
    ----------
    max_sample_size, max_dimension
        Bounds of the draws.
    models
        True for settings that train any model; or the classes of the models. By default Gaussians.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(settings(), lambda setting: setting.dimension > 1).dimension
    2
    """
    if max_sample_size < 2 or max_dimension < 1:
        raise InvalidInput(
            f"settings need max_sample_size >= 2 and max_dimension >= 1, "
            f"not {max_sample_size} and {max_dimension}"
        )
    size = draw(_whole(2, max_sample_size))
    if kinds(models) != (Gaussian,):
        model = draw(models_of(models))
        if not isinstance(model, Gaussian):
            return draw(trained(model, draw(workflows(size)), size, max_dimension))
    dimension = draw(st.integers(1, max_dimension))
    return Setting(
        workflow=draw(workflows(size)),
        selection=draw(selections(size, dimension)),
        fit=draw(st.sampled_from(FITS)),
        sample_size=size,
        dimension=dimension,
        temperature=draw(_SOME["temperature"]),
        first_batch=draw(st.sampled_from(["generated", "real"])),
        ridge=draw(_SOME["ridge"]),
        sigma_0=draw(_SOME["sigma_0"]),
    )


@st.composite
def families(draw: DrawFn, *, models: bool | Iterable[type[Model]] = False) -> Family:
    """Families over every workflow, selection rule, law and fit; `models` as in `settings`.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(families(), lambda family: family.selection is TopFraction).law
    'population'
    """
    asked = kinds(models)
    model = Gaussian if asked == (Gaussian,) else draw(st.sampled_from(asked))
    if model is not Gaussian:
        return Family(workflow=draw(st.sampled_from(list(WORKFLOWS.values()))), model=model)
    selection = draw(st.sampled_from(list(SELECTIONS.values())))
    laws: list[Law] = ["population", "n-of-N"]
    law = draw(st.sampled_from(laws)) if selection is TopFraction else None
    return Family(
        workflow=draw(st.sampled_from(list(WORKFLOWS.values()))),
        selection=selection,
        fit=draw(st.sampled_from(FITS)),
        law=law,
        dimension=draw(st.sampled_from([1, 2, BY_NAME["d"].symbol])),
        temperature=draw(st.sampled_from([1, BY_NAME["temperature"].symbol])),
        first_batch=draw(st.sampled_from(["generated", "real"])),
    )
