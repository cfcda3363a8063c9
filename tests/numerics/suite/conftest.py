"""The plugin, run in this process on the files of a user's own project."""

from __future__ import annotations

import pytest
from hypothesis import settings

import numerics.testing  # noqa: F401  (loaded here once, rather than in every project)
from tests.numerics.suite.userprojects import LOADING


@pytest.fixture
def project(pytester, monkeypatch):
    """Runs pytest in this process on the files of a project, with the plugin."""
    for word in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(word, raising=False)

    # Where CI is set, Hypothesis derandomises and keeps no database; a user's machine does neither.
    outer = settings.get_current_profile_name()

    def run(*options, **files):
        if files:
            pytester.makepyfile(**files)
        return pytester.runpytest_inprocess(*LOADING, "--hypothesis-profile=default", *options)

    yield run
    settings.load_profile(outer)
