"""JSON and JSON Lines as a tree, as far as the text goes; numbers as they are written.

Python's own parser refuses a text that is cut, recurses into nested values and rounds numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST = 200_000
"""Values that a tree holds."""

INSIDE = 120
"""Characters, about, of what a value holds that are said beside it."""

_TOKEN = re.compile(
    r'\s*("[^"\\]{0,4096}(?:\\.[^"\\]{0,4096}){0,64}"|[{}\[\],:]|[^\s{}\[\],:"]+)', re.DOTALL
)
"""With texts of 300 KB at most: one call for a text of 100 MB would hold up every other thread for
a second."""

_BEGIN_OF_TEXT = re.compile(r'\s*"')
_PIECE_OF_TEXT = re.compile(r'(?:[^"\\]{1,256}|\\.){1,256}', re.DOTALL)
"""Longer ones are read piece by piece."""


NO_CHILDREN: Sequence[JsonNode] = ()


@dataclass(slots=True)
class JsonNode:
    """A value, and its name or number in the value that holds it.

    200,000 of them are little work for the garbage collector, which stops all threads: a value has
    no dictionary, and no list if it holds nothing.
    """

    label: str
    text: str
    """As written; `{` or `[` of an object or an array."""
    children: Sequence[JsonNode] = NO_CHILDREN
    cut: bool = False
    """Whether the text ends in it: it may be longer, or hold more."""

    @property
    def holds(self) -> bool:
        """Whether it is an object or an array."""
        return self.text in ("{", "[")

    @property
    def summary(self) -> str:
        """Its text, or how much it holds."""
        if not self.holds:
            return f"{self.text}…" if self.cut else self.text
        left, right = self.text, "}" if self.text == "{" else "]"
        return f"{left}{len(self.children):,}{'+' if self.cut else ''}{right}"

    @property
    def inside(self) -> str:
        """The beginning of what it holds, one level deep; empty if it holds nothing."""
        parts: list[str] = []
        length = 0
        for child in self.children:
            if length >= INSIDE:
                parts.append("…")
                break
            said = child.summary
            said = said if len(said) <= INSIDE else f"{said[:INSIDE]}…"
            parts.append(f"{child.label}: {said}" if self.text == "{" else said)
            length += len(parts[-1])
        return ", ".join(parts)


OpenNode = tuple[JsonNode, list[JsonNode]]
"""A value that has not ended, with its children."""


@dataclass(frozen=True)
class JsonTree:
    """The values of a text; more than one for JSON Lines."""

    roots: list[JsonNode]
    note: str
    """Why it does not show all, as a sentence; empty if it does."""


def parse(text: str, *, most: int = MOST) -> JsonTree:
    """The tree of a text, up to where the text ends or is no JSON. Takes nesting of any depth."""
    roots: list[JsonNode] = []
    open_nodes: list[OpenNode] = []
    name: str | None = None
    at = count = 0
    while span := _token(text, at):
        start, end = span
        part = text[start:end]
        if part in ("}", "]"):
            if not open_nodes or (open_nodes[-1][0].text == "{") != (part == "}"):
                return JsonTree(roots, _problem(text, start))
            open_nodes.pop()
        elif part not in (",", ":"):
            parent, siblings = open_nodes[-1] if open_nodes else (None, roots)
            if parent is not None and parent.text == "{" and name is None:
                if not part.startswith('"'):
                    return JsonTree(roots, _problem(text, start))
                name = _name(part)
            else:
                node = JsonNode(str(len(siblings)) if name is None else name, part)
                name = None
                siblings.append(node)
                count += 1
                if node.holds:
                    children: list[JsonNode] = []
                    node.children = children
                    open_nodes.append((node, children))
                if count >= most:
                    _cut(open_nodes)
                    return JsonTree(roots, f"The tree holds the first {most:,} values.")
                if open_nodes and end == len(text) and not part.startswith(('"', "{", "[")):
                    node.cut = True  # of 1234, the text may have 12
        at = end
    rest = text[at:].strip()
    if not rest and not open_nodes:
        return JsonTree(roots, "")
    if rest.startswith('"'):
        _add_cut_text(open_nodes, name, rest)
    _cut(open_nodes)
    return JsonTree(roots, _problem(text, at))


def _token(text: str, at: int) -> tuple[int, int] | None:
    """Where the next token begins and ends; None if there is none, or its end is missing."""
    if match := _TOKEN.match(text, at):
        return match.span(1)
    begin = _BEGIN_OF_TEXT.match(text, at)
    if begin is None:
        return None
    end = begin.end()
    while piece := _PIECE_OF_TEXT.match(text, end):
        end = piece.end()
    return (begin.end() - 1, end + 1) if text.startswith('"', end) else None


def _add_cut_text(open_nodes: Sequence[OpenNode], name: str | None, rest: str) -> None:
    """Add a text whose end is missing. Half a name has no value yet."""
    if open_nodes and (name is not None or open_nodes[-1][0].text == "["):
        siblings = open_nodes[-1][1]
        siblings.append(JsonNode(str(len(siblings)) if name is None else name, rest, cut=True))


def _cut(open_nodes: Sequence[OpenNode]) -> None:
    for node, _ in open_nodes:
        node.cut = True


def _name(part: str) -> str:
    try:
        return str(json.loads(part, strict=False))
    except ValueError:
        return part


def _problem(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    if at >= len(text.rstrip()) or text[at:].lstrip().startswith('"'):
        return f"The JSON is shown as far as it goes: it ends in the middle, in line {line:,}."
    return f"The JSON is shown as far as it goes: line {line:,} is no JSON."


Path = tuple[int, ...]
"""Where a value is: its number among the roots, then among the children of each value."""


def find_value(tree: JsonTree, wanted: str, at: Path | None, step: int) -> Path | None:
    """The next value behind (or before) `at` whose name or text contains a text, small and capital
    letters alike, round the end; None for none."""
    lowered = wanted.lower()
    first: Path | None = None
    last: Path | None = None
    before: Path | None = None
    for way, node, is_named in _values(tree.roots):
        if not (
            (is_named and lowered in node.label.lower())
            or (not node.holds and lowered in node.text.lower())
        ):
            continue
        path = tuple(way)
        if step > 0 and (at is None or path > at):
            return path
        first = first or path
        if at is not None and path < at:
            before = path
        last = path
    return first if step > 0 else before or last


def _values(roots: Sequence[JsonNode]) -> Iterator[tuple[list[int], JsonNode, bool]]:
    """Every value in the order of the text, of any depth: where it is, in a list that changes, and
    whether it has a name."""
    levels: list[tuple[Iterator[JsonNode], bool]] = [(iter(roots), False)]
    way = [-1]
    while levels:
        values, are_named = levels[-1]
        node = next(values, None)
        if node is None:
            levels.pop()
            way.pop()
            continue
        way[-1] += 1
        yield way, node, are_named
        if node.children:
            way.append(-1)
            levels.append((iter(node.children), node.text == "{"))


def names_of(tree: JsonTree, path: Path) -> list[str]:
    """The names and numbers on the way to a value; a single root has none."""
    nodes: Sequence[JsonNode] = tree.roots
    names: list[str] = []
    for number in path:
        names.append(nodes[number].label)
        nodes = nodes[number].children
    return names if len(tree.roots) > 1 else names[1:]
