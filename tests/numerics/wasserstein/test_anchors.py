"""Anchors of other packages: registered where those are installed, and right there."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from numerics.streams import Stream
from numerics.wasserstein import lapx
from numerics.wasserstein.registry import estimators, find
from numerics.wasserstein.truths import general_truth


def samples() -> tuple[Any, Any]:
    rng = Stream("c0ffee", "anchors").generator()
    return rng.standard_normal((60, 3)), 1.5 * rng.standard_normal((60, 3)) + 1


@pytest.mark.parametrize(("name", "module"), [("lapx", "lap"), ("ott-sinkhorn-divergence", "ott")])
def test_an_anchor_is_there_exactly_where_its_package_is(name: str, module: str) -> None:
    assert (name in estimators()) == (importlib.util.find_spec(module) is not None)


def test_the_assignment_of_lapx_is_read_from_its_partners(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = samples()
    stand_in = ModuleType("lap")
    monkeypatch.setitem(sys.modules, "lap", stand_in)
    partners: dict[str, Any] = {}

    def lapjv(cost: Any) -> tuple[float, Any, Any]:
        rows, columns = linear_sum_assignment(cost)
        return float(cost[rows, columns].sum()), partners.get("columns", columns), rows

    monkeypatch.setattr(stand_in, "lapjv", lapjv, raising=False)
    assert lapx.assignment(x, y) == pytest.approx(find("assignment")(x, y).value, rel=1e-12)
    # The twin: partners that are not the cheapest are not mended.
    partners["columns"] = np.arange(60)
    assert lapx.assignment(x, y) > 1.1 * find("assignment")(x, y).value


def test_lapx_agrees_with_scipy() -> None:
    pytest.importorskip("lap")
    x, y = samples()
    assert find("lapx")(x, y).value == pytest.approx(find("assignment")(x, y).value, rel=1e-10)


def test_ott_agrees_with_our_divergence() -> None:
    pytest.importorskip("ott")
    x, y = samples()
    theirs, ours = find("ott-sinkhorn-divergence")(x, y), find("sinkhorn-divergence")(x, y)
    assert theirs.converged
    assert theirs.value == pytest.approx(ours.value, rel=1e-6)


def test_the_corrected_divergence_is_between_the_blurred_one_and_the_truth() -> None:
    def errors(family: str) -> dict[str, float]:
        known = general_truth(family, 5, 0, "anchors")
        draw = known.sample(Stream("c0ffee", f"corrected {family}").generator(), 400, 400)
        words = ("sinkhorn-corrected", "sinkhorn-divergence", "gaussian-jackknife")
        return {w: abs(find(w)(draw.x, draw.y).value / known.squared_w2 - 1) for w in words}

    plain, bent = errors("gauss"), errors("cubic")
    assert plain["sinkhorn-corrected"] < plain["sinkhorn-divergence"] / 2
    assert bent["sinkhorn-corrected"] < bent["gaussian-jackknife"] / 2
    # The twin: on Gaussian laws the Gaussian part has nothing to be corrected for.
    assert plain["gaussian-jackknife"] < plain["sinkhorn-corrected"]
