"""Generations of training under a rule of selection, with what each generation came to.

The order of steps, which the sources leave open, is this. Before generation 1 the pool is the real
batch of n points, which stays in it, and the model is fitted to it. Generation t draws N candidates
from the model, a rule keeps n of them, and the workflow says what the next fit sees:

- ``accumulate-subsample`` (default): n points drawn without replacement from the pool of all
  batches so far, the real one among them;
- ``accumulate``: the whole pool;
- ``replace``: the n kept points alone.

The generator is one for all silos, fitted to the whole world at the start; the silo that verifies
is the same in every generation, or the silos take turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from numerics.silos.context import Array, Context, Options
from numerics.silos.generators import Gaussian, Generator, moments
from numerics.silos.messages import Exchange
from numerics.silos.references import OnFailure, roster
from numerics.silos.rules import find, select
from numerics.silos.transport import squared_w2
from numerics.streams import Stream
from theory.errors import InvalidInput

WORKFLOWS = ("accumulate-subsample", "accumulate", "replace")
CANDIDATES_PER_KEPT = 4


@dataclass(frozen=True)
class Truth:
    """Moments of the world that a run is measured against.

    Parameters
    ----------
    mean : ndarray (d,)
    covariance : ndarray (d, d)
    """

    mean: Array
    covariance: Array


@dataclass(frozen=True)
class Plan:
    """How to train.

    Parameters
    ----------
    kept : int
        n, points kept in a generation and seen by a fit; at least 2.
    generations : int
        At least 1.
    candidates : int or None
        N, at least n; None is 4n.
    workflow : str
        ``accumulate-subsample``, ``accumulate`` or ``replace``.
    verifying : int or "rotate"
        Number of the silo that verifies every generation, or ``"rotate"``: silo t mod K.
    options : Options
        What the rules leave open.

    Raises
    ------
    InvalidInput
        If a value lies outside.

    Examples
    --------
    >>> Plan(kept=100, generations=10).drawn
    400
    """

    kept: int
    generations: int
    candidates: int | None = None
    workflow: str = "accumulate-subsample"
    verifying: int | Literal["rotate"] = 0
    options: Options = Options()

    def __post_init__(self) -> None:
        for word in ("kept", "generations", "drawn"):
            value = getattr(self, word)
            if isinstance(value, bool) or not isinstance(value, int):
                raise InvalidInput(f"{word} = {value!r}; accepted: integers")
        if self.kept < 2 or self.generations < 1:
            raise InvalidInput(
                f"kept = {self.kept}, generations = {self.generations}; accepted: at least 2 and 1"
            )
        if self.drawn < self.kept:
            raise InvalidInput(f"{self.drawn} candidates for {self.kept} kept; accepted: N >= n")
        if self.workflow not in WORKFLOWS:
            raise InvalidInput(f"workflow {self.workflow!r}; accepted: {', '.join(WORKFLOWS)}")

    @property
    def drawn(self) -> int:
        """N."""
        return CANDIDATES_PER_KEPT * self.kept if self.candidates is None else self.candidates


@dataclass(frozen=True)
class Generation:
    """One generation; the moments are those of the points that the fit saw.

    Attributes
    ----------
    t : int
        0 is the fit to the real batch.
    trace_ratio : float
        Trace of the covariance over the truth's.
    squared_w2 : float
        Between the Gaussians with the moments of the fit and of the truth: the squared Frechet
        distance, which for Gaussian models is the squared W2 distance itself.
    nbytes : int
        Bytes that crossed a border in this generation.
    mean, covariance : ndarray (d,), (d, d)
    """

    t: int
    trace_ratio: float
    squared_w2: float
    nbytes: int
    mean: Array
    covariance: Array


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    rule : str
    generations : tuple of Generation
        From 0 on.
    truth : Truth
    by_kind : dict
        Bytes sent by kind of message, all generations together.
    dropped : tuple of str
        Silos that were left out and why.
    """

    rule: str
    generations: tuple[Generation, ...]
    truth: Truth
    by_kind: dict[str, int]
    dropped: tuple[str, ...]

    @property
    def trace_ratio(self) -> Array:
        """By generation, shape (T + 1,)."""
        return np.array([each.trace_ratio for each in self.generations])

    @property
    def relative_w2(self) -> Array:
        """Squared W2 over the truth's trace, by generation, shape (T + 1,)."""
        values = np.array([each.squared_w2 for each in self.generations])
        return values / float(np.trace(self.truth.covariance))


def pooled_truth(references: Sequence[Array], weights: Array) -> Truth:
    """Moments of all references together, each silo with its weight."""
    means = np.array([each.mean(axis=0) for each in references])
    mean = weights @ means
    within = np.tensordot(weights, [moments(each)[1] for each in references], axes=1)
    apart = means - mean
    return Truth(mean, within + (weights[:, None] * apart).T @ apart)


def train(
    references: Sequence[ArrayLike | None],
    rule: str,
    plan: Plan,
    stream: Stream,
    *,
    real: ArrayLike,
    generator: Generator | None = None,
    truth: Truth | None = None,
    weighting: Literal["size", "equal"] = "size",
    on_failure: OnFailure = "raise",
    least: int | None = None,
) -> Run:
    """Train for some generations on what a rule keeps.

    Parameters
    ----------
    references
        What the silos hold, one table (m_k, d) a silo; None is a silo that dropped out.
    rule
        Name of a rule, see `numerics.silos.rules`.
    plan
        Sizes, workflow, and what the rules leave open.
    stream
        Where the noise comes from; chunk t belongs to generation t.
    real
        The real batch (m, d) in the pool at the start; m points, usually n.
    generator
        What is fitted, by default a Gaussian without ridge.
    truth
        What a generation is measured against; by default the moments of all references together.
    weighting, on_failure, least
        See `numerics.silos.references.roster`.

    Raises
    ------
    InvalidInput
        If an argument lies outside, or a silo cannot be used.

    Examples
    --------
    >>> stream = Stream("c0ffee", "doc")
    >>> points = stream.generator(99).standard_normal((300, 2))
    >>> silos = [points[:100], points[100:200]]
    >>> run = train(silos, "random", Plan(100, 3), stream, real=points[200:])
    >>> len(run.generations), run.by_kind
    (4, {})
    """
    find(rule)
    taking_part = roster(references, weighting=weighting, on_failure=on_failure, least=least)
    silos = taking_part.references
    real = np.asarray(real, dtype=float)
    if real.ndim != 2 or real.shape[1] != silos[0].shape[1] or not np.isfinite(real).all():
        raise InvalidInput(
            f"the real batch has shape {real.shape}; accepted: finite, (m, {silos[0].shape[1]})"
        )
    if plan.verifying != "rotate" and plan.verifying not in taking_part.members:
        raise InvalidInput(
            f"silo {plan.verifying} shall verify; taking part: {taking_part.members}"
        )
    chosen = Gaussian(ridge=0.0) if generator is None else generator
    measured = pooled_truth(silos, taking_part.weights) if truth is None else truth
    if not float(np.trace(measured.covariance)) > 0:
        raise InvalidInput("the world that runs are measured against has no variance")
    exchange = Exchange()
    memory: dict[str, Any] = {}
    pool = [real]
    seen = pool[0]
    records = [_record(0, seen, measured, 0)]
    for t in range(1, plan.generations + 1):
        rng = stream.generator(t)
        model = chosen.fit(seen, rng=rng)
        candidates = model.sample(rng, plan.drawn)
        verifying = plan.verifying
        silo = t % len(silos) if verifying == "rotate" else taking_part.members.index(verifying)
        before = exchange.nbytes
        context = Context(silo, silos, taking_part.weights, t, plan.options, memory, exchange)
        pool.append(candidates[select(rule, candidates, plan.kept, context, rng)])
        seen = _seen(pool, plan, rng)
        records.append(_record(t, seen, measured, exchange.nbytes - before))
    return Run(rule, tuple(records), measured, exchange.by_kind(), taking_part.dropped)


def _seen(pool: list[Array], plan: Plan, rng: np.random.Generator) -> Array:
    """What the next fit sees."""
    if plan.workflow == "replace":
        return pool[-1]
    everything = np.concatenate(pool)
    if plan.workflow == "accumulate" or len(everything) <= plan.kept:
        return everything
    return everything[rng.choice(len(everything), size=plan.kept, replace=False)]


def _record(t: int, seen: Array, truth: Truth, nbytes: int) -> Generation:
    mean, covariance = moments(seen)
    ratio = float(np.trace(covariance) / np.trace(truth.covariance))
    distance = squared_w2(mean, covariance, truth.mean, truth.covariance)
    return Generation(t, ratio, distance, nbytes, mean, covariance)
