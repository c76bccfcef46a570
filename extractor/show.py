"""Records as readable text for a terminal: the sentence, its words underlined by role, and what was made of them.

In: a text and the records made of it (as `EventRecord.to_dict()` gives them). Out: text, one block an event:

    harm.killed  by killed.passive, rules/frames/harm.yaml:23  (462eee3f7e5c)
      Douze civils ont été tués lundi à Alep, selon l'OSDH.
      ──────────── ──────────── ─────   ────        ──────
      victim       trigger      time    place       source
      victim 12 civilian · place aleppo-governorate · time 2019-05-27 · source osdh
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from extractor.shapes import ROLES

Record = Mapping[str, Any]

WIDTH: Final = 100
MAX_WIDTH: Final = 140
_MARGIN: Final = "  "
_MIN_WIDTH: Final = 30
# The colours of roles, as terminals number them; any other role takes the last one.
_COLOURS: Final = {"trigger": 31, "victim": 33, "agent": 35, "target": 33, "place": 32, "time": 36, "source": 34}
_OTHER_COLOUR: Final = 37
_BOLD: Final = 1


@dataclass(slots=True)
class Mark:
    """Words of a sentence that play a role; offsets are those of the text."""

    start: int
    end: int
    label: str


def show_events(text: str, records: Sequence[Record], *, width: int = WIDTH, colour: bool = False) -> str:
    """All events in the order given. An event whose sentence was shown just before shows only the lines it marks."""
    pen = Pen(colour)
    blocks = []
    last: tuple[int, int] | None = None
    for record in records:
        sentence = (record["sentence"]["start"], record["sentence"]["end"])
        lines = [_headline(record, pen)]
        lines += _marked_lines(text, sentence, _marks(record), width, pen, whole=sentence != last)
        lines += [_MARGIN + " · ".join(facts)] if (facts := [*_facts(record)]) else []
        blocks.append("\n".join(line.rstrip() for line in lines))
        last = sentence
    return "\n\n".join(blocks)


def show_heading(doc_id: str, date: str | None, events: int) -> str:
    """`sample, 2024-05-14: 12 events`"""
    number = f"{events} event{'' if events == 1 else 's'}" if events else "no event found"
    return f"{_flat(doc_id)}{f', {date}' if date else ''}: {number}"


@dataclass(slots=True)
class Pen:
    """Writes in colour, or not."""

    colour: bool

    def write(self, code: int, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def _headline(record: Record, pen: Pen) -> str:
    rule = record["rule"]
    return f"{pen.write(_BOLD, record['type'])}  by {rule['id']}, {rule['file']}:{rule['line']}  ({record['id']})"


# --- Facts -----------------------------------------------------------------------------------------------------------


def _facts(record: Record) -> Iterator[str]:
    """What the words were read as: counts, times, ids, sources, and what is not plainly asserted."""
    arguments = record["arguments"]
    for role in sorted(arguments, key=lambda r: (ROLES.index(r) if r in ROLES else len(ROLES), r)):
        values = [" ".join(_values(argument)) for argument in arguments[role]]
        yield from (f"{role} {value}" for value in values if value)
    yield from (f"source {_name_source(source)}" for source in record["attribution"])
    yield from (f"contested by {_name_source(who)}" for who in record["contested"])
    factuality = record["factuality"]
    if factuality["value"] != "asserted":
        cue = f" (« {_flat(factuality['cue']['text'])} »)" if factuality["cue"] else ""
        yield f"{factuality['value']}{cue}"
    if record["scope"] != "incident":
        yield str(record["scope"])


def _values(argument: Record) -> Iterator[str]:
    """`12 civilian`, `2024-05-14`, `aleppo-governorate`; nothing when the words are all that is known."""
    if argument.get("count"):
        yield show_count(argument["count"])
    if argument.get("category"):
        yield str(argument["category"])
    if argument.get("from") or argument.get("to"):
        yield "/".join(dict.fromkeys(str(argument.get(end) or "…") for end in ("from", "to")))
    yield from (str(i) for i in argument.get("ids") or [argument.get("id")] if i)


def show_count(count: Record) -> str:
    """`12`, `20–30`, `at least 5`, `tens`, `3 building`: a count in as few words as it takes."""
    qualifier, unit = count.get("qualifier"), count.get("unit")
    number = _figure(count)
    words = [] if number and qualifier in (None, "exact", "between") else [str(qualifier or "").replace("_", " ")]
    words += ["" if qualifier == "none" else number, "" if unit in (None, "person") else str(unit)]
    return " ".join(word for word in words if word)


def _figure(count: Record) -> str:
    value, low, high = count.get("value"), count.get("min"), count.get("max")
    if value is None and low is not None and high is not None:
        return f"{low}–{high}"
    return next((str(n) for n in (value, low, high) if n is not None), "")


def _name_source(source: Record) -> str:
    name = str(source.get("id") or _flat(source["text"]))
    via = source.get("via")
    return f"{name} via {via.get('id') or _flat(via['text'])}" if via else name


def _marks(record: Record) -> list[Mark]:
    """The words of the record, longest first where they start together; those that say two things carry both names."""
    spans: dict[tuple[int, int], dict[str, None]] = {}
    named = [("trigger", record["trigger"])]
    named += [(role, argument) for role, found in record["arguments"].items() for argument in found]
    named += [("source", source) for source in record["attribution"]]
    if record["factuality"]["cue"]:
        named.append((record["factuality"]["value"], record["factuality"]["cue"]))
    for label, span in named:
        spans.setdefault((span["start"], span["end"]), {})[label] = None
    ordered = sorted(spans.items(), key=lambda item: (item[0][0], -item[0][1]))
    return [Mark(start, end, " + ".join(labels)) for (start, end), labels in ordered]


# --- Lines -----------------------------------------------------------------------------------------------------------


def _marked_lines(text: str, sentence: tuple[int, int], marks: Sequence[Mark], width: int, pen: Pen,
                  whole: bool) -> Iterator[str]:
    for start, end in _wrap(text, *sentence, max(_MIN_WIDTH, width - len(_MARGIN))):
        here = [m for m in marks if m.start < end and start < m.end]
        if whole or here:
            yield _MARGIN + _flat(text[start:end], squeeze=False)
        for layer in _layers(here, lambda m: (m.start, m.end)):
            yield from (_MARGIN + line for line in _underline(text, start, end, layer, pen))


def _wrap(text: str, start: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    """The spans of lines of at most `width` columns, cut at blanks; a longer word stands alone."""
    first = last = None
    for word in re.finditer(r"\S+", text[start:end]):
        a, b = start + word.start(), start + word.end()
        if first is not None and last is not None and _columns(text[first:b]) > width:
            yield first, last
            first = a
        first, last = a if first is None else first, b
    if first is not None and last is not None:
        yield first, last


def _layers(marks: Iterable[Mark], span_of: Any) -> list[list[Mark]]:
    """Marks in as few rows as it takes for no two of a row to overlap."""
    layers: list[tuple[int, list[Mark]]] = []
    for mark in marks:
        start, end = span_of(mark)
        row = next((i for i, (taken, _) in enumerate(layers) if taken <= start), None)
        if row is None:
            layers.append((end, [mark]))
        else:
            layers[row] = (end, [*layers[row][1], mark])
    return [row for _, row in layers]


def _underline(text: str, start: int, end: int, marks: Sequence[Mark], pen: Pen) -> Iterator[str]:
    """A line of rules under the words, and lines with their names; a mark that goes on from the line above has none."""
    def column(offset: int) -> int:
        return _columns(text[start:max(start, min(offset, end))])

    yield _place(((column(m.start), "─" * (column(m.end) - column(m.start)), m.label) for m in marks), pen)
    named = [m for m in marks if m.start >= start]
    for row in _layers(named, lambda m: (column(m.start), column(m.start) + len(m.label) + 1)):
        yield _place(((column(m.start), m.label, m.label) for m in row), pen)


def _place(pieces: Iterable[tuple[int, str, str]], pen: Pen) -> str:
    """One line with each piece at its column, coloured by its role."""
    line, at = "", 0
    for column, piece, label in pieces:
        colour = _COLOURS.get(label.split(" + ")[0], _OTHER_COLOUR)
        line += " " * (column - at) + pen.write(colour, piece)
        at = column + len(piece)
    return line


def _columns(text: str) -> int:
    """How wide a text stands on a terminal: accents written apart take no column, East Asian letters two."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _flat(text: str, squeeze: bool = True) -> str:
    """One line, safe to print: line breaks, tabs and control characters (terminals obey them) become blanks."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(plain.split()) if squeeze else plain
