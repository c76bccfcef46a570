"""From a document to its mentions: sentences as the matcher sees them, phase by phase.

In: a `Document` and a `CompiledSet`. Out: an `Analysis`: for every sentence its `State` with the mentions of every
phase, and what lost against what. `candidate matches → constraints → vetoes → overlaps` is the same for mentions,
events and attachments; it lives here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from extractor.clauses import Clauses, Words
from extractor.compiled import BOUNDARY, CompiledRule, CompiledSet, CompiledVeto
from extractor.forms import TestTable
from extractor.index import RuleIndex, find_matches, positions_of, starts_of
from extractor.match import BUDGET, Match, Mention, State, captured_spans, find_at
from extractor.text import Document
from extractor.tokens import Sentence, pass_over_quotes, split_sentences
from extractor.values import Bindings, Captured, Computed, evaluate

MAX_WAYS = 40
BRIEF_TEXT = 300
MUTE = frozenset({"furniture", "foreign"})


@dataclass(slots=True)
class VetoResult:
    """A veto that was tried on a match: whether it fired, and on which tokens of which sentence.

    `counts`: how often its pattern and what speaks against it were found; `saved`: how many more words of the match's
    own sentence set it aside (0: none did).
    """

    name: str
    fired: bool
    sentence: int = 0
    start: int = 0
    end: int = 0
    counts: tuple[int, int] | None = None
    saved: int = 0


@dataclass(slots=True)
class Candidate:
    """A match that passed its rule's constraints and vetoes; `beaten` are candidates that lost to it."""

    rule: CompiledRule
    match: Match
    sentence: int
    bindings: Bindings
    vetoes: tuple[VetoResult, ...]
    beaten: list[tuple[Candidate, str]] = field(default_factory=list)
    absorbed: list[tuple[Candidate, str]] = field(default_factory=list)


@dataclass(slots=True)
class SentenceView:
    """One sentence with its matcher state and where each token test holds.

    `clauses` numbers the tokens by the boundaries before them; `tree` is how the clauses nest, once a role asks for it.
    """

    sentence: Sentence
    state: State
    positions: dict[int, list[int]]
    clauses: list[int] = field(default_factory=list)
    tree: tuple[Clauses, Words] | None = None
    lost: list[tuple[Candidate, Candidate, str]] = field(default_factory=list)

    def text_span(self, start: int, end: int) -> tuple[int, int]:
        """Character offsets of a token span."""
        return self.sentence.starts[start], self.sentence.ends[end - 1]


@dataclass(slots=True)
class Analysis:
    """A document on its way to events."""

    document: Document
    views: list[SentenceView]
    compiled: CompiledSet
    use_index: bool = True
    warnings: list[str] = field(default_factory=list)
    memory: dict[tuple[int, int, int], VetoResult] = field(default_factory=dict)
    counted: dict[tuple[int, int], int] = field(default_factory=dict)
    told: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    antecedents: dict[int, Mention | None] = field(default_factory=dict)

    def text(self, sentence: int, start: int, end: int) -> str:
        a, b = self.views[sentence].text_span(start, end)
        return self.document.text[a:b]


def analyse(document: Document, compiled: CompiledSet, use_index: bool = True) -> Analysis:
    """Finds the mentions of every phase in every sentence."""
    views = [_view(pass_over_quotes(s), document, compiled) for s in split_sentences(document)]
    _mark_paragraphs(views)
    analysis = Analysis(document, views, compiled, use_index)
    for type_, index in compiled.phases:
        for number, view in enumerate(views):
            if view.sentence.kind not in MUTE:
                _find_mentions(analysis, number, type_, index)
        if type_ == BOUNDARY:
            for view in views:
                view.clauses = _number_clauses(view.state)
    return analysis


def _mark_paragraphs(views: list[SentenceView]) -> None:
    """Sets where paragraphs start and end, for `^:paragraph` and `$:paragraph`."""
    for before, view, after in zip([None, *views], views, [*views[1:], None], strict=False):
        first = before is None or before.sentence.paragraph != view.sentence.paragraph
        last = after is None or after.sentence.paragraph != view.sentence.paragraph
        opens, closes = frozenset({0} if first else ()), frozenset({view.state.length} if last else ())
        view.state.edges["paragraph"] = (opens, closes)


def _view(sentence: Sentence, document: Document, compiled: CompiledSet) -> SentenceView:
    form, accentless, brief = compiled.table.form, not document.has_accents, len(document.text) < BRIEF_TEXT
    state = State([form(w, accentless, brief) for w in sentence.words])
    state.edges = sentence_edges(sentence)
    return SentenceView(sentence, state, positions_of(state))


_OPENING, _CLOSING = frozenset("«“\""), frozenset("»”\"")


def sentence_edges(sentence: Sentence) -> dict[str, tuple[frozenset[int], frozenset[int]]]:
    """Where the scopes of `^:scope` and `$:scope` start and end, in tokens."""
    length = len(sentence.words)
    whole = (frozenset({0}), frozenset({length}))
    edges = {"quotation": (
        frozenset((*(i + 1 for i, w in enumerate(sentence.words) if w in _OPENING), *(a for a, _ in sentence.quoted))),
        frozenset((*(i for i, w in enumerate(sentence.words) if w in _CLOSING), *(b for _, b in sentence.quoted))))}
    if sentence.kind in ("headline", "subhead"):
        edges["headline"] = whole
    return edges


def _number_clauses(state: State) -> list[int]:
    """For every token the number of clause boundaries up to it; also the places for `^:clause` and `$:clause`."""
    boundaries = sorted(state.mentions.get(BOUNDARY, {}))
    numbers, current = [], 0
    starts = set(boundaries)
    for i in range(state.length):
        current += i in starts
        numbers.append(current)
    ends = {m.end for ms in state.mentions.get(BOUNDARY, {}).values() for m in ms}
    state.edges["clause"] = (frozenset({0} | ends), frozenset({state.length} | starts))
    return numbers


# --- Candidates ------------------------------------------------------------------------------------------------------


def iter_candidates(analysis: Analysis, number: int, index: RuleIndex) -> Iterator[Candidate]:
    """Matches of all rules of an index in one sentence that pass constraints and vetoes, in rule order."""
    view = analysis.views[number]
    for indexed, starts in index.candidates(view.state, view.positions, analysis.use_index):
        rule: CompiledRule = indexed.owner
        for match in _matches(rule, view, starts, analysis):
            candidate = judge(analysis, number, rule, match)
            if candidate is not None:
                yield candidate


def _matches(rule: CompiledRule, view: SentenceView, starts: Sequence[int], analysis: Analysis) -> Iterator[Match]:
    state = view.state
    if not starts:
        return
    if not rule.rule.where:
        yield from find_matches(rule.matcher, state, starts)
    else:
        end = 0
        for start in starts:
            if state.exhausted:
                break
            if start >= end and (match := find_constrained(rule, view, start, analysis)) is not None:
                end = match.end
                yield match
    _note_exhaustion(analysis, state, rule.rule.id)


def _note_exhaustion(analysis: Analysis, state: State, who: str) -> None:
    """A search that was given up is never silent."""
    if state.exhausted:
        state.exhausted = False
        analysis.warnings.append(f"{who}: gave up on a sentence of {state.length} tokens (more than {BUDGET:,} steps)")


def find_constrained(rule: CompiledRule, view: SentenceView, start: int, analysis: Analysis) -> Match | None:
    """The first way to match at `start` that satisfies the rule's constraints."""
    for skip in range(MAX_WAYS):
        view.state.skip = skip
        match = find_at(rule.matcher, view.state, start)
        view.state.skip = 0
        if match is None:
            return None
        bindings = bind(rule, match, view, analysis.document.text)
        if all(evaluate(c, bindings) for c in rule.rule.where):
            return match
    return None


def judge(analysis: Analysis, number: int, rule: CompiledRule, match: Match) -> Candidate | None:
    """The match with its captures and vetoes; None when a veto fires."""
    bindings = bind(rule, match, analysis.views[number], analysis.document.text)
    vetoes = []
    for veto in rule.vetoes:
        result = try_veto(analysis, number, veto, bindings)
        if result.fired:
            return None
        vetoes.append(result)
    match.owner = rule
    return Candidate(rule, match, number, bindings, tuple(vetoes))


def bind(rule: CompiledRule, match: Match, view: SentenceView, text: str) -> Bindings:
    """What the captures of a match hold."""
    spans = captured_spans(match.trace, rule.nodes)
    # Gender and number are looked up only for rules whose constraints may ask for them.
    table = rule.table if rule.rule.where else None
    return {name: tuple(_captured(view, text, match, span, table) for span in found) for name, found in spans.items()}


def _captured(view: SentenceView, text: str, match: Match, span: tuple[int, int, int, int],
              table: TestTable | None) -> Captured:
    start, end, first, last = span
    fields: dict[str, Any] = {}
    mention: Mention | None = None
    for step in match.trace[first:last]:
        if isinstance(step.brings, Mention):
            mention = step.brings if (step.start, step.end) == (start, end) else mention
            fields = fields or step.brings.values
        elif step.brings is not None:
            entry = step.brings.entry
            fields = fields or {**entry.fields, "id": entry.id, "name": entry.name}
    forms = view.state.forms[start:end]
    if end <= start:
        return Captured(start, end, "", (), fields)
    a, b = view.text_span(start, end)
    features = tuple(_agreement(r.features) for f in forms for r in table.readings(f)
                     if r.pos in ("noun", "adj") or "pp" in r.features) if table else ()
    return Captured(start, end, text[a:b], tuple(f.folded for f in forms), fields, mention, features)


def _agreement(features: frozenset[str]) -> frozenset[str]:
    return features & {"m", "f", "s", "p"}


def try_veto(analysis: Analysis, number: int, veto: CompiledVeto, bindings: Bindings) -> VetoResult:
    """Looks for a veto's pattern around the match, and for what sets it aside in the match's own sentence."""
    result = _find_veto(analysis, number, veto, bindings)
    if result.fired and veto.saved_by is not None:
        # A pattern that refers to captures is found at this match alone; one that is wanted and missing, nowhere.
        own = 1 if veto.pinned else 0 if veto.veto.inverted else _count(analysis, number, veto)
        saved = _count(analysis, number, veto.saved_by) - own
        if saved >= veto.veto.saved_at:
            return replace(result, fired=False, saved=saved)
    return result


def _find_veto(analysis: Analysis, number: int, veto: CompiledVeto, bindings: Bindings) -> VetoResult:
    if veto.pinned:
        bound = {name: tuple((c.start, c.end) for c in found) for name, found in bindings.items()}
        return _search_veto(analysis, number, veto, bound)
    if veto.veto.inverted:
        around = list(_surroundings(analysis, number, veto.veto.within))
        found = any(_count(analysis, other, veto) for other in around)
        length = sum(analysis.views[other].state.length for other in around)
        return VetoResult(veto.veto.name, not found and length >= veto.veto.tokens, number)
    if veto.against is not None:
        return _weigh_veto(analysis, number, veto, veto.against)
    for other in _surroundings(analysis, number, veto.veto.within):
        key = (id(veto), other, -1)
        result = analysis.memory.get(key)
        if result is None:
            result = analysis.memory[key] = _search_veto(analysis, other, veto, {})
        if result.fired:
            return result
    return VetoResult(veto.veto.name, False)


def _weigh_veto(analysis: Analysis, number: int, veto: CompiledVeto, against: CompiledVeto) -> VetoResult:
    """Fires when the veto's words outnumber those that speak against it."""
    around = list(_surroundings(analysis, number, veto.veto.within))
    found = sum(_count(analysis, other, veto) for other in around)
    other = sum(_count(analysis, other, against) for other in around) if found else 0
    if found and veto.weighty is not None:
        other += veto.veto.times * sum(_count(analysis, sentence, veto.weighty) for sentence in around)
    long_enough = sum(analysis.views[other].state.length for other in around) >= veto.veto.tokens
    return VetoResult(veto.veto.name, found > other and long_enough, number, counts=(found, other))


def _count(analysis: Analysis, number: int, veto: CompiledVeto) -> int:
    key = (id(veto), number)
    known = analysis.counted.get(key)
    if known is None:
        view = analysis.views[number]
        starts: Sequence[int] = range(view.state.length)
        if analysis.use_index:
            starts = starts_of(veto.required, view.state, view.positions)
        known = analysis.counted[key] = sum(1 for _ in find_matches(veto.matcher, view.state, starts))
    return known


def _surroundings(analysis: Analysis, number: int, within: str) -> Iterable[int]:
    match within:
        case "document":
            return range(len(analysis.views))
        case "paragraph":
            paragraph = analysis.views[number].sentence.paragraph
            return (i for i, v in enumerate(analysis.views) if v.sentence.paragraph == paragraph)
    return (number,)


def _search_veto(analysis: Analysis, number: int, veto: CompiledVeto,
                 bound: dict[str, tuple[tuple[int, int], ...]]) -> VetoResult:
    view = analysis.views[number]
    state = replace(view.state, bound=bound)
    starts = starts_of(veto.required, state, view.positions) if analysis.use_index else range(state.length)
    match = next(find_matches(veto.matcher, state, starts), None)
    _note_exhaustion(analysis, state, f"the veto `{veto.veto.name}`")
    if match is None:
        return VetoResult(veto.veto.name, False)
    return VetoResult(veto.veto.name, True, number, match.start, match.end)


# --- Overlaps --------------------------------------------------------------------------------------------------------


Spans = tuple[tuple[int, int], ...]


def settle(candidates: list[Candidate], spans: Callable[[Candidate], Spans],
           ) -> tuple[list[Candidate], list[tuple[Candidate, Candidate, str]]]:
    """Winners in order of start, and (loser, winner, reason): priority, then length, then start, then file order."""
    ordered = sorted(candidates, key=lambda c: (-c.rule.rule.priority, c.match.start - c.match.end, c.match.start,
                                                c.rule.rule.order))
    winners: list[Candidate] = []
    lost: list[tuple[Candidate, Candidate, str]] = []
    for candidate in ordered:
        own = spans(candidate)
        against = next((w for w in winners if any(a < d and c < b for a, b in own for c, d in spans(w))), None)
        if against is None:
            winners.append(candidate)
        else:
            reason = _reason(against, candidate)
            against.beaten.append((candidate, reason))
            lost.append((candidate, against, reason))
    return sorted(winners, key=lambda c: (spans(c), c.rule.rule.order)), lost


def _reason(winner: Candidate, loser: Candidate) -> str:
    if winner.rule.rule.priority != loser.rule.rule.priority:
        return "priority"
    if winner.match.end - winner.match.start != loser.match.end - loser.match.start:
        return "length"
    return "start" if winner.match.start != loser.match.start else "file order"


# --- Mentions --------------------------------------------------------------------------------------------------------


def _find_mentions(analysis: Analysis, number: int, type_: str, index: RuleIndex) -> None:
    view = analysis.views[number]
    candidates = []
    made: dict[int, Mention] = {}
    for candidate in iter_candidates(analysis, number, index):
        mention = make_mention(candidate)
        if mention is not None:
            candidates.append(candidate)
            made[id(candidate)] = mention
    if not candidates:
        return
    winners, lost = settle(candidates, lambda c: ((made[id(c)].start, made[id(c)].end),))
    view.lost += lost
    view.state.mentions[type_] = {made[id(c)].start: (made[id(c)],) for c in winners}


def make_mention(candidate: Candidate) -> Mention | None:
    """The mention with its values; None when words that should say a number say none."""
    spec = candidate.rule.rule.mention
    assert spec is not None
    values: dict[str, Any] = {}
    for name, expression in spec.fields.items():
        value = evaluate(expression, candidate.bindings)
        if value is None and isinstance(expression, Computed) and expression.function == "number":
            return None
        if value is not None and value != ():
            values[name] = value
    start, end = candidate.match.start, candidate.match.end
    if spec.span and (held := candidate.bindings.get(spec.span)):
        start, end = held[0].start, held[-1].end
    return Mention(spec.type, start, end, values, candidate.match, candidate.sentence)
