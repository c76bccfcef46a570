"""YAML as text with places: every scalar is text, every place is exact, every trap is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.diagnostics import Diagnostic
from extractor.source import (
    Fields,
    Items,
    Text,
    fields_at,
    items_at,
    keys_at,
    mappings_at,
    number_at,
    text_at,
    texts_at,
)
from extractor.yamlreader import read_source


def read(text: str) -> tuple[object, list[Diagnostic]]:
    found: list[Diagnostic] = []
    return read_source(text, "x.yaml", found), found


def read_fields(text: str) -> Fields:
    node, found = read(text)
    assert not found, found
    assert isinstance(node, Fields)
    return node


def read_text(text: str, key: str) -> Text:
    node = read_fields(text).get(key)
    assert isinstance(node, Text)
    return node


@pytest.mark.parametrize("written", ["on", "no", "yes", "oui", "12:30", "017", "2019-05-27", "1e3", "null", "0x1F"])
def test_every_scalar_is_text(written: str) -> None:
    assert read_text(f"key: {written}\n", "key").value == written


@pytest.mark.parametrize("written, value", [
    ("key: a b", "a b"),
    ("key: 'l''armée'", "l'armée"),
    ('key: "l\\u0027armée"', "l'armée"),
    ("key: |\n  un\n  deux\n", "un\ndeux\n"),
    ("key: >-\n  un\n  deux\n", "un deux"),
])
def test_quotes_and_blocks(written: str, value: str) -> None:
    assert read_text(written, "key").value == value


PLACES = [
    ("plain", "key: un deux trois\n", "trois", (1, 14)),
    ("plain at the start", "key: un deux\n", "un", (1, 6)),
    ("plain on two lines", "key: un deux\n  trois quatre\n", "quatre", (2, 9)),
    ("literal block", "key: |\n  un deux\n  trois quatre\n", "quatre", (3, 9)),
    ("literal block, deeper second line", "key: |\n  un\n    deux\n", "deux", (3, 5)),
    ("literal block, empty line between", "key: |\n  un\n\n  deux\n", "deux", (4, 3)),
    ("literal block, a letter before", "key: |\n  aaa\n  a b\n", "b", (3, 5)),
    ("literal block with indentation mark", "key: |2\n   un\n  deux\n", "deux", (3, 3)),
    ("folded block", "key: >-\n  un deux\n  trois quatre\n", "quatre", (3, 9)),
    ("single quotes", "key: 'un deux'\n", "deux", (1, 10)),
    ("single quotes, apostrophe", "key: 'l''un deux'\n", "deux", (1, 13)),
    ("double quotes", 'key: "un deux"\n', "deux", (1, 10)),
    ("double quotes, escaped quote", 'key: "\\"un\\" deux"\n', "deux", (1, 14)),
    ("double quotes, code of a letter", 'key: "\\u00e9t\\xe9 deux"\n', "deux", (1, 19)),
    ("double quotes, escaped line end", 'key: "un\\ndeux"\n', "deux", (1, 11)),
    ("double quotes on two lines", 'key: "un\n  deux trois"\n', "trois", (2, 8)),
    ("item of a list", "key: [un, deux]\n", None, (1, 6)),
    ("accents count one", "key: été déjà là\n", "là", (1, 15)),
]


@pytest.mark.parametrize("text, word, place", [p[1:] for p in PLACES], ids=[p[0] for p in PLACES])
def test_places(text: str, word: str | None, place: tuple[int, int]) -> None:
    node = read_fields(text).get("key")
    if word is None:
        assert isinstance(node, Items)
        found = node.place()
    else:
        assert isinstance(node, Text)
        found = node.place(node.value.index(word), len(word))
    assert (found.line, found.column) == place
    if word and "\\" not in text:
        assert found.source[found.column - 1 : found.column - 1 + len(word)] == word


WORDS = st.lists(st.text("abé'\"\\<>$@#:,-", min_size=1, max_size=5), min_size=1, max_size=6)


@given(WORDS, st.sampled_from(["literal", "single", "double"]))
def test_the_place_of_every_letter_holds_that_letter(words: list[str], style: str) -> None:
    value = " ".join(words)
    text = {"literal": "key: |\n  " + value.replace(" ", "\n  ") + "\n",
            "single": "key: '" + value.replace("'", "''") + "'\n",
            "double": 'key: "' + value.replace("\\", "\\\\").replace('"', '\\"') + '"\n'}[style]
    node = read_text(text, "key")
    for offset, letter in enumerate(node.value):
        if not letter.isspace():
            place = node.place(offset, 1)
            shown = place.source[place.column - 1]
            assert shown == letter or (style == "double" and shown == "\\"), (text, offset)


@pytest.mark.parametrize("text, code", [
    ("a: &x b\n", "Y004"), ("a: *x\n", "Y004"), ("a: !x b\n", "Y004"), ("<<: {a: b}\n", "Y004"),
    ("a: b\na: c\n", "Y003"), ("a: b #c\n", "Y006"), ("", "Y008"), ("---\n", "Y008"), ("# only\n", "Y008"),
    ("a: b\n--- \nc: d\n", "Y007"), ("a: b: c\n", "Y001"), ("a: \x01\n", "Y001"), ("a: [b\n", "Y001"),
    ("? [a, b]\n: c\n", "Y007"), ("a: " + "[" * 60 + "]" * 60 + "\n", "Y007"),
])
def test_traps(text: str, code: str) -> None:
    _, found = read(text)
    assert [d.code for d in found] == [code]
    assert found[0].help


@pytest.mark.parametrize("text", ["a: b  # after two blanks\n", "# a comment\na: b\n", "a: |  # comment\n  b\n",
                                  'a: "b #c"\n', "a: b#c\n", "%YAML 1.1\n---\na: b\n"])
def test_no_traps(text: str) -> None:
    assert read(text)[1] == []


def test_what_is_refused_is_marked() -> None:
    node, _ = read("a: *x\nb: c #d\n")
    assert isinstance(node, Fields)
    assert [v.refused for v in node.items.values() if isinstance(v, Text)] == [True, True]


def test_keys_are_read_by_kind() -> None:
    node = read_fields("one: text\nnumber: -12\nlist: [a, {b: c}]\nmapping: {d: e, f: {g: h}}\n")
    assert text_at(node, "one") == "text"
    assert text_at(node, "list") == ""
    assert (number_at(node, "number"), number_at(node, "one", 7)) == (-12, 7)
    assert [t.value for t in texts_at(node, "list")] == ["a"]
    assert [t.value for t in texts_at(node, "one")] == ["text"]
    assert len(mappings_at(node, "list")) == 1
    assert list(items_at(node, "mapping")) == ["d", "f"]
    assert list(fields_at(node, "mapping")) == ["f"]
    assert list(keys_at(node, "mapping")) == ["d", "f"]
    assert items_at(None, "mapping") == {}
