"""TextModel: what a fit produces. Raw text in, labels and probabilities out; vectors, explanation, files.

Using a model needs no scikit-learn, no matplotlib and, for a few texts, no compiled code. Training is not
done here (see `fit` and `classifier`).
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wordloom import storage
from wordloom.errors import DataError, UsageError
from wordloom.loop.history import History
from wordloom.model_config import CHARACTERS, COUNTS, KEPT_BUCKETS, ModelConfig
from wordloom.models.kinds import network_class
from wordloom.models.network import Network
from wordloom.plain_texts import checked_texts, refuse_single_text, text_chunks
from wordloom.prediction import Decisions
from wordloom.prediction import Prediction as Prediction
from wordloom.target_names import GRADED, MULTILABEL, SINGLE
from wordloom.text.known_words import warn_of_unknown_texts
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary

# What predicting does not need is imported by the methods that do: a model is to be loaded in no time.
if TYPE_CHECKING:
    from wordloom.evaluation.by_target import AnyScores
    from wordloom.explain.contributions import WordEffect as WordEffect
    from wordloom.explain.explanation import Explanation
    from wordloom.explain.leave_one_out import MOST_WORDS_EXPLAINED as MOST_WORDS_EXPLAINED
    from wordloom.labels import Label
    from wordloom.origin import Columns
    from wordloom.vectors import WordVectors

# Enough texts at a time for the compiled kernels to pay, not more than a little memory holds.
_STREAMED_TEXTS, _STREAMED_CHARACTERS = 8192, 16_000_000
AUTO = "auto"
"""The method of explaining that suits the network."""


@dataclass(frozen=True, eq=False, repr=False)
class TextModel:
    """Tokenizer rules, vocabulary, labels and weights.

    Parameters
    ----------
    tokenizer : how a text becomes words
    vocabulary : how words become ids, V of them
    labels : the C labels, in the order of the columns of `predict_proba`; of grades the lowest and highest
    network : ids to probabilities
    record : how the model came about: versions, seed, settings, data, scores
    history : what training measured
    thresholds : of several labels, from which probability on each is given; empty for a half everywhere
    """

    tokenizer: Tokenizer
    vocabulary: Vocabulary
    labels: tuple[Any, ...]
    network: Network
    record: Mapping[str, Any] = field(default_factory=dict)
    history: History = field(default_factory=History)
    thresholds: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.thresholds and (self.target != MULTILABEL or len(self.thresholds) != len(self.labels)):
            raise DataError(
                f"{len(self.thresholds):,} thresholds for {len(self.labels):,} labels; a model of several "
                "labels has one for each of them, another one none."
            )
        if not all(0 <= threshold <= 1 for threshold in self.thresholds):
            raise DataError("a threshold is no probability, from 0 to 1.")
        if len(self.labels) != self.network.shape.n_classes or len(set(self.labels)) != len(self.labels):
            raise DataError(
                f"a network of {self.network.shape.n_classes:,} classes needs as many different labels; "
                f"'labels' names {len(self.labels):,}: {list(self.labels)!r:.80}."
            )
        if self.target == GRADED and not self.labels[0] < self.labels[-1]:
            raise DataError(f"'labels' must name the lowest and the highest grade, not {self.labels!r:.80}.")
        ids = self.vocabulary.highest_id + 1
        if ids != self.network.n_ids or self.vocabulary.lowest_id < 0:
            raise DataError(
                f"a network of {self.network.n_ids:,} ids needs a vocabulary of as many; 'ids' and "
                f"{len(self.vocabulary.words):,} words make ids from {self.vocabulary.lowest_id:,} to "
                f"{ids - 1:,}."
            )

    def __repr__(self) -> str:
        labels = ", ".join(map(repr, self.labels[:5])) + ", ..." * (len(self.labels) > 5)
        words = f"{len(self.vocabulary.words):,} words"
        return f"<TextModel {self.network.described}, {words}, labels {labels}>"

    @property
    def target(self) -> str:
        """What the model says of a text: a "single" label, several ("multilabel"), or a grade ("graded")."""
        return str(self.network.shape.output.target)

    def encode(self, texts: Sequence[str], threads: int | None = None) -> Ragged:
        """The ids of N texts, before they are cut or padded."""
        return self.vocabulary.encode(checked_texts(texts), self.tokenizer, threads)

    def predict_proba(self, texts: Sequence[str], threads: int | None = None) -> NDArray[np.float64]:
        """float64 (N, C): the probability of each label, columns in the order of `labels`.

        Rows add up to 1, but for a model of several labels. Warns if the model knows no word, or a single
        one, of most of the texts. Raises DataError for one string instead of a list, and for a text that is
        not a string; UsageError for a model of grades.
        """
        if self.target == GRADED:
            raise UsageError("A model of grades has no probabilities of labels; predict gives the grades.")
        return self._probabilities(texts, threads)

    def _probabilities(self, texts: Sequence[str], threads: int | None) -> NDArray[np.float64]:
        texts = checked_texts(texts)
        ids = self.encode(texts, threads)
        warn_of_unknown_texts(texts, ids, self.tokenizer, self.vocabulary)
        return self.network.probabilities(ids, threads)

    def predict(
        self, texts: Sequence[str], threads: int | None = None, threshold: float | None = None
    ) -> list[Any]:
        """What the model says of each of N texts.

        - A single label: the likeliest one; None (unsure) where its probability is below `threshold`.
        - Several labels: a tuple of those whose probability is their own threshold or more (see
          `thresholds`), or `threshold`, if it is given. It may be empty.
        - Grades: a float.

        Raises UsageError for a threshold that is not from 0 to 1, and for one of grades.
        """
        decisions = Decisions.of(self, threshold)
        return decisions.values(self._probabilities(texts, threads))

    def evaluate(
        self,
        texts: Sequence[str],
        labels: Sequence[Any],
        threads: int | None = None,
        unknown_labels: str = "error",
    ) -> AnyScores:
        """How well the model labels N texts whose true labels are known: accuracy, macro F1, log loss, ...

        `labels` are as in training: labels, lists of labels, or grades. Raises DataError for no texts, and
        for a label that the model does not have, unless `unknown_labels` says "wrong" (such labels count as
        mistakes) or "skip" (texts with them are left out); UsageError for another word there.
        """
        from wordloom.corpus import Corpus
        from wordloom.evaluation.by_target import evaluated_on

        corpus = Corpus(texts, labels, "texts", target=self.target)
        return evaluated_on(self, corpus, None, threads, unknown_labels)[0]

    def predict_stream(
        self, texts: Iterable[str], threads: int | None = None, threshold: float | None = None
    ) -> Iterator[Prediction]:
        """Predictions in the order of the texts, which may be more than memory holds.

        What `threshold` does is said at `predict`. Raises UsageError for one that is not from 0 to 1, or that
        does not apply, DataError at once for a single string, and when its turn comes for what is no text.
        """
        refuse_single_text(texts)
        return self._predictions(iter(texts), threads, Decisions.of(self, threshold))

    def _predictions(
        self, texts: Iterator[str], threads: int | None, decisions: Decisions
    ) -> Iterator[Prediction]:
        for _, ids in self._encoded(texts, threads):
            for probabilities in self.network.probabilities(ids, threads):
                yield decisions.prediction(probabilities)

    def _encoded(self, texts: Iterator[str], threads: int | None) -> Iterator[tuple[Sequence[str], Ragged]]:
        """Some texts at a time with their ids; warns once of texts without known words."""
        row, warned = 0, False
        for some in text_chunks(texts, _STREAMED_TEXTS, _STREAMED_CHARACTERS):
            ids = self.encode(checked_texts(some, first_row=row), threads)
            warned = warned or warn_of_unknown_texts(some, ids, self.tokenizer, self.vocabulary)
            yield some, ids
            row += len(some)

    def explain(self, text: str, label: Label | None = None, method: str = AUTO) -> Explanation:
        """What each word and n-gram of a text adds to the logit of a label (the likeliest if none is given).

        Exact, so that the contributions and the bias sum to the logit, for n-grams, vectors of documents,
        `mean` and `flatten` without a hidden layer, and fastText's models but for the loss "hs"; the gradient
        times the input for other networks of the kind; for the rest what the log-odds lose when a word is
        left out. `method` "leave-one-out" asks for the last of any model; the method is named in the
        explanation.

        Raises DataError for a label that the model does not have, UsageError for a method that it does not
        have; leaving out words takes texts of at most 20,000 of them, nothing else has a limit.
        """
        from wordloom.explain.explainer import Explainer

        explainer = Explainer.of(self, method)
        column = explainer.column(label)
        return explainer.explain(checked_texts([text])[0], column)

    def explain_stream(
        self,
        texts: Iterable[str],
        label: Label | None = None,
        method: str = AUTO,
        threads: int | None = None,
    ) -> Iterator[Explanation]:
        """Explanations in the order of the texts, which may be more than memory holds; see `explain`.

        Numbers are worked out for many texts at a time, names and places when they are asked for. Raises
        DataError at once for a single string, and when its turn comes for a text that is none.
        """
        from wordloom.explain.explainer import Explainer

        refuse_single_text(texts)
        explainer = Explainer.of(self, method)
        column = explainer.column(label)
        return (
            explanation
            for some, ids in self._encoded(iter(texts), threads)
            for explanation in explainer.explained(some, ids, column, threads)
        )

    def vectors(self) -> WordVectors:
        """The learned word vectors, float32 (V', D): one row a word, padding and unused ids left out.

        The start mark and the unknown word are there under their names, as special tokens. Of fastText's
        models it is the table of `fasttext print-word-vectors`. Raises DataError for a model without word
        vectors.
        """
        from wordloom.fasttext_vectors import ClassifierVectors
        from wordloom.models.fasttext import FastTextNetwork
        from wordloom.vectors import WordVectors

        if isinstance(self.network, FastTextNetwork):
            return ClassifierVectors.of(self.vocabulary, self.network)
        embedding = self.network.embedding
        if embedding is None:
            from wordloom.architectures import with_ability

            raise DataError(
                f"A model of the architecture {self.network.shape.architecture!r} has no word vectors. Train "
                f"one that has: {', '.join(with_ability('word_vectors'))} (--architecture)."
            )
        convention, known = self.vocabulary.convention, self.vocabulary.word_index
        marks = {
            id_: name
            for id_, name in convention.reserved.items()
            if id_ in (convention.start, convention.unknown) and name not in known
        }
        rows = [*sorted(marks), *range(convention.index_from + 1, self.vocabulary.size)]
        words = [*(marks[id_] for id_ in sorted(marks)), *self.vocabulary.words]
        return WordVectors(words, embedding[rows], name="learned vectors", special=marks.values())

    def label_vectors(self) -> WordVectors:
        """The vectors of the labels, float32 (C, D), of a model of fastText's: labels of like texts are near.

        Raises DataError for other models, and for those of the loss "hs".
        """
        from wordloom.fasttext_vectors import label_vectors

        return label_vectors(self.labels, self.network)

    def to_keras(self, api: str = "sequential") -> Any:
        """The model's network as a Keras model of standard layers: ids int32 (N, L) in, probabilities out.

        `api` is "sequential" or "functional"; both give the same. The ids are those of `encode`, padded to
        the network's maxlen. The output is (N, 1), the probability of the second label, or (N, C) for more
        than two and for several labels a text; of grades (N, 1), the place on the scale from 0 to 1. A row of
        padding only, that is a text without a known word, is the one exception: Keras' masked mean is NaN
        there, and its largest number that of the smallest words.

        Raises UsageError for a network that has no form in Keras, MissingExtraError without Keras.
        """
        from wordloom.models.keras.conversion import as_keras_network
        from wordloom.models.keras.model import keras_model

        network = as_keras_network(self.network)
        return keras_model(network.shape, network.parameters, api)

    def with_keras_weights(self, path: str | os.PathLike[str]) -> TextModel:
        """The same model with the weights that Keras' `save_weights` or `save` wrote into an HDF5 file.

        Old and new layouts are read, layer by layer in their order. Raises DataError where a shape differs
        (layer and both shapes are named) and for a damaged file, UsageError for a network that has no form
        in Keras.
        """
        from wordloom.models.keras.conversion import as_keras_network, pooled_with
        from wordloom.models.keras.weight_files import with_weights_of

        network = with_weights_of(as_keras_network(self.network), path)
        is_pooled = self.network.kind == "pooled"
        same_kind = pooled_with(self.network.shape, network) if is_pooled else network
        record = {**self.record, "keras": {"weights": os.path.basename(os.fspath(path))}}
        return dataclasses.replace(self, network=same_kind, record=record)

    @property
    def columns(self) -> Columns | None:
        """The columns of the table that the model was trained on; None where there were none."""
        from wordloom.origin import Columns

        data = self.record.get("data")
        return Columns.from_config(data.get("columns")) if isinstance(data, Mapping) else None

    def with_record(self, **entries: Any) -> TextModel:
        """The same model with entries added to its record."""
        return dataclasses.replace(self, record={**self.record, **entries})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a folder, whole or not at all; see `wordloom.storage`.

        Raises UsageError for a tokenizer function without a name, and for a path that cannot be a model.
        """
        from wordloom.model_card import model_card

        config = ModelConfig(
            self.network.kind,
            list(self.labels),
            self.tokenizer.to_config(),
            dataclasses.asdict(self.vocabulary.convention),
            self.vocabulary.n_documents,
            self.network.shape.to_config(),
            dict(self.record),
            self.history.to_config(),
            list(self.thresholds),
            None if self.vocabulary.hashed is None else self.vocabulary.hashed.to_config(),
        )
        arrays = self.network.arrays()
        compact = "steps" in arrays  # n-grams in few bytes; their words have no counts
        if not compact:
            counts = self.vocabulary.counts, self.vocabulary.document_counts
            arrays |= dict(zip(COUNTS, counts, strict=True))
        if self.vocabulary.alphabet is not None:
            arrays[CHARACTERS] = self.vocabulary.alphabet.codes
        if self.vocabulary.hashed is not None and self.vocabulary.hashed.pruned is not None:
            arrays[KEPT_BUCKETS] = self.vocabulary.hashed.pruned
        number = 3 if CHARACTERS in arrays else 2 if compact else 1
        if self.target != SINGLE:
            number = 4
        if self.vocabulary.hashed is not None:
            number = 5
        if getattr(self.network.shape, "pooling", ""):
            number = 6
        most = self.record.get("settings", {}).get("max_size")
        words, card = self.vocabulary.words, model_card(self)
        storage.save(storage.StoredModel(config.to_config(), words, arrays, number, card, most), path)
        storage.warn_above(path, most)

    @staticmethod
    def load(
        path: str | os.PathLike[str], tokenizer_function: Callable[[str], Sequence[str]] | None = None
    ) -> TextModel:
        """Read a model folder, or a supervised model of fastText (`.bin`, `.ftz`); runs no code from it.

        `tokenizer_function` is the own function that the model was trained with, if it was. Raises
        DataError for a folder that is not whole (see `wordloom.storage.load`), and for a damaged file.
        """
        if os.path.isfile(path):
            from wordloom.fasttext_import import is_fasttext_file

            if is_fasttext_file(path):
                return TextModel._of_fasttext(path, tokenizer_function)
        stored = storage.load(path)
        try:
            config = ModelConfig.read(stored.config)
            tokenizer = Tokenizer.from_config(config.tokenizer, tokenizer_function)
            kind, history = network_class(config.kind), History.from_config(config.training)
            vocabulary = config.vocabulary(stored)
            network = kind.from_config(config.network, dict(stored.arrays))
            labels, thresholds = tuple(config.labels), tuple(config.thresholds)
            return TextModel(tokenizer, vocabulary, labels, network, config.record, history, thresholds)
        except DataError as error:
            raise DataError(
                f"{os.fspath(path)}: the model's config and weights do not fit: {error}"
            ) from error

    @staticmethod
    def _of_fasttext(path: str | os.PathLike[str], function: Any) -> TextModel:
        if function is not None:
            raise DataError(
                f"{os.fspath(path)}: fastText splits texts by its own rules; leave the function out."
            )
        from wordloom.fasttext_import import fasttext_parts
        from wordloom.text.hashed_ngrams import LINE_TOKENIZER

        vocabulary, labels, network, record = fasttext_parts(path)
        return TextModel(LINE_TOKENIZER, vocabulary, labels, network, record)


def __getattr__(name: str) -> Any:
    """Names of explanations that users import from here too."""
    if name not in ("WordEffect", "MOST_WORDS_EXPLAINED"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from wordloom.explain import contributions, leave_one_out

    return getattr(contributions if name == "WordEffect" else leave_one_out, name)
