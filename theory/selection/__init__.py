"""Moments of one selection step, named in formulas and exact in numbers.

Around the model's own mean: `KappaPopulation`, `FourthPopulation` (population law), `KappaNofN`,
`FourthNofN`, `PairNofN` (nearest n of N) are SymPy functions; `kappa_population`,
`one_minus_kappa_population`, `kappa_n_of_N`, `one_minus_kappa_n_of_N` their fast twins on floats
and arrays. Around another target: `TargetMoment`, `TargetMomentNofN`; in another metric:
`EllipseMoment` (the plane), `kept_weighted` (any dimension, floats). By a score: `TailIntensity`,
`TailVariance`, `BestMean`, `BestVariance`, `PreferredShift`. Laws on points: `preferred`,
`selected_error`.
"""

from theory.selection.best import BestFourth, BestMean, BestVariance
from theory.selection.ellipse import EllipseMoment
from theory.selection.fast import (
    kappa_n_of_N,
    kappa_population,
    one_minus_kappa_n_of_N,
    one_minus_kappa_population,
)
from theory.selection.functions import (
    FourthNofN,
    FourthPopulation,
    KappaNofN,
    KappaPopulation,
    PairNofN,
    RadialMoment,
)
from theory.selection.pairs import PreferredShift
from theory.selection.preference import preferred, selected_error
from theory.selection.quadratic import (
    Kept,
    kept_products,
    kept_weighted,
    weighted_mass,
    weighted_threshold,
)
from theory.selection.tail import TailFourth, TailIntensity, TailVariance
from theory.selection.targets import TargetMoment, TargetMomentNofN, seen_from_target

__all__ = [
    "BestFourth",
    "BestMean",
    "BestVariance",
    "EllipseMoment",
    "FourthNofN",
    "FourthPopulation",
    "KappaNofN",
    "KappaPopulation",
    "Kept",
    "PairNofN",
    "PreferredShift",
    "RadialMoment",
    "TailFourth",
    "TailIntensity",
    "TailVariance",
    "TargetMoment",
    "TargetMomentNofN",
    "kappa_n_of_N",
    "kappa_population",
    "kept_products",
    "kept_weighted",
    "one_minus_kappa_n_of_N",
    "one_minus_kappa_population",
    "preferred",
    "seen_from_target",
    "selected_error",
    "weighted_mass",
    "weighted_threshold",
]
