"""Golden diagnostics: every broken file of `golden/` gives exactly the text beside it.

A golden is `NAME.yaml`, or a folder `NAME/`, with the rendered diagnostics in `NAME.txt`. Each is checked together with
the sound rules of `golden/base/`. `UPDATE_GOLDEN=1 pytest tests/test_diagnostics.py` writes the texts anew: read them.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
from pathlib import Path

import pytest

from extractor.check import CheckReport, check_rules
from extractor.diagnostics import CODES, Diagnostic, Place, RulesError, did_you_mean, render, render_all

GOLDEN = Path(__file__).parent / "golden"
PACKAGE = Path(__file__).parent.parent / "extractor"
NAMES = sorted(p.stem for p in GOLDEN.glob("*.yaml")) + sorted(p.name for p in GOLDEN.iterdir() if p.is_dir())


def check_golden(name: str, folder: Path) -> CheckReport:
    """The report on one golden, in a folder called `rules` with the sound rules beside it."""
    rules = folder / "rules"
    shutil.copytree(GOLDEN / "base", rules)
    if (GOLDEN / name).is_dir():
        shutil.copytree(GOLDEN / name, rules, dirs_exist_ok=True)
    else:
        shutil.copy(GOLDEN / f"{name}.yaml", rules)
    return check_rules(rules)


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str, tmp_path: Path) -> None:
    report = check_golden(name, tmp_path)
    shown = render_all(report.diagnostics) + "\n"
    expected = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")
    assert (name == "base") == (not report.diagnostics), "a broken file gives a diagnostic, the sound one none"


@pytest.mark.parametrize("name", NAMES)
def test_brief_is_one_line_a_diagnostic(name: str, tmp_path: Path) -> None:
    report = check_golden(name, tmp_path)
    lines = render_all(report.diagnostics, brief=True).splitlines()
    assert len(lines) == len(report.diagnostics)
    for line in lines:
        assert re.match(r"rules/[\w./-]+:\d+:\d+: (error|warning)\[[YRPEL]\d{3}\]: \S", line), line


@pytest.mark.parametrize("name", [n for n in NAMES if n != "base"])
def test_every_diagnostic_has_a_place_and_a_way_out(name: str, tmp_path: Path) -> None:
    for diagnostic in check_golden(name, tmp_path).diagnostics:
        assert diagnostic.place is not None
        assert diagnostic.help, f"{diagnostic.code}: {diagnostic.message}"
        lines = diagnostic.place.source
        assert diagnostic.place.column <= len(lines) + 1, "the caret stands under the line"


def test_every_code_has_a_golden() -> None:
    shown = "\n".join(p.read_text(encoding="utf-8") for p in GOLDEN.glob("*.txt"))
    assert sorted(CODES) == sorted(set(re.findall(r"^(?:error|warning)\[(\w+)\]", shown, re.M)))


def test_every_raised_code_is_in_the_table() -> None:
    for file in PACKAGE.rglob("*.py"):
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        assert {t for t in texts if re.fullmatch(r"[YRPEL]\d{3}", t)} <= CODES.keys(), file.name


PLACE = Place("rules/killed.yaml", 18, 41, 6, "      <victim:@People> $have_been <trigger:$kiled>")
UNKNOWN = Diagnostic("P004", "unknown word list `$kiled`", PLACE, "not defined here nor imported",
                     "did you mean `$killed`?")


def test_render_points_at_the_place() -> None:
    assert render(UNKNOWN) == (
        "error[P004]: unknown word list `$kiled`\n"
        "  --> rules/killed.yaml:18:41\n"
        "   |\n"
        "18 |       <victim:@People> $have_been <trigger:$kiled>\n"
        "   |                                         ^^^^^^ not defined here nor imported\n"
        "   = help: did you mean `$killed`?")


def test_render_brief() -> None:
    assert render(UNKNOWN, brief=True) == (
        "rules/killed.yaml:18:41: error[P004]: unknown word list `$kiled` (did you mean `$killed`?)")


def test_render_without_place() -> None:
    assert render(Diagnostic("R015", "no rules", help="write one")) == "error[R015]: no rules\n  = help: write one"


def test_diagnostics_are_shown_in_order_of_place() -> None:
    later = Diagnostic("P004", "later", Place("rules/killed.yaml", 19, 1))
    assert render_all([later, UNKNOWN], brief=True).splitlines()[1].endswith("later")


def test_rules_error_names_the_errors_and_holds_all() -> None:
    warning = Diagnostic("L001", "not used", PLACE, severity="warning")
    error = RulesError([UNKNOWN, warning])
    assert len(error.diagnostics) == 2
    assert str(error).startswith("1 error(s)")
    assert "L001" not in str(error)


@pytest.mark.parametrize("word, known, shown", [
    ("kiled", ["killed", "people"], "did you mean `$killed`?"),
    ("xyzzy", ["killed", "people"], ""),
    ("killed", [], ""),
])
def test_did_you_mean(word: str, known: list[str], shown: str) -> None:
    assert did_you_mean(word, known, "$") == shown
