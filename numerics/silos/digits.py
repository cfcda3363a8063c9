"""Handwritten digits in silos: real data that ships with scikit-learn, and one run on them.

A generator is fitted to the training half; in each generation it makes N = 4n candidates, a rule
keeps n of them, they join the pool (the real half stays in it), and the generator is refitted to n
points drawn from the pool. Every choice that papers leave open is a field of `Plan`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from numerics.silos import rebuilt as rebuilt
from numerics.silos.fidelity import (
    effective_classes,
    frechet_distance,
    precision_recall,
    trace_ratio,
)
from numerics.silos.generators import Generator
from numerics.silos.kernels import KernelDensity, cross_validated_bandwidth, held_out_components
from numerics.silos.messages import SummaryMessage
from numerics.silos.mixtures import Mixture
from numerics.silos.plan import GENERATORS, SPLITS, Family, Plan, Split
from numerics.silos.rules import RULES, Context, Options, find, select
from numerics.silos.splits import dirichlet, few_classes, iid
from numerics.streams import Stream
from theory.errors import InvalidInput

Array = NDArray[np.float64]
# Of a pixel, 0 to 16 in the data set.
_WHITE = 16.0


@dataclass(frozen=True)
class Halves:
    """Projected digits: a training half and a test half.

    Attributes
    ----------
    train, test : ndarray (m, d)
        Pixels over 16, centred and projected as the training half says.
    labels : ndarray (m,)
        Digits of the training half.
    """

    train: Array
    test: Array
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """A generator after some generations, against the test half.

    Attributes
    ----------
    frechet, trace_ratio : float
        See `numerics.silos.fidelity`.
    precision, recall, effective_classes : float
    nbytes : float
        Bytes that crossed borders in one generation, all silos together, on average.
    """

    frechet: float
    precision: float
    recall: float
    effective_classes: float
    trace_ratio: float
    nbytes: float


MEASURES = tuple(each.name for each in fields(Score))


def load_pixels() -> tuple[Array, NDArray[np.int64]]:
    """The 1797 digits of scikit-learn as pixels from 0 to 1, shape (1797, 64), and their labels.

    Raises
    ------
    InvalidInput
        If scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise InvalidInput("digits need scikit-learn; install collapse-theory[silos]") from None
    data = load_digits()
    return np.asarray(data.data, dtype=float) / _WHITE, np.asarray(data.target, dtype=np.int64)


def halves(rng: np.random.Generator, components: int) -> Halves:
    """Split the digits at random and project both halves onto the training half's main axes."""
    pixels, labels = load_pixels()
    order = rng.permutation(len(pixels))
    first, second = order[: len(order) // 2], order[len(order) // 2 :]
    mean = pixels[first].mean(axis=0)
    _, _, axes = np.linalg.svd(pixels[first] - mean, full_matrices=False)
    project = axes[:components].T
    return Halves(
        (pixels[first] - mean) @ project, (pixels[second] - mean) @ project, labels[first]
    )


def projection_bytes(silos: int) -> int:
    """Bytes that silos send, once, so that all share one projection: pixels' moments each.

    Examples
    --------
    >>> projection_bytes(10)
    171600
    """
    pixels = 64
    sent = SummaryMessage(0, np.zeros(pixels), np.zeros((pixels, pixels)), 0)
    return silos * sent.nbytes


def references(
    rng: np.random.Generator, split: Split, data: Halves, plan: Plan
) -> tuple[Array, ...]:
    """Deal the training half out to silos.

    Raises
    ------
    InvalidInput
        If the split is not known.
    """
    if split == "iid":
        dealt = iid(rng, len(data.train), plan.silos)
    elif split == "dirichlet":
        dealt = dirichlet(rng, data.labels, plan.silos, plan.alpha, plan.least)
    elif split == "two-class":
        dealt = few_classes(rng, data.labels, plan.silos, 2)
    else:
        raise InvalidInput(f"split {split!r} is not known; accepted: {', '.join(SPLITS)}")
    return tuple(data.train[rows] for rows in dealt)


def tuned(rng: np.random.Generator, family: Family, train: Array, plan: Plan) -> Generator:
    """Choose bandwidth or number of components once, on the training half.

    Raises
    ------
    InvalidInput
        If the family is not known.
    """
    if family == "mixture":
        return Mixture(held_out_components(train, rng, ridge=plan.ridge), plan.ridge)
    if family not in GENERATORS:
        raise InvalidInput(f"generator {family!r} is not known; accepted: {', '.join(GENERATORS)}")
    return KernelDensity(
        cross_validated_bandwidth(train), variance_preserving=family == "kde-preserving"
    )


@dataclass(frozen=True)
class Run:
    """One rule in one cell and replicate.

    Attributes
    ----------
    score : Score
        After the last generation.
    frechet : tuple of float
        Fréchet distance after the first fit and after every generation.
    """

    score: Score
    frechet: tuple[float, ...]


def train(
    rule: str,
    generator: Generator,
    data: Halves,
    silos: Sequence[Array],
    plan: Plan,
    noise: Stream,
    replicate: int,
) -> Run:
    """Train over generations with one rule.

    Parameters
    ----------
    rule
        A name in `numerics.silos.rules.RULES`. Silos weigh as many points as they hold.
    generator
        What is refitted.
    data, silos
        The halves, and what each silo holds.
    plan
        The constants.
    noise
        Chunk 2t feeds the generator in generation t, chunk 2t + 1 the rule: two rules with one
        stream begin from the same candidates.
    replicate
        Its number; names the silo that verifies.
    """
    real = data.train
    size, count = len(real), plan.candidates * len(real)
    sizes = np.array([len(each) for each in silos], dtype=float)
    context = Context(
        silo=replicate % len(silos),
        references=tuple(silos),
        weights=sizes / sizes.sum(),
        options=Options(rounds=plan.rounds, support=plan.support),
    )
    pool = [real]
    rng = noise.generator(0)
    model = generator.fit(real, rng=rng)
    path = [frechet_distance(model.sample(rng, count), data.test)]
    for t in range(1, plan.generations + 1):
        rng, judging = noise.generator(2 * t), noise.generator(2 * t + 1)
        candidates = model.sample(rng, count)
        silo = (replicate + (t if plan.verifier == "rotating" else 0)) % len(silos)
        context = replace(context, silo=silo, generation=t)
        pool.append(candidates[select(rule, candidates, size, context, judging)])
        together = np.concatenate(pool)
        model = generator.fit(together[rng.permutation(len(together))[:size]], rng=rng)
        path.append(frechet_distance(model.sample(rng, count), data.test))
    drawn = model.sample(rng, count)
    few = drawn[: len(data.test)]
    precision, recall = precision_recall(few, data.test, plan.neighbours)
    score = Score(
        path[-1],
        precision,
        recall,
        effective_classes(few, real, data.labels),
        trace_ratio(drawn, data.test),
        context.exchange.nbytes / plan.generations,
    )
    return Run(score, tuple(path))


def panel(names: Sequence[str]) -> tuple[str, ...]:
    """Check names of rules; random selection, with which all are compared, comes first.

    Raises
    ------
    InvalidInput
        If one is not known.

    Examples
    --------
    >>> panel(["local-duals"])
    ('random', 'local-duals')
    """
    for name in names:
        find(name)
    return tuple(dict.fromkeys(["random", *(name for name in RULES if name in names)]))
