"""Splits are partitions with the classes and the unevenness that they promise."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.silos import splits
from numerics.silos.splits import dirichlet, few_classes, iid
from numerics.streams import Stream
from theory.errors import InvalidInput

STREAM = Stream("c0ffee", "silos: splits")
LABELS = np.repeat(np.arange(10), 90)


def is_partition(parts: tuple[np.ndarray, ...], count: int = 900) -> bool:
    together = np.concatenate(parts)
    return sorted(together.tolist()) == list(range(count)) and min(map(len, parts)) > 0


def classes(parts: tuple[np.ndarray, ...]) -> list[int]:
    return [len(np.unique(LABELS[part])) for part in parts]


@pytest.mark.parametrize("seed", range(3))
def test_every_split_is_a_partition(seed: int) -> None:
    rng = STREAM.generator(seed)
    made = [iid(rng, 900, 10), dirichlet(rng, LABELS, 10, 0.1), few_classes(rng, LABELS, 10, 2)]
    assert all(is_partition(parts) for parts in made)
    assert not is_partition((*made[0][1:], made[0][1]))
    assert classes(made[0]) == [10] * 10
    assert classes(made[2]) == [2] * 10
    assert is_partition(few_classes(rng, LABELS, 4, 3))


def test_a_small_alpha_is_uneven_and_a_large_one_even() -> None:
    rng = STREAM.generator(9)
    uneven, even = dirichlet(rng, LABELS, 10, 0.1), dirichlet(rng, LABELS, 10, 1000.0)
    assert np.ptp([len(part) for part in uneven]) > 60
    assert np.ptp([len(part) for part in even]) < 30


def test_the_least_size_is_kept_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = dirichlet(STREAM.generator(10), LABELS, 10, 0.3, least=30)
    assert min(len(part) for part in parts) >= 30
    monkeypatch.setattr(splits, "_TRIES", 20)
    with pytest.raises(InvalidInput, match="no Dirichlet"):
        dirichlet(STREAM.generator(10), LABELS, 10, 0.01, least=89)
    with pytest.raises(InvalidInput, match="alpha = 0"):
        dirichlet(STREAM.generator(10), LABELS, 10, 0.0)
    with pytest.raises(InvalidInput, match="4 silos with 2 of 10 classes each"):
        few_classes(STREAM.generator(10), LABELS, 4, 2)
    with pytest.raises(InvalidInput, match="900 points for 901 silos"):
        iid(STREAM.generator(10), 900, 901)
