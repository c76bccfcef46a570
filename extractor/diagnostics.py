"""One form for everything that can be wrong with rules: code, sentence, place, source line, way out.

In: a code of `CODES`, a sentence and the `Place` it is about. Out: a `Diagnostic`, rendered by `render`:

    error[P004]: unknown word list `$kiled`
     --> rules/harm/killed.yaml:18:41
       |
    18 |       <victim:@People> $have_been <trigger:$kiled>
       |                                            ^^^^^^ not defined here nor imported
       = help: did you mean `$killed`?
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

#: What each code stands for: Y = YAML, R = rule file, P = pattern, E = example, L = lint.
CODES: dict[str, str] = {
    "Y001": "the file is not valid YAML",
    "Y002": "the file is not valid UTF-8",
    "Y003": "a key stands twice in one mapping",
    "Y004": "an anchor, alias, merge key or tag is used",
    "Y005": "a mapping stands where text was meant",
    "Y006": "text is cut by ` #`",
    "Y007": "a value has the wrong shape",
    "Y008": "the file is empty",
    "R001": "an unknown key",
    "R002": "a required key is missing",
    "R003": "a key has a value that it does not take",
    "R004": "two rules have one id",
    "R005": "an import names no file",
    "R006": "imports go round in a circle",
    "R007": "a name is defined twice",
    "R008": "a word list is empty or holds an entry twice",
    "R009": "an unknown lemma or inflection tag",
    "R010": "a macro is not used, uses itself, or grows without bound",
    "R011": "a capture is used that the pattern does not make",
    "R012": "an unknown event type",
    "R013": "mentions depend on each other in a circle",
    "R014": "a frame is used wrongly",
    "R015": "a rule has too few examples",
    "R016": "a rule does nothing, or two things that exclude each other",
    "R017": "the file's format is not known to this engine",
    "R018": "a gazetteer table cannot be read",
    "P001": "the pattern cannot be read here",
    "P002": "the pattern ends too early",
    "P003": "a quantifier is wrong",
    "P004": "an unknown word list or macro",
    "P005": "an unknown mention type",
    "P006": "an unknown field in a token test",
    "P007": "a value or comparison that the field does not take",
    "P008": "a regular expression is wrong or unsafe",
    "P009": "a pattern that can match nothing at all",
    "P010": "look-behind without bound",
    "P011": "an empty group or alternative",
    "P012": "a macro is called with the wrong arguments",
    "P013": "a gap is too long or stands at the edge",
    "P014": "an unknown barrier or scope",
    "P015": "a constraint cannot be read",
    "P016": "a value cannot be read",
    "E001": "an example cannot be read",
    "E002": "an example is not matched by its rule",
    "E003": "an example gives other roles or values than marked",
    "E004": "a counter-example is matched",
    "E005": "a counter-example is silent for another reason",
    "E006": "a `todo` example passes now",
    "L001": "a name is defined and never used",
}


@dataclass(slots=True, frozen=True)
class Place:
    """A spot in a source file: 1-based line and column, and how many characters to underline."""

    file: str
    line: int
    column: int
    length: int = 1
    source: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(slots=True)
class Diagnostic:
    """One finding. `label` stands under the caret, `help` names the way out."""

    code: str
    message: str
    place: Place | None = None
    label: str = ""
    help: str = ""
    severity: str = "error"
    notes: list[tuple[str, Place]] = field(default_factory=list)

    def sort_key(self) -> tuple[str, int, int, str, str]:
        place = self.place or Place("", 0, 0)
        return (place.file, place.line, place.column, self.code, self.message)


class RulesError(Exception):
    """The rules do not load. `diagnostics` holds every finding, sorted by place."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=Diagnostic.sort_key))
        errors = [d for d in self.diagnostics if d.severity == "error"]
        super().__init__(f"{len(errors)} error(s) in the rules:\n" + render_all(errors, brief=True))


def render(diagnostic: Diagnostic, brief: bool = False) -> str:
    """The text of one diagnostic; with `brief`, a single `file:line:col: error[CODE]: message` line."""
    head = f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"
    place = diagnostic.place
    if brief:
        tail = f" ({diagnostic.help})" if diagnostic.help else ""
        return (f"{place}: " if place else "") + head + tail
    lines = [head]
    if place:
        margin = " " * len(str(place.line))
        lines.append(f"{margin}--> {place}")
        if place.source:
            carets = "^" * max(1, min(place.length, len(place.source) - place.column + 1))
            label = f" {diagnostic.label}" if diagnostic.label else ""
            lines += [
                f"{margin} |",
                f"{place.line} | {place.source}".replace("\t", " "),
                f"{margin} | {' ' * (place.column - 1)}{carets}{label}",
            ]
        elif diagnostic.label:
            lines.append(f"{margin} | {diagnostic.label}")
        lines += [f"{margin} = note: {text} ({where})" for text, where in diagnostic.notes]
        if diagnostic.help:
            lines.append(f"{margin} = help: {diagnostic.help}")
    elif diagnostic.help:
        lines.append(f"  = help: {diagnostic.help}")
    return "\n".join(lines)


def render_all(diagnostics: Iterable[Diagnostic], brief: bool = False) -> str:
    """All diagnostics in order of place, one a line when brief, else with a blank line between."""
    ordered = sorted(diagnostics, key=Diagnostic.sort_key)
    return ("\n" if brief else "\n\n").join(render(d, brief) for d in ordered)


def did_you_mean(word: str, known: Iterable[str], mark: str = "") -> str:
    """`did you mean …?` for the nearest known name, or the empty string when none is near."""
    near = difflib.get_close_matches(word, sorted(set(known)), n=2, cutoff=0.65)
    return "did you mean " + " or ".join(f"`{mark}{name}`" for name in near) + "?" if near else ""
