"""Marked sentences: `<victim:Douze civils> ont été <trigger:tués>.` → plain text and spans.

The same notation marks rule examples, gold texts and explanations. In a frame, `{verb:pp.m.p}` stands for that form of
the argument's lemmas: one example becomes one for every entry of the list, so a verb added to the list is tested in
every construction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from extractor.diagnostics import Diagnostic, Place
from extractor.inflection import Inflection
from extractor.pattern import Alt, Lemma, Named, Node
from extractor.ruleset import CounterExample, Example
from extractor.source import Fields, Items, Text
from extractor.source import Node as SourceNode

_MARK = re.compile(r"<([A-Za-z_]\w*):|>")
_SLOT = re.compile(r"\{(\w+)(?::([\w.]+))?\}")


def read_marks(marked: str) -> tuple[str, tuple[tuple[str, int, int], ...]]:
    """Plain text and (name, start, end) marks in order of start. Raises ValueError on marks that do not pair up."""
    plain: list[str] = []
    open_marks: list[tuple[str, int]] = []
    marks: list[tuple[str, int, int]] = []
    position = length = 0
    for found in _MARK.finditer(marked):
        plain.append(marked[position : found.start()])
        length += found.start() - position
        position = found.end()
        if found[1]:
            open_marks.append((found[1], length))
        elif open_marks:
            name, start = open_marks.pop()
            if start == length:
                raise ValueError(f"the mark `{name}` holds no words")
            marks.append((name, start, length))
        else:
            raise ValueError("`>` closes no mark")
    if open_marks:
        raise ValueError(f"the mark `<{open_marks[-1][0]}:` is never closed")
    plain.append(marked[position:])
    return "".join(plain), tuple(sorted(marks, key=lambda m: (m[1], -m[2], m[0])))


@dataclass(slots=True)
class ExampleReader:
    """Reads the example keys of one rule; `arguments` are what a frame's parameters stand for."""

    found: list[Diagnostic]
    inflection: Inflection
    list_lemmas: Mapping[str, list[str]]
    arguments: Mapping[str, Node]

    def examples(self, *nodes: SourceNode | None) -> tuple[Example, ...]:
        read: list[Example] = []
        for item in _items(*nodes):
            text = _text_of(item)
            if text is None:
                continue
            date = item.get("date") if isinstance(item, Fields) else None
            expect = item.get("expect") if isinstance(item, Fields) else None
            values = {k: v.value for k, v in expect.items.items() if isinstance(v, Text)} \
                if isinstance(expect, Fields) else {}
            for filled in self._fill(text):
                try:
                    plain, marks = read_marks(filled)
                except ValueError as error:
                    self._report(text.place(), str(error))
                    break
                read.append(Example(plain, marks, text.place(), date.value if isinstance(date, Text) else None, values))
        return tuple(read)

    def counterexamples(self, *nodes: SourceNode | None) -> tuple[CounterExample, ...]:
        read: list[CounterExample] = []
        for item in _items(*nodes):
            if not isinstance(item, Fields) or (text := _text_of(item)) is None:
                continue
            because, date = item.get("because"), item.get("date")
            reason = because.value if isinstance(because, Text) else ""
            read += [CounterExample(filled, reason, text.place(), date.value if isinstance(date, Text) else None)
                     for filled in self._fill(text)]
        return tuple(read)

    def _fill(self, text: Text) -> list[str]:
        """The text for every lemma of the first slot's argument; without slots the text itself."""
        slots = list(_SLOT.finditer(text.value))
        if not slots:
            return [text.value]
        unknown = [s[1] for s in slots if s[1] not in self.arguments]
        if unknown:
            self._report(text.place(slots[0].start()), f"`{{{unknown[0]}}}` is no parameter of the frame")
            return []
        filled = []
        for index in range(max(len(self._lemmas(s[1])) for s in slots)):
            forms = [self._form(s[1], s[2] or "", index) for s in slots]
            if all(forms):
                replaced = iter(forms)
                filled.append(_SLOT.sub(lambda _, it=replaced: next(it), text.value))  # type: ignore[misc]
        return filled

    def _lemmas(self, parameter: str) -> list[str]:
        return _lemmas_of(self.arguments[parameter], self.list_lemmas)

    def _form(self, parameter: str, tags: str, index: int) -> str:
        lemmas = self._lemmas(parameter)
        if not lemmas:
            return ""
        words = lemmas[index % len(lemmas)].split()
        forms = self.inflection.expand(words[0].lstrip("~"), tuple(t for t in tags.split(".") if t)) if words else ()
        return " ".join([forms[0], *(w.lstrip("~") for w in words[1:])]) if forms else ""

    def _report(self, place: Place, message: str) -> None:
        self.found.append(Diagnostic("E001", f"this example cannot be read: {message}", place,
                                     help="mark roles as `<victim:Douze civils>`"))


def _lemmas_of(node: Node, list_lemmas: Mapping[str, list[str]]) -> list[str]:
    match node:
        case Lemma(lemma=lemma):
            return ["~" + lemma]
        case Named(name=name):
            return list_lemmas.get(name, [])
        case Alt(items=items):
            return [lemma for item in items for lemma in _lemmas_of(item, list_lemmas)]
    return []


def _items(*nodes: SourceNode | None) -> list[SourceNode]:
    return [item for node in nodes if isinstance(node, Items) for item in node.items]


def _text_of(item: SourceNode) -> Text | None:
    text = item.get("text") if isinstance(item, Fields) else item
    return text if isinstance(text, Text) else None
