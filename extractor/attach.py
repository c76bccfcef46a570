"""Attribution, factuality and scope: cues that rules recognise, and the events that they reach.

In: an `Analysis` and its events. Out: the events with the attachments that hold for them; those that reached an event
and lost to a nearer or stronger one are kept beside, for the explanation.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from extractor.analysis import MUTE, Analysis, Candidate, SentenceView, iter_candidates, settle
from extractor.assemble import Attachment, Event
from extractor.match import Matcher, State, find_at
from extractor.ruleset import AttachSpec, ReachSpec
from extractor.values import Captured

KINDS = ("attribution", "contested", "factuality", "scope")


def attach_all(analysis: Analysis, events: list[Event]) -> dict[int, list[tuple[int, int]]]:
    """Attaches to every event what reaches it. Returns, by sentence, the token spans of sources and cues."""
    by_sentence: dict[int, list[Event]] = {}
    for event in events:
        by_sentence.setdefault(event.sentence, []).append(event)
    taken: dict[int, list[tuple[int, int]]] = {}
    for number, view in enumerate(analysis.views):
        if view.sentence.kind in MUTE:
            continue
        cues = _find_cues(analysis, number, by_sentence.get(number, []))
        taken[number] = [(c.start, c.end) for cue in cues for c in cue.bindings.get(_source_name(cue), ())]
        for cue in cues:
            for event in _reachable(analysis, number, cue, by_sentence):
                offer(analysis, event, cue)
    for event in events:
        _choose(event)
    analysis.told = taken
    return taken


def _source_name(cue: Candidate) -> str:
    attach = cue.rule.rule.attach
    return (attach.attribution or "") if attach else ""


def _find_cues(analysis: Analysis, number: int, events: list[Event]) -> list[Candidate]:
    """Attachment rules that match in the sentence, without overlaps of one kind, and events whose rule attaches."""
    view = analysis.views[number]
    by_kind: dict[tuple[str, ...], list[Candidate]] = {}
    for candidate in iter_candidates(analysis, number, analysis.compiled.attachments):
        attach = candidate.rule.rule.attach
        assert attach is not None
        by_kind.setdefault(attach.kinds, []).append(candidate)
    cues: list[Candidate] = []
    for kinds in sorted(by_kind):
        settled, lost = settle(by_kind[kinds], lambda c: ((c.match.start, c.match.end),))
        cues += settled
        view.lost += lost
    seen: set[int] = set()
    for event in events:
        if event.candidate.rule.rule.attach and id(event.candidate) not in seen:
            seen.add(id(event.candidate))
            cues.append(event.candidate)
    return cues


def _reachable(analysis: Analysis, number: int, cue: Candidate, events: dict[int, list[Event]]) -> Iterator[Event]:
    attach = cue.rule.rule.attach
    assert attach is not None
    if attach.to.within == "previous":
        yield from events.get(number - 1, [])
        return
    if attach.to.within != "paragraph":
        yield from events.get(number, [])
        return
    paragraph = analysis.views[number].sentence.paragraph
    for other, found in sorted(events.items()):
        if analysis.views[other].sentence.paragraph == paragraph:
            yield from found


def cue_span(candidate: Candidate) -> tuple[int, int]:
    """The words that carry the meaning: the capture `cue`, an event's trigger, or the whole match."""
    for name in ("cue", "trigger"):
        if held := candidate.bindings.get(name):
            return held[0].start, held[-1].end
    return candidate.match.start, candidate.match.end


def offer(analysis: Analysis, event: Event, cue: Candidate) -> None:
    attach = cue.rule.rule.attach
    assert attach is not None
    if event.candidate is cue or not _fits_type(event, attach.to):
        return
    distance = _distance(analysis.views[cue.sentence], event, cue, attach.to)
    if distance is None:
        return
    start, end = cue_span(cue)
    for kind, value in _values(attach, cue):
        if kind == "attribution" and _is_own_speaker(event, value):
            continue
        event.attachments.append(Attachment(kind, value, cue, start, end, distance))


def _values(attach: AttachSpec, cue: Candidate) -> Iterator[tuple[str, object]]:
    if attach.attribution:
        yield from (("attribution", c) for c in cue.bindings.get(attach.attribution, ())[:1])
    if attach.contested:
        yield from (("contested", c) for c in cue.bindings.get(attach.contested, ())[:1])
    if attach.factuality:
        yield "factuality", attach.factuality
    if attach.scope:
        yield "scope", attach.scope


def _is_own_speaker(event: Event, source: object) -> bool:
    """Who speaks in a statement is its agent, not its source."""
    if event.family != "statement" or not isinstance(source, Captured):
        return False
    return any(a.start < source.end and source.start < a.end for a in event.arguments.get("agent", ()))


def _fits_type(event: Event, to: ReachSpec) -> bool:
    return not to.types or any(fnmatchcase(event.type, pattern) for pattern in to.types)


def _distance(view: SentenceView, event: Event, cue: Candidate, to: ReachSpec) -> int | None:
    """Tokens between cue and trigger, None when the event is out of reach."""
    trigger = event.trigger
    if event.sentence != cue.sentence:
        return 1000 * abs(event.sentence - cue.sentence)
    if to.event is not None:
        spans = [(c.start, c.end) for c in cue.bindings.get(to.event, ())]
        return 0 if (trigger.start, trigger.end) in spans else None
    start, end = cue_span(cue)
    before, after = trigger.end <= start, trigger.start >= end
    match to.side:
        case "before" if not before:
            return None
        case "after" if not after:
            return None
        case "outside" if not (before or after):
            return None
        case "inside" if not (cue.match.start <= trigger.start and trigger.end <= cue.match.end):
            return None
    distance = start - trigger.end if before else trigger.start - end if after else 0
    if distance > to.reach or not _is_within(view, event, start, end, to.within):
        return None
    stop = cue.rule.stop
    if stop and _stands_between(stop.matcher, view.state, min(end, trigger.end), max(start, trigger.start)):
        return None
    return distance


def _is_within(view: SentenceView, event: Event, start: int, end: int, within: str) -> bool:
    if within == "clause":
        return not view.clauses or view.clauses[start] == view.clauses[event.trigger.start]
    if within == "quotation":
        opens, closes = view.state.edges["quotation"]
        low, high = sorted((start, event.trigger.start))
        return not any(low < i <= high for i in (*opens, *closes))
    return True


def _stands_between(stop: Matcher, state: State, first: int, last: int) -> bool:
    return any((m := find_at(stop, state, i)) is not None and m.end <= last for i in range(first, last))


def _choose(event: Event) -> None:
    """Of several attachments of a kind the one of the highest priority holds, then the nearest, then the first."""
    chosen: list[Attachment] = []
    for kind in KINDS:
        ordered = sorted((a for a in event.attachments if a.kind == kind),
                         key=lambda a: (-a.candidate.rule.rule.priority, a.distance, a.start,
                                        a.candidate.rule.rule.order))
        chosen += ordered[:1]
        event.passed_over += [(a, _why(ordered[0], a)) for a in ordered[1:]]
    event.attachments = chosen


def _why(winner: Attachment, loser: Attachment) -> str:
    if winner.candidate.rule.rule.priority != loser.candidate.rule.rule.priority:
        return "priority"
    return "distance" if winner.distance != loser.distance else "start"
