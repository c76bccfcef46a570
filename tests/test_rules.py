"""Loading rules: folders become rule sets; what is broken is left out and hides nothing else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from extractor.check import check_rules
from extractor.diagnostics import Diagnostic, RulesError, render_all
from extractor.engine import Extractor
from extractor.pattern import show
from extractor.rules import load_rules
from extractor.ruleset import Rule, RuleSet, shipped_rules_folder

GOLDEN = Path(__file__).parent / "golden"
HEAD = "format: 1\nabout: A file of a test.\nimport: [base]\n"
TWO_FRAMES = HEAD + """
words:
  wound: [~blesser, ~mutiler]
frames:
  passive:
    about: Somebody has suffered something.
    parameters: [verb, type]
    rules:
      - id: passive
        title: « des civils ont été $type »
        status: draft
        pattern: <victim:@People> <trigger:$have_been $verb:pp>
        unless:
          if: si ..4 <trigger>
        event: { type: $type }
        examples:
          - "<victim:Douze civils> <trigger:ont été {verb:pp.m.p}>."
      - id: noun
        status: draft
        priority: 2
        pattern: <trigger:$verb:pp.m.p> <victim:@People>
        event: { type: $type }
uses:
  - frame: passive
    id: injured
    with: { verb: $wound, type: harm.injured }
    priority: 3
    unless: { dream: rêver que ..8 <trigger> }
  - { frame: passive, id: bruised, with: { verb: ~heurter, type: harm.injured }, except: [noun] }
"""


def load(**files: str) -> RuleSet:
    """A rule set of the sound base rules and the files given, in memory."""
    return load_rules(GOLDEN / "base", {f"{name}.yaml": text for name, text in files.items()})


def rule_of(rules: RuleSet, rule_id: str) -> Rule:
    rule = rules.rule(rule_id)
    assert rule is not None, render_all(rules.diagnostics)
    return rule


def errors(rules: RuleSet) -> list[Diagnostic]:
    return [d for d in rules.diagnostics if d.severity == "error"]


def rule_text(pattern: str, rule_id: str = "killed.other", more: str = "") -> str:
    return (f"  - id: {rule_id}\n    status: draft\n    pattern: |\n      {pattern}\n"
            f"    event: {{ type: harm.killed }}\n{more}")


# --- what is read ----------------------------------------------------------------------------------------------------


def test_a_rule_keeps_its_place_and_expands_its_names() -> None:
    rule = rule_of(load(), "killed.passive")
    assert (rule.file, rule.line, rule.module) == ("base/base.yaml", 29, "base")
    assert show(rule.pattern) == "<victim:@People> <trigger:(a | ont) été $base:killed>"
    assert rule.event is not None
    assert rule.event.type == "harm.killed"


def test_macros_keep_the_place_they_were_written_at() -> None:
    rule = rule_of(load(), "killed.passive")
    words = {str(n.spot): n.spot.place().line for n in _leaves(rule.pattern)}
    assert words["ont"] == 16, "`ont` stands in the macro, not in the rule"
    assert words["@People"] == 32


def _leaves(node: object) -> list[object]:
    from extractor.pattern import children, walk
    return [n for n in walk(node) if not children(n)]  # type: ignore[arg-type]


def test_hashes_do_not_depend_on_the_place() -> None:
    above = rule_of(load(other=HEAD + "rules:\n" + rule_text("<trigger:$killed>")), "killed.other")
    below = rule_of(load(other=HEAD + "\n\n\nrules:\n" + rule_text("<trigger:$killed>")), "killed.other")
    changed = rule_of(load(other=HEAD + "rules:\n" + rule_text("<trigger:$killed> par")), "killed.other")
    assert above.hash == below.hash != changed.hash


def test_the_set_hash_names_every_file() -> None:
    assert load().hash == load().hash
    assert load().hash != load(other=HEAD).hash


def test_a_file_in_memory_replaces_one_on_disk() -> None:
    rules = load(base="format: 1\nabout: Nothing.\n")
    assert rules.rules == ()
    assert not errors(rules)


def test_names_are_known_where_they_are_imported_only() -> None:
    rules = load(middle=HEAD + "words:\n  said: [dire]\nrules:\n" + rule_text("<trigger:$killed> $said"),
                 far="format: 1\nabout: Far.\nimport: [middle]\nrules:\n" + rule_text("<trigger:$killed>", "far.one"))
    assert [d.code for d in errors(rules)] == ["P004"], "`$killed` of base is not handed on by middle"
    assert rules.broken == ("far.one",)


# --- frames ----------------------------------------------------------------------------------------------------------


def test_a_frame_makes_a_rule_of_every_construction() -> None:
    rules = load(frames=TWO_FRAMES)
    assert not errors(rules), render_all(rules.diagnostics)
    assert [r.id for r in rules.rules if r.frame] == ["injured.passive", "injured.noun", "bruised.passive"]


def test_a_use_adds_vetoes_and_priority() -> None:
    rules = load(frames=TWO_FRAMES)
    injured, noun, bruised = (rule_of(rules, i) for i in ("injured.passive", "injured.noun", "bruised.passive"))
    assert [v.name for v in injured.vetoes] == ["if", "dream"]
    assert [v.name for v in bruised.vetoes] == ["if"]
    assert (injured.priority, noun.priority, bruised.priority) == (3, 5, 0)
    assert injured.title == "« des civils ont été harm.injured »"


def test_an_example_of_a_frame_is_filled_for_every_verb() -> None:
    rule = rule_of(load(frames=TWO_FRAMES), "injured.passive")
    assert [e.text for e in rule.examples] == ["Douze civils ont été blessés.", "Douze civils ont été mutilés."]
    assert rule.examples[0].marks == (("victim", 0, 12), ("trigger", 13, 28))


# --- what is broken --------------------------------------------------------------------------------------------------


def test_a_broken_rule_does_not_take_the_others_down() -> None:
    text = rule_text("<trigger:$kiled>") + rule_text("<trigger:$killed>", "killed.sound")
    rules = load(other=HEAD + "rules:\n" + text)
    assert rules.rule("killed.sound") is not None
    assert rules.broken == ("killed.other",)


def test_all_mistakes_of_a_rule_are_found_in_one_run() -> None:
    text = HEAD + """rules:
  - id: killed.other
    status: draft
    pattern: <victim:@Peple> <trigger:$kiled>
    where: distanse(<victim>, <trigger>) < 3
    unless: { if: (si }
    event: { type: harm.kiled, arguments: [killer] }
    examples: [ "<victim:Douze civils" ]
"""
    codes = sorted(d.code for d in errors(load(other=text)))
    assert codes == ["E001", "P002", "P004", "P005", "P015", "R012"]


@pytest.mark.parametrize("part", [
    "unless: { if: si $nobody }",
    "event: { type: harm.killed, roles: { place: { find: '@People', barrier: $nobody } } }",
    "attach: { factuality: denied, to: { stop: $nobody } }",
])
def test_a_rule_with_an_unknown_name_anywhere_is_left_out(part: str) -> None:
    event = "" if part.startswith("event") else "    event: { type: harm.killed }\n"
    rules = load(other=HEAD + f"rules:\n  - id: killed.other\n    pattern: <trigger:$killed>\n{event}    {part}\n")
    assert [d.code for d in errors(rules)] == ["P004"]
    assert rules.broken == ("killed.other",)


def test_extract_refuses_broken_rules_unless_told_to(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text((GOLDEN / "base" / "base.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "other.yaml").write_text(HEAD + "rules:\n" + rule_text("<trigger:$kiled>"), encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        Extractor.load(tmp_path)
    assert "P004" in str(caught.value)
    events = Extractor.load(tmp_path, allow_broken=True).extract("Douze civils ont été tués.")
    assert [e.type for e in events] == ["harm.killed"]


def test_shipped_rules_load() -> None:
    broken = render_all(errors(load_rules(shipped_rules_folder())))
    assert broken == ""


NESTED = {
    "brackets": "(" * 900 + "a" + ")" * 900,
    "captures": "<a:" * 900 + "a" + ">" * 900,
    "negations": "[" + "!" * 3000 + "pos=verb]",
    "ranges": "a{12,24}" * 2 + "(((((a{12,24}){12,24}){12,24}){12,24}){12,24})",
}


@pytest.mark.parametrize("pattern", NESTED.values(), ids=NESTED)
def test_patterns_that_outgrow_the_machine_are_refused(pattern: str) -> None:
    found = errors(load(other=HEAD + "rules:\n" + rule_text(f"<trigger:$killed> {pattern}")))
    assert [d.code for d in found] in (["P001"], ["P003"])


def test_macros_that_double_are_refused() -> None:
    macros = "macros:\n  m0: a b\n" + "".join(f"  m{i}: $m{i - 1} $m{i - 1}\n" for i in range(1, 40))
    found = errors(load(other=HEAD + macros + "rules:\n" + rule_text("<trigger:$killed> $m39")))
    assert {d.code for d in found} == {"R010"}


def test_many_look_arounds_are_no_nesting() -> None:
    pattern = "<trigger:$killed> " + " ".join(["(?! [pos!=verb & length<5] )"] * 60) + " par"
    assert not errors(load(other=HEAD + "rules:\n" + rule_text(pattern)))


# --- fuzz ------------------------------------------------------------------------------------------------------------

_PIECES = [
    *"<>()[]{}|$@~:*+?\"'&!%`#\t\né’\\/\x00\ufeff\u2028=,;", "..4", " #", "- ", "  ", "---", "...", "<<: *a", "12:30",
    "null", "{1,2}", "(?<!", "$have_been", "@People", "1e9", "9" * 30,
]


def mutate(text: str, chance: random.Random) -> str:
    """The text with one to four characters or lines deleted, doubled, swapped or put in."""
    for _ in range(chance.randint(1, 4)):
        lines = text.split("\n")
        at, line = chance.randrange(len(text) + 1), chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                text = text[:at] + text[at + chance.randint(1, 3):]
            case 1:
                text = text[:at] + text[at : at + 3] + text[at:]
            case 2:
                text = text[:at] + chance.choice(_PIECES) + text[at:]
            case 3:
                text = "\n".join(lines[:line] + lines[line + 1 :])
            case 4:
                text = "\n".join([*lines[: line + 1], *lines[line:]])
            case _:
                other = chance.randrange(len(lines))
                lines[line], lines[other] = lines[other], lines[line]
                text = "\n".join(lines)
    return text


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_written_gives_diagnostics_and_no_traceback(seed: int) -> None:
    chance = random.Random(seed)
    base = (GOLDEN / "base" / "base.yaml").read_text(encoding="utf-8")
    for _ in range(20):
        files = {"base": mutate(base, chance) if chance.random() < 0.5 else base, "frames": mutate(TWO_FRAMES, chance)}
        rules = load(**files)
        render_all(rules.diagnostics)
        for diagnostic in rules.diagnostics:
            assert diagnostic.place is not None
            assert diagnostic.help, diagnostic


@pytest.mark.parametrize("seed", range(10))
def test_a_check_of_whatever_is_written_ends_in_a_report(seed: int, tmp_path: Path) -> None:
    chance = random.Random(1000 + seed)
    base = (GOLDEN / "base" / "base.yaml").read_text(encoding="utf-8")
    for _ in range(6):
        (tmp_path / "base.yaml").write_text(mutate(base, chance) if chance.random() < 0.5 else base, encoding="utf-8")
        (tmp_path / "frames.yaml").write_text(mutate(TWO_FRAMES, chance), encoding="utf-8")
        render_all(check_rules(tmp_path).diagnostics, brief=True)
