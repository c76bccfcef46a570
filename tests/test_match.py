"""The matcher: order of ways, memory of what failed, budget, mentions and gaps; and agreement with Python's `re`."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor import inflection
from extractor.forms import TestTable
from extractor.index import find_matches
from extractor.match import BUDGET, Compiler, Probe, State, find_at
from extractor.pattern import inline
from extractor.patternreader import parse_pattern
from extractor.search import TokenSentence, compile_pattern


def spans(pattern: str, tokens: str, mentions: Sequence[tuple[str, int, int]] = (), use_index: bool = True,
          ) -> list[tuple[int, int]]:
    """Matches over tokens separated by blanks."""
    sentence = TokenSentence.of(tokens.split(), {}, [(*m, {}) for m in mentions])
    return [(f.start, f.end) for f in compile_pattern(pattern).find(sentence, use_index=use_index)]


@pytest.mark.parametrize("pattern, tokens, expected", [
    # --- order of ways
    ("(a | a b) (b c)?", "a b c", [(0, 3)]),
    ("(a | a b) c", "a b c", [(0, 3)]),
    ("(a b | a) (b | c)", "a b c", [(0, 3)]),
    ("a?? a", "a a", [(0, 1), (1, 2)]),
    ("a? a", "a a", [(0, 2)]),
    ("[]*? c", "a c b c", [(0, 2), (2, 4)]),
    ("[]* c", "a c b c", [(0, 4)]),
    # --- repeats in repeats, and bodies that may be empty
    ("(a+ b)+ c", "a a b a b c", [(0, 6)]),
    ("((a b)+ | c)+ d", "a b a b c a b d", [(0, 8)]),
    ("(a* b*)+ c", "a b b a c", [(0, 5)]),
    ("((a?)+)+ b", "a a b", [(0, 3)]),
    ("(a*)* b", "a a a c", []),
    ("((a | a a)+)+ b", "a a a a c b", []),
    # --- counted repeats, written out and counted
    ("a{3} b", "a a a a b", [(1, 5)]),
    ("a{2,3} a", "a a a a a", [(0, 4)]),
    ("a{2,} b", "b a b a a b", [(3, 6)]),
    ("a{13} b", "a " * 15 + "b", [(2, 16)]),
    ("a{0,14} b", "a " * 15 + "b", [(1, 16)]),
    ("a{0,14}? b", "a " * 15 + "b", [(1, 16)]),
    ("(a b?){1,15} c", "a b a a b a c", [(0, 7)]),
    ("(a{1,14} b){1,14} c", "a a b a b b c a b c", [(7, 10)]),
    ("(a{1,14} b){1,14} c", "a a b a b c", [(0, 6)]),
    ("(a | b){3,20} c", "a b a b a c", [(0, 6)]),
    # --- look-around
    ("a (?= b) b", "a b a c", [(0, 2)]),
    ("a (?! b c)", "a b c a b b", [(3, 4)]),
    ("(?<= a b) c", "a b c b c", [(2, 3)]),
    ("(?<= a b?) c", "a c a b c b c", [(1, 2), (4, 5)]),
    ("(?<! a ..3[stop=sentence]) c", "a x x c x c", [(5, 6)]),
    ("(?<= (?<! x) a) b", "x a b a b", [(4, 5)]),
    ("(?<= a (?= b c)) b", "a b b a b c", [(4, 5)]),
    ("((?<= a) b | a)+ c", "a b a b c", [(0, 5)]),
    # --- anchors
    ("^ a", "a a", [(0, 1)]),
    ("a $", "a a", [(1, 2)]),
    ("(^ | b) a", "a c b a", [(0, 1), (2, 4)]),
    # --- gaps: as few tokens as possible, but as many as needed
    ("a ..3[stop=sentence] b", "a b x b", [(0, 2)]),
    ("a ..3[stop=sentence] b c", "a b x b c", [(0, 5)]),
    ("a ..1[stop=sentence] b ..1[stop=sentence] c", "a x b x c", [(0, 5)]),
])
def test_ways(pattern: str, tokens: str, expected: list[tuple[int, int]]) -> None:
    assert spans(pattern, tokens) == expected
    assert spans(pattern, tokens, use_index=False) == expected


@pytest.mark.parametrize("pattern, tokens, end", [("a?? b?", "a", 1), ("a{,2}? b?", "a b", 2), ("a?", "b", None)])
def test_zero_tokens_are_no_match(pattern: str, tokens: str, end: int | None) -> None:
    """The next way that takes a token is a match; without one there is none."""
    matcher, table = compiled(pattern)
    match = find_at(matcher, State([table.form(word) for word in tokens.split()]), 0)
    assert (match.end if match else None) == end


BARRIER = ("Boundary", 2, 3)
ASIDE = ("Insertion", 2, 6)


@pytest.mark.parametrize("pattern, tokens, mentions, expected", [
    ("a ..4 b", "a x mais b", [BARRIER], []),
    ("a ..4 mais", "a x mais b", [BARRIER], [(0, 3)]),
    ("a ..4[stop=sentence] b", "a x mais b", [BARRIER], [(0, 4)]),
    ("a ..1 b", "a x ( y y ) b", [ASIDE], []),
    ("a ..2[over=insertion] b", "a x ( y y ) b", [ASIDE], [(0, 7)]),
    ("a ..1[over=insertion] b", "a x ( y y ) b", [ASIDE], []),
    ("a ..2[over=insertion] y", "a x ( y y ) b", [ASIDE], []),
    ("a ..3 y", "a x ( y y ) b", [ASIDE], [(0, 4)]),
    ("a ..2[over=insertion] b", "a x ( mais y ) b", [ASIDE, ("Boundary", 3, 4)], [(0, 7)]),
    ("a ..6 b", "a x ( mais y ) b", [ASIDE, ("Boundary", 3, 4)], []),
    # a barrier at the very place where the gap begins
    ("a ..4 b", "a mais b", [("Boundary", 1, 2)], []),
    ("a x ..4 b", "a x mais b", [BARRIER], []),
], ids=str)
def test_gaps_stop_at_boundaries_and_step_over_insertions(
        pattern: str, tokens: str, mentions: list[tuple[str, int, int]], expected: list[tuple[int, int]]) -> None:
    assert spans(pattern, tokens, mentions) == expected


def test_mentions_are_elements_like_words() -> None:
    mentions = [("People", 0, 2), ("People", 3, 4), ("Place", 5, 6)]
    assert spans("@People (et @People)* à @Place", "deux civils et soldats à Alep", mentions) == [(0, 6)]


# --- Agreement with Python's regular expressions ---------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class Twin:
    """One pattern in our language and as a regular expression over single letters; whether it can be empty."""

    ours: str
    regex: str
    empty: bool


LETTERS = st.sampled_from([Twin(c, c, False) for c in "abc"] + [Twin("[]", ".", False), Twin("(a | b)", "[ab]", False),
                                                                Twin("[!word=c]", "[^c]", False)])
EDGES = st.sampled_from([Twin("^", "^", True), Twin("$", r"\Z", True)])
GAPS = st.integers(1, 3).map(lambda n: Twin(f"..{n}[stop=sentence]", f".{{0,{n}}}?", True))
MARKS = st.sampled_from(["?", "*", "+", "{2}", "{1,2}", "{2,}", "{0,14}", "{1,15}"])


def _sequence(items: list[Twin]) -> Twin:
    return Twin(" ".join(f"({i.ours})" if "|" in i.ours else i.ours for i in items),
                "".join(f"(?:{i.regex})" for i in items), all(i.empty for i in items))


def _choice(items: list[Twin]) -> Twin:
    return Twin(" | ".join(i.ours for i in items), "|".join(i.regex for i in items), any(i.empty for i in items))


def _repeat(item: Twin, mark: str, lazy: bool) -> Twin:
    mark += "?" * lazy
    return Twin(f"({item.ours}){mark}", f"(?:{item.regex}){mark}", item.empty or mark.startswith(("?", "*", "{0")))


def _look(item: Twin, negative: bool) -> Twin:
    sign = "!" if negative else "="
    return Twin(f"(?{sign} {item.ours})", f"(?{sign}{item.regex})", True)


def _nest(inner: st.SearchStrategy[Twin]) -> st.SearchStrategy[Twin]:
    # Python lets an iteration of a repeat be empty where we try another way, so repeated parts take a token at least.
    solid = inner.filter(lambda t: not t.empty)
    looks = st.builds(_look, solid, st.booleans())
    behind = LETTERS.map(lambda t: Twin(f"(?<! {t.ours})", f"(?<!{t.regex})", True))
    return st.one_of(
        st.lists(inner | EDGES | GAPS | looks | behind, min_size=2, max_size=4).map(_sequence),
        st.lists(inner, min_size=2, max_size=3).map(_choice),
        st.builds(_repeat, solid, MARKS, st.booleans()),
        solid.map(lambda t: Twin(f"<x:{t.ours}>", f"(?:{t.regex})", False)))


TWINS = st.recursive(LETTERS, _nest, max_leaves=8).filter(lambda t: not t.empty)


def regex_spans(regex: str, text: str) -> list[tuple[int, int]]:
    """Non-empty matches that do not overlap, each the first way that takes a letter."""
    # The rest of the text is remembered at the start, and must not be the same at the end.
    compiled = re.compile(rf"(?=(.*))(?:{regex})(?!\1\Z)", re.DOTALL)
    found, at = [], 0
    while at < len(text):
        match = compiled.match(text, at)
        if match:
            found.append(match.span())
        at = match.end() if match else at + 1
    return found


@settings(max_examples=400, deadline=None)
@given(TWINS, st.lists(st.text(alphabet="abc", max_size=9), min_size=1, max_size=4))
def test_agrees_with_regular_expressions(twin: Twin, texts: list[str]) -> None:
    pattern = compile_pattern(twin.ours)
    for text in texts:
        sentence = TokenSentence.of(list(text))
        for use_index in (True, False):
            found = [(f.start, f.end) for f in pattern.find(sentence, use_index=use_index)]
            assert found == regex_spans(twin.regex, text), (twin, text)


# --- Memory and budget -----------------------------------------------------------------------------------------------


def compiled(pattern: str) -> tuple[Any, TestTable]:
    table = TestTable(inflection.shipped())
    return Compiler(table, {}).compile(parse_pattern(inline(pattern))), table


def test_what_failed_once_is_not_tried_again() -> None:
    """Without memory, this pattern takes 2 to the power of 60 steps."""
    matcher, table = compiled("((a | a a)+)+ [length>1]")
    state = State([table.form("a") for _ in range(60)])
    assert find_at(matcher, state, 0) is None
    assert not state.exhausted
    assert BUDGET - state.budget < 1_000


def test_memory_holds_from_one_start_to_the_next() -> None:
    """Every start fails at the same places: 300 starts take little more than the first."""
    matcher, table = compiled("a+ ..9[stop=sentence] [length>1]")
    state = State([table.form("a") for _ in range(300)])
    assert list(find_matches(matcher, state, range(300))) == []
    assert not state.exhausted
    assert BUDGET - state.budget < 5_000


def test_memory_is_cleared_by_a_match() -> None:
    assert spans("(a | b)+ ..2[stop=sentence] c", "a b x c a b x c") == [(0, 4), (4, 8)]


HOSTILE = [" ..60 ".join(["a"] * 8) + " [length>1]", "((a | a a){1,30} [length>1]){1,20}",
           "(a{1,20} a{1,20}){1,20} [length>1]"]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_pattern_ends_soon_and_is_told(pattern: str) -> None:
    found = compile_pattern(pattern)
    sentence = TokenSentence.of(["a"] * 5_000)
    started = time.perf_counter()
    with pytest.warns(RuntimeWarning, match="gave up"):
        assert found.find(sentence) == []
    assert time.perf_counter() - started < 5


def test_the_budget_is_for_what_lies_between_two_matches() -> None:
    """A long sentence in which the pattern matches again and again does not run out of steps."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(spans("a ..60 c", "a " + "b " * 50 + "c " + ("a " + "b " * 50 + "c ") * 1_500)) == 1_501


# --- Watching --------------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(TWINS, st.text(alphabet="abc", min_size=1, max_size=7))
def test_a_watched_matcher_gives_the_same(twin: Twin, text: str) -> None:
    node = parse_pattern(inline(twin.ours))
    table = TestTable(inflection.shipped())
    plain, watched = (Compiler(table, {}, watched=w).compile(node) for w in (False, True))
    for start in range(len(text)):
        state, probed = State([table.form(c) for c in text]), State([table.form(c) for c in text])
        probed.probe = Probe()
        expected, found = find_at(plain, state, start), find_at(watched, probed, start)
        assert (expected is None) == (found is None)
        assert expected is None or found is None or (expected.end, expected.trace) == (found.end, found.trace)


def test_a_trace_is_in_reading_order_and_holds_every_element() -> None:
    node = parse_pattern(inline("<x:a (b c)?> ..2[stop=sentence] d"))
    compiler = Compiler(TestTable(inflection.shipped()), {})
    compiler.number_tests(node)
    matcher = compiler.compile(node)
    match = find_at(matcher, State([compiler.table.form(w) for w in ["a", "b", "c", "x", "d"]]), 0)
    assert match is not None
    taken = [(step.start, step.end) for step in match.trace]
    assert taken == [(-1, 0), (0, 1), (1, 2), (2, 3), (3, -1), (3, 4), (4, 5)]
