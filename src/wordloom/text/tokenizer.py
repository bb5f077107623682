"""Tokenizer: the rules by which a text becomes words.

The default rules are those of Keras' `Tokenizer`: lower case, `FILTERS` become spaces, split on spaces,
drop what is empty. Apostrophes stay inside words; `\\r` and the no-break space are not separators.
Source: keras_preprocessing/text.py, `text_to_word_sequence`. Other rules know of Unicode: its normal forms,
its punctuation and white space, and the scripts that set no words apart (`wordloom.text.scripts`). Counting
and numbering words is not done here.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.kernels.tokens import SEPARATOR
from wordloom.plain_texts import text_chunks
from wordloom.plain_values import from_plain
from wordloom.setting import NORMAL_FORMS
from wordloom.text.byte_buffer import ByteBuffer
from wordloom.text.markup import without_markup
from wordloom.text.scripts import (
    APOSTROPHE,
    Rules,
    is_plain,
    parts_pattern,
    plain_separators,
    with_plain_apostrophes,
)
from wordloom.text.sequences import offsets_of
from wordloom.text.spacing import spaced

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
"""Keras' default filters; the apostrophe is not among them."""

_ASCII_SPACES = "\r\v\f\x1c\x1d\x1e\x1f"
"""White space that Keras' filters do not hold."""
_TEXTS_AT_ONCE, _LETTERS_AT_ONCE = 4096, 1 << 17
"""Texts are made bytes in blocks that stay in the processor's cache."""
_WORTH_A_TABLE = 20_000
"""From how many of their characters on looking all of them up in a table takes less time than a pattern does,
and the table is worth making."""
_FUNCTION_NAME = re.compile(r"[^:]+:[^:]+")
_SEPARATOR_BYTE = bytes([SEPARATOR])
_ASCII_BYTES = bytes(range(128))
_BETWEEN = "\0"
"""Stands between texts that are lowered together."""


@dataclass(frozen=True)
class Tokenizer:
    """How a text becomes a list of words.

    Parameters
    ----------
    lower : lower the text first (`str.lower`, before anything is split)
    filters : characters that separate words, besides `split`
    split : what separates words, one character or more
    strip_html : replace tags and comments by spaces and resolve entities (`&amp;`) first
    keep_punctuation : printable filter characters become words of their own instead of separators
    strip_accents : remove accents and other combining marks (NFKD)
    unicode_punctuation : all that Unicode calls punctuation (categories P) or white space is as the filters
        are; the typographic apostrophe inside a word becomes the plain one
    split_characters : each character of a script without spaces (Chinese, Japanese, Thai, Lao, Khmer,
        Burmese) and each emoji is a word, with the marks that belong to it; see `wordloom.text.scripts`
    normalization : the normal form of Unicode, NFC or NFKC, that texts are brought into; None for none
    function : an own `text -> list of words`, used instead of all the rules above. To be saved with a
        model it must be a named function of a module; it is handed over again when the model is loaded,
        since loading a model runs no code.
    """

    lower: bool = True
    filters: str = FILTERS
    split: str = " "
    strip_html: bool = False
    keep_punctuation: bool = False
    strip_accents: bool = False
    unicode_punctuation: bool = False
    split_characters: bool = False
    normalization: str | None = None
    function: Callable[[str], Sequence[str]] | None = field(default=None)

    def __post_init__(self) -> None:
        if not self.split:
            raise UsageError("The tokenizer's split must be at least one character.")
        if self.normalization not in (None, *NORMAL_FORMS):
            raise UsageError(
                f"The tokenizer's normalization must be {' or '.join(NORMAL_FORMS)} or none, not "
                f"{self.normalization!r:.60}."
            )
        if self.function is not None and not callable(self.function):
            raise UsageError(f"The tokenizer's function cannot be called: {self.function!r}.")

    def tokenize(self, text: str) -> list[str]:
        """The words of one text, in order."""
        if self.function is not None:
            return _checked_words(self.function(text), self.function)
        text = self._spaced(self._lowered(self._cleaned(text)))
        return [word for word in text.translate(self._separations()).split(self.split) if word]

    def to_bytes(self, texts: Iterable[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Texts as the word kernels take them: bytes (writable), and offsets int64 (N+1,).

        Together with `alphabet` the bytes hold exactly the words of `tokenize`. ASCII letters are lowered
        by the alphabet, all others here, since `str.lower` knows every script's rules.
        """
        buffer = ByteBuffer()
        lengths: list[int] = []
        encode, expected = self._encoder(), operator.length_hint(texts)
        for some in text_chunks(texts, _TEXTS_AT_ONCE, _LETTERS_AT_ONCE):
            parts = self._all_encoded(list(map(encode, some)))
            lengths += map(len, parts)
            buffer.add(b"".join(parts), expected / len(lengths))
        return buffer.filled, offsets_of(np.array(lengths, dtype=np.int64))

    def alphabet(self) -> NDArray[np.uint8]:
        """uint8 (2, 256): what each byte of `to_bytes` means, see `wordloom.kernels.tokens`."""
        table = np.zeros((2, 256), dtype=np.uint8)
        table[0] = np.arange(256)
        if not self._by_alphabet():
            return table
        for character in {*self.separators(), self.split}:
            table[:, ord(character)] = (ord(character), 1) if self.is_alone(character) else (SEPARATOR, 0)
        if self.lower:  # last, since a capital counts as its small letter even if that one is filtered
            table[:, ord("A") : ord("Z") + 1] = table[:, ord("a") : ord("z") + 1]
        return table

    def to_config(self) -> dict[str, Any]:
        """The rules as plain values for `from_config`; an own function by its name only.

        Raises UsageError for a function that has no name another program could find it by.
        """
        config: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("lower", "filters", "split", "strip_html", "keep_punctuation", "strip_accents")
        }
        for name in ("unicode_punctuation", "split_characters", "normalization"):
            if value := getattr(self, name):  # what models had before there were these rules is left out
                config[name] = value
        if self.function is not None:
            config["function"] = function_name(self.function)
        return config

    @staticmethod
    def from_config(
        config: dict[str, Any], function: Callable[[str], Sequence[str]] | None = None
    ) -> Tokenizer:
        """The tokenizer of a saved model; `function` is the own function it was trained with, if any.

        Raises DataError for a rule that is unknown or of another type, and if the model needs an own function
        and none, or another one, is given.
        """
        rules = {name: value for name, value in config.items() if name != "function"}
        made = from_plain(Tokenizer, rules, "tokenizer")
        saved = config.get("function")
        if saved is not None and not (isinstance(saved, str) and _FUNCTION_NAME.fullmatch(saved)):
            raise DataError(
                f"the entry 'tokenizer.function' must be the name of a function, not {saved!r:.60}."
            )
        if saved is not None and function is None:
            raise DataError(
                f"The model was trained with its own tokenizer function {saved!r}. Loading runs no code, "
                "so hand the function over: TextModel.load(path, tokenizer_function=...)."
            )
        if saved is None and function is not None:
            raise DataError(
                "The model splits texts by its own rules; it was not trained with a tokenizer function. "
                "Leave tokenizer_function out."
            )
        given = getattr(function, "__qualname__", repr(function))
        if saved is not None and saved.split(":")[1] != given:
            raise DataError(
                f"The model was trained with the tokenizer function {saved!r}; the one handed over is "
                f"called {given!r}."
            )
        return replace(made, function=function)

    def _by_alphabet(self) -> bool:
        simple = len(self.split) == 1 and self.split.isascii() and self.filters.isascii()
        reachable = not self.lower or self.split == self.split.lower()
        return self.function is None and simple and reachable

    def is_alone(self, character: str) -> bool:
        """Whether a character that separates words is a word itself."""
        return self.keep_punctuation and not character.isspace() and character != self.split

    def _cleaned(self, text: str) -> str:
        if self.strip_html:
            text = without_markup(text)
        if self.strip_accents and not text.isascii():
            decomposed = unicodedata.normalize("NFKD", text)
            text = "".join(c for c in decomposed if not unicodedata.combining(c))
        return text

    def _lowered(self, text: str) -> str:
        """The text in its normal form, and lowered."""
        form = cast("Literal['NFC', 'NFKC'] | None", None if text.isascii() else self.normalization)
        if form == "NFKC":  # makes capitals of signs
            text = unicodedata.normalize(form, text)
        if self.lower:
            text = text.lower()
        # last, since small letters may compose where their capitals do not
        return text if form is None else unicodedata.normalize(form, text)

    def separators(self) -> str:
        """The ASCII characters, and other filters, that separate words besides `split`."""
        return self.filters + _ASCII_SPACES if self.unicode_punctuation else self.filters

    def _spaced(self, text: str) -> str:
        """The text with what is beyond ASCII and separates words, or is one, set apart."""
        text, parts = self.parts_pattern(text)
        return text if parts is None else self.split.join(parts.findall(text))

    def parts_pattern(self, text: str) -> tuple[str, re.Pattern[str] | None]:
        """A lowered text with plain apostrophes inside its words, and what finds the parts that no word goes
        across; None if it is one part."""
        if text.isascii() or not (self.unicode_punctuation or self.split_characters):
            return text, None
        if self.unicode_punctuation and APOSTROPHE in text:
            text = with_plain_apostrophes(text, self.split_characters)
        return text, parts_pattern(text, *self._rules_of_parts)

    @property
    def _rules_of_parts(self) -> Rules:
        return self.split_characters, self.unicode_punctuation, self.keep_punctuation

    def _all_encoded(self, texts: list[bytes | str]) -> list[bytes]:
        """All texts as bytes, of which strings are still to be set apart."""
        left = [text for text in texts if not isinstance(text, bytes)]
        if not left:
            return texts  # type: ignore[return-value]
        left = self._all_lowered(left)
        if sum(map(len, left)) >= _WORTH_A_TABLE:
            apart = spaced(left, self.split, self._rules_of_parts, self._spaced)
        else:
            apart = list(map(self._spaced, left))
        following = map(_encoded, apart)
        return [next(following) if isinstance(text, str) else text for text in texts]

    def _all_lowered(self, texts: list[str]) -> list[str]:
        """What `_lowered` makes of each text, of all at once: nothing reaches across what stands between."""
        lowered = self._lowered(_BETWEEN.join(texts)).split(_BETWEEN)
        return lowered if len(lowered) == len(texts) else list(map(self._lowered, texts))

    def _encoder(self) -> Callable[[str], bytes | str]:
        """The function that makes one text's bytes, for `to_bytes`, or what is left to be lowered and set
        apart."""
        if not self._by_alphabet():
            return lambda text: _SEPARATOR_BYTE.join(map(_encoded, self.tokenize(text)))
        beyond_ascii = self._encoder_beyond_ascii()

        def encode(text: str) -> bytes | str:
            return text.encode() if text.isascii() else beyond_ascii(text)

        if self.strip_html or self.strip_accents:
            return lambda text: encode(self._cleaned(text))
        return encode

    def _encoder_beyond_ascii(self) -> Callable[[str], bytes | str]:
        """The same, for texts that are not ASCII; a quick look at their signs tells what is to be done."""
        by_keras = not (self.unicode_punctuation or self.split_characters or self.normalization)

        def encode(text: str) -> bytes | str:
            encoded = _encoded(text)
            if len(encoded) > 2 * len(text) and not by_keras:
                return text  # most characters are of scripts far from Latin: many may be words of their own
            beyond = encoded.translate(None, _ASCII_BYTES)
            signs = _decoded(beyond)
            lowered = text
            if self.lower and signs != signs.lower():
                lowered = text.lower()
                encoded = _encoded(lowered)
                beyond = encoded.translate(None, _ASCII_BYTES)
            if by_keras:
                return encoded
            if self.normalization == "NFKC" or not is_plain(beyond):
                return _encoded(self._spaced(self._lowered(text)))
            return self._plain_spaced(lowered, _decoded(beyond)) or encoded

        return encode

    def _plain_spaced(self, text: str, signs: str) -> bytes:
        """The bytes of a text of plain signs, with those that separate words set apart; empty without any."""
        marks = set(plain_separators().findall(signs)) if self.unicode_punctuation else None
        if not marks:
            return b""
        if APOSTROPHE in marks:
            text = with_plain_apostrophes(text, self.split_characters)
        for mark in marks:
            text = text.replace(mark, self._separation(mark))
        return _encoded(text)

    def _separations(self) -> dict[int, str]:
        return {ord(character): self._separation(character) for character in self.separators()}

    def _separation(self, character: str) -> str:
        """What a character that separates words is replaced by."""
        return self.split + character + self.split if self.is_alone(character) else self.split


def function_name(function: Callable[..., Any]) -> str:
    """`module:name` of a function that can be found again by that name.

    Raises UsageError for a lambda, a function inside a function, or an object without a name.
    """
    name = getattr(function, "__qualname__", "")
    module = getattr(function, "__module__", "")
    if not name or not module or "<" in name:
        raise UsageError(
            f"The tokenizer function {name or function!r} cannot be saved: it has no name that another "
            "program could find it by. Define it with `def` at the top of a module."
        )
    return f"{module}:{name}"


def _encoded(text: str) -> bytes:
    # lone surrogates (broken JSON escapes) are kept apart from real characters and survive a round trip
    return text.encode("utf-8", "surrogatepass")


def _decoded(encoded: bytes) -> str:
    return encoded.decode("utf-8", "surrogatepass")


def _checked_words(words: Any, function: Callable[..., Any]) -> list[str]:
    if isinstance(words, Iterable) and not isinstance(words, str):
        found = list(words)  # a generator can be gone through once only
        if all(isinstance(word, str) for word in found):
            return [word for word in found if word]
    raise DataError(
        f"The tokenizer function {getattr(function, '__qualname__', function)!r} must return a list of "
        f"strings; it returned {words!r:.80}."
    )
