"""Rule files: a folder → a rule set, with every finding of the run collected.

In: a folder of YAML files (`harm/killed.yaml` is the module `harm.killed`). Out: a `RuleSet`; what is wrong with a file
or rule is a diagnostic, and the rule is left out, without hiding the others.

    >>> rules = load_rules(shipped_rules_folder())
    >>> rules.rule("killed.passive").event.type
    'harm.killed'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from extractor import inflection as inflection_room
from extractor.diagnostics import Diagnostic, Place, did_you_mean
from extractor.examples import ExampleReader
from extractor.expand import Expander, Macro, Scope
from extractor.inflection import TAGS, Inflection
from extractor.pattern import (
    Lemma,
    Look,
    MentionRef,
    Named,
    Node,
    PatternError,
    Reference,
    Repeat,
    captures,
    error_at,
    inline,
    parse_pattern,
    show,
    walk,
    width,
)
from extractor.ruleset import (
    AttachSpec,
    EventSpec,
    EventType,
    MentionSpec,
    ReachSpec,
    RoleSpec,
    Rule,
    RuleSet,
    Veto,
)
from extractor.shapes import FILE, check_shape
from extractor.source import Fields, Items, Text, read_source
from extractor.source import Node as SourceNode
from extractor.values import Expression, names_in, parse_constraint, parse_value
from extractor.vocabulary import check_token_tests
from extractor.wordlists import WordListReader

_ID = re.compile(r"[a-z0-9_]+(?:[.-][a-z0-9_]+)*")


def shipped_rules_folder() -> Path:
    """The rules that come with the package: inside it when installed, beside it in a checkout."""
    packaged = Path(__file__).parent / "rules"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "rules"


def load_rules(folder: Path, files: Mapping[str, str] | None = None) -> RuleSet:
    """Reads every `*.yaml` below `folder`; `files` (relative name → text) replaces or adds files in memory."""
    return _Loader(folder, dict(files or {})).load()


@dataclass(slots=True)
class _Module:
    """One file on its way to rules."""

    name: str
    file: str
    folder: Path
    node: Fields
    scope: Scope
    frames: dict[str, Fields] = field(default_factory=dict)
    role_sets: dict[str, Fields] = field(default_factory=dict)
    imports: list[_Module] = field(default_factory=list)


@dataclass(slots=True)
class _Binding:
    """What a frame's parameters stand for while its rules are read."""

    frame: str
    prefix: str
    texts: dict[str, str]
    nodes: dict[str, Node]
    extra_vetoes: Fields | None
    priority: int
    examples: Items | None = None
    counterexamples: Items | None = None


class _Loader:
    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.folder = folder
        self.files = files
        self.found: list[Diagnostic] = []
        self.inflection: Inflection = inflection_room.shipped()
        self.modules: dict[str, _Module] = {}
        self.scopes: dict[str, Scope] = {}
        self.types: dict[str, EventType] = {}
        self.rules: list[Rule] = []
        self.broken: list[str] = []
        self.expander = Expander(self.scopes, self.found)
        self.digest = hashlib.sha256()
        self.list_fields: dict[str, set[str]] = {}
        self.list_lemmas: dict[str, list[str]] = {}

    def load(self) -> RuleSet:
        for name, text in self._iter_files():
            self._read_module(name, text)
        for module in self.modules.values():
            self._read_types(module)
            self._read_words(module)
            self._read_macros(module)
            module.frames = _fields_of(module.node, "frames")
            module.role_sets = _fields_of(module.node, "role_sets")
        for module in self.modules.values():
            self._import(module)
        self.list_fields = {w.key: w.fields() for s in self.scopes.values() for w in s.lists.values()}
        self.list_lemmas = {w.key: w.lemmas() for s in self.scopes.values() for w in s.lists.values()}
        for module in self.modules.values():
            self._read_rules(module)
        self._check_set()
        lists = {w.key: w for s in self.scopes.values() for w in s.lists.values()}
        return RuleSet(self.folder.name, tuple(self.rules), lists, self.types, self.inflection,
                       "sha256:" + self.digest.hexdigest(), tuple(sorted(self.found, key=Diagnostic.sort_key)),
                       tuple(self.broken))

    # --- files ---------------------------------------------------------------------------------------------------

    def _iter_files(self) -> Iterator[tuple[str, str]]:
        on_disk = {p.relative_to(self.folder).as_posix(): p for p in self.folder.rglob("*.yaml")}
        for name in sorted({*on_disk, *self.files}):
            data = self.files[name].encode("utf-8") if name in self.files else on_disk[name].read_bytes()
            self.digest.update(name.encode() + b"\0" + data + b"\0")
            try:
                yield name, data.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                line = data[: error.start].count(b"\n") + 1
                place = inline("", f"{self.folder.name}/{name}").source.place(line, 1)
                self.found.append(Diagnostic("Y002", f"byte {error.start} is not UTF-8", place,
                                             help="save the file as UTF-8"))
        for table in sorted(self.folder.rglob("*.tsv")):
            self.digest.update(table.name.encode() + b"\0" + table.read_bytes())

    def _read_module(self, name: str, text: str) -> None:
        shown = f"{self.folder.name}/{name}"
        node = read_source(text, shown, self.found)
        if node is None:
            return
        check_shape(node, FILE, self.found)
        if not isinstance(node, Fields):
            return
        module = name.removesuffix(".yaml").replace("/", ".")
        self.scopes[module] = Scope(module)
        self.modules[module] = _Module(module, shown, (self.folder / name).parent, node, self.scopes[module])

    # --- definitions ---------------------------------------------------------------------------------------------

    def _read_types(self, module: _Module) -> None:
        for name, node in _fields_of(module.node, "types").items():
            place = _keys_of(module.node, "types")[name].place()
            if name in self.types:
                self._report("R007", f"the event type `{name}` is declared twice", place, "remove one")
            elif not re.fullmatch(r"[a-z_]+\.[a-z_]+", name):
                self._report("R003", f"`{name}` is not an event type name", place, "write `family.kind`")
            else:
                codes = {k: _text(node, k) for k in ("acled", "plover", "cameo") if _text(node, k)}
                self.types[name] = EventType(name, _text(node, "about"), codes, place)

    def _read_words(self, module: _Module) -> None:
        reader = WordListReader(self.inflection, self.found)
        node = module.node.get("words")
        for name, key in _keys_of(module.node, "words").items():
            assert isinstance(node, Fields)
            if self._is_name(name, key):
                words = reader.read(name, module.name, key, node.items[name], module.folder)
                module.scope.lists[name] = words

    def _read_macros(self, module: _Module) -> None:
        node = module.node.get("macros")
        for name, key in _keys_of(module.node, "macros").items():
            assert isinstance(node, Fields)
            value = node.items[name]
            if not self._is_name(name, key):
                continue
            if name in module.scope.lists:
                self._report("R007", f"`{name}` is both a word list and a macro", key.place(), "rename one of them")
                continue
            text = value if isinstance(value, Text) else value.get("pattern") if isinstance(value, Fields) else None
            parameters = tuple(t.value for t in _texts(value, "parameters")) if isinstance(value, Fields) else ()
            if isinstance(text, Text):
                module.scope.macros[name] = Macro(name, module.name, parameters, self._parse(text), key.place())

    def _is_name(self, name: str, key: Text) -> bool:
        if re.fullmatch(r"[A-Za-z_]\w*", name):
            return True
        self._report("R003", f"`{name}` cannot be used as `$name`", key.place(),
                     "use letters, digits and _, starting with a letter")
        return False

    def _import(self, module: _Module) -> None:
        for text in _texts(module.node, "import"):
            other = self.modules.get(text.value)
            if other is None or other is module:
                self._report("R005", f"there is no rule file `{text.value}` to import", text.place(),
                             did_you_mean(text.value, set(self.modules) - {module.name}) or
                             "the name is the path below the rules folder, with dots: `lexicon.people`")
                continue
            module.imports.append(other)
            self._import_names(module, other, text)

    def _import_names(self, module: _Module, other: _Module, text: Text) -> None:
        own = module.scope
        for name, words in other.scope.lists.items():
            if words.module == other.name:
                self._clash(name, own, text, other, own.lists.setdefault(name, words) is words)
        for name, macro in other.scope.macros.items():
            if macro.module == other.name:
                self._clash(name, own, text, other, own.macros.setdefault(name, macro) is macro)
        for name, frame in _fields_of(other.node, "frames").items():
            module.frames.setdefault(name, frame)
        for name, roles in _fields_of(other.node, "role_sets").items():
            module.role_sets.setdefault(name, roles)

    def _clash(self, name: str, own: Scope, text: Text, other: _Module, fits: bool) -> None:
        if not fits or (name in own.lists and name in own.macros):
            self._report("R007", f"`{name}` of `{other.name}` clashes with another `{name}` here", text.place(),
                         "rename one of them")

    # --- rules ---------------------------------------------------------------------------------------------------

    def _read_rules(self, module: _Module) -> None:
        if isinstance(rules := module.node.get("rules"), Items):
            for node in rules.items:
                if isinstance(node, Fields):
                    self._read_rule(module, module, node, None)
        if isinstance(uses := module.node.get("uses"), Items):
            for node in uses.items:
                if isinstance(node, Fields):
                    self._read_use(module, node)

    def _read_use(self, module: _Module, use: Fields) -> None:
        name, prefix = _text(use, "frame"), _text(use, "id")
        frame = module.frames.get(name)
        if frame is None:
            node = use.get("frame")
            place = node.place() if node else use.place()
            self._report("R014", f"there is no frame `{name}`", place,
                         did_you_mean(name, module.frames) or "import the file that defines it")
            return
        binding = self._bind(module, use, frame, name, prefix)
        if binding is None:
            return
        home = next(m for m in (module, *self.modules.values()) if _fields_of(m.node, "frames").get(name) is frame)
        rules = frame.get("rules")
        nodes = [n for n in rules.items if isinstance(n, Fields)] if isinstance(rules, Items) else []
        self._read_constructions(module, home, use, nodes, binding)

    def _read_constructions(self, module: _Module, home: _Module, use: Fields, nodes: list[Fields],
                            binding: _Binding) -> None:
        known = [_text(n, "id") for n in nodes]
        only, without = _texts(use, "only"), _texts(use, "except")
        self._check_constructions([*only, *without, *_keys_of(use, "examples").values(),
                                   *_keys_of(use, "counterexamples").values()], known, binding.frame)
        for node, name in zip(nodes, known, strict=True):
            if (only and name not in {t.value for t in only}) or name in {t.value for t in without}:
                continue
            binding.examples = _items_of(use, "examples", name)
            binding.counterexamples = _items_of(use, "counterexamples", name)
            self._read_rule(module, home, node, binding)

    def _check_constructions(self, texts: list[Text], known: list[str], frame: str) -> None:
        for text in texts:
            if text.value not in known:
                self._report("R014", f"the frame `{frame}` has no construction `{text.value}`", text.place(),
                             did_you_mean(text.value, known) or "it has " + ", ".join(known))

    def _bind(self, module: _Module, use: Fields, frame: Fields, name: str, prefix: str) -> _Binding | None:
        given = use.get("with")
        given_items = given.items if isinstance(given, Fields) else {}
        parameters = [t.value for t in _texts(frame, "parameters")]
        bad = [p for p in parameters if p not in given_items] + [g for g in given_items if g not in parameters]
        if bad:
            self._report("R014", f"the frame `{name}` takes {', '.join(parameters)}; wrong or missing: {', '.join(bad)}",
                         (given or use).place(), "write one `name: value` for every parameter")
            return None
        texts = {p: v.value for p, v in given_items.items() if isinstance(v, Text)}
        nodes = {}
        for parameter, value in given_items.items():
            if isinstance(value, Text) and (value.value in self.types or _is_plain_value(value.value)):
                nodes[parameter] = parse_pattern(inline(value.value.replace(".", "_")))
            elif isinstance(value, Text) and (node := self._parse(value)) is not None:
                nodes[parameter] = self.expander.expand(node, module.scope)
        vetoes = use.get("unless")
        return _Binding(name, prefix, texts, nodes, vetoes if isinstance(vetoes, Fields) else None,
                        int(_text(use, "priority") or 0))

    def _read_rule(self, module: _Module, home: _Module, node: Fields, binding: _Binding | None) -> None:
        before = len(self.found)
        name = _text(node, "id")
        rule_id = f"{binding.prefix}.{name}" if binding else name
        rule = self._build_rule(module, home, node, binding, rule_id)
        errors = [d for d in self.found[before:] if d.severity == "error"]
        if rule is None or errors:
            self.broken.append(rule_id)
        else:
            self.rules.append(rule)

    def _build_rule(self, module: _Module, home: _Module, node: Fields, binding: _Binding | None, rule_id: str,
                    ) -> Rule | None:
        source = node.get("pattern")
        if not isinstance(source, Text):
            return None
        id_node = node.get("id")
        if not _ID.fullmatch(rule_id):
            self._report("R003", f"`{rule_id}` is not a rule id", (id_node or node).place(),
                         "write lower-case words joined by dots: `killed.passive`")
        scope, bound = home.scope, binding.nodes if binding else {}
        tree = self._parse(source)
        if tree is None:
            return None
        pattern = self.expander.expand(tree, scope, bound)
        self._check_pattern(pattern, scope)
        where = self._constraints(node)
        vetoes = [*self._vetoes(node.get("unless"), scope, bound)]
        if binding and binding.extra_vetoes:
            vetoes += self._vetoes(binding.extra_vetoes, module.scope, {})
        mention = self._mention(node.get("mention"))
        event = self._event(node.get("event"), home, binding)
        attach = self._attach(node.get("attach"), scope, bound)
        self._check_parts(node, mention, event, attach)
        reader = ExampleReader(self.found, self.inflection, self.list_lemmas, binding.nodes if binding else {})
        extra = binding.examples if binding else None
        extra_counter = binding.counterexamples if binding else None
        place = node.place()
        rule = Rule(
            rule_id, module.name, module.file if not binding else home.file, place.line, len(self.rules),
            self._fill(_text(node, "title"), binding), _text(node, "status") or "stable",
            _text(node, "replaced_by") or None, _text(node, "since"), _text(node, "notes"),
            int(_text(node, "priority") or 0) + (binding.priority if binding else 0), source, pattern,
            tuple(where), tuple(t.value for t in _texts(node, "where")), tuple(vetoes), mention, event, attach,
            reader.examples(node.get("examples"), extra),
            reader.counterexamples(node.get("counterexamples"), extra_counter),
            reader.examples(node.get("todo"), None), frame=binding.frame if binding else None)
        self._check_names(rule)
        rule.hash = _hash(rule)
        return rule

    def _fill(self, text: str, binding: _Binding | None) -> str:
        """A frame's `$parameter` in a plain value is replaced by the argument's text."""
        if binding:
            for name, value in binding.texts.items():
                text = re.sub(rf"\${name}\b", lambda _, v=value: v, text)  # type: ignore[misc]
        return text

    def _parse(self, text: Text) -> Node | None:
        try:
            return parse_pattern(text)
        except PatternError as error:
            self.found.append(error.diagnostic)
            return None

    def _check_pattern(self, pattern: Node, scope: Scope) -> None:
        if width(pattern)[0] == 0:
            self.found.append(error_at(pattern.spot, "P009", "this pattern can match nothing at all",
                                       "make at least one element required (no `?`, `*`, gap or look-around alone)"))
        for node in walk(pattern):
            match node:
                case Lemma():
                    self._check_lemma(node)
                case Look(ahead=False) if width(node.item)[1] is None:
                    if any(isinstance(n, (MentionRef | Reference, Named)) for n in walk(node.item)) and \
                            not _has_open_repeat(node.item):
                        continue
                    self.found.append(error_at(node.spot, "P010", "a look-behind must have a bound",
                                               "replace `*` or `+` by a range such as `{0,5}`"))
        check_token_tests(pattern, self.found, self.list_fields, TAGS)

    def _check_lemma(self, node: Lemma) -> None:
        unknown = [t for t in node.tags if t not in TAGS]
        if unknown:
            self.found.append(error_at(node.spot, "R009", f"unknown inflection tag `{unknown[0]}`",
                                       did_you_mean(unknown[0], TAGS) or
                                       "the tags are " + ", ".join(sorted(TAGS))))
        elif not self.inflection.expand(node.lemma, node.tags):
            near = self.inflection.suggest(node.lemma)
            known = self.inflection.has_lemma(node.lemma)
            message = (f"`{node.lemma}` has no form with the tags {'.'.join(node.tags)}" if known
                       else f"the lexicon has no lemma `{node.lemma}`")
            self.found.append(error_at(node.spot, "R009", message,
                                       f"did you mean `~{near[0]}`?" if near and not known else
                                       "check the tags" if known else "add the lemma to the supplement"))

    def _constraints(self, node: Fields) -> list[Expression]:
        constraints = []
        for text in _texts(node, "where"):
            try:
                constraints.append(parse_constraint(text))
            except PatternError as error:
                self.found.append(error.diagnostic)
        return constraints

    def _vetoes(self, node: SourceNode | None, scope: Scope, bound: Mapping[str, Node]) -> Iterator[Veto]:
        for name, value in node.items.items() if isinstance(node, Fields) else ():
            text = value.get("pattern") if isinstance(value, Fields) else value
            if not isinstance(text, Text) or (tree := self._parse(text)) is None:
                continue
            pattern = self.expander.expand(tree, scope, bound)
            self._check_pattern(pattern, scope)
            within = _text(value, "within") if isinstance(value, Fields) else ""
            yield Veto(name, pattern, within or "sentence", pattern.spot)

    def _mention(self, node: SourceNode | None) -> MentionSpec | None:
        if not isinstance(node, Fields):
            return None
        fields = {}
        for name, value in node.items.items():
            if name in ("type", "span") or not isinstance(value, Text):
                continue
            try:
                fields[name] = parse_value(value)
            except PatternError as error:
                self.found.append(error.diagnostic)
        type_ = _text(node, "type")
        if not re.fullmatch(r"[A-Z]\w*", type_):
            self._report("R003", f"`{type_}` is not a mention type", node.place(), "start it with a capital: `People`")
        return MentionSpec(type_, _text(node, "span") or None, fields)

    def _event(self, node: SourceNode | None, home: _Module, binding: _Binding | None) -> EventSpec | None:
        if not isinstance(node, Fields):
            return None
        type_ = self._fill(_text(node, "type"), binding)
        if type_ not in self.types:
            at = node.get("type") or node
            self._report("R012", f"unknown event type `{type_}`", at.place(),
                         did_you_mean(type_, self.types) or "declare it under `types:`")
        roles = [*self._roles(node.get("roles"), home.scope)]
        set_name = _text(node, "role_set")
        if set_name:
            if set_name not in home.role_sets:
                at = node.get("role_set") or node
                self._report("R014", f"there is no role set `{set_name}`", at.place(),
                             did_you_mean(set_name, home.role_sets) or "import the file that defines it")
            else:
                own = {r.role for r in roles}
                roles += [r for r in self._roles(home.role_sets[set_name], home.scope) if r.role not in own]
        refine: Expression | None = None
        only: tuple[str, ...] = ()
        if isinstance(refine_node := node.get("refine"), Fields) and isinstance(by := refine_node.get("by"), Text):
            refine = self._value(by)
            only = tuple(t.value for t in _texts(refine_node, "only"))
        return EventSpec(type_, _text(node, "each") or None, tuple(t.value for t in _texts(node, "arguments")),
                         tuple(roles), refine, only, tuple(t.value for t in _texts(node, "absorb")),
                         _text(node, "factuality") or None, _text(node, "scope") or None)

    def _value(self, text: Text) -> Expression | None:
        try:
            return parse_value(text)
        except PatternError as error:
            self.found.append(error.diagnostic)
            return None

    def _roles(self, node: SourceNode | None, scope: Scope) -> Iterator[RoleSpec]:
        for role, value in node.items.items() if isinstance(node, Fields) else ():
            find = value.get("find") if isinstance(value, Fields) else None
            if not isinstance(value, Fields) or not isinstance(find, Text) or (tree := self._parse(find)) is None:
                continue
            if not isinstance(tree, MentionRef):
                self._report("R003", "a role is found by its mention type", find.place(), "write `find: @Place`")
                continue
            barrier = value.get("barrier")
            barrier_node = self._parse(barrier) if isinstance(barrier, Text) else None
            yield RoleSpec(
                role, tree.type, tree.test, _text(value, "within") or "sentence", _text(value, "side") or "any",
                _text(value, "prefer"), int(_text(value, "reach") or 60), _text(value, "many") == "yes",
                _text(value, "required") == "yes",
                self.expander.expand(barrier_node, scope) if barrier_node else None, tree.spot)

    def _attach(self, node: SourceNode | None, scope: Scope, bound: Mapping[str, Node]) -> AttachSpec | None:
        if not isinstance(node, Fields):
            return None
        to = node.get("to")
        reach = ReachSpec()
        if isinstance(to, Fields):
            stop = to.get("stop")
            stop_node = self._parse(stop) if isinstance(stop, Text) else None
            reach = ReachSpec(
                _capture_name(_text(to, "event")), _text(to, "side") or "any", _text(to, "within") or "sentence",
                int(_text(to, "reach") or 400), tuple(t.value for t in _texts(to, "types")),
                self.expander.expand(stop_node, scope, bound) if stop_node else None)
        return AttachSpec(_capture_name(_text(node, "attribution")), _capture_name(_text(node, "via")),
                          _text(node, "factuality") or None, _text(node, "scope") or None, reach)

    # --- checks --------------------------------------------------------------------------------------------------

    def _check_parts(self, node: Fields, mention: MentionSpec | None, event: EventSpec | None,
                     attach: AttachSpec | None) -> None:
        if not (mention or event or attach):
            self._report("R016", "this rule makes nothing", node.place(), "add `mention:`, `event:` or `attach:`")
        elif mention and (event or attach):
            self._report("R016", "a rule makes a mention, or an event with attachments, not both", node.place(),
                         "write two rules")
        if attach and not attach.kinds:
            self._report("R016", "this attachment attaches nothing", (node.get("attach") or node).place(),
                         "add `attribution:`, `factuality:` or `scope:`")

    def _check_names(self, rule: Rule) -> None:
        made = captures(rule.pattern)
        used: list[tuple[str, str]] = []
        for expression in rule.where:
            used += [(n, "where") for n in names_in(expression)]
        if rule.mention:
            used += [(n, "mention") for e in rule.mention.fields.values() for n in names_in(e)]
            used += [(rule.mention.span, "span")] if rule.mention.span else []
        if rule.event:
            used += [(n, "arguments") for n in (*rule.event.arguments, *rule.event.absorb)]
            used += [(rule.event.each, "each")] if rule.event.each else []
            if "trigger" not in made:
                self.found.append(error_at(rule.pattern.spot, "R011", "an event needs its trigger captured",
                                           "write `<trigger:…>` around the words that name the event"))
        if rule.attach:
            used += [(n, "attach") for n in (rule.attach.attribution, rule.attach.via, rule.attach.to.event) if n]
        for veto in rule.vetoes:
            used += [(n.name, f"unless.{veto.name}") for n in walk(veto.pattern) if isinstance(n, Reference)]
        for name, where in used:
            if name not in made:
                self.found.append(error_at(
                    rule.pattern.spot, "R011", f"`{where}` speaks of `<{name}>`, which the pattern does not capture",
                    did_you_mean(name, made) or f"write `<{name}:…>` in the pattern, or leave it out of `{where}`"))
        for capture in walk(rule.pattern):
            if isinstance(capture, Reference):
                self.found.append(error_at(capture.spot, "R011", f"`<{capture.name}>` refers to a capture",
                                           f"in a rule's own pattern write `<{capture.name}:…>`; "
                                           "references belong in `unless:`"))

    def _check_set(self) -> None:
        seen: dict[str, Rule] = {}
        for rule in self.rules:
            if rule.id in seen:
                self._report("R004", f"the rule id `{rule.id}` stands twice; the first is in {seen[rule.id].file} on line "
                             f"{seen[rule.id].line}", rule.source.place(), "give one of them another id")
            seen.setdefault(rule.id, rule)
        made = {r.mention.type for r in self.rules if r.mention} | {"Event"}
        # A rule that does not load takes its mention type along; that is no second mistake of the rules that use it.
        made |= {t for m in self.modules.values() for t in _mention_types(m.node)}
        for rule in self.rules:
            self._check_mentions(rule, made)
        for scope in self.scopes.values():
            for macro in scope.macros.values():
                if macro.module == scope.module and not macro.used:
                    self._report("R010", f"the macro `${macro.name}` is not used", macro.place, "remove it, or use it")

    def _check_mentions(self, rule: Rule, made: set[str]) -> None:
        trees = [rule.pattern, *(v.pattern for v in rule.vetoes)]
        refs = [n for t in trees for n in walk(t) if isinstance(n, MentionRef)]
        for ref in refs:
            if ref.type not in made:
                self.found.append(error_at(ref.spot, "P005", f"no rule makes the mention `@{ref.type}`",
                                           did_you_mean(ref.type, made, "@") or "write a rule with `mention:`"))
        for role in rule.event.roles if rule.event else ():
            if role.type not in made and role.spot:
                self.found.append(error_at(role.spot, "P005", f"no rule makes the mention `@{role.type}`",
                                           did_you_mean(role.type, made, "@") or "write a rule with `mention:`"))

    def _report(self, code: str, message: str, place: Place, help_text: str = "") -> None:
        self.found.append(Diagnostic(code, message, place, help=help_text))


def _is_plain_value(text: str) -> bool:
    return bool(re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", text))


def _has_open_repeat(node: Node) -> bool:
    return any(isinstance(n, Repeat) and n.most is None for n in walk(node))


def _capture_name(text: str) -> str | None:
    return text.strip("<> ") or None


def _mention_types(node: Fields) -> Iterator[str]:
    for rule in _all_rules(node):
        if isinstance(mention := rule.get("mention"), Fields):
            yield _text(mention, "type")


def _all_rules(node: Fields) -> Iterator[Fields]:
    if isinstance(rules := node.get("rules"), Items):
        yield from (r for r in rules.items if isinstance(r, Fields))
    for frame in _fields_of(node, "frames").values():
        if isinstance(rules := frame.get("rules"), Items):
            yield from (r for r in rules.items if isinstance(r, Fields))


def _fields_of(node: SourceNode, key: str) -> dict[str, Fields]:
    value = node.get(key) if isinstance(node, Fields) else None
    items = value.items if isinstance(value, Fields) else {}
    return {k: v for k, v in items.items() if isinstance(v, Fields)}


def _keys_of(node: Fields, key: str) -> dict[str, Text]:
    value = node.get(key)
    return value.keys if isinstance(value, Fields) else {}


def _items_of(node: Fields, key: str, name: str) -> Items | None:
    value = node.get(key)
    inner = value.get(name) if isinstance(value, Fields) else None
    return inner if isinstance(inner, Items) else None


def _texts(node: SourceNode, key: str) -> list[Text]:
    value = node.get(key) if isinstance(node, Fields) else None
    items = value.items if isinstance(value, Items) else [value] if value else []
    return [i for i in items if isinstance(i, Text)]


def _text(node: SourceNode | None, key: str) -> str:
    value = node.get(key) if isinstance(node, Fields) else None
    return value.value.strip() if isinstance(value, Text) else ""


def _hash(rule: Rule) -> str:
    """Twelve hex digits of what decides the rule's output: pattern, constraints, vetoes and what it makes."""
    parts = [show(rule.pattern), *rule.where_texts, *(f"{v.name}={show(v.pattern)}@{v.within}" for v in rule.vetoes),
             repr((rule.mention, _event_key(rule.event), _attach_key(rule.attach), rule.priority))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _event_key(event: EventSpec | None) -> object:
    if event is None:
        return None
    roles = [(r.role, r.type, r.within, r.side, r.prefer, r.reach, r.many, r.required,
              show(r.barrier) if r.barrier else "") for r in event.roles]
    return (event.type, event.each, event.arguments, roles, event.refine, event.refine_only, event.absorb,
            event.factuality, event.scope)


def _attach_key(attach: AttachSpec | None) -> object:
    if attach is None:
        return None
    to = attach.to
    return (attach.attribution, attach.via, attach.factuality, attach.scope, to.event, to.side, to.within, to.reach,
            to.types, show(to.stop) if to.stop else "")
