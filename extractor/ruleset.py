"""The rule set: what rule files become once they are read, expanded and checked.

Plain data, made by `rules.py`, read by the matcher, the explanations and the checks.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, overload

from extractor.diagnostics import Diagnostic, Place
from extractor.inflection import Inflection
from extractor.pattern import Node, Spot, Test, show, show_test
from extractor.source import Text
from extractor.values import Expression
from extractor.wordlists import WordList

T = TypeVar("T")

# One word of a conflict stands in home news as well; two more than of the other topic hardly do.
SAVED_AT = 2
# A weighty word outweighs two of another topic, and with its place in `against` a third.
TIMES = 2


@dataclass(slots=True)
class Veto:
    """A named pattern that silences a match; `within` says how far around the match it is looked for. With `against` it
    does so only where it is found oftener than `against` plus `times` times `weighty`. Where the match's own sentence
    holds at least `saved_at` matches more of `saved_by` than of the pattern, the match is not silenced."""

    name: str
    pattern: Node
    within: str
    spot: Spot
    against: Node | None = None
    inverted: bool = False
    tokens: int = 0
    saved_by: Node | None = None
    saved_at: int = SAVED_AT
    weighty: Node | None = None
    times: int = TIMES


@dataclass(slots=True)
class ReferenceSpec:
    """What an anaphor stands for: the nearest mention of a type before it, up to `reach` sentences back. `told`: only
    one that told something; `like`: only one that holds the words of this capture."""

    type: str
    test: Test | None
    told: bool = False
    like: str | None = None
    reach: int = 6


@dataclass(slots=True)
class MentionSpec:
    type: str
    span: str | None
    fields: dict[str, Expression]
    refers_to: ReferenceSpec | None = None


@dataclass(slots=True)
class RoleSpec:
    """A role found without order: the nearest mention of a type within a clause or sentence."""

    role: str
    type: str
    test: Test | None
    within: str = "sentence"
    side: str = "any"
    prefer: str = ""
    reach: int = 60
    many: bool = False
    required: bool = False
    barrier: Node | None = None
    outside: tuple[str, Test | None] | None = None
    spot: Spot | None = None
    pick: str = "nearest"
    told: bool = False


@dataclass(slots=True)
class EventSpec:
    type: str
    each: str | None = None
    arguments: tuple[str, ...] = ()
    roles: tuple[RoleSpec, ...] = ()
    refine: Expression | None = None
    refine_only: tuple[str, ...] = ()
    absorb: tuple[str, ...] = ()
    factuality: str | None = None
    scope: str | None = None
    count: str | None = None


@dataclass(slots=True)
class ReachSpec:
    """Which events an attachment reaches."""

    event: str | None = None
    side: str = "any"
    within: str = "sentence"
    reach: int = 400
    types: tuple[str, ...] = ()
    stop: Node | None = None


@dataclass(slots=True)
class AttachSpec:
    attribution: str | None
    via: str | None
    contested: str | None
    factuality: str | None
    scope: str | None
    to: ReachSpec

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(k for k in ("attribution", "contested", "factuality", "scope") if getattr(self, k))


@dataclass(slots=True)
class Example:
    """A sentence with marked roles: `marks` are (name, start, end) in the plain text."""

    text: str
    marks: tuple[tuple[str, int, int], ...]
    place: Place
    date: str | None = None
    expect: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class CounterExample:
    text: str
    because: str
    place: Place
    date: str | None = None


class Packed(Sequence[T]):
    """Items that are pickled apart, and unpickled when they are first asked for: extracting needs no examples."""

    __slots__ = ("_items", "_packed")

    def __init__(self, items: Sequence[T]) -> None:
        self._items: tuple[T, ...] | None = tuple(items)
        self._packed = b""

    @property
    def items(self) -> tuple[T, ...]:
        if self._items is None:
            self._items = pickle.loads(self._packed)
        return self._items

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.items[index]

    def __getstate__(self) -> bytes:
        return self._packed if self._items is None else pickle.dumps(self._items, pickle.HIGHEST_PROTOCOL)

    def __setstate__(self, state: bytes) -> None:
        self._items, self._packed = None, state


@dataclass(slots=True)
class Rule:
    """One rule, its pattern expanded (no macros left)."""

    id: str
    module: str
    file: str
    line: int
    order: int
    title: str
    status: str
    replaced_by: str | None
    since: str
    notes: str
    priority: int
    source: Text
    pattern: Node
    where: tuple[Expression, ...]
    where_texts: tuple[str, ...]
    vetoes: tuple[Veto, ...]
    mention: MentionSpec | None
    event: EventSpec | None
    attach: AttachSpec | None
    examples: Sequence[Example]
    counterexamples: Sequence[CounterExample]
    todo: Sequence[Example]
    hash: str = ""
    frame: str | None = None

    @property
    def kind(self) -> str:
        return "mention" if self.mention else "event" if self.event else "attach"

    @property
    def makes(self) -> str:
        """The mention or event type that the rule makes; for attachments `attach`."""
        return self.mention.type if self.mention else self.event.type if self.event else "attach"


@dataclass(slots=True)
class EventType:
    name: str
    about: str
    codes: dict[str, str]
    place: Place


@dataclass(slots=True)
class RuleSet:
    """All rules of a folder. `lists` are keyed `module:name`; `hash` names the content of every file read; `lost` are
    the mention types that broken rules would make, `*` when a whole file could not be read."""

    root: str
    rules: tuple[Rule, ...]
    lists: dict[str, WordList]
    types: dict[str, EventType]
    inflection: Inflection
    hash: str
    diagnostics: tuple[Diagnostic, ...] = ()
    broken: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def rule(self, rule_id: str) -> Rule | None:
        return next((r for r in self.rules if r.id == rule_id), None)

    def makers(self, kind: str) -> Iterator[Rule]:
        """Rules that make mentions, events or attachments, in file order."""
        return (r for r in self.rules if r.kind == kind)


# --- Folders and hashes ----------------------------------------------------------------------------------------------


def shipped_rules_folder() -> Path:
    """The rules that come with the package: inside it when installed, beside it in a checkout."""
    packaged = Path(__file__).parent / "rules"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "rules"


def read_folder(folder: Path, files: Mapping[str, str]) -> tuple[dict[str, bytes], str]:
    """Every `*.yaml` below a folder by its relative name, in order, and the hash of all that rules are made from;
    `files` (relative name → text) replaces or adds files in memory."""
    content = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*.yaml")}
    read = {name: files[name].encode() if name in files else content[name].read_bytes()
            for name in sorted({*content, *files})}
    digest = hashlib.sha256()
    for name, data in read.items():
        digest.update(name.encode() + b"\0" + data + b"\0")
    for table in sorted(folder.rglob("*.tsv")):
        digest.update(table.name.encode() + b"\0" + table.read_bytes())
    return read, "sha256:" + digest.hexdigest()


def hash_rule(rule: Rule) -> str:
    """Twelve hex digits of what decides the rule's output: pattern, constraints, vetoes and what it makes."""
    parts = [show(rule.pattern), *rule.where_texts, *(_veto_key(v) for v in rule.vetoes),
             repr((_mention_key(rule.mention), _event_key(rule.event), _attach_key(rule.attach), rule.priority))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _veto_key(veto: Veto) -> str:
    against = f">{show(veto.against)}/{veto.tokens}" if veto.against else ""
    weighty = f"+{veto.times}*{show(veto.weighty)}" if veto.weighty else ""
    saved = f"<{show(veto.saved_by)}/{veto.saved_at}" if veto.saved_by else ""
    inverted = f"!{veto.tokens}" if veto.inverted else ""
    return f"{veto.name}={show(veto.pattern)}@{veto.within}{against}{weighty}{saved}{inverted}"


def _mention_key(mention: MentionSpec | None) -> object:
    if mention is None:
        return None
    refers = mention.refers_to
    return (mention.type, mention.span, mention.fields, refers and (
        refers.type, show_test(refers.test) if refers.test else "", refers.told, refers.like, refers.reach))


def _event_key(event: EventSpec | None) -> object:
    if event is None:
        return None
    roles = [(r.role, r.type, r.within, r.side, r.prefer, r.reach, r.many, r.required, r.pick, r.told,
              show(r.barrier) if r.barrier else "", show_test(r.test) if r.test else "",
              f"{r.outside[0]}{show_test(r.outside[1]) if r.outside[1] else ''}" if r.outside else "")
             for r in event.roles]
    return (event.type, event.each, event.arguments, roles, event.refine, event.refine_only, event.absorb,
            event.factuality, event.scope, event.count)


def _attach_key(attach: AttachSpec | None) -> object:
    if attach is None:
        return None
    to = attach.to
    return (attach.attribution, attach.via, attach.contested, attach.factuality, attach.scope, to.event, to.side,
            to.within, to.reach, to.types, show(to.stop) if to.stop else "")
