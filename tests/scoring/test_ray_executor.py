"""Jobs on a real local cluster of Ray with two processes, one of which is killed."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import ModuleType

import pytest

from shards import contents, rows_of, written
from wordloom.errors import DataError, MissingExtraError, UsageError
from wordloom.executors import OnRay, ray_cluster
from wordloom.scoring import ScoreSettings, score

ray = pytest.importorskip("ray", reason="needs the extra: pip install 'wordloom[ray]'")
pytestmark = pytest.mark.cluster


def kills_itself(marks):
    """Has processes killed when they meet a text "deadly", and the first time that they meet "once"."""

    def prepare():
        from wordloom.scoring import job

        plain = job._plain_scores

        def scores(model, texts):
            if "deadly" in texts or ("once" in texts and not Path(marks, "died").exists()):
                Path(marks, "died").touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return plain(model, texts)

        job._plain_scores = scores

    return prepare


@pytest.fixture(scope="module")
def marks(tmp_path_factory):
    """A folder for a file that says that a process has been killed; Ray runs as long as it is there."""
    folder = tmp_path_factory.mktemp("marks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORDLOOM_KERNELS", "plain")
        environment = {"worker_process_setup_hook": kills_itself(str(folder))}
        ray.init(
            "local",
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            runtime_env=environment,
        )
        yield folder
        ray.shutdown()


def test_ray_gives_the_same_bytes_also_when_a_worker_is_killed(scorer, corpus, tmp_path, marks):
    written(corpus / "d.jsonl", [{"id": 0, "text": "once", "lang": "en"}, *rows_of(5, 7)])
    settings = ScoreSettings(keep="good:top:30%", per="lang")
    score(scorer, corpus, tmp_path / "here", settings)
    found = score(scorer, corpus, tmp_path / "ray", settings, OnRay())
    assert (marks / "died").exists()
    assert found.failed == []
    assert contents(tmp_path / "ray") == contents(tmp_path / "here")
    assert score(scorer, corpus, tmp_path / "ray", settings, OnRay()).skipped == 4


@pytest.mark.exhaustive  # that it ends here too is tested with processes of this machine
def test_a_shard_that_ends_every_worker_is_reported(scorer, corpus, tmp_path, marks):
    shard = written(corpus / "d.jsonl", [{"id": 0, "text": "deadly"}])
    found = score(scorer, corpus, tmp_path / "out", executor=OnRay())
    ((address, reason),) = found.failed
    assert address == str(shard)
    assert "3 workers ended over it" in reason
    assert len(found.outputs) == 3


def test_a_cluster_of_another_version_is_refused(marks, monkeypatch):
    monkeypatch.setattr(ray_cluster, "__version__", "0.0.1")
    with pytest.raises(UsageError, match="Results would not be the same"):
        OnRay()


def test_a_cluster_that_does_not_answer_is_an_error(monkeypatch):
    def refused(*_, **__):
        raise ConnectionError("Could not connect to ray://nowhere:1")

    monkeypatch.setitem(sys.modules, "grpc", ModuleType("grpc"))
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", refused)
    with pytest.raises(DataError, match="no cluster of Ray answers: Could not connect"):
        OnRay("ray://nowhere:1")


def test_without_ray_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"wordloom\[ray\]"):
        OnRay()


def test_without_the_client_of_ray_only_a_cluster_at_an_address_is_out_of_reach(monkeypatch):
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setitem(sys.modules, "grpc", None)
    with pytest.raises(MissingExtraError, match=r"'grpcio'.*wordloom\[ray\]"):
        OnRay("ray://host:10001")
