"""The shelf: published claims, one file per paper, written from the paper.

Each module of this package lists its claims in ``CLAIMS``; a new file is found by itself. The shelf
states, it never derives: nothing here imports the derivation that the claims are compared with.
Where only an abstract or a summary of a paper was read, the reference names no theorem. Results
without a paper of their own stand in ``folklore`` (textbook facts) and ``derived_*`` (worked out
for this catalogue; they may exist in print).
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from functools import cache

from theory.claim import Claim
from theory.errors import ClaimError, InvalidInput


@cache
def claims() -> tuple[Claim, ...]:
    """Every claim of the shelf, file by file.

    Raises
    ------
    ClaimError
        If two claims share an id.

    Examples
    --------
    >>> len({claim.id for claim in claims()}) == len(claims())
    True
    """
    found: dict[str, Claim] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        if module.name.startswith("_"):
            continue
        for claim in importlib.import_module(f"{__name__}.{module.name}").CLAIMS:
            if claim.id in found:
                raise ClaimError(f"two claims of the shelf are called {claim.id}")
            found[claim.id] = claim
    return tuple(found.values())


def find(identifier: str) -> Claim:
    """The claim with this id.

    Raises
    ------
    InvalidInput
        If the shelf has no such claim; the line names the ids that come close.

    Examples
    --------
    >>> print(find("kazdan2025.replace").equals)
    sigma_0**2*(1 - 1/n)**t
    >>> find("kazdan2025.replce")
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: no claim 'kazdan2025.replce'; close: kazdan2025.replace
    """
    table = {claim.id: claim for claim in claims()}
    if identifier in table:
        return table[identifier]
    close = difflib.get_close_matches(str(identifier), table, n=3, cutoff=0.8)
    hint = f"close: {', '.join(close)}" if close else f"the shelf has {len(table)} claims"
    raise InvalidInput(f"no claim {identifier!r}; {hint}")
