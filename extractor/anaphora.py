"""Anaphora: « l'ONG », « la même source », « il » → the mention before it that they stand for.

In: an `Analysis` whose cues have been attached, and a mention whose rule says what it refers to. Out: the nearest
mention before it that fits, or what that one stands for; None when nothing fits within reach.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractor.analysis import MUTE, Analysis
from extractor.compiled import CompiledRule
from extractor.match import Mention, values_predicate
from extractor.ruleset import ReferenceSpec


def find_antecedent(analysis: Analysis, mention: Mention) -> Mention | None:
    """What the mention stands for; None when it is no anaphor or has no antecedent."""
    key = id(mention)
    if key not in analysis.antecedents:
        analysis.antecedents[key] = None
        spec = reference_of(mention)
        if spec is not None:
            analysis.antecedents[key] = next(_iter_antecedents(analysis, mention, spec), None)
    return analysis.antecedents[key]


def reference_of(mention: Mention) -> ReferenceSpec | None:
    owner: CompiledRule | None = mention.match.owner if mention.match is not None else None
    made = owner.rule.mention if owner is not None else None
    return made.refers_to if made is not None else None


def _iter_antecedents(analysis: Analysis, mention: Mention, spec: ReferenceSpec) -> Iterator[Mention]:
    passes = values_predicate(spec.test) if spec.test is not None else None
    words = _words_like(analysis, mention, spec)
    for candidate in _iter_before(analysis, mention, spec):
        found: Mention | None = candidate
        if reference_of(candidate) is not None:
            found = find_antecedent(analysis, candidate)
        if found is None or (passes is not None and not passes(found.values)):
            continue
        if words <= _folded_words(analysis, found):
            yield found


def _iter_before(analysis: Analysis, mention: Mention, spec: ReferenceSpec) -> Iterator[Mention]:
    """The mentions of the type before this one, the nearest first."""
    for number in range(mention.sentence, max(-1, mention.sentence - spec.reach - 1), -1):
        view = analysis.views[number]
        if view.sentence.kind in MUTE:
            continue
        starts = sorted(view.state.mentions.get(spec.type, {}), reverse=True)
        for start in starts:
            for candidate in view.state.mentions[spec.type][start]:
                before = number < mention.sentence or candidate.end <= mention.start
                if before and (not spec.told or _has_told(analysis, candidate)):
                    yield candidate


def _has_told(analysis: Analysis, mention: Mention) -> bool:
    return any(a < mention.end and mention.start < b for a, b in analysis.told.get(mention.sentence, ()))


def _words_like(analysis: Analysis, mention: Mention, spec: ReferenceSpec) -> frozenset[str]:
    """The words of the capture that the antecedent must hold too."""
    if spec.like is None or mention.match is None:
        return frozenset()
    owner: CompiledRule = mention.match.owner
    state = analysis.views[mention.sentence].state
    for first, last in owner.capture_spans(mention.match, spec.like):
        return frozenset(f.folded for f in state.forms[first:last])
    return frozenset()


def _folded_words(analysis: Analysis, mention: Mention) -> frozenset[str]:
    return frozenset(f.folded for f in analysis.views[mention.sentence].state.forms[mention.start:mention.end])
