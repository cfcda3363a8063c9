"""Where recorded runs start: true mean, true covariance and target, shared or run by run.

Lists in the setting file, arrays in an NPZ file, a whitened distance, or the user's own function
of the run's name. Nothing is drawn here: a recipe with seeds is the user's program.
"""

from __future__ import annotations

import contextlib
import runpy
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import CollapseError, InvalidInput

Floats = NDArray[np.float64]
WORDS = ("mean", "covariance", "target")
ACCEPTED = (*WORDS, "distance", "dimension", "runs", "file", "python")


@dataclass(frozen=True)
class Start:
    """One run's true mean (d,), true covariance (d, d) and the verifier's target (d,)."""

    mean: Floats
    covariance: Floats
    target: Floats | None

    @property
    def dimension(self) -> int:
        """Dimension of a point."""
        return self.mean.size


Starts = Callable[[str], Start]


def _array(word: str, value: Any, shape: tuple[int, ...], where: str) -> Floats:
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InvalidInput(f"{where}: {word} holds something that is no number") from None
    if not np.isfinite(array).all():
        raise InvalidInput(f"{where}: {word} holds a number that is not finite")
    if array.shape != shape:
        raise InvalidInput(f"{where}: {word} has shape {array.shape}, not {shape}")
    return array


def start_of(given: Any, where: str) -> Start:
    """Read one start from a mapping with `mean`, `covariance`, `target`, or from such a triple.

    Raises
    ------
    InvalidInput
        If a word is missing, a shape is wrong, a number is not finite, or the covariance is not
        symmetric and positive definite.

    Examples
    --------
    >>> start_of({"distance": 6.5, "dimension": 2}, "start").target
    array([6.5, 0. ])
    """
    if isinstance(given, tuple) and len(given) == len(WORDS):
        given = dict(zip(WORDS, given, strict=True))
    if not isinstance(given, Mapping):
        raise InvalidInput(f"{where} must give mean, covariance and target, not {type(given)}")
    unknown = sorted(set(map(str, given)) - set(ACCEPTED))
    if unknown:
        raise InvalidInput(f"{where} has no key {unknown[0]!r}; accepted: {', '.join(ACCEPTED)}")
    if "distance" in given:
        d = given.get("dimension")
        if isinstance(d, bool) or not isinstance(d, int) or d < 1:
            raise InvalidInput(f"{where}: a distance needs dimension, an integer of at least 1")
        axis = np.eye(d)[0]
        distance = _array("distance", given["distance"], (), where)
        return Start(np.zeros(d), np.eye(d), float(distance) * axis)
    missing = [word for word in ("mean", "covariance") if word not in given]
    if missing:
        raise InvalidInput(f"{where} has no {missing[0]}; it must give mean, covariance and target")
    d = int(np.size(given["mean"]))
    declared = given.get("dimension", d)
    if declared != d:
        raise InvalidInput(f"{where}: mean has {d} entries, and dimension = {declared}")
    covariance = _array("covariance", given["covariance"], (d, d), where)
    symmetric = np.allclose(covariance, covariance.T, rtol=1e-10, atol=0)
    if not symmetric or np.linalg.eigvalsh(covariance)[0] <= 0:
        raise InvalidInput(f"{where}: covariance must be symmetric and positive definite")
    target = given.get("target")
    return Start(
        _array("mean", given["mean"], (d,), where),
        covariance,
        None if target is None else _array("target", target, (d,), where),
    )


def run_file(path: Path) -> dict[str, Any]:
    """Run the user's Python file and return its names.

    Raises
    ------
    InvalidInput
        If the file is missing, or raises; one line names what it raised.
    """
    if not path.is_file():
        raise InvalidInput(f"no file {path}")
    try:
        # What the file prints must not end up in JSON on standard output.
        with contextlib.redirect_stdout(sys.stderr):
            return runpy.run_path(str(path), run_name=path.stem)
    except CollapseError:
        raise
    except Exception as error:
        raise InvalidInput(f"{path.name} raised {type(error).__name__}: {error}") from None


def _called(function: Callable[[str], Any]) -> Starts:
    def start(run: str) -> Start:
        try:
            given = function(run)
        except CollapseError:
            raise
        except Exception as error:
            name = getattr(function, "__name__", "start")
            raise InvalidInput(f"{name}({run!r}) raised {type(error).__name__}: {error}") from None
        return start_of(given, f"the start of run {run}")

    return start


def _listed(rows: Mapping[str, Any], source: str) -> Starts:
    def start(run: str) -> Start:
        if run not in rows:
            raise InvalidInput(f"{source} has no start for run {run}; it has {', '.join(rows)}")
        return start_of(rows[run], f"the start of run {run}")

    return start


def _archived(path: Path) -> Starts:
    if not path.is_file():
        raise InvalidInput(f"no file {path}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {word: archive[word] for word in archive.files}
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path.name} is no NPZ file: {error}") from None
    if "mean" not in arrays or "covariance" not in arrays:
        raise InvalidInput(f"{path.name} has {', '.join(arrays)}; it must have mean and covariance")
    words = [word for word in WORDS if word in arrays]
    if arrays["mean"].ndim == 1:
        shared = start_of({word: arrays[word] for word in words}, path.name)
        return lambda run: shared
    if "run" not in arrays:
        raise InvalidInput(f"{path.name} has a start for each run; it must have their names as run")
    sizes = {word: len(arrays[word]) for word in (*words, "run")}
    if len(set(sizes.values())) > 1:
        raise InvalidInput(f"{path.name} has arrays of unequal lengths: {sizes}")
    names = [str(name) for name in arrays["run"]]
    return _listed(
        {name: {word: arrays[word][i] for word in words} for i, name in enumerate(names)},
        path.name,
    )


def read_starts(given: Any, folder: Path) -> Starts:
    """What a setting says of the starts, as a function of the run's name.

    Parameters
    ----------
    given
        A function of the run's name; or a table with `mean`, `covariance` and `target` for every
        run, with `distance` and `dimension` (true covariance the identity), with `runs` (a table
        for each run), with `file` (an NPZ), or with `python` (a file that defines ``start(run)``).
    folder
        Where relative paths begin.

    Raises
    ------
    InvalidInput
        If it is none of these, or a file cannot be read.
    """
    if callable(given):
        return _called(given)
    if not isinstance(given, Mapping):
        raise InvalidInput("the setting has no start; give [start] with mean, covariance, target")
    if "python" in given:
        path = folder / str(given["python"])
        function = run_file(path).get("start")
        if not callable(function):
            raise InvalidInput(f"{path.name} defines no function start(run)")
        return _called(function)
    if "file" in given:
        return _archived(folder / str(given["file"]))
    if "runs" in given:
        if not isinstance(given["runs"], Mapping):
            raise InvalidInput("start.runs must be a table with one entry for each run")
        return _listed({str(run): row for run, row in given["runs"].items()}, "start.runs")
    shared = start_of(given, "start")
    return lambda run: shared
