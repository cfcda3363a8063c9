"""What attacks recover from the messages of a silo, and what the Gaussian mechanism costs.

Run ``python benchmarks/silos_privacy.py [SALT]``. A silo of 90 points, 1800 candidates, dimensions
2 to 20: for every message, the share of raw points recovered, and the median distance of a guess to
the nearest raw point and to the nearest of 90 held-out points, over their spread.
"""

from __future__ import annotations

import sys

import numpy as np
import ot

from numerics.silos.attacks import Exposure, exposure, find_share, invert_geodesic, invert_scores
from numerics.silos.context import lowest
from numerics.silos.privacy import compose, mu_of, release_moments
from numerics.silos.transport import calibrated
from numerics.streams import Stream
from theory.wasserstein.gaussian import GaussianPair

RAW, CANDIDATES, DELTA, RELEASES = 90, 1800, 1e-5, 10


def line(d: int, message: str, found: Exposure, more: str = "") -> None:
    """Print one row of the table."""
    print(
        f"{d:3d}  {message:32s}{found.recovered:6.0%}{found.to_raw:9.3f}{found.to_held_out:9.3f}"
        f"  {more}"
    )


def attack(d: int, salt: str) -> None:
    """Every attack in one dimension."""
    rng = Stream(salt, "privacy", {"d": d}, "attacks").generator()
    raw, held_out = rng.standard_normal((2, RAW, d))
    x = 1.1 * rng.standard_normal((CANDIDATES, d))
    masses = np.full(CANDIDATES, 1 / CANDIDATES), np.full(RAW, 1 / RAW)
    plan, log = ot.emd(*masses, ot.dist(x, raw), numItermax=10**7, log=True)
    image = CANDIDATES * plan @ raw
    for share in (0.25, 0.5, 1.0):
        proxies = (1 - share) * x + share * image
        known = exposure(invert_geodesic(proxies, x, share), raw, held_out)
        line(d, f"geodesic proxies, s = {share:g}", known, f"s found: {find_share(proxies, x):.4f}")
    # What a silo sends in a round of the barycentre, and which candidates it keeps by its duals.
    line(d, "images, one round", exposure(image, raw, held_out))
    kept = lowest(calibrated(log["u"]), CANDIDATES // 4)
    line(d, "selection, a quarter", exposure(x[kept], raw, held_out))
    line(d, "raw points", exposure(raw, raw, held_out))
    cells = Stream(salt, "privacy", {"d": d}, "cells").generator()
    guesses = invert_scores(log["u"], x, count=RAW, generator=cells)
    line(d, "scores", exposure(guesses, raw, held_out))
    drawn = rng.multivariate_normal(raw.mean(axis=0), np.cov(raw.T, bias=True), CANDIDATES)
    line(d, "moments", exposure(drawn, raw, held_out))


def price(d: int, salt: str) -> None:
    """Squared W2 between the released and the true Gaussian, over the trace, for ten releases."""
    raw = Stream(salt, "privacy", {"d": d}, "price").generator().standard_normal((RAW, d))
    mean, covariance = raw.mean(axis=0), np.cov(raw.T, bias=True)
    shown = []
    for epsilon in (1.0, 3.0, 10.0, 100.0):
        mu = mu_of(epsilon, DELTA) / np.sqrt(RELEASES)
        assert abs(compose([mu] * RELEASES) - mu_of(epsilon, DELTA)) < 1e-9
        errors = []
        for release in range(20):
            where = {"d": d, "epsilon": epsilon, "release": release}
            noise = Stream(salt, "privacy", where, "noise").generator()
            sent = release_moments(raw, radius=1.5 * np.sqrt(d), mu=mu, generator=noise)
            pair = GaussianPair.of(mean, covariance, sent.mean, sent.covariance)
            errors.append(pair.squared_w2 / np.trace(covariance))
        shown.append(f"{np.mean(errors):.2g}")
    print(f"{d:3d}  W2^2/trace at epsilon = 1, 3, 10, 100: {', '.join(shown)}")


def main() -> None:
    """Print both tables."""
    salt = sys.argv[1] if len(sys.argv) > 1 else "c0ffee"
    print("  d  message                      recovered   to raw  to held-out")
    for d in (2, 5, 10, 20):
        attack(d, salt)
    print(f"{RELEASES} releases of moments of {RAW} points, delta = {DELTA:g} for all together")
    for d in (2, 5, 10, 20):
        price(d, salt)


if __name__ == "__main__":
    main()
