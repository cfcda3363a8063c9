"""Accuracy of the ridge dual and others on maps with a known squared W2, resumably.

    python benchmarks/ridge_accuracy.py LIST.json RESULTS.jsonl [--seconds S] [--part I/K] [--table]

The list of settings is a file fixed before the run; a line is written for each replicate as it
ends, and a replicate that is on file is not run again. Every replicate is reported. K processes may
share a list: each runs its part into a file of its own, and `cat` makes them one.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.streams import Stream
from numerics.wasserstein.registry import find
from numerics.wasserstein.truths import Truth, general_truth

Array = npt.NDArray[np.float64]
RESAMPLES = 2000


def pairs(settings: dict[str, Any]) -> dict[str, Truth]:
    """The truths of a list, by name."""
    return {
        f"{family}-{number}": general_truth(family, settings["d"], number, settings["salt"])
        for family in settings["families"]
        for number in range(settings["truths_per_family"])
    }


def run(settings: dict[str, Any], results: Path, seconds: float, part: tuple[int, int]) -> None:
    """Run what is missing of a part, replicate by replicate over all settings, until time is up."""
    salt, d, n = settings["salt"], settings["d"], settings["n"]
    done = set()
    if results.exists():
        lines = [line for line in results.read_text().splitlines(True) if line.endswith("\n")]
        results.write_text("".join(lines))
        done = {(r["truth"], r["replicate"]) for r in map(json.loads, lines)}
    begin = time.monotonic()
    own_part, parts = part
    for replicate in range(settings["replicates"]):
        for number, (name, truth) in enumerate(pairs(settings).items()):
            if (name, replicate) in done or (replicate + number) % parts != own_part:
                continue
            if time.monotonic() - begin > seconds:
                return
            stream = Stream(salt, f"sample {name}", {"n": n, "d": d})
            draw = truth.sample(stream.generator(replicate), n, n)
            row = {"truth": name, "family": truth.family, "replicate": replicate}
            for word in settings["estimators"]:
                own = Stream(salt, f"draws {name} {word}", {"n": n, "d": d})
                drawn = own.generator(replicate) if find(word).random else None
                cpu = time.process_time()
                got = find(word)(draw.x, draw.y, rng=drawn)
                row[word] = got.value
                row[f"{word} cpu seconds"] = round(time.process_time() - cpu, 3)
                if got.lower_bound is not None:
                    row[f"{word} bound"] = got.lower_bound
            with results.open("a") as file:
                file.write(json.dumps(row) + "\n")


def interval(errors: list[Array], generator: np.random.Generator) -> tuple[float, float, float]:
    """RMSE over all maps and its 95 % bootstrap interval: maps are redrawn, then replicates."""
    values = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        maps = generator.integers(0, len(errors), len(errors))
        again = [generator.choice(errors[k], len(errors[k])) for k in maps]
        values[i] = np.sqrt(np.mean(np.concatenate(again) ** 2))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(np.sqrt(np.mean(np.concatenate(errors) ** 2))), float(low), float(high)


def table(settings: dict[str, Any], results: Path) -> None:
    """Relative RMSE by family with its interval, and how often the bounds hold."""
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    names, known = settings["estimators"], pairs(settings)
    generator = Stream(settings["salt"], "bootstrap").generator()
    bounded = [name for name in names if f"{name} bound" in rows[0]]
    heads = [f"bound of {name}: held, share of W2" for name in bounded]
    print("family", "pairs", *names, *heads, "Gelbrich/W2", sep=" | ")
    for family in settings["families"]:
        mine = [name for name in known if name.rsplit("-", 1)[0] == family]
        groups = [[row for row in rows if row["truth"] == name] for name in mine]
        if not any(groups):
            continue
        values = [known[name].squared_w2 for name in mine]
        share = np.mean([known[name].gelbrich / known[name].squared_w2 for name in mine])
        cells = [family, str(sum(map(len, groups)))]
        for name in names:
            errors = [
                np.array([row[name] / w - 1 for row in group])
                for group, w in zip(groups, values, strict=True)
                if group
            ]
            rmse, low, high = interval(errors, generator)
            bias = np.mean(np.concatenate(errors))
            cells.append(f"{rmse:.3f} ({low:.3f}-{high:.3f}; bias {bias:+.3f})")
        for name in bounded:
            bound = np.array(
                [
                    row[f"{name} bound"] / w
                    for group, w in zip(groups, values, strict=True)
                    for row in group
                ]
            )
            cells.append(f"{np.sum(bound <= 1)} of {len(bound)}, {np.mean(bound):.3f}")
        cells.append(f"{share:.3f}")
        print(*cells, sep=" | ")
    for name in names:
        over = [
            np.sqrt(
                np.mean([(row[name] / w.squared_w2 - 1) ** 2 for row in rows if row["truth"] == k])
            )
            for k, w in known.items()
            if any(row["truth"] == k for row in rows)
        ]
        print(f"{name}, RMSE by map: median {np.median(over):.3f}, largest {max(over):.3f}")
        cpu = [row[f"{name} cpu seconds"] for row in rows]
        print(f"{name}, CPU seconds: median {np.median(cpu):.2f}, largest {max(cpu):.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("list", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--part", default="0/1", help="I/K: the I-th of K parts, from 0")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    chosen = json.loads(given.list.read_text())
    if not given.table:
        i, k = map(int, given.part.split("/"))
        run(chosen, given.results, given.seconds, (i, k))
    table(chosen, given.results)
