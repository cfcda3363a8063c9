"""Where recorded runs start: true mean, true covariance and target, shared or run by run.

Lists in the setting file, arrays in an NPZ file, a whitened distance, or the user's own function
of the run's name. Nothing is drawn here: a recipe with seeds is the user's program.
"""

from __future__ import annotations

import contextlib
import runpy
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.sources import existing
from theory.errors import CollapseError, InvalidInput

Floats = NDArray[np.float64]
WORDS = ("mean", "covariance", "target")
# Squares of squares are summed.
LARGEST = 1e60
# Matrices of a start are (d, d).
WIDEST = 2000
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


def numbers(word: str, value: Any, where: str) -> Floats:
    """An array of finite real numbers.

    Raises
    ------
    InvalidInput
        If rows are unequal, or something is text, complex, masked, not finite or beyond `LARGEST`.
    """
    try:
        given = np.asanyarray(value)
        if given.dtype.kind not in "iufO" or np.ma.is_masked(given):
            raise TypeError
        array = np.asarray(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(f"{where}: {word} holds something that is no number") from None
    if not np.isfinite(array).all():
        raise InvalidInput(f"{where}: {word} holds a number that is not finite")
    if np.any(np.abs(array) > LARGEST):
        raise InvalidInput(f"{where}: {word} holds a number beyond {LARGEST:g}")
    return array


def positive_definite(word: str, matrix: Floats, where: str) -> Floats:
    """The matrix, if it is symmetric and its eigenvalues are positive beyond rounding."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise InvalidInput(f"{where}: {word} has shape {matrix.shape}, not (d, d)")
    symmetric = np.allclose(matrix, matrix.T, rtol=1e-10, atol=0)
    if not symmetric:
        raise InvalidInput(f"{where}: {word} must be symmetric and positive definite")
    lengths = np.linalg.eigvalsh(matrix)
    if lengths[0] <= np.finfo(float).eps * lengths[-1]:
        raise InvalidInput(f"{where}: {word} must be symmetric and positive definite")
    return matrix


def _array(word: str, value: Any, shape: tuple[int, ...], where: str) -> Floats:
    array = numbers(word, value, where)
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
        if isinstance(d, bool) or not isinstance(d, int) or not 1 <= d <= WIDEST:
            raise InvalidInput(
                f"{where}: a distance needs dimension, an integer from 1 to {WIDEST}, not {d!r}"
            )
        axis = np.eye(d)[0]
        distance = _array("distance", given["distance"], (), where)
        return Start(np.zeros(d), np.eye(d), float(distance) * axis)
    missing = [word for word in ("mean", "covariance") if word not in given]
    if missing:
        raise InvalidInput(f"{where} has no {missing[0]}; it must give mean, covariance and target")
    mean = numbers("mean", given["mean"], where)
    d = mean.size
    declared = given.get("dimension", d)
    if declared != d:
        raise InvalidInput(f"{where}: mean has {d} entries, and dimension = {declared}")
    covariance = _array("covariance", given["covariance"], (d, d), where)
    covariance = positive_definite("covariance", covariance, where)
    target = given.get("target")
    return Start(
        _array("mean", mean, (d,), where),
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
    existing(path)
    try:
        # What the file prints must not end up in JSON on standard output.
        with contextlib.redirect_stdout(sys.stderr):
            return runpy.run_path(str(path), run_name=path.stem)
    except (CollapseError, KeyboardInterrupt):
        raise
    except BaseException as error:  # sys.exit() in it does not end the command
        raise InvalidInput(f"{path.name} raised {type(error).__name__}: {error}") from None


def _called(function: Callable[[str], Any]) -> Starts:
    def start(run: str) -> Start:
        try:
            with contextlib.redirect_stdout(sys.stderr):
                given = function(run)
        except (CollapseError, KeyboardInterrupt):
            raise
        except BaseException as error:
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
    existing(path)
    try:
        with path.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise ValueError("it is a single array")
            arrays = {word: archive[word] for word in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InvalidInput(f"{path.name} is no NPZ file: {error}") from None
    if "mean" not in arrays or "covariance" not in arrays:
        raise InvalidInput(f"{path.name} has {', '.join(arrays)}; it must have mean and covariance")
    words = [word for word in WORDS if word in arrays]
    if arrays["mean"].ndim == 1:
        shared = start_of({word: arrays[word] for word in words}, path.name)
        return lambda run: shared
    if "run" not in arrays:
        raise InvalidInput(f"{path.name} has a start for each run; it must have their names as run")
    sizes = {word: len(np.atleast_1d(arrays[word])) for word in (*words, "run")}
    if len(set(sizes.values())) > 1:
        raise InvalidInput(f"{path.name} has arrays of unequal lengths: {sizes}")
    names = [str(name) for name in np.atleast_1d(arrays["run"])]
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
