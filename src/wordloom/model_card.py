"""The model card: a README.md beside a model's files, for people who get the folder without its story.

It says what the record knows, as Markdown with the front matter of Hugging Face's model cards
(https://huggingface.co/docs/hub/model-cards). Nothing reads it back. Labels and names come from files and
may hold anything, so all that Markdown or HTML could obey in them is escaped. No training text is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from wordloom import __version__
from wordloom.controls import visible
from wordloom.models.network import Network
from wordloom.settings import Settings, to_config
from wordloom.storage import CARD_MARK
from wordloom.targets import GRADED, MULTILABEL
from wordloom.text.vocabulary import Vocabulary

_MOST_LABELS, _LONGEST_NAME = 100, 80
_SPECIAL = re.compile(r"(^[-+=]|[\\`*_\[\]<>(){}#!|~&$:@])")
_MEASURES = {
    "accuracy": ("accuracy", "accuracy"),
    "macro_f1": ("macro F1", "f1"),
    "micro_f1": ("micro F1", "f1"),
    "subset_accuracy": ("texts with exactly the right labels", "accuracy"),
    "log_loss": ("log loss", ""),
    "spearman": ("Spearman's rank correlation", "spearmanr"),
    "pearson": ("Pearson's correlation", "pearsonr"),
    "mae": ("mean absolute error", "mae"),
    "rmse": ("root mean squared error", ""),
}
"""Name in the record -> how it is shown, and Hugging Face's name of it."""


class Described(Protocol):
    """What a card is written of; a `TextModel` is one."""

    @property
    def labels(self) -> tuple[Any, ...]: ...
    @property
    def target(self) -> str: ...
    @property
    def vocabulary(self) -> Vocabulary: ...
    @property
    def network(self) -> Network: ...
    @property
    def record(self) -> Mapping[str, Any]: ...


def model_card(model: Described) -> str:
    """The text of the card."""
    record = model.record
    test = (_section(record, "scores").get("test")) or {}
    lines = [
        *_front_matter(test),
        CARD_MARK,
        "",
        "# A text classifier",
        "",
        f"{_task(model)} It is a model of wordloom ({plain(model.network.described)}), and knows "
        f"{len(model.vocabulary.words):,} words.",
        *_data(_section(record, "data"), model),
        *_scores(test),
        *_use(),
        *_limits(model),
        *_settings(_section(record, "settings")),
        *_origin(record),
    ]
    return "\n".join(lines) + "\n"


def plain(value: Any) -> str:
    """A value in a line of Markdown, with every sign that means something there escaped."""
    text = visible(str(value)).replace("\n", " ").replace("\t", " ")
    text = text if len(text) <= _LONGEST_NAME else text[:_LONGEST_NAME] + "…"
    return _SPECIAL.sub(r"\\\1", text.encode("utf-8", "backslashreplace").decode())


def _section(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = record.get(name)
    return found if isinstance(found, Mapping) else {}


def _front_matter(test: Mapping[str, Any]) -> list[str]:
    metrics = sorted({name for key, (_, name) in _MEASURES.items() if name and _number(test.get(key))})
    return [
        *("---", "library_name: wordloom", "pipeline_tag: text-classification"),
        *("tags:", "- text-classification"),
        *(["metrics:", *(f"- {name}" for name in metrics)] if metrics else []),
        "---",
    ]


def _task(model: Described) -> str:
    if model.target == GRADED:
        return f"It gives a text a grade from {plain(model.labels[0])} to {plain(model.labels[-1])}."
    if model.target == MULTILABEL:
        return f"It gives a text any of {len(model.labels):,} labels, with a probability for each."
    return f"It gives a text one of {len(model.labels):,} labels, with a probability for each."


def _data(data: Mapping[str, Any], model: Described) -> Iterator[str]:
    yield from ("", "## Data it learned from", "")
    if data.get("name"):
        yield f"- source: {plain(_file_name(data['name']))}"
    for name in ("texts", "trained_on", "validated_on"):
        if _number(data.get(name)):
            yield f"- {name.replace('_', ' ')}: {data[name]:,}"
    for name in ("fingerprint", "mean_grade", "grade_deviation"):
        if name in data:
            yield f"- {name.replace('_', ' ')}: {plain(data[name])}"
    counts = data.get("classes")
    if not isinstance(counts, Mapping) or not all(map(_number, counts.values())):
        counts = dict.fromkeys(model.labels)
    total = data.get("texts") if _number(data.get("texts")) else sum(count or 0 for count in counts.values())
    rows = [
        (
            plain(label),
            "" if count is None else f"{count:,}",
            f"{count / total:.1%}" if count and total else "",
        )
        for label, count in list(counts.items())[:_MOST_LABELS]
    ]
    yield from _table(("label", "texts", "share"), rows)
    if len(counts) > _MOST_LABELS:
        yield from ("", f"and {len(counts) - _MOST_LABELS:,} labels more.")


def _scores(test: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "## Scores", "")
    if not test:
        yield "None were measured when the model was saved: `wordloom evaluate FOLDER TABLE` scores it."
        return
    name = plain(_file_name(test.get("name", "")))
    yield f"On {test.get('n', 0):,} texts that it did not learn from ({name})."
    rows = []
    for key, (shown, _) in _MEASURES.items():
        if _number(test.get(key)):
            interval = test.get(f"{key}_interval") or ()
            between = " to ".join(f"{end:.3f}" for end in interval if _number(end))
            rows.append((shown, f"{test[key]:.3f}", between))
    yield from _table(("measure", "value", "95 % interval"), rows)


def _use() -> list[str]:
    return [
        *("", "## How to use it", "", "```sh", f"pip install wordloom=={__version__}"),
        *('wordloom predict FOLDER "a text of yours"', "```", "", "```python", "import wordloom", ""),
        *('model = wordloom.TextModel.load("FOLDER")', 'print(model.predict(["a text of yours"]))', "```"),
        *("", "Loading runs no code from the folder."),
    ]


def _limits(model: Described) -> list[str]:
    return [
        *("", "## Limits", ""),
        "- Scores hold for texts like those that it was tested on; other sources may differ.",
        "- It goes by the words of a text, some models by characters too; what is new says nothing to it.",
        *(
            []
            if model.target == GRADED
            else ["- Of labels with few texts less is known than the scores of all texts together say."]
        ),
        "- `vocabulary.txt` lists words of the training texts; share it only if they may be known.",
    ]


_OF_THE_RUN = ("threads", "verbose")
"""Settings that nothing of a model depends on."""


def _settings(settings: Mapping[str, Any]) -> Iterator[str]:
    """Those that are not the defaults."""
    usual = to_config(Settings())
    usual |= {name: settings.get(name) for name in _OF_THE_RUN}
    changed = {name: value for name, value in settings.items() if name not in usual or usual[name] != value}
    if changed:
        yield from ("", "## Settings", "", "All others have their default values.")
        rows = [
            (plain(name), plain(_file_name(value) if isinstance(value, str) else json.dumps(value)))
            for name, value in changed.items()
        ]
        yield from _table(("setting", "value"), rows)


def _origin(record: Mapping[str, Any]) -> Iterator[str]:
    named = [
        f"{name} {plain(record[name])}" for name in ("wordloom", "python", "numpy", "seed") if name in record
    ]
    if named:
        yield from ("", f"Made with {', '.join(named)}.")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield ""
        for row in (head, ["---"] * len(head), *rows):
            yield f"| {' | '.join(row)} |"


def _file_name(name: Any) -> str:
    """A path without its folders, which are nobody's business elsewhere."""
    return re.split(r"[/\\]", str(name).rstrip("/\\"))[-1]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
