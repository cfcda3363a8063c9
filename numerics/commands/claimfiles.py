"""Claims by name: the catalogue's by id, a user's own from a Python file.

A claim file is the user's own program. It is run as one, in a namespace of its own, and whatever
goes wrong in it is told in one line that names the file and the line.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import runpy
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from theory import shelf
from theory.claim import Claim
from theory.errors import ClaimError, CollapseError, InvalidInput

_OURS = ("theory", "numerics")


def file_of(name: str) -> Path | None:
    """The claim file that ``FILE.py`` or ``FILE.py::ID`` means; None for an id of the catalogue.

    Examples
    --------
    >>> file_of("mine.py::mine.step").name, file_of("shumailov2024.variance")
    ('mine.py', None)
    """
    path = name.partition("::")[0]
    return Path(path).resolve() if path.endswith(".py") or "/" in path or "\\" in path else None


def blame(error: BaseException, file: Path) -> str:
    """One line: what `error` is and where in `file` it was raised."""
    if isinstance(error, SyntaxError):
        line: int | None = error.lineno
        text = error.msg
    else:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(file)]
        line = lines[-1] if lines else None
        text = " ".join(str(error).split())
    place = f" at line {line}" if line else ""
    return f"{file.name} raised {type(error).__name__}{place}" + (f": {text}" if text else "")


def _culprit(error: Exception, files: Iterable[Path]) -> Path | None:
    """The claim file whose own function raised the error."""
    raised = {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
    return next((file for file in files if str(file) in raised), None)


@contextlib.contextmanager
def blaming(files: Iterable[Path]) -> Iterator[None]:
    """Tell an error that a claim file's own function raised as the file's, not as ours."""
    try:
        yield
    except CollapseError:
        raise
    except Exception as error:
        file = _culprit(error, files)
        if file is None:
            raise
        raise ClaimError(blame(error, file)) from error


def explain(error: Exception, files: Sequence[Path] = ()) -> str:
    """One line for what kept a claim from being judged: its own fault, its file's, or ours."""
    if isinstance(error, CollapseError):
        return " ".join(str(error).split())
    file = _culprit(error, files)
    if file is not None:
        return blame(error, file)
    if os.environ.get("COLLAPSE_DEBUG"):
        raise error
    return (
        f"unexpected {type(error).__name__}: {' '.join(str(error).split())} "
        "(a fault of collapse-theory; COLLAPSE_DEBUG=1 shows where)"
    )


@contextlib.contextmanager
def _importing_beside(file: Path) -> Iterator[None]:
    """Let the file import its neighbours, as it could if it were run as a script.

    Neighbours are forgotten afterwards: those of another file may bear the same names, and other
    processes, which cannot import them, are then sent their functions instead of a reference.
    """
    before = set(sys.modules)
    sys.path.insert(0, str(file.parent))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(file.parent))
        for name in set(sys.modules) - before:
            top = name.partition(".")[0]
            beside = (file.parent / f"{top}.py", file.parent / top / "__init__.py")
            if top not in _OURS and any(place.is_file() for place in beside):
                del sys.modules[name]


def load_file(name: str | Path) -> tuple[Claim, ...]:
    """Run a claim file and return its claims: ``CLAIMS``, or every `Claim` at its top level.

    Raises
    ------
    ClaimError
        If the file is missing, raises, or defines no claims, or anything but claims.
    """
    file = Path(name).resolve()
    if not file.is_file():
        raise ClaimError(f"no claim file {name}")
    try:
        # What the file prints must not end up in the JSON on standard output.
        with contextlib.redirect_stdout(sys.stderr), _importing_beside(file):
            namespace = runpy.run_path(str(file), run_name=file.stem)
    except KeyboardInterrupt:
        raise
    except CollapseError as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(file)]
        raise ClaimError(f"{file.name}, line {lines[-1]}: {error}" if lines else error) from None
    except BaseException as error:
        raise ClaimError(blame(error, file)) from None
    return _claims_of(file.name, namespace)


def _claims_of(source: str, namespace: dict[str, Any]) -> tuple[Claim, ...]:
    if "CLAIMS" in namespace:
        found = namespace["CLAIMS"]
        if isinstance(found, Claim):
            found = (found,)
        if not isinstance(found, list | tuple):
            raise ClaimError(f"{source}: CLAIMS is a {type(found).__name__}, not a list of claims")
        for position, each in enumerate(found):
            if not isinstance(each, Claim):
                raise ClaimError(
                    f"{source}: CLAIMS[{position}] is a {type(each).__name__}, not a Claim"
                )
    else:
        unique = {id(each): each for each in namespace.values() if isinstance(each, Claim)}
        found = list(unique.values())
    if not found:
        raise ClaimError(f"{source} defines no claims; give it CLAIMS = [Claim(...), ...]")
    return tuple(found)


def catalogued(name: str) -> Claim:
    """The claim of the catalogue with this id.

    Raises
    ------
    InvalidInput
        If there is none; the line names the nearest ids.
    """
    known = {claim.id: claim for claim in shelf.claims()}
    if name in known:
        return known[name]
    if Path(name).is_file():
        raise InvalidInput(f"{name} is no claim file; give it a Python file, such as mine.py")
    near = difflib.get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`collapse claims` lists them"
    raise InvalidInput(f"no claim {name!r} in the catalogue; {hint}")


def _of_file(name: str) -> tuple[Claim, ...]:
    """The claims of ``FILE.py``, or the one that ``FILE.py::ID`` names."""
    path, named, wanted = name.partition("::")
    claims = load_file(path)
    if not named:
        return claims
    chosen = tuple(claim for claim in claims if claim.id == wanted)
    if not chosen:
        near = difflib.get_close_matches(wanted, [claim.id for claim in claims], n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"its first is {claims[0].id}"
        raise InvalidInput(f"no claim {wanted!r} in {path}; {hint}")
    return chosen


def collect(names: Iterable[str]) -> tuple[Claim, ...]:
    """The claims that `names` stand for: ids, ``FILE.py`` and ``FILE.py::ID``.

    Without any it is the whole catalogue.

    Raises
    ------
    ClaimError
        If two different claims bear one id.
    """
    names = tuple(names)
    if not names:
        return tuple(shelf.claims())
    found: dict[str, tuple[Claim, str]] = {}
    for name in dict.fromkeys(names):
        for claim in (catalogued(name),) if file_of(name) is None else _of_file(name):
            if claim.id in found:
                where = " and ".join(dict.fromkeys((found[claim.id][1], name)))
                raise ClaimError(f"two claims bear the id {claim.id!r} ({where}); rename one")
            found[claim.id] = claim, name
    return tuple(claim for claim, _ in found.values())
