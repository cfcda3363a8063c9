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
from theory.flow.leap import weights
from theory.flow.population import Path
from theory.flow.state import far_or_near

Floats = NDArray[np.float64]

BLOCK = 256  # generations whose derivatives are held at once
SCALARS, VECTOR = slice(0, 3), slice(3, 5)


@dataclass
class Fluctuations:
    """Fluctuations of the pool, one row a problem; from `expand` one entry a generation before it.

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
    def none(cls, generations: int, rows: int) -> Fluctuations:
        """Room for some generations of the true law."""
        shapes: tuple[tuple[int, ...], ...] = ((3, 3), (2, 2), (), (3,), (3, 3), (3, 3, 3))
        shapes += ((3, 2, 2), (3,), (3, 3), (2, 2), ())
        return cls(*(np.zeros((generations, rows, *shape)) for shape in shapes))


@dataclass(frozen=True)
class Observable:
    """A raw number ``value + linear . xi + quadratic`` of the model, in its units.

    `linear` (rows, 3) weighs the scalars; `mixed` (rows, 2) the squares of one vector component;
    `traceless` the square of X; `along` and `across` multiply the squares of the first moments,
    along and summed across, and `uneven` is the squared norm of what weighs these unequally across.
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


def expand(path: Path) -> Fluctuations:
    """The fluctuations of every generation of a path, 0 first.

    Far short of its target a replaced run forgets them to rounding, and at last to infinities.
    """
    rows, generations = path.near.shape
    states = Fluctuations.none(generations + 1, rows)
    steps = _steps(path)
    for begin in range(0, generations, BLOCK):
        span = np.arange(begin, min(begin + BLOCK, generations))
        with np.errstate(over="ignore", invalid="ignore"):
            _follow(states, _transfer(path, steps, span), path.bundle.window.k, span)
    return states


@dataclass(frozen=True)
class Transfer:
    """What some generations do to fluctuations of the three scalars, of the two components of a
    vector and of the tensor, in this order: `move` and the covariance `fresh` of a batch, shape
    (generations, rows, 6, 6); `push` (generations, rows, 3, 6, 6), the response of the scalars to
    products, and `bias` (generations, rows, 3)."""

    move: Floats
    fresh: Floats
    push: Floats
    bias: Floats


def _blocks(scalar: Floats, vector: Floats, tensor: Floats) -> Floats:
    """The three as one matrix, shape (..., 6, 6)."""
    result = np.zeros((*scalar.shape[:-2], 6, 6))
    result[..., SCALARS, SCALARS], result[..., VECTOR, VECTOR] = scalar, vector
    result[..., 5, 5] = tensor
    return result


def _transfer(path: Path, steps: Step, span: NDArray[np.intp]) -> Transfer:
    """From the models `span` to the ones after them."""
    bundle, step = path.bundle, _between(path, steps, span)
    kept, fresh = bundle.weights(span[:, None].astype(np.float64) + 1)
    k, size = bundle.window.k, 1.0 - bundle.real  # a fresh batch has (1 - real) n points
    whole = bundle.whole_first & (span[:, None] == 0)
    quiet = whole[..., None, None]
    along, across, move = (each.T for each in (path.log_along, path.log_across, path.move))
    along, across = (each[span] - each[span + 1] for each in (along, across))
    # From the frame of the old mean to that of the new one, and to the new units.
    units = [along / 2, along, across, across / 2, (along + across) / 2, across]
    turn = np.tile(np.eye(6), (*along.shape, 1, 1))
    turn[..., 1, 0], turn[..., 4, 3] = -2 * move[span], -move[span]
    turn *= np.exp(np.stack(units, axis=-1))[..., None]
    pull = _blocks(step.scalar, step.vector, step.tensor)
    pull = kept[..., None, None] * np.eye(6) + fresh[..., None, None] * np.where(quiet, 0.0, pull)
    noise = _blocks(step.noise, step.vector, step.tensor)
    if whole.any():
        noise = np.where(quiet, _blocks(_gaussian_noise(k), np.eye(2), np.ones(k.size)), noise)
    noise *= (fresh**2 / size)[..., None, None]
    if bundle.real.any():
        noise += bundle.real[:, None, None] * _real_noise(path, span)
    active = np.where(whole, 0.0, fresh)
    # A scalar at a time, to the new frame and units.
    push = _blocks(step.by_scalars, step.by_vectors, step.by_tensor)
    lead = active[..., None, None] * turn[..., SCALARS, SCALARS]
    push = (lead @ push.reshape(*lead.shape[:-1], 36)).reshape(push.shape)
    bias = (lead @ step.bias[..., None])[..., 0] / size[:, None]
    return Transfer(turn @ pull, turn @ noise @ _t(turn), push, bias)


def _steps(path: Path) -> Step:
    """Derivatives of the generations at which kept points were found, (found, rows, ...)."""
    rows, found = len(path.near), path.found
    gap, along, across, near = (
        each[:, found].T for each in (path.gap, path.log_along, path.log_across, path.near)
    )
    delta, ratio = far_or_near(gap, along, across)
    window = path.bundle.window.rows(np.tile(np.arange(rows), found.size))
    step = differentiate(window, delta.ravel(), ratio.ravel(), near.ravel())
    values = (getattr(step, word) for word in Step.__dataclass_fields__)
    return Step(*(each.reshape(found.size, rows, *each.shape[1:]) for each in values))


def _between(path: Path, steps: Step, span: NDArray[np.intp]) -> Step:
    """Derivatives of every generation of a span."""
    values = (getattr(steps, word) for word in Step.__dataclass_fields__)
    if path.found.size == path.near.shape[1]:
        return Step(*(each[span] for each in values))
    some = weights(path.found, span)
    return Step(*(np.tensordot(some, each, 1) for each in values))


def _follow(states: Fluctuations, by: Transfer, k: Floats, span: NDArray[np.intp]) -> None:
    """The fluctuations of the generations after `span`, from those of the first of it.

    What is linear in the last generation is followed; what is of second order about it is found for
    all generations at once.
    """
    first, later = span[0], span + 1
    old = _blocks(states.scalar[first], states.vector[first], states.tensor[first])
    squares = np.concatenate([old[None], np.empty_like(by.fresh)])
    turned = _t(by.move)
    for i in range(span.size):
        squares[i + 1] = by.move[i] @ squares[i] @ turned[i] + by.fresh[i]
    states.scalar[later] = squares[1:, :, SCALARS, SCALARS]
    states.vector[later] = squares[1:, :, VECTOR, VECTOR]
    states.tensor[later] = squares[1:, :, 5, 5]
    degree = (k + 2) * (k - 1)  # twice the number of traceless components
    one = np.ones_like(k)
    before = squares[:-1, :, None]
    many = by.push * np.stack([one, one, one, k, k, 2 * degree], axis=1)[:, None, None]
    response = 2 * (before @ many @ before)
    many[..., 5] /= 2
    gained = (many * before).sum(axis=(-2, -1)) + by.bias
    move = by.move[..., SCALARS, SCALARS]
    shift = states.shift[first]
    for i, t in enumerate(later):
        shift = states.shift[t] = (move[i] @ shift[..., None])[..., 0] + gained[i]
    # Covariances of zeta with products of xi.
    seen = _blocks(states.with_scalar[first], states.with_vector[first], states.with_tensor[first])
    tied = np.concatenate([seen[None], np.empty_like(response)])
    shape = tied.shape[1:]
    for i in range(span.size):
        joint = (move[i] @ tied[i].reshape(*shape[:2], 36)).reshape(shape) + response[i]
        tied[i + 1] = by.move[i][:, None] @ joint @ turned[i][:, None]
    states.with_scalar[later] = tied[1:, ..., SCALARS, SCALARS]
    states.with_vector[later] = tied[1:, ..., VECTOR, VECTOR]
    states.with_tensor[later] = tied[1:, ..., 5, 5]
    flat = _t(by.push.reshape(*by.push.shape[:3], 36))
    crossed = move @ (tied[:-1].reshape(*response.shape[:3], 36) @ flat)
    own = response.reshape(*response.shape[:3], 36) @ flat + crossed + _t(crossed)
    spread = states.spread[first]
    for i, t in enumerate(later):
        spread = states.spread[t] = move[i] @ spread @ _t(move[i]) + own[i]
    states.carry_scalar[later], states.carry_vector[later] = move, by.move[..., VECTOR, VECTOR]
    states.carry_tensor[later] = by.move[..., 5, 5]


def _t(matrix: Floats) -> Floats:
    return np.asarray(np.swapaxes(matrix, -1, -2))


def _gaussian_noise(k: Floats) -> Floats:
    """Covariance of the scalars (z, z^2, R/k) of one whole point of a model."""
    result = np.zeros((k.size, 3, 3))
    result[:, 0, 0], result[:, 1, 1], result[:, 2, 2] = 1.0, 2.0, 2.0 / np.maximum(k, 1.0)
    return result


def _real_noise(path: Path, span: NDArray[np.intp]) -> Floats:
    """The same of one real point, and of its vector and tensor, in the frames and units of models.

    Shape (generations, rows, 6, 6).
    """
    bundle = path.bundle
    log_along, log_across = path.log_along[:, span].T, path.log_across[:, span].T
    along, across = bundle.along * np.exp(-log_along), bundle.across * np.exp(-log_across)
    offset = (path.gap[:, span].T - bundle.distance) * np.exp(-log_along / 2)
    result = np.zeros((*along.shape, 6, 6))
    result[..., 0, 0] = along
    result[..., 0, 1] = result[..., 1, 0] = 2 * offset * along
    result[..., 1, 1] = 2 * along**2 + 4 * offset**2 * along
    result[..., 2, 2] = 2 * across**2 / np.maximum(bundle.window.k, 1.0)
    result[..., 3, 3] = across
    result[..., 3, 4] = result[..., 4, 3] = offset * across
    result[..., 4, 4] = (along + offset**2) * across
    result[..., 5, 5] = across**2
    return result
