"""Anchors of other packages: registered where those are installed, and right there."""

from __future__ import annotations

import importlib.util
import sys
from contextlib import nullcontext
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from numerics.streams import Stream
from numerics.wasserstein import geomloss, lapx
from numerics.wasserstein.registry import estimators, find
from numerics.wasserstein.sinkhorn import solve, squared_distances
from numerics.wasserstein.truths import general_truth


def samples() -> tuple[Any, Any]:
    rng = Stream("c0ffee", "anchors").generator()
    return rng.standard_normal((60, 3)), 1.5 * rng.standard_normal((60, 3)) + 1


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("lapx", "lap"),
        ("ott-sinkhorn-divergence", "ott"),
        ("geomloss-sinkhorn-divergence", "geomloss"),
    ],
)
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


# geomloss comes down to epsilon in one pass and stops there.
@pytest.mark.parametrize(("module", "near"), [("ott", 1e-6), ("geomloss", 1e-4)])
def test_their_divergence_agrees_with_ours(module: str, near: float) -> None:
    pytest.importorskip(module)
    x, y = samples()
    theirs, ours = find(f"{module}-sinkhorn-divergence")(x, y), find("sinkhorn-divergence")(x, y)
    assert theirs.converged
    assert theirs.value == pytest.approx(ours.value, rel=near)


class Held(np.ndarray[Any, Any]):
    """An array that has to be fetched from where it is held."""

    def cpu(self) -> Any:
        return np.asarray(self)


class StandIn:
    """SamplesLoss as geomloss documents it: the cost |x - y|^2 / 2, the temperature blur^2."""

    stops_early = False

    def __init__(self, loss: str, *, blur: float, debias: bool = True, **rest: Any) -> None:
        assert (loss, rest["p"]) == ("sinkhorn", 2)
        self.epsilon, self.debias, self.potentials = blur**2, debias, rest.get("potentials", False)

    def __call__(self, x: Any, y: Any) -> Any:
        def half(p: Any, q: Any) -> Any:
            a, b = np.full(len(p), 1 / len(p)), np.full(len(q), 1 / len(q))
            most = 1 if self.stops_early else 5000
            return solve(squared_distances(p, q) / 2, a, b, self.epsilon, most=most)

        between = half(x, y)
        if self.potentials:
            return between.f.view(Held), between.g.view(Held)
        return between.value - self.debias * (half(x, x).value + half(y, y).value) / 2


@pytest.mark.parametrize(("card", "device"), [(True, "cuda"), (False, "cpu")])
def test_geomloss_is_read_in_our_units(
    card: bool, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = samples()
    torch, package = ModuleType("torch"), ModuleType("geomloss")
    placed = []

    def as_tensor(values: Any, device: str) -> Any:
        placed.append(device)
        return values

    # SciPy asks a loaded torch for its Tensor.
    torch.__dict__.update(
        as_tensor=as_tensor,
        no_grad=nullcontext,
        Tensor=type("Tensor", (), {}),
        cuda=SimpleNamespace(is_available=lambda: card),
    )
    package.__dict__["SamplesLoss"] = StandIn
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "geomloss", package)
    ours, theirs = find("sinkhorn-divergence")(x, y), geomloss.divergence(x, y)
    assert placed == [device, device]
    assert theirs.converged
    assert theirs.value == pytest.approx(ours.value, rel=1e-6)
    # The twins: another temperature, and a way that ends too early.
    assert geomloss.divergence(x, y, ratio=0.25).value != pytest.approx(ours.value, rel=1e-2)
    monkeypatch.setattr(StandIn, "stops_early", True)
    early = geomloss.divergence(x, y)
    assert not early.converged
    assert "marginals off" in early.note


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
