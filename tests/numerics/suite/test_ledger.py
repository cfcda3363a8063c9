"""The ledger: finds small errors over many runs, accuses nobody else, loses nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from numerics.evidence import Design
from numerics.streams import Stream
from numerics.suite.ledger import CLAIMS, LIFETIME, THRESHOLD, Ledger, LedgerError
from numerics.suite.plan import Plan
from numerics.suite.pooling import COUNT, added, pooled
from numerics.suite.prelude import Subject
from numerics.suite.record import Record
from numerics.suite.settlement import settle
from theory import Claim, integers

ROOT = Path(__file__).parents[3]
n = sp.Symbol("n", integer=True, positive=True)


def claim(factor=1.0):
    """One fit by maximum likelihood at n from 5 to 60; `factor` plants an error of the mean."""
    return Claim(
        "mine.step",
        "E s^2 = 1 - 1/n",
        {n: integers(5, 60)},
        mean=(1 - 1 / n) * sp.Rational(str(factor)),
        variance=2 * (n - 1) / n**2,
        draw=lambda rng, size, n: rng.chisquare(n - 1, size) / n,
    )


DESIGN = Design(budget=10_000)


def run(subject, number, points=10):
    """A CI-sized run: ten points, ten thousand draws each; what it adds to the ledger."""
    plan = Plan(f"run-{number}", pooled=True)
    record = Record("test", plan)
    sizes = Stream(plan.salt, "points").generator().integers(5, 61, points).tolist()
    for size in dict.fromkeys(sizes):
        at = {"n": size}
        record.judged(subject.text, size, lambda at=at: subject.judge(at, plan, DESIGN))
    (described,) = settle(record).claims
    return described


def runs_until_accused(subject, history, limit):
    """Runs after which the ledger accuses the claim; None if it does not within the limit."""
    total = [0.0] * COUNT
    for i in range(limit):
        found = run(subject, f"{history}-{i}")
        assert found["verdict"] in ("VERIFIED", "INCONCLUSIVE")
        total = added([total, found["pooled"]])
        if pooled(total) >= THRESHOLD:
            return i + 1
    return None


def test_a_planted_error_of_three_in_a_thousand_is_found():
    found = runs_until_accused(Subject(claim(1.003)), "small", 40)
    assert found is not None
    assert found > 1


def test_the_correct_claim_is_not_accused():
    subject = Subject(claim())
    for history in range(2):
        assert runs_until_accused(subject, f"right-{history}", 5) is None


@pytest.mark.nightly
def test_a_planted_error_is_found_in_every_history_nightly():
    found = [runs_until_accused(Subject(claim(1.003)), f"small-{i}", 60) for i in range(20)]
    assert None not in found
    assert 3 <= np.median(found) <= 25


@pytest.mark.nightly
def test_the_correct_claim_is_never_accused_over_100_histories_of_30_runs_nightly():
    subject = Subject(claim())
    assert [runs_until_accused(subject, f"right-{i}", 30) for i in range(100)] == [None] * 100


def crossings(level, histories=1200, runs=60):
    """Random walks with the law of log e-values of a right claim; how many ever cross."""
    rng = Stream("ledger", "walks").generator()
    count = 0
    effects = np.array([0.1, 0.2, 0.4, 0.8])
    for _ in range(histories):
        gains = rng.standard_normal(runs)[:, None] * np.concatenate([effects, -effects])
        walks = np.cumsum(gains - np.tile(effects, 2) ** 2 / 2, axis=0)
        count += max(pooled(row) for row in walks) >= level
    return count


def test_lifetime_evidence_obeys_ville():
    assert crossings(np.log(20)) <= 1200 * 0.05 + 4 * np.sqrt(1200 * 0.05 * 0.95)


def test_twin_the_largest_effect_alone_would_cross_more_often():
    """Half a threshold is crossed more often than the bound of the whole one allows."""
    assert crossings(np.log(20) / 4) > 1200 * 0.05 + 4 * np.sqrt(1200 * 0.05 * 0.95)


def test_the_threshold_is_one_lifetime_error_for_all_claims():
    assert pytest.approx(LIFETIME) == CLAIMS * np.exp(-THRESHOLD)


@pytest.mark.parametrize(("margin", "accuses"), [(-0.1, False), (0.1, True)])
def test_points_accuse_together_at_the_threshold_of_a_confirmed_refutation(margin, accuses):
    """Of the evidence for one effect in eight, of which the points apart keep one half."""
    plan = Plan("c0ffee", pooled=True)
    record, subject = Record("test", plan), Subject(claim())
    wanted = Design().L + Design().C + np.log(2 * COUNT) + margin
    evidence = (*[-1e3] * 2, wanted / 2, *[-1e3] * (COUNT - 3))
    for size in (9, 10):
        (found,) = subject.judge({"n": size}, plan, DESIGN)
        told = replace(found, pooled=evidence)
        record.judged(subject.text, size, lambda told=told: (told,))
    accusation = settle(record).accusation
    assert bool(accusation) is accuses
    if accuses:
        assert "REFUTED by its points together" in accusation
        assert "+0.40%" in accusation


def test_evidence_of_one_salt_is_never_multiplied_twice(tmp_path):
    file = tmp_path / "l.json"
    for _ in range(3):
        Ledger.update(file, [("c", "mine", "salt", [5.0] * COUNT)])
    assert Ledger.read(file).standing("c").log_e == pytest.approx(5.0)
    Ledger.update(file, [("c", "mine", "other", [5.0] * COUNT)])
    assert Ledger.read(file).standing("c").log_e == pytest.approx(10.0)
    assert pooled(Ledger.read(file).prior("salt")["c"]) == pytest.approx(5.0)


def test_an_edited_claim_begins_again(tmp_path):
    first, second = (run(Subject(claim(factor)), 1) for factor in (1.0, 1.003))
    assert first["content"] != second["content"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "l.json"
    Ledger.update(path, [("c", "mine", f"run-{i}", [0.1 * i] * COUNT) for i in range(5)])
    return path


def test_a_truncated_file_is_refused_wherever_it_ends(file):
    whole = file.read_text()
    for end in range(0, len(whole) - 2, 97):
        file.write_text(whole[:end])
        with pytest.raises(LedgerError, match=r"truncated|foreign|checksum"):
            Ledger.read(file)
        with pytest.raises(LedgerError):
            Ledger.update(file, [])
        assert file.read_text() == whole[:end]
    file.write_text(whole)
    assert Ledger.read(file).standing("c").runs == 5


def test_a_changed_number_is_refused(file):
    file.write_text(file.read_text().replace("0.2", "0.3", 1))
    with pytest.raises(LedgerError, match="checksum"):
        Ledger.read(file)


@pytest.mark.parametrize("foreign", ["[]", '{"format": "other"}', "a,b\n1,2\n", '"text"', "3"])
def test_a_foreign_file_is_refused_and_left_as_it_is(tmp_path, foreign):
    path = tmp_path / "foreign.json"
    path.write_text(foreign)
    with pytest.raises(LedgerError, match=r"foreign|truncated"):
        Ledger.update(path, [("c", "mine", "run", [0.0] * COUNT)])
    assert path.read_text() == foreign


def test_binary_and_other_versions_are_refused(file):
    found = json.loads(file.read_text())
    found["effects"] = [0.5]
    file.write_text(json.dumps(found))
    with pytest.raises(LedgerError, match="another version"):
        Ledger.read(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LedgerError, match="cannot be read"):
        Ledger.read(file)


def test_vectors_that_are_no_evidence_are_refused():
    for vector in ([0.0], [float("nan")] * COUNT):
        with pytest.raises(LedgerError):
            Ledger().add("c", "mine", "run", vector)


def test_infinite_evidence_survives_the_file(tmp_path):
    path = tmp_path / "l.json"
    Ledger.update(path, [("c", "mine", "run", [float("inf"), *[0.0] * (COUNT - 1)])])
    assert Ledger.read(path).standing("c").accused


WRITER = """
import sys
from numerics.suite.ledger import COUNT, Ledger
for i in range(15):
    Ledger.update(sys.argv[1], [("c", "mine", f"{sys.argv[2]}-{i}", [0.01] * COUNT)])
"""


def test_concurrent_writers_lose_nothing(tmp_path):
    path = tmp_path / "l.json"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(i)], cwd=ROOT)
        for i in range(3)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert Ledger.read(path).standing("c").runs == 45
    assert sorted(each.name for each in tmp_path.iterdir()) == ["l.json", "l.json.lock"]


def test_ledgers_that_grew_apart_merge_without_loss(tmp_path):
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    Ledger.update(one, [("c", "mine", "a", [1.0] * COUNT), ("d", "other", "a", [1.0] * COUNT)])
    Ledger.update(two, [("c", "mine", "a", [0.5] * COUNT), ("c", "mine", "b", [1.0] * COUNT)])
    merged = Ledger.merge_files(one, two)
    assert Ledger.read(one).text() == merged.text()
    assert {key: len(entry.runs) for key, entry in merged.entries.items()} == {"c": 2, "d": 1}
    # A run that both know counts with the smaller evidence.
    assert merged.standing("c").log_e == pytest.approx(1.5)
    two.write_text("{")
    with pytest.raises(LedgerError):
        Ledger.merge_files(one, two)
    assert Ledger.read(one).text() == merged.text()
