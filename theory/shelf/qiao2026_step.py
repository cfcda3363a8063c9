"""Qiao et al. (2026): one generation of selection and refit; entries D2 and losses of D3, D4.

kappa(n, N) is the variance of a kept point over the model's when the nearest n of N candidates are
kept. Derived, with the variance of every replicate from the joint moments of the kept radii.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim
from theory.domain import integers
from theory.selection import FourthNofN, KappaNofN, KappaPopulation, PairNofN
from theory.shelf.qiao2026 import REFERENCE
from theory.symbols import N, d, k, n

_j = sp.Symbol("j", integer=True, positive=True)
_kappa = KappaNofN(n, N, d)
_q = (1 - 1 / n) * _kappa

# With s the sum of the kept squared radii: E sum r^4 and E s^2, in units of the model's variance.
_fourth = n * d * (d + 2) * FourthNofN(n, N, d)
_square = _fourth + n * (n - 1) * d**2 * PairNofN(n, N, d)
# |sum of kept points|^2 has mean s and, directions being uniform, variance (2/d)(s^2 - sum r^4)
# given the radii.
_resultant = _square + 2 * (_square - _fourth) / d

# The same in the plane, where half the squared radii are exponential order statistics: sums of
# independent spacings E_j/(N-j+1) (Renyi).
_harmonic = sp.harmonic(N) - sp.harmonic(N - n)
_plane = 1 - (N - n) / n * _harmonic
_plane_variance = sp.Sum(((n - _j + 1) / (N - _j + 1)) ** 2, (_j, 1, n)) / n**2

_pairs = {n: integers(2, 8), N: integers(3, 20)}
_more = (n < N,)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="qiao2026.kappa-n-of-N",
        title="Variance of a kept point, n of N",
        statement="If the nearest n of N candidates are kept, a kept point has covariance "
        "kappa(n, N) Sigma, kappa(n, N) = (1/(nd)) sum_{i<=n} E chi2_{d,(i:N)}.",
        reference=REFERENCE,
        entry="D2",
        mean=_kappa,
        variance=_square / (n * d) ** 2 - _kappa**2,
        over={**_pairs, d: integers(1, 3)},
        where=_more,
        null=sp.Integer(1),
    ),
    Claim(
        id="qiao2026.kappa-plane",
        title="Variance of a kept point in the plane, n of N",
        statement="In two dimensions kappa(n, N) = 1 - ((N-n)/n)(H_N - H_{N-n}), H the harmonic "
        "numbers.",
        reference=REFERENCE,
        entry="D2",
        mean=_plane,
        variance=_plane_variance,
        over=_pairs,
        where=_more,
        null=sp.Integer(1),
        rivals={"kappa(n/N)": 1 + (N - n) / n * sp.log(1 - n / N)},
    ),
    Claim(
        id="qiao2026.kappa-above-population",
        title="The population's kappa is a lower bound",
        statement="kappa(n, N) is at least the population's kappa(n/N): by 49 % at n = 5, N = 20, "
        "d = 1.",
        reference=REFERENCE,
        entry="D2",
        mean=KappaPopulation(n / N, d),
        variance=_square / (n * d) ** 2 - _kappa**2,
        relation=">=",
        over={**_pairs, d: integers(1, 3)},
        where=_more,
        rivals={"no selection": sp.Integer(1)},
    ),
    Claim(
        id="qiao2026.refit",
        title="Refit on kept points",
        statement="One maximum-likelihood fit on the nearest n of N has mean covariance "
        "(1 - 1/n) kappa(n, N) Sigma.",
        reference=REFERENCE,
        entry="D2",
        mean=_q,
        variance=(_square * (n**2 - 2 * n) + _resultant) / (n**2 * d) ** 2 - _q**2,
        over={**_pairs, d: integers(1, 3)},
        where=_more,
        null=sp.Integer(1),
    ),
    Claim(
        id="qiao2026.replace-loss",
        title="Replace and select: loss beyond the selection's",
        statement="The refit loses kappa(n, N)/n beyond what selection removes: the kept points' "
        "mean square, of mean kappa(n, N), minus the fitted variance.",
        reference=REFERENCE,
        entry="D3",
        mean=_kappa / n,
        variance=_resultant / (n**2 * d) ** 2 - (_kappa / n) ** 2,
        over={**_pairs, d: integers(1, 3)},
        where=_more,
        control="qiao2026.kappa-n-of-N",
        null=sp.Integer(0),
    ),
    Claim(
        id="qiao2026.accumulate-loss",
        title="Accumulate and select: loss beyond the selection's",
        statement="Generation k of accumulation loses kappa(n, N)/(n k^2) beyond the selection's "
        "(1 - mean square)/k, the kept points' mean square having mean kappa(n, N).",
        reference=REFERENCE,
        entry="D4",
        mean=_kappa / (n * k**2),
        variance=(_resultant / (n**2 * d) ** 2 - (_kappa / n) ** 2) / k**4,
        over={**_pairs, d: integers(1, 2), k: integers(2, 20)},
        where=_more,
        control="qiao2026.kappa-n-of-N",
        null=sp.Integer(0),
    ),
)
