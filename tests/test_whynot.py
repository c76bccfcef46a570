"""Why-not: a reason for every silence, the nearest rule first, and never another verdict than the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.compiled import compile_rules
from extractor.engine import Extractor
from extractor.explain import verify_records
from extractor.rules import load_rules
from extractor.whynot import MATCHED, NOT_MATCHED, NearMiss, find_near_misses, render_near_misses

RULES = """\
format: 1
about: A small rule set.
types:
  harm.killed: { about: "people killed" }
  harm.injured: { about: "people wounded" }
  attack.shelling: { about: "shelling" }
  statement.denial: { about: "a party denies" }
words:
  cardinals: [un, deux, trois, sept, douze]
  people:
    groups:
      - { category: civilian, entries: [~civil, ~habitant] }
      - { category: soldier, entries: [~soldat] }
  killed: [tué(e)(s), abattu(e)(s), passé(e)(s) par les armes]
  injured: [blessé(e)(s)]
  towns:
    case: as_written
    entries: [Alep, Idleb]
macros:
  have_been: (a | ont | avait | avaient) été
rules:
  - id: boundary.comma
    pattern: ","
    mention: { type: Boundary }
  - id: number.words
    pattern: <n:$cardinals>
    mention: { type: Number, value: number(<n>) }
  - id: people.counted
    pattern: <count:@Number> <head:$people>
    mention: { type: People, count: <count>, category: <head.category> }
  - id: place.town
    pattern: à <town:$towns>
    mention: { type: Place, name: <town.name> }
  - id: killed.passive
    pattern: <victim:@People> $have_been <trigger:$killed>
    unless:
      never: jamais ..6 <trigger>
    event: { type: harm.killed }
  - id: killed.after_gap
    pattern: <victim:@People> ..3 meurent <trigger:assassinés>
    event: { type: harm.killed }
  - id: killed.before_gap
    pattern: <trigger:périssent> ..2 <victim:@People>
    event: { type: harm.killed }
  - id: killed.soldiers
    pattern: <victim:@People[category=soldier]> <trigger:tombent>
    event: { type: harm.killed }
  - id: killed.many
    pattern: "<n:@Number[value >= 3]> <trigger:victimes>"
    event: { type: harm.killed }
  - id: killed.words
    pattern: <trigger:porte-drapeau> perdu
    event: { type: harm.killed }
  - id: killed.old
    status: deprecated
    replaced_by: killed.passive
    pattern: on <trigger:occit> <victim:@People>
    event: { type: harm.killed }
  - id: killed.draft
    status: draft
    pattern: on <trigger:trucide> <victim:@People>
    event: { type: harm.killed }
  - id: injured.exact
    pattern: "<trigger:blesse> <victim:@People>"
    where: distance(<trigger>, <victim>) > 4
    event: { type: harm.injured }
  - id: injured.short
    pattern: été <trigger:$injured>
    event: { type: harm.injured }
  - id: injured.long
    pattern: <victim:@People> ont été <trigger:$injured>
    event: { type: harm.injured }
  - id: shelling.at
    pattern: <trigger:bombardement>
    event: { type: attack.shelling, roles: { place: { find: "@Place", required: yes } } }
  - id: shelling.named
    pattern: obus sur <target:$towns> <trigger:hier>
    event: { type: attack.shelling }
  - id: denial.not
    pattern: <trigger:dément> (?! pas)
    event: { type: statement.denial }
  - id: denial.film
    pattern: <trigger:nie>
    unless:
      cinema: { pattern: (film | acteur), within: document, against: (obus | raid) }
    event: { type: statement.denial }
  - id: alleged.adverb
    pattern: <cue:apparemment>
    attach: { factuality: alleged, to: { within: sentence } }
"""


IN_MEMORY = Path(__file__).parent / "in-memory" / "rules"


def load(rules: str = RULES) -> Extractor:
    return Extractor(compile_rules(load_rules(IN_MEMORY, {"small.yaml": rules})))


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return load()


def ask(extractor: Extractor, text: str, rule: str) -> NearMiss:
    found = find_near_misses(extractor, text, rule=rule)
    assert len(found) == 1
    return found[0]


# Each case: the text, the rule, the reason, what was found, what was wanted.
REASONS = {
    "word": ("Sept civils n'ont point été tués.", "killed.passive", "word", "point", ("a", "ont", "avait", "avaient")),
    "a word of the trigger": ("Un porte-drapeau trouvé.", "killed.words", "word", "trouvé", ("perdu",)),
    "accents": ("Sept civils ont été tues à midi, dit-il.", "killed.passive", "accent_only", "tues", ("$killed",)),
    "accents before": ("Sept civils ont eté tués.", "killed.passive", "accent_only", "eté", ("été",)),
    "inflection": ("Sept civils ont étaient tués.", "killed.passive", "inflection_only", "étaient", ("été",)),
    "inflection in a list": ("Sept civils ont été abattre.", "killed.passive", "inflection_only", "abattre",
                             ("$killed",)),
    "not in the list": ("Sept civils ont été abatttus.", "killed.passive", "not_in_list", "abatttus", ("$killed",)),
    "without its capital": ("Des obus sur alep hier.", "shelling.named", "not_in_list", "alep", ("$towns",)),
    "gap before": ("Sept civils très bien armés du nord meurent assassinés.", "killed.after_gap", "gap_too_long(+2)",
                   "Sept civils", ("@People",)),
    "gap after": ("Là périssent la nuit dernière sept civils.", "killed.before_gap", "gap_too_long(+1)", "sept civils",
                  ("@People",)),
    "barrier before": ("Sept civils , hier meurent assassinés.", "killed.after_gap", "barrier", "Sept civils",
                       ("@People",)),
    "barrier after": ("Là périssent , dit-on, sept civils.", "killed.before_gap", "barrier", "sept civils",
                      ("@People",)),
    "veto": ("Jamais sept civils ont été tués.", "killed.passive", "veto(never)", "Jamais sept civils ont été tués",
             ()),
    "weighed veto": ("Le film et l'acteur : il nie un raid.", "denial.film", "veto(cinema)", "nie", ()),
    "argument missing": ("Les pourparlers ont été tués.", "killed.passive", "argument_missing", "pourparlers",
                         ("@People",)),
    "argument missing behind": ("Là périssent des chats.", "killed.before_gap", "argument_missing", "des",
                                ("@People",)),
    "required role missing": ("Un bombardement a eu lieu.", "shelling.at", "argument_missing", "bombardement",
                              ("@Place",)),
    "mention of another type": ("Sept ont été tués.", "killed.passive", "type_mismatch", "Sept", ("@People",)),
    "mention of another kind": ("Sept civils tombent.", "killed.soldiers", "type_mismatch", "Sept civils",
                                ("@People[category=soldier]",)),
    "number": ("Il y a deux victimes.", "killed.many", "number_range", "deux", ("@Number[value>=3]",)),
    "beaten": ("Sept civils ont été blessés.", "injured.short", "beaten_by(injured.long)", "été blessés", ()),
    "two words for one": ("Un porte drapeau perdu.", "killed.words", "token_split", "porte drapeau",
                          ("porte-drapeau",)),
    "a part of a token": ("Un pré-bombardement à Alep.", "shelling.at", "token_split", "pré-bombardement",
                          ("bombardement",)),
    "deprecated": ("Hier on occit sept civils.", "killed.old", "rule_disabled", "on occit sept civils", ()),
    "deprecated and far": ("Il pleut.", "killed.old", "rule_disabled", "", ("occit",)),
    "constraint": ("On blesse sept civils.", "injured.exact", "constraint", "blesse sept civils", ()),
    "look-around": ("Moscou dément pas.", "denial.not", "word", "pas", ("(?!pas)",)),
    "cue without event": ("Il pleut apparemment.", "alleged.adverb", "argument_missing", "apparemment", ()),
    "mention rule": ("Il vit à Alepe.", "place.town", "not_in_list", "Alepe", ("$towns",)),
    "end of the sentence": ("Un porte-drapeau", "killed.words", "word", "", ("perdu",)),
}


@pytest.mark.parametrize("name", REASONS)
def test_reason(extractor: Extractor, name: str) -> None:
    text, rule, reason, found, wanted = REASONS[name]
    miss = ask(extractor, text, rule)
    assert (miss.verdict, miss.reason, miss.found) == (NOT_MATCHED, reason, found), miss.detail
    assert miss.wanted == wanted
    assert text[miss.start:miss.end] == miss.found
    assert miss.detail


DETAILS = {
    "accents": "« tues » is `tués` of `$killed` but for its accents",
    "accents before": "« eté » is `été` but for its accents",
    "inflection": "« étaient » is another form of `été`",
    "not in the list": "« abatttus » is not in `$killed`; the nearest entry is `abattus`",
    "without its capital": "« alep » is in the list, but with a capital",
    "gap before": "« Sept civils » stands 2 tokens beyond the gap `..3`",
    "barrier after": "the gap `..2` stops at « , », before « sept civils »",
    "veto": "the veto `never` finds « Jamais sept civils ont été tués »",
    "weighed veto": "the veto `cinema` is found 2 times, what speaks against it 1",
    "argument missing": "no `@People` ends before « ont été tués »",
    "argument missing behind": "no `@People` starts at « des »",
    "required role missing": "a required role is not found in its sentence: place",
    "mention of another type": "a @Number stands there, « Sept »",
    "mention of another kind": "@People « Sept civils » is not [category=soldier]: category is civilian",
    "number": "@Number « deux » is not [value>=3]: value is 2",
    "beaten": "`injured.long` is longer",
    "two words for one": "the text cuts `porte-drapeau` into 2 tokens",
    "deprecated": "it would match here; the rule is deprecated and does not run; `killed.passive` replaces it",
    "deprecated and far": "the rule is deprecated and does not run; `killed.passive` replaces it",
    "constraint": "`distance(<trigger>, <victim>) > 4` does not hold",
    "look-around": "`(?!pas)` does not hold there",
    "cue without event": "the cue stands, but no event is in its reach",
    "end of the sentence": "the sentence ends where `perdu` was wanted",
}


@pytest.mark.parametrize("name", DETAILS)
def test_detail(extractor: Extractor, name: str) -> None:
    text, rule, *_ = REASONS[name]
    assert ask(extractor, text, rule).detail == DETAILS[name]


@pytest.mark.parametrize("name, capture", [
    ("argument missing", "victim"), ("accents", "trigger"), ("word", None), ("number", "n"),
    ("required role missing", "place"), ("without its capital", "target"),
])
def test_capture_in_which_the_failing_element_stands(extractor: Extractor, name: str, capture: str | None) -> None:
    text, rule, *_ = REASONS[name]
    assert ask(extractor, text, rule).capture == capture


@pytest.mark.parametrize("text, rule", [
    ("Sept civils ont été tués.", "killed.passive"),
    ("Hier on trucide sept civils.", "killed.draft"),
    ("Un bombardement à Alep.", "shelling.at"),
    ("Il vit à Alep.", "place.town"),
    ("Sept civils ont apparemment péri, sept civils ont été tués.", "alleged.adverb"),
], ids=["event", "draft", "required role", "mention", "attachment"])
def test_verdict_of_rules_that_match(extractor: Extractor, text: str, rule: str) -> None:
    miss = ask(extractor, text, rule)
    assert (miss.verdict, miss.reason, miss.share) == (MATCHED, "", 1.0)


def test_nearest_rule_comes_first(extractor: Extractor) -> None:
    found = find_near_misses(extractor, "Les pourparlers ont été tués.", type="harm.killed")
    assert found[0].rule == "killed.passive"
    assert [m.share for m in found] == sorted((m.share for m in found), reverse=True)


def test_place_where_a_rule_came_nearest_is_told(extractor: Extractor) -> None:
    miss = ask(extractor, "Il pleut. Les pourparlers ont été tués. On dort.", "killed.passive")
    assert miss.sentence == "Les pourparlers ont été tués."


def test_limit_and_type(extractor: Extractor) -> None:
    assert len(find_near_misses(extractor, "Il pleut.", limit=2)) == 2
    assert {m.type for m in find_near_misses(extractor, "Il pleut.", type="harm.*", limit=50)} == {
        "harm.killed", "harm.injured"}
    assert {m.type for m in find_near_misses(extractor, "Il pleut.", type="People")} == {"People"}


def test_rules_that_do_not_run_are_left_out_unless_they_would_match(extractor: Extractor) -> None:
    def reasons(text: str) -> list[str]:
        return [m.rule for m in find_near_misses(extractor, text, limit=50) if m.reason == "rule_disabled"]
    assert reasons("Il pleut.") == []
    assert reasons("Hier on occit sept civils.") == ["killed.old"]


@pytest.mark.parametrize("asked, message", [
    ({"rule": "place.twn"}, "there is no rule `place.twn`: did you mean `place.town`?"),
    ({"type": "harm.kiled"}, "there is no type `harm.kiled`: did you mean `harm.killed` or `harm.injured`?"),
    ({"rule": "xyz"}, "there is no rule `xyz`"),
], ids=["rule", "type", "nothing like it"])
def test_unknown_names_are_refused(extractor: Extractor, asked: Mapping[str, str], message: str) -> None:
    with pytest.raises(ValueError, match="there is no") as caught:
        find_near_misses(extractor, "Il pleut.", type=asked.get("type"), rule=asked.get("rule"))
    assert str(caught.value) == message


def test_broken_rules_are_disabled() -> None:
    broken = RULES.replace("pattern: <trigger:dément> (?! pas)", "pattern: <trigger:dément> $unknown")
    miss = ask(load(broken), "Moscou dément.", "denial.not")
    assert (miss.reason, miss.detail) == ("rule_disabled", "the rule does not load: check the rules")


def test_empty_text_has_no_misses(extractor: Extractor) -> None:
    assert find_near_misses(extractor, "") == []
    assert render_near_misses([]) == "no rule to try"


def test_rendering(extractor: Extractor) -> None:
    text = "Sept civils ont été tues à midi."
    found = find_near_misses(extractor, text, rule="killed.passive")
    assert render_near_misses(found) == f"""\
1. killed.passive (harm.killed), rules/small.yaml:{found[0].line}: accent_only
   « Sept civils ont été tues à midi. »
   wanted  $killed <trigger>
   found   « tues » (20–24)
   « tues » is `tués` of `$killed` but for its accents"""


def test_dictionary_holds_every_field(extractor: Extractor) -> None:
    data = ask(extractor, "Sept civils ont été tues à midi.", "killed.passive").to_dict()
    assert data["reason"] == "accent_only"
    assert data["wanted"] == ["$killed"]
    assert set(data) == {"rule", "file", "line", "type", "verdict", "reason", "detail", "sentence", "wanted", "found",
                         "start", "end", "capture", "share"}


def test_asking_changes_nothing(extractor: Extractor) -> None:
    text = "Sept civils ont été tués, deux soldats tombent."
    before = [r.to_dict() for r in extractor.extract(text)]
    first = [m.to_dict() for m in find_near_misses(extractor, text, limit=50)]
    assert [m.to_dict() for m in find_near_misses(extractor, text, limit=50)] == first
    assert [r.to_dict() for r in extractor.extract(text)] == before


# --- The engine's verdict --------------------------------------------------------------------------------------------

VOCABULARY = ["sept", "deux", "civils", "soldats", "ont", "été", "tués", "hier", "là", ","]
ATOMS = st.sampled_from(["ont", "été", "hier", "$killed", "@People", "@Number", "(ont | été)", "hier?", "..2",
                         "(?! hier)", "(là | hier)*", "(?<! là)", "@Number[value>=3]", "été{1,2}", "..3"])


@st.composite
def patterns(draw: st.DrawFn) -> str:
    before = " ".join(draw(st.lists(ATOMS, max_size=3)))
    after = " ".join(draw(st.lists(ATOMS, max_size=2)))
    trigger = draw(st.sampled_from(["tués", "$killed", "été tués", "(ont | été)"]))
    victim = draw(st.sampled_from(["", "<victim:@People>", "<victim:@People>?", "(<victim:@People> | là)"]))
    return f"{victim} {before} <trigger:{trigger}> {after}".strip()


@st.composite
def rule_files(draw: st.DrawFn) -> str:
    lines = [RULES[:RULES.index("macros:")].rstrip(), "rules:",
             RULES[RULES.index("  - id: boundary.comma"):RULES.index("  - id: place.town")].rstrip()]
    for number, pattern in enumerate(draw(st.lists(patterns(), min_size=1, max_size=3))):
        lines += [f"  - id: made.r{number}", f"    priority: {draw(st.integers(0, 1))}",
                  "    pattern: |", f"      {pattern}"]
        if draw(st.booleans()):
            lines.append("    unless: { there: là <trigger>, people: \"@People ..2 hier\" }")
        role = " roles: { victim: { find: \"@People\", required: yes, within: clause } }" if draw(st.booleans()) else ""
        lines.append("    event: { type: harm.killed" + ("," + role if role else "") + " }")
    return "\n".join(lines) + "\n"


@settings(max_examples=150, deadline=None)
@given(rules=rule_files(), words=st.lists(st.sampled_from(VOCABULARY), min_size=2, max_size=10))
def test_verdict_is_the_engines(rules: str, words: list[str]) -> None:
    extractor, text = load(rules), "Puis " + " ".join(words) + "."
    records = [r.to_dict() for r in extractor.extract(text)]
    giving = {r["rule"]["id"] for r in records}
    for rule in extractor.compiled.rules.rules:
        if rule.event:
            miss = ask(extractor, text, rule.id)
            assert (miss.verdict == MATCHED) == (rule.id in giving), miss
            assert (miss.verdict == MATCHED) == (not miss.reason)
            assert text[miss.start:miss.end] == miss.found
    assert {m.rule for m in find_near_misses(extractor, text, limit=50) if m.verdict == MATCHED} == giving
    assert verify_records(records, extractor, text, None) == [[] for _ in records]
