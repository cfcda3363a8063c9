"""``collapse claims``: the catalogue of published claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from rich.padding import Padding
from rich.text import Text

from numerics.report.files import write_text
from numerics.report.structured import json_text
from numerics.report.table import console
from theory import shelf
from theory.claim import Claim


def kind(claim: Claim) -> str:
    """What is known of a claim: exact, a bound, a limit, or false."""
    if claim.known_false is not None:
        return "known to be false"
    if claim.limit is not None:
        return "limit"
    if claim.form == "holds":
        return "deterministic"
    if claim.form == "trend":
        return "order" if claim.exponent is None else "exponent"
    if claim.certificate is not None:
        return "almost sure limit"
    if claim.relation != "=":
        return "bound"
    return "exact" if claim.exact else "asymptotic, with a proved remainder"


def entry(claim: Claim) -> Mapping[str, Any]:
    """One claim as plain values."""
    return {
        "id": claim.id,
        "title": claim.title,
        "reference": None if claim.reference is None else str(claim.reference),
        "statement": claim.statement,
        "kind": kind(claim),
        "over": {name: str(domain) for name, domain in claim.over.items()},
    }


@click.command("claims", short_help="The catalogue: id, paper, statement.")
@click.option("--json", "json_path", metavar="PATH", help="Write JSON; - is standard output.")
def command(json_path: str | None) -> int:
    """List the catalogue of published claims: id, paper and statement."""
    claims = tuple(shelf.claims())
    if json_path is not None:
        text = json_text([entry(claim) for claim in claims])
        if json_path == "-":
            click.echo(text, nl=False)
            return 0
        write_text(json_path, text)
    out = console()
    for claim in claims:
        out.print(Text.assemble((claim.id, "bold"), f"  [{kind(claim)}]"))
        if claim.reference is not None:
            out.print(Padding(Text(str(claim.reference)), (0, 0, 0, 4)))
        out.print(Padding(Text(claim.statement), (0, 0, 0, 4)))
    out.print(f"\n{len(claims)} claims. Check one: collapse check ID")
    return 0
