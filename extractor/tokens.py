"""Cut a document into sentences of tokens.

In: a `Document`. Out: a list of `Sentence`, each with its tokens as written and their offsets into the document's text.
Every character that is not a space belongs to exactly one token; folding is done per token, never on the text, because
« œ », « … » and « ﬁ » change length when folded and would move every offset after them.

>>> text = "L'armée a-t-elle tué 1 200 civils ?"
>>> [text[start:end] for start, end in iter_token_spans(text)]
["L'", 'armée', 'a', '-t-elle', 'tué', '1 200', 'civils', '?']

What a token is
    One regular expression, `TOKEN`, built below from named pieces; the first piece that fits wins. All loops are
    possessive or bounded, so that no text costs more than a time linear in its length.

Where sentences end
    Never across blocks. Inside a block after `. ! ? …` with the closing quotes and brackets that follow, when what
    comes next can begin a sentence; not after a title (« M. »), an initial, a list number, nor before « , a dit X ».
    A subhead between dashes ends at its second dash, and a capital that only begins sentences (« Depuis », « Selon »)
    after a word in lower case shows that a full stop was lost.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from extractor.text import Block, Document

# --------------------------------------------------------------------------------------------------------------- tokens

_UPPER = "A-ZÀ-ÖØ-ÞŒŠŽ"
# Combining accents, the soft hyphen and zero-width characters go on with a word; they never begin one.
_IN_WORD = r"[\w\u00ad\u0300-\u036f\u200b-\u200d\u2060\ufeff]"
_APOSTROPHE = "['’ʼ]"
_HYPHEN = "[-\u2010\u2011]"
_SPACE = "[ \u00a0\u202f\u2009\u2007]"

# Words that begin sentences: « il a franchi le col. Les autres » tells a full stop from « le col. Diallo ».
_STARTERS = (
    "Le La Les Un Une Des Du Il Elle Ils Elles On Ce Cette Ces Cet Mais Et Or Donc Car Dans En Au Aux Sur Sous Pour"
    " Par Selon Depuis Après Avant Lors Nous Vous Je Qui Que Quand Si Son Sa Ses Leur Leurs À A Plus Plusieurs Deux"
    " Trois Lui"
)

# The subject after its verb: « a-t-il », « dit-elle », « est-ce », « donnez-nous ». What goes on after the pronoun is a
# compound (« cessez-le-feu », « Aix-en-Provence »); « rendez-vous », « garde-à-vous » and « Kim Jong-il » are no verbs.
_PRONOUN = (
    rf"(?<=[^\W\d_])(?<!ng)(?:{_HYPHEN}(?:t(?:{_HYPHEN}|{_APOSTROPHE}))?(?:l(?:e|a|es){_HYPHEN})?"
    r"(?:ils?|elles?|on|ce|je|tu|nous|(?<!endez-)(?<!à-)vous|moi|toi|lui|leur|les?|la|y|en)"
    rf"|{_HYPHEN}(?:T{_HYPHEN})?(?:ILS?|ELLES?|ON|CE|JE|TU|NOUS|(?<!ENDEZ-)VOUS))(?!\w|{_HYPHEN}\w)"
)

# « l' », « qu' », « lorsqu' »; not « quelqu'un » nor « presqu'île ». French elides before a vowel, an h or a y, so
# « N'Djamena », « M'Bala » and « D'Souza » are names.
_CONSONANT = "[B-DF-GJ-NP-TV-XZb-df-gj-np-tv-xz]"
_ELISION = (
    rf"[LlSsCcJjTt]{_APOSTROPHE}|[NnMm]{_APOSTROPHE}(?!{_CONSONANT})|[Dd]{_APOSTROPHE}(?!{_CONSONANT}[a-z])"
    rf"|(?:[Qq]|[Jj]usq|[Ll]orsq|[Pp]uisq|[Qq]uoiq|[Pp]arceq|[Tt]andisq|[Pp]resq(?!u{_APOSTROPHE}île))[uU]{_APOSTROPHE}"
    rf"|(?:JUS|LORS|PUIS|QUOI)QU{_APOSTROPHE}"
)

# Endings that inclusive writing puts in brackets or between dots: « tué(e)s », « habitant·e·s », « blessé.e.s ».
_FEMININE = "(?:e|s|es|nes?|les?|tes?|x|ères?|euses?|rices?|trices?|ses?|ves?)"
_INCLUSIVE = rf"(?:\({_FEMININE}\)s?(?!\w))++|(?:[·‧•]{_FEMININE}(?!\w))++|\.e(?:\.?s)?(?!\w)"

# Abbreviations keep their dot: always; before a name; after a number (« 12 sept. »); before a number (« p. 12 »).
_ALWAYS = (
    "M MM Mme Mmes Mlle Mlles Mr Mrs Dr Drs Pr Mgr St Ste Lt lt gén Gén Cdt cdt Sgt sgt Cne Cpt etc Etc cf Cf env tél"
    " Tél apr vs pp Jr Sr"
)
_BEFORE_NAME = "Me col Col cap capt Cap Capt gal Gal amb prof Prof rév Rev sén adj brig prés av"
_AFTER_NUMBER = "janv févr fév avr juil sept oct nov déc"
_BEFORE_NUMBER = "p art Art no No vol chap fig réf"


def _ends_in(words: str, before: str = r"(?<![\w-])") -> str:
    """A look-behind that holds after the dot of one of these words where `before` stands before it."""
    return "(?:" + "|".join(rf"(?<={before}{word}\.)" for word in words.split()) + ")"


_NAME_FOLLOWS = rf"(?={_SPACE}?[{_UPPER}])(?!{_SPACE}?(?:[LDCJNS]['’]|(?:{_STARTERS.replace(' ', '|')})(?!\w)))"
_ABBREVIATION_DOT = (
    rf"\.(?:{_ends_in(_ALWAYS)}|{_ends_in(_AFTER_NUMBER, f'[0-9]{_SPACE}')}"
    rf"|(?:{_ends_in(_BEFORE_NAME)}|(?<=(?<![\w'’.-])[{_UPPER}]\.)){_NAME_FOLLOWS}"
    rf"|{_ends_in(_BEFORE_NUMBER)}(?={_SPACE}?\d))"
)
_ACRONYM = rf"[{_UPPER}](?:\.-?[{_UPPER}]){{1,12}}+\.?+(?!\w)"

_DOMAIN = (
    r"(?:\.\w[\w-]{0,40}){0,3}\.(?:fr|com|org|net|info|tv|ru|be|ch|eu|io)(?!\w|\.\w)(?:/[^\s<>\"«»“”]*[\w/])?"
)
_REST_OF_ADDRESS = r"(?:[.+_-]\w{1,40}+){0,4}@\w{1,60}+(?:[.-]\w{1,60}+){1,5}+"
_COMPOUND = rf"(?:{_APOSTROPHE}[^\W\d_]{_IN_WORD}*+|(?!{_PRONOUN}){_HYPHEN}\w{_IN_WORD}*+)*+"
_WORD = (
    rf"[^\W\d_]{_IN_WORD}*+{_COMPOUND}"
    rf"(?:{_INCLUSIVE}|{_ABBREVIATION_DOT}|(?<=(?<!\w)[nN])°|{_DOMAIN}|{_REST_OF_ADDRESS})?+"
)

# Figures with thousands separators keep together only in groups of exactly three: « 350 000 », but « en 2019 300
# civils » is two numbers. A range (« 10-15 ») is three tokens; « 11-Septembre » is one, « 10km » two.
_NUMBER = (
    r"\d\d?/\d\d?/(?:\d{4}|\d\d)(?!\d)|\d{4}-\d\d-\d\d(?!\d)|\d\d?-\d\d?-\d{4}(?!\d)|\d\d?\.\d\d?\.\d{4}(?!\d)"
    r"|\d{1,3}[hH](?:\d\d)?(?:mn|min)?(?!\w)|\d\d?:\d\d(?::\d\d)?(?!\d)"
    rf"|[1-9]\d{{0,2}}(?:(?:{_SPACE}\d{{3}}){{1,6}}|(?:\.\d{{3}}){{1,6}}|(?:['’]\d{{3}}){{1,6}})(?!\d)(?:,\d++)?"
    r"|[1-9]\d{0,2}(?:,\d{3}){2,6}(?!\d)"
    rf"|\d{{1,3}}(?:er)?{_HYPHEN}[^\W\d_]{_IN_WORD}*+{_COMPOUND}"
    r"|\d++(?:[.,]\d++|(?:ers?|ères?|res?|es?|è|i?èmes?|i?emes?|ndes?|nds?)(?!\w)|[A-Z][A-Z\d]*+(?!\w)|x\d++(?!\w))"
    r"|\d++"
)

_ADDRESS = r"(?:https?://|www\.)[^\s<>\"«»“”]*[\w/]|[@#]\w++"
_OMISSION = r"\[ ?(?:…|\.{2,4}) ?\]|\( ?(?:…|\.{2,4}) ?\)|\.{2,}+"

# A byte order mark or a zero-width space before a word goes with it.
_AFTER_INVISIBLE = rf"[\u00ad\u200b-\u200d\u2060\ufeff]++(?:[^\W\d_]{_IN_WORD}*+{_APOSTROPHE}?)?"

# Shortcuts: they take what the pieces after them would take too, and most of a text at a third of the cost.
_PLAIN_WORD = "[A-Za-zÀ-ÖØ-öø-ÿœŒ]++(?![^ ,])"
_PLAIN_MARK = '[,:;"«»!?]'

_PIECES = (_ELISION, _ADDRESS, _ACRONYM, _WORD, _NUMBER, _PRONOUN, _OMISSION, _AFTER_INVISIBLE, r"\S")
TOKEN: Final = re.compile("|".join((_PLAIN_WORD, _PLAIN_MARK, *_PIECES)))


def iter_token_spans(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """The tokens of `text[start:end]` as half-open spans of `text`, in order. `end` defaults to the end of the text."""
    return map(re.Match.span, TOKEN.finditer(text, start, len(text) if end is None else end))


# -------------------------------------------------------------------------------------------------------------- folding

_COMBINING: Final = re.compile("[\u0300-\u036f]+")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]+")
_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("’ʼ", "'"),
        **dict.fromkeys("\u2010\u2011", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009\u2007", " "),
        "œ": "oe",
        "æ": "ae",
        **{"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"},
    }
)


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """The form in which words are compared: NFC, lower case, plain apostrophes, hyphens and spaces, no ligatures.

    Accents stay: « tue » is not « tué ». What folds to nothing (a lone zero-width space) is left as it is.

    >>> fold("Cœur"), fold("L’"), fold("350\\u202f000")
    ('coeur', "l'", '350 000')
    """
    if word.isascii():
        return word.lower()
    folded = unicodedata.normalize("NFC", word).lower().translate(_PLAIN)
    return _INVISIBLE.sub("", folded) or word


@lru_cache(maxsize=100_000)
def strip_accents(folded: str) -> str:
    """A folded word without its accents: « tués » gives « tues »."""
    if folded.isascii():
        return folded
    return unicodedata.normalize("NFC", _COMBINING.sub("", unicodedata.normalize("NFD", folded)))


# ------------------------------------------------------------------------------------------------------------ sentences

MAX_SENTENCE_TOKENS: Final = 400


@dataclass(slots=True)
class Sentence:
    """A sentence: its span in the document's text, the kind of its block, its tokens as three lists of one length, and
    the token spans of quotations whose marks were passed over."""

    index: int
    start: int
    end: int
    kind: str
    words: list[str]
    starts: list[int]
    ends: list[int]
    paragraph: int
    quoted: tuple[tuple[int, int], ...] = ()


#: Words in quotation marks that are part of the sentence: « ont "neutralisé" douze combattants ».
MAX_QUOTED_WORDS: Final = 12
_QUOTES: Final = {"«": "»", "“": "”", '"': '"'}
_WORD_END: Final = re.compile(r"[\w'’)]")
_ENDS_QUOTED: Final = frozenset('.!?…:;«»“”"')


def pass_over_quotes(sentence: Sentence) -> Sentence:
    """The sentence without the quotation marks around words that go on with it.

    They follow a word, are at most `MAX_QUOTED_WORDS` and no sentence of their own; marks around what somebody says in
    whole sentences stay, and so do those at the start of a sentence or after a comma.
    """
    words = sentence.words
    passed: set[int] = set()
    quoted: list[tuple[int, int]] = []
    for opening, word in enumerate(words):
        closes = _QUOTES.get(word)
        if closes is None or opening in passed or opening == 0 or not _WORD_END.match(words[opening - 1][-1]):
            continue
        rest = words[opening + 1 : opening + MAX_QUOTED_WORDS + 2]
        length = next((i for i, w in enumerate(rest) if w == closes), 0)
        if length and not _ENDS_QUOTED.intersection(rest[:length]):
            quoted.append((opening - len(passed), opening - len(passed) + length))
            passed |= {opening, opening + 1 + length}
    if not passed:
        return sentence
    kept = [i for i in range(len(words)) if i not in passed]
    return replace(sentence, words=[words[i] for i in kept], starts=[sentence.starts[i] for i in kept],
                   ends=[sentence.ends[i] for i in kept], quoted=tuple(quoted))


def split_sentences(document: Document) -> list[Sentence]:
    """The sentences of all blocks, furniture and foreign ones too, in order; `index` counts through the document.

    A sentence of more than `MAX_SENTENCE_TOKENS` tokens (a table, a list without stops) is cut: see `_cut_long`.
    """
    sentences: list[Sentence] = []
    for paragraph, block in enumerate(document.blocks):
        tokens = _read_tokens(document.text, block)
        first = 0
        for last in _find_ends(tokens):
            for start, end in _cut_long(tokens.words, first, last):
                sentences.append(_make_sentence(tokens, start, end, len(sentences), block.kind, paragraph))
            first = last
    return sentences


@dataclass(slots=True)
class _Tokens:
    """The tokens of one block."""

    words: list[str]
    starts: list[int]
    ends: list[int]
    quotes: list[int]  # where the tokens `"` stand, for telling opening from closing ones
    is_lower: bool  # no capital in the whole block: sentences begin in lower case too

    def is_glued(self, index: int) -> bool:
        """Whether no space stands between this token and the one before."""
        return self.starts[index] == self.ends[index - 1]


def _read_tokens(text: str, block: Block) -> _Tokens:
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in iter_token_spans(text, block.start, block.end):
        words.append(text[start:end])
        starts.append(start)
        ends.append(end)
    content = text[block.start : block.end]
    quotes = [index for index, word in enumerate(words) if word == '"'] if '"' in content else []
    return _Tokens(words, starts, ends, quotes, content.islower())


def _make_sentence(tokens: _Tokens, first: int, last: int, index: int, kind: str, paragraph: int) -> Sentence:
    words, starts, ends = tokens.words[first:last], tokens.starts[first:last], tokens.ends[first:last]
    return Sentence(index, starts[0], ends[-1], kind, words, starts, ends, paragraph)


def _read_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_STOPS: Final = frozenset(".!?…")  # last characters of the tokens that may end a sentence
_CLOSING: Final = frozenset("»”)]’")
_OPENING: Final = frozenset("«“\"'‘([")
_DASHES: Final = frozenset("-–—")
_BULLETS: Final = frozenset("•·▪●■◆♦►▻→©*#@+>")
_STARTER_WORDS: Final = _read_set(_STARTERS)
_LIST_NUMBER: Final = re.compile(r"\d{1,2}|[^\W\d_]|[IVX]{1,4}|\d{1,2}[hH:]\d\d")

# Where one of these follows a word in lower case, scraping lost a full stop (« … ont fui vers le nord Depuis mardi »):
# in news they hardly stand in the middle of a sentence, save in titles, which certain words announce.
_RESUMING: Final = _read_set(
    "Depuis Selon Malgré Pourtant Cependant Toutefois Néanmoins Cette Ces Ils Elles Parmi Lors Mais Outre Ainsi Enfin"
    " Après Dans Pour Si Plusieurs Plus À Au Aux Ce Cet En Il Et Avec Comme Dès Alors Sur Un Une Des Pendant Durant"
    " Entre Son Sa Ses Car Quelques"
)
_BEFORE_TITLE: Final = _read_set(
    "magazine journal quotidien hebdomadaire mensuel site émission film livre roman titre série documentaire chanson"
    " album mouvement parti collectif association fondation groupe dont selon avec dans pour sans sous vers chez"
    " contre entre intitulé intitulée titré titrée baptisé baptisée nommé nommée appelé appelée cette leur leurs nos"
)


def _find_ends(tokens: _Tokens) -> list[int]:
    """Where the sentences of a block end: token indices, exclusive, rising, the last one the number of tokens."""
    words = tokens.words
    ends: list[int] = []
    first = judged = 0
    for index in [i for i, word in enumerate(words) if word[-1] in _STOPS or word in _RESUMING]:
        if index < judged:
            continue
        if words[index] in _RESUMING:
            end, judged = index, index + 1
            is_end = _lost_full_stop(tokens, index, first)
        else:
            end = judged = _skip_closing(tokens, index + 1)
            is_end = end == len(words) or (_may_end(tokens, index, first, end) and _may_begin(tokens, index, end))
        if is_end:
            ends += _split_subhead(tokens, first, end)
            first = end
    return ends if first == len(words) else ends + _split_subhead(tokens, first, len(words))


def _skip_closing(tokens: _Tokens, index: int) -> int:
    """Past the stops, closing quotes and closing brackets that stand at `index`."""
    while index < len(tokens.words) and (tokens.words[index] in _STOPS or _is_closing(tokens, index)):
        index += 1
    return index


def _lost_full_stop(tokens: _Tokens, index: int, first: int) -> bool:
    before = tokens.words[index - 1]
    is_plain = len(before) > 3 and before.isalpha() and before.islower() and before not in _BEFORE_TITLE
    return is_plain and index - first > 4 and not tokens.is_glued(index)


def _is_closing(tokens: _Tokens, index: int) -> bool:
    """Whether a token closes a quotation or a bracket.

    `"` and `'` (up to three in a row) are told by the spaces around them; where these say nothing, by counting.
    """
    word = tokens.words[index]
    if word not in ('"', "'"):
        return word in _CLOSING
    after = index + 1
    while after < min(index + 3, len(tokens.words)) and tokens.words[after] == word:
        after += 1
    glued_before = tokens.is_glued(index)
    glued_after = after < len(tokens.words) and tokens.is_glued(after)
    if glued_before != glued_after:
        return glued_before
    return word == '"' and bisect_left(tokens.quotes, index) % 2 == 1


def _may_end(tokens: _Tokens, index: int, first: int, end: int) -> bool:
    """Whether the stop at `index` can end a sentence, to judge by what stands before it."""
    word = tokens.words[index]
    if len(word) > 1 and word[0] != "." and end == index + 1:
        return _abbreviation_may_end(word, tokens.words[end])
    opens_list = word == "." and index - first == 1 and tokens.is_glued(index)
    return not (opens_list and _LIST_NUMBER.fullmatch(tokens.words[first]))


def _abbreviation_may_end(word: str, following: str) -> bool:
    """« etc. Il », « l'O.N.U. La France », never « M. Trump » or « 12 sept. Paris »."""
    if word in ("etc.", "Etc."):
        return True
    return "." in word[:-1] and (following in _STARTER_WORDS or following[-1] in "'’«")


def _may_begin(tokens: _Tokens, index: int, begin: int) -> bool:
    """Whether a sentence can begin at the token `begin`, after the stop at `index`."""
    words = tokens.words
    head = words[begin][0]
    if head in _OPENING or head in _DASHES:
        if words[begin] in ("[…]", "[...]"):
            return True
        begin += 1
        if begin == len(words):
            return False
        head = words[begin][0]
        return head.isupper() or head.isdigit() or head in _OPENING or tokens.is_lower
    if head.isupper():
        return True
    if head.isdigit():
        return words[index] not in ("…", "...") and not tokens.is_glued(begin)
    return head in _BULLETS or words[begin].startswith("http") or (tokens.is_lower and not tokens.is_glued(begin))


SUBHEAD_MAX_TOKENS: Final = 14


def _split_subhead(tokens: _Tokens, first: int, last: int) -> list[int]:
    """The end of a sentence, and before it that of a subhead that opens it when paragraphs run together.

    « - Trois morts - L'ONU a réagi. » is a subhead and a sentence.
    """
    words = tokens.words
    if words[first] not in _DASHES or last - first < 4 or tokens.is_glued(first + 1):
        return [last]
    for index in range(first + 2, min(first + SUBHEAD_MAX_TOKENS, last - 1)):
        if words[index] in _DASHES:
            head = words[index + 1][0]
            return [index + 1, last] if head.isupper() or head in _OPENING else [last]
    return [last]


def _cut_long(words: list[str], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence into pieces of at most `MAX_SENTENCE_TOKENS`.

    A piece ends after the last `;` or `.` in the second half of the room it has, else after the last `,`, else where
    the room ends.
    """
    while last - first > MAX_SENTENCE_TOKENS:
        room = words[first + MAX_SENTENCE_TOKENS // 2 : first + MAX_SENTENCE_TOKENS]
        cut = max((i for i, word in enumerate(room) if word in (";", ".")), default=-1)
        if cut < 0:
            cut = max((i for i, word in enumerate(room) if word == ","), default=len(room) - 1)
        end = first + MAX_SENTENCE_TOKENS // 2 + cut + 1
        yield first, end
        first = end
    yield first, last
