"""Number values: what a number written in digits, in French words, or in both comes to.

In: the text of a number in digits, or the folded tokens of a number in words. Out: its value, or None when the text is
not one well-formed number. Nothing here looks for numbers in a sentence except `read_longest_number`, which says how
many tokens from a given one make a number.

    >>> read_digits("330.000"), read_digits("1,5"), read_digits("27/02/2020")
    (330000, 1.5, None)
    >>> read_number_words(("deux", "cent", "cinquante", "mille")), read_number_words(("1,5", "million"))
    (250000, 1500000)
    >>> read_longest_number(("vingt", "et", "un", "civils"))
    (21, 3)
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, takewhile

_UNITS = ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")
_TEENS = ("dix", "onze", "douze", "treize", "quatorze", "quinze", "seize")
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}
_REGIONAL_TENS = {"septante": 70, "huitante": 80, "octante": 80, "nonante": 90}
_HUNDREDS = ("cent", "cents")
_ZEROS = ("zéro", "zero")
_HALVES = ("demi", "demie")
# The long scale: a French billion is a million millions.
_NOUN_SCALES = {
    name + plural: value
    for name, value in {
        "million": 10**6,
        "milliard": 10**9,
        "billion": 10**12,
        "billiard": 10**15,
        "trillion": 10**18,
    }.items()
    for plural in ("", "s")
}
_SCALES = {"mille": 1000, **_NOUN_SCALES}

NUMBER_WORDS: frozenset[str] = frozenset(
    (*_UNITS, "une", *_TEENS, *_TENS, "vingts", *_REGIONAL_TENS, *_HUNDREDS, *_SCALES, *_ZEROS, *_HALVES, "et")
)
"""Every single folded word that may be part of a number in words, `et` and `demi` included."""

_HYPHEN = re.compile("[-\u2010\u2011]")
_GROUPED = re.compile("(?:0|[1-9][0-9]{0,2})(?:([. '\u2019\u00a0\u2009\u202f])[0-9]{3}(?:\\1[0-9]{3})*)?(?:,[0-9]+)?")
_PLAIN = re.compile("[0-9]+(?:[.,][0-9]+)?")
_COMMA_THOUSANDS = re.compile(r"[1-9]\d{0,2}(,000)+")
_LONGEST_BELOW_HUNDRED = 4  # « quatre-vingt-dix-sept »
_LONGEST_NUMBER = 40  # tokens; longer runs of number words are no number

Atoms = tuple[str, ...]


def read_digits(text: str) -> int | float | None:
    """Value of a number in digits, or None when the whole text is not one.

    Thousands may be set apart by a dot, an apostrophe or a space of any width, in groups of three and always by the
    same sign; decimals come after a comma. A dot that no group of three follows is a decimal point (« 1.5 »), and a
    comma before nothing but zeros in threes sets thousands apart, as translated texts do (« 380,000 »).
    """
    return _simplify(_read_exact_digits(text))


def read_number_words(words: Sequence[str]) -> int | float | None:
    """Value of folded tokens that are, all together, one well-formed number; else None.

    Hyphens and spaces are worth the same (« vingt et un », « vingt-et-un »); digits may stand before a scale
    (« 1,5 million », « 23 mille »); halves follow or precede a large one (« un million et demi », « un demi-million »).
    """
    atoms = _split_atoms(words)
    if len(atoms) == 1 and atoms[0] in _ZEROS:
        return 0
    return _simplify(_read_half_scale(atoms) or _read_scaled(atoms))


def read_longest_number(words: Sequence[str], start: int = 0) -> tuple[int | float, int] | None:
    """Value and length in tokens of the longest number that begins at `words[start]`; None when none does."""
    window = words[start : start + _LONGEST_NUMBER]
    run = list(takewhile(lambda word: is_number_word(word) or _read_exact_digits(word) is not None, window))
    for length in range(len(run), 0, -1):
        value = read_number_words(run[:length])
        if value is not None:
            return value, length
    return None


def is_number_word(word: str) -> bool:
    """Whether a folded word, or every part of a hyphenated one, may belong to a number in words."""
    return word in NUMBER_WORDS or all(part in NUMBER_WORDS for part in _HYPHEN.split(word))


def magnitude_bounds(magnitude: int) -> tuple[int, int]:
    """Least and greatest value of a bare plural: « des dizaines » (10) → (20, 99), « des milliers » → (2000, 9999).

    At least two of them, and fewer than ten, for ten would have its own name. ValueError below 1.
    """
    if magnitude < 1:
        raise ValueError(f"a magnitude is at least 1, not {magnitude}")
    return 2 * magnitude, 10 * magnitude - 1


def _simplify(value: Fraction | None) -> int | float | None:
    if value is None:
        return None
    return value.numerator if value.denominator == 1 else float(value)


def _read_exact_digits(text: str) -> Fraction | None:
    """Fractions keep « 2,3 millions » from becoming 2299999.9999999995."""
    if grouped := _GROUPED.fullmatch(text):
        separator = grouped[1]
        # « 0.500 » is half of one: nobody writes zero thousands
        if separator and not text.startswith("0"):
            text = text.replace(separator, "")
        elif separator and separator != ".":
            return None
    if _COMMA_THOUSANDS.fullmatch(text):
        return Fraction(text.replace(",", ""))
    return Fraction(text.replace(",", ".")) if _PLAIN.fullmatch(text) else None


def _split_atoms(words: Sequence[str]) -> Atoms:
    return tuple(atom for word in words for atom in _HYPHEN.split(word))


def _below_hundred() -> dict[Atoms, int]:
    """Every spelling of 1 to 99, as atoms: 97 is both quatre-vingt-dix-sept and nonante-sept."""
    units: dict[Atoms, int] = {(word,): value for value, word in enumerate(_UNITS, 1)}
    teens: dict[Atoms, int] = {(word,): value for value, word in enumerate(_TEENS, 10)}
    teens |= {("dix", word): 10 + value for value, word in enumerate(_UNITS, 1) if value >= 7}
    table = units | teens
    for word, ten in (_TENS | _REGIONAL_TENS).items():
        table[(word,)] = ten
        table |= {(word, *unit): ten + value for unit, value in units.items() if value > 1}
        table[(word, "et", "un")] = ten + 1
    for word in ("huitante", "octante"):  # both « huitante et un » and « huitante-un » are in use
        table[(word, "un")] = 81
    table |= {("soixante", *teen): 60 + value for teen, value in teens.items() if value != 11}
    table[("soixante", "et", "onze")] = 71
    for eighty in (("quatre", "vingt"), ("quatre", "vingts")):
        table[eighty] = 80
        table |= {(*eighty, *atoms): 80 + value for atoms, value in (units | teens).items()}
        table[(*eighty, "et", "un")] = 81  # Belgian
    return table | {(*atoms[:-1], "une"): value for atoms, value in table.items() if atoms[-1] == "un"}


_BELOW_HUNDRED = _below_hundred()


def _take_below_hundred(atoms: Atoms, start: int) -> tuple[int, int]:
    """Value and end of the longest number below a hundred at `start`; (0, start) when there is none."""
    for end in range(min(start + _LONGEST_BELOW_HUNDRED, len(atoms)), start, -1):
        if value := _BELOW_HUNDRED.get(atoms[start:end]):
            return value, end
    return 0, start


def _take_below_thousand(atoms: Atoms, start: int) -> tuple[int, int]:
    """As above, with hundreds. « quinze cents » counts in hundreds too and gives up to 1999."""
    hundreds, end = _take_below_hundred(atoms, start)
    if atoms[end : end + 1] == ("cent",) and end == start:
        hundreds = 1
    elif not (atoms[end : end + 1] and atoms[end] in _HUNDREDS and (2 <= hundreds <= 9 or 11 <= hundreds <= 19)):
        return hundreds, end
    rest, end = _take_below_hundred(atoms, end + 1)
    return 100 * hundreds + rest, end


def _take_multiplier(atoms: Atoms, start: int) -> tuple[Fraction, int]:
    """The number that counts the scale after it, or stands last: in digits or in words; (0, start) when missing."""
    digits = _read_exact_digits(atoms[start])
    if digits is not None:
        return digits, start + 1
    value, end = _take_below_thousand(atoms, start)
    return Fraction(value), end


def _read_scaled(atoms: Atoms) -> Fraction | None:
    """Groups of multiplier and scale, each smaller than the scale before it: « un million deux cent mille trois »."""
    parts: list[tuple[Fraction, int]] = []  # value of the group, its scale
    place = 0
    while place < len(atoms):
        multiplier, end = _take_multiplier(atoms, place)
        scale_word = atoms[end] if end < len(atoms) else ""
        scale = _SCALES.get(scale_word, 1)
        if not _may_multiply(multiplier, scale_word, atoms[place:end]):
            return None
        if multiplier.denominator > 1 and (parts or end + 1 < len(atoms)):
            return None  # nothing smaller may follow « 1,5 million »
        parts.append(((multiplier if end > place else Fraction(1)) * scale, scale))
        place = end + (scale > 1)
        if scale in _NOUN_SCALES.values() and atoms[place:] in (("et", "demi"), ("et", "demie")):
            parts.append((Fraction(scale, 2), 1))
            place = len(atoms)
    return sum((value for value, _ in parts), Fraction(0)) if parts and _decreases(parts) else None


def _may_multiply(multiplier: Fraction, scale_word: str, counted_by: Atoms) -> bool:
    if not counted_by:
        return scale_word == "mille"
    in_digits = counted_by[0][0].isdigit()
    if scale_word not in _SCALES:
        return in_digits or multiplier > 0
    if scale_word == "mille":
        return 1 < multiplier < 1000
    # « 1 200 milliards » is usual in digits; « une million » is not French
    return 0 < multiplier < (10**6 if in_digits else 1000) and counted_by != ("une",)


def _decreases(parts: list[tuple[Fraction, int]]) -> bool:
    return all(0 < after[0] < before[1] for before, after in pairwise(parts))


def _read_half_scale(atoms: Atoms) -> Fraction | None:
    """« un demi-million »"""
    match atoms:
        case ("un", "demi", scale) | ("demi", scale) if scale in _NOUN_SCALES:
            return Fraction(_NOUN_SCALES[scale], 2)
    return None
