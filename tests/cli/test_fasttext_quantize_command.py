"""`wordloom fasttext quantize`: by fastText's flags, from OUTPUT.bin to OUTPUT.ftz."""

from __future__ import annotations

import numpy as np
import pytest

from fasttext_files import KINDS, SupervisedModel
from wordloom.text_model import TextModel

KIND = SupervisedModel(word_ngrams=2, bucket=400)
FLAGS = ("-input", "train.txt", "-output", "model")  # the lines are not read


def test_quantize_writes_a_model_that_the_other_commands_open(run, tmp_path):
    path = KIND.write(tmp_path / "model.bin")
    before = path.read_bytes()
    (tmp_path / "model.ftz").write_text("an older model")
    result = run("fasttext", "quantize", *FLAGS, "-qnorm", "-cutoff", "300", "-dsub", "1")
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    assert "Wrote model.ftz" in result.stderr
    assert path.read_bytes() == before
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["model.bin", "model.ftz"]
    network = TextModel.load(tmp_path / "model.ftz").network
    assert (network.input.shape, network.input.width, len(network.input.norms)) == ((300, 5), 1, 256)
    lines = "good plot\nbad\n"
    answers = [
        np.array(run("fasttext", "predict-prob", f"model.{ending}", "-", stdin=lines).stdout.split()[1::2])
        for ending in ("bin", "ftz")
    ]
    assert answers[0].shape == answers[1].shape == (2,)
    assert run("inspect", "model.ftz").exit_code == 0


def test_flags_of_a_training_that_is_not_there_are_told(run, tmp_path):
    KIND.write(tmp_path / "model.bin")
    flags = ("-output", "model", "-retrain", "-epoch", "3", "-seed", "5", "-verbose", "0")
    result = run("fasttext", "quantize", *flags)
    assert result.exit_code == 0, result.output
    assert "play no part in wordloom: -retrain (nothing is trained again" in result.stderr
    assert "-epoch (for -retrain, which is not there)" in result.stderr


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("-input", "train.txt"), "Empty input or output path: give -output NAME"),
        (("-output", "missing"), "missing.bin cannot be opened for loading: there is no such file."),
        (("-output", "small"), "small.ftz is there, which is quantized already"),
        (("-output", "model.bin"), "-output is its name without the ending .bin"),
        (("-output", "folder"), "folder is a folder"),
        (("-output", "folder"), "wordloom train --max-size 2M"),
        ((*FLAGS, "-cutoff", "300", "-retrain"), "-retrain: fastText's training is not there. Leave it out"),
        ((*FLAGS, "-dsub", "0"), "'dsub' must be from 1"),
        ((*FLAGS, "-cutoff", "-5"), "'cutoff' must be from 0"),
        ((*FLAGS, "-cutoff", "many"), "-cutoff: 'many' is no whole number"),
        ((*FLAGS, "-qnrm"), "Unknown argument: -qnrm Did you mean '-qnorm'"),
        ((*FLAGS, "-qout"), "model.bin: -qout needs 256 labels"),
        (("-output", "vectors"), "vectors.bin: word vectors that fastText learned without labels"),
        (("-output", "coded"), "coded.bin: the model is quantized already"),
        (("-output", "damaged"), "damaged.bin, byte"),
    ],
)
def test_what_cannot_be_quantized_ends_with_1_and_writes_nothing(fails, tmp_path, flags, message):
    whole = KIND.write(tmp_path / "model.bin").read_bytes()
    (tmp_path / "damaged.bin").write_bytes(whole[:-50])
    SupervisedModel(kind=2, bucket=400).write(tmp_path / "vectors.bin")
    KINDS["coded"].write(tmp_path / "coded.bin")
    KINDS["coded"].write(tmp_path / "small.ftz")
    (tmp_path / "folder").mkdir()
    there = sorted(tmp_path.iterdir())
    assert message in fails(1, "fasttext", "quantize", *flags)
    assert sorted(tmp_path.iterdir()) == there
