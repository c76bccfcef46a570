"""What tests may speak of: the fields of tokens and list entries, and the values that they take.

In: the tests of a pattern. Out: diagnostics for unknown fields, values that a field never has, and comparisons that it
does not take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def check_token_tests(pattern: Node, found: list[Diagnostic], list_fields: Mapping[str, set[str]],
                      tags: Mapping[str, Any]) -> None:
    """Checks every test of a pattern whose names are expanded."""
    for node in walk(pattern):
        match node:
            case TokenTest(test=test) if test is not None:
                check_test(test, found, {k: v for k, (_, v) in TOKEN_FIELDS.items()}, "a token", list_fields, tags)
            case Named(name=name, test=test, tags=node_tags, spot=spot):
                _check_tags(node_tags, tags, spot, found)
                if test is not None and name in list_fields:
                    known = dict.fromkeys((*sorted(list_fields[name]), "id", "name"), ())
                    check_test(test, found, known, f"the list `{name.split(':')[-1]}`", list_fields, tags)
            case MentionRef():
                pass


def _check_tags(used: tuple[str, ...], tags: Mapping[str, Any], spot: Spot, found: list[Diagnostic]) -> None:
    for tag in used:
        if tag not in tags:
            found.append(error_at(spot, "R009", f"unknown inflection tag `{tag}`",
                                  did_you_mean(tag, tags) or "the tags are " + ", ".join(sorted(tags))))


def check_test(test: Test, found: list[Diagnostic], known: Mapping[str, tuple[str, ...]], owner: str,
               list_fields: Mapping[str, set[str]], tags: Mapping[str, Any]) -> None:
    for comparison in comparisons(test):
        spot = comparison.spot
        if spot is None:
            continue
        if comparison.field not in known:
            found.append(error_at(spot, "P006", f"{owner} has no field `{comparison.field}`",
                                  did_you_mean(comparison.field, known) or "its fields are " + ", ".join(known)))
            continue
        values = known[comparison.field]
        if comparison.field == "tag" and owner == "a token":
            values = tuple(sorted(tags))
        if comparison.field == "list":
            values = tuple(sorted({k.split(":")[-1] for k in list_fields}))
        _check_values(comparison, values, found, spot)


def _check_values(comparison: Comparison, values: tuple[str, ...], found: list[Diagnostic], spot: Spot) -> None:
    field, op = comparison.field, comparison.op
    if op in ORDERED_OPS or field in NUMERIC:
        if comparison.regex or not all(v.lstrip("-").replace(".", "", 1).isdigit() for v in comparison.values):
            found.append(error_at(spot, "P007", f"`{field} {op}` needs a number", f"write `{field}{op}5`"))
        elif field in TOKEN_FIELDS and field not in NUMERIC:
            found.append(error_at(spot, "P007", f"`{field}` has no order, so `{op}` says nothing", "use `=` or `!=`"))
        return
    if values and not comparison.regex:
        for value in comparison.values:
            if value not in values:
                found.append(error_at(spot, "P007", f"`{field}` is never `{value}`",
                                      did_you_mean(value, values) or "it is one of " + ", ".join(values[:40])))
