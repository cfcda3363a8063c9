"""The alphabet: every symbol once, with its assumptions and its word.

Words stand at the door (``sample_size``), letters in the kernel (``n``); this module is the only
place that joins them. Closed forms, claims, the command line and JSON all use these names.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy.core.relational import Relational

from theory.domain import Domain, integers, reals
from theory.errors import InvalidInput


@dataclass(frozen=True)
class Letter:
    """A symbol of the alphabet, declared once.

    Its letter, its word, one line of meaning, what is accepted, and the range that is typical
    (where draws fall unless a claim says otherwise).
    """

    symbol: sp.Symbol
    word: str
    meaning: str
    domain: Domain
    typical: tuple[float, float]

    @property
    def name(self) -> str:
        """The name used in code, JSON and on the command line."""
        return str(self.symbol.name)


n = sp.Symbol("n", integer=True, positive=True)
N = sp.Symbol("N", integer=True, positive=True)
d = sp.Symbol("d", integer=True, positive=True)
t = sp.Symbol("t", integer=True, nonnegative=True)
k = sp.Symbol("k", integer=True, positive=True)
alpha = sp.Symbol("alpha", positive=True)
temperature = sp.Symbol("temperature", positive=True)
sigma_0 = sp.Symbol("sigma_0", positive=True)
mu_0 = sp.Symbol("mu_0", real=True)
f = sp.Symbol("f", nonnegative=True)
n_r = sp.Symbol("n_r", integer=True, positive=True)
kappa = sp.Symbol("kappa", positive=True)
s = sp.Symbol("s", real=True)
b = sp.Symbol("b", positive=True)

_SIZE = integers(1)
_REAL = reals()
_POSITIVE = reals(0, open_low=True)

ALPHABET: tuple[Letter, ...] = (
    Letter(
        n,
        "sample_size",
        "points in one fit (in one batch, where batches accumulate)",
        _SIZE,
        (2, 500),
    ),
    Letter(
        N,
        "candidates",
        "points generated, of which the verifier keeps the batch",
        _SIZE,
        (2, 2000),
    ),
    Letter(d, "dimension", "dimension of a point", _SIZE, (1, 10)),
    Letter(
        t,
        "generation",
        "number of fits made; at t = 0 the model has the true parameters",
        integers(0),
        (1, 60),
    ),
    Letter(k, "step", "running index of a generation, 1 <= k <= t", _SIZE, (1, 60)),
    Letter(
        alpha,
        "kept_fraction",
        "share of the candidates that the verifier keeps",
        reals(0, 1, open_low=True),
        (0.01, 1),
    ),
    Letter(
        temperature,
        "temperature",
        "sampling with covariance temperature * Sigma",
        _POSITIVE,
        (0.5, 1.5),
    ),
    Letter(
        sigma_0,
        "sigma_0",
        "standard deviation of the true law, along every axis",
        _POSITIVE,
        (0.1, 10),
    ),
    Letter(mu_0, "mu_0", "mean of the true law", _REAL, (-10, 10)),
    Letter(f, "fraction", "share of real points in every fit", reals(0, 1), (0, 1)),
    Letter(n_r, "real_size", "number of real points in every fit", _SIZE, (1, 100)),
    Letter(kappa, "kappa", "variance of a kept point over the model's variance", _POSITIVE, (0, 1)),
    Letter(
        b,
        "strength",
        "strength of a soft verifier, exp(-b |x - u|^2/2), or of a tilt, exp(b x)",
        _POSITIVE,
        (0.1, 10),
    ),
    Letter(s, "power", "exponent of a moment", _REAL, (-1, 2)),
)

BY_NAME: dict[str, Letter] = {letter.name: letter for letter in ALPHABET}
BY_WORD: dict[str, Letter] = {letter.word: letter for letter in ALPHABET}


def letter(name: str) -> Letter:
    """Look a letter up by its name (``"n"``) or its word (``"sample_size"``).

    Raises
    ------
    InvalidInput
        If the alphabet has no such letter.

    Examples
    --------
    >>> letter("sample_size").symbol
    n
    """
    found = BY_NAME.get(name) or BY_WORD.get(name)
    if found is None:
        raise InvalidInput(f"no symbol named {name!r}; the alphabet has {', '.join(BY_NAME)}")
    return found


def canonical(expression: sp.Basic) -> sp.Basic:
    """Replace every symbol that bears a name of the alphabet by the alphabet's own.

    SymPy tells symbols of one name apart by their assumptions; a claim written with
    ``Symbol("t")`` speaks of the same generation as one written with ours.

    Examples
    --------
    >>> canonical(sp.Symbol("n") + 1) == n + 1
    True
    """
    swap = {
        symbol: BY_NAME[symbol.name].symbol
        for symbol in expression.free_symbols
        if isinstance(symbol, sp.Symbol) and symbol.name in BY_NAME
    }
    if not swap:
        return expression
    if isinstance(expression, Relational):
        # A relation that is built anew is decided on the spot, unless it is told not to be.
        left, right = (side.xreplace(swap) for side in expression.args)
        return expression.func(left, right, evaluate=False)
    return expression.xreplace(swap)
