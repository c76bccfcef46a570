"""What explanations say, and that every stored derivation replays, and none that was tampered with."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.compiled import compile_rules
from extractor.engine import Extractor
from extractor.explain import render_explanation, render_summary, verify_record, verify_records
from extractor.rules import load_rules

DATE = "2019-05-27"
TEXT = "Sept civils vivant à Alep ont aussi été tués en mai, selon l'OSDH, source OSDH. Il pleut."
STRIKE = "Alep a été bombardée par des avions, apparemment."

RULES = """\
format: 1
about: A small rule set.
types:
  harm.killed: { about: "people killed" }
  attack.bombardment: { about: "bombarding" }
  attack.airstrike: { about: "from the air" }
words:
  cardinals: [un, deux, trois, sept, douze]
  people:
    groups:
      - { category: civilian, entries: [~civil, ~habitant] }
      - { category: soldier, entries: [~soldat] }
  killed: [tué(e)(s), abattu(e)(s)]
  sources:
    entries:
      - { id: osdh, name: Observatoire syrien, aliases: [OSDH], kind: ngo }
  towns:
    case: as_written
    entries:
      - { id: alep, name: Alep, country: SY }
  months: [mai, juin]
  planes:
    entries:
      - { name: avion(s), attack: attack.airstrike }
macros:
  have_been: (n')? (a | ont | avait | avaient) (également | aussi)? été
rules:
  - id: boundary.comma
    pattern: ","
    mention: { type: Boundary }
  - id: number.words
    pattern: <n:$cardinals>
    mention: { type: Number, value: number(<n>), qualifier: exact }
  - id: people.counted
    pattern: <count:@Number> <head:$people>
    mention: { type: People, count: <count>, category: <head.category> }
  - id: place.town
    pattern: (?<! de) <town:$towns>
    mention: { type: Place, id: <town.id>, name: <town.name> }
  - id: time.month
    pattern: en <m:$months>
    mention: { type: Time, month: <m> }
  - id: weapon.plane
    pattern: <w:$planes>
    mention: { type: Weapon, attack: <w.attack> }
  - id: killed.passive
    title: « douze civils ont été tués »
    pattern: <victim:@People> ..3 $have_been <trigger:$killed>
    unless:
      never: jamais ..6 <trigger>
    where: distance(<victim>, <trigger>) <= 6
    event:
      type: harm.killed
      roles:
        place: { find: "@Place" }
        time: { find: "@Time" }
  - id: killed.short
    pattern: été <trigger:$killed>
    event: { type: harm.killed }
  - id: bombed
    pattern: <target:@Place> (a | ont) été <trigger:~bombarder:pp>
    event:
      type: attack.bombardment
      roles: { weapon: { find: "@Weapon" } }
      refine: { by: <weapon.attack>, only: [attack.airstrike] }
  - id: attribution.selon
    pattern: <cue:selon> l' <source:$sources>
    unless: { him: "selon lui" }
    attach: { attribution: <source>, to: { within: sentence } }
  - id: attribution.source
    pattern: <cue:source> <source:$sources>
    attach: { attribution: <source>, to: { within: sentence } }
  - id: alleged.adverb
    pattern: <cue:apparemment>
    attach: { factuality: alleged, to: { within: sentence } }
"""


def load(folder: Path, rules: str = RULES) -> Extractor:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.yaml").write_text(rules, encoding="utf-8")
    return Extractor.load(folder)


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> Extractor:
    return load(tmp_path_factory.mktemp("work") / "rules")


def first_record(extractor: Extractor, text: str) -> dict[str, Any]:
    """The first record, as it comes back from a JSON file."""
    data: dict[str, Any] = json.loads(json.dumps(extractor.extract(text, DATE)[0].to_dict()))
    return data


# --- Rendering -------------------------------------------------------------------------------------------------------


def test_explanation_of_a_killing_shows_every_part(extractor: Extractor) -> None:
    record = first_record(extractor, TEXT)
    line = {r.id: f"rules/small.yaml:{r.line}" for r in extractor.compiled.rules.rules}
    expected = f"""\
harm.killed « Sept civils vivant à Alep ont aussi été tués » (0–44)
rule killed.passive, {line["killed.passive"]}  (hash {record["rule"]["hash"]})
words
  @People         « Sept civils »    <victim> by people.counted, {line["people.counted"]}
    @Number       « Sept »           <count> by number.words, {line["number.words"]}
      $cardinals  « Sept »           <n> entry `sept` of $cardinals, rules/small.yaml:8
      « Sept » → 7, qualifier exact
    $people       « civils »         <head> entry `~civil = civil` of $people, rules/small.yaml:11
    « Sept civils » → category civilian, count (7, qualifier exact)
  ..3             « vivant à Alep »  rules/small.yaml:48:31
  ont             « ont »            rules/small.yaml:26:25
  aussi           « aussi »          rules/small.yaml:26:61
  été             « été »            rules/small.yaml:26:69
  $killed         « tués »           <trigger> entry `tués = tuées` of $killed, rules/small.yaml:13
holds
  distance(<victim>, <trigger>) <= 6
roles
  place « Alep » found in the same clause, distance 3, @Place by place.town, {line["place.town"]}
    (?<!de)  —         rules/small.yaml:38:14
    $towns   « Alep »  <town> entry `Alep` [alep] of $towns, rules/small.yaml:20
    « Alep » → id alep, name Alep
  time « en mai » found in the same clause, distance 0, @Time by time.month, {line["time.month"]}
    en       « en »   rules/small.yaml:41:14
    $months  « mai »  <m> entry `mai` of $months, rules/small.yaml:21
    « en mai » → month mai
  victim « Sept civils » captured
attached
  attribution « OSDH » by attribution.selon, {line["attribution.selon"]}, cue « selon », distance 3
    selon     « selon »  <cue> rules/small.yaml:67:19
    l'        « l' »     rules/small.yaml:67:26
    $sources  « OSDH »
        <source> entry `OSDH = Observatoire syrien` [osdh] of $sources, rules/small.yaml:16
    veto him: tried, not found
told as
  asserted, nothing says otherwise
  scope incident
vetoes
  never: tried, not found
won over
  killed.short (harm.killed) on « été tués », which is shorter
passed over
  attribution « OSDH » by attribution.source, {line["attribution.source"]}, cue « source », which is farther away"""
    assert render_explanation(record) == expected


def test_explanation_of_a_refined_type_names_the_role_that_said_it(extractor: Extractor) -> None:
    text = render_explanation(first_record(extractor, STRIKE))
    assert "type\n  attack.bombardment → attack.airstrike, said by the weapon" in text
    assert "  alleged by alleged.adverb, rules/small.yaml:" in text
    assert "cue « apparemment »" in text


def test_explanation_shows_how_often_the_words_of_a_weighed_veto_stand(tmp_path: Path) -> None:
    rules = RULES.replace("      never: jamais ..6 <trigger>\n",
                          "      film: { pattern: film, within: document, against: (obus | raid) }\n")
    text = "Sept civils ont été tués, dit le film après un raid."
    extractor = load(tmp_path / "rules", rules)
    record = first_record(extractor, text)
    assert "vetoes\n  film: tried, found 1 times against 1" in render_explanation(record)
    assert verify_record(record, extractor, text, DATE) == []
    record["explanation"]["vetoes"][0]["counts"] = [0, 1]
    assert verify_record(record, extractor, text, DATE) == [
        "`vetoes[0].counts[0]` of `killed.passive` is 0 in the record and 1 when replayed."]


SAVED = """      film: { pattern: film, within: document, against: obus, saved_by: (raid | roquette | soldats)%s }
"""


def rules_of(extractor: Extractor, text: str) -> list[str]:
    return [r.rule["id"] for r in extractor.extract(text, DATE)]


def test_a_veto_is_set_aside_by_what_the_sentence_itself_holds(tmp_path: Path) -> None:
    rules = RULES.replace("      never: jamais ..6 <trigger>\n", SAVED % "")
    extractor = load(tmp_path / "rules", rules)
    alone = "Sept civils ont été tués par un raid. Un film sort. Un film reste."
    assert rules_of(extractor, alone) == ["killed.short"]
    text = "Sept civils ont été tués par un raid et une roquette. Un film sort. Un film reste."
    record = first_record(extractor, text)
    assert "vetoes\n  film: tried, found 2 times against 0, set aside by 2 more words of the sentence itself" in (
        render_explanation(record))
    assert verify_record(record, extractor, text, DATE) == []
    record["explanation"]["vetoes"][0]["saved"] = 3
    assert verify_record(record, extractor, text, DATE) == [
        "`vetoes[0].saved` of `killed.passive` is 3 in the record and 2 when replayed."]


def test_a_veto_on_a_capture_is_set_aside_too(tmp_path: Path) -> None:
    veto = "      never: { pattern: jamais ..6 <trigger>, saved_by: (raid | roquette | soldats) }\n"
    extractor = load(tmp_path / "rules", RULES.replace("      never: jamais ..6 <trigger>\n", veto))
    assert "killed.passive" not in rules_of(extractor, "Jamais sept civils ont été tués par un raid et une roquette.")
    text = "Jamais sept civils ont été tués par des soldats, un raid et une roquette."
    assert rules_of(extractor, text) == ["killed.passive"]


def test_how_many_words_set_a_veto_aside_is_counted_against_its_own(tmp_path: Path) -> None:
    extractor = load(tmp_path / "rules", RULES.replace("      never: jamais ..6 <trigger>\n", SAVED % ", saved_at: 1"))
    assert rules_of(extractor, "Sept civils ont été tués par un raid. Un film sort.") == ["killed.passive"]
    assert rules_of(extractor, "Sept civils ont été tués par un raid, dit un film.") == ["killed.short"]
    text = "Sept civils ont été tués par un raid et une roquette, dit un film."
    assert rules_of(extractor, text) == ["killed.passive"]


def test_weighty_words_count_more_than_once(tmp_path: Path) -> None:
    veto = "      film: { pattern: film, against: obus, weighty: (kamikaze | djihad)%s }\n"
    rules = RULES.replace("      never: jamais ..6 <trigger>\n", veto % "")
    extractor = load(tmp_path / "rules", rules)
    told = "Sept civils ont été tués. Un film sort. Un film reste."
    assert rules_of(extractor, told) == ["killed.short"]
    record = first_record(extractor, f"{told} Un kamikaze vit.")
    assert "vetoes\n  film: tried, found 2 times against 2\n" in render_explanation(record) + "\n"
    assert verify_record(record, extractor, f"{told} Un kamikaze vit.", DATE) == []
    assert rules_of(extractor, f"{told} Un film part. Un kamikaze vit.") == ["killed.short"]
    rules = RULES.replace("      never: jamais ..6 <trigger>\n", veto % ", times: 3")
    extractor = load(tmp_path / "more", rules)
    assert rules_of(extractor, f"{told} Un film part. Un kamikaze vit.") == ["killed.passive"]


def test_explanation_needs_no_text_and_changes_nothing(extractor: Extractor) -> None:
    record = first_record(extractor, TEXT)
    before = copy.deepcopy(record)
    render_explanation(record)
    assert record == before


def test_explanation_keeps_to_the_terminal(extractor: Extractor) -> None:
    lines = render_explanation(first_record(extractor, TEXT)).splitlines()
    assert max(len(line) for line in lines if "which" not in line) <= 100


def test_summary_has_three_lines(extractor: Extractor) -> None:
    record = first_record(extractor, TEXT)
    assert render_summary(record) == (
        "harm.killed « Sept civils vivant à Alep ont aussi été tués » (0–44)\n"
        "  trigger « tués », place « Alep », time « en mai », victim « Sept civils »\n"
        f"  by killed.passive, rules/small.yaml:{record['rule']['line']}")


# --- Replaying -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [TEXT, STRIKE, "Il dort. Deux soldats ont été abattus ; sept habitants ont été tués."],
                         ids=["killed", "strike", "two"])
def test_fresh_records_replay(extractor: Extractor, text: str) -> None:
    records = [r.to_dict() for r in extractor.extract(text, DATE)]
    assert records
    assert verify_records(records, extractor, text, DATE) == [[] for _ in records]
    assert verify_record(json.loads(json.dumps(records[0])), extractor, text, DATE) == []


def test_look_arounds_see_the_mentions_that_are_not_stored(tmp_path: Path) -> None:
    extractor = load(tmp_path / "rules", RULES.replace("<trigger:$killed>\n    unless:",
                                                       "<trigger:$killed> (?= @Time) (?! @People)\n    unless:"))
    record = first_record(extractor, TEXT)
    assert verify_record(record, extractor, TEXT, DATE) == []
    assert verify_record(record, extractor, TEXT.replace("en mai,", "ce mai,"), DATE)[-1] == (
        "Step 7 of `killed.passive` (`(?=@Time)`) does not hold at 45–45.")


Change = Callable[[dict[str, Any]], None]


def _move_step(r: dict[str, Any]) -> None:
    r["explanation"]["steps"][2].update(start=30, end=35, text="aussi")


def _change_number(r: dict[str, Any]) -> None:
    r["explanation"]["steps"][0]["mention"]["steps"][0]["mention"]["values"]["value"] = 8


TAMPERED: dict[str, tuple[Change, list[str]]] = {
    "a step on other words": (_move_step, ["Step 3 of `killed.passive` (`ont`) does not take « aussi » at 30–35."]),
    "a step of another element": (
        lambda r: r["explanation"]["steps"][2].update(n=2),
        ["Step 3 of `killed.passive` (`ont`) is not element 2 of the pattern."]),
    "a step left out": (
        lambda r: r["explanation"]["steps"].pop(2),
        ["The steps of `killed.passive` do not follow one another as its pattern asks."]),
    "a step inside a token": (
        lambda r: r["explanation"]["steps"][2].update(start=27, text="nt"),
        ["Step 3 of `killed.passive` (`ont`) does not stand on whole tokens at 27–29."]),
    "an entry of another name": (
        lambda r: r["explanation"]["steps"][5]["entry"].update(name="abattu"),
        ["`entry.name` of step 6 of `killed.passive` is « abattu » in the record and « tuées » when replayed."]),
    "a span beside its words": (
        lambda r: r["trigger"].update(start=41),
        ["`trigger` says « tués » at 41–44, where the text has « ués »."]),
    "a trigger elsewhere": (
        lambda r: r["trigger"].update(text="été", start=36, end=39),
        ["`trigger.end` is 39 in the record and 44 when replayed.",
         "`trigger.start` is 36 in the record and 40 when replayed.",
         "`trigger.text` is « été » in the record and « tués » when replayed."]),
    "a value of a mention": (
        _change_number, ["`values.value` of @Number « Sept » is 8 in the record and 7 when replayed."]),
    "a value of an argument": (
        lambda r: r["arguments"]["victim"][0]["count"].update(value=8),
        ["`arguments.victim[0].count.value` is 8 in the record and 7 when replayed."]),
    "a role found without order": (
        lambda r: r["explanation"]["roles"][0].update(distance=1),
        ["`explanation.roles[0].distance` is 1 in the record and 3 when replayed."]),
    "another type": (
        lambda r: r.update(type="attack.airstrike"),
        ["`type` is « attack.airstrike » in the record and « harm.killed » when replayed."]),
    "a source that nobody names": (
        lambda r: r["attribution"][0].update(id="sana"),
        ["`attribution[0].id` is « sana » in the record and « osdh » when replayed."]),
    "an attachment out of order": (
        lambda r: r["explanation"]["attached"][0]["steps"].pop(1),
        ["The steps of `attribution.selon` do not follow one another as its pattern asks."]),
    "a rule of another hash": (
        lambda r: r["explanation"]["rule"].update(hash="000000000000"),
        ["The rule `killed.passive` has changed: its hash is {hash}, in the record 000000000000."]),
    "a rule that is gone": (
        lambda r: r["explanation"]["rule"].update(id="killed.gone"),
        ["The rule `killed.gone` is not in the rule set."]),
    "a rule of another line": (
        lambda r: r["explanation"]["rule"].update(line=1),
        ["The rule `killed.passive` stands at rules/small.yaml:{line}, not at rules/small.yaml:1."]),
    "no explanation": (lambda r: r.pop("explanation"), ["The record cannot be read: KeyError 'explanation'."]),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampered_records_do_not_replay(extractor: Extractor, name: str) -> None:
    change, expected = TAMPERED[name]
    record = first_record(extractor, TEXT)
    rule = record["rule"]
    change(record)
    faults = verify_record(record, extractor, TEXT, DATE)
    wanted = [e.replace("{hash}", rule["hash"]).replace("{line}", str(rule["line"])) for e in expected]
    assert len(faults) == len(wanted)
    assert all(fault.startswith(start) for fault, start in zip(faults, wanted, strict=True)), faults


def test_another_text_is_told_word_by_word(extractor: Extractor) -> None:
    record = first_record(extractor, TEXT)
    faults = verify_record(record, extractor, TEXT.replace("tués", "lués"), DATE)
    assert "`trigger` says « tués » at 40–44, where the text has « lués »." in faults
    assert "Step 6 of `killed.passive` (`$killed`) does not take « tués » at 40–44." in faults


@pytest.mark.parametrize("old, new, fault", [
    ("  - id: killed.passive\n", "  - id: killed.other\n", "The rule `killed.passive` is not in the rule set."),
    ("    title: « douze civils ont été tués »\n", "    status: deprecated\n    replaced_by: killed.short\n",
     "The rule `killed.passive` is deprecated and does not run; `killed.short` replaces it."),
    ("@People> ..3 $have_been", "@People> ..4 $have_been", "The rule `killed.passive` has changed: its hash is "),
    ("tué(e)(s), abattu(e)(s)", "abattu(e)(s)",
     "Step 6 of `killed.passive` (`$killed`) does not take « tués » at 40–44."),
    ("jamais ..6 <trigger>", "aussi ..6 <trigger>", "The rule `killed.passive` has changed: its hash is "),
], ids=["removed", "deprecated", "pattern", "word list", "veto"])
def test_changed_rules_are_told(extractor: Extractor, tmp_path: Path, old: str, new: str, fault: str) -> None:
    record = first_record(extractor, TEXT)
    assert old in RULES
    changed = load(tmp_path / "rules", RULES.replace(old, new))
    faults = verify_record(record, changed, TEXT, DATE)
    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_lines_that_moved_are_no_fault(extractor: Extractor, tmp_path: Path) -> None:
    record = first_record(extractor, TEXT)
    moved = load(tmp_path / "rules", RULES.replace("macros:\n", "\n\nmacros:\n"))
    assert verify_record(record, moved, TEXT, DATE) == []


def test_vetoes_are_tried_again(extractor: Extractor) -> None:
    record = first_record(extractor, TEXT)
    text = TEXT.replace("vivant à", "jamais  ")
    faults = verify_record(record, extractor, text, DATE)
    assert any(f.startswith("The veto `never` of `killed.passive` fires on « jamais ") for f in faults)


# --- Everything replays ----------------------------------------------------------------------------------------------

WORDS = st.sampled_from(["sept", "deux", "civils", "soldats", "ont", "a", "été", "tués", "aussi", "jamais", ",", "Alep",
                         "bombardée", "selon", "l'", "OSDH", "en", "mai", "avions", "apparemment", "source"])


@pytest.fixture(scope="module")
def loaded() -> Extractor:
    return Extractor(compile_rules(load_rules(Path(__file__).parent / "in-memory" / "rules", {"small.yaml": RULES})))


@settings(max_examples=150, deadline=None)
@given(words=st.lists(WORDS, min_size=3, max_size=14))
def test_every_stored_derivation_replays(loaded: Extractor, words: list[str]) -> None:
    text = "Sept civils ont été tués puis " + " ".join(words) + "."
    records = [r.to_dict() for r in loaded.extract(text, DATE)]
    assert verify_records(records, loaded, text, DATE) == [[] for _ in records]
