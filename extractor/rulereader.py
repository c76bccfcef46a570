"""One rule of a rule file: its node → a `Rule`, with every name replaced by what it stands for.

In: a rule's mapping, the module it stands in, and the binding of a frame's parameters if it is a construction. Out: a
`Rule`, or None when something in it is wrong; what is wrong goes to the library's `found`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractor.diagnostics import Place, did_you_mean
from extractor.examples import ExampleReader
from extractor.expand import Scope
from extractor.frames import Binding
from extractor.modules import Library, Module
from extractor.pattern import MentionRef, Node, PatternError, Reference, Test, walk
from extractor.rulechecks import check_captures, check_pattern, is_expanded
from extractor.ruleset import (
    SAVED_AT,
    TIMES,
    AttachSpec,
    CounterExample,
    EventSpec,
    Example,
    MentionSpec,
    Packed,
    ReachSpec,
    ReferenceSpec,
    RoleSpec,
    Rule,
    Veto,
    hash_rule,
)
from extractor.source import Fields, Items, Text, items_at, number_at, text_at, texts_at
from extractor.source import Node as SourceNode
from extractor.valuereader import parse_constraint, parse_value
from extractor.values import Expression, names_in

# The keys of a veto that mean nothing alone, each with those of which it needs one.
_COMPANIONS = {"weighty": ("against",), "times": ("weighty",), "saved_at": ("saved_by",),
               "tokens": ("against", "without")}
_ID = re.compile(r"[a-z0-9_]+(?:[.-][a-z0-9_]+)*")


@dataclass(slots=True)
class RuleReader:
    """Reads one rule. `home` is the module whose names it speaks: that of the frame for a construction."""

    library: Library
    module: Module
    home: Module
    node: Fields
    binding: Binding | None
    order: int
    complete: bool = True

    @property
    def id(self) -> str:
        name = text_at(self.node, "id")
        return f"{self.binding.prefix}.{name}" if self.binding else name

    def id_place(self) -> Place:
        """Where a duplicate of the id is to be mended: at the use for a construction, else at the rule."""
        node = self.binding.use if self.binding else self.node
        return (node.get("id") or node).place()

    def read(self) -> Rule | None:
        library = self.library
        before = len(library.found)
        rule = self._build()
        errors = any(d.severity == "error" for d in library.found[before:])
        return None if errors or not self.complete or not library.fits(self.node) else rule

    def _build(self) -> Rule | None:
        source = self.node.get("pattern")
        self._check_id()
        pattern = self._pattern(source)
        # Everything is read before anything is given up, so that one run shows all mistakes.
        where, vetoes = [*self._where()], tuple(self._vetoes())
        mention, event, attach = self._mention(), self._event(), self._attach()
        self._check_parts(mention, event, attach)
        examples, counterexamples, todo = self._examples()
        if pattern is None or not isinstance(source, Text):
            return None
        rule = self._rule(source, pattern, mention, event, attach)
        rule.where, rule.vetoes = tuple(where), vetoes
        rule.examples, rule.counterexamples, rule.todo = Packed(examples), Packed(counterexamples), Packed(todo)
        check_captures(self.library, rule, self._uses(rule))
        rule.hash = hash_rule(rule)
        return rule

    def _rule(self, source: Text, pattern: Node, mention: MentionSpec | None, event: EventSpec | None,
              attach: AttachSpec | None) -> Rule:
        """The rule without its constraints, vetoes and examples."""
        node, binding = self.node, self.binding
        return Rule(
            id=self.id, module=self.module.name, file=self.home.file, line=node.place().line, order=self.order,
            title=binding.fill(text_at(node, "title")) if binding else text_at(node, "title"),
            status=text_at(node, "status") or "stable", replaced_by=text_at(node, "replaced_by") or None,
            since=text_at(node, "since"), notes=text_at(node, "notes"),
            priority=number_at(node, "priority") + (binding.priority if binding else 0),
            source=source, pattern=pattern, where=(), where_texts=tuple(t.value for t in texts_at(node, "where")),
            vetoes=(), mention=mention, event=event, attach=attach, examples=(), counterexamples=(), todo=(),
            frame=binding.frame if binding else None)

    def _examples(self) -> tuple[tuple[Example, ...], tuple[CounterExample, ...], tuple[Example, ...]]:
        library, node, binding = self.library, self.node, self.binding
        reader = ExampleReader(library.found, library.inflection, library.lists, binding.nodes if binding else {})
        return (reader.examples(node.get("examples"), binding.examples if binding else None),
                reader.counterexamples(node.get("counterexamples"), binding.counterexamples if binding else None),
                reader.examples(node.get("todo")))

    def _check_id(self) -> None:
        node = self.node.get("id")
        if isinstance(node, Text) and node.value and not _ID.fullmatch(self.id):
            self.library.report("R003", f"`{self.id}` is not a rule id", self.id_place(),
                                "write lower-case words without accents, joined by dots: `killed.passive`")

    # --- patterns ------------------------------------------------------------------------------------------------

    def _pattern(self, text: SourceNode | None, scope: Scope | None = None, bound: bool = True) -> Node | None:
        """A pattern with every name expanded and checked; None when it is missing or wrong."""
        tree = self.library.parse(text) if isinstance(text, Text) else None
        if tree is None:
            # Its fault was reported when it was read first, for this rule or for another use of the frame.
            self.complete = self.complete and not isinstance(text, Text)
            return None
        nodes = self.binding.nodes if self.binding and bound else {}
        pattern = self.library.expander.expand(tree, scope or self.home.scope, nodes)
        self.library.trees.append(pattern)
        if not is_expanded(pattern, self.library):
            self.complete = False
            return None
        check_pattern(self.library, pattern)
        return pattern

    def _vetoes(self) -> Iterator[Veto]:
        for name, value in items_at(self.node, "unless").items():
            yield from self._veto(name, value, self.home.scope)
        for name, value in (self.binding.vetoes.items if self.binding and isinstance(self.binding.vetoes, Fields)
                            else {}).items():
            yield from self._veto(name, value, self.module.scope, bound=False)
        if isinstance(self.node.get("event"), Fields):
            yield from self._file_vetoes()

    def _file_vetoes(self) -> tuple[Veto, ...]:
        """The vetoes of the whole file, read for its first event rule and shared by all."""
        module, library = self.module, self.library
        if module.vetoes is None:
            before, complete = len(library.found), self.complete
            self.complete = True
            module.vetoes = tuple(veto for name, value in items_at(module.node, "unless").items()
                                  for veto in self._veto(name, value, module.scope, bound=False))
            module.sound = len(library.found) == before and self.complete
            self.complete = complete
        self.complete = self.complete and module.sound
        return module.vetoes

    def _veto(self, name: str, value: SourceNode, scope: Scope, bound: bool = True) -> Iterator[Veto]:
        text = value.get("pattern") or value.get("without") if isinstance(value, Fields) else value
        if text is None:
            self.library.report("R002", f"the veto `{name}` needs `pattern` or `without`", value.place(),
                                "`pattern: …` is what silences the rule, `without: …` what it cannot do without")
        self._check_companions(name, value)
        pattern = self._pattern(text, scope, bound)
        inverted = isinstance(value, Fields) and value.get("pattern") is None
        against, saved_by, weighty = (self._pattern(value.get(key), scope, bound) if isinstance(value, Fields) else None
                                      for key in ("against", "saved_by", "weighty"))
        if pattern is not None:
            within = text_at(value, "within") or ("document" if against is not None else "sentence")
            yield Veto(name, pattern, within, pattern.spot, against, inverted, number_at(value, "tokens", 0),
                       saved_by, number_at(value, "saved_at", SAVED_AT), weighty, number_at(value, "times", TIMES))

    def _check_companions(self, name: str, value: SourceNode) -> None:
        if not isinstance(value, Fields):
            return
        for key, patterns in _COMPANIONS.items():
            given = value.get(key)
            if given is not None and not any(value.get(p) is not None for p in patterns):
                wanted = " or ".join(f"`{p}`" for p in patterns)
                self.library.report("R002", f"`{key}` of the veto `{name}` needs {wanted}", given.place(),
                                    f"add `{patterns[0]}: PATTERN`, or leave `{key}` out")

    def _where(self) -> Iterator[Expression]:
        for text in texts_at(self.node, "where"):
            if text.refused or not text.value.strip():
                continue
            try:
                yield parse_constraint(text)
            except PatternError as error:
                self.library.found.append(error.diagnostic)

    def _value(self, text: SourceNode | None) -> Expression | None:
        if not isinstance(text, Text) or text.refused:
            return None
        try:
            return parse_value(text)
        except PatternError as error:
            self.library.found.append(error.diagnostic)
            return None

    # --- what the rule makes -------------------------------------------------------------------------------------

    def _mention(self) -> MentionSpec | None:
        node = self.node.get("mention")
        if not isinstance(node, Fields):
            return None
        own = ("type", "span", "refers_to")
        values = {name: self._value(value) for name, value in node.items.items() if name not in own}
        type_, place = text_at(node, "type"), node.get("type") or node
        if type_ and not re.fullmatch(r"[A-Z]\w*", type_):
            self.library.report("R003", f"`{type_}` is not a mention type", place.place(),
                                "start it with a capital letter: `People`")
        fields = {name: value for name, value in values.items() if value is not None}
        return MentionSpec(type_, capture_name(text_at(node, "span")), fields, self._reference(node.get("refers_to")))

    def _reference(self, node: SourceNode | None) -> ReferenceSpec | None:
        find = node.get("find") if isinstance(node, Fields) else None
        tree = self.library.parse(find) if isinstance(find, Text) else None
        if not isinstance(find, Text):
            return None
        if not isinstance(tree, MentionRef):
            if tree is not None:
                self.library.report("R003", "what an anaphor stands for is a mention type alone", find.place(),
                                    "write `find: @Speaker`")
            self.complete = False
            return None
        self.library.trees.append(tree)
        return ReferenceSpec(tree.type, tree.test, text_at(node, "told") == "yes",
                             capture_name(text_at(node, "like")), number_at(node, "reach", 6))

    def _event(self) -> EventSpec | None:
        node = self.node.get("event")
        if not isinstance(node, Fields):
            return None
        refine = node.get("refine")
        return EventSpec(
            self._event_type(node), capture_name(text_at(node, "each")), _names(node, "arguments"),
            tuple(self._all_roles(node)), self._value(refine.get("by")) if isinstance(refine, Fields) else None,
            tuple(self._known_types(refine, "only")), _names(node, "absorb"), text_at(node, "factuality") or None,
            text_at(node, "scope") or None, capture_name(text_at(node, "count")))

    def _event_type(self, node: Fields) -> str:
        text = text_at(node, "type")
        type_ = self.binding.fill(text) if self.binding else text
        known = self.library.types
        if type_ and type_ not in known and not self.library.unread:
            self.library.report("R012", f"unknown event type `{type_}`", self._type_place(node, text),
                                did_you_mean(type_, known) or "declare it under `types:`")
        return type_

    def _type_place(self, node: Fields, text: str) -> Place:
        """A type that comes from a frame's parameter is mended where the use gives it."""
        given = items_at(self.binding.use, "with") if self.binding else {}
        return (given.get(text.removeprefix("$")) or node.get("type") or node).place()

    def _known_types(self, node: SourceNode | None, key: str) -> Iterator[str]:
        for text in texts_at(node, key):
            if text.value not in self.library.types and not self.library.unread:
                self.library.report("R012", f"unknown event type `{text.value}`", text.place(),
                                    did_you_mean(text.value, self.library.types) or "declare it under `types:`")
            yield text.value

    def _all_roles(self, node: Fields) -> Iterator[RoleSpec]:
        own = [*self._roles(node.get("roles"), self.home.scope)]
        yield from own
        taken = {r.role for r in own}
        for text in texts_at(node, "role_set"):
            name = self.binding.fill(text.value) if self.binding else text.value
            part = self.home.role_sets.get(name)
            if part is not None:
                part.used = True
                given = [r for r in self._roles(part.node, part.home.scope) if r.role not in taken]
                yield from given
                taken |= {r.role for r in given}
            elif not self.home.scope.incomplete:
                self.library.report("R014", f"there is no role set `{name}`", text.place(),
                                    did_you_mean(name, self.home.role_sets) or "import the file that defines it")

    def _roles(self, node: SourceNode | None, scope: Scope) -> Iterator[RoleSpec]:
        for role, value in _attempts(node):
            find = value.get("find") if isinstance(value, Fields) else None
            tree = self.library.parse(find) if isinstance(find, Text) else None
            if isinstance(tree, MentionRef):
                yield self._role(role, value, tree, scope)
            elif tree is None:
                self.complete = False
            elif isinstance(find, Text):
                self.library.report("R003", "a role is found by its mention type alone", find.place(),
                                    "write `find: @Place`")

    def _role(self, role: str, value: SourceNode, tree: MentionRef, scope: Scope) -> RoleSpec:
        self.library.trees.append(tree)
        barrier = self._pattern(value.get("barrier"), scope, bound=False) if isinstance(value, Fields) else None
        return RoleSpec(
            role, tree.type, tree.test, text_at(value, "within") or "sentence", text_at(value, "side") or "any",
            text_at(value, "prefer"), number_at(value, "reach", 60), text_at(value, "many") == "yes",
            text_at(value, "required") == "yes", barrier, self._outside(value), tree.spot,
            text_at(value, "pick") or "nearest", text_at(value, "from") == "attribution")

    def _outside(self, value: SourceNode) -> tuple[str, Test | None] | None:
        text = value.get("outside") if isinstance(value, Fields) else None
        tree = self.library.parse(text) if isinstance(text, Text) else None
        if isinstance(text, Text) and not isinstance(tree, MentionRef):
            if tree is not None:
                self.library.report("R003", "a role stands outside a mention", text.place(), "write `outside: @Actor`")
            self.complete = False
        if not isinstance(tree, MentionRef):
            return None
        self.library.trees.append(tree)
        return tree.type, tree.test

    def _attach(self) -> AttachSpec | None:
        node = self.node.get("attach")
        if not isinstance(node, Fields):
            return None
        return AttachSpec(capture_name(text_at(node, "attribution")), capture_name(text_at(node, "via")),
                          capture_name(text_at(node, "contested")),
                          text_at(node, "factuality") or None, text_at(node, "scope") or None, self._reach(node))

    def _reach(self, node: Fields) -> ReachSpec:
        to = node.get("to")
        if not isinstance(to, Fields):
            return ReachSpec()
        return ReachSpec(
            capture_name(text_at(to, "event")), text_at(to, "side") or "any", text_at(to, "within") or "sentence",
            number_at(to, "reach", 400), tuple(t.value for t in texts_at(to, "types")), self._pattern(to.get("stop")))

    # --- checks --------------------------------------------------------------------------------------------------

    def _check_parts(self, mention: MentionSpec | None, event: EventSpec | None, attach: AttachSpec | None) -> None:
        node, report = self.node, self.library.report
        if not self.library.fits(node):
            return
        if not (mention or event or attach):
            report("R016", "this rule makes nothing", node.place(), "add `mention:`, `event:` or `attach:`")
        elif mention and (event or attach):
            report("R016", "a rule makes a mention, or an event with attachments, not both",
                   (node.get("mention") or node).place(), "write two rules")
        if attach and not attach.kinds:
            report("R016", "this attachment attaches nothing", (node.get("attach") or node).place(),
                   "add `attribution:`, `contested:`, `factuality:` or `scope:`")

    def _uses(self, rule: Rule) -> Iterator[tuple[str, str, Place]]:
        """Every capture that the rule speaks of: its name, under which key, and where."""
        node = self.node
        for text, expression in zip(texts_at(node, "where"), rule.where, strict=False):
            yield from ((name, "where", text.place()) for name in sorted(names_in(expression)))
        if rule.mention:
            yield from _uses_of_mention(rule.mention, items_at(node, "mention"))
        for key in ("each", "arguments", "absorb", "count"):
            for text in texts_at(node.get("event"), key):
                yield capture_name(text.value) or "", key, text.place()
        attach, to = node.get("attach"), items_at(node, "attach").get("to")
        for owner, key in ((attach, "attribution"), (attach, "via"), (attach, "contested"), (to, "event")):
            yield from ((capture_name(t.value) or "", key, t.place()) for t in texts_at(owner, key))
        for veto in rule.vetoes:
            yield from ((n.name, f"unless.{veto.name}", n.spot.place()) for n in walk(veto.pattern)
                        if isinstance(n, Reference))


def _uses_of_mention(mention: MentionSpec, nodes: dict[str, SourceNode]) -> Iterator[tuple[str, str, Place]]:
    if mention.span:
        yield mention.span, "span", nodes["span"].place()
    if mention.refers_to and mention.refers_to.like:
        yield mention.refers_to.like, "like", nodes["refers_to"].place()
    for field, expression in mention.fields.items():
        yield from ((name, field, nodes[field].place()) for name in sorted(names_in(expression)))


def _names(node: Fields, key: str) -> tuple[str, ...]:
    return tuple(name for t in texts_at(node, key) if (name := capture_name(t.value)))


def capture_name(text: str) -> str | None:
    """`<source>` or `source` → source."""
    return text.strip("<> ") or None


def _attempts(node: SourceNode | None) -> Iterator[tuple[str, SourceNode]]:
    """Every role with its attempts, in order."""
    for role, value in node.items.items() if isinstance(node, Fields) else ():
        for attempt in value.items if isinstance(value, Items) else [value]:
            yield role, attempt
