"""Vectors learned from the 25,000 IMDB training reviews without their labels.

Skip-gram against gensim with the same settings on the same words, for several seeds: seconds, agreement with
human judgments of word similarity, and the accuracy that 200 labels reach on averages of the vectors. Then
the vectors of documents: accuracy with 200 labels, mean over 20 draws. No test review is used in learning;
they are all the labels are tested on.

Called with "words" or "documents".
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegressionCV

from side_by_side import imdb, report, report_figure
from wordloom.kernels.threads import thread_count
from wordloom.text.tokenizer import Tokenizer
from wordloom.vectors import WordVectors
from wordloom.vectors.evaluation import score_similarity
from wordloom.vectors.learning import (
    LearningSettings,
    SkipGramSettings,
    learn_document_vectors,
    learn_word_vectors,
)

DRAWS, LABELS = 20, 200
SEEDS = (1, 2, 3)
TOKENIZER = Tokenizer(strip_html=True)
PENALTIES = np.logspace(-5, 0, 11)


def few_labels(
    features: np.ndarray, targets: np.ndarray, test: np.ndarray, answers: np.ndarray
) -> list[float]:
    """Test accuracy with 200 labels, for each draw; regularization by cross-validation on the 200."""
    found = []
    for draw in range(DRAWS):
        chosen = np.random.default_rng([7, draw]).permutation(len(targets))[:LABELS]
        head = LogisticRegressionCV(
            Cs=PENALTIES,
            cv=5,
            scoring="neg_log_loss",
            max_iter=300,
            l1_ratios=(0,),
            use_legacy_attributes=False,
        )
        head.fit(features[chosen], targets[chosen])
        found.append(float((head.predict(test) == answers).mean()))
    return found


def similarity(vectors: WordVectors) -> float:
    """Mean Spearman correlation over the word-similarity sets, of the pairs whose words both have vectors."""
    folder = Path(os.environ["WORDLOOM_DATA"]) / "word-similarity"
    return float(
        np.mean([score_similarity(vectors, file).spearman for file in sorted(folder.glob("EN-*.txt"))])
    )


def means(vectors: WordVectors, texts: list[list[str]]) -> np.ndarray:
    """The average vector of each text, (N, D)."""
    rows = {word: row for row, word in enumerate(vectors.words)}
    return np.array(
        [
            vectors.vectors[[rows[word] for word in text if word in rows] or [0]].mean(
                axis=0, dtype=np.float64
            )
            for text in texts
        ]
    )


def gensim_model(kind: type, tokens: list[list[str]], settings: SkipGramSettings, **more: Any) -> Any:
    """What gensim's `kind` of model learns with the same settings, but for its own learning rate."""
    model = kind(
        sg=1,
        vector_size=settings.dimensions,
        window=settings.window,
        negative=int(settings.negatives),
        min_count=settings.min_count,
        sample=settings.subsample,
        epochs=settings.epochs,
        workers=thread_count(None),
        seed=settings.seed,
        **more,
    )
    model.build_vocab(tokens)
    model.train(tokens, total_examples=len(tokens), epochs=settings.epochs)
    return model


def gensim_vectors(tokens: list[list[str]], settings: SkipGramSettings) -> WordVectors:
    """Skip-gram vectors of gensim's."""
    from gensim.models import Word2Vec

    model = gensim_model(Word2Vec, tokens, settings)
    return WordVectors(model.wv.index_to_key, model.wv.vectors)


def words() -> None:
    """Skip-gram against gensim."""
    data = imdb()
    assert data.test is not None
    texts = list(data.train.texts)
    tokens = [TOKENIZER.tokenize(text) for text in texts]
    test_tokens = [TOKENIZER.tokenize(text) for text in data.test.texts]
    targets, answers = (np.array(part.labels) == "pos" for part in (data.train, data.test))
    learn_word_vectors(texts[:1000], SkipGramSettings())  # compiles
    seconds: dict[str, list[float]] = {"wordloom": [], "gensim": []}
    accuracies: dict[str, list[float]] = {"wordloom": [], "gensim": []}
    scores: dict[str, list[float]] = {"wordloom": [], "gensim": []}
    for seed in SEEDS:
        settings = SkipGramSettings(seed=seed)
        learners = {
            "wordloom": partial(learn_word_vectors, texts, settings, tokenizer=TOKENIZER),
            "gensim": partial(gensim_vectors, tokens, settings),
        }
        for name, learn in learners.items():
            began = time.perf_counter()
            vectors = learn()
            seconds[name].append(time.perf_counter() - began)
            features, test = means(vectors, tokens), means(vectors, test_tokens)
            center, scale = features.mean(axis=0), features.std(axis=0)
            found = few_labels((features - center) / scale, targets, (test - center) / scale, answers)
            accuracies[name].append(float(np.mean(found)))
            scores[name].append(similarity(vectors))
    total = sum(map(len, tokens)) * SkipGramSettings().epochs
    report(
        f"skip-gram vectors of 25,000 reviews, {len(SEEDS)} seeds; accuracy with 200 labels",
        seconds,
        "gensim",
        goal=3,
        accuracy={name: float(np.mean(values)) for name, values in accuracies.items()},
        accuracies=accuracies,
        similarities=scores,
        words_a_second={name: total / float(np.median(values)) for name, values in seconds.items()},
    )
    for what, figures, factor in (
        ("accuracy with 200 labels on averages of skip-gram vectors", accuracies, 100),
        ("word similarity, Spearman,", scores, 1),
    ):
        for name, values in figures.items():
            mean, peer = (factor * float(np.mean(each)) for each in (values, figures["gensim"]))
            goal = peer if name == "wordloom" else 0
            report_figure(f"{what} {name}", mean, "%" * (factor == 100), goal=goal, at_most=False)


def documents() -> None:
    """The vectors of documents."""
    data = imdb()
    assert data.test is not None
    texts = list(data.train.texts)
    learn_document_vectors(texts[:1000], LearningSettings(epochs=1))  # compiles
    began = time.perf_counter()
    vectors = learn_document_vectors(texts, LearningSettings(seed=1))
    learning = time.perf_counter() - began
    features = vectors.encode(texts)
    began = time.perf_counter()
    test = vectors.encode(data.test.texts)
    encoding = time.perf_counter() - began
    targets, answers = (np.array(part.labels) == "pos" for part in (data.train, data.test))
    found = few_labels(features, targets, test, answers)
    spread = {"std": float(np.std(found)), "values": found}
    what = f"accuracy with 200 labels on learned vectors of documents, mean of {DRAWS} draws"
    report_figure(what, 100 * float(np.mean(found)), "%", goal=87, at_most=False, **spread)
    report_figure("its spread over the draws", 100 * float(np.std(found)), "points", goal=0, at_most=True)
    report_figure("learning vectors of documents", learning, "s", goal=0, at_most=True)
    pace = len(data.test.texts) / encoding
    report_figure("texts to vectors of documents", pace, "reviews a second", goal=0, at_most=False)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    {"words": words, "documents": documents}[sys.argv[1] if len(sys.argv) > 1 else "documents"]()
