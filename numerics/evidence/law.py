"""Evidence about a whole law: uniform transforms, moment functions, the Kolmogorov distance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from numerics.evidence.blocks import Array, Block, log_mean_exp, log_product
from theory.errors import InvalidInput

CELLS = 1 << 16


def probabilities(cdf: Callable[[Array], Array], draws: Array) -> Array:
    """Evaluate a continuous distribution function at the draws, and check its values.

    Raises
    ------
    InvalidInput
        If a value is not a probability, or if the function jumps at a draw (U is then not uniform).

    Examples
    --------
    >>> probabilities(lambda x: np.clip(x, 0, 1), np.array([0.25, 2.0])).tolist()
    [0.25, 1.0]
    """
    values = np.asarray(cdf(draws), dtype=float)
    if values.shape != draws.shape or not np.all((values >= -1e-9) & (values <= 1 + 1e-9)):
        raise InvalidInput("cdf returned something else than one probability in [0, 1] per draw")
    sample = draws[:1024]
    below = np.asarray(cdf(np.nextafter(sample, -np.inf)), dtype=float)
    jump = float(np.max(values[:1024] - below, initial=0.0))
    if jump > 1e-6:
        raise InvalidInput(f"cdf jumps by {jump:.2g} at a draw; accepted: continuous laws")
    return np.clip(values, 0.0, 1.0)


class UniformityProcess:
    """Evidence against a law: bets on U = F(X) through the first four Legendre polynomials.

    Under the law U is uniform; each polynomial P_k(2U - 1) then has mean 0 and lies in [-1, 1].
    P_1 sees a shifted mean, P_2 (that is (2U - 1)^2) a wrong spread, P_3 and P_4 a wrong shape.

    Parameters
    ----------
    cdf : callable
        Vectorised continuous distribution function F.

    Examples
    --------
    >>> process = UniformityProcess(lambda x: np.clip(x, 0, 1))
    >>> process.add(Block(np.linspace(0, 0.5, 200)))
    >>> process.log_e(+1) > 20
    True
    """

    def __init__(
        self, cdf: Callable[[Array], Array], bets: tuple[tuple[int, float], ...] | None = None
    ) -> None:
        self.cdf = cdf
        self.bets = bets or tuple(
            (degree, sign * size)
            for degree in (1, 2, 3, 4)
            for size in (1 / 2, 1 / 8, 1 / 32, 1 / 128)
            for sign in (1, -1)
        )
        self.sums: Array = np.zeros(len(self.bets))

    def add(self, block: Block) -> None:
        """Take a block of draws into account."""
        z = 2 * probabilities(self.cdf, block.draws) - 1
        square = z * z
        legendre = {
            1: z,
            2: 1.5 * square - 0.5,
            3: z * (2.5 * square - 1.5),
            4: (4.375 * square - 3.75) * square + 0.375,
        }
        for j, (degree, bet) in enumerate(self.bets):
            self.sums[j] += log_product(1 + bet * legendre[degree])

    def log_e(self, side: int) -> float:
        """Log of the evidence against the law; it has no direction."""
        return log_mean_exp(self.sums, np.full(self.sums.size, 1 / self.sums.size))

    def sharpened(self, side: int) -> UniformityProcess:
        """Return a fresh process with the best degree, its bet surrounded."""
        degree, bet = self.bets[int(np.argmax(self.sums))]
        near = tuple((degree, max(-0.95, min(0.95, bet * factor))) for factor in (0.5, 1, 2))
        return UniformityProcess(self.cdf, near)


class MomentFunctionProcess:
    """Evidence against a moment function: X^s/M(s) has mean 1 for every s with finite M(s).

    The product of all X^s/M(s) is an e-value that needs only the sum of logarithms: it sees a wrong
    mean of log X. Bets 1 + share (X^s/M(s) - 1) see a moment that is larger than claimed at all.

    Parameters
    ----------
    log_mellin : callable
        s -> log E[X^s], for X > 0; ``inf`` or ``nan`` where there is none.
    bets : sequence of (order, share), optional
        The orders s and the shares in (0, 1]; share 1 is the product itself.

    Examples
    --------
    >>> lognormal = MomentFunctionProcess(lambda s: s * s / 2)
    >>> lognormal.add(Block(np.full(100, 3.0)))
    >>> lognormal.log_e(+1) > 20
    True
    """

    def __init__(
        self,
        log_mellin: Callable[[float], float],
        bets: Sequence[tuple[float, float]] | None = None,
    ) -> None:
        self.log_mellin = log_mellin
        wanted = self._default_bets() if bets is None else bets
        self.bets = [(s, share) for s, share in wanted if math.isfinite(self._value(s))]
        if not self.bets:
            raise InvalidInput("log_mellin is finite at none of the orders tried around 0")
        self.sums: Array = np.zeros(len(self.bets))

    def _value(self, s: float) -> float:
        return float(self.log_mellin(s))

    def _default_bets(self) -> list[tuple[float, float]]:
        # Orders are measured in standard deviations of log X; where that has none, in units.
        step = 1e-3
        curvature = (self._value(step) + self._value(-step)) / step**2
        unit = 1 / math.sqrt(curvature) if 0 < curvature < math.inf else 1.0
        products = [(sign * unit / 2**k, 1.0) for k in range(9) for sign in (1, -1)]
        shares = [
            (sign * unit, share) for share in (1 / 2, 1 / 8, 1 / 32, 1 / 128) for sign in (1, -1)
        ]
        return products + shares

    def add(self, block: Block) -> None:
        """Take a block of draws into account.

        Raises
        ------
        InvalidInput
            If a draw is not positive.
        """
        if float(block.draws.min()) <= 0:
            raise InvalidInput(
                "log_mellin needs positive draws; the sampler returned one that is not"
            )
        logs = np.log(block.draws)
        total = float(logs.sum())
        ratios: dict[float, Array] = {}
        for j, (s, share) in enumerate(self.bets):
            if share == 1:
                self.sums[j] += s * total - logs.size * self._value(s)
                continue
            if s not in ratios:
                ratios[s] = np.exp(np.minimum(s * logs - self._value(s), 600.0))
            self.sums[j] += log_product(1 - share + share * ratios[s])

    def log_e(self, side: int) -> float:
        """Log of the evidence against the moment function; it has no direction."""
        return log_mean_exp(self.sums, np.full(self.sums.size, 1 / self.sums.size))

    def sharpened(self, side: int) -> MomentFunctionProcess:
        """Return a fresh process with the best bet."""
        return MomentFunctionProcess(self.log_mellin, [self.bets[int(np.argmax(self.sums))]])


class KolmogorovBand:
    """Upper bound on the Kolmogorov distance between the law of the draws and the claimed one.

    Where the distance exceeds epsilon there is one fixed point x with |G(x) - F(x)| > epsilon and
    a known sign, so that one Bernoulli deviation decides: exp(l N d - N l^2/8) is an e-process, and
    d < level/(l N) + l/8 holds at every N at once with error exp(-level): sharper than
    Dvoretzky-Kiefer-Wolfowitz by its factor 2, and without a union over looks.

    Parameters
    ----------
    cdf : callable
        Vectorised continuous distribution function F.
    epsilon : float
        Distance to be verified.
    level : float
        Log of the evidence that is needed.

    Examples
    --------
    >>> band = KolmogorovBand(lambda x: np.clip(x, 0, 1), 0.1, 16.0)
    >>> band.add(Block((np.arange(4000) + 0.5) / 4000))
    >>> round(band.distance_bound(), 3)
    0.047
    """

    def __init__(self, cdf: Callable[[Array], Array], epsilon: float, level: float) -> None:
        self.cdf = cdf
        self.level = level
        self.planned = kolmogorov_plan(epsilon, level)
        self.count = 0
        self._cells = np.zeros(CELLS, dtype=np.int64)

    def add(self, block: Block) -> None:
        """Take a block of draws into account."""
        u = probabilities(self.cdf, block.draws)
        cells = np.minimum((u * CELLS).astype(np.int64), CELLS - 1)
        self._cells += np.bincount(cells, minlength=CELLS)
        self.count += u.size

    def distance_bound(self) -> float:
        """Smallest epsilon verified so far: the distance to the sample plus the radius."""
        reached = np.concatenate([[0], np.cumsum(self._cells)]) / self.count
        grid = np.arange(CELLS + 1) / CELLS
        distance = max(
            float(np.max(reached[1:] - grid[:-1])), float(np.max(grid[1:] - reached[:-1]))
        )
        bet = math.sqrt(8 * self.level / self.planned)
        return distance + self.level / (bet * self.count) + bet / 8


def kolmogorov_distance(cdf: Callable[[Array], Array], draws: Array) -> tuple[float, float]:
    """Distance of a sample from a continuous law, and its standard error where it is reached.

    Examples
    --------
    >>> kolmogorov_distance(lambda x: np.clip(x, 0, 1), np.array([0.1, 0.2, 0.3, 0.4]))
    (0.6, 0.0)
    """
    u = np.sort(probabilities(cdf, draws))
    steps = np.arange(u.size + 1) / u.size
    above, below = steps[1:] - u, u - steps[:-1]
    i, j = int(np.argmax(above)), int(np.argmax(below))
    reached = float(steps[i + 1] if above[i] > below[j] else steps[j])
    spread = math.sqrt(reached * (1 - reached) / u.size)
    return float(max(above[i], below[j])), spread


def kolmogorov_plan(epsilon: float, level: float) -> int:
    """Return the draws that verify a law: radius plus 1.7/sqrt(N), rarely exceeded by the truth.

    Examples
    --------
    >>> kolmogorov_plan(0.01, 16.1)
    205867
    """
    return math.ceil(((math.sqrt(level / 2) + 1.7) / epsilon) ** 2)
