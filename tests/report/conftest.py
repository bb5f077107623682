"""A small model, and a report on texts that would break a careless page."""

from __future__ import annotations

import random

import pytest

from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.report import Subject, render
from wordloom.settings import Settings

SCRIPT = "<script>alert(1)</script>"
OVERRIDE = "\u202edesrever\u202c"
LABELS = (SCRIPT, "dull & poor " + 40 * "x", "fine")
WORDS = ({"great", "superb"}, {"awful", "dull"}, {"fine", "decent"})
FILLERS = ("the", "film", "was", "a", "plot", "with", "actors", "</script>", "<!--", "&amp;", OVERRIDE)


def labelled(n: int, seed: int, wrong: int = 0) -> Corpus:
    """Texts with hostile words; the labels of the first `wrong` ones are of others, and a word is new."""
    rng = random.Random(seed)
    texts, labels = [], []
    for i in range(n):
        words = [
            *rng.choices([*FILLERS, *["novel"] * bool(wrong)], k=rng.randint(2, 9)),
            rng.choice(sorted(WORDS[i % 3])),
        ]
        rng.shuffle(words)
        texts.append(" ".join(words))
        labels.append(LABELS[(i + (i < wrong)) % 3])
    return Corpus(texts, labels, "some/folder/<img src=x onerror=alert(1)>.csv")


@pytest.fixture(scope="session")
def model():
    settings = Settings(
        architecture="mean",
        dimensions=4,
        epochs=60,
        batch_size=8,
        learning_rate=0.03,
        random_state=0,
        threads=1,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORDLOOM_KERNELS", "plain")
        return fit(labelled(90, 0), settings)


@pytest.fixture(scope="session")
def corpus():
    """120 texts, of which the first 9 have a wrong label."""
    return labelled(120, 1, wrong=9)


@pytest.fixture(scope="session")
def subject(model, corpus):
    return Subject(model, corpus, f"model{SCRIPT}", training=labelled(90, 0))


@pytest.fixture(scope="session")
def page(subject):
    return render(subject)
