"""Marked sentences: `<victim:Douze civils> ont été <trigger:tués>.` → plain text and spans.

The same notation marks rule examples, gold texts and explanations. In a frame, `{verb:pp.m.p}` stands for that form of
the argument's lemmas: one example becomes one for every entry of the list, so a verb added to the list is tested in
every construction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from extractor.diagnostics import Diagnostic, Place, did_you_mean
from extractor.inflection import TAGS, Inflection
from extractor.match import values_predicate
from extractor.pattern import Alt, Lemma, Named, Node
from extractor.ruleset import CounterExample, Example
from extractor.source import Fields, Items, Text, items_at, text_at
from extractor.source import Node as SourceNode
from extractor.wordlists import WordList

_MARK = re.compile(r"<([A-Za-z_]\w*):|>")
_SLOT = re.compile(r"\{(\w+)(?::([\w.]+))?\}")


class MarkError(ValueError):
    """Marks that do not pair up; `offset` is where in the marked text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def read_marks(marked: str) -> tuple[str, tuple[tuple[str, int, int], ...]]:
    """Plain text and (name, start, end) marks in order of start. Raises MarkError on marks that do not pair up."""
    plain: list[str] = []
    open_marks: list[tuple[str, int, int]] = []
    marks: list[tuple[str, int, int]] = []
    position = length = 0
    for found in _MARK.finditer(marked):
        plain.append(marked[position : found.start()])
        length += found.start() - position
        position = found.end()
        if found[1]:
            open_marks.append((found[1], length, found.start()))
        elif open_marks:
            name, start, offset = open_marks.pop()
            if start == length:
                raise MarkError(f"the mark `{name}` holds no words", offset)
            marks.append((name, start, length))
        else:
            raise MarkError("this `>` closes no mark", found.start())
    if open_marks:
        raise MarkError(f"the mark `<{open_marks[-1][0]}:` is never closed", open_marks[-1][2])
    plain.append(marked[position:])
    return "".join(plain), tuple(sorted(marks, key=lambda m: (m[1], -m[2], m[0])))


@dataclass(slots=True)
class ExampleReader:
    """Reads the example keys of one rule; `arguments` are what a frame's parameters stand for."""

    found: list[Diagnostic]
    inflection: Inflection
    lists: Mapping[str, WordList]
    arguments: Mapping[str, Node]

    def examples(self, *nodes: SourceNode | None) -> tuple[Example, ...]:
        return tuple(example for item in _items(*nodes) if (text := _text_of(item)) is not None
                     for example in self._read_example(item, text))

    def _read_example(self, item: SourceNode, text: Text) -> Iterator[Example]:
        dated = self._date(item)
        expect = {k: v.value for k, v in items_at(item, "expect").items() if isinstance(v, Text)}
        for filled in self._fill(text):
            try:
                plain, marks = read_marks(filled)
            except MarkError as error:
                # What a slot was filled with may be longer than the slot: the place is exact without slots only.
                offset = error.offset if filled == text.value else 0
                self._report(text.place(offset, None if filled != text.value else 1), str(error),
                             "a mark is written `<victim:Douze civils>`")
                return
            yield Example(plain, marks, text.place(), dated, expect)

    def counterexamples(self, *nodes: SourceNode | None) -> tuple[CounterExample, ...]:
        return tuple(example for item in _items(*nodes) if isinstance(item, Fields)
                     and (text := _text_of(item)) is not None for example in self._read_counterexample(item, text))

    def _read_counterexample(self, item: Fields, text: Text) -> Iterator[CounterExample]:
        if mark := _MARK.search(text.value):
            self._report(text.place(mark.start(), len(mark[0])), "a counter-example marks nothing",
                         "write the sentence without `<name:` and `>`: nothing of it is to be found")
            return
        dated = self._date(item)
        for filled in self._fill(text):
            yield CounterExample(filled, text_at(item, "because"), text.place(), dated)

    def _date(self, item: SourceNode) -> str | None:
        written = item.get("date") if isinstance(item, Fields) else None
        if not isinstance(written, Text) or not written.value:
            return None
        if not _is_date(written.value):
            self._report(written.place(), f"`{written.value}` is no date", "write `2019-05-27`, `2019-05` or `2019`")
            return None
        return written.value

    # --- slots of frames -----------------------------------------------------------------------------------------

    def _fill(self, text: Text) -> list[str]:
        """The text for every lemma of the first slot's argument; without slots the text itself."""
        slots = list(_SLOT.finditer(text.value))
        if not slots:
            return [text.value]
        if any(not self._is_sound(slot, text) for slot in slots):
            return []
        filled = []
        for index in range(max(len(self._samples(s[1])) for s in slots)):
            forms = [self._form(s[1], s[2] or "", index) for s in slots]
            if all(forms):
                replaced = iter(forms)
                filled.append(_SLOT.sub(lambda _, it=replaced: next(it), text.value))  # type: ignore[misc]
        return filled

    def _is_sound(self, slot: re.Match[str], text: Text) -> bool:
        place = text.place(slot.start(), len(slot[0]))
        if slot[1] not in self.arguments:
            self._report(place, f"`{slot[0]}` names no parameter of a frame", did_you_mean(slot[1], self.arguments) or
                         "only the rules of a frame have such slots, one for each of its parameters")
            return False
        unknown = [t for t in (slot[2] or "").split(".") if t and t not in TAGS]
        if unknown:
            known = "the tags are " + ", ".join(sorted(TAGS))
            self.found.append(Diagnostic("R009", f"unknown inflection tag `{unknown[0]}`", place,
                                         help=did_you_mean(unknown[0], TAGS) or known))
        return not unknown

    def _samples(self, parameter: str) -> list[tuple[str, str]]:
        return _samples_of(self.arguments[parameter], self.lists)

    def _form(self, parameter: str, tags: str, index: int) -> str:
        """The form of the argument's entry number `index` that has the tags; empty when it has none."""
        samples = self._samples(parameter)
        if not samples:
            return ""
        asked = tuple(t for t in tags.split(".") if t)
        plain, full = samples[index % len(samples)]
        if not plain.startswith("~"):
            return plain if "p" not in asked else full if full != plain else ""
        lemma, *rest = plain.split()
        forms = self.inflection.expand(lemma.lstrip("~"), asked)
        return " ".join([forms[0], *(w.lstrip("~") for w in rest)]) if forms else ""

    def _report(self, place: Place, message: str, help_text: str) -> None:
        self.found.append(Diagnostic("E001", message, place, help=help_text))


_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


def _is_date(text: str) -> bool:
    """Whether a publication date is a day, month or year of the calendar."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True


def _samples_of(node: Node, lists: Mapping[str, WordList]) -> list[tuple[str, str]]:
    match node:
        case Lemma(lemma=lemma):
            return [("~" + lemma, "~" + lemma)]
        case Named(name=name, test=test) if name in lists:
            return lists[name].samples(values_predicate(test) if test is not None else None)
        case Alt(items=items):
            return [sample for item in items for sample in _samples_of(item, lists)]
    return []


def _items(*nodes: SourceNode | None) -> list[SourceNode]:
    return [item for node in nodes if isinstance(node, Items) for item in node.items]


def _text_of(item: SourceNode) -> Text | None:
    text = item.get("text") if isinstance(item, Fields) else item
    return text if isinstance(text, Text) and text.value and not text.refused else None
