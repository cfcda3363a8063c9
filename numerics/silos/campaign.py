"""The digits experiment over cells, rules and replicates: resumable, and paired by replicate.

A block is one split, one generator and one replicate, with all rules: its data, its silos and the
constants tuned on it are shared, and every rule begins from the same candidates. A finished block
is one file, written whole; a run that was interrupted goes on with the blocks that are missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy import stats
from threadpoolctl import threadpool_limits

from numerics.report.files import write_text
from numerics.silos.digits import (
    GENERATORS,
    MEASURES,
    PANEL,
    SPLITS,
    Family,
    Plan,
    Run,
    Score,
    Split,
    halves,
    panel,
    references,
    train,
    tuned,
)
from numerics.streams import Stream
from theory.errors import InvalidInput

CONTENT = "digits in silos"
BASELINE = "random"
_FORMAT = 1


@dataclass(frozen=True)
class Block:
    """One split, one generator, one replicate; `runs` holds a run for every rule.

    Attributes
    ----------
    split, generator, replicate
        Which block.
    constant : str
        What was tuned: the bandwidth or the number of components.
    sizes : tuple of int
        Points of each silo.
    runs : mapping of str to Run
        By rule.
    """

    split: str
    generator: str
    replicate: int
    constant: str
    sizes: tuple[int, ...]
    runs: Mapping[str, Run]


@dataclass(frozen=True)
class Difference:
    """A paired difference to random selection, over replicates.

    Attributes
    ----------
    mean, half : float
        Mean, and half the length of its 95 % interval (Student's t over replicates).
    """

    mean: float
    half: float

    @property
    def sign(self) -> str:
        """``"below"`` or ``"above"`` random, or ``"undecided"`` if the interval holds zero."""
        if self.mean + self.half < 0:
            return "below"
        return "above" if self.mean - self.half > 0 else "undecided"


@dataclass(frozen=True)
class Cell:
    """One split, generator and rule, over replicates."""

    split: str
    generator: str
    rule: str
    mean: Score
    half: Score
    difference: Difference
    path: tuple[float, ...]


def run_block(
    rules: Sequence[str],
    split: Split,
    generator: Family,
    replicate: int,
    plan: Plan,
    salt: str,
) -> Block:
    """Compute one block on one thread."""
    where = {"replicate": replicate}
    with threadpool_limits(1):
        # Halves depend on the replicate alone: cells are paired across splits and generators too.
        data = halves(Stream(salt, CONTENT, where, "halves").generator(), plan.components)
        dealing = Stream(salt, CONTENT, {**where, "split": split}, "split")
        held = references(dealing.generator(), split, data, plan)
        tuning = Stream(salt, CONTENT, {**where, "generator": generator}, "tune")
        fitted = tuned(tuning.generator(), generator, data.train, plan)
        noise = Stream(salt, CONTENT, {**where, "generator": generator}, "train")
        runs = {name: train(name, fitted, data, held, plan, noise, replicate) for name in rules}
    constant = getattr(fitted, "components", None) or getattr(fitted, "bandwidth", None)
    return Block(
        split, generator, replicate, f"{constant:.4g}", tuple(len(each) for each in held), runs
    )


def blocks(
    rules: Sequence[str] = PANEL,
    *,
    plan: Plan,
    salt: str,
    replicates: int,
    splits: Sequence[Split] = SPLITS,
    generators: Sequence[Family] = GENERATORS,
    folder: Path | None = None,
    jobs: int = 2,
    done: Callable[[Block], object] = lambda block: None,
) -> list[Block]:
    """Run the experiment, or what is missing of it.

    Parameters
    ----------
    rules
        Names of rules; random selection is added, for all are compared with it.
    plan, salt, replicates, splits, generators
        What to run.
    folder
        Where finished blocks are kept, and looked for; none keeps nothing.
    jobs
        Processes; the numbers do not depend on it.
    done
        Told of each block as it is finished or found.

    Returns
    -------
    list of Block
        In the order of splits, generators, replicates.

    Raises
    ------
    InvalidInput
        If a rule is not known, fewer than two replicates are asked for, or the folder holds
        blocks of other constants.
    """
    asked = panel(rules)
    if replicates < 2:
        raise InvalidInput(f"replicates = {replicates}; accepted: at least 2, for an interval")
    stamp = {"format": _FORMAT, "salt": salt, "plan": plan.as_dict()}
    keys = [(s, g, r) for r in range(replicates) for s in splits for g in generators]
    found: dict[tuple[str, str, int], Block] = {}
    for key in keys:
        block = None if folder is None else _read(_place(folder, key), stamp)
        if block is not None and set(asked) <= set(block.runs):
            found[key] = replace(block, runs={name: block.runs[name] for name in asked})
            done(found[key])
    todo = [key for key in keys if key not in found]
    work = (delayed(run_block)(asked, *key, plan, salt) for key in todo)
    parallel = Parallel(n_jobs=jobs, return_as="generator_unordered")
    for block in parallel(work) if todo else ():
        key = (block.split, block.generator, block.replicate)
        found[key] = block
        if folder is not None:
            text = json.dumps({**stamp, "block": asdict(block)}, indent=1)
            write_text(_place(folder, key), text + "\n")
        done(block)
    order = sorted(keys, key=lambda key: (splits.index(key[0]), generators.index(key[1]), key[2]))
    return [found[key] for key in order]


def salt_in(folder: Path) -> str | None:
    """The salt of the blocks in a folder, or None if it holds none.

    Raises
    ------
    InvalidInput
        If a file there is no block.
    """
    for place in sorted(folder.glob("*.*.*.json")):
        try:
            return str(json.loads(place.read_text())["salt"])
        except (ValueError, KeyError, TypeError):
            raise InvalidInput(f"{place} is no block of this experiment; remove it") from None
    return None


def _place(folder: Path, key: tuple[str, str, int]) -> Path:
    split, generator, replicate = key
    return folder / f"{split}.{generator}.{replicate}.json"


def _read(place: Path, stamp: Mapping[str, Any]) -> Block | None:
    if not place.exists():
        return None
    try:
        held = json.loads(place.read_text())
        made = {word: held[word] for word in stamp}
        block = dict(held["block"])
        runs = {
            rule: Run(Score(**run["score"]), tuple(run["frechet"]))
            for rule, run in block.pop("runs").items()
        }
        sizes = tuple(block.pop("sizes"))
        read = Block(**block, sizes=sizes, runs=runs)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidInput(
            f"{place} is no block of this experiment; remove it or go elsewhere"
        ) from None
    if made != dict(stamp):
        differing = [word for word in stamp if made[word] != stamp[word]]
        raise InvalidInput(
            f"{place} was made with another {' and '.join(differing)}; "
            "give the same, or another folder"
        )
    return read


def paired(values: Sequence[float], baseline: Sequence[float]) -> Difference:
    """Mean paired difference with its 95 % interval.

    Examples
    --------
    >>> paired([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]).sign
    'below'
    """
    steps = np.asarray(values, dtype=float) - np.asarray(baseline, dtype=float)
    return Difference(float(steps.mean()), half_length(steps))


def half_length(values: Sequence[float] | np.ndarray[Any, Any]) -> float:
    """Half the length of Student's 95 % interval for a mean."""
    array = np.asarray(values, dtype=float)
    error = array.std(ddof=1) / np.sqrt(len(array))
    return float(stats.t.ppf(0.975, len(array) - 1) * error)


def cells(found: Sequence[Block]) -> Iterator[Cell]:
    """Summarise blocks: one cell for each split, generator and rule, in the order found."""
    groups: dict[tuple[str, str], list[Block]] = {}
    for block in found:
        groups.setdefault((block.split, block.generator), []).append(block)
    for (split, generator), group in groups.items():
        for rule in group[0].runs:
            scores = [block.runs[rule].score for block in group]
            table = {word: [getattr(each, word) for each in scores] for word in MEASURES}
            baseline = [block.runs[BASELINE].score.frechet for block in group]
            paths = np.array([block.runs[rule].frechet for block in group])
            yield Cell(
                split,
                generator,
                rule,
                Score(**{word: float(np.mean(values)) for word, values in table.items()}),
                Score(**{word: half_length(values) for word, values in table.items()}),
                paired(table["frechet"], baseline),
                tuple(paths.mean(axis=0).tolist()),
            )
