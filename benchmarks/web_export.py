"""An exported n-gram model in Node: how its answers differ from Python's on 10,000 texts, and its size.

Half of the texts are real ones, half are made of what rules of Unicode and HTML disagree on. Sizes are those
of the packed file and of the folder that it comes from, packed in the same way.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from hostile_texts import hostile_texts, whole
from wordloom.exporting.web import MODEL, write_web_folder
from wordloom.fit import fit
from wordloom.readers import read_corpus
from wordloom.settings import Settings
from wordloom.text_model import TextModel

TEXTS = 10_000
COLLECTIONS: dict[str, dict[str, Any]] = {
    "imdb": {},
    "sms": {},
    "sms within 100K": {"max_size": 100_000},
    "zh_waimai": {},
    "goemotions": {},
    "sst5": {},
}
TARGETS = {"goemotions": "multilabel", "sst5": "graded"}
SCRIPT = """
import {readFile} from "node:fs/promises";
const [folder] = process.argv.slice(1);
const {load} = await import("file://" + folder + "/wordloom.js");
const model = await load(await readFile(folder + "/model.bin"));
const texts = JSON.parse(await readFile(folder + "/texts.json"));
const start = performance.now();
const answers = texts.map(text => model.read(text).probabilities);
console.log(JSON.stringify({answers, seconds: (performance.now() - start) / 1000}));
"""
HEAD = [
    "| model | folder | folder, packed | `model.bin` | largest difference | texts a second in Node |",
    "|---|---|---|---|---|---|",
]


def in_node(folder: Path, texts: list[str]) -> tuple[np.ndarray, float]:
    """Probabilities (N, C), and how long they took."""
    (folder / "texts.json").write_text(json.dumps(texts))
    command = ["node", "--input-type=module", "--eval", SCRIPT, str(folder)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return np.array(found["answers"]), found["seconds"]


def measured(name: str, texts_folder: Path, folder: Path) -> dict[str, Any]:
    """The figures of one model."""
    collection = name.split()[0]
    source = "imdb" if collection == "imdb" else texts_folder / f"{collection}.csv"
    corpus = read_corpus(source, target=TARGETS.get(collection, "single")).train
    model = fit(corpus, Settings(architecture="ngram", random_state=1, **COLLECTIONS[name]))
    model.save(folder / "saved")
    write_web_folder(TextModel.load(folder / "saved"), folder / "web")
    real = [whole(text) for text in corpus.texts[: TEXTS // 2]]
    texts = [*real, *hostile_texts(TEXTS - len(real), model.vocabulary.words[:2000], seed=1)]
    found, seconds = in_node(folder / "web", texts)
    ours = model.network.probabilities(model.encode(texts))
    contents = [file.read_bytes() for file in sorted((folder / "saved").iterdir())]
    return {
        "name": name,
        "folder": sum(map(len, contents)),
        "packed": sum(len(gzip.compress(content, 9)) for content in contents),
        "file": (folder / "web" / MODEL).stat().st_size,
        "difference": float(np.abs(found - ours).max()),
        "rate": len(texts) / seconds,
    }


def main() -> None:
    lines, largest = list(HEAD), 0.0
    for name in sys.argv[1:] or COLLECTIONS:
        with tempfile.TemporaryDirectory() as folder:
            row = measured(name, Path(os.environ["WORDLOOM_DATA"]) / "texts", Path(folder))
        largest = max(largest, row["difference"])
        sizes = " | ".join(f"{row[key]:,}" for key in ("folder", "packed", "file"))
        lines.append(f"| {name} | {sizes} | {row['difference']:.1e} | {row['rate']:,.0f} |")
        print(lines[-1], file=sys.stderr, flush=True)
    title = "An n-gram model in Node: 10,000 texts, half of them hostile"
    print(json.dumps({"benchmark": title, "page": "\n".join(lines)}))
    figure = {"value": largest, "unit": "largest difference of a probability", "goal": 1e-6, "at_most": True}
    print(json.dumps({"benchmark": "exported n-gram models in Node beside Python"} | figure))


if __name__ == "__main__":
    main()
