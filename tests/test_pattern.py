"""The parser: trees, printing that parses to the same tree, and a plain sentence for each mistake."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.pattern import (
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
    TokenTest,
    Word,
    captures,
    inline,
    show,
    walk,
    width,
)
from extractor.patternreader import parse_pattern

HERE = Spot(inline(""), 0, 0)


def parse(text: str) -> Node:
    return parse_pattern(inline(text))


def bare(item: Any) -> Any:
    """A tree without its places, so that trees can be compared."""
    if isinstance(item, tuple):
        return tuple(bare(i) for i in item)
    if not dataclasses.is_dataclass(item):
        return item
    return (type(item).__name__, *(bare(getattr(item, f.name)) for f in dataclasses.fields(item) if f.name != "spot"))


def word(text: str) -> Word:
    return Word(text, False, HERE)


def compare(field: str, op: str, *values: str, regex: bool = False, exact: bool = False) -> Comparison:
    return Comparison(field, op, values, regex, exact)


A, B = word("a"), word("b")

TREES: list[tuple[str, Any]] = [
    ("tués", word("tués")),
    ("l'armée", word("l'armée")),
    ("aujourd'hui", word("aujourd'hui")),
    ("M.", word("M.")),
    ("-il", word("-il")),
    (",", word(",")),
    ('"OSDH"', Word("OSDH", True, HERE)),
    (r"/\d+e/", Regex(r"\d+e", HERE)),
    ("~tuer", Lemma("tuer", (), HERE)),
    ("~tuer:pp.f", Lemma("tuer", ("pp", "f"), HERE)),
    ("$people", Named("people", (), None, HERE)),
    ("$people:p", Named("people", ("p",), None, HERE)),
    ("$people[category=civilian]", Named("people", (), compare("category", "=", "civilian"), HERE)),
    ("$hit(a; b a)", Call("hit", (A, Seq((B, A), HERE)), HERE)),
    ("@People", MentionRef("People", None, HERE)),
    ("@Number[value >= 2]", MentionRef("Number", compare("value", ">=", "2"), HERE)),
    ("[]", TokenTest(None, HERE)),
    ("[known]", TokenTest(compare("known", "has"), HERE)),
    ('[form="Alep"]', TokenTest(compare("form", "=", "Alep", exact=True), HERE)),
    ("[word!=/a.*/]", TokenTest(compare("word", "!=", "a.*", regex=True), HERE)),
    ("[word in (un deux)]", TokenTest(compare("word", "in", "un", "deux"), HERE)),
    ("[a=x & b=y | !c=z]", TokenTest(Either((All((compare("a", "=", "x"), compare("b", "=", "y"))),
                                             Not(compare("c", "=", "z")))), HERE)),
    ("[a=x & (b=y | c=z)]", TokenTest(All((compare("a", "=", "x"),
                                           Either((compare("b", "=", "y"), compare("c", "=", "z"))))), HERE)),
    ("a b", Seq((A, B), HERE)),
    ("a | b a", Alt((A, Seq((B, A), HERE)), HERE)),
    ("(a | b) a", Seq((Alt((A, B), HERE), A), HERE)),
    ("((a))", A),
    ("a?", Repeat(A, 0, 1, False, HERE)),
    ("a*?", Repeat(A, 0, None, True, HERE)),
    ("(a b)+", Repeat(Seq((A, B), HERE), 1, None, False, HERE)),
    ("a{2}", Repeat(A, 2, 2, False, HERE)),
    ("a{2,}", Repeat(A, 2, None, False, HERE)),
    ("a{,3}", Repeat(A, 0, 3, False, HERE)),
    ("a{2,5}?", Repeat(A, 2, 5, True, HERE)),
    ("..4", Gap(4, (), "clause", HERE)),
    ("..4[over=insertion, stop=sentence]", Gap(4, ("insertion",), "sentence", HERE)),
    ("<victim:a b>", Capture("victim", Seq((A, B), HERE), HERE)),
    ("<x:a | <y:b>>", Capture("x", Alt((A, Capture("y", B, HERE)), HERE), HERE)),
    ("<trigger>", Reference("trigger", HERE)),
    ("(?= a)", Look(A, True, False, HERE)),
    ("(?! a)", Look(A, True, True, HERE)),
    ("(?<= a)", Look(A, False, False, HERE)),
    ("(?<! a)", Look(A, False, True, HERE)),
    ("^ a $", Seq((Anchor(False, "sentence", HERE), A, Anchor(True, "sentence", HERE)), HERE)),
    ("^:headline a $:clause", Seq((Anchor(False, "headline", HERE), A, Anchor(True, "clause", HERE)), HERE)),
    ("a  # what a is for\n  b", Seq((A, B), HERE)),
]


@pytest.mark.parametrize("text, tree", TREES, ids=[text for text, _ in TREES])
def test_tree(text: str, tree: Node) -> None:
    assert bare(parse(text)) == bare(tree)


@pytest.mark.parametrize("text", [text for text, _ in TREES])
def test_printing_parses_to_the_same_tree(text: str) -> None:
    assert bare(parse(show(parse(text)))) == bare(parse(text))


@pytest.mark.parametrize("text, part", [
    ("un ~tuer:pp hier", "~tuer:pp"),
    ("a $people[x=1] b", "$people[x=1]"),
    ("a <v:b c> d", "<v:b c>"),
    ("a (b c)+ d", "b c"),
    ("a ..4[stop=sentence] b", "..4[stop=sentence]"),
])
def test_nodes_know_their_place(text: str, part: str) -> None:
    assert part in {str(node.spot) for node in walk(parse(text))}


@pytest.mark.parametrize("text, bounds", [
    ("a b?", (1, 2)), ("a | b a", (1, 2)), ("a ..4 b", (2, 6)), ("a+", (1, None)), ("$x", (1, None)),
    ("(a b){2,3}", (4, 6)), ("(?= a) b ^ $", (1, 1)), ("a? b*", (0, None)), ("<x:a a>", (2, 2)),
])
def test_width(text: str, bounds: tuple[int, int | None]) -> None:
    assert width(parse(text)) == bounds


def test_captures() -> None:
    assert captures(parse("<a:x> (<b:y> | <c:<d:z>>)? <e>")) == {"a", "b", "c", "d"}


# --- Round trip of any tree ------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["victim", "agent", "x1"])
COMPARISONS = st.sampled_from([compare("pos", "=", "adj"), compare("length", ">=", "3"), compare("known", "has"),
                               compare("word", "in", "un", "deux"), compare("form", "!=", "Alep", exact=True),
                               compare("word", "=", "a.*", regex=True)])
TESTS = st.recursive(COMPARISONS, lambda inner: st.one_of(
    st.builds(Not, inner),
    st.lists(inner, min_size=2, max_size=3).map(lambda i: All(tuple(i))),
    st.lists(inner, min_size=2, max_size=3).map(lambda i: Either(tuple(i)))), max_leaves=4)
LEAVES = st.one_of(
    st.sampled_from(["tués", "l'", "M.", "12", "«", "-il", "cessez-le-feu"]).map(word),
    st.just(Word("OSDH", True, HERE)), st.just(Regex(r"\d+\/\d+", HERE)), st.just(Lemma("tuer", ("pp", "f"), HERE)),
    st.builds(Named, NAMES, st.sampled_from([(), ("p",)]), st.none() | TESTS, st.just(HERE)),
    st.builds(MentionRef, st.sampled_from(["People", "Number"]), st.none() | TESTS, st.just(HERE)),
    st.builds(TokenTest, st.none() | TESTS, st.just(HERE)), st.builds(Reference, NAMES, st.just(HERE)))
EDGES = st.one_of(
    st.builds(Gap, st.integers(1, 60), st.sampled_from([(), ("insertion",)]), st.sampled_from(["clause", "sentence"]),
              st.just(HERE)),
    st.builds(Anchor, st.booleans(), st.sampled_from(["sentence", "headline", "clause"]), st.just(HERE)))


def _nest(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    bounds = st.sampled_from([(0, 1), (0, None), (1, None), (2, 2), (2, None), (0, 3), (2, 5)])
    return st.one_of(
        st.builds(Seq, st.lists(inner | EDGES, min_size=2, max_size=3).map(tuple), st.just(HERE)),
        st.builds(Alt, several, st.just(HERE)),
        st.builds(lambda i, b, lazy: Repeat(i, b[0], b[1], lazy, HERE), inner, bounds, st.booleans()),
        st.builds(Capture, NAMES, inner, st.just(HERE)),
        st.builds(Call, NAMES, several, st.just(HERE)),
        st.builds(Look, inner, st.booleans(), st.booleans(), st.just(HERE)).map(lambda n: Seq((n, A), HERE)))


@given(st.recursive(LEAVES, _nest, max_leaves=8))
def test_any_tree_prints_to_text_that_parses_and_prints_the_same(tree: Node) -> None:
    """Groups that say nothing (a sequence in a sequence) are not kept, so the second tree is the one that stays."""
    once = parse(show(tree))
    assert show(once) == show(parse(show(once)))
    assert bare(parse(show(once))) == bare(once)


# --- Mistakes --------------------------------------------------------------------------------------------------------

MISTAKES: list[tuple[str, str, int, str]] = [
    # text, code, column, part of the message or help
    ("", "P011", 1, "the pattern is empty"),
    ("a (b", "P002", 3, "`(` is opened here and never closed"),
    ("<victim:a", "P002", 1, "`<` is opened here and never closed"),
    ("[pos=adj", "P002", 1, "`[` is opened here and never closed"),
    ("a |", "P002", 3, "the pattern ends too early"),
    ("a )", "P001", 3, "`)` closes nothing"),
    ("a >", "P001", 3, "`>` closes nothing"),
    ("a ]", "P001", 3, "`]` closes nothing"),
    ("[pos=]", "P001", 6, "something is missing before `]`"),
    ("[pos=adj &]", "P001", 11, "something is missing before `]`"),
    ("$hit(a;)", "P001", 8, "something is missing before `)`"),
    ("()", "P011", 2, "an empty alternative or group"),
    ("(a|)", "P011", 4, "an empty alternative or group"),
    ("(|a)", "P011", 2, "an empty alternative or group"),
    ("a || b", "P011", 4, "an empty alternative or group"),
    ("<victim:>", "P011", 9, "an empty alternative or group"),
    ("? a", "P003", 1, "has nothing to repeat"),
    ("a++", "P003", 3, "has nothing to repeat"),
    ("..4+", "P003", 4, "cannot be repeated"),
    ("(?! a)?", "P003", 7, "cannot be repeated"),
    ("^?", "P003", 2, "cannot be repeated"),
    ("a{3,1}", "P003", 2, "write `{1,3}`"),
    ("a{0}", "P003", 2, "matches nothing"),
    ("a{,}", "P003", 2, "is not a range"),
    ("a{}", "P003", 2, "is not a range"),
    ("a{1,2,3}", "P003", 2, "is not a range"),
    ("a{1, 3}", "P003", 2, "is not a range"),
    ("a{,4}4", "P003", 2, "text stands right behind the quantifier"),
    ("a{2000}", "P003", 2, "the highest bound is 1000"),
    ("a .. b", "P013", 3, "a gap needs a bound"),
    ("a ..0 b", "P013", 3, "1 to 60 tokens, not 0"),
    ("a ..61 b", "P013", 3, "1 to 60 tokens, not 61"),
    ("a ..4[over=phrase] b", "P014", 12, "write `insertion`"),
    ("a ..4[until=x] b", "P014", 7, "it has `over` and `stop`"),
    ("^:page a", "P014", 1, "the scopes are"),
    ("@people", "P005", 1, "write `@People`"),
    ("~ tuer", "P001", 1, "a name must follow `~`"),
    ('"OSDH', "P001", 1, "this quotation mark is never closed"),
    ('""', "P001", 1, "an exact word must not be empty"),
    ("/abc", "P001", 1, "this regular expression is never closed"),
    ("/a[/", "P008", 3, "this regular expression is wrong"),
    ("[word=/(/]", "P008", 8, "this regular expression is wrong"),
    ("a : b", "P001", 3, 'put it in double quotes: `":"`'),
    ("a & b", "P001", 3, "`&` cannot stand here"),
    ("[pos adj]", "P001", 6, "`adj` cannot stand here"),
    ("[a=b c=d]", "P001", 6, "expected `&`, `]`, `|`"),
    ("<un deux>", "P001", 1, "`<` cannot stand here"),
    ("<1:a>", "P001", 1, "`<` cannot stand here"),
    ("a \\ b", "P001", 3, "cannot stand here"),
]


@pytest.mark.parametrize("text, code, column, part", MISTAKES, ids=[m[0] or "empty" for m in MISTAKES])
def test_mistake(text: str, code: str, column: int, part: str) -> None:
    with pytest.raises(PatternError) as refused:
        parse(text)
    found = refused.value.diagnostic
    assert found.place is not None
    assert (found.code, found.place.column) == (code, column)
    assert part in f"{found.message} {found.help}"


@pytest.mark.parametrize("source", ["(a+)+b", "((a+))+", "(a|ab)*c", r"(\w\w?)*x", r"(a)\1", "(((a{1,3}){3}){3}){3}"])
def test_a_regular_expression_that_may_take_for_ever_is_refused(source: str) -> None:
    with pytest.raises(PatternError) as refused:
        parse(f"/{source}/")
    assert refused.value.diagnostic.code == "P008"


@pytest.mark.parametrize("source", [r"\d+e", "(un|deux)", r"(?:[A-Z]\.)+", r"\d{1,3}(?:\.\d{3})*", "(?i:alep)"])
def test_a_regular_expression_that_is_bounded_is_taken(source: str) -> None:
    assert bare(parse(f"/{source}/")) == bare(Regex(source, HERE))


@given(st.text(alphabet="ab12 ()[]<>{}|&!?*+.,:;=~$@^/\"'#-\\é\n", max_size=25))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        parse(text)
    except PatternError as error:
        place = error.diagnostic.place
        assert place is not None
        assert 1 <= place.line <= text.count("\n") + 1
