"""The rules of selection by name."""

from __future__ import annotations

import difflib

import numpy as np

from numerics.silos import local as local
from numerics.silos import rebuilt as rebuilt
from numerics.silos import schemes as schemes
from numerics.silos.context import RULES, Array, Context, Indices, Options, Rule, rule
from numerics.silos.references import check_reference
from theory.errors import InvalidInput

__all__ = ["RULES", "Context", "Options", "Rule", "find", "rule", "select"]


def find(name: str) -> Rule:
    """The rule of this name.

    Raises
    ------
    InvalidInput
        If there is none.

    Examples
    --------
    >>> sorted(RULES)[:3]
    ['covariance-matching', 'kmeans', 'local-centroid']
    >>> find("scheme-1")
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: no rule 'scheme-1'; close: scheme-1-linear, scheme-1-greedy
    """
    if name in RULES:
        return RULES[name]
    close = difflib.get_close_matches(str(name), RULES, n=2, cutoff=0.6)
    hint = f"close: {', '.join(close)}" if close else f"there are {', '.join(RULES)}"
    raise InvalidInput(f"no rule {name!r}; {hint}")


def select(
    name: str, candidates: Array, kept: int, context: Context, rng: np.random.Generator
) -> Indices:
    """Apply a rule and hold it to its word: finite candidates in, `kept` different rows out.

    Raises
    ------
    InvalidInput
        If `kept` is no number from 1 to N, a candidate is NaN or Inf, a silo's reference has a
        fault (`numerics.silos.references.check_reference`), the context names a silo or weights
        that do not fit the references, or the rule broke its word.
    """
    chosen_by = find(name)
    if isinstance(kept, bool) or int(kept) != kept or not 1 <= kept <= len(candidates):
        raise InvalidInput(f"kept = {kept!r}; accepted: integers from 1 to {len(candidates)}")
    count = len(context.references)
    if not 0 <= context.silo < count:
        raise InvalidInput(f"silo {context.silo} of {count}; counted from 0")
    if context.shares.shape != (count,):
        raise InvalidInput(f"weights of shape {context.shares.shape} for {count} silos")
    if not np.isfinite(candidates).all():
        raise InvalidInput(f"generation {context.generation}: a candidate is NaN or Inf")
    for silo, reference in enumerate(context.references):
        check_reference(reference, candidates.shape[1], silo=silo, least=1)
    chosen = np.asarray(chosen_by(candidates, kept, context, rng))
    if chosen.shape != (kept,) or len(np.unique(chosen)) != kept:
        raise InvalidInput(f"rule {name!r} returned {chosen.shape} rows, not {kept} different ones")
    return chosen
