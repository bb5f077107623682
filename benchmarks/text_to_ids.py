"""Raw text of the 25,000 IMDB training reviews to ids: wordloom against a plain-Python Keras-rule tokenizer.

Both count the words of all reviews, number them by frequency and give every review as ids below 10,000. The
plain one does what Keras' `Tokenizer` did: `fit_on_texts`, then `texts_to_sequences`, with dictionaries.
"""

from __future__ import annotations

from side_by_side import compare, imdb, report
from wordloom.text.conventions import convention
from wordloom.text.counting import count_words
from wordloom.text.tokenizer import FILTERS, Tokenizer
from wordloom.text.vocabulary import WordSelection, select

NUM_WORDS = 10_000
SPACES = str.maketrans(dict.fromkeys(FILTERS, " "))


def plain(texts: list[str]) -> list[list[int]]:
    """Keras' rules in plain Python."""
    counts: dict[str, int] = {}
    for text in texts:
        for word in text.lower().translate(SPACES).split(" "):
            if word:
                counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=counts.__getitem__, reverse=True)
    index = {word: rank for rank, word in enumerate(ranked, start=1)}
    ids = []
    for text in texts:
        ranks = [index[word] for word in text.lower().translate(SPACES).split(" ") if word]
        ids.append([rank for rank in ranks if rank < NUM_WORDS])
    return ids


def ours(texts: list[str]):
    """wordloom, the same ids as a ragged array."""
    counted, ranks = count_words(texts, Tokenizer())
    return select(counted, ranks, WordSelection(NUM_WORDS), convention("plain"))[1]


def main() -> None:
    texts = list(imdb().train.texts)
    expected, found = plain(texts), ours(texts)
    assert [row.tolist() for row in found] == expected, "the two tokenizers do not agree"
    timed = compare({"wordloom": lambda: ours(texts), "plain Python": lambda: plain(texts)}, rounds=5)
    report("text to ids, 25,000 reviews", timed, against="plain Python", goal=10)


if __name__ == "__main__":
    main()
