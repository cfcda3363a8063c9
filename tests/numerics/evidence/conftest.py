"""Samplers on named streams, for every test of the judge."""

import pytest

from numerics.streams import Stream


@pytest.fixture
def sampler():
    """(law, number) -> draws(stage, start, count); law(generator, count) -> array."""

    def make(law, number=0, salt="evidence"):
        def draws(stage, start, count):
            stream = Stream(salt, law.__name__, {"number": number}, stage)
            return law(stream.generator(start), count)

        return draws

    return make
