"""What is there already is replaced only with --overwrite, and that is said before any work."""

from __future__ import annotations

import os

import pytest

from wordloom.cli.writing import check_targets
from wordloom.errors import UsageError

TRAIN = ("--architecture", "mean", "--epochs", "1", "--no-progress")
COMMANDS = {
    "train": ("train", "reviews.csv", "--out", "made", *TRAIN),
    "tune": ("tune", "reviews.csv", "--trials", "1", "--settings", "architecture=mean", "--out", "made"),
    "predict": ("predict", "MODEL", "--input", "reviews.csv", "--output", "made.csv"),
    "export": ("export", "MODEL", "--vectors", "made.txt"),
    "export to Keras": ("export", "MODEL", "--keras", "made.keras"),
    "export for browsers": ("export", "MODEL", "--web", "made"),
    "export to ONNX": ("export", "MODEL", "--onnx", "made"),
    "export to MLflow": ("export", "MODEL", "--mlflow", "made"),
    "convert": ("vectors", "convert", "MODEL", "made.bin"),
    "convert to a folder": ("vectors", "convert", "MODEL", "made"),
    "learn": ("vectors", "learn", "reviews.csv", "--out", "made.vec", "--epochs", "1"),
    "data": ("data", "demo", "--split", "test", "--out", "made.csv"),
    "plot": ("plot", "MODEL", "--kind", "words", "--out", "made.png"),
    "word map": ("plot", "MODEL", "--kind", "words", "--words", "great", "--out", "made.png"),
    "all pictures": ("plot", "MODEL", "--kind", "all", "--out", "made"),
    "compare": ("compare", "reviews.csv", "--peers", "none", "--settings", "mean", "--csv", "made.csv"),
    "picture of compare": ("compare", "reviews.csv", "--peers", "none", "--picture", "made.png"),
    "curve": ("curve", "reviews.csv", "--sizes", "20", "--picture", "made.png"),
    "reproduce": ("reproduce", "mean-32d", "--out", "made"),
    "demo": ("demo", "--out", "made"),
}
FOLDERS = {
    *("export for browsers", "export to ONNX", "export to MLflow"),
    "convert to a folder",
    "all pictures",
    "reproduce",
    "demo",
}
QUICK = ["train", "predict", "export", "convert", "learn", "data", "plot", "all pictures"]


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_replaced_without_being_asked(name, fails, model, reviews, tmp_path):
    command = [str(model) if word == "MODEL" else word for word in COMMANDS[name]]
    target = tmp_path / next(word for word in command if word.startswith("made"))
    if name in ("train", "tune"):
        os.symlink(model, target)  # a model
    elif name in FOLDERS:
        target.mkdir()
        for file in ("notes.txt", "history.png"):
            (target / file).write_text("mine")
    else:
        target.write_text("mine")
    message = fails(2, *command)
    assert "exists already: --overwrite replaces it, or choose another name." in message
    assert target.name in message
    assert target.is_dir() or target.read_text() == "mine"


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_what_a_command_wrote_is_replaced_when_asked(name, run, model, reviews):
    command = [str(model) if word == "MODEL" else word for word in COMMANDS[name]]
    assert run(*command).exit_code == 0
    assert run(*command).exit_code == 2
    assert run(*command, "--overwrite").exit_code == 0


def test_nothing_is_lost_with_empty_files_and_folders(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    check_targets(tmp_path / "file", tmp_path / "folder", tmp_path / "nothing", None, overwrite=False)


def test_a_model_that_a_kill_moved_aside_counts_as_there(fails, run, reviews, tmp_path):
    command = ("train", "reviews.csv", "--out", "m", *TRAIN)
    assert run(*command).exit_code == 0
    (tmp_path / "m").rename(tmp_path / ".m.previous")
    assert "m exists already" in fails(2, *command)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_device_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", os.devnull):
        with pytest.raises(UsageError, match="cannot be replaced"):
            check_targets(type(tmp_path)(place), overwrite=True)
