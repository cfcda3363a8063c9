"""Verdicts for programs: JSON text, and a LaTeX table to cite them by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from numerics.report.wording import count, label
from numerics.result import Evidence, document
from theory import __version__

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "_": r"\_",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "$": r"\$",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def json_text(value: Any) -> str:
    """Plain values as JSON text with a closing line end; equal values give equal bytes.

    Examples
    --------
    >>> json_text({"a": 1})
    '{\\n  "a": 1\\n}\\n'
    """
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def verdicts_json(results: Sequence[Evidence], salt: str) -> str:
    """The stable JSON of a run: no times and no job counts, so one salt gives one text."""
    return json_text(document(salt, list(results)))


def latex_escape(text: str) -> str:
    r"""Text that LaTeX sets as it stands.

    Examples
    --------
    >>> print(latex_escape("a_b at 1%"))
    a\_b at 1\%
    """
    return text.translate(_LATEX)


def verdicts_latex(results: Sequence[Evidence], salt: str) -> str:
    """A `booktabs` table of verdicts; its first line tells how to reach them again.

    Parameters
    ----------
    results
        What was checked.
    salt
        The salt of the run.
    """
    lines = [
        f"% collapse-theory {__version__}, salt {salt}",
        r"\begin{tabular}{lllll}",
        r"\toprule",
        r"Claim & Verdict & $\varepsilon$ & Basis & Draws \\",
        r"\midrule",
    ]
    for each in results:
        simulation = each.simulation
        epsilon = "--" if simulation is None else rf"{100 * simulation.epsilon:.3g}\,\%"
        draws = "--" if simulation is None else count(simulation.draws)
        name = rf"\texttt{{{latex_escape(each.claim.id)}}}"
        cells = (name, latex_escape(label(each)), epsilon, latex_escape(each.basis), draws)
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])
