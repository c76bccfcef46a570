"""The guide to the pattern language (grammar/README.md): every example runs, every table is complete."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from extractor import RulesError
from extractor.analysis import Analysis, analyse
from extractor.assemble import find_events
from extractor.compiled import CompiledSet, compile_rules
from extractor.inflection import TAGS
from extractor.match import BUDGET, Match, captured_spans
from extractor.pattern import ANCHOR_SCOPES, GAP_OPTIONS, MAX_GAP, MAX_REPEAT
from extractor.rules import load_rules
from extractor.search import compile_pattern
from extractor.text import read_document
from extractor.values import FUNCTIONS
from extractor.vocabulary import TOKEN_FIELDS

GUIDE = (Path(__file__).parent.parent / "grammar" / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"\[\[|\]\]|<([A-Za-z_]\w*):|>")
NAMES = "guide"
HEADLINE = " ¶ "  # stands for blank lines, as many characters

Spans = list[tuple[str, int, int]]


@dataclass(slots=True)
class Example:
    """A pattern or piece of a rule file, with the lines that show what it finds; `module` is the file it is run as."""

    kind: str
    text: str
    line: int
    module: str
    sentences: list[str] = field(default_factory=list)

    def file(self) -> str:
        """The rule file: a pattern becomes a rule that makes a mention of a type of its own."""
        if self.kind == "pattern":
            pattern = "".join(f"      {line}\n" for line in self.text.splitlines())
            body = (f"rules:\n  - id: {self.module}\n    pattern: |\n{pattern}"
                    f"    mention: {{ type: {self.module.title()} }}\n")
        else:
            body = self.text
        imported = "" if self.module == NAMES or "import:" in body else f"import: [{NAMES}]\n"
        return imported + (body if "format: 1" in body else f"format: 1\nabout: An example.\n{body}")


def _read_examples() -> Iterator[Example]:
    example: Example | None = None
    for number, block in enumerate(_BLOCK.finditer(GUIDE)):
        kind, text = block[1], block[2]
        if kind in ("pattern", "yaml"):
            module = NAMES if "format: 1" in text else f"example{number}"
            example = Example(kind, text, GUIDE[: block.start()].count("\n") + 1, module)
            yield example
        elif kind == "matches":
            assert example is not None
            example.sentences += [line for line in text.splitlines() if line.strip()]


EXAMPLES = list(_read_examples())


@cache
def compiled() -> CompiledSet:
    """All examples as one rule set, which loads without an error."""
    rules = load_rules(Path("no-such-folder"), {f"{e.module}.yaml": e.file() for e in EXAMPLES})
    errors = [d for d in rules.diagnostics if d.severity == "error"]
    if errors:
        raise RulesError(errors)
    return compile_rules(rules)


def read_marks(line: str) -> tuple[str, Spans]:
    """Plain text and its marks in reading order; the name of `[[…]]` is empty."""
    plain: list[str] = []
    opened: list[tuple[str, int]] = []
    marks: Spans = []
    at = length = 0
    for found in _MARK.finditer(line):
        plain.append(line[at : found.start()])
        length += found.start() - at
        at = found.end()
        if found[0] in ("]]", ">"):
            marks.append((*opened.pop(), length))
        else:
            opened.append((found[1] or "", length))
    assert not opened, line
    return "".join([*plain, line[at:]]), sorted(marks, key=lambda m: (m[1], -m[2], m[0]))


def find_marks(module: str, text: str) -> tuple[Spans, list[Mapping[str, Any]]]:
    """What the rules of one file find in a text after overlaps are settled: marks, and the values of mentions."""
    title = text.rpartition(HEADLINE)[0] or None
    analysis = analyse(read_document(text.replace(HEADLINE, "\n\n\n"), title=title), compiled())
    marks: Spans = []
    values = []
    for number, match, given in _winners(analysis):
        if match.owner.rule.module == module:
            values.append(given)
            marks.append(("", *analysis.views[number].text_span(match.start, match.end)))
            spans = captured_spans(match.trace, match.owner.nodes)
            marks += [(name, *analysis.views[number].text_span(s[0], s[1])) for name in spans for s in spans[name]]
    return sorted(marks, key=lambda m: (m[1], -m[2], m[0])), values


def _winners(analysis: Analysis) -> Iterator[tuple[int, Match, Mapping[str, Any]]]:
    events = find_events(analysis)
    for number, view in enumerate(analysis.views):
        for type_ in sorted(view.state.mentions.keys() - {"Event"}):
            for mentions in view.state.mentions[type_].values():
                yield from ((number, m.match, m.values) for m in mentions if m.match is not None)
    yield from ((e.sentence, e.candidate.match, {"type": e.type}) for e in events)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"line {e.line}")
def test_example(example: Example) -> None:
    """Lines show every match, `✗` lines have none; captures are compared where a line shows any."""
    assert example.sentences or example.module == NAMES, "an example without sentences"
    for line in example.sentences:
        marked, _, shown = line.partition(" → ")
        text, expected = read_marks(marked.removeprefix("✗ "))
        found, values = find_marks(example.module, text)
        if not any(name for name, _, _ in expected):
            found = [mark for mark in found if not mark[0]]
        assert found == expected, line
        assert bool(expected) != marked.startswith("✗ "), line
        if shown:
            assert " ".join(f"{k}={v}" for k, v in values[0].items()) == shown, line


CONSTRUCTS = r"""
"OSDH" /\\d ~tuer ~tuer:pp \$dying \$dying:fin \$people\[ @People @People\[ \[\] \[case
\[[^\]]*! \[[^\]]*& \[[^\]]*\| in\s\( \| \w\? \)\+ \[\]\* \[\]\*\? \{2,3\} \.\.4 over=insertion stop=sentence
<victim: <victim> <place:.*<place: \(\?= \(\?! \(\?<= \(\?<! ^\^ \$$ \^:quotation \$:quotation \^:headline
where: distance\( agree\( number\( unless: within: macros: parameters: \$done\( import: frames: uses: priority: \#
"""


@pytest.mark.parametrize("construct", CONSTRUCTS.split())
def test_construct_has_an_example(construct: str) -> None:
    assert re.search(construct, "\n".join(e.text for e in EXAMPLES), re.MULTILINE)


# --- Tables ----------------------------------------------------------------------------------------------------------


def table(header: str) -> dict[str, str]:
    """The rows of the table with this header: code of the first cell → second cell."""
    rows = GUIDE.split(f"\n| {header} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\) \| ", row.strip("| ")) for row in rows]
    return {code: cell[1] for cell in cells for code in re.findall(r"`([^`]+)`", cell[0])}


@pytest.mark.parametrize("header, truth", [
    ("tag | meaning", dict(TAGS)),
    ("field | what it holds", {name: about for name, (about, _) in TOKEN_FIELDS.items()}),
])
def test_table_says_what_the_engine_says(header: str, truth: dict[str, str]) -> None:
    assert table(header) == truth


@pytest.mark.parametrize("header, names", [
    ("function | gives", set(FUNCTIONS)),
    ("scope | begins and ends with", set(ANCHOR_SCOPES)),
    ("option | what the gap does", {f"{o}={v}" for o, values in GAP_OPTIONS.items() for v in values}),
])
def test_table_is_complete(header: str, names: set[str]) -> None:
    assert set(table(header)) == names


@pytest.mark.parametrize("pattern, code", table("pattern | error | what to write").items())
def test_mistake(pattern: str, code: str) -> None:
    with pytest.raises(RulesError) as refused:
        compile_pattern(pattern.replace("\\|", "|"))
    assert refused.value.diagnostics[0].code == code


def test_limits_are_the_ones_of_the_engine() -> None:
    for limit in (f"at most {MAX_GAP} words", f"at most {MAX_REPEAT:,} times".replace(",", " "),
                  f"{BUDGET:,} steps".replace(",", " ")):
        assert limit in GUIDE, limit


def test_python_of_the_guide_runs() -> None:
    blocks = [text for kind, text in _BLOCK.findall(GUIDE) if kind == "python"]
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    for number, text in enumerate(blocks):
        runner.run(parser.get_doctest(text, {}, f"python {number}", None, None))
    assert blocks
    assert runner.summarize(verbose=False).failed == 0
