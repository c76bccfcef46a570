"""A newcomer follows rules/README.md to the letter: every file is written, every command gives what the guide says."""

from __future__ import annotations

from pathlib import Path

import pytest
from guide import ROOT, Outcome, follow, read_blocks

from extractor.check import check_rules

GUIDE = ROOT / "rules" / "README.md"
# What the table of YAML traps says, as an item of a list or a key of a rule, and the code of the finding.
TRAPS = {
    "examples: [x]\n    examples: [y]": "Y003",
    "examples:\n      - Bilan : douze morts": "Y005",
    "examples:\n      - douze morts #Alep": "Y006",
    "event: { type: harm.killed, roles: { place: { find: @Place } } }": "Y001",
    "counterexamples:\n      - { text: Hier, deux morts, because: cue }": "Y005",
    "pattern: \"non\" | jamais": "Y001",
    "notes: 'l'armée'": "Y001",
    "notes: *tuer": "Y004",
    "notes: &tuer": "Y004",
    "notes: !tuer": "Y004",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    return list(follow(read_blocks(GUIDE.read_text(encoding="utf-8")), tmp_path_factory.mktemp("newcomer")))


@pytest.mark.slow
def test_every_command_prints_what_the_guide_says(outcomes: list[Outcome]) -> None:
    wrong = [f"line {o.line}: {o.command}\n--- the guide says\n{o.expected}--- it printed\n{o.printed}"
             for o in outcomes if not o.is_as_told()]
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.slow
def test_the_walk_makes_the_verb_the_rule_the_types_and_the_attachment_fire(outcomes: list[Outcome]) -> None:
    printed = "".join(o.printed for o in outcomes if "extract --rules" in o.command)
    for rule in ("killed.passive", "smoke.gone", "services.cut_off", "starved.active"):
        assert f"by {rule}," in printed
    assert "alleged (« La rumeur veut que »)" in printed


@pytest.mark.parametrize("written, code", TRAPS.items(), ids=[k.split("\n")[-1].strip() for k in TRAPS])
def test_yaml_traps_are_findings(written: str, code: str, tmp_path: Path) -> None:
    rule = f"rules:\n  - id: trap\n    status: draft\n    {written}\n"
    if "pattern:" not in written:
        rule += "    pattern: <trigger:tués>\n"
    if "event:" not in written:
        rule += "    event: { type: harm.killed }\n"
    text = "format: 1\nabout: A trap.\ntypes:\n  harm.killed: { about: x }\n" + rule
    (tmp_path / "trap.yaml").write_text(text, encoding="utf-8")
    assert code in {d.code for d in check_rules(tmp_path, run_examples=False).diagnostics}
