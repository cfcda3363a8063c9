"""What a stranger may give to the commands: one line, status 2, and nothing written or lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.cli import INTERRUPTED, MISUSE, main
from numerics.monitoring.report import monitor
from numerics.prediction import predict_runs, read_setting
from numerics.prediction.setting import describe
from theory.errors import InvalidInput

TABLE = "run,generation,trace\n" + "".join(
    f"{run},{t},{3 * 0.98**t:.6f}\n" for run in range(3) for t in range(4)
)
START = "start={mean=[0,0],covariance=[[1,0],[0,1]],target=[4,0]}\n"
GROUP = '[[group]]\nname="m"\nworkflow="replace"\nsample_size=50\n'
PREDICT = ("predict", "--runs", "runs.csv", "--setting", "s.toml")
MONITOR = ("monitor", "runs.csv")
SILOS = ("silos", "--rule", "random", "-n", "10", "-t", "1")
DIGITS = ("digits", "--split", "iid", "--generator", "kde", "--rule", "random")
BENCH = ("bench", "--family", "gaussian", "-n", "20", "-d", "2", "--estimator", "gaussian")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("runs.csv").write_text(TABLE)
    Path("s.toml").write_text(START + GROUP)
    Path("folder").mkdir()
    return tmp_path


def held() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def refused(words: tuple[str, ...], capsys: pytest.CaptureFixture[str], part: str) -> None:
    before, folders = held(), {path for path in Path().rglob("*") if path.is_dir()}
    assert main(words) == MISUSE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1, shown.err
    assert "a fault of collapse-theory" not in shown.err
    assert part in shown.err
    assert held() == before
    assert {path for path in Path().rglob("*") if path.is_dir()} == folders


TABLES = {
    "cell.csv": (TABLE + "0,4,abc\n", "'abc' in data row 13"),
    "inf.csv": (TABLE + "0,4,1e400\n", "must hold finite numbers"),
    "twice.csv": (TABLE + "0,3,1\n", "generation 3 twice"),
    "late.csv": (TABLE + "0,1e300,1\n", "2**53"),
    "columns.csv": ("generation,trace,trace\n0,1,1\n1,1,2\n", "two columns 'trace'"),
    "run.csv": (TABLE + ",4,1\n", "empty cell in data row 13"),
    "latin.csv": ("run,generation,trace\nä,0,1\nä,1,1\n".encode("latin1"), "latin.csv"),
    "head.csv": ("run,generation,trace,ä\n0,0,1,1\n".encode("latin1"), "head.csv"),
    "bytes.csv": (bytes(range(256)), "cannot be read"),
    "empty.csv": ("", "cannot be read"),
    "bytes.parquet": (bytes(range(256)), "cannot be read"),
    "folder": (None, "folder is a directory"),
    "none.csv": (None, "no file none.csv"),
    "a" * 300 + ".csv": (None, "too long"),
}


@pytest.mark.parametrize("command", ["predict", "monitor"])
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.usefixtures("here")
def test_a_table_that_is_none(name: str, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    content, part = TABLES[name]
    if content is not None:
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    words = ("monitor", name)
    if command == "predict":
        words = ("predict", "--runs", name, "--setting", "s.toml")
    refused(words, capsys, part)


@pytest.mark.usefixtures("here")
def test_bytes_of_a_file_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bytes.csv").write_bytes(b"generation,trace\n0,1\n\x1b[2J\x07\n")
    assert main(("monitor", "bytes.csv")) == MISUSE
    shown = capsys.readouterr().err
    assert shown.rstrip("\n").isprintable()
    assert r"\x1b" in shown


HUGE = "1" + "0" * 400
SETTINGS = {
    "a list": (GROUP.replace('"replace"', '["replace"]'), "is not one of replace"),
    "a size beyond floats": (GROUP.replace("50", HUGE), "accepted: 2 to"),
    "a ridge beyond floats": (GROUP + f"ridge={HUGE}\n", "accepted: up to"),
    "a ridge beyond any model": (GROUP + "ridge=1e59\n", "accepted: 0 to 1e+30"),
    "a negative ridge": (GROUP + "ridge=-1\n", "accepted: 0 to 1e+30"),
    "a batch that is a table": (GROUP + "first_batch={a=1}\n", "is not generated or real"),
    "a ragged metric": (GROUP + "metric=[[1],[0,1]]\n", "no number"),
    "a negative metric": (GROUP + "metric=[[-1,0],[0,1]]\n", "positive definite"),
    "a metric that is a number": (GROUP + "metric=3\n", "not (d, d)"),
    "a covariance of rank 1": (GROUP + "start={mean=[0,0],covariance=[[1,1],[1,1]]}\n", "definite"),
    "a mean of text": (GROUP + "start={mean=['0','1'],covariance=[[1,0],[0,1]]}\n", "no number"),
    "a ragged mean": (GROUP + "start={mean=[0,[1]],covariance=[[1,0],[0,1]]}\n", "no number"),
    "a far target": (GROUP + "start={distance=1e300,dimension=2}\n", "beyond"),
    "a wide start": (GROUP + "start={distance=1,dimension=10000000}\n", "from 1 to 2000"),
    "an archive that is none": (GROUP + "start={file='runs.csv'}\n", "no NPZ file"),
    "a single array": (GROUP + "start={file='one.npy'}\n", "no NPZ file"),
    "half an archive": (GROUP + "start={file='half.npz'}\n", "no NPZ file"),
    "complex means": (GROUP + "start={file='complex.npz'}\n", "no number"),
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.usefixtures("here")
def test_a_setting_that_is_none(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    np.save("one.npy", np.zeros(2))
    np.savez("complex.npz", mean=np.zeros(2) + 1j, covariance=np.eye(2))
    Path("half.npz").write_bytes(Path("complex.npz").read_bytes()[:200])
    text, part = SETTINGS[name]
    Path("s.toml").write_text(text if "start=" in text else START + text)
    refused(PREDICT, capsys, part)


PROGRAMS = {
    "leaves": ("import sys\nsys.exit(0)\n", "raised SystemExit"),
    "leaves later": ("def start(run):\n    exit()\n", "raised SystemExit"),
    "recurses": ("def f():\n    f()\nf()\n", "raised RecursionError"),
    "masked": (
        "import numpy as np\n"
        "def start(run):\n    return np.ma.masked_all(2), np.eye(2), np.ones(2)\n",
        "no number",
    ),
}
GIVEN = "setting = {'start': start, 'group': [{'workflow': 'replace', 'sample_size': 50}]}\n"


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.usefixtures("here")
def test_a_program_that_misbehaves(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text, part = PROGRAMS[name]
    Path("s.py").write_text(text + GIVEN)
    refused(("predict", "--runs", "runs.csv", "--setting", "s.py"), capsys, part)


@pytest.mark.usefixtures("here")
def test_what_a_start_prints_is_not_in_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.py").write_text(
        "def start(run):\n    print('hello')\n    return {'distance': 0, 'dimension': 3}\n" + GIVEN
    )
    main(("predict", "--runs", "runs.csv", "--setting", "s.py", "--json", "-"))
    shown = capsys.readouterr()
    assert json.loads(shown.out)["groups"]
    assert "hello" in shown.err


OPTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "predict onto its runs": ((*PREDICT, "--json", "runs.csv"), "would overwrite what is read"),
    "predict onto its setting": ((*PREDICT, "--json", "folder/../s.toml"), "would overwrite"),
    "predict two in one": ((*PREDICT, "--json", "a.png", "--plot", "a.png"), "both name a.png"),
    "predict a picture of text": ((*PREDICT, "--plot", "a.txt"), "a.txt is none of"),
    "predict a device": ((*PREDICT, "--json", "/dev/null"), "no ordinary file"),
    "predict a long name": ((*PREDICT, "--json", "a" * 300), "too long"),
    "predict no name": ((*PREDICT, "--json", ""), "empty name"),
    "predict a huge size": ((*PREDICT, "--set", "sample_size=1e999"), "accepted: up to"),
    "predict a large size": ((*PREDICT, "--set", "sample_size=1e30"), "accepted: 2 to"),
    "predict no setting": ((*PREDICT[:-1], ""), "empty name"),
    "monitor onto its runs": ((*MONITOR, "--json", "runs.csv"), "would overwrite what is read"),
    "monitor a picture of text": ((*MONITOR, "--plot", "a.txt"), "a.txt is none of"),
    "monitor a huge size": ((*MONITOR, "--at", "n=1e999"), "up to 2**53"),
    "monitor for ever": ((*MONITOR, "--follow", "--interval", "inf"), "up to a day"),
    "monitor no patience": ((*MONITOR, "--follow", "--patience", "-1"), "from 0 on"),
    "monitor an unknown metric": ((*MONITOR, "--follow", "--metric", "nope"), "nope"),
    "monitor an unknown role": ((*MONITOR, "--follow", "--column", "x=y"), "no role 'x'"),
    "monitor nowhere": (("monitor", "none/runs.csv", "--follow"), "no folder none"),
    "monitor nothing": (
        ("monitor", "none.csv", "--follow", "--interval", ".001", "--patience", "0"),
        "did not appear",
    ),
    "silos two in one": ((*SILOS, "--json", "a.png", "--plot", "a.png"), "both name a.png"),
    "silos too hot": ((*SILOS, "--temperature", "1e308"), "above 0, to"),
    "silos too unlike": ((*SILOS, "--heterogeneity", "1e308"), "0 to 50"),
    "silos of nothing": ((*SILOS, "-n", "0"), "'-n'"),
    "silos without end": ((*SILOS, "--seeds", "1000000000"), "'--seeds'"),
    "silos beyond memory": ((*SILOS, "-d", "1000000000000"), "not memory enough"),
    "digits without end": ((*DIGITS, "--replicates", "1000000000"), "'--replicates'"),
    "digits a folder that is a file": ((*DIGITS, "--folder", "s.toml"), "is a file"),
    "digits a folder without name": ((*DIGITS, "--folder", ""), "empty name"),
    "digits a folder of another salt": ((*DIGITS, "--folder", "f", "--salt", "zz"), "hexadecimal"),
    "digits of too many silos": ((*DIGITS[:1], "--silos", "45"), "45 silos of at least 21"),
    "digits two in one": ((*DIGITS, "--json", "a", "--markdown", "a"), "both name a"),
    "replay a salt without noise": (("replay", "--salt", "c0ffee"), "goes with --fresh"),
    "replay too many processes": (("replay", "--jobs", "1000000"), "'--jobs'"),
    "replay too few": (("replay", "--fresh", "5"), "'--fresh'"),
    "bench a folder that is a file": ((*BENCH, "--folder", "s.toml"), "is a file"),
    "bench a folder of another salt": ((*BENCH, "--folder", "f", "--salt", "zz"), "hexadecimal"),
    "bench without end": ((*BENCH, "--replicates", "1000000000"), "'--replicates'"),
    "bench where nothing runs": ((*BENCH, "--estimator", "sorted"), "--estimator sorted"),
    "bench a size beyond all": ((*BENCH, "-n", "1000000000"), "-n 1000000000"),
    "bench a time without advice": ((*BENCH, "--time", "1s"), "goes with --recommend"),
    "bench advice as json": ((*BENCH, "--recommend", "--json", "a"), "goes with a run"),
    "bench a size beyond floats": (("bench", "--recommend", "-n", HUGE, "-d", "1"), "'-n'"),
    "bench two in one": ((*BENCH, "--json", "a.csv", "--out", "a.csv"), "both name a.csv"),
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.usefixtures("here")
def test_options_out_of_range(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def working(*arguments: Any, **options: Any) -> None:
        raise AssertionError("work has begun")

    monkeypatch.setattr("numerics.commands.predicting.predict_runs", working)
    monkeypatch.setattr("numerics.commands.monitoring.monitor", working)
    monkeypatch.setattr("numerics.silos.campaign.finish", working)
    monkeypatch.setattr("numerics.commands.benching.run", working)
    monkeypatch.setattr("numerics.commands.replaying.Parallel", working)
    words, part = OPTIONS[name]
    refused(words, capsys, part)


@pytest.mark.usefixtures("here")
def test_a_folder_in_place_of_a_unit_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("units/iid.kde.0.json").mkdir(parents=True)
    refused((*DIGITS, "--folder", "units"), capsys, "is no block")


@pytest.mark.usefixtures("here")
def test_silos_write_json_to_standard_output_alone(capsys: pytest.CaptureFixture[str]) -> None:
    small = ("-d", "2", "--points", "5", "--silos", "2", "--seeds", "1", "--salt", "c0ffee")
    assert main((*SILOS, *small, "--json", "-")) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["setting"]["salt"] == "c0ffee"
    assert not Path("-").exists()


@pytest.mark.usefixtures("here")
def test_an_interrupted_command_leaves_nothing_half_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(path: Path, *rest: Any) -> None:
        path.write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "numerics.commands.predicting.plot_comparisons", lambda found, path: interrupted(path)
    )
    before = held()
    assert main((*PREDICT, "--plot", "a.png")) == INTERRUPTED
    assert capsys.readouterr().err.strip() == "collapse: interrupted"
    assert held() == before


@pytest.mark.filterwarnings("default")  # as outside of tests, where a warning is text beside it
@pytest.mark.usefixtures("here")
def test_arithmetic_that_warns_before_it_fails_is_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("s.toml").write_text(START + GROUP + "kept_fraction=1e-300\n")
    refused(PREDICT, capsys, "the radius of the kept ball was not found")


@pytest.mark.parametrize(
    "options",
    [
        {"alpha": "x"},
        {"delta": None},
        {"null": ["loop"]},
        {"floor": "a"},
        {"metrics": ["trace"]},
        {"metrics": {"trace": 3}},
        {"columns": ["a"]},
        {"where": ["x"]},
        {"at": ["n"]},
        {"at": {"n": "x"}},
        {"at": {"d": float("nan")}},
        {"at": {"q": 3}},
    ],
)
def test_monitor_tells_options_of_another_type(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(options))[:-1]):
        monitor(TABLE.encode(), **options)


@pytest.mark.usefixtures("here")
def test_predict_runs_tells_arguments_of_another_type() -> None:
    setting: Any = read_setting("s.toml")
    number: Any = "x"
    for call in (
        lambda: predict_runs("runs.csv", {"group": []}),  # type: ignore[arg-type]
        lambda: predict_runs("runs.csv", setting, level=number),
        lambda: predict_runs("runs.csv", setting, coarsest=number),
        lambda: predict_runs(None, setting),  # type: ignore[arg-type]
        lambda: read_setting(None),  # type: ignore[arg-type]
        lambda: describe([]),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidInput):
            call()
