"""Time expressions in sentences: what the rules find, and what it comes to on the calendar.

A case is a sentence with its time expressions in square brackets, and what each of them means. Unless a case says
otherwise, the document dates from Friday 28 February 2020. Meanings are written `2020-02-27` (a day),
`2020-02-01..2020-02-29` (both ends included), `since 2019-12-01..2019-12-31` (where the start lies), `until 2020-03-05`
(its end), `lasts 3 month`, `each week`, `vague` and `vague since`.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from extractor.dates import TimeValue
from extractor.engine import Extractor
from extractor.record import RecordMaker

ROOT = Path(__file__).parent.parent
RULE_FILES = ("lexicon/numbers.yaml", "lexicon/calendar.yaml", "mentions/number.yaml", "mentions/time.yaml")
CASE_FILE = Path(__file__).parent / "cases" / "dates.jsonl"
GIVEN_CASES = [json.loads(line) for line in CASE_FILE.read_text("utf-8").splitlines()]
FRIDAY = "2020-02-28"
UNIT_LETTERS = {"hour": "H", "day": "D", "week": "W", "month": "M", "year": "Y"}

DAYS = [
    ("Une bombe a explosé [hier].", "2020-02-27"),
    ("Une bombe a explosé [hier soir].", "2020-02-27"),
    ("Une bombe a explosé [avant-hier matin].", "2020-02-26"),
    ("Le conseil se réunit [demain].", "2020-02-29"),
    ("Le conseil se réunit [après-demain].", "2020-03-01"),
    ("[Aujourd'hui], les rues sont vides.", "2020-02-28"),
    ("[Vendredi], les rues étaient vides.", "2020-02-28"),
    ("[Samedi], les rues étaient vides.", "2020-02-22"),
    ("Le camp a été visé [jeudi soir].", "2020-02-27"),
    ("Le camp a été visé [ce mercredi].", "2020-02-26"),
    ("Le camp a été visé [mardi à l'aube].", "2020-02-25"),
    ("Le camp a été visé [dimanche à minuit].", "2020-02-23"),
    ("Le camp a été visé [lundi après-midi].", "2020-02-24"),
    ("Le camp a été visé [lundi en fin de journée].", "2020-02-24"),
    ("Le camp a été visé [mercredi dans la soirée].", "2020-02-26"),
    ("Le camp a été visé [jeudi vers 14h30].", "2020-02-27"),
    ("Le camp a été visé [jeudi à 5 heures du matin].", "2020-02-27"),
    ("Le camp a été visé [vendredi dernier].", "2020-02-21"),
    ("Les pourparlers reprendront [mardi prochain].", "2020-03-03"),
    ("Les pourparlers doivent reprendre [mardi].", "2020-03-03"),
    ("Le sommet prévu [lundi] est annulé.", "2020-03-02"),
    ("Le pont a sauté [le 8 février].", "2020-02-08"),
    ("Le pont a sauté [le 8 mars].", "2020-03-08"),
    ("Le pont a sauté [le 8 avril].", "2019-04-08"),
    ("Le pont a sauté [le huit avril].", "2019-04-08"),
    ("Le pont a sauté [le 1er janvier].", "2020-01-01"),
    ("Le pont a sauté [le premier janvier 2018].", "2018-01-01"),
    ("Le pont a sauté [le lundi 24 février].", "2020-02-24"),
    ("Le pont a sauté [mercredi 12 février 2020].", "2020-02-12"),
    ("Le pont a sauté [mercredi 12 février 2020 au matin].", "2020-02-12"),
    ("Le pont a sauté [mardi 25].", "2020-02-25"),
    ("Le pont a sauté [le 12/09/2019].", "2019-09-12"),
    ("Le pont a sauté [le 12/09/19].", "2019-09-12"),
    ("Le pont a sauté [le 12.09.2019].", "2019-09-12"),
    ("Le pont a sauté [le 2019-09-12].", "2019-09-12"),
    ("L'assaut du [15 août] a échoué.", "2019-08-15"),
    ("L'assaut du [15 août dernier] a échoué.", "2019-08-15"),
    ("Elle est morte [vers 5h du matin le 3 janvier 2020].", "2020-01-03"),
    ("Les attentats du [11-Septembre] hantent la ville.", "2001-09-11"),
    ("[Ce matin], deux obus sont tombés.", "2020-02-28"),
    ("Deux obus sont tombés [dans la matinée].", "2020-02-28"),
    ("Deux obus sont tombés [à l'aube].", "2020-02-28"),
    ("Deux obus sont tombés [dès l'aube].", "2020-02-28"),
    ("Deux obus sont tombés [au petit matin].", "2020-02-28"),
    ("Deux obus sont tombés [en début de soirée].", "2020-02-28"),
    ("Deux obus sont tombés [à 14h30].", "2020-02-28"),
    ("Deux obus sont tombés [vers 14 heures].", "2020-02-28"),
    ("Deux obus sont tombés [à 7 heures du matin].", "2020-02-28"),
    ("Deux obus sont tombés [vers 13H30 (12H30 GMT)].", "2020-02-28"),
    ("Il est mort [il y a deux jours].", "2020-02-26"),
    ("Il est mort [il y a une dizaine de jours].", "2020-02-18"),
    ("La trêve finira [dans trois jours].", "2020-03-02"),
    ("Il est mort [dans la journée de mardi].", "2020-02-25"),
    ("Il est mort [au matin du 5 février].", "2020-02-05"),
    ("Il est mort [à l'aube du 5 février].", "2020-02-05"),
    ("Il est mort [le soir de Noël].", "2019-12-25"),
    ("Il est mort [à Noël].", "2019-12-25"),
    ("Il est mort [le lundi de Pâques 2019].", "2019-04-22"),
]

INTERVALS = [
    ("Il est mort [dans la nuit de mardi à mercredi].", "2020-02-25..2020-02-26"),
    ("Il est mort [pendant la nuit du 4 au 5 février].", "2020-02-04..2020-02-05"),
    ("Il est mort [cette nuit].", "2020-02-27..2020-02-28"),
    ("Il est mort [la nuit dernière].", "2020-02-27..2020-02-28"),
    ("Les combats ont duré [de lundi à mercredi].", "2020-02-24..2020-02-26"),
    ("Les combats ont repris [samedi et dimanche].", "2020-02-22..2020-02-23"),
    ("Les combats ont repris [entre lundi et mercredi].", "2020-02-24..2020-02-26"),
    ("La route a été coupée [du 3 au 5 février].", "2020-02-03..2020-02-05"),
    ("La route a été coupée [du 28 décembre au 3 janvier].", "2019-12-28..2020-01-03"),
    ("La route a été coupée [entre le 3 et le 5 février 2019].", "2019-02-03..2019-02-05"),
    ("La route a été coupée [les 8 et 9 janvier].", "2020-01-08..2020-01-09"),
    ("La route a été coupée [lundi 20, mardi 21 et mercredi 22 janvier].", "2020-01-20..2020-01-22"),
    ("La route a été coupée [le 3, le 4 et le 7 janvier].", "2020-01-03..2020-01-07"),
    ("Le siège a commencé [en mars 2013].", "2013-03-01..2013-03-31"),
    ("Le siège a commencé [en décembre].", "2019-12-01..2019-12-31"),
    ("Le siège a commencé [au mois de décembre].", "2019-12-01..2019-12-31"),
    ("Le siège a commencé [en avril dernier].", "2019-04-01..2019-04-30"),
    ("Le sommet se tiendra [en avril].", "2020-04-01..2020-04-30"),
    ("Le sommet se tiendra [en avril prochain].", "2020-04-01..2020-04-30"),
    ("Le siège a commencé [début décembre].", "2019-12-01..2019-12-10"),
    ("Le siège a commencé [à la mi-décembre].", "2019-12-08..2019-12-22"),
    ("Le siège a commencé [fin décembre].", "2019-12-20..2019-12-31"),
    ("Le siège a commencé [fin décembre 2016].", "2016-12-20..2016-12-31"),
    ("Le siège a commencé [à la fin du mois de décembre].", "2019-12-20..2019-12-31"),
    ("Le siège a commencé [à la fin de l'été 2018].", "2018-09-01..2018-09-30"),
    ("Le siège a commencé [à l'été 2018].", "2018-06-01..2018-09-30"),
    ("Le siège a commencé [l'hiver dernier].", "2018-12-01..2019-03-31"),
    ("Le siège a commencé [au printemps].", "2019-03-01..2019-06-30"),
    ("[Cet hiver], le col est fermé.", "2019-12-01..2020-03-31"),
    ("Le siège a commencé [en 2018].", "2018-01-01..2018-12-31"),
    ("Le siège a commencé [fin 2018].", "2018-09-01..2018-12-31"),
    ("Le siège a commencé [à la mi-2018].", "2018-05-01..2018-08-31"),
    ("La guerre de [2006] a duré un mois.", ("2006-01-01..2006-12-31", "lasts 1 month")),
    ("La guerre ([2011-2018]) a vidé la ville.", "2011-01-01..2018-12-31"),
    ("[De 2011 à 2018], la ville s'est vidée.", "2011-01-01..2018-12-31"),
    ("[Entre 2011 et 2018], la ville s'est vidée.", "2011-01-01..2018-12-31"),
    ("[Entre mars 2011 et juin 2013], la ville s'est vidée.", "2011-03-01..2013-06-30"),
    ("[De janvier à mars 2019], la ville s'est vidée.", "2019-01-01..2019-03-31"),
    ("[En mars et avril 2011], la ville a manifesté.", "2011-03-01..2011-04-30"),
    ("[L'an dernier], la ville a manifesté.", "2019-01-01..2019-12-31"),
    ("[L'année dernière], la ville a manifesté.", "2019-01-01..2019-12-31"),
    ("[Cette année], la ville a manifesté.", "2020-01-01..2020-12-31"),
    ("[L'an prochain], la ville votera.", "2021-01-01..2021-12-31"),
    ("[Au début de l'année], la ville a manifesté.", "2020-01-01..2020-04-30"),
    ("[La semaine dernière], la ville a manifesté.", "2020-02-17..2020-02-23"),
    ("[La semaine passée], la ville a manifesté.", "2020-02-17..2020-02-23"),
    ("[Cette semaine], la ville a manifesté.", "2020-02-24..2020-03-01"),
    ("[Le mois dernier], la ville a manifesté.", "2020-01-01..2020-01-31"),
    ("[Ce mois-ci], la ville a manifesté.", "2020-02-01..2020-02-29"),
    ("La ville a manifesté [au cours du week-end].", "2020-02-22..2020-02-23"),
    ("La ville a manifesté [le week-end dernier].", "2020-02-22..2020-02-23"),
    ("Le pont date des [années 1990].", "1990-01-01..1999-12-31"),
    ("Le groupe est né [au début des années 2000].", "2000-01-01..2002-12-31"),
    ("L'ONU a compté 300 tués [au premier trimestre 2019].", "2019-01-01..2019-03-31"),
    ("La ville votera [au second semestre 2020].", "2020-07-01..2020-12-31"),
    ("Ils ont pris dix villages [ces trois derniers jours].", "2020-02-25..2020-02-28"),
    ("Ils ont pris dix villages [au cours des deux dernières semaines].", "2020-02-14..2020-02-28"),
    ("La guerre a commencé [il y a neuf ans].", "2011-01-01..2011-12-31"),
    ("La guerre a commencé [il y a plus de six mois].", "2019-08-01..2019-08-31"),
    ("La guerre a commencé [il y a un an et demi].", "2018-08-01..2018-08-31"),
    ("Des tirs ont été entendus [entre 10h et 11h30].", "2020-02-28..2020-02-28"),
]

OPEN_ENDED = [
    ("[Depuis lundi], les familles fuient.", "since 2020-02-24..2020-02-24"),
    ("[Depuis le 8 février], les familles fuient.", "since 2020-02-08..2020-02-08"),
    ("[Depuis décembre], les familles fuient.", "since 2019-12-01..2019-12-31"),
    ("[Depuis décembre dernier], les familles fuient.", "since 2019-12-01..2019-12-31"),
    ("[Depuis le mois de décembre], les familles fuient.", "since 2019-12-01..2019-12-31"),
    ("[Depuis la mi-décembre], les familles fuient.", "since 2019-12-08..2019-12-22"),
    ("[Depuis fin 2018], les familles fuient.", "since 2018-09-01..2018-12-31"),
    ("[Depuis 2015], les familles fuient.", "since 2015-01-01..2015-12-31"),
    ("[Depuis le début de l'année], les familles fuient.", "since 2020-01-01..2020-04-30"),
    ("[Depuis hier], les familles fuient.", "since 2020-02-27..2020-02-27"),
    ("[Depuis l'aube], les familles fuient.", "since 2020-02-28..2020-02-28"),
    ("[Depuis trois jours], les familles fuient.", "since 2020-02-25..2020-02-25"),
    ("[Depuis plus de quatre mois], les familles fuient.", "since 2019-10-01..2019-10-31"),
    ("[Depuis maintenant neuf ans], les familles fuient.", "since 2011-01-01..2011-12-31"),
    ("[Depuis une semaine], les familles fuient.", "since 2020-02-21..2020-02-21"),
    ("[Depuis plusieurs mois], les familles fuient.", "vague since"),
    ("[Depuis des années], les familles fuient.", "vague since"),
    ("[Depuis longtemps], les familles fuient.", "vague since"),
    ("[Depuis lors], les familles fuient.", "vague since"),
    ("[Depuis le début du conflit], les familles fuient.", "vague since"),
    ("[Depuis le déclenchement de l'offensive], les familles fuient.", "vague since"),
    ("La trêve tiendra [jusqu'à dimanche].", "until 2020-03-01"),
    ("La trêve a tenu [jusqu'au 8 février].", "until 2020-02-08"),
    ("La trêve a tenu [jusqu'en 2018].", "until 2018-12-31"),
    ("[À ce jour], on compte dix morts.", "until 2020-02-28"),
    ("[Jusqu'à présent], on compte dix morts.", "until 2020-02-28"),
    ("Le camp fermera [d'ici trois semaines].", "until 2020-03-20"),
]

LENGTHS = [
    ("Dix civils sont morts [en un mois].", "lasts 1 month"),
    ("Dix civils sont morts [en 24 heures].", "lasts 24 hour"),
    ("Dix civils sont morts [en 48h].", "lasts 48 hour"),
    ("Dix civils sont morts [en une seule journée].", "lasts 1 day"),
    ("Dix civils sont morts [en seulement trois mois].", "lasts 3 month"),
    ("Dix civils sont morts [en moins de deux semaines].", "lasts 2 week"),
    ("Dix civils sont morts [en neuf ans de guerre].", "lasts 9 year"),
    ("Ils ont résisté [pendant trois jours].", "lasts 3 day"),
    ("Ils ont résisté [durant un an et demi].", "lasts 1.5 year"),
    ("Ils ont résisté [pendant plusieurs heures].", "lasts hour"),
    ("Ils ont résisté [pendant une demi-heure].", "lasts 0.5 hour"),
    ("[Après trois jours de combats], ils se sont rendus.", "lasts 3 day"),
    ("[Au bout de six semaines], ils se sont rendus.", "lasts 6 week"),
    ("[En l'espace de deux jours], ils ont tout perdu.", "lasts 2 day"),
    ("Le siège a duré [quatre mois].", "lasts 4 month"),
    ("Ils ont tiré [toute la nuit].", "lasts part"),
    ("La sirène sonne [chaque jour].", "each day"),
    ("Ils manifestent [tous les vendredis].", "each"),
    ("Les raids redoublent [ces derniers jours].", "vague"),
    ("Les raids ont redoublé [au cours des derniers mois].", "vague"),
    ("[Ces dernières années], la ville a grandi.", "vague"),
    ("[Ces derniers temps], la ville est calme.", "vague"),
    ("Il est mort [il y a quelques jours].", "vague"),
    ("Il est mort [récemment].", "vague"),
    ("Il est mort [trois jours après l'attaque].", "vague"),
    ("[À la veille du scrutin], la ville est calme.", "vague"),
]

CHAINED = [
    ("Le 3 janvier, la ville est tombée. [Le lendemain], tout brûlait.", "2020-01-04"),
    ("Le 3 janvier, la ville est tombée. [La veille], le maire avait fui.", "2020-01-02"),
    ("Le 3 janvier, la ville est tombée. [Le même jour], le maire a fui.", "2020-01-03"),
    ("Le 3 janvier, la ville est tombée. [Ce jour-là], le maire a fui.", "2020-01-03"),
    ("Le 3 janvier, la ville est tombée. [Deux jours plus tard], le maire a fui.", "2020-01-05"),
    ("Le 3 janvier, la ville est tombée. [Deux jours plus tôt], le maire avait fui.", "2020-01-01"),
    ("Le 3 janvier, la ville est tombée. [La semaine suivante], le maire a fui.", "2020-01-06..2020-01-12"),
]

SILENT = [
    "Sept civils et neuf soldats ont été tués.",
    "Deux écoles ont été visées.",
    "Elle avait été blessée près du front.",
    "Un garçon de huit ans et sa mère, 34 ans, ont péri.",
    "Il risque une peine de vingt ans de prison.",
    "Les soldats ont repris 2000 maisons.",
    "La sonde s'est posée sur Mars.",
    "Il a acheté un sapin au marché de Noël.",
    "Ces derniers ont refusé de parler.",
    "Les trois derniers otages sont libres.",
    "Le poste est à deux heures de route.",
    "La route M5 et le vol MH17 font la une.",
    "Ils ont été dix à passer le pont.",
    "Un homme est mort sur le coup.",
    "L'accord entre la ville et l'armée tient.",
    "Le convoi va de Damas à Homs.",
    "Il lit le Journal du Dimanche.",
    "Le bilan est passé de 10 à 15 morts.",
    "Au moins 19 personnes sont portées disparues.",
    "Un Su-24 a décollé de la base.",
]


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> Extractor:
    """The engine with the number and time rules alone."""
    folder = tmp_path_factory.mktemp("rules")
    for name in RULE_FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "rules" / name, folder / name)
    return Extractor.load(folder)


def find_times(extractor: Extractor, text: str, date: str | None) -> list[tuple[str, TimeValue]]:
    """The time expressions of a text with their values, in reading order."""
    analysis, _ = extractor.analyse_events(text, date)
    values = RecordMaker(analysis).times
    found = []
    for view in analysis.views:
        for _, mentions in sorted(view.state.mentions.get("Time", {}).items()):
            for mention in mentions:
                start, end = view.text_span(mention.start, mention.end)
                found.append((analysis.document.text[start:end], values[id(mention)]))
    return found


def describe(value: TimeValue) -> str:
    """A value as the cases of this file write it."""
    if value.vague:
        return "vague since" if value.kind == "since" else "vague"
    match value.kind:
        case "duration":
            parts = ("lasts", value.amount, value.unit or value.grain)
            return " ".join(str(part) for part in parts if part is not None)
        case "repeated":
            return " ".join(filter(None, ("each", value.unit or value.grain)))
        case "since":
            return f"since {value.from_}..{value.start_latest}"
        case "until":
            return f"until {value.to}"
        case "point":
            return str(value.from_)
    return f"{value.from_}..{value.to}"


def as_given(value: TimeValue) -> list[object]:
    """A value as the case file writes it."""
    if value.vague:
        return ["vague"]
    if value.kind == "duration":
        return ["dur", value.amount, UNIT_LETTERS[str(value.unit)]]
    if value.kind == "since":
        return ["since", value.from_, value.start_latest]
    return ["day", value.from_] if value.from_ == value.to else ["int", value.from_, value.to]


@pytest.mark.parametrize("case", GIVEN_CASES, ids=[case["id"] for case in GIVEN_CASES])
def test_given_case_has_its_value(extractor: Extractor, case: dict[str, Any]) -> None:
    """The mention covers the expression of the case file; it may take a preposition or a part of the day with it."""
    found = find_times(extractor, case["text"], case["date"])
    if case["value"] == ["none"]:
        assert found == []
    else:
        values = [as_given(value) for words, value in found if case["span"] in words]
        assert values == [case["value"]]


@pytest.mark.parametrize("marked, meaning", [*DAYS, *INTERVALS, *OPEN_ENDED, *LENGTHS])
def test_expression_has_its_span_and_value(extractor: Extractor, marked: str, meaning: str | tuple[str, ...]) -> None:
    words = re.findall(r"\[(.+?)\]", marked)
    found = find_times(extractor, re.sub(r"[\[\]]", "", marked), FRIDAY)
    meanings = (meaning,) if isinstance(meaning, str) else meaning
    assert found[0][0] == words[0]
    assert [describe(value) for _, value in found] == list(meanings)


@pytest.mark.parametrize("marked, meaning", CHAINED)
def test_expression_hangs_on_the_last_date_named(extractor: Extractor, marked: str, meaning: str) -> None:
    words = re.findall(r"\[(.+?)\]", marked)
    found = find_times(extractor, re.sub(r"[\[\]]", "", marked), FRIDAY)
    assert [(span, describe(value)) for span, value in found[1:]] == [(words[0], meaning)]


@pytest.mark.parametrize("text", SILENT)
def test_false_friend_is_no_time(extractor: Extractor, text: str) -> None:
    assert find_times(extractor, text, FRIDAY) == []


@pytest.mark.parametrize("marked, meaning", [*DAYS[:30], *OPEN_ENDED[:20]])
def test_spelling_of_signs_changes_nothing(extractor: Extractor, marked: str, meaning: str) -> None:
    """Curly apostrophes give the same values as straight ones."""
    text = re.sub(r"[\[\]]", "", marked)
    plain, curly = (find_times(extractor, t, FRIDAY) for t in (text, text.replace("'", "’")))
    assert [value for _, value in plain] == [value for _, value in curly]


def test_without_a_document_date_a_weekday_has_no_dates(extractor: Extractor) -> None:
    [(words, value)] = find_times(extractor, "Le camp a été visé lundi.", None)
    assert (words, value.from_, value.to) == ("lundi", None, None)
