"""What a run of tests says of its claims: a table on the terminal, and JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numerics.suite.lock import replace_text

STYLES = {
    "VERIFIED": "green",
    "PROVED": "green",
    "INCONCLUSIVE": "yellow",
    "REFUTED": "red",
    "VARIANCE REFUTED": "red",
}

Tests = Mapping[str, Sequence[Mapping[str, Any]]]


def rows(tests: Tests) -> list[tuple[str, ...]]:
    """Cells of the table: claim, verdict, epsilon, points, draws, rivals killed.

    Examples
    --------
    >>> rows({"test_a.py::test_a": [{"claim": "mine", "verdict": "VERIFIED", "coarse": True,
    ...     "epsilon": 0.01, "smallest_epsilon": 0.0098, "points": 3, "draws": 1234567,
    ...     "rivals": ["null", "n-1"], "rivals_refuted": ["n-1"]}]})
    [('mine', 'VERIFIED (coarse)', '0.01', '3', '1.2M', '1/2')]
    """
    found: list[tuple[str, ...]] = []
    for _, claims in sorted(tests.items()):
        for each in claims:
            verdict = each["verdict"]
            coarse = each["coarse"] and verdict == "VERIFIED"
            rivals = each["rivals"]
            found.append(
                (
                    each["claim"],
                    f"{verdict} (coarse)" if coarse else verdict,
                    _epsilon(each),
                    str(each["points"]),
                    _count(each["draws"]),
                    f"{len(each['rivals_refuted'])}/{len(rivals)}" if rivals else "",
                )
            )
    return found


def _epsilon(claim: Mapping[str, Any]) -> str:
    asked, reached = claim["epsilon"], claim["smallest_epsilon"]
    if asked is None:
        return ""
    if reached is not None and reached > asked:
        return f"{reached:.2g} of {asked:g}"
    return f"{asked:g}"


def _count(draws: int) -> str:
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if draws >= size:
            return (
                f"{draws / size:.3g}{unit}" if draws >= 10 * size else f"{draws / size:.1f}{unit}"
            )
    return str(draws)


def table(tests: Tests, width: int, *, color: bool) -> str:
    """The table as text of at most `width` columns."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False)
    for heading, right in (
        ("claim", False),
        ("verdict", False),
        ("epsilon", True),
        ("points", True),
        ("draws", True),
        ("rivals killed", True),
    ):
        drawn.add_column(
            heading,
            justify="right" if right else "left",
            overflow="fold",
            no_wrap=heading != "claim",
        )
    for claim, verdict, *others in rows(tests):
        style = STYLES.get(verdict.removesuffix(" (coarse)"), "")
        drawn.add_row(Text(claim), Text(verdict, style), *others)
    out = io.StringIO()
    Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
    ).print(drawn)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def counts(tests: Tests) -> dict[str, int]:
    """Claims by verdict."""
    found = dict.fromkeys(STYLES, 0)
    for claims in tests.values():
        for each in claims:
            found[each["verdict"]] = found.get(each["verdict"], 0) + 1
    return found


def write_json(path: str | Path, head: Mapping[str, Any], tests: Tests) -> None:
    """Write the report: the head, the claims of every test, and the counts by verdict."""
    listed = [
        {"test": name, "claims": [_public(each) for each in claims]}
        for name, claims in sorted(tests.items())
    ]
    body = {**head, "tests": listed, "summary": counts(tests)}
    replace_text(Path(path), json.dumps(body, indent=2, allow_nan=False) + "\n")


def _public(claim: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in claim.items() if key not in ("pooled", "log_e", "content")}
