"""Checking rules: examples pass for what they mark, counter-examples for the reason they give."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from extractor.check import CheckReport, check_counterexample, check_example, check_rules
from extractor.diagnostics import render_all
from extractor.engine import Extractor
from extractor.ruleset import shipped_rules_folder

GOLDEN = Path(__file__).parent / "golden"
RULES = """format: 1
about: Rules of each kind, to hold examples against.
import: [base]

words:
  months: [janvier, février, mars]

rules:
  - id: month.year
    status: draft
    pattern: <month:$months> <year:/20\\d\\d/>
    mention: { type: Time, month: 3, year: number(<year>) }

  - id: place.named
    status: draft
    pattern: à <name:[case=title]>
    mention: { type: Place, id: somewhere, name: <name> }

  - id: injured.passive
    status: draft
    pattern: <victim:@People> (et <victim:@People>)? <trigger:$have_been ~blesser:pp>
    where: distance(<victim>, <trigger>) <= 3
    unless:
      if: si ..6 <trigger>
    event:
      type: harm.injured
      each: victim
      roles:
        place: { find: "@Place" }
        time: { find: "@Time" }

  - id: injured.there
    status: draft
    pattern: <trigger:une explosion>
    event:
      type: harm.injured
      roles: { place: { find: "@Place", required: yes } }

  - id: killed.reported
    status: draft
    priority: -1
    pattern: <trigger:été $killed>
    event: { type: harm.killed, scope: cumulative }

  - id: factuality.denied
    status: draft
    pattern: <source:[case=title]> <cue:~nier:fin que>
    attach: { factuality: denied, attribution: <source> }
"""


def write_rules(folder: Path, rules: str = RULES) -> Path:
    shutil.copytree(GOLDEN / "base", folder / "rules")
    (folder / "rules" / "kinds.yaml").write_text(rules, encoding="utf-8")
    return folder / "rules"


def with_item(rule_id: str, key: str, item: str) -> str:
    """The rules with one item more under a key of one rule."""
    head, mark, tail = RULES.partition(f"  - id: {rule_id}\n    status: draft\n")
    assert mark
    return f"{head}{mark}    {key}:\n      - {item}\n{tail}"


def codes_of(folder: Path, rule_id: str, key: str, item: str) -> list[str]:
    report = check_rules(write_rules(folder, with_item(rule_id, key, item)), only=[rule_id])
    return [d.code for d in report.diagnostics]


EXAMPLES = [
    ("all roles", "injured.passive", "<victim:Douze civils> <trigger:ont été blessés>.", []),
    ("some roles", "injured.passive", "Douze civils <trigger:ont été blessés>.", []),
    ("no marks", "injured.passive", "Douze civils ont été blessés.", []),
    ("two victims, two events", "injured.passive",
     "<victim:Un enfant> et <victim:deux civils> <trigger:ont été blessés>.", []),
    ("role found without order", "injured.passive", "<place:à Alep>, douze civils ont été blessés.", []),
    ("a role too short", "injured.passive", "<victim:Douze> civils ont été blessés.", ["E003"]),
    ("a role that is not there", "injured.passive", "<place:Hier>, douze civils ont été blessés.", ["E003"]),
    ("a role that no rule has", "injured.passive", "<vctim:Douze civils> ont été blessés.", ["E001"]),
    ("no match", "injured.passive", "<victim:Douze canaris> ont été blessés.", ["E002"]),
    ("required role", "injured.there", "Il y a eu <trigger:une explosion> <place:à Alep>.", []),
    ("required role missing", "injured.there", "Il y a eu <trigger:une explosion> hier.", ["E002"]),
    ("source", "injured.passive", "<source:Hassan> nie que <victim:douze civils> ont été blessés.", []),
    ("wrong source", "injured.passive", "Hassan <source:nie> que <victim:douze civils> ont été blessés.", ["E003"]),
    ("expected values", "injured.passive",
     '{ text: "Douze civils ont été blessés.", expect: { victim.category: civilian, scope: incident } }', []),
    ("expected factuality", "injured.passive",
     '{ text: "Hassan nie que douze civils ont été blessés.", expect: { factuality: denied, source: Hassan } }', []),
    ("expected place and time", "injured.passive",
     '{ text: "à Alep, en mars 2019, douze civils ont été blessés.", '
     'expect: { place.id: somewhere, time.from: 2019-03-01, time.grain: month } }', []),
    ("expected nothing", "injured.passive",
     '{ text: "Douze civils ont été blessés.", expect: { place: none, source: ~ } }', []),
    ("nothing expected, something there", "injured.passive",
     '{ text: "à Alep, douze civils ont été blessés.", expect: { place: none } }', ["E003"]),
    ("wrong value", "injured.passive",
     '{ text: "Douze civils ont été blessés.", expect: { victim.category: soldier } }', ["E003"]),
    ("own scope", "killed.reported", '{ text: "Il avait <trigger:été tué>.", expect: { scope: cumulative } }', []),
    ("mention", "place.named", '{ text: "Il vit <Place:à <name:Alep>>.", expect: { id: somewhere, name: Alep } }', []),
    ("mention by another rule", "place.named", "<People:Deux civils> vivent à Alep.", ["E001"]),
    ("mention too long", "place.named", "Il <Place:vit à Alep>.", ["E003"]),
    ("time mention", "month.year",
     '{ text: "En <Time:mars 2019> il dormait.", expect: { from: 2019-03-01, to: 2019-03-31, grain: month } }', []),
    ("attachment", "factuality.denied",
     '{ text: "<source:Hassan> <cue:nie que> douze civils ont été tués.", expect: { factuality: denied } }', []),
    ("attachment, wrong cue", "factuality.denied", "Hassan <cue:nie> que douze civils ont été tués.", ["E003"]),
    ("attachment without event", "factuality.denied", "Hassan <cue:nie que> le temps passe.", ["E002"]),
]


@pytest.mark.parametrize("rule_id, item, codes", [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES])
def test_examples(rule_id: str, item: str, codes: list[str], tmp_path: Path) -> None:
    assert codes_of(tmp_path, rule_id, "examples", item) == codes


@pytest.mark.parametrize("rule_id, item, codes", [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES])
def test_a_todo_warns_when_it_passes(rule_id: str, item: str, codes: list[str], tmp_path: Path) -> None:
    report = check_rules(write_rules(tmp_path, with_item(rule_id, "todo", item)), only=[rule_id])
    assert [d.code for d in report.diagnostics] == ([] if codes else ["E006"])
    assert report.ok


COUNTEREXAMPLES = [
    ("matched", "injured.passive", "Douze civils ont été blessés.", "victim", ["E004"]),
    ("the capture fails", "injured.passive", "Douze canaris ont été blessés.", "victim", []),
    ("the mention fails", "injured.passive", "Douze canaris ont été blessés.", "People", []),
    ("another capture fails", "injured.passive", "Douze civils ont été nourris.", "trigger", []),
    ("a lemma fails", "injured.passive", "Douze civils ont été nourris.", "blesser", []),
    ("not this capture", "injured.passive", "Douze civils ont été nourris.", "victim", ["E005"]),
    ("veto", "injured.passive", "si douze civils ont été blessés, il part.", "unless.if", []),
    ("not the capture but a veto", "injured.passive", "si douze civils ont été blessés, il part.", "victim", ["E005"]),
    ("not the veto", "injured.passive", "si douze canaris ont été blessés, il part.", "unless.if", ["E005"]),
    ("no such veto", "injured.passive", "Douze canaris ont été blessés.", "unless.iff", ["E001"]),
    ("beaten", "killed.reported", "Douze civils ont été tués.", "beaten_by(killed.passive)", []),
    ("beaten, by a pattern of ids", "killed.reported", "Douze civils ont été tués.", "beaten_by(killed.*)", []),
    ("beaten by another", "killed.reported", "Douze civils ont été tués.", "beaten_by(injured.passive)", ["E005"]),
    ("beaten by nobody", "killed.reported", "Douze civils dorment.", "beaten_by(killed.passive)", ["E005"]),
    ("no such rule", "killed.reported", "Douze civils ont été tués.", "beaten_by(killed.pasive)", ["E001"]),
    ("required role", "injured.there", "Il y a eu une explosion hier.", "place", []),
    ("required role is there", "injured.there", "Il y a eu une explosion à Alep.", "place", ["E004"]),
    ("reason code", "injured.passive", "Douze civils ont été nourris.", "word", []),
    ("accents", "killed.reported", "Il avait été tue près de là.", "accent_only", []),
    ("mention", "place.named", "Il va à pied.", "name", []),
    ("mention matched", "place.named", "Il va à Alep.", "name", ["E004"]),
    ("attachment", "factuality.denied", "Hassan dit que douze civils ont été tués.", "cue", []),
    ("attachment matched", "factuality.denied", "Hassan nie que douze civils ont été tués.", "cue", ["E004"]),
]


@pytest.mark.parametrize("rule_id, text, because, codes", [e[1:] for e in COUNTEREXAMPLES],
                         ids=[e[0] for e in COUNTEREXAMPLES])
def test_counterexamples(rule_id: str, text: str, because: str, codes: list[str], tmp_path: Path) -> None:
    item = f'{{ text: "{text}", because: "{because}" }}'
    assert codes_of(tmp_path, rule_id, "counterexamples", item) == codes


def test_where_is_a_reason(tmp_path: Path) -> None:
    rules = RULES.replace("<= 3", "<= 0").replace("(et <victim:@People>)? <trigger:", "..3 <trigger:")
    item = '      - { text: "Douze civils aussi ont été blessés.", because: where }\n'
    rules = rules.replace("  - id: injured.passive\n", f"  - id: injured.passive\n    counterexamples:\n{item}")
    assert check_rules(write_rules(tmp_path, rules), only=["injured.passive"]).diagnostics == ()


# --- the report ------------------------------------------------------------------------------------------------------


def check(folder: Path, **files: str) -> CheckReport:
    rules = write_rules(folder)
    for name, text in files.items():
        (rules / f"{name}.yaml").write_text(text, encoding="utf-8")
    return check_rules(rules)


def test_the_report_counts_what_was_run(tmp_path: Path) -> None:
    report = check_rules(write_rules(tmp_path))
    assert report.ok, render_all(report.diagnostics)
    assert (report.rules, report.examples, report.counterexamples, report.todos, report.skipped) == (8, 2, 1, 0, 0)


def test_examples_are_left_out_on_demand(tmp_path: Path) -> None:
    rules = write_rules(tmp_path, with_item("place.named", "examples", "Il dort."))
    assert check_rules(rules, run_examples=False).ok
    assert check_rules(rules, only=["injured.*"]).ok
    assert not check_rules(rules).ok


def test_stable_rules_need_examples(tmp_path: Path) -> None:
    report = check_rules(write_rules(tmp_path, RULES.replace("status: draft", "status: stable", 1)))
    assert [d.code for d in report.diagnostics] == ["R015"]
    assert "no examples and no counter-examples" in report.diagnostics[0].message


def test_deprecated_rules_are_not_run(tmp_path: Path) -> None:
    rules = with_item("place.named", "examples", "Il dort.").replace(
        "  - id: place.named\n    status: draft", "  - id: place.named\n    status: deprecated")
    assert check_rules(write_rules(tmp_path, rules), only=["place.named"]).ok


LOST = """format: 1
about: A mention that does not load, and what hangs on it.
import: [base]
rules:
  - id: crowd.one
    status: draft
    pattern: la foule (
    mention: { type: Crowd }
  - id: mob.one
    status: draft
    pattern: contre @Crowd
    mention: { type: Mob }
    examples: [ "Il va <Mob:contre la foule>." ]
  - id: killed.mob
    status: draft
    pattern: <trigger:$killed> @Mob
    event: { type: harm.killed }
    examples: [ "<trigger:Tué> contre la foule." ]
"""


def test_what_hangs_on_a_broken_rule_is_skipped_not_blamed(tmp_path: Path) -> None:
    report = check(tmp_path, lost=LOST)
    assert [d.code for d in report.diagnostics] == ["P002"]
    assert report.skipped == 2
    assert report.examples == 4, "the sound rules' examples have been run"


def test_a_circle_of_mentions_is_a_diagnostic(tmp_path: Path) -> None:
    report = check(tmp_path, circle=LOST.replace("la foule (", "gens de @Mob"))
    assert [d.code for d in report.diagnostics] == ["R013"]
    assert report.skipped == 1, "the event's example; the circle's own rules are not run at all"


def test_an_unreadable_file_leaves_the_rest_to_be_judged(tmp_path: Path) -> None:
    report = check(tmp_path, lost='format: 1\nabout: "Never closed.\n')
    assert [d.code for d in report.diagnostics] == ["Y001"]
    assert report.rules == 8


def test_one_example_can_be_checked_alone(tmp_path: Path) -> None:
    extractor = Extractor.load(write_rules(tmp_path))
    rule = extractor.compiled.rules.rule("people.counted")
    assert rule is not None
    assert check_example(extractor, rule, rule.examples[0]) is None
    assert check_counterexample(extractor, rule, rule.counterexamples[0]) is None


# --- the shipped rules -----------------------------------------------------------------------------------------------


def test_the_shipped_rules_pass() -> None:
    started = time.perf_counter()
    report = check_rules(shipped_rules_folder())
    assert render_all([d for d in report.diagnostics if d.severity == "error"], brief=True) == ""
    assert time.perf_counter() - started < 60, "one extractor for all examples"
