"""A small model with hostile labels and texts, and the explorer of both in a server of this process."""

from __future__ import annotations

import random
import threading
import time

import pytest

from wordloom.checks.checking import CheckPlan
from wordloom.corpus import Corpus, Dataset
from wordloom.fit import fit
from wordloom.settings import Settings

for package in ("starlette", "uvicorn", "bokeh"):
    pytest.importorskip(package, reason="needs the extra: pip install 'wordloom[explorer]'")

SCRIPT = "<script>alert(1)</script>"
LABELS = (SCRIPT, "fine & <b>well</b>")
WORDS = (["awful", "dull", "poor"], ["great", "superb", "lovely"])
FILLERS = [
    "the",
    "film",
    "was",
    "a",
    "plot",
    "</script>",
    "<img src=x onerror=alert(1)>",
    "\u202edesrever\u202c",
]


def texts(n, seed, wrong=0):
    """Texts whose words say their label, but for the first `wrong` ones."""
    rng, found, labels = random.Random(seed), [], []
    for i in range(n):
        found.append(" ".join([*rng.choices(FILLERS, k=rng.randint(3, 7)), *rng.sample(WORDS[i % 2], 2)]))
        labels.append(LABELS[(i + (i < wrong)) % 2])
    return Corpus(found, labels, "folder/reviews.csv")


@pytest.fixture(scope="session")
def model():
    settings = Settings(
        architecture="mean",
        dimensions=4,
        epochs=40,
        batch_size=8,
        learning_rate=0.03,
        random_state=0,
        threads=1,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORDLOOM_KERNELS", "plain")
        return fit(texts(120, 0), settings)


@pytest.fixture(scope="session")
def source():
    return Dataset(texts(120, 1, wrong=4), name="folder/reviews.csv")


@pytest.fixture(scope="session")
def plan():
    return CheckPlan(Settings(architecture="ngram", random_state=0, threads=1))


@pytest.fixture
def explored(model, source, plan, tmp_path, monkeypatch):
    """All that the explorer takes, as it stands before it serves."""
    from wordloom.explorer.explored import Explorable, Explored

    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")
    return Explored(model, "model", Explorable((), source, tmp_path / "corrections.csv", plan))


@pytest.fixture(scope="module")
def explorer(model, source, plan, tmp_path_factory):
    """The address of a running explorer, and the file that decisions are saved to."""
    import uvicorn

    from wordloom.explorer import application
    from wordloom.explorer.explored import Explorable, Explored
    from wordloom.server.listening import address_of, configuration, listener

    file = tmp_path_factory.mktemp("explorer") / "corrections.csv"
    other = model.vectors()
    turned = type(other)(other.words, other.vectors[:, ::-1] * [1, -1, 1, -1], special=other.special)
    with pytest.MonkeyPatch.context() as patch, listener("127.0.0.1", 0) as listening:
        patch.setenv("WORDLOOM_KERNELS", "plain")
        made = Explored(
            model, f"model {SCRIPT}".replace("/", ""), Explorable([("other <b>", turned)], source, file, plan)
        )
        server = uvicorn.Server(configuration(application(made), made.limits))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield address_of(listening), file
        server.should_exit = True
        thread.join()
