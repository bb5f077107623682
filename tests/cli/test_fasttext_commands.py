"""`wordloom fasttext`: the commands, flags and lines of output that scripts for fastText know."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from fasttext_files import KINDS, Reference, SupervisedModel
from wordloom.cli.commands.fasttext import COMMANDS
from wordloom.cli.commands.fasttext_training import SUPERVISED
from wordloom.cli.program import program
from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.settings import Settings
from wordloom.text_model import TextModel
from wordloom.vectors import WordVectors, neighbors

LINES = "good plot\nbad </s> good\n\n__label__pos café unknown\nbad"
TEST_LINES = (
    "__label__pos good\n__label__neg good\n__label__pos __label__neg bad plot\n__label__other good\ngood\n"
)


@pytest.fixture
def softmax(tmp_path):
    """A model that `SupervisedModel` wrote, its path and what it says of a text."""
    kind = KINDS["softmax of pairs"]
    path = kind.write(tmp_path / "model.bin")
    return path, Reference(kind, path)


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    """A file of 40 lines with labels in fastText's form."""
    path = tmp_path_factory.mktemp("lines") / "train.txt"
    lines = [
        f"__label__{('neg', 'pos')[i % 2]} a film {('awful', 'great')[i % 2]} w{i % 7}" for i in range(40)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(reviews, tmp_path_factory):
    """The folder that `supervised` wrote, with what it said."""
    folder = tmp_path_factory.mktemp("models")
    arguments = ["-input", reviews, "-output", folder / "model", "-wordNgrams", "2", "-epoch", "3"]
    more = ["-lr", "0.5", "-bucket", "1000", "-thread", "1", "-verbose", "0"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORDLOOM_KERNELS", "plain")
        result = CliRunner().invoke(
            program, ["fasttext", "supervised", *map(str, arguments), *more], prog_name="wordloom"
        )
    assert result.exit_code == 0, result.output
    return folder / "model", result


def test_predict_prob_prints_labels_and_fasttexts_probabilities(run, softmax):
    path, reference = softmax
    result = run("fasttext", "predict-prob", path, "-", "-1", stdin=LINES)
    lines = result.stdout.split("\n")
    assert lines[-1] == ""
    texts = ["good plot", "bad", "good", "", "café unknown"]  # `</s>` ends a line too
    for line, text in zip(lines, texts, strict=False):
        labels, shown = line.split()[::2], np.array(line.split()[1::2], dtype=float)
        p = reference.probabilities(text)
        order = np.argsort(-p)
        assert labels == [reference.model.labels[i] for i in order]
        np.testing.assert_allclose(shown, p[order] + 1e-5, atol=2e-6)
    assert len(lines) == 7


def test_the_last_line_of_a_file_has_no_end_of_line_token(run, softmax):
    path, _ = softmax
    with_end, without = (
        run("fasttext", "predict-prob", path, "-", stdin=text).stdout for text in ("bad\n", "bad")
    )
    assert with_end != without
    assert len(with_end.splitlines()) == len(without.splitlines()) == 1


def test_a_file_says_the_same_as_standard_input(run, softmax, tmp_path):
    path, _ = softmax
    (tmp_path / "lines.txt").write_text(LINES, encoding="utf-8")
    results = [
        run("fasttext", "predict", path, source, stdin=LINES).stdout
        for source in ("-", tmp_path / "lines.txt")
    ]
    assert results[0] == results[1] != ""
    assert all(label.startswith("__label__") for label in results[0].split())


def test_labels_below_the_threshold_are_not_printed_and_the_line_stays(run, softmax):
    path, _ = softmax
    everything = run("fasttext", "predict-prob", path, "-", "3", stdin=LINES).stdout.split()[1::2]
    least = sorted(map(float, everything))[len(everything) // 2]
    kept = run("fasttext", "predict-prob", path, "-", "3", least, stdin=LINES).stdout
    assert kept.count("\n") == LINES.count("\n") + 2
    assert all(float(p) >= least for p in kept.split()[1::2])
    assert 0 < len(kept.split()[1::2]) < len(everything)
    assert run("fasttext", "predict", path, "-", "3", "1.1", stdin="good\nbad\n").stdout == "\n\n"


def test_test_counts_lines_with_known_labels_only(run, softmax):
    path, reference = softmax
    lines = run("fasttext", "test", path, "-", stdin=TEST_LINES).stdout.splitlines()
    best = [reference.model.labels[reference.probabilities(text).argmax()] for text in ("good", "bad plot")]
    hits = (best[0] == "__label__pos") + (best[0] == "__label__neg") + (best[1] in reference.model.labels[:2])
    assert lines == ["N\t3", f"P@1\t{hits / 3:.3g}", f"R@1\t{hits / 4:.3g}"]
    every = run("fasttext", "test", path, "-", "-1", stdin=TEST_LINES).stdout.splitlines()
    assert every == ["N\t3", f"P@-1\t{4 / 9:.3g}", "R@-1\t1"]


def test_test_label_prints_dashes_for_a_share_of_nothing(run, softmax):
    path, _ = softmax
    lines = run("fasttext", "test-label", path, "-", "1", "1.1", stdin=TEST_LINES).stdout.splitlines()
    assert lines[0] == "F1-Score : 0.000000  Precision : --------  Recall : 0.000000   __label__pos"
    assert lines[2] == "F1-Score : --------  Precision : --------  Recall : --------   __label__mixed"
    assert lines[3:] == ["N\t3", "P@1\tnan", "R@1\t0.000"]


def test_supervised_trains_a_model_that_the_other_commands_know_by_fasttexts_name(run, trained, reviews):
    folder, result = trained
    assert TextModel.load(folder).labels == ("neg", "pos")
    assert TextModel.load(folder).record["settings"]["ngrams"] == 2
    assert "These flags play no part in wordloom: -lr (" in result.stderr
    assert "-bucket (n-grams are counted exactly, nothing is hashed)" in result.stderr
    assert result.stdout == ""
    named = f"{folder}.bin"
    assert run("fasttext", "test", named, reviews).stdout == "N\t40\nP@1\t1\nR@1\t1\n"
    assert run("fasttext", "predict", named, "-", stdin="awful film\ngreat\n").stdout.split() == [
        "__label__neg",
        "__label__pos",
    ]


def test_probabilities_of_our_models_are_its_own(run, trained):
    folder, _ = trained
    label, p = run(
        "fasttext", "predict-prob", folder, "-", stdin="__label__neg a great film\n"
    ).stdout.split()
    expected = TextModel.load(folder).predict_proba(["a great film"]).max()
    assert label == "__label__pos"
    assert float(p) == pytest.approx(expected, rel=1e-5)


def test_another_prefix_of_labels_is_kept(run, tmp_path):
    lines = [f"#{('a', 'b')[i % 2]} {('one', 'two')[i % 2]} three" for i in range(20)]
    (tmp_path / "train.txt").write_text("\n".join(lines), encoding="utf-8")
    flags = ("-input", "train.txt", "-output", "m", "-label", "#", "-epoch", "2", "-verbose", "0")
    assert run("fasttext", "supervised", *flags).exit_code == 0
    assert run("fasttext", "predict", "m", "-", stdin="two\n").stdout == "#b\n"
    assert run("fasttext", "test", "m", "train.txt").stdout.startswith("N\t20\n")


def test_ova_learns_several_labels_and_a_size_is_kept(run, reviews, tmp_path):
    flags = ("-input", reviews, "-output", "m", "-epoch", "2", "-verbose", "0", "-loss", "ova")
    assert run("fasttext", "supervised", *flags, "-autotune-modelsize", "60k").exit_code == 0
    model = TextModel.load(tmp_path / "m")
    assert model.target == "multilabel"
    assert model.record["settings"]["max_size"] == 60_000


def test_pretrained_vectors_are_where_averaged_word_vectors_begin(run, reviews, tmp_path):
    WordVectors(["great", "awful"], np.eye(2, 3, dtype=np.float32)).save(tmp_path / "v.vec", "word2vec")
    flags = ("-input", reviews, "-output", "m", "-epoch", "1", "-verbose", "0", "-pretrainedVectors", "v.vec")
    result = run("fasttext", "supervised", *flags, "-wordNgrams", "2", "-dim", "100")
    assert result.exit_code == 0, result.output
    assert TextModel.load(tmp_path / "m").vectors().dimensions == 3
    assert "-wordNgrams (" in result.stderr
    assert "-dim (" in result.stderr


def test_autotune_searches_settings_and_validates_the_winner_on_the_file(run, reviews, tmp_path, monkeypatch):
    plans = []

    def tune(corpus, plan, callbacks=()):
        plans.append(plan)
        return SimpleNamespace(settings=Settings(**plan.fixed, ngrams=3))

    monkeypatch.setattr("wordloom.tuning.tune", tune)
    (tmp_path / "valid.txt").write_text(
        "__label__neg awful film\n__label__pos great film\n", encoding="utf-8"
    )
    flags = ("-input", reviews, "-output", "m", "-epoch", "2", "-verbose", "0", "-autotune-duration", "7")
    result = run("fasttext", "supervised", *flags, "-autotune-validation", "valid.txt", "-seed", "5")
    assert result.exit_code == 0, result.output
    assert (plans[0].seconds, plans[0].seed) == (7, 5)
    assert plans[0].fixed == {"architecture": "ngram", "epochs": 2}
    record = TextModel.load(tmp_path / "m").record
    assert (record["settings"]["ngrams"], record["seed"]) == (3, 5)
    assert record["data"]["validation"] == "valid.txt"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("supervised", "-inputt", "x"), "Unknown argument: -inputt Did you mean '-input'"),
        (("supervised", "train.txt"), "Provided argument without a dash: 'train.txt'"),
        (("supervised", "-input"), "-input is missing an argument"),
        (("supervised", "-input", "x"), "Empty input or output path"),
        (
            ("supervised", "-input", "x", "-output", "m", "-epoch", "many"),
            "-epoch: 'many' is no whole number",
        ),
        (("supervised", "-input", "x", "-output", "m", "-lr", "fast"), "-lr: 'fast' is no number"),
        (("supervised", "-input", "x", "-output", "m", "-loss", "hinge"), "Unknown loss: hinge"),
        (("supervised", "-input", "missing.txt", "-output", "m"), "missing.txt"),
        (("predict", "missing.bin", "-"), "missing.bin cannot be opened for loading"),
        (("predict", "MODEL"), "Missing argument 'FILE'"),
        (("predict", "MODEL", "-", "0"), "k needs to be 1 or higher"),
        (("test", "MODEL", "missing.txt"), "missing.txt"),
        (("nn", "MODEL", "0"), "k needs to be 1 or higher"),
        (("cbow", "-input", "x"), "skipgram"),
        (("dump", "m", "args"), "wordloom inspect"),
        (("print-ngrams", "m", "word"), "print-word-vectors"),
        (("skipgram", "-input", "x", "-output", "v", "-loss", "hs"), "-loss hs: word vectors are learned by"),
    ],
)
def test_whatever_is_wrong_ends_with_1_and_a_sentence(fails, softmax, arguments, message):
    given = [str(softmax[0]) if one == "MODEL" else one for one in arguments]
    assert message in fails(1, "fasttext", *given, stdin="a\n")


def test_the_page_names_every_command_and_every_flag():
    page = (Path(__file__).parents[2] / "docs" / "from_fasttext.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`{name}`" not in page] == []
    assert [name for name in SUPERVISED if f"`-{name}`" not in page] == []


def test_every_command_of_fasttexts_is_there():
    known = "supervised quantize test test-label predict predict-prob skipgram cbow print-word-vectors"
    known += " print-sentence-vectors print-ngrams nn analogies dump"
    assert set(COMMANDS) == set(known.split())


def test_nn_and_analogies_answer_words_of_standard_input(run, tmp_path):
    words = ["king", "queen", "man", "woman", "tree"]
    rows = np.array([[1, 1], [1, 2], [1, -1], [1, 0.2], [-1, -3]], dtype=np.float32)
    WordVectors(words, rows).save(tmp_path / "v.txt", "word2vec")
    said = run("fasttext", "nn", "v.txt", "2", stdin="king\nnowhere queen\n")
    prompts = said.stdout.split("Query word? ")
    assert [line.split()[0] for line in prompts[1].splitlines()] == ["queen", "woman"]
    cosine = 3 / math.sqrt(2 * 5)
    assert float(prompts[1].splitlines()[0].split()[1]) == pytest.approx(cosine, abs=1e-5)
    assert (prompts[2], prompts[4], len(prompts)) == ("", "", 5)
    assert "there is no vector for 'nowhere'" in said.stderr
    units = {word: row / np.linalg.norm(row) for word, row in zip(words, rows, strict=True)}
    wanted = units["king"] - units["man"] + units["woman"]
    answers = run("fasttext", "analogies", "v.txt", "1", stdin="king man woman\n").stdout
    best = max(("queen", "tree"), key=lambda word: wanted @ units[word])
    assert answers.splitlines()[:2][1].startswith(f"Query triplet (A - B + C)? {best} ")


def test_vectors_of_words_are_printed_with_five_digits_and_a_space_behind_each(run, tmp_path):
    WordVectors(["a", "b"], np.array([[0.1234567, -2], [3, 4]], dtype=np.float32)).save(
        tmp_path / "v.txt", "word2vec"
    )
    said = run("fasttext", "print-word-vectors", "v.txt", stdin="a nowhere\nb").stdout
    assert said == "a 0.12346 -2 \nnowhere 0 0 \nb 3 4 \n"
    lines = run("fasttext", "print-sentence-vectors", "v.txt", stdin="b b nowhere\n\n").stdout
    assert lines == "0.6 0.8 \n0 0 \n"


def test_the_vector_of_a_line_is_what_a_classifier_goes_by(run, tmp_path):
    kind = SupervisedModel(word_ngrams=2, bucket=40)
    path = kind.write(tmp_path / "model.bin")
    reference = Reference(kind, path)
    said = run("fasttext", "print-sentence-vectors", path, stdin="good plot\n").stdout
    expected = reference.input[reference.rows("good plot")].mean(axis=0)
    np.testing.assert_allclose(np.array(said.split(), dtype=float), expected, rtol=1e-4)


def test_skipgram_writes_both_files_of_fasttexts(run, tmp_path):
    (tmp_path / "texts.txt").write_text("the cat sat on the mat\n" * 30, encoding="utf-8")
    flags = (
        "-input",
        "texts.txt",
        "-output",
        "v",
        "-dim",
        "4",
        "-minCount",
        "1",
        "-epoch",
        "1",
        "-bucket",
        "50",
    )
    result = run("fasttext", "skipgram", *flags, "-verbose", "0")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "v.vec").read_text().startswith("5 4\n")
    assert run("fasttext", "nn", "v.bin", "1", stdin="cats\n").stdout.count("\n") == 1


def test_a_model_of_grades_is_refused(fails, tmp_path):
    texts = ["bad", "good", "fine", "poor"] * 3
    corpus = Corpus(texts, [1.0, 5.0, 4.0, 2.0] * 3, "grades", target="graded")
    settings = Settings(architecture="mean", dimensions=2, epochs=1, random_state=0, validation_split=0.0)
    fit(corpus, settings).save(tmp_path / "graded")
    assert "a model of grades" in fails(1, "fasttext", "predict", tmp_path / "graded", "-", stdin="good\n")


def test_neighbors_of_words_and_labels_of_a_quantized_classifier(run, answer, tmp_path):
    path = KINDS["coded with norms"].write(tmp_path / "m.ftz")
    found = answer("neighbors", path, "good", "-n", 2)
    table = TextModel.load(path).vectors()
    assert [near["word"] for near in found["neighbors"]] == [
        near.word for near in neighbors(table, "good", 2)
    ]
    labels = answer("neighbors", path, "pos", "--labels")
    assert sorted(near["word"] for near in labels["neighbors"]) == ["mixed", "neg"]
    assert run("fasttext", "nn", path, "2", stdin="good").stdout.count("\n") == 2
