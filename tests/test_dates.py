"""Time expressions, given as the fields that a rule would recognise, resolved to days."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.dates import TimeValue, resolve_time

CASE_FILE = Path(__file__).parent / "cases" / "dates.jsonl"
CASES = {case["id"]: case for case in map(json.loads, CASE_FILE.read_text("utf-8").splitlines())}
THURSDAY_NIGHT = {"from_weekday": 4, "to_weekday": 5, "part": "night"}

FIELDS: dict[str, dict[str, Any]] = {
    "d01": {"weekday": 1, "part": "morning"},
    "d02": {"weekday": 1},
    "d03": {"weekday": 6},
    "d04": {"relative": "day_before"},
    "d05": {"weekday": 4},
    "d06": THURSDAY_NIGHT,
    "d07": {"day": 28, "month": 9},
    "d08": {"kind": "since", "month": 4, "edge": "end"},
    "d09": {"kind": "since", "month": 4, "edge": "end"},
    "d10": {"month": 3, "year": 2011},
    "d11": {"month": 9, "year": 2018},
    "d12": {"kind": "since", "month": 12},
    "d13": {"kind": "since", "month": 2, "edge": "start"},
    "d14": {"vague": "yes", "unit": "month"},
    "d15": {"amount": 1, "unit": "month"},
    "d16": {"amount": 7, "unit": "year"},
    "d17": {"month": 8, "unit": "month", "future": "yes", "approximate": "yes"},
    "d18": {"day": 8, "month": 2},
    "d19": {"kind": "since", "weekday": 4},
    "d20": {"amount": 2, "unit": "day", "direction": "past"},
    "d21": {"relative": "yesterday"},
    "d22": {"weekday": 5},
    "d23": {"year": 2018},
    "d24": {"from_weekday": 6, "to_weekday": 7, "part": "night"},
    "d25": {"weekday": 2, "last": "yes"},
    "d26": {"day": 1, "month": 3},
    "d27": {"from_day": 3, "to_day": 5, "month": 3},
    "d28": {"from_day": 3, "to_day": 5, "month": 3, "year": 2020},
    "d29": {"unit": "week", "last": "yes"},
    "d30": {"unit": "month", "last": "yes"},
    "d31": {"kind": "since", "amount": 1, "unit": "week"},
    "d32": {"relative": "day_before_yesterday"},
    "d33": {"weekday": 3, "part": "evening"},
    "d34": {"weekday": 1, "day": 24, "month": 2},
    "d35": {"day": 15, "month": 12},
    "d36": {"vague": "yes", "unit": "day"},
    "d37": {"amount": 3, "unit": "month"},
    "d38": {"relative": "today"},
    "d39": {"year": 2018, "edge": "start"},
    "d40": {"month": 3, "edge": "mid"},
    "d41": {"day": "27", "month": "02", "year": "2020"},
    "d42": {"weekday": 7, "part": "dawn"},
    "d43": {"vague": "yes", "unit": "year"},
    "d44": {"amount": 7, "unit": "year", "direction": "past"},
    "d45": {"weekday": 4, "day": 27, "month": 2, "year": 2020},
    "d46": {"season": "summer", "last": "yes"},
    "d52": {"day": 3, "month": 1, "year": 2024},
}


def case_form(value: TimeValue) -> list[Any]:
    """The value as the case file writes it."""
    if value.vague:
        return ["vague"]
    if value.kind == "duration":
        return ["dur", value.amount, str(value.unit)[0].upper()]
    if value.kind == "since":
        return ["since", value.from_, value.start_latest]
    return ["day", value.from_] if value.kind == "point" and value.from_ == value.to else ["int", value.from_, value.to]


def test_every_case_with_a_value_has_its_fields() -> None:
    assert {name for name, case in CASES.items() if case["value"] != ["none"]} == set(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_cases_give_their_value(name: str) -> None:
    assert case_form(resolve_time(FIELDS[name], CASES[name]["date"])) == CASES[name]["value"]


# expression: fields, document date, first day, last day
DAYS: dict[str, tuple[dict[str, Any], str | None, str | None, str | None]] = {
    # weekdays
    "lundi on a Monday": ({"weekday": 1}, "2020-03-02", "2020-03-02", "2020-03-02"),
    "lundi dernier on a Monday": ({"weekday": 1, "last": "yes"}, "2020-03-02", "2020-02-24", "2020-02-24"),
    "lundi prochain on a Monday": ({"weekday": 1, "next": "yes"}, "2020-03-02", "2020-03-09", "2020-03-09"),
    "devrait … lundi on a Monday": ({"weekday": 1, "future": "yes"}, "2020-03-02", "2020-03-02", "2020-03-02"),
    "devrait … dimanche": ({"weekday": 7, "future": "yes"}, "2020-03-02", "2020-03-08", "2020-03-08"),
    "dimanche, over the new year": ({"weekday": 7}, "2020-01-03", "2019-12-29", "2019-12-29"),
    "lundi de la semaine dernière": (
        {"weekday": 1, "unit": "week", "last": "yes"},
        "2020-02-28",
        "2020-02-17",
        "2020-02-17",
    ),
    "lundi 30 décembre, years apart": (
        {"weekday": 1, "day": 30, "month": 12},
        "2020-01-05",
        "2019-12-30",
        "2019-12-30",
    ),
    "lundi 2 mars, three weeks ahead": ({"weekday": 1, "day": 2, "month": 3}, "2020-02-10", "2020-03-02", "2020-03-02"),
    "lundi 24": ({"weekday": 1, "day": 24}, "2020-03-05", "2020-02-24", "2020-02-24"),
    "a weekday that no year bears out": (
        {"weekday": 2, "day": 25, "month": 2, "year": 2019},
        None,
        "2019-02-25",
        "2019-02-25",
    ),
    # days of the month
    "le 29 février 2020": ({"day": 29, "month": 2, "year": 2020}, None, "2020-02-29", "2020-02-29"),
    "le 29 février 2019": ({"day": 29, "month": 2, "year": 2019}, "2019-03-01", None, None),
    "le 29 février, from 2023": ({"day": 29, "month": 2}, "2023-05-01", "2020-02-29", "2020-02-29"),
    "le 10 mars, ten days ahead": ({"day": 10, "month": 3}, "2020-02-29", "2020-03-10", "2020-03-10"),
    "le 20 mars, twenty days ahead": ({"day": 20, "month": 3}, "2020-02-29", "2019-03-20", "2019-03-20"),
    "devrait … le 20 septembre": ({"day": 20, "month": 9, "future": "yes"}, "2020-02-29", "2020-09-20", "2020-09-20"),
    "le 3 janvier, over the new year": ({"day": 3, "month": 1}, "2019-12-28", "2020-01-03", "2020-01-03"),
    "le 8 février dernier": ({"day": 8, "month": 2, "last": "yes"}, "2020-02-08", "2019-02-08", "2019-02-08"),
    "le 28": ({"day": 28}, "2020-03-05", "2020-02-28", "2020-02-28"),
    "le 31": ({"day": 31}, "2020-03-05", "2020-01-31", "2020-01-31"),
    "le 5, today": ({"day": 5}, "2020-03-05", "2020-03-05", "2020-03-05"),
    "va … le 2": ({"day": 2, "future": "yes"}, "2019-12-05", "2020-01-02", "2020-01-02"),
    "le 3 du mois dernier": ({"day": 3, "unit": "month", "last": "yes"}, "2020-01-20", "2019-12-03", "2019-12-03"),
    "27/02/20": ({"day": 27, "month": 2, "year": 20}, "2020-03-02", "2020-02-27", "2020-02-27"),
    # months, seasons, years and their parts
    "en mars, in March": ({"month": 3}, "2020-03-02", "2020-03-01", "2020-03-31"),
    "en mars dernier, in March": ({"month": 3, "last": "yes"}, "2020-03-02", "2019-03-01", "2019-03-31"),
    "en mars prochain, in March": ({"month": 3, "next": "yes"}, "2020-03-02", "2021-03-01", "2021-03-31"),
    "en avril, in March": ({"month": 4}, "2020-03-02", "2019-04-01", "2019-04-30"),
    "fin avril, on 5 April": ({"month": 4, "edge": "end"}, "2020-04-05", "2019-04-20", "2019-04-30"),
    "fin février 2020": ({"month": 2, "year": 2020, "edge": "end"}, None, "2020-02-20", "2020-02-29"),
    "mi-2018": ({"year": 2018, "edge": "mid"}, None, "2018-05-01", "2018-08-31"),
    "fin 2018": ({"year": 2018, "edge": "end"}, None, "2018-09-01", "2018-12-31"),
    "fin de l'année dernière": (
        {"unit": "year", "last": "yes", "edge": "end"},
        "2020-02-28",
        "2019-09-01",
        "2019-12-31",
    ),
    "début de l'année": ({"unit": "year", "edge": "start"}, "2020-02-28", "2020-01-01", "2020-04-30"),
    "fin du mois": ({"unit": "month", "this": "yes", "edge": "end"}, "2020-02-28", "2020-02-20", "2020-02-29"),
    "mars de l'année dernière": ({"unit": "year", "last": "yes", "month": 3}, "2020-02-28", "2019-03-01", "2019-03-31"),
    "le mois dernier, in January": ({"unit": "month", "last": "yes"}, "2020-01-31", "2019-12-01", "2019-12-31"),
    "le mois d'août dernier": ({"unit": "month", "month": 8, "last": "yes"}, "2020-02-28", "2019-08-01", "2019-08-31"),
    "cet hiver, in February": ({"season": "winter", "this": "yes"}, "2020-02-28", "2019-12-01", "2020-03-31"),
    "cet été, in March": ({"season": "summer", "this": "yes"}, "2020-03-28", "2020-06-01", "2020-09-30"),
    "l'été, in March": ({"season": "summer"}, "2020-03-28", "2019-06-01", "2019-09-30"),
    "l'été dernier, in July": ({"season": "summer", "last": "yes"}, "2020-07-28", "2019-06-01", "2019-09-30"),
    "au printemps 2018": ({"season": "spring", "year": 2018}, None, "2018-03-01", "2018-06-30"),
    "fin de l'automne 2018": ({"season": "autumn", "year": 2018, "edge": "end"}, None, "2018-12-01", "2018-12-31"),
    "l'hiver 2019": ({"season": "winter", "year": 2019}, None, "2019-12-01", "2020-03-31"),
    "au premier trimestre 2019": ({"quarter": 1, "year": 2019}, None, "2019-01-01", "2019-03-31"),
    "au second semestre": ({"half": 2}, "2020-02-28", "2019-07-01", "2019-12-31"),
    "dans les années 1990": ({"year": 1990, "unit": "decade"}, None, "1990-01-01", "1999-12-31"),
    "début des années 90": (
        {"year": 90, "unit": "decade", "edge": "start"},
        "2020-02-28",
        "1990-01-01",
        "1992-12-31",
    ),
    "dans les années 60, no date": ({"year": 60, "unit": "decade"}, None, "1960-01-01", "1969-12-31"),
    "cette semaine": ({"unit": "week", "this": "yes"}, "2020-01-01", "2019-12-30", "2020-01-05"),
    "en fin de semaine dernière": (
        {"unit": "week", "last": "yes", "edge": "end"},
        "2020-02-28",
        "2020-02-22",
        "2020-02-23",
    ),
    "ce week-end, on a Wednesday": ({"unit": "weekend"}, "2020-02-26", "2020-02-22", "2020-02-23"),
    "ce week-end, on a Sunday": ({"unit": "weekend", "this": "yes"}, "2020-02-23", "2020-02-22", "2020-02-23"),
    "le week-end dernier, on a Sunday": ({"unit": "weekend", "last": "yes"}, "2020-02-23", "2020-02-15", "2020-02-16"),
    "le week-end prochain": ({"unit": "weekend", "next": "yes"}, "2020-02-26", "2020-02-29", "2020-03-01"),
    # feasts
    "à Noël": ({"feast": "christmas"}, "2020-02-28", "2019-12-25", "2019-12-25"),
    "le jour de l'An, before it": ({"feast": "new_year"}, "2019-12-28", "2020-01-01", "2020-01-01"),
    "à Pâques 2019": ({"feast": "easter", "year": 2019}, None, "2019-04-21", "2019-04-21"),
    "le dimanche de Pâques": ({"feast": "easter", "weekday": 7}, "2024-06-01", "2024-03-31", "2024-03-31"),
    "à la Pentecôte 2018": ({"feast": "pentecost", "year": 2018}, None, "2018-05-20", "2018-05-20"),
    # moved by units
    "dans trois jours": ({"amount": 3, "unit": "day", "direction": "coming"}, "2020-02-28", "2020-03-02", "2020-03-02"),
    "il y a 48 heures": ({"amount": 48, "unit": "hour", "direction": "past"}, "2020-03-01", "2020-02-28", "2020-02-28"),
    "il y a trois heures": (
        {"amount": 3, "unit": "hour", "direction": "past"},
        "2020-03-01",
        "2020-03-01",
        "2020-03-01",
    ),
    "il y a deux semaines": (
        {"amount": "2", "unit": "week", "direction": "past"},
        "2020-02-28",
        "2020-02-10",
        "2020-02-16",
    ),
    "il y a trois mois": (
        {"amount": 3, "unit": "month", "direction": "past"},
        "2020-02-28",
        "2019-11-01",
        "2019-11-30",
    ),
    "il y a un an et demi": (
        {"amount": 1.5, "unit": "year", "direction": "past"},
        "2020-02-28",
        "2018-08-01",
        "2018-08-31",
    ),
    "il y a 5 000 ans": ({"amount": "5 000", "unit": "year", "direction": "past"}, "2020-02-28", None, None),
    "l'avant-dernière semaine": ({"unit": "week", "offset": "-2"}, "2020-02-28", "2020-02-10", "2020-02-16"),
    "ces trois derniers jours": ({"amount": 3, "unit": "day", "last": "yes"}, "2020-03-01", "2020-02-27", "2020-03-01"),
    "le dernier mois et demi": (
        {"amount": 1.5, "unit": "month", "last": "yes"},
        "2020-03-01",
        "2020-01-16",
        "2020-03-01",
    ),
    "ces trois derniers mois, month ends": (
        {"amount": 3, "unit": "month", "last": "yes"},
        "2020-05-31",
        "2020-02-29",
        "2020-05-31",
    ),
    "les dix prochains jours": ({"amount": 10, "unit": "day", "next": "yes"}, "2020-02-28", "2020-02-28", "2020-03-09"),
    # parts of a day
    "hier soir": ({"relative": "yesterday", "part": "evening"}, "2020-03-01", "2020-02-29", "2020-02-29"),
    "ce matin": ({"part": "morning", "this": "yes"}, "2020-03-01", "2020-03-01", "2020-03-01"),
    "la nuit dernière": ({"part": "night", "last": "yes"}, "2020-03-01", "2020-02-29", "2020-03-01"),
    "la nuit prochaine": ({"part": "night", "next": "yes"}, "2020-02-29", "2020-02-29", "2020-03-01"),
    "à 14h30": ({"hour": 14, "minute": 30}, "2020-03-01", "2020-03-01", "2020-03-01"),
    # both ends
    "de jeudi à vendredi, on the Thursday": (THURSDAY_NIGHT, "2020-02-27", "2020-02-20", "2020-02-21"),
    "de jeudi à vendredi, to come": (THURSDAY_NIGHT | {"future": "yes"}, "2020-02-27", "2020-02-27", "2020-02-28"),
    "du 28 décembre au 3 janvier": (
        {"from_day": 28, "from_month": 12, "to_day": 3, "to_month": 1},
        "2020-02-28",
        "2019-12-28",
        "2020-01-03",
    ),
    "du 28 décembre au 3 janvier 2020": (
        {"from_day": 28, "from_month": 12, "to_day": 3, "to_month": 1, "year": 2020},
        None,
        "2019-12-28",
        "2020-01-03",
    ),
    "du 28 au 3 mars": ({"from_day": 28, "to_day": 3, "to_month": 3}, "2020-03-10", "2020-02-28", "2020-03-03"),
    "de mars à mai 2019": ({"from_month": 3, "to_month": 5, "year": 2019}, None, "2019-03-01", "2019-05-31"),
    "de mars 2011 à mai 2019": (
        {"from_month": 3, "from_year": 2011, "to_month": 5, "to_year": 2019},
        None,
        "2011-03-01",
        "2019-05-31",
    ),
    "entre 2015 et 2018": ({"from_year": 2015, "to_year": 2018}, None, "2015-01-01", "2018-12-31"),
    "entre 2015 et hier, no date": ({"from_year": 2015, "to_relative": "yesterday"}, None, "2015-01-01", None),
    "entre fin mars et début avril": (
        {"from_month": 3, "from_edge": "end", "to_month": 4, "to_edge": "start"},
        "2020-05-02",
        "2020-03-20",
        "2020-04-10",
    ),
    "entre lundi et hier": ({"from_weekday": 1, "to_relative": "yesterday"}, "2020-03-02", "2020-02-24", "2020-03-01"),
    "entre hier et aujourd'hui": (
        {"from_relative": "yesterday", "to_relative": "today"},
        "2020-03-01",
        "2020-02-29",
        "2020-03-01",
    ),
    "entre demain et hier": ({"from_relative": "tomorrow", "to_relative": "yesterday"}, "2020-03-01", None, None),
    "le 3 mars entre 10h et midi": (
        {"day": 3, "month": 3, "from_hour": 10, "to_hour": 12},
        "2020-03-10",
        "2020-03-03",
        "2020-03-03",
    ),
    # no date, or a part of one
    "lundi, no date": ({"weekday": 1}, None, None, None),
    "le 8 février, no date": ({"day": 8, "month": 2}, None, None, None),
    "la veille, nothing to hang on": ({"relative": "day_before"}, None, None, None),
    "lundi, month known": ({"weekday": 1}, "2020-02", None, None),
    "hier, year known": ({"relative": "yesterday"}, "2011", None, None),
    "le mois dernier, month known": ({"unit": "month", "last": "yes"}, "2020-02", "2020-01-01", "2020-01-31"),
    "le 8 février, month known": ({"day": 8, "month": 2}, "2020-02", "2020-02-08", "2020-02-08"),
    "le 8 mars, month known": ({"day": 8, "month": 3}, "2020-02", None, None),
    "il y a sept ans, year known": (
        {"amount": 7, "unit": "year", "direction": "past"},
        "2011",
        "2004-01-01",
        "2004-12-31",
    ),
    "en mars, year known": ({"month": 3}, "2011", None, None),
    "cette année, year known": ({"unit": "year", "this": "yes"}, "2011", "2011-01-01", "2011-12-31"),
    "en mars 2011, year known": ({"month": 3, "year": 2011}, "2011", "2011-03-01", "2011-03-31"),
}


@pytest.mark.parametrize("name", DAYS)
def test_expressions_give_their_days(name: str) -> None:
    fields, document_date, start, end = DAYS[name]
    value = resolve_time(fields, document_date)
    assert (value.from_, value.to) == (start, end)


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ({"relative": "day_before"}, "2020-02-29"),
        ({"relative": "day_after", "part": "evening"}, "2020-03-02"),
        ({"relative": "same_day"}, "2020-03-01"),
        ({"relative": "yesterday"}, "2020-05-19"),
        ({"anchor": "named", "amount": 2, "unit": "day", "direction": "coming"}, "2020-03-03"),
        ({"anchor": "named", "weekday": 1, "next": "yes"}, "2020-03-02"),
        ({"anchor": "document", "weekday": 1}, "2020-05-18"),
        ({"anchor": "named", "hour": 5}, "2020-03-01"),
    ],
)
def test_some_expressions_hang_on_the_last_date_named(fields: dict[str, Any], day: str) -> None:
    assert resolve_time(fields, "2020-05-20", last_named="2020-03-01").from_ == day


def test_the_last_date_named_is_enough_without_a_document_date() -> None:
    assert resolve_time({"relative": "day_before"}, None, "2020-03-01").from_ == "2020-02-29"
    assert resolve_time({"relative": "day_before"}, None, "2020-03").from_ is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"weekday": 1, "part": "morning"},
            {"kind": "point", "from": "2020-02-24", "to": "2020-02-24", "grain": "part", "part": "morning"},
        ),
        ({"month": 1}, {"kind": "interval", "from": "2020-01-01", "to": "2020-01-31", "grain": "month"}),
        (
            {"kind": "since", "amount": 7, "unit": "year"},
            {
                "kind": "since",
                "from": "2013-01-01",
                "to": None,
                "grain": "year",
                "start_latest": "2013-12-31",
                "amount": 7,
                "unit": "year",
            },
        ),
        (
            {"kind": "since", "amount": 10, "unit": "day"},
            {
                "kind": "since",
                "from": "2020-02-18",
                "to": None,
                "grain": "day",
                "start_latest": "2020-02-18",
                "amount": 10,
                "unit": "day",
            },
        ),
        ({"kind": "until", "day": 3, "month": 3}, {"kind": "until", "from": None, "to": "2020-03-03", "grain": "day"}),
        (
            {"kind": "until", "amount": 2, "unit": "week"},
            {"kind": "until", "from": None, "to": "2020-03-13", "grain": "week", "amount": 2, "unit": "week"},
        ),
        (
            {"kind": "since", "amount": 3, "unit": "month", "last": "yes"},
            {
                "kind": "since",
                "from": "2019-11-28",
                "to": None,
                "grain": "month",
                "start_latest": "2019-11-28",
                "amount": 3,
                "unit": "month",
            },
        ),
        ({"weekday": 1, "month": 1}, {"kind": "interval", "from": "2020-01-01", "to": "2020-01-31", "grain": "month"}),
        ({"kind": "repeated", "weekday": 5}, {"kind": "repeated", "from": None, "to": None, "grain": "day"}),
        ({"kind": "repeated", "unit": "week"}, {"kind": "repeated", "from": None, "to": None, "grain": "week"}),
        (
            {"kind": "since", "vague": "yes", "unit": "month"},
            {"kind": "since", "from": None, "to": None, "grain": "month", "vague": True},
        ),
        (
            {"amount": 3, "unit": "hour"},
            {"kind": "duration", "from": None, "to": None, "grain": "hour", "amount": 3, "unit": "hour"},
        ),
        (
            {"relative": "yesterday", "hour": 14, "minute": 5, "approximate": "yes"},
            {
                "kind": "point",
                "from": "2020-02-27",
                "to": "2020-02-27",
                "grain": "minute",
                "clock": "14:05",
                "approximate": True,
            },
        ),
        (
            {"relative": "today", "from_hour": 10, "to_hour": 12},
            {
                "kind": "interval",
                "from": "2020-02-28",
                "to": "2020-02-28",
                "grain": "hour",
                "clock": "10:00",
                "clock_end": "12:00",
            },
        ),
        (
            {"weekday": 1, "day": None, "last": "no"},
            {"kind": "point", "from": "2020-02-24", "to": "2020-02-24", "grain": "day"},
        ),
    ],
)
def test_values_are_written_with_the_keys_that_are_set(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert resolve_time(fields, "2020-02-28").to_dict() == expected


def test_kind_and_grain_are_known_without_a_date() -> None:
    assert resolve_time({"weekday": 1}).to_dict() == {"kind": "point", "from": None, "to": None, "grain": "day"}
    assert resolve_time({"month": 3}).to_dict() == {"kind": "interval", "from": None, "to": None, "grain": "month"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"weekdy": 1}, "unknown time field 'weekdy'"),
        ({"from_kind": "since"}, "unknown time field 'from_kind'"),
        ({"from_dag": 3}, "unknown time field 'from_dag'"),
        ({"weekday": 8}, "time field 'weekday' cannot be 8"),
        ({"weekday": "lundi"}, "time field 'weekday' cannot be 'lundi'"),
        ({"to_month": 0}, "time field 'to_month' cannot be 0"),
        ({"day": 1.5}, "time field 'day' cannot be 1.5"),
        ({"unit": "fortnight"}, "time field 'unit' cannot be 'fortnight'"),
        ({"last": "perhaps"}, "time field 'last' cannot be 'perhaps'"),
        ({"amount": "some"}, "time field 'amount' cannot be 'some'"),
        ({"amount": -2}, "time field 'amount' cannot be -2"),
    ],
)
def test_wrong_fields_are_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        resolve_time(fields, "2020-02-28")


@pytest.mark.parametrize("text", ["hier", "2020-13", "2020-02-30", "28/02/2020", "2020-2-3", "0000"])
def test_unreadable_document_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a date of the form"):
        resolve_time({"weekday": 1}, text)


def test_a_time_of_day_in_the_document_date_is_left_aside() -> None:
    assert resolve_time({"relative": "today"}, "2020-02-28T23:59:00+02:00").from_ == "2020-02-28"


DATES = st.dates(date(1990, 1, 1), date(2040, 12, 31))


@given(DATES, st.integers(1, 7))
def test_a_bare_weekday_lies_in_the_week_that_ends_with_the_document(day: date, weekday: int) -> None:
    found = date.fromisoformat(str(resolve_time({"weekday": weekday}, day.isoformat()).from_))
    assert found.isoweekday() == weekday
    assert day - timedelta(days=6) <= found <= day


@given(DATES, DATES)
def test_a_day_with_its_month_is_found_within_a_year(day: date, named: date) -> None:
    found = resolve_time({"day": named.day, "month": named.month}, day.isoformat()).from_
    distance = (date.fromisoformat(str(found)) - day).days
    assert distance <= 15
    assert distance > -366 + 15 or (named.month, named.day) == (2, 29)


OPTIONAL_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["point", "interval", "since", "until", "duration", "repeated"]),
        "weekday": st.integers(1, 7),
        "day": st.integers(1, 31),
        "month": st.integers(1, 12),
        "year": st.integers(0, 9999),
        "edge": st.sampled_from(["start", "mid", "end"]),
        "season": st.sampled_from(["summer", "winter"]),
        "feast": st.sampled_from(["christmas", "easter"]),
        "unit": st.sampled_from(["minute", "hour", "day", "week", "weekend", "month", "year", "decade"]),
        "offset": st.integers(-99999, 99999),
        "amount": st.integers(0, 10**6) | st.just(1.5),
        "direction": st.sampled_from(["past", "coming"]),
        "part": st.sampled_from(["night", "morning"]),
        "last": st.booleans(),
        "next": st.booleans(),
        "this": st.booleans(),
        "future": st.booleans(),
        "from_day": st.integers(1, 31),
        "from_unit": st.sampled_from(["week", "year"]),
        "to_weekday": st.integers(1, 7),
    },
)


@given(OPTIONAL_FIELDS, st.sampled_from([None, "2020-02-29", "2019-12", "2011", "9999-12-31", "0001-01-01"]))
def test_any_fields_give_a_value_and_ends_in_order(fields: dict[str, Any], document_date: str | None) -> None:
    value = resolve_time(fields, document_date)
    assert value.from_ is None or value.to is None or value.from_ <= value.to
    assert value.from_ is None or value.start_latest is None or value.from_ <= value.start_latest
