"""The digits experiment over cells, rules and replicates: resumable, and paired by replicate.

A block is one split, one generator and one replicate, with all rules: its data, its silos and the
constants tuned on it are shared, and every rule begins from the same candidates. A finished block
is one file, written whole; a run that was interrupted goes on with the blocks that are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from numerics.report import units
from numerics.report.units import Store, finish
from numerics.silos.digits import Run, Score, halves, panel, references, train, tuned
from numerics.silos.plan import GENERATORS, PANEL, SPLITS, Family, Plan, Split
from numerics.streams import Stream
from theory.errors import InvalidInput

CONTENT = "digits in silos"
_FORMAT = 1
_WHAT = "block of this experiment"


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
    # A number of silos that a later split cannot have is told before the first block.
    data = halves(Stream(salt, CONTENT, {}, "trial").generator(), plan.components)
    for split in splits:
        references(Stream(salt, CONTENT, {"split": split}, "trial").generator(), split, data, plan)
    stamp = {"format": _FORMAT, "salt": salt, "plan": plan.as_dict()}
    keys: list[tuple[str, str, int]] = [
        (s, g, r) for r in range(replicates) for s in splits for g in generators
    ]

    def narrowed(block: Block) -> Block:
        return replace(block, runs={name: block.runs[name] for name in asked})

    found = finish(
        keys,
        partial(_run_key, rules=asked, plan=plan, salt=salt),
        Store(folder, stamp, _WHAT, "block"),
        stem=lambda key: ".".join(str(each) for each in key),
        parse=lambda key, held: _block(held),
        content=asdict,
        key_of=lambda block: (block.split, block.generator, block.replicate),
        enough=lambda block: set(asked) <= set(block.runs),
        jobs=jobs,
        done=lambda block: done(narrowed(block)),
    )
    order = sorted(keys, key=lambda key: (splits.index(key[0]), generators.index(key[1]), key[2]))
    return [narrowed(found[key]) for key in order]


def _run_key(key: tuple[Any, Any, int], *, rules: Sequence[str], plan: Plan, salt: str) -> Block:
    return run_block(rules, *key, plan, salt)


def salt_in(folder: Path) -> str | None:
    """The salt of the blocks in a folder, or None if it holds none.

    Raises
    ------
    InvalidInput
        If a file there is no block.
    """
    return units.salt_in(folder, "*.*.*.json", _WHAT)


def _block(held: Mapping[str, Any]) -> Block:
    block = dict(held)
    runs = {
        rule: Run(Score(**run["score"]), tuple(run["frechet"]))
        for rule, run in block.pop("runs").items()
    }
    sizes = tuple(block.pop("sizes"))
    return Block(**block, sizes=sizes, runs=runs)
