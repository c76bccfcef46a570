"""Numbers in digits and in French words: values, ill-formed numbers, and bounds of bare plurals."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.numerals import (
    NUMBER_WORDS,
    is_number_word,
    magnitude_bounds,
    read_digits,
    read_longest_number,
    read_number_words,
)

CASE_FILE = Path(__file__).parent / "cases" / "numbers.jsonl"
CASES = [json.loads(line) for line in CASE_FILE.read_text("utf-8").splitlines()]
LANGUAGES = ("fr", "fr_BE", "fr_CH")

DIGITS = {
    "14": 14,
    "0": 0,
    "05": 5,
    "2011": 2011,
    "330.000": 330000,
    "350 000": 350000,
    "350\u00a0000": 350000,
    "350\u202f000": 350000,
    "2 300 000": 2300000,
    "2.300.000": 2300000,
    "12'000": 12000,
    "1,5": 1.5,
    "0,25": 0.25,
    "1.5": 1.5,
    "380,000": 380000,
    "2,000,000": 2000000,
    "2,050": 2.05,
    "0,000": 0,
    "0.500": 0.5,
    "2,0": 2,
    "1.234.567,5": 1234567.5,
}

NO_DIGITS = (
    *("", " ", "27/02/2020", "14h30", "3.14.15", "70%", "-5", "21e", "M5", "10-15", "23 ", "1,2,3", "1.2345.678"),
    *("2.300 000", "2 30", "01 234", "0 500", "1,", ",5", "trois", "१२", "²", "1e5", "1_000", "1/2", "1 234 56"),
)

WORDS = {
    "zéro": 0,
    "zero": 0,
    "une": 1,
    "vingt et une": 21,
    "vingt-et-un": 21,
    "soixante et onze": 71,
    "soixante-dix-huit": 78,
    "quatre-vingts": 80,
    "quatre vingt": 80,
    "quatre-vingt-dix-sept": 97,
    "nonante-sept": 97,
    "octante-deux": 82,
    "huitante-un": 81,
    "cent-vingt-trois": 123,
    "deux cents": 200,
    "deux-cent-un": 201,
    "quinze cents": 1500,
    "dix-neuf cent quatorze": 1914,
    "mille": 1000,
    "mille deux cents": 1200,
    "cent mille": 100000,
    "vingt-et-un-mille": 21000,
    "quatre-vingt mille": 80000,
    "deux cent cinquante mille": 250000,
    "un million deux cent mille": 1200000,
    "trois millions": 3000000,
    "deux milliards": 2 * 10**9,
    "un billion": 10**12,
    "trois billiards": 3 * 10**15,
    "un trillion": 10**18,
    "un million et demi": 1500000,
    "deux milliards et demi": 2500000000,
    "un demi-million": 500000,
    "demi-milliard": 500000000,
    "23": 23,
    "23 mille": 23000,
    "1,5 million": 1500000,
    "2,3 millions": 2300000,
    "300 millions": 300000000,
    "1.200 milliards": 1200 * 10**9,
    "2 millions 300 mille": 2300000,
    "1 million et demi": 1500000,
}

ILL_FORMED = """
    et | demi | deux trois | trois et cinq | cent deux cents | cent cent | vingt cents | un cent | cents |
    mille million | mille millions | un mille | mille mille | deux milles | million | milliards | une million |
    vingt deux trois | vingt et deux | vingt un | vingt et | et un | dix un | vingt dix | six vingts | vingts |
    soixante onze | soixante et dix | trente onze | mille cent mille | un million deux millions | zéro un |
    vingt zéro | quinze cents mille | 12 13 | 5 0 | 1 million 0 | 23 vingt | 2 cents | 1,5 million deux cents |
    deux 1,5 | mille et demi | trois et demi | un demi mille | trois- | civils | trois-rivières
"""


def spellings(words: str) -> tuple[tuple[str, ...], ...]:
    """As given, with spaces only, and in the all-hyphen spelling of 1990."""
    spaced = words.replace("-", " ").split()
    return tuple(words.split()), tuple(spaced), ("-".join(spaced),)


@pytest.mark.parametrize(("text", "value"), DIGITS.items(), ids=ascii)
def test_digits_are_read(text: str, value: float) -> None:
    assert read_digits(text) == value


def test_whole_values_are_integers() -> None:
    assert [type(read_digits(text)) for text in ("14", "330.000", "2,0", "1,5")] == [int, int, int, float]
    assert isinstance(read_number_words(("1,5", "million")), int)


@pytest.mark.parametrize("text", NO_DIGITS, ids=ascii)
def test_what_is_no_number_in_digits_has_no_value(text: str) -> None:
    assert read_digits(text) is None


@pytest.mark.parametrize(("words", "value"), WORDS.items())
def test_number_words_are_read(words: str, value: float) -> None:
    assert read_number_words(words.split()) == value


@pytest.mark.parametrize("words", [words.strip() for words in ILL_FORMED.split("|")] + [""])
def test_ill_formed_numbers_have_no_value(words: str) -> None:
    assert read_number_words(words.split()) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_spelling_of_an_integer_gives_it_back(language: str) -> None:
    num2words = pytest.importorskip("num2words").num2words
    chosen = random.Random(7)
    numbers = [*range(2101), *range(0, 10**6, 97), *(int(10 ** chosen.uniform(0, 12)) for _ in range(3000))]
    wrong = [
        (number, words)
        for number in numbers
        for words in spellings(num2words(number, lang=language))
        if read_number_words(words) != number or not all(is_number_word(word) for word in words)
    ]
    assert not wrong


@given(st.lists(st.sampled_from(sorted(NUMBER_WORDS)), max_size=8))
def test_any_run_of_number_words_is_a_number_or_none(words: list[str]) -> None:
    value = read_number_words(words)
    assert value is None or value >= 0
    longest = read_longest_number(words)
    if longest:
        assert read_number_words(words[: longest[1]]) == longest[0]
    assert value is None or longest == (value, len(words))


@pytest.mark.parametrize(
    ("words", "start", "found"),
    [
        ("vingt et un civils", 0, (21, 3)),
        ("trois et cinq morts", 0, (3, 1)),
        ("deux trois", 0, (2, 1)),
        ("entre cent et deux cents", 1, (100, 1)),
        ("plus de 1,5 million de personnes", 2, (1500000, 2)),
        ("et deux", 0, None),
        ("les civils", 0, None),
        ("les civils", 2, None),
    ],
)
def test_the_longest_number_from_a_token_is_found(words: str, start: int, found: tuple[int, int] | None) -> None:
    assert read_longest_number(words.split(), start) == found


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["kind"] in ("digits", "words", "mixed")], ids=lambda case: case["id"]
)
def test_numbers_of_a_sentence_are_among_its_longest_numbers(case: dict[str, Any]) -> None:
    """A plain walk: tokens cut at spaces, « un » kept whatever it means, « camps » and the like left to the rules."""
    text = case["text"].lower().replace("’", " ").replace("'", " ").replace(",", " ,").replace(" ,5", ",5")
    words = text.replace(" ,3", ",3").replace("350 000", "350\u00a0000").split(" ")
    found, place = [], 0
    while place < len(words):
        number = read_longest_number(words, place)
        found += [number[0]] if number else []
        place += number[1] if number else 1
    assert set(case["values"]) <= set(found)


@pytest.mark.parametrize(
    "word", ["vingt", "cents", "milliards", "quatre-vingt-dix-sept", "vingt-et-un-mille", "demi-million"]
)
def test_number_words_are_known(word: str) -> None:
    assert is_number_word(word)


@pytest.mark.parametrize("word", ["", "-", "civils", "trois-rivières", "su-24", "milliers", "vingt-", "troisième"])
def test_other_words_are_no_number_words(word: str) -> None:
    assert not is_number_word(word)


@pytest.mark.parametrize(
    ("magnitude", "bounds"),
    [
        (10, (20, 99)),
        (100, (200, 999)),
        (1000, (2000, 9999)),
        (10000, (20000, 99999)),
        (100000, (200000, 999999)),
        (10**6, (2000000, 9999999)),
    ],
)
def test_bare_plurals_have_bounds(magnitude: int, bounds: tuple[int, int]) -> None:
    assert magnitude_bounds(magnitude) == bounds


def test_a_magnitude_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        magnitude_bounds(0)
