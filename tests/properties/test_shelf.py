"""Simulation meets theory on the whole shelf: every verdict as expected, every fault found."""

from __future__ import annotations

import pytest

from numerics.checking import check
from numerics.evidence import Verdict
from theory import shelf
from theory.claim import Claim

SALT = "0123abcd"
CLAIMS = shelf.claims()
SIMULATED = [claim for claim in CLAIMS if claim.form != "holds" and claim.limit is None]


def named(claim: Claim) -> str:
    return claim.id


@pytest.mark.parametrize("claim", CLAIMS, ids=named)
def test_the_verdict_is_the_expected_one(claim: Claim) -> None:
    # What is false somewhere has to be looked for; what is true is true at any three points.
    evidence = check(claim, salt=SALT, points=10 if claim.known_false else 3)
    assert evidence.as_expected, f"{evidence.verdict} on {evidence.basis}"
    if claim.exact:
        assert evidence.verdict is not Verdict.INCONCLUSIVE
    if claim.form == "family" and evidence.simulation is not None:
        assert "raw" in {point.method for point in evidence.simulation.points}


@pytest.mark.parametrize(
    "claim", [c for c in SIMULATED if not c.known_false and c.form != "pair"], ids=named
)
def test_every_visible_rival_is_refuted_on_the_claims_own_draws(claim: Claim) -> None:
    evidence = check(claim, salt=SALT, points=2, rivals=True)
    assert evidence.rivals, "a claim without rivals could not be told from a wrong one"
    left = [r.name for r in evidence.rivals if r.promised and not r.refuted]
    assert not left
    assert any(rival.refuted for rival in evidence.rivals)


@pytest.mark.nightly
@pytest.mark.parametrize("claim", CLAIMS, ids=named)
@pytest.mark.parametrize("salt", ["1", "2", "3"])
def test_any_salt_and_more_points_say_the_same(claim: Claim, salt: str) -> None:
    assert check(claim, salt=salt, points=30).as_expected
