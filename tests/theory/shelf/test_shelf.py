"""The shelf as a whole: complete, well formed, findable, and independent of the derivation."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

from theory import shelf
from theory.errors import InvalidInput
from theory.probes import probes
from theory.shelf._entries import ENTRIES, PARTLY, WITHOUT

KNOWN_FALSE = {
    "shumailov2024.w2-unbounded",
    "shumailov2024.w2-linear-growth",
    "xu2025.superlinear-suffices",
    "dey2024.equality",
    "qiao2026.theorem-1-accumulate",
    "qiao2026.theorem-1-replace",
    "qiao2026.theorem-2-monotone",
    "qiao2026.theorem-2-closed-form",
    "qiao2026.theorem-2-soft",
    "dey2024.exponential-bound",
    "bertrand2024.mixture-necessary",
    "gerstgrasser2024.accumulate-fresh-equality",
    "seddik2024.upper-informative",
    "suresh2025.symbol-upper-informative",
    "kimura1969.diffusion",
    "kimura1969.bound-everywhere",
    "decruyenaere2024.student-corrected",
    "reiter2003.any-size",
    "angelopoulos2023.plain-weight",
    "derived.anchored-floor-general",
    "derived.round-determinant",
    "qiao2026.proxies-help",
}
ALLOWED = {
    "theory.errors",
    "theory.claim",
    "theory.domain",
    "theory.family",
    "theory.model",
    "theory.named",
    "theory.selection",
    "theory.special",
    "theory.symbols",
    "theory.vocabulary",
}
CLAIMS = shelf.claims()
FOLDER = Path(shelf.__file__).parent
each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)


def imports_of(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def strangers(source: str) -> set[str]:
    return {
        name
        for name in imports_of(source)
        if name.split(".")[0] in ("theory", "numerics")
        and name not in ALLOWED
        and not name.startswith("theory.shelf.")
    }


def unaccounted(shelved, entries, without):
    """Entries without claim or reason, with both, and claims of entries that there are not."""
    return {
        "silent": set(entries) - shelved - set(without),
        "both": shelved & set(without),
        "unknown": (shelved | set(without)) - set(entries),
    }


def test_every_entry_of_the_catalogue_has_a_claim_or_a_reason():
    shelved = {claim.entry for claim in CLAIMS}
    assert not any(unaccounted(shelved, ENTRIES, WITHOUT).values())
    assert set(PARTLY) <= shelved


def test_an_entry_that_is_not_accounted_for_would_be_noticed():
    entries = {"A1": "", "A2": "", "A3": ""}
    found = unaccounted({"A1", "A2", "A9"}, entries, {"A2": "both"})
    assert found == {"silent": {"A3"}, "both": {"A2"}, "unknown": {"A9"}}


def test_ids_are_unique_and_bear_the_name_of_their_file():
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)
    for module in pkgutil.iter_modules([str(FOLDER)]):
        if module.name.startswith("_"):
            continue
        claims = importlib.import_module(f"theory.shelf.{module.name}").CLAIMS
        assert claims, module.name
        assert {claim.id.split(".")[0] for claim in claims} == {module.name.split("_")[0]}


@each_claim
def test_a_claim_says_what_it_states_and_where_it_stands(claim):
    assert claim.reference is not None
    assert claim.title
    assert claim.statement.endswith(".")
    assert claim.draw is None  # samplers of the shelf are kept apart from its formulas
    if claim.form == "sampler":  # a bound on what is bounded needs no variance
        inequality = claim.relation != "=" or claim.slack is not None
        assert claim.variance is not None or (claim.bounds is not None and inequality)


@each_claim
def test_the_domain_of_a_claim_has_points(claim):
    if claim.over:
        assert list(probes(claim))


def test_what_is_known_to_be_false_says_why():
    assert {claim.id for claim in CLAIMS if claim.known_false} == KNOWN_FALSE


def test_only_recollections_and_seen_texts_are_cited_by_theorem():
    # A theorem number is quoted only where the statement itself was read.
    assert {claim.reference.arxiv for claim in CLAIMS if claim.reference.locator} == {"2412.17646"}


def test_a_control_variate_is_certified_by_a_claim_of_its_own():
    controlled = [claim for claim in CLAIMS if claim.control]
    assert len(controlled) >= 8
    for claim in controlled:
        control = shelf.find(claim.control)
        assert control.form == "sampler"
        assert control.relation == "="
        assert control.known_false is None


def test_an_unknown_id_gets_one_line_with_what_comes_close():
    with pytest.raises(InvalidInput) as caught:
        shelf.find("kazdan2025.acumulate")
    assert "kazdan2025.accumulate" in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(InvalidInput, match="the shelf has"):
        shelf.find("zzz")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_the_shelf_never_imports_the_derivation(path):
    assert strangers(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "line",
    [
        "from theory.derivation import derive",
        "import theory.step",
        "from theory.evaluation import evaluate",
        "from numerics import samplers",
    ],
)
def test_an_import_of_the_derivation_would_be_noticed(line):
    assert strangers(line)
