"""Whatever the rules are, the same text gives the same events: index on or off, rules in another order, ’ or '."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from extractor import Extractor
from extractor.compiled import compile_rules
from extractor.explain import verify_record

DISPATCH = (
    "Au moins douze civils, dont trois enfants, ont été tués lundi dans des raids russes sur un marché de la province "
    "d'Idleb, a indiqué l'OSDH. Moscou a démenti avoir bombardé la ville. Selon l'ONU, plus de 30 000 personnes ont "
    "fui la région depuis jeudi. L'armée a repris deux villages aux rebelles, qui auraient tué six soldats."
)


@cache
def shipped() -> Extractor:
    return Extractor.load()


@cache
def texts() -> tuple[str, ...]:
    """A sample of the shipped rules' own examples, some of them run together, and a dispatch."""
    examples = sorted({e.text for r in shipped().compiled.rules.rules for e in r.examples})
    drawn = random.Random(7).sample(examples, min(250, len(examples)))
    joined = [" ".join(drawn[i : i + 4]) for i in range(0, 100, 4)]
    return (DISPATCH, *drawn[100:], *joined)


def events(extractor: Extractor, text: str) -> list[dict[str, Any]]:
    return [record.to_dict() for record in extractor.extract(text, date="2019-05-27")]


def summary(extractor: Extractor, text: str) -> list[tuple[Any, ...]]:
    """What an event says, without offsets and derivation."""
    return [(r.type, r.trigger["start"], r.trigger["end"], r.factuality["value"], r.scope,
             sorted((role, a["start"], a["end"]) for role, found in r.arguments.items() for a in found),
             [(a["start"], a["end"]) for a in r.attribution])
            for r in extractor.extract(text, date="2019-05-27")]


def test_the_index_changes_nothing() -> None:
    plain = Extractor(shipped().compiled, use_index=False)
    for text in texts():
        assert events(plain, text) == events(shipped(), text), text


def test_reading_a_text_leaves_no_cycles_to_collect() -> None:
    """The collector rests while texts are read; what it would have found must not pile up."""
    for text in texts()[:40]:
        events(shipped(), text)
    gc.collect()
    gc.disable()
    try:
        for text in texts()[:40]:
            events(shipped(), text)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_the_order_of_rules_changes_nothing() -> None:
    rules = shipped().compiled.rules
    turned = tuple(replace(r, order=len(rules.rules) - r.order) for r in reversed(rules.rules))
    other = Extractor(compile_rules(replace(rules, rules=turned)))
    for text in texts():
        assert summary(other, text) == summary(shipped(), text), text


def test_the_hash_seed_changes_no_byte() -> None:
    code = ("import json, sys; from extractor import Extractor; "
            "print(json.dumps([r.to_dict() for r in Extractor.load().extract(sys.argv[1], date='2019-05-27')]))")
    outputs = {
        subprocess.run([sys.executable, "-c", code, DISPATCH], check=True, capture_output=True,
                       env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    "old, new", [("'", "’"), (" 000", "\u00a0000"), (" 000", "\u202f000")], ids=["apostrophe", "no-break", "narrow"])
def test_the_kind_of_apostrophe_and_space_changes_nothing(old: str, new: str) -> None:
    for text in texts():
        assert summary(shipped(), text.replace(old, new)) == summary(shipped(), text), text


def test_every_span_slices_back() -> None:
    for text in texts():
        for event in events(shipped(), text):
            for span in iter_spans(event):
                assert text[span["start"] : span["end"]] == span["text"], event


def iter_spans(data: Any) -> Any:
    if isinstance(data, dict):
        if {"text", "start", "end"} <= data.keys():
            yield data
        for value in data.values():
            yield from iter_spans(value)
    elif isinstance(data, list):
        for value in data:
            yield from iter_spans(value)


def test_every_derivation_replays() -> None:
    for text in texts():
        for event in events(shipped(), text):
            assert verify_record(json.loads(json.dumps(event)), shipped(), text, "2019-05-27") == [], text
