"""What every estimator must obey, whoever registers it; and twins that do not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.streams import Stream
from numerics.wasserstein.estimate import Estimate
from numerics.wasserstein.registry import Estimator, estimators, find
from numerics.wasserstein.truths import truth
from theory.errors import InvalidInput
from theory.wasserstein.line import atoms_squared_w2

ALL = list(estimators().values())
EXACT = [each for each in ALL if each.exact]
names = {"ids": lambda each: each.name}


def call(method: Estimator, x: Any, y: Any, **options: Any) -> Estimate:
    """The method with the same draws at every call."""
    return method(x, y, rng=Stream("axioms", method.name).generator(), **options)


def pair(method: Estimator, n: int = 40, d: int = 3) -> tuple[Any, Any]:
    """Two samples of laws that differ in mean, spread and shape."""
    d = method.dimension or d
    rng = Stream("axioms", "pair", {"n": n, "d": d}).generator()
    return rng.standard_normal((n, d)), rng.standard_normal((n, d)) ** 3 / 2 + 1


def rounding(method: Estimator) -> float:
    """What an axiom may miss by: rounding, or where an optimiser that takes seconds stops."""
    return 1e-5 if method.costly else 1e-9


def respects_translation(method: Estimator) -> None:
    x, y = pair(method)
    near, far = call(method, x, y).value, call(method, x + 1024, y + 1024).value
    assert far == pytest.approx(near, rel=rounding(method))


def respects_scaling(method: Estimator) -> None:
    x, y = pair(method)
    # No powers of two alone: those the door takes out, and would hide a fault of the method.
    for scale in (3 * 2.0**-60, 1000.0, 0.7 * 2.0**40):
        value, unit = call(method, scale * x, scale * y).value, call(method, x, y).value
        assert value == pytest.approx(scale**2 * unit, rel=rounding(method))


def vanishes_between_a_sample_and_itself(method: Estimator) -> None:
    x, _ = pair(method)
    assert abs(call(method, x, x).value) < 1e-9
    assert abs(call(method, x, x[::-1]).value) < 1e-7


def is_symmetric(method: Estimator) -> None:
    x, y = pair(method)
    assert call(method, x, y).value == pytest.approx(call(method, y, x).value, rel=rounding(method))


@pytest.mark.parametrize("method", ALL, **names)
def test_translation(method: Estimator) -> None:
    respects_translation(method)


@pytest.mark.parametrize("method", ALL, **names)
def test_scaling(method: Estimator) -> None:
    respects_scaling(method)


@pytest.mark.parametrize("method", EXACT, **names)
def test_identity(method: Estimator) -> None:
    vanishes_between_a_sample_and_itself(method)


@pytest.mark.parametrize("method", EXACT, **names)
def test_symmetry(method: Estimator) -> None:
    is_symmetric(method)


def planted(fault: Callable[[Any, Any], float]) -> Estimator:
    return Estimator("planted", "squared_w2", fault)


@pytest.mark.parametrize(
    ("axiom", "fault"),
    [
        # A unit of its own, a term of its own, one sample favoured: seen after centring.
        (respects_scaling, lambda x, y: float(np.sqrt(((x.mean(0) - y.mean(0)) ** 2).sum()))),
        (vanishes_between_a_sample_and_itself, lambda x, y: float(np.mean(x**2))),
        (is_symmetric, lambda x, y: float(np.mean(x**2))),
    ],
)
def test_the_twins_fail(
    axiom: Callable[[Estimator], None], fault: Callable[[Any, Any], float]
) -> None:
    with pytest.raises(AssertionError):
        axiom(planted(fault))


def test_a_shift_of_one_sample_is_no_common_translation() -> None:
    x, y = pair(find("exact"))
    assert call(find("exact"), x, y + 1).value != pytest.approx(call(find("exact"), x, y).value)


TOWARDS_TRUTH = [
    each for each in ALL if each.functional == "squared_w2" and each.dimension in (None, 2)
]


@pytest.mark.parametrize("method", TOWARDS_TRUTH, **names)
def test_the_truth_in_the_limit(method: Estimator) -> None:
    """On Gaussian laws in two dimensions, against the exact value, within five times 1/sqrt n."""
    known = truth("gaussian", 2, 3)
    n = 300 if method.costly else 1000
    draw = known.sample(Stream("axioms", "limit", {"n": n}).generator(), n, n)
    error = call(method, draw.x, draw.y).value - known.squared_w2
    # The true potentials' own fluctuation is the scale of the error of any regular estimator.
    scale = np.sqrt(draw.f.var() / n + draw.g.var() / n)
    assert abs(error) < 5 * scale + 10 / n


def test_the_gaussian_plug_in_misses_a_law_that_is_not_gaussian() -> None:
    """The twin of the limit: it tends to Gelbrich's bound, which is less here."""
    known = truth("tanh", 2, 3)
    draw = known.sample(Stream("axioms", "twin").generator(), 20_000, 20_000)
    controlled = call(find("gaussian"), draw.x, draw.y).value - draw.control(known.squared_w2)
    assert controlled < 0.98 * known.squared_w2


small = st.lists(st.integers(-8, 8), min_size=1, max_size=5)


@given(x=small, y=small, data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_line_in_rational_arithmetic(x: list[int], y: list[int], data: st.DataObject) -> None:
    """Integer and unnormalised weights, ties, one point, unequal sizes."""
    masses = [
        data.draw(st.lists(st.integers(0, 4), min_size=len(each), max_size=len(each)))
        for each in (x, y)
    ]
    assume(any(masses[0]) and any(masses[1]))
    exactly = float(atoms_squared_w2(x, y, *masses))
    for name in ("sorted", "exact"):
        value = find(name)(x, y, weights_x=masses[0], weights_y=masses[1]).value
        assert value == pytest.approx(exactly, abs=1e-9), name


points = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=4)


@given(x=points, data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_plane_in_rational_arithmetic(x: list[tuple[int, int]], data: st.DataObject) -> None:
    y = data.draw(st.lists(st.tuples(*[st.integers(-5, 5)] * 2), min_size=len(x), max_size=len(x)))
    best = min(
        sum(
            Fraction((a - c) ** 2 + (b - d) ** 2, len(x))
            for (a, b), (c, d) in zip(x, each, strict=True)
        )
        for each in permutations(y)
    )
    for name in ("exact", "assignment"):
        assert find(name)(x, y).value == pytest.approx(float(best), abs=1e-9)


BAD: list[tuple[Any, Any, dict[str, Any], str]] = [
    ([[np.nan]], [[0.0]], {}, "NaN or infinite"),
    ([[0.0]], [[np.inf]], {}, "NaN or infinite"),
    ([], [[0.0]], {}, "at least one point"),
    (np.zeros((3, 0)), np.zeros((3, 0)), {}, "at least one point"),
    ([[0.0, 1.0]], [[0.0]], {}, "the same number"),
    ([["a"]], [[0.0]], {}, "real numbers"),
    ([[1j]], [[0.0]], {}, "real numbers"),
    ([[0.0], [1.0, 2.0]], [[0.0]], {}, "ragged"),
    ([[1e200]], [[0.0]], {}, "at most 1e140"),
    ([0.0, 1.0], [0.0], {"weights_x": [1, -1]}, "not negative"),
    ([0.0, 1.0], [0.0], {"weights_x": [0, 0]}, "not all zero"),
    ([0.0, 1.0], [0.0], {"weights_x": [1]}, "accepted: 2 real numbers"),
    ([0.0, 1.0], [0.0], {"weights_x": [np.nan, 1]}, "finite"),
]


@pytest.mark.parametrize(("x", "y", "options", "words"), BAD)
def test_bad_input_gets_one_clear_line(x: Any, y: Any, options: dict[str, Any], words: str) -> None:
    for method in ALL:
        with pytest.raises(InvalidInput) as told:
            call(method, x, y, **options)
        assert words in str(told.value)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("method", ALL, **names)
def test_odd_but_good_input(method: Estimator) -> None:
    """One point, or coinciding points: a value, a note, or a clear line; never a crash."""
    d = method.dimension or 2
    for x, y in (
        (np.zeros((1, d)), np.ones((1, d))),
        (np.zeros((6, d)), np.ones((6, d))),
        (np.zeros((6, d), dtype=np.float32), np.arange(6 * d).reshape(6, d)),
    ):
        if len(x) < method.fewest:
            with pytest.raises(InvalidInput, match="takes at least"):
                call(method, x, y)
            continue
        found = call(method, x, y)
        assert np.isfinite(found.value) or found.note
        if method.functional == "squared_w2" and method.exact and len(x) == 1:
            assert found.value == pytest.approx(d)


@pytest.mark.parametrize("word", ["gaussian-jackknife", "split"])
def test_an_estimate_below_zero_is_kept_and_noted(word: str) -> None:
    """Its bias is taken out: clipped at 0 it would have one again."""
    draws = Stream("axioms", "same law").generator().standard_normal((12, 2, 60, 2))
    found = [call(find(word), x, y) for x, y in draws]
    below = [each.value < 0 for each in found]
    assert any(below)
    assert not all(below)
    assert [bool(each.note) for each in found] == below


def test_what_another_estimator_takes_is_said() -> None:
    with pytest.raises(InvalidInput, match="with weights: exact"):
        find("gaussian")([0.0, 1.0], [0.0, 1.0], weights_x=[1, 2])


def test_unequal_sizes_where_equality_is_needed() -> None:
    with pytest.raises(InvalidInput, match="equal size"):
        find("assignment")([0.0, 1.0], [0.0])


def test_a_duplicate_name_and_an_unknown_one_are_refused() -> None:
    with pytest.raises(InvalidInput, match="close: exact"):
        find("exat")


def test_duals_close_the_gap() -> None:
    for name in ("exact", "sinkhorn"):
        x, y = pair(find(name))
        found = call(find(name), x, y)
        assert found.potentials is not None
        f, g = found.potentials
        assert f.mean() + g.mean() == pytest.approx(found.value, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "option", "words"),
    [
        ("sinkhorn", {"ratio": 0.0}, "a number above 0"),
        ("sinkhorn-corrected", {"ratio": float("nan")}, "a number above 0"),
        ("gaussian-jackknife", {"groups": 0}, "a count from 1 on"),
        ("gaussian-jackknife", {"groups": 1}, "at least 2"),
        ("sliced", {"count": 2.5}, "a count from 1 on"),
        ("low-rank", {"rank": True}, "a count from 1 on"),
        ("exact", {"ratio": 0.1}, "no option 'ratio'; it has none"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    name: str, option: dict[str, Any], words: str
) -> None:
    x, y = pair(find(name))
    with pytest.raises(InvalidInput, match=words):
        call(find(name), x, y, **option)
    # The twin: what is in range goes through.
    assert not call(find("sinkhorn"), x, y, ratio=np.float32(1)).failed


def test_a_generator_is_a_generator_and_masked_points_are_no_points() -> None:
    x, y = pair(find("split"))
    with pytest.raises(InvalidInput, match=r"rng = 3 is not accepted; accepted: a NumPy generator"):
        find("split")(x, y, rng=3)  # type: ignore[arg-type]
    masked = np.ma.masked_array(x, mask=x > 1)
    with pytest.raises(InvalidInput, match="masked"):
        find("exact")(masked, y)
    assert find("exact")(np.ma.masked_array(x), y).value == find("exact")(x, y).value


def test_points_that_all_coincide_are_no_distance_apart() -> None:
    for method in ALL:
        d = method.dimension or 2
        found = call(method, np.ones((30, d)), np.ones((30, d)))
        assert abs(found.value) < 1e-12, method.name
