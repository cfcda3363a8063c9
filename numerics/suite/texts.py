"""The text of what a test gives: it names the noise, so that an edited sampler gets new noise."""

from __future__ import annotations

import functools
import hashlib
import inspect
from types import FunctionType
from typing import Any

import numpy as np

from numerics.witness import source_of


def text_of(value: Any) -> str:
    """A text that tells one sampler from another: its source, and the plain values it closes over.

    Examples
    --------
    >>> def scaled(by):
    ...     return lambda rng, size: by * rng.random(size)
    >>> text_of(scaled(1)) == text_of(scaled(1)), text_of(scaled(1)) == text_of(scaled(2))
    (True, False)
    """
    if isinstance(value, functools.partial):
        inside = [text_of(value.func), *map(text_of, value.args)]
        return "\n".join([*inside, *(f"{k}={text_of(v)}" for k, v in value.keywords.items())])
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        defaults = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
        plain = [each for each in (*cells, *defaults) if each is not value]
        return "\n".join([source_of(value), *map(text_of, plain)])
    if inspect.ismethod(value):
        return "\n".join([source_of(value.__func__), text_of(value.__self__)])
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | np.generic):
        return repr(value)
    if isinstance(value, tuple | list):
        return "\n".join(map(text_of, value))
    kind = value if isinstance(value, type) else type(value)
    return f"{kind.__module__}.{kind.__qualname__}"
