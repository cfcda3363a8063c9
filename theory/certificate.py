"""Certificates: no solution counts before it is substituted back and met by its own recursion."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath
import sympy as sp

from theory.errors import CollapseError
from theory.evaluation import evaluate
from theory.family import Family
from theory.linearsystem import LinearSystem
from theory.model import PARAMETERS
from theory.recursion import run
from theory.solve import Solution
from theory.symbols import Letter, k, t
from theory.zero import is_zero

DIGITS = 30


class CertificateError(CollapseError):
    """A solution that does not satisfy its own recursion."""


def certify_by_substitution(system: LinearSystem, solution: Solution) -> str:
    """Base case and induction step, each proved zero modulo the polynomials of the named roots.

    Raises
    ------
    CertificateError
        If either is not proved.
    """
    if solution.form == "matrix-power":
        return _matrix_definition(system, solution)
    relations = solution.relations
    for i, component in enumerate(solution.components):
        base = settled(component.subs(t, system.start)) - system.initial[i]
        if not is_zero(base, relations):
            raise CertificateError(f"{system.states[i]}: the base case does not simplify to zero")
    before = [component.subs(t, k - 1) for component in solution.components]
    for i, component in enumerate(solution.components):
        image = system.vector[i] + sum(
            (
                system.matrix[i, j] * before[j]
                for j in range(system.dimension)
                if system.matrix[i, j] != 0
            ),
            sp.Integer(0),
        )
        if not is_zero(component.subs(t, k) - image, relations):
            raise CertificateError(
                f"{system.states[i]}: the induction step does not simplify to zero"
            )
    modulo = ", modulo the polynomials of the named roots" if relations else ""
    return f"base case t = {system.start} and induction step simplify to zero{modulo}"


def settled(expression: sp.Expr) -> sp.Expr:
    """Evaluate sums and products whose limits are numbers."""
    series = [
        atom
        for atom in expression.atoms(sp.Sum, sp.Product)
        if all(bound.is_number for bound in atom.limits[0][1:])
    ]
    return expression.xreplace({atom: atom.doit() for atom in series})


def _matrix_definition(system: LinearSystem, solution: Solution) -> str:
    """A matrix power solves its recursion by definition, if it is the power of the right matrix."""
    for component in solution.components:
        names = component.atoms(sp.MatrixSymbol)
        for name in names:
            if name not in solution.definitions:
                raise CertificateError(f"{name} is not defined")
    size = system.dimension
    matrices = [x for x in solution.definitions.values() if isinstance(x, sp.MatrixBase)]
    step, state = [*matrices, None, None][:2]
    good = (
        len(matrices) == 2
        and step[:size, :size] == sp.Matrix(system.matrix)
        and state[:size, 0] == sp.Matrix(system.initial)
        and (
            (step.rows == size and system.vector.is_zero_matrix)
            or (
                step.rows == size + 1
                and step[:size, size] == sp.Matrix(system.vector)
                and list(step[size, :]) == [*([0] * size), 1]
                and state[size] == 1
            )
        )
    )
    if not good:
        raise CertificateError("the matrix is not the matrix of the step")
    return "a power of the step's own matrix, applied to its own start"


def certify_by_recursion(
    system: LinearSystem,
    expression: sp.Expr,
    definitions: Mapping[Any, Any],
    point: Mapping[str, Any],
) -> str:
    """The closed form equals its recursion to 30 digits at a rational point.

    Raises
    ------
    CertificateError
        If it does not.
    """
    values = {name: value for name, value in point.items() if name != "t"}
    generation = int(point["t"])
    direct = run(system, values, generation, DIGITS + 8, definitions)
    closed = evaluate(expression, point, DIGITS + 4, definitions)
    with mpmath.workdps(DIGITS + 20):
        if isinstance(direct, Fraction):
            direct = mpmath.mpf(direct.numerator) / direct.denominator
        size = max(abs(direct), mpmath.mpf(10) ** (-DIGITS))
        if not abs(closed - direct) <= size * mpmath.mpf(10) ** (-DIGITS):
            raise CertificateError(
                f"closed form {mpmath.nstr(closed, 12)} and recursion "
                f"{mpmath.nstr(direct, 12)} differ at {_shown(point)}"
            )
    return f"equal to its own recursion to {DIGITS} digits at {_shown(point)}"


def _shown(point: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in point.items())


def rational_point(family: Family, quantity: str, which: int) -> dict[str, Any]:
    """A rational point of the family's letters, fixed by a hash of family and quantity."""
    digest = hashlib.sha256(f"{family!r}|{quantity}|{which}".encode()).digest()
    draw = iter(digest)

    def pick(low: int, high: int) -> int:
        return low + next(draw) % (high - low + 1)

    point: dict[str, Any] = {"t": pick(3, 9), "sigma_0": Fraction(pick(3, 20), pick(3, 9))}
    names = [name for name in family.letters if name not in ("alpha", "N")]
    d = pick(1, 4) if "d" in names else int(family.dimension)
    n = d + 8 + pick(0, 24)
    given: dict[str, Any] = {
        "n": n,
        "d": d,
        "temperature": Fraction(pick(4, 16), 10),
        "f": Fraction(pick(1, n // 2), n),
        "n_r": pick(2, n // 2),
    }
    if not family.is_gaussian:
        del point["sigma_0"]
        given |= {name: _typical(letter, pick(20, 80)) for name, letter in PARAMETERS.items()}
    for name in names:
        point[name] = given[name] if name in given else d + 4 + pick(1, 9)
    for name in ("kappa", "kappa_4", "kappa_22") if family.is_gaussian else ():
        # The identity holds whatever the moments of the selection are: any rational will do.
        point[name] = Fraction(pick(20, 80), 100)
    if family.sizes.has(sp.Function("n")):
        point["n"] = tuple(n + pick(0, 9) for _ in range(point["t"]))
    return point


def _typical(letter: Letter, percent: int) -> int | Fraction:
    """A rational point so far up the typical range of a letter."""
    low, high = (Fraction(str(end)) for end in letter.typical)
    value = low + (high - low) * Fraction(percent, 100)
    return round(value) if letter.domain.kind == "integers" else value


def certify_log_moment(value: Any, scale: Any, degrees: list[int]) -> str:
    """The step of a logarithm equals ``sum E log(scale chi2_m)``, by quadrature of the density.

    Raises
    ------
    CertificateError
        If it does not, to 15 digits.

    Examples
    --------
    >>> certify_log_moment(mpmath.digamma(2) + mpmath.log(2), 1, [4])[:19]
    'the step equals the'
    """
    with mpmath.workdps(25):
        total = sum((mpmath.log(scale) + _log_chi(m) for m in degrees), mpmath.mpf(0))
        if not abs(total - value) < mpmath.mpf(10) ** (-15) * (1 + abs(total)):
            raise CertificateError(
                f"the step {mpmath.nstr(value, 12)} is not the quadrature's "
                f"{mpmath.nstr(total, 12)}"
            )
    return "the step equals the log moment by quadrature of the density to 15 digits"


def _log_chi(degrees: int) -> Any:
    """E log chi2_m, by quadrature in the logarithm."""
    half = mpmath.mpf(degrees) / 2
    centre, width = mpmath.log(2 * half), mpmath.sqrt(2 / half)
    nodes = [centre + width * i for i in (-40, -20, -10, -5, -2, 0, 1, 2, 4, 8)]
    scale = half * mpmath.log(2) + mpmath.loggamma(half)
    return mpmath.quad(lambda y: y * mpmath.exp(half * y - mpmath.exp(y) / 2 - scale), nodes)
