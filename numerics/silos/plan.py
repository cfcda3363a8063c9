"""What is fixed over all cells of the digits experiment, with the words for the cells."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from theory.errors import InvalidInput

Split = Literal["iid", "dirichlet", "two-class"]
Family = Literal["kde", "kde-preserving", "mixture"]
Verifier = Literal["fixed", "rotating"]
SPLITS: tuple[Split, ...] = get_args(Split)
GENERATORS: tuple[Family, ...] = get_args(Family)
VERIFIERS: tuple[Verifier, ...] = get_args(Verifier)
# The rules compared. Scheme I is that of rebuilt proxies: exact transport between candidates and
# ten sets of 898 anchored proxy points would take ten times as long as all the rest.
PANEL = (
    "random",
    "kmeans",
    "local-centroid",
    "mahalanobis",
    "covariance-matching",
    "local-duals",
    "scheme-1-linear-rebuilt",
    "scheme-1-greedy-rebuilt",
    "scheme-2-barycentre",
    "pooled-oracle",
)


@dataclass(frozen=True)
class Plan:
    """What is fixed over all cells of the experiment.

    Parameters
    ----------
    generations : int
        Number of refits after the first fit.
    silos : int
        Number K of silos that the training half is dealt out to.
    components : int
        Principal axes kept. The projection is that of the pooled training half; silos obtain it
        from summed means and second moments, so nobody need see another's points for it.
    candidates : int
        N over n.
    alpha : float
        Of the Dirichlet split.
    least : int
        Least number of points in a silo of the Dirichlet split; more than `components`, so that
        every silo's covariance has full rank.
    verifier : {"fixed", "rotating"}
        Which silo judges: one for the whole run (the replicate's number, counted round the silos),
        or another in each generation.
    ridge : float
        Added to covariances of a mixture's components, in squared units of the projected data
        (total variance 4.2): 1e-3 is half a per cent of the mean axis.
    support, rounds : int
        Points of the barycentre, and rounds between server and silos to make it; it is made from
        the first candidates and reused.
    neighbours : int
        k of precision and recall.
    """

    generations: int = 10
    silos: int = 10
    components: int = 20
    candidates: int = 4
    alpha: float = 0.1
    least: int = 21
    verifier: Verifier = "fixed"
    ridge: float = 1e-3
    support: int = 500
    rounds: int = 10
    neighbours: int = 5

    def __post_init__(self) -> None:
        for word in (
            "generations",
            "silos",
            "components",
            "candidates",
            "least",
            "support",
            "rounds",
            "neighbours",
        ):
            value = getattr(self, word)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InvalidInput(f"{word} = {value!r}; accepted: integers from 1 on")
        if self.components > 64:
            raise InvalidInput(f"components = {self.components}; accepted: 1 to 64 (pixels)")
        if self.verifier not in VERIFIERS:
            raise InvalidInput(f"verifier = {self.verifier!r}; accepted: {', '.join(VERIFIERS)}")

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, as they are written to files."""
        return asdict(self)
