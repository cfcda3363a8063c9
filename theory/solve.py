"""Solvers of linear recursions of expectations. None is trusted: `theory.certificate` decides.

Each returns every component of the system as an expression in ``t``; what has no closed form
is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.polys.matrices import DomainMatrix
from sympy.polys.matrices.exceptions import DMNonInvertibleMatrixError

from theory.linearsystem import LinearSystem
from theory.names import Book, X
from theory.symbols import k, t

FORMS = (
    "constant",
    "power",
    "linear",
    "geometric",
    "digamma",
    "gamma",
    "eigenvalue",
    "matrix-power",
    "product",
    "sum",
)


@dataclass(frozen=True)
class Solution:
    """Components of a linear system as functions of ``t``, for ``t >= start``."""

    components: tuple[sp.Expr, ...]
    form: str
    definitions: Mapping[Any, Any]
    relations: tuple[tuple[sp.Symbol, sp.Expr], ...]
    known: Mapping[sp.Expr, Any] = field(default_factory=dict)

    def book(self) -> Book:
        """The names of the solution, to be continued in another expression."""
        return Book(dict(self.definitions), list(self.relations), dict(self.known))


def solve(system: LinearSystem) -> Solution | None:
    """Solve a linear system in closed form, or return None.

    Examples
    --------
    >>> from theory.family import Family
    >>> from theory.workflow import moments_of
    >>> solve(moments_of(Family(), "variance")).components
    (((n - 1)/n)**t,)
    """
    book = Book()
    components: list[sp.Expr | None] = [None] * system.dimension
    forms: list[str] = []
    for block in _blocks(system):
        solved = _solve_block(system, block, book)
        if solved is None:
            return None
        values, form = solved
        forms.append(form)
        for i, value in zip(block, values, strict=True):
            components[i] = value
    return Solution(
        tuple(value for value in components if value is not None),
        max(forms, key=FORMS.index),
        MappingProxyType(dict(book.definitions)),
        tuple(book.relations),
        MappingProxyType(dict(book.known)),
    )


Solved = tuple[list[sp.Expr], str] | None


def _blocks(system: LinearSystem) -> list[list[int]]:
    """Connected components of the graph of the step."""
    left, blocks = set(range(system.dimension)), []
    while left:
        block, frontier = set(), {min(left)}
        while frontier:
            i = frontier.pop()
            block.add(i)
            linked = {j for j in left if system.matrix[i, j] != 0 or system.matrix[j, i] != 0}
            frontier |= linked - block
        left -= block
        blocks.append(sorted(block))
    return blocks


def _solve_block(system: LinearSystem, block: list[int], book: Book) -> Solved:
    matrix = system.matrix.extract(block, block)
    vector = system.vector.extract(block, [0])
    initial = system.initial.extract(block, [0])
    start = system.start
    if len(block) == 1:
        return _scalar(matrix[0, 0], vector[0], initial[0], start, book)
    if system.basis is not None and vector.is_zero_matrix:
        return _diagonal(matrix, system.basis, initial, start, book)
    if len(block) == 2 and vector.is_zero_matrix:
        solved = _triangular(matrix, initial, start, book)
        if solved is not None:
            return solved
    if matrix.has(k) or vector.has(k):
        return None
    if len(block) <= 3:
        solved = _eigenvalues(matrix, vector, initial, start, book)
        if solved is not None:
            return solved
    return _matrix_power(matrix, vector, initial, start, book)


def _scalar(ratio: sp.Expr, add: sp.Expr, initial: sp.Expr, start: int, book: Book) -> Solved:
    if add == 0:
        value, form = product(ratio, start, book)
        return [initial * value], form
    if ratio == 1 and not add.has(k):
        form = "digamma" if add.has(sp.polygamma) else "linear"
        return [initial + add * (t - start)], form
    if ratio == 1:
        return [initial + sp.Sum(add, (k, start + 1, t))], "sum"
    if ratio.has(k) or add.has(k):
        return None
    fixed = sp.factor(add / (1 - ratio))
    return [fixed + sp.factor(initial - fixed) * sp.factor(ratio) ** (t - start)], "geometric"


def product(ratio: sp.Expr, start: int, book: Book) -> tuple[sp.Expr, str]:
    """The product of ``ratio(k)`` over ``start < k <= t``: a power, Gammas of roots, or itself."""
    if ratio == 1:
        return sp.Integer(1), "constant"
    if not ratio.has(k):
        return sp.factor(ratio) ** (t - start), "power"
    if not ratio.is_rational_function(k) or ratio.has(sp.Function, sp.Sum):
        return sp.Product(ratio, (k, start + 1, t)), "product"
    numerator, denominator = sp.fraction(sp.cancel(ratio))
    lead, value = sp.Integer(1), sp.Integer(1)
    for part, sign in ((numerator, 1), (denominator, -1)):
        content, factors = sp.factor_list(part)
        lead *= content**sign
        for factor, power in factors:
            poly = sp.Poly(factor, k)
            lead *= poly.LC() ** (sign * power)
            if poly.degree():
                for root in book.roots(factor.subs(k, X), "r"):
                    value *= _rising(root, start) ** (sign * power)
    lead = sp.cancel(lead)
    return (value if lead == 1 else lead ** (t - start) * value), "gamma"


def _rising(root: sp.Expr, start: int) -> sp.Expr:
    """Product of ``k - root`` over ``start < k <= t``."""
    return sp.gamma(t + 1 - root) / sp.gamma(start + 1 - root)


def _diagonal(
    matrix: sp.Matrix, basis: sp.Matrix, initial: sp.Matrix, start: int, book: Book
) -> Solved:
    inverse = basis.inv()
    diagonal = (inverse * matrix * basis).applyfunc(lambda x: sp.factor(sp.together(x)))
    if not diagonal.is_diagonal():
        return None
    weights = (inverse * initial).applyfunc(sp.factor)
    values, forms = [], []
    for i in range(matrix.rows):
        if weights[i] == 0:
            values.append(sp.Integer(0))
            continue
        value, form = product(diagonal[i, i], start, book)
        values.append(weights[i] * value)
        forms.append("eigenvalue" if form == "power" and matrix.rows > 1 else form)
    components = list(basis * sp.Matrix(values))
    return components, max(forms, key=FORMS.index)


def _triangular(matrix: sp.Matrix, initial: sp.Matrix, start: int, book: Book) -> Solved:
    """``y' = c y + g x``, ``x' = r x``: conserved combination, equal rates, or a finite sum."""
    if matrix[1, 0] == 0:
        y, x = 0, 1
    elif matrix[0, 1] == 0:
        y, x = 1, 0
    else:
        return None
    keep, gain, ratio = matrix[y, y], matrix[y, x], matrix[x, x]
    value, form = product(ratio, start, book)
    decay = initial[x] * value
    elapsed = t - start
    if keep == ratio and not matrix.has(k):
        grown = ratio**elapsed * (initial[y] + sp.factor(gain / ratio) * elapsed * initial[x])
        return _ordered(y, grown, decay), "linear" if ratio == 1 else "geometric"
    if keep != 1:
        return None
    weight = sp.cancel(gain / (1 - ratio)) if ratio != 1 else k
    if not weight.has(k):
        # y + weight x is conserved, generation by generation.
        total = sp.factor(initial[y] + weight * initial[x])
        return _ordered(y, total - sp.factor(weight) * decay, decay), (
            "geometric" if form == "power" else form
        )
    summand = gain * decay.subs(t, k - 1)
    return _ordered(y, initial[y] + sp.Sum(summand, (k, start + 1, t)), decay), "sum"


def _ordered(y: int, first: sp.Expr, second: sp.Expr) -> list[sp.Expr]:
    return [first, second] if y == 0 else [second, first]


def _eigenvalues(
    matrix: sp.Matrix, vector: sp.Matrix, initial: sp.Matrix, start: int, book: Book
) -> Solved:
    """Fixed point plus powers of the eigenvalues, weighted by the residues of the resolvent.

    ``(x - A)^-1 v = sum_j x^j sum_(i>j) c_i A^(i-1-j) v / chi(x)`` with ``chi = sum_i c_i x^i``,
    entry by entry in lowest terms, so that eigenvalues that the start does not excite drop out.
    """
    size = matrix.rows
    whole = DomainMatrix.from_Matrix(matrix.row_join(vector).row_join(initial)).to_field()
    field = whole.domain
    step, add, begin = (
        whole.extract(range(size), columns) for columns in (range(size), [size], [size + 1])
    )
    try:
        fixed = (DomainMatrix.eye(size, field).to_dense() - step.to_dense()).lu_solve(
            add.to_dense()
        )
    except DMNonInvertibleMatrixError:
        return None
    step, departure = step.to_dense(), begin.to_dense() - fixed
    chi = list(reversed(step.charpoly()))
    powers = [departure]
    for _ in range(size - 1):
        powers.append(step * powers[-1])
    components = []
    for entry in range(size):
        column = [power.to_list()[entry][0] for power in powers]
        top = [
            sum((chi[i] * column[i - 1 - j] for i in range(j + 1, size + 1)), field.zero)
            for j in range(size)
        ]
        value = _powers(
            sp.Poly.from_list(list(reversed(top)), X, domain=field),
            sp.Poly.from_list(list(reversed(chi)), X, domain=field),
            start,
            book,
        )
        if value is None:
            return None
        components.append(sp.factor(field.to_sympy(fixed.to_list()[entry][0])) + value)
    return components, "eigenvalue"


def _powers(top: sp.Poly, bottom: sp.Poly, start: int, book: Book) -> sp.Expr | None:
    """Sum over the roots of `bottom` of the residue of ``top/bottom`` times a power."""
    common = top.gcd(bottom)
    top, bottom = top.quo(common), bottom.quo(common)
    slope = bottom.diff()
    total = sp.Integer(0)
    for factor, power in bottom.factor_list()[1]:
        if power > 1:
            return None
        if factor.degree() == 1:
            weight = sp.factor(top.rem(factor).as_expr() / slope.rem(factor).as_expr())
        else:
            weight = top.rem(factor).as_expr() / slope.rem(factor).as_expr()
        named = sp.factor_list(sp.fraction(sp.together(factor.as_expr()))[0])[1]
        polynomial = next(f for f, _ in named if f.has(X))
        for root in book.roots(polynomial, "lambda"):
            value = sp.factor(root) if factor.degree() == 1 else root
            total += weight.subs(X, root) * value ** (t - start)
    return total


def _matrix_power(
    matrix: sp.Matrix, vector: sp.Matrix, initial: sp.Matrix, start: int, book: Book
) -> Solved:
    """Entries of ``A**(t - start) v`` with ``A = [[A, b], [0, 1]]`` and ``v`` named."""
    size = matrix.rows
    if vector.is_zero_matrix:
        step, state = matrix, initial
    else:
        step = matrix.row_join(vector).col_join(sp.Matrix([[*([0] * size), 1]]))
        state = initial.col_join(sp.Matrix([1]))
    power = sp.MatPow(book.matrix("A", step), t - start)
    image = sp.MatMul(power, book.matrix("v", state))
    return [MatrixElement(image, i, 0) for i in range(size)], "matrix-power"
