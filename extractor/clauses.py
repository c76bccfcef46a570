"""The clauses of a sentence: which words belong together around a verb, and which clause hangs on which word.

In: a `State` with the mentions `Boundary` (what opens a clause, and of which kind), `Insertion` (what stands between
commas or brackets), `Verb` (finite ones, and participles that stand for a relative clause), `Subject` and `Joint` (what
joins). Out: `Clauses`: for every token its clause, and for every clause its kind, the clause it stands in and the token
that it hangs on.

The words that open and close clauses are those of the rules; this module knows only how clauses nest:

- a relative, participial or subordinate clause stands inside the one before it, and ends where that one goes on: at the
  comma before a subject or verb, or at the next verb that nothing joins to its own;
- a coordinate clause stands beside the one before it;
- an insertion is inside what goes on behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extractor.match import Mention, State

Span = tuple[int, int]
Kind = Literal["main", "coordinate", "completive", "subordinate", "relative", "circumstance", "participle", "insertion"]
_BOUNDARY_KINDS: dict[str, Kind] = {"coordinate": "coordinate", "completive": "completive",
                                    "subordinate": "subordinate", "relative": "relative",
                                    "circumstance": "circumstance"}
_RELATIVE = frozenset({"relative", "circumstance"})
_NOUN_CLAUSES = _RELATIVE | {"participle"}
_HANGING = _NOUN_CLAUSES | {"insertion"}
_BASES = frozenset({"main", "coordinate", "insertion"})
# How far before the token that a clause hangs on its noun may stand: « l'attaque dimanche à Gao, qui … ».
_REACH = 10
# How many small words may stand between « mais » and its verb: « mais ne l'a pas … ».
_SMALL_WORDS = 3


@dataclass(slots=True)
class Clause:
    """One clause: `parent` is the clause it stands in, `head` the token that it hangs on, `verb` its first finite verb,
    `end` the token where an insertion ends; -1 is none."""

    kind: Kind
    parent: int
    start: int
    head: int = -1
    end: int = -1
    verb: int = -1


@dataclass(frozen=True, slots=True)
class Words:
    """Tokens of a sentence by what they tell: `deeds` of events and strikes, `told` where an event's trigger starts,
    `situating` of places, times and the small words that join them, `pauses` the commas."""

    deeds: frozenset[int]
    told: frozenset[int]
    situating: frozenset[int]
    pauses: frozenset[int]


@dataclass(slots=True)
class Clauses:
    """`of[i]` is the number of the clause of token i; `verbs` are the tokens where finite verbs start."""

    items: list[Clause]
    of: list[int]
    verbs: frozenset[int]

    def steps_between(self, event: Span, other: Span, own: frozenset[int], taken: frozenset[int], words: Words,
                      ) -> int | None:
        """How many clauses a word stands away from an event; None when it says nothing of it.

        What a clause that hangs on a noun says, it says of this noun and of what it tells itself: « tué en mai » of the
        general, not of the talks about him. Such a clause speaks of the event when it hangs on one of its `own` words
        or on another deed, and when it tells none itself; not when it hangs on a word `taken` by something else (« un
        bilan publié lundi »). Words around the clause speak of an event in it when it hangs on a deed (« l'attaque qui
        a tué douze soldats a eu lieu lundi »), on the word itself, or when they open the sentence.
        """
        here, there = self._path_up(self.of[event[0]]), self._path_up(self.of[other[0]])
        shared = next((n for n, c in enumerate(there) if c in here), None)
        down = there if shared is None else there[:shared]
        up = here if shared is None else here[:here.index(there[shared])]
        hanging = [c for c in down if self.items[c].kind in _NOUN_CLAUSES]
        telling = {self.of[i] for i in words.told if not event[0] <= i < event[1]}
        if any(self.items[c].head in taken for c in hanging):
            return None
        for clause in down:
            if clause in telling and self.items[clause].kind not in ("main", "coordinate") \
                    and not (clause in hanging and self._hangs_on(clause, own | words.deeds)):
                return None
        around = self.items[there[shared]] if shared is not None else None
        if not all(self._speaks_of(clause, other, around, words) for clause in up):
            return None
        steps = sum(self.items[c].kind != "insertion" for c in (*up, *down))
        return steps - sum(self._hangs_on(c, own | words.deeds) for c in hanging)

    def _speaks_of(self, clause: int, other: Span, around: Clause | None, words: Words) -> bool:
        """Whether a word in the clause `around` may speak of what this clause in it tells."""
        item = self.items[clause]
        if item.kind == "completive":
            return False
        if item.kind not in ("relative", "participle") or self._hangs_on(clause, words.deeds):
            return True
        if around is not None and (around.verb < 0 or other[0] < around.verb) and (
                any(i in words.pauses or i in self.verbs for i in range(other[1], item.start + 1))):
            return True
        return other[0] <= item.head and all(i in words.situating for i in range(other[1], item.head + 1))

    def _hangs_on(self, clause: int, words: frozenset[int]) -> bool:
        """Whether one of these words stands at or shortly before the token that the clause hangs on."""
        item = self.items[clause]
        for i in range(item.head, max(-1, item.head - _REACH), -1):
            if i in words:
                return True
            if i in self.verbs or self.of[i] not in (item.parent, self.of[item.head]):
                return False
        return False

    def _path_up(self, clause: int) -> list[int]:
        """The clause and those it stands in, innermost first."""
        path = [clause]
        while self.items[path[-1]].parent >= 0:
            path.append(self.items[path[-1]].parent)
        return path


def find_clauses(state: State) -> Clauses:
    """Reads the sentence once, from left to right, with a stack of the clauses that are open."""
    return _Reader(state).read()


def find_words(state: State) -> Words:
    """What the mentions found so far tell."""
    commas = frozenset(i for i, form in enumerate(state.forms) if form.folded == ",")
    return Words(_covered(state, "Event", "Strike"), frozenset(state.mentions.get("Event", ())),
                 _covered(state, "Place", "Time", "Joint") | commas, commas)


class _Reader:
    def __init__(self, state: State) -> None:
        self.length = state.length
        self.words = [form.folded for form in state.forms]
        self.boundaries, self.insertions = _by_start(state, "Boundary"), _by_start(state, "Insertion")
        self.subjects, self.verbs = _by_start(state, "Subject"), _by_start(state, "Verb")
        self.finite = frozenset(i for i, v in self.verbs.items() if v.values.get("form") == "finite")
        self.situating = {i for type_ in ("Place", "Time") for i in state.mentions.get(type_, {})}
        # what stands right behind « et »
        self.joined = {m.end for found in state.mentions.get("Joint", {}).values() for m in found}
        self.items = [Clause("main", -1, 0)]
        self.open = [0]

    def read(self) -> Clauses:
        of = []
        for i in range(self.length):
            self._close_insertions(i)
            if (insertion := self.insertions.get(i)) is not None:
                self._push("insertion", i, insertion.end)
            if (boundary := self.boundaries.get(i)) is not None:
                self._cross(i, boundary)
            elif self.words[i] == ",":
                self._pause(i)
            if (verb := self.verbs.get(i)) is not None:
                self._meet(i, verb)
            of.append(self.open[-1])
        return Clauses(self.items, of, self.finite)

    @property
    def top(self) -> Clause:
        return self.items[self.open[-1]]

    def _push(self, kind: Kind, start: int, end: int = -1) -> None:
        head = start - 1
        if head >= 0 and self.words[head] == ",":
            head -= 1
        self.items.append(Clause(kind, self.open[-1], start, head if kind in _HANGING else -1, end))
        self.open.append(len(self.items) - 1)

    def _close_insertions(self, i: int) -> None:
        ended = next((n for n, c in enumerate(self.open) if self.items[c].end == i), None)
        if ended is None:
            return
        # « le conducteur, qui a tué douze personnes à Nice, le 14 juillet »: nothing goes on behind the relative
        verbs = range(self.items[self.open[ended]].start, i)
        if i in self.situating and max(self.finite, default=-1) < i and any(v in self.verbs for v in verbs):
            return
        del self.open[ended:]

    def _cross(self, i: int, boundary: Mention) -> None:
        kind = _BOUNDARY_KINDS.get(str(boundary.values.get("kind")), "coordinate")
        if kind == "coordinate":
            if boundary.end not in self.boundaries and not self._shares_subject(boundary.end):
                self._start_beside(i)
            return
        head = -1
        if kind in _RELATIVE and i in self.joined:
            # « qui … et qui … »: the second relative stands beside the first, on the same noun
            while self.top.kind == "participle" or (self.top.kind in _RELATIVE and self.top.verb >= 0):
                head = self.items[self.open.pop()].head
        self._push(kind, i)
        if head >= 0:
            self.top.head = head

    def _shares_subject(self, i: int) -> bool:
        """« … mais n'a pas démenti »: a verb without a subject of its own."""
        return i not in self.subjects and any(j in self.finite for j in range(i, i + _SMALL_WORDS))

    def _start_beside(self, i: int) -> None:
        while self.top.kind not in _BASES:
            self.open.pop()
        self.items.append(Clause("coordinate", self.top.parent, i))
        self.open[-1] = len(self.items) - 1

    def _pause(self, i: int) -> None:
        """A comma ends a clause that hangs on a noun where another subject or verb follows."""
        if i + 1 in self.subjects or i + 1 in self.finite:
            while self.top.kind == "participle" or (
                    self.top.kind in (*_RELATIVE, "subordinate") and self.top.verb >= 0):
                self.open.pop()

    def _meet(self, i: int, verb: Mention) -> None:
        if verb.values.get("form") == "reduced":
            if self.top.kind == "participle" and i > 0 and self.words[i - 1] == ",":
                self.open.pop()
            self._push("participle", i)
            return
        while self.top.kind == "participle" or (
                self.top.kind in _RELATIVE and self.top.verb >= 0 and i not in self.joined):
            self.open.pop()
        if self.top.verb < 0:
            self.top.verb = i


def _by_start(state: State, type_: str) -> dict[int, Mention]:
    """The longest mention of a type at every token."""
    return {start: max(found, key=lambda m: m.end) for start, found in state.mentions.get(type_, {}).items()}


def _covered(state: State, *types: str) -> frozenset[int]:
    """The tokens of all mentions of these types."""
    return frozenset(i for type_ in types for found in state.mentions.get(type_, {}).values()
                     for m in found for i in range(m.start, m.end))
