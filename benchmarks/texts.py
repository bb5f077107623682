"""The default on texts of every kind beside what people use for them: accuracy, probabilities, seconds.

python texts.py                                  (all sets; a set and contender measured already is kept)
python texts.py --sets tw_emotion,trec --fresh   (these anew)
python texts.py --contenders default             (one contender; the others as they are kept)
python texts.py --contenders fasttext-autotune   (an optional one, which is measured if it is named)

The data is looked for where WORDLOOM_DATA says. What was measured is kept in texts.json as long as the code
that was measured, and what measures it, stay the same; the tables are written to texts.md.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from run import machine
from side_by_side import report_figure
from texts_report import page, reached
from texts_run import OPTIONAL, SETS, contender

HERE = Path(__file__).parent
FILE, PAGE = HERE / "texts.json", HERE / "texts.md"
PACKAGE = HERE.parent / "src" / "wordloom"
OURS = "default"
CONTENDERS = (OURS, "tuned-lr", "tfidf-svm", "characters-svm", "nb-svm", "complement-nb", "fasttext-bigrams")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def code_of(name: str) -> str:
    """A name for the code whose results these are: all of ours, or what trains a peer."""
    own = (
        sorted(PACKAGE.rglob("*.py")) if name == OURS else sorted(PACKAGE.glob("comparison/contenders/*.py"))
    )
    data = b"".join(file.read_bytes() for file in [*own, HERE / "texts_run.py"])
    versions = [importlib.metadata.version(package) for package in ("scikit-learn", "numpy")]
    return hashlib.sha256(data + repr(versions).encode()).hexdigest()[:16]


def measured(name: str, who: str, threads: int) -> dict[str, Any]:
    """The runs of a contender on a set, or why there are none."""
    print(f"{name}: {who} ...", file=sys.stderr, flush=True)
    environment = {**os.environ, **dict.fromkeys(_THREADS, str(threads))}
    command = [sys.executable, str(HERE / "texts_run.py"), name, who, str(threads)]
    done = subprocess.run(command, env=environment, cwd=HERE, capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    found = {"code": code_of(who), "machine": machine(), "threads": threads}
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return {**found, "failed": reason[:300]}
    first = [row["first"] for row in rows if "first" in row]
    return {**found, "first": first[0] if first else None, "runs": [row for row in rows if "seed" in row]}


def current(kept: dict[str, Any]) -> dict[str, Any]:
    """What was measured with the code as it is now."""
    return {
        who: kept[who]
        for who in (*CONTENDERS, *OPTIONAL)
        if who in kept and kept[who]["code"] == code_of(who)
    }


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default=",".join(SETS), help="with commas between them")
    parser.add_argument("--contenders", default=",".join(CONTENDERS))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--fresh", action="store_true", help="measure anew what is kept as well")
    found = parser.parse_args(arguments)
    for chosen, known in ((found.sets, SETS), (found.contenders, (*CONTENDERS, *OPTIONAL))):
        unknown = [name for name in chosen.split(",") if name not in known]
        if unknown:
            parser.error(f"no {unknown[0]!r}; there are {', '.join(known)}")
    return found


def main(arguments: Sequence[str]) -> None:
    wanted = options(arguments)
    results = json.loads(FILE.read_text()) if FILE.exists() else {}
    for name in wanted.sets.split(","):
        kept = results.setdefault(name, {})
        for who in wanted.contenders.split(","):
            if contender(who).missing:
                continue
            same = who in current(kept) and "failed" not in kept[who]
            if wanted.fresh or not same or kept[who]["threads"] != wanted.threads:
                kept[who] = measured(name, who, wanted.threads)
                FILE.write_text(json.dumps(results, indent=1) + "\n")
    ordered = {name: current(results[name]) for name in SETS if OURS in current(results.get(name, {}))}
    text = page(ordered, OURS)
    PAGE.write_text("# Texts of every kind\n\n" + text)
    print(json.dumps({"benchmark": "Texts of every kind", "page": text}), flush=True)
    for what, count in reached(ordered, OURS).items():
        report_figure(f"texts: sets with {what}", count, "sets", len(ordered), False)


if __name__ == "__main__":
    main(sys.argv[1:])
