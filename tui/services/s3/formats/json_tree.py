"""JSON and JSON Lines as a tree, as far as the text goes; numbers as they are written.

Python's own parser refuses a text that is cut, recurses into nested values and rounds numbers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

MOST = 200_000
"""Values that a tree holds."""

_TOKEN = re.compile(r'\s*("[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+)', re.DOTALL)


@dataclass
class JsonNode:
    """A value, and its name or number in the value that holds it."""

    label: str
    text: str
    """As written; `{` or `[` of an object or an array."""
    children: list[JsonNode] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether it is an object or an array."""
        return self.text in ("{", "[")

    @property
    def summary(self) -> str:
        """Its text, or how much it holds."""
        if not self.holds:
            return self.text
        left, right = self.text, "}" if self.text == "{" else "]"
        return f"{left}{len(self.children):,}{right}"


@dataclass(frozen=True)
class JsonTree:
    """The values of a text; more than one for JSON Lines."""

    roots: list[JsonNode]
    note: str
    """Why it does not show all, as a sentence; empty if it does."""


def parse(text: str, *, most: int = MOST) -> JsonTree:
    """The tree of a text, up to where the text ends or is no JSON. Takes nesting of any depth."""
    roots: list[JsonNode] = []
    open_nodes: list[JsonNode] = []
    name: str | None = None
    at = count = 0
    while match := _TOKEN.match(text, at):
        part = match[1]
        if part in ("}", "]"):
            if not open_nodes or (open_nodes[-1].text == "{") != (part == "}"):
                return JsonTree(roots, _problem(text, match.start(1)))
            open_nodes.pop()
        elif part not in (",", ":"):
            parent = open_nodes[-1] if open_nodes else None
            if parent is not None and parent.text == "{" and name is None:
                if not part.startswith('"'):
                    return JsonTree(roots, _problem(text, match.start(1)))
                name = _name(part)
            else:
                siblings = roots if parent is None else parent.children
                node = JsonNode(str(len(siblings)) if name is None else name, part)
                name = None
                siblings.append(node)
                count += 1
                if node.holds:
                    open_nodes.append(node)
                if count >= most:
                    return JsonTree(roots, f"The tree holds the first {most:,} values.")
        at = match.end()
    if text[at:].strip() or open_nodes:
        return JsonTree(roots, _problem(text, at))
    return JsonTree(roots, "")


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
