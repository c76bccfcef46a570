"""README.md: every command and program in it prints what it says, and CI runs its set-up and test commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from guide import ROOT, Outcome, follow, matches, read_blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = ["README.md", "CHANGELOG.md", "extractor/README.md", "rules/README.md", "grammar/README.md", "tests/README.md"]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    return list(follow(read_blocks(README), tmp_path_factory.mktemp("readme")))


@pytest.mark.slow
def test_every_command_and_program_prints_what_the_readme_says(outcomes: list[Outcome]) -> None:
    wrong = [f"line {o.line}: {o.command}\n--- the README says\n{o.expected}--- it printed\n{o.printed}"
             for o in outcomes if not o.is_as_told()]
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.slow
def test_the_readme_shows_a_record_python_a_change_and_an_explanation(outcomes: list[Outcome]) -> None:
    commands = "\n".join(o.command for o in outcomes)
    for word in ("from extractor import Extractor", "extract --date", "--rules my-rules", "explain --text"):
        assert word in commands


def test_ci_runs_the_set_up_and_the_tests_of_the_readme() -> None:
    set_up, test = next(b.text for b in read_blocks(README) if b.kind == "bash").splitlines()
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert test in ci
    assert "install -e '.[dev]'" in set_up
    assert any(line.endswith("-e '.[dev]'") for line in ci)


@pytest.mark.parametrize("guide", GUIDES)
def test_links_lead_somewhere(guide: str) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    missing = [t for t in targets if "://" not in t and not (ROOT / Path(guide).parent / t).exists()]
    assert not missing


@pytest.mark.parametrize("guide", GUIDES)
def test_guides_name_files_and_folders_that_exist(guide: str) -> None:
    """A path in code, such as `extractor/engine.py`, is one of the checkout, or one that the guide makes itself."""
    text = (ROOT / guide).read_text(encoding="utf-8")
    made = {block.file.split("/")[0] for block in read_blocks(text) if block.file} | {"my-rules"}
    paths = re.findall(r"`((?:extractor|rules|grammar|tests)/[\w./-]+)`", text)
    missing = [p for p in paths if not (ROOT / p).exists() and p.split("/")[0] not in made]
    assert not missing


@pytest.mark.parametrize("folder, pattern", [("extractor", "[a-z]*.py"), ("tests", "test_*.py")])
def test_the_readme_of_a_folder_names_every_module(folder: str, pattern: str) -> None:
    text = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in sorted((ROOT / folder).glob(pattern)) if f"`{p.name}`" not in text] == []


@pytest.mark.parametrize("printed, expected, same", [
    ("a 12 b\n", "a … b", True), ("a\nx\ny\nb\n", "a\n…\nb", True), ("a\nb\n", "a\n…\nb", True), ("a\n", "b", False),
    ("a\nb\n", "a", False), ("", "", True), ("a  \n\n", "a", True),
])
def test_an_ellipsis_stands_for_anything(printed: str, expected: str, same: bool) -> None:
    assert matches(printed, expected) is same
