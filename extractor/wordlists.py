"""Word lists and gazetteers: YAML entries → sequences of word forms that the matcher looks up.

In: the `words:` nodes of rule files. Out: `WordList`s, whose `Sequence`s say, position by position, which folded forms
an entry takes (`~perdre la vie` → {perd, perdu, …} la vie). `tué(e)(s)` marks optional letters; `~mot` is a lemma.
"""

from __future__ import annotations

import csv
import itertools
import pickle
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractor.diagnostics import Diagnostic, Place, did_you_mean
from extractor.inflection import Inflection
from extractor.source import Fields, Items, Node, Text
from extractor.tokens import fold, iter_token_spans, strip_accents

#: Every optional part doubles the ways to write an entry.
MAX_OPTIONAL = 8
RESERVED = frozenset({"id", "name", "aliases", "entries", "groups", "about", "case", "spelling", "table"})


@dataclass(slots=True)
class Entry:
    """One entry: its canonical form, its id if it has one, and the fields that a capture of it brings."""

    name: str
    id: str | None
    fields: dict[str, str]
    list_name: str
    file: str
    line: int


@dataclass(slots=True)
class Sequence:
    """One way to write an entry. `forms[i]` are the folded forms that position i takes, `capitals[i]` whether the word
    must stand with a capital; `heads` are the positions that hold a lemma, with their forms by lemma."""

    entry: Entry
    text: str
    forms: tuple[frozenset[str], ...]
    capitals: tuple[bool, ...]
    lemmas: tuple[str | None, ...]


def pack_sequence(sequence: Sequence) -> tuple[Any, ...]:
    """A sequence with its entry, as the plain data that `marshal` takes."""
    entry = sequence.entry
    return (entry.name, entry.id, entry.fields, entry.list_name, entry.file, entry.line,
            sequence.text, sequence.forms, sequence.capitals, sequence.lemmas)


def unpack_sequence(packed: tuple[Any, ...]) -> Sequence:
    return Sequence(Entry(*packed[:6]), *packed[6:])


class WordList:
    """A named list. `loose`: forms are compared without accents, and al-/el- variants are the same.

    Pickled, a list keeps its sequences packed until they are asked for: what the matcher needs of them is in its table.
    """

    __slots__ = ("_packed", "_sequences", "about", "loose", "module", "name", "place")

    def __init__(self, name: str, module: str, sequences: Iterable[Sequence] = (), place: Place | None = None,
                 loose: bool = False, about: str = "") -> None:
        self.name = name
        self.module = module
        self.place = place
        self.loose = loose
        self.about = about
        self._packed = b""
        self._sequences = list(sequences)

    @property
    def sequences(self) -> list[Sequence]:
        if self._packed:
            self._sequences, self._packed = pickle.loads(self._packed), b""
        return self._sequences

    def __getstate__(self) -> tuple[Any, ...]:
        packed = self._packed or pickle.dumps(self._sequences, pickle.HIGHEST_PROTOCOL)
        return self.name, self.module, self.place, self.loose, self.about, packed

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.name, self.module, self.place, self.loose, self.about, self._packed = state
        self._sequences = []

    @property
    def key(self) -> str:
        return f"{self.module}:{self.name}"

    def fields(self) -> set[str]:
        return {f for s in self.sequences for f in s.entry.fields}

    def values(self, field: str) -> set[str]:
        """What the entries hold in a field."""
        return {s.entry.fields[field] for s in self.sequences if field in s.entry.fields}

    def samples(self, passes: Callable[[Mapping[str, Any]], bool] | None = None) -> list[tuple[str, str]]:
        """How each inflected entry is written, in file order; where there is none, the others without and with their
        optional letters."""
        first: dict[int, tuple[str, str]] = {}
        for sequence in self.sequences:
            entry = sequence.entry
            if passes is None or passes({**entry.fields, "id": entry.id, "name": entry.name}):
                first[id(entry)] = (first[id(entry)][0] if id(entry) in first else sequence.text, sequence.text)
        inflected = [s for s in first.values() if s[0].startswith("~")]
        return inflected or list(first.values())


def narrow(words: WordList, tags: tuple[str, ...], inflection: Inflection) -> list[Sequence]:
    """The sequences whose first lemma has a form with every tag, reduced to these forms."""
    if not tags:
        return words.sequences
    narrowed = []
    for sequence in words.sequences:
        head = next((i for i, lemma in enumerate(sequence.lemmas) if lemma), None)
        if head is None:
            if any(_has_tags(f, tags, inflection) for f in sequence.forms[0]):
                narrowed.append(sequence)
            continue
        lemma = sequence.lemmas[head] or ""
        forms = frozenset(fold(f) for f in inflection.expand(lemma, tags))
        if forms:
            changed = (*sequence.forms[:head], forms, *sequence.forms[head + 1 :])
            narrowed.append(Sequence(sequence.entry, sequence.text, changed, sequence.capitals, sequence.lemmas))
    return narrowed


def _has_tags(form: str, tags: tuple[str, ...], inflection: Inflection) -> bool:
    return any(set(tags) <= set(a.features) | {a.pos} for a in inflection.analyse(form))


class WordListReader:
    """Reads the `words:` of one file; findings go to `found`."""

    def __init__(self, inflection: Inflection, found: list[Diagnostic]) -> None:
        self.inflection = inflection
        self.found = found

    def read(self, name: str, module: str, key: Text, node: Node, folder: Path | None, fits: bool = True) -> WordList:
        """The list; `fits` says whether its keys and values have been found in order."""
        words = WordList(name, module, place=key.place())
        before = len(self.found)
        if isinstance(node, Items):
            self._add_entries(words, node, {}, False)
        elif isinstance(node, Fields):
            self._read_mapping(words, node, folder)
        if not words.sequences and fits and len(self.found) == before:
            self.found.append(Diagnostic("R008", f"the word list `{name}` is empty", key.place(),
                                         help="add entries: `- mot`, one a line, or `[un, deux]`"))
        return words

    def _read_mapping(self, words: WordList, node: Fields, folder: Path | None) -> None:
        shared = _fields(node)
        as_written = _text(node, "case") == "as_written"
        words.loose = _text(node, "spelling") == "loose"
        words.about = _text(node, "about")
        if isinstance(entries := node.get("entries"), Items):
            self._add_entries(words, entries, shared, as_written)
        if isinstance(groups := node.get("groups"), Items):
            for group in groups.items:
                if isinstance(group, Fields) and isinstance(inner := group.get("entries"), Items):
                    self._add_entries(words, inner, {**shared, **_fields(group)}, as_written)
        if isinstance(table := node.get("table"), Text) and folder:
            self._read_table(words, table, folder, shared, as_written)

    def _add_entries(self, words: WordList, node: Items, shared: dict[str, str], as_written: bool) -> None:
        seen: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
        for item in node.items:
            if isinstance(item, Text) and (item.refused or not item.value.strip()):
                continue
            if isinstance(item, Text):
                self._add(words, item, None, {}, shared, as_written, seen)
            elif isinstance(item, Fields) and isinstance(name := item.get("name"), Text):
                aliases = item.get("aliases")
                texts = aliases.items if isinstance(aliases, Items) else [aliases] if aliases else []
                entry = self._add(words, name, _text(item, "id") or None, _fields(item), shared, as_written, seen)
                for alias in texts:
                    if isinstance(alias, Text) and entry:
                        self._add_sequence(words, entry, alias, as_written)

    def _add(self, words: WordList, text: Text, id_: str | None, own: dict[str, str], shared: dict[str, str],
             as_written: bool, seen: dict[tuple[str, tuple[tuple[str, str], ...]], int]) -> Entry | None:
        fields = {**shared, **own}
        key = (text.value, tuple(sorted(fields.items())))
        place = text.place()
        if key in seen and id_ is None:
            self.found.append(Diagnostic("R008", f"`{text.value}` stands twice in `{words.name}`", place,
                                         help=f"remove it here; the first is on line {seen[key]}"))
            return None
        seen[key] = place.line
        name = text.value.lstrip("~") if "~" in text.value[:1] else text.value
        entry = Entry(re.sub(r"[()~]", "", name), id_, fields, words.name, place.file, place.line)
        self._add_sequence(words, entry, text, as_written)
        return entry

    def _add_sequence(self, words: WordList, entry: Entry, text: Text, as_written: bool) -> None:
        if text.value.count("(") > MAX_OPTIONAL:
            self.found.append(Diagnostic("R008", f"an entry has at most {MAX_OPTIONAL} optional parts", text.place(),
                                         help="write some of its forms out as entries of their own"))
            return
        for written in optional_letters(text.value):
            for variant in spelling_variants(written) if words.loose else [written]:
                self._add_written(words, entry, variant, text, as_written)

    def _add_written(self, words: WordList, entry: Entry, written: str, text: Text, as_written: bool) -> None:
        forms, capitals, lemmas = [], [], []
        for piece in split_entry(written):
            lemma = piece[1:] if piece.startswith("~") else None
            if lemma is not None:
                expanded = self._expand(lemma, text)
                forms.append(frozenset(expanded))
            else:
                forms.append(frozenset({fold(piece)}))
            bare = lemma if lemma is not None else piece
            capitals.append(as_written and bare[:1].isupper())
            lemmas.append(lemma)
        if forms and all(forms):
            if words.loose:
                forms = [frozenset(strip_accents(f) for f in position) for position in forms]
            words.sequences.append(Sequence(entry, written, tuple(forms), tuple(capitals), tuple(lemmas)))

    def _expand(self, lemma: str, text: Text) -> set[str]:
        forms = {fold(f) for f in self.inflection.expand(lemma)}
        if not forms:
            near = self.inflection.suggest(lemma)
            offset = max(0, text.value.find("~" + lemma))
            self.found.append(Diagnostic(
                "R009", f"the lexicon has no lemma `{lemma}`", text.place(offset, len(lemma) + 1),
                help=f"did you mean `~{near[0]}`?" if near else
                "write the forms out without `~`, or add the lemma to the supplement"))
        return forms

    def _read_table(self, words: WordList, table: Text, folder: Path, shared: dict[str, str], as_written: bool) -> None:
        path = folder / table.value
        if not path.is_file():
            self._refuse_table(table, f"there is no table `{table.value}`", "the path is relative to this file")
            return
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            self._refuse_table(table, f"the table `{table.value}` is not UTF-8 text", "save it again as UTF-8")
            return
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if "name" not in (rows.fieldnames or ()):
            self._refuse_table(table, f"the first line of `{table.value}` names no column `name`",
                               "it holds the names of the columns, with a tab between: name, id, aliases …")
            return
        for number, row in enumerate(rows, start=2):
            if not row["name"]:
                self._refuse_table(table, f"line {number} of `{table.value}` has no name",
                                   "every line needs a value in the column `name`")
                return
            self._add_row(words, row, table.value, number, shared, as_written)

    def _refuse_table(self, table: Text, message: str, help_text: str) -> None:
        self.found.append(Diagnostic("R018", message, table.place(), help=help_text))

    def _add_row(self, words: WordList, row: Mapping[str, str], file: str, line: int, shared: dict[str, str],
                 as_written: bool) -> None:
        fields = {**shared, **{k: v for k, v in row.items() if k not in RESERVED and v}}
        entry = Entry(row["name"], row.get("id") or None, fields, words.name, file, line)
        for written in [row["name"], *filter(None, (row.get("aliases") or "").split("|"))]:
            for variant in spelling_variants(written) if words.loose else [written]:
                pieces = split_entry(variant)
                folded = [fold(p) for p in pieces]
                forms = [strip_accents(f) for f in folded] if words.loose else folded
                words.sequences.append(Sequence(
                    entry, variant, tuple(frozenset({f}) for f in forms),
                    tuple(as_written and p[:1].isupper() for p in pieces), (None,) * len(pieces)))


def split_entry(text: str) -> list[str]:
    """The words of an entry as the tokeniser cuts them; a lemma keeps its `~`."""
    pieces: list[str] = []
    for word in text.split():
        if word.startswith("~"):
            pieces.append(word)
        else:
            pieces += [word] if word[:1] == "-" else [word[a:b] for a, b in iter_token_spans(word)]
    return pieces


def optional_letters(text: str) -> list[str]:
    """`tué(e)(s)` → tué, tués, tuée, tuées; text without parentheses as it stands."""
    parts = re.split(r"\(([^()\s]+)\)", text)
    if len(parts) == 1:
        return [text]
    choices = [[part] if i % 2 == 0 else ["", part] for i, part in enumerate(parts)]
    return ["".join(choice) for choice in itertools.product(*choices)]


_ARTICLE = re.compile(r"\b(al|el)-(?=\w)", re.IGNORECASE)


def spelling_variants(text: str) -> list[str]:
    """Ways to write a transliterated name: `al-Bab` → al-Bab, el-Bab, al Bab, el Bab."""
    if not _ARTICLE.search(text):
        return [text]
    return [text, *(_ARTICLE.sub(article, text) for article in ("al-", "el-", "al ", "el ")
                    if _ARTICLE.sub(article, text) != text)]


def _fields(node: Fields) -> dict[str, str]:
    return {k: v.value for k, v in node.items.items() if k not in RESERVED and isinstance(v, Text)}


def _text(node: Fields, key: str) -> str:
    value = node.get(key)
    return value.value if isinstance(value, Text) else ""


def unknown_name(name: str, known: Iterable[str]) -> str:
    """The way out for a `$name` that stands for nothing."""
    return did_you_mean(name, known, "$") or "define it under `words:` or `macros:`, or import the file that does"
