"""What a simulation hands back: recorded quantities of independent runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from numerics.triangular import Array
from theory.errors import InvalidInput
from theory.model import check_quantity
from theory.setting import Setting


@dataclass(frozen=True)
class Trajectories:
    """Simulated quantities of a setting.

    Attributes
    ----------
    setting : Setting
        What was simulated.
    at : tuple of int
        The recorded generations.
    values : mapping of str to ndarray (replicates, len(at))
        The recorded quantities.
    method : {"raw", "statistics"}
        Whether points were drawn, or their sufficient statistics.
    salt : str
        What names the noise: the same call with this salt gives the same numbers.
    """

    setting: Setting
    at: tuple[int, ...]
    values: Mapping[str, Array]
    method: str
    salt: str

    @property
    def replicates(self) -> int:
        """Number of independent runs."""
        return len(next(iter(self.values.values())))


def measure(trajectories: Trajectories, quantity: str, generation: int) -> Array:
    """One number for each replicate: a recorded quantity at a recorded generation.

    Raises
    ------
    InvalidInput
        If the quantity or the generation was not recorded.

    Examples
    --------
    >>> from numerics.simulation import simulate
    >>> runs = simulate(Setting(sample_size=5), 3, replicates=4, salt="c0ffee")
    >>> measure(runs, "variance", 0).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    check_quantity(trajectories.setting.model, quantity)
    if quantity not in trajectories.values:
        raise InvalidInput(
            f"{quantity} was not recorded; recorded: {', '.join(trajectories.values)}"
        )
    if generation not in trajectories.at:
        raise InvalidInput(
            f"generation {generation} was not recorded; recorded: {_short(trajectories.at)}"
        )
    return trajectories.values[quantity][:, trajectories.at.index(generation)]


def _short(at: tuple[int, ...]) -> str:
    shown = [str(each) for each in at]
    return ", ".join(shown if len(shown) <= 8 else [*shown[:3], "...", shown[-1]])
