"""Calendar values: what a time expression means, given the fields that a rule recognised in it.

In: the fields of one expression, the publication date, and the last date named before it. Out: a `TimeValue`, whose
`from_` and `to` are whole days (ends included), None where they cannot be known. Never the system clock.

    >>> resolve_time({"weekday": 1, "part": "morning"}, "2019-07-23").to_dict()
    {'kind': 'point', 'from': '2019-07-22', 'to': '2019-07-22', 'grain': 'part', 'part': 'morning'}
    >>> resolve_time({"kind": "since", "month": 4, "edge": "end"}, "2019-06-03").to_dict()
    {'kind': 'since', 'from': '2019-04-20', 'to': None, 'grain': 'month', 'start_latest': '2019-04-30'}

Fields, each a number, a text of digits, or one of the words given; flags are `yes`. An empty field (None) is ignored.

| field | values | French that calls for it |
|---|---|---|
| kind | point interval since until duration repeated | depuis: since, jusqu'à: until, chaque: repeated; else left out |
| weekday | 1 (Monday) … 7 | lundi |
| day, month | 1 … 31, 1 … 12 | le 28 septembre; a day alone is the last such day |
| year | 0 … 9999 | en 2018; two digits are completed: 27/02/20, les années 90 |
| edge | start mid end | début 2018, à la mi-mars, fin avril; of week, month, quarter, half, season, year, decade |
| season | spring summer autumn winter | l'été (June to September), l'hiver 2019 (from December 2019) |
| quarter, half | 1 … 4, 1 … 2 | le premier trimestre 2019, au second semestre |
| feast | christmas_eve christmas new_year_eve new_year labour_day bastille_day armistice | à Noël |
| | all_saints good_friday easter easter_monday ascension pentecost | le lundi de Pâques |
| relative | today yesterday day_before_yesterday tomorrow day_after_tomorrow | hier: from the document's date |
| | same_day day_before day_after two_days_before two_days_after | la veille: from the last date named |
| unit | minute hour day week weekend month year decade | la semaine dernière (with last), ce mois (this) |
| offset | signed whole number, in units | l'avant-dernière semaine: -2 |
| amount | number, in units | trois mois (a duration), depuis sept ans, ces trois derniers jours (with last) |
| direction | past coming | il y a deux jours, dans deux jours: places an amount before or after |
| anchor | document named | named: deux jours plus tard, la semaine suivante: from the last date named |
| part | dawn morning noon afternoon evening night midnight | lundi matin; alone, of the document's day |
| hour, minute | 0 … 24, 0 … 59 | à 14h30: kept as `clock` |
| last, next, this | yes | mardi dernier, dimanche prochain, cet été |
| future | yes | the sentence looks ahead: devrait, va, doit, prévu |
| vague | yes | ces derniers jours: no dates |
| approximate | yes | vers le 5 mars: kept as it is |
| from_…, to_… | any field from weekday to future | du 3 au 5 mars: from_day, to_day; shared fields are said once |

Choices. Without a year: the nearest past, where a day with its month may lie up to 15 days ahead and the document's
own weekday is today. `last` lies wholly before the document, `next` after it, `future` not before it. Without a last
date named, the document's date stands for it. A wider unit holds the narrower fields: unit year, last, month 3 is
March of last year. « Il y a sept ans » is that year, « depuis une semaine » starts seven days ago to the day. « Cette
nuit » and « de jeudi à vendredi » take both days. A season is the four months that hold a part of it. When the
document is dated by month or year only, what would differ from one of its days to another stays None.
"""

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from extractor.numerals import read_digits

_KINDS = ("point", "interval", "since", "until", "duration", "repeated")
_DOCUMENT_DAYS = {"today": 0, "yesterday": -1, "day_before_yesterday": -2, "tomorrow": 1, "day_after_tomorrow": 2}
_NAMED_DAYS = {"same_day": 0, "day_before": -1, "day_after": 1, "two_days_before": -2, "two_days_after": 2}
_SEASON_MONTHS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}  # first of four
_FIXED_FEASTS = {
    "christmas_eve": (12, 24),
    "christmas": (12, 25),
    "new_year_eve": (12, 31),
    "new_year": (1, 1),
    "labour_day": (5, 1),
    "bastille_day": (7, 14),
    "armistice": (11, 11),
    "all_saints": (11, 1),
}
_EASTER_FEASTS = {"good_friday": -2, "easter": 0, "easter_monday": 1, "ascension": 39, "pentecost": 49}
_MONTH_CUTS = {"start": (1, 10), "mid": (8, 22)}  # the end depends on the month's length
_UNITS = ("minute", "hour", "day", "week", "weekend", "month", "year", "decade")
_SMALLER_UNITS = {"decade": ("year", 10), "year": ("month", 12), "month": ("day", 30), "week": ("day", 7)}
_DAYS_AHEAD = 15  # « le 8 mars » in an article of 28 February is the one to come
_YEARS_AROUND = 9  # a 29 February is found again within eight years


@dataclass(slots=True)
class TimeValue:
    """What an expression means. `from_` and `to` are ISO days; of a `since`, the start lies in from_ … start_latest."""

    kind: str
    from_: str | None
    to: str | None
    grain: str | None
    start_latest: str | None = None
    part: str | None = None
    clock: str | None = None
    clock_end: str | None = None
    amount: int | float | None = None
    unit: str | None = None
    vague: bool = False
    approximate: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The record's form: kind, from, to and grain always, the others when set."""
        value: dict[str, Any] = {"kind": self.kind, "from": self.from_, "to": self.to, "grain": self.grain}
        for name in _OPTIONAL_KEYS:
            held = getattr(self, name)
            if held is not None and held is not False:
                value[name] = held
        return value


_OPTIONAL_KEYS = ("start_latest", "part", "clock", "clock_end", "amount", "unit", "vague", "approximate")


class _Span(NamedTuple):
    """Days from `start` to `end`, both included."""

    start: date
    end: date


@dataclass(slots=True)
class _Moment:
    """The fields of one end of an expression, or of the whole of it when it has one end only."""

    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None
    edge: str | None = None
    season: str | None = None
    quarter: int | None = None
    half: int | None = None
    feast: str | None = None
    relative: str | None = None
    unit: str | None = None
    offset: int | None = None
    amount: int | float | None = None
    direction: str | None = None
    anchor: str | None = None
    part: str | None = None
    hour: int | None = None
    minute: int | None = None
    last: bool = False
    next: bool = False
    this: bool = False
    future: bool = False


_MOMENT_FIELDS = tuple(field.name for field in fields(_Moment))


_Days = tuple[date, date] | None
_NO_DAYS = (None, None)
_ISO_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[T ].*)?)?)?$")


class _Anchors(NamedTuple):
    """The days that relative expressions hang on."""

    document: date | None
    named: date | None


# Reading the fields


def _whole(low: int, high: int) -> Callable[[Any], int | None]:
    def read(value: Any) -> int | None:
        number = read_digits(str(value).removeprefix("-"))
        if not isinstance(number, int):
            return None
        number = -number if str(value).startswith("-") else number
        return number if low <= number <= high else None

    return read


def _one_of(*words: str) -> Callable[[Any], str | None]:
    return lambda value: value if value in words else None


def _amount(value: Any) -> int | float | None:
    number = read_digits(value) if isinstance(value, str) else value
    return number if isinstance(number, int | float) and number >= 0 else None


def _flag(value: Any) -> bool | None:
    return {"yes": True, "true": True, "no": False, "false": False}.get(str(value).lower())


_READERS: dict[str, Callable[[Any], Any]] = {
    "kind": _one_of(*_KINDS),
    "weekday": _whole(1, 7),
    "day": _whole(1, 31),
    "month": _whole(1, 12),
    "year": _whole(0, 9999),
    "edge": _one_of("start", "mid", "end"),
    "season": _one_of(*_SEASON_MONTHS),
    "quarter": _whole(1, 4),
    "half": _whole(1, 2),
    "feast": _one_of(*_FIXED_FEASTS, *_EASTER_FEASTS),
    "relative": _one_of(*_DOCUMENT_DAYS, *_NAMED_DAYS),
    "unit": _one_of(*_UNITS),
    "offset": _whole(-99999, 99999),
    "amount": _amount,
    "direction": _one_of("past", "coming"),
    "anchor": _one_of("document", "named"),
    "part": _one_of("dawn", "morning", "noon", "afternoon", "evening", "night", "midnight"),
    "hour": _whole(0, 24),
    "minute": _whole(0, 59),
    **dict.fromkeys(("last", "next", "this", "future", "vague", "approximate"), _flag),
}


#: Every field that `resolve_time` takes; the calendar ones also as `from_X` and `to_X`, the ends of an interval.
FIELDS: frozenset[str] = frozenset(_READERS) | {f"{end}_{name}" for end in ("from", "to") for name in _MOMENT_FIELDS}


def _read_field(name: str, value: Any) -> Any:
    plain = name.removeprefix("from_").removeprefix("to_")
    if plain not in _READERS or (plain != name and plain not in _MOMENT_FIELDS):
        raise ValueError(f"unknown time field {name!r}")
    held = _READERS[plain](value)
    if held is None:
        raise ValueError(f"time field {name!r} cannot be {value!r}")
    return held


def _end_fields(held: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in held.items() if name.startswith(prefix)}


def _read_known_days(text: str | None) -> _Days:
    """First and last day that a date, as far as it is known, may stand for."""
    if not text:
        return None
    known = _ISO_DATE.match(text.strip())
    try:
        year, month, day = (int(part) if part else None for part in known.groups()) if known else (0, None, None)
        earliest = date(year or 0, month or 1, day or 1)
    except ValueError:
        raise ValueError(f"not a date of the form 2019-05-27, 2019-05 or 2019: {text!r}") from None
    return earliest, earliest if day else _month_span(earliest.year, earliest.month, 1 if month else 12).end


# The calendar: spans that are known once the year is


def _month_span(year: int, month: int, months: int = 1) -> _Span:
    """`months` months from the given one, which may lie before or after that year's twelve."""
    first = year * 12 + month - 1
    after = first + months
    return _Span(date(first // 12, first % 12 + 1, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1))


def _easter(year: int) -> date:
    """Gregorian Easter Sunday (the anonymous algorithm published in Nature, 1876)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _feast_day(feast: str, year: int) -> date:
    if feast in _EASTER_FEASTS:
        return _easter(year) + timedelta(days=_EASTER_FEASTS[feast])
    return date(year, *_FIXED_FEASTS[feast])


def _calendar_span(moment: _Moment, year: int) -> _Span | None:
    """The span of the calendar fields in that year; None when there is no such day."""
    if moment.feast:
        day = _feast_day(moment.feast, year)
        return _Span(day, day)
    if moment.day:
        return _day_span(year, moment.month, moment.day)
    if moment.unit == "decade":
        return _cut_edge(_month_span(year // 10 * 10, 1, 120), moment.edge)
    return _cut_edge(_months_span(moment, year), moment.edge)


def _day_span(year: int, month: int | None, day: int) -> _Span | None:
    if month is None or day > calendar.monthrange(year, month)[1]:
        return None
    return _Span(date(year, month, day), date(year, month, day))


def _months_span(moment: _Moment, year: int) -> _Span:
    if moment.month:
        return _month_span(year, moment.month)
    if moment.season:
        return _month_span(year, _SEASON_MONTHS[moment.season], 4)
    if moment.quarter:
        return _month_span(year, 3 * moment.quarter - 2, 3)
    if moment.half:
        return _month_span(year, 6 * moment.half - 5, 6)
    return _month_span(year, 1, 12)


def _cut_edge(span: _Span, edge: str | None) -> _Span:
    """Start, middle or end of a span: days 1 to 10, 8 to 22 and 20 on of a month, thirds of anything else."""
    days = (span.end - span.start).days + 1
    if edge is None or days < 3:
        return span
    months = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month + 1
    if days >= 28 and months > 1:
        # « début des années 1990 » is 1990 to 1992, whole years
        third = months // 36 * 12 or months // 3
        skipped, kept = {"start": (0, third), "mid": (third, months - 2 * third), "end": (months - third, third)}[edge]
        return _month_span(span.start.year, span.start.month + skipped, kept)
    third = days // 3
    cuts = {"start": (1, third), "mid": (third + 1, days - third), "end": (days - third + 1, days)}
    first, last = (_MONTH_CUTS | {"end": (20, days)} if days >= 28 else cuts)[edge]
    return _Span(span.start + timedelta(days=first - 1), span.start + timedelta(days=last - 1))


# Choosing the year, the month or the week


def _iter_candidates(moment: _Moment, base: date) -> Iterator[_Span]:
    """The spans that the calendar fields may mean around `base`, in order of time."""
    if moment.day and not moment.month:
        months = range(base.year * 12 + base.month - 13, base.year * 12 + base.month + 12)
        spans = (_day_span(month // 12, month % 12 + 1, moment.day) for month in months)
    else:
        years = range(base.year - _YEARS_AROUND, base.year + _YEARS_AROUND + 1)
        spans = (_calendar_span(moment, year) for year in years)
    return (span for span in spans if span)


def _choose_calendar_span(moment: _Moment, base: date, days_ahead: int) -> _Span | None:
    spans = list(_iter_candidates(moment, base))
    if moment.weekday and moment.day:
        # « lundi 24 février »: the weekday tells the year, and then the nearest is meant, even one to come
        agreeing = [span for span in spans if span.start.isoweekday() == moment.weekday and _distance(span, base) < 367]
        if agreeing and not (moment.last or moment.next or moment.future):
            return min(agreeing, key=lambda span: _distance(span, base))
        spans = agreeing or spans
    return _choose_by_direction(moment, spans, base, days_ahead)


def _distance(span: _Span, base: date) -> int:
    return abs((span.start - base).days)


def _choose_by_direction(moment: _Moment, spans: list[_Span], base: date, days_ahead: int) -> _Span | None:
    if moment.last:
        return _latest(span for span in spans if span.end < base)
    if moment.next:
        return next((span for span in spans if span.start > base), None)
    if moment.future:
        return next((span for span in spans if span.end >= base), None)
    if moment.this and (moment.month or not moment.day):
        # « cet hiver » in February began last year
        holding = [span for span in spans if span.start <= base <= span.end]
        return _latest(holding or [span for span in spans if span.start.year == base.year])
    return _latest(span for span in spans if span.start <= base + timedelta(days=days_ahead))


def _latest(spans: Iterable[_Span]) -> _Span | None:
    return max(spans, default=None)


def _choose_weekday(moment: _Moment, weekday: int, base: date) -> _Span:
    ahead = (weekday - base.isoweekday()) % 7
    if moment.last or moment.next:
        days = (ahead or 7) if moment.next else (ahead - 7)
    else:
        days = ahead if moment.future or ahead == 0 else ahead - 7
    return _days_from(base, days)


def _choose_weekend(moment: _Moment, base: date) -> _Span:
    saturday = base + timedelta(days=6 - base.isoweekday())
    if moment.last:
        weeks = -1
    elif moment.next:
        weeks = 0 if saturday > base else 1
    else:
        weeks = (0 if moment.future or saturday <= base else -1) + _count_units(moment)
    return _days_from(saturday, 7 * weeks, 2)


# Moving by units


def _days_from(base: date, days: int, length: int = 1) -> _Span:
    start = base + timedelta(days=days)
    return _Span(start, start + timedelta(days=length - 1))


def _without_fraction(moment: _Moment) -> _Moment:
    """« il y a un an et demi » is eighteen months ago."""
    amount, unit = moment.amount, moment.unit
    while isinstance(amount, float) and unit in _SMALLER_UNITS:
        unit, times = _SMALLER_UNITS[unit]
        amount = int(amount * times) if (amount * times).is_integer() else amount * times
    return replace(moment, amount=None if amount is None else int(amount), unit=unit)


def _count_units(moment: _Moment) -> int:
    """How many units the expression lies from its anchor; negative is past."""
    if moment.amount is not None:
        return int(moment.amount) if moment.next or moment.direction == "coming" else -int(moment.amount)
    return moment.offset if moment.offset is not None else int(moment.next) - int(moment.last)


def _move_to_unit(moment: _Moment, base: date) -> _Span:
    """The day, week, month … that lies so many units from the one of `base`."""
    count = _count_units(moment)
    match moment.unit:
        case "week":
            return _days_from(base, 7 * count + 1 - base.isoweekday(), 7)
        case "weekend":
            return _choose_weekend(moment, base)
        case "month":
            return _month_span(base.year, base.month + count)
        case "year":
            return _month_span(base.year + count, 1, 12)
        case "decade":
            return _month_span((base.year // 10 + count) * 10, 1, 120)
        case _:
            return _Span(*[_move_to_day(moment, base)] * 2)


def _move_to_day(moment: _Moment, base: date) -> date:
    """The very day that lies so many units from `base`; hours count by whole days only."""
    count = _count_units(moment)
    match moment.unit:
        case "month" | "year" | "decade":
            months = count * {"month": 1, "year": 12, "decade": 120}[moment.unit]
            end = _month_span(base.year, base.month + months).end
            return end.replace(day=min(base.day, end.day))
        case "minute" | "hour":
            return base + timedelta(days=int(count / {"minute": 1440, "hour": 24}[moment.unit]))
        case unit:
            return base + timedelta(days=count * (1 if unit == "day" else 7))


def _narrow_unit(moment: _Moment, span: _Span) -> _Span | None:
    """The narrower fields inside the unit: Monday of last week, March or the end of last year, the 3rd of it."""
    if moment.unit in ("week", "weekend") and moment.weekday:
        return _days_from(span.end, moment.weekday - 7)
    if moment.unit == "month" and moment.day:
        return _day_span(span.start.year, span.start.month, moment.day)
    if moment.unit == "year":
        return _calendar_span(moment, span.start.year)
    return _cut_edge(span, moment.edge)


# From one moment to its span


def _has_calendar_fields(moment: _Moment) -> bool:
    return any((moment.day, moment.month, moment.season, moment.quarter, moment.half, moment.feast))


def _counts_by_unit(moment: _Moment) -> bool:
    """Whether the unit is wider than the other fields; « le mois d'août » says its unit for nothing."""
    widths = {"weekend": 3, "week": 3, "month": 4, "year": 6, "decade": 7}
    if moment.month:
        narrower = 4
    elif moment.season or moment.quarter or moment.half:
        narrower = 5
    else:
        narrower = 2 if moment.day or moment.weekday or moment.feast else 0
    return moment.unit is not None and widths.get(moment.unit, 2) > narrower


def _resolve_moment(moment: _Moment, anchors: _Anchors, kind: str | None, days_ahead: int) -> _Span | None:
    base = (anchors.named or anchors.document) if moment.anchor == "named" else anchors.document
    if moment.relative:
        return _resolve_relative(moment.relative, anchors)
    if moment.year is not None:
        return _calendar_span(moment, moment.year)
    if base is None:
        return None
    if _counts_by_unit(moment):
        return _resolve_unit(_without_fraction(moment), base, kind)
    if _has_calendar_fields(moment):
        return _choose_calendar_span(moment, base, days_ahead if moment.feast or (moment.day and moment.month) else 0)
    if moment.weekday:
        return _choose_weekday(moment, moment.weekday, base)
    if moment.part == "night":
        # « cette nuit », « la nuit dernière »: the one that ends today, or begins today
        return _days_from(base, 0 if moment.future or moment.next else -1, 2)
    return _days_from(base, int(moment.next) - int(moment.last)) if moment.part or moment.hour is not None else None


def _resolve_relative(relative: str, anchors: _Anchors) -> _Span | None:
    if relative in _DOCUMENT_DAYS:
        base, days = anchors.document, _DOCUMENT_DAYS[relative]
    else:
        base, days = anchors.named or anchors.document, _NAMED_DAYS[relative]
    return _days_from(base, days) if base else None


def _resolve_unit(moment: _Moment, base: date, kind: str | None) -> _Span | None:
    is_running = moment.amount is not None and (moment.last or moment.next)  # « ces trois derniers jours »
    if kind in ("since", "until") and (is_running or (moment.amount is not None and moment.unit == "week")):
        return _Span(*[_move_to_day(moment, base)] * 2)
    if is_running:
        return _Span(*sorted((base, _move_to_day(moment, base))))
    return _narrow_unit(moment, _move_to_unit(moment, base))


# From the fields to the value


Ends = tuple[date | None, date | None]


@dataclass(slots=True)
class _Expression:
    """The fields as read: of the whole, and of each end of an interval that names both."""

    kind: str | None
    whole: _Moment
    ends: tuple[_Moment, _Moment] | None
    vague: bool
    approximate: bool


def _read_expression(given: Mapping[str, Any], document_year: int | None) -> _Expression:
    held = {name: _read_field(name, value) for name, value in given.items() if value is not None}
    for name in ("year", "from_year", "to_year"):
        if name in held:
            held[name] = _complete_year(held[name], held, document_year)
    shared = {name: value for name, value in held.items() if name in _MOMENT_FIELDS}
    starts, stops = _end_fields(held, "from_"), _end_fields(held, "to_")
    turns = ("last", "next", "this", "future")
    start = _Moment(**{name: value for name, value in shared.items() if name not in turns} | starts)
    whole = _Moment(**shared | stops)
    kind, vague, approximate = held.get("kind"), held.get("vague", False), held.get("approximate", False)
    if whole.amount is not None and kind in ("since", "until") and whole.direction is None:
        whole.direction = "past" if kind == "since" else "coming"
    return _Expression(kind, whole, (start, whole) if starts or stops else None, vague, approximate)


def _complete_year(year: int, held: Mapping[str, Any], document_year: int | None) -> int:
    """Years of two digits: the latest that the document may speak of, next year included."""
    if year >= 100:
        return year
    latest = document_year + 1 if document_year else (2009 if held.get("unit") == "decade" else 2029)
    return latest - (latest - year) % 100


def _resolve_ends(expression: _Expression, anchors: _Anchors) -> Ends:
    try:
        if expression.ends:
            return _resolve_interval(*expression.ends, anchors)
        return _resolve_moment(expression.whole, anchors, expression.kind, _DAYS_AHEAD) or (None, None)
    except (OverflowError, ValueError):
        return None, None  # « il y a 5 000 ans » is out of the calendar's reach


def _resolve_interval(start: _Moment, stop: _Moment, anchors: _Anchors) -> Ends:
    """The start is looked for backwards from the stop: « du 28 décembre au 3 janvier », « de jeudi à vendredi »."""
    last = _resolve_moment(stop, anchors, None, _DAYS_AHEAD)
    hangs_on_stop = (_has_calendar_fields(start) or start.weekday) and not (start.relative or _counts_by_unit(start))
    near = _Anchors(last.start, last.start) if last and hangs_on_stop else anchors
    first = _resolve_moment(start, near, None, 0)
    if first and last and first.start > last.end and start.year == stop.year:
        first = _resolve_moment(replace(start, year=None), near, None, 0)
    if first and last and first.start > last.end:
        return None, None
    return first.start if first else None, last.end if last else None


def _resolve_known(expression: _Expression, document: _Days, named: _Days) -> Ends:
    """Resolved from the first and from the last day that the dates may stand for; what differs is not known."""
    ends = {
        _resolve_ends(expression, _Anchors(*days)) for days in zip(document or _NO_DAYS, named or _NO_DAYS, strict=True)
    }
    return ends.pop() if len(ends) == 1 else (None, None)


def _find_grain(moment: _Moment) -> str | None:
    if moment.hour is not None:
        return "hour" if moment.minute is None else "minute"
    if moment.part:
        return "part"
    if moment.relative or moment.day or moment.feast or (moment.weekday and not moment.month):
        return "day"
    for name in ("month", "season", "quarter", "half"):
        if getattr(moment, name):
            return name
    if moment.unit:
        # « il y a trois heures » is known to the day only; « trois heures » lasts hours
        placed = moment.direction or moment.last or moment.next or moment.offset
        return "day" if placed and moment.unit in ("minute", "hour") else moment.unit
    return "year" if moment.year is not None else None


def _find_kind(expression: _Expression, ends: Ends) -> str:
    moment = expression.whole
    if expression.kind:
        return expression.kind
    if expression.ends or expression.vague:
        return "interval"
    if _has_no_place(expression):
        return "duration"
    is_day = ends[0] == ends[1] if ends[0] else _find_grain(moment) in ("day", "part", "hour", "minute")
    return "point" if is_day else "interval"


def _show_clock(moment: _Moment) -> str | None:
    return None if moment.hour is None else f"{moment.hour:02}:{moment.minute or 0:02}"


def check_date(text: str | None) -> None:
    """Raises ValueError, naming the form that is wanted, for a publication date of another form; None is no date."""
    _read_known_days(text)


def resolve_time(
    fields: Mapping[str, Any], document_date: str | None = None, last_named: str | None = None
) -> TimeValue:
    """The value of the expression that `fields` describe (table above).

    `document_date` and `last_named` are ISO days, months or years, or None. ValueError names an unknown field, a value
    that a field cannot have, or a date that cannot be read.
    """
    document, named = _read_known_days(document_date), _read_known_days(last_named)
    expression = _read_expression(fields, document[1].year if document else None)
    ends = (None, None) if _has_no_place(expression) else _resolve_known(expression, document, named)
    return _build_value(expression, ends)


def _has_no_place(expression: _Expression) -> bool:
    """Whether nothing says where in time the expression lies: a duration, a repetition, « ces derniers jours »."""
    moment = expression.whole
    is_bare_amount = moment.amount is not None and not (moment.direction or moment.last or moment.next)
    return expression.vague or expression.kind in ("duration", "repeated") or is_bare_amount


def _build_value(expression: _Expression, ends: Ends) -> TimeValue:
    moment = expression.whole
    kind, grain = _find_kind(expression, ends), _find_grain(moment)
    start, end = (day.isoformat() if day else None for day in ends)
    value = TimeValue(kind, None if kind == "until" else start, None if kind == "since" else end, grain)
    value.start_latest = end if kind == "since" else None
    value.part, value.vague, value.approximate = moment.part, expression.vague, expression.approximate
    value.clock = _show_clock(expression.ends[0] if expression.ends else moment)
    value.clock_end = _show_clock(moment) if expression.ends else None
    if kind == "duration" or moment.amount is not None:
        value.amount, value.unit = moment.amount, moment.unit
    return value
