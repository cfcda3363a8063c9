"""The middle of the law of a run, in coordinates that turn with it.

A run turns about its target: nothing restores the direction from which it looks at the target, and
the tilt of the model follows it. In units of a thin model both grow without end. So a deviation is
written as a turn by Psi about the target, a move F a and a stretch F (1 + B) F',

    c -> exp(Psi) (c + F a),      S = F F' -> exp(Psi) F (1 + B) F' exp(-Psi),

with c the mean seen from the target and Psi = q e' - e q', e the axis: the turn that leaves the
least (a, B). The stretch is linear, as the mean of a batch's covariance is then exact. To second
order a deviation x in units of F is ``G psi + (a, B) + a quadratic part``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.responses import packed, pairs, unpacked

Floats = NDArray[np.float64]

# A turn by one radian that changes the model by less than this many deviations is no turn.
WORTH = 1.0


@dataclass(frozen=True)
class Frame:
    """Models, one a row: mean `centre` (rows, d) seen from the target, and covariance F F'.

    `weights` (rows, d) and `basis` (rows, d, d) are its eigenvalues and eigenvectors.
    """

    centre: Floats
    weights: Floats
    basis: Floats

    @classmethod
    def of(cls, centre: Floats, sigma: Floats) -> Frame:
        """The frame of a mean and a covariance."""
        weights, basis = np.linalg.eigh(sigma)
        return cls(centre, weights, basis)

    @property
    def out(self) -> Floats:
        """F: from units of the model."""
        return np.asarray(self.basis * np.sqrt(self.weights)[:, None, :])

    @property
    def back(self) -> Floats:
        """The inverse of F."""
        return np.asarray(np.swapaxes(self.basis, 1, 2) / np.sqrt(self.weights)[:, :, None])


@dataclass(frozen=True)
class Turns:
    """Turns of models about the target, one a row.

    `axis` (rows, d); `across` (rows, d, d - 1), a basis of what is orthogonal to it; `spread` G
    (rows, D, d - 1), what a turn does to (a, packed B); `found` (rows, d - 1, D), the turn that a
    deviation holds.
    """

    frame: Frame
    axis: Floats
    across: Floats
    spread: Floats
    found: Floats

    @classmethod
    def of(cls, frame: Frame) -> Turns:
        """The turns of some models."""
        rows, d = frame.centre.shape
        i, j = pairs(d)
        length = np.linalg.norm(frame.centre, axis=1)
        first = np.eye(d)[0]
        safe = np.where(length > 0, length, 1.0)[:, None]
        axis = np.where(length[:, None] > 0, frame.centre / safe, first)
        # Householder's reflection takes the first direction to the axis.
        normal = axis + np.where(axis[:, :1] < 0, -1.0, 1.0) * first
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        mirror = np.eye(d) - 2 * normal[:, :, None] * normal[:, None, :]
        across = mirror[:, :, 1:]
        out, back = frame.out, frame.back
        off, beside = back @ across, np.swapaxes(out, 1, 2) @ across
        on, along = _apply(back, axis), _apply(np.swapaxes(out, 1, 2), axis)
        skew = off[:, :, None] * along[:, None, :, None] - on[:, :, None, None] * beside[:, None]
        spread = np.empty((rows, d + i.size, d - 1))
        spread[:, :d] = off * length[:, None, None]
        spread[:, d:] = skew[:, i, j] + skew[:, j, i]
        weighted = np.swapaxes(spread, 1, 2) * np.concatenate(
            [np.ones(d), np.where(i == j, 0.5, 1)]
        )
        found = np.linalg.solve(weighted @ spread + WORTH * np.eye(d - 1), weighted)
        return cls(frame, axis, across, spread, found)

    @property
    def split(self) -> Floats:
        """The linear map of a deviation to (psi, a, packed B)."""
        rest = np.eye(self.spread.shape[1]) - self.spread @ self.found
        return np.concatenate([self.found, rest], axis=1)

    @property
    def joined(self) -> Floats:
        """The linear map of (psi, a, packed B) to a deviation."""
        rows, size, _ = self.spread.shape
        return np.concatenate([self.spread, np.tile(np.eye(size), (rows, 1, 1))], axis=2)

    def bend(self, curved: Floats) -> Floats:
        """Mean of the quadratic part of a deviation; `curved` is a covariance."""
        d = self.axis.shape[1]
        k = d - 1
        e, out, back = self.axis, self.frame.out, self.frame.back
        length = np.linalg.norm(self.frame.centre, axis=1)
        sigma = out @ np.swapaxes(out, 1, 2)
        q = self.across @ curved[:, :k, :k] @ np.swapaxes(self.across, 1, 2)
        total = np.trace(q, axis1=1, axis2=2)[:, None]
        # Psi^2 c / 2 + Psi F a
        with_a = self.across @ curved[:, :k, k : k + d] @ np.swapaxes(out, 1, 2)
        moved = _apply(with_a, e) - e * np.trace(with_a, axis1=1, axis2=2)[:, None]
        moved = moved - 0.5 * length[:, None] * total * e
        # (Psi^2 S + S Psi^2) / 2 - Psi S Psi
        flat = e[:, :, None] * e[:, None, :]
        square = -(q + total[:, :, None] * flat) @ sigma
        turned = _apply(sigma, e)
        half = _apply(q, turned)[:, :, None] * e[:, None, :]
        inner = half + np.swapaxes(half, 1, 2) - (e * turned).sum(axis=1)[:, None, None] * q
        inner = inner - (sigma * q).sum(axis=(1, 2))[:, None, None] * flat
        # Psi Y + (Psi Y)', Y = F B F'
        with_b = unpacked(self.across @ curved[:, :k, k + d :], d)
        with_b = out[:, None] @ with_b @ np.swapaxes(out, 1, 2)[:, None]
        mixed = np.einsum("rijk,rj->rik", with_b, e)
        mixed = mixed - e[:, :, None] * np.einsum("riik->rk", with_b)[:, None, :]
        mixed = mixed + 0.5 * square
        stretched = mixed + np.swapaxes(mixed, 1, 2) - inner
        shape = back @ stretched @ np.swapaxes(back, 1, 2)
        return np.concatenate([_apply(back, moved), packed(shape)], axis=1)

    def rotation(self, psi: Floats) -> Floats:
        """exp(Psi): a rotation in the plane of the axis and q, by the length of q."""
        q = _apply(self.across, psi)
        angle = np.linalg.norm(q, axis=1)
        unit = q / np.where(angle > 0, angle, 1.0)[:, None]
        e = self.axis
        skew = unit[:, :, None] * e[:, None, :]
        skew = skew - np.swapaxes(skew, 1, 2)
        sine, versed = np.sin(angle)[:, None, None], 2 * np.sin(angle / 2)[:, None, None] ** 2
        return np.asarray(np.eye(e.shape[1]) + sine * skew + versed * skew @ skew)


def recentred(
    frame: Frame, covariance: Floats, shift: Floats
) -> tuple[Frame, Floats, Floats, Floats]:
    """Move models by the mean of their deviation, second order included.

    Parameters
    ----------
    frame
        The models.
    covariance, shift
        Covariance (rows, D, D) and mean (rows, D) of the deviation from them.

    Returns
    -------
    frame, shift
        The moved models; in their units, the mean of what is quadratic.
    carry
        The linear map of deviations from the old models to those from the moved ones.
    stretch
        Largest relative change of a variance; (rows,).
    """
    rows, d = frame.centre.shape
    old = Turns.of(frame)
    split = old.split
    curved = split @ covariance @ np.swapaxes(split, 1, 2)
    left = shift - old.bend(curved)
    psi = _apply(old.found, left)
    left = left - _apply(old.spread, psi)
    values, vectors = np.linalg.eigh(unpacked(left[:, d:], d))
    half = (vectors * np.sqrt(np.maximum(1 + values, 1e-3))[:, None, :]) @ np.swapaxes(
        vectors, 1, 2
    )
    spin = old.rotation(psi)
    grown = spin @ frame.out @ half
    moved = frame.centre + _apply(frame.out, left[:, :d])
    new = Turns.of(Frame.of(_apply(spin, moved), grown @ np.swapaxes(grown, 1, 2)))
    # What is left keeps its place and its stretch, and a turn turns the model that there is.
    change = new.frame.back @ grown
    carry = np.zeros((rows, d - 1 + left.shape[1], d - 1 + left.shape[1]))
    carry[:, : d - 1, : d - 1] = np.swapaxes(new.across, 1, 2) @ spin @ old.across
    carry[:, d - 1 :, d - 1 :] = carried(change, np.zeros((rows, d)))
    carry[:, d - 1 : 2 * d - 1, d - 1 : 2 * d - 1] = change @ np.linalg.inv(half)
    curved = carry @ curved @ np.swapaxes(carry, 1, 2)
    return new.frame, new.bend(curved), new.joined @ carry @ split, np.abs(values).max(axis=1)


def carried(turn: Floats, step: Floats) -> Floats:
    """The linear map of (g, packed G) to ``(T g, T (G - g f' - f g') T')``, f = `step`."""
    rows, d = step.shape
    i, j = pairs(d)
    result = np.zeros((rows, d + i.size, d + i.size))
    result[:, :d, :d] = turn
    a, b = turn[:, i, :], turn[:, j, :]
    both = a[:, :, i] * b[:, :, j]
    result[:, d:, d:] = np.where(i == j, both, both + a[:, :, j] * b[:, :, i])
    moved = _apply(turn, step)
    result[:, d:, :d] = -(a * moved[:, j][:, :, None] + b * moved[:, i][:, :, None])
    return result


def _apply(matrices: Floats, vectors: Floats) -> Floats:
    return np.asarray((matrices @ vectors[:, :, None])[:, :, 0])
