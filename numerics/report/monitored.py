"""The monitor's answers as text and as a plot."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from numerics.monitoring.finding import Finding, Report
from numerics.monitoring.loss import Loss
from numerics.report.files import write_whole
from theory.errors import InvalidInput


def _generations(pair: tuple[float, float]) -> str:
    low, high = ("never" if math.isinf(x) else f"{x:.0f}" for x in pair)
    return low if low == high else f"{low} to {high}"


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" + "s" * (number != 1)


def _loss(losses: dict[str, Loss]) -> Text:
    lost = {run: x for run, x in losses.items() if x.generation is not None}
    any_ = next(iter(losses.values()))
    how = f"below {1 - any_.delta:.0%} of its start"
    left = [x.left for x in losses.values() if not math.isnan(x.left)]
    middle = f"; median {np.median(left):.3g} of the start is left" if left else ""
    if any_.alpha is None:
        head, rest = "as observed", "no error probability: no counts or sd were recorded"
    else:
        assumed = "binomial counts" if any_.basis == "counts" else "the given sd"
        head, rest = "ALARM" if lost else "no alarm", f"alpha {any_.alpha:.2g} a run, {assumed}"
    if lost:
        first = min(int(x.generation) for x in lost.values() if x.generation is not None)
        told = f"{len(lost)} of {_plural(len(losses), 'run')} {how}, first at generation {first}"
    else:
        told = f"no run {how}"
    style = "bold red" if lost and any_.alpha is not None else ""
    return Text.assemble(("LOSS   ", "bold"), (head, style), f": {told}{middle} ({rest})")


def _trend(finding: Finding, alpha: float) -> Text:
    trend = finding.trend
    if trend is None:
        return Text.assemble(("TREND  ", "bold"), "not asked: this null speaks of log det alone")
    found = ("ALARM", "bold red") if trend.alarm is not None else ("no alarm", "")
    where = f" at generation {trend.alarm}" if trend.alarm is not None else ""
    evidence = f"log evidence {trend.log_e:.1f}, alarm at {trend.log_threshold:.1f}"
    lines = [
        f": {evidence}; alpha {alpha:g}, all metrics together",
        f"\n       null {trend.null}, {trend.label}: {trend.assumption}",
    ]
    if trend.earliest is not None:
        lines.append(f"\n       earliest possible alarm: after {trend.earliest} generations")
    if trend.delay is not None:
        lines.append(f"; expected delay at the drift seen: {trend.delay:.0f} or more")
    if trend.single_drop:
        lines.append(
            "\n       what fell is one lasting drop, not a drift: levels that jump both ways would "
            "raise this too; --null symmetric does not count it"
        )
    return Text.assemble(("TREND  ", "bold"), found, where, *lines)


def _law(finding: Finding) -> list[Text]:
    found = finding.law
    lines = []
    if found is not None:
        kept = [law for law in found.laws if law.kept]
        first, last = found.window
        names = ", ".join(law.name for law in kept)
        head = names if len(kept) == 1 else f"CANNOT TELL: {names} all survive"
        lines.append(
            Text.assemble(
                ("LAW    ", "bold"),
                f"{head} (generations {first} to {last}, {_plural(found.runs, 'run')})",
            )
        )
        for law in kept:
            if law.interval is None:
                continue
            word = {"geometric": "rate", "power": "exponent", "plateau": "depth"}[law.name]
            low, high = law.interval
            lines.append(Text(f"       {law.name}: apparent {word} {low:.4g} to {high:.4g} (95 %)"))
        half = found.half
        if half is None:
            lines.append(Text("       the halves of the record disagree: nothing is projected"))
        else:
            lines.append(Text(f"       half of it gone at generation {_generations(half)} (95 %)"))
        if len(kept) > 1:
            runs, last_needed = finding.needed
            needs = [f"{runs} such runs"] * bool(runs)
            needs += [f"{last_needed} generations"] * bool(last_needed)
            what = " or ".join(needs) or "more than a hundred times the record, or a decline"
            lines.append(Text(f"       to tell them apart takes about {what}"))
    elif len(finding.single_laws) > 1:
        lines.append(
            Text.assemble(
                ("LAW    ", "bold"),
                "one by one; only independent runs that begin together are pooled",
            )
        )
    if finding.runs > 1:
        for run, kept_names in finding.single_laws.items():
            lines.append(Text(f"       run {run}: {', '.join(kept_names)}", style="dim"))
    return lines


def monitored(report: Report) -> Group:
    """All findings as panels."""
    panels = []
    for finding in report.findings:
        parts: list[Text] = []
        if finding.losses:
            parts.append(_loss(dict(finding.losses)))
        if finding.trend is not None or finding.law is not None:
            parts.append(_trend(finding, report.alpha))
        parts += _law(finding)
        parts += [Text(f"note   {note}") for note in finding.notes]
        first, last = finding.generations
        where = f"{finding.loop}: " if finding.loop else ""
        runs = _plural(finding.runs, "run")
        title = f"{where}{finding.metric}, {runs}, generations {first} to {last}"
        panels.append(Panel(Group(*parts), title=Text(title), title_align="left"))
    if report.ignored:
        panels.append(Panel(Text(f"columns not read: {', '.join(report.ignored)}")))
    return Group(*panels)


def plot_monitored(report: Report, path: str | Path) -> Path:
    """Draw each metric's heights and its evidence with the threshold, and save the figure.

    Raises
    ------
    InvalidInput
        If Matplotlib is missing, or the place or format cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InvalidInput("plots need Matplotlib; install collapse-theory[plot]") from None
    drawn = [finding for finding in report.findings if finding.trend is not None]
    if not drawn:
        raise InvalidInput("there is no trend to plot: counts alone, or a single generation")
    figure = Figure(figsize=(9, 2.6 * len(drawn)), layout="constrained")
    axes = figure.subplots(len(drawn), 2, squeeze=False)
    for (left, right), finding in zip(axes, drawn, strict=True):
        trend = finding.trend
        assert trend is not None
        begin = finding.generations[0]
        for run in finding.heights:
            left.plot(np.arange(begin, begin + len(run)), run, color="0.6", lw=0.7)
        left.set_ylabel(f"{finding.loop} {finding.metric}".strip() + "\n(scale of the metric)")
        right.plot(np.arange(begin, begin + len(trend.path)), trend.path)
        right.axhline(trend.log_threshold, color="firebrick", ls="--", label="alarm")
        if trend.alarm is not None:
            right.axvline(trend.alarm, color="firebrick", lw=0.8)
        right.set_ylabel("log evidence")
        right.legend()
    for axis in axes[-1]:
        axis.set_xlabel("generation")
    target = Path(path)
    try:
        write_whole(target, lambda file: figure.savefig(file, format=target.suffix[1:] or "png"))
    except ValueError as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"cannot write {target}: {str(error).splitlines()[0]}") from None
    return target
