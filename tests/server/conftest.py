"""Small models and clients of a server that answers for them, in this process."""

from __future__ import annotations

import random

import pytest

from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.server import Limits, application
from wordloom.settings import Settings
from wordloom.target_names import AUTO, GRADED

testclient = pytest.importorskip(
    "starlette.testclient", reason="needs the extra: pip install 'wordloom[serve]'"
)

WORDS = {"neg": ["awful", "dull", "poor"], "pos": ["great", "superb", "lovely"], "mixed": ["fair", "plain"]}
FILLERS = ["the", "film", "was", "a", "plot", "with", "actors"]


def reviews(n=90, seed=0):
    """(texts, labels): one word of each text decides."""
    rng, labels = random.Random(seed), list(WORDS)
    chosen = [labels[i % 3] for i in range(n)]
    return [" ".join([*rng.sample(FILLERS, 4), rng.choice(WORDS[label])]) for label in chosen], chosen


@pytest.fixture(autouse=True)
def plain_kernels(monkeypatch):
    """Nothing is compiled."""
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")


def fitted(relabelled=str, target=AUTO, **settings):
    """A model of the reviews."""
    texts, labels = reviews()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORDLOOM_KERNELS", "plain")
        corpus = Corpus(texts, list(map(relabelled, labels)), name="tiny", target=target)
        return fit(corpus, Settings(random_state=0, threads=1, **settings))


@pytest.fixture(scope="session")
def model():
    """An n-gram model of three labels."""
    return fitted(architecture="ngram")


@pytest.fixture(scope="session")
def vector_model():
    """A model with word vectors."""
    return fitted(architecture="mean", dimensions=4, epochs=3)


@pytest.fixture(scope="session")
def multilabel_model():
    """A model of several labels for each text."""
    sets = {"neg": ("bad", "sad"), "pos": ("good",), "mixed": ("good", "bad")}
    return fitted(sets.__getitem__, architecture="ngram")


@pytest.fixture(scope="session")
def grading_model():
    """A model of grades."""
    return fitted({"neg": 1.0, "pos": 9.0, "mixed": 5.5}.__getitem__, GRADED, architecture="ngram")


@pytest.fixture
def served():
    """`served(model, ...)`: a client of a server of the model, called `tiny`."""
    clients = []

    def started(model, limits=None, token=None):
        app = application(model, "tiny", limits or Limits(), token)
        clients.append(testclient.TestClient(app, raise_server_exceptions=False))
        return clients[-1].__enter__()

    yield started
    for client in clients:
        client.__exit__()


@pytest.fixture
def client(served, model):
    """A client of a server of the n-gram model."""
    return served(model)


@pytest.fixture
def refused(client):
    """`refused(status, body)`: the message of the error with which `/predict` answers a body."""

    def message(status, body, path="/predict", asked=None, **options):
        options |= {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = (asked or client).post(path, **options)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json"
        error = answer.json()["error"]
        assert error["status"] == status
        return error["message"]

    return message
