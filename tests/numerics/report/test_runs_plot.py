"""The plot of runs: what is drawn, and that the file is whole or absent."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.report.figures import blank
from numerics.report.runs_plot import _draw, plot_runs
from numerics.simulation import simulate
from theory.errors import InvalidInput
from theory.setting import Setting

NAMES = ("variance", "log_variance", "log_det", "squared_drift")


@pytest.fixture(scope="module")
def runs():
    return simulate(Setting(sample_size=5), 30, 200, "c0ffee", quantities=NAMES)


def drawn(runs, quantity, *curves):
    axes = blank(6, 4, "runs.png").add_subplot()
    _draw(axes, runs, quantity, np.asarray(runs.at), curves, "closed form")
    return axes


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_figure_is_saved_whole(runs, tmp_path, suffix):
    path = tmp_path / f"runs.{suffix}"
    path.write_text("before")
    assert plot_runs(runs, "variance", path, theory=0.8 ** np.arange(31)) == path
    assert path.stat().st_size > 5000
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_mean_band_and_closed_form_are_drawn(runs):
    theory = 0.8 ** np.arange(31)
    axes = drawn(runs, "variance", theory)
    mean, line = (each.get_ydata() for each in axes.lines)
    assert mean == pytest.approx(runs.values["variance"].mean(axis=0))
    assert line == pytest.approx(theory)
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    low, high = np.quantile(runs.values["variance"], [0.05, 0.95], axis=0)
    assert band.min() == pytest.approx(low.min())
    assert band.max() == pytest.approx(high.max())
    assert len(drawn(runs, "variance").lines) == 1


def test_a_predicted_band_is_drawn_at_generations_of_its_own(runs, tmp_path):
    theory = 0.8 ** np.arange(31)
    axes = drawn(runs, "variance", theory, theory / 2, theory * 2)
    assert [each.get_ydata()[3] for each in axes.lines[1:]] == pytest.approx([0.512, 0.256, 1.024])
    assert len(axes.get_legend().get_texts()) == 4
    some = theory[[0, 10, 30]]
    path = tmp_path / "runs.svg"
    assert plot_runs(runs, "variance", path, some, at=[0, 10, 30], band=(some, some)) == path
    with pytest.raises(InvalidInput, match="one value for each of the 3 generations"):
        plot_runs(runs, "variance", path, some, at=[0, 10, 30], band=(some, some[:2]))


def test_log_scale_only_where_it_is_sensible(runs):
    assert drawn(runs, "variance").get_yscale() == "log"
    assert drawn(runs, "log_variance").get_yscale() == "linear"
    assert drawn(runs, "squared_drift").get_yscale() == "linear"
    short = simulate(Setting(sample_size=500), 3, 50, "c0ffee")
    assert drawn(short, "variance").get_yscale() == "linear"


def test_singular_models_leave_a_gap(tmp_path):
    flat = simulate(Setting(sample_size=3, dimension=5), 3, 20, "c0ffee", quantities=["log_det"])
    mean = drawn(flat, "log_det").lines[0].get_ydata()
    assert np.isfinite(mean).tolist() == [True, False, False, False]
    assert plot_runs(flat, "log_det", tmp_path / "flat.png").exists()


def test_bad_input_is_told_in_one_line_and_leaves_nothing(runs, tmp_path):
    for arguments, message in (
        (("tail_mass", tmp_path / "x.png"), "tail_mass was not recorded; recorded: variance, "),
        (("entropy", tmp_path / "x.png"), "no quantity 'entropy'"),
        (("variance", tmp_path / "x.docx"), "x.docx is none of "),
        (("variance", tmp_path / "no" / "x.png"), "there is no folder "),
        (("variance", tmp_path / "x.png", [1.0, 2.0]), r"theory has shape \(2,\); accepted: one"),
    ):
        with pytest.raises(InvalidInput, match=message):
            plot_runs(runs, *arguments)
    assert not list(tmp_path.iterdir())
