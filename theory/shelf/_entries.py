"""The catalogue, entry by entry: what each is about, and why some have no claim on the shelf."""

from __future__ import annotations

ENTRIES: dict[str, str] = {
    "A1": "replace: mean variance",
    "A2": "replace: second moment of the variance",
    "A3": "replace: almost-sure rate",
    "A4": "replace: standard deviation and all moments",
    "A5": "replace: drift of the mean",
    "A6": "replace: Wasserstein distance",
    "A7": "replace: Kullback-Leibler divergence",
    "A9": "replace: determinant",
    "A11": "replace: Lyapunov spectrum",
    "A12": "replace: displacement in d dimensions",
    "A13": "replace: tail bound for the standard deviation",
    "A14": "replace: biased sampling and its critical strength",
    "A15": "replace: growing batches",
    "A17": "replace: kernel densities and the bootstrap",
    "B1": "accumulate: mean variance",
    "B2": "accumulate: drift, and pi^2/6",
    "B4": "accumulate: logarithm and almost-sure limit",
    "B6": "accumulate: any schedule of batches",
    "B7": "accumulate-subsample",
    "B8": "exponential families with quadratic variance",
    "C1": "fresh real points",
    "C3": "a fixed real set",
    "C4": "the golden ratio",
    "C5": "temperature and real points",
    "C6": "stability on a mixture",
    "D1": "selection: population kappa",
    "D2": "selection: kappa of n of N",
    "D3": "selection: replace",
    "D4": "selection: accumulate",
    "D5": "selection: accumulate, population",
    "D6": "selection: two-sided almost-sure rate",
    "D7": "selection: a fixed target with refitted mean",
    "D8": "selection: moments of an off-centre ball",
    "D9": "selection: population flow",
    "D9a": "selection: far targets are not reached",
    "D9b": "selection: the variance is not monotone",
    "D10": "selection: finite reach of replace",
    "D11": "selection: recorded runs",
    "D12": "selection: a metric of its own",
    "D13": "selection: one-sided",
    "D14": "selection: best of N",
    "D15": "selection: divergence of best of N",
    "D16": "selection: soft",
    "D17": "selection: soft, accumulated",
    "D19": "selection: growth of the reward",
    "D20": "selection: a verifier with a centre of its own",
    "D21": "selection: threshold of a noisy verifier",
    "E1": "regression, replaced",
    "E2": "regression, accumulated",
    "E3": "regression with fewer points than inputs",
    "E5": "Wright-Fisher chain",
    "E6": "Wright-Fisher chain: bounds on fixation",
    "E7": "survival of a symbol: bounds",
    "E8": "survival of a Poisson law",
    "E9": "time to fixation",
    "E10": "cut tails",
    "E11": "number of symbols left",
    "F1": "tests on synthetic data",
    "F3": "combining synthetic sets",
    "F4": "control variates from proxies",
    "G1": "Wasserstein barycentre: fixed-point iteration",
    "G2": "Wasserstein barycentre: decomposition of the variance",
    "G3": "Wasserstein barycentre: determinant inequalities",
    "G4": "Wasserstein barycentre: commuting covariances",
    "G5": "Wasserstein geodesic",
    "G6": "Wasserstein gradients along a geodesic",
    "G7": "Wasserstein distance of a sample",
    "G8": "Wasserstein distance of a fit",
    "G9": "Wasserstein bound on expectations",
    "G10": "Wasserstein limit of a collapsed model",
}
"""Every statement of the catalogue, in order."""

_MATRICES = "an inequality of matrices, held as a property by the tests of theory.wasserstein"

WITHOUT: dict[str, str] = {
    "G1": f"{_MATRICES}, where monotone determinants are refuted",
    "G3": _MATRICES,
    "G6": "T - I is proportional along a geodesic by its definition",
    "G9": "Wasserstein bound on expectations",
    "G10": "Wasserstein limit of a collapsed model",
}
"""Every statement of the catalogue, in order."""

_LATER = "not yet on the shelf"
_BARYCENTRES = f"{_LATER}: needs barycentres and transport maps, which nothing here computes yet"

WITHOUT: dict[str, str] = {
    "G1": _BARYCENTRES,
    "G2": _BARYCENTRES,
    "G3": _BARYCENTRES,
    "G4": _BARYCENTRES,
    "G5": _BARYCENTRES,
    "G6": _BARYCENTRES,
    "G7": _LATER,
    "G8": _LATER,
    "G9": "a bound for every function and every pair of laws: no finite family of points stands "
    "for it",
    "G10": "an identity of the definitions, with nothing to simulate",
}
"""Entries without a claim, and why."""

PARTLY: dict[str, str] = {
    "A11": "the spectrum is a limit of long products; its sum and its first step are claims",
    "B8": "Bernoulli laws stand under E5",
    "E7": "the recursion g_t is exact by definition; what it bounds is checked",
    "E10": "the scaling law with a proved remainder",
    "G2": "on common axes; for all covariances it is a property of theory.wasserstein",
    "G5": "on common axes; for all covariances it is a property of theory.wasserstein",
    "G7": "for uniform points, and for two normal ones; any n is in theory.wasserstein.line",
    "F1": "with estimated variances the formula is asymptotic: the exact size stands in its place",
}
"""Entries whose claims say less, or more, than the entry does."""
