"""The matcher: a pattern compiled to closures that try it at one place of a sentence.

In: a pattern without names to look up, and a `State` (the forms and mentions of one sentence).
Out: a `Match` with its trace: every element and the tokens it took, in order. The trace is written by the match itself,
on its way back from success, so that failing costs nothing and explaining needs no second look.

Semantics: leftmost-first alternatives, greedy and lazy quantifiers, never zero tokens, never across sentences. What
failed once at a place is remembered; a budget of steps bounds what is left.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from extractor.forms import Form, Predicate, TestTable, compare_with
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
    children,
    show_test,
    walk,
    width,
)
from extractor.tokens import fold, strip_accents
from extractor.wordlists import Sequence, WordList, narrow

BUDGET = 50_000
_EXPAND_UP_TO = 12


@dataclass(slots=True)
class Step:
    """One entry of a trace: the element (its number in the pattern), the tokens it took, and what it brought."""

    number: int
    start: int
    end: int
    brings: Any = None


@dataclass(slots=True)
class Mention:
    """What a mention rule found: token span, values, and the match that made it."""

    type: str
    start: int
    end: int
    values: dict[str, Any]
    match: Match | None
    sentence: int = 0


MentionMap = dict[int, tuple[Mention, ...]]


@dataclass(slots=True)
class State:
    """One sentence as the matcher sees it: forms, mentions so far, and what a running attempt needs."""

    forms: list[Form]
    mentions: dict[str, MentionMap] = field(default_factory=dict)
    attributes: list[Mapping[str, str]] | None = None
    edges: dict[str, tuple[frozenset[int], frozenset[int]]] = field(default_factory=dict)
    length: int = 0
    trace: list[Step] = field(default_factory=list)
    failed: set[tuple[int, int]] = field(default_factory=set)
    loops: dict[int, int] = field(default_factory=dict)
    bound: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    origin: int = 0
    skip: int = 0
    budget: int = BUDGET
    exhausted: bool = False
    probe: Probe | None = None

    def __post_init__(self) -> None:
        self.length = len(self.forms)


@dataclass(slots=True)
class Probe:
    """Watches an attempt for why-not: the farthest token reached, and the elements that failed there."""

    farthest: int = -1
    failures: dict[int, None] = field(default_factory=dict)
    allowed: frozenset[tuple[int, int, int]] | None = None

    def fail(self, number: int, place: int) -> None:
        if place > self.farthest:
            self.farthest, self.failures = place, {}
        if place == self.farthest:
            self.failures[number] = None


@dataclass(slots=True)
class Match:
    """A pattern found: token span, trace in reading order, and who found it."""

    start: int
    end: int
    trace: tuple[Step, ...]
    owner: Any = None


Matcher = Callable[[State, int], int]


@dataclass(slots=True)
class _Branch:
    """One of several alternatives: the tests one of which its first token must pass (None: not known), and its matcher
    once it is built."""

    tests: frozenset[int] | None
    matcher: Matcher | None
    node: Node
    at: int


@dataclass(slots=True, unsafe_hash=True)
class Opening:
    """What the first token of a match must be: one of these tests, or the start of one of these mentions."""

    tests: frozenset[int]
    mentions: frozenset[str]
    may_be_empty: bool = False

    def joined(self, other: Opening, may_be_empty: bool) -> Opening:
        return Opening(self.tests | other.tests, self.mentions | other.mentions, may_be_empty)

    def may_stand(self, state: State, i: int) -> bool:
        """Whether a match may open at token i."""
        if i >= state.length:
            return False
        if not self.tests.isdisjoint(state.forms[i].passes):
            return True
        for type_ in self.mentions:
            found = state.mentions.get(type_)
            if found is not None and i in found:
                return True
        return False


#: For every element of a pattern, in the order of `walk`, how many elements it has, itself counted.
Sizes: TypeAlias = "array[int]"


def subtree_sizes(tree: Node) -> Sizes:
    sizes = array("I")

    def add(node: Node) -> int:
        at = len(sizes)
        sizes.append(1)
        sizes[at] += sum(map(add, children(node)))
        return sizes[at]
    add(tree)
    return sizes


class Compiler:
    """Compiles one pattern. Step number n of a trace speaks of the n-th element in the order of `walk`.

    Most rules never get beyond their first words in a text: what follows an alternative, an option or the first element
    of a pattern is built when a match first comes there. With `watched`, every element reports where it failed, and can
    be held to the steps of a stored trace: the same tests, with a witness. Then, or when `apart` is set, all is built
    at once, and words that stand as alternatives are tried one by one.
    """

    apart = False

    def __init__(self, table: TestTable, lists: Mapping[str, WordList], watched: bool = False) -> None:
        self.table = table
        self.lists = lists
        self.watched = watched
        self.free = True
        self.sizes: Sizes = array("I")
        self._keys = 0

    def compile(self, node: Node, free: bool = True, sizes: Sizes | None = None) -> Matcher:
        """`free`: whether failure at a place may be remembered (not when constraints decide afterwards). The tests must
        have been numbered: a word that was analysed before knows nothing of later ones. `sizes` are its
        `subtree_sizes`, where they are known."""
        self.free = free
        self.sizes = sizes or subtree_sizes(node)
        if not isinstance(node, Seq) or self._is_eager:
            return self._build(node, _accept, 0)
        # Behind the first element that takes a token.
        first = next((k for k, item in enumerate(node.items, 1) if width(item)[0]), len(node.items))
        places = self._places(node, 0)
        return self._chain(node.items[:first], places, self._late_chain(node.items[first:], places[first:]))

    @property
    def _is_eager(self) -> bool:
        return self.watched or self.apart

    def _places(self, node: Node, at: int) -> list[int]:
        """The numbers of the parts of an element with the number `at`."""
        places = [at + 1]
        for _ in range(len(children(node)) - 1):
            places.append(places[-1] + self.sizes[places[-1]])
        return places

    def _chain(self, items: tuple[Node, ...], places: list[int], then: Matcher) -> Matcher:
        for item, at in reversed(list(zip(items, places, strict=False))):
            then = self._build(item, then, at)
        return then

    def _late_chain(self, items: tuple[Node, ...], places: list[int]) -> Matcher:
        rest: Matcher | None = None if items else _accept
        free = self.free

        def match_rest(state: State, i: int) -> int:
            nonlocal rest
            if rest is None:
                self.table.built += 1
                self.free = free
                rest = self._chain(items, places, _accept)
            return rest(state, i)
        return match_rest

    def _late(self, node: Node, then: Matcher, at: int, free: bool) -> Matcher:
        """Builds what was put off, as it would have been built then."""
        self.table.built += 1
        now, self.free = self.free, free
        matcher = self._build(node, then, at)
        self.free = now
        return matcher

    def number_tests(self, tree: Node) -> None:
        """Gives every token test of a pattern its number in the table, without building the matcher."""
        for node in walk(tree):
            match node:
                case Named():
                    self.list_test(node)
                case TokenTest(test=test) if test is not None:
                    self._test_number(test)
                case _:
                    self.token_test(node)

    def _key(self) -> int:
        """A name for a place in the matcher at which failures are remembered or rounds are counted."""
        self._keys += 1
        return self._keys

    def _build(self, node: Node, then: Matcher, at: int) -> Matcher:
        """The matcher of an element with the number `at`, which goes on with `then`."""
        match node:
            case Seq(items=items):
                return self._chain(items, self._places(node, at), then)
            case Alt():
                return self._alternatives(node, then, at)
            case Capture():
                return self._capture(node, then, at)
            case Repeat():
                return self._repeat(node, then, at)
            case Gap():
                return self._gap(node, then, at)
            case Look():
                return self._look(node, then, at)
            case Anchor():
                return self._anchor(node, then, at)
            case Reference():
                return self._reference(node, then, at)
            case MentionRef():
                return self._mention(node, then, at)
            case Named():
                return self._listed(node, then, at)
        return self._token(node, then, at)

    def _alternatives(self, node: Alt, then: Matcher, at: int) -> Matcher:
        """The branches in order; neighbours that are a word each are one branch, for most alternatives are words."""
        branches: list[_Branch] = []
        words: dict[int, int] = {}
        for item, place in zip(node.items, self._places(node, at), strict=False):
            if self._is_eager:
                branches.append(_Branch(None, self._build(item, then, place), item, place))
            elif isinstance(item, Word | Lemma):
                test = self.token_test(item)
                assert test is not None
                words.setdefault(test, place)
            else:
                if words:
                    branches.append(_Branch(frozenset(words), _one_of(words, then), item, place))
                    words = {}
                branches.append(_Branch(self._opening_tests(item), None, item, place))
        if words:
            branches.append(_Branch(frozenset(words), _one_of(words, then), node, at))
        if len(branches) == 1:
            return branches[0].matcher or self._build(branches[0].node, then, branches[0].at)
        return self._guarded(node, self._first_of(tuple(branches), then))

    def _first_of(self, branches: tuple[_Branch, ...], then: Matcher) -> Matcher:
        free = self.free

        def match_alternatives(state: State, i: int) -> int:
            own = state.forms[i].passes if i < state.length else _NOTHING
            for branch in branches:
                tests = branch.tests
                if tests is None or not tests.isdisjoint(own):
                    matcher = branch.matcher
                    if matcher is None:
                        matcher = branch.matcher = self._late(branch.node, then, branch.at, free)
                    end = matcher(state, i)
                    if end >= 0:
                        return end
            return -1
        return match_alternatives

    def _opening_tests(self, node: Node) -> frozenset[int] | None:
        """The tests one of which the first token must pass; None when something else may open a match."""
        opening = None if self._is_eager else self.opening(node)
        return None if opening is None or opening.may_be_empty or opening.mentions else opening.tests

    # --- what a match opens with ---------------------------------------------------------------------------------

    def opening(self, node: Node) -> Opening | None:
        """What a match of the pattern opens with; None when that may be anything."""
        known = self.table.openings.get(id(node))
        if known is None:
            known = self.table.openings[id(node)] = (node, self._find_opening(node))
        return known[1]

    def _find_opening(self, node: Node) -> Opening | None:
        match node:
            case Seq(items=items):
                return self._opening_of_sequence(items)
            case Alt(items=items):
                return self._opening_of_branches(items)
            case Capture(item=item):
                return self.opening(item)
            case Repeat(item=item, least=least):
                inner = self.opening(item)
                return Opening(inner.tests, inner.mentions, True) if inner and not least else inner
            case MentionRef(type=type_):
                return Opening(frozenset(), frozenset({type_}))
            case Named():
                return Opening(frozenset({self.list_test(node)}), frozenset())
            case Word() | Lemma() | Regex():
                test = self.token_test(node)
                return Opening(frozenset({test}), frozenset()) if test is not None else None
            case TokenTest(test=wanted) if wanted is not None and asks_for_capital(wanted):
                return Opening(frozenset({self.table.capital}), frozenset())
            case Look() | Anchor():
                return Opening(frozenset(), frozenset(), True)
        return None

    def _opening_of_sequence(self, items: tuple[Node, ...]) -> Opening | None:
        whole = Opening(frozenset(), frozenset(), True)
        for item in items:
            found = self.opening(item)
            if found is None:
                return None
            whole = whole.joined(found, found.may_be_empty)
            if not found.may_be_empty:
                return whole
        return whole

    def _opening_of_branches(self, items: tuple[Node, ...]) -> Opening | None:
        whole = Opening(frozenset(), frozenset(), False)
        for item in items:
            found = self.opening(item)
            if found is None:
                return None
            whole = whole.joined(found, whole.may_be_empty or found.may_be_empty)
        return whole

    def _guarded(self, node: Node, matcher: Matcher) -> Matcher:
        """The matcher, tried only where the pattern can open: most branches fail at once, and this costs least."""
        opening = None if self._is_eager else self.opening(node)
        if opening is None or opening.may_be_empty:
            return matcher
        tests, mentions = opening.tests, opening.mentions
        if not mentions:
            def match_opened(state: State, i: int) -> int:
                if i >= state.length or tests.isdisjoint(state.forms[i].passes):
                    return -1
                return matcher(state, i)
            return match_opened
        may_stand = opening.may_stand

        def match_where_open(state: State, i: int) -> int:
            return matcher(state, i) if may_stand(state, i) else -1
        return match_where_open

    # --- one token -----------------------------------------------------------------------------------------------

    def token_test(self, node: Node) -> int | None:
        """The number of the test that an element of one token makes, None when it is worked out on demand."""
        match node:
            case Word(word=word, exact=True):
                return self.table.add_exact(word)
            case Word(word=word):
                return self.table.add_words((fold(word),), ("word", fold(word)))
            case Lemma(lemma=lemma, tags=tags):
                known = self.table.numbers.get(("lemma", lemma, tags))
                if known is not None:
                    return known
                forms = {fold(f) for f in self.table.inflection.expand(lemma, tags)}
                return self.table.add_words(sorted(forms), ("lemma", lemma, tags))
            case Regex(source=source):
                return self.table.add_regex(source)
        return None

    def list_test(self, node: Named) -> int:
        words = self.lists[node.name]
        key = (node.name, node.tags, show_test(node.test) if node.test else "")
        known = self.table.known_list(key)
        if known is not None:
            return known
        sequences = narrow(words, node.tags, self.table.inflection)
        if node.test is not None:
            passes = values_predicate(node.test)
            sequences = [s for s in sequences if passes(entry_values(s))]
        return self.table.add_list(key, sequences, words.loose, words.name)

    def _token(self, node: Node, then: Matcher, number: int) -> Matcher:
        test = self.token_test(node)
        if test is None:
            assert isinstance(node, TokenTest)
            plain = self._any(number, then) if node.test is None else self._tested(node.test, number, then)
        else:
            plain = _one_token(test, number, then)
        return self._watch(number, plain)

    def _any(self, number: int, then: Matcher) -> Matcher:
        def match_any(state: State, i: int) -> int:
            if i >= state.length:
                return -1
            end = then(state, i + 1)
            if end >= 0:
                state.trace.append(Step(number, i, i + 1))
            return end
        return match_any

    def _tested(self, test: Test, number: int, then: Matcher) -> Matcher:
        key, predicate = self._decider(test)

        def match_test(state: State, i: int) -> int:
            if i >= state.length:
                return -1
            form = state.forms[i]
            if state.attributes is not None:
                holds = predicate(form, state.attributes[i])
            else:
                known = form.lazy.get(key)
                if known is None:
                    known = form.lazy[key] = predicate(form, None)
                holds = known
            if not holds:
                return -1
            end = then(state, i + 1)
            if end >= 0:
                state.trace.append(Step(number, i, i + 1))
            return end
        return match_test

    def _test_number(self, test: Test) -> int:
        self._add_lists(test)
        return self.table.add_predicate(show_test(test))

    def _decider(self, test: Test) -> tuple[int, Predicate]:
        """The number of a `[test]` and the function that decides it: one for all places that share the test."""
        known = self.table.deciders.get(id(test))
        if known is None:
            known = self.table.deciders[id(test)] = (test, self._test_number(test), self.table.predicate(test))
        return known[1:]

    def _add_lists(self, test: Test) -> None:
        """`[list=months]` asks for a list that no `$months` may have brought in."""
        match test:
            case Not(item=item):
                self._add_lists(item)
            case All(items=items) | Either(items=items):
                for item in items:
                    self._add_lists(item)
            case Comparison(field="list", values=values, spot=spot) if spot is not None:
                for key, words in self.lists.items():
                    if words.name in values:
                        self.list_test(Named(key, (), None, spot))

    # --- many tokens ---------------------------------------------------------------------------------------------

    def _listed(self, node: Named, then: Matcher, number: int) -> Matcher:
        test = self.list_test(node)
        loose = self.lists[node.name].loose

        def match_list(state: State, i: int) -> int:
            if i >= state.length:
                return -1
            forms = state.forms
            for sequence in forms[i].tests.get(test, ()):
                stop = i + len(sequence.forms)
                # The table has looked at the first word already, but for its capital.
                if (stop == i + 1 and not sequence.capitals[0]) or (
                        stop <= state.length and stands_at(sequence, forms, i, loose)):
                    end = then(state, stop)
                    if end >= 0:
                        state.trace.append(Step(number, i, stop, sequence))
                        return end
            return -1
        return self._watch(number, match_list)

    def _mention(self, node: MentionRef, then: Matcher, number: int) -> Matcher:
        type_ = node.type
        passes = mention_predicate(node.test) if node.test is not None else None

        def match_mention(state: State, i: int) -> int:
            found = state.mentions.get(type_)
            if found is None:
                return -1
            for mention in found.get(i, ()):
                if passes is None or passes(mention):
                    end = then(state, mention.end)
                    if end >= 0:
                        state.trace.append(Step(number, i, mention.end, mention))
                        return end
            return -1
        return self._watch(number, match_mention)

    def _gap(self, node: Gap, then: Matcher, number: int) -> Matcher:
        place = self._key()
        most, over, stops = node.most, bool(node.over), node.stop == "clause"
        free = self.free

        def match_gap(state: State, i: int) -> int:
            key = (place, i)
            if key in state.failed:
                return -1
            barriers = state.mentions.get("Boundary", {}) if stops else {}
            insertions = state.mentions.get("Insertion", {}) if over else {}
            j = i
            for _ in range(most + 1):
                state.budget -= 1
                end = then(state, j)
                if end >= 0:
                    state.trace.append(Step(number, i, j))
                    return end
                if j >= state.length or state.budget < 0:
                    break
                if j in insertions:
                    j = insertions[j][0].end
                elif j in barriers:
                    if state.probe:
                        state.probe.fail(number, j)
                    break
                else:
                    j += 1
            state.exhausted = state.exhausted or state.budget < 0
            if free:
                state.failed.add(key)
            return -1
        return match_gap

    def _reference(self, node: Reference, then: Matcher, number: int) -> Matcher:
        name = node.name

        def match_reference(state: State, i: int) -> int:
            for start, stop in state.bound.get(name, ()):
                if start == i:
                    end = then(state, stop)
                    if end >= 0:
                        state.trace.append(Step(number, i, stop))
                        return end
            return -1
        return self._watch(number, match_reference)

    # --- structure -----------------------------------------------------------------------------------------------

    def _capture(self, node: Capture, then: Matcher, number: int) -> Matcher:
        def close(state: State, i: int) -> int:
            end = then(state, i)
            if end >= 0:
                state.trace.append(Step(number, i, -1))
            return end
        inner = self._build(node.item, close, number + 1)

        def match_capture(state: State, i: int) -> int:
            end = inner(state, i)
            if end >= 0:
                state.trace.append(Step(number, -1, i))
            return end
        return match_capture

    def _repeat(self, node: Repeat, then: Matcher, at: int) -> Matcher:
        at += 1
        item, least, most, lazy = node.item, node.least, node.most, node.lazy
        if most is None:
            rest = self._star(item, lazy, then, at)
        elif most - least <= _EXPAND_UP_TO:
            rest = then
            for _ in range(most - least):
                rest = self._optional(item, lazy, rest, then, at)
        else:
            rest = self._counted(item, most - least, lazy, then, at)
        for _ in range(least):
            rest = self._build(item, rest, at)
        return rest

    def _optional(self, item: Node, lazy: bool, rest: Matcher, then: Matcher, at: int) -> Matcher:
        if self._is_eager:
            built = self._build(item, rest, at)
            return _either(then, built) if lazy else _either(built, then)
        opening, free = self.opening(item), self.free
        may_stand = None if opening is None or opening.may_be_empty else opening.may_stand
        opens_with = opening.tests if opening is not None and may_stand is not None else _NOTHING
        taken: Matcher | None = None

        def match_taken(state: State, i: int) -> int:
            nonlocal taken
            if may_stand is not None and not may_stand(state, i):
                return -1
            if taken is None:
                taken = self._late(item, rest, at, free)
            return taken(state, i)

        def match_optional(state: State, i: int) -> int:
            # The same for what opens with a word, which is the most frequent case by far.
            nonlocal taken
            if i < state.length and not opens_with.isdisjoint(state.forms[i].passes):
                if taken is None:
                    taken = self._late(item, rest, at, free)
                end = taken(state, i)
                if end >= 0:
                    return end
            return then(state, i)
        if lazy:
            return _either(then, match_taken)
        by_word = may_stand is not None and opening is not None and not opening.mentions
        return match_optional if by_word else _either(match_taken, then)

    def _star(self, item: Node, lazy: bool, then: Matcher, at: int) -> Matcher:
        number = self._key()
        free = self.free

        def again(state: State, i: int) -> int:
            # An iteration that took nothing would go on for ever.
            return -1 if state.loops.get(number) == i else loop(state, i)

        def iterate(state: State, i: int) -> int:
            outer = state.loops.get(number, -1)
            state.loops[number] = i
            end = body(state, i)
            state.loops[number] = outer
            return end

        def loop(state: State, i: int) -> int:
            key = (number, i)
            if key in state.failed:
                return -1
            state.budget -= 1
            if state.budget < 0:
                state.exhausted = True
                return -1
            end = then(state, i) if lazy else iterate(state, i)
            if end < 0:
                end = iterate(state, i) if lazy else then(state, i)
            if end < 0 and free:
                state.failed.add(key)
            return end
        body = self._build(item, again, at)
        return loop

    def _counted(self, item: Node, most: int, lazy: bool, then: Matcher, at: int) -> Matcher:
        number = self._key()

        def again(state: State, i: int) -> int:
            count = state.loops.get(number, 0)
            state.budget -= 1
            if state.budget < 0:
                state.exhausted = True
                return -1
            if lazy and (end := then(state, i)) >= 0:
                return end
            if count < most:
                state.loops[number] = count + 1
                end = body(state, i)
                state.loops[number] = count
                if end >= 0:
                    return end
            return -1 if lazy else then(state, i)

        def enter(state: State, i: int) -> int:
            outer = state.loops.get(number, 0)
            state.loops[number] = 0
            end = again(state, i)
            state.loops[number] = outer
            return end
        # What fails inside depends on the count, so nothing inside may be remembered.
        free, self.free = self.free, False
        body = self._build(item, again, at)
        self.free = free
        return enter

    def _look(self, node: Look, then: Matcher, number: int) -> Matcher:
        ahead = node.ahead
        low, high = width(node.item)
        inner = self._build(node.item, _accept_empty if ahead else _accept_at, number + 1)
        negative = node.negative

        def holds_behind(state: State, i: int) -> bool:
            first = 0 if high is None else max(0, i - high)
            origin, state.origin = state.origin, i
            # What fails depends on where the look-behind has to end, so it starts with a clean memory.
            failed, state.failed = state.failed, set()
            found = any(inner(state, j) >= 0 for j in range(i - low, first - 1, -1))
            state.origin, state.failed = origin, failed
            return found

        def match_look(state: State, i: int) -> int:
            mark, probe = len(state.trace), state.probe
            state.probe = None
            found = inner(state, i) >= 0 if ahead else holds_behind(state, i)
            state.probe = probe
            del state.trace[mark:]
            if found == negative:
                if probe:
                    probe.fail(number, i)
                return -1
            end = then(state, i)
            if end >= 0:
                state.trace.append(Step(number, i, i))
            return end
        return match_look

    def _anchor(self, node: Anchor, then: Matcher, number: int) -> Matcher:
        scope, side = node.scope, int(node.end)

        def match_anchor(state: State, i: int) -> int:
            if scope == "sentence":
                holds = i == (state.length if side else 0)
            else:
                holds = scope in state.edges and i in state.edges[scope][side]
            if not holds:
                if state.probe:
                    state.probe.fail(number, i)
                return -1
            end = then(state, i)
            if end >= 0:
                state.trace.append(Step(number, i, i))
            return end
        return match_anchor

    def _watch(self, number: int, matcher: Matcher) -> Matcher:
        if not self.watched:
            return matcher

        def watched(state: State, i: int) -> int:
            probe = state.probe
            if probe is None:
                return matcher(state, i)
            end = matcher(state, i)
            if end < 0:
                probe.fail(number, i)
            return end
        return watched


def asks_for_capital(test: Test) -> bool:
    """Whether only a word with a capital letter can pass."""
    match test:
        case All(items=items):
            return any(map(asks_for_capital, items))
        case Either(items=items):
            return all(map(asks_for_capital, items))
        case Comparison(field="case", op="=" | "in", values=values):
            return {"title", "upper"}.issuperset(values)
    return False


def _one_token(test: int, number: int, then: Matcher) -> Matcher:
    def match_token(state: State, i: int) -> int:
        if i < state.length and test in state.forms[i].tests:
            end = then(state, i + 1)
            if end >= 0:
                state.trace.append(Step(number, i, i + 1))
            return end
        return -1
    return match_token


def _one_of(words: dict[int, int], then: Matcher) -> Matcher:
    """Any of several words; `words` maps each one's test to the element's number, in the order of the alternatives."""
    if len(words) == 1:
        return _one_token(*next(iter(words.items())), then)
    tests = frozenset(words)

    def match_word(state: State, i: int) -> int:
        if i >= state.length or tests.isdisjoint(own := state.forms[i].passes):
            return -1
        end = then(state, i + 1)
        if end >= 0:
            state.trace.append(Step(next(number for test, number in words.items() if test in own), i, i + 1))
        return end
    return match_word


_NOTHING: frozenset[int] = frozenset()


def _either(first: Matcher, second: Matcher) -> Matcher:
    def match_either(state: State, i: int) -> int:
        end = first(state, i)
        return end if end >= 0 else second(state, i)
    return match_either


def _accept(state: State, i: int) -> int:
    """The end of a pattern: zero tokens are no match; with constraints, the first `skip` ways are passed over."""
    if i == state.origin:
        return -1
    if state.skip:
        state.skip -= 1
        return -1
    return i


def _accept_empty(state: State, i: int) -> int:
    return i


def _accept_at(state: State, i: int) -> int:
    return i if i == state.origin else -1


def stands_at(sequence: Sequence, forms: list[Form], i: int, loose: bool) -> bool:
    """Whether the entry's words stand at token i, with the capitals it asks for."""
    for offset, allowed in enumerate(sequence.forms):
        form = forms[i + offset]
        if offset and not _is_allowed(form, allowed, loose):
            return False
        if sequence.capitals[offset] and not form.capital:
            return False
    return True


def _is_allowed(form: Form, allowed: frozenset[str], loose: bool) -> bool:
    if loose:
        return form.bare in allowed
    if form.folded in allowed:
        return True
    return form.plain and form.bare in {strip_accents(a) for a in allowed}


def entry_values(sequence: Sequence) -> dict[str, Any]:
    """What a `$list[test]` may speak of: an entry's fields, id and name."""
    entry = sequence.entry
    return {**entry.fields, "id": entry.id, "name": entry.name}


def mention_predicate(test: Test) -> Callable[[Mention], bool]:
    decide = values_predicate(test)
    return lambda mention: decide(mention.values)


def values_pass(test: Test, values: Mapping[str, Any]) -> bool:
    return values_predicate(test)(values)


def values_predicate(test: Test) -> Callable[[Mapping[str, Any]], bool]:
    match test:
        case Not(item=item):
            inner = values_predicate(item)
            return lambda values: not inner(values)
        case All(items=items):
            every = [values_predicate(i) for i in items]
            return lambda values: all(p(values) for p in every)
        case Either(items=items):
            some = [values_predicate(i) for i in items]
            return lambda values: any(p(values) for p in some)
    assert isinstance(test, Comparison)
    compare, name, absent = compare_with(test), test.field, test.op == "!="
    return lambda values: absent if (v := values.get(name)) is None else compare(v)


def find_at(matcher: Matcher, state: State, i: int, fresh: bool = True) -> Match | None:
    """The match that starts at token i, if any. With `fresh` off, what failed at earlier starts is remembered and their
    steps count: for one matcher that goes through a sentence from the left and has found nothing yet."""
    state.trace = []
    state.origin = i
    if fresh:
        state.failed = set()
        state.budget = BUDGET
    end = matcher(state, i)
    if end <= i:
        return None
    return Match(i, end, tuple(reversed(state.trace)))


def captured_spans(trace: tuple[Step, ...], nodes: list[Node]) -> dict[str, list[tuple[int, int, int, int]]]:
    """For every capture name its iterations: first token, end, and the slice of the trace inside."""
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    opened: list[tuple[int, int, int]] = []
    for position, step in enumerate(trace):
        if step.start == -1:
            opened.append((step.number, step.end, position + 1))
        elif step.end == -1:
            number, start, first = opened.pop()
            node = nodes[number]
            assert isinstance(node, Capture)
            found.setdefault(node.name, []).append((start, step.start, first, position))
    return {name: sorted(spans) for name, spans in found.items()}
