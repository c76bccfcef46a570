"""How other matchers of token patterns behave, and how ours does, as data: run through the public pattern API.

`conformance.jsonl` holds neutral trees that `conformance_translator` writes in our language; `conformance-own.jsonl`
holds patterns of our own. Every case runs with the index and without.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conformance_translator import read_sentence, translate

from extractor import RulesError
from extractor.search import Found, compile_pattern

CASES = Path(__file__).parent / "cases"
GUIDE = Path(__file__).parent.parent / "grammar" / "README.md"


@dataclass(slots=True, frozen=True)
class Difference:
    """A case that our language decides otherwise: the error we give, why, and how to say it here.

    `ours` is the code of the error, or `none` when our language has no element to translate to. `instead` gives the
    spans and captures of the case.
    """

    ours: str
    reason: str
    instead: str


NULLABLE = "a pattern never matches zero tokens, so one that could is refused; write `+`, or leave `?` out"
UNBOUNDED = "a look-behind is bounded; write a range, or one element where a repetition says no more"
SAME_SPAN = "no two patterns on one span; write the order out"

DIFFERENCES: dict[str, Difference] = {
    "mc109": Difference("P010", UNBOUNDED, "(?<! [tag=/N.*/]{1,9}) [tag=/N.*/] (?! [tag=/N.*/]+)"),
    "mc110": Difference("P010", UNBOUNDED, "(?<! [tag=/N.*/]{1,9}) [tag=/N.*/] (?! [tag=/N.*/]+)"),
    "mc121": Difference("P010", UNBOUNDED, "(?<! (herr | professor | doktor)) <titleless:@Person>"),
    "mc123": Difference("P010", UNBOUNDED, "(?<! (herr | professor | doktor)) <titleless:@Person>"),
    "mc304": Difference("none", SAME_SPAN,
                        '<c1:<c3:[form=/[A-Za-z]+/]> "Bishop"> "of" <c2:[form=/[A-Za-z]+/]{1,3}?>'),
    "mc306": Difference("none", SAME_SPAN, '<c1:<c2:[]*? "cat" []*? "sleeping">>'),
    "mc310": Difference("P009", NULLABLE, "[form=/[A-Za-z]+/]+"),
    "mc419": Difference("P009", NULLABLE, "[pos=JJ]"),
}


def read_cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CASES / name).read_text(encoding="utf-8").splitlines()]


NEUTRAL = read_cases("conformance.jsonl")
OWN = read_cases("conformance-own.jsonl")


def find(pattern: str, case: Mapping[str, Any], use_index: bool) -> list[Found]:
    compiled = compile_pattern(pattern, words=case.get("words", {}), macros=case.get("macros", {}),
                               fields=tuple(case.get("token_attrs", ())))
    return compiled.find(read_sentence(case), use_index=use_index)


def spans(found: list[Found]) -> list[list[int]]:
    return [[f.start, f.end] for f in found]


def captures(found: list[Found]) -> list[dict[str, list[list[int]]]]:
    """Captures as the cases write them; the translator put a letter before names that are numbers."""
    return [{k[1:] if k[1:].isdigit() else k: [list(s) for s in v] for k, v in f.captures.items()} for f in found]


@pytest.mark.parametrize("use_index", [True, False], ids=["index", "every start"])
@pytest.mark.parametrize("case", [c for c in NEUTRAL if c["id"] not in DIFFERENCES], ids=lambda c: c["id"])
def test_case_of_other_matchers(case: dict[str, Any], use_index: bool) -> None:
    found = find(translate(case["pattern_ast"]), case, use_index)
    assert spans(found) == case["expected"]
    assert captures(found) == case.get("captures", captures(found))


@pytest.mark.parametrize("use_index", [True, False], ids=["index", "every start"])
@pytest.mark.parametrize("case", [c for c in NEUTRAL if c["id"] in DIFFERENCES], ids=lambda c: c["id"])
def test_case_decided_otherwise(case: dict[str, Any], use_index: bool) -> None:
    """Refused with the error of the table; written the other way, it gives the spans of the case."""
    difference = DIFFERENCES[case["id"]]
    if difference.ours == "none":
        with pytest.raises(KeyError, match="no element"):
            translate(case["pattern_ast"])
    else:
        with pytest.raises(RulesError) as refused:
            find(translate(case["pattern_ast"]), case, use_index)
        assert [d.code for d in refused.value.diagnostics] == [difference.ours]
    found = find(difference.instead, case, use_index)
    assert spans(found) == case["expected"]
    assert captures(found) == case.get("captures", captures(found))


@pytest.mark.parametrize("use_index", [True, False], ids=["index", "every start"])
@pytest.mark.parametrize("case", OWN, ids=lambda c: f"{c['id']} {c['says']}")
def test_own_case(case: dict[str, Any], use_index: bool) -> None:
    found = find(case["pattern"], case, use_index)
    assert spans(found) == case["expected"]
    assert captures(found) == case.get("captures", captures(found))


def test_ids_are_unique_and_every_difference_is_a_case() -> None:
    ids = [case["id"] for case in NEUTRAL + OWN]
    assert len(ids) == len(set(ids))
    assert DIFFERENCES.keys() <= set(ids)


def test_guide_lists_the_differences() -> None:
    """The table in grammar/README.md is the one above."""
    guide = GUIDE.read_text(encoding="utf-8")
    for reason in sorted({d.reason for d in DIFFERENCES.values()}):
        cases = ", ".join(sorted(i for i, d in DIFFERENCES.items() if d.reason == reason))
        code = next(d.ours for d in DIFFERENCES.values() if d.reason == reason)
        assert f"| {cases} | {reason} | {code if code != 'none' else '—'} |" in guide
