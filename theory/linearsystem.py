"""Linear systems of expectations: what one generation does to them, and how systems are joined.

A `LinearSystem` is the derived step, ``x_k = A(k) x_(k-1) + b(k)``, with the quantity as a linear
function of ``x_t``. `theory.recursion` runs it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy as sp

from theory.symbols import k, t


@dataclass(frozen=True)
class LinearSystem:
    """Expectations that one generation maps linearly, and the quantity they carry.

    Parameters
    ----------
    states
        What the components are the expectations of, in words.
    matrix, vector
        ``A`` and ``b`` of generation ``k``, for ``k > start``.
    initial
        The components after generation `start`.
    start
        0, or 1 where the first generation follows another rule (an empty pool, a real batch).
    output, offset
        The quantity after ``t`` generations is ``output . x_t + offset``; both may hold ``t``.
    factor
        The unit that multiplies it, such as ``d*sigma_0**2``.
    at_zero
        The quantity at ``t = 0``, in the same unit.
    basis
        Columns that diagonalise every ``A(k)``, where the step has such a basis.
    """

    states: tuple[str, ...]
    matrix: sp.ImmutableDenseMatrix
    vector: sp.ImmutableDenseMatrix
    initial: sp.ImmutableDenseMatrix
    start: int
    output: sp.ImmutableDenseMatrix
    offset: sp.Expr
    factor: sp.Expr
    at_zero: sp.Expr
    basis: sp.ImmutableDenseMatrix | None = None

    def core(self) -> LinearSystem:
        """The step and its start alone, without the quantity that they carry."""
        none = sp.ImmutableDenseMatrix(1, self.dimension, [0] * self.dimension)
        zero = sp.Integer(0)
        return replace(self, output=none, offset=zero, factor=sp.Integer(1), at_zero=zero)

    @property
    def dimension(self) -> int:
        """Number of components."""
        return len(self.states)

    @cached_property
    def constant(self) -> bool:
        """Whether the step is the same in every generation."""
        return not (self.matrix.has(k) or self.vector.has(k))

    @cached_property
    def free_symbols(self) -> set[sp.Symbol]:
        """Symbols that need a value besides ``t`` and ``k``."""
        parts = (self.matrix, self.vector, self.initial, self.output)
        found: set[sp.Symbol] = set().union(*(part.free_symbols for part in parts))
        found |= self.offset.free_symbols | self.factor.free_symbols | self.at_zero.free_symbols
        return found - {k, t}

    def equations(self) -> tuple[sp.Eq, ...]:
        """The step, one equation a component, in named sequences."""
        names = [sp.Function(f"x_{i + 1}") for i in range(self.dimension)]
        previous = sp.Matrix([name(k - 1) for name in names])
        image = self.matrix * previous + self.vector
        return tuple(sp.Eq(name(k), image[i], evaluate=False) for i, name in enumerate(names))


def assemble(
    states: tuple[str, ...],
    general: sp.Matrix,
    add: sp.Matrix,
    start: int,
    initial: sp.Matrix,
    output: list[Any],
    **rest: Any,
) -> LinearSystem:
    """A linear system from mutable parts."""
    return LinearSystem(
        states,
        sp.ImmutableDenseMatrix(general),
        sp.ImmutableDenseMatrix(add),
        sp.ImmutableDenseMatrix(initial),
        start,
        sp.ImmutableDenseMatrix(1, len(output), output),
        **rest,
    )


def begin(general: Any, first: Any) -> int:
    """0 if the general coefficient also holds in generation 1."""
    try:
        return 0 if sp.simplify(general.subs(k, 1) - first) == 0 else 1
    except (ZeroDivisionError, ValueError):
        return 1


def join(systems: list[LinearSystem], weights: list[Any], offset: Any, factor: Any) -> LinearSystem:
    """Independent systems side by side; all must start in the same generation."""
    start = max(system.start for system in systems)
    moved = [_advanced(system, start) for system in systems]
    output: list[Any] = []
    at_zero = offset
    for system, weight in zip(moved, weights, strict=True):
        output += [weight * x for x in system.output]
        at_zero += weight * system.at_zero
    return assemble(
        tuple(name for system in moved for name in system.states),
        sp.diag(*(system.matrix for system in moved)),
        sp.Matrix.vstack(*(sp.Matrix(system.vector) for system in moved)),
        start,
        sp.Matrix.vstack(*(sp.Matrix(system.initial) for system in moved)),
        output,
        offset=offset,
        factor=factor,
        at_zero=sp.simplify(at_zero),
    )


def _advanced(system: LinearSystem, start: int) -> LinearSystem:
    if system.start == start:
        return system
    initial = system.matrix.subs(k, 1) * system.initial + system.vector.subs(k, 1)
    return assemble(
        system.states,
        system.matrix,
        system.vector,
        start,
        initial.applyfunc(sp.cancel),
        list(system.output),
        offset=system.offset,
        factor=system.factor,
        at_zero=system.at_zero,
    )
