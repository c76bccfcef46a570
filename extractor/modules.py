"""Modules: the files of a rules folder with the names they define and import, before any rule is read.

In: a folder of YAML files (`lexicon/people.yaml` is the module `lexicon.people`). Out: a `Library` of modules whose
word lists, macros, frames, role sets and event types are known under the names that each file may use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from extractor import inflection as inflection_room
from extractor.diagnostics import Diagnostic, Place, did_you_mean
from extractor.expand import Expander, Macro, Scope
from extractor.inflection import Inflection
from extractor.pattern import Node, PatternError
from extractor.patternreader import parse_pattern
from extractor.ruleset import EventType, Veto, read_folder
from extractor.shapes import FILE, check_shape
from extractor.source import (
    Fields,
    SourceFile,
    Text,
    fields_at,
    items_at,
    keys_at,
    mappings_at,
    text_at,
    texts_at,
)
from extractor.source import Node as SourceNode
from extractor.wordlists import WordList, WordListReader
from extractor.yamlreader import read_source


@dataclass(slots=True)
class Part:
    """A frame or role set: its mapping, and the module whose names it uses."""

    name: str
    node: Fields
    home: Module
    place: Place
    used: bool = False


@dataclass(slots=True)
class Module:
    """One file on its way to rules: its own names and those it imports."""

    name: str
    file: str
    folder: Path
    node: Fields
    scope: Scope
    frames: dict[str, Part] = field(default_factory=dict)
    role_sets: dict[str, Part] = field(default_factory=dict)
    imports: list[tuple[Module, Text]] = field(default_factory=list)
    vetoes: tuple[Veto, ...] | None = None
    sound: bool = True


@dataclass(slots=True)
class Library:
    """All modules of a folder. `misshapen` are the nodes (by `id`) in which a key or value is wrong: what is made of
    them is left out. `trees` are all patterns read, those of broken rules too. Findings go to `found`."""

    folder: Path
    inflection: Inflection
    found: list[Diagnostic]
    expander: Expander
    modules: dict[str, Module] = field(default_factory=dict)
    types: dict[str, EventType] = field(default_factory=dict)
    lists: dict[str, WordList] = field(default_factory=dict)
    list_fields: dict[str, set[str]] = field(default_factory=dict)
    trees: list[Node] = field(default_factory=list)
    misshapen: set[int] = field(default_factory=set)
    parsed: dict[int, tuple[Text, Node | None]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    hash: str = ""

    def report(self, code: str, message: str, place: Place, help_text: str = "", severity: str = "error") -> None:
        self.found.append(Diagnostic(code, message, place, help=help_text, severity=severity))

    def parse(self, text: Text) -> Node | None:
        """The tree of a pattern, or None when it cannot be read. What many uses of a frame share is read once."""
        if text.refused or not text.value.strip():
            return None
        if id(text) not in self.parsed:
            # The text is kept beside its tree: as long as it lives, no other has its id.
            self.parsed[id(text)] = text, self._parse(text)
        return self.parsed[id(text)][1]

    def _parse(self, text: Text) -> Node | None:
        try:
            if (offset := _too_deep(text.value)) is not None:
                self.report("P001", f"this is nested more than {_DEEPEST} deep here", text.place(offset, 1),
                            "give inner parts a name under `macros:`")
                return None
            return parse_pattern(text)
        except PatternError as error:
            self.found.append(error.diagnostic)
        return None

    def fits(self, node: SourceNode) -> bool:
        """Whether every key and value below the node is of the right kind."""
        return id(node) not in self.misshapen


_DEEPEST = 40
_BRACKETS = re.compile(r'"[^"\n]*"|/(?:[^/\\\n]|\\.)+/|<\w+:|[(\[)\]>]|(?:!\s*){40,}')


def _too_deep(pattern: str) -> int | None:
    """The offset at which a pattern is nested too deep to be read by recursion."""
    depth = 0
    for found in _BRACKETS.finditer(pattern):
        if found[0][0] in "([<":
            depth += 1
        elif found[0] in ")]>":
            depth = max(0, depth - 1)
        if depth > _DEEPEST or found[0][0] == "!":
            return found.start()
    return None


def read_library(folder: Path, files: Mapping[str, str]) -> Library:
    """Reads every `*.yaml` below `folder`; `files` (relative name → text) replaces or adds files in memory."""
    found: list[Diagnostic] = []
    scopes: dict[str, Scope] = {}
    library = Library(folder, inflection_room.shipped(), found, Expander(scopes, found))
    for name, text in _iter_files(library, files):
        _read_module(library, name, text)
    for module in library.modules.values():
        scopes[module.name] = module.scope
        _read_definitions(library, module)
    for module in library.modules.values():
        _import(library, module)
    _check_circles(library)
    library.lists = {w.key: w for s in scopes.values() for w in s.lists.values()}
    library.list_fields = {key: words.fields() for key, words in library.lists.items()}
    return library


# --- Files -----------------------------------------------------------------------------------------------------------


def _iter_files(library: Library, files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    read, library.hash = read_folder(library.folder, files)
    for name, data in read.items():
        text = _decode(library, name, data)
        if text is not None:
            yield name, text


def _decode(library: Library, name: str, data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        shown = SourceFile(f"{library.folder.name}/{name}", data.decode("utf-8", "replace"))
        before = data[: error.start].decode("utf-8-sig", "replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        library.report("Y002", "the file is not UTF-8 text here", shown.place(line, column),
                       "save the file again with the encoding UTF-8 (often a choice in the `Save as` dialogue)")
        library.unread.add(_module_name(name))
        return None


def _module_name(file: str) -> str:
    return file.removesuffix(".yaml").replace("/", ".")


def _read_module(library: Library, name: str, text: str) -> None:
    shown, module = f"{library.folder.name}/{name}", _module_name(name)
    node = read_source(text, shown, library.found)
    if node is not None:
        check_shape(node, FILE, library.found, library.misshapen)
    if isinstance(node, Fields):
        library.modules[module] = Module(module, shown, (library.folder / name).parent, node, Scope(module))
    else:
        library.unread.add(module)


# --- Definitions -----------------------------------------------------------------------------------------------------


def _read_definitions(library: Library, module: Module) -> None:
    _read_types(library, module)
    _read_words(library, module)
    _read_macros(library, module)
    module.frames = _parts(module, "frames")
    module.role_sets = _parts(module, "role_sets")
    for frame in module.frames.values():
        _check_construction_ids(library, frame)


def _parts(module: Module, key: str) -> dict[str, Part]:
    places = keys_at(module.node, key)
    return {name: Part(name, node, module, places[name].place())
            for name, node in fields_at(module.node, key).items()}


def _check_construction_ids(library: Library, frame: Part) -> None:
    seen: dict[str, int] = {}
    for rule in mappings_at(frame.node, "rules"):
        name, node = text_at(rule, "id"), rule.get("id")
        if name and name in seen and node is not None:
            library.report("R004", f"the frame `{frame.name}` has two constructions `{name}`; the first is on line "
                           f"{seen[name]}", node.place(), "give one of them another id")
        elif node is not None:
            seen[name] = node.place().line


def _read_types(library: Library, module: Module) -> None:
    places = keys_at(module.node, "types")
    for name, node in fields_at(module.node, "types").items():
        place = places[name].place()
        if first := library.types.get(name):
            library.report("R007", f"the event type `{name}` is declared twice; the first is in {first.place.file} on "
                           f"line {first.place.line}", place, "remove one of them")
        elif not re.fullmatch(r"[a-z_]+\.[a-z_]+", name):
            library.report("R003", f"`{name}` is not an event type name", place,
                           "write a family and a kind in lower case: `harm.killed`")
        else:
            codes = {k: text_at(node, k) for k in ("acled", "plover", "cameo") if text_at(node, k)}
            library.types[name] = EventType(name, text_at(node, "about"), codes, place)


def _read_words(library: Library, module: Module) -> None:
    reader = WordListReader(library.inflection, library.found)
    places = keys_at(module.node, "words")
    for name, node in items_at(module.node, "words").items():
        if _is_name(library, name, places[name]):
            fits = library.fits(node)
            module.scope.lists[name] = reader.read(name, module.name, places[name], node, module.folder, fits)


def _read_macros(library: Library, module: Module) -> None:
    places = keys_at(module.node, "macros")
    for name, node in items_at(module.node, "macros").items():
        if not _is_name(library, name, places[name]):
            continue
        if name in module.scope.lists:
            library.report("R007", f"`{name}` is both a word list and a macro", places[name].place(),
                           "rename one of them")
            continue
        text = node.get("pattern") if isinstance(node, Fields) else node
        parameters = tuple(t.value for t in texts_at(node, "parameters"))
        tree = library.parse(text) if isinstance(text, Text) else None
        module.scope.macros[name] = Macro(name, module.name, parameters, tree, places[name].place())


def _is_name(library: Library, name: str, key: Text) -> bool:
    if re.fullmatch(r"[A-Za-z_]\w*", name):
        return True
    library.report("R003", f"`{name}` cannot be used as `$name`", key.place(),
                   "use letters, digits and _, starting with a letter without accent")
    return False


# --- Imports ---------------------------------------------------------------------------------------------------------


def _import(library: Library, module: Module) -> None:
    for text in texts_at(module.node, "import"):
        if text.value == module.name:
            library.report("R006", f"`{module.name}` imports itself", text.place(),
                           "remove the line: a file always knows its own names")
        elif other := library.modules.get(text.value):
            module.imports.append((other, text))
            _import_names(library, module, other, text)
        elif text.value in library.unread:
            module.scope.incomplete = True
        else:
            module.scope.incomplete = True
            library.report("R005", f"there is no rule file `{text.value}` to import", text.place(),
                           did_you_mean(text.value, set(library.modules) - {module.name}) or
                           "the name is the path below the rules folder, with dots: `lexicon.people`")


def _import_names(library: Library, module: Module, other: Module, text: Text) -> None:
    own = module.scope
    for name, words in other.scope.lists.items():
        if words.module == other.name and (own.lists.setdefault(name, words) is not words or name in own.macros):
            _report_clash(library, name, other, text)
    for name, macro in other.scope.macros.items():
        if macro.module == other.name and (own.macros.setdefault(name, macro) is not macro or name in own.lists):
            _report_clash(library, name, other, text)
    for theirs, ours in ((other.frames, module.frames), (other.role_sets, module.role_sets)):
        for name, part in theirs.items():
            if part.home is other and ours.setdefault(name, part) is not part:
                _report_clash(library, name, other, text)


def _report_clash(library: Library, name: str, other: Module, text: Text) -> None:
    library.report("R007", f"`{other.name}` defines `{name}`, and so does this file or another that it imports",
                   text.place(), "rename one of them")


def _check_circles(library: Library) -> None:
    """A circle of imports works, but no file of it can be read before the others: a warning where it closes."""
    done: set[str] = set()
    for module in library.modules.values():
        _follow(library, module, (), done)


def _follow(library: Library, module: Module, path: tuple[str, ...], done: set[str]) -> None:
    for other, text in module.imports:
        if other.name in (*path, module.name):
            circle = (*path, module.name)[(*path, module.name).index(other.name):]
            chain = " → ".join(f"`{name}`" for name in (*circle, other.name))
            library.report("R006", f"imports go round in a circle: {chain}", text.place(),
                           "move what both files need into a third one", "warning")
        elif other.name not in done:
            _follow(library, other, (*path, module.name), done)
    done.add(module.name)
