"""Make the inflection table from a French hunspell dictionary that carries `po:` and `is:` tags.

In: a .dic file and the .aff file beside it. Out: the text that `extractor.inflection.Inflection.read_table` reads.

    python -m extractor.build.inflection /usr/share/hunspell/fr_FR.dic

Every entry is inflected by its suffix rules, the forms are put into the cells of a conjugation or agreement table, and
the table is cut into a stem (what all forms share) and a row of endings, which thousands of lemmas have in common.
Names, symbols, abbreviations and the elided forms that the dictionary's prefix rules make (l'homme) are left out.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from extractor.inflection import (
    EMPTY,
    FIXED_CELLS,
    FORMAT,
    NOMINAL_CELLS,
    PERSONS,
    TABLE,
    TENSES,
    VERB_CELLS,
    fold_lemma,
    split_stem,
)

HEADING = f"""# {FORMAT}
# French lemmas and their paradigms. Made by `python -m extractor.build.inflection`; do not edit.
# From the Dicollecte spelling dictionary, MPL-2.0: see LICENSE-inflection.txt. Layout: extractor/inflection.py."""

#: The dictionary's `po:` values by part of speech; one that is not here (proper names, symbols, errors) is left out.
POS_OF_TAG = {
    tag: pos
    for pos, tags in {
        "noun": "nom loc.nom",
        "adj": "adj loc.adj",
        "adv": "adv loc.adv negadv advint",
        "det": "det detpos detdem detind detneg detex",
        "pron": "properobj propersuj proind prodem prorel proint proneg proadv",
        "prep": "prep prepv loc.prep loc.prepv",
        "conj": "cj cjco cjsub loc.cj loc.cjsub",
        "interj": "interj loc.interj",
        "num": "nb",
    }.items()
    for tag in tags.split()
}
VERB_TAG = re.compile(r"v[0-3]")
ERROR_TAG = "err"
FIXED_POS = frozenset({"adv", "prep", "conj", "interj"})

#: Entries that are mistakes: *fuir* also as a verb of the second group would make *fuissaient* and *ils fuissent*.
MISTAKES = frozenset({("fuir", "f0p+()")})

NEEDS_AFFIX = "()"
#: Keep the case: the dictionary's mark for symbols and abbreviations.
SYMBOL = "||"

TENSE_OF_TAG = {tag: place for place, tag in enumerate(("ipre", "iimp", "ipsi", "ifut", "cond", "spre", "simp"))}
PERSON_OF_TAG = {"1sg": 0, "2sg": 1, "3sg": 2, "1pl": 3, "2pl": 4, "3pl": 5, "3pl!": 5}
FIRST_PARTICIPLE, FIRST_FINITE = 2, 6
FIRST_IMPERATIVE = FIRST_FINITE + len(TENSES) * len(PERSONS)
IMPERATIVE_OF_TAG = {"2sg": 0, "1pl": 1, "2pl": 2}

GENDERS = {"mas": (0,), "fem": (1,), "epi": (0, 1)}
NUMBERS = {"sg": (0,), "pl": (1,), "inv": (0, 1)}


@dataclass(slots=True)
class Rule:
    """One affix line: what it takes off, what it puts on, on which words, the flags and tags of the result."""

    strip: str
    add: str
    condition: re.Pattern[str]
    flags: str
    tags: frozenset[str]


@dataclass(slots=True)
class Affixes:
    """The rules of an .aff file by flag."""

    suffixes: dict[str, list[Rule]]
    prefixes: dict[str, list[Rule]]


@dataclass(slots=True)
class Entry:
    """One line of a .dic file. `base` is the word other forms belong to, given by `st:`, or the word itself."""

    word: str
    flags: str
    tags: frozenset[str]
    base: str


def read_affixes(text: str) -> Affixes:
    """Read the SFX and PFX lines of an .aff file with two-letter flags."""
    affixes = Affixes({}, {})
    for line in text.splitlines():
        kind, *fields = line.split()[:5] or [""]
        # The heading of a rule has a count where a rule has what it adds: SFX S. Y 2
        if kind in {"SFX", "PFX"} and len(fields) == 4:
            flag, strip, add, condition = fields
            rules = affixes.suffixes if kind == "SFX" else affixes.prefixes
            rules.setdefault(flag, []).append(_read_rule(kind, strip, add, condition, line.split()[5:]))
    return affixes


def _read_rule(kind: str, strip: str, add: str, condition: str, tags: list[str]) -> Rule:
    added, _, flags = add.partition("/")
    pattern = f"(?:{condition})$" if kind == "SFX" else f"(?:{condition})"
    return Rule(_no_zero(strip), _no_zero(added), re.compile(pattern), flags, _tag_values(tags))


def _no_zero(affix: str) -> str:
    return "" if affix == "0" else affix


def _tag_values(tags: Iterable[str]) -> frozenset[str]:
    return frozenset(tag[3:] for tag in tags if tag.startswith(("po:", "is:")))


def iter_entries(text: str) -> Iterator[Entry]:
    """The entries of a .dic file, without symbols, capitalised words, digits and letters Latin-1 does not have."""
    for line in text.splitlines()[1:]:
        head, *tags = line.split()
        word, _, flags = head.partition("/")
        if _is_common_word(word) and SYMBOL not in flags and (word, flags) not in MISTAKES:
            base = next((tag[3:] for tag in tags if tag.startswith("st:")), word)
            yield Entry(word, flags, _tag_values(tags), base)


def _is_common_word(word: str) -> bool:
    if word != word.lower() or any(character.isdigit() for character in word):
        return False
    return fold_lemma(word).encode("latin-1", "ignore").decode("latin-1") == fold_lemma(word)


def iter_forms(entry: Entry, affixes: Affixes) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The (lemma, form, tags of the affix rule) of an entry; unit prefixes (kilo + mètre) make further lemmas."""
    flags = [entry.flags[place : place + 2] for place in range(0, len(entry.flags), 2)]
    if NEEDS_AFFIX not in flags:
        yield entry.base, entry.word, frozenset()
    for flag in flags:
        for rule in affixes.suffixes.get(flag, ()):
            if rule.condition.search(entry.word) and entry.word.endswith(rule.strip):
                yield entry.base, entry.word.removesuffix(rule.strip) + rule.add, rule.tags
        for rule in affixes.prefixes.get(flag, ()):
            if "'" not in rule.add and not rule.strip and rule.condition.match(entry.word):
                word = rule.add + entry.word
                yield from iter_forms(Entry(word, rule.flags, entry.tags, word), affixes)


def parts_of_speech(tags: Iterable[str]) -> frozenset[str]:
    """The parts of speech an entry's tags name; none for what the table leaves out."""
    if ERROR_TAG in tags:
        return frozenset()
    verb = {"verb" for tag in tags if VERB_TAG.match(tag)}
    return frozenset(verb or {POS_OF_TAG[tag] for tag in tags if tag in POS_OF_TAG})


def cells_of(pos: str, entry_tags: frozenset[str], rule_tags: frozenset[str]) -> Iterator[int]:
    """The places of a form in the layout of its part of speech."""
    if pos == "verb":
        yield from _verb_cells(entry_tags, rule_tags)
    elif pos in FIXED_POS:
        yield 0
    else:
        yield from _agreement_cells(entry_tags, rule_tags)


def _verb_cells(entry_tags: frozenset[str], rule_tags: frozenset[str]) -> Iterator[int]:
    tags = rule_tags or entry_tags
    if "infi" in tags:
        yield 0
    if "ppre" in tags:
        yield 1
    if "ppas" in tags:
        yield from (FIRST_PARTICIPLE + cell for cell in _agreement_cells(frozenset(), tags))
    persons = [tag for tag in tags if tag in PERSON_OF_TAG]
    for tense in tags & TENSE_OF_TAG.keys():
        yield from (FIRST_FINITE + TENSE_OF_TAG[tense] * len(PERSONS) + PERSON_OF_TAG[person] for person in persons)
    if "impe" in tags:
        yield from (FIRST_IMPERATIVE + IMPERATIVE_OF_TAG[person] for person in persons)


def _agreement_cells(entry_tags: frozenset[str], rule_tags: frozenset[str]) -> Iterator[int]:
    """A rule's gender and number go before the entry's; what neither names may be both."""
    for gender in _values(GENDERS, rule_tags, entry_tags):
        for number in _values(NUMBERS, rule_tags, entry_tags):
            yield 2 * gender + number


def _values(names: dict[str, tuple[int, ...]], *tags_in_order: frozenset[str]) -> tuple[int, ...]:
    for tags in tags_in_order:
        found = {value for tag in tags & names.keys() for value in names[tag]}
        if found:
            return tuple(sorted(found))
    return (0, 1)


Table = dict[tuple[str, str], dict[int, set[str]]]


def collect_cells(entries: Iterable[Entry], affixes: Affixes) -> Table:
    """The forms of every (lemma, part of speech) by cell."""
    table: Table = defaultdict(lambda: defaultdict(set))
    for entry in entries:
        parts = parts_of_speech(entry.tags)
        for base, form, rule_tags in iter_forms(entry, affixes):
            lemma = fold_lemma(base)
            for pos in parts:
                # The names of letters would make nouns of `a` and `y`.
                if not (pos == "noun" and len(lemma) == 1):
                    for cell in cells_of(pos, entry.tags, rule_tags):
                        table[lemma, pos][cell].add(fold_lemma(form))
    return table


def layout_size(pos: str) -> int:
    """How many cells the part of speech has."""
    return len(VERB_CELLS if pos == "verb" else FIXED_CELLS if pos in FIXED_POS else NOMINAL_CELLS)


def render_table(table: Table) -> str:
    """The text of the table: paradigms, then stems by the paradigms they take. Same cells, same bytes."""
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (lemma, pos), cells in sorted(table.items()):
        if cells:
            filled = [cells.get(cell, set()) for cell in range(layout_size(pos))]
            parts[split_stem(lemma, filled)].append(pos)
    rows = {place: f"{'+'.join(pos)} {place[1]}" for place, pos in parts.items()}
    paradigms = sorted(set(rows.values()))
    numbers = {row: number for number, row in enumerate(paradigms)}
    taken: dict[str, list[int]] = defaultdict(list)
    for (stem, _), row in sorted(rows.items()):
        taken[stem].append(numbers[row])
    return "\n".join([HEADING, "", *paradigms, "", *_stem_lines(taken), ""])


def _stem_lines(taken: dict[str, list[int]]) -> Iterator[str]:
    """Stems with the same paradigms stand on one line per initial, so that a changed word changes a short line."""
    lines: dict[tuple[tuple[int, ...], str], list[str]] = defaultdict(list)
    for stem, paradigms in taken.items():
        lines[tuple(sorted(paradigms)), stem[:1]].append(stem or EMPTY)
    for (numbers, _), stems in sorted(lines.items()):
        yield f"{','.join(map(str, numbers))}: {' '.join(sorted(stems))}"


def build_table(dictionary: str, affix_file: str) -> str:
    """The text of the table for the texts of a .dic and an .aff file."""
    return render_table(collect_cells(iter_entries(dictionary), read_affixes(affix_file)))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the inflection table from a French hunspell dictionary.")
    parser.add_argument("dictionary", type=Path, help="the .dic file; the .aff file must stand beside it")
    parser.add_argument("--output", type=Path, default=TABLE, help="where to write the table (default: %(default)s)")
    arguments = parser.parse_args()
    dictionary = arguments.dictionary.read_text(encoding="utf-8")
    affix_file = arguments.dictionary.with_suffix(".aff").read_text(encoding="utf-8")
    arguments.output.write_text(build_table(dictionary, affix_file), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
