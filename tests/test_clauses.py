"""Which clause a word stands in, and so of which event it speaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from extractor import EventRecord, Extractor
from extractor.assemble import clauses_of
from extractor.explain import verify_records

Extract = Callable[..., list[EventRecord]]


def clauses(text: str) -> list[tuple[str, str, str]]:
    """Kind, words and the word that it hangs on of every stretch of a clause, in reading order."""
    analysis, _ = Extractor.load().analyse_events(text)
    found: list[tuple[str, list[str], str]] = []
    for view in analysis.views:
        tree, _ = clauses_of(view)
        words, last = view.sentence.words, -1
        for word, number in zip(words, tree.of, strict=True):
            clause = tree.items[number]
            if number != last:
                found.append((clause.kind, [], words[clause.head] if clause.head >= 0 else ""))
            found[-1][1].append(word)
            last = number
    return [(kind, " ".join(words), head) for kind, words, head in found]


@pytest.mark.parametrize(("text", "expected"), [
    ("Le colonel tué mardi repose à Gao.",
     [("main", "Le colonel", ""), ("participle", "tué mardi", "colonel"), ("main", "repose à Gao .", "")]),
    ("Le convoi qui venait de Gao a sauté sur une mine.",
     [("main", "Le convoi", ""), ("relative", "qui venait de Gao", "convoi"), ("main", "a sauté sur une mine .", "")]),
    ("L'armée avance, mais les rebelles résistent.",
     [("main", "L' armée avance ,", ""), ("coordinate", "mais les rebelles résistent .", "")]),
    ("L'armée avance mais ne tire pas.",
     [("main", "L' armée avance mais ne tire pas .", "")]),
    ("Il dit que la ville est calme.",
     [("main", "Il dit", ""), ("completive", "que la ville est calme .", "")]),
    ("Le village où il est né a brûlé.",
     [("main", "Le village", ""), ("circumstance", "où il est né", "village"), ("main", "a brûlé .", "")]),
    ("Le maire, qui vivait seul, est parti.",
     [("main", "Le maire", ""), ("insertion", ",", "maire"), ("relative", "qui vivait seul", "maire"),
      ("insertion", ",", "maire"), ("main", "est parti .", "")]),
    ("Un homme qui vit à Gao et qui travaille à Mopti est parti.",
     [("main", "Un homme", ""), ("relative", "qui vit à Gao et", "homme"),
      ("relative", "qui travaille à Mopti", "homme"), ("main", "est parti .", "")]),
])
def test_clauses(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert clauses(text) == expected


def one(events: list[EventRecord], type_: str) -> dict[str, Any]:
    """The arguments of the one event of a type, as words."""
    event, = (e for e in events if e.type == type_)
    return {role: [a["text"] for a in found] for role, found in event.arguments.items() if found}


@pytest.mark.parametrize(("text", "type_", "role", "expected"), [
    # a clause that hangs on a noun speaks of this noun alone
    ("L'ONU a accusé de mensonge les rebelles qui ont tué douze soldats mardi à Gao.",
     "statement.accusation", "time", []),
    ("Douze soldats ont été tués lundi par des rebelles qui avaient pris la base en janvier.",
     "harm.killed", "time", ["lundi"]),
    # but the clause of an attack speaks of its dead as well
    ("L'attaque qui a tué douze soldats s'est produite lundi à Gao.", "harm.killed", "place", ["Gao"]),
    ("Un raid mené mardi près de Mopti a tué douze soldats.", "harm.killed", "time", ["mardi"]),
    # where it happened
    ("Il a fui la ville de Gao, où douze soldats ont été tués.", "harm.killed", "place", ["la ville de Gao"]),
    # what opens a sentence holds for all of it
    ("Lundi, un officier qui avait tué deux civils a été arrêté.", "detention.arrest", "time", ["Lundi"]),
])
def test_places_and_times_of_their_own_clause(extract_shipped: Extract, text: str, type_: str, role: str,
                                              expected: list[str]) -> None:
    assert one(extract_shipped(text), type_).get(role, []) == expected


@pytest.mark.parametrize(("text", "type_", "agent"), [
    ("Un homme barbu a lancé sa voiture contre la foule, tuant deux passants.", "harm.killed", "Un homme barbu"),
    ("Les rebelles qui tiennent Gao ont incendié un pont avant de tuer trois soldats.", "harm.killed", "Les rebelles"),
    ("L'armée a dit vouloir la paix et a reconnu avoir tué trois bergers.", "harm.killed", "L'armée"),
    ("Le ministre a accusé les rebelles d'avoir brûlé un pont et tué trois bergers.", "harm.killed", "les rebelles"),
    ("Paris a salué la trêve et condamné les bombardements.", "statement.condemnation", "Paris"),
    ("Il parle de miliciens venus du nord qui ont enlevé trois bergers.", "detention.abduction", "miliciens"),
])
def test_the_subject_of_a_verb_that_has_it_elsewhere(extract_shipped: Extract, text: str, type_: str,
                                                     agent: str) -> None:
    assert one(extract_shipped(text), type_).get("agent") == [agent]


def test_a_thing_that_is_the_subject_is_nobody_else(extract_shipped: Extract) -> None:
    text = "L'armée a quitté la ville. Une panne a frappé la centrale, tuant trois soldats."
    assert "agent" not in one(extract_shipped(text), "harm.killed")


def test_roles_found_by_clauses_replay() -> None:
    extractor = Extractor.load()
    text = "Les rebelles qui tiennent Gao ont pris un pont, tuant lundi trois soldats venus de Mopti."
    records = [event.to_dict() for event in extractor.extract(text)]
    assert verify_records(records, extractor, text, None) == [[]] * len(records)
