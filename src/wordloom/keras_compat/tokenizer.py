"""Keras 2's `Tokenizer`: fit on texts, texts to sequences of ids and back, and its JSON.

Every attribute is Keras' own and may be changed in between, as notebooks do (`tokenizer.word_index[...] =
...`): each call reads them anew.
"""

from __future__ import annotations

import inspect
import json
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError, WordloomWarning, did_you_mean
from wordloom.keras_compat import bulk
from wordloom.keras_compat.hashed_words import Analyzer, described, rules, text_to_word_sequence
from wordloom.keras_compat.matrix import MatrixColumns, matrix_of
from wordloom.keras_compat.text_inputs import check_rows, checked_sequence, what_is_wrong
from wordloom.text import tokenizer
from wordloom.text.tokenizer import FILTERS

TABLES = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
"""The attributes that count and number words."""


class Tokenizer:
    """Words and their ids, ids from 1 by falling frequency; ties in the order of first sight.

    Parameters
    ----------
    num_words : ids below this one are kept, so num_words - 1 words; None or 0 keeps all
    filters : characters that separate words, besides `split`
    lower : whether texts are lowered
    split : what separates words
    char_level : every character is a word
    oov_token : takes the id 1 and stands for words that are unknown or cut by num_words; None drops them
    analyzer : an own function from a text to its words

    Attributes
    ----------
    word_counts, word_docs : word -> occurrences, word -> texts that hold it, in the order of first sight
    word_index, index_word : word -> id and id -> word, of all words whatever num_words is
    index_docs : id -> texts that hold it
    document_count : texts seen
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Analyzer | None = None,
        **kwargs: Any,
    ) -> None:
        if "nb_words" in kwargs:  # Keras 1
            num_words = kwargs.pop("nb_words")
        self.document_count: int = kwargs.pop("document_count", 0)
        if kwargs:
            near = did_you_mean(next(iter(kwargs)), inspect.signature(Tokenizer).parameters)
            raise TypeError(f"Unrecognized keyword arguments: {kwargs}. {near}")
        if num_words is not None and not hasattr(num_words, "__round__"):  # Keras takes 1e4 too
            raise UsageError(f"num_words must be a whole number or None, not {num_words!r:.60}.")
        self.num_words = num_words
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.oov_token = oov_token
        self.analyzer = analyzer
        self.word_counts: OrderedDict[Any, int] = OrderedDict()
        self.word_docs: defaultdict[Any, int] = defaultdict(int)
        self.index_docs: defaultdict[int, int] = defaultdict(int)
        self.word_index: dict[Any, int] = {}
        self.index_word: dict[int, Any] = {}

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count the words of N texts (strings, or lists of words) and number all words seen so far.

        Called again, it adds to the counts. Raises DataError that names the row for anything but texts.
        """
        row = 0
        for chunk in bulk.chunks(self._checked(texts, "fit_on_texts")):
            plain = self._plain_rules(chunk)
            if plain is None:
                self._count([self._words(text, row + i, "fit_on_texts") for i, text in enumerate(chunk)])
            else:
                words, counts, documents = bulk.counted(chunk, plain)
                _add(self.word_counts, words, counts)
                _add(self.word_docs, words, documents)
            row += len(chunk)
        self.document_count += row
        self._number()

    def fit_on_sequences(self, sequences: Sequence[Sequence[int]]) -> None:
        """Count in how many of N sequences each id stands, for tfidf; texts need not have been seen."""
        check_rows(sequences, "fit_on_sequences")
        self.document_count += len(sequences)
        for row, sequence in enumerate(sequences):
            for id_ in dict.fromkeys(checked_sequence(sequence, row, "fit_on_sequences")):
                self.index_docs[id_] += 1

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """Each of N texts as a list of ids; words that are unknown or cut become `oov_token` or are left out.

        Raises DataError that names the row for anything but texts.
        """
        sequences: list[list[int]] = []
        for chunk in bulk.chunks(self._checked(texts, "texts_to_sequences")):
            plain = self._plain_rules(chunk)
            unknown = self.word_index.get(self.oov_token)
            without_id = self.oov_token is not None and unknown is None
            if plain is None or without_id or not bulk.is_numbered(self.word_index):
                sequences.extend(self._sequences(chunk, len(sequences)))
            else:
                limit = self.num_words or None
                sequences.extend(bulk.sequences_of(chunk, plain, self.word_index, limit, unknown))
        return sequences

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """`texts_to_sequences`, one text after the other."""
        yield from self._sequences(self._checked(texts, "texts_to_sequences_generator"), 0)

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Each of N sequences as its words, joined by spaces; unknown ids become `oov_token` or nothing."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """`sequences_to_texts`, one sequence after the other."""
        check_rows(sequences, "sequences_to_texts")
        limit, unknown = self.num_words, self.word_index.get(self.oov_token)
        for row, sequence in enumerate(sequences):
            ids = checked_sequence(sequence, row, "sequences_to_texts")
            words = [None if limit and id_ >= limit else self.index_word.get(id_) for id_ in ids]
            if unknown is None:
                yield " ".join([word for word in words if word is not None])
            else:
                instead = self.index_word[unknown]
                yield " ".join([instead if word is None else word for word in words])

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> NDArray[np.float64]:
        """`sequences_to_matrix` of `texts_to_sequences`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(
        self, sequences: Sequence[Sequence[int]], mode: str = "binary"
    ) -> NDArray[np.float64]:
        """float64 (N, num_words, or all words and 1): one row a sequence; column 0 is empty.

        mode : "binary", "count", "freq" (count by length) or "tfidf", (1 + log c) log(1 + D / (1 + d)) for c
            occurrences in the text, D documents seen and d of them with the word

        Raises UsageError without num_words before words are known, for tfidf before documents were seen, and
        for an unknown mode.
        """
        check_rows(sequences, "sequences_to_matrix")
        if not self.num_words and not self.word_index:
            raise UsageError(
                "Specify a dimension (`num_words` argument), or fit on some text data first (fit_on_texts)."
            )
        if mode == "tfidf" and not self.document_count:
            raise UsageError(
                "Fit the Tokenizer on some data before using tfidf mode (fit_on_texts or fit_on_sequences)."
            )
        number = int(self.num_words or 0) or len(self.word_index) + 1
        return matrix_of(sequences, MatrixColumns(number, self.document_count, self.index_docs), mode)

    def get_config(self) -> dict[str, Any]:
        """Parameters and counts as plain values; the tables are JSON inside, the analyzer is left out."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        config = {name: getattr(self, name) for name in names}
        return config | {name: json.dumps(getattr(self, name)) for name in TABLES}

    def to_json(self, **kwargs: Any) -> str:
        """The Tokenizer as `tokenizer_from_json`, Keras' too, reads it; `kwargs` go to `json.dumps`."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)

    def _checked(self, texts: Any, method: str) -> Iterable[Any]:
        """The texts, after warnings of what was hardly meant. Raises DataError for what are no texts."""
        if isinstance(texts, str) and not self.char_level:
            _warn(
                f"{method}: found one text where a list of texts is expected, so each of its letters is a "
                "text of its own, as in Keras. Put it into a list: [text]."
            )
        if hasattr(texts, "columns"):  # going through a table gives the names of its columns
            raise DataError(
                f"{method}: one column expected, found a whole table ({type(texts).__name__}). Name the "
                "column, for example data['text']."
            )
        if isinstance(texts, bytes) or not isinstance(texts, Iterable):
            raise DataError(f"{method}: a list of texts expected, found {described(texts)}.")
        if not self.word_index and method != "fit_on_texts":
            _warn(f"{method}: this Tokenizer knows no words yet. Call fit_on_texts first.")
        return texts

    def _plain_rules(self, chunk: list[Any]) -> tokenizer.Tokenizer | None:
        """wordloom's rules for a chunk that the kernels take; None for small ones, characters and lists."""
        if self.analyzer is not None or self.char_level or not bulk.is_worth_it(chunk):
            return None
        return rules(self.filters, self.lower, self.split)

    def _words(self, text: Any, row: int, method: str) -> Sequence[Any]:
        if self.analyzer is not None and not (self.char_level or isinstance(text, list)):
            return list(self.analyzer(text))
        try:
            if isinstance(text, list):
                return [word.lower() for word in text] if self.lower else text
            if not self.char_level:
                return text_to_word_sequence(text, self.filters, self.lower, self.split)
            return list(text.lower() if self.lower else text)
        except (AttributeError, DataError):
            raise DataError(f"{method}, row {row}: {what_is_wrong(text)}") from None

    def _count(self, documents: list[Sequence[Any]]) -> None:
        for words in documents:
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            different = list(dict.fromkeys(words))
            _add(self.word_docs, different, [1] * len(different))

    def _number(self) -> None:
        """Number all words counted so far."""
        ranked = sorted(self.word_counts, key=self.word_counts.__getitem__, reverse=True)
        words = ranked if self.oov_token is None else [self.oov_token, *ranked]
        # an oov_token that is also a word of the texts keeps the later id, as in Keras
        self.word_index = dict(zip(words, range(1, len(words) + 1), strict=True))
        self.index_word = {id_: word for word, id_ in self.word_index.items()}
        self.index_docs.update(
            zip(map(self.word_index.__getitem__, self.word_docs), self.word_docs.values(), strict=True)
        )

    def _sequences(self, texts: Iterable[Any], first_row: int) -> Iterator[list[int]]:
        limit, unknown = self.num_words, self.word_index.get(self.oov_token)
        for row, text in enumerate(texts, first_row):
            ids: list[Any] = []
            for word in self._words(text, row, "texts_to_sequences"):
                id_ = self.word_index.get(word)
                if id_ is None:
                    ids += [] if self.oov_token is None else [unknown]
                elif limit and id_ >= limit:
                    ids += [] if unknown is None else [unknown]
                else:
                    ids.append(id_)
            yield ids


def _add(totals: dict[Any, int], words: Sequence[Any], counts: Sequence[int]) -> None:
    if not totals:
        totals.update(zip(words, counts, strict=True))
        return
    for word, count in zip(words, counts, strict=True):
        totals[word] = totals.get(word, 0) + count


def _warn(message: str) -> None:
    warnings.warn(message, WordloomWarning, stacklevel=4)
