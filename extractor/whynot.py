"""Why not: the rules that came nearest to an event in a text, how far each came, and what failed.

In: a text and, if wanted, an event type or a rule. Out: `NearMiss`es, nearest first, each with one reason code, the
element that failed, what it wanted and what stood there. Every rule asked about is tried at every token with the
engine's own tests, without its index; what is looked at first is decided by how much of a rule stands in the sentence,
which changes the order of work and never a verdict.

    >>> print(render_near_misses(extractor.why_not("Douze civils ont été tues.", type="harm.killed")))
    1. killed.passive (harm.killed), rules/harm/killed.yaml:41: accent_only
       « Douze civils ont été tues. »
       wanted  $killed <trigger>
       found   « tues » (21–25)
       « tues » is `tués` of $killed but for its accents
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from extractor.analysis import (
    BRIEF_TEXT,
    MUTE,
    Analysis,
    Candidate,
    SentenceView,
    bind,
    find_constrained,
    make_mention,
    try_veto,
)
from extractor.assemble import Event
from extractor.compiled import BOUNDARY, EVENT, INSERTION, CompiledRule, CompiledSet
from extractor.diagnostics import did_you_mean
from extractor.engine import Extractor
from extractor.explain import quote, shorten
from extractor.forms import TestTable
from extractor.index import Required, RequirementFinder
from extractor.match import (
    BUDGET,
    Compiler,
    Match,
    Matcher,
    Mention,
    Probe,
    State,
    find_at,
    mention_predicate,
    stands_at,
    values_pass,
)
from extractor.pattern import (
    All,
    Alt,
    Anchor,
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
    Reference,
    Regex,
    Repeat,
    Seq,
    Test,
    TokenTest,
    Word,
    captures,
    show,
    show_test,
    width,
)
from extractor.ruleset import Rule
from extractor.tokens import fold, strip_accents
from extractor.values import evaluate
from extractor.wordlists import Sequence as Entry

MATCHED, NOT_MATCHED = "matched", "not matched"

#: Reason codes, the nearest miss first; `veto(name)`, `beaten_by(rule)` and `gap_too_long(+k)` carry their detail.
REASONS = ("", "beaten_by", "veto", "constraint", "accent_only", "inflection_only", "token_split", "number_range",
           "type_mismatch", "gap_too_long", "barrier", "not_in_list", "argument_missing", "word", "rule_disabled",
           "muted")

_MAX_READINGS = 24
_LOOK_BACK = 8
_STRUCTURE = frozenset({BOUNDARY, INSERTION, EVENT})


@dataclass(slots=True)
class NearMiss:
    """What became of one rule in one sentence. `start` and `end` are the offsets of `found`, or of the place where
    `wanted` should have stood; `share` is how much of what the rule requires stands, from 0 to 1."""

    rule: str
    file: str
    line: int
    type: str
    verdict: str
    reason: str
    detail: str
    sentence: str
    wanted: tuple[str, ...]
    found: str
    start: int
    end: int
    capture: str | None
    share: float
    order: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {"rule": self.rule, "file": self.file, "line": self.line, "type": self.type, "verdict": self.verdict,
                "reason": self.reason, "detail": self.detail, "sentence": self.sentence, "wanted": list(self.wanted),
                "found": self.found, "start": self.start, "end": self.end, "capture": self.capture,
                "share": round(self.share, 3)}

    @property
    def code(self) -> str:
        """The reason without what stands in parentheses."""
        return self.reason.partition("(")[0]

    def sort_key(self) -> tuple[bool, float, int, int, int]:
        return self.verdict != MATCHED, -self.share, REASONS.index(self.code), self.order, self.start


def find_near_misses(extractor: Extractor, text: str, type: str | None = None, rule: str | None = None,
                     date: str | None = None, limit: int = 5) -> list[NearMiss]:
    """The nearest misses in a text, one a rule (at the place where it came nearest), at most `limit`.

    `type` is an event type or a pattern of them (`harm.*`), or a mention type (`People`); `rule` is the id of any rule,
    of mentions and attachments too. Raises ValueError when there is no such rule or type.
    """
    compiled = extractor.compiled
    if rule is not None and rule in compiled.rules.broken:
        return [_broken(rule)]
    asked = _asked_rules(compiled, type, rule)
    analysis, events = Extractor(compiled, use_index=False).analyse_events(text, date)
    inquiry = _Inquiry(_bench(compiled), analysis, events)
    return inquiry.run(asked, limit, named=rule is not None)


def render_near_misses(misses: Sequence[NearMiss]) -> str:
    """The misses as text for a terminal, nearest first."""
    return "\n\n".join(_render(number, miss) for number, miss in enumerate(misses, start=1)) or "no rule to try"


def _render(number: int, miss: NearMiss) -> str:
    margin = " " * (len(str(number)) + 2)
    verdict = miss.reason or miss.verdict
    place = f", {miss.file}:{miss.line}" if miss.file else ""
    lines = [f"{number}. {miss.rule} ({miss.type}){place}: {verdict}"]
    lines += [f"{margin}{quote(miss.sentence)}"] if miss.sentence else []
    if miss.wanted:
        capture = f" <{miss.capture}>" if miss.capture else ""
        lines.append(f"{margin}wanted  {' | '.join(miss.wanted)}{capture}")
    if miss.found:
        lines.append(f"{margin}found   {quote(miss.found)} ({miss.start}–{miss.end})")
    return "\n".join([*lines, margin + miss.detail] if miss.detail else lines)


def _broken(rule: str) -> NearMiss:
    return NearMiss(rule, "", 0, "", NOT_MATCHED, "rule_disabled", "the rule does not load: check the rules", "", (), "",
                    0, 0, None, 0.0)


def _asked_rules(compiled: CompiledSet, type_: str | None, rule_id: str | None) -> list[Rule]:
    rules = compiled.rules.rules
    if rule_id is not None:
        found = [r for r in rules if r.id == rule_id]
        if not found:
            raise ValueError(f"there is no rule `{rule_id}` {did_you_mean(rule_id, [r.id for r in rules])}".rstrip())
        return found
    if type_ is None:
        return [r for r in rules if r.event]
    found = [r for r in rules if _makes(r, type_)]
    known = {*compiled.rules.types, *(r.makes for r in rules)}
    if not found and not any(fnmatchcase(t, type_) for t in known):
        raise ValueError(f"there is no type `{type_}` {did_you_mean(type_, known)}".rstrip())
    return found


def _makes(rule: Rule, type_: str) -> bool:
    """Whether the rule makes that type, or may refine its own to it."""
    if rule.event is None:
        return rule.mention is not None and rule.mention.type == type_
    refined = rule.event.refine_only
    if rule.event.refine is not None and not refined:
        return rule.event.type.split(".")[0] == type_.split(".")[0]
    return any(fnmatchcase(t, type_) for t in (rule.event.type, *refined))


# --- Patterns in pieces ----------------------------------------------------------------------------------------------


class _PieceCompiler(Compiler):
    """Compiles single pieces of patterns; narrowed word lists are worked out once."""

    def __init__(self, table: TestTable, bench: Bench) -> None:
        super().__init__(table, bench.compiled.rules.lists, watched=True)
        self.bench = bench

    def list_test(self, node: Named) -> int:
        key = (id(self.table), node.name, node.tags, show_test(node.test) if node.test else "")
        known = self.bench.list_tests.get(key)
        if known is None:
            known = self.bench.list_tests[key] = super().list_test(node)
        return known

    def build_piece(self, node: Node, then: Matcher) -> Matcher:
        return self._build(node, then)


@dataclass(slots=True)
class _Piece:
    """One element, group or repeat on the top level of a pattern. `ends` collects where a try of `matcher` comes out."""

    node: Node
    captures: tuple[str, ...]
    needs: Required | None
    matcher: Matcher
    nodes: list[Node]
    ends: set[int]
    weight: float = 1.0

    @property
    def required(self) -> bool:
        return width(self.node)[0] > 0 or isinstance(self.node, Look | Anchor)

    @property
    def wanted(self) -> str:
        return shorten(show(self.node))

    def try_at(self, state: State, i: int) -> frozenset[int]:
        """Every place where the piece, started at token i, can end."""
        self.ends.clear()
        state.trace, state.failed, state.loops, state.budget = [], set(), {}, BUDGET
        self.matcher(state, i)
        return frozenset(self.ends)


@dataclass(slots=True)
class _Reading:
    """A pattern as one row of pieces; alternatives that hold captures make several. `main` is the trigger's piece."""

    pieces: list[_Piece]
    main: int

    def total(self) -> float:
        return sum(p.weight for p in self.pieces) or 1.0


@dataclass(slots=True)
class Bench:
    """What is compiled once for a rule set: watched rules, and their patterns in pieces."""

    compiled: CompiledSet
    rules: dict[str, CompiledRule] = field(default_factory=dict)
    readings: dict[str, list[_Reading]] = field(default_factory=dict)
    list_tests: dict[object, int] = field(default_factory=dict)
    finders: dict[int, RequirementFinder] = field(default_factory=dict)
    disabled_table: TestTable | None = None

    def watched(self, rule: Rule) -> CompiledRule:
        """The rule with a matcher whose elements report where they fail: the same elements, the same numbers."""
        if rule.id not in self.rules:
            own = self.compiled.compiled.get(rule.id) or CompiledRule(rule, _never, [], (), None, {})
            compiler = _PieceCompiler(self.table(rule), self)
            matcher = compiler.compile(rule.pattern, free=not rule.where)
            self.rules[rule.id] = replace(own, matcher=matcher, nodes=compiler.nodes)
        return self.rules[rule.id]

    def table(self, rule: Rule) -> TestTable:
        """The engine's own tests; rules that do not run have a table apart, for their words are not in that one."""
        if rule.id in self.compiled.compiled:
            return self.compiled.table
        if self.disabled_table is None:
            self.disabled_table = TestTable(self.compiled.rules.inflection)
            for other in self.compiled.rules.rules:
                if other.id not in self.compiled.compiled:
                    _PieceCompiler(self.disabled_table, self).compile(other.pattern)
        return self.disabled_table

    def read(self, rule: Rule) -> list[_Reading]:
        if rule.id not in self.readings:
            table = self.table(rule)
            rows = _rows(rule.pattern, ())[:_MAX_READINGS]
            self.readings[rule.id] = [self._reading(row, rule, table) for row in rows]
        return self.readings[rule.id]

    def _reading(self, row: list[tuple[Node, tuple[str, ...]]], rule: Rule, table: TestTable) -> _Reading:
        pieces = [self._piece(node, names, table) for node, names in row]
        main = _main_piece(pieces, "cue" if rule.kind == "attach" else "trigger")
        for piece in pieces:
            piece.weight = float(piece.required and not isinstance(piece.node, Look | Anchor))
        # The trigger counts as much as all the rest: where it does not stand, little of the rule does.
        pieces[main].weight = max(1.0, sum(p.weight for p in pieces) - pieces[main].weight)
        return _Reading(pieces, main)

    def _piece(self, node: Node, names: tuple[str, ...], table: TestTable) -> _Piece:
        ends: set[int] = set()

        def collect(_: State, i: int) -> int:
            ends.add(i)
            return -1
        compiler = _PieceCompiler(table, self)
        matcher = compiler.build_piece(node, collect)
        finder = self.finders.setdefault(id(table), RequirementFinder(compiler))
        return _Piece(node, names, finder.find(node), matcher, compiler.nodes, ends)


def _never(_: State, __: int) -> int:
    return -1


_BENCHES: list[Bench] = []
_KEPT_BENCHES = 4


def _bench(compiled: CompiledSet) -> Bench:
    """The bench of a rule set; the last few are kept."""
    known = next((b for b in _BENCHES if b.compiled is compiled), None)
    if known is None:
        known = Bench(compiled)
        _BENCHES.append(known)
        del _BENCHES[:-_KEPT_BENCHES]
    return known


def _rows(node: Node, names: tuple[str, ...]) -> list[list[tuple[Node, tuple[str, ...]]]]:
    """The rows of pieces that a pattern can be read as."""
    match node:
        case Seq(items=items):
            parts = [_rows(item, names) for item in items]
            rows = [list(itertools.chain(*chosen)) for chosen in
                    itertools.islice(itertools.product(*parts), _MAX_READINGS)]
            return rows
        case Capture(name=name, item=item):
            return _rows(item, (*names, name))
        case Alt(items=items) if captures(node):
            return [row for item in items for row in _rows(item, names)]
    return [[(node, names)]]


def _main_piece(pieces: list[_Piece], name: str) -> int:
    """The piece that names the event: the rarest required one of the trigger, else of all."""
    required = [i for i, p in enumerate(pieces) if p.required] or [0]
    named = [i for i in required if name in pieces[i].captures or name in captures(pieces[i].node)]

    def cost(i: int) -> tuple[float, int]:
        needs = pieces[i].needs
        return (needs.cost if needs else float("inf"), i)
    return min(named or required, key=cost)


# --- What stands in a sentence ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Place:
    """One sentence as rules of one kind and table see it. `near` holds, for every test that a word would pass with
    other accents or in another form, the words: (token, reason code, the form that would pass)."""

    number: int
    view: SentenceView
    state: State
    table: TestTable
    tests: set[int]
    near: dict[int, list[tuple[int, str, Any]]]

    def words(self, start: int, end: int) -> str:
        sentence = self.view.sentence
        return " ".join(sentence.words[max(0, start):end])

    def offsets(self, start: int, end: int) -> tuple[int, int]:
        sentence, length = self.view.sentence, self.state.length
        start, end = max(0, min(start, length)), max(0, min(end, length))
        if end > start:
            return self.view.text_span(start, end)
        at = sentence.starts[start] if start < length else sentence.end
        return at, at


def _near_tests(state: State, table: TestTable) -> dict[int, list[tuple[int, str, Any]]]:
    found: dict[int, list[tuple[int, str, Any]]] = {}
    for i, form in enumerate(state.forms):
        if not form.plain:
            for test, brings in table.form(form.text, accentless=True).tests.items():
                if test not in form.tests:
                    found.setdefault(test, []).append((i, "accent_only", brings))
        others = {other for lemma in {r.lemma for r in table.readings(form)}
                  for other in table.inflection.expand(lemma)} - {form.folded}
        for other in sorted(others):
            for test, brings in table.by_folded.get(fold(other), {}).items():
                if test not in form.tests:
                    found.setdefault(test, []).append((i, "inflection_only", brings))
    return found


@dataclass(slots=True)
class _Grid:
    """Where each piece of a reading can stand in a sentence, worked out when asked for."""

    pieces: list[_Piece]
    state: State
    known: dict[tuple[int, int], frozenset[int]] = field(default_factory=dict)

    def ends(self, j: int, i: int) -> frozenset[int]:
        key = (j, i)
        if key not in self.known:
            self.known[key] = self.pieces[j].try_at(self.state, i)
        return self.known[key]

    def places(self, j: int) -> list[tuple[int, int]]:
        """(start, end) of piece j wherever it stands."""
        return [(i, end) for i in range(self.state.length + 1) for end in sorted(self.ends(j, i))]

    def forward(self, j: int, starts: Iterable[int]) -> set[int]:
        return {end for i in starts for end in self.ends(j, i)}

    def backward(self, j: int, ends: set[int]) -> set[int]:
        return {i for i in range(max(ends) + 1) if not ends.isdisjoint(self.ends(j, i))}

    def prefix_end(self, j: int, most: int) -> int | None:
        """The last place up to `most` where the pieces before j can end, None when they do not stand in order."""
        reached = set(range(self.state.length + 1))
        for piece in range(j):
            reached = self.forward(piece, reached)
        return max((p for p in reached if p <= most), default=None)

    def has_suffix(self, j: int, least: int) -> bool:
        """Whether the pieces after j stand in order somewhere from `least` on."""
        reached = set(range(least, self.state.length + 1))
        for piece in range(j + 1, len(self.pieces)):
            reached = self.forward(piece, reached)
        return bool(reached)


# --- Alignments ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Gap:
    """How far a reading came: piece `failing` should have ended (`before`) or started at one of `places`. `prefix` is
    where the pieces before it end, when they stand."""

    share: float
    failing: int
    before: bool
    places: tuple[int, ...]
    prefix: int | None = None


def _align(reading: _Reading, grid: _Grid, place: _Place) -> Iterator[_Gap]:
    """The ways in which the reading nearly stands: around its trigger, else around a word that is nearly the trigger,
    else around whatever of it stands."""
    pieces, main = reading.pieces, reading.main
    spots = [(main, i, end) for i, end in grid.places(main)]
    if spots:
        yield from (_around(reading, grid, *spot) for spot in spots)
        return
    near = _near_places(pieces[main], place)
    if near:
        yield from (_around_missing(reading, grid, i) for i in near)
        return
    others = [(j, i, end) for j, p in enumerate(pieces) if p.weight and j != main for i, end in grid.places(j)]
    yield from (_around(reading, grid, *spot) for spot in others)
    if not others:
        yield _Gap(0.0, main, False, tuple(range(grid.state.length)))


def _near_places(piece: _Piece, place: _Place) -> list[int]:
    tests = piece.needs.tests if piece.needs else frozenset[int]()
    return sorted({i for test in tests for i, _, _ in place.near.get(test, ())})


def _around(reading: _Reading, grid: _Grid, j: int, start: int, end: int) -> _Gap:
    """From a piece that stands: as far to both sides as the neighbours fit. What fails before it is told first."""
    first, back = _to_left(grid, j, start)
    last, reached = _to_right(grid, j + 1, end)
    stand = set(range(first, last))
    prefix = None
    if first > 0:
        prefix = grid.prefix_end(first - 1, max(back))
        stand |= set(range(first - 1)) if prefix is not None else set()
    if last < len(reading.pieces) and grid.has_suffix(last, min(reached)):
        stand |= set(range(last + 1, len(reading.pieces)))
    share = sum(reading.pieces[p].weight for p in stand) / reading.total()
    if first > 0:
        return _Gap(share, first - 1, True, tuple(sorted(back)), prefix)
    return _Gap(share, last, False, tuple(sorted(reached)))


def _around_missing(reading: _Reading, grid: _Grid, i: int) -> _Gap:
    """From a word that is nearly the trigger; half of the trigger's weight is granted."""
    main = reading.main
    first, _ = _to_left(grid, main, i)
    last, _ = _to_right(grid, main + 1, i + 1)
    stand = [p for p in range(first, last) if p != main]
    share = sum(reading.pieces[p].weight for p in stand) + reading.pieces[main].weight / 2
    return _Gap(share / reading.total(), main, False, (i,))


def _to_left(grid: _Grid, j: int, start: int) -> tuple[int, set[int]]:
    back = {start}
    while j > 0 and (further := grid.backward(j - 1, back)):
        j, back = j - 1, further
    return j, back


def _to_right(grid: _Grid, j: int, end: int) -> tuple[int, set[int]]:
    reached = {end}
    while j < len(grid.pieces) and (further := grid.forward(j, reached)):
        j, reached = j + 1, further
    return j, reached


def _bound(reading: _Reading, place: _Place) -> float:
    """The highest share that an alignment can have, from what stands anywhere in the sentence."""
    total = 0.0
    for piece in reading.pieces:
        needs = piece.needs
        if needs is None or not needs.tests.isdisjoint(place.tests) or any(
                place.state.mentions.get(t) for t in needs.mentions):
            total += piece.weight
        elif not needs.tests.isdisjoint(place.near):
            total += piece.weight / 2
    return total / reading.total()


# --- What failed -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Finding:
    """Why a piece does not stand: a reason, what was wanted, and the tokens that stand there instead."""

    reason: str
    detail: str
    wanted: tuple[str, ...]
    start: int
    end: int
    node: Node | None = None

    def rank(self) -> int:
        return REASONS.index(self.reason.partition("(")[0])


def _diagnose(reading: _Reading, grid: _Grid, gap: _Gap, place: _Place) -> _Finding:
    """The nearest reason among all places where the failing piece should have stood."""
    if gap.failing >= len(reading.pieces):
        return _Finding("constraint", "every element stands, but the matcher gave up on so long a sentence", (), 0, 0)
    piece = reading.pieces[gap.failing]
    found = [f for i in _starts(grid, gap, piece) for f in _explain_piece(piece, place, i, gap)]
    if (blocked := _explain_gap(reading, grid, gap, place)) is not None:
        found.append(blocked)
    best = min(found, key=_Finding.rank)
    return _elsewhere(best, grid, gap, piece, place)


def _starts(grid: _Grid, gap: _Gap, piece: _Piece) -> list[int]:
    """Where to look at the piece: the places themselves, or what stands before them when it should end there."""
    if not gap.before:
        return list(gap.places)
    least = max(1, min(width(piece.node)[0], _LOOK_BACK)) if not isinstance(piece.node, Look | Anchor) else 0
    starts = sorted({max(0, q - least) for q in gap.places})
    if _is_leaf(piece.node):
        return starts
    near = range(max(0, min(gap.places) - _LOOK_BACK), max(gap.places))
    tried = {i: _probe(piece, grid.state, i) for i in near}
    far = max((p.farthest - i for i, p in tried.items()), default=0)
    return [i for i, p in tried.items() if far > 0 and p.farthest - i == far][-1:] or starts


def _is_leaf(node: Node) -> bool:
    return not isinstance(node, Alt | Repeat | Capture | Seq)


def _probe(piece: _Piece, state: State, i: int) -> Probe:
    probe = Probe()
    state.probe = probe
    piece.try_at(state, i)
    state.probe = None
    return probe


def _explain_piece(piece: _Piece, place: _Place, i: int, gap: _Gap) -> Iterator[_Finding]:
    """What each element of the piece that failed farthest wanted, with all that were possible there as `wanted`."""
    if _is_leaf(piece.node):
        yield _explain_leaf(piece.node, place, i, gap)
        return
    probe = _probe(piece, place.state, i)
    leaves = [piece.nodes[n] for n in sorted(probe.failures, reverse=True)]
    wanted = tuple(dict.fromkeys(shorten(show(leaf)) for leaf in leaves)) or (piece.wanted,)
    inner = replace(gap, before=False, places=(probe.farthest,))
    for leaf in leaves:
        yield replace(_explain_leaf(leaf, place, probe.farthest, inner), wanted=wanted)
    if not leaves:
        yield _Finding("word", f"`{piece.wanted}` does not stand there", wanted, i, i + 1)


def _explain_leaf(node: Node, place: _Place, i: int, gap: _Gap) -> _Finding:
    wanted = (shorten(show(node)),)
    stop = min(i + 1, place.state.length)
    finding = _Finding("word", "", wanted, i, stop, node)
    match node:
        case MentionRef():
            return _explain_mention(node, place, i, gap, finding)
        case Look() | Anchor():
            return replace(finding, detail=f"`{wanted[0]}` does not hold there")
        case Gap():
            return replace(finding, reason="barrier", detail=f"the gap `{wanted[0]}` stops at a clause boundary")
    if i >= place.state.length:
        return replace(finding, detail=f"the sentence ends where `{wanted[0]}` was wanted", start=i, end=i)
    match node:
        case Word() | Lemma() | Named():
            return _nearly(node, place, i, finding) or _split(node, place, i, finding) or _plain(node, place, i, finding)
    return _plain(node, place, i, finding)


def _test_of(node: Word | Lemma | Named, place: _Place) -> int | None:
    compiler = Compiler(place.table, {})
    return None if isinstance(node, Named) else compiler.token_test(node)
