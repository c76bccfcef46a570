"""Why a record is as it is: its stored derivation as text for a person, and a replay that checks it step by step.

In: a record as `EventRecord.to_dict()` gives it. Out: text (`render_explanation`), or the list of what does not replay
(`verify_record`, empty when all does). Rendering reads the record alone. Replaying holds the rules to the stored steps:
no element may take other words than the record says, and mentions are rebuilt from their own steps, inside out. Only
what must *not* be there (a clause boundary in a gap, the words of a veto) is looked for in the text.

    >>> print(render_summary(record))
    harm.killed « Sept civils ont été tués » (0–25)
      trigger « tués », victim « Sept civils »
      by killed.passive, rules/harm/killed.yaml:41
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from extractor.analysis import MUTE, Analysis, Candidate, SentenceView, analyse, bind, make_mention, try_veto
from extractor.assemble import Event, clauses_of, fill_roles, find_events, make_events
from extractor.attach import offer
from extractor.compiled import BOUNDARY, EVENT, INSERTION, CompiledRule, CompiledSet
from extractor.derivation import Data, describe_event, describe_mention, describe_steps, describe_vetoes
from extractor.engine import Extractor
from extractor.match import (
    BUDGET,
    Compiler,
    Match,
    Matcher,
    Mention,
    MentionMap,
    Probe,
    State,
    Step,
    find_at,
    subtree_sizes,
)
from extractor.pattern import (
    Anchor,
    Gap,
    Lemma,
    Look,
    MentionRef,
    Named,
    Node,
    Reference,
    Regex,
    TokenTest,
    Word,
    show,
    show_leaf,
)
from extractor.record import RecordMaker
from extractor.ruleset import Rule
from extractor.text import Document, read_document
from extractor.values import evaluate

WIDTH = 100
MAX_WAYS = 40

# --- Rendering -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Row:
    """One line of a block: an element, the words it took, and where it comes from."""

    depth: int
    element: str
    words: str
    note: str


_LOSSES = {"priority": "has less priority", "length": "is shorter", "start": "starts later",
           "file order": "stands later in the files", "same act": "names the same act", "distance": "is farther away"}


def quote(words: str) -> str:
    """Words of the text between French quotation marks, on one line."""
    return f"« {' '.join(words.split())} »"


def shorten(element: str) -> str:
    """Pattern text with list names as their authors write them: `$harm.killed:verbs` → `$verbs`."""
    return re.sub(r"\$[\w.]+:(?=\w)", "$", element)


def render_summary(record: Mapping[str, Any]) -> str:
    """Three lines: what was found, its parts, and the rule that found it."""
    rule = record["rule"]
    parts = [f"trigger {quote(record['trigger']['text'])}"]
    parts += [f"{role} {quote(a['text'])}" for role, found in record["arguments"].items() for a in found]
    return "\n".join([_headline(record), f"  {', '.join(parts)}", f"  by {rule['id']}, {rule['file']}:{rule['line']}"])


def render_explanation(record: Mapping[str, Any]) -> str:
    """The whole derivation stored in the record, section by section. The text is not looked at."""
    why = record["explanation"]
    lines = [_headline(record), f"rule {_rule(why['rule'])}  (hash {why['rule']['hash']})"]
    lines += _section("words", _align(_step_rows(why["steps"], 0)))
    lines += _section("holds", [f"  {text}" for text in why.get("where", ())])
    lines += _section("roles", [line for role in why["roles"] for line in _role(role)])
    lines += _section("attached", [line for found in why["attached"] for line in _attached(found)])
    lines += _section("told as", _told(record))
    lines += _section("type", _type(why.get("type")))
    lines += _section("vetoes", [f"  {_veto(v)}" for v in why["vetoes"]])
    lines += _section("won over", [f"  {_beaten(b)}" for b in why["beaten"]])
    lines += _section("passed over", [f"  {_passed(p)}" for p in why.get("passed_over", ())])
    return "\n".join(lines)


def _headline(record: Mapping[str, Any]) -> str:
    return f"{record['type']} {quote(record['text'])} ({record['start']}–{record['end']})"


def _rule(rule: Mapping[str, Any]) -> str:
    return f"{rule['id']}, {rule['file']}:{rule['line']}"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *lines] if lines else []


def _step_rows(steps: Iterable[Mapping[str, Any]], depth: int) -> Iterator[Row]:
    """A row an element; a mention is followed by the rows of its own match and by its values."""
    for step in steps:
        words = quote(step["text"]) if step["text"] else "—"
        yield Row(depth, _abridge(shorten(step["element"])), words, _origin(step))
        if "mention" in step:
            yield from _mention_rows(step["mention"], depth + 1)


#: Longer elements are cut in what a person reads; the record holds them whole, and their line is named beside.
_LONGEST_ELEMENT = 48


def _abridge(element: str) -> str:
    return element if len(element) <= _LONGEST_ELEMENT else element[: _LONGEST_ELEMENT - 1].rstrip() + "…"


def _mention_rows(mention: Mapping[str, Any], depth: int) -> Iterator[Row]:
    yield from _step_rows(mention["steps"], depth)
    if mention["values"]:
        yield Row(depth, quote(mention["text"]) + " → " + _values(mention["values"]), "", "")


def _origin(step: Mapping[str, Any]) -> str:
    """The captures a step stands in, and the list entry, mention rule or pattern line that its words answer to."""
    parts = [f"<{'.'.join(step['captures'])}>"] if step.get("captures") else []
    if "mention" in step:
        parts.append(f"by {_rule(step['mention']['rule'])}")
    elif "entry" in step:
        entry = step["entry"]
        name = entry["written"] if entry["name"] == entry["written"] else f"{entry['written']} = {entry['name']}"
        id_ = f" [{entry['id']}]" if "id" in entry else ""
        parts.append(f"entry `{name}`{id_} of ${entry['list']}, {entry['at']}")
    else:
        parts.append(step["at"])
    return " ".join(parts)


def _values(values: Mapping[str, Any]) -> str:
    """`7, qualifier exact`: the value itself first, then the other fields by name."""
    shown = [_value(values["value"])] if values.get("value") is not None else []
    shown += [f"{k} {_value(v)}" for k, v in values.items() if k not in ("value", "type") and v is not None]
    return ", ".join(shown)


def _value(value: Any) -> str:
    match value:
        case Mapping():
            return f"({_values(value)})" if set(value) - {"type", "value"} else _values(value)
        case list() | tuple():
            return "; ".join(_value(v) for v in value)
    return str(value)


def _align(rows: Iterable[Row], margin: int = 2) -> list[str]:
    """Rows in columns; a note that does not fit goes on a line of its own below."""
    table = list(rows)
    plain = [r for r in table if r.words]
    left = min(34, max((2 * r.depth + len(r.element) for r in plain), default=0))
    middle = min(36, max((len(r.words) for r in plain), default=0))
    lines: list[str] = []
    for row in table:
        indent = " " * (margin + 2 * row.depth)
        line = (indent + row.element).ljust(margin + left) + "  " + row.words
        noted = line.ljust(margin + left + 2 + middle) + "  " + row.note
        if len(noted.rstrip()) <= WIDTH or not row.note:
            lines.append(noted.rstrip())
        else:
            lines += [line.rstrip(), f"{indent}    {row.note}"]
    return lines


def _role(role: Mapping[str, Any]) -> list[str]:
    how = role["how"]
    if how != "captured":
        how = f"found in the {how}, distance {role['distance']}"
    lines = [f"  {role['role']} {quote(role['text'])} {how}"]
    if mention := role.get("mention"):
        lines[0] += f", @{mention['type']} by {_rule(mention['rule'])}"
        lines += _align(_mention_rows(mention, 0), 4)
    return lines


def _attached(found: Mapping[str, Any]) -> list[str]:
    head = (f"  {found['kind']} {_shown(found)} by {_rule(found['rule'])}, cue {quote(found['cue']['text'])}, "
            f"distance {found['distance']}")
    if resolved := found.get("resolved_from"):
        head += f"\n    {_shown(found)} stands for {quote(resolved['text'])} by {_rule(resolved['rule'])}"
    vetoes = [f"    veto {_veto(v)}" for v in found["vetoes"]]
    return [*head.split("\n"), *_align(_step_rows(found["steps"], 0), 4), *vetoes]


def _shown(found: Mapping[str, Any]) -> str:
    return quote(found["value"]) if found["kind"] in ("attribution", "contested") else str(found["value"])


def _told(record: Mapping[str, Any]) -> list[str]:
    """Factuality and scope with what decided them."""
    factuality = record["factuality"]
    cue = f", cue {quote(factuality['cue']['text'])}" if factuality["cue"] else ""
    rule = f" by {_rule(factuality['rule'])}" if factuality["rule"] else ", nothing says otherwise"
    return [f"  {factuality['value']}{rule}{cue}", f"  scope {record['scope']}"]


def _type(refined: Mapping[str, Any] | None) -> list[str]:
    if not refined:
        return []
    by = f", said by the {refined['by']}" if refined["by"] else ""
    return [f"  {refined['from']} → {refined['to']}{by}"]


def _veto(veto: Mapping[str, Any]) -> str:
    saved = f", set aside by {veto['saved']} more words of the sentence itself" if veto.get("saved") else ""
    if counts := veto.get("counts"):
        return f"{veto['name']}: tried, found {counts[0]} times against {counts[1]}{saved}"
    return f"{veto['name']}: tried, {'fired' if veto['fired'] else 'found' if saved else 'not found'}{saved}"


def _beaten(beaten: Mapping[str, Any]) -> str:
    return (f"{beaten['rule']} ({beaten['makes']}) on {quote(beaten['text'])}, which "
            f"{_LOSSES.get(beaten['because'], beaten['because'])}")


def _passed(passed: Mapping[str, Any]) -> str:
    return (f"{passed['kind']} {_shown(passed)} by {_rule(passed['rule'])}, cue {quote(passed['cue']['text'])}, which "
            f"{_LOSSES.get(passed['because'], passed['because'])}")


# --- Guided matching -------------------------------------------------------------------------------------------------


_LEAVES = (Word, Regex, Lemma, Named, MentionRef, TokenTest, Gap, Look, Anchor, Reference)


class GuidedCompiler(Compiler):
    """Compiles matchers that `state.probe.allowed` holds to stored steps: (element number, first token, end).

    The numbers are those of the rule's own matcher. A gap may always take nothing, for such gaps are not stored.
    Look-arounds see all mentions of the sentence (`seen`), for what they saw is not stored either.
    """

    apart = True

    def __init__(self, compiled: CompiledSet, seen: dict[str, MentionMap]) -> None:
        super().__init__(compiled.table, compiled.rules.lists)
        self.seen = seen

    def _build(self, node: Node, then: Matcher, at: int) -> Matcher:
        if not isinstance(node, _LEAVES):
            return super()._build(node, then, at)
        number, starts = at, list[int]()
        is_gap = isinstance(node, Gap)

        def go_on(state: State, end: int) -> int:
            start, probe = starts[-1], state.probe
            allowed = probe.allowed if probe else None
            fits = allowed is None or (number, start, end) in allowed or (is_gap and start == end)
            return then(state, end) if fits else -1
        inner = self._guided_look(node, go_on, at) if isinstance(node, Look) else super()._build(node, go_on, at)

        def guided(state: State, i: int) -> int:
            # The element may be tried again further on before this try is over: a stack, not a variable.
            starts.append(i)
            end = inner(state, i)
            starts.pop()
            return end
        return guided

    def _guided_look(self, node: Look, then: Matcher, number: int) -> Matcher:
        looks = super()._look(node, _stay, number)

        def look(state: State, i: int) -> int:
            mark, mentions = len(state.trace), state.mentions
            state.mentions = self.seen
            holds = looks(state, i) >= 0
            state.mentions = mentions
            del state.trace[mark:]
            end = then(state, i) if holds else -1
            if end >= 0:
                state.trace.append(Step(number, i, i))
            return end
        return look

    def accepts(self, node: Node, state: State, start: int, end: int) -> bool:
        """Whether the element alone takes exactly these tokens."""
        def stop(_: State, i: int) -> int:
            return i if i == end else -1
        self.sizes = subtree_sizes(node)
        matcher = self._build(node, stop, 0)
        state.trace, state.failed, state.loops, state.budget = [], set(), {}, BUDGET
        return matcher(state, start) >= 0


def _stay(_: State, i: int) -> int:
    return i


# --- Replaying -------------------------------------------------------------------------------------------------------


def verify_record(record: Mapping[str, Any], extractor: Extractor, text: str, date: str | None,
                  title: str | None = None) -> list[str]:
    """What of the record does not replay on this text with these rules, one sentence a fault; empty when all does.

    `text`, `date` and `title` must be those that were extracted from.
    """
    return verify_records([record], extractor, text, date, title)[0]


def verify_records(records: Sequence[Mapping[str, Any]], extractor: Extractor, text: str, date: str | None,
                   title: str | None = None) -> list[list[str]]:
    """The faults of every record of one document, in the order given."""
    if not records:
        return []
    document = read_document(text, str(records[0]["doc_id"]), date, title)
    context = analyse(document, extractor.compiled, extractor.use_index)
    later = _with_events(context)
    return [_verify(record, context, later) for record in records]


def _with_events(context: Analysis) -> Analysis:
    """The same analysis with its events as mentions, as the rules that attach see it."""
    views = [replace(v, state=replace(v.state, mentions=dict(v.state.mentions)), lost=[]) for v in context.views]
    later = replace(context, views=views, memory={}, counted={}, warnings=[])
    find_events(later)
    for view in later.views:
        clauses_of(view)
    return later


def _verify(record: Mapping[str, Any], context: Analysis, later: Analysis) -> list[str]:
    try:
        return _Replay(context, later, record["ruleset"] == context.compiled.rules.hash).run(record)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        return [f"The record cannot be read: {type(error).__name__} {error}."]


@dataclass(slots=True)
class _Tokens:
    """A stored step on the tokens of its sentence."""

    number: int
    start: int
    end: int


@dataclass(slots=True)
class _Replay:
    """One record's replay. `context` is the document as the engine sees it, for what must not be there, and `later`
    the same with its events; `same` says that the rule files are those of the record, so that lines can be compared."""

    context: Analysis
    later: Analysis
    same: bool
    faults: list[str] = field(default_factory=list)
    rebuilt: list[Mention] = field(default_factory=list)

    @property
    def document(self) -> Document:
        return self.context.document

    def run(self, record: Mapping[str, Any]) -> list[str]:
        why = record["explanation"]
        self._check_words(record, "record")
        candidate = self._candidate(why, "event")
        if candidate is None or self.faults:
            return self.faults
        event = self._event(why, candidate)
        if event is not None:
            for attached in why["attached"]:
                self._attach(event, attached)
            event = self._fill(why, event)
        # A fault so far already says what the differences below would only repeat.
        if event is not None and not self.faults:
            self._compare_event(record, event)
        return self.faults

    # --- words and rules -------------------------------------------------------------------------------------------

    def _check_words(self, data: Any, path: str) -> None:
        """Every span of the record, at any depth, must slice back to its words."""
        match data:
            case Mapping():
                text, start, end = data.get("text"), data.get("start"), data.get("end")
                if isinstance(text, str) and isinstance(start, int) and isinstance(end, int):
                    stands = self.document.text[start:end]
                    if stands != text:
                        self._report(f"`{path}` says {quote(text)} at {start}–{end}, "
                                     f"where the text has {quote(stands)}")
                for key, value in data.items():
                    self._check_words(value, key if path == "record" else f"{path}.{key}")
            case list():
                for number, value in enumerate(data):
                    self._check_words(value, f"{path}[{number}]")

    def _report(self, fault: str) -> None:
        sentence = fault[0].upper() + fault[1:] + "."
        if sentence not in self.faults:
            self.faults.append(sentence)

    def _rule(self, stored: Mapping[str, Any]) -> CompiledRule | None:
        """The rule of that id, when it is still the same and runs."""
        compiled: CompiledSet = self.context.compiled
        name = stored["id"]
        rule: Rule | None = compiled.rules.rule(name)
        if rule is None:
            why = ": it does not load" if name in compiled.rules.broken else ""
            self._report(f"the rule `{name}` is not in the rule set{why}")
        elif name not in compiled.compiled:
            heir = f"; `{rule.replaced_by}` replaces it" if rule.replaced_by else ""
            self._report(f"the rule `{name}` is {rule.status} and does not run{heir}")
        elif rule.hash != stored["hash"]:
            self._report(f"the rule `{name}` has changed: its hash is {rule.hash}, in the record {stored['hash']}")
        else:
            self._compare_place(stored, rule)
            return compiled.compiled[name]
        return None

    def _compare_place(self, stored: Mapping[str, Any], rule: Rule) -> None:
        if self.same and (stored["file"], stored["line"]) != (rule.file, rule.line):
            self._report(f"the rule `{rule.id}` stands at {rule.file}:{rule.line}, not at "
                         f"{stored['file']}:{stored['line']}")

    # --- matches ---------------------------------------------------------------------------------------------------

    def _candidate(self, data: Mapping[str, Any], kind: str) -> Candidate | None:
        """The match that the stored steps make with its vetoes, none of which may fire."""
        rule = self._rule(data["rule"])
        if rule is None:
            return None
        if kind != "attach" and not (rule.rule.event or rule.rule.mention):
            self._report(f"the rule `{rule.rule.id}` makes no {kind}")
            return None
        context = self.later if rule.rule.kind == "attach" else self.context
        found = self._walk(rule, data["steps"], context)
        if found is None:
            return None
        match, number = found
        match.owner = rule
        bindings = bind(rule, match, self.context.views[number], self.document.text)
        vetoes = tuple(try_veto(context, number, veto, bindings) for veto in rule.vetoes)
        for result in vetoes:
            if result.fired:
                where = "" if result.counts else (
                    f" on {quote(self.context.text(result.sentence, result.start, result.end))}")
                self._report(f"the veto `{result.name}` of `{rule.rule.id}` fires{where}")
        candidate = Candidate(rule, match, number, bindings, vetoes)
        if "vetoes" in data:
            self._compare("vetoes", data["vetoes"], describe_vetoes(candidate), f"`{rule.rule.id}`")
        return candidate

    def _walk(self, rule: CompiledRule, steps: Sequence[Mapping[str, Any]], context: Analysis,
              ) -> tuple[Match, int] | None:
        """The match of a rule along stored steps, and the number of its sentence."""
        number = self._sentence(steps)
        if number is None:
            self._report(f"the steps of `{rule.rule.id}` stand in no sentence of the text")
            return None
        state = self._state(number)
        seen = context.views[number].state.mentions
        before = len(self.faults)
        for step in steps:
            self._add_mention(step, number, state)
        if len(self.faults) > before:
            return None
        tokens = [self._check_step(rule, n, step, state, seen, number) for n, step in enumerate(steps, start=1)]
        found = [t for t in tokens if t is not None]
        if len(self.faults) > before or len(found) < len(tokens):
            return None
        match = self._match_along(rule, found, state, seen, number)
        if match is None:
            self._report(f"the steps of `{rule.rule.id}` do not follow one another as its pattern asks")
            return None
        self._compare_steps(rule, steps, describe_steps(self.context, number, match, rule))
        return match, number

    def _sentence(self, steps: Sequence[Mapping[str, Any]]) -> int | None:
        start = next((s["start"] for s in steps if s["text"]), None)
        if start is None:
            return None
        return next((i for i, v in enumerate(self.context.views)
                     if v.sentence.start <= start < v.sentence.end and v.sentence.kind not in MUTE), None)

    def _state(self, number: int) -> State:
        """The sentence without mentions, but for those that bound gaps."""
        known = self.context.views[number].state
        structure = {t: dict(known.mentions.get(t, {})) for t in (BOUNDARY, INSERTION)}
        return replace(known, mentions=structure, probe=None, skip=0)

    def _add_mention(self, step: Mapping[str, Any], number: int, state: State) -> None:
        if "mention" in step and (mention := self._mention(step["mention"])) is not None and mention.sentence == number:
            state.mentions.setdefault(mention.type, {})[mention.start] = (mention,)

    def _check_step(self, rule: CompiledRule, position: int, step: Mapping[str, Any], state: State,
                    seen: dict[str, MentionMap], number: int) -> _Tokens | None:
        """The step's tokens, when the very element of that number takes them."""
        name = f"step {position} of `{rule.rule.id}` (`{shorten(step['element'])}`)"
        node = rule.nodes[step["n"]] if 0 <= step["n"] < len(rule.nodes) else None
        if not isinstance(node, _LEAVES) or (show_leaf(node) or show(node)) != step["element"]:
            self._report(f"{name} is not element {step['n']} of the pattern")
            return None
        span = _token_span(self.context.views[number], step["start"], step["end"])
        if span is None:
            self._report(f"{name} does not stand on whole tokens at {step['start']}–{step['end']}")
            return None
        if not GuidedCompiler(self.context.compiled, seen).accepts(node, state, *span):
            what = f"take {quote(step['text'])}" if step["text"] else "hold"
            self._report(f"{name} does not {what} at {step['start']}–{step['end']}")
            return None
        return _Tokens(step["n"], *span)

    def _match_along(self, rule: CompiledRule, steps: list[_Tokens], state: State, seen: dict[str, MentionMap],
                     number: int) -> Match | None:
        matcher = GuidedCompiler(self.context.compiled, seen).compile(rule.rule.pattern, free=False)
        wanted = [(s.number, s.start, s.end) for s in steps]
        state.probe = Probe(allowed=frozenset(wanted))
        for skip in range(MAX_WAYS):
            state.skip = skip
            match = find_at(matcher, state, steps[0].start)
            if match is None:
                return None
            taken = [(s.number, s.start, s.end) for s in match.trace if s.start >= 0 and s.end >= 0
                     and not (isinstance(rule.nodes[s.number], Gap) and s.start == s.end)]
            if taken == wanted and self._satisfies(rule, match, number):
                return match
        return None

    def _satisfies(self, rule: CompiledRule, match: Match, number: int) -> bool:
        bindings = bind(rule, match, self.context.views[number], self.document.text)
        return all(evaluate(c, bindings) for c in rule.rule.where)

    def _compare_steps(self, rule: CompiledRule, stored: Sequence[Mapping[str, Any]], replayed: list[Data]) -> None:
        for position, (old, new) in enumerate(zip(stored, replayed, strict=True), start=1):
            name = f"step {position} of `{rule.rule.id}`"
            self._compare("captures", old.get("captures", []), new.get("captures", []), name)
            self._compare("entry", self._placed(old.get("entry")), self._placed(new.get("entry")), name)
            if self.same:
                self._compare("at", old["at"], new["at"], name)

    def _placed(self, entry: Mapping[str, Any] | None) -> Data | None:
        """An entry, without its line when the files are not the same."""
        return None if entry is None else {k: v for k, v in entry.items() if self.same or k != "at"}

    # --- mentions --------------------------------------------------------------------------------------------------

    def _mention(self, data: Mapping[str, Any]) -> Mention | None:
        """The mention rebuilt from its own stored steps."""
        candidate = self._candidate(data, "mention")
        if candidate is None:
            return None
        mention = make_mention(candidate) if candidate.rule.rule.mention else _event_mention(candidate)
        if mention is None:
            self._report(f"the words of @{data['type']} {quote(data['text'])} say no number")
            return None
        self.rebuilt.append(mention)
        replayed = describe_mention(self.context, mention)
        name = f"@{data['type']} {quote(data['text'])}"
        for key in ("type", "start", "end", "values"):
            self._compare(key, data[key], replayed[key], name)
        return mention

    # --- events ----------------------------------------------------------------------------------------------------

    def _event(self, why: Mapping[str, Any], candidate: Candidate) -> Event | None:
        """The event of the match; of an `each` rule the one whose roles are those of the record."""
        stored = sorted((r["role"], r["start"], r["end"]) for r in why["roles"] if r["how"] == "captured")
        view = self.context.views[candidate.sentence]
        events = make_events(candidate)
        for event in events:
            captured = sorted((a.role, *view.text_span(a.start, a.end)) for found in event.arguments.values()
                              for a in found)
            if captured == stored:
                return event
        self._report(f"the captures of `{candidate.rule.rule.id}` do not fill the roles that the record says")
        return None

    def _attach(self, event: Event, data: Mapping[str, Any]) -> None:
        cue = self._candidate(data, "attach")
        if cue is None:
            return
        before = len(event.attachments)
        offer(self.later, event, cue)
        offered = [a for a in event.attachments[before:] if a.kind == data["kind"]]
        event.attachments[before:] = offered
        if not offered:
            self._report(f"the {data['kind']} by `{data['rule']['id']}` does not reach the event")

    def _fill(self, why: Mapping[str, Any], event: Event) -> Event | None:
        """Fills the roles found without order from the stored mentions alone."""
        analysis = self._with_mentions(self._role_mentions(why))
        sources = [(a.value.start, a.value.end) for a in event.attachments
                   if a.kind == "attribution" and a.candidate.sentence == event.sentence]
        filled = fill_roles(analysis, [event], {event.sentence: sources})
        if not filled:
            self._report(f"a role that `{event.candidate.rule.rule.id}` requires is not filled")
        return filled[0] if filled else None

    def _role_mentions(self, why: Mapping[str, Any]) -> list[Mention]:
        return [m for r in why["roles"] if "mention" in r and (m := self._mention(r["mention"])) is not None]

    def _with_mentions(self, mentions: list[Mention], keep: tuple[str, ...] = ()) -> Analysis:
        """The analysis with these mentions, and of the engine's own those of the types kept, in place of all."""
        views = []
        for number, (view, later) in enumerate(zip(self.context.views, self.later.views, strict=True)):
            found = {t: dict(view.state.mentions.get(t, {})) for t in keep}
            for mention in mentions:
                if mention.sentence == number:
                    found.setdefault(mention.type, {})[mention.start] = (mention,)
            views.append(replace(view, state=replace(view.state, mentions=found), tree=later.tree))
        return replace(self.context, views=views)

    def _compare_event(self, record: Mapping[str, Any], event: Event) -> None:
        # A date hangs on the dates before it (« la veille »), so the times of the whole text are needed here.
        analysis = self._with_mentions(self.rebuilt, ("Time",))
        why, new = record["explanation"], describe_event(analysis, event)
        self._compare("explanation.match", why["match"], new["match"])
        self._compare("explanation.where", why.get("where"), new.get("where"))
        self._compare("explanation.type", why.get("type"), new.get("type"))
        for key, fields in (("roles", ("role", "start", "end", "how", "distance")),
                            ("attached", ("kind", "value", "cue", "distance"))):
            old, made = ([{f: item.get(f) for f in fields} for item in data[key]] for data in (why, new))
            self._compare(f"explanation.{key}", old, made)
        made_record = RecordMaker(analysis).make(event).to_dict()
        for key in ("type", "id", "start", "end", "sentence", "trigger", "arguments", "contested", "factuality",
                    "scope", "rule"):
            self._compare(key, _unplaced(record[key], self.same), _unplaced(made_record[key], self.same))
        antecedents = [a.get("resolved_from") for a in record["attribution"]]
        self._compare("attribution", *(
            _unplaced([_direct(a, bool(found)) for a, found in zip(told, antecedents, strict=False)], self.same)
            for told in (record["attribution"], made_record["attribution"])))

    def _compare(self, path: str, stored: Any, replayed: Any, of: str = "") -> None:
        """Reports the innermost differences of two values."""
        if isinstance(stored, Mapping) and isinstance(replayed, Mapping):
            for key in sorted({*stored, *replayed}):
                self._compare(f"{path}.{key}", stored.get(key), replayed.get(key), of)
        elif isinstance(stored, list) and isinstance(replayed, list) and len(stored) == len(replayed):
            for number, (old, new) in enumerate(zip(stored, replayed, strict=True)):
                self._compare(f"{path}[{number}]", old, new, of)
        elif stored != replayed:
            subject = f"`{path}` of {of}" if of else f"`{path}`"
            self._report(f"{subject} is {_brief(stored)} in the record and {_brief(replayed)} when replayed")


def _event_mention(candidate: Candidate) -> Mention:
    """An event as the cues of other rules see it: its trigger, with the type that its rule names."""
    trigger, type_ = candidate.bindings["trigger"][0], candidate.rule.rule.makes
    return Mention(EVENT, trigger.start, trigger.end, {"type": type_, "family": type_.split(".")[0]}, candidate.match,
                   candidate.sentence)


def _token_span(view: SentenceView, start: int, end: int) -> tuple[int, int] | None:
    """The tokens that stand at character offsets, None when these cut a token."""
    sentence = view.sentence
    if start == end:
        if start in sentence.starts:
            first = sentence.starts.index(start)
            return first, first
        return (view.state.length, view.state.length) if start == sentence.end else None
    if start not in sentence.starts or end not in sentence.ends:
        return None
    return sentence.starts.index(start), sentence.ends.index(end) + 1


def _unplaced(value: Any, same: bool) -> Any:
    """A part of a record, without the lines of rules when the rule files have changed around them."""
    match value:
        case Mapping():
            drop = {"file", "line"} if not same and "hash" in value else set()
            return {k: _unplaced(v, same) for k, v in value.items() if k not in drop}
        case list():
            return [_unplaced(v, same) for v in value]
    return value


def _direct(attribution: Mapping[str, Any], resolved: bool) -> Data:
    """An attribution without what its antecedent brings, for other sentences decide that."""
    drop = {"resolved_from", "id", "name", "kind"} if resolved else {"resolved_from"}
    return {k: v for k, v in attribution.items() if k not in drop}


def _brief(value: Any) -> str:
    if isinstance(value, str):
        return quote(value)
    return "missing" if value is None else json.dumps(value, ensure_ascii=False)
