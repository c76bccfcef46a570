"""Compiled rules: a rule set → matchers, indexes and the order of phases.

In: a `RuleSet`. Out: a `CompiledSet`: the mention types in the order in which they can be found (worked out from which
rule uses which mention), and an index each for mentions, events and attachments. What a pattern needs is known at once;
its matcher is built when it is first tried, for most rules never meet their words in a document.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from extractor.diagnostics import Diagnostic, RulesError
from extractor.forms import TestTable
from extractor.index import Required, RequirementFinder, RuleIndex
from extractor.match import Compiler, Match, Matcher, Sizes, captured_spans, subtree_sizes
from extractor.pattern import Gap, MentionRef, Node, Reference, error_at, show, walk
from extractor.ruleset import Rule, RuleSet, Veto
from extractor.text import Furniture, load_furniture
from extractor.wordlists import WordList

# Mentions that the structure of a sentence is made of; gaps stop at the one and step over the other.
BOUNDARY, INSERTION, EVENT = "Boundary", "Insertion", "Event"
_DEEPEST = 20_000


@dataclass(slots=True)
class CompiledPattern:
    """A pattern whose tests are numbered in `table`; `matcher` and `nodes` are made on first use, and are left out
    when it is pickled."""

    tree: Node
    table: TestTable
    lists: Mapping[str, WordList]
    free: bool = True
    sizes: Sizes | None = field(default=None, repr=False, compare=False)
    _matcher: Matcher | None = field(default=None, repr=False, compare=False)
    _nodes: list[Node] | None = field(default=None, repr=False, compare=False)
    _shown: dict[int, tuple[str, str]] = field(default_factory=dict, repr=False, compare=False)
    _text: str = field(default="", repr=False, compare=False)

    @property
    def matcher(self) -> Matcher:
        if self._matcher is None:
            self._matcher = Compiler(self.table, self.lists).compile(self.tree, self.free, self.sizes)
        return self._matcher

    @property
    def nodes(self) -> list[Node]:
        """The elements by their numbers, as traces speak of them."""
        if self._nodes is None:
            self._nodes = list(walk(self.tree))
        return self._nodes

    @property
    def text(self) -> str:
        """The pattern as it reads with all macros expanded."""
        self._text = self._text or show(self.tree)
        return self._text

    def describe(self, number: int) -> tuple[str, str]:
        """How the element with this number reads, and its `file:line:column`."""
        if number not in self._shown:
            node = self.nodes[number]
            self._shown[number] = show(node), str(node.spot.place())
        return self._shown[number]

    def __getstate__(self) -> tuple[Any, ...]:
        return self.tree, self.table, self.lists, self.free, self.sizes

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.tree, self.table, self.lists, self.free, self.sizes = state
        self._matcher, self._nodes, self._shown, self._text = None, None, {}, ""


@dataclass(slots=True)
class CompiledVeto:
    veto: Veto
    pattern: CompiledPattern
    pinned: bool
    required: Required | None = None
    against: CompiledVeto | None = None
    saved_by: CompiledVeto | None = None
    weighty: CompiledVeto | None = None

    @property
    def matcher(self) -> Matcher:
        return self.pattern.matcher


@dataclass(slots=True)
class CompiledRule:
    rule: Rule
    pattern: CompiledPattern
    vetoes: tuple[CompiledVeto, ...] = ()
    stop: CompiledPattern | None = None
    barriers: tuple[CompiledPattern | None, ...] = ()
    required: Required | None = None

    @property
    def matcher(self) -> Matcher:
        return self.pattern.matcher

    @property
    def nodes(self) -> list[Node]:
        return self.pattern.nodes

    @property
    def table(self) -> TestTable:
        return self.pattern.table

    def capture_spans(self, match: Match, name: str) -> list[tuple[int, int]]:
        """The token spans that a capture took in a match."""
        return [(start, end) for start, end, _, _ in captured_spans(match.trace, self.nodes).get(name, ())]


@dataclass(slots=True)
class CompiledSet:
    rules: RuleSet
    table: TestTable
    compiled: dict[str, CompiledRule]
    phases: tuple[tuple[str, RuleIndex], ...]
    events: RuleIndex
    attachments: RuleIndex
    furniture: Furniture = field(default_factory=load_furniture, repr=False)

    def everywhere(self) -> list[str]:
        """Ids of rules without a required element: they are tried at every token."""
        return [i.owner.rule.id for index in (*(x for _, x in self.phases), self.events, self.attachments)
                for i in index.everywhere]


def compile_rules(rules: RuleSet) -> CompiledSet:
    """Compiles every rule that is not deprecated. Raises `RulesError` when mentions depend on each other in a
    circle."""
    raise_recursion_limit()
    table = TestTable(rules.inflection)
    active = [r for r in rules.rules if r.status != "deprecated"]
    maker = _Maker(table, rules.lists)
    compiled = {r.id: maker.rule(r) for r in active}
    # What is rare is known once all tests are numbered.
    finder = RequirementFinder(maker.compiler)
    for rule in compiled.values():
        rule.required = finder.requirement(rule.rule.pattern)
    for veto in maker.vetoes.values():
        veto.required = finder.requirement(veto.pattern.tree)
        for other in (veto.against, veto.saved_by, veto.weighty):
            if other is not None:
                other.required = finder.requirement(other.pattern.tree)
    order = order_phases(active)
    phases = tuple((type_, _index(r for r in compiled.values() if r.rule.mention and r.rule.mention.type == type_))
                   for type_ in order)
    events = _index(r for r in compiled.values() if r.rule.event)
    # An event rule that also attaches does so through its event; the index holds the rules that only attach.
    attachments = _index(r for r in compiled.values() if r.rule.kind == "attach")
    return CompiledSet(rules, table, compiled, phases, events, attachments)


def raise_recursion_limit() -> None:
    """Long patterns nest one Python call an element; the default limit is meant for runaway recursion."""
    if sys.getrecursionlimit() < _DEEPEST:
        sys.setrecursionlimit(_DEEPEST)


def _index(rules: Iterable[CompiledRule]) -> RuleIndex:
    index = RuleIndex()
    for rule in rules:
        index.add(rule, rule.required)
    return index


class _Maker:
    """Makes compiled rules; `vetoes` holds those made so far, for the vetoes of a file are shared by its rules."""

    def __init__(self, table: TestTable, lists: Mapping[str, WordList]) -> None:
        self.compiler = Compiler(table, lists)
        self.vetoes: dict[int, CompiledVeto] = {}

    def rule(self, rule: Rule) -> CompiledRule:
        pattern = self.pattern(rule.pattern, not rule.where)
        stop = self.pattern(rule.attach.to.stop) if rule.attach and rule.attach.to.stop else None
        roles = rule.event.roles if rule.event else ()
        barriers = tuple(self.pattern(r.barrier) if r.barrier else None for r in roles)
        return CompiledRule(rule, pattern, tuple(self._vetoes(rule)), stop, barriers)

    def pattern(self, tree: Node, free: bool = True) -> CompiledPattern:
        self.compiler.number_tests(tree)
        return CompiledPattern(tree, self.compiler.table, self.compiler.lists, free, subtree_sizes(tree))

    def _vetoes(self, rule: Rule) -> Iterator[CompiledVeto]:
        for veto in rule.vetoes:
            if id(veto) not in self.vetoes:
                self.vetoes[id(veto)] = self._veto(veto)
            yield self.vetoes[id(veto)]

    def _veto(self, veto: Veto) -> CompiledVeto:
        pinned = any(isinstance(n, Reference) for n in walk(veto.pattern))
        against, saved_by, weighty = (CompiledVeto(veto, self.pattern(tree), False) if tree is not None else None
                                      for tree in (veto.against, veto.saved_by, veto.weighty))
        return CompiledVeto(veto, self.pattern(veto.pattern), pinned, against=against, saved_by=saved_by,
                            weighty=weighty)


# --- The order of phases ---------------------------------------------------------------------------------------------


def uses(rule: Rule) -> dict[str, Node]:
    """The mention types that a rule's pattern and vetoes need, each with the element that needs it."""
    found: dict[str, Node] = {}
    trees = (t for v in rule.vetoes for t in (v.pattern, v.against, v.saved_by, v.weighty) if t is not None)
    for tree in (rule.pattern, *trees):
        for node in walk(tree):
            match node:
                case MentionRef(type=type_):
                    found.setdefault(type_, node)
                case Gap(over=over, stop=stop):
                    if stop == "clause":
                        found.setdefault(BOUNDARY, node)
                    if over:
                        found.setdefault(INSERTION, node)
    return found


def order_phases(rules: list[Rule]) -> tuple[str, ...]:
    """Mention types, each after those that its rules use; ties in alphabetical order."""
    needs: dict[str, dict[str, tuple[Rule, Node]]] = {}
    for rule in rules:
        if rule.mention:
            own = needs.setdefault(rule.mention.type, {})
            for type_, node in uses(rule).items():
                own.setdefault(type_, (rule, node))
    ordered: list[str] = []
    waiting = dict(needs)
    while waiting:
        ready = sorted(t for t, used in waiting.items() if not used.keys() & waiting.keys())
        if not ready:
            raise RulesError([_circle(waiting)])
        ordered += ready
        for type_ in ready:
            del waiting[type_]
    return tuple(ordered)


def _circle(waiting: dict[str, dict[str, tuple[Rule, Node]]]) -> Diagnostic:
    path = [min(waiting)]
    while path[-1] not in path[:-1]:
        path.append(min(waiting[path[-1]].keys() & waiting.keys()))
    path = path[path.index(path[-1]):]
    rule, node = waiting[path[0]][path[1]]
    chain = " → ".join(f"@{t}" for t in path)
    return error_at(node.spot, "R013", f"mentions depend on each other in a circle: {chain}",
                    f"the rule `{rule.id}` closes it: let one of them match words instead of mentions")
