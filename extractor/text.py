"""Read a text into a document: paragraph-like blocks, each with its place and its kind.

In: a text as it was scraped or typed. Out: a `Document` whose blocks are half-open spans of that very text, in order
and without overlap; no character is changed, so every offset found later is an offset of the original.

>>> document = read_document("Raid sur Idleb\\n\\nUn raid a fait deux morts à Idleb, selon l'OSDH.")
>>> [block.kind for block in document.blocks]
['headline', 'paragraph']

Where blocks end
    A blank line always ends a block. A single line break ends one too, because scraped news puts one after each
    paragraph, caption and heading. Two things join the lines again: a line that plainly goes on (it ends in a comma or
    a word like « de », or it lacks a full stop and the next line begins in lower case), and text wrapped at a column,
    known by the fact that almost nowhere in the group would the next word have fitted on the line before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

FURNITURE_FILE: Final = Path(__file__).parent / "data" / "furniture.yaml"


@dataclass(slots=True)
class Block:
    """A paragraph-like piece of a document: a span, its kind and why it is of that kind."""

    start: int
    end: int
    kind: str  # "paragraph" | "headline" | "subhead" | "furniture" | "foreign"
    reason: str = ""


@dataclass(slots=True)
class Document:
    """A text with its blocks. `has_accents` is false for a text typed without any accent."""

    id: str
    text: str
    date: str | None
    title: str | None
    blocks: tuple[Block, ...]
    has_accents: bool


def read_document(text: str, doc_id: str = "text", date: str | None = None, title: str | None = None,
                  furniture: Furniture | None = None) -> Document:
    """Cut `text` into blocks and say what each is.

    `date` is the day of publication (ISO 8601), `title` the title if it is known from elsewhere; a first block that
    repeats the title is the headline. `furniture` are the cues of page furniture, by default the shipped ones.
    """
    spans = _join_lines(text, _find_lines(text))
    blocks = _classify(text, spans, title, furniture or load_furniture())
    return Document(doc_id, text, date, title, blocks, _ACCENT.search(text) is not None)


# ---------------------------------------------------------------------------------------------------------------- lines

_ACCENT: Final = re.compile("[À-ÖØ-öø-őŔ-ž\u0300-\u036f]")
_LINE: Final = re.compile("[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_FIRST_WORD: Final = re.compile(r"\S+")

# Wrapped text has lines of about one width; anything wider is a paragraph a line.
MIN_WRAP_WIDTH: Final = 40
MAX_WRAP_WIDTH: Final = 120

# A line that ends in one of these is not finished, wherever its break came from.
_UNFINISHED: Final = re.compile(
    r"(?:,|\b(?:[ld]['’]|de|du|des|le|la|les|un|une|à|au|aux|et|ou|en|dans|sur|par|pour|que|qui|dont|avec|sans|selon))$"
)
_FINISHED: Final = re.compile(r"""[.!?…:;][\s"»”')\]]*$|[»”"]$""")
_GOES_ON: Final = re.compile(r"[^\W\d_A-ZÀ-ÖØ-Þ]|[,;)]")


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    after_gap: bool  # a blank line stands before it


def _find_lines(text: str) -> list[_Line]:
    """The lines of `text` that hold something, without the space around them."""
    lines: list[_Line] = []
    last_end = 0
    gap = True
    for match in _LINE.finditer(text):
        start, end = match.span()
        gap = gap or _has_blank_line(text, last_end, start)
        last_end = end
        content = match.group()
        stripped = content.strip()
        if not stripped:
            gap = True
            continue
        start += len(content) - len(content.lstrip())
        lines.append(_Line(start, start + len(stripped), gap))
        gap = False
    return lines


def _has_blank_line(text: str, start: int, end: int) -> bool:
    """Whether the line breaks between two lines are more than one (`\\r\\n` counts as one)."""
    return end - start > 1 and text[start:end] != "\r\n"


def _join_lines(text: str, lines: list[_Line]) -> list[tuple[int, int]]:
    """Join lines that belong to one paragraph; the spans of the paragraphs, in order."""
    spans: list[tuple[int, int]] = []
    first = 0
    while first < len(lines):
        last = first + 1
        while last < len(lines) and not lines[last].after_gap:
            last += 1
        _join_group(text, lines[first:last], spans)
        first = last
    return spans


def _join_group(text: str, group: list[_Line], spans: list[tuple[int, int]]) -> None:
    """Join the lines of one group (no blank line inside) and add the spans they make."""
    wrapped = _find_wrapped(text, group)
    start = group[0].start
    for above, below, is_wrapped in zip(group, group[1:], wrapped, strict=False):
        if not (is_wrapped or _goes_on(text, above, below)):
            spans.append((start, above.end))
            start = below.start
    spans.append((start, group[-1].end))


def _find_wrapped(text: str, group: list[_Line]) -> list[bool]:
    """For each break in the group: was it forced by the width of the column?

    One forced break proves nothing: the widest line is always followed by one. So at least two thirds of the breaks
    of a group of three lines or more must be forced before any counts.
    """
    breaks = len(group) - 1
    width = max(line.end - line.start for line in group)
    if breaks < 2 or not MIN_WRAP_WIDTH <= width <= MAX_WRAP_WIDTH:
        return [False] * breaks
    forced = [
        above.end - above.start + 1 + _first_word_length(text, below) > width
        for above, below in pairwise(group)
    ]
    return forced if 3 * sum(forced) >= 2 * breaks else [False] * breaks


def _first_word_length(text: str, line: _Line) -> int:
    match = _FIRST_WORD.match(text, line.start, line.end)
    return match.end() - line.start if match else 0


def _goes_on(text: str, above: _Line, below: _Line) -> bool:
    """Whether a line plainly continues the one above: « selon un / correspondant de / l'AFP »."""
    tail = text[max(above.start, above.end - 20) : above.end]
    if _UNFINISHED.search(tail):
        return True
    return _FINISHED.search(tail) is None and _GOES_ON.match(text, below.start) is not None


# ---------------------------------------------------------------------------------------------------------------- kinds

# Longer blocks are text: they are not compared with cues nor taken for headings.
LINE_MAX_CHARACTERS: Final = 2_500
HEADLINE_MAX_WORDS: Final = 30
SUBHEAD_MAX_WORDS: Final = 14
QUOTED_SUBHEAD_MAX_WORDS: Final = 10
FOREIGN_MIN_WORDS: Final = 8
CAPTION_MIN_WORDS: Final = 4

_ENDS_LIKE_SENTENCE: Final = re.compile(r"""[.:;,]["»”')\]\s]*$""")
_DASHED: Final = re.compile(r"[-–—]\s.*[-–—]$")
_QUOTED: Final = re.compile(r"""[«"“][^«»"“”]*[^.!?…,\s]\s*[»"”]$""")
_BULLET: Final = re.compile(r"[-–—•·*▪►>]|\d+[.)]\s")
_CREDIT: Final = re.compile(r"©|\bcrédits?\b|\bphoto\b|\bsource\s?:|\b(?:afp|reuters|ap|sputnik)\b", re.IGNORECASE)


def _classify(text: str, spans: list[tuple[int, int]], title: str | None, furniture: Furniture) -> tuple[Block, ...]:
    """Give each span its kind. What a block is may depend on the block before it and on whether more follow."""
    blocks: list[Block] = []
    last_line = ""
    is_first = True  # nothing but furniture so far
    known_title = _normalise(title) if title else ""
    for index, (start, end) in enumerate(spans):
        content = text[start:end]
        line = _normalise(content) if len(content) <= LINE_MAX_CHARACTERS else ""
        kind, reason = _find_kind(content, line, last_line, furniture)
        if not kind:
            is_last = index == len(spans) - 1
            kind, reason = _find_heading(line, is_first, is_last, known_title)
        is_first = is_first and kind == "furniture"
        blocks.append(Block(start, end, kind, reason))
        last_line = line
    return tuple(blocks)


def _find_kind(content: str, line: str, last_line: str, furniture: Furniture) -> tuple[str, str]:
    """"furniture" or "foreign" with the reason, or two empty texts."""
    if reason := _find_furniture(line, furniture) or _find_repetition(line, last_line):
        return "furniture", reason
    if language := find_foreign_language(content):
        return "foreign", language
    return "", ""


def _find_heading(line: str, is_first: bool, is_last: bool, title: str) -> tuple[str, str]:
    """Whether a block is a headline, a subhead or a paragraph, with the reason."""
    words = line.count(" ") + 1
    if is_first and title and line == title:
        return "headline", "the title of the document"
    if is_last or not line:
        return "paragraph", ""
    if is_first and words <= HEADLINE_MAX_WORDS and not _ENDS_LIKE_SENTENCE.search(line):
        return "headline", "short first block without a full stop"
    if words <= SUBHEAD_MAX_WORDS:
        return _find_subhead(line, words)
    return "paragraph", ""


def _find_subhead(line: str, words: int) -> tuple[str, str]:
    if _DASHED.match(line):
        return "subhead", "short block between dashes"
    if words <= QUOTED_SUBHEAD_MAX_WORDS and _QUOTED.match(line):
        return "subhead", "short quotation that stands alone"
    if _BULLET.match(line) or _FINISHED.search(line):
        return "paragraph", ""
    return "subhead", "short block without a full stop"


# ------------------------------------------------------------------------------------------------------------ furniture


@dataclass(slots=True)
class _Cue:
    at: str
    max_words: int
    needs: int
    reason: str


@dataclass(slots=True)
class Furniture:
    """The cues of page furniture: for each place (start, whole, inside) from phrase to cue, and one expression for the
    phrases that start a block or stand inside one."""

    cues: dict[str, dict[str, _Cue]]
    start: re.Pattern[str]
    inside: re.Pattern[str]


@cache
def load_furniture() -> Furniture:
    """The cues of `data/furniture.yaml`."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    table = yaml.load(FURNITURE_FILE.read_text(encoding="utf-8"), Loader=loader)
    cues: dict[str, dict[str, _Cue]] = {"start": {}, "whole": {}, "inside": {}}
    for group in table["cues"]:
        cue = _Cue(group["at"], group.get("max_words", 0), group.get("needs", 1), group["reason"])
        cues[cue.at].update(dict.fromkeys(group["phrases"], cue))
    return Furniture(cues, _any_of(cues["start"]), _any_of(cues["inside"]))


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """One expression for all phrases, whole words, longest first."""
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile("(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)")


def _find_furniture(line: str, furniture: Furniture) -> str:
    """The reason why a block is furniture, or an empty text."""
    cues = furniture.cues
    words = line.count(" ") + 1
    if match := furniture.start.match(line):
        cue = cues["start"][match.group()]
        if words <= cue.max_words:
            return cue.reason
    if cue_of_line := cues["whole"].get(line.rstrip(" .:!?…>»")):
        return cue_of_line.reason
    found = {phrase: cues["inside"][phrase] for phrase in furniture.inside.findall(line)}
    return next((cue.reason for cue in found.values() if len(found) >= cue.needs and words <= cue.max_words), "")


def _find_repetition(line: str, last_line: str) -> str:
    """A caption says the line above again, often with a credit behind it."""
    if last_line.count(" ") + 1 < CAPTION_MIN_WORDS or not line.startswith(last_line):
        return ""
    rest = line[len(last_line) :]
    if not rest:
        return "the line above said again"
    return "the line above said again with a credit" if len(rest) < 120 and _CREDIT.search(rest) else ""


def _normalise(text: str) -> str:
    """Lower case, no accents, plain apostrophes, single spaces: what cues are compared with."""
    lowered = text.lower().replace("’", "'")
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFD", lowered)
        lowered = _COMBINING.sub("", decomposed)
    return " ".join(lowered.split())


_COMBINING: Final = re.compile("[\u0300-\u036f]+")

# ------------------------------------------------------------------------------------------------------------- language

# The most frequent short words, with those that several languages share: only so can the counts be compared.
_STOP_WORDS: Final = {
    "French": "le la les de des du un une en dans que qui est a au aux pour par sur avec ont été se ce cette ces son sa"
    " ses leur plus il elle ils nous vous mais pas ne selon après depuis et ou où à étaient sont était l d qu n s c",
    "English": "the of and to in that is was for with by from have has were are this which at it be who not will they"
    " their been would we you what his her its as an or but said",
    "Spanish": "el la los las de del un una y en que se con por para su sus es fue ha han no según más pero como está"
    " este lo al",
    "German": "der die das und den von mit ist im in dem nicht auf eine ein sich auch wurde wurden nach für bei sind zu"
    " des dass",
    "Italian": "il la le di e che in è della del dei nel un una per con sono gli si non più anche ha stato da al alla",
    "Portuguese": "o a os as de do da dos das um uma e que em não com para por foi são ao mais pela pelo se no na",
}
_STOP_WORDS_OF: Final = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}
_WORD: Final = re.compile(r"[^\W\d_]+")
# Greek, Cyrillic, Hebrew, Arabic, the scripts of India and South-East Asia, Chinese, Japanese, Korean.
_OTHER_SCRIPT: Final = re.compile("[\u0370-\u052f\u0590-\u0eff\u3040-\u9fff\uac00-\ud7af]")
_SAMPLE_CHARACTERS: Final = 800


def find_foreign_language(text: str) -> str:
    """The language of a block when it is surely not French, else an empty text. Blocks under eight words are French.

    A third of running text and more is stop words. A French block that quotes another language keeps enough of its own.
    """
    words = _WORD.findall(text[:_SAMPLE_CHARACTERS].lower())
    french = sum(word in _STOP_WORDS_OF["French"] for word in words)
    if len(words) < FOREIGN_MIN_WORDS or french * 3 >= len(words):
        return ""
    if sum(_OTHER_SCRIPT.match(word) is not None for word in words) * 2 > len(words):
        return "not in Latin script"
    counts = [(sum(word in stops for word in words), language) for language, stops in _STOP_WORDS_OF.items()]
    most, language = max(counts)
    return f"reads as {language}" if most * 4 >= len(words) and most >= 2 * french else ""
