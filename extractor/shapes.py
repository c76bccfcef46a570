"""The shape of a rule file: every key, what it takes and what it is for.

This one table checks rule files (`check_shape`), makes the JSON Schema for editors (`json_schema`) and is what the
guide in `rules/README.md` describes. In: a node of `source`. Out: diagnostics for unknown keys, missing keys and values
of the wrong kind.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from extractor.diagnostics import Diagnostic, Place, did_you_mean
from extractor.source import Fields, Items, Node, Text, is_whole_number

FORMAT = "1"
STATUSES = ("draft", "stable", "deprecated")
FACTUALITIES = ("asserted", "alleged", "denied", "negated", "planned", "hypothetical")
SCOPES = ("incident", "cumulative")
ROLES = ("agent", "victim", "target", "place", "time", "weapon")
PICKS = ("nearest", "first")
SIDES = ("before", "after", "any", "inside", "outside")
REACHES = ("clause", "sentence", "paragraph", "document")


@dataclass(slots=True, frozen=True)
class Key:
    """One key. `kind`: text, pattern, value, number, flag, texts (a list, or one text), map, list, entry."""

    doc: str
    kind: str = "text"
    required: bool = False
    values: tuple[str, ...] = ()
    shape: Shape | None = None


@dataclass(slots=True, frozen=True)
class Shape:
    """A mapping: its known keys, and what any other key may hold (None: nothing else is allowed). A `phrase` may also
    be written as plain text."""

    name: str
    keys: dict[str, Key]
    other: Key | None = None
    phrase: bool = False


VETO = Shape("a veto", {
    "pattern": Key("what silences the rule; `<name>` is what the rule captured", "pattern"),
    "without": Key("instead of `pattern`: the rule is silent where this is not found", "pattern"),
    "tokens": Key("with `without` and `against`: only in a stretch of at least so many tokens", "number"),
    "within": Key("how far around the match it is looked for; the document when there is an `against`", values=REACHES),
    "against": Key("a pattern: the veto fires only when its own matches outnumber those of this one", "pattern"),
    "weighty": Key("with `against`: a pattern; every match of it speaks against the veto as well", "pattern"),
    "times": Key("how much every match of `weighty` counts (default 2)", "number"),
    "saved_by": Key("a pattern: where the match's own sentence holds it oftener than the veto's, by `saved_at` at "
                    "least, the veto does not fire", "pattern"),
    "saved_at": Key("how many more matches of `saved_by` it takes (default 2)", "number"),
})

ROLE = Shape("a role found without order", {
    "find": Key("the mention that fills the role, `@Place`", "pattern", required=True),
    "from": Key("look among these: all mentions, or the sources that tell the event",
                values=("mentions", "attribution")),
    "within": Key("how far it may stand", values=("clause", "sentence")),
    "side": Key("on which side of the trigger", values=("before", "after", "any")),
    "reach": Key("at most so many tokens away", "number"),
    "many": Key("take all that are found, not the nearest alone", "flag"),
    "pick": Key("which of several in the same clause: the nearest to the trigger, or the first", values=PICKS),
    "required": Key("no event without it", "flag"),
    "prefer": Key("the side that is looked at first", values=("before", "after")),
    "barrier": Key("a pattern that may not stand between the role and the trigger", "pattern"),
    "outside": Key("a mention of which it may not be a part: no place of « l'État islamique au Sahara »", "pattern"),
})

ROLES_SHAPE = Shape("roles found without order", {},
                    Key("a role, or a list of attempts of which the first that finds something wins", "attempts",
                        shape=ROLE))

REFINE = Shape("a refinement of the type", {
    "by": Key("the value that names the type, `<weapon.attack>`", "value", required=True),
    "only": Key("the types it may turn into", "texts"),
})

REACH = Shape("what an attachment reaches", {
    "event": Key("the captured `@Event` it belongs to", "value"),
    "side": Key("events on which side of the cue", values=SIDES),
    "within": Key("how far; `previous` is the sentence before",
                  values=("clause", "sentence", "quotation", "paragraph", "previous")),
    "reach": Key("at most so many tokens away", "number"),
    "types": Key("only events of these types (`harm.*`)", "texts"),
    "stop": Key("a pattern that ends the reach", "pattern"),
})

ATTACH = Shape("an attachment", {
    "attribution": Key("who tells it: a capture, `<source>`", "value"),
    "via": Key("who relays it: a capture", "value"),
    "contested": Key("who denies what is told as a fact: a capture", "value"),
    "factuality": Key("how sure it is told", values=FACTUALITIES),
    "scope": Key("one incident or a total", values=SCOPES),
    "to": Key("which events it reaches", "map", shape=REACH),
})

EVENT = Shape("an event", {
    "type": Key("the event type, as declared in `types:`", required=True),
    "each": Key("the capture of which every iteration is an event of its own"),
    "arguments": Key("captures that are roles although their name is not a standard role", "texts"),
    "roles": Key("roles found without order", "map", shape=ROLES_SHAPE),
    "role_set": Key("named sets of roles found without order; of a role that several give, the first counts", "texts"),
    "refine": Key("a more exact type, taken from the means", "map", shape=REFINE),
    "absorb": Key("captures whose words name the same act or its means, and give no event of their own", "texts"),
    "factuality": Key("factuality that the phrasing itself says", values=FACTUALITIES),
    "scope": Key("scope that the phrasing itself says", values=SCOPES),
    "count": Key("a captured `@Number` that says how many, instead of the victim's own number"),
})

REFERENCE = Shape("what an anaphor stands for", {
    "find": Key("the nearest mention before it, `@Speaker[kind=ngo]`", "pattern", required=True),
    "told": Key("`yes`: only one that told something", "flag"),
    "like": Key("a capture: only a mention that holds its words too"),
    "reach": Key("how many sentences back, 6 unless said", "number"),
})

MENTION = Shape("a mention", {
    "type": Key("the mention type, with a capital letter", required=True),
    "span": Key("the capture that is the mention; by default the whole match"),
    "refers_to": Key("for « l'ONG », « il »: the mention that it stands for", "map", shape=REFERENCE),
}, Key("a field: a value", "value"))

EXAMPLE = Shape("an example", {
    "text": Key("one or two sentences of your own, with `<role:words>` marked", required=True),
    "date": Key("the publication date, 2019-05-27"),
    "expect": Key("values the result must have", "map", shape=Shape("expected values", {}, Key("a value"))),
}, phrase=True)

COUNTEREXAMPLE = Shape("a counter-example", {
    "text": Key("a sentence on which the rule must stay silent", required=True),
    "because": Key("why: `unless.name`, the capture that fails, or `beaten_by(rule)`", required=True),
    "date": Key("the publication date"),
})

RULE = Shape("a rule", {
    "id": Key("dotted lower-case name, unique in the rule set", required=True),
    "title": Key("a French sample phrase"),
    "status": Key("draft rules run and are reported; deprecated rules do not run", values=STATUSES),
    "replaced_by": Key("the rule that takes over from a deprecated one"),
    "since": Key("the release it came with"),
    "notes": Key("anything a later editor should know"),
    "priority": Key("settles overlaps before length does; 0 by default", "number"),
    "pattern": Key("what it matches", "pattern", required=True),
    "where": Key("constraints between captures", "texts"),
    "unless": Key("named vetoes", "map", shape=Shape("vetoes", {}, Key("a veto: a pattern, or a mapping", "pattern",
                                                                        shape=VETO))),
    "mention": Key("the mention it makes", "map", shape=MENTION),
    "event": Key("the event it makes", "map", shape=EVENT),
    "attach": Key("what it attaches to events", "map", shape=ATTACH),
    "examples": Key("marked sentences it must match", "list", shape=EXAMPLE),
    "counterexamples": Key("sentences it must not match, and why", "list", shape=COUNTEREXAMPLE),
    "todo": Key("marked sentences it should match one day", "list", shape=EXAMPLE),
})

FRAME = Shape("a frame", {
    "about": Key("what the constructions have in common"),
    "parameters": Key("names that the rules of the frame use as `$name` or `{name}`", "texts", required=True),
    "rules": Key("the constructions, written as rules", "list", required=True, shape=RULE),
})

USE = Shape("a use of a frame", {
    "frame": Key("the frame's name", required=True),
    "id": Key("the start of the rule ids it makes: `killed` gives `killed.passive`", required=True),
    "with": Key("a value for every parameter", "map", shape=Shape("arguments", {}, Key("a pattern or a word")),
                required=True),
    "only": Key("only these constructions of the frame", "texts"),
    "except": Key("without these constructions of the frame", "texts"),
    "unless": Key("further vetoes for every construction", "map",
                  shape=Shape("vetoes", {}, Key("a veto: a pattern, or a mapping", "pattern", shape=VETO))),
    "priority": Key("added to the priority of every construction", "number"),
    "examples": Key("further examples, by construction", "map",
                    shape=Shape("examples by construction", {}, Key("examples", "list", shape=EXAMPLE))),
    "counterexamples": Key("counter-examples, by construction", "map",
                           shape=Shape("counter-examples by construction", {},
                                       Key("counter-examples", "list", shape=COUNTEREXAMPLE))),
    "notes": Key("anything a later editor should know"),
})

MACRO = Shape("a macro with parameters", {
    "parameters": Key("names that the pattern uses as `$name`", "texts", required=True),
    "pattern": Key("what the macro stands for", "pattern", required=True),
    "about": Key("what it says"),
})

ENTRY = Shape("an entry of a word list", {
    "id": Key("a kebab-case id, for gazetteers"),
    "name": Key("the words, or the canonical form", required=True),
    "aliases": Key("other ways to write it", "texts"),
}, Key("a field", "text"), phrase=True)

GROUP = Shape("a group of entries", {"entries": Key("the entries", "list", required=True, shape=ENTRY)},
              Key("a field that every entry of the group gets", "text"))

WORDS = Shape("a word list", {
    "about": Key("what the list holds"),
    "case": Key("`as_written`: capitals of an entry must be capitals in the text", values=("any", "as_written")),
    "spelling": Key("`loose`: accents, hyphens and al-/el- may differ", values=("exact", "loose")),
    "table": Key("a TSV file beside this one, with a header line"),
    "groups": Key("groups of entries that share fields", "list", shape=GROUP),
    "entries": Key("the entries", "list", shape=ENTRY),
}, Key("a field that every entry gets", "text"))

TYPE = Shape("an event type", {
    "about": Key("what it is, in one line", required=True),
    "acled": Key("the ACLED sub-event"), "plover": Key("the PLOVER code"), "cameo": Key("the CAMEO root code"),
})

FILE = Shape("a rule file", {
    "format": Key("the format of the file: 1", required=True, values=(FORMAT,)),
    "about": Key("one line that says what the file holds", required=True),
    "import": Key("files whose words, macros and frames are used here: `lexicon.people`", "texts"),
    "types": Key("event types", "map", shape=Shape("event types", {}, Key("an event type", "map", shape=TYPE))),
    "words": Key("word lists and gazetteers", "map",
                 shape=Shape("word lists", {}, Key("entries, or a mapping", "entry", shape=WORDS))),
    "macros": Key("named patterns", "map", shape=Shape("macros", {}, Key("a pattern, or a mapping", "pattern",
                                                                         shape=MACRO))),
    "unless": Key("vetoes of every event rule of the file", "map",
                  shape=Shape("vetoes", {}, Key("a veto: a pattern, or a mapping", "pattern", shape=VETO))),
    "role_sets": Key("named sets of roles found without order", "map",
                     shape=Shape("role sets", {}, Key("roles", "map", shape=ROLES_SHAPE))),
    "frames": Key("rules with parameters", "map", shape=Shape("frames", {}, Key("a frame", "map", shape=FRAME))),
    "uses": Key("frames put to use", "list", shape=USE),
    "rules": Key("the rules", "list", shape=RULE),
})


# --- Checking --------------------------------------------------------------------------------------------------------


def check_shape(node: Node, shape: Shape, found: list[Diagnostic], misshapen: set[int] | None = None) -> bool:
    """Whether the mapping has the shape; what is wrong is appended to `found`, all of it, not the first alone.

    `misshapen` gets the `id` of every node in which something is wrong, so that what is made of it can be left out.
    """
    return _Checker(found, set() if misshapen is None else misshapen).check(node, shape)


@dataclass(slots=True)
class _Checker:
    found: list[Diagnostic]
    misshapen: set[int]
    faults: int = 0

    def check(self, node: Node, shape: Shape) -> bool:
        before = self.faults
        if isinstance(node, Fields):
            self._check_mapping(node, shape)
        elif isinstance(node, Text) and node.refused:
            pass
        else:
            self._report("Y007", f"{shape.name} must be a mapping", node.place(), "write `key: value` lines"
                         + (f", starting with `{_first_key(shape)}`" if shape.keys else ""))
        return self._note(node, before)

    def _note(self, node: Node, before: int) -> bool:
        # What the YAML reader refused has been reported, and spoils what it stands in all the same.
        self.faults += not isinstance(node, Items) and node.refused
        if self.faults > before:
            self.misshapen.add(id(node))
        return self.faults == before

    def _check_mapping(self, node: Fields, shape: Shape) -> None:
        missing = [name for name, key in shape.keys.items() if key.required and name not in node.items]
        for name, value in node.items.items():
            key = shape.keys.get(name) or shape.other
            if _is_cut_at_comma(name, value):
                self._report("Y005", f"YAML takes `{name}` for a key of its own", node.keys[name].place(),
                             "a comma inside `{ }` ends the phrase: put the whole phrase in double quotes")
            elif key is not None:
                self._check_value(name, key, value)
            else:
                missing = self._refuse_key(name, node, shape, missing)
        for name in missing:
            self._report("R002", f"{shape.name} needs the key `{name}`", node.place(),
                         f"add `{name}: …` ({shape.keys[name].doc})")

    def _refuse_key(self, name: str, node: Fields, shape: Shape, missing: list[str]) -> list[str]:
        """A required key misspelt is one mistake, not an unknown key and a missing one."""
        near = difflib.get_close_matches(name, missing, n=1, cutoff=0.6)
        self._report("R001", f"{shape.name} has no key `{name}`", node.keys[name].place(),
                     f"did you mean `{near[0]}`?" if near else
                     did_you_mean(name, shape.keys) or "its keys are " + ", ".join(shape.keys))
        return [m for m in missing if m not in near]

    def _check_value(self, name: str, key: Key, value: Node) -> None:
        before = self.faults
        match key.kind:
            case "map":
                if key.shape:
                    self.check(value, key.shape)
            case "list":
                self._check_list(name, key, value)
            case "attempts" if key.shape:
                for item in value.items if isinstance(value, Items) else [value]:
                    self.check(item, key.shape)
            case "texts":
                for item in value.items if isinstance(value, Items) else [value]:
                    self._check_text(name, key, item)
            case "entry":
                self._check_entries(name, key, value)
            case _ if key.shape and isinstance(value, Fields):
                self.check(value, key.shape)
            case _:
                self._check_text(name, key, value)
        self._note(value, before)

    def _check_entries(self, name: str, key: Key, value: Node) -> None:
        if isinstance(value, Items):
            self._check_list(name, WORDS.keys["entries"], value)
        elif isinstance(value, Text) and not value.refused:
            self._report("Y007", f"the word list `{name}` must be a list", value.place(),
                         "write one `- mot` a line below it, or `[un, deux]`")
        elif key.shape and isinstance(value, Fields):
            self.check(value, key.shape)

    def _check_list(self, name: str, key: Key, value: Node) -> None:
        if isinstance(value, Text) and value.refused:
            return
        if not isinstance(value, Items):
            self._report("Y007", f"`{name}` must be a list", value.place(), "write one item a line, each after `- `")
            return
        for item in value.items:
            before = self.faults
            self._check_item(name, key, item)
            self._note(item, before)

    def _check_item(self, name: str, key: Key, item: Node) -> None:
        if isinstance(item, Text):
            if item.refused:
                return
            if not item.value:
                self._report("Y007", f"an item of `{name}` is empty", item.place(), "remove the `-`, or fill it")
            elif key.shape and not key.shape.phrase:
                self._report("Y007", f"an item of `{name}` must be a mapping", item.place(),
                             f"write `- {_first_key(key.shape)}: …`")
        elif key.shape and not (key.shape.phrase and self._is_cut_phrase(name, key.shape, item)):
            self.check(item, key.shape)

    def _is_cut_phrase(self, name: str, shape: Shape, item: Node) -> bool:
        """`- Bilan : 12 morts` was meant as text; YAML makes a mapping with one unknown key of it."""
        if not (isinstance(item, Fields) and len(item.items) == 1):
            return False
        key, value = next(iter(item.items.items()))
        if key in shape.keys or not isinstance(value, Text):
            return False
        self._report("Y005", f"YAML reads this item of `{name}` as a mapping with the key `{key}`",
                     item.keys[key].place(), "put the phrase in double quotes: " + _quoted(item.place(), "- "))
        return True

    def _check_text(self, name: str, key: Key, value: Node) -> None:
        if isinstance(value, Text):
            self._check_scalar(name, key, value)
        elif isinstance(value, Fields) and len(value.items) == 1 and "pattern" not in value.items:
            self._report("Y005", f"YAML reads `{name}` as a mapping with the key `{next(iter(value.items))}`",
                         value.place(), "put the phrase in double quotes: " + _quoted(value.place()))
        else:
            what = "mapping" if isinstance(value, Fields) else "list"
            self._report("Y007", f"`{name}` must be text, not a {what}", value.place(),
                         "put it on one line, in double quotes if it has one of `: [ ] { } ,`, or after `|`")

    def _check_scalar(self, name: str, key: Key, value: Text) -> None:
        text = value.value.strip()
        if value.refused:
            return
        if not text:
            if key.kind != "value":
                self._report("R003", f"`{name}` is empty", value.place(),
                             f"fill it ({key.doc})" + ("" if key.required else ", or remove the line"))
        elif key.values and text not in key.values:
            self._report("R017" if name == "format" else "R003", f"`{name}` cannot be `{text}`", value.place(),
                         did_you_mean(text, key.values) or _one_of(key.values))
        elif key.kind == "number" and not is_whole_number(text):
            self._report("R003", f"`{name}` must be a whole number, not `{text}`", value.place(), f"write `{name}: 5`")
        elif key.kind == "flag" and text not in ("yes", "no"):
            self._report("R003", f"`{name}` is `yes` or `no`, not `{text}`", value.place(),
                         f"write `{name}: yes`, or remove the line")

    def _report(self, code: str, message: str, place: Place, help_text: str = "") -> None:
        self.faults += 1
        self.found.append(Diagnostic(code, message, place, help=help_text))


def _one_of(values: tuple[str, ...]) -> str:
    return f"write `{values[0]}`" if len(values) == 1 else "it is one of " + ", ".join(values)


def _first_key(shape: Shape) -> str:
    required = [name for name, key in shape.keys.items() if key.required]
    return (required or list(shape.keys))[0]


def _is_cut_at_comma(name: str, value: Node) -> bool:
    """`{ text: Bilan, douze morts }`: YAML takes what stands behind the comma for a key without value."""
    return " " in name and isinstance(value, Text) and not value.value and not value.style


def _quoted(place: Place, lead: str = "") -> str:
    """The rest of the source line as a phrase in double quotes."""
    phrase = place.source[place.column - 1 :].strip()
    return f"`{lead}\"{phrase}\"`" if '"' not in phrase else f"`{lead}'{phrase}'`"


# --- JSON Schema -----------------------------------------------------------------------------------------------------

Schema = dict[str, Any]


def json_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of a rule file, for editors that check and complete while typing."""
    definitions: dict[str, Schema] = {}
    reference = _refer(FILE, definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "extractor rule file", **reference,
            "$defs": dict(sorted(definitions.items()))}


def _refer(shape: Shape, definitions: dict[str, Schema]) -> Schema:
    """A reference to the shape's definition, which is made when it is first asked for."""
    name = shape.name.removeprefix("a ").removeprefix("an ").replace(" ", "-")
    if name not in definitions:
        definitions[name] = {}
        definitions[name].update(_schema_of(shape, definitions))
    return {"$ref": f"#/$defs/{name}"}


def _schema_of(shape: Shape, definitions: dict[str, Schema]) -> Schema:
    schema: Schema = {
        "type": "object",
        "description": shape.name,
        "properties": {name: _schema_of_key(key, definitions) for name, key in shape.keys.items()},
        "additionalProperties": _schema_of_key(shape.other, definitions) if shape.other else False,
    }
    required = [name for name, key in shape.keys.items() if key.required]
    return {**schema, "required": required} if required else schema


def _schema_of_key(key: Key, definitions: dict[str, Schema]) -> Schema:
    return {"description": key.doc, **_schema_of_value(key, definitions)}


_TEXT: Schema = {"type": ["string", "number", "boolean", "null"]}


def _schema_of_value(key: Key, definitions: dict[str, Schema]) -> Schema:
    if key.values:
        return {"enum": [*key.values, *(int(v) for v in key.values if v.isdigit())]}
    match key.kind:
        case "number":
            return {"type": ["integer", "string"]}
        case "flag":
            return {"enum": ["yes", "no", True, False]}
        case "texts":
            return {"anyOf": [{"type": "array", "items": _TEXT}, _TEXT]}
    if key.shape is None:
        return _TEXT
    inner = _refer(key.shape, definitions)
    match key.kind:
        case "map":
            return inner
        case "list":
            return {"type": "array", "items": {"anyOf": [_TEXT, inner]} if key.shape.phrase else inner}
        case "attempts":
            return {"anyOf": [inner, {"type": "array", "items": inner}]}
        case "entry":
            entry = _refer(ENTRY, definitions)
            return {"anyOf": [{"type": "array", "items": {"anyOf": [_TEXT, entry]}}, inner]}
    return {"anyOf": [_TEXT, inner]}
