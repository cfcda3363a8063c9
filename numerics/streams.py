"""Random streams: the only source of noise in the project.

A stream is named, never drawn: its seed is a SHA-256 hash of a salt, the content of the claim, the
parameters and the stage. The same names give the same noise on every platform and in every order
of execution; two different names give independent noise. So Hypothesis cannot search over seeds,
and a claim that is edited until it passes meets new noise at each edit.
"""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Integral, Rational, Real

import numpy as np

from theory.errors import InvalidInput


def new_salt() -> str:
    """Return a fresh salt: 16 hexadecimal digits from the operating system.

    It is printed with every run, so that the run can be repeated with the salt pinned.

    Examples
    --------
    >>> len(new_salt()), new_salt() == new_salt()
    (16, False)
    """
    return secrets.token_hex(8)


def canonical_parameter(name: str, value: object) -> list[str]:
    """Encode one parameter so that equal numbers encode equally, whatever their type.

    Parameters
    ----------
    name : str
        Name of the parameter, for the error message.
    value : int, float, Fraction, str, SymPy Integer, Rational or Float, NumPy scalar
        A finite number, encoded as the exact fraction it stands for, or a text.

    Returns
    -------
    list of str
        ``[kind, text]``, the kind keeping the text ``"1"`` apart from the number 1.

    Raises
    ------
    InvalidInput
        If the value is neither a finite number nor a text.

    Examples
    --------
    >>> canonical_parameter("alpha", 0.5) == canonical_parameter("alpha", Fraction(1, 2))
    True
    >>> canonical_parameter("n", 1), canonical_parameter("n", "1")
    (['number', '1'], ['text', '1'])
    """
    if isinstance(value, str):
        return ["text", value]
    if isinstance(value, Integral):
        return ["number", str(int(value))]
    if isinstance(value, Rational):
        return ["number", str(Fraction(int(value.numerator), int(value.denominator)))]
    if isinstance(value, Real) and math.isfinite(value):
        return ["number", str(Fraction(float(value)))]
    raise InvalidInput(
        f"parameter {name}={value!r} cannot name a stream; "
        "accepted: finite integers, fractions and floats, and text"
    )


@dataclass(frozen=True)
class Stream:
    """A named stream of random numbers.

    Parameters
    ----------
    salt : str
        The salt of the run, see `new_salt`.
    content : str
        What the noise is for: the claim's formula and sampler, or the setting.
    parameters : mapping of str to number or str
        The point of the parameter space; the order of the entries does not matter.
    stage : str
        Which use of the same point: ``"screen"``, ``"confirm"``, ``"effect"`` and so on.

    Examples
    --------
    >>> stream = Stream("c0ffee", "E R = 1 - 1/n", {"n": 10}, "screen")
    >>> a = stream.generator(3).standard_normal(2)
    >>> b = Stream("c0ffee", "E R = 1 - 1/n", {"n": 10.0}, "screen").generator(3).standard_normal(2)
    >>> bool((a == b).all())
    True
    """

    salt: str
    content: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    stage: str = ""

    def __post_init__(self) -> None:
        self.digest()

    def digest(self, chunk: int = 0) -> bytes:
        """Return the 32 bytes that seed a chunk.

        Raises
        ------
        InvalidInput
            If a name is not text, a parameter not a number or text, or the chunk negative.
        """
        for name in ("salt", "content", "stage"):
            if not isinstance(getattr(self, name), str):
                raise InvalidInput(f"the {name} of a stream is text, not {getattr(self, name)!r}")
        if isinstance(chunk, bool) or not isinstance(chunk, int) or chunk < 0:
            raise InvalidInput(f"chunk={chunk!r} is not accepted; accepted: integers from 0 on")
        parameters = [
            [str(name), *canonical_parameter(str(name), value)]
            for name, value in sorted(self.parameters.items(), key=lambda item: str(item[0]))
        ]
        names = [self.salt, self.content, parameters, self.stage, chunk]
        # JSON quotes every text, so that no two different lists of names share an encoding.
        return hashlib.sha256(json.dumps(names, separators=(",", ":")).encode("ascii")).digest()

    def generator(self, chunk: int = 0) -> np.random.Generator:
        """Return a fresh generator (PCG64) at the beginning of a chunk of the stream.

        Parameters
        ----------
        chunk : int
            Number of the chunk, from 0 on; chunks are independent of each other.

        Returns
        -------
        numpy.random.Generator
            The same numbers at every call, on every platform.
        """
        seed = int.from_bytes(self.digest(chunk), "big")
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, pool_size=8)))


def published_generator(seed: int) -> np.random.Generator:
    """Return NumPy's ``default_rng(seed)``, for replaying released runs draw by draw.

    Released code draws from a bare seed; to repeat its numbers is to repeat its generator. It
    never makes noise of ours: two experiments with one bare seed would share it.

    Parameters
    ----------
    seed : int
        The seed that was published.

    Returns
    -------
    numpy.random.Generator

    Examples
    --------
    >>> round(float(published_generator(42).normal()), 6)
    0.304717
    """
    return np.random.default_rng(seed)
