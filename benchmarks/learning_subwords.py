"""Skip-gram with subwords against gensim's FastText: same settings, words and buckets, for several seeds.

Learned from the 25,000 IMDB training reviews without their labels. Seconds, and agreement with human
judgments of word similarity: of pairs whose words are both in the table, and of pairs with a word that it
does not hold, which only subwords answer. Then a seed without subwords, for comparison.
"""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from learning import SEEDS, TOKENIZER, gensim_model, similarity
from side_by_side import imdb, report, report_figure
from wordloom.vectors import WordVectors
from wordloom.vectors.evaluation import score_similarity
from wordloom.vectors.learning import SkipGramSettings, learn_word_vectors

LONGEST = 6
FEWEST_PAIRS = 50
"""Sets with fewer pairs of unseen words say nothing."""


def subword_model(tokens: list[list[str]], settings: SkipGramSettings) -> Any:
    """What gensim's FastText learns with the same settings."""
    from gensim.models import FastText

    subwords = {
        "min_n": settings.shortest_subword,
        "max_n": settings.longest_subword,
        "bucket": settings.buckets,
    }
    return gensim_model(FastText, tokens, settings, **subwords)


def read_again(model: Any, file: Path) -> WordVectors:
    """A model of gensim's as a table, by way of fastText's form."""
    from gensim.models.fasttext import save_facebook_model

    save_facebook_model(model, str(file))
    return WordVectors.load(file)


def unseen_similarity(vectors: WordVectors, folder: Path) -> float:
    """Mean Spearman correlation of the pairs with a word that the table does not hold."""
    found = []
    for file in sorted((Path(os.environ["WORDLOOM_DATA"]) / "word-similarity").glob("EN-*.txt")):
        pairs = [line.lower().split() for line in file.read_text().splitlines()]
        unseen = [pair for pair in pairs if any(word not in vectors for word in pair[:2])]
        if len(unseen) < FEWEST_PAIRS:
            continue
        part = folder / file.name
        part.write_text("".join(" ".join(pair) + "\n" for pair in unseen))
        words = sorted({word for pair in unseen for word in pair[:2]})
        found.append(score_similarity(vectors.subset(words), part).spearman)
    return float(np.mean(found))


def main() -> None:
    """Learn with every seed, and report."""
    texts = list(imdb().train.texts)
    tokens = [TOKENIZER.tokenize(text) for text in texts]
    learn_word_vectors(texts[:1000], SkipGramSettings(longest_subword=LONGEST))  # compiles
    seconds: dict[str, list[float]] = {"wordloom": [], "gensim": []}
    known: dict[str, list[float]] = {name: [] for name in seconds}
    unseen: dict[str, list[float]] = {name: [] for name in seconds}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in SEEDS:
            settings = SkipGramSettings(seed=seed, longest_subword=LONGEST)
            for side in seconds:
                began = time.perf_counter()
                if side == "gensim":
                    learned = subword_model(tokens, settings)
                else:
                    learned = learn_word_vectors(texts, settings, tokenizer=TOKENIZER)
                seconds[side].append(time.perf_counter() - began)
                vectors = read_again(learned, folder / "gensim.bin") if side == "gensim" else learned
                known[side].append(similarity(vectors))
                unseen[side].append(unseen_similarity(vectors, folder))
    total = sum(map(len, tokens)) * SkipGramSettings().epochs
    report(
        f"skip-gram vectors with subwords of 25,000 reviews, {len(SEEDS)} seeds",
        seconds,
        "gensim",
        goal=3,
        similarities={"both words in the table": known, "a word that is not": unseen},
        words_a_second={side: total / float(np.median(values)) for side, values in seconds.items()},
    )
    for what, figures in (("both words in the table", known), ("a word that is not", unseen)):
        for side, values in figures.items():
            goal = float(np.mean(figures["gensim"])) if side == "wordloom" else 0
            title = f"word similarity with subwords, Spearman, {what}, {side}"
            report_figure(title, float(np.mean(values)), "", goal=goal, at_most=False)
    alone = learn_word_vectors(texts, SkipGramSettings(seed=SEEDS[0], output_weight=0), tokenizer=TOKENIZER)
    title = "the same without subwords, both words in the table, wordloom"
    report_figure(title, similarity(alone), "", goal=0, at_most=False)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main()
