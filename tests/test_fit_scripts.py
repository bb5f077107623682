"""A model on texts in any script: trained, saved, loaded, explained, streamed; vectors of such texts."""

from __future__ import annotations

import csv
import random
import unicodedata

import numpy as np
import pytest

from wordloom import TextClassifier, TextModel, WordVectors
from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.readers import stream_corpus
from wordloom.settings import Settings

GOOD = ["很好吃", "อร่อยมาก", "おいしいです", "schön gemütlich", "😋😋", "ခေါက်ဆွဲကောင်း", "ឆ្ងាញ់ណាស់", "ແຊບຫຼາຍ"]
BAD = ["太难吃", "แย่จัง", "まずいです", "übel furchtbar", "😡👎", "ခေါက်ဆွဲဆိုး", "មិនឆ្ងាញ់ទេ", "ບໍ່ແຊບເລີຍ"]
DISHES = ["面条", "ข้าวผัด", "ラーメン", "Käsespätzle", "🍜", "မုန့်", "បាយ", "ເຂົ້າ", "pizza"]


def reviews(n: int = 240, seed: int = 0) -> tuple[list[str], list[str]]:
    """Reviews in eight scripts and emoji, some of them decomposed."""
    rng = random.Random(seed)
    texts, labels = [], []
    for i in range(n):
        text = rng.choice(DISHES) + rng.choice((GOOD, BAD)[i % 2])
        texts.append(unicodedata.normalize("NFD", text) if rng.random() < 0.3 else text)
        labels.append(("good", "bad")[i % 2])
    return texts, labels


def settings(**changes) -> Settings:
    return Settings(**({"architecture": "ngram", "random_state": 3, "validation_split": 0.0} | changes))


def test_where_words_are_characters_ngrams_of_characters_are_left_out_unless_asked_for() -> None:
    texts, labels = ["面条很好吃 ok", "拉面太难吃", "饺子真好吃", "米饭不好吃"] * 10, ["good", "bad"] * 20
    assert fit(Corpus(texts, labels), settings(epochs=2)).network.characters is None
    assert fit(Corpus(texts, labels), settings(epochs=2, characters=3)).network.characters is not None
    words = [text.replace("面", "noodles ").replace("好", "good ") for text in texts]
    assert fit(Corpus(words, labels), settings(epochs=2)).network.characters is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [{}, {"normalization": "NFKC"}, {"split_characters": False}, {"max_size": 12_000}],
    ids=["default", "NFKC", "not split", "limited in size"],
)
def test_a_saved_model_answers_as_it_did(tmp_path, changes) -> None:
    texts, labels = reviews()
    model = fit(Corpus(texts, labels), settings(**changes))
    model.save(tmp_path / "model")
    loaded = TextModel.load(tmp_path / "model")
    assert loaded.tokenizer == model.tokenizer
    assert loaded.tokenizer.split_characters == changes.get("split_characters", True)
    assert loaded.tokenizer.normalization == changes.get("normalization", "NFC")
    np.testing.assert_array_equal(loaded.predict_proba(texts), model.predict_proba(texts))


def test_new_texts_in_every_script_are_understood_however_they_are_composed() -> None:
    model = fit(Corpus(*reviews()), settings())
    texts, labels = reviews(100, seed=1)
    assert model.predict(texts) == labels
    for form in ("NFC", "NFD"):
        same = model.predict_proba([unicodedata.normalize(form, text) for text in texts])
        np.testing.assert_array_equal(same, model.predict_proba(texts))


def test_an_explanation_names_each_character_and_emoji() -> None:
    model = fit(Corpus(*reviews()), settings())
    words = model.explain("面条太难吃😡👎🏽 bäh", label="bad").words
    assert [word.word for word in words] == ["面", "条", "太", "难", "吃", "😡", "👎🏽", "bäh"]
    effects = {word.word: word.effect for word in words}
    assert effects["难"] > 0 < effects["😡"]
    assert [word.word for word in words if not word.known] == ["👎🏽", "bäh"]


def test_streamed_texts_give_the_same_model(tmp_path) -> None:
    texts, labels = reviews()
    with open(tmp_path / "reviews.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *zip(texts, labels, strict=True)])
    inside = fit(Corpus(texts, labels), settings())
    streamed = fit(stream_corpus(tmp_path / "reviews.csv").train, settings())
    assert streamed.vocabulary.words == inside.vocabulary.words
    for name, array in inside.network.arrays().items():
        assert streamed.network.arrays()[name].tobytes() == array.tobytes()


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_any_number_of_threads_gives_the_same_ids(threads) -> None:
    texts, labels = reviews()
    model = fit(Corpus(texts, labels), settings(threads=threads))
    again = fit(Corpus(texts, labels), settings(threads=1))
    assert model.vocabulary.words == again.vocabulary.words
    np.testing.assert_array_equal(model.predict_proba(texts), again.predict_proba(texts))


def test_vectors_of_documents_and_of_words_are_of_characters() -> None:
    texts, labels = reviews()
    classifier = TextClassifier(architecture="documents", dimensions=8, epochs=2, random_state=1, min_count=2)
    words = set(classifier.fit(texts, labels).model_.vocabulary.words)
    assert {"面", "ข้า", "ラ", "😋", "käsespätzle"} <= words
    learned = WordVectors.learn(texts, dimensions=4, epochs=1, min_count=2)
    assert {"面", "ข้า", "ラ", "😋", "käsespätzle"} <= set(learned.words)


def test_a_network_splits_characters_too_and_keeps_to_keras_rules_if_asked() -> None:
    texts, labels = reviews(60)
    small = {"architecture": "mean", "dimensions": 2, "epochs": 1, "validation_split": 0.0, "num_words": None}
    split = fit(Corpus(texts, labels), settings(**small)).vocabulary.words
    assert {"面", "条"} <= set(split)
    by_keras = {"split_characters": False, "normalization": None}
    kept = fit(Corpus(texts, labels), settings(**small, **by_keras)).vocabulary.words
    assert set(kept) == {word for text in texts for word in text.lower().split()}
