"""Reading YAML: the text of a rule file → the tree of `source`, with every trap of YAML named.

In: the text of a file. Out: `Text`, `Items` and `Fields`; what YAML would silently change (a repeated key, ` #` that
cuts a line, anchors, tags) and what it cannot read is a diagnostic that says what to write instead.

    >>> read_source("a: 12:30\\n", "x.yaml", []).items["a"].value
    '12:30'
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from extractor.diagnostics import Diagnostic, Place
from extractor.source import Fields, Items, Node, SourceFile, Text

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_source(text: str, name: str, diagnostics: list[Diagnostic]) -> Node | None:
    """The tree of one YAML document, or None when it cannot be read; findings are appended to `diagnostics`."""
    source = SourceFile(name, text)
    try:
        events = iter(list(yaml.parse(text, Loader=_LOADER)))
    except yaml.MarkedYAMLError as error:
        diagnostics.append(_explain_syntax(error, source))
        return None
    except yaml.reader.ReaderError as error:
        diagnostics.append(_explain_character(error, source))
        return None
    reader = _Reader(source, diagnostics)
    root = next((reader.read(next(events), events) for e in events if isinstance(e, yaml.DocumentStartEvent)), None)
    if root is None or (isinstance(root, Text) and not root.value and not root.refused):
        diagnostics.append(Diagnostic("Y008", "the file is empty", source.place(1, 1),
                                      help="start it with `format: 1`, or remove the file"))
        return None
    reader.refuse_more(events)
    return root


_DEEPEST = 40


@dataclass(slots=True)
class _Reader:
    source: SourceFile
    diagnostics: list[Diagnostic]
    depth: int = 0

    def read(self, event: yaml.Event, events: Iterator[yaml.Event]) -> Node:
        mark: Any = event.start_mark
        refused = self._refuse_specials(event)
        self.depth += 1
        try:
            match event:
                case yaml.SequenceStartEvent():
                    return self._read_list(mark, events)
                case yaml.MappingStartEvent():
                    return self._read_mapping(mark, events, refused)
                case yaml.ScalarEvent():
                    refused = self._refuse_cut(event) or refused
                    return Text(event.value, self.source, mark.line, mark.column, event.style, refused)
        finally:
            self.depth -= 1
        return Text("", self.source, mark.line, mark.column, refused=True)

    def _read_list(self, mark: Any, events: Iterator[yaml.Event]) -> Node:
        items: list[Node] = []
        if self.depth > _DEEPEST:
            return self._refuse_depth(mark, events)
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(self.read(inner, events))
        return Items(items, self.source, mark.line, mark.column)

    def _read_mapping(self, mark: Any, events: Iterator[yaml.Event], refused: bool) -> Node:
        fields = Fields({}, {}, self.source, mark.line, mark.column, refused)
        if self.depth > _DEEPEST:
            return self._refuse_depth(mark, events)
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self.read(event, events)
            known = len(self.diagnostics)
            value = self.read(next(events), events)
            if isinstance(key, Text) and key.value == "<<":
                del self.diagnostics[known:]
            if self._is_new_key(fields, key):
                assert isinstance(key, Text)
                fields.items[key.value], fields.keys[key.value] = value, key
            else:
                fields.refused = True
        return fields

    def _is_new_key(self, fields: Fields, key: Node) -> bool:
        if not isinstance(key, Text):
            self._report("Y007", "a key must be one word, not a list or mapping", key.place(),
                         "write `name: …`; a text that starts with `[` or `{` stands in double quotes")
        elif key.value == "<<":
            self._report("Y004", "the merge key `<<` is not allowed here", key.place(),
                         "write the keys out: rule files say everything where it is used")
        elif key.value in fields.items:
            first = fields.keys[key.value].place()
            self._report("Y003", f"the key `{key.value}` stands twice; the first is on line {first.line}", key.place(),
                         "YAML would silently drop one of them: merge the two, or rename one")
        else:
            return not key.refused
        return False

    def refuse_more(self, events: Iterator[yaml.Event]) -> None:
        """A second document in the file would be passed over in silence."""
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                mark: Any = event.start_mark
                place = self.source.place(mark.line + 1, 1, 3)
                self._report("Y007", "a second document starts here", place,
                             "a rule file is one document: remove the line `---`")
                return

    def _refuse_depth(self, mark: Any, events: Iterator[yaml.Event]) -> Text:
        self._report("Y007", f"lists and mappings are nested more than {_DEEPEST} deep here",
                     self.source.place(mark.line + 1, mark.column + 1), "check the brackets and the indentation")
        open_ = 1
        while open_:
            event = next(events)
            open_ += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        return Text("", self.source, mark.line, mark.column, refused=True)

    def _refuse_specials(self, event: Any) -> bool:
        mark = event.start_mark
        place = self.source.place(mark.line + 1, mark.column + 1)
        quoted = "a phrase that starts with `{}` stands in double quotes"
        if isinstance(event, yaml.AliasEvent):
            self._report("Y004", f"YAML reads `*{event.anchor}` as an alias, which is not allowed here", place,
                         quoted.format("*") + "; to use something twice, name it in `words:` or `macros:`")
        elif getattr(event, "anchor", None):
            self._report("Y004", f"YAML reads `&{event.anchor}` as an anchor, which is not allowed here", place,
                         quoted.format("&") + "; to use something twice, name it in `words:` or `macros:`")
        elif getattr(event, "tag", None):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._report("Y004", f"YAML reads `{tag}` as a tag, which is not allowed here", place,
                         quoted.format("!") + "; tags are not needed, every value is text")
        else:
            return False
        return True

    def _refuse_cut(self, event: Any) -> bool:
        # A comment is written after two blanks; after one, it is the tail of a phrase that YAML threw away.
        end = event.end_mark
        if event.style not in (None, "") or end.line >= len(self.source.lines) or not event.value:
            return False
        rest = self.source.lines[end.line][end.column:]
        if not rest.startswith(" #"):
            return False
        place = self.source.place(end.line + 1, end.column + 2, max(1, len(rest.rstrip()) - 1))
        self._report("Y006", "YAML takes ` #` and all behind it for a comment", place,
                     "if it belongs to the phrase, put the phrase in double quotes; if not, put two spaces before `#`")
        return True

    def _report(self, code: str, message: str, place: Place, help_text: str) -> None:
        self.diagnostics.append(Diagnostic(code, message, place, help=help_text))


# --- What the YAML parser cannot read --------------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class _Fault:
    """What a message of the YAML reader means: `at_start` when the place to mend is where the text begins, `unclear`
    when the character that the line's value starts with may say more."""

    said: str
    message: str
    help: str
    at_start: bool = False
    unclear: bool = False


_IN_QUOTES = "a phrase that starts with it must stand in double quotes, or after `|`"

#: The first whose words stand in what the YAML reader says.
_FAULTS = (
    _Fault("mapping values are not allowed", "a `: ` inside this line makes it a second `key: value`",
           'put the whole phrase in double quotes: `"PHRASE"`'),
    _Fault("unknown escape character", "a backslash in double quotes starts an escape that YAML does not know",
           "use single quotes, or write the text after `|`, where a backslash is a backslash"),
    _Fault("quoted scalar", "a quotation mark is opened here and never closed",
           "close it; inside single quotes an apostrophe is written twice, inside double quotes `\"` is `\\\"`", True),
    _Fault("expected ',' or ']'", "the list `[…]` that opens here is broken or never closed",
           "close it with `]`; an item that has one of `: , [ ] { } #` stands in double quotes", True),
    _Fault("expected ',' or '}'", "the mapping `{…}` that opens here is broken or never closed",
           "close it with `}`; a text that has one of `: , [ ] { } #` stands in double quotes", True),
    _Fault("flow", "the `[…]` or `{…}` that opens here is broken or never closed",
           "close it; a text that has one of `: , [ ] { } #` stands in double quotes", True),
    _Fault("tab character", "a tab stands where the line is indented",
           "write spaces, not tabs, at the start of the line"),
    _Fault("cannot start any token", "a phrase cannot start with this character", _IN_QUOTES, unclear=True),
    _Fault("alphabetic or numeric character", "a phrase cannot start with this character", _IN_QUOTES, unclear=True),
    _Fault("tag", "a phrase cannot start with `!`", _IN_QUOTES, unclear=True),
    _Fault("directive", "a phrase cannot start with `%`", _IN_QUOTES, unclear=True),
    _Fault("document start", "a phrase cannot start with this character", _IN_QUOTES, unclear=True),
    _Fault("could not find expected ':'", "this line is neither `key: value` nor `- item`",
           "write `key: value`; the lines of a long text go after `|`, indented", True),
    _Fault("sequence entries are not allowed", "a list cannot start on this line",
           "start the list on the next line: one `- item` a line"),
    _Fault("block scalar", "nothing may stand behind `|` or `>`", "start the text on the next line, indented"),
    _Fault("expected", "this line does not fit the lines before it",
           "give lines of one list or mapping the same indentation; what stands inside starts further right",
           unclear=True),
)


def _explain_syntax(error: yaml.MarkedYAMLError, source: SourceFile) -> Diagnostic:
    said = f"{error.context} {error.problem}"
    fault = next((f for f in _FAULTS if f.said in said), None)
    mark = error.problem_mark or error.context_mark
    if fault and fault.at_start and error.context_mark:
        mark = error.context_mark
    place = source.place(mark.line + 1, mark.column + 1) if mark else source.place(1, 1)
    if fault is None:
        return Diagnostic("Y001", f"this is not valid YAML: {error.problem}", place, help="check the lines around it")
    if "\t" in place.source[: place.column] and not fault.at_start:
        fault = next(f for f in _FAULTS if f.said == "tab character")
    elif fault.unclear and (special := _special_start(place)):
        return special
    help_text = fault.help.replace("PHRASE", _value_of(place.source).replace('"', '\\"'))
    return Diagnostic("Y001", fault.message, place, help=help_text)


#: A line up to its value: indentation, the dashes of a list, a key.
_LEAD = re.compile(r"[ ]*(?:- +)*(?:[\w.-]+:(?: +|$))?")


def _value_of(line: str) -> str:
    return line[_lead_length(line):].strip()


def _lead_length(line: str) -> int:
    found = _LEAD.match(line)
    return found.end() if found else 0


def _special_start(place: Place) -> Diagnostic | None:
    """The value of the line starts with a character that means something to YAML: that is where to mend it."""
    start = _lead_length(place.source)
    char = place.source[start : start + 1]
    if not char or char not in "*&!@`%{['\"" or place.column <= start:
        return None
    value = _value_of(place.source)
    quoted = f'"{value}"' if '"' not in value else "'" + value.replace("'", "''") + "'"
    if char in "'\"":
        return Diagnostic("Y001", "text stands behind the quotation mark that closes this phrase", place,
                          help="put the whole phrase in double quotes, or write it after `|`")
    shown = "a backtick" if char == "`" else f"`{char}`"
    return Diagnostic("Y001", f"a phrase cannot start with {shown}, which means something to YAML",
                      Place(place.file, place.line, start + 1, 1, place.source),
                      help=f"put it in quotation marks, {quoted}, or write it after `|`")


def _explain_character(error: yaml.reader.ReaderError, source: SourceFile) -> Diagnostic:
    # Only control characters can do this: the reader refuses them wherever they stand.
    for number, line in enumerate(source.lines, start=1):
        if found := yaml.reader.Reader.NON_PRINTABLE.search(line):
            return Diagnostic("Y001", f"an invisible control character (code {ord(found[0])}) stands here",
                              source.place(number, found.start() + 1), help="delete it; pasted text often brings it in")
    return Diagnostic("Y001", f"this is not valid YAML: {error.reason}", source.place(1, 1))
