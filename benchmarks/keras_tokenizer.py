"""keras_compat's Tokenizer beside Keras' own on the 25,000 IMDB training reviews, as old notebooks begin.

Both fit on the texts and give them as sequences, Python lists of ids below 10,000. Keras' Tokenizer is what
Keras 3 has left of it.
"""

from __future__ import annotations

import os

from side_by_side import compare, imdb, report
from wordloom import keras_compat

os.environ.setdefault("KERAS_BACKEND", "jax")

NUM_WORDS = 10_000


def main() -> None:
    from keras.src.legacy.preprocessing import text as keras_text

    texts = list(imdb().train.texts)
    sides = {"wordloom": keras_compat.Tokenizer, "Keras": keras_text.Tokenizer}

    def sequences(side: str) -> list[list[int]]:
        tokenizer = sides[side](num_words=NUM_WORDS)
        tokenizer.fit_on_texts(texts)
        return tokenizer.texts_to_sequences(texts)

    assert sequences("wordloom") == sequences("Keras"), "the two tokenizers do not agree"
    timed = compare({side: lambda side=side: sequences(side) for side in sides}, rounds=3)
    report("Tokenizer of old notebooks, 25,000 reviews", timed, against="Keras", goal=5)


if __name__ == "__main__":
    main()
