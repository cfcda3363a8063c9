"""``collapse certify``: what verified random points say about the whole domain of a claim."""

from __future__ import annotations

import contextlib
import sys

import click

from numerics.commands.claimfiles import blaming, collect, file_of
from numerics.commands.verdicts import AS_EXPECTED, INCONCLUSIVE, REFUTED, checked_salt
from numerics.evidence import Verdict
from numerics.report.files import check_place, write_text
from numerics.report.structured import json_text
from numerics.report.table import console
from numerics.suite.certificate import Certificate, certify
from numerics.suite.randompoints import LAWS
from theory import __version__
from theory.claim import Claim
from theory.errors import InvalidInput


def _status(claims: tuple[Claim, ...], found: list[Certificate]) -> int:
    refuted = (Verdict.REFUTED, Verdict.VARIANCE_REFUTED)
    odd = [
        (each.verdict in refuted) is (claim.known_false is None)
        for claim, each in zip(claims, found, strict=True)
        if each.verdict is not Verdict.INCONCLUSIVE or claim.known_false is not None
    ]
    if any(odd):
        return REFUTED
    unknown = any(each.verdict is Verdict.INCONCLUSIVE for each in found)
    return INCONCLUSIVE if unknown else AS_EXPECTED


@click.command("certify", short_help="A share of a claim's whole domain, by random points.")
@click.argument("names", metavar="ID | FILE.py | FILE.py::ID...", nargs=-1, required=True)
@click.option("--share", type=float, default=0.99, show_default=True, help="Of the domain.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="In the share.")
@click.option(
    "--measure",
    type=click.Choice(list(LAWS)),
    default="uniform",
    show_default=True,
    help="What the share is a share of.",
)
@click.option("--epsilon", type=float, default=0.01, show_default=True, help="Resolution.")
@click.option(
    "--budget", type=int, default=4_000_000, show_default=True, help="Draws a point, at most."
)
@click.option("--salt", metavar="HEX", help="Repeat the points and the noise of an earlier run.")
@click.option("--jobs", type=int, default=1, show_default=True, help="Processes.")
@click.option("--json", "json_path", metavar="PATH", help="Write JSON; - is standard output.")
def command(
    names: tuple[str, ...],
    share: float,
    confidence: float,
    measure: str,
    epsilon: float,
    budget: int,
    salt: str | None,
    jobs: int,
    json_path: str | None,
) -> int:
    """Certify that claims hold within epsilon on a share of their domains.

    The claims (by ID, or those of FILE.py) are judged at independent random points, 299 by
    default: all VERIFIED certify 99 % of the domain with confidence 95 %.

    Exit status: 0 certified, or known to be false and refuted; 1 a claim refuted, or a claim that
    is known to be false not refuted; 2 misuse; 3 nothing refuted, but not all points verified.
    """
    if jobs < 1:
        raise InvalidInput(f"--jobs takes 1 or more, not {jobs}")
    if json_path not in (None, "-"):
        check_place(str(json_path))
    used = checked_salt(salt)
    claims = collect(names)
    for claim in claims:
        if claim.form == "holds" or claim.limit is not None:
            raise InvalidInput(
                f"{claim.id} is decided by algebra for the whole domain at once; use "
                f"`collapse check`"
            )
    silent = json_path == "-"
    files = [file for file in map(file_of, names) if file is not None]
    quiet = contextlib.redirect_stdout(sys.stderr) if silent else contextlib.nullcontext()
    out = console()
    found: list[Certificate] = []
    with quiet, blaming(files):
        for claim in claims:
            certificate = certify(
                claim,
                share,
                confidence,
                measure=measure,
                salt=used,
                epsilon=epsilon,
                budget=budget,
                jobs=jobs,
            )
            found.append(certificate)
            if not silent:
                out.print(str(certificate), soft_wrap=True)
    if not silent:
        out.print(f"salt {used}")
    if json_path is not None:
        text = json_text(
            {
                "version": __version__,
                "salt": used,
                "certificates": [each.to_json() for each in found],
            }
        )
        if silent:
            click.echo(text, nl=False)
        else:
            write_text(json_path, text)
    return _status(claims, found)
