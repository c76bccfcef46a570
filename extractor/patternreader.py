"""Reading patterns: text → syntax tree.

In: pattern text (`grammar/pattern.lark` has its grammar) with the place it was written at. Out: the nodes of
`pattern.py`; what cannot be read raises `PatternError` with a diagnostic that says what may stand there.

    >>> show(parse_pattern(inline("<victim:@People> ont été <trigger:$killed>")))
    '<victim:@People> ont été <trigger:$killed>'
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError

from extractor.diagnostics import Diagnostic
from extractor.pattern import (
    ANCHOR_SCOPES,
    GAP_OPTIONS,
    MAX_GAP,
    MAX_REPEAT,
    All,
    Alt,
    Anchor,
    Call,
    Capture,
    Comparison,
    Either,
    Gap,
    Lemma,
    Look,
    MentionRef,
    Named,
    Node,
    Not,
    PatternError,
    Reference,
    Regex,
    Repeat,
    Seq,
    Spot,
    Test,
    TokenTest,
    Word,
)
from extractor.source import Text


def grammar_folder() -> Path:
    """The folder of the lark grammars: inside the package when installed, beside it in a checkout."""
    packaged = Path(__file__).parent / "grammar"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "grammar"


@functools.cache
def _parser() -> Lark:
    text = (grammar_folder() / "pattern.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False)


def parse_pattern(text: Text) -> Node:
    """The syntax tree of pattern text. Raises `PatternError` with a diagnostic that points into the file."""
    if not text.value.strip():
        raise _error(text, "P011", "the pattern is empty", 0, 1, "write at least one word")
    _refuse_optional_letters(text)
    try:
        tree = _parser().parse(text.value)
        node: Node = _Builder(text).transform(tree)
        return node
    except VisitError as error:
        if isinstance(error.orig_exc, PatternError):
            raise error.orig_exc from None
        raise
    except UnexpectedInput as error:
        raise PatternError(_explain_syntax(text, error)) from None


_OPTIONAL_LETTERS = re.compile(r"(?<![\w$@~\"/])[^\W\d_]{2,}\([^\W\d_]{1,3}\)")


def _refuse_optional_letters(text: Text) -> None:
    """`tué(e)(s)` is the spelling of word lists; in a pattern it would be three tokens."""
    found = _OPTIONAL_LETTERS.search(text.value)
    if found:
        raise _error(text, "P001", f"`{found[0]}` would be several tokens here", found.start(), len(found[0]),
                     "optional letters belong in a word list; in a pattern write `tué | tués`, or `~tuer:pp`")


def _error(text: Text, code: str, message: str, start: int, length: int, help_text: str = "", label: str = "",
           ) -> PatternError:
    return PatternError(Diagnostic(code, message, text.place(start, length), label, help_text))


#: What each terminal of the grammar is called when an author meets it in a message.
TERMINAL_NAMES = {
    "WORD": "a word", "MARK": "a punctuation mark", "EXACT": "an exact word in double quotes",
    "REGEX": "a /regular expression/", "LEMMA": "a ~lemma", "NAME_REF": "a $name", "NAME_TEST": "a $name[test]",
    "CALL": "a macro call $name(…)", "MENTION": "a @Mention", "MENTION_TEST": "a @Mention[test]", "GAP": "a gap ..n",
    "GAP_OPEN": "a gap ..n[…]", "CAPTURE": "a capture <name:…>", "REFERENCE": "a reference <name>",
    "LOOK": "a look-around (?=…)", "START": "`^`", "END": "`$`", "QUANTIFIER": "a quantifier", "FIELD": "a field name",
    "EQUALS": "`=` or `!=`", "COMPARE": "`<` or `>`", "_IN": "`in (…)`", "VALUE": "a value", "_OPEN": "`(`",
    "_CLOSE": "`)`", "VBAR": "`|`", "OPEN_TEST": "`[`", "CLOSE_TEST": "`]`", "CLOSE_CAPTURE": "`>`", "SEMICOLON": "`;`",
    "AMPERSAND": "`&`", "BANG": "`!`", "COMMA": "`,`", "LPAR": "`(`", "RPAR": "`)`", "$END": "the end of the pattern",
}


def _explain_syntax(text: Text, error: UnexpectedInput) -> Diagnostic:
    value = text.value
    expected = set(getattr(error, "accepts", None) or getattr(error, "expected", None) or ())
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        end = len(value.rstrip())
        opened = _unclosed(value)
        if opened is not None:
            return Diagnostic("P002", f"`{value[opened]}` is opened here and never closed", text.place(opened, 1),
                              "opened here", f"close it with `{_CLOSERS[value[opened]]}`")
        return Diagnostic("P002", "the pattern ends too early", text.place(max(0, end - 1), 1), "ends here",
                          "expected " + _name_terminals(expected))
    start = error.pos_in_stream or 0
    found = error.token if isinstance(error, UnexpectedToken) else value[start : start + 1]
    if isinstance(error, UnexpectedCharacters):
        expected = set(error.allowed or ())
    return _explain_token(text, start, str(found), expected)


def _explain_token(text: Text, start: int, found: str, expected: set[str]) -> Diagnostic:
    place = text.place(start, max(1, len(found)))
    before = text.value[:start].rstrip()
    if found.startswith("|") or (found.startswith((")", ">")) and before.endswith(("(", "|", ":"))):
        return Diagnostic("P011", "an empty alternative or group", place, "nothing stands here",
                          "write a word on both sides of `|`, or make the group optional with `?`")
    if found[:1] in "?*+{":
        return Diagnostic("P003", f"the quantifier `{found}` has nothing to repeat", place, "",
                          "write it right after a word, a group or a capture")
    if found[:1] in ")>]":
        if _unclosed(text.value[:start]) is not None:
            return Diagnostic("P001", f"something is missing before `{found[:1]}`", place, "",
                              "expected " + _name_terminals(expected))
        return Diagnostic("P001", f"`{found[:1]}` closes nothing", place, "", "remove it, or open it before")
    if found[:1] == "@":
        return Diagnostic("P005", "a mention type starts with a capital letter", place, "", "write `@People`")
    if found[:1] in "$~":
        return Diagnostic("P001", f"a name must follow `{found[:1]}`", place, "",
                          "write `~tuer`" if found[:1] == "~" else "write `$killed`")
    if found[:1] == '"':
        return Diagnostic("P001", "this quotation mark is never closed", place, "", 'write `"OSDH"`')
    if found[:1] == "/":
        return Diagnostic("P001", "this regular expression is never closed", place, "", r"write `/\d+e/`")
    if found[:1] == "=" and before.endswith(("=", "<", ">")):
        return Diagnostic("P001", "`=` stands twice, or behind the wrong sign", place, "",
                          "the comparisons are `=`, `!=`, `<`, `<=`, `>`, `>=` and `in (…)`")
    if found[:1] in ";:!.=":
        return Diagnostic("P001", f"`{found[:1]}` cannot stand alone here", place, "",
                          f'to match the mark itself, put it in double quotes: `"{found[:1]}"`')
    return Diagnostic("P001", f"`{found}` cannot stand here", place, "", "expected " + _name_terminals(expected))


_CLOSERS = {"(": ")", "[": "]", "<": ">"}


def _unclosed(value: str) -> int | None:
    """The offset of the innermost bracket that is never closed."""
    stack: list[int] = []
    bare = re.sub(r'"[^"\n]*"|/(?:[^/\\\n]|\\.)+/', lambda m: " " * len(m[0]), value)
    bare = re.sub(r"\(\?<[=!]", lambda m: "(" + " " * (len(m[0]) - 1), bare)
    bare = re.sub(r"\[[^\]]*\]", lambda m: " " * len(m[0]), bare)
    for offset, char in enumerate(bare):
        if char in _CLOSERS:
            stack.append(offset)
        elif char in ")]>" and stack and _CLOSERS[bare[stack[-1]]] == char:
            stack.pop()
    return stack[-1] if stack else None


def _name_terminals(expected: set[str]) -> str:
    starters = {"WORD", "EXACT", "REGEX", "LEMMA", "NAME_REF", "MENTION"}
    names = sorted({TERMINAL_NAMES.get(name, name.lower()) for name in expected})
    if starters <= expected:
        return "a word, a $list, a ~lemma, a @Mention or a group"
    return ", ".join(names[:6]) or "something else"


class _Builder(Transformer[Token, Any]):
    """Builds nodes bottom-up from lark's tree; positions come from the tokens themselves."""

    def __init__(self, text: Text) -> None:
        super().__init__(visit_tokens=False)
        self.text = text

    def _spot(self, token: Token, end: int | None = None) -> Spot:
        stop = end if end is not None else token.end_pos
        return Spot(self.text, token.start_pos or 0, stop or 0)

    def _fail(self, code: str, message: str, token: Token, help_text: str = "") -> PatternError:
        return _error(self.text, code, message, token.start_pos or 0, len(token), help_text)

    def start(self, items: list[Any]) -> Node:
        node: Node = items[0]
        return node

    def alternation(self, items: list[Any]) -> Node:
        return Alt(tuple(items), Spot(self.text, items[0].spot.start, items[-1].spot.end))

    def sequence(self, items: list[Any]) -> Node:
        return Seq(tuple(items), Spot(self.text, items[0].spot.start, items[-1].spot.end))

    def repeat(self, items: list[Any]) -> Node:
        atom, token = items
        spot = Spot(self.text, atom.spot.start, token.end_pos)
        if isinstance(atom, Gap | Anchor | Look):
            raise self._fail("P003", "a gap, an anchor or a look-around cannot be repeated", token,
                             "put the quantifier on a group that takes at least one token")
        if self.text.value[token.end_pos : (token.end_pos or 0) + 1].isalnum():
            raise self._fail("P003", f"text stands right behind the quantifier `{token}`", token,
                             "put a blank after it")
        least, most, lazy = self._bounds(token)
        return Repeat(atom, least, most, lazy, spot)

    def _bounds(self, token: Token) -> tuple[int, int | None, bool]:
        mark = str(token)
        lazy = len(mark) > 1 and mark.endswith("?")
        mark = mark[:-1] if lazy else mark
        if mark in ("?", "*", "+"):
            return (1 if mark == "+" else 0), (1 if mark == "?" else None), lazy
        found = re.fullmatch(r"\{(\d*)(,?)(\d*)\}", mark)
        if not found or mark in ("{}", "{,}"):
            raise self._fail("P003", f"`{mark}` is not a range", token, "write `{2,5}`, `{2,}`, `{,5}` or `{3}`")
        least = int(found[1] or 0)
        most = int(found[3]) if found[3] else (None if found[2] else least)
        if most is not None and most < least:
            raise self._fail("P003", f"the range `{mark}` is inverted", token, f"write `{{{most},{least}}}`")
        if most == 0:
            raise self._fail("P003", f"`{mark}` matches nothing", token, "the upper bound must be at least 1")
        if max(least, most or 0) > MAX_REPEAT:
            raise self._fail("P003", f"`{mark}` repeats too often", token, f"the highest bound is {MAX_REPEAT}")
        return least, most, lazy

    def word(self, items: list[Any]) -> Node:
        return Word(str(items[0]), False, self._spot(items[0]))

    def exact(self, items: list[Any]) -> Node:
        inner = _unquote(str(items[0]))
        if not inner.strip():
            raise self._fail("P001", "an exact word must not be empty", items[0], 'write `"OSDH"`')
        return Word(inner, True, self._spot(items[0]))

    def regex(self, items: list[Any]) -> Node:
        source = str(items[0])[1:-1]
        check_regex(source, self.text, items[0].start_pos or 0)
        return Regex(source, self._spot(items[0]))

    def lemma(self, items: list[Any]) -> Node:
        name, _, tags = str(items[0])[1:].partition(":")
        return Lemma(name, _tags(tags), self._spot(items[0]))

    def named(self, items: list[Any]) -> Node:
        name, _, tags = str(items[0])[1:].partition(":")
        return Named(name, _tags(tags), None, self._spot(items[0]))

    def named_test(self, items: list[Any]) -> Node:
        name, _, tags = str(items[0])[1:-1].partition(":")
        return Named(name, _tags(tags), items[1], self._spot(items[0], items[-1].end_pos))

    def call(self, items: list[Any]) -> Node:
        return Call(str(items[0])[1:-1], items[1], self._spot(items[0], (items[0].end_pos or 1) - 1))

    def arguments(self, items: list[Any]) -> tuple[Node, ...]:
        return tuple(items)

    def mention(self, items: list[Any]) -> Node:
        return MentionRef(str(items[0])[1:], None, self._spot(items[0]))

    def mention_test(self, items: list[Any]) -> Node:
        return MentionRef(str(items[0])[1:-1], items[1], self._spot(items[0], items[-1].end_pos))

    def any(self, items: list[Any]) -> Node:
        return TokenTest(None, Spot(self.text, items[0].start_pos, items[1].end_pos))

    def token_test(self, items: list[Any]) -> Node:
        return TokenTest(items[1], Spot(self.text, items[0].start_pos, items[2].end_pos))

    def group(self, items: list[Any]) -> Node:
        node: Node = items[0]
        return node

    def gap(self, items: list[Any]) -> Node:
        return self._gap(items[0], str(items[0])[2:], {}, items[0].end_pos or 0)

    def gap_with(self, items: list[Any]) -> Node:
        options: dict[str, str] = dict(item for item in items[1:] if isinstance(item, tuple))
        return self._gap(items[0], str(items[0])[2:-1], options, items[-1].end_pos)

    def gap_option(self, items: list[Any]) -> tuple[str, str]:
        name, _, value = items
        if str(name) not in GAP_OPTIONS:
            raise self._fail("P014", f"a gap has no option `{name}`", name, "it has `over` and `stop`")
        if str(value) not in GAP_OPTIONS[str(name)]:
            known = " or ".join(f"`{v}`" for v in GAP_OPTIONS[str(name)])
            raise self._fail("P014", f"a gap's `{name}` is not `{value}`", value, f"write {known}")
        return str(name), str(value)

    def _gap(self, token: Token, digits: str, options: dict[str, str], end: int) -> Gap:
        if not digits:
            raise self._fail("P013", "a gap needs a bound", token, "write `..4` for at most four tokens")
        if int(digits) > MAX_GAP or int(digits) == 0:
            raise self._fail("P013", f"a gap skips 1 to {MAX_GAP} tokens, not {digits}", token, "write a nearer bound")
        over = (options["over"],) if "over" in options else ()
        return Gap(int(digits), over, options.get("stop", "clause"), self._spot(token, end))

    def capture(self, items: list[Any]) -> Node:
        token, item, close = items
        return Capture(str(token)[1:-1], item, self._spot(token, close.end_pos))

    def reference(self, items: list[Any]) -> Node:
        return Reference(str(items[0])[1:-1], self._spot(items[0]))

    def look(self, items: list[Any]) -> Node:
        token, item = items
        mark = str(token)
        return Look(item, "<" not in mark, "!" in mark, self._spot(token, item.spot.end + 1))

    def anchor(self, items: list[Any]) -> Node:
        mark = str(items[0])
        scope = mark[2:] or "sentence"
        if scope not in ANCHOR_SCOPES:
            raise self._fail("P014", f"there is no anchor for `{scope}`", items[0],
                             "the scopes are " + ", ".join(ANCHOR_SCOPES))
        return Anchor(mark[0] == "$", scope, self._spot(items[0]))

    def comparison(self, items: list[Any]) -> Test:
        field, op, value = items
        spot = Spot(self.text, field.start_pos, value.end_pos)
        if value.type == "REGEX":
            check_regex(str(value)[1:-1], self.text, value.start_pos or 0)
            return Comparison(str(field), str(op), (str(value)[1:-1],), regex=True, spot=spot)
        if value.type == "EXACT":
            return Comparison(str(field), str(op), (_unquote(str(value)),), exact=True, spot=spot)
        return Comparison(str(field), str(op), (str(value),), spot=spot)

    def membership(self, items: list[Any]) -> Test:
        values = [str(v) for v in items if isinstance(v, Token) and v.type == "VALUE"]
        return Comparison(str(items[0]), "in", tuple(values), spot=self._spot(items[0], items[-1].end_pos))

    def flag(self, items: list[Any]) -> Test:
        return Comparison(str(items[0]), "has", (), spot=self._spot(items[0]))

    def negation(self, items: list[Any]) -> Test:
        return Not(items[-1])

    def conjunction(self, items: list[Any]) -> Test:
        return All(tuple(i for i in items if not isinstance(i, Token)))

    def disjunction(self, items: list[Any]) -> Test:
        return Either(tuple(i for i in items if not isinstance(i, Token)))

    def condition(self, items: list[Any]) -> Test:
        test: Test = next(i for i in items if not isinstance(i, Token))
        return test


def _unquote(token: str) -> str:
    """`"\\""` is the quotation mark itself."""
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _tags(text: str) -> tuple[str, ...]:
    return tuple(t for t in text.split(".") if t)


def check_regex(source: str, text: Text, offset: int) -> None:
    """Refuses what does not compile and what can backtrack without bound (a repeat inside a repeat)."""
    try:
        re.compile(source)
    except re.error as error:
        at = offset + 1 + (error.pos or 0)
        raise _error(text, "P008", f"this regular expression is wrong: {error.msg}", at, 1,
                     r"check its brackets; a bracket or dot that stands for itself is written `\(`, `\.`") from None
    if _may_explode(re._parser.parse(source)):
        raise _error(text, "P008", "this regular expression may take for ever on a long token", offset, len(source) + 2,
                     "do not repeat a group that itself repeats or has alternatives, and use no back-references")


_SAFE_TIMES = 10


def _may_explode(items: Any, times: int = 1) -> bool:
    """Whether something of several ways to match (`a+`, `a|ab`) stands in a repeat of many `times`: `(a+)+`, `(a|ab)*`.
    Such an expression needs twice the time for every further letter. `items` is what Python parses it to."""
    for operator, argument in items:
        match str(operator):
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, body = argument
                if (least != most and times > _SAFE_TIMES) or _may_explode(body, times * int(most)):
                    return True
            case "BRANCH":
                if times > _SAFE_TIMES or any(_may_explode(branch, times) for branch in argument[1]):
                    return True
            case "SUBPATTERN" | "ASSERT" | "ASSERT_NOT":
                if _may_explode(argument[-1], times):
                    return True
            case "GROUPREF" | "GROUPREF_EXISTS":
                return True
    return False
