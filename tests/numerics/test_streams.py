"""Streams: the same names give the same noise for ever, other names give other noise."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from numerics.streams import Stream, canonical_parameter, new_salt
from theory.errors import InvalidInput

NAMES = ("c0ffee", "content", {"n": 10, "alpha": 0.1}, "screen")


def first(stream, chunk=0):
    return stream.generator(chunk).integers(0, 2**62, 4).tolist()


def test_numbers_are_pinned_across_platforms_and_versions():
    stream = Stream("c0ffee", "E R = 1 - 1/n", {"n": 10}, "screen")
    assert stream.digest(3).hex()[:16] == "6d4aa43e8817cc3a"
    assert stream.generator(3).integers(0, 1000, 5).tolist() == [302, 694, 949, 779, 250]


@pytest.mark.parametrize(
    "values",
    [
        (1, 1.0, Fraction(1), sp.Integer(1), sp.Rational(2, 2), np.int64(1), np.float64(1), "x"),
        (0.5, Fraction(1, 2), sp.Rational(1, 2), sp.Float(0.5), np.float32(0.5), "1/2"),
    ],
)
def test_equal_numbers_name_the_same_stream_and_text_another(values):
    *numbers, text = values
    seeds = {Stream("s", "c", {"n": value}, "t").digest() for value in numbers}
    assert len(seeds) == 1
    assert Stream("s", "c", {"n": text}, "t").digest() not in seeds


def test_order_of_parameters_does_not_matter():
    salt, content, parameters, stage = NAMES
    other = Stream(salt, content, dict(reversed(parameters.items())), stage)
    assert first(Stream(*NAMES)) == first(other)


def test_every_name_matters():
    streams = [Stream(*NAMES)]
    for place, value in enumerate(("c0ffef", "contents", {"n": 11, "alpha": 0.1}, "confirm")):
        streams.append(Stream(*NAMES[:place], value, *NAMES[place + 1 :]))
    # Encodings must not run into each other.
    streams += [
        Stream("a", "bc"),
        Stream("ab", "c"),
        Stream("a", "b", {"x": "1,y"}),
        Stream("a", "b", {"x": 1}),
        Stream("a", "b", {"x": "1"}),
        Stream("a", "b", {"x": "1", "y": ""}),
    ]
    found = [tuple(first(stream)) for stream in streams] + [tuple(first(streams[0], 1))]
    assert len(set(found)) == len(found)


def test_rationals_close_to_a_float_differ_from_it():
    assert canonical_parameter("x", 0.1) != canonical_parameter("x", Fraction(1, 10))


def test_chunks_are_independent_and_uniform():
    stream = Stream(*NAMES)
    columns = np.array([stream.generator(chunk).random(64) for chunk in range(2000)])
    assert stats.kstest(columns.ravel(), "uniform").pvalue > 1e-6
    lagged = np.corrcoef(columns[:-1].ravel(), columns[1:].ravel())[0, 1]
    assert abs(lagged) < 5 / np.sqrt(columns[1:].size)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), None, [1], sp.Symbol("n"), sp.sqrt(2), 1j]
)
def test_what_is_no_number_is_refused(value):
    with pytest.raises(InvalidInput, match="cannot name a stream"):
        Stream("s", "c", {"n": value}, "t")


@pytest.mark.parametrize("chunk", [-1, 1.5, True])
def test_chunk_is_a_count(chunk):
    with pytest.raises(InvalidInput, match="chunk"):
        Stream(*NAMES).generator(chunk)


def test_names_are_text():
    with pytest.raises(InvalidInput, match="salt"):
        Stream(7, "c")


def test_salts_are_fresh():
    assert len({new_salt() for _ in range(100)}) == 100
