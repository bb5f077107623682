"""The explorer of models of several labels and of grades: texts, suspects, corrections, and the page."""

from __future__ import annotations

import threading
import time

import pytest
from starlette.testclient import TestClient

from wordloom.checks.checking import CheckPlan
from wordloom.checks.corrections import corrected, read_corrections
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import UsageError
from wordloom.explorer import application
from wordloom.explorer.explored import Explorable, Explored
from wordloom.fit import fit
from wordloom.settings import Settings

SETTINGS = Settings(architecture="ngram", epochs=8, random_state=0, threads=1)
TEXTS = [
    f"{words} thing{n}" for n in range(30) for words in ("soup bread", "price bill", "soup price bread bill")
]
SETS = [("food",), ("money",), ("food", "money")] * 30
GRADES = [1.0, 5.0, 3.0] * 30


def made(target):
    labels = list(SETS if target == "multilabel" else GRADES)
    right = Corpus(TEXTS, labels, "reviews", target=target)
    labels[3] = ("food", "money") if target == "multilabel" else 5.0  # soup bread
    return fit(right, SETTINGS), Dataset(Corpus(TEXTS, labels, "reviews", target=target), name="reviews")


@pytest.fixture(params=["multilabel", "graded"])
def explored(request, tmp_path, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")
    model, source = made(request.param)
    return Explored(model, "model", Explorable((), source, tmp_path / "corrections.csv", CheckPlan(SETTINGS)))


def awaited(ask):
    for _ in range(600):
        answer = ask()
        if not answer.get("working"):
            return answer
        time.sleep(0.02)
    raise AssertionError("still working")


def test_texts_are_listed_by_error_and_label_and_open_with_their_words(explored):
    with TestClient(application(explored), base_url="http://127.0.0.1") as client:
        wrong = awaited(
            lambda: client.post("/explore/texts", json={"show": "errors", "sort": "surest error"}).json()
        )
        assert [one["row"] for one in wrong["texts"]] == [3]
        (line,) = wrong["texts"]
        graded = explored.model.target == "graded"
        assert line["given"] == ("5" if graded else "food, money")
        assert line["predicted"] == ("food" if not graded else line["predicted"])
        assert (line["sure"] is None) == graded
        row = client.get("/explore/row", params={"row": "3"}).json()
        assert row["given"] == line["given"]
        assert row["marks"]
        if not graded:
            money = client.post("/explore/texts", json={"show": "all", "label": 1}).json()
            assert money["total"] == 61
            assert client.post("/explore/texts", json={"show": "all", "predicted": 1}).json()["total"] == 60


def test_suspects_are_decided_on_and_saved_so_that_correct_takes_them(explored, tmp_path):
    with TestClient(application(explored), base_url="http://127.0.0.1") as client:
        found = awaited(lambda: client.get("/explore/suspects", params={"start": "0"}).json())
        first = found["suspects"][0]
        assert first["row"] == 3
        several = explored.model.target == "multilabel"
        assert found["labels"] == (["food", "money"] if several else ["1", "3", "5"])
        assert first["suggested"] == ("food" if several else "1")
        for action in ("add nonsense", "change to 7", "remove"):
            answer = client.post("/explore/corrections", json={"actions": {"3": action}})
            assert answer.status_code == 400
        for action in ("change", "remove money" if several else "change to 1"):
            assert client.post("/explore/corrections", json={"actions": {"3": action}}).status_code == 200
            source = explored.more.source
            after = corrected(source, read_corrections(tmp_path / "corrections.csv", source))
            assert after.train.labels[3] == (("food",) if several else 1.0)


def test_a_source_of_another_kind_than_the_model_is_refused(explored):
    plain = Dataset(Corpus(["soup", "bill"], ["food", "money"], "plain"), name="plain")
    with pytest.raises(UsageError, match="these have one label each"):
        Explored(explored.model, "model", Explorable((), plain))


def test_the_page_shows_texts_and_suspects(explored, browser_page):
    import uvicorn

    from wordloom.server.listening import address_of, configuration, listener

    with listener("127.0.0.1", 0) as listening:
        server = uvicorn.Server(configuration(application(explored), explored.limits))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        opened = browser_page(address_of(listening))
        opened.locator("#typed").fill("soup price")
        opened.locator("#explained mark").first.wait_for()
        opened.get_by_role("tab", name="Texts").click()
        opened.locator("#text-list li button").first.click()
        opened.locator("#text-list .detail mark").first.wait_for()
        assert opened.locator("#filters [name=label]").is_visible() == (explored.model.target == "multilabel")
        opened.get_by_role("tab", name="Suspects").click()
        opened.locator("#check").click()
        entry = opened.locator("#suspect-list > li").first
        entry.get_by_role("button", name="change to").click()
        opened.locator("#save-corrections").click()
        opened.get_by_text("Saved 1 decisions").wait_for()
        server.should_exit = True
        thread.join()
