"""Numbers in sentences: what the rules find, with bounds, qualifier and kind.

In a case the numbers stand in square brackets, in order; the articles « un » and « une » are left out on both sides
unless a case marks them. A meaning is written `23` (exact: value and both bounds), `23..` (value, at least), `..23`
(value, at most), `~700` (value alone), `10-15` (bounds alone), `2..?` (several) or `many`; a kind that is no count of
things follows after a colon, `8:age`.
"""

import json
import random
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from num2words import num2words

from extractor.engine import Extractor

ROOT = Path(__file__).parent.parent
RULE_FILES = ("lexicon/numbers.yaml", "lexicon/calendar.yaml", "mentions/number.yaml")
CASE_FILE = Path(__file__).parent / "cases" / "numbers.jsonl"
GIVEN_CASES = [json.loads(line) for line in CASE_FILE.read_text("utf-8").splitlines()]
#: Kinds whose figures are part of a date, a name or a result; the case file counts none of them.
UNCOUNTED_KINDS = ("date", "clock", "label", "score")
PRIME_STEP = 997
RANDOM_NUMBERS = 600

COUNTS = [
    ("[Douze] soldats sont tombés.", "12"),
    ("[Vingt et un] soldats sont tombés.", "21"),
    ("[Soixante et onze] soldats sont tombés.", "71"),
    ("[Quatre-vingts] soldats sont tombés.", "80"),
    ("[Quatre-vingt-onze] soldats sont tombés.", "91"),
    ("[Septante-deux] soldats sont tombés.", "72"),
    ("[Cent vingt et un] soldats sont tombés.", "121"),
    ("[Cinq cents] soldats sont tombés.", "500"),
    ("[Mille] soldats sont tombés.", "1000"),
    ("[Onze mille] soldats sont tombés.", "11000"),
    ("[Trois mille cinq cents] soldats sont tombés.", "3500"),
    ("[2000] soldats sont tombés.", "2000"),
    ("[2 000] soldats sont tombés.", "2000"),
    ("[2\u00a0000] soldats sont tombés.", "2000"),
    ("[2\u202f000] soldats sont tombés.", "2000"),
    ("[2.000] soldats sont tombés.", "2000"),
    ("[2'000] soldats sont tombés.", "2000"),
    ("[2000] Palestiniens sont tombés.", "2000"),
    ("[SEPT] SOLDATS SONT TOMBÉS", "7"),
    ("[Deux] soldats et [trois] civils sont tombés.", "2 3"),
    ("[Quinze] soldats, dont [trois] officiers, sont tombés.", "15 3"),
    ("Ils étaient [23 au total].", "23"),
    ("Le bilan ([23] morts) est provisoire.", "23"),
    ("[Un million] de personnes ont fui.", "1000000"),
    ("[Un million et demi] de personnes ont fui.", "1500000"),
    ("[Un demi-million] de personnes ont fui.", "500000"),
    ("[1,2 million] de personnes ont fui.", "1200000"),
    ("[23 mille] personnes ont fui.", "23000"),
    ("Portant à [20] le nombre de soldats tués, l'assaut a cessé.", "20"),
]

BOUNDS = [
    ("[Au moins 23] corps ont été retrouvés.", "23.."),
    ("[Pas moins de 23] corps ont été retrouvés.", "23.."),
    ("[Plus de 23] corps ont été retrouvés.", "23.."),
    ("[Un peu plus de 23] corps ont été retrouvés.", "23.."),
    ("[Au minimum 23] corps ont été retrouvés.", "23.."),
    ("On a retrouvé [23 au moins].", "23.."),
    ("On a retrouvé [23] corps au moins.", "23.."),
    ("On a retrouvé [une trentaine] de corps au moins.", "30.."),
    ("[Plus d'une centaine] de corps ont été retrouvés.", "100.."),
    ("[Plus d'un demi-million] de personnes ont fui.", "500000.."),
    ("[Moins de 23] corps ont été retrouvés.", "..23"),
    ("[Pas plus de 23] corps ont été retrouvés.", "..23"),
    ("[Jusqu'à 23] corps ont été retrouvés.", "..23"),
    ("[Tout au plus 23] corps ont été retrouvés.", "..23"),
    ("On a retrouvé [23 au maximum].", "..23"),
    ("[Près de 23] corps ont été retrouvés.", "..23"),
    ("[Presque 23] corps ont été retrouvés.", "..23"),
    ("[Près d'un millier] de corps ont été retrouvés.", "..1000"),
    ("[Environ 700] corps ont été retrouvés.", "~700"),
    ("[Quelque 700] corps ont été retrouvés.", "~700"),
    ("[À peu près 700] corps ont été retrouvés.", "~700"),
    ("On a retrouvé [700 environ].", "~700"),
    ("[Une dizaine] de corps ont été retrouvés.", "~10"),
    ("[Une bonne vingtaine] de corps ont été retrouvés.", "~20"),
    ("[Une centaine] de corps ont été retrouvés.", "~100"),
    ("[Deux douzaines] de corps ont été retrouvés.", "~24"),
    ("[Une demi-douzaine] de corps ont été retrouvés.", "~6"),
    ("[Une vingtaine de milliers] de personnes ont fui.", "~20000"),
    ("[Entre dix et quinze] corps ont été retrouvés.", "10-15"),
    ("[Dix à quinze] corps ont été retrouvés.", "10-15"),
    ("Le camp compte de [10 à 15] tentes.", "10-15"),
    ("[10-15] corps ont été retrouvés.", "10-15"),
    ("[Deux ou trois] corps ont été retrouvés.", "2-3"),
    ("[Un ou deux] corps ont été retrouvés.", "1-2"),
    ("[Entre 1 et 2 millions] de personnes ont fui.", "1000000-2000000"),
    ("[Trois à quatre cents] personnes ont fui.", "300-400"),
    ("[15 à 20 000] personnes ont fui.", "15000-20000"),
    ("[800 000 à 1 million] de personnes ont fui.", "800000-1000000"),
    ("Le bilan est passé de [12] à [15] morts.", "12 15"),
    ("[Des dizaines] de corps ont été retrouvés.", "20-99"),
    ("[Des centaines] de corps ont été retrouvés.", "200-999"),
    ("[Plusieurs milliers] de personnes ont fui.", "2000-9999"),
    ("[Des dizaines de milliers] de personnes ont fui.", "20000-99999"),
    ("[Quelques centaines de milliers] de personnes ont fui.", "200000-999999"),
    ("[Des millions] de personnes ont fui.", "2000000-9999999"),
    ("Une fosse de [centaines] de corps a été ouverte.", "200-999"),
    ("[Plusieurs] corps ont été retrouvés.", "2..?"),
    ("[Quelques] corps ont été retrouvés.", "2..?"),
    ("[Une poignée] de soldats tiennent le pont.", "2..?"),
    ("[De nombreux] corps ont été retrouvés.", "many"),
    ("[Beaucoup] de soldats ont fui.", "many"),
    ("[Un grand nombre] de soldats ont fui.", "many"),
    ("[Un nombre indéterminé] de soldats ont fui.", "many"),
    ("[Nombre] de soldats ont fui.", "many"),
    ("[Aucun] soldat n'a fui.", "0"),
    ("[Pas un] soldat n'a fui.", "0"),
    ("[Zéro] soldat n'a fui.", "0"),
    ("On ne compte [ni] mort [ni] blessé.", "0 0"),
]

KINDS = [
    ("[70]% des tentes ont brûlé.", "70:percent"),
    ("[Soixante-dix] pour cent des tentes ont brûlé.", "70:percent"),
    ("[Entre 60 et 70] % des tentes ont brûlé.", "60-70:percent"),
    ("[Plus de la moitié] des tentes ont brûlé.", "0.5..:share"),
    ("[Un quart] des tentes ont brûlé.", "0.25:share"),
    ("[Trois quarts] des tentes ont brûlé.", "0.75:share"),
    ("Une fillette de [8] ans joue.", "8:age"),
    ("Deux frères de [8] et [10] ans jouent.", "2 8:age 10:age"),
    ("Trois sœurs âgées de [6], [8] et [11] ans jouent.", "3 6:age 8:age 11:age"),
    ("Ahmed, [34] ans, joue.", "34:age"),
    ("Un voisin âgé d'[une trentaine] d'années joue.", "~30:age"),
    ("La ville brûle depuis [sept] ans.", "7:duration"),
    ("La ville brûle depuis [plusieurs] semaines.", "2..?:duration"),
    ("La guerre éclate en [2011].", "2011:year"),
    ("La guerre ([2011-2018]) a vidé la ville.", "2011-2018:year"),
    ("La trêve date du [8] février.", "8:date"),
    ("Ils se voient les [8] et [9] mars.", "8:date 9:date"),
    ("Ils se voient lundi [24].", "24:date"),
    ("Le convoi part à [14] heures.", "14:clock"),
    ("La résolution [2254] tient.", "2254:label"),
    ("Le numéro [deux] du groupe parle.", "2:label"),
    ("Le pont a été visé [trois] fois.", "3:times"),
    ("Le village est à [15] kilomètres.", "15:measure"),
    ("La rançon est de [3 millions] de dollars.", "3000000:measure"),
    ("[Deux] écoles sur [dix] sont ouvertes.", "2:ratio 10:ratio"),
    ("L'équipe a gagné [3-0].", "3:score"),
]

SILENT = [
    "Le 3e régiment et la 82e division avancent.",
    "L'autoroute M5 et le vol MH17 font la une.",
    "Les S-300, les Su-24 et les BM-21 tirent.",
    "L'un des chefs parle, l'autre se tait.",
    "Le premier est parti, le troisième aussi.",
    "Trois-Rivières est loin de Saint-Malo.",
    "Ils tombent par centaines.",
    "Le nombre des victimes monte.",
    "À 14h30, tout brûlait.",
    "Quoi de neuf ?",
    "Le G5 Sahel et le G7 se voient le 27/02/2020.",
]


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> Extractor:
    """The engine with the number rules alone."""
    folder = tmp_path_factory.mktemp("rules")
    for name in RULE_FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "rules" / name, folder / name)
    return Extractor.load(folder)


def find_numbers(extractor: Extractor, text: str) -> list[tuple[str, dict[str, Any]]]:
    """The numbers of a text with their fields, in reading order."""
    analysis, _ = extractor.analyse_events(text)
    found = []
    for view in analysis.views:
        for _, mentions in sorted(view.state.mentions.get("Number", {}).items()):
            for mention in mentions:
                start, end = view.text_span(mention.start, mention.end)
                found.append((analysis.document.text[start:end], mention.values))
    return found


def describe(fields: dict[str, Any]) -> str:
    """The fields of a number as the cases of this file write them."""
    value, low, high = fields.get("value"), fields.get("min"), fields.get("max")
    kind = f":{fields['kind']}" if "kind" in fields else ""
    if value is None:
        bounds = "many" if low is None else f"{low}..?" if high is None else f"{low}-{high}"
        return bounds + kind
    if low == high:
        return ("~" if fields.get("qualifier") == "about" else "") + f"{value}{kind}"
    return (f"{value}.." if high is None else f"..{value}") + kind


def list_values(numbers: Iterable[dict[str, Any]]) -> list[float]:
    """Values as the case file lists them: a range gives both its ends, « des dizaines » is ten of what it names."""
    values: list[float] = []
    for fields in numbers:
        if fields.get("kind") in UNCOUNTED_KINDS:
            continue
        if "value" in fields:
            values.append(fields["value"])
        elif fields["qualifier"] == "between":
            values += [fields["min"], fields["max"]]
        elif "max" in fields:
            values.append(fields["min"] // 2)
    return values


@pytest.mark.parametrize("case", GIVEN_CASES, ids=[case["id"] for case in GIVEN_CASES])
def test_given_case_has_its_values(extractor: Extractor, case: dict[str, Any]) -> None:
    """The case file counts « un soldat » and not « une manifestation »: articles may be in or out."""
    numbers = [fields for _, fields in find_numbers(extractor, case["text"])]
    without_articles = [fields for fields in numbers if "article" not in fields]
    assert case["values"] in (list_values(numbers), list_values(without_articles))


@pytest.mark.parametrize("marked, meanings", [*COUNTS, *BOUNDS, *KINDS])
def test_number_has_its_span_and_fields(extractor: Extractor, marked: str, meanings: str) -> None:
    numbers = find_numbers(extractor, re.sub(r"[\[\]]", "", marked))
    counted = [(words, fields) for words, fields in numbers if "article" not in fields]
    marks = re.findall(r"\[(.+?)\]", marked)
    assert [describe(fields) for _, fields in counted] == meanings.split()
    assert [words for words, _ in counted if words in marks] == marks


@pytest.mark.parametrize("text", SILENT)
def test_false_friend_is_no_number(extractor: Extractor, text: str) -> None:
    assert [words for words, fields in find_numbers(extractor, text) if "article" not in fields] == []


def test_article_is_a_number_that_says_so(extractor: Extractor) -> None:
    numbers = find_numbers(extractor, "Un soldat et une infirmière sont portés disparus.")
    said = [(words, fields["value"], fields["article"]) for words, fields in numbers]
    assert said == [("Un", 1, "yes"), ("une", 1, "yes")]


@pytest.mark.parametrize("qualifier, text", [
    ("at_least", "au moins 23 morts"), ("more_than", "plus de 23 morts"), ("less_than", "moins de 23 morts"),
    ("up_to", "jusqu'à 23 morts"), ("nearly", "près de 23 morts"), ("about", "environ 23 morts"), ("exact", "23 morts"),
    ("between", "de 20 à 23 morts"), ("several", "plusieurs morts"), ("tens", "des dizaines de morts"),
    ("hundreds", "des centaines de morts"), ("thousands", "des dizaines de milliers de morts"),
    ("many", "de nombreux morts"), ("none", "aucun mort"),
])  # fmt: skip
def test_every_qualifier_is_named(extractor: Extractor, qualifier: str, text: str) -> None:
    assert [fields["qualifier"] for _, fields in find_numbers(extractor, text)] == [qualifier]


@pytest.mark.parametrize("language", ["fr", "fr_BE", "fr_CH"])
def test_number_in_words_is_read_whole(extractor: Extractor, language: str) -> None:
    """Every integer to a million by a prime step, and random ones to a million millions."""
    chance = random.Random(7)
    large = [chance.randrange(2, 10 ** chance.randint(3, 12)) for _ in range(RANDOM_NUMBERS)]
    wrong = []
    for number in [*range(2, 10**6, PRIME_STEP), *large]:
        words = num2words(number, lang=language)
        found = [(span, fields.get("value")) for span, fields in find_numbers(extractor, f"{words} civils ont fui.")]
        if found != [(words, number)]:
            wrong.append((number, words, found))
    assert wrong == []
