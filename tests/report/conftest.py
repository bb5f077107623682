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


SETS = ([SCRIPT], ["dull & poor"], [SCRIPT, "dull & poor"], [])


def with_sets(n: int, seed: int, wrong: int = 0) -> Corpus:
    """Texts with one word for each of their labels; the first `wrong` ones have the opposite labels."""
    rng, texts, labels = random.Random(seed), [], []
    for i in range(n):
        own = SETS[i % 4]
        words = [*rng.choices(FILLERS, k=rng.randint(3, 9))]
        words += ["great"] * (SCRIPT in own) + ["awful"] * ("dull & poor" in own)
        rng.shuffle(words)
        texts.append(" ".join(words))
        labels.append(SETS[(i % 4) ^ (i < wrong)])
    return Corpus(texts, labels, "some/folder/sets.csv")


def with_grades(n: int, seed: int, wrong: int = 0) -> Corpus:
    """Texts with grades from 1 to 5, which their words say; the first `wrong` ones have the opposite ones."""
    rng, texts, grades = random.Random(seed), [], []
    for i in range(n):
        good = i % 5
        words = [*rng.choices(FILLERS, k=rng.randint(2, 6)), *["great"] * good, *["awful"] * (4 - good)]
        rng.shuffle(words)
        texts.append(" ".join(words))
        grades.append(5 - good if i < wrong else good + 1)
    return Corpus(texts, grades, "some/folder/grades.csv", target="graded")


MAKERS = {"sets": with_sets, "grades": with_grades}


@pytest.fixture(scope="session", params=list(MAKERS))
def other_subject(request):
    """A model of several labels, and one of grades, on texts of which the first few are labelled wrongly."""
    make = MAKERS[request.param]
    settings = Settings(architecture="ngram", epochs=12, random_state=0, threads=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORDLOOM_KERNELS", "plain")
        return Subject(fit(make(80, 0), settings), make(100, 1, wrong=2), f"model{SCRIPT}", make(80, 0))


@pytest.fixture(scope="session")
def other_page(other_subject):
    return render(other_subject)
