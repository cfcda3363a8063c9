"""Selection by a score or by soft acceptance; catalogue entries D13, D14, D16, D17.

The score is the first coordinate, in deviations of the model.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim
from theory.domain import integers, reals
from theory.family import Family
from theory.selection import (
    BestFourth,
    BestMean,
    BestVariance,
    TailFourth,
    TailIntensity,
    TailVariance,
)
from theory.shelf._notation import DERIVED, SCALE
from theory.symbols import N, alpha, b, n, sigma_0, t
from theory.vocabulary import BestOf, Replace, UpperTail

delta = sp.Symbol("delta", nonnegative=True)
level = sp.Symbol("level", positive=True)

_i, _nu = TailIntensity(alpha), TailVariance(alpha)
_e, _v = BestMean(N), BestVariance(N)
_accept = sp.exp(-b * delta**2 / (2 * (1 + b))) / sp.sqrt(1 + b)
_entropy = 1 / (b * level) - sp.log(level)
_SHARE = reals(Fraction(1, 50), Fraction(9, 10))


def _refit(kept: sp.Expr, fourth: sp.Expr) -> sp.Expr:
    """Variance of a maximum-likelihood variance of n independent points."""
    return ((n - 1) / n) ** 2 * (fourth / n - kept**2 * (n - 3) / (n * (n - 1)))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="derived.upper-tail-shift",
        title="Upper tail: shift of the mean",
        statement="Keeping the upper alpha moves the mean by i = phi(z)/alpha deviations and "
        "leaves the variance nu = 1 - i (i - z).",
        reference=DERIVED,
        entry="D13",
        mean=_i,
        variance=_nu,
        over={alpha: _SHARE},
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.upper-tail-refit",
        title="Upper tail: one refit",
        statement="One maximum-likelihood fit on n points of the upper alpha has mean variance "
        "(1 - 1/n) nu.",
        reference=DERIVED,
        entry="D13",
        mean=(1 - 1 / n) * _nu,
        variance=_refit(_nu, TailFourth(alpha)),
        over={n: integers(2, 8), alpha: reals(Fraction(1, 5), Fraction(9, 10))},
        null=sp.Integer(1),
    ),
    Claim(
        id="derived.upper-tail-replace",
        title="Upper tail: Replace",
        statement="Replacing and keeping the upper alpha, E sigma_t^2 = [(1 - 1/n) nu]^t "
        "sigma_0^2, so that the mean moves by i/(1 - sqrt(nu)) deviations in all as n grows.",
        reference=DERIVED,
        entry="D13",
        family=Family(workflow=Replace, selection=UpperTail, fit="mle"),
        quantity="variance",
        equals=sigma_0**2 * ((1 - 1 / n) * _nu) ** t,
        over={n: integers(2, 20), alpha: _SHARE, t: integers(1, 3), sigma_0: SCALE},
    ),
    Claim(
        id="derived.best-of-shift",
        title="Best of N: shift of the mean",
        statement="The best of N candidates lies e_N deviations above the mean, with variance "
        "v_N: e_2 = 1/sqrt(pi), v_2 = 1 - 1/pi.",
        reference=DERIVED,
        entry="D14",
        mean=_e,
        variance=_v,
        over={N: integers(2, 24)},
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.best-of-refit",
        title="Best of N: one refit",
        statement="One maximum-likelihood fit on n points, each the best of N, has mean variance "
        "(1 - 1/n) v_N.",
        reference=DERIVED,
        entry="D14",
        mean=(1 - 1 / n) * _v,
        variance=_refit(_v, BestFourth(N)),
        over={n: integers(2, 12), N: integers(2, 12)},
        null=sp.Integer(1),
    ),
    Claim(
        id="derived.best-of-replace",
        title="Best of N: Replace",
        statement="Replacing by points that are each the best of N, E sigma_t^2 = "
        "[(1 - 1/n) v_N]^t sigma_0^2.",
        reference=DERIVED,
        entry="D14",
        family=Family(workflow=Replace, selection=BestOf, fit="mle"),
        quantity="variance",
        equals=sigma_0**2 * ((1 - 1 / n) * _v) ** t,
        over={n: integers(2, 12), N: integers(2, 6), t: integers(1, 3), sigma_0: SCALE},
    ),
    Claim(
        id="derived.best-of-reach",
        title="Best of N: finite reach",
        statement="The total gain e_N/(1 - sqrt(v_N)) of repeated best of N with Gaussian refits "
        "is below 3.52 deviations of the start for N = 2, ..., 5, where e_N and v_N are in closed "
        "form.",
        reference=DERIVED,
        entry="D14",
        holds=tuple(
            sp.Lt(
                BestMean(count) / (1 - sp.sqrt(BestVariance(count))),
                sp.Rational(352, 100),
                evaluate=False,
            )
            for count in map(sp.Integer, range(2, 6))
        ),
    ),
    Claim(
        id="derived.soft-mean",
        title="Soft verifier: accepted mean and variance",
        statement="Accepting x with probability exp(-b (x - u)^2/2), the accepted points of a "
        "standard normal law are normal with mean b u/(1 + b) and variance 1/(1 + b).",
        reference=DERIVED,
        entry="D16",
        mean=b * delta / (1 + b),
        variance=1 / (1 + b),
        over={b: reals(Fraction(1, 4), 4), delta: reals(Fraction(1, 2), 2)},
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.soft-acceptance",
        title="Soft verifier: acceptance",
        statement="It accepts a share (1 + b)^(-1/2) exp(-b u^2/(2 (1 + b))).",
        reference=DERIVED,
        entry="D16",
        mean=_accept,
        variance=_accept * (1 - _accept),
        bounds=(0, 1),
        over={b: reals(Fraction(1, 4), 4), delta: reals(0, 2)},
    ),
    Claim(
        id="derived.soft-replace",
        title="Soft verifier: Replace decays like 1/t",
        statement="Replacing at infinite n, sigma_t^2 = sigma_0^2/(1 + b t sigma_0^2) solves "
        "sigma_{t+1}^2 = sigma_t^2/(1 + b sigma_t^2): a power of t, not a geometric decay.",
        reference=DERIVED,
        entry="D16",
        holds=sp.Eq(
            sigma_0**2 / (1 + b * (t + 1) * sigma_0**2),
            (sigma_0**2 / (1 + b * t * sigma_0**2))
            / (1 + b * sigma_0**2 / (1 + b * t * sigma_0**2)),
            evaluate=False,
        ),
        over={b: reals(Fraction(1, 10), 10), t: integers(0, 1000), sigma_0: SCALE},
    ),
    Claim(
        id="derived.soft-loss",
        title="Soft verifier: loss of one generation",
        statement="About a known centre a generation of accumulation loses E k (1 - R_k) = "
        "b/(1 + b), b standing for b V: the loss falls with V.",
        reference=DERIVED,
        entry="D17",
        mean=b / (1 + b),
        variance=2 / (1 + b) ** 2,
        over={b: reals(Fraction(1, 4), 8)},
        null=sp.Integer(0),
    ),
    Claim(
        id="derived.soft-logarithm",
        title="Soft verifier: accumulation collapses like 1/log t",
        statement="Where dV/dlog t = -b V^2/(1 + b V), the sum 1/(b V) - log V grows by exactly "
        "one per unit of log t: V ~ 1/(b log t).",
        reference=DERIVED,
        entry="D17",
        holds=sp.Eq(
            sp.diff(_entropy, level) * (-b * level**2 / (1 + b * level)),
            sp.Integer(1),
            evaluate=False,
        ),
        over={b: reals(Fraction(1, 10), 10), level: reals(Fraction(1, 100), 1)},
    ),
)
