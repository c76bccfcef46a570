"""YAML as text with places: what rule files are read with.

In: the text of a rule file. Out: a tree of `Text`, `Items` and `Fields` in which every scalar is text (`on`, `no`,
`12:30` and `017` stay what the author wrote) and every node knows its file, line and column. What YAML would silently
change (a repeated key, ` #` that cuts a line, anchors, tags) is a diagnostic that says what to write instead.

    >>> fields = read_source("a: 12:30\\n", "x.yaml", [])
    >>> fields.items["a"].value
    '12:30'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from extractor.diagnostics import Diagnostic, Place

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class SourceFile:
    """One file: its name as shown to people, its text and its lines."""

    name: str
    text: str
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = self.text.splitlines()

    def place(self, line: int, column: int, length: int = 1) -> Place:
        """`line` and `column` count from 1."""
        shown = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Place(self.name, line, column, length, shown)


@dataclass(slots=True)
class Text:
    """A scalar: its value and where it starts in the file (line and column from 0, as YAML counts)."""

    value: str
    source: SourceFile
    line: int
    column: int
    style: str | None = None

    def place(self, offset: int = 0, length: int | None = None) -> Place:
        """The place of `value[offset:offset + length]` in the file."""
        if length is None:
            length = len(self.value.split("\n", 1)[0]) or 1
        line, column = self._locate(offset)
        return self.source.place(line + 1, column + 1, length)

    def _locate(self, offset: int) -> tuple[int, int]:
        # YAML folds, indents and unquotes, so the value is aligned with the source letter by letter; blanks differ.
        if not self.style and "\n" not in self.value and offset == 0:
            return self.line, self.column
        lines, line, column = self.source.lines, self.line, self.column
        if self.style in ("|", ">"):
            line, column = line + 1, 0
        elif self.style in ('"', "'"):
            column += 1
        last = (line, column)
        for position, char in enumerate(self.value[: offset + 1]):
            if char.isspace():
                continue
            found = _next(lines, line, column, char)
            if found is None:
                return last
            last = found
            line, column = found[0], found[1] + 1
            if position == offset:
                return last
        return last


@dataclass(slots=True)
class Items:
    """A list of nodes."""

    items: list[Node]
    source: SourceFile
    line: int
    column: int

    def place(self) -> Place:
        return self.source.place(self.line + 1, self.column + 1)


@dataclass(slots=True)
class Fields:
    """A mapping: nodes by key, and the key texts with their places."""

    items: dict[str, Node]
    keys: dict[str, Text]
    source: SourceFile
    line: int
    column: int

    def place(self) -> Place:
        return self.source.place(self.line + 1, self.column + 1)

    def get(self, key: str) -> Node | None:
        return self.items.get(key)


Node = Text | Items | Fields


def read_source(text: str, name: str, diagnostics: list[Diagnostic]) -> Node | None:
    """The tree of one YAML document, or None when it cannot be read; findings are appended to `diagnostics`."""
    source = SourceFile(name, text)
    try:
        events = iter(list(yaml.parse(text, Loader=_LOADER)))
    except yaml.MarkedYAMLError as error:
        diagnostics.append(_yaml_error(error, source))
        return None
    except yaml.YAMLError as error:
        diagnostics.append(Diagnostic("Y001", f"this is not valid YAML: {error}", source.place(1, 1)))
        return None
    reader = _Reader(source, diagnostics)
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            return reader.read(next(events), events)
    diagnostics.append(Diagnostic("Y008", "the file is empty", source.place(1, 1), help="start it with `format: 1`"))
    return None


def _yaml_error(error: yaml.MarkedYAMLError, source: SourceFile) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    place = source.place(mark.line + 1, mark.column + 1) if mark else source.place(1, 1)
    line = place.source
    help_text = "check the indentation of this line and the quotes around it"
    if "\t" in line:
        help_text = "write spaces, not tabs, at the start of the line"
    elif "mapping values are not allowed" in str(error.problem):
        help_text = "a `: ` inside a phrase starts a mapping: put the whole phrase in double quotes"
    elif any(c in line for c in "*&!@`%") and "found" in str(error.problem):
        help_text = "a phrase that starts with a special character must stand in double quotes, or after `|`"
    return Diagnostic("Y001", f"this is not valid YAML: {error.problem}", place, help=help_text)


@dataclass(slots=True)
class _Reader:
    source: SourceFile
    diagnostics: list[Diagnostic]

    def read(self, event: yaml.Event, events: Iterator[yaml.Event]) -> Node:
        mark: Any = event.start_mark
        self._refuse_specials(event)
        match event:
            case yaml.SequenceStartEvent():
                items = []
                while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                    items.append(self.read(inner, events))
                return Items(items, self.source, mark.line, mark.column)
            case yaml.MappingStartEvent():
                return self._read_mapping(mark, events)
            case yaml.ScalarEvent():
                text = Text(event.value, self.source, mark.line, mark.column, event.style)
                self._check_cut(event)
                return text
        return Text("", self.source, mark.line, mark.column)

    def _read_mapping(self, mark: Any, events: Iterator[yaml.Event]) -> Fields:
        fields = Fields({}, {}, self.source, mark.line, mark.column)
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self.read(event, events)
            value = self.read(next(events), events)
            if not isinstance(key, Text):
                self._report("Y007", "a key must be one word", key.place(), "write `name: …`")
            elif key.value in fields.items:
                first = fields.keys[key.value].place()
                self._report("Y003", f"the key `{key.value}` stands twice; the first is on line {first.line}",
                             key.place(), "YAML would silently drop the first: merge the two, or rename one")
            else:
                fields.items[key.value], fields.keys[key.value] = value, key
        return fields

    def _refuse_specials(self, event: Any) -> None:
        mark = event.start_mark
        place = self.source.place(mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.AliasEvent):
            self._report("Y004", f"the alias `*{event.anchor}` is not allowed here", place,
                         "write the value out, or use a macro (`macros:`); text that starts with `*` needs quotes")
        elif getattr(event, "anchor", None):
            self._report("Y004", f"the anchor `&{event.anchor}` is not allowed here", place,
                         "name the part in `macros:` or `words:`; text that starts with `&` needs quotes")
        elif getattr(event, "tag", None):
            self._report("Y004", f"the tag `{event.tag}` is not allowed here", place,
                         "rule files hold plain text only: leave the tag out; text that starts with `!` needs quotes")

    def _check_cut(self, event: Any) -> None:
        # A comment is written after two blanks; after one, it is the tail of a phrase that YAML threw away.
        if event.style not in (None, ""):
            return
        end = event.end_mark
        if end.line >= len(self.source.lines):
            return
        rest = self.source.lines[end.line][end.column:]
        if rest.startswith(" #") and event.value:
            place = self.source.place(end.line + 1, end.column + 2, max(1, len(rest.rstrip()) - 1))
            self._report("Y006", "` #` starts a comment and cuts this phrase", place,
                         "put the phrase in double quotes; a real comment stands after two spaces")

    def _report(self, code: str, message: str, place: Place, help_text: str) -> None:
        self.diagnostics.append(Diagnostic(code, message, place, help=help_text))


def _next(lines: list[str], line: int, column: int, char: str) -> tuple[int, int] | None:
    """The next place of `char` from (line, column) on."""
    while line < len(lines):
        found = lines[line].find(char, column)
        if found >= 0:
            return line, found
        line, column = line + 1, 0
    return None


# --- Reading keys ----------------------------------------------------------------------------------------------------
# Shape errors are reported by `shapes`; these take what has the right kind and pass over the rest.


def text_at(node: Node | None, key: str) -> str:
    """The trimmed text under a key, or the empty string."""
    value = node.get(key) if isinstance(node, Fields) else None
    return value.value.strip() if isinstance(value, Text) else ""


def number_at(node: Node | None, key: str, default: int = 0) -> int:
    """The whole number under a key."""
    text = text_at(node, key)
    return int(text) if is_whole_number(text) else default


def is_whole_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii()


def texts_at(node: Node | None, key: str) -> list[Text]:
    """The texts of a list, or the one text that stands in its place."""
    value = node.get(key) if isinstance(node, Fields) else None
    items = value.items if isinstance(value, Items) else [value] if value else []
    return [i for i in items if isinstance(i, Text)]


def mappings_at(node: Node | None, key: str) -> list[Fields]:
    """The mappings of a list."""
    value = node.get(key) if isinstance(node, Fields) else None
    return [i for i in value.items if isinstance(i, Fields)] if isinstance(value, Items) else []


def items_at(node: Node | None, key: str) -> dict[str, Node]:
    """The values of a mapping, by name."""
    value = node.get(key) if isinstance(node, Fields) else None
    return value.items if isinstance(value, Fields) else {}


def fields_at(node: Node | None, key: str) -> dict[str, Fields]:
    """The values of a mapping that are mappings themselves, by name."""
    return {k: v for k, v in items_at(node, key).items() if isinstance(v, Fields)}


def keys_at(node: Node | None, key: str) -> dict[str, Text]:
    """The names in a mapping, with their places."""
    value = node.get(key) if isinstance(node, Fields) else None
    return value.keys if isinstance(value, Fields) else {}
