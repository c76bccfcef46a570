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
import math
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
    VetoResult,
    bind,
    find_constrained,
    make_mention,
    try_veto,
)
from extractor.assemble import Event
from extractor.compiled import BOUNDARY, EVENT, INSERTION, CompiledPattern, CompiledRule, CompiledSet
from extractor.diagnostics import did_you_mean
from extractor.engine import Extractor
from extractor.explain import quote, shorten
from extractor.forms import TestTable
from extractor.index import Required, RequirementFinder, find_matches
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
    subtree_sizes,
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
    Repeat,
    Seq,
    Test,
    Word,
    captures,
    children,
    show,
    show_test,
    walk,
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
_MAX_WAYS = 4
_MAX_TIES = 12
_MAX_CUTS = 5
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
    priority: int = 0
    reached: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {"rule": self.rule, "file": self.file, "line": self.line, "type": self.type, "verdict": self.verdict,
                "reason": self.reason, "detail": self.detail, "sentence": self.sentence, "wanted": list(self.wanted),
                "found": self.found, "start": self.start, "end": self.end, "capture": self.capture,
                "share": round(self.share, 3)}

    @property
    def code(self) -> str:
        """The reason without what stands in parentheses."""
        return self.reason.partition("(")[0]

    def sort_key(self) -> tuple[bool, float, int, bool, int, int, int, int]:
        """What stands of the rule, then how far its failing element went, then whether one thing was wanted or any of
        several, of which some word or other comes near to one, then what the rule set prefers."""
        return (self.verdict != MATCHED, -self.share, -self.reached, len(self.wanted) > 1, REASONS.index(self.code),
                -self.priority, self.order, self.start)


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
    return NearMiss(rule, "", 0, "", NOT_MATCHED, "rule_disabled", "the rule does not load: check the rules", "", (),
                    "", 0, 0, None, 0.0)


def _asked_rules(compiled: CompiledSet, type_: str | None, rule_id: str | None) -> list[Rule]:
    rules = compiled.rules.rules
    if rule_id is not None:
        found = [r for r in rules if r.id == rule_id]
        if not found:
            raise ValueError(_unknown("rule", rule_id, [r.id for r in rules]))
        return found
    if type_ is None:
        return [r for r in rules if r.event]
    found = [r for r in rules if _makes(r, type_)]
    known = {*compiled.rules.types, *(r.makes for r in rules)}
    if not found and not any(fnmatchcase(t, type_) for t in known):
        raise ValueError(_unknown("type", type_, known))
    return found


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    return f"there is no {what} `{name}`: {did_you_mean(name, known)}".rstrip(": ")


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
    """Compiles single pieces of patterns; what a word or a narrowed list tests is worked out once."""

    def __init__(self, table: TestTable, bench: Bench) -> None:
        super().__init__(table, bench.compiled.rules.lists, watched=True)
        self.bench = bench

    def list_test(self, node: Named) -> int:
        key = (id(self.table), node.name, node.tags, show_test(node.test) if node.test else "")
        known = self.bench.list_tests.get(key)
        if known is None:
            known = self.bench.list_tests[key] = super().list_test(node)
        return known

    def token_test(self, node: Node) -> int | None:
        key = (id(self.table), id(node))
        if key not in self.bench.token_tests:
            self.bench.token_tests[key] = super().token_test(node)
        return self.bench.token_tests[key]

    def build_piece(self, node: Node, then: Matcher) -> Matcher:
        self.sizes = subtree_sizes(node)
        return self._build(node, then, 0)


@dataclass(slots=True)
class _Piece:
    """An element, group or repeat on the top level of a pattern. Its matcher is compiled when first tried, with the
    elements of `nodes`; `ends` collects where a try comes out."""

    node: Node
    captures: tuple[str, ...]
    needs: Required | None
    compiler: _PieceCompiler
    matcher: Matcher | None = None
    nodes: list[Node] = field(default_factory=list)
    ends: set[int] = field(default_factory=set)

    @property
    def required(self) -> bool:
        return width(self.node)[0] > 0 or isinstance(self.node, Look | Anchor)

    @property
    def wanted(self) -> str:
        return shorten(show(self.node))

    def try_at(self, state: State, i: int) -> frozenset[int]:
        """Every place where the piece, started at token i, can end."""
        if self.matcher is None:
            self.nodes = list(walk(self.node))
            self.matcher = self.compiler.build_piece(self.node, self._collect)
        self.ends.clear()
        state.trace, state.failed, state.loops, state.budget = [], set(), {}, BUDGET
        self.matcher(state, i)
        return frozenset(self.ends)

    def _collect(self, _: State, i: int) -> int:
        # Not the end of the search: failing here makes the matcher go through all other ways.
        self.ends.add(i)
        return -1


@dataclass(slots=True)
class _Reading:
    """A pattern as one row of pieces; alternatives that hold captures make several. `main` is the trigger's piece.
    `weights` say how much each piece counts when it stands; they add up to `total`."""

    pieces: list[_Piece]
    main: int
    weights: list[float]
    total: float


@dataclass(slots=True)
class Bench:
    """What is compiled once for a rule set: its patterns in pieces, and the rules that do not run."""

    compiled: CompiledSet
    disabled: dict[str, CompiledRule] = field(default_factory=dict)
    readings: dict[str, list[_Reading]] = field(default_factory=dict)
    list_tests: dict[object, int] = field(default_factory=dict)
    token_tests: dict[tuple[int, int], int | None] = field(default_factory=dict)
    pieces: dict[tuple[int, int, tuple[str, ...]], _Piece] = field(default_factory=dict)
    compilers: dict[int, _PieceCompiler] = field(default_factory=dict)
    finders: dict[int, RequirementFinder] = field(default_factory=dict)
    disabled_table: TestTable | None = None

    def matching(self, rule: Rule) -> CompiledRule:
        """The rule as the engine runs it; one that does not run is compiled here."""
        own = self.compiled.compiled.get(rule.id) or self.disabled.get(rule.id)
        if own is None:
            pattern = CompiledPattern(rule.pattern, self.table(rule), self.compiled.rules.lists, not rule.where)
            own = self.disabled[rule.id] = CompiledRule(rule, pattern)
        return own

    def table(self, rule: Rule) -> TestTable:
        """The engine's own tests; rules that do not run have a table apart, for their words are not in that one."""
        if rule.id in self.compiled.compiled:
            return self.compiled.table
        if self.disabled_table is None:
            self.disabled_table = TestTable(self.compiled.rules.inflection)
            for other in self.compiled.rules.rules:
                if other.id not in self.compiled.compiled:
                    _PieceCompiler(self.disabled_table, self).number_tests(other.pattern)
        return self.disabled_table

    def read(self, rule: Rule) -> list[_Reading]:
        if rule.id not in self.readings:
            table = self.table(rule)
            self.readings[rule.id] = [self._reading(row, rule, table) for row in _rows(rule.pattern, ())]
        return self.readings[rule.id]

    def _reading(self, row: list[tuple[Node, tuple[str, ...]]], rule: Rule, table: TestTable) -> _Reading:
        pieces = [self._piece(node, names, table) for node, names in row]
        main = _main_piece(pieces, "cue" if rule.kind == "attach" else "trigger")
        weights = [float(p.required and not isinstance(p.node, Look | Anchor)) for p in pieces]
        # The trigger counts as much as all the rest: where it does not stand, little of the rule does.
        weights[main] = max(1.0, sum(weights) - weights[main])
        return _Reading(pieces, main, weights, sum(weights))

    def _piece(self, node: Node, names: tuple[str, ...], table: TestTable) -> _Piece:
        key = (id(table), id(node), names)
        if key not in self.pieces:
            compiler = self.compilers.setdefault(id(table), _PieceCompiler(table, self))
            finder = self.finders.setdefault(id(table), RequirementFinder(compiler))
            self.pieces[key] = _Piece(node, names, finder.find(node), compiler)
        return self.pieces[key]


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


_Row = list[tuple[Node, tuple[str, ...]]]


def _rows(node: Node, names: tuple[str, ...]) -> list[_Row]:
    """The rows of pieces that a pattern can be read as. Alternatives make a row each where they hold captures or stand
    in one; everywhere else they are one piece."""
    match node:
        case Seq(items=items):
            return _product([_rows(item, names) for item in items], [[(item, names)] for item in items])
        case Capture(name=name, item=item):
            return _rows(item, (*names, name))
        case Alt(items=items) if captures(node) or (names and any(isinstance(i, Seq) for i in items)):
            return [row for item in items for row in _rows(item, names)]
    return [[(node, names)]]


def _product(parts: list[list[_Row]], whole: list[_Row]) -> list[_Row]:
    """All ways to choose a row of every part; while these are too many, the part of most rows stays whole."""
    while math.prod(len(p) for p in parts) > _MAX_READINGS:
        most = max(range(len(parts)), key=lambda i: len(parts[i]))
        parts[most] = [whole[most]]
    return [list(itertools.chain(*chosen)) for chosen in itertools.product(*parts)]


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
    compiler: _PieceCompiler
    tests: set[int]
    near: dict[int, list[tuple[int, str, Any]]]
    known: dict[tuple[int, int], frozenset[int]] = field(default_factory=dict)

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
        # « à » is another word than « a », not a slip of the pen
        if not form.plain and len(form.text) > 1:
            for test, brings in table.form(form.text, accentless=True).tests.items():
                if test not in form.tests:
                    found.setdefault(test, []).append((i, "accent_only", brings))
        others = {other for lemma in {r.lemma for r in table.readings(form)}
                  for other in table.inflection.expand(lemma)} - {form.folded}
        for other in sorted(others):
            for test, brings in table.by_folded.get(fold(other)).items():
                if test not in form.tests:
                    found.setdefault(test, []).append((i, "inflection_only", brings))
    return found


@dataclass(slots=True)
class _Grid:
    """Where each piece of a reading can stand in a sentence, worked out when asked for. `known` is shared by all
    readings of the sentence: (piece, start) → ends."""

    pieces: list[_Piece]
    state: State
    known: dict[tuple[int, int], frozenset[int]]

    def ends(self, j: int, i: int) -> frozenset[int]:
        key = (id(self.pieces[j]), i)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = self.pieces[j].try_at(self.state, i)
        return found

    def places(self, j: int) -> list[tuple[int, int]]:
        """(start, end) of piece j wherever it stands."""
        return [(i, end) for i in range(self.state.length + 1) for end in sorted(self.ends(j, i))]

    def forward(self, j: int, starts: Iterable[int]) -> set[int]:
        return {end for i in starts for end in self.ends(j, i)}

    def backward(self, j: int, ends: set[int]) -> set[int]:
        return {i for i in range(max(ends) + 1) if not ends.isdisjoint(self.ends(j, i))}

    def has_prefix(self, j: int, most: int) -> bool:
        """Whether the pieces before j stand in order somewhere up to `most`."""
        reached = set(range(self.state.length + 1))
        for piece in range(j):
            reached = self.forward(piece, reached)
        return any(place <= most for place in reached)

    def has_suffix(self, j: int, least: int) -> bool:
        """Whether the pieces after j stand in order somewhere from `least` on."""
        reached = set(range(least, self.state.length + 1))
        for piece in range(j + 1, len(self.pieces)):
            reached = self.forward(piece, reached)
        return bool(reached)


# --- Alignments ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Gap:
    """How far a reading came: piece `failing` should have ended (`before`) or started at one of `places`, which are all
    tokens when nothing of the reading stands (not `anchored`)."""

    share: float
    failing: int
    before: bool
    places: tuple[int, ...]
    anchored: bool = True


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
    others = [(j, i, end) for j, weight in enumerate(reading.weights) if weight and j != main
              for i, end in grid.places(j)]
    yield from (_around(reading, grid, *spot) for spot in others)
    if not others:
        yield _Gap(0.0, main, False, tuple(range(grid.state.length)), anchored=False)


def _near_places(piece: _Piece, place: _Place) -> list[int]:
    tests = piece.needs.tests if piece.needs else frozenset[int]()
    return sorted({i for test in tests for i, _, _ in place.near.get(test, ())})


def _around(reading: _Reading, grid: _Grid, j: int, start: int, end: int) -> _Gap:
    """From a piece that stands: as far to both sides as the neighbours fit. What fails before it is told first."""
    first, back = _to_left(grid, j, start)
    last, reached = _to_right(grid, j + 1, end)
    stand = set(range(first, last))
    if first > 0 and grid.has_prefix(first - 1, max(back)):
        stand |= set(range(first - 1))
    if last < len(reading.pieces) and grid.has_suffix(last, min(reached)):
        stand |= set(range(last + 1, len(reading.pieces)))
    share = sum(reading.weights[p] for p in stand) / reading.total
    if first > 0:
        return _Gap(share, first - 1, True, tuple(sorted(back)))
    return _Gap(share, last, False, tuple(sorted(reached)))


def _around_missing(reading: _Reading, grid: _Grid, i: int) -> _Gap:
    """From a word that is nearly the trigger; half of the trigger's weight is granted."""
    main = reading.main
    first, _ = _to_left(grid, main, i)
    last, _ = _to_right(grid, main + 1, i + 1)
    stand = [p for p in range(first, last) if p != main]
    share = sum(reading.weights[p] for p in stand) + reading.weights[main] / 2
    return _Gap(share / reading.total, main, False, (i,))


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
    share = 0.0
    for piece, weight in zip(reading.pieces, reading.weights, strict=True):
        needs = piece.needs
        if needs is None or not needs.tests.isdisjoint(place.tests) or any(
                place.state.mentions.get(t) for t in needs.mentions):
            share += weight
        elif not needs.tests.isdisjoint(place.near):
            share += weight / 2
    return share / reading.total


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
    reached: int = 0

    def rank(self) -> int:
        return REASONS.index(self.reason.partition("(")[0])


def _diagnose(reading: _Reading, grid: _Grid, gap: _Gap, place: _Place) -> _Finding:
    """The nearest reason among all places where the failing piece should have stood."""
    if gap.failing >= len(reading.pieces):
        return _Finding("constraint", "every element stands, but the matcher gave up on so long a sentence", (), 0, 0)
    piece = reading.pieces[gap.failing]
    found = [replace(f, reached=max(0, f.start - i)) for i in _starts(grid, gap, piece)
             for f in _explain_piece(piece, place, i, gap)]
    if (blocked := _explain_gap(reading, grid, gap, place)) is not None:
        found.append(blocked)
    best = min(found, key=_Finding.rank)
    return _elsewhere(best, grid, gap, piece, place)


def _starts(grid: _Grid, gap: _Gap, piece: _Piece) -> list[int]:
    """Where to look at the piece: the places themselves, or what stands before them when it should end there."""
    if not gap.before:
        return list(gap.places)
    least = max(1, min(width(piece.node)[0], _LOOK_BACK)) if not isinstance(piece.node, Look | Anchor) else 0
    starts = sorted({max(0, q - least) for q in gap.places}, reverse=True)
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
    order = {id(node): position for position, node in enumerate(walk(piece.node))}
    failed = sorted((piece.nodes[n] for n in probe.failures), key=lambda node: order[id(node)])
    leaves = [leaf for leaf in failed if not _is_optional(piece.node, leaf)] or failed
    wanted = tuple(dict.fromkeys(shorten(show(leaf)) for leaf in leaves)) or (piece.wanted,)
    inner = replace(gap, before=False, places=(probe.farthest,))
    for leaf in leaves:
        yield replace(_explain_leaf(leaf, place, probe.farthest, inner), wanted=wanted)
    if not leaves:
        yield _Finding("word", f"`{piece.wanted}` does not stand there", wanted, i, i + 1)


def _is_optional(node: Node, leaf: Node) -> bool:
    """Whether the element may be left out: nothing is lost where it does not stand."""
    if isinstance(node, Repeat) and node.least == 0:
        return _holds(node, leaf)
    return any(_is_optional(child, leaf) for child in children(node))


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
    if isinstance(node, Word | Lemma | Named):
        near = _nearly(node, place, i, finding) or _narrowed(node, place, i, finding)
        if near is not None:
            return near
    words, is_list = quote(place.words(i, i + 1)), isinstance(node, Named)
    if not gap.anchored:
        detail = f"nothing that `{wanted[0]}` takes stands in the sentence"
    else:
        detail = f"{words} is not in `{wanted[0]}`" if is_list else f"`{wanted[0]}` was wanted where {words} stands"
    if is_list:
        return replace(finding, reason="not_in_list", detail=detail)
    split = _split(node, place, i, gap.before, finding) if isinstance(node, Word) else None
    return split or replace(finding, detail=detail)


def _nearly(node: Word | Lemma | Named, place: _Place, i: int, finding: _Finding) -> _Finding | None:
    """The word that stands there passes but for its accents, or in another form."""
    compiler = place.compiler
    test = compiler.list_test(node) if isinstance(node, Named) else compiler.token_test(node)
    for token, reason, brings in place.near.get(test, ()) if test is not None else ():
        if token != i:
            continue
        wanted, stop = finding.wanted[0], i + 1
        if isinstance(node, Named):
            loose = compiler.lists[node.name].loose
            entry = next((e for e in brings if i + len(e.forms) <= place.state.length
                          and stands_at(e, place.state.forms, i, loose)), None)
            if entry is None:
                continue
            wanted, stop = f"{entry.text}` of `{wanted}", i + len(entry.forms)
        how = f"is `{wanted}` but for its accents" if reason == "accent_only" else f"is another form of `{wanted}`"
        return replace(finding, reason=reason, detail=f"{quote(place.words(i, stop))} {how}", end=stop)
    return None


def _narrowed(node: Word | Lemma | Named, place: _Place, i: int, finding: _Finding) -> _Finding | None:
    """The word stands in the list, but the pattern narrows the list or the entry wants a capital."""
    if not isinstance(node, Named):
        return None
    words = place.compiler.lists[node.name]
    entry = next((e for e in words.sequences if _has_words(e, place.state, i, words.loose)), None)
    if entry is None:
        return None
    found, stop = quote(place.words(i, i + len(entry.forms))), i + len(entry.forms)
    if not stands_at(entry, place.state.forms, i, words.loose):
        return replace(finding, reason="not_in_list", detail=f"{found} is in the list, but with a capital", end=stop)
    fields = {**entry.entry.fields, "id": entry.entry.id, "name": entry.entry.name}
    if node.test is not None and not values_pass(node.test, fields):
        detail = f"{found} is in the list, but is not [{show_test(node.test)}]"
        return replace(finding, reason="type_mismatch", detail=detail, end=stop)
    tags = ".".join(node.tags)
    return replace(finding, reason="inflection_only", detail=f"{found} is in the list, but not as {tags}", end=stop)


def _has_words(entry: Entry, state: State, i: int, loose: bool) -> bool:
    if i + len(entry.forms) > state.length:
        return False
    return all((f.bare if loose else f.folded) in allowed
               for f, allowed in zip(state.forms[i:], entry.forms, strict=False))


def _split(node: Word, place: _Place, i: int, before: bool, finding: _Finding) -> _Finding | None:
    """The letters stand there, cut into other tokens: « dit-il » for `dit`, « porte parole » for `porte-parole`."""
    wanted, forms = fold(node.word), place.state.forms
    if wanted in re.split("[-'.]", forms[i].folded):
        detail = f"`{node.word}` is a part of the token {quote(forms[i].text)}"
        return replace(finding, reason="token_split", detail=detail)
    for more in range(1, _MAX_CUTS):
        start, stop = (i - more, i + 1) if before else (i, i + more + 1)
        letters = "".join(f.folded for f in forms[max(0, start):stop])
        if start >= 0 and stop <= len(forms) and re.sub("[-' ]", "", letters) == re.sub("[-' ]", "", wanted):
            detail = f"the text cuts `{node.word}` into {more + 1} tokens"
            return replace(finding, reason="token_split", detail=detail, start=start, end=stop)
    return None


def _explain_mention(node: MentionRef, place: _Place, i: int, gap: _Gap, finding: _Finding) -> _Finding:
    """A mention that does not pass the test, one of another type, or none at all."""
    wanted = finding.wanted[0]
    edge = i + 1 if gap.before and i + 1 in gap.places else i
    for mention in _mentions_at(place, edge, gap.before, node.type):
        reason, detail = _failed_test(node, mention)
        words = quote(place.words(mention.start, mention.end))
        return replace(finding, reason=reason, detail=f"@{mention.type} {words} {detail}", start=mention.start,
                       end=mention.end)
    if gap.anchored and edge == (max(gap.places) if gap.before else min(gap.places)):
        for type_ in sorted(place.state.mentions.keys() - _STRUCTURE - {node.type}):
            for mention in _mentions_at(place, edge, gap.before, type_):
                detail = f"a @{type_} stands there, {quote(place.words(mention.start, mention.end))}"
                return replace(finding, reason="type_mismatch", detail=detail, start=mention.start, end=mention.end)
    if not gap.anchored:
        return replace(finding, reason="argument_missing", detail=f"no `{wanted}` stands in the sentence")
    if gap.before:
        following = place.words(edge, min(edge + 3, place.state.length))
        return replace(finding, reason="argument_missing", detail=f"no `{wanted}` ends before {quote(following)}",
                       start=max(0, edge - 1), end=edge)
    at = f"at {quote(place.words(i, i + 1))}" if i < place.state.length else "at the end of the sentence"
    return replace(finding, reason="argument_missing", detail=f"no `{wanted}` starts {at}")


def _mentions_at(place: _Place, edge: int, before: bool, type_: str) -> list[Mention]:
    known = place.state.mentions.get(type_, {})
    return [m for _, found in sorted(known.items()) for m in found if (m.end if before else m.start) == edge]


def _failed_test(node: MentionRef, mention: Mention) -> tuple[str, str]:
    """The reason that a mention of the right type does not do, and in words."""
    if node.test is None or mention_predicate(node.test)(mention):
        return "constraint", "stands there, but does not fit its neighbours"
    failing = [c for c in _comparisons(node.test) if not values_pass(c, mention.values)]
    is_numeric = bool(failing) and all(_is_numeric(c, mention) for c in failing)
    shown = ", ".join(f"{c.field} {_plain_value(mention.values.get(c.field))}" for c in failing)
    detail = f"is not [{show_test(node.test)}]" + (f": {shown}" if shown else "")
    return "number_range" if is_numeric else "type_mismatch", detail


def _plain_value(value: Any) -> str:
    if isinstance(value, Mention):
        return _plain_value(value.values.get("value"))
    return "is not said" if value is None else f"is {value}"


def _comparisons(test: Test) -> Iterator[Comparison]:
    match test:
        case All(items=items) | Either(items=items):
            for item in items:
                yield from _comparisons(item)
        case Comparison():
            yield test
        case Not():
            return


def _is_numeric(test: Comparison, mention: Mention) -> bool:
    value = mention.values.get(test.field)
    return test.op in ("<", "<=", ">", ">=") or (isinstance(value, int | float) and not isinstance(value, bool))


def _explain_gap(reading: _Reading, grid: _Grid, gap: _Gap, place: _Place) -> _Finding | None:
    """The gap beside the failing piece is too short, or stopped at a clause boundary, and the piece stands beyond."""
    beside = _gap_beside(reading.pieces, gap)
    if beside is None:
        return None
    node, piece = reading.pieces[beside].node, reading.pieces[gap.failing]
    assert isinstance(node, Gap)
    boundaries = grid.state.mentions.get(BOUNDARY, {}) if node.stop == "clause" else {}
    if gap.before:
        spans = [(i, e) for i, e in grid.places(gap.failing) if e < min(gap.places)]
        span = max(spans, key=lambda s: s[1], default=None)
        stop = max(grid.ends(beside, span[1])) if span else 0
        missing = min(gap.places) - span[1] if span else 0
    else:
        stop = max(gap.places)
        span = next(((i, e) for i, e in grid.places(gap.failing) if i > stop), None)
        missing = span[0] - stop if span else 0
    if span is None:
        return None
    gap_text, wanted = shorten(show(node)), (piece.wanted,)
    if stop in boundaries:
        words = place.words(stop, boundaries[stop][0].end)
        side = "after" if gap.before else "before"
        detail = f"the gap `{gap_text}` stops at {quote(words)}, {side} {quote(place.words(*span))}"
        return _Finding("barrier", detail, wanted, *span, piece.node)
    tokens = "token" if missing == 1 else "tokens"
    detail = f"{quote(place.words(*span))} stands {missing} {tokens} beyond the gap `{gap_text}`"
    return _Finding(f"gap_too_long(+{missing})", detail, wanted, *span, piece.node)


def _gap_beside(pieces: list[_Piece], gap: _Gap) -> int | None:
    step = 1 if gap.before else -1
    j = gap.failing + step
    while 0 <= j < len(pieces) and not pieces[j].required:
        if isinstance(pieces[j].node, Gap):
            return j
        j += step
    return None


def _elsewhere(finding: _Finding, grid: _Grid, gap: _Gap, piece: _Piece, place: _Place) -> _Finding:
    """The finding with what helps further: the nearest entry of the list, or where else the piece stands."""
    detail = finding.detail
    if finding.reason == "not_in_list" and isinstance(finding.node, Named) and "capital" not in detail:
        near = _nearest_entry(finding.node, place, [finding.start] if gap.anchored else gap.places)
        detail += f"; the nearest entry is `{near}`" if near else ""
    spans = [s for s in grid.places(gap.failing) if s[1] > s[0]]
    if finding.reason in ("word", "not_in_list", "argument_missing") and spans and gap.places:
        distance = min((min(gap.places) - e if e <= min(gap.places) else i - max(gap.places)) for i, e in spans)
        if distance > 0:
            detail += f"; {piece.wanted} stands {distance} token{'s' * (distance > 1)} away"
    return replace(finding, detail=detail)


def _nearest_entry(node: Named, place: _Place, tokens: Iterable[int]) -> str | None:
    """The entry that is spelt most like the words at one of the tokens."""
    best, best_ratio = None, 0.6
    for i, entry in itertools.product(tokens, place.compiler.lists[node.name].sequences):
        words = place.words(i, min(i + len(entry.forms), place.state.length)).lower()
        text = entry.text.lstrip("~").lower()
        if not words or strip_accents(words[:1]) != strip_accents(text[:1]) or abs(len(words) - len(text)) > 4:
            continue
        ratio = difflib.SequenceMatcher(None, words, text).ratio()
        if ratio > best_ratio:
            best, best_ratio = entry.text, ratio
    return best


# --- The inquiry -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Inquiry:
    """One question about one text. `events` are those that the engine found, without its index."""

    bench: Bench
    analysis: Analysis
    events: list[Event]
    stages: dict[str, Analysis] = field(default_factory=dict)
    places: dict[tuple[int, str, bool], _Place] = field(default_factory=dict)

    def run(self, rules: list[Rule], limit: int, named: bool) -> list[NearMiss]:
        best: dict[str, NearMiss] = {}
        open_: list[tuple[float, int, int, int, Rule]] = []
        for rule in rules:
            for number, view in enumerate(self.analysis.views):
                if view.sentence.kind in MUTE:
                    self._keep(best, self._muted(rule, number))
                    continue
                outcomes = self._outcomes(rule, number)
                for miss in outcomes:
                    self._keep(best, miss)
                if not outcomes:
                    place = self._place(rule, number)
                    bound = max(_bound(r, place) for r in self.bench.read(rule))
                    open_.append((-bound, -rule.priority, rule.order, number, rule))
        self._look_at(sorted(open_, key=lambda o: o[:4]), best, limit)
        ranked = sorted(best.values(), key=NearMiss.sort_key)
        return [m for m in ranked if named or m.code != "rule_disabled" or m.share == 1.0][:limit]

    def _look_at(self, waiting: list[tuple[float, int, int, int, Rule]], best: dict[str, NearMiss], limit: int) -> None:
        """Looks at what is left, the most promising first, until nothing can come nearer than what is found. Of rules
        that can at best be as near as the last one found, which are many (all but the trigger stands), a few are."""
        ties = 0
        for bound, _, _, number, rule in waiting:
            shares = sorted((m.share for m in best.values()), reverse=True)
            if len(shares) >= limit and -bound <= shares[limit - 1]:
                ties += 1
                if -bound < shares[limit - 1] or ties > _MAX_TIES:
                    return
            self._keep(best, self._near_miss(rule, number))

    def _keep(self, best: dict[str, NearMiss], miss: NearMiss) -> None:
        known = best.get(miss.rule)
        if known is None or miss.sort_key() < known.sort_key():
            best[miss.rule] = miss

    # --- sentences as a rule sees them -----------------------------------------------------------------------------

    def _stage(self, rule: Rule) -> tuple[str, Analysis]:
        """The analysis as the rule sees it, and a name for this view: events come after mentions, and rules that come
        before clause boundaries do not see clauses."""
        kind = rule.kind
        if rule.mention is not None:
            order = [type_ for type_, _ in self.bench.compiled.phases]
            late = {*order[order.index(BOUNDARY) + 1:]} if BOUNDARY in order else set[str]()
            kind = "late mention" if rule.mention.type in late else "mention"
        if kind not in self.stages:
            views = []
            for view in self.analysis.views:
                mentions = {t: m for t, m in view.state.mentions.items() if t != EVENT or kind == "attach"}
                edges = {s: e for s, e in view.state.edges.items() if s != "clause" or kind != "mention"}
                views.append(replace(view, state=replace(view.state, mentions=mentions, edges=edges)))
            self.stages[kind] = replace(self.analysis, views=views, memory={}, counted={}, warnings=[])
        return kind, self.stages[kind]

    def _place(self, rule: Rule, number: int) -> _Place:
        runs = rule.id in self.bench.compiled.compiled
        kind, analysis = self._stage(rule)
        key = (number, kind, runs)
        if key not in self.places:
            table, view = self.bench.table(rule), analysis.views[number]
            state = view.state if runs else replace(view.state, forms=self._forms(view, table))
            tests = {t for f in state.forms for t in f.tests}
            self.places[key] = _Place(number, view, state, _PieceCompiler(table, self.bench), tests,
                                      _near_tests(state, table))
        return self.places[key]

    def _forms(self, view: SentenceView, table: TestTable) -> list[Any]:
        document = self.analysis.document
        accentless, brief = not document.has_accents, len(document.text) < BRIEF_TEXT
        return [table.form(w, accentless, brief) for w in view.sentence.words]

    # --- rules that match ------------------------------------------------------------------------------------------

    def _outcomes(self, rule: Rule, number: int) -> list[NearMiss]:
        """What became of every place where the rule matches in the sentence, by itself."""
        compiled = self.bench.matching(rule)
        if rule.id not in self.bench.compiled.compiled:
            return self._disabled(rule, compiled, number)
        _, analysis = self._stage(rule)
        view = analysis.views[number]
        if rule.where:
            found = [*self._constrained(compiled, number, analysis)]
        else:
            found = [self._judge(compiled, match, number, analysis)
                     for match in find_matches(compiled.matcher, view.state, range(view.state.length))]
        view.state.exhausted = False
        return found

    def _constrained(self, compiled: CompiledRule, number: int, analysis: Analysis) -> Iterator[NearMiss]:
        """As above, for a rule with constraints: also where it matches and no way to match satisfies them."""
        view, end = analysis.views[number], 0
        for start in range(view.state.length):
            if view.state.exhausted:
                return
            if start < end:
                continue
            match = find_constrained(compiled, view, start, analysis)
            if match is not None:
                end = match.end
                yield self._judge(compiled, match, number, analysis)
            elif (unfit := find_at(compiled.matcher, view.state, start)) is not None:
                yield self._unfit(compiled, unfit, number, analysis)

    def _disabled(self, rule: Rule, compiled: CompiledRule, number: int) -> list[NearMiss]:
        state = self._place(rule, number).state
        match = next((m for i in range(state.length) if (m := find_at(compiled.matcher, state, i)) is not None), None)
        if match is None:
            return []
        return [self._silenced(rule, number, match, "rule_disabled", "it would match here; " + _status(rule))]

    def _unfit(self, compiled: CompiledRule, match: Match, number: int, analysis: Analysis) -> NearMiss:
        rule = compiled.rule
        bindings = bind(compiled, match, analysis.views[number], analysis.document.text)
        failing = [text for text, constraint in zip(rule.where_texts, rule.where, strict=True)
                   if not evaluate(constraint, bindings)]
        return self._silenced(rule, number, match, "constraint", f"`{'`, `'.join(failing)}` does not hold")

    def _judge(self, compiled: CompiledRule, match: Match, number: int, analysis: Analysis) -> NearMiss:
        rule = compiled.rule
        bindings = bind(compiled, match, analysis.views[number], analysis.document.text)
        match.owner = compiled
        for veto in compiled.vetoes:
            result = try_veto(analysis, number, veto, bindings)
            if result.fired:
                return self._vetoed(rule, result, number, match)
        candidate = Candidate(compiled, match, number, bindings, ())
        if rule.mention and make_mention(candidate) is None:
            return self._silenced(rule, number, match, "constraint", "the words say no number")
        for loser, winner, why in self.analysis.views[number].lost:
            if _is_same(loser, candidate):
                return self._beaten(rule, number, match, winner.rule.rule.id, why)
        return self._settled(rule, number, match, candidate)

    def _settled(self, rule: Rule, number: int, match: Match, candidate: Candidate) -> NearMiss:
        """A match that no veto silenced and no other rule beat."""
        match rule.kind:
            case "event":
                if any(_is_same(e.candidate, candidate) for e in self.events):
                    return self._silenced(rule, number, match, "", f"it gives a {rule.makes}")
                return self._lacking(rule, number, match, candidate)
            case "attach":
                return self._reaching(rule, number, match, candidate)
        return self._silenced(rule, number, match, "", f"it gives a @{rule.makes}")

    def _lacking(self, rule: Rule, number: int, match: Match, candidate: Candidate) -> NearMiss:
        spec = rule.event
        lacking = [r for r in spec.roles if r.required and not candidate.bindings.get(r.role)] if spec else []
        names = ", ".join(dict.fromkeys(r.role for r in lacking))
        miss = self._silenced(rule, number, match, "argument_missing",
                              f"a required role is not found in its {lacking[0].within}: {names}" if lacking else
                              "a required role is not found")
        miss.wanted = tuple(f"@{r.type}" + (f"[{show_test(r.test)}]" if r.test else "") for r in lacking)
        miss.capture = lacking[0].role if lacking else None
        return miss

    def _reaching(self, rule: Rule, number: int, match: Match, candidate: Candidate) -> NearMiss:
        for event in self.events:
            if any(_is_same(a.candidate, candidate) for a in event.attachments):
                return self._silenced(rule, number, match, "", f"it attaches to a {event.type}")
        for event in self.events:
            for passed, why in event.passed_over:
                if _is_same(passed.candidate, candidate):
                    winner = next(a for a in event.attachments if a.kind == passed.kind)
                    return self._beaten(rule, number, match, winner.candidate.rule.rule.id, why)
        return self._silenced(rule, number, match, "argument_missing", "the cue stands, but no event is in its reach")

    # --- near misses as data ---------------------------------------------------------------------------------------

    def _beaten(self, rule: Rule, number: int, match: Match, winner: str, why: str) -> NearMiss:
        how = {"priority": "has more priority", "length": "is longer", "start": "starts earlier",
               "file order": "stands earlier in the files", "same act": "names the same act",
               "distance": "is nearer"}.get(why, why)
        return self._silenced(rule, number, match, f"beaten_by({winner})", f"`{winner}` {how}")

    def _vetoed(self, rule: Rule, veto: VetoResult, number: int, match: Match) -> NearMiss:
        if veto.counts is not None:
            detail = f"the veto `{veto.name}` is found {veto.counts[0]} times, what speaks against it {veto.counts[1]}"
            return self._silenced(rule, number, match, f"veto({veto.name})", detail)
        span = self.analysis.views[veto.sentence].text_span(veto.start, veto.end)
        words = self.analysis.document.text[slice(*span)]
        detail = f"the veto `{veto.name}` finds {quote(words)}"
        return self._make(rule, number, f"veto({veto.name})", detail, (), words, span, 1.0)

    def _silenced(self, rule: Rule, number: int, match: Match, reason: str, detail: str) -> NearMiss:
        words = self.analysis.text(number, match.start, match.end)
        span = self.analysis.views[number].text_span(match.start, match.end)
        return self._make(rule, number, reason, detail, (), words, span, 1.0)

    def _muted(self, rule: Rule, number: int) -> NearMiss:
        sentence = self.analysis.views[number].sentence
        detail, span = f"the sentence is {sentence.kind}, no rule is tried on it", (sentence.start, sentence.start)
        return self._make(rule, number, f"muted({sentence.kind})", detail, (), "", span, 0.0)

    def _near_miss(self, rule: Rule, number: int) -> NearMiss:
        """The nearest alignment of the rule with the sentence, and what failed there."""
        place = self._place(rule, number)
        ways: list[tuple[float, _Reading, _Grid, _Gap]] = []
        for reading in self.bench.read(rule):
            grid = _Grid(reading.pieces, place.state, place.known)
            ways += [(gap.share, reading, grid, gap) for gap in _align(reading, grid, place)]
        best = max(way[0] for way in ways)
        nearest = [way for way in ways if way[0] == best][:_MAX_WAYS]
        return min((self._way(rule, number, *way[1:], place) for way in nearest), key=NearMiss.sort_key)

    def _way(self, rule: Rule, number: int, reading: _Reading, grid: _Grid, gap: _Gap, place: _Place) -> NearMiss:
        finding = _diagnose(reading, grid, gap, place)
        failing = reading.pieces[gap.failing] if gap.failing < len(reading.pieces) else None
        names = (*failing.captures, *_captures_around(failing.node, finding.node)) if failing else ()
        span = place.offsets(finding.start, finding.end)
        found = self.analysis.document.text[slice(*span)]
        if not gap.anchored and finding.reason in ("word", "not_in_list", "argument_missing"):
            span, found = (place.view.sentence.start, place.view.sentence.start), ""
        runs = rule.id in self.bench.compiled.compiled
        reason, detail = (finding.reason, finding.detail) if runs else ("rule_disabled", _status(rule))
        miss = self._make(rule, number, reason, detail, finding.wanted, found, span, min(gap.share, 0.99))
        miss.capture = names[-1] if names else None
        miss.reached = finding.reached if gap.anchored else 0
        return miss

    def _make(self, rule: Rule, number: int, reason: str, detail: str, wanted: tuple[str, ...], found: str,
              span: tuple[int, int], share: float) -> NearMiss:
        sentence = self.analysis.views[number].sentence
        return NearMiss(rule.id, rule.file, rule.line, rule.makes, NOT_MATCHED if reason else MATCHED, reason, detail,
                        self.analysis.document.text[sentence.start:sentence.end], wanted, found, *span, None, share,
                        rule.order, rule.priority)


def _is_same(one: Candidate, other: Candidate) -> bool:
    return (one.rule.rule.id, one.sentence, one.match.start, one.match.end) == (
        other.rule.rule.id, other.sentence, other.match.start, other.match.end)


def _status(rule: Rule) -> str:
    heir = f"; `{rule.replaced_by}` replaces it" if rule.replaced_by else ""
    return f"the rule is {rule.status} and does not run{heir}"


def _captures_around(node: Node, leaf: Node | None) -> tuple[str, ...]:
    """The names of the captures between a piece and one of its elements, outermost first."""
    match node:
        case Capture(name=name, item=item):
            return (name, *_captures_around(item, leaf)) if _holds(item, leaf) else ()
        case Repeat(item=item):
            return _captures_around(item, leaf)
        case Alt(items=items) | Seq(items=items):
            return next((_captures_around(i, leaf) for i in items if _holds(i, leaf)), ())
    return ()


def _holds(node: Node, leaf: Node | None) -> bool:
    return leaf is not None and any(n is leaf for n in walk(node))
