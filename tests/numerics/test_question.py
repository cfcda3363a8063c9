"""What is asked of the judge about a family at one point: the whole horizon, or its step."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from numerics.evidence import Design
from numerics.question.family import of_family, start_value
from numerics.result import END_TO_END, STEP
from numerics.simulation import simulate
from theory.claim import Claim
from theory.domain import integers
from theory.family import Family
from theory.model import GAUSSIAN
from theory.setting import Setting
from theory.symbols import k, n, t
from theory.vocabulary import Accumulate

OVER = {n: integers(2), t: integers(1)}
UNBIASED = Family(fit="unbiased")
SHRINKING = (1 - 1 / n) ** t


@pytest.mark.parametrize("quantity", GAUSSIAN.quantities)
def test_nothing_happens_is_what_the_quantity_is_before_the_first_generation(quantity):
    setting = Setting(sigma_0=2, dimension=3)
    said = start_value(setting, quantity)
    start = simulate(setting, 0, 1, "c0ffee", quantities=(quantity,)).values[quantity][0, 0]
    assert said is None if quantity == "tail_mass" else said == pytest.approx(start, rel=1e-12)


# The mean that is claimed, and (n, t): kept for ever and so lost in the null, carried by
# trajectories that nobody draws, or neither.
LOST: tuple[Any, ...] = (UNBIASED, sp.Integer(1), 1000, 5)
HEAVY: tuple[Any, ...] = (Family(), SHRINKING, 3, 20)
LIGHT: tuple[Any, ...] = (Family(), SHRINKING, 20, 5)


@pytest.mark.parametrize(
    ("asked", "changes", "proved", "basis"),
    [
        (LOST, {}, True, STEP),
        (HEAVY, {}, True, STEP),
        (LIGHT, {}, True, END_TO_END),
        (LOST, {}, False, END_TO_END),
        (HEAVY, {}, False, END_TO_END),
        ((UNBIASED, sp.Integer(1), 1000, 2), {}, True, END_TO_END),
        (LOST, {"relation": "<="}, True, END_TO_END),
        (LOST, {"family": Family(fit="unbiased", workflow=Accumulate)}, True, END_TO_END),
        (LOST, {"family": Family(fit="unbiased", sizes=n * k)}, True, END_TO_END),
    ],
)
def test_a_step_stands_in_only_where_the_proof_does_the_rest(asked, changes, proved, basis):
    """Proved, an equality, beyond its second generation, and every generation alike."""
    family, mean, size, horizon = asked
    words = {"family": family, "quantity": "variance", "equals": mean, **changes}
    claim = Claim("mine", "s", OVER, **words)
    questions: list[dict[str, Any]] = []

    def judge(draws: Any, **said: Any) -> Any:
        questions.append(said | {"draws": draws("screen", 0, 4000)})
        return None

    at = {"n": size, "t": horizon}
    found = of_family(claim, at, "c0ffee", Design(), judge, proved=proved, first=False)
    assert {each.basis for each in found} == {basis}
    assert [each.at["t"] for each in found] == ([1, 2] if basis == STEP else [horizon])
    for result, question in zip(found, questions, strict=True):
        here = {n: size, t: result.at["t"]}
        assert question["mean"] == result.mean == pytest.approx(float(mean.subs(here)))
        if basis == STEP:  # what is drawn is that generation, and not the first one twice
            spread = question["draws"].std() / 4000**0.5
            assert abs(question["draws"].mean() - question["mean"]) < 5 * spread
