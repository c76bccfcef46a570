"""The cache of compiled rules: what comes out of it reads as what went in, and nothing stale or foreign is taken."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

from extractor import Extractor
from extractor.cache import KEPT, VARIABLE, cache_file, cache_folder, read_cache, write_cache
from extractor.compiled import compile_rules
from extractor.rules import load_rules
from extractor.ruleset import shipped_rules_folder

RULES = """
format: 1
about: Lamps that go out.
types: { lamp.out: { about: A lamp goes out. } }
words:
  lamps: [{ name: lanterne, id: lantern }, lampe à huile]
rules:
  - id: lamp.out
    pattern: <target:$lamps> <trigger:~éteindre:pp>
    event: { type: lamp.out }
    examples: [La <target:lanterne> <trigger:éteinte> fume., Une <target:lampe à huile> <trigger:éteinte> fume.]
    counterexamples: [{ text: La lanterne brille., because: trigger }]
"""
TEXT = """MALI: NOUVELLE ATTAQUE

Au moins douze civils, dont trois enfants, ont été tués lundi à Gao par des hommes armés, a indiqué l'ONU.

Huit soldats ont péri, selon la même source. L'armée a repris la ville de Kidal mardi."""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "lamp.yaml").write_text(RULES, encoding="utf-8")
    return folder


def read(extractor: Extractor, text: str) -> list[dict[str, object]]:
    return [event.to_dict() for event in extractor.extract(text, "2024-05-14")]


def test_records_are_the_same_with_and_without_the_cache(cache: Path) -> None:
    fresh = Extractor(compile_rules(load_rules(shipped_rules_folder())))
    Extractor.load()
    stored = read_cache(next(cache.iterdir()))
    assert stored is not None
    records = read(fresh, TEXT)
    assert len(records) >= 3
    assert read(Extractor(stored), TEXT) == records


def test_what_other_rooms_ask_of_the_rules_survives_the_cache(cache: Path) -> None:
    fresh = load_rules(shipped_rules_folder())
    Extractor.load()
    stored = Extractor.load().compiled.rules
    assert {k: [s.text for s in w.sequences] for k, w in stored.lists.items()} == {
        k: [s.text for s in w.sequences] for k, w in fresh.lists.items()}
    assert [(r.id, r.hash, len(r.examples)) for r in stored.rules] == [
        (r.id, r.hash, len(r.examples)) for r in fresh.rules]


def test_a_cached_table_can_be_stored_again(cache: Path, rules: Path) -> None:
    Extractor.load(rules)
    once = read_cache(next(cache.iterdir()))
    again = pickle.loads(pickle.dumps(once))
    assert [e.type for e in Extractor(again).extract("La LANTERNE ETEINTE fume.")] == ["lamp.out"]


def test_a_change_of_rules_is_seen_at_once(cache: Path, rules: Path) -> None:
    assert Extractor.load(rules).extract("La bougie éteinte fume.") == []
    (rules / "lamp.yaml").write_text(RULES.replace("lampe à huile", "bougie"), encoding="utf-8")
    assert len(Extractor.load(rules).extract("La bougie éteinte fume.")) == 1


@pytest.fixture(params=["cut", "empty", "other"])
def damage(request: pytest.FixtureRequest) -> bytes:
    return {"cut": b"\x80\x05cut off", "empty": b"", "other": pickle.dumps({"not": "rules"})}[request.param]


def test_a_damaged_file_is_passed_over_and_replaced(cache: Path, rules: Path, damage: bytes) -> None:
    Extractor.load(rules)
    stored = next(cache.iterdir())
    stored.write_bytes(damage)
    assert len(Extractor.load(rules).extract("La lanterne éteinte fume.")) == 1
    assert read_cache(stored) is not None


def test_a_file_that_others_may_write_is_not_read(cache: Path, rules: Path) -> None:
    Extractor.load(rules)
    stored = next(cache.iterdir())
    assert read_cache(stored) is not None
    stored.chmod(0o666)
    assert read_cache(stored) is None


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(rules: Path, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file" / "cache"))
    assert len(Extractor.load(rules).extract("La lanterne éteinte fume.")) == 1


def test_the_cache_can_be_switched_off(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "off")
    assert cache_folder() is None
    assert cache_file(rules) is None
    assert len(Extractor.load(rules).extract("La lanterne éteinte fume.")) == 1


def test_rules_with_errors_are_not_stored(cache: Path, rules: Path) -> None:
    (rules / "broken.yaml").write_text("format: 1\nabout: Broken.\nrules: [{ id: Broken }]\n", encoding="utf-8")
    Extractor.load(rules, allow_broken=True)
    assert not list(cache.glob("*")) if cache.exists() else True


def test_a_copy_elsewhere_shares_the_cache_and_old_files_go(cache: Path, rules: Path, tmp_path: Path) -> None:
    compiled = Extractor.load(rules).compiled
    copy = tmp_path / "elsewhere" / "rules"
    shutil.copytree(rules, copy)
    assert cache_file(copy) == cache_file(rules)
    for number in range(KEPT + 3):
        write_cache(cache / f"rules-{number}.pickle", compiled)
    assert len(list(cache.iterdir())) == KEPT
