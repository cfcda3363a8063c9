"""The table, the document and the picture of a comparison in silos, from the command on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from numerics.cli import main
from numerics.report.silos import interval

SMALL = [
    "silos",
    "-n",
    "30",
    "-t",
    "2",
    "--points",
    "20",
    "-d",
    "3",
    "--silos",
    "3",
    "--seeds",
    "3",
]
SMALL += ["--salt", "c0ffee", "--rule", "local-centroid", "--rule", "scheme-2-barycentre"]


def test_the_command_writes_table_rows_and_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, picture = tmp_path / "rows.json", tmp_path / "silos.png"
    assert main([*SMALL, "--json", str(text), "--plot", str(picture)]) == 0
    shown = capsys.readouterr().out
    assert all(len(line) <= 80 for line in shown.splitlines())
    found = json.loads(text.read_text())
    assert [row["rule"] for row in found["rules"]] == [
        "random",
        "local-centroid",
        "scheme-2-barycentre",
    ]
    # Three silos send a mean, half a covariance and a size, once.
    assert found["rules"][2]["nbytes"] == 3 * 8 * (3 + 6 + 1)
    assert found["rules"][1]["nbytes"] == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    again = tmp_path / "again.json"
    assert main([*SMALL, "--jobs", "2", "--json", str(again)]) == 0
    assert again.read_bytes() == text.read_bytes()
    assert main([*SMALL[:-1], "mahalanobis", "--json", str(again)]) == 0
    assert again.read_bytes() != text.read_bytes()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--rule", "scheme-1"], "no rule 'scheme-1'"),
        (["--seeds", "0"], "1<=x<=10000"),
        (["--heterogeneity", "-1"], "--heterogeneity -1.0; accepted: 0 to 50"),
        (["--temperature", "0"], "--temperature 0.0; accepted: above 0"),
        (["--points", "3"], "3 points; accepted: at least 4"),
        (["-s", "0"], "interpolation = 0.0"),
        (["--plot", "nowhere/x.png"], "there is no folder"),
        (["--plot", "x.docx"], "x.docx is none of"),
        (["--points", "-5"], "x>=2"),
        (["--jobs", "-1"], "1<=x<=1024"),
        (["--heterogeneity", "nan"], "--heterogeneity nan"),
    ],
)
def test_misuse_is_one_line_and_status_two(
    more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SMALL, *more]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_the_interval_is_students() -> None:
    mean, half = interval([1.0, 2.0, 3.0])
    assert (mean, half) == (2.0, pytest.approx(4.302652730 / np.sqrt(3)))
    assert np.isnan(interval([1.0])[1])
