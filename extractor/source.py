"""The text of rule files as a tree in which everything knows its place.

`Text`, `Items` and `Fields` are what `yamlreader` makes of a file: every scalar is text (`on`, `no`, `12:30` and `017`
stay what the author wrote), and every node has its file, line and column, so that an error in the middle of a pattern
points at its place in the file. In: such a node. Out: its parts by key, and the `Place` of any stretch of its text.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractor.diagnostics import Place

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(slots=True)
class SourceFile:
    """One file: its name as shown to people, its text and its lines."""

    name: str
    text: str
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Lines end where they end for YAML; a form feed does not end one.
        self.lines = _LINE_BREAK.split(self.text)

    def place(self, line: int, column: int, length: int = 1) -> Place:
        """`line` and `column` count from 1."""
        shown = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Place(self.name, line, column, length, shown)


@dataclass(slots=True)
class Text:
    """A scalar: its value and where it starts in the file (line and column from 0, as YAML counts). `refused`: it has
    been reported, and what it holds is not what the author meant."""

    value: str
    source: SourceFile
    line: int
    column: int
    style: str | None = None
    refused: bool = False

    def place(self, offset: int = 0, length: int | None = None) -> Place:
        """The place of `value[offset:offset + length]` in the file."""
        if length is None:
            length = len(self.value.split("\n", 1)[0]) or 1
        line, column = self._locate_in_block(offset) if self.style == "|" else self._locate(offset)
        return self.source.place(line + 1, column + 1, length)

    def _locate_in_block(self, offset: int) -> tuple[int, int]:
        """In a block after `|` every line stands as it is, indented."""
        before = self.value[:offset]
        number, column = before.count("\n"), offset - (before.rfind("\n") + 1)
        line = self.line + 1 + number
        written = self.source.lines[line] if line < len(self.source.lines) else ""
        return line, column + len(written) - len(self.value.split("\n")[number])

    def _locate(self, offset: int) -> tuple[int, int]:
        """YAML folds and unquotes: the value is aligned with the source letter by letter, blanks left out."""
        if not self.style and offset == 0:
            return self.line, self.column
        letters = sum(not c.isspace() for c in self.value[: offset + 1])
        places = itertools.islice(_iter_letters(self), letters)
        return next(iter(deque(places, maxlen=1)), (self.line, self.column))


def _iter_letters(text: Text) -> Iterator[tuple[int, int]]:
    """The places in the file of a scalar's characters that are no blanks."""
    lines, style = text.source.lines, text.style
    start = text.column + 1 if style in ('"', "'") else text.column
    if style == ">":
        start = len(lines[text.line])
    for line in range(text.line, len(lines)):
        column = start if line == text.line else 0
        while column < len(lines[line]):
            width, blank = _character(lines[line], column, style)
            if not blank:
                yield line, column
            column += width


#: Escapes of a text in double quotes: those that take hexadecimal digits, and those that stand for a blank.
_HEX_ESCAPES = {"x": 4, "u": 6, "U": 10}
_BLANK_ESCAPES = frozenset("ntrvf _NLP")


def _character(line: str, column: int, style: str | None) -> tuple[int, bool]:
    """How many source characters write the next character of the value, and whether it is a blank."""
    if style == '"' and line[column] == "\\":
        mark = line[column + 1 : column + 2]
        return _HEX_ESCAPES.get(mark, 2), not mark or mark in _BLANK_ESCAPES
    if style == "'" and line.startswith("''", column):
        return 2, False
    return 1, line[column].isspace()


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
    refused: bool = False

    def place(self) -> Place:
        return self.source.place(self.line + 1, self.column + 1)

    def get(self, key: str) -> Node | None:
        return self.items.get(key)


Node = Text | Items | Fields


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
