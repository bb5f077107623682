"""The n-gram model: count, choose the number of epochs on held-out texts, learn from all texts."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError, WordloomWarning
from wordloom.fit.calibration import HeldOutLogits, adjusted
from wordloom.fit.inputs import Fitted, Task, empty_texts, vocabulary_and_ids, vocabulary_and_stored_ids
from wordloom.fit.max_size import ValidationRows, limit_size, refuse_plain_ids
from wordloom.fit.ngram_classifiers import squares_alone, train_parts
from wordloom.fit.ngram_counts import with_counts
from wordloom.fit.ngram_part import Classifier, NgramPart
from wordloom.fit.ngram_squares import learns_by_squares
from wordloom.models.ngram import NgramRows, NgramShape
from wordloom.setting import AUTO, resolved
from wordloom.settings import BATCH, Settings
from wordloom.text.character_ngrams import SpelledTexts, count_ngrams_inside_words
from wordloom.text.known_words import known_words
from wordloom.text.ngrams import NgramCounts, NgramSelection, count_ngrams
from wordloom.text.on_disk.ngram_passes import count_stored_ngrams
from wordloom.text.on_disk.text_parts import PartedDocuments
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.training.linear import load_kernels
from wordloom.training.linear_plan import LEARNING_RATE

_MANY_WORDS = 1_000_000
_DROPOUT, _SHORT = 0.5, 50
"""Texts of fewer words than _SHORT, on average, have none to spare: questions and sentences were told apart
better without dropout, reviews and their first 120 words with it."""
_LONGEST, _LONGEST_OF_FEW = 4, 2
"""Words in an n-gram where there are _MANY_WORDS, and where there are fewer."""
_LONGEST_OF_CHARACTERS, _FEWEST_OF_CHARACTERS = 5, 2
"""Characters in an n-gram inside words, and texts that it must stand in."""
_LONGER_THAN_CHARACTERS = 1.5
"""Where words have fewer characters on average most are one, and n-grams of characters are words again."""
_BY_IDF = Classifier("idf", 2, 1.0, growth=0.25)
"""It begins at nothing, and has the longest way to go where there are many classes."""
_OF_CHARACTERS = Classifier("naive-bayes", _FEWEST_OF_CHARACTERS, 1.0)
"""Their n-grams overlap, so more of them move together, and the rate is lower."""
_FEWEST_IDS = 100
_MOST_WEIGHTS = 1 << 25
"""Rows times classes: training takes about 24 bytes for each of them, so 800 MB at most."""


@dataclass(frozen=True, eq=False)
class _Counted:
    """The N training texts as words and n-grams.

    Parameters
    ----------
    task : with settings that suit the texts in the place of every "auto"
    vocabulary : the words
    empty_texts : texts without one
    known_words : as in `Fitted`
    by_squares : whether a classifier by least squares learns from them, see `wordloom.fit.ngram_squares`
    words : the texts as rows of words and their n-grams
    characters : as rows of characters and theirs; None for none
    """

    task: Task
    vocabulary: Vocabulary
    empty_texts: int
    known_words: NDArray[np.int64] | None
    by_squares: bool
    words: NgramPart
    characters: NgramPart | None

    @property
    def parts(self) -> Sequence[NgramPart]:
        """Words, then characters."""
        return [self.words] if self.characters is None else [self.words, self.characters]

    @property
    def rows(self) -> NgramRows:
        """The texts as all rows."""
        return NgramRows(self.words.rows, None if self.characters is None else self.characters.rows)


def fit_ngram(task: Task) -> Fitted:
    """Train a weight for every word and n-gram.

    Few texts, none of which are held out, are learned from by least squares. Else words and characters inside
    words are trained one after the other. The number of epochs of each, and how much each counts in the end,
    is chosen on the texts held out for validation; the weights that are kept have then been learned from all
    texts in so many epochs. Texts given for validation are not learned from. With the solver "batch" each is
    the solution of a convex problem, and the strength of its penalty is chosen.
    """
    refuse_plain_ids(task.settings)
    _refuse_cut_characters(task.settings)
    load_kernels(len(task.corpus), resolved(task.settings.epochs, None))
    counted = _count(task)
    task, validation = counted.task, _validation(counted)
    held_out = task.held_out()[1]
    if counted.by_squares and validation is None:
        trained = squares_alone(task, counted.parts)
    else:
        trained = train_parts(task, counted.parts, validation, counted.by_squares)
    vocabulary, logits = counted.vocabulary, trained.logits
    network = with_counts(task, counted.parts, trained.network)
    if network.characters is None:
        vocabulary = dataclasses.replace(vocabulary, alphabet=None)
    record = {"ngrams": _recorded(counted), **trained.record}
    if task.settings.max_size is not None:
        sized = limit_size(task, vocabulary, trained, counted.rows, validation)
        vocabulary, network, logits = sized.vocabulary, sized.network, sized.logits
        record["size"] = sized.record
    thresholds: tuple[float, ...] = ()
    judged = np.arange(len(task.corpus)) if validation is None else held_out
    if logits is not None and len(judged):
        unseen = HeldOutLogits(logits, task.targets[judged], task.weights[judged])
        scaled = "calibration" in record
        network, adjustments, thresholds = adjusted(task, network, unseen, by_weights=True, scaled=scaled)
        record |= adjustments
    return Fitted(
        vocabulary,
        network,
        trained.history,
        trained_on=len(task.corpus),
        validated_on=len(held_out) if task.extra.validation is None else len(task.extra.validation),
        empty_texts=counted.empty_texts,
        known_words=counted.known_words,
        record=record,
        settings=task.settings,
        thresholds=thresholds,
    )


def _count(task: Task) -> _Counted:
    most = max(_MOST_WEIGHTS // task.output.n_logits, 1)
    vocabulary, ids = _words(task, most)
    counted = _as_rows(task, most, vocabulary, ids)
    if isinstance(ids, PartedDocuments):
        ids.parts.close()
        if task.settings.solver != BATCH:  # which has more to do for others
            task.passes.close_executor()
    return counted


def _as_rows(task: Task, most: int, vocabulary: Vocabulary, ids: Ragged | PartedDocuments) -> _Counted:
    """The texts as rows of words and, where they are learned from, of characters.

    most : rows that there is room for
    """
    by_squares = learns_by_squares(task, int(ids.offsets[-1]))
    chosen, settings = task.settings.characters != AUTO, _by_size(task.settings, ids)
    task = dataclasses.replace(task, settings=settings)
    longest_of_characters = int(settings.characters)
    first_word, word_counts = _words_with_rows(vocabulary, len(ids))
    capacity = max(most - len(word_counts), 0)
    capacity = min(settings.max_ngrams, capacity // 2 if longest_of_characters else capacity)
    fewest = resolved(settings.min_documents, 1)
    selection = NgramSelection(resolved(settings.ngrams, 1), fewest, capacity)
    classifiers = [Classifier("naive-bayes", fewest, LEARNING_RATE)]
    if longest_of_characters:
        classifiers.append(_BY_IDF)
    words = _part(task, ids, (first_word, word_counts), selection, classifiers)
    _warn_of_dropped(words.counts, capacity, "words")
    characters = None
    if longest_of_characters:
        vocabulary = vocabulary.with_alphabet()
        spelled, occurrences = _spelled(task, vocabulary, ids)
        if chosen or by_squares or _characters_a_word(occurrences) >= _LONGER_THAN_CHARACTERS:
            fewest = 1 if by_squares else _FEWEST_OF_CHARACTERS
            selection = NgramSelection(longest_of_characters, fewest, capacity)
            singles = vocabulary.first_character + 1, np.minimum(occurrences, len(ids))
            characters = _part(task, spelled, singles, selection, [_OF_CHARACTERS])
            _warn_of_dropped(characters.counts, capacity, "characters")
    known, whole = None, settings.maxlen is None and settings.max_size is None
    if whole and isinstance(ids, Ragged):
        known = known_words(ids, vocabulary)
    return _Counted(task, vocabulary, empty_texts(ids, vocabulary), known, by_squares, words, characters)


def _part(
    task: Task,
    ids: Ragged | SpelledTexts | PartedDocuments,
    singles: tuple[int, NDArray[np.int64]],
    selection: NgramSelection,
    classifiers: Sequence[Classifier],
) -> NgramPart:
    """The texts as n-grams; `singles` are the id of row 0, and in how many texts each word or character is.

    Where the ids are on disk, the rows are too.
    """
    settings, (first, single_counts) = task.settings, singles
    if isinstance(ids, PartedDocuments):
        counts, stored = count_stored_ngrams(ids, single_counts, first, selection)
        rows: Ragged = stored.mapped()
    elif isinstance(ids, SpelledTexts):
        counts, rows = count_ngrams_inside_words(ids, single_counts, first, selection, settings.threads)
    else:
        counts, rows = count_ngrams(ids, single_counts, first, selection, settings.threads)
    shape = NgramShape(
        architecture="ngram",
        n_words=len(single_counts),
        n_ngrams=len(counts.pairs),
        longest=selection.longest,
        n_classes=task.output.n_classes,
        target=task.output.target,
        first_word=first,
        mean_rows=float(rows.lengths.mean()) or 1.0,
        maxlen=resolved(settings.maxlen, None),
        truncating=settings.truncating,
    )
    return NgramPart(counts, rows, shape, classifiers, selection, single_counts)


def _spelled(
    task: Task, vocabulary: Vocabulary, ids: Ragged | PartedDocuments
) -> tuple[SpelledTexts | PartedDocuments, NDArray[np.int64]]:
    """The characters of the training texts, and int64 (A + 1,): how often the boundary of a word and each
    character stand there."""
    first = vocabulary.first_character + 1
    if isinstance(ids, PartedDocuments):
        spelled, counts = ids.spelled(vocabulary)
        return spelled, counts[first:]
    found = vocabulary.spelled_ids(ids)
    if found is None:
        found = vocabulary.spelled(task.corpus.texts, task.tokenizer, task.settings.threads)
    return found, found.occurrences(vocabulary.highest_id + 1)[first:]


def _characters_a_word(occurrences: NDArray[np.int64]) -> float:
    """How many there are on average; every word has two boundaries, which come first."""
    return float(2 * occurrences[1:].sum() / max(int(occurrences[0]), 1))


def _vocabulary_and_ids(task: Task) -> tuple[Vocabulary, Ragged | PartedDocuments]:
    return vocabulary_and_stored_ids(task) if task.corpus.streamed else vocabulary_and_ids(task)


def _validation(counted: _Counted) -> ValidationRows | None:
    """The texts held out or given for validation; None for none."""
    task = counted.task
    _, held_out = task.held_out()
    if len(held_out):
        rows = NgramRows(*(part.held_out(held_out) for part in counted.parts))
        return ValidationRows(rows, task.targets[held_out], task.weights[held_out])
    given = task.given_validation()
    if given is None:
        return None
    threads = task.settings.threads
    encoded = counted.vocabulary.encode(given[0].texts, task.tokenizer, threads)
    network = counted.words.untrained()
    if counted.characters is not None:
        network = network.with_characters(counted.characters.untrained())
    return ValidationRows(network.prepared(encoded, threads), given[1], np.ones(len(given[1])))


def _recorded(counted: _Counted) -> dict[str, Any]:
    """What the record says of the n-grams of words."""
    counts = counted.words.counts
    return {
        "min_documents": counted.task.settings.min_documents,
        "kept": [len(counted.vocabulary.words), *counts.kept[1:]],
        "dropped": list(counts.dropped),
        "epochs_chosen_on": len(counted.task.held_out()[1]),
    }


def _refuse_cut_characters(settings: Settings) -> None:
    """Raise UsageError for characters together with a limit of words, which would not cut them."""
    if settings.maxlen is not None and settings.characters not in ("auto", 0):
        raise UsageError(
            f"characters={settings.characters} reads texts whole, so it does not go with maxlen="
            f"{settings.maxlen}; leave one of them out."
        )


def _by_size(settings: Settings, ids: Ragged | PartedDocuments) -> Settings:
    """The settings, with a value that suits the texts' number and length in the place of every "auto"."""
    many = bool(ids.offsets[-1] >= _MANY_WORDS)
    short, by_steps = float(ids.lengths.mean()) < _SHORT, settings.solver != BATCH
    characters = settings.characters
    if characters == AUTO:
        cut = settings.maxlen is not None or settings.skip_top > 0 or settings.max_document_frequency < 1
        characters = 0 if cut or (many and not short) else _LONGEST_OF_CHARACTERS
    return dataclasses.replace(
        settings,
        ngrams=resolved(settings.ngrams, _LONGEST if many else _LONGEST_OF_FEW),
        min_documents=resolved(settings.min_documents, 2 if many else 1),
        dropout=resolved(settings.dropout, 0.0 if short else _DROPOUT) if by_steps else settings.dropout,
        characters=characters,
    )


def _words_with_rows(vocabulary: Vocabulary, n_documents: int) -> tuple[int, NDArray[np.int64]]:
    """The id of row 0, and in how many of the documents each row's word stands.

    A start mark whose id is next to the words' has a row too: n-grams may begin with it.
    """
    ids, counts = vocabulary.convention, vocabulary.document_counts
    if ids.start is not None and ids.start == ids.index_from:
        return ids.start, np.concatenate([[n_documents], counts])
    return ids.index_from + 1, counts


def _words(task: Task, most: int) -> tuple[Vocabulary, Ragged | PartedDocuments]:
    """The vocabulary and the texts' ids. Words take at most half of the rows: for very many classes."""
    settings, most_words = task.settings, max(most // 2, _FEWEST_IDS)
    if settings.num_words is None or int(settings.num_words) > most_words:
        task = dataclasses.replace(task, settings=dataclasses.replace(settings, num_words=most_words))
    vocabulary, ids = _vocabulary_and_ids(task)
    if task.settings is not settings and vocabulary.size >= most_words:
        warnings.warn(
            f"{len(task.classes):,} labels leave room for the weights of {len(vocabulary.words):,} words; "
            "rarer words were left out, for the sake of memory.",
            WordloomWarning,
            stacklevel=2,
        )
    if (maxlen := resolved(settings.maxlen, None)) is not None:
        ids = ids.truncated(maxlen, settings.truncating)
    return vocabulary, ids


def _warn_of_dropped(counts: NgramCounts, most: int, of: str) -> None:
    if any(counts.dropped):
        named = ", ".join(
            f"{dropped:,} of {length} {of}" for length, dropped in enumerate(counts.dropped, 1) if dropped
        )
        warnings.warn(
            f"There is room for {most:,} n-grams (max_ngrams, and memory for every class' weights); the "
            f"rarest were left out: {named}. Raise max_ngrams or min_documents, or shorten ngrams.",
            WordloomWarning,
            stacklevel=2,
        )
