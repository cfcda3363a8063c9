"""The 1/n expansion of the flow: fluctuations, their effect on the mean, and their own spread.

About the population path, the pool's raw moments are ``path + xi/sqrt(n) + (chi + zeta)/n``: xi is
Gaussian and linear, chi the mean of the second order, zeta its fluctuation. With the derivatives M
and K of one generation,

    P'    = M P M' + fresh^2 Q          covariance of xi, ten numbers by the symmetry,
    chi'  = M chi + fresh (K : P + bias),
    zeta' = M zeta + fresh K : (xi xi - P),

and the moments of zeta follow from those of xi by Wick's theorem. Every generation is written in
the frame and the units of its own model, so that nothing cancels or underflows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.derivatives import Step, differentiate
from theory.flow.population import Path, far_or_near

Floats = NDArray[np.float64]


@dataclass
class Fluctuations:
    """Fluctuations of the pool of one generation, one row a problem.

    `scalar` (rows, 3, 3), `vector` (rows, 2, 2; one transverse component) and `tensor` (rows,) are
    the covariance P; `shift` (rows, 3) is chi. `spread` (rows, 3, 3) is the covariance of zeta,
    and `with_scalar`, `with_vector`, `with_tensor` its covariances with the products of xi. The
    `carry_*` take fluctuations of the generation before to this one.
    """

    scalar: Floats
    vector: Floats
    tensor: Floats
    shift: Floats
    spread: Floats
    with_scalar: Floats
    with_vector: Floats
    with_tensor: Floats
    carry_scalar: Floats
    carry_vector: Floats
    carry_tensor: Floats

    @classmethod
    def none(cls, rows: int) -> Fluctuations:
        """The true law."""
        shapes: tuple[tuple[int, ...], ...] = ((3, 3), (2, 2), (), (3,), (3, 3), (3, 3, 3))
        shapes += ((3, 2, 2), (3,), (3, 3), (2, 2), ())
        return cls(*(np.zeros((rows, *shape)) for shape in shapes))


@dataclass(frozen=True)
class Observable:
    """A raw number ``value + linear . xi + quadratic`` of the model, in its units.

    `linear` (rows, 3) weighs the scalars; `mixed` (rows, 2) the squares of one vector component;
    `traceless` the square of X; `along` and `across` multiply the squares of the first moments,
    along and summed across.
    """

    value: Floats
    linear: Floats
    mixed: Floats
    traceless: Floats
    along: Floats
    across: Floats
    uneven: Floats

    def shift(self, state: Fluctuations, k: Floats) -> Floats:
        """n times the difference of the mean from `value`."""
        return np.asarray(
            (self.linear * state.shift).sum(axis=1)
            + self.along * state.scalar[:, 0, 0]
            + self.across * k * state.vector[:, 0, 0]
        )

    def first_spread(self, state: Fluctuations) -> Floats:
        """n times the variance, to first order."""
        g = self.linear
        return np.asarray(
            np.einsum("ra,rab,rb->r", g, state.scalar, g)
            + self.mixed[:, 0] * state.vector[:, 0, 0]
            + self.mixed[:, 1] * state.vector[:, 1, 1]
            + self.traceless * state.tensor
        )

    def second_spread(self, state: Fluctuations, k: Floats) -> Floats:
        """n^2 times the variance of the second-order fluctuation."""
        g = self.linear
        scalar, vector = state.scalar[:, 0, 0], state.vector[:, 0, 0]
        covered = np.einsum("ra,rab,rb->r", g, state.spread, g)
        covered += 2 * self.along * (g * state.with_scalar[:, :, 0, 0]).sum(axis=1)
        covered += 2 * self.across * (g * state.with_vector[:, :, 0, 0]).sum(axis=1)
        covered += 2 * (self.along * scalar) ** 2 + 2 * k * (self.across * vector) ** 2
        return np.asarray(covered + 2 * self.uneven * vector**2)


def expand(path: Path) -> list[Fluctuations]:
    """The fluctuations of every generation of a path.

    Far short of its target a replaced run forgets them to rounding, and at last to infinities.
    """
    rows, generations = path.near.shape
    scales = _scales(path)
    steps = _steps(path)
    states = [Fluctuations.none(rows)]
    for t in range(1, generations + 1):
        step = {word: value[:, t - 1] for word, value in steps.items()}
        with np.errstate(over="ignore", invalid="ignore"):
            states.append(_advance(path, states[-1], step, scales, t))
    return states


def _steps(path: Path) -> dict[str, Floats]:
    """Derivatives of every generation, shape (rows, generations, ...)."""
    rows, generations = path.near.shape
    flat = np.repeat(np.arange(rows), generations)
    delta, ratio = far_or_near(path.gap[:, :-1], path.log_along[:, :-1], path.log_across[:, :-1])
    step = differentiate(
        path.bundle.window.rows(flat),
        delta.ravel(),
        ratio.ravel(),
        path.near.ravel(),
    )
    return {
        word: getattr(step, word).reshape(rows, generations, *getattr(step, word).shape[1:])
        for word in Step.__dataclass_fields__
    }


def _scales(path: Path) -> tuple[Floats, Floats, Floats]:
    """Logarithms of the units of scalars, vectors and the tensor: (rows, T + 1, 3), ..."""
    along, across = path.log_along, path.log_across
    return (
        np.stack([along / 2, along, across], axis=2),
        np.stack([across / 2, (along + across) / 2], axis=2),
        across,
    )


def _advance(
    path: Path,
    old: Fluctuations,
    step: dict[str, Floats],
    scales: tuple[Floats, Floats, Floats],
    t: int,
) -> Fluctuations:
    bundle = path.bundle
    kept, fresh = bundle.weights(t)
    real = bundle.real
    k = bundle.window.k
    scalar_units, vector_units = (np.exp(each[:, t - 1] - each[:, t]) for each in scales[:2])
    tensor_units = np.exp(scales[2][:, t - 1] - scales[2][:, t])
    # From the frame of the old mean to that of the new one, and to the new units.
    move = path.move[:, t - 1]
    turn3 = np.tile(np.eye(3), (move.size, 1, 1))
    turn3[:, 1, 0] = -2 * move
    turn3 *= scalar_units[:, :, None]
    turn2 = np.tile(np.eye(2), (move.size, 1, 1))
    turn2[:, 1, 0] = -move
    turn2 *= vector_units[:, :, None]

    weight = fresh[:, None, None]
    whole = (bundle.whole_first & (t == 1))[:, None, None]
    quiet3 = np.where(whole, 0.0, step["scalar"])
    move3 = turn3 @ (kept[:, None, None] * np.eye(3) + weight * quiet3)
    move2 = turn2 @ (
        kept[:, None, None] * np.eye(2) + weight * np.where(whole, 0.0, step["vector"])
    )
    move1 = tensor_units * (kept + fresh * np.where(whole[:, 0, 0], 0.0, step["tensor"]))
    # A fresh batch has (1 - real) n points.
    size = 1.0 - real
    noise3 = np.where(whole, _gaussian_noise(k), step["noise"])
    noise2 = np.where(whole, np.eye(2), step["vector"])
    noise1 = np.where(whole[:, 0, 0], 1.0, step["tensor"])
    fresh3 = (weight**2 / size[:, None, None]) * (turn3 @ noise3 @ _t(turn3))
    fresh2 = (weight**2 / size[:, None, None]) * (turn2 @ noise2 @ _t(turn2))
    fresh1 = tensor_units**2 * fresh**2 / size * noise1
    if real.any():
        extra = _real_noise(path, t)
        share = real[:, None, None]
        fresh3 += share * (turn3 @ extra[0] @ _t(turn3))
        fresh2 += share * (turn2 @ extra[1] @ _t(turn2))
        fresh1 += real * tensor_units**2 * extra[2]

    active = np.where(whole[:, 0], 0.0, fresh[:, None])
    push = active[:, :, None, None] * np.einsum("rab,rbcd->racd", turn3, step["by_scalars"])
    turned = active[:, :, None, None] * np.einsum("rab,rbcd->racd", turn3, step["by_vectors"])
    stretched = active * (turn3 @ step["by_tensor"][:, :, None])[:, :, 0]
    bias = active * (turn3 @ step["bias"][:, :, None])[:, :, 0] / size[:, None]

    degree = (k + 2) * (k - 1)  # twice the number of traceless components
    response3 = 2 * np.einsum("rab,rhbc,rcd->rhad", old.scalar, push, old.scalar)
    response2 = (
        2 * k[:, None, None, None] * np.einsum("rab,rhbc,rcd->rhad", old.vector, turned, old.vector)
    )
    response1 = stretched * (4 * degree * old.tensor**2)[:, None]
    carried = move3 @ old.spread @ _t(move3)
    crossed = (
        np.einsum("rgab,rhab->rgh", old.with_scalar, push)
        + np.einsum("rgab,rhab->rgh", old.with_vector, turned)
        + old.with_tensor[:, :, None] * stretched[:, None, :]
    )
    crossed = move3 @ crossed
    own = (
        np.einsum("rgab,rhab->rgh", response3, push)
        + np.einsum("rgab,rhab->rgh", response2, turned)
        + response1[:, :, None] * stretched[:, None, :]
    )
    joint3 = np.einsum("rgh,rhab->rgab", move3, old.with_scalar) + response3
    joint2 = np.einsum("rgh,rhab->rgab", move3, old.with_vector) + response2
    joint1 = (move3 @ old.with_tensor[:, :, None])[:, :, 0] + response1
    return Fluctuations(
        scalar=move3 @ old.scalar @ _t(move3) + fresh3,
        vector=move2 @ old.vector @ _t(move2) + fresh2,
        tensor=move1**2 * old.tensor + fresh1,
        shift=(move3 @ old.shift[:, :, None])[:, :, 0]
        + np.einsum("rhab,rab->rh", push, old.scalar)
        + k[:, None] * np.einsum("rhab,rab->rh", turned, old.vector)
        + stretched * (degree * old.tensor)[:, None]
        + bias,
        spread=carried + crossed + _t(crossed) + own,
        with_scalar=np.einsum("rab,rhbc,rdc->rhad", move3, joint3, move3),
        with_vector=np.einsum("rab,rhbc,rdc->rhad", move2, joint2, move2),
        with_tensor=joint1 * (move1**2)[:, None],
        carry_scalar=move3,
        carry_vector=move2,
        carry_tensor=move1,
    )


def _t(matrix: Floats) -> Floats:
    return np.asarray(np.swapaxes(matrix, 1, 2))


def _gaussian_noise(k: Floats) -> Floats:
    """Covariance of the scalars (z, z^2, R/k) of one whole point of a model."""
    result = np.zeros((k.size, 3, 3))
    result[:, 0, 0], result[:, 1, 1], result[:, 2, 2] = 1.0, 2.0, 2.0 / np.maximum(k, 1.0)
    return result


def _real_noise(path: Path, t: int) -> tuple[Floats, Floats, Floats]:
    """The same of one real point, in the frame and the units of the model of t - 1."""
    bundle = path.bundle
    along = bundle.along * np.exp(-path.log_along[:, t - 1])
    across = bundle.across * np.exp(-path.log_across[:, t - 1])
    offset = (path.gap[:, t - 1] - bundle.distance) * np.exp(-path.log_along[:, t - 1] / 2)
    scalar = np.zeros((along.size, 3, 3))
    scalar[:, 0, 0] = along
    scalar[:, 0, 1] = scalar[:, 1, 0] = 2 * offset * along
    scalar[:, 1, 1] = 2 * along**2 + 4 * offset**2 * along
    scalar[:, 2, 2] = 2 * across**2 / np.maximum(bundle.window.k, 1.0)
    vector = np.zeros((along.size, 2, 2))
    vector[:, 0, 0] = across
    vector[:, 0, 1] = vector[:, 1, 0] = offset * across
    vector[:, 1, 1] = (along + offset**2) * across
    return scalar, vector, across**2
