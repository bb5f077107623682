"""TextModel.explain: the parts of any text sum to the logit, and each stands where the text has it."""

from __future__ import annotations

import dataclasses
import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.architectures import ARCHITECTURES
from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError
from wordloom.fit import fit
from wordloom.models.keras.layer_network import KerasNetwork
from wordloom.models.keras.shape import KerasShape
from wordloom.models.output import Output
from wordloom.settings import Settings

REVIEWS = [
    ("the film was good", "pos"),
    ("the end was bad", "neg"),
    ("a dull dull story, caf\u00e9 &amp; all", "neg"),
    ("good cast, not bad, 好吃 👍🏽", "pos"),
    ("bad film, not good, 难吃 👎", "neg"),
    ("so good! \u0130stanbul", "pos"),
]
THREE = ["pos", "neg", "meh", "pos", "neg", "meh"]
CASES = {
    "ngram": {"architecture": "ngram", "characters": 0},
    "ngram, characters": {"architecture": "ngram", "characters": 3},
    "ngram, cut": {"architecture": "ngram", "characters": 0, "maxlen": 3, "ngrams": 3},
    "ngram, unknown words left out": {"architecture": "ngram", "characters": 0, "ids": "plain"},
    "ngram, compatibility forms": {"architecture": "ngram", "characters": 2, "normalization": "NFKC"},
    "documents": {"architecture": "documents", "dimensions": 4, "epochs": 2},
    "mean": {},
    "mean, imdb ids": {"ids": "imdb", "skip_top": 5},
    "mean over padding": {"mask_padding": False, "maxlen": 4},
    "mean, without HTML and accents": {"strip_html": True, "strip_accents": True, "ids": "plain-unknown"},
    "flatten": {"architecture": "flatten"},
    "flatten, cut": {"architecture": "flatten", "maxlen": 3, "ids": "imdb", "padding": "post"},
    "mean, hidden": {"hidden": 3},
    "flatten, hidden": {"architecture": "flatten", "hidden": 3},
    "max": {"architecture": "max"},
    "pooled": {"architecture": "pooled", "hidden": 3},
    "max, hidden": {"architecture": "max", "hidden": 3, "maxlen": 4, "mask_padding": False},
    **{name: {"architecture": name} for name in ("lstm", "gru", "bilstm", "cnn")},
}
LAYERS = {
    "lstm": [{"kind": "LSTM", "units": 3}],
    "gru": [{"kind": "GRU", "units": 3}],
    "bilstm": [{"kind": "Bidirectional", "layer": "LSTM", "config": {"units": 3}}],
    "cnn": [{"kind": "Conv1D", "filters": 3, "kernel_size": 2}, {"kind": "GlobalMaxPooling1D"}],
}
EXACT = [
    name
    for name in CASES
    if name.startswith(("ngram", "documents", "mean", "flatten")) and "hidden" not in name
]
SAMPLES = [
    "The film was <b>GOOD</b>, caf\u00e9 &amp; all",
    "not bad not bad zebra",
    "zebra quux",
    "好吃👍🏽 cafe\u0301 \u0130stanbul \ud800",
    "so good, so dull, so bad and the end of the story",
    "bad",
    "",
]
PIECES = [word for text, _ in REVIEWS for word in text.split()]
PIECES += ["<br />", "&eacute;", "&", "e\u0301", "ﬁlm", "GOOD", "\u202e", "\0", "\ud800", " ", "…", "İ"]
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=20).map(" ".join) | st.text(max_size=20)


def fitted(labels, **changes):
    if changes.get("architecture") in LAYERS:
        return untrained(fitted(labels), changes["architecture"])
    texts = [text for text, _ in REVIEWS]
    pooled = {"dimensions": 4, "epochs": 10, "learning_rate": 0.03}
    own = {} if changes.get("architecture") in ("ngram", "documents") else pooled
    return fit(Corpus(texts * 3, labels * 3), Settings(**(own | changes | {"random_state": 0})))


def untrained(like, architecture):
    """A model with a network of Keras' layers whose weights are drawn, large enough to tell words apart."""
    n_classes, is_cnn = len(like.labels), architecture == "cnn"
    layers = (*LAYERS[architecture], {"kind": "Dense", "units": Output(n_classes).n_logits})
    sizes = like.vocabulary.size, 4, n_classes, 5
    shape = KerasShape(architecture, *sizes, is_cnn, not is_cnn, layers)
    network = KerasNetwork.initial(shape, 0)
    return dataclasses.replace(like, network=network.with_embedding(20 * network.embedding))


@pytest.fixture(scope="module")
def models():
    made = {}

    def model_of(case, labels="two"):
        if (case, labels) not in made:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                chosen = [label for _, label in REVIEWS] if labels == "two" else THREE
                made[case, labels] = fitted(chosen, **CASES[case])
        return made[case, labels]

    return model_of


def logit_of(model, text, label):
    """The network's own answer: the log-odds of two classes, else the logit of the class."""
    logits = model.network.logits(model.network.prepared(model.encode([text])))
    each = model.network.shape.output.class_logits(logits)[0]
    column = model.labels.index(label)
    return each[column] - each[1 - column] if len(each) == 2 else each[column]


def total(explanation):
    return explanation.bias + sum(part.value for part in explanation.contributions)


def test_the_cases_hold_every_architecture():
    assert {CASES[case].get("architecture", "mean") for case in CASES} == set(ARCHITECTURES)


@pytest.mark.slow
@pytest.mark.parametrize("labels", ["two", "three"])
@pytest.mark.parametrize("case", CASES)
def test_every_model_explains_every_label_of_any_text(models, case, labels):
    model = models(case, labels)
    exact = model.explain(SAMPLES[0]).method == "exact"
    assert exact == (case in EXACT)
    for text in SAMPLES:
        probabilities = dict(zip(model.labels, model.predict_proba([text])[0].tolist(), strict=True))
        likeliest = model.explain(text)
        assert likeliest.label == max(probabilities, key=probabilities.get)
        for label in model.labels:
            explained = model.explain(text, label)
            assert (explained.text, explained.label) == (text, label)
            assert explained.probability == pytest.approx(probabilities[label], abs=1e-9)
            assert total(explained) == pytest.approx(explained.logit, abs=1e-9)
            if explained.method != "leave-one-out":
                expected = logit_of(model, text, label)
                assert explained.logit == pytest.approx(expected, abs=1e-6 * (1 + 3 * abs(expected)))
            assert [word.word for word in explained.words] == model.tokenizer.tokenize(text)
            in_words = sum(word.effect for word in explained.words)
            elsewhere = [part for part in explained.contributions if not part.spans]
            assert {part.kind for part in elsewhere} <= {"start mark", "word boundary", "padding"}
            assert in_words + sum(part.value for part in elsewhere) == pytest.approx(
                explained.logit - explained.bias, abs=1e-9
            )
            assert sum(each.value for each in explained.highlights) == pytest.approx(in_words, abs=1e-9)
            assert json.loads(json.dumps(explained.to_config()))["text"] == text


@pytest.mark.slow
@pytest.mark.parametrize("case", EXACT)
@settings(max_examples=25)
@given(text=TEXTS)
def test_contributions_sum_to_the_logit_and_stand_in_the_text(models, case, text):
    model = models(case)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        explained = model.explain(text, "pos")
        expected = logit_of(model, text, "pos")
    assert total(explained) == pytest.approx(expected, abs=1e-6 * (1 + abs(expected)))
    for part in explained.contributions:
        assert all(0 <= start < end <= len(text) for start, end in part.spans)
        assert list(part.spans) == sorted(part.spans)
        assert part.times == len(part.spans) or not part.spans
        if part.kind in ("word", "n-gram") and CASES[case].get("ids") != "plain":
            for start, end in part.spans:
                inside = model.tokenizer.tokenize(text[start:end])
                wanted = part.text.removeprefix("<start> ").split(" ")
                assert all(letters(word) in letters("".join(inside)) for word in wanted)
    for earlier, later in zip(explained.highlights, explained.highlights[1:], strict=False):
        assert earlier.end <= later.start


def letters(word):
    """What is left of a word under every rule that may depend on what stands beside a letter."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'")


def test_an_ngram_model_adds_up_the_weights_of_its_words_and_ngrams(models):
    """Recomputed from the saved weights, each n-gram spelled out."""
    model = models("ngram, cut")
    network, known = model.network, model.vocabulary.word_index
    shape = network.shape
    text = "Not good, not good: dull story!"
    words = ["<start>", *model.tokenizer.tokenize(text)][-shape.maxlen :]
    spelled = {0: ("<start>",)} | {known[word] - shape.first_word: (word,) for word in known}
    for row, (first, last) in enumerate(network.pairs.tolist(), start=shape.n_words):
        spelled[row] = (*spelled[first], *spelled[last])
    held = {
        words[i : i + n] and tuple(words[i : i + n]) for n in (1, 2, 3) for i in range(len(words) - n + 1)
    }
    rows = [row for row, own in spelled.items() if own in held]
    scale = np.sqrt(np.float32(shape.mean_rows / len(rows)))
    expected = {" ".join(spelled[row]): network.weights[row, 0] * scale for row in rows}
    explained = model.explain(text, model.labels[1])
    assert {part.text: part.value for part in explained.contributions} == pytest.approx(expected, abs=1e-6)


def test_an_ngram_names_all_places_in_the_original_spelling(models):
    text = "NOT &#98;ad. It was, <i>not</i>\nBAD"
    explained = models("ngram").explain(text)
    (part,) = (part for part in explained.contributions if part.text == "not bad")
    assert part.kind == "n-gram"
    assert [text[start:end] for start, end in part.spans] == ["NOT &#98;ad", "not</i>\nBAD"]
    assert part.times == 2


def test_ngrams_of_characters_stand_inside_their_words(models):
    text = "Good cast"
    explained = models("ngram, characters").explain(text)
    places = {part.text: [text[a:b] for a, b in part.spans] for part in explained.contributions}
    assert (places["<go"], places["oo"], places["d>"]) == (["Go"], ["oo"], ["d"])
    assert {part.text: part.kind for part in explained.contributions}["<go"] == "characters"


@pytest.mark.slow
@pytest.mark.parametrize("case", ["ngram, characters", "mean, hidden", "flatten", "documents", "lstm"])
def test_many_texts_are_explained_as_each_alone(models, case):
    model = models(case, "three")
    texts = [*SAMPLES, *SAMPLES[::-1]]
    together = list(model.explain_stream(texts))
    for one, text in zip(together, texts, strict=True):
        alone = model.explain(text)
        assert (one.text, one.label, one.method) == (text, alone.label, alone.method)
        assert one.logit == pytest.approx(alone.logit, abs=1e-6)
        assert [p._replace(value=0) for p in sorted(one.contributions)] == [
            p._replace(value=0) for p in sorted(alone.contributions)
        ]
        assert [word.effect for word in one.words] == pytest.approx(
            [word.effect for word in alone.words], abs=1e-6
        )
    given = list(model.explain_stream(iter(SAMPLES), label="meh"))
    assert {one.label for one in given} == {"meh"}


def test_a_word_of_another_spelling_counts_as_the_model_reads_it(models):
    """HTML, entities, capitals and accents change nothing but the places."""
    model = models("ngram, compatibility forms")
    plain, written = "the film was good café", "<p>The ﬁlm was G&#79;OD caf&eacute;"
    one, other = model.explain(plain), model.explain(written)
    assert one.logit == pytest.approx(other.logit, abs=1e-12)
    assert {p.text: p.value for p in one.contributions} == {p.text: p.value for p in other.contributions}
    spelled = {word.word: written[slice(*word.span)] for word in other.words}
    assert spelled == {"the": "The", "film": "ﬁlm", "was": "was", "good": "G&#79;OD", "café": "caf&eacute;"}


def split_at_bars(text):
    return [word.strip().lower() for word in text.split("|")]


def stems(text):
    return [word[:3] + "~" if word.endswith("ing") else word for word in text.lower().split()]


def test_words_of_an_own_tokenizer_are_found_in_the_text_where_they_stand_there():
    texts = ["Good | film", "bad | film"] * 3
    model = fit(
        Corpus(texts, [1, 0] * 3), Settings(architecture="ngram", tokenizer=split_at_bars, random_state=0)
    )
    explained = model.explain("BAD | good |film")
    assert [word.span for word in explained.words] == [(0, 3), (6, 10), (12, 16)]
    assert explained.n_unplaced == 0
    model = fit(
        Corpus(["a boring film", "a charming film"] * 3, [0, 1] * 3),
        Settings(tokenizer=stems, random_state=0),
    )
    explained = model.explain("a Boring film")
    assert [word.span for word in explained.words] == [(0, 1), None, (9, 13)]
    assert explained.n_unplaced == explained.to_config()["unplaced_words"] == 1
    assert total(explained) == pytest.approx(explained.logit, abs=1e-9)
    assert next(part for part in explained.contributions if part.text == "bor~").spans == ()


@pytest.mark.slow
def test_the_words_that_flip_the_answer_do_and_none_of_them_can_be_spared(models):
    for case in ("ngram", "mean", "mean, hidden", "flatten", "lstm", "documents"):
        for labels in ("two", "three"):
            model = models(case, labels)
            for text in ("the film was good, good cast", "bad end, so dull and bad", "zebra"):
                answer = model.predict([text])[0]
                flip = model.explain(text).flips()
                if flip is None:
                    continue
                words = model.tokenizer.tokenize(text)

                def answer_without(left_out, words=words, model=model):
                    return model.predict([" ".join(word for word in words if word not in left_out)])[0]

                assert answer_without(flip.words) == flip.label != answer
                for word in flip.words if len(flip.words) > 1 else ():
                    assert answer_without(set(flip.words) - {word}) == answer
                assert {text[a:b].lower() for a, b in flip.spans} == set(flip.words)


def test_what_would_make_a_label_the_answer_is_found_too(models):
    model = models("ngram")
    text = "the film was good, not bad"
    other = next(label for label in model.labels if label != model.predict([text])[0])
    flip = model.explain(text, other).flips()
    assert flip is not None
    assert flip.label == other


def test_nothing_flips_an_answer_without_words(models):
    for case in ("ngram", "mean", "lstm"):
        assert models(case).explain("").flips() is None


@pytest.mark.slow
def test_long_texts_are_explained(models):
    model = models("ngram")
    text = "Not good, <b>caf&eacute;</b> zebra. " * 5_000
    explained = model.explain(text)
    assert total(explained) == pytest.approx(explained.logit, abs=1e-9)
    part = next(part for part in explained.contributions if part.text == "not good")
    assert part.times == 5_000
    assert {text[a:b] for a, b in part.spans} == {"Not good"}
    assert len(explained.to_html()) > len(text)


def test_a_method_that_the_network_does_not_have_is_refused(models):
    with pytest.raises(
        UsageError, match="method must be one of auto, exact, gradient, leave-one-out, not 'lime'"
    ):
        models("mean").explain("good", method="lime")
    with pytest.raises(UsageError, match="are gradient or leave-one-out, not 'exact'"):
        models("max").explain("good", method="exact")
    with pytest.raises(UsageError, match="are leave-one-out, not 'gradient'"):
        models("lstm").explain("good", method="gradient")
    assert models("mean").explain("good", method="exact").method == "exact"


def test_what_is_no_text_or_no_label_is_refused(models):
    model = models("ngram")
    with pytest.raises(DataError, match="The model has no label 'good'; it has 'neg', 'pos'"):
        model.explain("good", "good")
    with pytest.raises(DataError, match="row 0"):
        model.explain(None)
    with pytest.raises(DataError, match="list"):
        model.explain_stream("good")
    with pytest.raises(DataError, match="row 1"):
        list(model.explain_stream(["good", 5]))
