"""Token forms: each distinct word is analysed once, and then known by the tests it satisfies.

In: the tests of all patterns (`TestTable.add_*`, at compile time) and words as written (`TestTable.form`, at run time).
Out: a `Form` per distinct word; `form.tests` maps the number of each satisfied test to what it brings: `True`, or the
list entries that start with this word.
"""

from __future__ import annotations

import marshal
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from extractor.frequency import frequencies
from extractor.inflection import Analysis, Inflection
from extractor.pattern import All, Comparison, Either, Node, Not, Test
from extractor.tokens import fold, strip_accents
from extractor.wordlists import Sequence, pack_sequence, unpack_sequence

_CACHE_LIMIT = 200_000


@dataclass(slots=True)
class Form:
    """One distinct word: as written, folded, without accents, and the tests it satisfies (`passes`: their numbers)."""

    text: str
    folded: str
    bare: str
    plain: bool
    tests: dict[int, Any]
    passes: frozenset[int]
    capital: bool
    lazy: dict[int, bool] = field(default_factory=dict)
    readings: tuple[Analysis, ...] | None = None


Predicate = Callable[[Form, Mapping[str, str] | None], bool]


class TestsByWord:
    """For every word the numbers of its tests, each with what it brings.

    Pickled, what a word brings is packed word by word, and unpacked when the word is first met: a document meets few of
    the places of the world.
    """

    __slots__ = ("_known", "_packed")

    def __init__(self) -> None:
        self._known: dict[str, dict[int, Any]] = {}
        self._packed: dict[str, bytes] = {}

    def words(self) -> list[str]:
        return [*self._known, *self._packed]

    def tests(self, word: str) -> dict[int, Any]:
        """The tests of a word, to add to."""
        self._unpack(word)
        return self._known.setdefault(word, {})

    def get(self, word: str) -> Mapping[int, Any]:
        self._unpack(word)
        return self._known.get(word, _NO_TESTS)

    def _unpack(self, word: str) -> None:
        packed = self._packed.pop(word, None)
        if packed is not None:
            self._known[word] = {number: True if brings is True else tuple(map(unpack_sequence, brings))
                                 for number, brings in marshal.loads(packed).items()}

    def __getstate__(self) -> tuple[dict[str, dict[int, Any]], dict[str, bytes]]:
        known, packed = {}, dict(self._packed)
        for word, tests in self._known.items():
            if all(brings is True for brings in tests.values()):
                known[word] = tests
            else:
                packed[word] = marshal.dumps({number: True if brings is True else tuple(map(pack_sequence, brings))
                                              for number, brings in tests.items()})
        return known, packed

    def __setstate__(self, state: tuple[dict[str, dict[int, Any]], dict[str, bytes]]) -> None:
        self._known, self._packed = state


_NO_TESTS: Mapping[int, Any] = MappingProxyType({})


class TestTable:
    """Numbers every distinct token test, and tells which of them a word satisfies.

    Accents count, except where the text has none: for an all-capitals word, or in a text without any accent, words are
    compared without them.
    """

    __test__ = False

    def __init__(self, inflection: Inflection) -> None:
        self.inflection = inflection
        self.numbers: dict[object, int] = {}
        self.by_folded = TestsByWord()
        self.by_text = TestsByWord()
        self.by_bare = TestsByWord()
        self.regexes: list[tuple[int, re.Pattern[str]]] = []
        self.list_numbers: dict[str, set[int]] = {}
        # What patterns that share an element have worked out for it, by its `id`; the element is held so that it stays.
        #: How many pieces of matchers have been built so far.
        self.built = 0
        self.deciders: dict[int, tuple[Test, int, Predicate]] = {}
        self.openings: dict[int, tuple[Node, Any]] = {}
        # Words with a capital are few: patterns that open with a name are reached through them.
        self.capital = self._number("capital")[0]
        self._accented: dict[str, list[str]] | None = None
        self._forms: dict[tuple[str, bool], Form] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What compiling worked out; what words brought is left out."""
        self._find_accented()
        return {**self.__dict__, "deciders": {}, "openings": {}, "_forms": {}}

    # --- compile time --------------------------------------------------------------------------------------------

    def _number(self, key: object) -> tuple[int, bool]:
        if key in self.numbers:
            return self.numbers[key], False
        self.numbers[key] = len(self.numbers)
        return self.numbers[key], True

    def add_words(self, words: Iterable[str], key: object) -> int:
        """A test that any of the folded words satisfies."""
        number, new = self._number(key)
        if new:
            self._accented = None
            for word in words:
                self.by_folded.tests(word)[number] = True
        return number

    def add_exact(self, word: str) -> int:
        number, new = self._number(("exact", word))
        if new:
            self.by_text.tests(_written(word))[number] = True
        return number

    def add_regex(self, source: str) -> int:
        number, new = self._number(("regex", source))
        if new:
            self.regexes.append((number, re.compile(source)))
        return number

    def known_list(self, key: object) -> int | None:
        """The number of a list test that was added before."""
        return self.numbers.get(("list", key))

    def add_list(self, key: object, sequences: Iterable[Sequence], loose: bool, name: str) -> int:
        """A test that a word satisfies when an entry starts with it; it brings these entries, longest first."""
        number, new = self._number(("list", key))
        if not new:
            return number
        self._accented = None
        index = self.by_bare if loose else self.by_folded
        starts: dict[str, list[Sequence]] = {}
        for sequence in sequences:
            for form in sequence.forms[0]:
                starts.setdefault(form, []).append(sequence)
        for form, found in starts.items():
            index.tests(form)[number] = tuple(sorted(found, key=lambda s: -len(s.forms)))
        self.list_numbers.setdefault(name, set()).add(number)
        return number

    def add_predicate(self, key: object) -> int:
        """The number of a test that is worked out when first asked for (`Form.lazy`)."""
        return self._number(("test", key))[0]

    # --- run time ------------------------------------------------------------------------------------------------

    def form(self, word: str, accentless: bool = False, brief: bool = False) -> Form:
        """The form of a word as written; `accentless` when the text it stands in has no accents at all.

        A few words without accents prove little: in a `brief` text, frequent words (a, ou, du, sur) stay as they are.
        """
        plain = accentless and not (brief and fold(word) in frequencies())
        key = (word, plain)
        known = self._forms.get(key)
        if known is None:
            if len(self._forms) >= _CACHE_LIMIT:
                self._forms.clear()
            known = self._forms[key] = self._analyse(word, plain)
        return known

    def _analyse(self, word: str, plain: bool) -> Form:
        folded = fold(word)
        bare = strip_accents(folded)
        # A capital letter alone loses its accent too: « A Damas ».
        plain = plain or word.isupper()
        tests: dict[int, Any] = {}
        if plain:
            tests.update(self._without_accents(bare))
        else:
            tests.update(self.by_folded.get(folded))
        tests.update(self.by_bare.get(bare))
        tests.update(self.by_text.get(_written(word)))
        if written_case(word) in ("title", "upper"):
            tests[self.capital] = True
        for number, regex in self.regexes:
            if regex.fullmatch(folded) or regex.fullmatch(word):
                tests[number] = True
        return Form(word, folded, bare, plain, tests, frozenset(tests), word[:1].isupper())

    def _without_accents(self, bare: str) -> dict[int, Any]:
        """The tests of every word that is spelled like this but for its accents."""
        merged: dict[int, Any] = {}
        for folded in sorted({bare, *self._find_accented().get(bare, ())}):
            for number, brings in self.by_folded.get(folded).items():
                known = merged.get(number)
                merged[number] = brings if known is None or brings is True else (*known, *brings)
        return merged

    def _find_accented(self) -> dict[str, list[str]]:
        """The words with accents, by their spelling without."""
        if self._accented is None:
            self._accented = {}
            for folded in self.by_folded.words():
                bare = strip_accents(folded)
                if bare != folded:
                    self._accented.setdefault(bare, []).append(folded)
        return self._accented

    def readings(self, form: Form) -> tuple[Analysis, ...]:
        """What the lexicon says of a form: lemma, part of speech, inflection."""
        if form.readings is None:
            form.readings = self.inflection.analyse(form.folded)
        return form.readings

    # --- token tests ---------------------------------------------------------------------------------------------

    def predicate(self, test: Test) -> Predicate:
        """A function that decides a `[test]` on a form; attributes given with the token go before the form's own."""
        match test:
            case Not(item=item):
                inner = self.predicate(item)
                return lambda form, given: not inner(form, given)
            case All(items=items):
                every = [self.predicate(i) for i in items]
                return lambda form, given: all(p(form, given) for p in every)
            case Either(items=items):
                some = [self.predicate(i) for i in items]
                return lambda form, given: any(p(form, given) for p in some)
        return self._comparison(test)

    def _comparison(self, test: Comparison) -> Predicate:
        compare = compare_with(test)
        name = test.field
        if name == "list" and not test.regex and not any(v.endswith("*") for v in test.values):
            return self._in_list(test)

        def decide(form: Form, given: Mapping[str, str] | None) -> bool:
            values = (given[name],) if given is not None and name in given else self.field_values(form, name, test)
            if test.op == "!=":
                return not any(not compare(v) for v in values)
            return any(compare(v) for v in values)
        return decide

    def _in_list(self, test: Comparison) -> Predicate:
        """`[list=months]`: whether an entry of the list starts with the word; asked of very many words."""
        wanted, negative = frozenset(test.values), test.op == "!="
        numbers: frozenset[int] | None = None

        def decide(form: Form, given: Mapping[str, str] | None) -> bool:
            nonlocal numbers
            if given is not None and "list" in given:
                return (given["list"] in wanted) != negative
            if numbers is None:
                numbers = frozenset().union(*(self.list_numbers.get(name, ()) for name in wanted))
            return numbers.isdisjoint(form.passes) == negative
        return decide

    def field_values(self, form: Form, name: str, test: Comparison) -> tuple[Any, ...]:
        match name:
            case "word":
                return (form.text if test.exact else form.bare if form.plain else form.folded,)
            case "form":
                return (form.text,)
            case "length":
                return (len(form.text),)
            case "case":
                return (written_case(form.text),)
            case "pos":
                return tuple(sorted({a.pos for a in self.readings(form)}))
            case "lemma":
                return tuple(sorted({a.lemma for a in self.readings(form)}))
            case "tag":
                return tuple(sorted({t for a in self.readings(form) for t in (*a.features, a.pos)}))
            case "known":
                return ("yes" if self.readings(form) else "no",)
            case "list":
                return tuple(n for n, numbers in self.list_numbers.items() if not numbers.isdisjoint(form.passes))
        return ()


_MARKS = str.maketrans({**dict.fromkeys("’ʼ", "'"), **dict.fromkeys("\u2010\u2011", "-"),
                        **dict.fromkeys("\u00a0\u202f\u2009\u2007", " ")})


def _written(word: str) -> str:
    """The word with its capitals and accents; the kind of apostrophe, hyphen and blank is the keyboard's choice."""
    return word if word.isascii() else unicodedata.normalize("NFC", word).translate(_MARKS)


def written_case(text: str) -> str:
    """upper, title, lower, mixed, or none when there is no letter."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return "none"
    if all(c.isupper() for c in letters):
        return "upper" if len(letters) > 1 else "title"
    if all(c.islower() for c in letters):
        return "lower"
    return "title" if letters[0].isupper() else "mixed"


def compare_with(test: Comparison) -> Callable[[Any], bool]:
    """A function that compares one field value. Numbers compare as numbers, `harm.*` and `/regex/` as patterns."""
    op = test.op
    if op == "has":
        return lambda value: value is not None and value is not False
    if op == "in":
        wanted = frozenset(test.values)
        return lambda value: str(value) in wanted
    value_text = test.values[0]
    if test.regex or (value_text.endswith("*") and op in ("=", "!=")):
        regex = re.compile(value_text if test.regex else re.escape(value_text[:-1]) + ".*")
        return lambda value: value is not None and (bool(regex.fullmatch(str(value))) == (op == "="))
    number = float(value_text) if value_text.lstrip("-").replace(".", "", 1).isdigit() else None
    if op in ("=", "!="):
        return lambda value: value is not None and (_same(value, value_text, number) == (op == "="))
    bound = number if number is not None else 0.0
    return lambda value: (n := _as_number(value)) is not None and _ordered(op, n, bound)


def _same(value: Any, text: str, number: float | None) -> bool:
    if number is not None and isinstance(value, int | float):
        return value == number
    return str(value) == text


def _as_number(value: Any) -> float | None:
    if isinstance(value, int | float):
        return value
    try:
        return float(str(value))
    except ValueError:
        return None


def _ordered(op: str, left: float, right: float) -> bool:
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
