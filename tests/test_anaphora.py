"""« l'ONG », « la même source », « a-t-il ajouté »: whom an attribution stands for, and how the record shows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from extractor import EventRecord, Extractor
from extractor.explain import render_explanation, verify_records

OSDH = "l'Observatoire syrien des droits de l'Homme (OSDH)"
FIRST = f"Douze civils ont été tués lundi à Idleb, a indiqué {OSDH}."

CASES = [
    ("an organisation by its kind", f"{FIRST} Trois enfants ont péri, selon l'ONG.", "l'ONG", OSDH, "osdh"),
    ("the last that told something", f"{FIRST} Trois enfants ont péri, selon la même source.", "la même source", OSDH,
     "osdh"),
    ("not the last that was named", f"{FIRST} Damas n'a pas réagi. Trois enfants ont péri, selon la même source.",
     "la même source", OSDH, "osdh"),
    ("a medium by its kind", "Douze civils ont été tués lundi à Gao, rapporte l'agence Reuters. L'armée a confirmé le "
     "raid. Trois enfants ont péri, selon l'agence.", "l'agence", "l'agence Reuters", "reuters"),
    ("a pronoun after its verb", "« Douze civils ont été tués », a affirmé Issa Dembélé, porte-parole de l'armée. "
     "Trois enfants ont péri, a-t-il ajouté.", "-t-il", "Issa Dembélé, porte-parole de l'armée", None),
    ("the same function", "Douze civils ont été tués, a affirmé le ministère russe de la Défense. Trois enfants ont "
     "péri, selon le ministère.", "le ministère", "le ministère russe de la Défense", None),
    ("through another anaphor", f"{FIRST} Trois enfants ont péri, selon l'ONG. Huit femmes ont été blessées, selon la "
     "même source.", "la même source", OSDH, "osdh"),
]


@pytest.mark.parametrize("about, text, words, antecedent, id_", CASES, ids=[c[0] for c in CASES])
def test_an_anaphor_is_resolved_and_shows_its_antecedent(extract_shipped: Callable[..., list[EventRecord]], about: str,
                                                         text: str, words: str, antecedent: str, id_: str | None,
                                                         ) -> None:
    source = extract_shipped(text)[-1].attribution[0]
    assert (source["text"], source["resolved_from"]["text"], source["id"]) == (words, antecedent, id_)
    start, end = source["resolved_from"]["start"], source["resolved_from"]["end"]
    assert text[start:end] == antecedent


@pytest.mark.parametrize("text", [
    "Trois enfants ont péri à Idleb, selon l'ONG.",
    "Trois enfants ont péri à Idleb, selon la même source.",
    "L'agence Reuters est fermée. Trois enfants ont péri à Idleb, selon l'ONG.",
])
def test_without_an_antecedent_the_words_stay_as_they_are(extract_shipped: Callable[..., list[EventRecord]], text: str,
                                                          ) -> None:
    source = extract_shipped(text)[-1].attribution[0]
    assert source["resolved_from"] is None
    assert source["id"] is None


def test_the_explanation_names_antecedent_and_rule_and_the_record_replays() -> None:
    extractor = Extractor.load()
    text = f"{FIRST} Trois enfants ont péri, selon l'ONG."
    records = [event.to_dict() for event in extractor.extract(text)]
    shown = render_explanation(records[-1])
    assert f"« l'ONG » stands for « {OSDH} » by speaker.ngo_again" in shown
    assert verify_records(records, extractor, text, None) == [[]] * len(records)
    records[-1]["attribution"][0]["resolved_from"]["text"] = "un autre"
    assert any("resolved_from" in fault for fault in verify_records(records, extractor, text, None)[-1])
