"""Accuracy of the ridge dual on maps with a known squared W2, resumably.

    python benchmarks/ridge_accuracy.py LIST.json RESULTS.jsonl [--seconds S] [--table]

The list of settings is a file fixed before the run; a line is written for each replicate as it
ends, and a replicate that is on file is not run again. Every replicate is reported.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from ridge_truths import truth

from numerics.streams import Stream
from numerics.wasserstein.registry import find


def run(settings: dict[str, object], results: Path, seconds: float) -> None:
    """Run what is missing, replicate by replicate over all settings, until time is up."""
    salt, d, n = str(settings["salt"]), int(str(settings["d"])), int(str(settings["n"]))
    done = set()
    if results.exists():
        lines = [line for line in results.read_text().splitlines(True) if line.endswith("\n")]
        results.write_text("".join(lines))
        done = {(r["truth"], r["replicate"]) for r in map(json.loads, lines)}
    begin, known = time.monotonic(), {}
    for replicate in range(int(str(settings["replicates"]))):
        for family in settings["families"]:  # type: ignore[attr-defined]
            for number in range(int(str(settings["truths_per_family"]))):
                name = f"{family}-{number}"
                if (name, replicate) in done:
                    continue
                if time.monotonic() - begin > seconds:
                    return
                if name not in known:
                    known[name] = truth(family, d, number, salt)
                law = known[name]
                stream = Stream(salt, f"sample {name}", {"n": n, "d": d})
                x, y = law.sample(stream.generator(replicate), n)
                row = {"truth": name, "family": family, "replicate": replicate}
                row |= {"squared_w2": law.squared_w2, "gelbrich": law.gelbrich}
                for word in settings["estimators"]:  # type: ignore[attr-defined]
                    cpu = time.process_time()
                    own = Stream(salt, f"draws {name} {word}", {"n": n, "d": d})
                    drawn = own.generator(replicate) if find(word).random else None
                    got = find(word)(x, y, rng=drawn)
                    row[word] = got.value
                    row[f"{word} cpu seconds"] = round(time.process_time() - cpu, 3)
                    if got.lower_bound is not None:
                        row[f"{word} bound"] = got.lower_bound
                with results.open("a") as file:
                    file.write(json.dumps(row) + "\n")


def table(settings: dict[str, object], results: Path) -> None:
    """Relative RMSE by family, and how often the bound holds."""
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    names = list(settings["estimators"])  # type: ignore[call-overload]
    print("family", "replicates", *names, "bound held", "bound/truth", "gelbrich/truth", sep=" | ")
    for family in settings["families"]:  # type: ignore[attr-defined]
        mine = [row for row in rows if row["family"] == family]
        if not mine:
            continue
        w = np.array([row["squared_w2"] for row in mine])
        cells = [family, str(len(mine))]
        for name in names:
            error = np.array([row[name] for row in mine]) / w - 1
            cells.append(f"{np.sqrt(np.mean(error**2)):.3f} (bias {error.mean():+.3f})")
        bound = np.array([row.get("ridge-dual bound", np.nan) for row in mine])
        cells += [f"{np.mean(bound <= w):.3f}", f"{np.mean(bound / w):.3f}"]
        cells.append(f"{np.mean([row['gelbrich'] for row in mine] / w):.3f}")
        print(*cells, sep=" | ")
    cpu = [row["ridge-dual cpu seconds"] for row in rows]
    print(f"ridge-dual, CPU seconds: median {np.median(cpu):.1f}, largest {max(cpu):.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("list", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    chosen = json.loads(given.list.read_text())
    if not given.table:
        run(chosen, given.results, given.seconds)
    table(chosen, given.results)
