"""The pattern API: compile, find, and what it says when something is wrong."""

from __future__ import annotations

import doctest
import warnings

import pytest

from extractor import RulesError, search
from extractor.search import Found, Pattern, TokenSentence, compile_pattern


def texts(pattern: Pattern, sentence: str) -> list[str]:
    """The matches in a sentence whose tokens are separated by blanks."""
    words = sentence.split(" ")
    return [" ".join(words[f.start : f.end]) for f in pattern.find(TokenSentence.of(words))]


def test_example_in_the_docstring() -> None:
    assert doctest.testmod(search).failed == 0


def test_a_text_is_cut_by_our_tokeniser() -> None:
    found = compile_pattern("l'armée a <trigger:bombardé>").find("Hier, l’armée a bombardé Alep.")
    assert found == [Found(2, 6, {"trigger": [(5, 6)]})]


def test_words_and_macros_are_known_by_name() -> None:
    pattern = compile_pattern("$people $been $killed:pp",
                              words={"people": ["~soldat"], "killed": ["~tuer", "~abattre"]},
                              macros={"been": "$have (aussi)? été", "have": "a | ont"})
    assert texts(pattern, "Les soldats ont aussi été abattus ; un soldat a été tué") == [
        "soldats ont aussi été abattus", "soldat a été tué"]


def test_attributes_and_mentions_come_with_the_tokens() -> None:
    pattern = compile_pattern("<who:@Actor[kind=army]> [role=verb]", fields=("role",))
    sentence = TokenSentence.of(["la", "garde", "tire", "la", "foule", "court"],
                                {"role": ["det", "noun", "verb", "det", "noun", "verb"]},
                                [("Actor", 0, 2, {"kind": "army"}), ("Actor", 3, 5, {"kind": "crowd"})])
    assert pattern.find(sentence) == [Found(0, 3, {"who": [(0, 2)]})]


@pytest.mark.parametrize("attributes, mentions, message", [
    ({"pos": ["x"]}, [], "`pos` has 1 values for 2 tokens"),
    ({}, [("Actor", 1, 3, {})], r"the mention `Actor` \(1, 3\) lies outside of 2 tokens"),
    ({}, [("Actor", 1, 1, {})], r"the mention `Actor` \(1, 1\) lies outside of 2 tokens"),
])
def test_a_sentence_that_does_not_fit(
        attributes: dict[str, list[str]], mentions: list[tuple[str, int, int, dict[str, str]]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TokenSentence.of(["a", "b"], attributes, mentions)


@pytest.mark.parametrize("text, codes", [
    ("morts (", ["P002"]),
    ("", ["P011"]),
    ("b*", ["P009"]),
    ("(?<= a+) b", ["P010"]),
    ("$inconnu", ["P004"]),
    ("$deux_fois(a; b)", ["P012"]),
    ("~tuerr", ["R009"]),
    ("~tuer:passe", ["R009"]),
    ("[humeur=bonne]", ["P006"]),
    ("[pos=NN]", ["P007"]),
    ("<victime> tués", ["R011"]),
    ("~tuerr ~blessser [pos=NN]", ["R009", "P007", "R009"]),
])
def test_a_mistake_is_a_diagnostic(text: str, codes: list[str]) -> None:
    with pytest.raises(RulesError) as refused:
        compile_pattern(text, macros={"deux_fois": "a a"})
    assert sorted(d.code for d in refused.value.diagnostics) == sorted(codes)
    assert all(d.place is not None and d.place.file == "<pattern>" for d in refused.value.diagnostics)


def test_mistakes_in_lists_and_macros_name_them() -> None:
    with pytest.raises(RulesError) as refused:
        compile_pattern("$people $been", words={"people": ["~habitantt"]}, macros={"been": "a été ("})
    assert [str(d.place) for d in refused.value.diagnostics] == ["<macros:been>:1:7", "<words:people>:1:1"]


def test_own_fields_take_any_value() -> None:
    pattern = compile_pattern("[pos=/N.*/ & length>2]", fields=("pos",))
    assert pattern.find(TokenSentence.of(["le", "chat"], {"pos": ["NN", "NNS"]})) == [Found(1, 2, {})]


def test_a_mention_type_that_is_not_given_matches_nothing() -> None:
    assert compile_pattern("@People").find("Douze civils") == []


def test_giving_up_is_told() -> None:
    pattern = compile_pattern(" ..60 ".join(["a"] * 8) + " [length>9]")
    with pytest.warns(RuntimeWarning, match="gave up on a sentence of 5000 tokens"):
        assert pattern.find(TokenSentence.of(["a"] * 5_000)) == []


def test_a_long_repetition_is_no_trouble() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compile_pattern("(a | c)+ b").find(TokenSentence.of([*["a"] * 9_000, "b"]))
    assert found == [Found(0, 9_001, {})]
