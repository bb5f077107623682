"""The rules of the house that a program can check: what may use what, names, and sizes."""

from __future__ import annotations

import ast
import functools
import graphlib
import importlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

import wordloom
from slow_files import APART, LONGEST_FIRST, OF_A_MARK
from source_trees import SOURCE, source_trees
from wordloom.architectures import ARCHITECTURES
from wordloom.cli.commands.fasttext import command as fasttext
from wordloom.cli.commands.vectors import command as vectors
from wordloom.cli.program import program
from wordloom.formats import TEXT_FORMATS, VECTOR_FORMATS
from wordloom.models import kinds

# Down the data's way: a package or module of the core may use those before it.
CORE = (
    *(
        "errors",
        "plain_values",
        "memory",
        "addresses",
        "compression",
        "controls",
        "csv_writer",
        "atomic",
        "tensor_file",
        "cache_folder",
        "worker_process",
        "loop",
        "setting",
        "labels",
        "plain_texts",
        "target_names",
        "targets",
        "architectures",
        "formats",
        "settings",
        "kernels",
        "executors",
        "streamed_texts",
        "draws",
        "origin",
        "corpus",
        "repeats",
        "readers",
        "datasets",
        "text",
        "vectors",
        "models",
    ),
    *(
        "training",
        "evaluation",
        "storage",
        "model_card",
        "model_config",
        "prediction",
        "explain",
        "fasttext_import",
        "fasttext_quantizing",
        "fasttext_vectors",
        "text_model",
        "fasttext_lines",
        "keras_import",
        "influential_words",
        "fit",
        "estimator_callbacks",
        "estimator",
        "classifier",
        "regressor",
        "checks",
    ),
)
# On top of the core, which uses none of them: each, and the others that it may use.
APPLICATIONS: dict[str, set[str]] = {
    "label_curve": set(),
    "comparison": set(),
    "tuning": {"comparison"},
    "keras_compat": set(),
    "plots": set(),
    "report": {"plots"},
    "recipes": {"label_curve", "comparison", "plots"},
    "scoring": set(),
    "server": set(),
    "warming": set(),
    "exporting": set(),
    "explorer": {"report", "server"},
    "cli": {
        "label_curve",
        "comparison",
        "tuning",
        "plots",
        "report",
        "recipes",
        "server",
        "exporting",
        "scoring",
        "warming",
        "explorer",
    },
}
# `read_corpus("imdb")` reads a data set by its name, and data sets are read with the readers of their files;
# the readers ask for them only when a source is such a name.
EXCEPTIONS = {("readers", "datasets")}
# Old names of modules: they hold an error that names the new one, and nothing else.
RENAMED = {"telling_words": "influential_words"}
# Starts the command line for `python -m wordloom`.
ENTRY_POINTS = {"__main__": "cli"}

# Classes of one name: Keras' own, and an interface beside the class of its jobs that users have.
NAMED_TWICE = {"Tokenizer", "Job"}

ROOT = Path(__file__).parent.parent

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


class Import(NamedTuple):
    """One import: which package, which one it uses, and where that is written."""

    user: str
    used: str
    place: str


def modules() -> dict[str, Path]:
    """Module name -> file; without the package's own `__init__`, which is a lazy table of names."""
    found = {}
    for path in source_trees():
        parts = path.relative_to(SOURCE).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if parts and ".".join(parts) not in RENAMED:
            found[".".join(parts)] = path
    return found


def package_of(module: str) -> str:
    """The package or module that stands directly in `wordloom`."""
    package = module.split(".")[0]
    return ENTRY_POINTS.get(package, package)


class ImportedName(NamedTuple):
    """What is imported, the line, and whether only type checkers do it."""

    name: str
    line: int
    for_types: bool


def nodes_of(tree: ast.AST, for_types: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """All nodes, each with whether only type checkers read it."""
    yield tree, for_types
    guards = isinstance(tree, ast.If) and "TYPE_CHECKING" in ast.unparse(tree.test)
    for child in ast.iter_child_nodes(tree):
        yield from nodes_of(child, for_types or guards)


def imported_names(tree: ast.AST, package: tuple[str, ...]) -> Iterator[ImportedName]:
    """Everything imported anywhere in a module, inside functions and for type checkers too.

    `package` is what a relative import starts from.
    """
    for node, for_types in nodes_of(tree):
        if isinstance(node, ast.Import):
            yield from (ImportedName(alias.name, node.lineno, for_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join([*above, *([node.module] if node.module else [])])
            names = (f"{start}.{alias.name}" for alias in node.names)
            yield from (ImportedName(name, node.lineno, for_types) for name in names)
        elif isinstance(node, ast.Call) and called(node) == "import_module":
            yield ImportedName(named_at_run_time(node.args[0], tree), node.lineno, for_types)


def called(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    return getattr(node.func, "attr", None) or getattr(node.func, "id", "")


def named_at_run_time(argument: ast.expr, tree: ast.AST) -> str:
    """The known beginning of what `import_module` is called with: a string, an f-string or a constant."""
    if isinstance(argument, ast.JoinedStr):
        argument = argument.values[0]
    if isinstance(argument, ast.FormattedValue):
        argument = argument.value
    named = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if isinstance(argument, ast.Name):
        argument = named.get(argument.id, argument)
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    return "" if ast.unparse(argument) == "__name__" else f"wordloom.<{ast.unparse(argument)}>"


@functools.cache
def imports_of(module: str, path: Path) -> tuple[ImportedName, ...]:
    """What a module imports."""
    package = ("wordloom", *module.split("."))
    return tuple(
        imported_names(source_trees()[path], package if path.name == "__init__.py" else package[:-1])
    )


@functools.cache
def imports() -> list[Import]:
    """Every import of one package by another."""
    found = []
    for module, path in modules().items():
        for name, line, _ in imports_of(module, path):
            if not name.startswith("wordloom."):
                continue
            target = name.removeprefix("wordloom.")
            if target.startswith("__"):  # wordloom.__version__
                continue
            target = wordloom._HOMES.get(target, name).removeprefix("wordloom.")
            found.append(Import(package_of(module), package_of(target), f"{path.relative_to(SOURCE)}:{line}"))
    return [entry for entry in found if entry.user != entry.used]


# What imports modules by names that stand in a table, and the table's modules; a table of commands is used by
# who fills it. Of others that compute a name every module is meant that the name may be.
TABLES: dict[str, set[str]] = {
    "readers.picking": {f"readers.{row.code.partition(':')[0]}" for row in TEXT_FORMATS.values()},
    "vectors.formats.detection": {
        f"vectors.formats.{row.code.partition(':')[0]}" for row in VECTOR_FORMATS.values()
    },
    "cli.command": set(),
    "cli.program": {f"cli.commands.{program.place_of(name)[0]}" for name in program.table},
    "cli.commands.fasttext": {f"cli.commands.{fasttext.place_of(name)[0]}" for name in fasttext.table},
    "cli.commands.vectors": {f"cli.commands.{vectors.place_of(name)[0]}" for name in vectors.table},
    "models.kinds": {f"models.{module}" for module, _ in kinds._KINDS.values()},
    "fit": {f"fit.{row.module}" for row in ARCHITECTURES.values()},
}


def used_modules(module: str, path: Path, known: Mapping[str, Path]) -> set[str]:
    """The modules that one imports when it is loaded, when its functions run, or for its types.

    For its types a module may import its own package, whose classes call the package's modules.
    """
    found: set[str] = set(TABLES.get(module, ()))
    package = f"wordloom.{module.rpartition('.')[0]}"
    named = imports_of(module, path)
    for name in (one.name for one in named if not (one.for_types and one.name.rpartition(".")[0] == package)):
        name = name or f"wordloom.{module}."  # f"{__name__}.{x}"
        if name.endswith("."):
            begin = name.removeprefix("wordloom.")
            found |= {other for other in known if other.startswith(begin) and module not in TABLES}
            continue
        public = name.removeprefix("wordloom.")
        parts = wordloom._HOMES.get(public, name).removeprefix("wordloom.").split(".")
        wholes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        found |= {next((whole for whole in wholes if whole in known), module)}
    return found - {module}


def a_circle(graph: Mapping[str, Collection[str]]) -> list[str]:
    """Modules of which each uses the next, and the last is the first; empty if there are none."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(reversed(error.args[1]))
    return []


def test_no_modules_use_each_other_in_a_circle() -> None:
    """Inside packages too, where a function imports when it runs, and for type checkers."""
    known = modules()
    graph = {module: used_modules(module, path, known) for module, path in known.items()}
    assert sum(map(len, graph.values())) > len(graph)
    assert not a_circle(graph), " -> ".join(a_circle(graph))


def test_the_test_of_circles_finds_one() -> None:
    chain = {"a": {"b"}, "b": {"c"}, "c": set(), "d": {"a", "c"}}
    assert a_circle(chain) == []
    circle = a_circle({**chain, "c": {"a"}})
    assert circle[0] == circle[-1]
    assert "->".join(circle) in ("a->b->c->a", "b->c->a->b", "c->a->b->c")


def test_every_module_belongs_to_the_core_or_to_an_application() -> None:
    assert {package_of(module) for module in modules()} == {*CORE, *APPLICATIONS}


def test_imports_of_the_core_point_one_way() -> None:
    """So the core never uses an application, which is not in its list at all."""
    wrong = [
        f"{entry.place}: {entry.user} uses {entry.used}"
        for entry in imports()
        if entry.user in CORE
        and entry.used not in CORE[: CORE.index(entry.user)]
        and (entry.user, entry.used) not in EXCEPTIONS
    ]
    assert not wrong, "\n".join(["These imports point against the data's way:", *wrong])


def test_applications_use_the_core_and_those_of_each_other_that_are_listed() -> None:
    used = [entry for entry in imports() if entry.user in APPLICATIONS and entry.used not in CORE]
    wrong = [
        f"{entry.place}: {entry.user} uses {entry.used}"
        for entry in used
        if entry.used not in APPLICATIONS[entry.user]
    ]
    assert not wrong, "\n".join(["These applications are not to use each other:", *wrong])
    listed = {(user, other) for user, others in APPLICATIONS.items() for other in others}
    assert listed == {(entry.user, entry.used) for entry in used}
    assert not a_circle(APPLICATIONS)


def test_every_exception_is_still_needed() -> None:
    assert not EXCEPTIONS - {(entry.user, entry.used) for entry in imports()}


def test_the_exceptions_are_lazy() -> None:
    """They stand inside functions, so that nothing is loaded before what it stands on."""
    for path in (path for path in source_trees() if SOURCE / "readers" in path.parents):
        for node in source_trees()[path].body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert "wordloom.datasets" not in ast.unparse(node), path


def test_the_public_names_are_where_the_table_says() -> None:
    known = modules()
    assert set(wordloom.__all__) == set(wordloom._HOMES)
    assert {home.removeprefix("wordloom.") for home in wordloom._HOMES.values()} <= set(known)
    for name in wordloom.__all__:
        assert getattr(wordloom, name).__name__ == name
    assert set(wordloom.__all__) <= set(dir(wordloom))
    with pytest.raises(AttributeError, match="no attribute 'Corpsu'"):
        wordloom.Corpsu  # noqa: B018


def names_in(tree: ast.Module) -> set[str]:
    """What a module defines or imports at its top level."""
    found: set[str] = set()
    for node in tree.body:
        for one in ast.walk(node) if isinstance(node, ast.If | ast.Try) else (node,):
            if isinstance(one, ast.Import | ast.ImportFrom):
                found |= {(alias.asname or alias.name).split(".")[0] for alias in one.names}
            elif isinstance(one, ast.ClassDef | ast.FunctionDef):
                found.add(one.name)
            elif isinstance(one, ast.Assign | ast.AnnAssign):
                targets = one.targets if isinstance(one, ast.Assign) else [one.target]
                found |= {
                    name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)
                }
    return found


def test_no_two_public_classes_have_one_name() -> None:
    """But for twins: a class of a compiled kernel has the name of its plain twin."""
    places: dict[str, set[str]] = {}
    for module, path in modules().items():
        twin = module.removesuffix("_compiled")
        for node in source_trees()[path].body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, set()).add(twin)
    twice = {name: found for name, found in places.items() if len(found) > 1 and name not in NAMED_TWICE}
    assert not twice
    assert all(len(places[name]) > 1 for name in NAMED_TWICE)


def test_what_benchmarks_and_examples_import_exists() -> None:
    """They run rarely, so that a new name of something they use would be noticed late."""
    known, missing = modules(), []
    for path in sorted(
        path for folder in ("benchmarks", "examples") for path in (ROOT / folder).glob("*.py")
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("wordloom."):
                continue
            module = str(node.module).removeprefix("wordloom.")
            there = names_in(source_trees()[known[module]]) if module in known else set()
            places = (f"{path.name}:{node.lineno} {module}.{alias.name}" for alias in node.names)
            named = zip(node.names, places, strict=True)
            missing += [
                place
                for alias, place in named
                if alias.name not in there and f"{module}.{alias.name}" not in known
            ]
    assert not missing


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_the_old_name_of_a_module_names_the_new_one(old: str, new: str) -> None:
    with pytest.raises(ImportError, match=f"wordloom.{old} is now wordloom.{new}"):
        importlib.import_module(f"wordloom.{old}")
    assert new in modules()


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [module for module in modules() if VAGUE_NAMES & set(module.split("."))]


def test_no_file_is_too_long() -> None:
    lengths = {
        str(path.relative_to(SOURCE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules().values()
    }
    assert not {name: n for name, n in lengths.items() if n > LONGEST_FILE}


def test_no_function_is_too_long() -> None:
    long = {}
    for path, tree in source_trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = node.end_lineno - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long[f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}"] = lines
    assert not long


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import wordloom.text", ["wordloom.text"]),
        ("from wordloom import text, fit", ["wordloom.text", "wordloom.fit"]),
        ("def f():\n    from wordloom.cli import main", ["wordloom.cli.main"]),
        ("if TYPE_CHECKING:\n    import wordloom.cli as c", ["wordloom.cli"]),
        ("from . import picking", ["wordloom.readers.picking"]),
        ("from ..text import x", ["wordloom.text.x"]),
        ("importlib.import_module('wordloom.cli')", ["wordloom.cli"]),
        ("import_module(f'wordloom.text.{x}')", ["wordloom.text."]),
        ("NAME = 'wordloom.plots'\nimport_module(NAME)", ["wordloom.plots"]),
        ("import_module(f'{__name__}.{x}')", [""]),
        ("import_module(x)", ["wordloom.<x>"]),
    ],
)
def test_the_test_sees_every_kind_of_import(code: str, expected: list[str]) -> None:
    assert [one.name for one in imported_names(ast.parse(code), ("wordloom", "readers"))] == expected


def test_every_file_that_takes_long_is_there():
    named = {*LONGEST_FIRST} | APART.union(*OF_A_MARK.values())
    assert {path.name for path in (ROOT / "tests").rglob("test_*.py")} >= named
