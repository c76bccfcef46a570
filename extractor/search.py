"""Patterns without rule files: compile one pattern, and find it in a sentence.

In: pattern text (grammar/README.md explains the language), with the word lists and macros it uses. Out: a `Pattern`
that finds itself in sentences, by the very matcher that the rules run on. It is what an author tries a pattern with.

    >>> pattern = compile_pattern("<victim:$people> ont été ~tuer:pp", words={"people": ["~civil", "~enfant"]})
    >>> pattern.find("Deux civils ont été tués, trois enfants blessés.")
    [Found(start=1, end=5, captures={'victim': [(1, 2)]})]
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from extractor import inflection
from extractor.analysis import BRIEF_TEXT, sentence_edges
from extractor.diagnostics import Diagnostic, Place, RulesError
from extractor.expand import Expander, Macro, Scope
from extractor.forms import TestTable
from extractor.index import Required, RequirementFinder, RuleIndex, find_matches, positions_of
from extractor.match import Compiler, Matcher, Mention, State, captured_spans
from extractor.modules import Library
from extractor.pattern import (
    All,
    Node,
    PatternError,
    Reference,
    TokenTest,
    children,
    error_at,
    inline,
    rebuild,
    walk,
)
from extractor.patternreader import parse_pattern
from extractor.rulechecks import check_pattern
from extractor.source import Items
from extractor.text import read_document
from extractor.tokens import Sentence, iter_token_spans
from extractor.vocabulary import comparisons
from extractor.wordlists import WordListReader

MODULE = "pattern"
# A repetition nests a few Python calls a token, and a sentence given as tokens may be long.
_RECURSION = 100_000


@dataclass(slots=True)
class Found:
    """A match: token span (half-open), and for every capture its spans in reading order."""

    start: int
    end: int
    captures: dict[str, list[tuple[int, int]]]


@dataclass(slots=True)
class TokenSentence:
    """A sentence that is cut already. `attributes[i]` are fields of token i that go before what the lexicon says."""

    tokens: tuple[str, ...]
    attributes: tuple[Mapping[str, str], ...] | None
    mentions: tuple[Mention, ...]

    @classmethod
    def of(cls, tokens: Sequence[str], attributes: Mapping[str, Sequence[str]] = {},
           mentions: Sequence[tuple[str, int, int, Mapping[str, Any]]] = ()) -> TokenSentence:
        """`attributes` holds a value a token for every field; `mentions` are (type, start, end, values) over tokens.

        Raises ValueError when a field has not as many values as there are tokens, or a mention lies outside.
        """
        for name, values in attributes.items():
            if len(values) != len(tokens):
                raise ValueError(f"`{name}` has {len(values)} values for {len(tokens)} tokens")
        for type_, start, end, _ in mentions:
            if not 0 <= start < end <= len(tokens):
                raise ValueError(f"the mention `{type_}` ({start}, {end}) lies outside of {len(tokens)} tokens")
        rows = tuple({name: values[i] for name, values in attributes.items()} for i in range(len(tokens)))
        return cls(tuple(tokens), rows if attributes else None,
                   tuple(Mention(type_, start, end, dict(values), None) for type_, start, end, values in mentions))


@dataclass(slots=True)
class Pattern:
    """A compiled pattern. `tree` is its syntax tree with all names replaced by what they stand for."""

    text: str
    tree: Node
    table: TestTable
    matcher: Matcher
    nodes: list[Node]
    required: Required | None

    def find(self, sentence: str | TokenSentence, *, use_index: bool = True) -> list[Found]:
        """Non-overlapping matches from the left. A `str` is cut by our tokeniser and taken as one sentence.

        `use_index=False` tries every token as a start: slower, same result. Warns (`RuntimeWarning`) when it gives up
        on a start after too many steps.
        """
        state = _read_sentence(sentence, self.table)
        index = RuleIndex()
        index.add(None, self.required)
        found = [self._found(match.start, match.end, captured_spans(match.trace, self.nodes))
                 for _, starts in index.candidates(state, positions_of(state), use_index)
                 for match in find_matches(self.matcher, state, starts)]
        if state.exhausted:
            warnings.warn(f"gave up on a sentence of {state.length} tokens: the pattern has too many ways to match",
                          RuntimeWarning, stacklevel=2)
        return found

    def _found(self, start: int, end: int, spans: Mapping[str, list[tuple[int, int, int, int]]]) -> Found:
        return Found(start, end, {name: [(s[0], s[1]) for s in spans[name]] for name in sorted(spans)})


def compile_pattern(text: str, *, words: Mapping[str, Sequence[str]] = {}, macros: Mapping[str, str] = {},
                    fields: Sequence[str] = ()) -> Pattern:
    """Compiles pattern text.

    `words` are word lists by name, with entries as in a rule file (`tué(e)(s)`, `~perdre la vie`); `macros` are named
    patterns; `fields` names the attributes that sentences bring along (`TokenSentence.of`).

    Raises `RulesError` with a diagnostic for every mistake in the pattern, the lists and the macros.
    """
    library = _read_names(words, macros)
    tree = _parse(text, "pattern", library.found)
    if tree is not None:
        tree = library.expander.expand(tree, library.expander.scopes[MODULE])
    if tree is not None and not library.found:
        _check(library, tree, fields)
    if tree is None or library.found:
        raise RulesError(library.found)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    table = TestTable(library.inflection)
    compiler = Compiler(table, library.lists)
    compiler.number_tests(tree)
    matcher = compiler.compile(tree)
    required = RequirementFinder(Compiler(table, library.lists)).find(tree)
    return Pattern(text, tree, table, matcher, list(walk(tree)), required)


# --- Reading ---------------------------------------------------------------------------------------------------------


def _read_names(words: Mapping[str, Sequence[str]], macros: Mapping[str, str]) -> Library:
    """A library of one module that lies in no file. Places name the list or macro: `<words:people>:1:1`."""
    scope, found = Scope(MODULE), list[Diagnostic]()
    library = Library(Path(), inflection.shipped(), found, Expander({MODULE: scope}, found))
    reader = WordListReader(library.inflection, found)
    for name, entries in words.items():
        key = inline(name, f"<words:{name}>")
        items = Items([inline(entry, key.source.name) for entry in entries], key.source, 0, 0)
        scope.lists[name] = reader.read(name, MODULE, key, items, None)
    for name, text in macros.items():
        tree = _parse(text, f"macros:{name}", found)
        scope.macros[name] = Macro(name, MODULE, (), tree, Place(f"<macros:{name}>", 1, 1))
    library.lists = {listed.key: listed for listed in scope.lists.values()}
    return library


def _parse(text: str, name: str, found: list[Diagnostic]) -> Node | None:
    try:
        return parse_pattern(inline(text, f"<{name}>"))
    except PatternError as error:
        found.append(error.diagnostic)
        return None


def _check(library: Library, tree: Node, fields: Collection[str]) -> None:
    check_pattern(library, _without_tests_of(tree, fields))
    for node in walk(tree):
        if isinstance(node, Reference):
            library.found.append(error_at(node.spot, "R011", f"`<{node.name}>` refers to a capture of a rule",
                                          f"write `<{node.name}:…>` to capture; references belong in `unless:`"))


def _without_tests_of(node: Node, fields: Collection[str]) -> Node:
    """The tree without the comparisons of fields whose values only the author knows."""
    if isinstance(node, TokenTest) and node.test is not None:
        return replace(node, test=All(tuple(c for c in comparisons(node.test) if c.field not in fields)))
    return rebuild(node, tuple(_without_tests_of(c, fields) for c in children(node)))


def _read_sentence(sentence: str | TokenSentence, table: TestTable) -> State:
    if isinstance(sentence, str):
        sentence = TokenSentence.of([sentence[a:b] for a, b in iter_token_spans(sentence)])
    words = list(sentence.tokens)
    text = " ".join(words)
    accentless = not read_document(text).has_accents
    state = State([table.form(word, accentless, len(text) < BRIEF_TEXT) for word in words])
    state.edges = sentence_edges(Sentence(0, 0, len(text), "paragraph", words, [], [], 0))
    state.attributes = list(sentence.attributes) if sentence.attributes is not None else None
    for mention in sentence.mentions:
        at = state.mentions.setdefault(mention.type, {})
        at[mention.start] = (*at.get(mention.start, ()), mention)
    return state
