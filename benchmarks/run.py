"""Run every benchmark in a process of its own and record the results in results.json and results.md.

make bench                 (makes its own environment with the peers)
python benchmarks/run.py text_to_ids prediction
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BENCHMARKS = {
    "headline": ["headline.py", "imdb"],
    "sentence_polarity": ["headline.py", "mr"],
    "questions": ["headline.py", "trec"],
    "texts": ["texts.py"],
    "targets": ["targets.py"],
    "poolings": ["poolings.py"],
    "text_to_ids": ["text_to_ids.py"],
    "training_jax": ["training.py", "jax"],
    "training_tensorflow": ["training.py", "tensorflow"],
    "keras_tokenizer": ["keras_tokenizer.py"],
    "sequence_models_jax": ["sequence_models.py", "jax"],
    "sequence_models_tensorflow": ["sequence_models.py", "tensorflow"],
    "sequence_models_torch": ["sequence_models.py", "torch"],
    "prediction": ["prediction.py"],
    "scoring": ["scoring.py"],
    "explanations": ["explanations.py"],
    "explorer": ["explorer.py"],
    "ngram_model": ["ngram_model.py"],
    "ngram_limits": ["ngram_limits.py"],
    "growth": ["growth.py"],
    "model_size": ["model_size.py"],
    "web_export": ["web_export.py"],
    "streaming": ["streaming.py"],
    "counting": ["counting.py"],
    "engines": ["engines.py"],
    "processes": ["processes.py"],
    "kernel_choice": ["kernel_choice.py"],
    "robustness": ["robustness.py"],
    "kills": ["shard_kills.py"],
    "fasttext_models": ["fasttext_models.py"],
    "fasttext_quantize": ["fasttext_quantize.py"],
    "vector_files": ["vector_files.py"],
    "few_labels": ["few_labels.py"],
    "label_errors": ["label_errors.py"],
    "few_labels_of_texts": ["few_labels_of_texts.py"],
    "learning_words": ["learning.py", "words"],
    "learning_subwords": ["learning_subwords.py"],
    "learning_documents": ["learning.py", "documents"],
    "server": ["server.py"],
}
VERSIONS = (
    "numpy",
    "numba",
    "scikit-learn",
    "fasttext",
    "fasttext-new",
    "keras",
    "jax",
    "tensorflow-cpu",
    "torch",
    "gensim",
    "cleanlab",
    "pyspark",
    "dask-ml",
    "ray",
)


def machine() -> str:
    """Processor, cores and versions, in one line."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
        processor = names[0].split(":")[1].strip() if names else processor
    versions = []
    for name in VERSIONS:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"no {name}")
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(versions)}"


def run(name: str) -> list[dict[str, Any]]:
    """The rows that a benchmark prints."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    command = [sys.executable, *BENCHMARKS[name]]
    finished = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True)
    if finished.returncode:
        sys.exit(f"{name} failed with exit code {finished.returncode}")
    return [json.loads(line) for line in finished.stdout.splitlines() if line.startswith("{")]


def reached(row: dict[str, Any]) -> bool:
    """Whether the row's goal is met."""
    if "ratio" in row:
        return bool(row["ratio"]["median"] >= row["goal"])
    return bool(row["value"] <= row["goal"] if row["at_most"] else row["value"] >= row["goal"])


def line(row: dict[str, Any]) -> str:
    """One row of the table in results.md."""
    mark = ("yes" if reached(row) else "**no**") if row["goal"] else "-"
    if "ratio" not in row:
        goal = f"{'at most' if row['at_most'] else 'at least'} {row['goal']:,g}" if row["goal"] else "-"
        digits = 0 if row["value"] >= 100 else 2
        return f"| {row['benchmark']} | {row['value']:,.{digits}f} {row['unit']} | - | {goal} | {mark} |"
    seconds = "; ".join(
        f"{side} {found['median']:.3f} s ({found['min']:.3f} to {found['max']:.3f})"
        for side, found in row["seconds"].items()
    )
    if "accuracy" in row:
        seconds += "; accuracy " + ", ".join(f"{side} {a:.2%}" for side, a in row["accuracy"].items())
    ratio = row["ratio"]
    times = f"{ratio['median']:.1f} ({ratio['min']:.1f} to {ratio['max']:.1f})"
    goal = f"at least {row['goal']}" if row["goal"] else "-"
    return f"| {row['benchmark']} | {seconds} | {times} | {goal} | {mark} |"


def main() -> None:
    wanted = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in wanted if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    file = HERE / "results.json"
    results = json.loads(file.read_text()) if file.exists() and sys.argv[1:] else {}
    for name in wanted:
        results[name] = {"machine": machine(), "rows": run(name)}
        file.write_text(json.dumps(results, indent=1) + "\n")
    table = page(results)
    (HERE / "results.md").write_text(table)
    print(table)


def page(results: dict[str, Any]) -> str:
    """results.md: a table of all that is recorded."""
    lines = [
        "# Recorded benchmarks",
        "",
        "Written by `make bench`. Peers take turns with wordloom, in one process (files of vectors: in a new",
        "one for every turn of each); seconds are medians with their range, the ratio says how many times",
        "faster wordloom was, round by round.",
        "",
        "| benchmark | measured | times faster | goal | reached |",
        "|---|---|---|---|---|",
    ]
    rows = [row for name in BENCHMARKS if name in results for row in results[name]["rows"]]
    lines += [line(row) for row in rows if "page" not in row]
    for row in rows:
        if "page" in row:
            lines += ["", f"## {row['benchmark']}", "", row["page"].rstrip()]
    lines += ["", f"Machine: {next(iter(results.values()))['machine']}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
