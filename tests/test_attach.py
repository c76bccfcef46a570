"""What is said of events in another sentence: a denial of « ces informations » marks what the sentence before told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from extractor import EventRecord, Extractor
from extractor.explain import verify_records

TOLD = "Douze civils ont été tués lundi à Idleb par des raids russes, selon l'OSDH."


@pytest.mark.parametrize("denial", [
    "Des informations démenties par Moscou.",
    "Une annonce aussitôt démentie par Moscou.",
    "Moscou a démenti ces informations.",
    "Moscou a démenti ces accusations.",
])
def test_a_denial_of_what_was_told_reaches_the_sentence_before(extract_shipped: Callable[..., list[EventRecord]],
                                                              denial: str) -> None:
    first, *_ = extract_shipped(f"{TOLD} {denial}")
    assert [(c["text"], c["id"]) for c in first.contested] == [("Moscou", "russia-government")]
    assert first.factuality["value"] == "asserted"


@pytest.mark.parametrize("text", [
    f"{TOLD} Trois soldats ont péri. Des informations démenties par Moscou.",
    f"Des informations démenties par Moscou. {TOLD}",
    f"{TOLD} Moscou a démenti ces livraisons d'armes.",
])
def test_it_reaches_no_other_sentence_and_denies_nothing_else(extract_shipped: Callable[..., list[EventRecord]],
                                                             text: str) -> None:
    killed = next(e for e in extract_shipped(text) if e.type == "harm.killed" and "Douze" in e.text)
    assert killed.contested == []


def test_a_contested_record_replays() -> None:
    extractor = Extractor.load()
    text = f"{TOLD} Des informations démenties par Moscou."
    records = [event.to_dict() for event in extractor.extract(text)]
    assert verify_records(records, extractor, text, None) == [[]] * len(records)
    records[0]["contested"] = []
    assert any("contested" in fault for fault in verify_records(records, extractor, text, None)[0])
