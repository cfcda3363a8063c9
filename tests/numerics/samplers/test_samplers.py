"""Samplers against the moments that their claims state, and against planted wrong ones."""

import ast
import inspect
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from numerics import check, samplers
from numerics.streams import Stream
from theory import shelf
from theory.errors import InvalidInput
from theory.evaluation import evaluate_float
from theory.probes import probes

COUNT = 20_000
LIMIT = 5.0  # standard errors; about 150 decisions, each wrong with probability 6e-7
DRAWN = [claim for claim in shelf.claims() if claim.form == "sampler"]
CLIMBED = [c for c in shelf.claims() if c.form == "trend" and c.family is None]
CLAIMS = [claim for claim in DRAWN if claim.known_false is None]
FALSE = [claim for claim in DRAWN if claim.known_false is not None]
each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
EXACT = [claim for claim in CLAIMS if claim.relation == "=" and claim.slack is None]
# Their variance is the largest under the bound, not that of the draws.
LARGEST_VARIANCE = {"suresh2025.tail-bound", "qiao2026.log-remainder"}


def point_of(claim, index):
    points = list(probes(claim))
    point = dict(points[index % len(points)])
    return {name: point[name] for name in claim.over}


def drawn(claim, point, count=COUNT, stage="moments"):
    rng = Stream("5eed", claim.id, point, stage).generator()
    return samplers.find(claim.id)(rng, count, **point)


def errors_of_mean(x, mean):
    return (x.mean() - mean) / (x.std() / math.sqrt(len(x)))


def errors_of_variance(x, variance):
    centred = (x - x.mean()) ** 2
    return (centred.mean() - variance) / (centred.std() / math.sqrt(len(x)))


def test_every_claim_of_the_sampler_form_has_a_sampler_and_no_other():
    assert set(samplers.SAMPLERS) == {claim.id for claim in (*DRAWN, *CLIMBED)}
    assert set(samplers.PAIRS) == {claim.id for claim in shelf.claims() if claim.form == "pair"}


def test_best_of_n_in_rounds_is_not_best_of_n_times_t():
    """The twin of the shelf's claim on two samplers of one law."""
    tree, quantile = samplers.PAIRS["beirami2024.rounds-law"]
    claim = shelf.find("beirami2024.rounds-law")
    assert check(claim, at={"N": 3, "t": 2}, salt="c0ffee", epsilon=0.02).verdict == "VERIFIED"

    def product(rng, size, *, N, t):
        return quantile(rng, size, N=N * t, t=1)

    wrong = replace(claim, id="mine", draw=tree, draw_other=product)
    assert check(wrong, at={"N": 3, "t": 2}, salt="c0ffee", epsilon=0.02).verdict == "REFUTED"


def measured(claim, point, count=COUNT):
    """Errors of the mean (towards what the claim excludes) and of the variance, in their sd."""
    x = drawn(claim, point, count)
    assert x.shape == (count,)
    assert np.isfinite(x).all()
    mean = evaluate_float(claim.mean, point)
    slack = 0.0 if claim.slack is None else evaluate_float(claim.slack, point)
    above = errors_of_mean(x, mean + slack)
    below = -errors_of_mean(x, mean - slack)
    excess = {"=": max(above, below), "<=": above, ">=": below}[claim.relation]
    if claim.variance is None or claim.id in LARGEST_VARIANCE:
        return excess, 0.0
    return excess, abs(errors_of_variance(x, evaluate_float(claim.variance, point)))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
@pytest.mark.parametrize("index", [0, 2])
def test_the_moments_are_those_of_the_claim(claim, index):
    excess, spread = measured(claim, point_of(claim, index))
    assert excess < LIMIT
    assert spread < LIMIT


@pytest.mark.parametrize("claim", EXACT, ids=lambda claim: claim.id)
def test_wrong_moments_would_be_noticed(claim):
    point = point_of(claim, 2)
    x = drawn(claim, point, 4 * COUNT)
    mean, variance = (evaluate_float(e, point) for e in (claim.mean, claim.variance))
    assert abs(errors_of_mean(x, mean + 0.1 * math.hypot(mean, math.sqrt(variance)))) > LIMIT
    assert abs(errors_of_variance(x, 1.5 * variance)) > LIMIT


@pytest.mark.parametrize("claim", FALSE, ids=lambda claim: claim.id)
def test_what_is_known_to_be_false_fails_where_it_is_probed(claim):
    # As many draws as it takes: some samplers cost a thousand times what others do.
    assert any(
        measured(claim, point_of(claim, index), count)[0] > LIMIT
        for count in (COUNT // 4, 5 * COUNT)
        for index in range(4)
    )


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.relation != "="], ids=lambda c: c.id)
def test_an_inequality_turned_round_would_be_noticed(claim):
    # Every bound of the shelf is strict at this point, by more than the noise of these draws.
    point = point_of(claim, 0)
    mean, sign = evaluate_float(claim.mean, point), {"<=": -1, ">=": 1}[claim.relation]
    samples = (drawn(claim, point, count) for count in (COUNT // 4, 2 * COUNT, 20 * COUNT))
    # A rare event that was not seen yet says nothing.
    assert any(x.std() > 0 and sign * errors_of_mean(x, mean) > LIMIT for x in samples)


@pytest.mark.parametrize("claim", CLIMBED, ids=lambda claim: claim.id)
@pytest.mark.parametrize("rung", [0, 1])
def test_the_variance_at_a_rung_keeps_to_its_bound(claim, rung):
    symbol, ladder = claim.along
    point = {**point_of(claim, 2), symbol.name: ladder[rung]}
    assert set(list(inspect.signature(samplers.find(claim.id)).parameters)[2:]) == set(point)
    x, bound = drawn(claim, point, COUNT // 4), evaluate_float(claim.variance, point)
    assert errors_of_variance(x, bound) < LIMIT
    assert errors_of_variance(x, bound / 25) > LIMIT


@each_claim
def test_replicates_are_independent_and_repeatable(claim):
    point = point_of(claim, 1)
    x = drawn(claim, point)
    assert (x == drawn(claim, point)).all()
    assert (x != drawn(claim, point, stage="other")).any()
    lagged = np.corrcoef(x[:-1], x[1:])[0, 1]
    assert abs(lagged) < LIMIT / math.sqrt(COUNT)


def test_dependence_would_be_noticed():
    x = np.repeat(drawn(CLAIMS[0], point_of(CLAIMS[0], 1), COUNT // 2), 2)
    assert abs(np.corrcoef(x[:-1], x[1:])[0, 1]) > LIMIT / math.sqrt(COUNT)


@each_claim
def test_a_sampler_takes_the_symbols_of_its_claim(claim):
    named = list(inspect.signature(samplers.find(claim.id)).parameters)[2:]
    assert set(named) == set(claim.over)


def test_an_unknown_id_gets_one_line():
    with pytest.raises(InvalidInput, match=r"close: folklore\.det"):
        samplers.find("folklore.dett")


def strangers(source):
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {
        name
        for name in found
        if name.startswith("theory")
        and name not in ("theory.setting", "theory.model", "theory.errors", "theory.vocabulary")
    }


@pytest.mark.parametrize("path", sorted(Path(samplers.__file__).parent.glob("*.py")), ids=str)
def test_a_sampler_knows_no_formula(path):
    assert strangers(path.read_text(encoding="utf-8")) == set()


def test_a_formula_in_a_sampler_would_be_noticed():
    assert strangers("from theory.selection import kappa_population")
    assert strangers("import theory.shelf")
