"""One batch: what is kept, the truncated law, sums over blocks, Bartlett's root."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import numerics.batch
from numerics.batch import raw_batch, statistics_batch, summarise
from numerics.radius import TABULATED, exact_radius, radius
from numerics.selection import Rule, ball, nearest


@pytest.mark.parametrize("dimension", [1, 2, 7])
@pytest.mark.parametrize("kept", [1, 4, 30])
def test_nearest_keeps_the_smallest_norms(dimension, kept):
    candidates = np.random.default_rng(1).standard_normal((20, 30, dimension))
    chosen = nearest(candidates, kept)
    for before, after in zip(candidates, chosen, strict=True):
        order = np.argsort(np.linalg.norm(before, axis=1))[:kept]
        assert np.array_equal(after, before[np.sort(order)])


def test_nearest_keeps_one_of_two_equally_far_points():
    candidates = np.array([[[1.0], [-1.0], [3.0], [0.5]], [[2.0], [1.0], [0.0], [4.0]]])
    chosen = nearest(candidates, 2)
    assert chosen.shape == (2, 2, 1)
    assert sorted(np.abs(chosen[0, :, 0])) == [0.5, 1.0]
    assert chosen[1, :, 0].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("dimension", [1, 2, 3, 10, 40])
@pytest.mark.parametrize("mass", [0.01, 0.5, 0.95])
def test_ball_draws_the_truncated_law(dimension, mass):
    points = ball(np.random.default_rng(2), 40, 250, dimension, mass).reshape(-1, dimension)
    squares = (points**2).sum(axis=1)
    chi = stats.chi2(dimension)

    def truncated(x):
        return np.minimum(chi.cdf(x) / mass, 1)

    assert stats.kstest(squares, truncated).pvalue > 1e-4
    assert stats.kstest(squares, chi.cdf).pvalue < 1e-6 or mass > 0.9
    assert stats.kstest(squares, lambda x: truncated(x) ** 1.1).pvalue < 1e-6
    # The direction is uniform and independent of the radius.
    signs = stats.binomtest(int((points[:, 0] > 0).sum()), len(points)).pvalue
    assert signs > 1e-4
    if dimension > 1:
        cosine = points[:, 0] / np.sqrt(squares)
        law = stats.beta((dimension - 1) / 2, (dimension - 1) / 2, loc=-1, scale=2)
        assert stats.kstest(cosine, law.cdf).pvalue > 1e-4
        assert stats.spearmanr(cosine**2, squares).pvalue > 1e-4


@pytest.mark.parametrize("dimension", [2, 3, 5, 10, TABULATED, TABULATED + 1])
@pytest.mark.parametrize("mass", [1e-9, 0.03, 0.5, 0.999999])
def test_tabulated_radius_is_the_quantile(dimension, mass):
    uniform = np.concatenate([[1e-12, 1 - 1e-9], np.random.default_rng(3).random(5000)])
    expected = exact_radius(mass * uniform, dimension)
    assert radius(uniform, dimension, mass) == pytest.approx(expected, rel=2e-12)


def test_tabulated_radius_needs_its_slopes(monkeypatch):
    numerics.radius._cells.cache_clear()
    monkeypatch.setattr(numerics.radius, "CELLS", 64)
    uniform = np.random.default_rng(3).random(5000)
    wrong = radius(uniform, 10, 0.5) / exact_radius(0.5 * uniform, 10) - 1
    numerics.radius._cells.cache_clear()
    assert np.abs(wrong).max() > 2e-12


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 19, 20, 200])
@pytest.mark.parametrize("dimension", [1, 3])
def test_summary_is_mean_and_scatter(size, dimension):
    points = np.random.default_rng(4).standard_normal((5, size, dimension)) + 2
    batch = summarise(points)
    for each, mean, root in zip(points, batch.mean, batch.root, strict=True):
        centred = each - each.mean(axis=0)
        assert mean == pytest.approx(each.mean(axis=0), abs=1e-13)
        assert root @ root.T == pytest.approx(centred.T @ centred, abs=1e-11)
        assert (np.triu(root, 1) == 0).all()
        assert np.count_nonzero(np.diagonal(root)) == min(dimension, size - 1)


def test_summary_sees_two_points_that_nearly_coincide():
    points = np.array([[[1.0], [1.0 + 1e-13]]])
    assert summarise(points).root.item() == pytest.approx(1e-13 / np.sqrt(2), rel=1e-2)


def test_summary_of_points_in_a_subspace():
    flat = np.random.default_rng(4).standard_normal((30, 10, 2)) @ np.array(
        [[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]]
    )
    diagonals = np.diagonal(summarise(flat, degenerate=True).root, axis1=1, axis2=2)
    assert (np.count_nonzero(diagonals, axis=1) == 2).all()
    full = np.random.default_rng(4).standard_normal((30, 10, 3))
    diagonals = np.diagonal(summarise(full, degenerate=True).root, axis1=1, axis2=2)
    assert (np.count_nonzero(diagonals, axis=1) == 3).all()


@pytest.mark.parametrize("rule", [Rule(2, 500), Rule(1, 5000), Rule(3, 300, 700)], ids=str)
def test_blocks_and_pieces_change_nothing(rule, monkeypatch):
    whole = raw_batch(np.random.default_rng(5), 3, rule)
    monkeypatch.setattr(numerics.batch, "BLOCK", 128)
    cut = raw_batch(np.random.default_rng(5), 3, rule)
    assert cut.mean == pytest.approx(whole.mean, abs=1e-12)
    assert cut.root == pytest.approx(whole.root, rel=1e-10, abs=1e-10)


def test_huge_truncated_batches_keep_their_law(monkeypatch):
    monkeypatch.setattr(numerics.batch, "BLOCK", 256)
    batch = raw_batch(np.random.default_rng(6), 400, Rule(1, 2000, None, 0.5))
    variance = stats.truncnorm(*stats.norm.ppf([0.25, 0.75])).var()
    error = batch.root[:, 0, 0] ** 2 / 1999 - variance
    assert abs(error.mean()) < 4 * error.std() / 20
    assert abs(error.mean() + variance - 1) > 100 * error.std() / 20


@pytest.mark.parametrize(("size", "dimension"), [(10, 1), (10, 3), (3, 5), (2, 2), (1, 2)])
def test_statistics_have_the_law_of_the_points(size, dimension):
    rule = Rule(dimension, size)
    fast = statistics_batch(np.random.default_rng(7), 20_000, rule)
    slow = raw_batch(np.random.default_rng(8), 20_000, rule)
    direction = np.linspace(1, 2, dimension)

    def forms(batch):
        rows = np.einsum("d,rde->re", direction, batch.root)
        yield (rows**2).sum(axis=1)
        yield (batch.root**2).sum(axis=(1, 2))
        yield (batch.mean**2).sum(axis=1)
        yield batch.root[:, -1, 0]

    for short, long in zip(forms(fast), forms(slow), strict=True):
        if size > 1 or long.any():
            # Roots of points are free in sign: the last one is compared by its size.
            assert stats.ks_2samp(np.abs(short), np.abs(long)).pvalue > 1e-4
        else:
            assert not short.any()
    other = statistics_batch(np.random.default_rng(7), 20_000, Rule(dimension, size + 1))
    pairs = zip(forms(other), forms(slow), strict=True)
    assert min(stats.ks_2samp(np.abs(a), np.abs(b)).pvalue for a, b in pairs) < 1e-9


def test_nothing_drawn_nothing_summed():
    for batch in (raw_batch, statistics_batch):
        empty = batch(np.random.default_rng(1), 4, Rule(2, 0))
        assert not empty.mean.any()
        assert not empty.root.any()
