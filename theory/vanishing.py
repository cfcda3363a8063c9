"""Limits that hold almost surely, by a certificate that algebra and one generation can check.

X_t = X_0 R_1 R_2 ... R_t with independent positive ratios tends to 0 almost surely as soon as
M(s) = E R^s < 1 for one s > 0: E X_t^s = X_0^s M^t, so that by Markov P(X_t > x) <= (X_0/x)^s M^t,
whose sum over t is finite, and Borel and Cantelli do the rest. "Almost surely" is a tail event that
no simulation sees; M(s) < 1 is decided by algebra, and E R^s = M(s) by simulating one step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import Domain
from theory.errors import ClaimError


def vanishing(
    name: str,
    moment: sp.Expr,
    s: sp.Symbol,
    *,
    power: Any,
    over: Mapping[Any, Domain],
    draw: Callable[..., Any] | None = None,
    where: tuple[sp.Basic, ...] = (),
    reference: Reference | None = None,
    entry: str | None = None,
) -> Claim:
    """The claim that X_t -> 0 almost surely, with the certificate for it.

    Parameters
    ----------
    name
        Identifier of the claim.
    moment, s
        M(s) = E R^s of the one-step ratio, an expression in `s`; M(2 s) must exist too.
    power
        The s > 0 at which M(s) < 1: a number, or an expression in the letters of `over`.
    over, where, reference, entry
        As in `theory.Claim`.
    draw
        ``draw(rng, size, **values)`` returns replicates of the ratio R itself.

    Returns
    -------
    Claim
        E R^s = M(s), for simulation, with the certificate M(s) < 1, for algebra. Both have to hold;
        then so does the rate: P(X_t > x) <= (X_0/x)^s M(s)^t. REFUTED says that this certificate
        fails, and not that X_t stays: another s may do.

    Raises
    ------
    ClaimError
        If `power` is not positive.

    Examples
    --------
    A mean that stays 1 for ever, of a variance that vanishes (an unbiased fit on n points):

    >>> from theory.domain import integers
    >>> n, s = sp.Symbol("n", integer=True, positive=True), sp.Symbol("s", positive=True)
    >>> M = (2/(n - 1))**s * sp.gamma((n - 1)/2 + s) / sp.gamma((n - 1)/2)
    >>> claim = vanishing("mine", M, s, power=sp.Rational(1, 2), over={n: integers(2, 50)},
    ...                   draw=lambda rng, size, n: rng.chisquare(n - 1, size)/(n - 1))
    >>> from theory import compare
    >>> compare(claim).verdict, claim.form
    ('PROVED', 'sampler')
    """
    power = sp.sympify(power)
    if power.is_positive is False or (power.is_number and not power > 0):
        raise ClaimError(f"{name}: power = {power} is not positive")
    first, second = (moment.subs(s, k * power) for k in (1, 2))
    raised = None
    if draw is not None:
        sampler, letters = draw, tuple(sorted(str(x) for x in power.free_symbols))
        evaluate = sp.lambdify(letters, power, "math") if letters else None
        constant = None if letters else float(power)

        def raised(rng: Any, size: int, **values: Any) -> Any:
            exponent = evaluate(**{x: float(values[x]) for x in letters}) if evaluate else constant
            return sampler(rng, size, **values) ** exponent

    return Claim(
        id=name,
        title="Almost sure limit",
        statement=f"E R^s = M(s) < 1 at s = {power}, for the ratio R of one step: X_t tends to 0 "
        "almost surely, and P(X_t > x) <= (X_0/x)^s M(s)^t.",
        mean=first,
        variance=second - first**2,
        certificate=sp.Lt(first, 1, evaluate=False),
        null=sp.Integer(1),
        draw=raised,
        over=over,
        where=where,
        reference=reference,
        entry=entry,
    )
