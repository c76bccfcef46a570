"""Rule files: a folder → a rule set, with every finding of the run collected.

In: a folder of YAML files (`harm/killed.yaml` is the module `harm.killed`). Out: a `RuleSet`; what is wrong with a file
or rule is a diagnostic, and the rule is left out, without hiding the others.

    >>> rules = load_rules(shipped_rules_folder())
    >>> rules.rule("killed.passive").event.type
    'harm.killed'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from extractor.diagnostics import Diagnostic, Place
from extractor.frames import iter_constructions
from extractor.modules import Library, Module, read_library
from extractor.rulechecks import check_set
from extractor.rulereader import RuleReader
from extractor.ruleset import Rule, RuleSet
from extractor.source import mappings_at, text_at


def load_rules(folder: Path, files: Mapping[str, str] | None = None) -> RuleSet:
    """Reads every `*.yaml` below `folder`; `files` (relative name → text) replaces or adds files in memory."""
    library = read_library(folder, files or {})
    rules: list[Rule] = []
    broken: list[str] = []
    lost: set[str] = {"*"} if library.unread else set()
    ids = _Ids(library)
    for module in library.modules.values():
        for reader in _iter_readers(library, module):
            reader.order = len(rules)
            rule = reader.read()
            if ids.take(reader) and rule is not None:
                rules.append(rule)
            else:
                broken.append(reader.id)
                lost.add(text_at(reader.node.get("mention"), "type"))
    lost |= check_set(library)
    return RuleSet(folder.name, tuple(rules), library.lists, library.types, library.inflection, library.hash,
                   tuple(_distinct(library.found)), tuple(broken), tuple(sorted(lost - {""})))


def _iter_readers(library: Library, module: Module) -> Iterator[RuleReader]:
    for node in mappings_at(module.node, "rules"):
        yield RuleReader(library, module, module, node, None, 0)
    for use in mappings_at(module.node, "uses"):
        for home, node, binding in iter_constructions(library, module, use):
            yield RuleReader(library, module, home, node, binding, 0)


@dataclass(slots=True)
class _Ids:
    """The rule ids given so far, with their places."""

    library: Library
    places: dict[str, Place] = field(default_factory=dict)
    reported: set[Place] = field(default_factory=set)

    def take(self, reader: RuleReader) -> bool:
        """Whether no rule before has this rule's id. Uses that repeat an id repeat it for every construction, and a
        frame that repeats one has been reported as such: one mistake, one message."""
        here = reader.id_place()
        first = self.places.get(reader.id)
        if first is None:
            self.places[reader.id] = here
            return True
        if reader.id and first != here and here not in self.reported:
            self.reported.add(here)
            self.library.report("R004", f"the rule id `{reader.id}` stands twice; the first is in {first.file} on line "
                                f"{first.line}", here, "give one of them another id")
        return False


def _distinct(found: list[Diagnostic]) -> list[Diagnostic]:
    """In order of place, each once: a frame's rule is read for every use, and its mistakes are the same each time."""
    distinct = {(d.sort_key(), d.severity): d for d in found}
    return sorted(distinct.values(), key=Diagnostic.sort_key)
