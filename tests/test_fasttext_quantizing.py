"""Classifiers of fastText's made small: what stays of them, what the file holds, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from fasttext_files import KINDS, WORDS, Reference, SupervisedModel
from products import product
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.fasttext_quantizing import Quantizing, quantized, quantized_model
from wordloom.text_model import TextModel
from wordloom.vectors.coded_rows import CodedRows
from wordloom.vectors.formats.fasttext_file import read_fasttext
from wordloom.vectors.formats.fasttext_writer import write_fasttext
from wordloom.vectors.product_quantizer import quantized_rows

LINES = ["", "good plot", "café a\u00a0b plot unknown", "bad bad good </s> plot", "x" * 40]
NGRAMS = {"word_ngrams": 2, "minn": 2, "maxn": 3}
# as many rows as centroids, so every row is a centroid and nothing is lost
EXACT = SupervisedModel(bucket=256 - len(WORDS), **NGRAMS)
MORE = replace(EXACT, bucket=500)
LABELS = tuple(f"__label__{n}" for n in range(300))


def small(kind, folder, **settings):
    """The model that `kind` makes, quantized, as a file."""
    write_fasttext(
        quantized_model(kind.write(folder / "m.bin"), Quantizing(**settings)), folder / "small.ftz"
    )
    return folder / "small.ftz"


def decoded(rows):
    """float32 (R, D)"""
    return rows[np.arange(rows.shape[0])]


@pytest.mark.parametrize("name", [name for name in KINDS if "pruned" not in name and "version" not in name])
def test_a_file_that_is_read_and_written_has_the_same_bytes(name, tmp_path):
    path = KINDS[name].write(tmp_path / "m.bin")
    write_fasttext(read_fasttext(path), tmp_path / "again.bin")
    assert (tmp_path / "again.bin").read_bytes() == path.read_bytes()


def test_a_file_of_version_11_is_written_as_what_it_means(tmp_path):
    path = KINDS["version 11"].write(tmp_path / "m.bin")
    write_fasttext(read_fasttext(path), tmp_path / "again.bin")
    assert read_fasttext(tmp_path / "again.bin").settings.version == 12
    models = [TextModel.load(each) for each in (path, tmp_path / "again.bin")]
    assert np.array_equal(*(model.predict_proba(LINES) for model in models))


@pytest.mark.slow
@product(
    lambda settings, loss: loss == "softmax" or settings == "norms",
    settings={
        "as they are": {},
        "norms": {"qnorm": True},
        "single numbers": {"dsub": 1},
        "whole rows": {"dsub": 99, "qnorm": True},
    },
    loss=["softmax", "hs", "ova", "ns"],
)
def test_with_a_centroid_for_every_row_the_answers_stay(loss, settings, tmp_path):
    kind = replace(EXACT, loss=loss)
    model = TextModel.load(small(kind, tmp_path, **settings))
    expected = [Reference(kind, tmp_path / "m.bin").probabilities(line) for line in LINES]
    assert isinstance(model.network.input, CodedRows)
    step = 0.008 if loss in ("ova", "ns") else 2e-5  # a sum on the edge of a step of the sigmoid's table
    np.testing.assert_allclose(model.predict_proba(LINES), expected, atol=step)


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["softmax", "hs"])
def test_qout_quantizes_the_labels_too(loss, tmp_path):
    labels = {"labels": LABELS[:256], "label_counts": tuple(range(256, 0, -1))}
    kind = replace(EXACT, loss=loss, **labels)
    before = TextModel.load(kind.write(tmp_path / "m.bin")).predict_proba(LINES)
    path = small(kind, tmp_path, qout=True)
    model = TextModel.load(path)
    assert isinstance(model.network.output_rows, CodedRows)
    np.testing.assert_allclose(model.predict_proba(LINES), before, atol=1e-5)


@pytest.mark.slow
def test_cutoff_keeps_the_longest_rows_and_the_end_of_the_line(tmp_path):
    file = read_fasttext(MORE.write(tmp_path / "m.bin"))
    rows = np.array(file.input)
    rows[0] *= 1e-3  # the end of a line has the shortest row
    rows[WORDS.index("bad")] *= 1e-2
    small = quantized(replace(file, input=rows), Quantizing(cutoff=256))
    lengths = np.linalg.norm(rows, axis=1)
    expected = {0, *np.argsort(-lengths)[:255].tolist()}
    words = [word.encode() for row, word in enumerate(WORDS) if row in expected]
    assert small.dictionary.words == words
    assert b"</s>" in words
    assert b"bad" not in words
    kept, numbers = small.dictionary.pruned.T
    assert {*(kept + len(WORDS)).tolist()} == {row for row in expected if row >= len(WORDS)}
    assert sorted(numbers.tolist()) == list(range(len(kept)))
    np.testing.assert_allclose(decoded(small.input)[len(words) + numbers], rows[len(WORDS) + kept], atol=1e-5)
    assert small.dictionary.counts.tolist() == [
        *(count for row, count in enumerate(file.dictionary.counts[:6].tolist()) if row in expected),
        *MORE.label_counts,
    ]


def test_a_pruned_model_answers_by_the_rows_that_stay(tmp_path):
    path = small(MORE, tmp_path, cutoff=256)
    reference = Reference(MORE, tmp_path / "m.bin")
    longest = np.linalg.norm(reference.input[1:], axis=1)
    kept = {0, *(1 + np.argsort(-longest)[:255]).tolist()}
    whole = reference.rows
    reference.rows = lambda line: [row for row in whole(line) if row in kept]
    assert any(len(reference.rows(line)) < len(whole(line)) for line in LINES)
    expected = [reference.probabilities(line) for line in LINES]
    np.testing.assert_allclose(TextModel.load(path).predict_proba(LINES), expected, atol=2e-5)


def test_a_model_without_ngrams_is_cut_to_words(tmp_path):
    kind = SupervisedModel(words=("</s>", *(f"w{n}" for n in range(400))))
    path = small(kind, tmp_path, cutoff=300)
    file = read_fasttext(path)
    assert (len(file.dictionary.words), file.dictionary.pruned.shape) == (300, (0, 2))
    assert TextModel.load(path).predict(["w1 unknown"])[0] in ("pos", "neg", "mixed")


@pytest.mark.parametrize(
    ("settings", "pieces", "norms"), [({}, 3, 0), ({"dsub": 4, "qnorm": True}, 2, 1), ({"dsub": 5}, 1, 0)]
)
def test_the_file_has_a_byte_for_every_piece(settings, pieces, norms, tmp_path):
    kind = replace(MORE, bucket=5000)
    path = small(kind, tmp_path, **settings)
    codes, centroids = kind.n_rows * (pieces + norms), 1024 * (kind.dimensions + norms)
    exact = kind.n_rows * kind.dimensions * 4
    numbers = 1 + 4 + 16 * (1 + norms)  # of the quantizers' forms and the codes
    assert path.stat().st_size == (tmp_path / "m.bin").stat().st_size - exact + codes + centroids + numbers


@pytest.mark.slow
def test_smaller_pieces_are_nearer_to_the_rows():
    rows = np.random.default_rng(1).normal(size=(2000, 10)).astype(np.float32)
    errors = [np.abs(decoded(quantized_rows(rows, width)) - rows).mean() for width in (1, 2, 5, 10)]
    assert errors == sorted(errors)
    assert errors[0] < 0.02
    assert errors[1] < 0.1
    nearest = quantized_rows(rows, 2)
    centroids = nearest.centroids.reshape(5, 256, 2)
    distances = ((rows.reshape(2000, 5, 1, 2) - centroids) ** 2).sum(axis=3)
    chosen = np.take_along_axis(distances, nearest.codes[:, :, None].astype(int), axis=2)[:, :, 0]
    np.testing.assert_allclose(chosen, distances.min(axis=2), atol=1e-5)


@pytest.mark.parametrize("most", [5000, 1000])
def test_a_few_long_rows_among_many_short_ones_are_near(most, monkeypatch):
    """Answers depend on them, and most of fastText's rows are n-grams that learned next to nothing."""
    monkeypatch.setattr("wordloom.vectors.product_quantizer._SAMPLED", most)
    draw = np.random.default_rng(2)
    rows = draw.normal(scale=0.05, size=(5000, 2)).astype(np.float32)
    rows[::100] = draw.normal(scale=5, size=(50, 2))
    errors = np.linalg.norm(decoded(quantized_rows(rows, 2)) - rows, axis=1)
    assert np.median(errors[::100]) < 0.1
    assert errors.mean() < 0.05


@pytest.mark.parametrize("with_norms", [False, True])
def test_rows_that_are_alike_or_empty_come_back(with_norms):
    rows = np.zeros((300, 5), dtype=np.float32)
    rows[:100] = [3, 0, 4, 0, 1]
    rows[100] = [0, 0, 0, 2, 0]
    np.testing.assert_allclose(decoded(quantized_rows(rows, 2, with_norms)), rows, atol=1e-5)


def test_the_same_seed_gives_the_same_bytes_for_any_number_of_threads():
    rows = np.random.default_rng(1).normal(size=(3000, 3)).astype(np.float32)
    found = []
    for threads, seed in ((1, 4), (4, 4), (1, 5)):
        with threadpool_limits(threads):
            coded = quantized_rows(rows, 2, True, seed)
        found.append((coded.codes.tobytes(), coded.centroids.tobytes(), coded.norm_codes.tobytes()))
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("changed", "settings", "message"),
    [
        ({"kind": 2}, {}, "learned without labels"),
        ({"coded": True}, {}, "is quantized already. Take the .bin"),
        ({"bucket": 100}, {}, "106 words and n-grams are too few .* small as it is"),
        ({}, {"cutoff": 255}, "255 words and n-grams are too few .* larger -cutoff"),
        ({}, {"qout": True}, "-qout needs 256 labels or more, and the model has 3"),
        ({"labels": LABELS[:1], "label_counts": (1,)}, {}, "n_classes"),
    ],
)
def test_what_cannot_be_quantized_is_refused_and_named(changed, settings, message, tmp_path):
    path = replace(MORE, **changed).write(tmp_path / "m.bin")
    with pytest.raises((DataError, UsageError), match=rf"m\.bin.*{message}"):
        quantized_model(path, Quantizing(**settings))


def test_more_codes_than_the_format_can_count_are_refused():
    rows = np.broadcast_to(np.float32(1), (2**22, 513))
    with pytest.raises(UsageError, match=r"2,151,677,952 codes are more than a file .* wider pieces"):
        quantized_rows(rows, 1)


@pytest.mark.parametrize("wrong", [{"dsub": 0}, {"cutoff": -1}, {"seed": -1}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(DataError, match=f"'{next(iter(wrong))}' must be from"):
        Quantizing(**wrong)


def test_a_cutoff_beyond_the_model_is_told_and_keeps_everything(tmp_path):
    path = MORE.write(tmp_path / "m.bin")
    with pytest.warns(WordloomWarning, match="-cutoff 506 plays no part: the model has 506 words"):
        file = quantized_model(path, Quantizing(cutoff=506))
    assert file.dictionary.pruned is None
    assert file.input.shape == (506, 5)
