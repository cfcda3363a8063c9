"""The question: a numeric setting of recursive training.

A `Setting` is workflow x selection x fit x sizes x start. A claim quantifies over a
`theory.family.Family`, the same without the numbers.

Time. ``t`` counts fits. At ``t = 0`` the model has the true parameters; the step (selection,
temperature) acts from the first batch on, unless ``first_batch="real"`` keeps it whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from theory.domain import Number, as_number
from theory.errors import InvalidInput
from theory.model import GAUSSIAN, Model, check_words, shown
from theory.parameters import check_value
from theory.symbols import canonical
from theory.symbols import k as step_symbol
from theory.vocabulary import (
    FITS,
    BestOf,
    FirstBatch,
    Fit,
    FixedReal,
    FreshReal,
    KeepAll,
    Replace,
    Selection,
    Targeted,
    TopFraction,
    Workflow,
    check_choice,
)


@dataclass(frozen=True)
class Setting:
    """A numeric setting of recursive training, of a Gaussian unless `model` says otherwise.

    Parameters
    ----------
    workflow, selection
        Instances, such as ``Replace()`` and ``TopFraction(kept_fraction=0.1)``.
    fit
        ``"mle"`` divides the scatter by the number of points, ``"unbiased"`` by one less.
    sample_size
        Points in one fit (Replace, AccumulateSubsample, FreshReal, FixedReal) or in one batch
        (Accumulate): an integer, a tuple with one integer a generation, or a SymPy expression in
        the step ``k``.
    dimension
        Dimension of a point; self-centred selection needs ``sample_size > dimension``.
    temperature
        Sampling with covariance ``temperature * Sigma``.
    first_batch
        ``"generated"``: selection and temperature act on the first batch too. ``"real"``: it is
        kept whole, at temperature 1.
    ridge
        Added to the diagonal of every fitted covariance.
    filter_real
        Fresh real points pass the verifier too: of the true law's candidates it keeps the same
        fraction, by the same distance or score. By default they pass unfiltered.
    sigma_0, covariance
        The true law's covariance: ``sigma_0**2 * I``, unless `covariance` gives a matrix.
    model
        What is fitted, such as ``Poisson(rate=2)``: the true law, with its parameters. What speaks
        of a Gaussian (selection, fit, temperature, ridge, ...) goes with the Gaussian alone.

    Raises
    ------
    InvalidInput
        If any value lies outside what is accepted.

    Examples
    --------
    >>> Setting(workflow=Replace(), sample_size=100).size(1)
    100
    >>> Setting(workflow=Replace(), sample_size=-1)
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: sample_size = -1 is not an integer in [1, inf]
    """

    workflow: Workflow = Replace()
    selection: Selection = KeepAll()
    fit: Fit = "mle"
    sample_size: int | tuple[int, ...] | sp.Expr = 100
    dimension: int = 1
    temperature: Number = 1
    first_batch: FirstBatch = "generated"
    ridge: Number = 0
    sigma_0: Number = 1
    covariance: tuple[tuple[float, ...], ...] | None = None
    filter_real: bool = False
    model: Model = GAUSSIAN

    def __post_init__(self) -> None:
        self._check_model()
        if not isinstance(self.workflow, Workflow):
            raise InvalidInput(f"workflow = {self.workflow!r} is not a workflow, such as Replace()")
        if not isinstance(self.selection, Selection):
            raise InvalidInput(f"selection = {self.selection!r} is not a rule, such as KeepAll()")
        check_choice("fit", self.fit, FITS)
        check_choice("first_batch", self.first_batch, ("generated", "real"))
        for word in ("dimension", "temperature", "sigma_0"):
            object.__setattr__(self, word, check_value(word, getattr(self, word)))
        if as_number("ridge", self.ridge) < 0:
            raise InvalidInput(f"ridge = {self.ridge} is negative; it must be 0 or more")
        self._check_covariance()
        self._check_verifier()
        if isinstance(self.sample_size, sp.Expr) and not self.sample_size.is_number:
            size: Any = canonical(self.sample_size)
            if size.free_symbols - {step_symbol}:
                raise InvalidInput(f"sample_size = {size} must be an expression in k alone")
        elif isinstance(self.sample_size, tuple | list):
            size = tuple(int(check_value("sample_size", each)) for each in self.sample_size)
            if not size:
                raise InvalidInput("sample_size = () is empty; give one size a generation")
        else:
            size = int(check_value("sample_size", self.sample_size))
        object.__setattr__(self, "sample_size", size)
        self.check_step(1)

    def _check_model(self) -> None:
        if isinstance(self.model, type) and issubclass(self.model, Model):
            raise InvalidInput(
                f"model = {self.model.__name__} is a class; give {self.model.__name__}()"
            )
        if not isinstance(self.model, Model):
            raise InvalidInput(f"model = {self.model!r} is not a model, such as Poisson(rate=2)")
        if self.model.free_symbols:
            raise InvalidInput(f"model = {self.model} holds letters; a setting has numbers")
        check_words(self, self.model)

    __repr__ = shown

    def _check_verifier(self) -> None:
        rule = self.selection
        if isinstance(rule, Targeted) and rule.target is not None:
            rule.point(self.dimension)
        if isinstance(rule, TopFraction) and not isinstance(rule.metric, str):
            if len(rule.metric) != self.dimension:
                raise InvalidInput(
                    f"metric has {len(rule.metric)} rows; the dimension is {self.dimension}"
                )
            if not sp.Matrix(rule.metric).is_positive_definite:
                raise InvalidInput("metric must be positive definite")
        if self.filter_real and isinstance(self.workflow, FixedReal):
            raise InvalidInput("filter_real exists for fresh real data; FixedReal keeps its set")

    def _check_covariance(self) -> None:
        if self.covariance is None:
            return
        matrix: Any = sp.Matrix([[float(x) for x in row] for row in self.covariance])
        if matrix.shape != (self.dimension, self.dimension):
            raise InvalidInput(f"covariance is {matrix.shape}, not dimension x dimension")
        if matrix != matrix.T or any(float(x) < 0 for x in matrix.diagonal()):
            raise InvalidInput("covariance must be symmetric with a non-negative diagonal")
        rows = tuple(tuple(float(x) for x in row) for row in matrix.tolist())
        object.__setattr__(self, "covariance", rows)

    @property
    def generations(self) -> int | None:
        """Generations that the sizes reach; None where they reach for ever."""
        return len(self.sample_size) if isinstance(self.sample_size, tuple) else None

    def size(self, step: int) -> int:
        """Points in the fit (in the batch, where batches accumulate) of generation `step`."""
        if isinstance(self.sample_size, tuple):
            if not 1 <= step <= len(self.sample_size):
                raise InvalidInput(
                    f"the schedule has {len(self.sample_size)} sizes; generation {step} has none"
                )
            return self.sample_size[step - 1]
        if isinstance(self.sample_size, sp.Expr):
            value = self.sample_size.subs(step_symbol, step)
            return int(check_value("sample_size", value))
        return self.sample_size

    def real_size(self, step: int) -> int:
        """Real points in the fit of generation `step`."""
        n = self.size(step)
        if isinstance(self.workflow, FixedReal):
            if self.workflow.real_size > n:
                raise InvalidInput(f"real_size = {self.workflow.real_size} exceeds n = {n}")
            return self.workflow.real_size
        if isinstance(self.workflow, FreshReal):
            share = float(self.workflow.fraction * n)
            if abs(share - round(share)) > 1e-9 * n:
                raise InvalidInput(
                    f"fraction * sample_size = {share:g} is not a whole number of points"
                )
            return round(share)
        return 0

    def batch_size(self, step: int) -> int:
        """Generated points kept in generation `step`."""
        return self.size(step) - self.real_size(step)

    def candidates(self, step: int) -> int | None:
        """Points generated in generation `step`; None under a population law."""
        kept = self.batch_size(step)
        if step == 1 and self.first_batch == "real":
            return kept
        if isinstance(self.selection, TopFraction):
            return self.selection.pool(kept)
        if isinstance(self.selection, BestOf):
            return kept * self.selection.candidates
        return kept

    def real_candidates(self, step: int) -> int | None:
        """Real points drawn in generation `step`, in the batch's proportion where filtered."""
        real = self.real_size(step)
        if not self.filter_real or not isinstance(self.selection, TopFraction):
            return real
        kept, drawn = self.batch_size(step), self.candidates(step)
        if drawn is None:
            return None
        return real if kept == 0 else max(real, round(Fraction(real * drawn, kept)))

    def check_step(self, step: int) -> None:
        """Raise `InvalidInput` if the setting has no well-defined generation `step`."""
        n = self.size(step)
        self.candidates(step)
        if self.fit == "unbiased" and n < 2:
            raise InvalidInput(f"an unbiased fit needs sample_size >= 2, not {n}")
        self.model.check(self, step)
        rule = self.selection
        own = isinstance(rule, TopFraction) and rule.metric == "model"
        if own and n <= self.dimension:
            raise InvalidInput(
                f"selection in the model's own metric needs sample_size > dimension, "
                f"not {n} and {self.dimension}"
            )

    @property
    def total_variance(self) -> float:
        """Trace of the true covariance."""
        if self.covariance is None:
            return self.dimension * float(self.sigma_0) ** 2
        return float(sum(row[i] for i, row in enumerate(self.covariance)))
