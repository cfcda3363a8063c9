"""What crosses a border: bytes counted by hand, and a label on every kind that leaks."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.silos.context import Context, Options
from numerics.silos.messages import (
    MESSAGES,
    Exchange,
    MapMessage,
    ProxyMessage,
    RawMessage,
    ScoreMessage,
    SelectionMessage,
    SummaryMessage,
)
from numerics.silos.rules import select
from numerics.streams import Stream

STREAM = Stream("c0ffee", "silos: messages")


def test_bytes_are_those_of_the_numbers_sent() -> None:
    points = np.zeros((90, 20))
    made = [
        SummaryMessage(0, np.zeros(20), np.eye(20), 90),
        ProxyMessage(0, points),
        MapMessage(0, points),
        ScoreMessage(0, np.zeros(360)),
        SelectionMessage(0, np.arange(90)),
        RawMessage(0, points),
    ]
    assert {type(each) for each in made} == set(MESSAGES)
    assert [each.nbytes for each in made] == [8 * (20 + 210 + 1), 14400, 14400, 2880, 720, 14400]


def test_every_kind_says_what_it_leaks() -> None:
    assert all(len(kind.leaks) > 30 for kind in MESSAGES)
    leaking = {kind for kind in MESSAGES if kind.leaks.startswith("LEAKS")}
    assert set(MESSAGES) - leaking == {SummaryMessage}


@pytest.mark.parametrize(
    ("rule", "dual", "kinds"),
    [
        ("local-duals", "exact", set()),
        ("scheme-1-linear", "exact", {"ProxyMessage"}),
        ("scheme-1-greedy", "gaussian", {"SummaryMessage"}),
        ("scheme-2-barycentre", "exact", {"MapMessage"}),
        ("scheme-2-barycentre", "gaussian", {"SummaryMessage"}),
        ("pooled-oracle", "exact", {"RawMessage"}),
    ],
)
def test_a_rule_sends_what_it_says_and_once(rule: str, dual: str, kinds: set[str]) -> None:
    rng = STREAM.generator()
    silos = tuple(rng.standard_normal((11 + k, 2)) for k in range(3))
    memory: dict[str, object] = {}
    exchange = Exchange()
    sent: list[int] = []
    options = Options(dual=dual)  # type: ignore[arg-type]
    for generation in (1, 2):
        context = Context(
            0, silos, generation=generation, options=options, memory=memory, exchange=exchange
        )
        select(rule, rng.standard_normal((40, 2)), 10, context, rng)
        sent.append(exchange.nbytes)
    assert set(exchange.by_kind()) == kinds
    assert sent[0] == sent[1]


def test_an_interpolated_proxy_gives_the_raw_points_away() -> None:
    """The reason for its label: known candidates undo the interpolation, every raw point is seen.

    A summary of the same silo is no point of it: the same attack finds none.
    """
    rng = STREAM.generator(1)
    reference, candidates = rng.standard_normal((30, 4)), rng.standard_normal((90, 4))
    s, context = 0.3, Context(0, (reference,), options=Options(interpolation=0.3, support=90))
    select("scheme-1-linear", candidates, 20, context, rng)
    proxy = context.memory["proxies"][0]
    undone = (proxy - (1 - s) * candidates) / s
    near = np.linalg.norm(undone[:, None] - reference[None], axis=2).min(axis=0)
    assert (near < 1e-9).mean() > 0.9
    blind = np.linalg.norm(proxy[:, None] - reference[None], axis=2).min(axis=0)
    assert (blind < 1e-9).mean() < 0.1


def test_noise_is_put_on_what_is_sent() -> None:
    rng = STREAM.generator(2)
    silos = tuple(rng.standard_normal((12, 2)) for _ in range(2))
    quiet = Context(0, silos, options=Options(dual="gaussian"))
    loud = Context(
        0, silos, options=Options(dual="gaussian", noise=lambda array, source: array + 5.0)
    )
    candidates = rng.standard_normal((40, 2))
    for context in (quiet, loud):
        select("scheme-2-barycentre", candidates, 10, context, rng)
    moved = loud.memory["barycentre"].mean - quiet.memory["barycentre"].mean
    assert moved == pytest.approx([5.0, 5.0])
