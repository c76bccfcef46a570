"""From matches to events: overlaps, arguments, and roles found without order.

In: an `Analysis` whose mentions are found. Out: `Event`s in reading order, each with its trigger and arguments, still
without attribution, factuality and scope (`attach.py` adds these).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from extractor.analysis import MUTE, Analysis, Candidate, SentenceView, Spans, iter_candidates, settle
from extractor.clauses import Clauses, Words, find_clauses, find_words
from extractor.compiled import EVENT, CompiledPattern
from extractor.match import Matcher, Mention, State, find_at, values_predicate
from extractor.ruleset import EventSpec, RoleSpec
from extractor.shapes import ROLES
from extractor.values import Captured, evaluate


@dataclass(slots=True)
class Argument:
    """What fills a role: a token span, the mention that stands there if any, and how it was found."""

    role: str
    start: int
    end: int
    mention: Mention | None
    how: str
    distance: int = 0


@dataclass(slots=True)
class Attachment:
    """What a cue says of an event: its kind, value, the cue's tokens and the rule."""

    kind: str
    value: Any
    candidate: Candidate
    start: int
    end: int
    distance: int


@dataclass(slots=True)
class Event:
    """One event report on its way to a record."""

    type: str
    candidate: Candidate
    sentence: int
    trigger: Captured
    arguments: dict[str, list[Argument]]
    count: Mention | None = None
    refined_from: str | None = None
    refined_by: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    passed_over: list[tuple[Attachment, str]] = field(default_factory=list)

    @property
    def family(self) -> str:
        return self.type.split(".")[0]


def find_events(analysis: Analysis) -> list[Event]:
    """The events of all sentences, in reading order, each also set as an `@Event` mention at its trigger."""
    events: list[Event] = []
    for number, view in enumerate(analysis.views):
        if view.sentence.kind not in MUTE:
            found = _find_in_sentence(analysis, number)
            view.state.mentions[EVENT] = _as_mentions(found)
            events += found
    return events


def _find_in_sentence(analysis: Analysis, number: int) -> list[Event]:
    view = analysis.views[number]
    families: dict[str, list[Candidate]] = {}
    for candidate in iter_candidates(analysis, number, analysis.compiled.events):
        spec = candidate.rule.rule.event
        assert spec is not None
        families.setdefault(spec.type.split(".")[0], []).append(candidate)
    winners: list[Candidate] = []
    for family in sorted(families):
        settled, lost = settle(families[family], _trigger_spans)
        winners += settled
        view.lost += lost
    kept = _absorb(winners, view)
    events = [event for c in kept for event in make_events(c)]
    return sorted(events, key=lambda e: (e.trigger.start, e.trigger.end, e.type, e.candidate.rule.rule.order,
                                         e.arguments.get("victim", [_NOBODY])[0].start))


_NOBODY = Argument("", -1, -1, None, "")


def _trigger_spans(candidate: Candidate) -> Spans:
    return tuple((t.start, t.end) for t in candidate.bindings["trigger"])


def _absorb(winners: list[Candidate], view: SentenceView) -> list[Candidate]:
    """Leaves out candidates whose trigger another one names as words for the same act, or for its means."""
    gone: set[int] = set()
    for winner in winners:
        spec = winner.rule.rule.event
        assert spec is not None
        spans = [(c.start, c.end) for name in spec.absorb for c in winner.bindings.get(name, ())]
        for other in winners:
            if other is winner or not spans:
                continue
            # « tués par des tirs sur un marché »: with a target of its own the means is an event too.
            if "target" not in other.bindings and any(_holds(s, t) for s in spans for t in _trigger_spans(other)):
                gone.add(id(other))
                winner.absorbed.append((other, "same act"))
                view.lost.append((other, winner, "same act"))
    return [w for w in winners if id(w) not in gone]


def _holds(outer: tuple[int, int], inner: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def make_events(candidate: Candidate) -> list[Event]:
    spec = candidate.rule.rule.event
    assert spec is not None
    triggers = candidate.bindings["trigger"]
    roles = {name for name in candidate.bindings if name in ROLES or name in spec.arguments}
    shared = {r: [_argument(r, c) for c in candidate.bindings[r]] for r in sorted(roles) if r != spec.each}
    count = next((c.mention for c in candidate.bindings.get(spec.count or "", ())), None)
    if spec.each is None or spec.each not in candidate.bindings:
        return [Event(spec.type, candidate, candidate.sentence, triggers[0], shared, count)]
    each = candidate.bindings[spec.each]
    # « douze morts et trois blessés »: as many triggers as victims, each names its own event.
    paired = triggers if len(triggers) == len(each) else triggers[:1] * len(each)
    return [Event(spec.type, candidate, candidate.sentence, trigger, {**shared, spec.each: [_argument(spec.each, c)]},
                  count)
            for trigger, c in zip(paired, each, strict=True)]


def _argument(role: str, captured: Captured) -> Argument:
    return Argument(role, captured.start, captured.end, captured.mention, "captured")


def _as_mentions(events: list[Event]) -> dict[int, tuple[Mention, ...]]:
    found: dict[int, tuple[Mention, ...]] = {}
    for event in events:
        mention = Mention(EVENT, event.trigger.start, event.trigger.end,
                          {"type": event.type, "family": event.family}, event.candidate.match, event.sentence)
        found[event.trigger.start] = (*found.get(event.trigger.start, ()), mention)
    return found


# --- Roles found without order ---------------------------------------------------------------------------------------


def fill_roles(analysis: Analysis, events: list[Event], taken: dict[int, list[tuple[int, int]]]) -> list[Event]:
    """Fills the roles that rules ask for without order; drops events that lack a required one.

    `taken` are the token spans, by sentence, of cues and sources: a place inside `l'Observatoire syrien` is not the
    event's place.
    """
    kept = []
    for event in events:
        view = analysis.views[event.sentence]
        if all(_fill(view, event, role, barrier, taken.get(event.sentence, [])) for role, barrier in _roles(event)):
            _refine(event)
            kept.append(event)
    return _without_means(kept, analysis)


def _without_means(events: list[Event], analysis: Analysis) -> list[Event]:
    """Leaves out events that are no more than the agent found for another one (« tués à Alep par des raids »)."""
    means = [(e, a) for e in events for a in e.arguments.get("agent", ())
             if a.how.startswith("same") and "agent" in _spec(e).absorb]
    kept = []
    for event in events:
        by = next((e for e, a in means if e is not event and e.sentence == event.sentence
                   and a.start <= event.trigger.start and event.trigger.end <= a.end), None)
        if by is None or "target" in event.candidate.bindings:
            kept.append(event)
        else:
            by.candidate.absorbed.append((event.candidate, "same act"))
            analysis.views[event.sentence].lost.append((event.candidate, by.candidate, "same act"))
    return kept


def _spec(event: Event) -> EventSpec:
    spec = event.candidate.rule.rule.event
    assert spec is not None
    return spec


def _roles(event: Event) -> Iterator[tuple[RoleSpec, CompiledPattern | None]]:
    """What is sought, each with what must not stand between."""
    return zip(_spec(event).roles, event.candidate.rule.barriers, strict=True)


def _fill(view: SentenceView, event: Event, role: RoleSpec, barrier: CompiledPattern | None,
          taken: list[tuple[int, int]]) -> bool:
    """Whether the role is filled, or need not be."""
    if event.arguments.get(role.role):
        return True
    if role.told:
        found = list(_iter_tellers(event, role))
        event.arguments[role.role] = found
        return bool(found) or not role.required
    found = sorted(_iter_fitting(view, event, role, barrier, taken), key=lambda a: (a.distance, a.start))
    if role.pick == "first":
        found.sort(key=lambda a: (a.distance // _ELSEWHERE, a.start))
    if found:
        event.arguments[role.role] = sorted(found, key=lambda a: a.start) if role.many else found[:1]
    return bool(found) or not role.required


def _iter_tellers(event: Event, role: RoleSpec) -> Iterator[Argument]:
    """Who tells a statement speaks it: « …, a jugé le ministère »."""
    for attachment in event.attachments:
        source = attachment.value
        if attachment.kind == "attribution" and attachment.candidate.sentence == event.sentence:
            yield Argument(role.role, source.start, source.end, source.mention, "told by", attachment.distance)


OPEN_ROLES = frozenset({"target", "victim"})
SITUATING = frozenset({"place", "time"})
_ELSEWHERE = 100
_WRONG_SIDE = 8


def _iter_fitting(view: SentenceView, event: Event, role: RoleSpec, barrier: CompiledPattern | None,
                  taken: list[tuple[int, int]]) -> list[Argument]:
    passes = values_predicate(role.test) if role.test is not None else None
    # A place may stand inside the thing aimed at (« un marché de Palmyre »), but not inside who did it.
    own = [] if role.role in SITUATING else [(event.trigger.start, event.trigger.end)]
    own += [(a.start, a.end) for filled, arguments in event.arguments.items() for a in arguments
            if filled not in OPEN_ROLES or role.role not in SITUATING]
    # Who says something may well be who does it: « l'armée a affirmé avoir repris la ville ».
    own += [] if role.role == "agent" else taken
    wholes = list(_iter_wholes(view.state, role))
    found = []
    for mentions in view.state.mentions.get(role.type, {}).values():
        for mention in mentions:
            span = (mention.start, mention.end)
            if any(_holds(whole, span) and whole != span for whole in wholes):
                continue
            if passes is not None and not passes(mention.values):
                continue
            if _covers(span, event.trigger) or any(_overlap(span, other) for other in own):
                continue
            distance = _distance(view, event, role, mention, taken)
            if distance is None or (barrier and _stands_between(barrier.matcher, view.state, event, mention)):
                continue
            how = "same clause" if distance < _ELSEWHERE else "same sentence"
            found.append(Argument(role.role, mention.start, mention.end, mention, how, distance))
    return found


def _iter_wholes(state: State, role: RoleSpec) -> Iterator[tuple[int, int]]:
    """What a mention may not be a part of."""
    if role.outside is not None:
        type_, test = role.outside
        passes = values_predicate(test) if test is not None else None
        yield from ((m.start, m.end) for found in state.mentions.get(type_, {}).values() for m in found
                    if passes is None or passes(m.values))


def _distance(view: SentenceView, event: Event, role: RoleSpec, mention: Mention, taken: list[tuple[int, int]],
              ) -> int | None:
    """Tokens between mention and trigger, more when it stands in another clause or on the less likely side."""
    before = mention.end <= event.trigger.start
    if role.side != "any" and before != (role.side == "before"):
        return None
    tokens = max(0, event.trigger.start - mention.end if before else mention.start - event.trigger.end)
    if tokens > role.reach:
        return None
    crossed = _steps_between(view, event, mention, taken)
    if crossed is None or (crossed and role.within == "clause"):
        return None
    wrong = bool(role.prefer) and before != (role.prefer == "before")
    return tokens + _ELSEWHERE * crossed + _WRONG_SIDE * wrong


def _steps_between(view: SentenceView, event: Event, mention: Mention, taken: list[tuple[int, int]]) -> int | None:
    # A subject belongs to the clause of its verb: where its match ends.
    match = mention.match
    start = match.end - 1 if match is not None and match.end > mention.end else mention.start
    own = frozenset(range(event.candidate.match.start, event.candidate.match.end))
    tree, words = clauses_of(view)
    return tree.steps_between((event.trigger.start, event.trigger.end), (start, max(start, mention.end)), own,
                              frozenset(i for a, b in taken for i in range(a, b)), words)


def clauses_of(view: SentenceView) -> tuple[Clauses, Words]:
    """The clauses of a sentence and what its words tell, worked out once its events are known."""
    if view.tree is None:
        view.tree = find_clauses(view.state), find_words(view.state)
    return view.tree


def _stands_between(barrier: Matcher, state: State, event: Event, mention: Mention) -> bool:
    first = min(mention.end, event.trigger.end)
    last = max(mention.start, event.trigger.start)
    return any((m := find_at(barrier, state, i)) is not None and m.end <= last for i in range(first, last))


def _covers(span: tuple[int, int], trigger: Captured) -> bool:
    """Whether the span holds or cuts the trigger; a place may stand within (« conclu à Sotchi un accord »)."""
    inside = trigger.start < span[0] and span[1] < trigger.end
    return not inside and _overlap(span, (trigger.start, trigger.end))


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _refine(event: Event) -> None:
    """Takes the more exact type that the means says, when the rule asks for it."""
    spec = event.candidate.rule.rule.event
    assert spec is not None
    if spec.refine is None:
        return
    bindings = {**event.candidate.bindings}
    for role, arguments in event.arguments.items():
        bindings[role] = tuple(Captured(a.start, a.end, "", (), a.mention.values if a.mention else {}, a.mention)
                               for a in arguments)
    named = evaluate(spec.refine, bindings)
    if isinstance(named, str) and named != event.type and (not spec.refine_only or named in spec.refine_only):
        event.refined_from, event.type = event.type, named
        event.refined_by = next((r for r, a in event.arguments.items()
                                 if a and a[0].mention and named in a[0].mention.values.values()), None)
