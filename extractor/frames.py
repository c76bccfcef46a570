"""Frames: constructions with parameters, put to use by `uses:`.

In: one use (`frame: passive`, `id: killed`, `with: {verb: $kill_verbs, type: harm.killed}`). Out: the rule nodes of the
frame's constructions, each with the `Binding` that says what the parameters stand for in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from extractor.diagnostics import did_you_mean
from extractor.modules import Library, Module, Part
from extractor.pattern import Node
from extractor.source import Fields, Text, items_at, keys_at, mappings_at, number_at, text_at, texts_at
from extractor.source import Node as SourceNode


@dataclass(slots=True)
class Binding:
    """What a frame's parameters stand for while its rules are read, and what the use adds to them."""

    frame: str
    prefix: str
    use: Fields
    texts: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    vetoes: SourceNode | None = None
    priority: int = 0
    examples: SourceNode | None = None
    counterexamples: SourceNode | None = None

    def fill(self, text: str) -> str:
        """A plain value with `$parameter` replaced by the argument's text."""
        for name, value in self.texts.items():
            text = re.sub(rf"\${name}\b", lambda _, v=value: v, text)  # type: ignore[misc]
        return text


def iter_constructions(library: Library, module: Module, use: Fields) -> Iterator[tuple[Module, Fields, Binding]]:
    """The rules that a use makes: the module whose names the rule speaks, its node and the binding."""
    frame = _find_frame(library, module, use)
    if frame is None or not library.fits(use):
        return
    binding = _bind(library, module, use, frame)
    if binding is None:
        return
    nodes = mappings_at(frame.node, "rules")
    _check_names(library, use, [text_at(n, "id") for n in nodes], frame)
    only = {t.value for t in texts_at(use, "only")}
    without = {t.value for t in texts_at(use, "except")}
    for node in nodes:
        name = text_at(node, "id")
        if (not only or name in only) and name not in without:
            yield frame.home, node, replace(binding, examples=items_at(use, "examples").get(name),
                                            counterexamples=items_at(use, "counterexamples").get(name))


def _find_frame(library: Library, module: Module, use: Fields) -> Part | None:
    node = use.get("frame")
    if not isinstance(node, Text):
        return None
    frame = module.frames.get(node.value.strip())
    if frame is not None:
        frame.used = True
    elif not module.scope.incomplete:
        library.report("R014", f"there is no frame `{node.value}`", node.place(),
                       did_you_mean(node.value, module.frames) or "import the file that defines it")
    return frame


def _check_names(library: Library, use: Fields, known: list[str], frame: Part) -> None:
    """`only`, `except` and the further examples must name constructions of the frame."""
    for text in (*texts_at(use, "only"), *texts_at(use, "except"), *keys_at(use, "examples").values(),
                 *keys_at(use, "counterexamples").values()):
        if text.value not in known:
            library.report("R014", f"the frame `{frame.name}` has no construction `{text.value}`", text.place(),
                           did_you_mean(text.value, known) or "it has " + ", ".join(known))


def _bind(library: Library, module: Module, use: Fields, frame: Part) -> Binding | None:
    given, places = items_at(use, "with"), keys_at(use, "with")
    parameters = [t.value for t in texts_at(frame.node, "parameters")]
    if not _check_arguments(library, use, frame, parameters):
        return None
    binding = Binding(frame.name, text_at(use, "id"), use, vetoes=use.get("unless"),
                      priority=number_at(use, "priority"))
    for name in places:
        value = given[name]
        if isinstance(value, Text):
            binding.texts[name] = value.value
            tree = library.parse(value)
            if tree is not None:
                binding.nodes[name] = library.expander.expand(tree, module.scope)
    return binding if len(binding.nodes) == len(parameters) else None


def _check_arguments(library: Library, use: Fields, frame: Part, parameters: list[str]) -> bool:
    """Whether the use gives a value for every parameter, and for nothing else. An unknown name is one mistake, even
    when it is a parameter misspelt and so one missing."""
    places = keys_at(use, "with")
    unknown = [name for name in places if name not in parameters]
    missing = [name for name in parameters if name not in places]
    for name in unknown:
        library.report("R014", f"the frame `{frame.name}` has no parameter `{name}`", places[name].place(),
                       did_you_mean(name, missing or parameters) or "its parameters are " + ", ".join(parameters))
    for name in missing[len(unknown):]:
        node = use.get("with") or use
        library.report("R014", f"the frame `{frame.name}` needs a value for `{name}`", node.place(),
                       f"add `{name}: …` under `with:`")
    return not unknown and not missing
