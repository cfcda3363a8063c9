"""Workflow x fit x selection x quantity: every cell certified, a recursion, or an honest none."""

import pytest

from theory import support
from theory.derivation import derive
from theory.derived import Derivation, NoClosedForm
from theory.family import Family
from theory.support import families, form_of
from theory.symbols import d
from theory.vocabulary import (
    QUANTITIES,
    Accumulate,
    AccumulateSubsample,
    FixedReal,
    FreshReal,
    KeepAll,
    Replace,
    TopFraction,
)

GRID = [
    (name, family, quantity)
    for dimension in (1, d)
    for name, family in families(dimension)
    for quantity in QUANTITIES
]


def label(item: object) -> str:
    if isinstance(item, Family):
        return f"{item.workflow.name}-{item.fit}-d{item.dimension}"
    return str(item)


@pytest.mark.parametrize(("name", "family", "quantity"), GRID, ids=label)
def test_cell(name: str, family: Family, quantity: str) -> None:
    found = derive(family, quantity)
    if isinstance(found, Derivation):
        assert "substitution" not in found.certificate
        assert any("30 digits" in text for text in found.certificate) or (
            found.form == "matrix-power"
        )
        assert not found.closed_form.has(float("nan"))
        return
    assert isinstance(found, NoClosedForm)
    assert found.reason
    assert "certificate" not in found.reason  # no solver of ours is wrong anywhere on the grid


def closed(workflow: type, quantity: str, fit: str = "mle", **more: object) -> bool:
    family = Family(workflow=workflow, fit=fit, **more)  # type: ignore[arg-type]
    return isinstance(derive(family, quantity), Derivation)


@pytest.mark.parametrize("fit", ["mle", "unbiased"])
def test_cells_that_the_design_names(fit: str) -> None:
    selections = [
        {"selection": KeepAll},
        {"selection": TopFraction, "law": "population"},
        {"selection": TopFraction, "law": "n-of-N"},
    ]
    for more in selections:
        for quantity in ("variance", "squared_drift"):
            for workflow in (Replace, Accumulate, AccumulateSubsample, FreshReal, FixedReal):
                assert closed(workflow, quantity, fit, dimension=d, **more)
        assert closed(Replace, "variance_squared", fit, dimension=d, **more)
        assert closed(Accumulate, "variance_squared", fit, **more)
    for quantity in ("log_variance", "log_det", "kl_model_to_start", "squared_w2"):
        assert closed(Replace, quantity, fit)
    assert closed(Replace, "log_det", fit, dimension=d)
    assert closed(Replace, "kl_model_to_start", fit, dimension=d)
    assert closed(Accumulate, "log_variance", fit)


def test_forms_of_the_design() -> None:
    assert form_of(Family(), "variance") == "power"
    assert form_of(Family(), "squared_drift") == "geometric"
    assert form_of(Family(workflow=Accumulate), "variance") == "gamma"
    assert form_of(Family(workflow=AccumulateSubsample), "variance") == "gamma"
    assert form_of(Family(workflow=FreshReal), "variance") == "eigenvalue"
    assert form_of(Family(workflow=FixedReal, fit="unbiased"), "variance") == "eigenvalue"
    assert form_of(Family(dimension=d), "variance_squared") == "eigenvalue"
    assert form_of(Family(), "log_variance") == "digamma"
    assert form_of(Family(workflow=Accumulate), "log_variance") == "sum"
    assert form_of(Family(selection=TopFraction), "log_variance") == "none"
    assert form_of(Family(), "tail_mass") == "none"


def test_support_table_is_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its place in the table tells a cell's family; what is derived there, `test_cell` tells."""

    def told(family: Family, quantity: str) -> str:
        return f"{family.workflow.name} {family.fit} {family.law} {family.dimension} {quantity}"

    monkeypatch.setattr(support, "form_of", told)
    cells = support.support_table()
    assert len(set(cells)) == len(GRID) // 2
    laws = {"keep-all": None, "top-fraction (population)": "population"}
    for cell in cells:
        law = laws.get(cell.selection, "n-of-N")
        for shown, dimension in ((cell.line, 1), (cell.any_dimension, d)):
            place = f"{cell.workflow} {cell.fit} {law} {dimension} {cell.quantity}"
            assert shown == place
    assert {cell.quantity for cell in cells} == set(QUANTITIES)
