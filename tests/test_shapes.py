"""The shape of rule files: one table checks them and makes the JSON Schema for editors."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractor.diagnostics import Diagnostic
from extractor.ruleset import shipped_rules_folder
from extractor.shapes import ATTACH, EVENT, FILE, RULE, Shape, check_shape, json_schema
from extractor.yamlreader import read_source

SCHEMA = Path(__file__).parent.parent / "rules" / "rule-file.schema.json"
FILES = sorted(shipped_rules_folder().rglob("*.yaml"))


def check(text: str, shape: Shape) -> tuple[bool, list[str]]:
    found: list[Diagnostic] = []
    node = read_source(text, "x.yaml", found)
    assert node is not None
    return check_shape(node, shape, found), [d.code for d in found]


@pytest.mark.parametrize("text, shape, codes", [
    ("{ type: harm.killed }", EVENT, []),
    ("{ type: harm.killed, factuality: denied, arguments: killer }", EVENT, []),
    ("{ typ: harm.killed }", EVENT, ["R001"]),
    ("{ factuality: denied }", EVENT, ["R002"]),
    ("{ type: harm.killed, factuality: maybe }", EVENT, ["R003"]),
    ("{ type: [harm.killed] }", EVENT, ["Y007"]),
    ("{ type: { harm: killed } }", EVENT, ["Y005"]),
    ("harm.killed", EVENT, ["Y007"]),
    ("{ type: a.b, roles: { place: { find: x, reach: far, many: 1 } } }", EVENT, ["R003", "R003"]),
    ("{ factuality: denied, to: { side: left } }", ATTACH, ["R003"]),
    ("{ id: a, pattern: b, where: [c, d] }", RULE, []),
    ("{ id: a, pattern: b, examples: [c, { text: d, expect: { count: 3 } }] }", RULE, []),
    ("{ id: a, pattern: b, examples: [{ texte: d }] }", RULE, ["Y005"]),
    ("{ id: a, pattern: b, examples: [{ texte: d, date: 2019 }] }", RULE, ["R001"]),
    ("{ id: a, pattern: b, counterexamples: [c] }", RULE, ["Y007"]),
    ("{ id: a, pattern: b, unless: { if: si, no: { pattern: non, within: document } } }", RULE, []),
    ("{ format: 1, about: a, words: { b: [c, { name: d, kind: e }] } }", FILE, []),
    ("{ format: 1, about: a, words: { b: { kind: e, entries: [c] } } }", FILE, []),
    ("{ format: 3, about: a }", FILE, ["R017"]),
])
def test_shapes(text: str, shape: Shape, codes: list[str]) -> None:
    assert check(text, shape) == (not codes, codes)


def test_every_mistake_is_found_not_the_first_alone() -> None:
    _, codes = check("{ id: a, statut: draft, priority: high, examples: { b: c } }", RULE)
    assert sorted(codes) == ["R001", "R002", "R003", "Y007"]


def test_misshapen_nodes_are_named_up_to_the_root() -> None:
    found: list[Diagnostic] = []
    text = "{ format: 1, about: f, rules: [{ id: a, pattern: b, event: { typ: c } }, { id: d, pattern: e }] }"
    node = read_source(text, "x.yaml", found)
    misshapen: set[int] = set()
    assert node is not None
    check_shape(node, FILE, found, misshapen)
    rules = node.items["rules"]  # type: ignore[union-attr, index, call-overload]
    first, second = rules.items  # type: ignore[union-attr]
    assert {id(node), id(rules), id(first)} <= misshapen
    assert id(second) not in misshapen


# --- JSON Schema -----------------------------------------------------------------------------------------------------


def test_the_schema_file_is_fresh() -> None:
    """`UPDATE_GOLDEN=1 pytest tests/test_shapes.py` writes it anew."""
    text = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        SCHEMA.write_text(text, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == text


def schema_errors(data: Any) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    return [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in validator.iter_errors(data)]


def test_the_schema_is_valid_and_refuses() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert schema_errors({"format": 1, "about": "a"}) == []
    assert schema_errors({"format": 2, "about": "a"})
    assert schema_errors({"format": 1, "about": "a", "rule": []})
    assert schema_errors({"format": 1, "about": "a", "rules": [{"id": "a"}]})


@pytest.mark.parametrize("file", FILES, ids=[f.relative_to(shipped_rules_folder()).as_posix() for f in FILES])
def test_shipped_files_validate(file: Path) -> None:
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    assert schema_errors(yaml.load(file.read_text(encoding="utf-8"), Loader=loader)) == []
