"""Samplers of the shelf's claims that the built-in settings do not speak, one file per paper.

A sampler draws independent replicates from raw points or from the defining random variables, with
a generator that it is given, and knows no formula of the claim that it is judged by. The files
mirror those of ``theory.shelf``; each lists its samplers in ``SAMPLERS``, keyed by claim id, and in
``PAIRS`` those of claims that two samplers draw from one law.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from typing import Any

from numerics.samplers._raw import Sampler
from theory.errors import InvalidInput


def _collect(word: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        if module.name.startswith("_"):
            continue
        room = importlib.import_module(f"{__name__}.{module.name}")
        table: dict[str, Any] = getattr(room, word, {})
        twice = found.keys() & table.keys()
        if twice:
            raise InvalidInput(f"two samplers for {', '.join(sorted(twice))}")
        found.update(table)
    return found


SAMPLERS: dict[str, Sampler] = _collect("SAMPLERS")
"""Every sampler, keyed by the id of its claim."""

PAIRS: dict[str, tuple[Sampler, Sampler]] = _collect("PAIRS")
"""Two samplers of one law, keyed by the id of the claim that says so."""


def find(identifier: str) -> Sampler:
    """The sampler of the claim with this id.

    Returns
    -------
    callable
        ``draw(rng, size, **values)`` returns ``size`` independent replicates, an array of float.

    Raises
    ------
    InvalidInput
        If there is none; the line names the ids that come close.

    Examples
    --------
    >>> import numpy as np
    >>> find("folklore.mean-square")(np.random.default_rng(1), 3, n=5).shape
    (3,)
    >>> find("folklore.mean-sqare")
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: no sampler for 'folklore.mean-sqare'; close: folklore.mean-square
    """
    if identifier in SAMPLERS:
        return SAMPLERS[identifier]
    close = difflib.get_close_matches(str(identifier), SAMPLERS, n=3, cutoff=0.8)
    hint = f"close: {', '.join(close)}" if close else f"there are {len(SAMPLERS)}"
    raise InvalidInput(f"no sampler for {identifier!r}; {hint}")
