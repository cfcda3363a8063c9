"""One-dimensional gains: exact on the line, present where laws bend, absent where they do not."""

from __future__ import annotations

import numpy as np

from numerics.streams import Stream
from numerics.wasserstein.estimate import Array
from numerics.wasserstein.ica_dual import align, best_axes, excess
from numerics.wasserstein.ica_gain import by_noise, null_gains
from numerics.wasserstein.registry import find


def normal(size: int, d: int, name: str) -> Array:
    return Stream("c0ffee", f"ica {name}", {"d": d}).generator().standard_normal((size, d))


def test_the_excess_on_the_line_is_that_of_exact_transport() -> None:
    p, q = normal(12, 1, "p")[:, 0], np.exp(normal(9, 1, "q")[:, 0])
    gelbrich = (p.mean() - q.mean()) ** 2 + (p.std() - q.std()) ** 2
    exact = find("exact")(p, q).value - gelbrich
    assert abs(excess(p, q) - exact) < 1e-12
    # Many pairs at once, moved and turned over: the same for each.
    both = excess(np.stack([p, -p - 3]), np.stack([q, 2 - q]))
    np.testing.assert_allclose(both, exact, atol=1e-12)
    # The twin: points matched in the order they came in.
    assert abs(excess(p[:9], q) - 2 * (p[:9].std() * q.std() - np.cov(p[:9], q)[0, 1])) > 1e-3


def test_gains_are_found_where_they_are_and_not_where_they_are_not() -> None:
    x, z = normal(500, 4, "x"), normal(500, 4, "z")
    turn = np.linalg.qr(normal(4, 4, "turn"))[0]
    bent = np.sign(z) @ turn
    plain, ours = find("gaussian-jackknife"), find("ica-gain")
    truth = 4 * 2 * (1 - np.sqrt(2 / np.pi))
    assert abs(ours(x, bent).value / truth - 1) < 0.15
    assert plain(x, bent).value / truth - 1 < -0.5
    assert abs(ours(x, 2 * z).value - plain(x, 2 * z).value) < 0.1


def test_little_of_the_noise_is_left_where_points_are_few() -> None:
    """Gaussian samples of 100 points in 20 dimensions; the excess over the jackknife, over W2^2."""
    left, unchosen = [], []
    for replicate in range(8):
        stream = Stream("c0ffee", "ica few points", {"replicate": replicate})
        x, y = stream.generator().standard_normal((2, 100, 20))
        at = align(x, 1.5 * y)
        gain, _ = best_axes(at.z @ at.inverse, at.u @ at.inverse, at.root, at.inverse)
        chosen, anyhow = null_gains(at)
        left.append(at.base.scale * (gain - by_noise(gain, chosen, anyhow)) / 5)
        unchosen.append(at.base.scale * (gain - anyhow) / 5)
    assert abs(np.mean(left)) < 0.1
    # The twin: axes that nothing chose.
    assert np.mean(unchosen) > 0.3
