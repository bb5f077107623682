"""`wordloom check`: what may be wrong with labelled texts, and a table to fill in with corrections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from wordloom.cli.command import Command, json_option, seed_option, threads_option
from wordloom.cli.printing import count, heading, paragraph, print_json, say, shortened, table
from wordloom.cli.reading import SOURCE_HELP, Reading, reading_options, say_read
from wordloom.cli.writing import check_targets, overwrite_option, text_file, writing_to
from wordloom.target_names import GRADED, SINGLE

if TYPE_CHECKING:
    from wordloom.checks.checking import Checked, Finding
    from wordloom.checks.evidence import Evidence, Word
    from wordloom.corpus import Dataset


@click.command(
    cls=Command,
    about=SOURCE_HELP,
    examples=[
        "wordloom check reviews.csv",
        "wordloom check reviews.csv --csv corrections.csv",
        "wordloom check reviews.csv --most 0 --similarity 0.9 --json",
    ],
)
@click.argument("source")
@click.option(
    "--csv",
    "corrections",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all that was found as a table of corrections to fill in: in its column 'action' write keep, "
    "drop, change (to the label suggested) or change to LABEL (of several labels also add LABEL or remove "
    "LABEL); then see wordloom correct.",
)
@overwrite_option
@click.option(
    "--most",
    type=click.IntRange(min=0),
    metavar="N",
    default=200,
    show_default=True,
    help="Most labels to show that are probably wrong; 0 trains no model and looks at the texts alone.",
)
@click.option(
    "--similarity",
    type=float,
    metavar="NUMBER",
    default=0.8,
    show_default=True,
    help="Share of words and pairs of words that two texts have in common if they are near duplicates.",
)
@click.option(
    "--show",
    type=click.IntRange(min=0),
    metavar="N",
    default=10,
    show_default=True,
    help="Texts to show of each kind; --csv and --json have all of them.",
)
@seed_option("Seed of the models.")
@threads_option
@reading_options
@json_option
def command(source: str, reading: Reading, corrections: Path | None, as_json: bool, **options: Any) -> None:
    """Find what may be wrong with labelled texts, without changing them.

    Shows labels that are probably wrong, as models say that were trained on the other texts; texts that
    stand more than once, as they are or nearly, in training and test or under two labels; labels that
    differ by case or spaces; and texts that are empty, of one word, or in an unexpected script. Where texts
    have several labels, those that are probably missing too; of grades those far from what models predict.
    """
    from wordloom.checks.checking import CheckPlan, check
    from wordloom.checks.corrections import write_corrections
    from wordloom.settings import Settings
    from wordloom.training.progress import Progress

    check_targets(corrections, overwrite=options["overwrite"])
    dataset = reading.dataset(source)
    if not as_json:
        say_read(dataset)
    settings = Settings(architecture="ngram", random_state=options["seed"], threads=options["threads"])
    with ExitStack() as stack:
        callbacks = () if as_json else (stack.enter_context(Progress()),)
        checked = check(dataset, CheckPlan(settings, options["similarity"], options["most"], callbacks))
    if corrections is not None:
        _write(checked, corrections, write_corrections)
    if as_json:
        print_json(_document(checked, dataset, corrections))
        return
    _say(checked, options["show"])
    if corrections is not None:
        _say_next(checked, source, corrections)


def _write(checked: Checked, target: Path, write: Callable[[Checked, TextIO], None]) -> None:
    with writing_to(target), text_file(target) as stream:
        write(checked, stream)


def _say(checked: Checked, show: int) -> None:
    from wordloom.checks.faults import KINDS, SUSPECT

    counts = checked.counts()
    heading(f"{count(len(checked.findings), 'text')} of {len(checked.corpus):,} with something to look at")
    table(["what", "texts"], [[KINDS[kind], f"{number:,}"] for kind, number in counts.items()])
    for note in checked.notes:
        paragraph(note)
    for kind, number in counts.items():
        if not number or not show:
            continue
        say()
        heading(f"{KINDS[kind].capitalize()}{_first_of(number, show)}")
        say_finding = _say_suspect if kind in SUSPECT else _say_other
        for finding in checked.of_kind(kind)[:show]:
            say_finding(checked, finding, kind)


def _first_of(number: int, show: int) -> str:
    return f": {number:,}, the first {show:,} of them" if number > show else f": {number:,}"


def _say_suspect(checked: Checked, finding: Finding, kind: str) -> None:
    found = finding.evidence
    assert found is not None
    given, suggested = (_shown(checked, label) for label in (found.given, found.suggested))
    if checked.corpus.target == SINGLE:
        given, suggested = (
            f"{given} ({found.probability_given:.3f})",
            f"{suggested} ({found.probability_suggested:.3f})",
        )
    wrong = [
        f"{'with' if one.add else 'without'} {one.label} ({one.probability:.3f})" for one in found.changes
    ]
    probably = ", ".join(wrong) or suggested
    say(f"  {found.rank}. {checked.place(finding.row)}: {given}, probably {probably}")
    paragraph(shortened(checked.corpus.texts[finding.row], 160) or "(empty)", indent=5)
    for label, words in zip(_sides(found, given, suggested), reversed(found.words), strict=True):
        if words:
            paragraph(f"for {label}: {', '.join(word.word for word in words)}", indent=5)
    if found.nearest:
        near = "; ".join(checked.place(text.row) for text in found.nearest)
        which = (
            "are nearer to that"
            if checked.corpus.target == GRADED
            else "are so"
            if wrong
            else f"are {found.suggested}"
        )
        paragraph(f"like {near}, which {which}", indent=5)


def _sides(found: Evidence, given: str, suggested: str) -> tuple[str, str]:
    """What words speak for: the suggestion, and the label that is given."""
    if not found.changes:
        return (
            (str(found.suggested), str(found.given))
            if isinstance(found.given, str | int)
            else (suggested, given)
        )
    first = found.changes[0]
    sides = f"{first.label}", f"the text without {first.label}"
    return sides if first.add else (sides[1], sides[0])


def _shown(checked: Checked, label: Any) -> str:
    from wordloom.checks.corrections import spelled

    if isinstance(label, tuple):
        return ", ".join(map(str, label)) or "(no label)"
    return spelled(label, checked.corpus)


def _say_other(checked: Checked, finding: Finding, kind: str) -> None:
    label = _shown(checked, checked.corpus.labels[finding.row])
    about = []
    for fault in finding.faults:
        if fault.kind != kind:
            continue
        if fault.other is not None:
            alike = "" if fault.similarity is None else f" ({100 * fault.similarity:.0f} % alike)"
            about.append(
                f"as {checked.place(fault.other)}, "
                f"{_shown(checked, checked.corpus.labels[fault.other])}{alike}"
            )
        if fault.detail:
            about.append(fault.detail)
    said = f": {'; '.join(about)}" if about else ""
    say(f"  {checked.place(finding.row)}, {label}{said}")
    if text := shortened(checked.corpus.texts[finding.row], 100):
        paragraph(text, indent=5)


def _say_next(checked: Checked, source: str, corrections: Path) -> None:
    say()
    paragraph(
        f"Wrote {corrections}: {count(len(checked.findings), 'row')}. In the column 'action' write keep, "
        f"drop, change or change to LABEL, then: wordloom correct {source} {corrections} --out FILE"
    )


def _document(checked: Checked, dataset: Dataset, corrections: Path | None) -> dict[str, Any]:
    return {
        "source": dataset.name,
        "fingerprint": checked.fingerprint,
        "texts": {"train": checked.n_train, "test": len(checked.corpus) - checked.n_train},
        "seconds": checked.seconds,
        "counts": checked.counts(),
        "notes": [*dataset.notes, *checked.notes],
        "findings": [_finding(checked, finding) for finding in checked.findings],
        **({} if corrections is None else {"corrections": str(corrections)}),
    }


def _finding(checked: Checked, finding: Finding) -> dict[str, Any]:
    from wordloom.checks.corrections import excerpt

    return {
        **_place(checked, finding.row),
        "label": checked.corpus.labels[finding.row],
        "suggested": finding.suggested,
        "faults": [
            {
                "kind": fault.kind,
                "other": None if fault.other is None else _place(checked, fault.other),
                "similarity": fault.similarity,
                "detail": fault.detail or None,
            }
            for fault in finding.faults
        ],
        "evidence": None if finding.evidence is None else _evidence(checked, finding.evidence),
        "text": excerpt(checked.corpus.texts[finding.row]),
    }


def _evidence(checked: Checked, found: Evidence) -> dict[str, Any]:
    return {
        "rank": found.rank,
        "probability_label": found.probability_given,
        "probability_suggested": found.probability_suggested,
        **({"changes": [asdict(change) for change in found.changes]} if found.changes else {}),
        "words_for_label": _words(found.words_given),
        "words_for_suggested": _words(found.words_suggested),
        "nearest": [{**_place(checked, text.row), "similarity": text.similarity} for text in found.nearest],
    }


def _words(words: Sequence[Word]) -> list[dict[str, Any]]:
    return [{"word": word.word, "effect": word.effect} for word in words]


def _place(checked: Checked, row: int) -> dict[str, Any]:
    from wordloom.checks.checking import place_of

    part, number = checked.part_of(row)
    file, line, id_ = place_of(checked.corpus, row)
    return {"part": part, "row": number, "file": file, "line": int(line) if line else None, "id": id_ or None}
