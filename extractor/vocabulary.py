"""What tests may speak of: the fields of tokens and list entries, and the values that they take.

In: the tests of a pattern. Out: diagnostics for unknown fields, values that a field never has, and comparisons that it
does not take.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from extractor.diagnostics import Diagnostic, did_you_mean
from extractor.pattern import (
    All,
    Comparison,
    Either,
    MentionRef,
    Named,
    Node,
    Not,
    Spot,
    Test,
    TokenTest,
    error_at,
    walk,
)
from extractor.wordlists import WordList

#: Fields of a token: what they hold, and the values if they are few.
TOKEN_FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "word": ("the folded form", ()),
    "form": ("the form as written", ()),
    "lemma": ("a lemma that the lexicon gives the form", ()),
    "pos": ("a part of speech that the lexicon gives the form",
            ("verb", "noun", "adj", "adv", "det", "pron", "prep", "conj", "interj", "num", "name")),
    "tag": ("an inflection tag that the lexicon gives the form", ()),
    "case": ("how the token is written", ("upper", "title", "lower", "mixed", "none")),
    "length": ("the number of characters", ()),
    "list": ("a word list that an entry of starts here", ()),
    "known": ("whether the lexicon knows the form", ("yes", "no")),
}

#: What `@Event[…]` may ask for.
EVENT_FIELDS = ("type", "family")

NUMERIC = {"length"}
ORDERED_OPS = {"<", "<=", ">", ">="}


def comparisons(test: Test) -> Iterator[Comparison]:
    match test:
        case Comparison():
            yield test
        case Not(item=item):
            yield from comparisons(item)
        case All(items=items) | Either(items=items):
            for item in items:
                yield from comparisons(item)


def check_token_tests(pattern: Node, found: list[Diagnostic], list_fields: Mapping[str, Collection[str]],
                      tags: Mapping[str, Any], lists: Mapping[str, WordList] | None = None) -> None:
    """Checks every test of a pattern whose names are expanded: `list_fields` are the fields of each list's entries,
    `lists` the lists themselves, when values are to be checked as well."""
    for node in walk(pattern):
        match node:
            case TokenTest(test=test) if test is not None:
                _check_token_test(test, found, list_fields, tags)
            case Named(name=name, tags=node_tags, spot=spot):
                _check_tags(node_tags, tags, spot, found)
                if node.test is not None and name in list_fields:
                    _check_list_test(name, node.test, found, list_fields[name],
                                     lists.get(name) if lists else None)


def check_mention_test(node: MentionRef, fields: Collection[str], found: list[Diagnostic]) -> None:
    """Checks the test of `@Type[…]` against the fields that the rules give mentions of the type."""
    for comparison in comparisons(node.test) if node.test else ():
        if _has_field(comparison, fields, f"`@{node.type}`", found):
            _check_order(comparison, False, found)


def _check_token_test(test: Test, found: list[Diagnostic], lists: Collection[str], tags: Mapping[str, Any]) -> None:
    for comparison in comparisons(test):
        name = comparison.field
        if not _has_field(comparison, TOKEN_FIELDS, "a token", found):
            continue
        _check_order(comparison, name in NUMERIC, found)
        values: Collection[str] = TOKEN_FIELDS[name][1]
        if name == "tag":
            values = sorted(tags)
        elif name == "list":
            values = sorted({key.split(":")[-1] for key in lists})
        _check_values(comparison, values, found)


def _check_list_test(key: str, test: Test, found: list[Diagnostic], fields: Collection[str],
                     words: WordList | None) -> None:
    owner = f"the list `${key.split(':')[-1]}`"
    for comparison in comparisons(test):
        name = comparison.field
        if _has_field(comparison, {*fields, "id", "name"}, owner, found):
            _check_order(comparison, False, found)
            if words is not None and name not in ("id", "name"):
                _check_values(comparison, sorted(words.values(name)), found, f"{owner} has no entry whose ")


def _check_tags(used: tuple[str, ...], tags: Mapping[str, Any], spot: Spot, found: list[Diagnostic]) -> None:
    for tag in used:
        if tag not in tags:
            found.append(error_at(spot, "R009", f"unknown inflection tag `{tag}`",
                                  did_you_mean(tag, tags) or "the tags are " + ", ".join(sorted(tags))))


def _has_field(comparison: Comparison, known: Collection[str], owner: str, found: list[Diagnostic]) -> bool:
    if comparison.field in known or comparison.spot is None:
        return comparison.spot is not None
    found.append(error_at(comparison.spot, "P006", f"{owner} has no field `{comparison.field}`",
                          did_you_mean(comparison.field, known) or
                          ("its fields are " + ", ".join(sorted(known)) if known else "leave the test out")))
    return False


def _check_order(comparison: Comparison, numeric: bool, found: list[Diagnostic]) -> None:
    """`<` and `>` need numbers on both sides; so does a field that is a number."""
    name, op, spot = comparison.field, comparison.op, comparison.spot
    if spot is None or op == "has" or not (numeric or op in ORDERED_OPS):
        return
    if name in TOKEN_FIELDS and not numeric and name not in NUMERIC and comparison.op in ORDERED_OPS:
        found.append(error_at(spot, "P007", f"`{name}` has no order, so `{op}` says nothing", "use `=` or `!=`"))
    elif comparison.regex or not all(_is_number(v) for v in comparison.values):
        found.append(error_at(spot, "P007", f"`{name} {op}` needs a number", f"write `{name}{op}5`"))


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _check_values(comparison: Comparison, values: Collection[str], found: list[Diagnostic], lead: str = "") -> None:
    if not values or comparison.regex or comparison.op not in ("=", "!=", "in") or comparison.spot is None:
        return
    for value in comparison.values:
        if value not in values and not value.endswith("*"):
            name = comparison.field
            found.append(error_at(comparison.spot, "P007",
                                  f"{lead}`{name}` is `{value}`" if lead else f"`{name}` is never `{value}`",
                                  did_you_mean(value, values) or "it is one of " + ", ".join(sorted(values)[:40])))
