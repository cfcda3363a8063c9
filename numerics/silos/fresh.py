"""The released experiment with noise of our own: many seeds, and what their intervals exclude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from scipy import stats

from numerics.silos.released import SETTINGS, TAIL, Path, Released, checked_family
from numerics.silos.replay import fresh
from numerics.streams import Stream
from theory.errors import InvalidInput

# Replace + Select is left out: it collapses to the ridge, 1e-5 and less, in every seed.
FOLLOWED = ("Replace", "Accumulate", "Accumulate + Select")
CONTENT = "released runs beyond the Gaussian"
# What a run begins with: the dispersion ratio, the tail, the weight of the lesser component.
BEGINNING = {"dispersion_ratio": 1.0, "tail": 1 - TAIL, "minority": 0.2, "smallest": 0.2}


@dataclass(frozen=True)
class Spread:
    """One number over seeds.

    Attributes
    ----------
    values : tuple of float
        One a seed.
    mean, median : float
    mean_interval : (float, float)
        Student's 95 % interval; wide tails make it optimistic at 25 seeds.
    median_interval : (float, float)
        Between order statistics, at least 95 % whatever the law (David and Nagaraja 2003, 7.1).
    """

    values: tuple[float, ...]
    mean: float
    median: float
    mean_interval: tuple[float, float]
    median_interval: tuple[float, float]

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise six values or more: five have no 95 % interval for their median.

        Examples
        --------
        >>> Spread.of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).median_interval
        (1.0, 6.0)
        """
        array = np.sort(np.asarray(values, dtype=float))
        count = len(array)
        # Largest k with P(Binomial(m, 1/2) < k) <= 2.5 %.
        below = int(stats.binom.ppf(0.025, count, 0.5))
        if stats.binom.cdf(below, count, 0.5) > 0.025:
            below -= 1
        if below < 0:
            raise InvalidInput(f"{count} seeds have no 95 % interval for a median; accepted: 6 on")
        half = stats.t.ppf(0.975, count - 1) * array.std(ddof=1) / np.sqrt(count)
        mean = float(array.mean())
        return cls(
            tuple(float(each) for each in values),
            mean,
            float(np.median(array)),
            (mean - float(half), mean + float(half)),
            (float(array[below]), float(array[count - 1 - below])),
        )

    def change(self, beginning: float) -> str:
        """What the median's interval says of a change from the beginning.

        Examples
        --------
        >>> Spread.of([0.5, 0.7, 0.9, 0.8, 1.1, 0.6]).change(1.0)
        'no change is not excluded'
        """
        low, high = self.median_interval
        if high < beginning:
            return "falls"
        return "rises" if low > beginning else "no change is not excluded"


def fresh_paths(
    family: str,
    seeds: int,
    salt: str,
    *,
    settings: Sequence[str] = FOLLOWED,
    released: Released | None = None,
    jobs: int = 1,
) -> dict[str, list[Path]]:
    """Run settings with as many seeds; one seed has one world, and one noise, in all settings.

    Parameters
    ----------
    family, settings, released
        As in `numerics.silos.replay.replay`.
    seeds
        Number of runs of each setting.
    salt
        Names the noise.
    jobs
        Processes; the numbers do not depend on it.

    Raises
    ------
    InvalidInput
        If a name is not known or `seeds` below 1.
    """
    known = checked_family(family)
    if seeds < 1:
        raise InvalidInput(f"seeds = {seeds}; accepted: at least 1")
    for setting in settings:
        if setting not in SETTINGS:
            raise InvalidInput(f"setting {setting!r}; accepted: {', '.join(SETTINGS)}")

    def one(seed: int, setting: str) -> Path:
        stream = Stream(salt, CONTENT, {"family": known, "seed": seed})
        return fresh(stream.generator(), known, setting, released)

    work = [(seed, setting) for setting in settings for seed in range(seeds)]
    done = Parallel(n_jobs=jobs)(delayed(one)(*each) for each in work)
    return {
        setting: done[place * seeds : (place + 1) * seeds] for place, setting in enumerate(settings)
    }
