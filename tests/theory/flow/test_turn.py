"""A turn of the axis is a rotation: what does not depend on axes does not change."""

from __future__ import annotations

import numpy as np

from numerics.streams import Stream
from theory.flow.origin import turned
from theory.flow.outside import Outside
from theory.flow.plane import Tilted
from theory.flow.turn import Turns, _second, fitted, shares


def model(angle: float) -> tuple[Tilted, np.ndarray]:
    """A model and its own moments as a pool, seen along an axis turned by `angle`."""
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, s], [-s, c]])
    sigma = turn @ np.array([[3.0, 0.8], [0.8, 1.0]]) @ turn.T
    gap, aside = turn @ np.array([2.0, -0.5])
    one = np.ones((1, 1))
    m = Tilted(
        gap * one,
        aside * one,
        sigma[0, 0] * one,
        sigma[0, 1] * one,
        sigma[1, 1] * one,
        0 * one,
        0.5 * one,
        2 * one,
        0 * one,
    )
    pool = np.array([0.0, 0.0, sigma[0, 0], sigma[0, 1], sigma[1, 1], 0.5, 0.0, 0.0, 0.0])
    return m, pool[:, None, None]


def seen_along(m: Tilted, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray, Turns]:
    """The fit to a pool without noise out of the plane."""
    return fitted(m, pool, np.zeros((6, 1, 1)), np.zeros(1), np.zeros((1, 1)))


def test_the_coordinates_do_not_depend_on_the_axis_given() -> None:
    # Three turns, each to first order, leave some 1e-4 of a turn of .3.
    seen = [seen_along(*model(angle))[0] for angle in (0, 0.2, -0.3)]
    np.testing.assert_allclose(seen[1], seen[0], atol=1e-3)
    np.testing.assert_allclose(seen[2], seen[0], atol=1e-3)
    # The twin: another model has other coordinates.
    m, pool = model(0.0)
    pool[3] = 0.4
    assert np.abs(seen_along(m, pool)[0] - seen[0]).max() > 0.05


def test_the_trace_and_the_distance_are_kept() -> None:
    x = seen_along(*model(0.1))[0][:, 0, 0]
    along, beside, across = np.exp(x[1:4])
    gap, rho = np.sinh(x[0]) * np.sqrt(along), x[4] ** 1.5
    v, w = shares(gap, along, beside)
    trace = along + beside + (w * rho) ** 2 * beside + 2 * across
    np.testing.assert_allclose(trace, 3.0 + 1.0 + 2 * 0.5, atol=1e-3)
    np.testing.assert_allclose(
        np.hypot(gap, v * rho * np.sqrt(beside)), np.hypot(2, 0.5), rtol=1e-3
    )


def test_a_direction_keeps_its_variance_when_the_axes_turn() -> None:
    m, pool = model(0.15)
    x, _, turns = seen_along(m, pool)
    x = x[:, 0, 0]
    along, beside = np.exp(x[1:3])
    w, rho = shares(np.sinh(x[0]) * np.sqrt(along), along, beside)[1], x[4] ** 1.5
    mixed = w * rho * np.sqrt(along * beside)
    new = np.array([along, 2 * mixed, beside + mixed**2 / along])
    angle = 0.7
    direction = np.array([np.cos(angle), np.sin(angle)])
    squares = np.array([direction[0] ** 2, direction.prod(), direction[1] ** 2])
    expected = squares @ [m.along[0, 0], 2 * m.mixed[0, 0], m.beside[0, 0]]
    place = turned(np.concatenate([squares, direction])[:, None, None], turns)[:, 0, 0]
    np.testing.assert_allclose(place[:3] @ new, expected, rtol=1e-3)
    np.testing.assert_allclose(
        [place[3] ** 2, place[3:].prod(), place[4] ** 2], place[:3], rtol=1e-3
    )
    # The twin: forgotten turns.
    assert abs(squares @ new / expected - 1) > 0.02


def exact(u: np.ndarray, sigma: np.ndarray) -> tuple[list[float], np.ndarray]:
    """The coordinates of a whole matrix, by turning the axis until V and W are parallel, and the
    two axes."""
    e = u / np.linalg.norm(u)
    beside = (np.trace(sigma) - e @ sigma @ e) / (u.size - 1)
    for _ in range(20):
        gap, along = u @ e, e @ sigma @ e
        v, w = u - gap * e, sigma @ e - along * e
        a, b = gap / np.sqrt(beside), (along - beside) / np.sqrt(along * beside)
        c = np.hypot(a, b)
        rho = (-b * v / np.sqrt(beside) + a * w / np.sqrt(along * beside)) / c
        given = sigma - np.outer(sigma @ e, sigma @ e) / along
        h = rho / np.linalg.norm(rho)
        beside = h @ given @ h
        e = e + (a * v / np.sqrt(beside) + b * w / np.sqrt(along * beside)) / c**2
        e /= np.linalg.norm(e)
    mixed = given @ h - beside * h
    mixed -= (mixed @ e) * e
    joint = mixed @ mixed
    across = (np.trace(given) - beside - joint / beside) / (u.size - 2)
    ratio = np.cbrt(joint / (beside * across))
    logs = [np.log(x) for x in (along, beside, across)]
    return [np.arcsinh(gap / np.sqrt(along)), *logs, np.cbrt(rho @ rho), ratio], np.stack([e, h])


def test_noise_out_of_the_plane_against_draws() -> None:
    """Mean and variance of the coordinates over fits to points, most out of the plane."""
    rest, draws, n = 20, 600, 60
    one = np.ones((1, 1))
    sizes = [4.0, -0.6, 1.5, 0.5, 1.3, 0.3, 0.8, rest, 0.0]
    m = Tilted(*(x * one for x in sizes))
    plane = np.array([[1.5, 0.5], [0.5, 1.3]])
    joint, across = 0.3, 0.8
    # One batch of n points about the model of the pool: entries of V, W, M and of the rest.
    second = np.array([[1, 0, 0], [0, 1.5, 0.5], [0, 0.5, 1.3]]) * across / n
    rows, columns = np.array([0, 0, 1, 0, 1, 2]), np.array([0, 1, 1, 2, 2, 2])
    pool = np.array([0, 0, 1.5, 0.5, 1.3, m.mean_across[0, 0], 0, 0, joint])
    entry = across**2 / n
    pool, noise = pool[:, None, None], second[rows, columns][:, None, None]
    mean, extra, turns = fitted(m, pool, noise, np.zeros(1), entry * one)
    mean, extra = mean[:, 0, 0], extra[..., 0, 0]
    rng = Stream("flow", "noise out of the plane", {"rest": rest, "n": n}).generator()
    u = np.zeros(rest + 2)
    u[:2] = 4.0, -0.6
    seen, places = [], []
    for _ in range(draws):
        # Points with the moments of the pool in the plane; the rest is free, given the plane.
        x = rng.standard_normal((n, 2))
        x -= x.mean(axis=0)
        x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / n)).T @ np.linalg.cholesky(plane).T
        q = np.sqrt(across) * rng.standard_normal((n, rest))
        q[:, 0] += joint / m.given[0, 0] * (x[:, 1] - 0.5 / 1.5 * x[:, 0])
        x = np.concatenate([x, q], axis=1)
        centre = x.mean(axis=0)
        coordinates, axes = exact(u - centre, x.T @ x / n - np.outer(centre, centre))
        seen.append(coordinates)
        # A direction that lies in the plane up to a random part.
        origin = rng.standard_normal(rest + 2)
        origin[:2] = 0.8, -0.4
        origin[2:] *= np.sqrt(0.2) / np.linalg.norm(origin[2:])
        one_, two_ = axes @ origin
        places.append([one_**2, one_ * two_, two_**2, one_, two_])
    values = np.array(seen)
    error = values.std(axis=0) / np.sqrt(draws)
    # Of second order in the noise, which is rest / n.
    bound = 4 * error + np.array([0.01, 0.02, 0.02, 0.01, 0.01, 0.02])
    apart = np.abs(values.mean(axis=0) - mean)
    assert (apart < bound).all()
    for i in (2, 4, 5):
        assert abs(np.sqrt(extra[i - 2, i - 2]) / values.std(axis=0)[i] - 1) < 0.15
    tied = extra[0, 2] / np.sqrt(extra[0, 0] * extra[2, 2])
    assert abs(tied - np.corrcoef(values.T)[2, 4]) < 0.2
    place = np.array([0.64, -0.32, 0.16, 0.8, -0.4])
    found, kept = np.array(places), turned(place[:, None, None], turns)[:, 0, 0]
    slack = 4 * found.std(axis=0) / np.sqrt(draws) + 0.01
    assert (np.abs(found.mean(axis=0) - kept) < slack).all()
    assert np.abs(found.mean(axis=0) - place).max() > 3 * slack.max()
    # The twins: a plane that does not tilt, and a rest without a spread.
    still = fitted(m, pool, 0 * noise, np.zeros(1), entry * one)[0][:, 0, 0]
    even = fitted(m, pool, noise, np.zeros(1), 0 * one)[0][:, 0, 0]
    assert (np.abs(values.mean(axis=0) - still) > bound).any()
    assert np.abs(values.mean(axis=0) - even)[5] > bound[5]


def test_the_length_of_a_tilt_that_is_sure_in_one_direction() -> None:
    """W out of the plane is sure in one coordinate and noise in all: what varies most of its length
    is what both do together."""
    rest, rho, sure, noise, draws = 8, 0.3, 0.9, 0.02, 20_000
    one, none = np.ones((1, 1)), np.zeros((1, 1))
    chance = (none, none, noise * one, none, none, none)
    out = Outside((none, sure * one, none), chance, rest * one)
    turns = Turns((one, none), (one, none), out, rho * one, one)
    # Far from the target the length is W alone, in units of what is beside.
    lever = (one, none, 1e8 * one)
    x, extra, _ = _second(turns, lever, (1e4 * one, one, none, one), none)
    rng = Stream("flow", "length of a tilt", {"rest": rest}).generator()
    w = np.sqrt(noise) * rng.standard_normal((draws, rest))
    w[:, 0] += sure
    length = np.cbrt(rho**2 + (w**2).sum(axis=1))
    unit = np.cbrt(np.exp(x[2, 0, 0]))  # the variance beside is another now
    assert abs(length.mean() - unit * x[4, 0, 0]) < 0.003
    spread = float(np.sqrt(extra[2, 2, 0, 0])) * unit
    assert abs(spread / length.std() - 1) < 0.05
    # The twin: noise alone, or what is sure alone.
    random, level = noise, rho**2 + sure**2 + rest * noise
    for relative in (2 * rest * random**2 / level**2, 0.0):
        assert abs(np.cbrt(level) * np.sqrt(relative) / 3 / length.std() - 1) > 0.2
