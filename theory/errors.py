"""One family of errors: each says what was given, which value, and what is accepted."""

from __future__ import annotations


class CollapseError(Exception):
    """Root of every error that this project raises on purpose; its text is one line."""


class InvalidInput(CollapseError, ValueError):
    """A value outside what is accepted. The text names the value and the accepted range."""


class ClaimError(InvalidInput):
    """A claim that is not well formed: an undeclared symbol, two forms at once, a bad sampler."""


class RunsError(InvalidInput):
    """A table of recorded runs that cannot be read: missing columns, gaps, text, duplicates."""
