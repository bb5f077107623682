"""What a fit is given, in the form that all architectures take, and what it gives back."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.architectures import with_ability
from wordloom.corpus import Corpus
from wordloom.errors import DataError, WordloomWarning
from wordloom.fit.targets import targets_among
from wordloom.labels import Label
from wordloom.loop.callback import Callback, CallbackList
from wordloom.loop.history import History
from wordloom.models.network import Network
from wordloom.models.output import Output
from wordloom.setting import AUTO, resolved
from wordloom.settings import Settings
from wordloom.streamed_texts import StreamedTexts
from wordloom.target_names import SINGLE
from wordloom.text.conventions import IdConvention, convention
from wordloom.text.counting import count_words
from wordloom.text.on_disk.text_parts import PartedDocuments, Passes
from wordloom.text.on_disk.vocabulary_pass import store_words
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import FILTERS, Tokenizer
from wordloom.text.vocabulary import Vocabulary, WordSelection, select, words_within
from wordloom.text_model import TextModel
from wordloom.training.validation import validation_rows


@dataclass(frozen=True)
class FitInput:
    """What can come to a fit besides texts, labels and settings.

    Parameters
    ----------
    sample_weight : float64 (N,), how much each document counts in the loss; those of 0 are left out
    validation : texts to validate on, instead of some held out from training
    vocabulary_texts : texts to count words in and choose the vocabulary from, instead of the corpus'
    callbacks : told how training goes; they may end it. With the architecture "documents" there are two
        trainings one after the other, that of the vectors and that of the classifier. With "ngram" the epochs
        are those of the first classifier of words; others are told of as steps
    unlabelled : texts without labels to learn vectors of documents from (architecture "documents")
    passes : how to go through texts that are streamed from a file
    keep_interrupted : Ctrl-C ends training, and the fit goes on with the best so far; for a fit that stands
        alone. Else it ends the fit, as work of several trainings needs it
    """

    sample_weight: Any = None
    validation: Corpus | None = None
    vocabulary_texts: Sequence[str] | None = None
    callbacks: Sequence[Callback] = ()
    unlabelled: Sequence[str] | None = None
    passes: Passes = field(default_factory=Passes)
    keep_interrupted: bool = False


@dataclass(frozen=True)
class Task:
    """Everything that the code of an architecture needs to fit a network.

    Parameters
    ----------
    corpus : N texts and labels
    settings : checked
    classes : the C labels in sorted order; of grades the ends of the scale
    targets : of each text, as the output has them: int32 (N,), class numbers, of a single label
    weights : float64 (N,), how much each text counts in the loss
    tokenizer : how texts become words
    seed : of every random choice
    extra : what else came
    """

    corpus: Corpus
    settings: Settings
    classes: Sequence[Label]
    targets: NDArray[Any]
    weights: NDArray[np.float64]
    tokenizer: Tokenizer
    seed: int
    extra: FitInput

    @property
    def output(self) -> Output:
        """What the logits mean."""
        return Output(len(self.classes), self.corpus.target)

    @property
    def passes(self) -> Passes:
        """How to go through streamed texts."""
        told = CallbackList(self.extra.callbacks)
        return replace(self.extra.passes, threads=self.settings.threads, callbacks=told)

    def held_out(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows to train on and the rows to validate on; of the second there are none if texts for
        validation were given, or if the settings want none."""
        return self._held_out

    @functools.cached_property
    def _held_out(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if self.extra.validation is not None:
            return np.arange(len(self.corpus)), np.zeros(0, dtype=np.int64)
        split, mode = self.settings.validation_split, self.settings.validation_mode
        return validation_rows(self.corpus.labels, split, mode, self.seed)

    def given_validation(self) -> tuple[Corpus, NDArray[Any]] | None:
        """The M texts that were given for validation, with their targets; None if none were.

        Raises DataError for no texts, and for a label that training does not have; warns of texts that all
        have one label.
        """
        return self._given_validation

    @functools.cached_property
    def _given_validation(self) -> tuple[Corpus, NDArray[Any]] | None:
        corpus = self.extra.validation
        if corpus is None:
            return None
        if not len(corpus):
            raise DataError(f"{corpus.name}: there are no texts to validate on.")
        targets = targets_among(corpus, self.classes, self.corpus.target)
        if self.corpus.target == SINGLE and (targets == targets[0]).all():
            warnings.warn(
                f"{corpus.name}: all {len(corpus):,} texts to validate on have the label "
                f"{corpus.labels[0]!r}, and by them it is chosen how long is trained and how sure the model "
                f"is. Give texts of all {len(self.classes):,} labels.",
                WordloomWarning,
                stacklevel=4,
            )
        return corpus, targets


@dataclass(frozen=True, eq=False)
class Base:
    """The model that learns on.

    Parameters
    ----------
    vocabulary, network, thresholds : its own
    output : what its logits mean
    places : int64 (C,), the number that each of its classes has among those of the task
    counts : float64 (C',), texts of each class of the task that it has learned from
    """

    vocabulary: Vocabulary
    network: Network
    output: Output
    places: NDArray[np.int64]
    counts: NDArray[np.float64]
    thresholds: tuple[float, ...] = ()

    def thresholds_for(self, output: Output) -> tuple[float, ...]:
        """Those of the labels that there were, and a half for new ones; empty if there were none."""
        if not self.thresholds:
            return ()
        thresholds = np.full(output.n_classes, 0.5)
        thresholds[self.places] = self.thresholds
        return tuple(thresholds.tolist())


@dataclass(frozen=True)
class Fitted:
    """What the code of an architecture makes of a task.

    Parameters
    ----------
    vocabulary : how words become the ids that the network takes
    network : trained
    history : what training measured
    trained_on, validated_on : how many texts
    empty_texts : texts without a known word
    record : entries for the model's record
    settings : the task's, with a value in the place of every "auto"; None if there was none to replace
    tokenizer : another one than the task's; None if it is that
    thresholds : of several labels, above which probability each is given; empty for a half everywhere
    known_words : int64 (N,), how many words of each of the task's texts the vocabulary has; None for unknown
    """

    vocabulary: Vocabulary
    network: Network
    history: History
    trained_on: int
    validated_on: int
    empty_texts: int
    record: Mapping[str, Any] = field(default_factory=dict)
    settings: Settings | None = None
    tokenizer: Tokenizer | None = None
    thresholds: tuple[float, ...] = ()
    known_words: NDArray[np.int64] | None = None

    def model(self, task: Task, record: Mapping[str, Any]) -> TextModel:
        """What users get of it."""
        return TextModel(
            self.tokenizer or task.tokenizer,
            self.vocabulary,
            tuple(task.classes),
            self.network,
            record,
            self.history,
            self.thresholds,
        )


def tokenizer_of(settings: Settings) -> Tokenizer:
    """The tokenizer that the settings of an architecture describe."""
    by_unicode = settings.architecture in with_ability("unicode_punctuation")
    return Tokenizer(
        lower=settings.lower,
        filters=resolved(settings.filters, FILTERS),
        strip_html=resolved(settings.strip_html, False),
        keep_punctuation=resolved(settings.keep_punctuation, False),
        strip_accents=settings.strip_accents,
        unicode_punctuation=by_unicode and settings.filters == AUTO,
        split_characters=settings.split_characters,
        normalization=settings.normalization,
        function=settings.tokenizer,
    )


def vocabulary_and_ids(task: Task) -> tuple[Vocabulary, Ragged]:
    """The vocabulary that the settings ask for, and the ids of the N training texts."""
    settings, other_texts, tokenizer = task.settings, task.extra.vocabulary_texts, task.tokenizer
    texts = task.corpus.texts if other_texts is None else other_texts
    counted, ranks = count_words(texts, tokenizer, settings.threads)
    vocabulary, ids = select(counted, ranks, *_rules(settings))
    if other_texts is not None:
        ids = vocabulary.encode(task.corpus.texts, tokenizer, settings.threads)
    return vocabulary, ids


def grown_vocabulary(task: Task, known: Vocabulary, new_words: bool = True) -> Vocabulary:
    """The words that were known, and those of the task's texts that stand in enough of these; the most
    frequent, if there is a limit of words. Without `new_words` there are none, and known ones are counted in.

    Warns of words for which the limit leaves no room.
    """
    settings = task.settings
    counted, _ = count_words(task.corpus.texts, task.tokenizer, settings.threads)
    enough = (counted.counts >= settings.min_count) & (
        counted.document_counts >= resolved(settings.min_documents, 1)
    )
    enough &= counted.document_counts <= settings.max_document_frequency * max(counted.n_documents, 1)
    words, places = counted.words, np.flatnonzero(enough & new_words).tolist()
    new = [place for place in places if words[place] not in known.word_index]
    if settings.num_words is not None:
        room = max(words_within(int(settings.num_words), known.convention) - len(known.words), 0)
        if len(new) > room:
            warnings.warn(
                f"{task.corpus.name}: {len(new) - room:,} of {len(new):,} new words stay unknown: the model "
                f"has room for {settings.num_words:,} words (num_words, --num-words in its training). For "
                "all of them train a new model on all texts.",
                WordloomWarning,
                stacklevel=4,
            )
        new = new[:room]
    return known.grown(counted, np.array(new, dtype=np.int64))


def vocabulary_and_stored_ids(task: Task) -> tuple[Vocabulary, PartedDocuments]:
    """The same of texts that are streamed from files; the ids are in files too."""
    assert isinstance(task.corpus.texts, StreamedTexts)
    return store_words(task.corpus.texts, task.tokenizer, *_rules(task.settings), task.passes)


def _rules(settings: Settings) -> tuple[WordSelection, IdConvention]:
    """Which words are chosen, and how they become ids."""
    assert not isinstance(settings.num_words, str), "by_architecture has put a number there"
    selection = WordSelection(settings.num_words, settings.min_count, settings.max_document_frequency)
    return selection, convention(settings.ids, settings.skip_top)


def empty_texts(ids: Ragged | PartedDocuments, vocabulary: Vocabulary) -> int:
    """How many documents have no id but the start mark."""
    return int((ids.lengths <= (vocabulary.convention.start is not None)).sum())
