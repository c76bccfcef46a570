"""Compiled rules: a rule set → matchers, indexes and the order of phases.

In: a `RuleSet`. Out: a `CompiledSet`: the mention types in the order in which they can be found (worked out from which
rule uses which mention), and an index each for mentions, events and attachments.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from extractor.diagnostics import Diagnostic, RulesError
from extractor.forms import TestTable
from extractor.index import Required, RequirementFinder, RuleIndex
from extractor.match import Compiler, Matcher
from extractor.pattern import Gap, MentionRef, Node, Reference, error_at, walk
from extractor.ruleset import Rule, RuleSet, Veto

# Mentions that the structure of a sentence is made of; gaps stop at the one and step over the other.
BOUNDARY, INSERTION, EVENT = "Boundary", "Insertion", "Event"


@dataclass(slots=True)
class CompiledVeto:
    veto: Veto
    matcher: Matcher
    nodes: list[Node]
    required: Required | None
    pinned: bool
    against: CompiledVeto | None = None


@dataclass(slots=True)
class CompiledRule:
    rule: Rule
    matcher: Matcher
    nodes: list[Node]
    vetoes: tuple[CompiledVeto, ...]
    stop: Matcher | None
    barriers: dict[str, Matcher]
    table: TestTable
    required: Required | None = None


@dataclass(slots=True)
class CompiledSet:
    rules: RuleSet
    table: TestTable
    compiled: dict[str, CompiledRule]
    phases: tuple[tuple[str, RuleIndex], ...]
    events: RuleIndex
    attachments: RuleIndex

    def everywhere(self) -> list[str]:
        """Ids of rules without a required element: they are tried at every token."""
        return [i.owner.rule.id for index in (*(x for _, x in self.phases), self.events, self.attachments)
                for i in index.everywhere]


def compile_rules(rules: RuleSet) -> CompiledSet:
    """Compiles every rule that is not deprecated. Raises `RulesError` when mentions depend on each other in a
    circle."""
    # Long patterns nest one Python call an element; the default limit is meant for runaway recursion.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))
    table = TestTable(rules.inflection)
    active = [r for r in rules.rules if r.status != "deprecated"]
    shared: dict[int, CompiledVeto] = {}
    compiled = {r.id: _compile_rule(r, rules, table, shared) for r in active}
    finder = RequirementFinder(Compiler(table, rules.lists))
    for rule in compiled.values():
        rule.required = finder.requirement(rule.rule.pattern)
        for veto in rule.vetoes:
            if veto.required is not None:
                continue
            veto.required = finder.requirement(veto.veto.pattern)
            if veto.against is not None and veto.veto.against is not None:
                veto.against.required = finder.requirement(veto.veto.against)
    order = order_phases(active)
    phases = tuple((type_, _index(r for r in compiled.values() if r.rule.mention and r.rule.mention.type == type_))
                   for type_ in order)
    events = _index(r for r in compiled.values() if r.rule.event)
    # An event rule that also attaches does so through its event; the index holds the rules that only attach.
    attachments = _index(r for r in compiled.values() if r.rule.kind == "attach")
    return CompiledSet(rules, table, compiled, phases, events, attachments)


def _index(rules: Iterable[CompiledRule]) -> RuleIndex:
    index = RuleIndex()
    for rule in rules:
        index.add(rule, rule.matcher, rule.required)
    return index


def _compile_rule(rule: Rule, rules: RuleSet, table: TestTable, shared: dict[int, CompiledVeto]) -> CompiledRule:
    """`shared` holds the vetoes of whole files, each compiled once for all rules of its file."""
    compiler = Compiler(table, rules.lists)
    matcher = compiler.compile(rule.pattern, free=not rule.where)
    stop = _compile(rule.attach.to.stop, rules, table) if rule.attach and rule.attach.to.stop else None
    roles = rule.event.roles if rule.event else ()
    barriers = {r.role: _compile(r.barrier, rules, table) for r in roles if r.barrier}
    for veto in rule.vetoes:
        if id(veto) not in shared:
            shared[id(veto)] = _compile_veto(veto, rules, table)
    return CompiledRule(rule, matcher, compiler.nodes, tuple(shared[id(v)] for v in rule.vetoes), stop, barriers, table)


def _compile(node: Node, rules: RuleSet, table: TestTable) -> Matcher:
    return Compiler(table, rules.lists).compile(node)


def _compile_veto(veto: Veto, rules: RuleSet, table: TestTable) -> CompiledVeto:
    compiler = Compiler(table, rules.lists)
    matcher = compiler.compile(veto.pattern)
    pinned = any(isinstance(n, Reference) for n in walk(veto.pattern))
    against = None
    if veto.against is not None:
        other = Compiler(table, rules.lists)
        against = CompiledVeto(veto, other.compile(veto.against), other.nodes, None, False)
    return CompiledVeto(veto, matcher, compiler.nodes, None, pinned, against)


# --- The order of phases ---------------------------------------------------------------------------------------------


def uses(rule: Rule) -> dict[str, Node]:
    """The mention types that a rule's pattern and vetoes need, each with the element that needs it."""
    found: dict[str, Node] = {}
    for tree in (rule.pattern, *(v.pattern for v in rule.vetoes), *(v.against for v in rule.vetoes if v.against)):
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
