"""From the training texts to a vocabulary and ids."""

from __future__ import annotations

from wordloom.architectures import with_ability
from wordloom.fit.task import Task
from wordloom.settings import Settings
from wordloom.text.conventions import IdConvention, convention
from wordloom.text.counting import count_words
from wordloom.text.on_disk.stored_documents import StoredDocuments
from wordloom.text.on_disk.vocabulary_pass import store_words
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import FILTERS, Tokenizer
from wordloom.text.vocabulary import Vocabulary, WordSelection, select


def tokenizer_of(settings: Settings) -> Tokenizer:
    """The tokenizer that the settings of an architecture describe."""
    by_unicode = settings.architecture in with_ability("unicode_punctuation")
    return Tokenizer(
        lower=settings.lower,
        filters=FILTERS if settings.filters is None else settings.filters,
        strip_html=bool(settings.strip_html),
        keep_punctuation=bool(settings.keep_punctuation),
        strip_accents=settings.strip_accents,
        unicode_punctuation=by_unicode and settings.filters is None,
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


def vocabulary_and_stored_ids(task: Task) -> tuple[Vocabulary, StoredDocuments]:
    """The same of texts that are streamed from a file; the ids are in a file too."""
    return store_words(task.corpus.texts, task.tokenizer, *_rules(task.settings), task.passes)


def _rules(settings: Settings) -> tuple[WordSelection, IdConvention]:
    """Which words are chosen, and how they become ids."""
    assert not isinstance(settings.num_words, str), "by_architecture has put a number there"
    selection = WordSelection(settings.num_words, settings.min_count, settings.max_document_frequency)
    return selection, convention(settings.ids, settings.skip_top)


def empty_texts(ids: Ragged | StoredDocuments, vocabulary: Vocabulary) -> int:
    """How many documents have no id but the start mark."""
    return int((ids.lengths <= (vocabulary.convention.start is not None)).sum())
