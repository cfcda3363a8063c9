"""What the monitor's alarms and laws do on records whose truth is known: tables for the docs.

    python benchmarks/monitoring.py rates|delays|laws|rows [histories or rows] [fresh]

A word `fresh` gives noise that no earlier run has seen.

The kinds called HELD OUT were written down before the first run on them and were never used to
choose a constant.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from healthy import FAILING, HELD_OUT, KINDS, SECOND_HELD_OUT, T, noise, real_fraction, walk
from scipy.special import digamma
from scipy.stats import binomtest

from numerics.monitoring.laws import law_sets
from numerics.monitoring.loop import log_trend
from numerics.monitoring.loss import from_counts, from_values
from numerics.monitoring.pooling import padded
from numerics.monitoring.signs import (
    log_exchangeable,
    log_faster_than_replace,
    log_symmetric,
    symmetric_factors,
)
from numerics.monitoring.trend import joined
from numerics.monitoring.window import FEWEST_FOR_LAWS, falling

# Salts the noise: a form that was chosen on one word is judged on another.
FRESH = sys.argv[3] if len(sys.argv) > 3 else ""


def trend(heights):
    return log_trend(heights, log_symmetric(heights))


def replace_log_det(n, d, count, length, rng):
    steps = sum(np.log(rng.chisquare(n - j, (count, length)) / n) for j in range(1, d + 1))
    return np.concatenate([np.zeros((count, 1)), np.cumsum(steps, axis=1)], axis=1)


def row(name, evidence):
    top = evidence.max(axis=1)
    cells = []
    for alpha in (0.05, 0.01):
        hits = int((top >= np.log(1 / alpha)).sum())
        p = binomtest(hits, top.size, alpha, alternative="greater").pvalue
        cells += [f"{hits / top.size:.4f}", f"{p:.2g}"]
    print(f"| {name} |", " | ".join(cells), "|", flush=True)


def rates(count):
    print("| kind | false at .05 | p | false at .01 | p |\n|---|---|---|---|---|")
    for name, kind in {**KINDS, **HELD_OUT, **SECOND_HELD_OUT}.items():
        row(f"TREND: {name}", trend(kind(count, noise(name))))
    for name, kind in FAILING.items():
        row(name, trend(kind(count, noise(name))))
    row(
        "symmetric: walk, Cauchy steps",
        log_symmetric(walk(noise("sc").standard_cauchy((count, T)))),
    )
    row("exchangeable: iid skewed", log_exchangeable(noise("ex").exponential(size=(count, T))))
    row(
        "exchangeable: iid Poisson (ties)",
        log_exchangeable(noise("po").poisson(2.0, (count, T)).astype(float)),
    )
    row(
        "theory: Replace n=50, d=5",
        log_faster_than_replace(replace_log_det(50, 5, count, T - 1, noise("th")), 50, 5),
    )
    row(
        "FAILS exchangeable: random walk",
        log_exchangeable(walk(noise("fw").standard_normal((count, T)))),
    )
    row(
        "FAILS exchangeable: loop, 5 % real",
        log_exchangeable(real_fraction(0.05, count, noise("fl"))),
    )
    row(
        "symmetric, outside its null: iid Cauchy",
        log_symmetric(noise("fc").standard_cauchy((count, T))),
    )
    rng = noise("edge")
    for alpha in (0.05, 0.01):
        few = count // 5
        hits = sum(
            from_counts(
                np.arange(T),
                rng.binomial(1000, 0.045, T).astype(float),
                np.full(T, 1000.0),
                (rng.binomial(5000, 0.05), 5000),
                alpha,
            ).generation
            is not None
            for _ in range(few)
        )
        p = binomtest(hits, few, alpha, alternative="greater").pvalue
        print(
            f"| LOSS by counts at its edge, alpha {alpha}, {few} histories | {hits / few:.4f} "
            f"| {p:.2g} | | |",
            flush=True,
        )
        edge = np.r_[1.0, np.full(T - 1, 0.75)]
        hits = sum(
            from_values(
                np.arange(T), edge + 0.05 * rng.standard_normal(T), np.full(T, 0.05), alpha, 0.25
            ).generation
            is not None
            for _ in range(few)
        )
        p = binomtest(hits, few, alpha, alternative="greater").pvalue
        print(
            f"| LOSS by sd at its edge, alpha {alpha}, {few} histories | {hits / few:.4f} "
            f"| {p:.2g} | | |",
            flush=True,
        )


def first(evidence, level=4.605171):
    hit = evidence >= level
    found = np.where(hit.any(axis=1), hit.argmax(axis=1), 10**6)
    middle = np.median(found)
    return "none" if middle >= 10**6 else f"{middle:g}"


def select_accumulate(count, length, rng, n=100, d=10, alpha=0.05):
    """Log det of Accumulate with the candidates nearest to a far target kept."""
    found = np.zeros((count, length + 1))
    for i in range(count):
        mean, root = np.zeros(d), np.eye(d)
        target = np.r_[3.0, np.zeros(d - 1)]
        total, squares = np.zeros(d), np.zeros((d, d))
        for t in range(1, length + 1):
            draws = mean + rng.standard_normal((round(n / alpha), d)) @ root.T
            far = ((draws - target) ** 2).sum(axis=1)
            kept = draws[np.argpartition(far, n)[:n]]
            total += kept.sum(axis=0)
            squares += kept.T @ kept
            mean = total / (n * t)
            root = np.linalg.cholesky(squares / (n * t) - np.outer(mean, mean))
            found[i, t] = 2 * np.log(np.diag(root)).sum()
    return found


def replace_trace(n, d, count, length, rng):
    """Log trace of Replace from the unit covariance, fits by maximum likelihood."""
    found = np.zeros((count, length + 1))
    root = np.tile(np.eye(d), (count, 1, 1))
    for t in range(1, length + 1):
        draws = rng.standard_normal((count, n, d)) @ root.transpose(0, 2, 1)
        draws -= draws.mean(axis=1, keepdims=True)
        spread = draws.transpose(0, 2, 1) @ draws / n
        root = np.linalg.cholesky(spread)
        found[:, t] = np.log(np.trace(spread, axis1=1, axis2=2))
    return found - np.log(d) * (np.arange(length + 1) > 0)


def together(y, runs):
    """Evidence of records of `runs` independent runs each, from heights (all runs, generations)."""
    groups = [str(i) for i in range(runs)]
    records = y.reshape(-1, runs, y.shape[1])
    return np.array([joined("loop", list(r), groups, symmetric_factors) for r in records])


def loss_raised(y):
    """Generation at which LOSS is raised on values that are known exactly, median."""
    found = [
        from_values(np.arange(y.shape[1]), np.exp(each), np.zeros(y.shape[1]), 0.01, 0.25)
        for each in y
    ]
    return np.median([10**6 if x.generation is None else x.generation for x in found])


def delays(count):
    print("| record, alpha .01 | median first alarm | half gone (median) |\n|---|---|---|")
    for n, d in ((20, 10), (100, 10), (500, 10), (100, 1)):
        y = replace_log_det(n, d, count, 200, noise(f"r{n}-{d}"))
        print(
            f"| Replace log det, n={n}, d={d} | {first(trend(y))} | {first(-y / d, np.log(2))} |",
            flush=True,
        )
    print(f"| Replace, n=100, d=1: LOSS by an exact value, delta .25 | {loss_raised(y):g} | |")
    y = replace_trace(100, 10, 200, 200, noise("trace"))
    print(f"| Replace log trace, n=100, d=10 | {first(trend(y))} | {first(-y, np.log(2))} |")
    print(f"| ten independent runs of it | {first(together(y, 10))} | |", flush=True)
    y = replace_log_det(100, 1, 200, 200, noise("ten"))
    print(f"| ten independent runs of Replace, n=100, d=1 | {first(together(y, 10))} | |")
    y = select_accumulate(min(count, 60), 40, noise("as"))
    print(
        f"| Accumulate + Select log det, n=100, d=10 | {first(trend(y))} |"
        f" {first(-y / 10, np.log(2))} |"
    )
    for sd in (0.01, 0.03, 0.1):
        y = np.log(0.99) * np.arange(201) + sd * noise(f"i{sd}").standard_normal((count, 201))
        print(f"| 1 % a generation in {sd:.0%} iid noise | {first(trend(y))} | 69 |")
    y = np.full((count, 201), 0.0)
    y[:, 20:] = np.log(0.74)
    y += 0.03 * noise("drop").standard_normal(y.shape)
    print(f"| a drop of 26 % at generation 20, 3 % noise: TREND | {first(trend(y))} | |")
    alarms = []
    for values in np.exp(y[:count]):
        lost = from_values(np.arange(201), values / values[0], np.full(201, 0.03), 0.01, 0.1)
        alarms.append(lost.generation if lost.generation is not None else 10**6)
    print(f"| the same: LOSS by sd, delta .1 | {np.median(alarms):g} | |")
    rng = noise("counts")
    for name, p in (
        ("5 % tail falling 3 % a generation", 0.05 * 0.97 ** np.arange(80)),
        ("mode of weight .1 halved after generation 4", np.where(np.arange(80) < 5, 0.1, 0.05)),
    ):
        found = []
        for _ in range(count):
            lost = from_counts(
                np.arange(80),
                rng.binomial(1000, p).astype(float),
                np.full(80, 1000.0),
                (rng.binomial(5000, p[0]), 5000),
                0.01,
            )
            found.append(10**6 if lost.generation is None else lost.generation)
        print(f"| LOSS by counts: {name} | {np.median(found):g} | |", flush=True)


def generated(name, count, runs, length, rng):
    """Records of a known law: heights (records, runs, generations), law, half, unit, rate."""
    t = np.arange(length + 1)
    shape = (count, runs, length + 1)
    if name == "Replace log det n=100 d=10":
        y = replace_log_det(100, 10, count * runs, length, rng).reshape(shape)
        rate = -sum(digamma((100 - j) / 2) + np.log(2 / 100) for j in range(1, 11))
        return y, "geometric", 10 * np.log(2) / rate, 10.0, rate
    if name == "Accumulate + Select log det n=100 d=10":
        y = select_accumulate(count * runs, length, rng).reshape(shape)
        # Half is gone before the record is long; its law is what is asked.
        return y, "power", None, 10.0, None
    white = rng.standard_normal(shape)
    white[..., 0] = 0
    later = white / np.maximum(t, 1)
    if name == "power .6, noise .1/t":
        y = -0.6 * np.log(t + 1) + 0.1 * np.cumsum(later, 2)
        return y, "power", 2 ** (1 / 0.6) - 1, 1.0, 0.6
    if name == "logarithmic, noise .03/t":
        x = np.empty(length + 1)
        x[0] = 2.0
        for k in range(1, length + 1):
            v = x[k - 1]
            for _ in range(20):
                v -= v**2 / (1 + v) * np.log((k + 1) / k) / 20
            x[k] = v
        half = np.exp(0.5 + np.log(2)) - 1
        return np.log(x / 2) + 0.03 * np.cumsum(later, 2), "logarithmic", half, 1.0, None
    if name == "plateau, depth 1, tau 8":
        y = np.expm1(-t / 8) + 0.03 * white
        return y, "plateau", -8 * np.log(1 - np.log(2)), 1.0, None
    if name == "iid noise":
        return 0.1 * rng.standard_normal(shape), "none", np.inf, 1.0, None
    return np.cumsum(0.1 * later, 2), "none", np.inf, 1.0, None


GENERATORS = (
    "Replace log det n=100 d=10",
    "Accumulate + Select log det n=100 d=10",
    "power .6, noise .1/t",
    "logarithmic, noise .03/t",
    "plateau, depth 1, tau 8",
    "iid noise",
    "Accumulate-like walk",
)


def laws(count):
    print(
        "| records | T | truth kept | named alone | 95 % rate interval | half covered |\n"
        "|---|---|---|---|---|---|"
    )
    for name in GENERATORS:
        for runs, length in ((1, 20), (1, 50), (1, 150), (10, 50)):
            few = count if runs == 1 else count // 10
            source = noise(f"{name} {runs} {length} {FRESH}")
            y, law, half, unit, rate = generated(name, few, runs, length, source)
            flat = [falling(run, unit, FEWEST_FOR_LAWS) for record in y for run in record]
            block = padded(flat).reshape(few, runs, -1)
            sets = law_sets(block, np.arange(block.shape[2]), unit)
            kept = np.mean([law in s.kept for s in sets])
            alone = np.mean([s.kept == (law,) for s in sets])
            cover = hit = ""
            if rate is not None:
                own = [next(x for x in s.laws if x.name == law).interval for s in sets]
                cover = f"{np.mean([a <= rate <= b for a, b in own]):.3f}"
            if half is not None:
                projected = [s.half for s in sets if s.half is not None]
                covered = np.mean([a - 1e-9 <= half <= b + 1e-9 for a, b in projected])
                hit = f"{covered:.3f} ({len(projected) / few:.0%} projected)"
            print(
                f"| {name}, {runs} run{'s' * (runs > 1)} | {length} | {kept:.3f} | {alone:.3f} |"
                f" {cover} | {hit} |",
                flush=True,
            )


def rows(count):
    """CPU seconds and peak memory of one `collapse monitor` on tables of `count` rows."""
    print(
        "| rows | runs | generations | CPU seconds | seconds | peak MB |\n|---|---|---|---|---|---|"
    )
    for runs in (10_000, 1000, 10):
        length = count // runs
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "runs.csv"
            walks = np.cumsum(0.02 * noise(f"rows{runs}").standard_normal((runs, length)), axis=1)
            with path.open("w") as file:
                file.write("run,generation,variance\n")
                for run, walk_ in enumerate(np.exp(walks)):
                    file.writelines(f"{run},{t},{x:.6g}\n" for t, x in enumerate(walk_))
            program = "import sys; from numerics.cli import main; sys.exit(main(sys.argv[1:]))"
            before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            command = [sys.executable, "-c", program, "monitor", str(path), "--independent"]
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            # The peak is that of the largest child so far.
            print(
                f"| {count} | {runs} | {length} | {cpu:.1f} | {time.perf_counter() - begun:.1f} |"
                f" {after.ru_maxrss / 1024:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    studies = {"rates": rates, "delays": delays, "laws": laws, "rows": rows}
    study = studies[sys.argv[1]]
    study(int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
