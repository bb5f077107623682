"""Jobs that each go through one part of the texts: a pure function of what is in the store and plain values.

What a job finds is in the store when it is over. All texts are one part where one process counts them, and
each file is one where several do; the n-grams of a part are in `ngram_jobs`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from wordloom.errors import UsageError, WordloomError
from wordloom.plain_texts import text_chunks
from wordloom.readers.streamed_corpus import streamed_texts
from wordloom.streamed_texts import StreamedTexts
from wordloom.text.character_ngrams import SpelledTexts
from wordloom.text.characters import Alphabet
from wordloom.text.conventions import IdConvention
from wordloom.text.counting import decoded_words, encoded_words
from wordloom.text.numbering import WordNumbers
from wordloom.text.on_disk.array_store import ArrayStore
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import ids_of_ranks

NUMBERS = "numbers"
"""Documents of word numbers, by first sight in the part."""
_Own = TypeVar("_Own", bound="PartJob")


@dataclass(frozen=True)
class Workplace:
    """Where and how a job works.

    Parameters
    ----------
    store : of arrays
    threads : None for all cores
    texts_at_once, letters_at_once : after so many texts or letters a chunk ends
    told : is told how far a job is; only in this process
    """

    store: ArrayStore
    threads: int | None
    texts_at_once: int
    letters_at_once: int
    told: Callable[[int], None] = lambda done: None

    def to_config(self) -> dict[str, Any]:
        """As plain values; workers have a core each, and take the other ones for other jobs."""
        scratch, folder = self.store.scratch.folder, self.store.folder
        return {"scratch": scratch, "folder": folder, "at_once": [self.texts_at_once, self.letters_at_once]}

    @staticmethod
    def from_config(config: Mapping[str, Any]) -> Workplace:
        """What `to_config` gave."""
        store = ArrayStore(Scratch(config["scratch"]), config["folder"])
        return Workplace(store, 1, *config["at_once"])


@dataclass(frozen=True)
class PartJob:
    """A job on a part.

    Parameters
    ----------
    place : where it works
    part : the number of its part
    name : that of the part's texts, for messages
    """

    place: Workplace
    part: int
    name: str

    def run(self) -> dict[str, Any]:
        """Do it. Gives an empty dict, or `error` and whether it is one of `usage`."""
        try:
            self.work()
        except WordloomError as error:
            return {"error": str(error), "usage": isinstance(error, UsageError)}
        except MemoryError:
            return {"error": f"{self.name}: there was not enough memory."}
        return {}

    def work(self) -> None:
        """What is done."""
        raise NotImplementedError

    def own(self, name: str) -> str:
        """The name of something that belongs to the part."""
        return part_name(self.part, name)

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {
            name: value.to_config() if hasattr(value, "to_config") else value
            for name, value in values.items()
        }

    @classmethod
    def from_config(cls: type[_Own], config: Mapping[str, Any]) -> _Own:
        """What `to_config` gave."""
        return cls(**{**config, "place": Workplace.from_config(config["place"])})


def part_name(part: int, name: str) -> str:
    """The name of something that belongs to a part."""
    return f"{part}-{name}"


@dataclass(frozen=True)
class WordsJob(PartJob):
    """Words counted, and the texts as their numbers."""

    texts: StreamedTexts
    tokenizer: Tokenizer

    def work(self) -> None:
        place, numbered = self.place, WordNumbers(self.tokenizer, self.place.threads)
        with place.store.new_documents(self.own(NUMBERS)) as numbers:
            for chunk in text_chunks(self.texts, place.texts_at_once, place.letters_at_once):
                numbers.append(numbered.add(chunk))
                place.told(numbered.n_texts)
        blob, offsets = encoded_words(numbered.words)
        counts = np.concatenate([numbered.counts, numbered.document_counts])
        for name, array in (("bytes", blob), ("offsets", offsets), ("counts", counts)):
            place.store.put(self.own(f"words-{name}"), array)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> WordsJob:
        """What `to_config` gave."""
        texts, tokenizer = streamed_texts(config["texts"]), Tokenizer.from_config(config["tokenizer"])
        return super().from_config({**config, "texts": texts, "tokenizer": tokenizer})


def words_of(store: ArrayStore, part: int) -> list[str]:
    """The words of a part in the order of their numbers."""
    names = (part_name(part, f"words-{name}") for name in ("bytes", "offsets"))
    return decoded_words(
        *(store.get(name, kind) for name, kind in zip(names, (np.uint8, np.int64), strict=True))
    )


@dataclass(frozen=True)
class IdsJob(PartJob):
    """The texts as ids of a vocabulary; the ranks of the part's words are in the store.

    Parameters
    ----------
    convention : its fields
    size : of the vocabulary
    """

    convention: Mapping[str, Any]
    size: int

    def work(self) -> None:
        store, convention = self.place.store, IdConvention(**self.convention)
        rank_of = store.get(self.own("ranks"), np.int32)
        with store.new_documents(self.own("ids")) as ids:
            for chunk in store.documents(self.own(NUMBERS)):
                ids.append(ids_of_ranks(Ragged(rank_of[chunk.ids], chunk.offsets), convention, self.size))


@dataclass(frozen=True)
class CutJob(PartJob):
    """Documents cut to a length.

    Parameters
    ----------
    source, target : names of the documents
    maxlen, truncating : as `Ragged.truncated` takes them
    """

    source: str
    target: str
    maxlen: int
    truncating: str

    def work(self) -> None:
        store = self.place.store
        with store.new_documents(self.own(self.target)) as cut:
            for chunk in store.documents(self.own(self.source)):
                cut.append(chunk.truncated(self.maxlen, self.truncating))


@dataclass(frozen=True)
class SpellJob(PartJob):
    """The characters of the texts, word by word, and how often each id stands there.

    Parameters
    ----------
    codes : of the alphabet
    first : the id of its number 0
    size : one more than the highest id
    """

    codes: list[int]
    first: int
    size: int

    def work(self) -> None:
        store, alphabet = self.place.store, Alphabet(np.array(self.codes, dtype=np.uint32))
        words = alphabet.spelled(words_of(store, self.part), apart=True)
        words = Ragged(words.ids + np.int32(self.first), words.offsets)
        counts = np.zeros(self.size, dtype=np.int64)
        with store.new_documents(self.own("spelled")) as spelled:
            for chunk in store.documents(self.own(NUMBERS)):
                texts = SpelledTexts(words, chunk)
                counts += texts.occurrences(self.size)
                spelled.append(texts.documents())
        store.put(self.own("occurrences"), counts)
