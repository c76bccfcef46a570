"""Rules as text for a person: a line a rule, or one rule with all that it says and makes.

In: `Rule`s of a rule set. Out: text.

    >>> print(list_rules(rules.rules))
    killed.passive  harm.killed  rules/frames/harm.yaml:23  « douze civils ont été tués par X »
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from extractor.pattern import show, show_test
from extractor.ruleset import AttachSpec, EventSpec, Example, MentionSpec, RoleSpec, Rule, Veto
from extractor.values import Computed, Constant, Expression, FieldOf, FirstOf

_INFIX = ("=", "!=", "<", "<=", ">", ">=", "+", "-", "*")


def list_rules(rules: Sequence[Rule]) -> str:
    """One line a rule, in columns: id, what it makes, where it stands, its title."""
    rows = [(rule.id, rule.makes, f"{rule.file}:{rule.line}", _title(rule)) for rule in rules]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    return "\n".join("  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]]).rstrip()
                     for row in rows)


def _title(rule: Rule) -> str:
    return rule.title if rule.status == "stable" else f"({rule.status}) {rule.title}"


def show_rule(rule: Rule) -> str:
    """Everything about one rule, section by section; names in its patterns stand replaced by what they mean."""
    lines = [f"{rule.id}  {rule.title}".rstrip(), "  " + ", ".join(_facts(rule))]
    lines += _section("pattern, as written", rule.source.value.strip().splitlines())
    lines += _section("pattern, with names replaced", [show(rule.pattern)])
    lines += _section("where", rule.where_texts)
    lines += _section("unless", [_show_veto(veto) for veto in rule.vetoes])
    lines += _section("makes", [*_makes(rule)])
    lines += _section("examples", [mark_text(example) for example in rule.examples])
    lines += _section("counter-examples", [f"{c.text}  (because {c.because})" for c in rule.counterexamples])
    lines += _section("to do", [mark_text(example) for example in rule.todo])
    lines += _section("notes", rule.notes.splitlines())
    return "\n".join(lines)


def _facts(rule: Rule) -> Iterator[str]:
    yield f"{rule.file}:{rule.line}"
    yield rule.status + (f", replaced by {rule.replaced_by}" if rule.replaced_by else "")
    if rule.frame:
        yield f"construction of the frame {rule.frame} used in {rule.module}"
    if rule.since:
        yield f"since {rule.since}"
    yield f"priority {rule.priority}"
    yield f"hash {rule.hash}"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    indented = [f"    {line}" for line in lines]
    return [f"  {title}", *indented] if indented else []


def mark_text(example: Example) -> str:
    """The sentence with its marks written back into it: `<victim:Douze civils> ont été <trigger:tués>.`"""
    closing = [(end, 0, -start, ">") for _, start, end in example.marks]
    opening = [(start, 1, -end, f"<{name}:") for name, start, end in example.marks]
    text, at = "", 0
    for offset, _, _, sign in sorted([*closing, *opening]):
        text, at = text + example.text[at:offset] + sign, offset
    return text + example.text[at:]


# --- What a rule makes -----------------------------------------------------------------------------------------------


def _show_veto(veto: Veto) -> str:
    within = "" if veto.within == "sentence" else f"  (within the {veto.within})"
    return f"{veto.name}: {show(veto.pattern)}{within}"


def _makes(rule: Rule) -> Iterator[str]:
    if rule.mention:
        yield from _mention(rule.mention)
    if rule.event:
        yield from _event(rule.event)
    if rule.attach:
        yield from _attachment(rule.attach)


def _mention(spec: MentionSpec) -> Iterator[str]:
    yield f"the mention @{spec.type}" + (f", on <{spec.span}>" if spec.span else "")
    yield from (f"{name}: {show_value(value)}" for name, value in spec.fields.items())
    if refers := spec.refers_to:
        test = f"[{show_test(refers.test)}]" if refers.test else ""
        like = f" with the words of <{refers.like}>" if refers.like else ""
        yield (f"stands for the nearest @{refers.type}{test}{like} before it"
               f"{' that told something' if refers.told else ''}, up to {refers.reach} sentences back")


def _event(spec: EventSpec) -> Iterator[str]:
    yield f"the event {spec.type}" + (f", one for each <{spec.each}>" if spec.each else "")
    if spec.refine is not None:
        only = f" (one of {', '.join(spec.refine_only)})" if spec.refine_only else ""
        yield f"or the type that {show_value(spec.refine)} names{only}"
    if spec.count:
        yield f"the number of the victims is <{spec.count}>"
    if spec.absorb:
        yield f"no other event of the family on the words of {', '.join(f'<{name}>' for name in spec.absorb)}"
    yield from (_role(role) for role in spec.roles)
    yield from (f"{name}: {value}" for name, value in (("factuality", spec.factuality), ("scope", spec.scope)) if value)


def _role(role: RoleSpec) -> str:
    test = f"[{show_test(role.test)}]" if role.test else ""
    which = "every" if role.many else "the nearest"
    side = f", {role.side} the trigger" if role.side != "any" else ""
    reach = f"at most {role.reach} tokens away{', required' if role.required else ''}"
    return f"{role.role}: {which} @{role.type}{test} in the {role.within}{side}, {reach}"


def _attachment(spec: AttachSpec) -> Iterator[str]:
    yield from (f"{kind}: {getattr(spec, kind)}" for kind in spec.kinds)
    reach = f"the event <{spec.to.event}>" if spec.to.event else f"events of the {spec.to.within}"
    side = f", {spec.to.side} the cue" if spec.to.side != "any" else ""
    types = f", of type {', '.join(spec.to.types)}" if spec.to.types else ""
    yield f"to {reach}{side}{types}"


def show_value(value: Expression) -> str:
    """A field's value as rule files write it."""
    match value:
        case Constant(value=held):
            return "~" if held is None else str(held)
        case FieldOf(name=name, path=path, all=every):
            return f"<{'.'.join((name, *path))}{'*' if every else ''}>"
        case FirstOf(items=items):
            return " | ".join(show_value(i) for i in items)
        case Computed(function=sign, arguments=(left, right)) if sign in _INFIX:
            return f"{show_value(left)} {sign} {show_value(right)}"
        case Computed(function=name, arguments=arguments):
            return f"{name}({', '.join(show_value(a) for a in arguments)})"
