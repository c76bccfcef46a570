"""The rooms of the package: imports point one way, every room says what it is for, and none is a junk room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "extractor"
MODULES = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p
           for p in sorted(PACKAGE.rglob("*.py"))}
JUNK_ROOMS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "processor", "tools"}
# The façade and the commands load what they seldom need when they need it; nobody else hides an import in a function.
MAY_IMPORT_LATE = {"extractor.engine", "extractor.check", "extractor.cli"}


def read_tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def iter_imports(body: list[ast.stmt]) -> Iterator[str]:
    """Modules of the package imported by statements at the top of a module; those for type checkers alone are none."""
    for node in body:
        match node:
            case ast.ImportFrom(module=str(source), names=names):
                yield from named_modules(source, [n.name for n in names])
            case ast.Import(names=names):
                yield from (n.name for n in names if n.name in MODULES)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case ast.If() | ast.Try() | ast.With():
                yield from iter_imports(node.body)


def named_modules(source: str, names: list[str]) -> Iterator[str]:
    """`from extractor import inflection` imports a room, `from extractor import __version__` a constant."""
    rooms = [f"{source}.{name}" for name in names if f"{source}.{name}" in MODULES]
    if rooms:
        yield from rooms
    elif source in MODULES and names != ["__version__"]:
        yield source


def test_imports_point_one_way() -> None:
    graph = {module: set(iter_imports(read_tree(module).body)) for module in MODULES}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail("imports go round in a circle: " + " → ".join(error.args[1]))


def test_only_facade_and_commands_import_late() -> None:
    late = {module for module in MODULES for node in ast.walk(read_tree(module))
            if isinstance(node, ast.FunctionDef) and any(iter_imports(node.body))}
    assert late <= MAY_IMPORT_LATE


def test_nobody_imports_the_command_line() -> None:
    users = {module for module in MODULES if "extractor.cli" in set(iter_imports(read_tree(module).body))}
    assert users == {"extractor.__main__"}


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(read_tree(module))


@pytest.mark.parametrize("folder", ["extractor", "tests"])
def test_there_are_no_junk_rooms(folder: str) -> None:
    names = {word for path in (ROOT / folder).rglob("*.py") for word in path.stem.split("_")}
    assert not names & JUNK_ROOMS


@pytest.mark.parametrize("folder", ["rules", "grammar"])
def test_rules_and_grammar_hold_no_code(folder: str) -> None:
    assert not list((ROOT / folder).rglob("*.py"))
