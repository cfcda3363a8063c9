"""Moments of one selection step, named in formulas and exact in numbers.

`KappaPopulation`, `FourthPopulation` (population law), `KappaNofN`, `FourthNofN`, `PairNofN`
(nearest n of N) are SymPy functions; `kappa_population`, `one_minus_kappa_population`,
`kappa_n_of_N`, `one_minus_kappa_n_of_N` are their fast twins on floats and arrays.
"""

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

__all__ = [
    "FourthNofN",
    "FourthPopulation",
    "KappaNofN",
    "KappaPopulation",
    "PairNofN",
    "RadialMoment",
    "kappa_n_of_N",
    "kappa_population",
    "one_minus_kappa_n_of_N",
    "one_minus_kappa_population",
]
