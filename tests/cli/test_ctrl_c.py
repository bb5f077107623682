"""Ctrl-C: a training that stands alone keeps the best so far, work of several parts ends as a whole.

Each test waits for a line that the program writes and then sends the signal, so none depends on time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from wordloom.text_model import TextModel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
ENDLESS = "architecture=mean,epochs=1000000,validation_split=0"


def interrupted_after(line, command, folder):
    """(exit code, output, errors) of a process that gets Ctrl-C when it has written `line` to its errors."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        written = []
        for told in process.stderr:
            written.append(told)
            if line in told:
                break
        assert line in written[-1], "".join(written)
        os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the workers too
        out, rest = process.communicate(timeout=600)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, out, "".join(written) + rest


def program(*arguments):
    return ["-m", "wordloom", *map(str, arguments)]


def test_train_keeps_the_best_so_far(tmp_path, reviews):
    options = ENDLESS.replace("_", "-").replace(",", "=").split("=")
    named = [f"--{word}" if place % 2 == 0 else word for place, word in enumerate(options)]
    command = program("train", "reviews.csv", "--out", "m", *named)
    code, out, _ = interrupted_after("epoch 2/", command, tmp_path)
    assert code == 0
    assert "Saved to m" in out
    assert TextModel.load(tmp_path / "m").history.stopped == "interrupted"


def test_compare_shows_and_saves_the_contenders_that_were_done(tmp_path, reviews):
    command = program(
        *("compare", "reviews.csv", "--peers", "none", "--test-split", "0.5", "--seeds", "1"),
        *("--settings", "mean", "--settings", ENDLESS, "--csv", "figures.csv"),
    )
    code, out, errors = interrupted_after("mean is done", command, tmp_path)
    assert code == 130
    assert "interrupted; what was complete until then:" in errors
    assert "Traceback" not in errors
    table = (tmp_path / "figures.csv").read_text()
    assert [line.split(",")[0] for line in table.splitlines()[1:]] == ["mean"]
    assert "epochs=1000000" not in out


def test_curve_shows_the_points_that_were_done(tmp_path, reviews):
    command = program(
        *("curve", "reviews.csv", "--sizes", "10,all", "--draws", "1", "--json"),
        *("--settings", "mean", "--settings", ENDLESS),
    )
    code, out, errors = interrupted_after("mean, 48 labels", command, tmp_path)
    assert code == 130
    assert "Traceback" not in errors
    assert '"interrupted": true' in out
    assert '"setting": "mean"' in out
    assert "epochs=1000000" not in out


def test_tune_keeps_the_best_of_the_whole_trials(tmp_path, reviews):
    command = program(
        *("tune", "reviews.csv", "--trials", "100000", "--out", "m"),
        *("--settings", "architecture=mean,dimensions=4,epochs=2"),
    )
    code, out, errors = interrupted_after("trial 1:", command, tmp_path)
    assert code == 130
    assert "Traceback" not in errors
    assert "before it was interrupted: trial" in out
    assert len(TextModel.load(tmp_path / "m").history) == 2, "the winner is trained to its end"


def test_work_without_a_complete_part_ends_with_nothing(tmp_path, reviews):
    command = program(
        *("curve", "reviews.csv", "--sizes", "10", "--draws", "50", "--settings", "documents"),
    )
    code, out, errors = interrupted_after("Will train", command, tmp_path)
    assert code == 130
    assert errors.splitlines()[-1] == "interrupted"
    assert "labels" not in out.splitlines()[-1]


SCRIPT = """
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from wordloom import TextClassifier
    texts, labels = ["a fine film", "a dull plot"] * 10, ["pos", "neg"] * 10
    classifier = TextClassifier(
        architecture="mean", dimensions=4, epochs=1_000_000, validation_split=0, verbose=1
    )
"""


@pytest.mark.parametrize(
    "call",
    [
        "cross_val_score(classifier, texts, labels, cv=2)",
        pytest.param(
            "GridSearchCV(classifier, {'batch_size': [8, 16]}, cv=2).fit(texts, labels)",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_scikit_learn_gets_no_half_trained_score(call, tmp_path):
    script = textwrap.dedent(SCRIPT) + f"{call}\nprint('not reached')\n"
    code, out, errors = interrupted_after("epoch 2/", ["-c", script], tmp_path)
    assert code not in (0, None)
    assert out == ""
    assert errors.strip().endswith("KeyboardInterrupt")
    assert errors.count("kept epoch") == 1, "only one training was begun"


def test_an_interrupted_classifier_can_be_used(tmp_path):
    script = textwrap.dedent(SCRIPT) + textwrap.dedent(
        """
        try:
            classifier.fit(texts, labels)
        except KeyboardInterrupt:
            print(*classifier.predict(["a fine film", "a dull plot"]), classifier.history_.stopped)
        """
    )
    code, out, _ = interrupted_after("epoch 20/", ["-c", script], tmp_path)
    assert code == 0
    assert out == "pos neg interrupted\n"
