"""Supervised models of fastText: small ones of every kind, and what they say of a line."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest

from fasttext_files import KINDS, LABELS, Reference, SupervisedModel
from wordloom.errors import DataError, UsageError, WordloomError
from wordloom.text_model import TextModel

pytestmark = pytest.mark.filterwarnings("ignore::wordloom.errors.WordloomWarning")
LINES = [
    "",
    "   \t ",
    "good plot",
    "good  plot\tbad good",
    "Good PLOT unknown",
    "café a\u00a0b \u2003 plot",
    "__label__pos good __label__never bad",
    "good </s> bad plot",
    "</s>",
    "one\x00good\x0bplot\x0cbad\rgood",
    "two\nlines",
    "x" * 500 + " 你好 😀",
]


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.fixture(params=["plain", "compiled"])
def kernels(request, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", request.param)


@pytest.mark.slow
def test_probabilities_are_fasttexts(kind, kernels, tmp_path):
    path = kind.write(tmp_path / "model.bin")
    model, reference = TextModel.load(path), Reference(kind, path)
    assert [(ids - 1).tolist() for ids in model.encode(LINES)] == [reference.rows(line) for line in LINES]
    expected = np.array([reference.probabilities(line) for line in LINES])
    np.testing.assert_allclose(model.predict_proba(LINES), expected, atol=5e-6)
    assert model.labels == tuple(label.removeprefix("__label__") for label in kind.labels)


@pytest.mark.slow
def test_a_saved_folder_says_the_same(kind, tmp_path):
    model = TextModel.load(kind.write(tmp_path / "model.bin"))
    model.save(tmp_path / "folder")
    again = TextModel.load(tmp_path / "folder")
    assert np.array_equal(again.predict_proba(LINES), model.predict_proba(LINES))
    assert again.labels == model.labels
    assert again.record["fasttext"]["loss"] == kind.loss
    assert [p.name for p in sorted((tmp_path / "folder").iterdir())] == [
        "README.md",
        "config.json",
        "vocabulary.txt",
        "weights.safetensors",
    ]


def test_quantized_rows_stay_quantized(tmp_path):
    model = TextModel.load(KINDS["coded output"].write(tmp_path / "m.ftz"))
    model.save(tmp_path / "folder")
    arrays = TextModel.load(tmp_path / "folder").network.arrays()
    assert arrays["input.codes"].dtype == np.uint8
    assert not {"input.rows", "output.rows"} & arrays.keys()


def test_words_that_are_not_utf_8_come_back(tmp_path):
    words = ("</s>", b"caf\xe9".decode("utf-8", "surrogateescape"))
    model = TextModel.load(SupervisedModel(words=words).write(tmp_path / "m.bin"))
    model.save(tmp_path / "folder")
    assert tuple(TextModel.load(tmp_path / "folder").vocabulary.words) == words


def test_labels_with_another_prefix_keep_it_and_are_no_words(tmp_path):
    labels = ("#pos", "#neg", "#mixed")
    model = TextModel.load(SupervisedModel(labels=labels, word_ngrams=2, bucket=20).write(tmp_path / "m.bin"))
    assert model.labels == labels
    assert np.array_equal(model.predict_proba(["#pos good"]), model.predict_proba(["good"]))
    assert not np.array_equal(model.predict_proba(["#never good"]), model.predict_proba(["good"]))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"kind": 2}, "word vectors that fastText learned without labels"),
        ({"labels": (), "label_counts": ()}, "holds no label"),
        ({"labels": LABELS[:1], "label_counts": (3,)}, "n_classes"),
        ({"words": ("a", "b", "a")}, "twice"),
        ({"word_ngrams": 1000, "bucket": 10}, "'word_ngrams' must be from 0 to 100"),
        ({"word_ngrams": 2}, "need a bucket"),
        ({"kept": ((1, 0),), "bucket": 10, "word_ngrams": 2}, "pruned, but not quantized"),
        ({"kept": ((1, 0), (1, 1)), "bucket": 10, "coded": True}, "name a bucket twice"),
        ({"kept": ((1, 7),), "bucket": 10, "coded": True}, "name a row outside 0 to 0"),
        ({"loss": "hs", "label_counts": (-1, 2, 3)}, "counts are below 0"),
    ],
)
def test_what_cannot_be_a_classifier_is_refused(changed, message, tmp_path):
    path = replace(SupervisedModel(), **changed).write(tmp_path / "m.bin")
    with pytest.raises(DataError, match=message) as caught:
        TextModel.load(path)
    assert str(path) in str(caught.value)


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    path = SupervisedModel().write(tmp_path / "m.bin")
    path.write_bytes(path.read_bytes()[:-4] + struct.pack("<f", np.nan))
    with pytest.raises(DataError, match=r"m\.bin: the weights 'output matrix' hold a number that is NaN"):
        TextModel.load(path)


def test_its_logits_are_not_changed(tmp_path):
    network = TextModel.load(SupervisedModel().write(tmp_path / "m.bin")).network
    with pytest.raises(UsageError, match="stay as fastText has trained them"):
        network.scaled(2.0)


def _answers(path, content):
    """Whether a file gives a model; anything but a model or a WordloomError is a failure."""
    path.write_bytes(content)
    try:
        model = TextModel.load(path)
        model.predict_proba(["good plot unknown"])
    except WordloomError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", ["softmax of pairs", "coded output", "pruned"])
def test_every_cut_is_refused_and_every_change_gives_a_model_or_an_error(name, tmp_path):
    path = tmp_path / "m.bin"
    whole = KINDS[name].write(path).read_bytes()
    ends = [*range(0, 400, 5), *np.linspace(400, len(whole) - 1, 20).astype(int).tolist()]
    assert not any(_answers(path, whole[:end]) for end in ends)
    rng = np.random.default_rng(3)
    for _ in range(100):
        content = bytearray(whole)
        for place in rng.integers(0, min(len(whole), 700), size=rng.integers(1, 4)).tolist():
            content[place] = int(rng.choice([0, 1, 127, 128, 255, rng.integers(256)]))
        _answers(path, bytes(content))


@pytest.mark.parametrize("huge", [2**31 - 1, -1, 10**9])
def test_sizes_beyond_the_file_claim_no_memory(huge, tmp_path):
    path = SupervisedModel(word_ngrams=2, bucket=20).write(tmp_path / "m.bin")
    whole = path.read_bytes()
    for at in (8, 8 + 8 * 4, 64, 68, 72):
        path.write_bytes(whole[:at] + struct.pack("<i", huge) + whole[at + 4 :])
        with pytest.raises(DataError, match=r"m\.bin"):
            TextModel.load(path)


@pytest.mark.parametrize("name", ["softmax of pairs", "characters", "hs"])
def test_what_a_word_says_is_what_the_log_odds_lose_without_it(name, tmp_path):
    model = TextModel.load(KINDS[name].write(tmp_path / "m.bin"))
    explanation = model.explain("good unknown plot", label="neg", method="leave-one-out")
    column = model.labels.index("neg")

    def log_odds(text):
        p = model.predict_proba([text])[0, column]
        return np.log(p / (1 - p))

    without = [log_odds("good unknown plot") - log_odds(rest) for rest in ("unknown plot", "good plot")]
    assert [word.effect for word in explanation.words[:2]] == pytest.approx(without, abs=1e-4)


@pytest.mark.slow
def test_the_parts_of_a_line_add_up_to_the_logit_of_every_label(kind, tmp_path):
    path = kind.write(tmp_path / "m.bin")
    model, reference = TextModel.load(path), Reference(kind, path)
    if kind.loss == "hs":
        assert model.explain("good").method == "leave-one-out"
        with pytest.raises(UsageError, match="leave-one-out"):
            model.explain("good", method="exact")
        return
    for number, line in enumerate(LINES):
        rows = reference.rows(line)
        hidden = reference.input[rows].mean(axis=0, dtype=np.float64) if rows else np.zeros(kind.dimensions)
        scores = reference.output @ hidden
        column = number % len(scores)
        found = model.explain(line, model.labels[column])
        own = scores[column] - (scores[1 - column] if len(scores) == 2 else 0)
        total = sum(part.value for part in found.contributions)
        assert (found.method, found.bias) == ("exact", 0)
        assert total == pytest.approx(own, abs=1e-5)
        assert found.logit == pytest.approx(total, abs=1e-9)
        assert sum(part.times for part in found.contributions) == len(rows)
    streamed = model.explain_stream(LINES, model.labels[0])
    assert [each.contributions for each in streamed] == [
        model.explain(line, model.labels[0]).contributions for line in LINES
    ]


def test_parts_are_named_and_have_their_places(tmp_path):
    kind = SupervisedModel(word_ngrams=2, minn=3, maxn=3, bucket=50)
    path = kind.write(tmp_path / "m.bin")
    model, reference = TextModel.load(path), Reference(kind, path)
    line = "good  __label__neg café good"
    found = {(part.kind, part.text): part for part in model.explain(line, "pos").contributions}
    assert found["word", "good"].spans == ((0, 4), (24, 28))
    assert found["word", "good"].times == 2
    assert found["n-gram", "good café"].spans == ((0, 23),)
    assert found["n-gram", "good </s>"].spans == ((24, 28),)
    assert found["characters", "fé>"].spans == ((21, 23),)
    assert found["characters", "caf"].spans == ((19, 22),)
    assert found["end of line", "</s>"].spans == ()
    assert not any("__label__" in text for _, text in found)
    row = reference.input[kind.words.index("café")] @ reference.output[0] / len(reference.rows(line))
    assert found["word", "café"].value == pytest.approx(row, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("dictionary", [("</s>", "good", "a\udcffb"), ("</s>", "good", "a", "b")])
def test_a_byte_0xff_separates_no_words(dictionary, kernels, tmp_path):
    model = TextModel.load(
        SupervisedModel(words=dictionary, word_ngrams=2, bucket=40).write(tmp_path / "m.bin")
    )
    line = np.frombuffer(b"good a\xffb", dtype=np.uint8)
    ids = model.vocabulary.hashed.line_ids(model.vocabulary.words, (line, np.array([0, len(line)])))
    words = {name: rank for rank, name in enumerate(dictionary, start=1)}
    alone = [words["good"], *([words["a\udcffb"]] if "a\udcffb" in words else []), words["</s>"]]
    assert ids.ids.tolist()[: len(alone)] == alone
    assert len(ids.ids) == len(alone) + 2  # good a_b, a_b </s>


@pytest.mark.parametrize("name", ["characters", "pruned", "coded with norms"])
def test_the_vectors_of_words_are_means_of_their_rows(name, tmp_path):
    kind = KINDS[name]
    path = kind.write(tmp_path / "m.bin")
    reference, model = Reference(kind, path), TextModel.load(path)
    table = model.vectors()
    assert table.words == kind.words
    for word in ("good", "café", "</s>", "unknown"):
        own = [0] if word == "</s>" else reference_rows_of_a_word(reference, word)
        if not own:
            with pytest.raises(KeyError, match=word):
                table[word]
            continue
        np.testing.assert_allclose(table[word], reference.input[own].mean(axis=0), atol=1e-5)
    model.save(tmp_path / "folder")
    assert np.array_equal(TextModel.load(tmp_path / "folder").vectors().vectors, table.vectors)


def reference_rows_of_a_word(reference, word):
    """The rows of a word alone: those of the line without its end and the n-gram that this is part of."""
    alone = Reference.__new__(Reference)
    vars(alone).update(vars(reference), model=replace(reference.model, word_ngrams=1))
    return [row for row in alone.rows(word) if row != 0]


def test_labels_that_texts_share_words_with_are_near(tmp_path):
    kind = KINDS["coded with norms"]
    path = kind.write(tmp_path / "m.bin")
    labels = TextModel.load(path).label_vectors()
    assert labels.words == ("pos", "neg", "mixed")
    np.testing.assert_allclose(labels.vectors, Reference(kind, path).output, atol=1e-6)
    tree = TextModel.load(KINDS["hs"].write(tmp_path / "hs.bin"))
    with pytest.raises(DataError, match="a label is a way through a tree"):
        tree.label_vectors()
