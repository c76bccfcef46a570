"""The index: which rules can match in a sentence, and where they can start, from their rarest required element.

In: compiled rules. Out: for a sentence, the rules whose required word, list or mention stands in it, each with the
starts worth trying. A rule without any required element is tried everywhere (`RuleIndex.everywhere` names them).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from extractor.frequency import frequencies
from extractor.match import Compiler, Match, Matcher, Opening, State, asks_for_capital, find_at
from extractor.pattern import (
    Alt,
    Capture,
    Lemma,
    MentionRef,
    Named,
    Node,
    Regex,
    Repeat,
    Seq,
    TokenTest,
    Word,
    width,
)

#: Occurrences per million tokens that an unlisted word, and a mention of any kind, are taken to have.
RARE = 20.0
MENTION_FREQUENCY = 30_000.0
CAPITAL_FREQUENCY = 120_000.0


@dataclass(slots=True)
class Required:
    """One of these tests or mentions must hold, `low` to `high` tokens after the start (high None: no bound)."""

    tests: frozenset[int]
    mentions: frozenset[str]
    low: int
    high: int | None
    cost: float
    opening: Opening | None = None

    def shifted(self, low: int, high: int | None) -> Required:
        top = None if self.high is None or high is None else self.high + high
        return Required(self.tests, self.mentions, self.low + low, top, self.cost)


class RequirementFinder:
    """Works out the rarest required element of a pattern."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self._cost: dict[int, float] = {}

    def requirement(self, node: Node) -> Required | None:
        """The rarest required element of a whole pattern, with what a match of it must open with."""
        required = self.find(node)
        if required is not None:
            opening = self.compiler.opening(node)
            required.opening = None if opening is None or opening.may_be_empty else opening
        return required

    def find(self, node: Node) -> Required | None:
        match node:
            case Seq(items=items):
                return self._of_sequence(items)
            case Alt(items=items):
                return _join([self.find(i) for i in items])
            case Capture(item=item):
                return self.find(item)
            case Repeat(item=item, least=least):
                return self.find(item) if least else None
            case MentionRef(type=type_):
                return Required(frozenset(), frozenset({type_}), 0, 0, MENTION_FREQUENCY)
            case Named():
                return self._of_test(self.compiler.list_test(node))
            case Word() | Lemma() | Regex():
                test = self.compiler.token_test(node)
                return self._of_test(test) if test is not None else None
            case TokenTest(test=wanted) if wanted is not None and asks_for_capital(wanted):
                return self._of_test(self.compiler.table.capital)
        return None

    def _of_sequence(self, items: Sequence[Node]) -> Required | None:
        best: Required | None = None
        low, high = 0, 0
        bound: int | None = high
        for item in items:
            found = self.find(item)
            if found is not None:
                found = found.shifted(low, bound)
                if best is None or _rank(found) < _rank(best):
                    best = found
            least, most = width(item)
            low += least
            bound = None if bound is None or most is None else bound + most
        return best

    def _of_test(self, test: int) -> Required:
        return Required(frozenset({test}), frozenset(), 0, 0, self._test_cost(test))

    def _test_cost(self, test: int) -> float:
        if not self._cost:
            self._cost = self._all_costs()
        return self._cost.get(test, RARE)

    def _all_costs(self) -> dict[int, float]:
        known = frequencies()
        costs: dict[int, float] = {self.compiler.table.capital: CAPITAL_FREQUENCY}
        for index in (self.compiler.table.by_folded, self.compiler.table.by_text, self.compiler.table.by_bare):
            for word in index.words():
                for test in index.get(word):
                    costs[test] = costs.get(test, 0.0) + known.get(word.lower(), RARE)
        return costs


def _rank(required: Required) -> tuple[float, bool]:
    return (required.cost, required.high is None)


def _join(found: list[Required | None]) -> Required | None:
    known = [f for f in found if f is not None]
    if not known or len(known) < len(found):
        return None
    highs = [f.high for f in known if f.high is not None]
    return Required(frozenset().union(*(f.tests for f in known)), frozenset().union(*(f.mentions for f in known)),
                    min(f.low for f in known), max(highs) if len(highs) == len(known) else None,
                    sum(f.cost for f in known))


@dataclass(slots=True)
class Indexed:
    """A compiled pattern and where it may start."""

    owner: Any
    required: Required | None
    order: int


@dataclass(slots=True)
class RuleIndex:
    """Compiled patterns, reached through what they require."""

    by_test: dict[int, list[Indexed]] = field(default_factory=dict)
    by_mention: dict[str, list[Indexed]] = field(default_factory=dict)
    everywhere: list[Indexed] = field(default_factory=list)
    all: list[Indexed] = field(default_factory=list)

    def add(self, owner: Any, required: Required | None) -> None:
        indexed = Indexed(owner, required, len(self.all))
        self.all.append(indexed)
        if required is None:
            self.everywhere.append(indexed)
            return
        for test in sorted(required.tests):
            self.by_test.setdefault(test, []).append(indexed)
        for type_ in sorted(required.mentions):
            self.by_mention.setdefault(type_, []).append(indexed)

    def candidates(self, state: State, positions: dict[int, list[int]], use_index: bool = True,
                   ) -> Iterator[tuple[Indexed, Sequence[int]]]:
        """The patterns worth trying, in rule order, with their starts in ascending order."""
        everywhere = range(state.length)
        if not use_index:
            yield from ((indexed, everywhere) for indexed in self.all)
            return
        starts: dict[int, set[int]] = {}
        chosen: dict[int, Indexed] = {}
        for test in self.by_test.keys() & positions.keys():
            for indexed in self.by_test[test]:
                _add_starts(starts, chosen, indexed, positions[test])
        for type_ in self.by_mention.keys() & state.mentions.keys():
            if places := state.mentions[type_]:
                for indexed in self.by_mention[type_]:
                    _add_starts(starts, chosen, indexed, places)
        for indexed in self.everywhere:
            chosen[indexed.order] = indexed
        for order in sorted(chosen):
            indexed = chosen[order]
            found = starts.get(order)
            yield indexed, everywhere if found is None else open_starts(indexed.required, found, state, positions)


def _add_starts(starts: dict[int, set[int]], chosen: dict[int, Indexed], indexed: Indexed, places: Any) -> None:
    required = indexed.required
    assert required is not None
    chosen[indexed.order] = indexed
    _spread(starts.setdefault(indexed.order, set()), required, places)


def _spread(starts: set[int], required: Required, places: Iterable[int]) -> None:
    """Adds the starts from which a required element at one of the places can be reached."""
    for place in places:
        first = 0 if required.high is None else max(0, place - required.high)
        starts.update(range(first, place - required.low + 1))


def starts_of(required: Required | None, state: State, positions: dict[int, list[int]]) -> Sequence[int]:
    """The starts worth trying for one pattern, in ascending order."""
    if required is None:
        return range(state.length)
    starts: set[int] = set()
    for test in required.tests & positions.keys():
        _spread(starts, required, positions[test])
    for type_ in required.mentions & state.mentions.keys():
        _spread(starts, required, state.mentions[type_])
    return open_starts(required, starts, state, positions)


def open_starts(required: Required | None, starts: set[int], state: State, positions: dict[int, list[int]],
                ) -> list[int]:
    """Of the starts those at which a match can open, in ascending order."""
    opening = required.opening if required is not None else None
    if opening is None:
        return sorted(starts)
    if len(starts) < 3:
        return sorted(i for i in starts if opening.may_stand(state, i))
    can_open: set[int] = set()
    for test in opening.tests & positions.keys():
        can_open.update(positions[test])
    for type_ in opening.mentions & state.mentions.keys():
        can_open.update(state.mentions[type_])
    return sorted(starts & can_open)


def positions_of(state: State) -> dict[int, list[int]]:
    """Where each test holds in the sentence."""
    positions: dict[int, list[int]] = {}
    for i, form in enumerate(state.forms):
        for test in form.tests:
            positions.setdefault(test, []).append(i)
    return positions


def find_matches(matcher: Matcher, state: State, starts: Sequence[int]) -> Iterator[Match]:
    """Non-overlapping matches from the left. Ends early when the budget of steps between two matches is used up."""
    end, fresh = 0, True
    for start in starts:
        if start < end:
            continue
        match = find_at(matcher, state, start, fresh)
        fresh = match is not None
        if match is not None:
            end = match.end
            yield match
        elif state.exhausted:
            return
