"""Reading values and constraints: text → expression.

In: the text of a field or of a line of `where:` (`grammar/value.lark` has its grammar). Out: an expression of
`values.py`; what cannot be read raises `PatternError`.
"""

from __future__ import annotations

import functools
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput

from extractor.diagnostics import Diagnostic, did_you_mean
from extractor.pattern import PatternError
from extractor.patternreader import grammar_folder
from extractor.source import Text
from extractor.values import FUNCTIONS, Computed, Constant, Expression, FieldOf, FirstOf, is_number, to_number


@functools.cache
def _parser() -> Lark:
    text = (grammar_folder() / "value.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False)


class _Builder(Transformer[Token, Any]):
    def start(self, items: list[Any]) -> Expression:
        expression: Expression = items[0]
        return expression

    def compare(self, items: list[Any]) -> Expression:
        return Computed(str(items[1]), (items[0], items[2]))

    def choice(self, items: list[Any]) -> Expression:
        return FirstOf(tuple(items))

    def sum(self, items: list[Any]) -> Expression:
        folded: Expression = functools.reduce(_fold, zip(items[1::2], items[2::2], strict=True), items[0])
        return folded

    product = sum

    def reference(self, items: list[Any]) -> Expression:
        inner = str(items[0])[1:-1]
        name, *path = inner.rstrip("*").split(".")
        return FieldOf(name, tuple(path), inner.endswith("*"))

    def number(self, items: list[Any]) -> Expression:
        return Constant(to_number(str(items[0])))

    def call(self, items: list[Any]) -> Expression:
        return Computed(str(items[0])[:-1], tuple(items[1:]))

    def literal(self, items: list[Any]) -> Expression:
        return Constant(str(items[0]).strip('"'))


def _fold(left: Expression, pair: tuple[Token, Expression]) -> Expression:
    return Computed(str(pair[0]), (left, pair[1]))


def parse_value(text: Text) -> Expression:
    """The expression of one field. Text without `<` is taken as it stands; `~` and `none` are no value."""
    plain = text.value.strip()
    if plain in ("", "~", "none", "null"):
        return Constant(None)
    if "<" not in plain:
        return Constant(to_number(plain) if is_number(plain) else plain)
    return _parse(text)


def parse_constraint(text: Text) -> Expression:
    """The expression of one line of `where:`."""
    return _parse(text, "P015")


def _parse(text: Text, code: str = "P016") -> Expression:
    try:
        expression: Expression = _Builder().transform(_parser().parse(text.value))
    except UnexpectedInput as error:
        start = max(0, min(error.pos_in_stream or 0, len(text.value) - 1))
        raise PatternError(Diagnostic(
            code, f"this expression cannot be read at `{text.value[start:start + 10]}`", text.place(start, 1),
            help="write `<capture.field>`, a word, a number, or a function of these")) from None
    for function in sorted(_functions_in(expression)):
        if function not in FUNCTIONS:
            raise PatternError(Diagnostic(
                code, f"there is no function `{function}`",
                text.place(max(0, text.value.find(function)), len(function)),
                help=did_you_mean(function, FUNCTIONS) or "the functions are " + ", ".join(
                    sorted(f for f in FUNCTIONS if f.isidentifier()))))
    return expression


def _functions_in(expression: Expression) -> set[str]:
    match expression:
        case Computed(function=function, arguments=arguments):
            return {function}.union(*(_functions_in(a) for a in arguments))
        case FirstOf(items=items):
            return set().union(*(_functions_in(i) for i in items))
    return set()
