"""Derive a quantity of a family: the step, its solution, and the certificate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import sympy as sp

from theory import asymptotics, certificate, models
from theory.derived import Derivation, NoClosedForm
from theory.errors import CollapseError, InvalidInput
from theory.evaluation import evaluate
from theory.family import Family, family_of
from theory.laws import LAWS, LOG_STATE, general_law, law_system
from theory.linearsystem import LinearSystem
from theory.model import check_quantity
from theory.radial import radial_moments, variance_squared_system
from theory.setting import Setting
from theory.solve import Solution, solve
from theory.step import NoMomentError
from theory.symbols import d, n
from theory.vocabulary import Accumulate, Replace
from theory.workflow import kept, moments_of, untilted


def derive(question: Family | Setting, quantity: str) -> Derivation | NoClosedForm:
    """Derive the expectation of a quantity after ``t`` generations.

    Parameters
    ----------
    question
        A family, or a setting: its numbers are then the defaults of `Derivation.evaluate`.
    quantity
        A name of ``theory.vocabulary.QUANTITIES``.

    Returns
    -------
    Derivation or NoClosedForm
        Results are cached per family.

    Raises
    ------
    InvalidInput
        If the question is neither, or the quantity has no such name.

    Examples
    --------
    >>> from theory.vocabulary import Accumulate
    >>> derive(Family(workflow=Accumulate), "variance").rate
    1
    """
    if not isinstance(question, Family | Setting):
        raise InvalidInput(f"derive takes a Family or a Setting, not {question!r}")
    check_quantity(question.model, quantity)  # type: ignore[arg-type]
    if isinstance(question, Family):
        return _derive(question, quantity)
    family, numbers = family_of(question)
    found = _derive(family, quantity)
    return type(found)(**{**vars(found), "defaults": MappingProxyType(numbers)})


@lru_cache(maxsize=512)
def _derive(family: Family, quantity: str) -> Derivation | NoClosedForm:
    plain = untilted(family, quantity)
    if plain is not family:
        found = _derive(plain, quantity)
        return type(found)(**{**vars(found), "family": family})
    names: dict[Any, Any] = {}
    try:
        if family.is_gaussian:
            system, names = _system(family, quantity)
            reverse = quantity == "kl_start_to_model"
            condition = n > (d if family.dimension == d else family.dimension) + 2
            condition = condition if reverse else None
        else:
            answer = models.answer(family, quantity)
            if not isinstance(answer.system, LinearSystem):
                return NoClosedForm(family, quantity, answer.system, reason=answer.why)
            system, condition = answer.system, answer.condition
    except NoMomentError as missing:
        return NoClosedForm(family, quantity, None, reason=str(missing))
    known: dict[str, Any] = {"condition": condition, "definitions": MappingProxyType(names)}
    try:
        solution, proof = _solved(system.core())
    except CollapseError as failed:
        return NoClosedForm(family, quantity, system, reason=f"certificate: {failed}", **known)
    if solution is None:
        reason = "no solver reaches this recursion; it can be run"
        return NoClosedForm(family, quantity, system, reason=reason, **known)
    value = sum(
        (w * x for w, x in zip(system.output, solution.components, strict=True) if w != 0),
        system.offset,
    )
    closed = system.factor * value
    if solution.form != "eigenvalue":
        closed = _tidy(closed)
    try:
        checks = (proof, *_certify(family, quantity, system, solution, closed))
    except CollapseError as failed:
        return NoClosedForm(family, quantity, system, reason=f"certificate: {failed}", **known)
    used = closed.free_symbols | closed.atoms(sp.MatrixSymbol)
    known["definitions"] = MappingProxyType(
        {**names, **{key: x for key, x in solution.definitions.items() if key in used}}
    )
    behaviour = asymptotics.behaviour(system, solution)
    return Derivation(
        family,
        quantity,
        system,
        closed_form=closed,
        form=solution.form,
        solution=solution,
        valid_from=system.start,
        at_zero=system.factor * system.at_zero,
        rate=behaviour.rate,
        exponent=behaviour.exponent,
        limit=behaviour.limit,
        limit_reason=behaviour.reason,
        certificate=checks,
        **known,
    )


@lru_cache(maxsize=512)
def _solved(core: LinearSystem) -> tuple[Solution | None, str]:
    """Solution and proof of a step; families that differ in their names alone share it."""
    solution = solve(core)
    if solution is None:
        return None, ""
    return solution, certificate.certify_by_substitution(core, solution)


def _system(family: Family, quantity: str) -> tuple[LinearSystem, dict[Any, Any]]:
    if quantity in LAWS:
        return law_system(family, quantity), dict(kept(family).definitions)
    if quantity == "variance_squared" and family.workflow in (Replace, Accumulate):
        return variance_squared_system(family), radial_moments(family)[1]
    if quantity == "tail_mass":
        raise NoMomentError("the mass beyond a quantile is no moment of mean and variance")
    return moments_of(family, quantity), dict(kept(family).definitions)


def _certify(
    family: Family, quantity: str, system: LinearSystem, solution: Solution, closed: sp.Expr
) -> tuple[str, ...]:
    checks: list[str] = []
    if solution.form == "matrix-power" or family.sizes.has(sp.Function("n")):
        return tuple(checks)
    for which in range(2):
        point = certificate.rational_point(family, quantity, which)
        checks.append(certificate.certify_by_recursion(system, closed, solution.definitions, point))
        gaussian = family.is_gaussian and closed.has(sp.polygamma)
        if which == 0 and family.workflow is Replace and gaussian:
            checks.append(_log_check(family, system, point))
    return tuple(checks)


def _log_check(family: Family, system: LinearSystem, point: Mapping[str, Any]) -> str:
    """Digammas against the quadrature of the log moment, not against themselves."""
    _, scale, degrees, _ = general_law(family)
    gain = system.vector[system.states.index(LOG_STATE)]
    letters = {**point, "k": 2}
    top = int(evaluate(degrees, letters))
    count = int(point.get("d", family.dimension))
    return certificate.certify_log_moment(
        evaluate(gain, letters, 20), evaluate(scale, letters, 20), [top - i for i in range(count)]
    )


def _tidy(expression: sp.Expr) -> sp.Expr:
    """The shorter of the expression and its distributed form."""
    spread = sp.expand(
        expression, power_base=False, power_exp=False, multinomial=False, log=False, func=False
    )
    if expression.is_Mul and sp.count_ops(spread) >= sp.count_ops(expression):
        return expression
    return spread if sp.count_ops(spread) < sp.count_ops(expression) else expression
