"""French inflection: a lemma gives its forms, a form gives its readings.

In: the table made from the spelling dictionary (data/inflection.txt) and the hand-kept data/inflection-supplement.yaml.
Out: `Inflection`, which expands lemmas and analyses forms without ever building the table of all forms.

    >>> shipped().expand("tuer", ("pp",))
    ('tué', 'tuée', 'tuées', 'tués')
    >>> [(reading.lemma, reading.pos) for reading in shipped().analyse("moururent")]
    [('mourir', 'verb')]

The table has two sections. A paradigm is one line: parts of speech, the ending of the lemma, then one column per cell
of `VERB_CELLS`, `NOMINAL_CELLS` or `FIXED_CELLS` (the number of columns says which). `_` is the empty ending, `-` a
cell that is not used, `/` stands between spellings. A line of stems is `paradigm numbers: stem stem …`. A form is stem
+ ending, so a word is cut in every place, and each cut that leaves a known stem is looked up in that stem's paradigms.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, product
from pathlib import Path
from types import MappingProxyType

DATA = Path(__file__).parent / "data"
TABLE = DATA / "inflection.txt"
SUPPLEMENT = DATA / "inflection-supplement.yaml"

FORMAT = "inflection 1"
EMPTY, UNUSED, EITHER = "_", "-", "/"

POS: Mapping[str, str] = MappingProxyType({
    "verb": "verb", "noun": "noun", "adj": "adjective", "adv": "adverb", "det": "determiner", "pron": "pronoun",
    "prep": "preposition", "conj": "conjunction", "interj": "interjection", "num": "numeral", "name": "proper name",
})  # fmt: skip

#: Every tag that `expand` takes, with what it means.
TAGS: Mapping[str, str] = MappingProxyType({
    **POS,
    "inf": "infinitive",
    "pp": "past participle",
    "prp": "present participle",
    "fin": "any finite form",
    "ind": "indicative (present, imperfect, past historic, future)",
    "pres": "present indicative",
    "impf": "imperfect indicative",
    "past": "past historic (passé simple)",
    "fut": "future",
    "cond": "conditional",
    "subj": "subjunctive, present or imperfect",
    "imper": "imperative",
    "1s": "first person singular",
    "2s": "second person singular",
    "3s": "third person singular",
    "1p": "first person plural",
    "2p": "second person plural",
    "3p": "third person plural",
    "m": "masculine",
    "f": "feminine",
    "s": "singular",
    "p": "plural",
})  # fmt: skip

PERSONS = ("1s", "2s", "3s", "1p", "2p", "3p")
#: Tenses in the order of the table's columns; the second `subj` is the imperfect subjunctive.
TENSES = ("pres", "impf", "past", "fut", "cond", "subj", "subj")
AGREEMENT = tuple(frozenset(pair) for pair in (("m", "s"), ("m", "p"), ("f", "s"), ("f", "p")))

Cells = tuple[frozenset[str], ...]


def _finite(tense: str, person: str) -> frozenset[str]:
    mood = ("ind",) if tense in {"pres", "impf", "past", "fut"} else ()
    return frozenset((tense, person, "fin", *mood))


VERB_CELLS: Cells = (
    frozenset({"inf"}),
    frozenset({"prp"}),
    *(frozenset({"pp"}) | pair for pair in AGREEMENT),
    *(_finite(tense, person) for tense in TENSES for person in PERSONS),
    *(_finite("imper", person) for person in ("2s", "1p", "2p")),
)
NOMINAL_CELLS: Cells = AGREEMENT
FIXED_CELLS: Cells = (frozenset(),)
_LAYOUTS = {len(cells): cells for cells in (VERB_CELLS, NOMINAL_CELLS, FIXED_CELLS)}
_AGREEMENT_TAGS = frozenset("mfsp")


class InflectionError(ValueError):
    """The table or the supplement says something that cannot be used, or a tag is not one of `TAGS`."""


@dataclass(slots=True, frozen=True)
class Analysis:
    """One reading of a form. Features are tags of `TAGS` other than parts of speech."""

    lemma: str
    pos: str
    features: frozenset[str]


@dataclass(slots=True)
class Paradigm:
    """How one group of stems inflects: `readings` maps an ending to the features it may carry."""

    pos: tuple[str, ...]
    lemma_ending: str
    readings: dict[str, tuple[frozenset[str], ...]]
    endings: dict[frozenset[str], tuple[str, ...]] = field(default_factory=dict)


def fold_lemma(lemma: str) -> str:
    """The spelling under which a lemma is filed: NFC, lower case, œ and æ as two letters, straight apostrophe."""
    folded = unicodedata.normalize("NFC", lemma).lower()
    return folded.replace("œ", "oe").replace("æ", "ae").replace("’", "'")


def parse_paradigm(row: str) -> Paradigm:
    """Read one paradigm line of the table; raises InflectionError when its columns fit no layout."""
    pos, lemma_ending, *columns = row.split(" ")
    cells = _LAYOUTS.get(len(columns))
    if cells is None:
        raise InflectionError(f"a paradigm has {len(columns)} columns, expected one of {sorted(_LAYOUTS)}: {row!r}")
    found: dict[str, list[frozenset[str]]] = {}
    for features, column in zip(cells, columns, strict=True):
        if column != UNUSED:
            for ending in column.split(EITHER):
                found.setdefault(_ending(ending), []).append(features)
    readings = {ending: tuple(_join_agreement(features)) for ending, features in found.items()}
    return Paradigm(tuple(pos.split("+")), _ending(lemma_ending), readings)


def split_stem(lemma: str, cells: Sequence[Collection[str]]) -> tuple[str, str]:
    """The stem that `lemma` and the forms of all its cells share, and the row of endings, part of speech left out."""
    forms = [lemma, *chain.from_iterable(cells)]
    first, last = min(forms), max(forms)
    differing = (place for place, letter in enumerate(first) if last[place : place + 1] != letter)
    stem = first[: next(differing, len(first))]
    columns = (EITHER.join(sorted(form.removeprefix(stem) or EMPTY for form in cell)) for cell in ([lemma], *cells))
    return stem, " ".join(column or UNUSED for column in columns)


def _ending(column: str) -> str:
    return "" if column == EMPTY else column


def _join_agreement(cells: Iterable[frozenset[str]]) -> Iterator[frozenset[str]]:
    """Join the cells of an invariable form: `otage` is one reading {m f s}, not two."""
    agreeing: dict[frozenset[str], set[frozenset[str]]] = {}
    for cell in dict.fromkeys(cells):
        pair = cell & _AGREEMENT_TAGS
        if pair:
            agreeing.setdefault(cell - _AGREEMENT_TAGS, set()).add(pair)
        else:
            yield cell
    for rest, pairs in agreeing.items():
        carried = frozenset[str]().union(*pairs)
        genders, numbers = sorted(carried & {"m", "f"}), sorted(carried & {"s", "p"})
        if len(pairs) == len(genders) * len(numbers):
            yield rest | carried
        else:
            yield from (rest | pair for pair in sorted(pairs, key=sorted))


@dataclass(slots=True)
class Inflection:
    """Lemmas, their paradigms and both look-ups. Words are given folded (see `fold_lemma`; lemmas may be unfolded)."""

    _rows: list[str]
    _stems: dict[str, str]
    _parsed: dict[str, tuple[Paradigm, ...]] = field(default_factory=dict)
    _expanded: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = field(default_factory=dict)

    def __getstate__(self) -> tuple[list[str], dict[str, str]]:
        """The table alone, without what was worked out from it."""
        return self._rows, self._stems

    def __setstate__(self, state: tuple[list[str], dict[str, str]]) -> None:
        self._rows, self._stems = state
        self._parsed, self._expanded = {}, {}

    @classmethod
    def load(cls) -> Inflection:
        """The shipped table with the supplement added; `shipped` gives one that is shared."""
        inflection = cls.read_table(TABLE.read_text(encoding="utf-8"))
        inflection.add_supplement(SUPPLEMENT.read_text(encoding="utf-8"))
        return inflection

    @classmethod
    def read_table(cls, text: str) -> Inflection:
        """Read the text of a table as `extractor.build.inflection` writes it; raises InflectionError."""
        heading, _, body = text.partition("\n\n")
        if FORMAT not in heading.partition("\n")[0]:
            raise InflectionError(f"not a table of format {FORMAT!r}: run python -m extractor.build.inflection")
        paradigms, _, lines = body.partition("\n\n")
        stems: dict[str, str] = {}
        for line in lines.splitlines():
            numbers, _, words = line.partition(": ")
            stems.update(dict.fromkeys(words.split(" "), numbers))
        if EMPTY in stems:
            stems[""] = stems.pop(EMPTY)
        return cls(paradigms.splitlines(), stems)

    def add_supplement(self, text: str) -> None:
        """Add the words of a supplement (its file says how they are written). Raises InflectionError."""
        import yaml

        self._expanded.clear()
        content = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        for entry in content["words"]:
            for pos in entry["pos"]:
                self._add_words_like(entry["like"], pos, entry["lemmas"])
        for entry in content["forms"]:
            cells = [[fold_lemma(form) for form in entry.get(cell, "").split()] for cell in ("ms", "mp", "fs", "fp")]
            stem, row = split_stem(fold_lemma(entry["lemma"]), cells)
            self._add_stem(stem, f"{entry['pos']} {row}")

    def _add_words_like(self, model: str, pos: str, lemmas: Iterable[str]) -> None:
        lemma_ending, row = self._model_row(fold_lemma(model), pos)
        for lemma in map(fold_lemma, lemmas):
            if not lemma.endswith(lemma_ending):
                raise InflectionError(f"`{lemma}` cannot inflect like `{model}`: it does not end in -{lemma_ending}")
            self._add_stem(lemma.removesuffix(lemma_ending), row)

    def _add_stem(self, stem: str, row: str) -> None:
        if row.partition(" ")[0] not in POS:
            raise InflectionError(f"unknown part of speech in `{row}`: one of {', '.join(POS)}")
        if row not in self._rows:
            self._rows.append(row)
        known = self._stems.get(stem)
        number = str(self._rows.index(row))
        self._stems[stem] = f"{known},{number}" if known else number

    def _model_row(self, model: str, pos: str) -> tuple[str, str]:
        """The lemma ending of `model` and its row as `pos`; another part of speech lends its row when it has none."""
        rows = [
            (_ending(columns[1]), columns)
            for cut in range(len(model) + 1)
            for number in self._stems.get(model[:cut], "").split(",")
            if number and _ending((columns := self._rows[int(number)].split(" "))[1]) == model[cut:]
        ]
        if not rows:
            raise InflectionError(f"unknown model `{model}`")
        lemma_ending, columns = next(((end, row) for end, row in rows if pos in row[0].split("+")), rows[0])
        return lemma_ending, " ".join([pos, *columns[1:]])

    def _paradigms(self, numbers: str) -> tuple[Paradigm, ...]:
        known = self._parsed.get(numbers)
        if known is None:
            known = tuple(parse_paradigm(self._rows[int(number)]) for number in numbers.split(","))
            self._parsed[numbers] = known
        return known

    def _iter_cuts(self, word: str) -> Iterator[tuple[str, str, Paradigm]]:
        """Every way to read `word` as a known stem and a rest, with each paradigm of that stem."""
        stems = self._stems
        for cut in range(len(word) + 1):
            numbers = stems.get(word[:cut])
            if numbers is not None:
                for paradigm in self._paradigms(numbers):
                    yield word[:cut], word[cut:], paradigm

    def has_lemma(self, lemma: str) -> bool:
        """Whether `lemma` is the dictionary form of a known word."""
        return any(rest == paradigm.lemma_ending for _, rest, paradigm in self._iter_cuts(fold_lemma(lemma)))

    def expand(self, lemma: str, tags: Sequence[str] = ()) -> tuple[str, ...]:
        """The forms of `lemma` for which every tag holds, folded, sorted, each once; () for an unknown lemma.

        A lemma that is both verb and noun gives both, unless a part of speech is among the tags. Raises InflectionError
        for a tag that is not in `TAGS`.
        """
        key = (lemma, tuple(tags))
        known = self._expanded.get(key)
        if known is None:
            known = self._expanded[key] = self._expand(lemma, frozenset(tags))
        return known

    def _expand(self, lemma: str, wanted: frozenset[str]) -> tuple[str, ...]:
        unknown = wanted - TAGS.keys()
        if unknown:
            raise InflectionError(f"unknown inflection tag: {', '.join(sorted(unknown))}")
        forms: set[str] = set()
        for stem, rest, paradigm in self._iter_cuts(fold_lemma(lemma)):
            if rest == paradigm.lemma_ending:
                forms.update(stem + ending for ending in _endings_with(paradigm, wanted))
        return tuple(sorted(forms))

    def analyse(self, form: str) -> tuple[Analysis, ...]:
        """Every reading of one folded form, sorted by lemma, part of speech and features; () when unknown."""
        found = {
            Analysis(stem + paradigm.lemma_ending, pos, features)
            for stem, ending, paradigm in self._iter_cuts(form)
            for features in paradigm.readings.get(ending, ())
            for pos in paradigm.pos
        }
        return tuple(sorted(found, key=_analysis_order)) if len(found) > 1 else tuple(found)

    def suggest(self, lemma: str, limit: int = 3) -> tuple[str, ...]:
        """At most `limit` lemmas that may have been meant: those `lemma` is a form of, then those spelt nearly so.

        Near spellings share the first letter (accents aside); this walks all lemmas and takes some tens of ms.
        """
        folded = fold_lemma(lemma)
        of_form = dict.fromkeys(reading.lemma for reading in self.analyse(folded))
        initial = _bare(folded[:1])
        near = {
            known
            for known in self.iter_lemmas()
            if abs(len(known) - len(folded)) <= 2 and _bare(known[:1]) == initial and known not in of_form
        }
        close = difflib.get_close_matches(folded, sorted(near), n=limit, cutoff=0.75)
        return (*of_form, *close)[:limit]

    def iter_lemmas(self) -> Iterator[str]:
        """Every lemma, in the order of the table; a lemma with several paradigms comes several times."""
        for stem, numbers in self._stems.items():
            for paradigm in self._paradigms(numbers):
                yield stem + paradigm.lemma_ending


def _endings_with(paradigm: Paradigm, wanted: frozenset[str]) -> tuple[str, ...]:
    """Worked out once for a paradigm: a few hundred of them serve all lemmas."""
    known = paradigm.endings.get(wanted)
    if known is None:
        known = paradigm.endings[wanted] = tuple(
            ending for pos, (ending, readings) in product(paradigm.pos, paradigm.readings.items())
            if any(wanted <= features | {pos} for features in readings))
    return known


def _analysis_order(reading: Analysis) -> tuple[str, str, list[str]]:
    return reading.lemma, reading.pos, sorted(reading.features)


def _bare(letters: str) -> str:
    return unicodedata.normalize("NFD", letters)[:1]


@cache
def shipped() -> Inflection:
    """The shipped inflection, loaded once."""
    return Inflection.load()
