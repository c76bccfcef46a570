"""Neutral pattern trees → our pattern text, and what a case takes as known → a sentence.

In: a case of `cases/conformance*.jsonl`: `tokens`, `pattern_ast`, and where it has them `token_attrs` (fields of
tokens) and `given_mentions`. Out: pattern text, and the `TokenSentence` it is tried on.
A tree that our language has no element for raises KeyError.

    >>> translate({"t": "rep", "min": 0, "max": None, "mode": "lazy", "item": {"t": "tok", "c": {"any": True}}})
    '[]*?'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from extractor.search import TokenSentence

Tree = Mapping[str, Any]
Given = tuple[str, int, int, dict[str, Any]]

#: What a test on the numeric value of a token becomes: numbers are mentions in our language.
NUMERIC = {">": ">", ">=": ">=", "<": "<", "<=": "<=", "==": "="}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_FLAGS = re.compile(r"\(\?([a-z]+)\)")


def translate(node: Tree) -> str:
    """Our pattern text for a neutral tree."""
    match node["t"]:
        case "tok":
            return _token(node["c"])
        case "seq":
            return " ".join(_group(i) if i["t"] == "alt" else translate(i) for i in node["items"])
        case "alt":
            return " | ".join(translate(i) for i in node["items"])
        case "rep":
            return _group(node["item"]) + quantifier(node)
        case "cap":
            return f"<{_name(node['name'])}:{translate(node['item'])}>"
        case "look":
            return f"(?{'<' * (node['dir'] == 'behind')}{'!' if node['neg'] else '='} {translate(node['item'])})"
        case "anchor":
            return "^" if node["at"] == "start" else "$"
        case "mention":
            return _mention(node)
    raise KeyError(f"our language has no element for `{node['t']}`")


def _group(node: Tree) -> str:
    return f"({translate(node)})" if node["t"] in ("seq", "alt", "rep", "look", "anchor") else translate(node)


def quantifier(node: Tree) -> str:
    least, most = node["min"], node["max"]
    known = {(0, 1): "?", (0, None): "*", (1, None): "+"}
    mark = known.get((least, most), f"{{{least},{'' if most is None else most}}}")
    return mark + ("?" if node["mode"] == "lazy" else "")


def _name(name: str) -> str:
    """Our capture names start with a letter."""
    return f"c{name}" if name[0].isdigit() else name


def _mention(node: Tree) -> str:
    """A mention; its argument is a mention of its own, named after both."""
    text = "@" + _mention_type(node["label"], node.get("arg", ""))
    return f"<{_name(node['name'])}:{text}>" if "name" in node else text


def _mention_type(label: str, argument: str) -> str:
    return label[0].upper() + label[1:] + argument.capitalize()


# --- Tests on one token ----------------------------------------------------------------------------------------------


def _token(test: Tree) -> str:
    """A word where a word says it, a number mention for numeric tests, else a `[test]`."""
    if "const" in test:
        return "[]" if test["const"] else "[length<1]"
    if "any" in test:
        return "[]"
    if _is_numeric(test):
        return f"@Number[{_test(test)}]"
    if test.get("attr") == "word" and test["op"] == "=":
        # Words in quotes are exact; without, they ignore case as `ci` asks for.
        return str(test["value"]).lower() if test.get("ci") else f'"{test["value"]}"'
    if test.get("attr") == "word" and test.get("ci"):
        return f"/(?i:{_whole(test)})/"
    return f"[{_test(test)}]"


def _is_numeric(test: Tree) -> bool:
    inner = test.get("and") or test.get("or") or ([test["not"]] if "not" in test else [])
    return test.get("op") in (*NUMERIC, "isnum") or any(_is_numeric(t) for t in inner)


def _test(test: Tree) -> str:
    if "and" in test:
        return " & ".join(f"({_test(t)})" for t in test["and"])
    if "or" in test:
        return " | ".join(f"({_test(t)})" for t in test["or"])
    if "not" in test:
        return f"!({_test(test['not'])})"
    return _comparison(test)


def _comparison(test: Tree) -> str:
    op, value = test["op"], test["value"]
    if op == "isnum":
        return "value"
    if op in NUMERIC:
        return f"value {NUMERIC[op]} {value:g}"
    # `form` is the word as written, where `word` is folded.
    field = "form" if test["attr"] == "word" else test["attr"]
    if op == "in":
        return f"{field} in ({' '.join(value)})"
    if op in ("~", "~full"):
        return f"{field}=/{_whole(test)}/"
    return f"{field}={value}" if re.fullmatch(r"\w+", value) else f'{field}="{value}"'


def _whole(test: Tree) -> str:
    """Our regular expressions match the whole token: a searching one stands between `.*`."""
    source = test["value"].replace("/", r"\/")
    if test["op"] == "~full":
        return str(source)
    flags = "".join(_FLAGS.findall(source))
    bare = _FLAGS.sub("", source)
    return f"(?{flags}:.*(?:{bare}).*)" if flags else f".*(?:{bare}).*"


# --- Sentences -------------------------------------------------------------------------------------------------------


def read_sentence(case: Mapping[str, Any]) -> TokenSentence:
    """The sentence of a case, with the attributes and mentions that it takes as known."""
    return TokenSentence.of(case["tokens"], case.get("token_attrs", {}), [*_numbers(case["tokens"]), *_given(case)])


def _numbers(tokens: list[str]) -> list[Given]:
    return [("Number", i, i + 1, {"value": float(t)}) for i, t in enumerate(tokens) if _NUMBER.fullmatch(t)]


def _given(case: Mapping[str, Any]) -> list[Given]:
    found: list[Given] = []
    for mention in case.get("given_mentions", ()):
        found.append((_mention_type(mention["label"], ""), *mention["span"], mention.get("values", {})))
        for argument, spans in mention.get("args", {}).items():
            found += [(_mention_type(mention["label"], argument), *span, {}) for span in spans]
    return found
